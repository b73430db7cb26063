"""An order ends: nothing of it waits any more, and what it does not bring is open again to whoever asked for it."""

from django.utils import timezone

from ..approval import withdraw
from ..documents import allow, reached
from ..models import PurchaseOrder
from ..states import ChangeState
from .models import OrderChange
from .requests import give_back

DECIDED = {
    "approve": ChangeState.APPLIED,
    "refuse": ChangeState.REFUSED,
    "withdraw": ChangeState.WITHDRAWN,
}


def end_order(order: PurchaseOrder, verb: str, state: str, reason: str = "") -> None:
    """Close or cancel a locked order whose lines are saved."""
    withdraw("order", order.pk)
    for change in order.changes.filter(state=ChangeState.WAITING):  # One at most.
        decide_change(change, "withdraw")
    order.state = reached("order", verb, state)
    order.ended_because = reason.strip()
    order.save(update_fields=["state", "ended_because"])
    give_back(order)


def decide_change(change: OrderChange, verb: str) -> None:
    """A change of a locked order waits no more: what the table says that this verb comes to."""
    allow(
        "order_change", verb, number=change.order.number, state=change.state, label=change.get_state_display()
    )
    change.state, change.decided_at = reached("order_change", verb, DECIDED[verb]), timezone.now()
    change.save(update_fields=["state", "decided_at"])
