"""Holding what must not be used, and releasing it: single things, or all of a lot at a place."""

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.access.gates import place_for
from yanji.flows.held import WholeLot, held
from yanji.flows.hold import hold, release

from .auth import actor
from .shapes import MOST, Act, Answer, Both, Id, Note, Reason, Shape, Things, answered, may_fail

router = Router(tags=["holds"])


class WholeLotIn(Shape):
    """All that lies of a lot at a place or below it."""

    lot_id: Id
    place_id: Id


class HoldIn(Act):
    """``reason``: a code of the groups ``hold`` and ``release``, see ``/reasons``."""

    things: Things = Field(default_factory=list)
    lots: list[WholeLotIn] = Field(default_factory=list, max_length=MOST)
    reason: Reason
    note: Note = ""


@router.post("/holds", response=may_fail(Answer))
def put_on_hold(request: HttpRequest, payload: HoldIn) -> Answer:
    """Hold things where they lie. ``facts.count``: how many pieces; what lay picked is open to pick again."""
    return answered(hold(actor=actor(request), **_given(payload)))


@router.post("/releases", response=may_fail(Answer))
def lift_hold(request: HttpRequest, payload: HoldIn) -> Answer:
    """Let held things be handed out again."""
    return answered(release(actor=actor(request), **_given(payload)))


def _given(payload: HoldIn) -> dict[str, object]:
    return {
        **payload.given("lots"),
        "lots": [WholeLot(lot.lot_id, lot.place_id) for lot in payload.lots],
    }


class HeldOut(Schema):
    """A unit on hold, or a counted lot at one place (``epc`` empty, ``reason`` unknown)."""

    epc: str
    serial: str
    item_name: Both
    lot_id: int
    lot: str
    expiry: date | None
    place_id: int
    place_name: Both
    pieces: int
    since: datetime | None
    reason: str
    step: str


@router.get("/holds", response=may_fail(list[HeldOut]))
def on_hold(
    request: HttpRequest, place_id: Id | None = None, limit: Annotated[int, Field(ge=1, le=1000)] = 200
) -> object:
    """What is on hold where the caller may release it, or at one place; units first, the latest first."""
    who = actor(request)
    paths = [place_for(who, place_id, may="hold").path] if place_id else who.scopes.get("hold", ())
    return held(paths, limit=limit)
