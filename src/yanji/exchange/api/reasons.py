"""The reasons that acts take, as the hospital words them: listed for everybody, edited by who keeps the rules."""

from django.http import HttpRequest
from ninja import Router, Schema

from yanji.flows import reasons

from .auth import actor
from .shapes import ActiveIn, Answer, Code, Id, Key, Name, Shape, answered, may_fail

router = Router(tags=["reasons"])


class ReasonOut(Schema):
    """``code`` goes into an act; ``active``: whether it may still be chosen. The name is in the request's language."""

    id: int
    group: str
    code: str
    name: str
    active: bool


@router.get("/reasons", response=may_fail(list[ReasonOut]))
def list_reasons(request: HttpRequest, group: Code = "") -> object:
    """Reasons of one group, or of all, in the order in which they are offered; ended ones last."""
    return reasons.all_reasons(group)


class ReasonWordsIn(Shape):
    key: Key
    name_zh: Name
    name_en: Name


class ReasonIn(ReasonWordsIn):
    """``code``: small letters, digits and _; it stays for ever."""

    group: Code
    code: Code


@router.post("/reasons", response=may_fail(Answer))
def new_reason(request: HttpRequest, payload: ReasonIn) -> Answer:
    """Offer one more reason, at the end of its group."""
    return answered(reasons.add_reason(actor=actor(request), **payload.model_dump()))


@router.post("/reasons/{reason_id}", response=may_fail(Answer))
def reword(request: HttpRequest, reason_id: Id, payload: ReasonWordsIn) -> Answer:
    """Say it in other words, in history too. The code stays."""
    return answered(reasons.rename_reason(actor=actor(request), reason_id=reason_id, **payload.model_dump()))


class ReasonMoveIn(Shape):
    key: Key
    up: bool


@router.post("/reasons/{reason_id}/move", response=may_fail(Answer))
def move(request: HttpRequest, reason_id: Id, payload: ReasonMoveIn) -> Answer:
    """Offer it one place earlier, or later."""
    return answered(reasons.move_reason(actor=actor(request), reason_id=reason_id, **payload.model_dump()))


@router.post("/reasons/{reason_id}/active", response=may_fail(Answer))
def switch(request: HttpRequest, reason_id: Id, payload: ActiveIn) -> Answer:
    """Stop offering a reason, or offer it again; the last of a group stays."""
    return answered(
        reasons.set_reason_active(actor=actor(request), reason_id=reason_id, **payload.model_dump())
    )
