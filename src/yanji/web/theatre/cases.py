"""A case at a glance: what it needs and where that lies, what it took and what became of it, what it charges."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.flows.documents import verbs
from yanji.flows.gates import case_for
from yanji.flows.models import Case
from yanji.flows.opened.parts import taken_for
from yanji.flows.queries import cases
from yanji.flows.reasons import reasons
from yanji.flows.reserving.queries import reserved_for
from yanji.flows.theatre import queries
from yanji.flows.theatre.account import account_of
from yanji.flows.theatre.asking import ask_for_case, lacking
from yanji.flows.theatre.cards import plan_needs
from yanji.flows.theatre.closing import close_case
from yanji.flows.theatre.implants import describe_implant
from yanji.flows.theatre.models import Side
from yanji.flows.use import change_case
from yanji.ledger.api import Offence, Refused

from ..flow.departments import stores
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page, page_of
from ..scan import refused_row, scanned
from ..ward.cases import case_of
from .cards import lines_said, lines_sent, needs_sent

OPEN = ("planned", "open")
SHOWN = {"open": OPEN, "closed": ("closed",), "all": ()}


@needs("use", "view_patient")
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases of the departments where the reader sees patients, those to be worked on first."""
    actor: Actor = request.actor
    state = request.GET.get("state", "open")
    found = cases(actor, states=SHOWN.get(state, OPEN))
    differences = queries.open_differences(actor.scopes.get("view_patient", ()))
    return page(
        request,
        "theatre/cases.html",
        rows=page_of(request, found),
        state=state,
        differences=differences,
    )


@needs("use", "view_patient")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """The number of a case, or a wristband, opens the case."""
    actor, raw = request.actor, scanned(request)
    case_id = case_of(actor, raw)
    if case_id:
        return HttpResponse(headers={"HX-Redirect": reverse("theatre:case", args=[case_id])})
    return refused_row(request, raw, Refused.of([Offence("not_a_case", raw[:80])]))


@needs("use", "view_patient")
def case_page(request: HttpRequest, case_id: int) -> HttpResponse:
    actor: Actor = request.actor
    return shown(request, case_for(actor, case_id))


def shown(request: HttpRequest, case: Case, refused: Refused | None = None) -> HttpResponse:
    """The page of a case, with what was refused on it."""
    actor: Actor = request.actor
    account = account_of(case.pk)
    may = actor.may("use", case.department.path)
    lines = queries.needs_of(case, account)
    short = lacking(case, lines) if may and actor.may("request", case.department.path) else []
    charges = queries.charges_of(case)
    allowed = verbs("case", case.state)
    return page(
        request,
        "theatre/case.html",
        status=409 if refused else 200,
        refused=refused,
        case=case,
        account=account,
        needs=lines,
        own_lines=lines_sent(request) if "item" in request.POST else lines_said(line.need for line in lines),
        short=short,
        to_ask=any(each.pieces for each in short),
        implants=queries.implants_of(actor, case_id=case.pk),
        sides=Side.choices,
        taken=taken_for(case),
        kept=reserved_for([case.number]),
        charges=charges,
        charge_states={line.state for line in charges},
        total=sum((line.amount for line in charges if line.state != "refunded"), start=0),
        emergencies=queries.emergencies(actor, case_id=case.pk),
        cards=queries.cards(actor, department_id=case.department_id) if may and "plan" in allowed else [],
        stores=stores(case.department) if any(each.pieces for each in short) else [],
        reasons=reasons("case_difference") if account.open else {},
        refund_reasons=reasons("refund") if any(line.state == "charged" for line in charges) else {},
        may=may,
        may_correct=actor.may("correct", case.department.path),
        allowed=allowed,
    )


@needs("use")
@require_POST
def needs_page(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take what a card says as what this case needs, or what was written line by line."""
    actor: Actor = request.actor
    sent = Sent(request.POST)
    given = {"actor": actor, "key": act_key(request, "needs"), "case_id": case_id}
    said = _("The needs were taken from the card.")
    try:
        if "card_id" in request.POST:
            card = sent.number("card_id", _("Preference card"))
            sent.check()
            plan_needs(**given, card_id=card)
        else:
            wanted = needs_sent(sent, lines_sent(request))
            sent.check()
            plan_needs(**given, needs=wanted)
            said = _("What the case needs is kept.")
    except Refused as refused:
        return shown(request, case_for(actor, case_id), refused)
    messages.success(request, said)
    return redirect("theatre:case", case_id)


@needs("use")
@require_POST
def change(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put right for whom, what and by whom a case is, while nothing stands on it."""
    actor: Actor = request.actor
    sent = Sent(request.POST)
    try:
        token = sent.text("patient_token", _("Wristband"), required=True)
        procedure, operator = sent.text("procedure", _("Procedure")), sent.text("operator", _("Operator"))
        planned_at = sent.moment("planned_at", _("Planned for"))
        sent.check()
        change_case(
            actor=actor, key=act_key(request, "change"), case_id=case_id, patient_token=token, procedure=procedure,
            operator=operator, planned_at=planned_at,
        )  # fmt: skip
    except Refused as refused:
        return shown(request, case_for(actor, case_id), refused)
    messages.success(request, _("The case is put right."))
    return redirect("theatre:case", case_id)


@needs("request")
@require_POST
def ask_store(request: HttpRequest, case_id: int) -> HttpResponse:
    """What the theatre itself lacks, and what is not coming yet, is asked of a store for this case."""
    actor: Actor = request.actor
    case = case_for(actor, case_id)
    sent = Sent(request.POST)
    try:
        store = sent.number("store_id", _("Store"))
        sent.check()
        done = ask_for_case(
            actor=actor,
            key=act_key(request, "ask"),
            case_id=case_id,
            store_id=store,
            instead=_instead(request),
        )
    except Refused as refused:
        return shown(request, case, refused)
    went, waits = _("Requisition %(number)s went to the store."), _("%(number)s waits for approval.")
    messages.success(request, (waits if done.state == "awaiting" else went) % {"number": done.number})
    return redirect("theatre:case", case_id)


def _instead(request: HttpRequest) -> dict[int, int]:
    """Item that the case needs -> the one that was chosen for it."""
    named = [
        (number_in(name.removeprefix("instead:")), number_in(value))
        for name, value in request.POST.items()
        if name.startswith("instead:")
    ]
    return {item: chosen for item, chosen in named if item and chosen}


@needs("use")
@require_POST
def close(request: HttpRequest, case_id: int) -> HttpResponse:
    actor: Actor = request.actor
    reason = request.POST.get("difference", "").strip()[:120]
    try:
        done = close_case(actor=actor, key=act_key(request, "close"), case_id=case_id, difference=reason)
    except Refused as refused:
        return shown(request, case_for(actor, case_id), refused)
    said = _(
        "Case %(number)s is closed: %(taken)s taken, %(used)s used, %(returned)s returned, %(wasted)s wasted."
    )
    messages.success(request, said % {"number": done.number, **done.facts})
    return redirect("theatre:cases")


@needs("use")
@require_POST
def describe(request: HttpRequest, implant_id: int) -> HttpResponse:
    """Where in the body a unit was put."""
    actor: Actor = request.actor
    sent = Sent(request.POST)
    case_id = sent.number("case_id", _("Case"))
    try:
        site = sent.text("site", _("Anatomical site"), required=True)
        side, surgeon = sent.text("side", _("Side")), sent.text("surgeon", _("Surgeon"))
        sent.check()
        describe_implant(
            actor=actor, key=act_key(request, "implant"), implant_id=implant_id, site=site, side=side, surgeon=surgeon
        )  # fmt: skip
    except Refused as refused:
        return shown(request, case_for(actor, case_id), refused)
    messages.success(request, _("The implant record is complete."))
    return redirect("theatre:case", case_id)
