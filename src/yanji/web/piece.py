"""An opened piece's page: how much is left, its life from the opening over every part to its end, and taking a wrong one back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.flows.correction import take_back
from yanji.flows.opened.parts import life_of
from yanji.flows.opened.undo import take_part_back
from yanji.flows.reasons import reasons
from yanji.ledger.api import Refused

from .flow.done import say
from .flow.sent import number_in
from .page import act_key, page


@require_safe
def piece_page(request: HttpRequest, piece_id: int) -> HttpResponse:
    """For whoever sees stock where it stands; for whom a part was taken, to who sees patients there."""
    return _shown(request, piece_id)


def _shown(request: HttpRequest, piece_id: int, refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    life = life_of(actor, piece_id)
    until, is_open = life.piece.use_until, life.state == "open"
    may_undo = life.state != "voided" and actor.may("correct", life.piece.place.path)
    return page(
        request,
        "web/piece.html",
        status=409 if refused else 200,
        refused=refused,
        life=life,
        piece=life.piece,
        is_open=is_open,
        over=is_open and until is not None and until <= timezone.now(),
        may_use=is_open and actor.may("use", life.piece.place.path),
        may_undo=may_undo,
        may_void=may_undo and is_open and not any(part.undone is None for part in life.parts),
        may_reopen=may_undo and life.state == "discarded",
        reasons=reasons("correct") if may_undo else {},
    )


@require_POST
def undo(request: HttpRequest, piece_id: int) -> HttpResponse:
    """A part, the opening or the discarding that was wrong is taken back."""
    life = life_of(request.actor, piece_id)
    given = {
        "actor": request.actor,
        "key": act_key(request, "undo"),
        "reason": request.POST.get("reason", ""),
    }
    try:
        said = _undone(request, life.piece, given)
    except Refused as refused:
        return _shown(request, piece_id, refused)
    say(request, said % {"number": life.piece.number})
    return redirect("web:piece", piece_id)


def _undone(request: HttpRequest, piece: Any, given: dict[str, Any]) -> str:
    """What is said of it, with room for the piece's number."""
    if part := number_in(request.POST.get("part", "")):
        take_part_back(piece_id=piece.pk, part_id=part, **given)
        return _("The part is in %(number)s again.")
    opening = request.POST.get("what") == "opening"
    take_back(event_id=str((piece.opened_event if opening else piece.closed_event) or ""), **given)
    return _("%(number)s is a closed piece again.") if opening else _("%(number)s is open again.")
