"""Approvals: what waits for whom, deciding it, and the rules that ask for it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.approval import decide, decided_lately, rounds_of, waiting_for
from yanji.flows.approval_rules import add_rule, edit_rule, rules_for, set_rule_active
from yanji.flows.models_approval import HIGHEST_LEVEL, Approval, ApprovalRule

from .auth import actor
from .shapes import ActiveIn, Answer, Code, Id, Key, Money, Note, Shape, answered, may_fail

router = Router(tags=["approvals"])


class ApprovalOut(Schema):
    """One step. ``round``: how often the document was asked for; ``state``: waiting, approved, refused, withdrawn."""

    id: int
    kind: str
    document_id: int
    number: str
    round: int
    level: int
    amount: Decimal | None
    place_id: int
    role: str
    requester_id: int
    requester: str
    asked_at: datetime
    state: str
    decided_by_id: int | None
    decided_by: str
    decided_at: datetime | None
    comment: str


def _step(found: Approval) -> ApprovalOut:
    return ApprovalOut(
        id=found.pk, kind=found.kind, document_id=found.document_id, number=found.number, round=found.round,
        level=found.level, amount=found.amount, place_id=found.place_id, role=found.role.name,
        requester_id=found.requester_id, requester=found.requester.name, asked_at=found.asked_at, state=found.state,
        decided_by_id=found.decided_by_id, decided_by=found.decided_by.name if found.decided_by else "",
        decided_at=found.decided_at, comment=found.comment,
    )  # fmt: skip


@router.get("/approvals", response=may_fail(list[ApprovalOut]))
def list_waiting(request: HttpRequest) -> list[ApprovalOut]:
    """What waits for this person, longest waiting first: only steps that they may decide now."""
    return [_step(each) for each in waiting_for(actor(request))]


@router.get("/approvals/decided", response=may_fail(list[ApprovalOut]))
def list_decided(request: HttpRequest, limit: Annotated[int, Field(ge=1, le=200)] = 20) -> list[ApprovalOut]:
    """What this person decided, latest first."""
    return [_step(each) for each in decided_lately(actor(request), limit=limit)]


@router.get("/approvals/of/{kind}/{document_id}", response=may_fail(list[ApprovalOut]))
def list_steps(request: HttpRequest, kind: Code, document_id: Id) -> list[ApprovalOut]:
    """Every step of one document, all rounds, oldest first; none where it lies outside what the person sees."""
    who = actor(request)
    return [_step(each) for each in rounds_of(kind, document_id) if who.may("view", each.place.path)]


class DecisionIn(Shape):
    """A refusal needs a comment."""

    key: Key
    approve: bool
    comment: Note = ""


@router.post("/approvals/{approval_id}/decisions", response=may_fail(Answer))
def decide_step(request: HttpRequest, approval_id: Id, payload: DecisionIn) -> Answer:
    """Approve or refuse one step. ``facts.complete``: nothing more is waited for."""
    return answered(decide(actor=actor(request), approval_id=approval_id, **payload.model_dump()))


class RuleOut(Schema):
    id: int
    kind: str
    place_id: int
    level: int
    from_amount: Decimal
    role_id: int
    active: bool


def _rule(found: ApprovalRule) -> RuleOut:
    return RuleOut(
        id=found.pk, kind=found.kind, place_id=found.place_id, level=found.level, from_amount=found.from_amount,
        role_id=found.role_id, active=found.active,
    )  # fmt: skip


@router.get("/approval-rules", response=may_fail(list[RuleOut]))
def list_rules(request: HttpRequest, kind: Code = "") -> list[RuleOut]:
    """The rules of the places where this person edits rules; ended ones last."""
    return [_rule(each) for each in rules_for(actor(request), kind=kind)]


class RuleEdit(Shape):
    key: Key
    level: Annotated[int, Field(ge=1, le=HIGHEST_LEVEL)] = 1
    from_amount: Money = Decimal(0)
    role_id: Id


class RuleIn(RuleEdit):
    kind: Code
    place_id: Id


@router.post("/approval-rules", response=may_fail(Answer))
def new_rule(request: HttpRequest, payload: RuleIn) -> Answer:
    """Ask for approval: of a kind of document, at a place and below, from an amount on, by a role."""
    return answered(add_rule(actor=actor(request), **payload.model_dump()))


@router.post("/approval-rules/{rule_id}", response=may_fail(Answer))
def change_rule(request: HttpRequest, rule_id: Id, payload: RuleEdit) -> Answer:
    """Change a rule. What waits already keeps what it was asked for."""
    return answered(edit_rule(actor=actor(request), rule_id=rule_id, **payload.model_dump()))


@router.post("/approval-rules/{rule_id}/active", response=may_fail(Answer))
def switch_rule(request: HttpRequest, rule_id: Id, payload: ActiveIn) -> Answer:
    """End a rule, or let it hold again."""
    return answered(set_rule_active(actor=actor(request), rule_id=rule_id, **payload.model_dump()))
