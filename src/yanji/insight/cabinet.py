"""A cabinet as it stands there: its shelves, what lies on each, what must not be taken, and what is missing against its list."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from yanji.flows.supply.models import ParLevel
from yanji.flows.supply.propose import stock_of
from yanji.ledger.api import Name, Status, Stock, on_hand
from yanji.places.models import Place

SOON_DAYS = 30


class Mark(StrEnum):
    """What to make of a piece that lies there, the worst first: one mark a piece."""

    RECALLED = "recalled"
    HELD = "held"  # waits for a decision: on hold, brought back, being inspected
    EXPIRED = "expired"
    SOON = "soon"
    KEPT = "kept"  # reserved, picked, opened, in use: somebody counts on it
    GOOD = "good"


KEPT = frozenset({Status.RESERVED, Status.PICKED, Status.OPENED, Status.IN_USE, Status.IN_TRANSIT})
GOES_BY_DATE = KEPT | {Status.AVAILABLE, Status.EXPIRED}


def mark_of(status: str | None, expiry: date | None, today: date) -> Mark:
    """Pure."""
    if status == Status.RECALLED:
        return Mark.RECALLED
    if status not in GOES_BY_DATE:
        return Mark.HELD
    if status == Status.EXPIRED or (expiry is not None and expiry < today):
        return Mark.EXPIRED
    if expiry is not None and expiry <= today + timedelta(days=SOON_DAYS):
        return Mark.SOON
    return Mark.KEPT if status in KEPT else Mark.GOOD


@dataclass(slots=True)
class Slot:
    """One item on one shelf: pieces by mark, and how many more there should be (0 where no list says so)."""

    item_id: int
    name: Name
    marks: Counter[Mark] = field(default_factory=Counter)
    first_expiry: date | None = None
    missing: int = 0

    @property
    def pieces(self) -> Decimal:
        return sum(self.marks.values(), Decimal(0))


@dataclass(slots=True)
class Shelf:
    """``loose``: no shelf of its own, but what lies in the cabinet and on none of them."""

    place: Place
    slots: list[Slot]
    loose: bool = False

    @property
    def pieces(self) -> Decimal:
        return sum((slot.pieces for slot in self.slots), Decimal(0))


@dataclass(frozen=True, slots=True)
class Lack:
    """A level of the list that is not full: ``here`` counts what may be used, at its place and below; ``inside``: what levels of
    the same item below it lack, and would fill this one as well. ``low``: to be filled up."""

    level: ParLevel
    here: int
    inside: int = 0

    @property
    def missing(self) -> int:
        return self.level.maximum - self.here - self.inside

    @property
    def low(self) -> bool:
        return self.here <= self.level.minimum


@dataclass(frozen=True, slots=True)
class Drawn:
    """``listed``: how many items its list names, full or not. ``value`` in CNY."""

    shelves: list[Shelf]
    lacks: list[Lack]
    listed: int
    value: Decimal

    @property
    def marks(self) -> Counter[Mark]:
        return sum((slot.marks for shelf in self.shelves for slot in shelf.slots), Counter())

    @property
    def pieces(self) -> Decimal:
        return sum((shelf.pieces for shelf in self.shelves), Decimal(0))


def drawn(cabinet: Place, *, today: date) -> Drawn:
    """The cabinet with its shelves in the order of their codes, and on each first what expires first. Four statements."""
    shelves = list(cabinet.children.filter(active=True).order_by("code"))
    rows = on_hand(paths=(cabinet.path,), by=("item", "lot", "place", "status"))
    levels = list(
        ParLevel.objects.filter(place__path__startswith=cabinet.path)
        .select_related("item", "place")
        .order_by("item__code", "place__path")
    )
    stock = stock_of(cabinet, today) if levels else {}
    lacks = _lacks(levels, stock)
    return Drawn(
        shelves=_filled(cabinet, shelves, rows, lacks, today),
        lacks=sorted(lacks, key=lambda lack: (not lack.low, -lack.missing)),
        listed=len(levels),
        value=sum((row.value for row in rows), Decimal(0)),
    )


def _lacks(levels: Sequence[ParLevel], stock: dict[int, Counter[str]]) -> list[Lack]:
    """The levels that are not full, each piece that is missing at the innermost of them. Pure."""
    found: list[Lack] = []
    for level in sorted(levels, key=lambda level: -len(level.place.path)):
        path, lying = level.place.path, stock.get(level.item_id, Counter())
        here = sum(pieces for at, pieces in lying.items() if at.startswith(path))
        below = (each for each in found if each.level.item_id == level.item_id)
        inside = sum(each.missing for each in below if each.level.place.path.startswith(path))
        if (lack := Lack(level, here, inside)).missing > 0:
            found.append(lack)
    order = {level.pk: place for place, level in enumerate(levels)}
    return sorted(found, key=lambda lack: order[lack.level.pk])


def _filled(
    cabinet: Place, places: Sequence[Place], rows: Sequence[Stock], lacks: Iterable[Lack], today: date
) -> list[Shelf]:
    """Shelves with their slots; what lies on none of them comes last, and is left out where there is nothing of it."""
    slots: dict[int, dict[int, Slot]] = defaultdict(dict)
    for row in rows:  # first expiry first
        shelf = _shelf_of(row.place_path or "", places) or cabinet
        assert row.item_id is not None, "rows are by item"
        assert row.item_name is not None, "rows are by item"
        slot = slots[shelf.pk].setdefault(row.item_id, Slot(row.item_id, row.item_name))
        slot.marks[mark_of(row.status, row.first_expiry, today)] += row.quantity
        slot.first_expiry = slot.first_expiry or row.first_expiry
    for lack in lacks:
        shelf = _shelf_of(lack.level.place.path, places) or _first_with(lack, places, slots) or cabinet
        item = lack.level.item
        slot = slots[shelf.pk].setdefault(item.pk, Slot(item.pk, (item.name_zh, item.name_en)))
        slot.missing += lack.missing
    found = [Shelf(place, list(slots[place.pk].values())) for place in places]
    loose = list(slots[cabinet.pk].values())
    return [*found, Shelf(cabinet, loose, loose=True)] if loose else found


def _shelf_of(path: str, shelves: Iterable[Place]) -> Place | None:
    return next((shelf for shelf in shelves if path.startswith(shelf.path)), None)


def _first_with(lack: Lack, shelves: Iterable[Place], slots: dict[int, dict[int, Slot]]) -> Place | None:
    """The first shelf on which the item of a level of the whole cabinet lies."""
    return next((shelf for shelf in shelves if lack.level.item_id in slots[shelf.pk]), None)
