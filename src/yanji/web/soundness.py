"""The administrator's look at the ledger: does the present state follow from the history?"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.ledger.api import replay

from .page import page


@require_POST
def drift(request: HttpRequest) -> HttpResponse:
    """Replays all movements and keeps what it finds. Half a minute at a million units: only when asked."""
    if not request.actor.may(Operation.EDIT_ACCESS):
        raise NotFound("page")
    return page(request, "web/drift.html", partial="drift", replayed=replay())
