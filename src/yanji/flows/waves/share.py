"""Which requisition of a walk gets what: pure, the most urgent first."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from yanji.ledger.api import LotQuantity

from ..reserving.kept import RESERVED, Spot, spot_of
from ..things import Known, Thing
from ..turn import Policy
from ..why_first import Offer, Why, why_first


@dataclass(frozen=True, slots=True)
class Ask:
    """What one requisition still wants of an item; ``lot``: of that lot alone, where it is not empty; ``numbers``: those under
    which something may be kept for it."""

    requisition_id: int
    item_id: int
    open: int
    lot: str = ""
    numbers: tuple[str, ...] = ()


@dataclass(slots=True)
class Shared:
    """Requisition -> its things; and what no requisition of the walk wants (any more)."""

    things: dict[int, list[Thing]] = field(default_factory=dict)
    over: list[Thing] = field(default_factory=list)


def wanting(
    asks: Sequence[Ask], left: Mapping[int, int], item_id: int, lot: str, kept_for: str = ""
) -> list[int]:
    """Positions of the asks that can use something of an item and a lot, in the order in which they get it: who wants just
    this lot, who takes any, and last who wants another lot (that needs a reason). What is reserved (``kept_for``) goes to whom it
    is kept for, if that is among them. ``left``: position -> pieces. Pure."""

    def rank(position: int) -> int:
        return 0 if asks[position].lot == lot and lot else 1 if not asks[position].lot else 2

    found = [at for at, ask in enumerate(asks) if ask.item_id == item_id and left[at] > 0]
    found = [at for at in found if kept_for and kept_for in asks[at].numbers] or found
    return sorted(found, key=rank)  # stable: the most urgent comes first among equals


def home_of(
    asks: Sequence[Ask], item_id: int, lot: str, held: Mapping[tuple[int, int], int], kept_for: str = ""
) -> int:
    """The requisition that one more thing goes to, where a page holds some already ((requisition, item) -> pieces); 0 where
    none wants it. ``kept_for``: what it is reserved for. Pure."""
    left = {at: ask.open - held.get((ask.requisition_id, ask.item_id), 0) for at, ask in enumerate(asks)}
    found = wanting(asks, left, item_id, lot, kept_for)
    return asks[found[0]].requisition_id if found else 0


def homes_of_kits(kits: Sequence[int], asks: Sequence[Ask]) -> list[int]:
    """The requisition that each kit goes to, by the item that it is a kit of; 0 where none wants it any more. Pure."""
    held: Counter[tuple[int, int]] = Counter()
    found = []
    for item in kits:
        home = home_of(asks, item, "", held)
        held[home, item] += 1
        found.append(home)
    return found


def share(
    things: Iterable[Thing],
    known: Known,
    asks: Sequence[Ask],
    kept: Mapping[tuple[str, Spot], int] | None = None,
) -> Shared:
    """Give every thing to the requisition that needs it, pieces of a lot to several where one does not need them all. Pure.

    ``asks`` come the most urgent first. What the ledger does not know is nobody's. ``kept``: (number, where it lies) -> pieces of
    a lot that are reserved for it: these it gets before anybody else gets any.
    """
    left = {at: ask.open for at, ask in enumerate(asks)}
    found, reserved = Shared(), dict(kept or {})
    for thing in things:
        item = known.item_of(thing)
        pieces = 1 if isinstance(thing, str) else int(thing.quantity)
        order = wanting(asks, left, item, _lot(thing, known), _kept_for(thing, known)) if item else []
        own = [] if isinstance(thing, str) else [(at, n) for at in order for n in asks[at].numbers]
        given: Counter[int] = Counter()
        for at, number in own:
            key = (number, spot_of(thing))
            part = min(pieces, left[at], reserved.get(key, 0))
            reserved[key] = reserved.get(key, 0) - part
            pieces, left[at], given[at] = pieces - part, left[at] - part, given[at] + part
        for at in order:
            part = min(pieces, left[at])
            pieces, left[at], given[at] = pieces - part, left[at] - part, given[at] + part
        for at in order:
            if given[at]:
                found.things.setdefault(asks[at].requisition_id, []).append(_part(thing, given[at]))
        if pieces:
            found.over.append(_part(thing, pieces))
    return found


def _kept_for(thing: Thing, known: Known) -> str:
    """What a unit is reserved for."""
    unit = known.units.get(thing) if isinstance(thing, str) else None
    return unit.reserved_for if unit and unit.status == RESERVED else ""


def _part(thing: Thing, pieces: int) -> Thing:
    return thing if isinstance(thing, str) else replace(thing, quantity=Decimal(pieces))


def _lot(thing: Thing, known: Known) -> str:
    if isinstance(thing, LotQuantity):
        return known.lots[thing.lot_id].number
    return known.units[thing].lot


@dataclass(frozen=True, slots=True)
class Lying:
    """So many pieces of a lot at a place of the store, in the order in which they should be handed out; ``kept_for``: the number
    of what they are reserved for; ``came``: the day, where that decides."""

    place_id: int
    item_id: int
    lot_id: int
    lot: str
    pieces: int
    kept_for: str = ""
    expiry: date | None = None
    came: date | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """What to take at one place: pieces of a lot, and for which requisitions."""

    lying: Lying
    pieces: int
    parts: tuple[tuple[int, int], ...]  # requisition, pieces


def stops(lying: Iterable[Lying], asks: Sequence[Ask]) -> tuple[list[Stop], dict[int, int]]:
    """Where to take what is wanted, and item -> pieces that lie nowhere. A lot that somebody wants alone is never given to
    who wants another. Pure."""
    left = {at: ask.open for at, ask in enumerate(asks)}
    found = []
    for each in lying:
        rest, parts = each.pieces, []
        for at in wanting(asks, left, each.item_id, each.lot, each.kept_for):
            if not rest or asks[at].lot not in ("", each.lot):
                continue
            if each.kept_for and each.kept_for not in asks[at].numbers:
                continue
            given = min(rest, left[at])
            left[at] -= given
            rest -= given
            parts.append((asks[at].requisition_id, given))
        if parts:
            found.append(Stop(each, each.pieces - rest, tuple(parts)))
    lacking: dict[int, int] = {}
    for at, pieces in left.items():
        if pieces:
            lacking[asks[at].item_id] = lacking.get(asks[at].item_id, 0) + pieces
    return found, lacking


def reasons_of(
    taken: Sequence[Stop],
    lying: Sequence[Lying],
    asks: Sequence[Ask],
    policy: Policy,
    counted: Collection[int],
) -> list[Why]:
    """Why each stop goes before what is left, in the order of the stops. ``counted``: items that are counted in lots. Pure."""
    visited = {id(stop.lying) for stop in taken}
    left: dict[int, list[Offer]] = {}
    there = Counter(each.item_id for each in lying)
    fixed = {(ask.requisition_id, ask.item_id) for ask in asks if ask.lot}

    def offer(each: Lying) -> Offer:
        is_counted = each.item_id in counted
        return Offer(each.lot_id, each.lot, each.expiry, each.came, is_counted, bool(each.kept_for))

    for each in lying:
        if id(each) not in visited and not each.kept_for:
            left.setdefault(each.item_id, []).append(offer(each))
    return [
        why_first(
            offer(stop.lying),
            left.get(item, ()),
            policy,
            asked_for=all((requisition, item) in fixed for requisition, _pieces in stop.parts),
            alone=there[item] == 1 and (item in counted or stop.lying.pieces == 1),
        )
        for stop in taken
        for item in (stop.lying.item_id,)
    ]
