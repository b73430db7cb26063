"""What was picked leaves the store: handed over with a slip, or put back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.differing.queries import differences_of
from yanji.flows.documents import verbs
from yanji.flows.gates import issue_for, requisition_for
from yanji.flows.handover import take_over
from yanji.flows.issue import issue
from yanji.flows.out_of_turn import of_issue
from yanji.flows.pick import unpick
from yanji.flows.queries import under_way
from yanji.flows.reasons import reasons
from yanji.flows.requisition import close_requisition
from yanji.flows.states import IssueState
from yanji.ledger.api import Refused, unit_views

from ..flow.done import on_to, say, warn
from ..flow.gate import needs
from ..flow.sent import Sent
from ..flow.signer import signer
from ..page import act_key, page
from .differences import with_ways
from .picked_lots import pieces_of, sent_back
from .picking import form


@needs("issue")
@require_POST
def hand_over(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """Everything that lies picked goes on its way to the department."""
    actor = request.actor
    try:
        sent = Sent(request.POST)
        handed_to = sent.text("handed_to", _("Handed to"))
        sent.check()
        receiver = signer(request, "receiver")
        done = issue(
            actor=actor, key=act_key(request, "issue"), requisition_id=requisition_id, handed_to=handed_to,
            receiver=receiver,
        )  # fmt: skip
    except Refused as refused:
        return form(request, requisition_for(actor, requisition_id), [], refused)
    said = _("Issue %(number)s is on its way.") % {"number": done.number}
    say(request, said, on_to(request, "storeroom:picking", label=_("The next requisition")))
    warn(request, done)
    return redirect("storeroom:issue", done.id)


@needs("pick")
@require_POST
def put_back(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """One picked unit, or pieces of a lot, goes back to its shelf."""
    actor = request.actor
    try:
        things = sent_back(request)
        unpick(actor=actor, key=act_key(request, "unpick"), requisition_id=requisition_id, things=things)
    except Refused as refused:
        return form(request, requisition_for(actor, requisition_id), [], refused)
    count = pieces_of(things)
    say(request, ngettext("%(n)s thing is put back.", "%(n)s things are put back.", count) % {"n": count})
    return redirect("storeroom:pick", requisition_id)


@needs("pick", "request")
@require_POST
def close(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """Nothing more is needed."""
    actor = request.actor
    try:
        done = close_requisition(actor=actor, key=act_key(request, "close"), requisition_id=requisition_id)
    except Refused as refused:
        return form(request, requisition_for(actor, requisition_id), [], refused)
    say(request, _("Requisition %(number)s is closed.") % {"number": done.number})
    if actor.may("pick"):
        return redirect("storeroom:picking")
    return redirect("ward:requisition", requisition_id)


@needs("take_in")
@require_POST
def sign(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Somebody of the department has the things and says so."""
    try:
        done = take_over(actor=request.actor, key=act_key(request, "take_over"), issue_id=issue_id)
    except Refused as refused:
        return _issue(request, issue_id, refused)
    say(request, _("You have taken over %(number)s.") % {"number": done.number})
    return redirect("storeroom:issue", issue_id)


@needs("view")
@require_safe
def issue_page(request: HttpRequest, issue_id: int) -> HttpResponse:
    """The slip of one handing-over, to print and to follow."""
    return _issue(request, issue_id)


def _issue(request: HttpRequest, issue_id: int, refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    found = issue_for(actor, issue_id)
    may_take_in = actor.may("take_in", found.department.path)
    lines = list(found.lines.select_related("lot__item").order_by("lot__item__code", "lot_id"))
    counted = [line for line in lines if line.under_way and line.lot.item.tracking == "lot"]
    waiting = unit_views(list(under_way(found)))
    may_settle = actor.may("issue", found.store.path)
    may_void = found.state == IssueState.UNDERWAY and actor.may("correct", found.store.path)
    return page(
        request,
        "storeroom/issue.html",
        differences=with_ways(differences_of([found.pk])),
        late=of_issue(found),
        may_settle=may_settle,
        reasons=reasons("transfer_difference") if may_settle else {},
        status=409 if refused else 200,
        refused=refused,
        issue=found,
        lines=lines,
        pieces=sum(line.quantity for line in lines),
        arrived=sum(line.taken_in for line in lines),
        waiting=list(waiting.values()),
        counted=counted,
        going=len(waiting) + sum(line.under_way for line in counted),
        sees_store=actor.may("view", found.store.path),
        may_void=may_void,
        void_reasons=reasons("correct") if may_void else {},
        may_take_in=may_take_in,
        may_sign=may_take_in
        and found.taken_over_by_id is None
        and found.actor_id != actor.person_id
        and "take_over" in verbs("issue", found.state),
    )
