"""A piece that was opened by mistake, a wrong part of it and a wrong end are taken back; all of it stays to be read."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused, Step, correct
from yanji.ledger.models import Event

from ..acts import Done, verb
from ..consign.title import lock_notes, take_title_back
from ..documents import allow, reached
from ..models import Case
from ..reasons import check_reason
from ..states import CaseState, OpenedState
from .models import OpenedPiece, PieceUndone, Taken
from .piece import piece_for

Finish = Callable[[str], None]


@verb
def take_part_back(
    *, actor: Actor, key: str, piece_id: int, part_id: int, reason: str, note: str = ""
) -> Done:
    """A part that was not taken, or not so much, or for somebody else: it is in the piece again, and is entered anew as it
    was. A piece that was used up with it is open again, and so is a case that was closed over it: its sheet says another thing
    than it did. ``facts.left``: what is left.

    Raises :class:`Refused` for a part that was taken back before, and where the piece was thrown away or taken back itself.
    """
    piece = piece_for(actor, piece_id, may="correct", lock=True)
    check_reason("correct", reason)
    part = piece.taken.filter(pk=part_id).first()
    if part is None:
        raise NotFound("part")
    if not _standing(piece).filter(pk=part.pk).exists():
        raise Refused("already_corrected")
    if piece.state == OpenedState.DISCARDED:
        raise Refused("end_first", thing=piece.number, state=piece.get_state_display())
    _allow(piece, "void_part")
    if piece.closed_event is None:
        _reopen_case(part)
        _undo(piece, "void_part", part=part, actor_id=actor.person_id, reason=reason, note=note)
        return _done(piece)
    event = Event.objects.get(pk=piece.closed_event)
    finish = _end_taken_back(event, piece, part)
    correcting = correct(str(event.pk), key=key, reason=reason, note=note, actor=actor).event_id
    finish(correcting)
    return _done(piece, correcting)


def _done(piece: OpenedPiece, *events: str) -> Done:
    return Done(piece.number, piece.pk, piece.state, events, {"left": f"{piece.left.normalize():f}"})


def piece_taken_back(event: Event) -> Finish | None:
    """For ``correction``: lock the piece that an entry opened or ended, or refuse with the way out. None: it was of none."""
    number = event.documents.get("opened", "")
    piece = OpenedPiece.objects.select_for_update().filter(number=number).first() if number else None
    if piece is None:
        return None
    if event.step != Step.OPEN:
        return _end_taken_back(event, piece, None)
    if piece.state in (OpenedState.USED_UP, OpenedState.DISCARDED):
        raise Refused("end_first", thing=number, state=piece.get_state_display())
    _allow(piece, "void")
    if parts := _standing(piece).count():
        raise Refused("parts_first", thing=number, parts=parts)
    return lambda correcting: _undo(piece, "void", event=event, closed_by=correcting, **_said(correcting))


def _end_taken_back(event: Event, piece: OpenedPiece, part: Taken | None) -> Finish:
    """Used up, a part (the last, if none is named) was not taken; or it was not thrown away. Nothing is owed for it."""
    act = "void_part" if event.step == Step.CONSUME else "reopen"
    _allow(piece, act)
    notes = lock_notes(event.pk)
    if event.step == Step.CONSUME:
        part = part or _standing(piece).order_by("pk").last()
        _reopen_case(part)

    def finish(correcting: str) -> None:
        take_title_back(notes, at=timezone.now())
        _undo(piece, act, event=event, part=part, **_said(correcting))

    return finish


def _reopen_case(part: Taken | None) -> None:
    """As for a use that is taken back: what a case was closed over is looked at again. Part of a verb; two statements where a
    part was taken for a case."""
    case = Case.objects.select_for_update().filter(pk=part.case_id).first() if part and part.case_id else None
    if case is not None and case.state == CaseState.CLOSED:
        case.state = reached("case", "take_back", CaseState.OPEN)
        case.save(update_fields=["state"])


def _said(correcting: str) -> dict[str, Any]:
    """Who took it back and why: as the entry that did says."""
    entry = Event.objects.get(pk=correcting)
    return {"actor_id": entry.actor_id, "reason": entry.reason, "note": entry.note}


def _undo(
    piece: OpenedPiece,
    act: str,
    *,
    event: Event | None = None,
    part: Taken | None = None,
    closed_by: str | None = None,
    **said: Any,
) -> None:
    PieceUndone.objects.create(
        piece=piece, part=part, event=event.pk if event else None, ended=piece.state if piece.closed_event else "", **said
    )  # fmt: skip
    piece.left += part.amount if part else 0
    piece.closed_event = closed_by
    piece.state = reached("opened", act, OpenedState.VOIDED if closed_by else OpenedState.OPEN)
    piece.save(update_fields=["left", "closed_event", "state"])


def _standing(piece: OpenedPiece) -> QuerySet[Taken]:
    return Taken.objects.filter(piece=piece, undone__isnull=True)


def _allow(piece: OpenedPiece, act: str) -> None:
    allow("opened", act, number=piece.number, state=piece.state, label=piece.get_state_display())
