"""What is in a box, and where the box therefore is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.db import connection

from yanji.ledger.api import LotQuantity, Status

from ..things import Thing

Row = TypeVar("Row", "InBox", "LotInBox")
PREFIXES = ("00/", "box/")
# What has left for good says nothing of where the box is.
GONE = frozenset({Status.USED, Status.SCRAPPED, Status.LOST})
TREE = """
WITH RECURSIVE tree AS (
    SELECT b.id, b.id AS root FROM flows_box b WHERE b.code = ANY (%s)
    UNION  -- not ALL: even boxes inside each other would come to an end
    SELECT b.id, t.root FROM flows_box b JOIN tree t ON b.parent_id = t.id)
"""
BOXES = (
    TREE
    + """
SELECT r.id, r.code, r.kind, r.parent_id, r.item_id, r.notice_id, count(*) - 1
  FROM tree t JOIN flows_box r ON r.id = t.root GROUP BY r.id
"""
)
UNITS = (
    TREE
    + """
SELECT t.root, b.code, u.epc, u.id, u.item_id, u.status, u.place_id, p.path, p.kind, lo.number, lo.expiry
  FROM tree t
  JOIN flows_box b ON b.id = t.id
  JOIN flows_boxedunit bu ON bu.box_id = t.id
  JOIN ledger_unit u ON u.id = bu.unit_id
  JOIN ledger_lot lo ON lo.id = u.lot_id
  JOIN places_place p ON p.id = u.place_id
 ORDER BY b.code, u.id
"""
)
LOTS = (
    TREE
    + """
SELECT t.root, b.code, bl.lot_id, lo.item_id, lo.number, lo.expiry, bl.owner_id, bl.quantity, b.place_id, p.path
  FROM tree t
  JOIN flows_box b ON b.id = t.id
  JOIN flows_boxedlot bl ON bl.box_id = t.id
  JOIN ledger_lot lo ON lo.id = bl.lot_id
  JOIN places_place p ON p.id = b.place_id
 ORDER BY b.code, bl.lot_id
"""
)


@dataclass(frozen=True, slots=True)
class InBox:
    """One unit of a box, in whichever box inside it."""

    box: str
    epc: str
    unit_id: int
    item_id: int
    status: str
    place_id: int
    place_path: str
    place_kind: str
    lot: str
    expiry: date | None


@dataclass(frozen=True, slots=True)
class LotInBox:
    """Pieces of a lot in a box; they lie where that one is kept, whatever is around it."""

    box: str
    lot_id: int
    item_id: int
    lot: str
    expiry: date | None
    owner_id: int | None
    quantity: int
    place_id: int
    place_path: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A box with all that is in it and in the boxes inside it.

    ``place_id`` and ``place_path`` are where most of its units are; without units, where most of its counted pieces lie;
    None and empty where nothing is left.
    """

    id: int
    code: str
    kind: str
    parent_id: int | None
    item_id: int | None
    notice_id: int | None
    inner: int
    units: tuple[InBox, ...]
    lots: tuple[LotInBox, ...]
    place_id: int | None
    place_path: str

    @property
    def packed(self) -> bool:
        return bool(self.units or self.lots or self.inner)

    @property
    def together(self) -> tuple[InBox, ...]:
        """The units that are where the box is."""
        return tuple(unit for unit in self.units if unit.place_id == self.place_id)

    @property
    def taken_out(self) -> tuple[InBox, ...]:
        """The units that went their own way: the seal is broken where there is one."""
        return tuple(unit for unit in self.units if unit.place_id != self.place_id)

    @property
    def lots_together(self) -> tuple[LotInBox, ...]:
        """The counted pieces that are where the box is."""
        return tuple(lot for lot in self.lots if lot.place_id == self.place_id)

    @property
    def pieces(self) -> int:
        """How many are with it, units and counted ones."""
        return len(self.together) + sum(lot.quantity for lot in self.lots_together)

    @property
    def pieces_out(self) -> int:
        """How many went their own way: those of a smaller box that was moved alone among them."""
        return len(self.units) + sum(lot.quantity for lot in self.lots) - self.pieces

    def things(self) -> list[Thing]:
        """What moves when the box moves."""
        return [*(unit.epc for unit in self.together), *added_up(self.quantities())]

    def quantities(self) -> list[LotQuantity]:
        """The pieces of each of its lots that are where the box is."""
        return [
            LotQuantity(lot.lot_id, Decimal(lot.quantity), lot.place_id, lot.owner_id)
            for lot in self.lots_together
        ]


def contents(codes: Sequence[str]) -> dict[str, Contents]:
    """Boxes by code; codes of no box are missing. Three statements whatever the number of boxes and things."""
    asked = (sorted(set(codes)),)
    with connection.cursor() as cursor:
        cursor.execute(BOXES, asked)
        boxes = cursor.fetchall()
        if not boxes:
            return {}
        cursor.execute(UNITS, asked)
        units = _by_root(cursor.fetchall(), InBox)
        cursor.execute(LOTS, asked)
        lots = _by_root(cursor.fetchall(), LotInBox)
    found = (_contents(box, units.get(box[0], ()), lots.get(box[0], ())) for box in boxes)
    return {box.code: box for box in found}


def _by_root(rows: Iterable[tuple], shape: type[Row]) -> dict[int, tuple[Row, ...]]:
    found: dict[int, list[Row]] = {}
    for root, *fields in rows:
        found.setdefault(root, []).append(shape(*fields))
    return {root: tuple(each) for root, each in found.items()}


def _contents(box: tuple, units: tuple[InBox, ...], lots: tuple[LotInBox, ...]) -> Contents:
    places = Counter((unit.place_id, unit.place_path) for unit in units if unit.status not in GONE)
    counted: Counter[tuple[int, str]] = Counter()
    # Where as many are here as there, the place that comes first in the tree decides: always the same one.
    for lot in () if places else lots:
        counted[lot.place_id, lot.place_path] += lot.quantity
    found = places or counted
    place_id, path = min(found, key=lambda place: (-found[place], place[1]), default=(None, ""))
    return Contents(*box, units=units, lots=lots, place_id=place_id, place_path=path)


def is_box(code: object) -> bool:
    """Whether a text can be the code of a box at all: asked before the database is."""
    return isinstance(code, str) and code.startswith(PREFIXES)


def opened_among(things: Sequence[Thing]) -> dict[str, Contents]:
    """The boxes whose codes are among the things. No statement where no code is."""
    codes = [str(thing) for thing in things if is_box(thing)]
    return contents(codes) if codes else {}


def unpacked(things: Sequence[Thing], boxes: Mapping[str, Contents]) -> list[Thing]:
    """Things with every box replaced by what moves with it; what is in a box and was scanned as well counts once. Pure.

    Pieces of a lot from several boxes are added up, those of a carton scanned beside its pallet once. A box that nobody
    knows stays, and the ledger will say that it is unknown.
    """
    if not any(is_box(thing) for thing in things):
        return list(things)
    found: dict[Thing, None] = {}
    pieces: dict[tuple[str, int, int | None], LotQuantity] = {}
    for thing in things:
        box = boxes.get(thing) if isinstance(thing, str) else None
        if box is None:
            found[thing] = None
            continue
        found.update(dict.fromkeys(unit.epc for unit in box.together))
        pieces |= {
            (lot.box, lot.lot_id, lot.owner_id): each
            for lot, each in zip(box.lots_together, box.quantities(), strict=True)
        }
    return [*found, *added_up(pieces.values())]


def together(things: Iterable[Thing], boxes: Iterable[Contents]) -> list[Thing]:
    """Things, and what moves with boxes that are taken beside them: pieces of one lot added up. Pure."""
    everything = [*things, *(thing for box in boxes for thing in box.things())]
    counted = [thing for thing in everything if isinstance(thing, LotQuantity)]
    return [*(thing for thing in everything if isinstance(thing, str)), *added_up(counted)]


def added_up(pieces: Iterable[LotQuantity]) -> list[LotQuantity]:
    """One quantity for each lot, place and owner. Pure."""
    total: Counter[tuple[int, int, int | None]] = Counter()
    for each in pieces:
        total[each.lot_id, each.from_place_id, each.owner_id] += int(each.quantity)
    return [LotQuantity(lot, Decimal(n), place, owner) for (lot, place, owner), n in total.items()]


def boxes_of(unit_ids: Sequence[int]) -> dict[int, str]:
    """Unit -> code of the box it is packed in. One statement."""
    from .models import BoxedUnit

    rows = BoxedUnit.objects.filter(unit_id__in=unit_ids).values_list("unit_id", "box__code")
    return dict(rows) if unit_ids else {}
