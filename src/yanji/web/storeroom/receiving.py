"""What is expected at the door: open orders and ship notices, found by a glance or by scanning."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.gates import order_for
from yanji.flows.models import PurchaseOrder
from yanji.flows.packing.delivered import arriving as arriving_in
from yanji.flows.queries import OPEN_ORDERS, arriving, orders, receipts
from yanji.flows.scanning import Meaning, understand
from yanji.ledger.api import Offence, Refused

from ..buyer.orders import with_progress
from ..flow.gate import needs
from ..page import page
from ..scan import refused_row, scanned

SHOWN, LATEST = 60, 8


@needs("receive")
@require_safe
def receiving(request: HttpRequest) -> HttpResponse:
    """Orders with something announced come first, then by the day they are expected."""
    actor: Actor = request.actor
    announced: dict[int, int] = {}
    for notice in arriving(actor):
        announced[notice.order_id] = announced.get(notice.order_id, 0) + (notice.pieces or 0)
    found = [
        with_progress(order)
        for order in orders(actor, states=OPEN_ORDERS)
        if actor.may("receive", order.deliver_to.path)
    ]
    for order in found:
        order.announced = announced.get(order.pk, 0)
    found.sort(key=lambda order: (not order.announced, str(order.expected_on or "9999"), -order.pk))
    return page(
        request, "storeroom/receiving.html", orders=found[:SHOWN], receipts=receipts(actor, limit=LATEST)
    )


@needs("receive")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """An order's number, or any unit or box that was announced, opens its order."""
    raw = scanned(request)
    meaning = understand([raw], actor=request.actor)[0]
    order_id = _order_of(request.actor, meaning)
    if order_id:
        return HttpResponse(headers={"HX-Redirect": reverse("storeroom:receive", args=[order_id])})
    # What reads as no code at all was meant as an order's number.
    no_code = {reason.code for reason in meaning.warnings} == {"unknown_form"}
    offences = () if no_code else meaning.offences
    offences = offences or (Offence("no_open_order", raw[:80]),)
    return refused_row(request, raw, Refused.of(offences))


def _order_of(actor: Actor, meaning: Meaning) -> int | None:
    if meaning.document and meaning.document[0] == "order":
        return meaning.document[1]
    if meaning.unit and meaning.unit.status == "expected" and meaning.unit.order_number:
        return next((order.pk for order in orders(actor, text=meaning.unit.order_number)), None)
    if meaning.box:
        return _announced_in(actor, meaning.box.code)
    return _only_one(actor, meaning) if meaning.item else None


def _announced_in(actor: Actor, box: str) -> int | None:
    """The order for which something in a box is on its way, where the actor receives it."""
    for order_id in dict.fromkeys(line.order_id for line in arriving_in([box])):
        try:
            return order_for(actor, order_id, may="receive").pk
        except (NotFound, Refused):
            continue
    return None


def _only_one(actor: Actor, meaning: Meaning) -> int | None:
    """The one open order that still waits for the scanned item, if it is the only one."""
    assert meaning.item is not None
    waiting: list[PurchaseOrder] = [
        order
        for order in orders(actor, states=OPEN_ORDERS)
        if any(line.item_id == meaning.item.pk and line.outstanding for line in order.lines.all())
    ]
    return waiting[0].pk if len(waiting) == 1 else None
