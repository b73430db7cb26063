"""A new order: a supplier, a place of delivery, and lines chosen by search or by scanning a box."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from yanji.access.gates import places_for
from yanji.catalog.queries import suppliers
from yanji.flows.purchase import Ordered, place_order
from yanji.ledger.api import Refused
from yanji.places.models import Kind

from ..flow.done import say
from ..flow.gate import needs
from ..flow.lines import ItemLine, quantities, sent_lines
from ..flow.sent import Sent
from ..page import act_key, page


@needs("order")
def new_order(request: HttpRequest) -> HttpResponse:
    """The form; sent twice it is one order, refused it comes back as it was typed."""
    if request.method != "POST":
        return _form(request, [])
    lines = sent_lines(request)
    try:
        done = _place(request, lines)
    except Refused as refused:
        return _form(request, lines, refused)
    kept, placed = _("Order %(number)s is kept as a draft."), _("Order %(number)s is placed.")
    say(request, (kept if done.state == "draft" else placed) % {"number": done.number})
    return redirect("buyer:order", done.id)


def _place(request: HttpRequest, lines: list[ItemLine]):
    sent = Sent(request.POST)
    supplier, place = sent.number("supplier_id", _("Supplier")), sent.number("deliver_to_id", _("Deliver to"))
    expected_on, note = sent.day("expected_on", _("Expected on")), sent.text("note", _("Note"))
    read = quantities(sent, lines)
    sent.check()
    return place_order(
        actor=request.actor,  # type: ignore[attr-defined]
        key=act_key(request, "order"),
        supplier_id=supplier,
        deliver_to_id=place,
        lines=[Ordered(item, quantity, price) for item, quantity, price in read],
        expected_on=expected_on,
        note=note,
        draft="draft" in request.POST,
    )


def _form(request: HttpRequest, lines: list[ItemLine], refused: Refused | None = None) -> HttpResponse:
    return page(
        request,
        "buyer/new_order.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        sent=request.POST,
        suppliers=suppliers(),
        places=places_for(request.actor, may="order", kinds=(Kind.STORE, Kind.DOCK)),  # type: ignore[attr-defined]
    )
