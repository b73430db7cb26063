"""What was ordered: the list, one order with what came of it, sending a draft and closing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.buying.owed import due_of, loaded
from yanji.flows.buying.queries import changes_of
from yanji.flows.documents import verbs
from yanji.flows.gates import order_for
from yanji.flows.invoices.gates import SEEN_BY
from yanji.flows.invoices.queries import invoices_of
from yanji.flows.models import PurchaseOrder
from yanji.flows.purchase import close_order, send_order
from yanji.flows.queries import OPEN_ORDERS, notices, orders, receipts
from yanji.flows.states import ChangeState, OrderState
from yanji.flows.theatre.accepted_by_use import papers_of_used
from yanji.ledger.api import Refused

from ..flow.done import say, warn
from ..flow.gate import needs, opens
from ..flow.promised import with_schedule
from ..page import act_key, page, page_of

SHOWN = {"open": ("draft", "waiting", *OPEN_ORDERS), "all": ()}


@needs("order", "announce", "receive")
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """Open orders first; search by number or supplier."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    state = request.GET.get("state", "open")
    states = SHOWN.get(state, (state,) if state in OrderState.values else ())
    rows = page_of(
        request, [with_progress(order) for order in orders(request.actor, states=states, text=text)]
    )
    return page(request, "buyer/orders.html", rows=rows, text=text, state=state, states=OrderState.choices)


def with_progress(order: PurchaseOrder) -> PurchaseOrder:
    """The order with pieces ordered and received and its value, from the lines at hand. What came of one line beyond what was
    ordered makes up for nothing that another one still owes."""
    lines = list(order.lines.all())
    order.pieces = sum(line.quantity for line in lines)
    order.arrived = sum(min(line.received, line.quantity) for line in lines)
    order.percent = 100 * order.arrived // order.pieces if order.pieces else 0
    order.value = sum(line.quantity * line.price for line in lines)
    order.first_item = lines[0].item if lines else None
    return order


@needs("order", "announce", "receive", "approve", "invoice", "pay", "see_figures")
def order_page(request: HttpRequest, order_id: int, *, refused: Refused | None = None) -> HttpResponse:
    """One order: its lines with what the supplier says of each, what was announced, what arrived, what is charged."""
    actor: Actor = request.actor
    order = order_for(actor, order_id)
    today = timezone.localdate()
    lines = loaded([order]).get(order.pk, [])
    with_schedule(lines, order.deliver_to)
    for line in lines:
        line.owed = due_of(line, today=today, expected_on=order.expected_on, place_name="")
    used = papers_of_used([order.pk] if any(line.rejected for line in lines) else [])
    for line in lines:
        line.used = used.get((order.pk, line.item_id), [])
        line.used_by = list(dict.fromkeys(line.used))
    changes = changes_of(order.pk)
    context = {
        "order": order,
        "lines": lines,
        "pieces": sum(line.quantity for line in lines),
        "value": sum(line.quantity * line.price for line in lines),
        "notices": notices(actor, order_id=order.pk),
        "receipts": receipts(actor, order_id=order.pk),
        "invoices": invoices_of(actor, order.pk) if opens(actor, SEEN_BY) else [],
        "changes": changes,
        "change": next((change for change in changes if change.state == ChangeState.WAITING), None),
        "may": {verb: _may(actor, order, verb) for verb in VERBS},
        "enters": actor.may("invoice", order.deliver_to.path)
        and order.state not in ("draft", "waiting", "cancelled"),
        "owes": any(line.outstanding for line in lines) and order.state != OrderState.DRAFT,
        "refused": refused,
    }
    return page(request, "buyer/order.html", status=409 if refused else 200, **context)


VERBS = ("place", "close", "announce", "receive", "withdraw", "change", "cancel", "answer")


def _may(actor: Actor, order: PurchaseOrder, verb: str) -> bool:
    operation = verb if verb in ("announce", "receive") else "order"
    return verb in verbs("order", order.state) and actor.may(operation, order.deliver_to.path)


@needs("order")
@require_POST
def send(request: HttpRequest, order_id: int) -> HttpResponse:
    try:
        done = send_order(actor=request.actor, key=act_key(request, "send"), order_id=order_id)
    except Refused as refused:
        return order_page(request, order_id, refused=refused)
    said = (
        _("Order %(number)s waits for approval.")
        if done.state == "waiting"
        else _("Order %(number)s is placed.")
    )
    say(request, said % {"number": done.number})
    warn(request, done)
    return redirect("buyer:order", order_id)


@needs("order")
@require_POST
def close(request: HttpRequest, order_id: int) -> HttpResponse:
    try:
        done = close_order(
            actor=request.actor,
            key=act_key(request, "close"),
            order_id=order_id,
            reason=request.POST.get("reason", ""),
        )
    except Refused as refused:
        return order_page(request, order_id, refused=refused)
    say(request, _("Order %(number)s is closed: nothing more is expected.") % {"number": done.number})
    return redirect("buyer:order", order_id)
