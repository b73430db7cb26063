"""Who sees a cost of a delivery: who sees the delivery, and figures where it came."""

from yanji.access.actor import Actor
from yanji.access.gates import NotFound

from ..gates import check, receipt_for
from .models import LandedCost


def landed_cost_for(actor: Actor, cost_id: int, *, may: str = "see_figures") -> LandedCost:
    """A cost with its delivery; hidden and absent answer alike."""
    found = LandedCost.objects.select_related(
        "receipt__order__supplier", "receipt__dock", "actor", "voided_by"
    )
    cost = found.filter(pk=cost_id).first() if 0 < cost_id < 2**63 else None
    if cost is None:
        raise NotFound("cost")
    receipt_for(actor, cost.receipt_id)
    if not actor.may("see_figures", cost.receipt.dock.path):
        raise NotFound("cost")
    check(actor, [cost.receipt.dock.path], may=may, thing=cost.number)
    return cost
