"""What to look at of a delivery that is still at the dock; what inspection has shown so far."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound

from ..arrival import Arrival, with_boxes
from ..consign.models import ConsignmentReceipt
from ..gates import check, order_for
from ..goods_in import Arrived
from ..models import Receipt
from ..packing.delivered import BoxArrival, arriving_for
from ..receive import delivery_of
from .dock import parent, plans_in_force
from .iso2859 import Advice, Single, advice, single
from .models import Finding, InspectionPlan, LotInspection
from .sample import Sampled, propose

LATEST_LOTS = 5


@dataclass(frozen=True, slots=True)
class Proposed:
    """One lot to look at. ``advice``: what the latest lots from this supplier under its plan speak for, and ``instead``
    the plan of the standard's tables that would then hold."""

    sampled: Sampled
    item_name: str
    counted: bool
    advice: Advice = ""
    rejected: int = 0  # of the latest lots
    latest: int = 0
    instead: Single | None = None


def samples(
    *,
    actor: Actor,
    key: str,
    order_id: int,
    arrivals: Sequence[Arrival] = (),
    boxes: Sequence[BoxArrival] = (),
) -> list[Proposed]:
    """What of a delivery is to be looked at before it is received under this key. Writes nothing.

    The same few statements for any number of units; one where the hospital has no plans.
    """
    plans = plans_in_force()
    order = order_for(actor, order_id, may="receive")
    if not plans:
        return []
    inside = arriving_for(order.pk, order.number, boxes) if boxes else []
    everything = with_boxes(arrivals, inside)
    order_lines = {line.item_id: line for line in order.lines.all()}
    return proposed_of(delivery_of(order, order_lines, everything, timezone.localdate()), plans, key=key)


def proposed_of(delivery: Arrived, plans: Sequence[InspectionPlan], *, key: str) -> list[Proposed]:
    """What the plans ask to be looked at of what came. One statement."""
    proposed = propose(delivery, plans, key=key)
    history = outcomes([each.plan.pk for each in proposed], supplier_id=delivery.supplier_id)
    return [
        _advised(
            Proposed(each, delivery.items[each.item_id].name, counted=delivery.by_lot(each.item_id)),
            history[each.plan.pk],
        )
        for each in proposed
    ]


def outcomes(plan_ids: Iterable[int], *, supplier_id: int) -> dict[int, list[bool]]:
    """Plan -> whether each of the latest lots from a supplier was accepted under its present severity, latest first.
    What was taken back does not count. One statement."""
    found: dict[int, list[bool]] = defaultdict(list)
    ids = sorted(set(plan_ids))
    if not ids:
        return found
    from_them = Q(receipt__order__supplier=supplier_id) | Q(consigned__agreement__supplier=supplier_id)
    rows = LotInspection.objects.filter(
        from_them,
        plan__in=ids,
        severity=F("plan__severity"),
        receipt__voided_at=None,
        consigned__voided_at=None,
        accept__isnull=False,
    )
    latest = rows.annotate(
        turn=Window(RowNumber(), partition_by=F("plan_id"), order_by=F("id").desc())
    ).filter(turn__lte=LATEST_LOTS)
    for plan_id, accepted in latest.order_by("-id").values_list("plan_id", "accepted"):
        found[plan_id].append(accepted)
    return found


def _advised(proposed: Proposed, latest: Sequence[bool]) -> Proposed:
    plan, said = proposed.sampled.plan, advice(latest, proposed.sampled.plan.severity)
    if not said or plan.aql is None:
        return proposed
    other = InspectionPlan.Severity.TIGHTENED if said == "tighten" else InspectionPlan.Severity.NORMAL
    return replace(
        proposed,
        advice=said,
        rejected=latest.count(False),
        latest=len(latest),
        instead=single(proposed.sampled.size, plan.aql, other.value),
    )


def inspections_of(receipt: Receipt | ConsignmentReceipt) -> list[LotInspection]:
    """What was looked at of a delivery, with each unit. Two statements."""
    found = LotInspection.objects.filter(**parent(receipt)).select_related("item", "plan")
    return list(found.prefetch_related("looks").order_by("id"))


def findings_of(receipt: Receipt | ConsignmentReceipt, *, most: int = 200) -> list[Finding]:
    """What was turned down or put in doubt. One statement."""
    found = Finding.objects.filter(**parent(receipt))
    return list(found.select_related("item", "place", "receipt", "consigned").order_by("id")[:most])


def finding_for(actor: Actor, finding_id: int, *, may: str = "view") -> Finding:
    """A finding is seen, and added to, where its delivery is."""
    found = Finding.objects.select_related(
        "receipt__order__supplier", "receipt__dock", "consigned__agreement__supplier", "consigned__dock", "item",
        "place",
    )  # fmt: skip
    finding = found.filter(pk=finding_id).first() if 0 < finding_id < 2**63 else None
    if finding is None:
        raise NotFound("finding")
    check(actor, [finding.delivery.dock.path], may=may, thing=str(finding))
    return finding
