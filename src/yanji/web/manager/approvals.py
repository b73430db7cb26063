"""What waits for my approval: one look, one decision each, and what I decided lately."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.approval import decide, decided_lately, waiting_for
from yanji.flows.approval_kinds import KINDS, kind_label
from yanji.flows.buying.models import OrderChange
from yanji.flows.buying.queries import waiting_changes
from yanji.flows.models_approval import Approval
from yanji.flows.states import ApprovalState
from yanji.flows.theatre.queries import undecided
from yanji.ledger.api import Refused

from .. import nav
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the page shows it; ``act`` names its decision, ``kept`` is the comment of a refused try; ``change``: what is
    asked is that a placed order becomes another."""

    step: Approval
    kind: str
    address: str
    act: str
    kept: str = ""
    change: OrderChange | None = None


def shown(step: Approval, kept: str = "", changes: Mapping[int, OrderChange] | None = None) -> Step:
    page_name = KINDS[step.kind].page if step.kind in KINDS else ""
    address = nav.address_of(page_name, step.document_id) if page_name else ""
    change = (changes or {}).get(step.document_id) if step.kind == "order" else None
    return Step(step, kind_label(step.kind), address, f"decide{step.pk}", kept, change)


@needs("approve")
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    return _inbox(request)


def _inbox(request: HttpRequest, refused: Refused | None = None, tried: int = 0) -> HttpResponse:
    actor: Actor = request.actor
    comment = request.POST.get("comment", "")[:400]
    waiting = waiting_for(actor)
    changes = waiting_changes([step.document_id for step in waiting if step.kind == "order"])
    return page(
        request,
        "manager/approvals.html",
        status=409 if refused else 200,
        refused=refused,
        waiting=[shown(step, comment if step.pk == tried else "", changes) for step in waiting],
        undecided=undecided(actor),
        lately=[shown(step) for step in decided_lately(actor)],
    )


@needs("approve")
@require_POST
def decide_step(request: HttpRequest, approval_id: int) -> HttpResponse:
    sent = Sent(request.POST)
    try:
        verdict, comment = (
            sent.text("verdict", _("Decision"), required=True),
            sent.text("comment", _("Comment")),
        )
        if verdict not in ("", "approve", "refuse"):
            sent.complain("choose_again", _("Decision"))
        sent.check()
        done = decide(
            actor=request.actor,
            key=act_key(request, f"decide{approval_id}"),
            approval_id=approval_id,
            approve=verdict == "approve",
            comment=comment,
        )
    except Refused as refused:
        return _inbox(request, refused, tried=approval_id)
    said = (
        _("%(number)s is refused.") if done.state == ApprovalState.REFUSED else _said(done.facts["complete"])
    )
    messages.success(request, said % {"number": done.number})
    return redirect("manager:approvals")


def _said(complete: bool) -> str:
    if complete:
        return _("%(number)s is approved.")
    return _("You approved %(number)s. It waits for the next level now.")
