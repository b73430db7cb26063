"""Used on a patient: scan the units, then the wristband once more; that second scan is the signature."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.flows.attempts import keep_scanned
from yanji.flows.documents import verbs
from yanji.flows.gates import case_for
from yanji.flows.models import Case
from yanji.flows.preview import interpret
from yanji.flows.reasons import reasons
from yanji.flows.theatre.closing import close_case
from yanji.flows.theatre.despite import AGAINST, RECORDED, STATED, foreseen
from yanji.flows.use import another_case, use
from yanji.ledger.api import STOPPED, Offence, Refused, units_where

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.done import say, warn
from ..flow.gate import needs
from ..flow.sent import Sent
from ..page import act_key, page
from ..scan import refused_row, scanned


@needs("use")
def use_page(request: HttpRequest, case_id: int) -> HttpResponse:
    actor: Actor = request.actor
    case = case_for(actor, case_id, may="use")
    if request.method != "POST":
        return _form(request, case, [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        procedure, operator = sent.text("procedure", _("Procedure")), sent.text("operator", _("Operator"))
        confirmed_by, despite = sent.text("confirmed_by", _("Second scan")), sent.text("despite", _("Reason"))
        sent.check()
        basket.check(labels=True)
        things = basket.things()
        done = use(
            actor=actor, key=act_key(request, "use"), department_id=case.department_id, case_number=case.number,
            patient_token=case.patient_token, confirmed_by=confirmed_by, things=things, procedure=procedure,
            operator=operator, despite=despite,
        )  # fmt: skip
    except Refused as refused:
        rows = basket.rows(refused, answers=_answered(request))
        return _form(request, case_for(actor, case_id, may="use"), rows, refused)
    said = ngettext(
        "%(n)s thing is recorded for case %(case)s.",
        "%(n)s things are recorded for case %(case)s.",
        len(things),
    )
    say(request, said % {"n": len(things), "case": case.number})
    warn(request, done)
    if number := done.facts.get("despite"):
        messages.warning(
            request, _("%(number)s says what spoke against it, and waits for approval.") % {"number": number}
        )
    return redirect("ward:use_case", case.pk)


def _answered(request: HttpRequest) -> frozenset[str]:
    """What may be said of a thing and does not stop its row: where the form says why it is in the patient all the same."""
    return AGAINST | {*STATED.values(), RECORDED} if request.POST.get("despite", "").strip() else frozenset()


def _form(
    request: HttpRequest, case: Case, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    return page(
        request,
        "ward/use.html",
        status=409 if refused else 200,
        refused=refused,
        case=case,
        rows=rows,
        used=units_where(case_number=case.number, limit=100),
        confirmed_by=request.POST.get("confirmed_by", ""),
        open_now="use" in verbs("case", case.state),
        may_close="close" in verbs("case", case.state),
        procedure=request.POST.get("procedure", case.procedure),
        operator=request.POST.get("operator", case.operator),
        reasons=reasons("emergency"),
        despite=request.POST.get("despite", ""),
    )


@needs("use")
@require_POST
def scan(request: HttpRequest, case_id: int) -> HttpResponse:
    """A unit is listed; the wristband, scanned after the units, confirms all of them."""
    actor, raw = request.actor, scanned(request)
    case = case_for(actor, case_id, may="use")
    if answered := names_no_unit(request, case):
        return answered
    meaning = interpret(raw, actor=actor, flow="use", from_place_id=case.department_id)
    if meaning.kind in ("unreadable", "document") and request.POST.getlist("row"):
        # After the units comes the wristband: what is no product was meant as one, and is not told how products read, nor
        # whether a case elsewhere is called so.
        meaning = replace(meaning, offences=(Offence("not_confirmed", raw[:80]),))
    if answered := _answered(request):
        meaning = replace(meaning, offences=foreseen(meaning.offences))
    return answer(
        request, "use", path=case.department.path, statuses=("available", "in_use"),
        besides=sorted(STOPPED), found=meaning, answers=answered,
    )  # fmt: skip


def names_no_unit(request: HttpRequest, case: Case) -> HttpResponse | None:
    """The answer to the code that stands for the button, to this patient's wristband, and to another's; None for what
    may be a unit."""
    raw = request.actor.text_of(scanned(request))
    if is_confirmation(request):
        return confirmed()
    if raw in (case.patient_token, case.number):
        return second_scan(request, raw)
    refused = another_case(raw, case.number, case.patient_token, actor=request.actor)
    if refused is None:
        return None
    keep_scanned(refused.offences, actor=request.actor, flow="use")
    return refused_row(request, raw, refused)


def second_scan(request: HttpRequest, raw: str) -> HttpResponse:
    """Without units it only says that the patient is right; with units it ends the act."""
    rows = len(request.POST.getlist("row"))
    response = render(
        request, "ward/_second_scan.html", {"confirmed_by": raw if rows else "", "right": True, "oob": True}
    )
    response["HX-Trigger-After-Swap"] = "yanji:confirm" if rows else "yanji:chosen"
    return response


@needs("use")
@require_POST
def close(request: HttpRequest, case_id: int) -> HttpResponse:
    actor: Actor = request.actor
    try:
        done = close_case(actor=actor, key=act_key(request, "close"), case_id=case_id)
    except Refused as refused:
        return _form(request, case_for(actor, case_id, may="use"), [], refused)
    say(request, _("Case %(number)s is closed.") % {"number": done.number})
    return redirect("ward:use")
