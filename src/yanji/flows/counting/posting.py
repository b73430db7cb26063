"""What was accepted becomes entries of the ledger: missing, found, moved. Once, in one act, and only what still holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import (
    IN_STOCK,
    LIFECYCLE,
    MAX_LINES,
    Draft,
    Line,
    LotQuantity,
    Raced,
    Status,
    Step,
    post,
    virtual_places,
)
from yanji.ledger.models import Level
from yanji.places import temperature
from yanji.places.models import VIRTUAL, Place

from ..aside import Claim, Document, SetAside, documents_of, give_up, locked, serve, set_aside
from ..consign.title import moved, pass_title
from ..things import Thing
from .judge import COUNTABLE, ON_PAPER
from .lost_here import lost_here
from .models import Count, Variance

V, Outcome = Variance.Kind, Variance.Outcome
MOVABLE = frozenset(status for status in LIFECYCLE[Step.MOVE].sources if status)
NOW = """
SELECT v.id, u.status, p.path, p.kind, u.place_id, sp.temperature_class, i.temperature_class,
       EXISTS (SELECT 1 FROM ledger_movement m JOIN ledger_event e ON e.id = m.event_id
                WHERE m.unit_id = u.id AND m.seq > v.seq AND NOT e.step = ANY (%(paper)s))
  FROM flows_variance v
  JOIN ledger_unit u ON u.id = v.unit_id
  JOIN places_place p ON p.id = u.place_id
  JOIN catalog_item i ON i.id = u.item_id
  LEFT JOIN places_place sp ON sp.id = v.seen_place_id
 WHERE v.id = ANY (%(ids)s)
"""
# What another count has put right of the same difference since: what it took out of the place that is short, or brought
# to the one that has too much. An entry that was taken back never was.
PUT_RIGHT = """
SELECT v.id, sum(m.quantity)
  FROM flows_variance v
  JOIN flows_count c ON c.id = v.count_id
  JOIN places_place at ON at.id = CASE v.kind WHEN 'lot_short' THEN v.book_place_id ELSE v.seen_place_id END
  JOIN ledger_movement m ON m.lot_id = v.lot_id AND m.unit_id IS NULL
  JOIN ledger_event e ON e.id = m.event_id AND e.documents ? 'count' AND e.step <> 'take_title'
                     AND e.recorded_at > coalesce(v.seen_at, c.closed_at)
  JOIN places_place f ON f.id = m.from_place_id
  JOIN places_place t ON t.id = m.to_place_id
 WHERE v.id = ANY (%s) AND starts_with(f.path, at.path) <> starts_with(t.path, at.path)
   AND (v.kind = 'lot_short') = starts_with(f.path, at.path)
   AND e.corrects_id IS NULL AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
 GROUP BY v.id
"""
# Sorted: prevents deadlock with whatever moves the same units.
LOCK = "SELECT id FROM ledger_unit WHERE id = ANY (%s) ORDER BY id FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit of a variance as it is now, locked. ``moved``: in somebody's hands since it was judged."""

    status: str
    path: str
    kind: str
    place_id: int
    shelf_keeps: str
    item_needs: str
    moved: bool


@dataclass(frozen=True, slots=True)
class Move:
    """One line of an entry to be: which step, for which reason, and for which document it had lain picked."""

    step: Step
    reason: str
    line: Line
    claim: Claim | None = None


def post_accepted(count: Count, variances: Sequence[Variance], *, actor: Actor) -> list[str]:
    """Post what was accepted and still holds; sets each variance's outcome. Gives the entries' ids.

    One entry a step and reason. Raises what the ledger refuses; then nothing was written.
    """
    accepted = [each for each in variances if each.decision == Variance.Decision.ACCEPT]
    for each in variances:
        each.outcome = Outcome.EXPLAINED if each.decision == Variance.Decision.EXPLAIN else Outcome.TASK
    # The documents first, then the things: the order in which every flow locks.
    losing = locked(_set_aside(accepted).claims)
    standing = _standing([each for each in accepted if each.unit_id])
    lots = LotMoves(accepted, count.place)
    aside = _set_aside(accepted)
    if not aside.claims <= losing.keys():
        raise Raced
    moves: list[Move] = []
    for each in accepted:
        if each.unit_id:
            moves += _settle(each, standing[each.pk], actor, aside)
    moves += lots.moves(aside)
    at = timezone.now()
    events = []
    for claim, draft in drafts(moves, number=count.number, key=_key(count), at=at, losing=losing):
        event_id = post(draft, actor=actor).event_id
        events.append(event_id)
        if draft.step is Step.TAKE_TITLE:
            pass_title(event_id, moved(event_id), actor=actor, place=count.place, at=at)
        if claim:
            _tell(losing[claim], draft, event_id)
    return events


def _set_aside(accepted: Iterable[Variance]) -> SetAside:
    """For whom lies picked what is missing, or short, according to the variances."""
    missing = [each for each in accepted if each.kind in (V.MISSING, V.LOT_SHORT)]
    return set_aside(
        [each.code for each in missing if each.unit_id],
        {each.lot_id for each in missing if each.lot_id and not each.unit_id},
    )


def _tell(document: Document, draft: Draft, event_id: str) -> None:
    """What lay picked for a document is gone; what was only bought first lies picked for it still."""
    if draft.step is Step.LOSE:
        give_up(document, event_id, [_thing(line) for line in draft.lines])
    else:
        serve(document, event_id)


def _thing(line: Line) -> Thing:
    assert isinstance(line.thing, str | LotQuantity), "a count makes nothing new"
    return line.thing


def _key(count: Count) -> str:
    return f"count:{count.pk}:{count.round}"


def drafts(
    moves: Iterable[Move], *, number: str, key: str, at: datetime, losing: Mapping[Claim, Document]
) -> Iterator[tuple[Claim | None, Draft]]:
    """One draft a step, document that loses the things, and reason, in a fixed order; as many as it takes where there are
    more lines than one may have. Pure."""
    grouped: dict[tuple[Step, str, Claim | None], list[Line]] = defaultdict(list)
    for move in moves:
        grouped[move.step, move.reason, move.claim].append(move.line)
    # What is bought before it is written off is bought first.
    order = (Step.PUT_AWAY, Step.MOVE, Step.FIND, Step.TAKE_TITLE, Step.LOSE)
    for step, reason, claim in sorted(
        grouped, key=lambda each: (order.index(each[0]), each[1], each[2] is not None, each[2])
    ):
        lines = grouped[step, reason, claim]
        of = documents_of(claim, losing[claim] if claim else None)
        for start in range(0, len(lines), MAX_LINES):
            draft = Draft(
                step=step,
                key=":".join([key, step, *of.values(), reason, str(start)])[:120],
                happened_at=at,
                lines=tuple(lines[start : start + MAX_LINES]),
                documents={"count": number, **of},
                reason=reason,
            )
            yield claim, draft


def _standing(variances: Sequence[Variance]) -> dict[int, Standing]:
    if not variances:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, ([each.unit_id for each in variances],))
        cursor.execute(NOW, {"ids": [each.pk for each in variances], "paper": sorted(ON_PAPER)})
        return {row[0]: Standing(*row[1:]) for row in cursor.fetchall()}


def _settle(variance: Variance, now: Standing, actor: Actor, aside: SetAside) -> Iterator[Move]:
    """The move that settles a unit's variance, if one does; the outcome is set either way."""
    step = step_for(variance.kind, variance.book_place_id, variance.seen_place_id, now)
    if step == Outcome.OVERTAKEN or step is None:
        variance.outcome = step or Outcome.TASK
        return
    if step in (Step.PUT_AWAY, Step.MOVE) and not actor.may("store", now.path):
        # Somebody else's shelf: whoever keeps it must send it, or take it back.
        variance.outcome = Outcome.TASK
        return
    variance.outcome = Outcome.POSTED
    if step is not Step.LOSE:
        yield Move(step, variance.reason, Line(variance.code, variance.seen_place_id))
        return
    claim = aside.units.get(variance.code)
    if variance.takes_title and variance.owner_id:
        yield Move(Step.TAKE_TITLE, variance.reason, Line(variance.code), claim)
    yield Move(Step.LOSE, variance.reason, Line(variance.code, virtual_places().lost), claim)


def step_for(
    kind: str, book_place_id: int | None, seen_place_id: int | None, now: Standing
) -> "Step | Outcome | None":
    """How a variance of a unit is posted: a step, overtaken, or None where no entry can put it right. Pure."""
    if now.moved:
        return Outcome.OVERTAKEN
    if kind == V.MISSING:
        still = now.place_id == book_place_id and now.status in COUNTABLE
        return Step.LOSE if still else Outcome.OVERTAKEN
    if kind == V.FOUND:
        return Step.FIND if now.status == Status.LOST else Outcome.OVERTAKEN
    if now.place_id == seen_place_id:
        return Outcome.OVERTAKEN
    if kind not in (V.SHELF, V.ELSEWHERE) or now.kind in VIRTUAL:
        return None
    if now.status in MOVABLE:
        return Step.MOVE
    fits = temperature.suits(now.shelf_keeps, now.item_needs)
    return Step.PUT_AWAY if now.status == Status.AVAILABLE and fits else None


@dataclass(slots=True)
class _Held:
    """What lies somewhere of one lot, by status and owner; ``left`` shrinks as pieces are given out."""

    place_id: int
    path: str
    status: str
    owner_id: int | None
    left: int


class LotMoves:
    """Differences of counted lots: first what is short here and over there, then what is lost, then what is found."""

    def __init__(self, accepted: Sequence[Variance], place: Place) -> None:
        self.short = [each for each in accepted if each.kind == V.LOT_SHORT]
        self.over = [each for each in accepted if each.kind == V.LOT_OVER]
        lots = {each.lot_id for each in (*self.short, *self.over)}
        self.held = _held(lots) if lots else {}
        self.lost_here = lost_here({each.lot_id for each in self.over}, place)
        # Read once the levels are locked: two counts of the same lot put its difference right once.
        done = _put_right([each.pk for each in (*self.short, *self.over)])
        self.open = {
            each.pk: max(0, each.pieces - done.get(each.pk, 0)) for each in (*self.short, *self.over)
        }
        self.given = dict(self.open)
        self.tasks: set[int] = set()

    def moves(self, aside: SetAside) -> list[Move]:
        if not self.open:
            return []
        moves = [*self._across(), *self._lost(aside), *self._found()]
        for each in (*self.short, *self.over):
            left = self.open[each.pk]
            each.outcome = Outcome.POSTED if left < self.given[each.pk] else Outcome.OVERTAKEN
            if each.pk in self.tasks or (each.kind == V.LOT_OVER and left):
                # More than was ever lost: where it came from must be found out, or it must be received.
                each.outcome = Outcome.TASK
        return moves

    def _across(self) -> Iterator[Move]:
        """What is short here and over there. What may not lie there is not lost: somebody must carry it back."""
        for over in self.over:
            may_lie = over.seen_place is not None and temperature.suits(
                over.seen_place.temperature_class, over.item.temperature_class if over.item else ""
            )
            for short in self.short:
                if short.lot_id == over.lot_id:
                    wanted = min(self.open[short.pk], self.open[over.pk])
                    for held, pieces in self._take(short, wanted, {Status.AVAILABLE.value}):
                        self._settled(pieces, short, over)
                        if not may_lie:
                            self.tasks |= {short.pk, over.pk}
                            continue
                        yield Move(
                            Step.PUT_AWAY,
                            over.reason or short.reason,
                            _line(short, held, pieces, over.seen_place_id),
                        )

    def _lost(self, aside: SetAside) -> Iterator[Move]:
        for short in self.short:
            for held, pieces in self._take(
                short, self.open[short.pk], {status.value for status in COUNTABLE}
            ):
                self._settled(pieces, short)
                for claim, part in aside.parts(_quantity(short, held, pieces)):
                    gone = part
                    if short.takes_title and held.owner_id and isinstance(part, LotQuantity):
                        yield Move(Step.TAKE_TITLE, short.reason, Line(part), claim)
                        gone = replace(part, owner_id=None)
                    yield Move(Step.LOSE, short.reason, Line(gone, virtual_places().lost), claim)

    def _found(self) -> Iterator[Move]:
        lost = virtual_places().lost
        for over in self.over:
            for held in self.held.get(over.lot_id or 0, ()):
                ours = self.lost_here.get(over.lot_id or 0, 0)
                pieces = min(held.left, self.open[over.pk], ours) if held.place_id == lost else 0
                if pieces:
                    held.left -= pieces
                    self.lost_here[over.lot_id or 0] -= pieces
                    self._settled(pieces, over)
                    yield Move(Step.FIND, over.reason, _line(over, held, pieces, over.seen_place_id))

    def _take(self, short: Variance, wanted: int, statuses: set[str]) -> Iterator[tuple[_Held, int]]:
        """Pieces below the place that is short: the hospital's own before a supplier's, the fullest status first, which
        is the one that the ledger takes."""
        # Nobody counted it: the very place is meant. Counted at a wide place, everything below was.
        path = short.book_place.path if short.book_place and short.seen_place_id else ""
        below = [
            held
            for held in self.held.get(short.lot_id or 0, ())
            if held.status in statuses
            and (held.path.startswith(path) if path else held.place_id == short.book_place_id)
        ]
        below.sort(
            key=lambda held: (held.owner_id is not None, held.owner_id or 0, -held.left, held.place_id)
        )
        for held in below:
            pieces = min(held.left, wanted)
            if pieces > 0:
                held.left -= pieces
                wanted -= pieces
                yield held, pieces

    def _settled(self, pieces: int, *variances: Variance) -> None:
        for each in variances:
            self.open[each.pk] -= pieces


def _put_right(variances: Sequence[int]) -> dict[int, int]:
    if not variances:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(PUT_RIGHT, (list(variances),))
        return {key: int(pieces) for key, pieces in cursor.fetchall()}


def _quantity(variance: Variance, held: _Held, pieces: int) -> LotQuantity:
    assert variance.lot_id is not None
    return LotQuantity(variance.lot_id, Decimal(pieces), held.place_id, held.owner_id, held.status)


def _line(variance: Variance, held: _Held, pieces: int, target: int | None) -> Line:
    return Line(_quantity(variance, held, pieces), target)


def _held(lots: Iterable[int | None]) -> Mapping[int, list[_Held]]:
    """Locked: the ledger locks the same rows again, later in this transaction."""
    rows = (
        Level.objects.filter(lot_id__in=lots, quantity__gt=0, status__in=(*IN_STOCK, Status.LOST))
        .select_related("place")
        .select_for_update(of=("self",))
        .order_by("lot_id", "place_id", "status", "owner_id")
    )
    found: dict[int, list[_Held]] = defaultdict(list)
    for row in rows:
        found[row.lot_id].append(
            _Held(row.place_id, row.place.path, row.status, row.owner_id, int(row.quantity))
        )
    return found
