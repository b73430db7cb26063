"""A new order: a supplier, a place of delivery, and lines chosen by search, by scanning a box, or from a purchase request."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.gates import places_for
from yanji.catalog.queries import suppliers
from yanji.flows.acts import Done
from yanji.flows.buying.gates import request_for
from yanji.flows.buying.models import PurchaseRequest
from yanji.flows.buying.pricing import offers
from yanji.flows.purchase import place_order
from yanji.ledger.api import Refused
from yanji.places.models import Kind

from ..flow.done import say, warn
from ..flow.gate import needs
from ..flow.lines import ItemLine
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from .lines import money_text, ordered, part_places, typed_lines


@needs("order")
def new_order(request: HttpRequest) -> HttpResponse:
    """The form; sent twice it is one order, refused it comes back as it was typed."""
    asked = _asked(request)
    if request.method != "POST":
        return _form(request, _lines_of(asked), asked)
    lines = typed_lines(request)
    try:
        done = _place(request, lines, asked)
    except Refused as refused:
        return _form(request, lines, asked, refused)
    said = {
        "draft": _("Order %(number)s is written."),
        "waiting": _("Order %(number)s waits for approval."),
    }.get(done.state, _("Order %(number)s is placed."))
    say(request, said % {"number": done.number})
    warn(request, done)
    return redirect("buyer:order", done.id)


def _asked(request: HttpRequest) -> PurchaseRequest | None:
    """The purchase request that the order serves."""
    named = number_in(request.POST.get("request_id") or request.GET.get("request", ""))
    return None if named is None else request_for(request.actor, named)


def _lines_of(asked: PurchaseRequest | None) -> list[ItemLine]:
    """What is open of a request, at the price of the item's usual supplier."""
    if asked is None:
        return []
    lines = [line for line in asked.lines.select_related("item__maker").order_by("id") if line.to_order]
    supplier = _usual(asked)
    found = offers(supplier, asked.place.path, [line.item_id for line in lines], timezone.localdate())
    return [
        ItemLine(
            line.item,
            quantity=str(line.to_order),
            price=money_text(found[line.item_id].price) if found[line.item_id].price else "",
            contract=found[line.item_id].contract,
        )
        for line in lines
    ]


def _usual(asked: PurchaseRequest) -> int:
    """The supplier who usually sells most of a request; 0 where nobody is known."""
    sells = [line.item.supplier_id for line in asked.lines.select_related("item") if line.item.supplier_id]
    return max(set(sells), key=sells.count) if sells else 0


def _place(request: HttpRequest, lines: list[ItemLine], asked: PurchaseRequest | None) -> Done:
    sent = Sent(request.POST)
    supplier, place = sent.number("supplier_id", _("Supplier")), sent.number("deliver_to_id", _("Deliver to"))
    expected_on, note = sent.day("expected_on", _("Expected on")), sent.text("note", _("Note"))
    read = ordered(sent, lines)
    sent.check()
    return place_order(
        actor=request.actor,
        key=act_key(request, "order"),
        supplier_id=supplier,
        deliver_to_id=place,
        lines=read,
        expected_on=expected_on,
        note=note,
        draft="draft" in request.POST,
        request_id=asked.pk if asked else None,
    )


def _form(
    request: HttpRequest,
    lines: list[ItemLine],
    asked: PurchaseRequest | None,
    refused: Refused | None = None,
) -> HttpResponse:
    sent = request.POST
    if request.method != "POST" and asked is not None:
        sent = {
            "supplier_id": str(_usual(asked)),
            "deliver_to_id": str(asked.place_id),
            "expected_on": asked.needed_by.isoformat() if asked.needed_by else "",
        }
    return page(
        request,
        "buyer/new_order.html",
        status=409 if refused else 200,
        refused=refused,
        lines=lines,
        part_places=part_places(request.actor, lines),
        asked=asked,
        sent=sent,
        suppliers=suppliers(),
        places=places_for(
            request.actor,
            may="order",
            kinds=(Kind.STORE, Kind.DOCK, Kind.DEPARTMENT) if asked else (Kind.STORE, Kind.DOCK),
        ),
    )
