"""Inspection plans: which goods are looked at how, edited by who keeps the hospital's rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item, Maker, Supplier
from yanji.ledger.api import Refused
from yanji.places.actions import holds_everywhere

from ..acts import Done, verb
from ..reasons import known
from .iso2859 import AQLS
from .models import InspectionPlan


@dataclass(frozen=True, slots=True)
class Plan:
    """For which goods (what is empty holds for all), and how they are looked at. ``aql``: percent, for a sample only."""

    item_id: int | None = None
    family: str = ""
    risk_class: str = ""
    supplier_id: int | None = None
    maker_id: int | None = None
    method: str = InspectionPlan.Method.FULL
    aql: Decimal | None = None
    severity: str = InspectionPlan.Severity.NORMAL
    points: Sequence[str] = field(default_factory=tuple)


def plans(actor: Actor) -> list[InspectionPlan]:
    """Every plan, ended ones last. One statement."""
    if not actor.may("edit_rules"):
        raise NotFound("inspection plan")
    found = InspectionPlan.objects.select_related("item", "supplier", "maker", "edited_by")
    return list(found.order_by("-active", "item__code", "family", "risk_class", "pk"))


def inspection_plan_for(actor: Actor, plan_id: int, *, lock: bool = False) -> InspectionPlan:
    """One plan, for who edits rules; hidden and absent answer alike."""
    found = InspectionPlan.objects.select_related("item", "supplier", "maker")
    found = found.select_for_update(of=("self",)) if lock else found
    plan = found.filter(pk=plan_id).first() if 0 < plan_id < 2**63 else None
    if plan is None or not actor.may("edit_rules"):
        raise NotFound("inspection plan")
    return plan


@verb
def add_inspection_plan(*, actor: Actor, key: str, plan: Plan) -> Done:
    """From now on goods of this kind are looked at like this. Plans hold in the whole hospital: only who edits the rules
    of all of it may."""
    _demand(actor, _goods(plan))
    made = InspectionPlan()
    _fill(made, plan, actor)
    made.save()
    return _done(made)


@verb
def edit_inspection_plan(*, actor: Actor, key: str, plan_id: int, plan: Plan) -> Done:
    """Look at such goods differently from now on. What was inspected keeps its own numbers."""
    _demand(actor, _goods(plan))
    found = inspection_plan_for(actor, plan_id, lock=True)
    if not found.active:
        raise Refused("inspection_plan_ended")
    _fill(found, plan, actor)
    found.save()
    return _done(found)


@verb
def set_inspection_plan_active(*, actor: Actor, key: str, plan_id: int, active: bool) -> Done:
    """End a plan, or let it hold again. It is never deleted: deliveries were inspected by it."""
    found = inspection_plan_for(actor, plan_id, lock=True)
    _demand(actor, str(found))
    found.active, found.edited_by_id, found.edited_at = active, actor.person_id, timezone.now()
    found.save(update_fields=["active", "edited_by", "edited_at"])
    return _done(found)


def _demand(actor: Actor, thing: str) -> None:
    if not holds_everywhere(actor, "edit_rules"):
        raise Refused("not_yours", thing=thing)


def _goods(plan: Plan) -> str:
    """What a plan is called in a sentence, and in what was done."""
    return " ".join(filter(None, (plan.family.strip(), plan.risk_class))) or gettext("inspection plan")


def _fill(found: InspectionPlan, plan: Plan, actor: Actor) -> None:
    _check(plan, kept=found.points)
    found.item_id, found.family, found.risk_class = plan.item_id, plan.family.strip(), plan.risk_class
    found.supplier_id, found.maker_id = plan.supplier_id, plan.maker_id
    found.method, found.aql, found.severity = plan.method, plan.aql, plan.severity
    found.points = list(dict.fromkeys(plan.points))
    found.edited_by_id, found.edited_at = actor.person_id, timezone.now()


def _check(plan: Plan, *, kept: Sequence[str]) -> None:
    """``kept``: the points that the plan has already; one that is offered no longer may stay in it."""
    sampling = plan.method == InspectionPlan.Method.SAMPLING
    if sampling != (plan.aql is not None) or (plan.aql is not None and plan.aql not in AQLS):
        raise Refused("bad_aql", limits=", ".join(map(str, AQLS)))
    if not plan.points:
        raise Refused("check_points_needed")
    if strange := sorted(set(plan.points) - known("check_point") - set(kept)):
        raise Refused("unknown_reason", thing=strange[0])
    for value, allowed in (
        (plan.method, InspectionPlan.Method.values),
        (plan.severity, InspectionPlan.Severity.values),
        (plan.risk_class, ["", *Item.RiskClass.values]),
    ):
        if value not in allowed:
            raise Refused("bad_inspection_choice", thing=value)
    for model, key in ((Item, plan.item_id), (Supplier, plan.supplier_id), (Maker, plan.maker_id)):
        if key is not None and not model.objects.filter(pk=key).exists():
            raise NotFound(model._meta.model_name or "")


def _done(plan: InspectionPlan) -> Done:
    return Done(str(plan), plan.pk, "active" if plan.active else "ended")
