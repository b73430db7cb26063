"""Notifications: what this person is told, acknowledging it, and the rules that say who is told."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.notify.inbox import SHOWN, acknowledge, listed
from yanji.notify.kinds import KINDS, sentence
from yanji.notify.models import Notification, Rule
from yanji.notify.rules import MOST_MINUTES, add_rule, edit_rule, rules_for, set_rule_active

from .auth import actor
from .shapes import ActiveIn, Answer, Code, Id, Key, Note, Shape, answered, may_fail

router = Router(tags=["notifications"])


class NotificationOut(Schema):
    """One matter. ``count``: of how much it speaks; ``times``: how often it came up; ``place_id`` is empty for what concerns
    the whole house. Sentences are in the language that the request asks for."""

    id: int
    kind: str
    title: str
    sentence: str
    severity: str
    place_id: int | None
    count: int
    state: str
    times: int
    opened_at: datetime
    acknowledged_by_id: int | None
    acknowledged_at: datetime | None
    note: str
    escalated_at: datetime | None
    closed_at: datetime | None


def _told(found: Notification) -> NotificationOut:
    return NotificationOut(
        id=found.pk, kind=found.kind, title=str(KINDS[found.kind].title),
        sentence=sentence(found.kind, found.count, found.facts), severity=found.severity, place_id=found.place_id,
        count=found.count, state=found.state, times=found.times, opened_at=found.opened_at,
        acknowledged_by_id=found.acknowledged_by_id, acknowledged_at=found.acknowledged_at, note=found.note,
        escalated_at=found.escalated_at, closed_at=found.closed_at,
    )  # fmt: skip


@router.get("/notifications", response=may_fail(list[NotificationOut]))
def list_notifications(
    request: HttpRequest, state: Literal["open", "acknowledged", "closed"] = "open", kind: Code = ""
) -> list[NotificationOut]:
    """What this person is told, the urgent first, then the latest; 200 at most."""
    return [_told(each) for each in listed(actor(request), states=(state,), kind=kind)]


class AcknowledgeIn(Shape):
    key: Key
    notification_ids: Annotated[list[Id], Field(min_length=1, max_length=SHOWN)]
    note: Note = ""


@router.post("/notifications/acknowledge", response=may_fail(Answer))
def acknowledge_them(request: HttpRequest, payload: AcknowledgeIn) -> Answer:
    """Say that one sees to these: they ring for nobody any more. ``facts.notifications``: how many were open."""
    return answered(acknowledge(actor=actor(request), **payload.model_dump()))


class NotificationRuleOut(Schema):
    id: int
    kind: str
    place_id: int | None
    role_id: int | None
    person_id: int | None
    channels: list[str]
    escalate_after: int | None
    escalate_to_id: int | None
    active: bool


def _rule(found: Rule) -> NotificationRuleOut:
    return NotificationRuleOut(
        id=found.pk, kind=found.kind, place_id=found.place_id, role_id=found.role_id, person_id=found.person_id,
        channels=found.channels, escalate_after=found.escalate_after, escalate_to_id=found.escalate_to_id,
        active=found.active,
    )  # fmt: skip


@router.get("/notification-rules", response=may_fail(list[NotificationRuleOut]))
def list_notification_rules(request: HttpRequest, kind: Code = "") -> list[NotificationRuleOut]:
    """The rules of the whole house and of the places where this person edits rules; ended ones last."""
    who = actor(request)
    return [_rule(each) for each in rules_for(who, kind=kind)] if who.may("edit_rules") else []


class NotificationRuleEdit(Shape):
    """``role_id`` or ``person_id``, or neither: everybody who may see it. ``escalate_after``: minutes."""

    key: Key
    role_id: Id | None = None
    person_id: Id | None = None
    channels: Annotated[list[Literal["email", "push"]], Field(max_length=2)] = []
    escalate_after: Annotated[int, Field(ge=1, le=MOST_MINUTES)] | None = None
    escalate_to_id: Id | None = None


class NotificationRuleIn(NotificationRuleEdit):
    """``place_id``: at it and everywhere below; none: in the whole house."""

    kind: Code
    place_id: Id | None = None


@router.post("/notification-rules", response=may_fail(Answer))
def new_notification_rule(request: HttpRequest, payload: NotificationRuleIn) -> Answer:
    """Tell somebody: of a kind of matter, at a place and below, a role or a person."""
    return answered(add_rule(actor=actor(request), **payload.model_dump()))


@router.post("/notification-rules/{notification_rule_id}", response=may_fail(Answer))
def change_notification_rule(
    request: HttpRequest, notification_rule_id: Id, payload: NotificationRuleEdit
) -> Answer:
    """Change whom a rule tells. It holds for what is open already, too."""
    return answered(edit_rule(actor=actor(request), rule_id=notification_rule_id, **payload.model_dump()))


@router.post("/notification-rules/{notification_rule_id}/active", response=may_fail(Answer))
def switch_notification_rule(request: HttpRequest, notification_rule_id: Id, payload: ActiveIn) -> Answer:
    """End a rule, or let it hold again."""
    return answered(
        set_rule_active(actor=actor(request), rule_id=notification_rule_id, **payload.model_dump())
    )
