"""What one scan at the dock brings: a unit, pieces of a lot, or all that was announced in a box."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Value

from yanji.catalog.models import ItemCode
from yanji.identity.naming import BY_SERIAL, unit_name

from .models import Label
from .packing.delivered import InsideLine, Verdict

OWN_LABEL = ""  # who issues the code on a hospital's own label: nobody


@dataclass(frozen=True, slots=True)
class Arrival:
    """One scan at the dock: a unit, or ``quantity`` pieces of a lot. ``rejected``: a code of the reasons ``reject``;
    ``doubtful``: one of the reasons ``hold``, for what is taken in and set aside until somebody decides."""

    item_id: int
    epc: str = ""
    serial: str = ""
    lot: str = ""
    expiry: date | None = None
    made: date | None = None
    quantity: int = 1
    rejected: str = ""
    doubtful: str = ""

    @property
    def name(self) -> str:
        return self.epc or f"{self.lot or 'item ' + str(self.item_id)}"


def announced(line: InsideLine, *, rejected: str = "", doubtful: str = "") -> Arrival:
    """What the ship notice says of a thing in a box arrives as it says. Pure."""
    said = (line.epc, line.serial, line.lot, line.expiry)
    return Arrival(line.item_id, *said, quantity=line.quantity, rejected=rejected, doubtful=doubtful)


def with_boxes(arrivals: Sequence[Arrival], inside: Sequence[tuple[InsideLine, Verdict]]) -> list[Arrival]:
    """What was scanned, and what is in the boxes beside it. Pure."""
    scanned = {arrival.epc for arrival in arrivals if arrival.epc}
    return [
        *arrivals,
        *(
            announced(line, rejected=verdict.rejected, doubtful=verdict.doubtful)
            for line, verdict in inside
            if not line.epc or line.epc not in scanned
        ),
    ]


def names_of(arrivals: Sequence[Arrival], known: Collection[str]) -> dict[str, int]:
    """Every name that the new units among the arrivals may have -> its item: by code and serial number, or by a hospital
    label. One statement, and none where everything is known."""
    new = [arrival for arrival in arrivals if arrival.serial and arrival.epc not in known]
    if not new:
        return {}
    items, inside = {arrival.item_id for arrival in new}, {_code_in(arrival.epc) for arrival in new}
    codes = ItemCode.objects.filter(Q(item__in=items, quantity=1) | Q(code__in=inside)).order_by()
    labels = Label.objects.filter(epc__in=[arrival.epc for arrival in new]).order_by()
    labelled = labels.values_list("pk", Value(OWN_LABEL), "epc", "item_id")
    said = codes.values_list("pk", "issuer", "code", "item_id").union(labelled, all=True)
    # The codes in their order, as always; what a hospital labelled itself is what its label says.
    found = [row[1:] for row in sorted(said)]
    named = {name: item for arrival in new for name, item in _names(arrival, found)}
    return named | {name: item for issuer, name, item in found if issuer == OWN_LABEL}


def _names(arrival: Arrival, codes: Sequence[tuple[str, str, int]]) -> Iterator[tuple[str, int]]:
    for issuer, code, item in codes:
        if issuer == OWN_LABEL:
            continue
        if item == arrival.item_id:
            name = unit_name(issuer, code, arrival.serial) if issuer in BY_SERIAL else None
            if name:
                yield name, item
        elif code == _code_in(arrival.epc):
            yield arrival.epc, item


def _code_in(epc: str) -> str:
    """The product's code inside a unit's name (see ``identity.naming``), or an empty string."""
    _scheme, colon, rest = epc.partition(":")
    head, _slash, _serial = (rest if colon else epc.removeprefix("01/")).partition("/")
    return head if colon or epc.startswith("01/") else ""
