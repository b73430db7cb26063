"""What smart cabinets reported, and the cases that somebody has to look into."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.cabinets.settle import LOOKS_INTO, door_events, open_cases, settle_case
from yanji.ledger.api import Refused

from ..flow.done import say, warn
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page

MOST = 200


@needs(*LOOKS_INTO)
@require_safe
def cabinets_page(request: HttpRequest) -> HttpResponse:
    """Open cases, the oldest first; beside them what the doors said last."""
    return _show(request)


def _show(request: HttpRequest, refused: Refused | None = None, refused_id: int = 0) -> HttpResponse:
    actor: Actor = request.actor
    return page(
        request,
        "storeroom/cabinets.html",
        status=409 if refused else 200,
        refused=refused,
        refused_id=refused_id,
        sent=request.POST,
        cases=list(open_cases(actor)[:MOST]),
        doors=door_events(actor),
    )


@needs(*LOOKS_INTO)
@require_POST
def settle(request: HttpRequest, cabinet_case_id: int) -> HttpResponse:
    """Enter a thing for somebody, or say what was found."""
    try:
        sent = Sent(request.POST)
        username, note = (
            sent.text("username", _("For whom: name for signing in")),
            sent.text("note", _("Note")),
        )
        sent.check()
        done = settle_case(
            actor=request.actor,
            key=act_key(request, "cabinet"),
            case_id=cabinet_case_id,
            username=username,
            note=note,
        )
    except Refused as refused:
        return _show(request, refused, cabinet_case_id)
    say(request, _("The case is settled."))
    warn(request, done)
    return redirect("storeroom:cabinets")
