"""An order ends: nothing of it waits any more, and what it does not bring is open again to whoever asked for it."""

from django.utils import timezone

from ..approval import withdraw
from ..documents import reached
from ..models import PurchaseOrder
from ..states import ChangeState
from .requests import give_back


def end_order(order: PurchaseOrder, verb: str, state: str, reason: str = "") -> None:
    """Close or cancel a locked order whose lines are saved."""
    withdraw("order", order.pk)
    order.changes.filter(state=ChangeState.WAITING).update(
        state=ChangeState.WITHDRAWN, decided_at=timezone.now()
    )
    order.state = reached("order", verb, state)
    order.ended_because = reason.strip()
    order.save(update_fields=["state", "ended_because"])
    give_back(order)
