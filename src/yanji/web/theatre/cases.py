"""A case at a glance: what it needs and where that lies, what it took and what became of it, what it charges."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

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
from yanji.flows.theatre.asking import Short, ask_for_case, lacking
from yanji.flows.theatre.cards import plan_needs
from yanji.flows.theatre.closing import close_case
from yanji.flows.theatre.implants import describe_implant
from yanji.flows.theatre.models import ChargeLine, Side
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
@require_safe
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
@require_safe
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
        **_to_ask(case, short),
        implants=queries.implants_of(actor, case_id=case.pk),
        sides=Side.choices,
        taken=taken_for(case),
        kept=reserved_for([case.number]),
        charges=charges,
        used_on=_other_day(case, charges),
        charge_states={line.state for line in charges},
        total=sum((line.amount for line in charges if line.state != "refunded"), start=0),
        emergencies=queries.emergencies(actor, case_id=case.pk),
        cards=queries.cards(actor, department_id=case.department_id) if may and "plan" in allowed else [],
        reasons=reasons("case_difference") if account.open else {},
        refund_reasons=reasons("refund") if any(line.state == "charged" for line in charges) else {},
        may=may,
        may_correct=actor.may("correct", case.department.path),
        allowed=allowed,
    )


def _other_day(case: Case, charges: Sequence[ChargeLine]) -> date | None:
    """The first day on which something was used, where the case was planned for another one. Pure."""
    days = [timezone.localdate(line.used_at) for line in charges]
    return min(days) if case.planned_at and days and timezone.localdate(case.planned_at) not in days else None


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
        store, shares = sent.number("store_id", _("Store")), _shares(sent)
        sent.check()
        done = ask_for_case(
            actor=actor,
            key=act_key(request, "ask"),
            case_id=case_id,
            store_id=store,
            shares=shares,
        )
    except Refused as refused:
        return shown(request, case, refused)
    went, waits = _("Requisition %(number)s went to the store."), _("%(number)s waits for approval.")
    messages.success(request, (waits if done.state == "awaiting" else went) % {"number": done.number})
    if done.facts["not_there"]:
        said = ngettext(
            "%(not_there)s of the %(pieces)s piece does not lie in that store now: ask whether it will come in time.",
            "%(not_there)s of the %(pieces)s pieces do not lie in that store now: ask whether they will come in time.",
            done.facts["pieces"],
        )
        messages.warning(request, said % done.facts)
    return redirect("theatre:case", case_id)


def _shares(sent: Sent) -> dict[int, dict[int, int]]:
    """Item that the case needs -> pieces of it and of each alternative, as typed; what is left empty is none of it."""
    found: dict[int, dict[int, int]] = {}
    for name in sent.data:
        need, offered = (number_in(part) for part in [*name.split(":"), "", ""][1:3])
        if name.startswith("ask:") and need and offered:
            typed = sent.data[name].strip()
            pieces = 0 if typed in ("", "0") else sent.whole(typed, _("Pieces to ask for"))
            found.setdefault(need, {})[offered] = pieces
    return found


def _to_ask(case: Case, short: list[Short]) -> dict[str, Any]:
    """What to ask for, and of which store: the one in which most of it lies comes first, with its shares proposed."""
    for each in short:
        each.need.short = each
    wanted = [each for each in short if each.pieces]
    if not wanted:
        return {"short": short, "to_ask": [], "stores": []}
    places = stores(case.department)
    there = {place.pk: sum(each.in_store(place.pk) for each in wanted) for place in places}
    found = sorted(places, key=lambda place: -there[place.pk])
    best = found[0].pk if found else None
    asks = [
        (
            each,
            [
                (offer, offer.stores.get(best, 0), each.proposed(best).get(offer.item.pk, 0))
                for offer in each.offers
            ],
        )
        for each in wanted
    ]
    return {
        "short": short, "to_ask": asks, "stores": found, "there": there, "best": best,
        "pieces_to_ask": sum(each.pieces for each in wanted), "can_come": sum(each.in_store(None) for each in wanted),
    }  # fmt: skip


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
