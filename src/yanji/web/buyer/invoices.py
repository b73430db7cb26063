"""Invoices: entered from what came, compared thing by thing, held or released for payment."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.documents import verbs
from yanji.flows.invoices.enter import match_again, void_invoice
from yanji.flows.invoices.gates import SEEN_BY, invoice_for
from yanji.flows.invoices.models import Hold, Invoice, InvoiceLine
from yanji.flows.invoices.payment import accept_prices, hold_payment, lift_hold, release_payment
from yanji.flows.invoices.queries import OPEN, desk, holds_of, invoices, lines_of, triples
from yanji.flows.states import InvoiceState
from yanji.ledger.api import Refused

from ..flow.gate import needs
from ..page import page, page_of
from .acts import press, reason

SHOWN = {"open": OPEN, "all": ()}
MOST_SERIALS = 500
Result = InvoiceLine.Result
TONES = {
    Result.MATCHED: ("ok", "circle-check"),
    Result.PRICE_ACCEPTED: ("ok", "rosette-discount-check"),
    Result.PRICE_DIFFERS: ("soon", "currency-yuan"),
    Result.NOT_RECEIVED: ("bad", "package-off"),
    Result.REJECTED: ("bad", "circle-x"),
    Result.RETURNED: ("bad", "truck-return"),
    Result.ALREADY_INVOICED: ("bad", "copy"),
    Result.NOT_ORDERED: ("bad", "clipboard-x"),
    Result.NOT_SETTLED: ("bad", "clipboard-x"),
    Result.USE_TAKEN_BACK: ("bad", "arrow-back-up"),
    Result.VOIDED: ("mute", "ban"),
}


@needs(*SEEN_BY)
@require_safe
def invoice_list(request: HttpRequest) -> HttpResponse:
    """Open ones first; held ones can be asked for alone."""
    actor: Actor = request.actor
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    state = request.GET.get("state", "open")
    held = {"held": True, "free": False}.get(request.GET.get("hold", ""))
    states = SHOWN.get(state, (state,) if state in InvoiceState.values else ())
    found = invoices(actor, states=states, text=text, held=held)
    return page(
        request, "buyer/invoices.html", rows=page_of(request, found), text=text, state=state,
        hold=request.GET.get("hold", ""), states=InvoiceState.choices, desk=desk(found, person_id=actor.person_id),
    )  # fmt: skip


@needs(*SEEN_BY)
def invoice_page(request: HttpRequest, invoice_id: int, *, refused: Refused | None = None) -> HttpResponse:
    """One invoice: the three papers side by side, each serial with what was found, what holds the money."""
    actor: Actor = request.actor
    invoice = invoice_for(actor, invoice_id)
    lines = lines_of(invoice)
    for line in lines:
        line.tone, line.drawing = TONES[Result(line.result)]
    holds = holds_of(invoice)
    return page(
        request,
        "buyer/invoice.html",
        status=409 if refused else 200,
        refused=refused,
        invoice=invoice,
        pieces=sum(line.quantity for line in lines),
        good=sum(line.quantity for line in lines if line.good),
        triples=triples(invoice, lines),
        groups=by_result(lines),
        settled=all(line.settlement_id for line in lines) and bool(lines),
        holds=holds,
        held=[hold for hold in holds if hold.lifted_at is None],
        may=_may(actor, invoice, holds, lines),
    )


def by_result(lines: Sequence[InvoiceLine]) -> list[tuple[str, str, str, list[InvoiceLine], int, bool]]:
    """What the match found, each result with its tone and picture, its lines as far as they are shown, how many pieces it is of,
    and whether more lines are of it than shown. Pure."""
    groups: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        groups.setdefault(line.result, []).append(line)
    return [
        (
            Result(code).label, *TONES[Result(code)], rows[:MOST_SERIALS], sum(row.quantity for row in rows),
            len(rows) > MOST_SERIALS,
        )
        for code, rows in groups.items()
    ]  # fmt: skip


def _may(actor: Actor, invoice: Invoice, holds: list[Hold], lines: list[InvoiceLine]) -> dict[str, bool]:
    """Which buttons the page shows; the verbs look again."""
    open_to = set(verbs("invoice", invoice.state))
    enters, pays = (actor.may(operation, invoice.place.path) for operation in ("invoice", "pay"))
    another = pays and invoice.entered_by_id != actor.person_id
    by_hand = any(hold.code == Hold.Code.MANUAL and hold.lifted_at is None for hold in holds)
    differs = any(line.result == Result.PRICE_DIFFERS for line in lines)
    return {
        "match": "match" in open_to and (enters or pays),
        "void": "void" in open_to and enters,
        "accept": "accept" in open_to and another and differs,
        "hold": "hold" in open_to and pays and not by_hand,
        "lift": by_hand and another,
        "release": "release" in open_to and another,
        "wait_for_another": "release" in open_to and pays and not another,
    }


def _press(request: HttpRequest, verb, act: str, invoice_id: int, said: str, **fields: str) -> HttpResponse:
    return press(
        request,
        verb,
        act,
        invoice_page,
        invoice_id,
        to="buyer:invoice",
        said=said,
        invoice_id=invoice_id,
        **fields,
    )


@needs("invoice", "pay")
@require_POST
def again(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return _press(request, match_again, "match", invoice_id, _("Invoice %(number)s was compared anew."))


@needs("invoice")
@require_POST
def void(request: HttpRequest, invoice_id: int) -> HttpResponse:
    said = _("Invoice %(number)s is voided: its things can be charged again.")
    return _press(request, void_invoice, "void", invoice_id, said, reason=reason(request))


@needs("pay")
@require_POST
def accept(request: HttpRequest, invoice_id: int) -> HttpResponse:
    said = _("The prices of %(number)s are accepted.")
    return _press(request, accept_prices, "accept", invoice_id, said, reason=reason(request))


@needs("pay")
@require_POST
def hold(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return _press(request, hold_payment, "hold", invoice_id, _("%(number)s is held."), reason=reason(request))


@needs("pay")
@require_POST
def lift(request: HttpRequest, invoice_id: int) -> HttpResponse:
    said = _("The hold of %(number)s is lifted.")
    return _press(request, lift_hold, "lift", invoice_id, said, reason=reason(request))


@needs("pay")
@require_POST
def release(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return _press(request, release_payment, "release", invoice_id, _("%(number)s is released for payment."))
