"""A supplier writes its own invoices - what was received and is not charged stands there already - and sees what came of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.flows.invoices.enter import billed_by
from yanji.flows.invoices.gates import invoice_for
from yanji.flows.invoices.queries import holds_of, lines_of
from yanji.flows.models import PurchaseOrder
from yanji.flows.portal.gates import supplier_of
from yanji.flows.portal.queries import own_orders
from yanji.ledger.api import Refused

from ..buyer.billing import CHARGED, LATEST, Row, enter, first_shown, options, rows_of, shown, typed
from ..buyer.invoices import by_result
from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import number_in
from ..page import page


@needs("supply")
def new_invoice(request: HttpRequest) -> HttpResponse:
    """First the order whose goods came, then the paper; sent twice it is one invoice."""
    actor: Actor = request.actor
    supplier_id = supplier_of(actor)
    found = list(own_orders(actor, states=CHARGED)[:LATEST])
    if request.method != "POST":
        order_id = number_in(request.GET.get("order", "")) or 0
        return _form(request, found, rows_of(found, order_id), order_id)
    rows = typed(request)
    try:
        done = enter(request, supplier_id, options(found), rows)
    except Refused as refused:
        return _form(request, found, rows, 0, refused)
    say(request, _("Invoice %(number)s is with the hospital and compared.") % {"number": done.number})
    return redirect("supplier:invoice", done.id)


def _form(
    request: HttpRequest,
    found: list[PurchaseOrder],
    rows: list[Row],
    order_id: int,
    refused: Refused | None = None,
) -> HttpResponse:
    places = billed_by(request.actor)
    return page(
        request,
        "supplier/new_invoice.html",
        status=409 if refused else 200,
        refused=refused,
        orders=found,
        order_id=order_id,
        **shown(options(found), rows),
        sent=request.POST if request.method == "POST" else first_shown(found, order_id, places),
        places=places,
    )


@needs("supply")
@require_safe
def invoice_page(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """One invoice, thing by thing with what the hospital found, and whether the money is held; who holds it and why stays
    with the hospital."""
    supplier_of(request.actor)
    invoice = invoice_for(request.actor, invoice_id)
    lines = lines_of(invoice)
    held = [hold for hold in holds_of(invoice) if hold.lifted_at is None]
    return page(
        request,
        "supplier/invoice.html",
        invoice=invoice,
        pieces=sum(line.quantity for line in lines),
        good=sum(line.quantity for line in lines if line.good),
        groups=by_result(lines),
        settled=all(line.settlement_id for line in lines) and bool(lines),
        held=held,
    )
