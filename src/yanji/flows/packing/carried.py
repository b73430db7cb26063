"""Counted pieces cannot say where they are: a box that holds some goes where the entries take them, whoever names what."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Sum

from yanji.ledger.models import Level

from .contents import GONE, Contents
from .models import Box, BoxedLot, BoxedUnit, PackingAct

# A correction belongs to the documents of what it takes back.
MOVES = """
SELECT m.event_id, m.from_place_id, m.to_place_id, e.happened_at, e.actor_id,
       coalesce(d.documents ->> 'requisition', d.documents ->> 'transfer', ''), m.to_status = ANY (%s),
       m.to_status = 'picked' AND m.from_place_id = m.to_place_id, m.lot_id, m.quantity
  FROM ledger_movement m
  JOIN ledger_event e ON e.id = m.event_id
  JOIN ledger_event d ON d.id = coalesce(e.corrects_id, e.id)
 WHERE m.event_id = ANY (%s::uuid[]) AND m.unit_id IS NULL AND m.from_status IS NOT NULL
   AND EXISTS (SELECT 1 FROM flows_boxedlot bl WHERE bl.lot_id = m.lot_id)
 ORDER BY e.recorded_at, m.event_id, m.line
"""

# The boxes are locked in the order of their numbers: two acts that move the same ones wait for each other, and no longer.
PLACED = """
WITH held AS MATERIALIZED (SELECT id FROM flows_box WHERE id = ANY (%(boxes)s) ORDER BY id FOR UPDATE)
UPDATE flows_box b SET place_id = now.place_id, bound_for = now.bound_for
  FROM unnest(%(boxes)s::bigint[], %(places)s::bigint[], %(bound_for)s::text[]) AS now (id, place_id, bound_for)
  JOIN held ON held.id = now.id
 WHERE b.id = now.id
"""
LOWERED = """
UPDATE flows_boxedlot bl SET quantity = now.quantity
  FROM unnest(%s::bigint[], %s::int[]) AS now (id, quantity) WHERE bl.id = now.id
"""


@dataclass(frozen=True, slots=True)
class Leg:
    """Counted pieces that an entry took from one place to another, by lot. ``document``: the number of the requisition or
    transfer that it served, if any; ``leaves``: for good; ``picked``: where they stay, they are set aside."""

    source: int
    target: int
    at: datetime
    actor: int
    document: str
    leaves: bool
    picked: bool
    pieces: Mapping[int, int]

    @property
    def stays(self) -> bool:
        """Nothing goes anywhere: only what is said of the pieces is another."""
        return self.source == self.target and not self.leaves


@dataclass(slots=True)
class Holder:
    """A box with counted pieces of its own. ``rows``: (lot, pieces) by the row that holds them; ``teller``: whose history
    tells its moves, None where the units in it do; ``named``: the act was given its code, or that of a box around it."""

    id: int
    place_id: int
    bound_for: str
    rows: dict[int, tuple[int, int]]
    teller: int | None
    named: bool = False

    @property
    def pieces(self) -> Counter[int]:
        total = Counter[int]()
        for lot, quantity in self.rows.values():
            total[lot] += quantity
        return +total


@dataclass(slots=True)
class Course:
    """What becomes of boxes, leg by leg. ``lying``: pieces by lot and place after all of them. Pure.

    A box goes along that was named, or that was picked for the document which the entry serves; any other one as soon as
    fewer pieces lie at its place than the boxes there hold. What leaves without the rest of its box is taken out of it.
    """

    holders: Sequence[Holder]
    lying: Mapping[tuple[int, int], int]
    told: list[tuple[int, str, Leg, int, int, int]] = field(default_factory=list)

    def follow(self, leg: Leg) -> None:
        left = Counter(leg.pieces)
        there = [
            each for each in self.holders if each.place_id == leg.source and each.pieces.keys() & left.keys()
        ]
        there.sort(
            key=lambda each: (not each.named, not self._bound(each, leg), -each.pieces.total(), each.id)
        )
        for holder in there:
            if leg.stays:
                self._bind(holder, leg, left)
            elif holder.named or self._bound(holder, leg) or any(self._lack(lot, leg) > 0 for lot in left):
                self._take(holder, leg, left)

    @staticmethod
    def _bound(holder: Holder, leg: Leg) -> bool:
        return bool(leg.document) and holder.bound_for == leg.document

    def _bind(self, holder: Holder, leg: Leg, left: Counter[int]) -> None:
        """A box that is picked by its code is kept for what it is picked for, until all of it is put back."""
        whole = all(left[lot] >= pieces for lot, pieces in holder.pieces.items())
        if whole and (holder.named or self._bound(holder, leg)):
            left.subtract(holder.pieces)
            holder.bound_for = leg.document if leg.picked else ""

    def _lack(self, lot: int, leg: Leg) -> int:
        """How many pieces more the boxes at the source hold than lie there."""
        held = sum(each.pieces[lot] for each in self.holders if each.place_id == leg.source)
        return held - self.lying.get((lot, leg.source), 0)

    def _take(self, holder: Holder, leg: Leg, left: Counter[int]) -> None:
        own = holder.pieces
        if not leg.leaves and all(left[lot] >= pieces for lot, pieces in own.items()):
            left.subtract(own)
            for lot, pieces in own.items():
                self._tell(holder, PackingAct.Act.MOVED, leg, leg.target, lot, pieces)
            if holder.named:
                holder.bound_for = leg.document
            holder.place_id = leg.target
            return
        for row, (lot, pieces) in list(holder.rows.items()):
            out = min(pieces, left[lot]) if holder.named else min(pieces, left[lot], self._lack(lot, leg))
            if out <= 0:
                continue
            left[lot] -= out
            holder.rows[row] = lot, pieces - out
            place = leg.target if leg.leaves else leg.source
            self._tell(holder, PackingAct.Act.UNPACK, leg, place, lot, out)

    def _tell(self, holder: Holder, act: str, leg: Leg, place: int, lot: int, pieces: int) -> None:
        if holder.teller is not None:
            self.told.append((holder.teller, act, leg, place, lot, pieces))


def carry(boxes: Iterable[Contents], events: Sequence[str]) -> None:
    """Boxes with counted pieces go where the entries took those; pieces that left for good, or without their box, are in it
    no more. ``boxes``: those whose codes the act was given. At most seven statements, however many boxes go; one where no
    box holds pieces of such lots.

    Who moved a box without units is written down: nothing in it has a life line that tells.
    """
    legs = _legs(events)
    holders = _holders(legs, list(boxes)) if legs else []
    if not holders:
        return
    before = {each.id: (each.place_id, each.bound_for, dict(each.rows)) for each in holders}
    course = Course(holders, _lying(legs))
    for leg in legs:
        course.follow(leg)
    _place([each for each in holders if before[each.id][:2] != (each.place_id, each.bound_for)])
    _lower(
        {row: pieces for each in holders for row, (_lot, pieces) in before[each.id][2].items()},
        {row: pieces for each in holders for row, (_lot, pieces) in each.rows.items()},
    )
    PackingAct.objects.bulk_create(_written(course))


def _legs(events: Sequence[str]) -> list[Leg]:
    with connection.cursor() as cursor:
        cursor.execute(MOVES, (sorted(GONE), list(events)))
        rows = cursor.fetchall()
    found: dict[tuple, Counter[int]] = defaultdict(Counter)
    for *leg, lot, quantity in rows:
        found[tuple(leg)][lot] += int(quantity)
    return [Leg(*leg, pieces=pieces) for (_event, *leg), pieces in found.items()]


def _holders(legs: Sequence[Leg], named: Sequence[Contents]) -> list[Holder]:
    """The boxes that lie where legs begin, and hold pieces of their lots. One statement."""
    lots, sources = {lot for leg in legs for lot in leg.pieces}, {leg.source for leg in legs}
    near = Box.objects.filter(place_id__in=sources, lots__lot_id__in=lots).values("pk")
    units = Exists(BoxedUnit.objects.filter(box_id=OuterRef("box_id")))
    rows = BoxedLot.objects.filter(box_id__in=near).select_related("box").annotate(with_units=units)
    tellers = {lot.box: None if box.units else box.id for box in named for lot in box.lots_together}
    found: dict[int, Holder] = {}
    for row in rows.order_by("box_id", "pk"):
        box, own = row.box, None if row.with_units else row.box_id
        holder = found.setdefault(
            box.pk,
            Holder(box.pk, box.place_id, box.bound_for, {}, tellers.get(box.code, own), box.code in tellers),
        )
        holder.rows[row.pk] = row.lot_id, row.quantity
    return list(found.values())


def _lying(legs: Sequence[Leg]) -> dict[tuple[int, int], int]:
    lots, sources = {lot for leg in legs for lot in leg.pieces}, {leg.source for leg in legs}
    rows = Level.objects.filter(lot_id__in=lots, place_id__in=sources).values_list("lot_id", "place_id")
    return {(lot, place): int(pieces) for lot, place, pieces in rows.annotate(Sum("quantity")).order_by()}


def _place(gone: Sequence[Holder]) -> None:
    """Keep where boxes are now, and what for; nothing where none went. One statement."""
    if not gone:
        return
    now = {
        "boxes": [each.id for each in gone],
        "places": [each.place_id for each in gone],
        "bound_for": [each.bound_for for each in gone],
    }
    with connection.cursor() as cursor:
        cursor.execute(PLACED, now)


def _lower(before: Mapping[int, int], now: Mapping[int, int]) -> None:
    """Keep what left boxes, pieces by the row that holds them; nothing where all is as it was. Two statements at most."""
    changed = {row: pieces for row, pieces in now.items() if pieces != before[row]}
    if out := [row for row, pieces in changed.items() if not pieces]:
        BoxedLot.objects.filter(pk__in=out).delete()
    if fewer := {row: pieces for row, pieces in changed.items() if pieces}:
        with connection.cursor() as cursor:
            cursor.execute(LOWERED, (list(fewer), list(fewer.values())))


def _written(course: Course) -> Iterator[PackingAct]:
    """One act for each box, leg and kind of what happened to it."""
    several: dict[tuple[int, str, int, int], list[tuple[Leg, int, int]]] = defaultdict(list)
    for teller, act, leg, place, lot, pieces in course.told:
        several[teller, act, id(leg), place].append((leg, lot, pieces))
    for (teller, act, _leg, place), parts in several.items():
        leg = parts[0][0]
        yield PackingAct(
            box_id=teller, act=act, at=leg.at, actor_id=leg.actor, place_id=place,
            things=[{"lot": lot, "quantity": pieces} for _leg, lot, pieces in parts],
        )  # fmt: skip
