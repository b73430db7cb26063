"""Whether counted pieces, and the things of a kit, may go into a box: what lies here and is in no other box."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Sum
from django.utils import timezone

from yanji.ledger.api import LotQuantity, Offence, Status
from yanji.ledger.models import Level, Lot
from yanji.places.models import Place

from ..things import Known, Thing, name
from .contents import GONE, contents
from .models import Box, BoxedLot

NOT_PACKED = GONE | {Status.OPENED, Status.EXPECTED, Status.IN_TRANSIT, Status.EXPLANTED}
PACKED = frozenset(Status) - NOT_PACKED
IN_A_KIT = frozenset({Status.AVAILABLE})
Pieces = Counter[tuple[int, int | None]]


def against_pieces(things: Sequence[Thing], known: Known, place: Place, box: Box) -> Iterator[Offence]:
    """More pieces of a lot than lie at the place and are in no other box there. Locks the lots: of two who pack the same
    pieces the second finds them packed. Three statements and those of ``contents``; none without counted things."""
    wanted: Pieces = Counter()
    for thing in things:
        if isinstance(thing, LotQuantity) and thing.lot_id in known.lots and thing.from_place_id == place.pk:
            wanted[thing.lot_id, thing.owner_id] += int(thing.quantity)
    if not wanted:
        return
    lots = sorted({lot for lot, _owner in wanted})
    list(Lot.objects.select_for_update(no_key=True).filter(pk__in=lots).order_by("pk").values_list("pk"))
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
