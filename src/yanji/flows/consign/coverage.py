"""Where a supplier's goods may go: to places for which an agreement with the supplier holds, and nowhere else."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from yanji.catalog.models import Supplier
from yanji.ledger.api import LotQuantity, Offence, Status
from yanji.ledger.models import Level, Lot, Unit
from yanji.places.models import Place

from ..things import Thing, name
from .title import Terms, terms_on

MOST_NAMED = 50  # units that a refused request names; nobody reads more


def not_covered(things: Sequence[Thing], place: Place, day: date) -> list[Offence]:
    """The consigned ones among things that no agreement lets lie at a place on a day, each named. One statement where
    nothing is consigned, else five at most."""
    owned = _owned(things)
    terms = terms_on({owner for _thing, owner, _item in owned}, [place.path], day) if owned else []
    wrong = [each for each in owned if not _covered(terms, each[1], each[2], place)]
    names = Supplier.objects.in_bulk({owner for _thing, owner, _item in wrong}) if wrong else {}
    return [
        Offence("consigned_not_there", name(thing), {"supplier": names[owner].name, "place": place.name})
        for thing, owner, _item in wrong
    ]


def only_not_covered(items: Iterable[int], source: Place, destination: Place, day: date) -> list[Offence]:
    """What lies in a store of items of which it has nothing else than consigned goods that may not lie at the other end:
    units and lots by name. One statement where the hospital owns some of each, else six at most."""
    here = Level.objects.filter(
        status=Status.AVAILABLE, place__path__startswith=source.path, lot__item__in=set(items), quantity__gt=0
    )
    levels = list(here.select_related("lot").order_by("lot__item_id", "lot__expiry", "pk"))
    ours = {level.lot.item_id for level in levels if level.owner_id is None}
    foreign = [level for level in levels if level.lot.item_id not in ours]
    if not foreign:
        return []
    terms = terms_on({level.owner_id for level in foreign if level.owner_id}, [destination.path], day)
    open_to = {
        level.lot.item_id
        for level in foreign
        if level.owner_id and _covered(terms, level.owner_id, level.lot.item_id, destination)
    }
    return not_covered(
        _things([level for level in foreign if level.lot.item_id not in open_to]), destination, day
    )


def barred(items: QuerySet[Any], source: Place, destination: Place, day: date) -> frozenset[tuple[int, int]]:
    """(item, owner) of consigned goods that lie available in a store and may not lie at another place on a day. One statement
    where there are none, else three. ``items``: their ids, as a question."""
    here = Level.objects.filter(
        status=Status.AVAILABLE, place__path__startswith=source.path, lot__item__in=items, quantity__gt=0,
        owner__isnull=False,
    )  # fmt: skip
    pairs = set(here.values_list("lot__item_id", "owner_id").distinct())
    terms = terms_on({owner for _item, owner in pairs}, [destination.path], day) if pairs else []
    return frozenset((item, owner) for item, owner in pairs if not _covered(terms, owner, item, destination))


def _things(levels: Sequence[Level]) -> list[Thing]:
    """The units that lie there, and the pieces of lots in which there are none. One statement, none without levels."""
    if not levels:
        return []
    lots, places = {level.lot_id for level in levels}, {level.place_id for level in levels}
    units = Unit.objects.filter(lot__in=lots, place__in=places, status=Status.AVAILABLE, owner__isnull=False)
    known = list(units.order_by("pk").values_list("epc", "lot_id")[:MOST_NAMED])
    single = {lot for _epc, lot in known}
    pieces = [
        LotQuantity(level.lot_id, level.quantity, level.place_id, level.owner_id)
        for level in levels
        if level.lot_id not in single
    ]
    return [*(epc for epc, _lot in known), *pieces[:MOST_NAMED]]


def _covered(terms: Iterable[Terms], owner: int, item: int, place: Place) -> bool:
    """One that has ended takes nothing more in, over the door or from elsewhere."""
    return any(
        each.supplier_id == owner and each.ended is None and each.covers(item, place.path) for each in terms
    )


def _owned(things: Sequence[Thing]) -> list[tuple[Thing, int, int]]:
    """(thing, owner, item) of what belongs to suppliers."""
    epcs = [thing for thing in things if isinstance(thing, str)]
    rows = (
        Unit.objects.filter(epc__in=epcs, owner__isnull=False).order_by("pk") if epcs else Unit.objects.none()
    )
    found: list[tuple[Thing, int, int]] = [
        (epc, owner, item) for epc, owner, item in rows.values_list("epc", "owner_id", "item_id") if owner
    ]
    pieces = [thing for thing in things if not isinstance(thing, str) and thing.owner_id is not None]
    items = (
        dict(Lot.objects.filter(pk__in={each.lot_id for each in pieces}).values_list("pk", "item_id"))
        if pieces
        else {}
    )
    found += [
        (each, each.owner_id, items[each.lot_id]) for each in pieces if each.owner_id and each.lot_id in items
    ]
    return found
