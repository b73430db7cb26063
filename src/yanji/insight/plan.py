"""The stock map: the places of a part of the house as they stand in one another, and what lies in each of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from yanji.ledger.api import IN_STOCK, Status
from yanji.places.models import Kind, Place

from .board import OF_THE_CUT, Cut, rows_of
from .lines import STATIONS, outermost, roots_of

HELD = (Status.QUARANTINED, Status.RECALLED)
SOON_DAYS = 30
WIDE = frozenset({Kind.GROUP, Kind.CAMPUS, Kind.BUILDING})  # of these, stores and departments are drawn
DEPTH = 3  # a store, its rooms, their cabinets, their shelves
MOST_DRAWN = 1500
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Lying:
    """Pieces, and CNY; of the pieces, those on hold or recalled, those expired, and those that expire within
    :data:`SOON_DAYS`. ``sized``: pieces that lie where it is known how many fit; ``capacity``: how many fit there."""

    pieces: Decimal = NOTHING
    value: Decimal = NOTHING
    held: Decimal = NOTHING
    expired: Decimal = NOTHING
    soon: Decimal = NOTHING
    sized: Decimal = NOTHING
    capacity: int = 0

    def __add__(self, other: "Lying") -> "Lying":
        return Lying(
            self.pieces + other.pieces, self.value + other.value, self.held + other.held,
            self.expired + other.expired, self.soon + other.soon, self.sized + other.sized,
            self.capacity + other.capacity,
        )  # fmt: skip

    @property
    def full(self) -> int | None:
        """Per cent of the capacity that is taken; more than 100 where more lies than fits; None where no capacity is known."""
        return round(100 * self.sized / self.capacity) if self.capacity else None


@dataclass(slots=True)
class Spot:
    """A place of the map with those drawn inside it. ``right_there``: what lies in it and in none of them; ``listed``: whether
    one list says what that is. ``whole``: all that lies in the place is in ``total``. ``deeper``: more stands in it than is
    drawn."""

    place: Place
    inside: list["Spot"] = field(default_factory=list)
    right_there: Lying = Lying()
    listed: bool = True
    whole: bool = True
    deeper: bool = False

    @property
    def total(self) -> Lying:
        """With what lies inside. Where it is known how many fit in the place itself, that counts, and not its shelves."""
        found = sum((spot.total for spot in self.inside), self.right_there)
        if not self.place.capacity:
            return found
        return Lying(
            found.pieces,
            found.value,
            found.held,
            found.expired,
            found.soon,
            found.pieces,
            self.place.capacity,
        )

    def walk(self) -> Iterator["Spot"]:
        yield self
        for spot in self.inside:
            yield from spot.walk()


@dataclass(frozen=True, slots=True)
class Plan:
    """``wide``: stores and departments are drawn, not what stands in them. ``beyond``: what lies in the cut, and at no place
    that is drawn."""

    spots: list[Spot]
    beyond: Lying
    wide: bool

    @property
    def total(self) -> Lying:
        return sum((spot.total for spot in self.spots), self.beyond)

    def walk(self) -> Iterator[Spot]:
        for spot in self.spots:
            yield from spot.walk()


# A place counts for the innermost place drawn that it lies in, and its pieces fill the outermost place of known capacity
# from there down: both are found once a place, before levels are added up.
LIES = f"""
WITH way AS (
    SELECT p.id, a.id AS up_id, CASE WHEN a.active THEN a.capacity END AS capacity, up.n,
           max(up.n) FILTER (WHERE a.id = ANY (%(drawn)s)) OVER (PARTITION BY p.id) AS at
      FROM places_place p
     CROSS JOIN LATERAL unnest(string_to_array(trim(both '/' from p.path), '/')::bigint[]) WITH ORDINALITY AS up(id, n)
      JOIN places_place a ON a.id = up.id
     WHERE p.path LIKE ANY (%(paths)s)),
lying AS MATERIALIZED (
    SELECT id, max(up_id) FILTER (WHERE n = at) AS drawn_id,
           (array_agg(up_id ORDER BY n) FILTER (WHERE n >= at AND capacity IS NOT NULL))[1] AS sized_id
      FROM way GROUP BY id),
room AS (
    SELECT y.drawn_id, sum(c.capacity) AS capacity
      FROM (SELECT DISTINCT drawn_id, sized_id FROM lying) y JOIN places_place c ON c.id = y.sized_id
     WHERE y.drawn_id IS NOT NULL GROUP BY 1),
stock AS (
    SELECT y.drawn_id, sum(le.quantity) AS pieces, sum(le.value) AS value,
           sum(le.quantity) FILTER (WHERE le.status = ANY (%(held)s)) AS held,
           sum(le.quantity) FILTER (WHERE lo.expiry < %(today)s) AS expired,
           sum(le.quantity) FILTER (WHERE lo.expiry BETWEEN %(today)s AND %(soon)s) AS soon,
           sum(le.quantity) FILTER (WHERE y.sized_id IS NOT NULL) AS sized
      FROM ledger_level le
      JOIN ledger_lot lo ON lo.id = le.lot_id
      JOIN catalog_item i ON i.id = lo.item_id
      JOIN lying y ON y.id = le.place_id
     WHERE le.quantity > 0 AND le.status = ANY (%(statuses)s) AND {OF_THE_CUT}
     GROUP BY 1)
SELECT coalesce(k.drawn_id, r.drawn_id), coalesce(k.pieces, 0), coalesce(k.value, 0), coalesce(k.held, 0), coalesce(k.expired, 0),
       coalesce(k.soon, 0), coalesce(k.sized, 0), coalesce(r.capacity, 0)::int
  FROM stock k FULL JOIN room r ON r.drawn_id = k.drawn_id
"""


def planned(cut: Cut, place: Place | None, *, today: date) -> Plan:
    """What lies where in a part of the house, down to :data:`DEPTH` steps below one store, department or what stands in it; of
    anything wider, its stores and departments. At most four statements, none of them over units.

    Places that are closed are drawn only where something lies in them still.
    """
    roots = outermost(roots_of(cut.paths, place))
    wide = len(roots) != 1 or roots[0].kind in WIDE
    spots = _side_by_side(cut.paths, roots) if wide else [_opened(roots[0])]
    drawn = {spot.place.pk: spot for root in spots for spot in root.walk()}
    beyond = Lying()
    for key, *figures in rows_of(
        LIES, cut, drawn=list(drawn), held=list(HELD), statuses=list(IN_STOCK), today=today,
        soon=today + timedelta(days=SOON_DAYS),
    ):  # fmt: skip
        if key is None:
            beyond += Lying(*figures)
        else:
            drawn[key].right_there = Lying(*figures)
    kept = [spot for root in spots for spot in _still_there(root)]
    return Plan([spot for spot in kept if spot.listed or spot.inside or spot.total.pieces], beyond, wide)


def _still_there(spot: Spot) -> Iterable[Spot]:
    spot.inside = [kept for each in spot.inside for kept in _still_there(each)]
    return [spot] if spot.place.active or spot.total.pieces else []


def _opened(root: Place) -> Spot:
    """A place with what stands in it, as deep as can be drawn. One statement."""
    below = list(Place.objects.filter(path__startswith=root.path).exclude(pk=root.pk).order_by("code"))
    depth = next(d for d in range(DEPTH, 0, -1) if d == 1 or len(_down_to(d, root, below)) <= MOST_DRAWN)
    children: dict[int | None, list[Place]] = defaultdict(list)
    for each in below:
        children[each.parent_id].append(each)
    return _spot(root, children, depth)


def _down_to(depth: int, root: Place, places: Iterable[Place]) -> list[Place]:
    return [each for each in places if _steps(each.path) - _steps(root.path) <= depth]


def _steps(path: str) -> int:
    return path.count("/")


def _spot(place: Place, children: dict[int | None, list[Place]], depth: int) -> Spot:
    inside = [_spot(each, children, depth - 1) for each in children[place.pk]] if depth else []
    return Spot(place, inside, deeper=not depth and bool(children[place.pk]))


def _side_by_side(paths: Sequence[str], roots: Collection[Place]) -> list[Spot]:
    """Stores and departments by the campus they stand in, or else by the place looked at that holds them; what the reader
    keeps besides stands alone. One statement."""
    below = Q(pk__in=[])
    for path in paths:
        below |= Q(path__startswith=path)
    found = list(Place.objects.filter(below, kind__in=(Kind.CAMPUS, *STATIONS)))
    stations = outermost(each for each in found if each.kind in STATIONS)
    shown = {each.pk for each in stations}
    campuses = [each for each in found if each.kind == Kind.CAMPUS]
    places = {each.pk: each for each in (*roots, *campuses) if each.pk not in shown}
    heads = [_head(each, places.values()) for each in sorted(places.values(), key=lambda each: each.code)]
    alone = []
    for station in stations:
        holding = [head for head in heads if station.path.startswith(head.place.path)]
        spots = max(holding, key=lambda head: len(head.place.path)).inside if holding else alone
        spots.append(Spot(station, deeper=True))
    return [*heads, *alone]


def _head(place: Place, heads: Collection[Place]) -> Spot:
    wide = place.kind in WIDE
    whole = not any(each.path.startswith(place.path) for each in heads if each.pk != place.pk)
    return Spot(place, listed=not wide, whole=whole, deeper=not wide and place.kind != Kind.BIN)
