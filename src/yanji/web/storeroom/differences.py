"""What reached a department otherwise than it was handed over: the store looks into each and says what became of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.flows.differing.queries import open_differences
from yanji.flows.differing.settle import outcomes, settle_difference
from yanji.flows.reasons import reasons
from yanji.ledger.api import Refused

from ..flow.done import on_to, say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page

MOST = 200


@needs("issue")
def differences_page(request: HttpRequest) -> HttpResponse:
    """What departments reported and nobody has settled, the oldest first."""
    return _show(request)


def _show(request: HttpRequest, refused: Refused | None = None, refused_id: int = 0) -> HttpResponse:
    actor: Actor = request.actor
    return page(
        request,
        "storeroom/differences.html",
        status=409 if refused else 200,
        refused=refused,
        refused_id=refused_id,
        differences=[(each, outcomes(each.kind)) for each in open_differences(actor)[:MOST]],
        may_settle=True,
        reasons=reasons("transfer_difference"),
    )


@needs("issue")
@require_POST
def settle(request: HttpRequest, difference_id: int) -> HttpResponse:
    """Say what became of one."""
    try:
        sent = Sent(request.POST)
        outcome = sent.text("outcome", _("What became of it"), required=True)
        reason, note = sent.text("reason", _("Reason")), sent.text("note", _("Note"))
        sent.check()
        done = settle_difference(
            actor=request.actor,
            key=act_key(request, "settle"),
            difference_id=difference_id,
            outcome=outcome,
            reason=reason,
            note=note,
        )
    except Refused as refused:
        return _show(request, refused, difference_id)
    said = _("A difference of %(number)s is settled.") % {"number": done.number}
    say(request, said, on_to(request, "storeroom:picking"))
    return redirect("storeroom:differences")
