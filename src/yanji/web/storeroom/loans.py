"""Loan sets: announced with their list, checked in by scan, sterilised, used, handed back, closed the same day."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.acts import Done
from yanji.flows.consign import queries
from yanji.flows.consign.contents import chosen_of, contents_of
from yanji.flows.consign.cycles import void_cycle
from yanji.flows.consign.loans import (
    Listed,
    arrive_set,
    close_set,
    expect_set,
    hand_back_set,
    loan_set_for,
    outside_departments,
    send_set,
    sterilise_set,
)
from yanji.flows.consign.models import LoanSet
from yanji.flows.documents import verbs
from yanji.flows.reasons import reasons
from yanji.flows.things import Thing
from yanji.ledger.api import Refused
from yanji.places.models import Kind, Place

from ..flow.basket import Basket, FlowRow, confirmed, is_confirmation
from ..flow.done import warn
from ..flow.gate import needs
from ..flow.lines import ItemLine, found, line, quantities, sent_lines
from ..flow.sent import Sent, number_in
from ..page import act_key, page, page_of
from .consigned import EXTRA, PRESETS, arrivals_in, docks_of, scanned_goods, suppliers_of

SEEN = ("consign", "use", "return_goods", "see_figures")


@needs(*SEEN)
@require_safe
def loan_list(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor
    rows = queries.loan_sets(actor, open_only=request.GET.get("state") != "all")
    return page(
        request,
        "storeroom/loans.html",
        rows=page_of(request, rows),
        state=request.GET.get("state", "open"),
        today=timezone.localdate(),
    )


items = needs("consign")(lambda request: found(request, line_url="line"))
item_line = needs("consign")(line)


@needs("consign")
def new_loan(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _new(request, [])
    lines = sent_lines(request)
    try:
        sent = Sent(request.POST)
        supplier, department = (
            sent.number("supplier_id", _("Supplier")),
            sent.number("department_id", _("Theatre")),
        )
        name = sent.text("set_name", _("Name of the set"), required=True)
        due = sent.day("due_on", _("To be closed on")) or timezone.localdate()
        case = sent.text("case_number", _("Case"))
        listed = [Listed(item, quantity) for item, quantity, _price in quantities(sent, lines)]
        sent.check()
        done = expect_set(
            actor=request.actor, key=act_key(request, "loan"), supplier_id=supplier, department_id=department,
            set_name=name, due_on=due, listed=listed, case_number=case,
        )  # fmt: skip
    except Refused as refused:
        return _new(request, lines, refused)
    messages.success(request, _("Set %(number)s is expected.") % {"number": done.number})
    return redirect("storeroom:loan", done.id)


def _new(request: HttpRequest, lines: list[ItemLine], refused: Refused | None = None) -> HttpResponse:
    actor: Actor = request.actor
    return page(
        request,
        "storeroom/new_loan.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        suppliers=suppliers_of(queries.agreements(actor, valid_on=timezone.localdate())),
        departments=places_for(actor, may="consign", kinds=(Kind.DEPARTMENT, Kind.ROOM)),
        today=timezone.localdate(),
        sent=request.POST,
    )


@needs(*SEEN)
def loan_page(request: HttpRequest, loan_set_id: int) -> HttpResponse:
    """One set: what its list says, what came, what became of it. Posting checks it in."""
    actor: Actor = request.actor
    if request.method != "POST":
        return _shown(request, loan_set_for(actor, loan_set_id), [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        dock = sent.number("dock_id", _("Dock"))
        reference = sent.text("reference", _("Delivery note"))
        sent.check()
        basket.check()
        done = arrive_set(
            actor=actor, key=act_key(request, "arrive"), loan_set_id=loan_set_id, dock_id=dock, arrivals=arrivals_in(basket),
            reference=reference,
        )  # fmt: skip
    except Refused as refused:
        rows = basket.rows(refused, field="verdict", answers=frozenset(PRESETS))
        return _shown(request, loan_set_for(actor, loan_set_id), rows, refused)
    if done.facts["missing"] or done.facts["extra"]:
        messages.warning(
            request, _("Set %(number)s differs from its list: see below.") % {"number": done.number}
        )
    else:
        messages.success(request, _("Set %(number)s is complete.") % {"number": done.number})
    warn(request, done)
    return redirect("storeroom:loan", loan_set_id)


def _shown(
    request: HttpRequest, loan: LoanSet, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    actor: Actor = request.actor
    account = contents_of(loan)
    allowed = verbs("loan_set", loan.state)
    came = loan.receipts.exists()
    return page(
        request,
        "storeroom/loan.html",
        status=409 if refused else 200,
        refused=refused,
        loan=loan,
        lines=loan.lines.select_related("item").order_by("id"),
        cycles=queries.cycles_of(loan) if came else [],
        account=account,
        allowed=allowed,
        rows=rows,
        row_extra=EXTRA,
        reasons=reasons("reject") if "arrive" in allowed else {},
        differences=reasons("loan_missing") if account.open else {},
        docks=_docks_for(actor) if "arrive" in allowed else [],
        late=loan.closed_at is None and came and loan.due_on < timezone.localdate(),
        came=came,
        may_consign=actor.may("consign", loan.department.path),
        may_sterilise=actor.may("consign", loan.department.path) or actor.may("use", loan.department.path),
        may_return=actor.may("return_goods", loan.department.path),
        may_correct=actor.may("correct", loan.department.path),
        ticked=request.POST.getlist("epc"),
        sent=request.POST,
    )


def _docks_for(actor: Actor) -> list[Place]:
    """Where a set may come: a dock, or the sterile supply; no department, which would have it before it is sterile."""
    return outside_departments(docks_of(actor))


@needs("consign")
@require_POST
def scan(request: HttpRequest, loan_set_id: int) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    loan = loan_set_for(request.actor, loan_set_id)
    return scanned_goods(request, loan.agreement.supplier_id)


@needs(*SEEN)
@require_POST
def act(request: HttpRequest, loan_set_id: int) -> HttpResponse:
    """One step of a set: sterilised, to the theatre, back to its owner, closed."""
    actor: Actor = request.actor
    name = request.POST.get("act", "")
    loan = loan_set_for(actor, loan_set_id)
    common = {"actor": actor, "key": act_key(request, "loan_step"), "loan_set_id": loan.pk}
    sent: Done | None = None
    try:
        match name:
            case "sterilise":
                _sterilise(request, common)
            case "send":
                sent = send_set(**common)
            case "hand_back":
                hand_back_set(**common, reference=request.POST.get("reference", "")[:80])
            case "hand_back_chosen":
                chosen = _chosen(request, loan)
                hand_back_set(**common, things=chosen, reference=request.POST.get("reference", "")[:80])
            case "close":
                close_set(**common, difference=request.POST.get("difference", "")[:120])
            case _:
                sent = Sent(request.POST)
                sent.complain("choose_again", _("Step"))
                sent.check()
    except Refused as refused:
        return _shown(request, loan_set_for(actor, loan_set_id), [], refused)
    loan = loan_set_for(actor, loan_set_id)
    said = _("Set %(number)s: %(state)s.")
    messages.success(request, said % {"number": loan.number, "state": loan.get_state_display()})
    if sent:
        warn(request, sent)
    return redirect("storeroom:loan", loan.pk)


def _sterilise(request: HttpRequest, common: Mapping[str, Any]) -> None:
    sent = Sent(request.POST)
    cycle, at = sent.text("cycle", _("Sterilisation cycle")), sent.moment("at", _("Time of the cycle"))
    sent.check()
    sterilise_set(**common, cycle=cycle[:40], happened_at=at)


@needs("consign", "use")
@require_POST
def void(request: HttpRequest, loan_set_id: int, cycle_id: int) -> HttpResponse:
    """A sterilisation that was entered wrongly."""
    actor: Actor = request.actor
    try:
        sent = Sent(request.POST)
        why = sent.text("reason", _("Reason"), required=True)
        sent.check()
        void_cycle(
            actor=actor, key=act_key(request, "void_cycle"), loan_set_id=loan_set_id, cycle_id=cycle_id, reason=why,
        )  # fmt: skip
    except Refused as refused:
        return _shown(request, loan_set_for(actor, loan_set_id), [], refused)
    loan = loan_set_for(actor, loan_set_id)
    said = _("A sterilisation of set %(number)s is voided. Set: %(state)s.")
    messages.success(request, said % {"number": loan.number, "state": loan.get_state_display()})
    return redirect("storeroom:loan", loan.pk)


def _chosen(request: HttpRequest, loan: LoanSet) -> list[Thing]:
    """What was ticked of a set, and of its counted lots the pieces typed."""
    sent = Sent(request.POST)
    names = [name for name in request.POST if name.startswith("pieces:") and request.POST[name].strip()]
    typed = {number_in(name.removeprefix("pieces:")): sent.number(name, _("Pieces")) for name in names}
    sent.check()
    pieces = {lot: count for lot, count in typed.items() if lot}
    return chosen_of(loan, contents_of(loan), request.POST.getlist("epc"), pieces)
