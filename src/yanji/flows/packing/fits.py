"""Whether counted pieces, and the things of a kit, may go into a box: what lies here and is in no other box."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils import timezone

from yanji.catalog.models import Item
from yanji.ledger.api import LotQuantity, Offence, Status
from yanji.ledger.models import Level, Lot
from yanji.places.models import Place

from ..things import Known, Thing, item_names, look_up, name
from .contents import GONE, Contents, contents
from .models import Box, BoxedLot, BoxedUnit, BoxKind, KitLine

NOT_PACKED = GONE | {Status.OPENED, Status.EXPECTED, Status.IN_TRANSIT, Status.EXPLANTED}
PACKED = frozenset(Status) - NOT_PACKED
IN_A_KIT = frozenset({Status.AVAILABLE})
Pieces = Counter[tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class Packing:
    """What is to go into which box, and where it lies; ``inner``: the smaller ``boxes`` with what is in them. A box that is not
    made yet (``pk`` None) holds nothing."""

    place: Place
    box: Box
    things: Sequence[Thing]
    boxes: Sequence[str]
    known: Known
    inner: Mapping[str, Contents]


def against_packing(packing: Packing, *, lock: bool = False) -> Iterator[Offence]:
    """Everything that speaks against it. ``lock``: the lots are held until the end of the transaction, for who packs then."""
    place, box, things = packing.place, packing.box, packing.things
    known, inner = packing.known, packing.inner
    if not (things or packing.boxes):
        yield Offence("empty")
    yield from _against_things(things, known, place, box)
    yield from against_pieces(things, known, place, box, lock=lock)
    yield from _against_boxes(packing.boxes, inner, place, box)
    counted = any(isinstance(thing, LotQuantity) for thing in things)
    if counted and box.pk and box.place_id != place.pk and box.lots.exists():
        yield Offence("not_here", box.code, {"place": place.name})
    if box.item_id is not None:
        goods = [*things, *(thing for each in inner.values() for thing in each.things())]
        found = look_up(goods) if inner else known
        yield from against_kit(goods, found)
        yield from _against_bill(box.item_id, found.pieces(goods) + _in_it(box))


def against_pieces(
    things: Sequence[Thing], known: Known, place: Place, box: Box, *, lock: bool = False
) -> Iterator[Offence]:
    """More pieces of a lot than lie at the place and are in no other box there. With the lots locked, of two who pack the same
    pieces the second finds them packed. Three statements and those of ``contents``; none without counted things."""
    wanted: Pieces = Counter()
    for thing in things:
        if isinstance(thing, LotQuantity) and thing.lot_id in known.lots and thing.from_place_id == place.pk:
            wanted[thing.lot_id, thing.owner_id] += int(thing.quantity)
    if not wanted:
        return
    lots = sorted({lot for lot, _owner in wanted})
    if lock:
        held = Lot.objects.select_for_update(no_key=True).filter(pk__in=lots)
        list(held.order_by("pk").values_list("pk"))
    free = _lying(lots, place, IN_A_KIT if box.item_id else PACKED)
    free.subtract(_boxed(lots, place, box))
    for (lot, owner), pieces in sorted(wanted.items(), key=str):
        if pieces > free[lot, owner]:
            facts = {"available": max(0, free[lot, owner]), "wanted": pieces}
            yield Offence("not_enough_to_pack", f"lot {lot}", facts)


def _lying(lots: Sequence[int], place: Place, statuses: frozenset[Status]) -> Pieces:
    rows = Level.objects.filter(lot_id__in=lots, place=place, status__in=sorted(statuses), quantity__gt=0)
    sums = rows.values_list("lot_id", "owner_id").annotate(pieces=Sum("quantity")).order_by()
    return Counter({(lot, owner): int(pieces) for lot, owner, pieces in sums})


def _boxed(lots: Sequence[int], place: Place, box: Box) -> Pieces:
    """What boxes at the place hold of the lots, this one among them: what is in it stays in it."""
    rows = list(
        BoxedLot.objects.filter(lot_id__in=lots).values_list("box__code", "lot_id", "owner_id", "quantity")
    )
    there = {
        code for code, each in contents([code for code, *_ in rows]).items() if each.place_id == place.pk
    }
    found: Pieces = Counter()
    for code, lot, owner, pieces in rows:
        if code in there or code == box.code:
            found[lot, owner] += pieces
    return found


def against_kit(things: Sequence[Thing], known: Known, *, today: date | None = None) -> Iterator[Offence]:
    """What could not be used at once is in no kit: held, picked or expired."""
    today = today or timezone.localdate()
    for thing in things:
        if isinstance(thing, LotQuantity):
            lot = known.lots.get(thing.lot_id)
            good = lot is None or not lot.expiry or lot.expiry >= today
        else:
            unit = known.units.get(thing)
            good = unit is None or (unit.status in IN_A_KIT and not (unit.expiry and unit.expiry < today))
        if not good:
            yield Offence("not_for_a_kit", name(thing))


def _against_things(things: Sequence[Thing], known: Known, place: Place, box: Box) -> Iterator[Offence]:
    rows = BoxedUnit.objects.filter(unit__epc__in=list(known.units)).values_list(
        "unit__epc", "box_id", "box__code"
    )
    packed = {epc: code for epc, box_id, code in rows if box_id != box.pk}
    for thing in things:
        if isinstance(thing, LotQuantity):
            if thing.lot_id not in known.lots or thing.from_place_id != place.pk:
                yield Offence("not_here", name(thing), {"place": place.name})
        elif (unit := known.units.get(thing)) is None:
            yield Offence("unknown_unit", thing)
        elif thing in packed:
            yield Offence("in_another_box", thing, {"box": packed[thing]})
        elif unit.status in NOT_PACKED or not unit.place_path.startswith(place.path):
            yield Offence("not_here", thing, {"place": place.name})


def _against_boxes(
    boxes: Sequence[str], inner: Mapping[str, Contents], place: Place, box: Box
) -> Iterator[Offence]:
    for code in boxes:
        other = inner.get(code)
        if other is None or not other.packed:
            yield Offence("box_is_empty", code[:80])
        elif other.parent_id not in (None, box.pk):
            yield Offence("in_another_box", code, {"box": Box.objects.get(pk=other.parent_id).code})
        elif other.id == box.pk or _holds(other, box):
            yield Offence("box_in_itself", code)
        elif other.kind == BoxKind.PALLET and box.kind != BoxKind.PALLET:
            yield Offence("pallet_in_carton", code)
        elif not other.place_path.startswith(place.path):
            yield Offence("not_here", code, {"place": place.name})


def _holds(outer: Contents, box: Box) -> bool:
    """Whether the box lies, at any depth, in the other one."""
    parents = (
        dict(Box.objects.filter(parent__isnull=False).values_list("id", "parent_id")) if box.parent_id else {}
    )
    above = box.parent_id
    while above is not None and above != outer.id:
        above = parents.get(above)
    return above == outer.id


def _in_it(box: Box) -> Counter[int]:
    """Pieces of each item that a kit holds already. Three statements."""
    held = contents([box.code]).get(box.code)
    if held is None:
        return Counter()
    total = Counter(unit.item_id for unit in held.units)
    for lot in held.lots:
        total[lot.item_id] += lot.quantity
    return total


def _against_bill(item_id: int, pieces: Mapping[int, int]) -> list[Offence]:
    bill: Counter[int] = Counter(
        dict(KitLine.objects.filter(kit_id=item_id).values_list("item_id", "quantity"))
    )
    if not bill:
        kit = Item.objects.filter(pk=item_id).first()
        return [Offence("no_bill", kit.name if kit else f"item {item_id}")]
    wrong = [item for item in {*bill, *pieces} if bill[item] != pieces.get(item, 0)]
    names = item_names(wrong)
    return [
        Offence("kit_differs", names[item], {"wanted": bill[item], "given": pieces.get(item, 0)})
        for item in sorted(wrong)
    ]
