"""The walk of a wave: what to take where, shelf after shelf as they stand in the tree of places."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.ledger.api import first_received
from yanji.ledger.models import Level, Unit
from yanji.places.models import Place
from yanji.places.queries import ids_of, labels

from ..gates import check
from ..models import Requisition, RequisitionLine
from ..packing.bill import kit_lines
from ..queries import OPEN_REQUISITIONS, within
from ..reserving.kept import all_numbers_of
from ..reserving.queries import reserved
from ..turn import Policy
from ..why_first import Why
from .models import Wave
from .share import Ask, Lying, Stop, reasons_of, stops

LAST = datetime.max.replace(tzinfo=UTC)  # after all that says when it is needed
NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Leg:
    """One stop of the walk, with the names that people read, and why it goes before what is left."""

    place: str
    item: Item
    lot: str
    expiry: date | None
    pieces: int
    parts: tuple[tuple[Requisition, int], ...]
    why: Why


@dataclass(frozen=True, slots=True)
class KitLeg:
    """Kits to take, and for which requisitions: of a kit itself nothing lies on a shelf, one that is ready is taken whole."""

    item: Item
    pieces: int
    parts: tuple[tuple[Requisition, int], ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """All that is left to take for a wave, and what of it lies nowhere in the store."""

    legs: list[Leg]
    lacking: list[tuple[Item, int]]
    kits: list[KitLeg]

    @property
    def pieces(self) -> int:
        return sum(leg.pieces for leg in self.legs) + sum(kit.pieces for kit in self.kits)


def wave_for(actor: Actor, wave_id: int, *, may: str = "view", lock: bool = False) -> Wave:
    """A wave is seen at its store by who picks or issues there: it tells what several departments ask for."""
    found = Wave.objects.select_related("store", "actor")
    found = found.select_for_update(of=("self",)) if lock else found
    wave = found.filter(pk=wave_id).first() if 0 < wave_id < 2**63 else None
    if wave is None:
        raise NotFound("wave")
    operation = "pick" if may == "view" else may
    check(actor, [wave.store.path], may=operation, thing=wave.number, seen_by="issue")
    return wave


def open_waves(actor: Actor) -> list[Wave]:
    """Open waves of the stores where the actor picks, the oldest first, with their requisitions. Three statements."""
    return list(_open(actor).prefetch_related("members__requisition__department"))


def begun(actor: Actor, limit: int) -> list[Wave]:
    """The same without what they are for. One statement."""
    return list(_open(actor)[:limit])


def _open(actor: Actor) -> QuerySet[Wave]:
    found = Wave.objects.filter(within("store", actor.scopes.get("pick", ())), state="open")
    return found.select_related("store", "actor").order_by("pk")


def pickable(actor: Actor) -> list[Requisition]:
    """Requisitions that a new wave can take: something is left to pick and no other walk fetches it. Two statements."""
    found = Requisition.objects.filter(
        within("store", actor.scopes.get("pick", ())), state__in=("requested", "picking")
    ).exclude(waves__active=True)
    found = found.select_related("store", "department").prefetch_related("lines__item")
    return list(found.order_by("store__path", F("needed_by").asc(nulls_last=True), "pk"))


def members_of(wave: Wave) -> list[Requisition]:
    """The requisitions of a wave, the most urgent first; ``lines`` with their items. Three statements."""
    found = Requisition.objects.filter(waves__wave=wave).select_related("store", "department")
    found = found.prefetch_related("lines__item")
    return list(found.order_by(F("needed_by").asc(nulls_last=True), "pk"))


def urgent_first(requisitions: Iterable[Requisition]) -> list[Requisition]:
    """Requisitions that were read already in the order of :func:`members_of`. Pure."""
    return sorted(requisitions, key=lambda each: (each.needed_by or LAST, each.pk))


def wanted_still(requisitions: Iterable[Requisition]) -> bool:
    """Whether one of them wants anything yet. Pure, where their lines are read."""
    wanting = [each for each in requisitions if each.state in OPEN_REQUISITIONS]
    return any(line.open_to_pick for each in wanting for line in each.lines.all())


def asks_of(requisitions: Iterable[Requisition]) -> list[Ask]:
    """What requisitions still want, in their order; those that are closed or awaited want nothing. One statement where one is
    for a case."""
    wanting = [each for each in requisitions if each.state in OPEN_REQUISITIONS]
    lines: list[tuple[Requisition, tuple[str, ...], RequisitionLine]] = [
        (each, numbers, line)
        for each, numbers in zip(wanting, all_numbers_of(wanting), strict=True)
        for line in each.lines.all()
    ]
    return [
        Ask(each.pk, line.item_id, line.open_to_pick, line.lot, numbers)
        for each, numbers, line in lines
        if line.open_to_pick
    ]


@dataclass(frozen=True, slots=True)
class Planned:
    """One stop of a walk: what to take, why before what is left, and the shelf as people call it."""

    stop: Stop
    why: Why
    level: Level
    place: str


def planned(store: Place, asks: Sequence[Ask], policy: Policy) -> tuple[list[Planned], Mapping[int, int]]:
    """What to take where for several that ask one store, first what is kept for one of them, then by the policy, in the order of
    the shelves; and item -> pieces that lie nowhere there. At most seven statements; by FIFO nine."""
    found = list(_lying(store.path, {ask.item_id for ask in asks}))
    levels = {(level.place_id, level.lot_id): level for level in found}
    available = [level for level in found if level.status == "available"]
    free = (
        _first_in(available)
        if policy == "fifo"
        else [_lying_at(level, level.quantity) for level in available]
    )
    lying = [*_kept(store, asks, levels), *free]
    taken, lacking = stops(lying, asks)
    counted = {level.lot.item_id for level in found if level.lot.item.tracking == "lot"}
    whys = reasons_of(taken, lying, asks, policy, counted)
    places = {level.place_id: level.place for level in found}
    turn = _turns(store, [places[stop.lying.place_id] for stop in taken])
    walk = sorted(
        zip(taken, whys, strict=True),
        key=lambda each: (turn[each[0].lying.place_id], each[0].lying.item_id, each[0].lying.lot_id),
    )
    called = labels({places[stop.lying.place_id] for stop in taken})
    return [
        Planned(stop, why, levels[stop.lying.place_id, stop.lying.lot_id], called[stop.lying.place_id])
        for stop, why in walk
    ], lacking


def walk_of(wave: Wave, members: Sequence[Requisition]) -> Walk:
    """What to take where, first what is kept for one of them, then by the wave's policy, in the order of the shelves. At most
    eight statements; by FIFO ten."""
    wanted = asks_of(members)
    bills = kits_among({ask.item_id for ask in wanted})
    asks = [ask for ask in wanted if ask.item_id not in bills]
    walk, lacking = planned(wave.store, asks, wave.policy)
    items = {line.item_id: line.item for each in members for line in each.lines.all()}
    by_id = {each.pk: each for each in members}
    return Walk(
        legs=[_leg(each, by_id) for each in walk],
        lacking=[(items[item], pieces) for item, pieces in sorted(lacking.items())],
        kits=[
            _kits(items[kit], [ask for ask in wanted if ask.item_id == kit], by_id) for kit in sorted(bills)
        ],
    )


def kits_among(items: Collection[int]) -> set[int]:
    """Those of the items that are kits: of a kit itself nothing lies on a shelf. One statement."""
    return set(kit_lines().filter(kit__in=items).values_list("kit_id", flat=True))


def _kits(item: Item, asks: Sequence[Ask], by_id: Mapping[int, Requisition]) -> KitLeg:
    parts = tuple((by_id[ask.requisition_id], ask.open) for ask in asks)
    return KitLeg(item, sum(ask.open for ask in asks), parts)


def _leg(planned: Planned, by_id: Mapping[int, Requisition]) -> Leg:
    stop, lot = planned.stop, planned.level.lot
    parts = tuple((by_id[requisition], pieces) for requisition, pieces in stop.parts)
    return Leg(planned.place, lot.item, lot.number, lot.expiry, stop.pieces, parts, planned.why)


def _lying_at(level: Level, pieces: Decimal | int, came: date | None = None) -> Lying:
    lot = level.lot
    return Lying(level.place_id, lot.item_id, lot.pk, lot.number, int(pieces), "", lot.expiry, came)


def _first_in(levels: Sequence[Level]) -> list[Lying]:
    """What lies there by the day on which it came, a counted lot on the day of its first; then first expiry first, as the levels
    come. Units of a lot that came on several days are a stop for each. Two statements at most."""
    lots = {level.lot_id for level in levels}
    came = first_received(sorted(lots))
    days: dict[tuple[int, int], list[tuple[date | None, int]]] = {}
    units = Unit.objects.filter(
        lot_id__in=lots, status="available", place_id__in={level.place_id for level in levels}
    )
    by_day = units.annotate(day=TruncDate("received_at")).values_list("lot_id", "place_id", "day")
    for lot, place, day, pieces in by_day.annotate(Count("pk")).order_by():
        days.setdefault((lot, place), []).append((day, pieces))
    seen: set[tuple[int, int]] = set()
    found: list[Lying] = []
    for level in levels:
        spot = (level.lot_id, level.place_id)
        if spot not in days:
            day = timezone.localdate(came[level.lot_id]) if level.lot_id in came else None
            found.append(_lying_at(level, level.quantity, day))
        elif spot not in seen:  # owners have levels of their own; the units of all of them are counted once
            seen.add(spot)
            found += [_lying_at(level, pieces, day) for day, pieces in days[spot]]
    return sorted(found, key=lambda lying: lying.came or date.max)


def _kept(store: Place, asks: Iterable[Ask], levels: Mapping[tuple[int, int], Level]) -> list[Lying]:
    """What lies in a store and is reserved for one of those that ask."""
    numbers = {number for ask in asks for number in ask.numbers}
    found = reserved([store.path], numbers=numbers) if numbers else []
    return [
        Lying(each.place_id, each.item_id, each.lot_id, each.lot, each.pieces, each.reserved_for)
        for each in found
        if (each.place_id, each.lot_id) in levels
    ]


def _lying(path: str, items: set[int]) -> Iterable[Level]:
    """What may be handed out of a store, first expiry first, and what is reserved there. One statement."""
    found = Level.objects.filter(
        lot__item_id__in=items,
        lot__recall="",
        status__in=("available", "reserved"),
        quantity__gt=0,
        place__path__startswith=path,
    ).filter(Q(lot__expiry__isnull=True) | Q(lot__expiry__gte=timezone.localdate()))
    in_turn = (F("lot__expiry").asc(nulls_last=True), "lot_id", "place__path")
    return found.select_related("lot__item", "place").order_by(*in_turn)


def _turns(store: Place, places: Iterable[Place]) -> dict[int, tuple[tuple[tuple[int, int | str], ...], ...]]:
    """Place -> where it comes in the walk: by the codes from the store downwards, their numbers read as numbers, so that
    A-2 comes before A-10. One statement."""
    ways = {place.pk: ids_of(place.path) for place in places}
    inside = {key for way in ways.values() for key in way}
    codes = dict(Place.objects.filter(pk__in=inside, path__startswith=store.path).values_list("pk", "code"))
    return {pk: tuple(_natural(codes[key]) for key in way if key in codes) for pk, way in ways.items()}


def _natural(code: str) -> tuple[tuple[int, int | str], ...]:
    parts = [part for part in NUMBERS.split(code.upper()) if part]
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts)
