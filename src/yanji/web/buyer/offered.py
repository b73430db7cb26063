"""Papers that suppliers sent: compared with their scan, then entered into master data or refused with a reason."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.catalog.models import Licence
from yanji.flows.portal.papers import SEEN_BY, decide_paper, offered_for
from yanji.flows.states import OfferedPaperState
from yanji.ledger.api import Refused

from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page


@needs(*SEEN_BY)
def offered_page(request: HttpRequest, offered_id: int, refused: Refused | None = None) -> HttpResponse:
    """One paper beside what master data holds of this supplier, and the decision."""
    actor = request.actor
    paper = offered_for(actor, offered_id)
    kept = Licence.objects.filter(supplier_id=paper.supplier_id, kind=paper.kind).select_related("maker")
    waits = paper.state == OfferedPaperState.OFFERED
    return page(
        request,
        "buyer/offered.html",
        status=409 if refused else 200,
        refused=refused,
        paper=paper,
        kept=kept.order_by("-valid_from", "-pk")[:20],
        decides=waits and actor.may("edit_catalog"),
    )


@needs("edit_catalog")
@require_POST
def decide(request: HttpRequest, offered_id: int) -> HttpResponse:
    """Enter the paper, or refuse it."""
    offered_for(request.actor, offered_id)
    accept = request.POST.get("act") == "enter"
    try:
        sent = Sent(request.POST)
        reason = sent.text("reason", _("Reason"))
        sent.check()
        done = decide_paper(
            actor=request.actor,
            key=act_key(request, "decide"),
            offered_id=offered_id,
            accept=accept,
            reason=reason,
        )
    except Refused as refused:
        return offered_page(request, offered_id, refused)
    said = _("%(number)s is entered and holds from its first day.") if accept else _("%(number)s is refused.")
    say(request, said % {"number": done.number})
    return redirect("buyer:offered_paper", offered_id)
