"""What one scan at the dock brings: a unit, pieces of a lot, or all that was announced in a box."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .packing.delivered import InsideLine


@dataclass(frozen=True, slots=True)
class Arrival:
    """One scan at the dock: a unit, or ``quantity`` pieces of a lot. ``rejected``: a code of
    the reasons ``reject``."""

    item_id: int
    epc: str = ""
    serial: str = ""
    lot: str = ""
    expiry: date | None = None
    made: date | None = None
    quantity: int = 1
    rejected: str = ""

    @property
    def name(self) -> str:
        return self.epc or f"{self.lot or 'item ' + str(self.item_id)}"


def with_boxes(arrivals: Sequence[Arrival], inside: Sequence[tuple[InsideLine, str]]) -> list[Arrival]:
    """What was scanned, and what is in the boxes beside it. Pure."""
    scanned = {arrival.epc for arrival in arrivals if arrival.epc}
    return [
        *arrivals,
        *(
            Arrival(
                line.item_id,
                line.epc,
                line.serial,
                line.lot,
                line.expiry,
                quantity=line.quantity,
                rejected=rejected,
            )
            for line, rejected in inside
            if not line.epc or line.epc not in scanned
        ),
    ]
