"""What the scan page says: scans as they came, and what they are for, as far as somebody chose or scanned it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from yanji.ledger.api import storable

from ..acts import EARLIEST, LATEST

MOST_SCANS = 1_000  # of one act
MOST_TIMES = 9_999  # that one label of a counted lot stands for
MOST_PIECES = 999_999  # of one label with its number of times: a thousand of these are what a paper can hold


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan, raw. ``camera``: read by the page itself and not by the scanner whose profile is kept; ``at``: when, true time
    as far as it is known; ``times``: of a counted lot, for how many such labels it stands, as somebody said; ``pieces``: what
    these are in all, where it was read already."""

    text: str
    camera: bool = False
    at: datetime | None = None
    times: int = 1
    pieces: int | None = None


def believable(at: datetime | None) -> datetime | None:
    """A time of a device's clock; one that no hospital's papers can speak of is as good as none. Pure."""
    return at if at is not None and EARLIEST < at < LATEST else None


def storable_text(text: str) -> str:
    """A scan as it came; what no table can hold is written out. Pure."""
    return text if storable(text) else text.encode("unicode_escape").decode("ascii")


@dataclass(frozen=True, slots=True)
class About:
    """What scans are for. ``place_id``: where things go; ``from_place_id``: where they come from, where it must be said;
    ``box``: the code of the box that is packed or unpacked; ``kit_id``: which kit it becomes; ``supplier_id``: whose goods come
    without an order; ``handed_to``: who takes a load along; ``celsius_min``, ``celsius_max``: of its way as read off, or
    ``no_record``; ``amount``: how much of an opened piece is taken, in its own measure."""

    order_id: int | None = None
    notice_id: int | None = None
    count_id: int | None = None
    transfer_id: int | None = None
    requisition_id: int | None = None
    issue_id: int | None = None
    wave_id: int | None = None
    case_id: int | None = None
    supplier_return_id: int | None = None
    lending_id: int | None = None
    loan_set_id: int | None = None
    opened_id: int | None = None
    supplier_id: int | None = None
    place_id: int | None = None
    from_place_id: int | None = None
    box: str = ""
    kit_id: int | None = None
    reason: str = ""
    handed_to: str = ""
    celsius_min: str = ""
    celsius_max: str = ""
    no_record: bool = False
    amount: str = ""

    def told(self) -> dict[str, int | str]:
        """Without what is not said."""
        return {name: value for name, value in asdict(self).items() if value}

    def document(self, kind: str) -> int | None:
        return getattr(self, f"{kind}_id") if kind else None
