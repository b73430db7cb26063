"""An invoice is entered: what came and was not charged yet stands there already; the rest is scanned or typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.queries import suppliers
from yanji.flows.invoices.enter import BILLED_TO
from yanji.flows.models import PurchaseOrder
from yanji.flows.queries import orders
from yanji.ledger.api import Refused

from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import number_in
from ..page import page
from .billing import CHARGED, LATEST, Row, enter, first_shown, options, rows_of, shown, typed


@needs("invoice")
def new_invoice(request: HttpRequest) -> HttpResponse:
    """First the supplier, then the rows; sent twice it is one invoice."""
    supplier = _number(request.POST.get("supplier_id") or request.GET.get("supplier", ""))
    actor: Actor = request.actor
    found = orders(actor, states=CHARGED, supplier_id=supplier, limit=LATEST) if supplier else []
    if request.method != "POST":
        return _form(request, supplier, found, rows_of(found, _number(request.GET.get("order", ""))))
    rows = typed(request)
    try:
        done = enter(request, supplier, options(found), rows)
    except Refused as refused:
        return _form(request, supplier, found, rows, refused)
    say(request, _("Invoice %(number)s is kept and compared.") % {"number": done.number})
    return redirect("buyer:invoice", done.id)


def _number(text: str) -> int:
    return number_in(text) or 0


def _form(
    request: HttpRequest,
    supplier: int,
    found: list[PurchaseOrder],
    rows: list[Row],
    refused: Refused | None = None,
) -> HttpResponse:
    places = places_for(request.actor, may="invoice", kinds=BILLED_TO)
    order_id = _number(request.GET.get("order", ""))
    return page(
        request,
        "buyer/new_invoice.html",
        status=409 if refused else 200,
        refused=refused,
        supplier=supplier,
        suppliers=suppliers(active=None),
        orders=found,
        **shown(options(found), rows),
        sent=request.POST if request.method == "POST" else first_shown(found, order_id, places),
        places=places,
    )
