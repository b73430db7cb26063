"""Counted pieces cannot say where they are: a box that holds some is kept where the last act that moved it left it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from yanji.ledger.models import Movement

from .contents import GONE, Contents
from .models import Box, BoxedLot, PackingAct


@dataclass(frozen=True, slots=True)
class Carried:
    """Pieces of a lot that an entry took from one place to another."""

    lot: int
    source: int
    target: int
    status: str
    at: datetime
    actor: int


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a box: where it is now, by which moves, and which of its lots left for good."""

    box: Contents
    place_id: int | None
    moves: Sequence[Carried]
    gone: frozenset[int]


def carry(boxes: Iterable[Contents], events: Sequence[str]) -> None:
    """Boxes with counted pieces go where the entries took those; pieces that left for good leave their box as well.

    Who moved a box without units is written down: nothing in it has a life line that tells. A few statements; none where no
    box holds counted pieces, or nothing moved.
    """
    counted = [box for box in boxes if box.lots and box.place_id is not None]
    if not counted or not events:
        return
    # A verb may have carried what it took without the box's code, and be given the code as well.
    now = dict(Box.objects.filter(pk__in=[box.id for box in counted]).values_list("pk", "place_id"))
    counted = [box for box in counted if box.units or now.get(box.id) == box.place_id]
    lots = {lot.lot_id for box in counted for lot in box.lots}
    rows = Movement.objects.filter(event_id__in=list(events), lot_id__in=lots, unit=None)
    rows = rows.order_by("event__recorded_at", "event_id", "line")
    columns = ("lot_id", "from_place_id", "to_place_id", "to_status", "event__happened_at", "event__actor_id")
    moves = [Carried(*row) for row in rows.values_list(*columns)]
    courses = [course_of(box, moves) for box in counted]
    to: dict[int, set[str]] = defaultdict(set)
    for course in courses:
        own = {course.box.code, *(lot.box for lot in course.box.lots)}
        if course.gone:
            BoxedLot.objects.filter(box__code__in=own, lot_id__in=course.gone).delete()
        elif course.place_id is not None:
            to[course.place_id] |= own
    for place, codes in to.items():
        Box.objects.filter(code__in=codes).update(place_id=place)
    PackingAct.objects.bulk_create(
        act for course in courses if not course.box.units for act in _written(course)
    )


def course_of(box: Contents, moves: Sequence[Carried]) -> Course:
    """The course that a box took through the moves, each lot of it from where the box was. Pure."""
    place, gone, taken = box.place_id, set[int](), list[Carried]()
    for lot in sorted({lot.lot_id for lot in box.lots}):
        at, own = box.place_id, list[Carried]()
        for move in moves:
            if move.lot == lot and move.source == at and (move.target != at or move.status in GONE):
                at = move.target
                own.append(move)
        if own and own[-1].status in GONE:
            gone.add(lot)
        else:
            place = at
        taken = max(taken, own, key=len)
    return Course(box, place, taken, frozenset(gone))


def _written(course: Course) -> Iterable[PackingAct]:
    for move in course.moves:
        left = move.status in GONE
        inside = [lot for lot in course.box.lots if not left or lot.lot_id in course.gone]
        yield PackingAct(
            box_id=course.box.id, act=PackingAct.Act.UNPACK if left else PackingAct.Act.MOVED, at=move.at,
            actor_id=move.actor, place_id=move.target,
            things=[{"lot": lot.lot_id, "quantity": lot.quantity} for lot in inside],
        )  # fmt: skip
