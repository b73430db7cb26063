"""The hospital's own rules of buying: tolerances, what papers lead to, which goods need two invoices."""

from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.buying.pricing import rules as tolerances
from yanji.flows.buying.rules import (
    demand,
    drop_two_invoice,
    set_rules,
    set_two_invoice,
    two_invoice_rules,
)
from yanji.flows.validity import answers

from .auth import actor
from .buying import Percent
from .shapes import Answer, Code, Id, Key, Name, Shape, answered, may_fail

router = Router(tags=["buying"])


class TwoInvoiceOut(Schema):
    """``campus_id`` null: for any campus that has no rule of its own; ``family`` empty: of all other goods."""

    campus_id: int | None
    family: str
    needed: bool


class RulesOut(Schema):
    """As :class:`RulesIn` takes them, every stage and paper named."""

    over_delivery_percent: Decimal
    price_tolerance_percent: Decimal
    made_decides: bool
    answers: dict[str, str]
    missing: dict[str, str]
    two_invoice: list[TwoInvoiceOut]


@router.get("/buying-rules", response=may_fail(RulesOut))
def rules_now(request: HttpRequest) -> RulesOut:
    """The rules as they hold now, those that nobody ever decided as well. For who may edit them."""
    demand(actor(request))
    kept, said = tolerances(), answers()
    return RulesOut(
        over_delivery_percent=kept.over_delivery_percent, price_tolerance_percent=kept.price_tolerance_percent,
        made_decides=kept.made_decides,
        answers={f"{stage}:{paper}": rule.lapsed for (stage, paper), rule in said.items()},
        missing={f"{stage}:{paper}": rule.missing for (stage, paper), rule in said.items()},
        two_invoice=[TwoInvoiceOut.model_validate(each, from_attributes=True) for each in two_invoice_rules()],
    )  # fmt: skip


class RulesIn(Shape):
    """``answers``: ``order:licence`` -> ``refuse``, ``warn`` or ``ignore`` where a paper has lapsed; ``missing``: the same where
    it was never shown. What is not named stays as it is."""

    key: Key
    over_delivery_percent: Percent
    price_tolerance_percent: Percent
    made_decides: bool
    answers: dict[Code, Code] = Field(default_factory=dict, max_length=20)
    missing: dict[Code, Code] = Field(default_factory=dict, max_length=20)


@router.post("/buying-rules", response=may_fail(Answer))
def rules(request: HttpRequest, payload: RulesIn) -> Answer:
    """How much may differ where no contract says otherwise, and what a paper leads to at each stage that has lapsed or was
    never shown."""
    return answered(set_rules(actor=actor(request), **payload.model_dump()))


class TwoInvoiceIn(Shape):
    key: Key
    campus_id: Id | None = None
    family: Name = ""
    needed: bool


@router.post("/buying-rules/two-invoice", response=may_fail(Answer))
def two_invoice(request: HttpRequest, payload: TwoInvoiceIn) -> Answer:
    """Whether goods of a family (empty: of all others) need the maker's invoice to the distributor, at a campus or (without one)
    wherever a campus has no rule of its own."""
    return answered(set_two_invoice(actor=actor(request), **payload.model_dump()))


class FamilyIn(Shape):
    key: Key
    campus_id: Id | None = None
    family: Name


@router.post("/buying-rules/two-invoice/drop", response=may_fail(Answer))
def drop_rule(request: HttpRequest, payload: FamilyIn) -> Answer:
    """A family has no rule of its own any more."""
    return answered(drop_two_invoice(actor=actor(request), **payload.model_dump()))
