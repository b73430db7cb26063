"""Where a thing had better lie: a shelf that keeps its temperature and has room, beside its own kind, its expiry in mind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.models import Item
from yanji.ledger.api import Kin, kin, on_hand
from yanji.places.models import Kind, Place
from yanji.places.queries import labels
from yanji.places.rules import ids_of
from yanji.places.temperature import suits

# A bin before the cabinet that holds it, a cabinet before its room.
SHELVES = (Kind.BIN, Kind.CABINET, Kind.ROOM)
# Where things wait to be put away: what passed inspection, and what was released from quarantine.
DOCKS = (Kind.DOCK, Kind.STORE)
SUGGESTED = 3
FAR = 10**6  # days between an expiry and none


@dataclass(frozen=True, slots=True)
class ToPut:
    """So many pieces of an item that need a place; ``near``: the path of where they are."""

    item_id: int
    expiry: date | None
    pieces: int
    near: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """One proposal and why it is one; ``label``: its name among all shelves; ``room``: for how many more, None: no limit."""

    place: Place
    label: str
    reason: str
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """What lies on the shelves of a store; ``pieces``: place -> pieces on it and below it; ``kin``: place -> its kin."""

    pieces: Mapping[int, int] = field(default_factory=dict)
    kin: Mapping[int, Sequence[Kin]] = field(default_factory=dict)


def storage(actor: Actor) -> list[Place]:
    """Docks, stores and shelves where somebody may store. One statement."""
    return places_for(actor, may="store", kinds=(*DOCKS, *SHELVES))


def shelves_for(
    actor: Actor, things: Sequence[ToPut], *, places: Sequence[Place] | None = None, most: int = SUGGESTED
) -> list[list[Shelf]]:
    """The best few shelves for each thing, in the store where it is. The same few statements for any number of things."""
    if not things:
        return []
    places = storage(actor) if places is None else places
    roots = [root_of(places, thing.near) for thing in things]
    items = Item.objects.in_bulk({thing.item_id for thing in things})
    floor = _floor(sorted(set(roots)), sorted(items))
    room = room_in(places, floor.pieces)
    chosen = [
        ranked(
            thing,
            items[thing.item_id],
            [place for place in places if place.path.startswith(root)],
            floor,
            room,
        )[:most]
        for thing, root in zip(things, roots, strict=True)
    ]
    names = _names(list(zip(roots, chosen, strict=True)), places)
    return [
        [
            Shelf(place, names[place.pk], with_room(why, room.get(place.pk)), room.get(place.pk))
            for place, why in several
        ]
        for several in chosen
    ]


def _names(
    chosen: Sequence[tuple[str, Iterable[tuple[Place, str]]]], places: Sequence[Place]
) -> dict[int, str]:
    """What to call each shelf: what tells it apart in its own store, and its store where a shelf elsewhere has the same name. No
    statement, two for each store in which some of them share a name."""
    by_root: dict[str, dict[int, Place]] = defaultdict(dict)
    for root, several in chosen:
        by_root[root] |= {place.pk: place for place, _why in several}
    called: dict[str, list[str]] = defaultdict(list)
    for place in places:
        called[place.name].append(place.path)
    stores = {place.path: place.name for place in places if place.path in by_root}
    names: dict[int, str] = {}
    for root, there in by_root.items():
        for key, name in labels(there.values()).items():
            elsewhere = any(not path.startswith(root) for path in called[there[key].name])
            names[key] = f"{stores[root]} · {name}" if elsewhere and root in stores else name
    return names


def _floor(roots: Sequence[str], item_ids: Sequence[int]) -> Floor:
    pieces: dict[int, int] = defaultdict(int)
    for row in on_hand(paths=roots, by=("place",)):
        assert row.place_path is not None
        for place_id in ids_of(row.place_path):
            pieces[place_id] += int(row.quantity)
    found: dict[int, list[Kin]] = defaultdict(list)
    for each in kin(paths=roots, item_ids=item_ids):
        found[each.place_id].append(each)
    return Floor(pieces, found)


def ranked(
    thing: ToPut, item: Item, places: Sequence[Place], floor: Floor, room: Mapping[int, int]
) -> list[tuple[Place, str]]:
    """The shelves that suit, best first, each with its reason; ``room`` as :func:`room_in` has it. Pure.

    The same item with the same expiry goes before the same item with the nearest expiry, so that what is to be used first
    is met first; then its family, then an empty shelf, then any that keeps its temperature.
    """
    found = []
    for place in places:
        fits = place.pk not in room or room[place.pk] >= thing.pieces
        elsewhere = place.path != thing.near and not place.quarantine and place.kind in SHELVES
        if fits and elsewhere and suits(place.temperature_class, item.temperature_class):
            weight, why = _worth(
                thing, item, floor.kin.get(place.pk, ()), empty=not floor.pieces.get(place.pk)
            )
            found.append(((*weight, SHELVES.index(Kind(place.kind)), place.path), place, why))
    return [(place, why) for _key, place, why in sorted(found, key=lambda each: each[0])]


def _worth(
    thing: ToPut, item: Item, beside: Iterable[Kin], *, empty: bool
) -> tuple[tuple[int, int, int], str]:
    """(order, reason) of one shelf; the order is (what kind of reason, days from expiry to expiry, fuller first)."""
    beside = list(beside)
    own = [each for each in beside if each.item_id == item.pk]
    if own:
        pieces = sum(each.pieces for each in own)
        nearest = min(own, key=lambda each: days_between(each.expiry, thing.expiry))
        days = days_between(nearest.expiry, thing.expiry)
        return (0, days, -pieces), _beside_its_own(pieces, nearest.expiry, same=days == 0)
    if beside:
        pieces = sum(each.pieces for each in beside)
        said = ngettext("%(n)s of the same family lies there", "%(n)s of the same family lie there", pieces)
        return (1, 0, -pieces), said % {"n": pieces}
    return ((2, 0, 0), _("empty")) if empty else ((3, 0, 0), _("keeps the temperature it needs"))


def _beside_its_own(pieces: int, expiry: date | None, *, same: bool) -> str:
    if same:
        said = ngettext(
            "%(n)s of the same item lies there, same expiry",
            "%(n)s of the same item lie there, same expiry",
            pieces,
        )
        return said % {"n": pieces}
    said = ngettext(
        "%(n)s of the same item lies there, valid to %(day)s",
        "%(n)s of the same item lie there, the nearest valid to %(day)s",
        pieces,
    )
    return said % {"n": pieces, "day": expiry or "–"}


def days_between(one: date | None, other: date | None) -> int:
    """How far two expiries are from each other; a thing without one is far from all that have one."""
    if one is None or other is None:
        return 0 if one == other else FAR
    return abs((one - other).days)


def room_in(places: Iterable[Place], pieces: Mapping[int, int]) -> dict[int, int]:
    """Place -> for how many pieces there is room in it and in the shelves that hold it; only where one limits. Pure.

    What a store holds is no matter here: what waits at its dock lies in it already.
    """
    places = list(places)
    left = {
        each.pk: max(0, each.capacity - pieces.get(each.pk, 0))
        for each in places
        if each.capacity is not None and each.kind in SHELVES
    }
    found = {each.pk: [left[holder] for holder in ids_of(each.path) if holder in left] for each in places}
    return {place_id: min(limits) for place_id, limits in found.items() if limits}


def with_room(why: str, room: int | None) -> str:
    return why if room is None else _("%(why)s · room for %(n)s") % {"why": why, "n": room}


def root_of(places: Sequence[Place], near: str) -> str:
    """The store in which a path lies, else its campus: shelves elsewhere are no proposal."""
    stores = [place.path for place in places if place.kind == Kind.STORE and near.startswith(place.path)]
    return max(stores, key=len, default="/".join(near.split("/")[:3]) + "/")
