"""An opened piece's page: how much is left, and its life from the opening over every part to its end."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from yanji.flows.opened.parts import life_of

from .page import page


@require_safe
def piece_page(request: HttpRequest, piece_id: int) -> HttpResponse:
    """For whoever sees stock where it stands; for whom a part was taken, to who sees patients there."""
    life = life_of(request.actor, piece_id)
    until, is_open = life.piece.use_until, life.state == "open"
    return page(
        request,
        "web/piece.html",
        life=life,
        piece=life.piece,
        is_open=is_open,
        over=is_open and until is not None and until <= timezone.now(),
        may_use=is_open and request.actor.may("use", life.piece.place.path),
    )
