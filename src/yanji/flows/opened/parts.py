"""Where an opened piece went: every part taken, for whom, and what was left of it then; of one piece, a lot or a case."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from yanji.access.actor import Actor
from yanji.ledger.api import Moment
from yanji.ledger.models import Event

from ..models import Case
from ..queries import within
from ..states import OpenedState
from .models import OpenedPiece, PieceUndone, Taken
from .piece import piece_for


@dataclass(frozen=True, slots=True)
class Undone:
    """Who took back what was said of a piece, when and why. ``ended``: the state that it then had and lost by it."""

    at: datetime
    by: str
    reason: str
    note: str
    ended: str = ""

    @property
    def ended_label(self) -> str:
        return str(OpenedState(self.ended).label) if self.ended else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a piece in its measure, and what was ``left`` after it. ``hidden``: it has a case, not shown to the reader.
    ``undone``: it was taken back, and counts no more."""

    id: int
    amount: Decimal
    left: Decimal
    at: datetime
    by: str
    note: str
    case_id: int | None = None
    case_number: str = ""
    patient_token: str = ""
    hidden: bool = False
    undone: Undone | None = None


@dataclass(frozen=True, slots=True)
class End:
    """How a piece ended: by its last part, thrown away for a reason, or opened by mistake. ``event``: the entry that says so."""

    event: UUID
    at: datetime
    by: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class PieceLife:
    """One opened piece with its parts, oldest first; ``left`` and ``state`` as of the moment that was asked for. ``undone``: ends
    that were taken back."""

    piece: OpenedPiece
    parts: tuple[Part, ...]
    left: Decimal
    state: str
    end: End | None
    undone: tuple[Undone, ...] = ()

    def __str__(self) -> str:
        return self.piece.number

    @property
    def state_label(self) -> str:
        return str(OpenedState(self.state).label)


@dataclass(frozen=True, slots=True)
class LotParts:
    """The opened pieces of a lot that the reader sees; (patient, case) of all parts of the lot that the reader may know;
    how many parts went to others."""

    lives: list[PieceLife]
    patients: set[tuple[str, str]]
    hidden: int


def life_of(actor: Actor, piece_id: int, *, may: str = "view") -> PieceLife:
    """One opened piece and what became of it. Raises :class:`NotFound` where it is hidden or absent."""
    return lives(actor, [piece_for(actor, piece_id, may=may)])[0]


def lives(actor: Actor, pieces: Sequence[OpenedPiece], moment: Moment | None = None) -> list[PieceLife]:
    """Pieces with their parts, now or as they were at a moment. Three statements, whatever their number."""
    taken: defaultdict[int, list[Taken]] = defaultdict(list)
    undone: defaultdict[int, list[PieceUndone]] = defaultdict(list)
    ends: defaultdict[int, list[tuple[UUID, str]]] = defaultdict(list)
    for back in PieceUndone.objects.filter(piece__in=pieces).select_related("actor").order_by("pk"):
        if moment is None or moment.as_known is None or back.at <= moment.as_known:
            undone[back.piece_id].append(back)
        elif back.ended and back.event:
            # Nobody knew yet that it would be open again.
            ends[back.piece_id].append((back.event, back.ended))
    rows = (
        Taken.objects.filter(piece__in=pieces)
        .select_related("actor", "case__department")
        .order_by("at", "pk")
    )
    for row in rows:
        if moment is None or moment.has(row.at, row.recorded_at):
            taken[row.piece_id].append(row)
    for piece in pieces:
        ends[piece.pk] += [(piece.closed_event, piece.state)] if piece.closed_event else []
    wanted = {event for several in ends.values() for event, _state in several}
    events = {event.pk: event for event in Event.objects.filter(pk__in=wanted).select_related("actor")}
    ended = {
        piece: [(events[event], state) for event, state in several if _known(events[event], moment)]
        for piece, several in ends.items()
    }
    return [_life(actor, piece, taken[piece.pk], undone[piece.pk], ended[piece.pk]) for piece in pieces]


def _known(event: Event, moment: Moment | None) -> bool:
    return moment is None or moment.has(event.happened_at, event.recorded_at)


def _life(
    actor: Actor,
    piece: OpenedPiece,
    rows: Iterable[Taken],
    undone: Sequence[PieceUndone],
    ended: Sequence[tuple[Event, str]],
) -> PieceLife:
    """``ended``: by which entries it had ended then and in which states; of several the first, for the others came later."""
    parts = tuple(_parts(actor, piece, rows, {back.part_id: back for back in undone if back.part_id}))
    event, state = ended[0] if ended else (None, OpenedState.OPEN.value)
    return PieceLife(
        piece=piece,
        parts=parts,
        left=parts[-1].left if parts else piece.content,
        state=state,
        end=End(event.pk, event.happened_at, event.actor.name, event.reason, event.note) if event else None,
        undone=tuple(_undone(back) for back in undone if back.part_id is None and back.ended),
    )


def _undone(back: PieceUndone) -> Undone:
    return Undone(back.at, back.actor.name, back.reason, back.note, back.ended)


def _parts(
    actor: Actor, piece: OpenedPiece, rows: Iterable[Taken], undone: Mapping[int, PieceUndone]
) -> Iterator[Part]:
    left = piece.content
    for row in rows:
        back = undone.get(row.pk)
        left -= row.amount if back is None else 0
        part = Part(row.pk, row.amount, left, row.at, row.actor.name, row.note)
        part = replace(part, undone=_undone(back)) if back else part
        yield _for_whom(actor, part, row.case) if row.case else part


def _for_whom(actor: Actor, part: Part, case: Case) -> Part:
    """The part with its case and patient, for who sees patients at the case's department."""
    if not actor.may("view_patient", case.department.path):
        return replace(part, hidden=True)
    return replace(part, case_id=case.pk, case_number=case.number, patient_token=case.patient_token)


def lot_parts(actor: Actor, lot_id: int, moment: Moment | None = None) -> LotParts:
    """Where the opened pieces of a lot went, forward to the patients: what a recall asks. Four statements at most."""
    pieces = list(_of_lot(lot_id, moment))
    if moment is not None and pieces:
        begun = Event.objects.filter(pk__in=[piece.opened_event for piece in pieces])
        known = {event.pk for event in begun if moment.has(event.happened_at, event.recorded_at)}
        pieces = [piece for piece in pieces if piece.opened_event in known]
    if not pieces:
        return LotParts([], set(), 0)
    found = lives(actor, pieces, moment)
    every = [part for life in found for part in life.parts if part.undone is None]
    return LotParts(
        lives=[life for life in found if actor.may("view", life.piece.place.path)],
        patients={(part.patient_token, part.case_number) for part in every if part.case_id},
        hidden=sum(part.hidden for part in every),
    )


def _of_lot(lot_id: int, moment: Moment | None) -> QuerySet[OpenedPiece]:
    """Without those whose opening was taken back, as far as that was known at the moment."""
    voids = PieceUndone.objects.filter(piece=OuterRef("pk"), part=None, ended="")
    if moment is not None and moment.as_known is not None:
        voids = voids.filter(at__lte=moment.as_known)
    return (
        OpenedPiece.objects.filter(~Exists(voids), lot_id=lot_id)
        .select_related("place", "lot__item", "actor")
        .order_by("opened_at", "pk")
    )


def pieces_for(actor: Actor, of: Collection[Case], *, limit: int = 20) -> list[OpenedPiece]:
    """Opened pieces of which a part was taken in some cases whose patients the actor may see, and that stand where the actor sees
    stock; the latest first. One statement, none without cases."""
    known = [case.pk for case in of if actor.may("view_patient", case.department.path)]
    if not known:
        return []
    taken = Taken.objects.filter(piece=OuterRef("pk"), case__in=known, undone__isnull=True)
    found = OpenedPiece.objects.filter(within("place", actor.scopes.get("view", ())), Exists(taken))
    return list(found.select_related("lot__item", "place").order_by("-opened_at", "-pk")[:limit])


def taken_for(case: Case) -> QuerySet[Taken]:
    """What was taken of opened pieces for one case, in the order in which it was; what was taken back (``undone``) among it.
    One statement."""
    found = Taken.objects.filter(case=case).select_related("piece__lot__item", "actor", "undone__actor")
    return found.order_by("at", "pk")
