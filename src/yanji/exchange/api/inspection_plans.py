"""How goods are looked at when they arrive: plans as data, and the standard's tables behind them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field, WithJsonSchema

from yanji.flows.acts import MAX_PIECES
from yanji.flows.inspecting.iso2859 import AQLS, single
from yanji.flows.inspecting.models import InspectionPlan
from yanji.flows.inspecting.plans import (
    Plan,
    add_inspection_plan,
    edit_inspection_plan,
    plans,
    set_inspection_plan_active,
)
from yanji.ledger.api import Refused

from .auth import actor
from .shapes import ActiveIn, Answer, Code, Id, Key, Name, Shape, answered, may_fail

router = Router(tags=["inspection"])
Limit = Annotated[
    Decimal,
    Field(gt=0, le=10, max_digits=5, decimal_places=3),
    WithJsonSchema({"type": "string", "enum": [str(limit) for limit in AQLS]}),
]
Severity = Literal["normal", "tightened"]


class PlanIn(Shape):
    """For which goods (what is empty holds for all) and how. ``aql``: percent nonconforming, for a sample only."""

    key: Key
    item_id: Id | None = None
    family: Name = ""
    risk_class: Literal["", "I", "II", "III"] = ""
    supplier_id: Id | None = None
    maker_id: Id | None = None
    method: Literal["full", "sampling"]
    aql: Limit | None = None
    severity: Severity = "normal"
    points: list[Code] = Field(max_length=40)

    def plan(self) -> Plan:
        return Plan(**self.model_dump(exclude={"key"}))


class PlanOut(Schema):
    id: int
    item_id: int | None
    family: str
    risk_class: str
    supplier_id: int | None
    maker_id: int | None
    method: str
    aql: Decimal | None
    severity: str
    points: list[str]
    active: bool
    edited_at: datetime


class SingleOut(Schema):
    """``size`` pieces are looked at, and up to ``accept`` of them may be faulty. ``letter``: of the standard's table."""

    letter: str
    size: int
    accept: int


@router.get("/inspection-plans", response=may_fail(list[PlanOut]))
def list_plans(request: HttpRequest) -> list[InspectionPlan]:
    """Every plan, ended ones last. Of several that fit, the one that names most holds."""
    return plans(actor(request))


@router.post("/inspection-plans", response=may_fail(Answer))
def add(request: HttpRequest, payload: PlanIn) -> Answer:
    """From now on such goods are looked at like this."""
    return answered(add_inspection_plan(actor=actor(request), key=payload.key, plan=payload.plan()))


@router.post("/inspection-plans/{plan_id}", response=may_fail(Answer))
def edit(request: HttpRequest, plan_id: Id, payload: PlanIn) -> Answer:
    """Look at such goods differently from now on."""
    given = payload.plan()
    return answered(edit_inspection_plan(actor=actor(request), key=payload.key, plan_id=plan_id, plan=given))


@router.post("/inspection-plans/{plan_id}/active", response=may_fail(Answer))
def end_or_resume(request: HttpRequest, plan_id: Id, payload: ActiveIn) -> Answer:
    """End a plan, or let it hold again."""
    return answered(set_inspection_plan_active(actor=actor(request), plan_id=plan_id, **payload.model_dump()))


class Asked(Shape):
    lot_size: Annotated[int, Field(gt=0, le=MAX_PIECES)]
    aql: Limit
    severity: Severity = "normal"


@router.get("/sampling", response=may_fail(SingleOut))
def sample_size(request: HttpRequest, asked: Query[Asked]) -> SingleOut:
    """ISO 2859-1, single sampling, general level II: how many pieces of a lot to look at, and how many may be faulty."""
    if asked.aql not in AQLS:
        raise Refused("bad_aql", limits=", ".join(map(str, AQLS)))
    found = single(asked.lot_size, asked.aql, asked.severity)
    return SingleOut(letter=found.letter, size=found.size, accept=found.accept)
