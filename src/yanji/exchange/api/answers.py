"""What suppliers say to the lines of orders, and the buyer's word on it."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from yanji.flows.buying.answers import Promise, answer_line, confirm_lines, settle_answer

from .auth import actor
from .shapes import MOST, Answer, Id, Key, Note, Shape, answered, may_fail

router = Router(tags=["buying"])


class PromiseIn(Shape):
    """The day on which one delivery of a line will come; ``part_id``: one of the line's ``parts``."""

    part_id: Id
    promised_on: date


class LineAnswerIn(Shape):
    """``pieces``: how many will come, those that came included. ``promises``: a day for each delivery of a line of several."""

    key: Key
    verdict: Literal["confirmed", "changed", "declined"]
    pieces: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    promised_on: date | None = None
    promises: Annotated[list[PromiseIn], Field(max_length=400)] = []
    note: Note = ""

    def command(self) -> dict[str, Any]:
        """The answer as the verb takes it."""
        promises = [Promise(**each.model_dump()) for each in self.promises]
        return {**self.model_dump(exclude={"promises"}), "promises": promises}


@router.post("/order-lines/{line_id}/answers", response=may_fail(Answer))
def answer(request: HttpRequest, line_id: Id, payload: LineAnswerIn) -> Answer:
    """The supplier's answer to one line: confirmed, changed or declined. Also from a supplier's own account."""
    return answered(answer_line(actor=actor(request), line_id=line_id, **payload.command()))


class ConfirmedIn(Shape):
    """``lines``: those of the order to which nothing was said yet."""

    key: Key
    lines: Annotated[list[Id], Field(min_length=1, max_length=MOST)]


@router.post("/orders/{order_id}/answers", response=may_fail(Answer))
def confirm(request: HttpRequest, order_id: Id, payload: ConfirmedIn) -> Answer:
    """The supplier confirms lines as asked: pieces and days. All of them, or none; ``facts.confirmed``: how many."""
    return answered(confirm_lines(actor=actor(request), order_id=order_id, **payload.model_dump()))


class SettleAnswerIn(Shape):
    key: Key
    accept: bool


@router.post("/answers/{answer_id}/settle", response=may_fail(Answer))
def settle(request: HttpRequest, answer_id: Id, payload: SettleAnswerIn) -> Answer:
    """Take what the supplier offers and wait for no more, or insist on what was ordered."""
    return answered(settle_answer(actor=actor(request), answer_id=answer_id, **payload.model_dump()))
