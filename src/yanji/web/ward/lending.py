"""Borrowing between departments: who owes whom, lending by scan, confirming, and settling up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.flows.documents import verbs
from yanji.flows.lending.gate import lending_for
from yanji.flows.lending.lend import (
    confirm_lending,
    confirm_settlement,
    give_back_lent,
    lend,
    replace_lent,
)
from yanji.flows.lending.models import Lending
from yanji.flows.lending.queries import OPEN_LENDINGS, debts, lendings
from yanji.flows.lending.undo import decline_lending, refuse_settlement
from yanji.flows.preview import judge
from yanji.ledger.api import Refused, Step
from yanji.places.models import Kind
from yanji.places.queries import tree

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.departments import chosen, departments
from ..flow.done import say, warn
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page, page_of
from ..scan import scanned

SHOWN = {"open": OPEN_LENDINGS, "all": ()}


@needs("lend", "issue")
@require_safe
def lending_list(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor
    state = request.GET.get("state", "open")
    found = lendings(actor, states=SHOWN.get(state, OPEN_LENDINGS))
    return page(
        request, "ward/lendings.html", rows=page_of(request, found), state=state, debts=debts(actor),
        may_lend=actor.may("lend"),
    )  # fmt: skip


@needs("lend")
def new_lending(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket, sent = Basket(request), Sent(request.POST)
    try:
        lender = sent.number("lender_id", _("Lender"))
        borrower, note = sent.number("borrower_id", _("Borrower")), sent.text("note", _("Note"))
        sent.check()
        basket.check()
        done = lend(
            actor=request.actor, key=act_key(request, "lend"), lender_id=lender, borrower_id=borrower,
            things=basket.things(), note=note,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, basket.rows(refused), refused)
    say(request, _("%(number)s is lent; the borrower has to confirm.") % {"number": done.number})
    warn(request, done)
    return redirect("ward:lending", done.id)


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    own = departments(request, "lend")
    lender = chosen(request, own, "lender_id")
    others = [node.place for node in tree() if node.place.kind == Kind.DEPARTMENT and node.place != lender]
    return page(
        request,
        "ward/new_lending.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        departments=own,
        lender=lender,
        others=others,
        borrower=chosen(request, others, "borrower_id"),
        sent=request.POST,
    )


@needs("lend")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """One thing to lend, from the department that the form names."""
    if is_confirmation(request):
        return confirmed()
    lender = chosen(request, departments(request, "lend"), "lender_id")
    return _judged(request, lender.pk if lender else None, lender.path if lender else "", Step.LEND)


def _judged(request: HttpRequest, from_id: int | None, path: str, step: Step) -> HttpResponse:
    value = request.POST.get("borrower_id", "")
    to = number_in(value) or from_id
    meaning = judge(
        scanned(request), actor=request.actor, step=step, from_place_id=from_id,
        to_place_id=to if step is Step.LEND else None,
    )  # fmt: skip
    return answer(request, "give_back", found=meaning, path=path, statuses=("available",))


@needs("lend", "issue", "view")
@require_safe
def lending_page(request: HttpRequest, lending_id: int) -> HttpResponse:
    return _show(request, lending_for(request.actor, lending_id), [])


def _show(
    request: HttpRequest, lending: Lending, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    """One lending; also the answer where an act on it was refused."""
    actor: Actor = request.actor
    allowed = verbs("lending", lending.state)
    lends, borrows = (actor.may("lend", place.path) for place in (lending.lender, lending.borrower))
    stores = places_for(actor, may="issue", kinds=(Kind.STORE,)) if "settle" in allowed else []
    return page(
        request,
        "ward/lending.html",
        status=409 if refused else 200,
        refused=refused,
        lending=lending,
        owes=lending.state in OPEN_LENDINGS,
        lines=lending.lines.select_related("item").order_by("id"),
        settlements=lending.settlements.select_related("actor", "store", "confirmed_by").order_by("id"),
        rows=rows,
        may_confirm=borrows and "confirm" in allowed and lending.actor_id != actor.person_id,
        may_decline=borrows and "decline" in allowed,
        may_give_back=borrows and "settle" in allowed,
        may_confirm_back=lends,
        stores=stores,
        store=chosen(request, stores, "store_id"),
        person_id=actor.person_id,
    )


@needs("lend")
@require_POST
def confirm(request: HttpRequest, lending_id: int) -> HttpResponse:
    actor = request.actor
    try:
        done = confirm_lending(actor=actor, key=act_key(request, "confirm"), lending_id=lending_id)
    except Refused as refused:
        return _show(request, lending_for(actor, lending_id), [], refused)
    say(request, _("%(number)s is confirmed: it is owed now.") % {"number": done.number})
    return redirect("ward:lending", lending_id)


@needs("lend")
@require_POST
def decline(request: HttpRequest, lending_id: int) -> HttpResponse:
    """The borrower does not want it, or never got it."""
    actor = request.actor
    try:
        done = decline_lending(actor=actor, key=act_key(request, "decline"), lending_id=lending_id)
    except Refused as refused:
        return _show(request, lending_for(actor, lending_id), [], refused)
    say(request, _("%(number)s is declined; the things lie at the lender again.") % {"number": done.number})
    return redirect("ward:lending", lending_id)


@needs("lend", "issue")
@require_POST
def settle(request: HttpRequest, lending_id: int) -> HttpResponse:
    """Given back in kind by the borrower; or by a store, where the form names one."""
    actor, basket, sent = request.actor, Basket(request), Sent(request.POST)
    try:
        basket.check()
        if request.POST.get("store_id"):
            store = sent.number("store_id", _("Store"))
            sent.check()
            done = replace_lent(
                actor=actor, key=act_key(request, "settle"), lending_id=lending_id, store_id=store, things=basket.things()
            )  # fmt: skip
        else:
            done = give_back_lent(
                actor=actor, key=act_key(request, "settle"), lending_id=lending_id, things=basket.things()
            )
    except Refused as refused:
        return _show(request, lending_for(actor, lending_id), basket.rows(refused), refused)
    say(request, _("%(number)s: given back; the lender has to confirm.") % {"number": done.number})
    warn(request, done)
    return redirect("ward:lending", lending_id)


@needs("lend", "issue")
@require_POST
def settle_scan(request: HttpRequest, lending_id: int) -> HttpResponse:
    """One thing that pays the debt: from the borrower's shelves, or from the store's."""
    if is_confirmation(request):
        return confirmed()
    actor: Actor = request.actor
    lending = lending_for(actor, lending_id)
    stores = places_for(actor, may="issue", kinds=(Kind.STORE,))
    store = chosen(request, stores, "store_id") if request.POST.get("store_id") else None
    if store:
        return _judged(request, store.pk, store.path, Step.PICK)
    meaning = judge(
        scanned(request),
        actor=actor,
        step=Step.LEND,
        from_place_id=lending.borrower_id,
        to_place_id=lending.lender_id,
    )
    return answer(request, "give_back", found=meaning, path=lending.borrower.path, statuses=("available",))


@needs("lend")
@require_POST
def confirm_back(request: HttpRequest, lending_id: int) -> HttpResponse:
    """The lender has it back; or (``refuse``) does not accept it."""
    actor, sent = request.actor, Sent(request.POST)
    accepted = "refuse" not in request.POST
    act = confirm_settlement if accepted else refuse_settlement
    try:
        settlement = sent.number("settlement_id", _("Settled"))
        sent.check()
        done = act(actor=actor, key=act_key(request, "confirm_back"), settlement_id=settlement)
    except Refused as refused:
        return _show(request, lending_for(actor, lending_id), [], refused)
    if not accepted:
        not_accepted = _("%(number)s: not accepted; it lies at the borrower again, and is owed still.")
        say(request, not_accepted % {"number": done.number})
        return redirect("ward:lending", lending_id)
    settled = _("%(number)s is settled.") % {"number": done.number}
    less = _("%(number)s: confirmed; the rest is owed still.") % {"number": done.number}
    say(request, settled if done.state == "settled" else less)
    return redirect("ward:lending", lending_id)
