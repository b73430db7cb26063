"""Used first, ordered later: scan the label, scan the wristband, say why; and what was made of it afterwards."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.catalog.models import Supplier
from yanji.flows.approval import approvals_of
from yanji.flows.consign.preview import arrival_of, arriving, comes
from yanji.flows.documents import verbs
from yanji.flows.gates import case_for
from yanji.flows.models import Case
from yanji.flows.reasons import reasons
from yanji.flows.theatre import queries
from yanji.flows.theatre.accepted_by_use import in_words
from yanji.flows.theatre.despite import objections
from yanji.flows.theatre.emergency import KIND, accept_refused, decide_emergency, emergency_for, use_first
from yanji.ledger.api import Refused

from ..flow.basket import Basket, FlowRow, answer
from ..flow.done import warn
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page, page_of
from ..scan import scanned
from ..ward.use import names_no_unit


@needs("use")
def first_page(request: HttpRequest, case_id: int) -> HttpResponse:
    actor: Actor = request.actor
    case = case_for(actor, case_id, may="use")
    if request.method != "POST":
        return _form(request, case, [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        supplier = sent.number("supplier_id", _("Supplier"))
        reason = sent.text("reason", _("Reason"), required=True)
        confirmed_by = sent.text("confirmed_by", _("Second scan"))
        sent.check()
        basket.check()
        arrivals = [
            arrival_of(meaning, quantity=basket.quantity(meaning) if meaning.kind == "lot" else None)
            for meaning in basket.meanings
            if comes(meaning)
        ]
        done = use_first(
            actor=actor, key=act_key(request, "first"), department_id=case.department_id, case_number=case.number,
            patient_token=case.patient_token, confirmed_by=confirmed_by, supplier_id=supplier, arrivals=arrivals,
            reason=reason, procedure=case.procedure, operator=case.operator,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, case_for(actor, case_id, may="use"), basket.rows(refused), refused)
    said = _("%(number)s is recorded. Order %(order)s waits for approval.")
    messages.success(request, said % {"number": done.number, "order": done.facts["order"]})
    warn(request, done)
    return redirect("theatre:emergency", done.id)


def _form(
    request: HttpRequest, case: Case, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    return page(
        request,
        "theatre/first.html",
        status=409 if refused else 200,
        refused=refused,
        case=case,
        rows=rows,
        suppliers=Supplier.objects.filter(active=True).order_by("code"),
        reasons=reasons("emergency"),
        confirmed_by=request.POST.get("confirmed_by", ""),
        sent=request.POST,
        open_now="use" in verbs("case", case.state),
    )


@needs("use")
@require_POST
def scan(request: HttpRequest, case_id: int) -> HttpResponse:
    """A unit that nobody received is listed; the wristband, scanned after the units, confirms."""
    actor, raw = request.actor, scanned(request)
    case = case_for(actor, case_id, may="use")
    if answered := names_no_unit(request, case):
        return answered
    value = request.POST.get("supplier_id", "")
    supplier = number_in(value)
    [meaning] = arriving([raw], actor=actor, dock=case.department, supplier_id=supplier, owned=False)
    return answer(request, "use", found=meaning)


@needs("use", "approve", "view")
@require_safe
def emergency_list(request: HttpRequest) -> HttpResponse:
    """What was used before it was ordered; what waits for approval first."""
    found = queries.emergencies(request.actor)
    found.sort(key=lambda each: each.state != "awaiting")
    return page(request, "theatre/emergencies.html", rows=page_of(request, found))


@needs("use", "approve", "view")
def emergency_page(request: HttpRequest, emergency_id: int) -> HttpResponse:
    """One emergency use; whoever may approve, and did not ask, decides here where no rule names others."""
    actor: Actor = request.actor
    refused = None
    if request.method == "POST":
        try:
            _decide(request, emergency_id)
        except Refused as said:
            refused = said
        else:
            messages.success(request, _("The emergency use is decided."))
            return redirect("theatre:emergency", emergency_id)
    found = emergency_for(actor, emergency_id)
    steps = approvals_of(KIND, found.pk)
    judges = actor.may("approve", found.case.department.path) and found.actor_id != actor.person_id
    return page(
        request,
        "theatre/emergency.html",
        status=409 if refused else 200,
        refused=refused,
        emergency=found,
        lines=found.order.lines.select_related("item").order_by("id") if found.order else [],
        objections=objections(found),
        accepted=in_words(found.accepted),
        steps=steps,
        sees_patient=actor.may("view_patient", found.case.department.path),
        may_decide="decide" in verbs(KIND, found.state) and not steps and judges,
        may_accept="accept" in verbs(KIND, found.state) and judges and found.order is not None,
    )


def _decide(request: HttpRequest, emergency_id: int) -> None:
    """One of the buttons; anything else decides nothing."""
    sent = Sent(request.POST)
    decision = sent.text("decision", _("Decision"), required=True)
    if decision not in ("approve", "refuse", "accept", ""):
        sent.complain("choose_again", _("Decision"))
    reason = sent.text("reason", _("Reason"))
    sent.check()
    if decision == "accept":
        accept_refused(
            actor=request.actor,
            key=act_key(request, "decide"),
            emergency_id=emergency_id,
            reason=reason,
        )
        return
    decide_emergency(
        actor=request.actor,
        key=act_key(request, "decide"),
        emergency_id=emergency_id,
        approve=decision == "approve",
    )
