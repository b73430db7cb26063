"""Holding what must not be used, and releasing it: single things, or all of a lot at a place."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.access.gates import place_for
from yanji.flows.held import WholeLot, held
from yanji.flows.hold import hold, release
from yanji.flows.models_recall import LotRecall
from yanji.flows.recall import mark_expired, recall
from yanji.flows.recall_end import end_recall
from yanji.flows.recall_found import Found, found_of
from yanji.flows.recalled import lots_recalled

from .auth import actor
from .shapes import MOST, Act, Answer, Both, Id, Key, Name, Note, Reason, Shape, Things, answered, may_fail

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


class ReleaseIn(HoldIn):
    """``to_place_id``: the shelf that they are put on, where they lie at a wrong temperature."""

    to_place_id: Id | None = None


@router.post("/holds", response=may_fail(Answer))
def put_on_hold(request: HttpRequest, payload: HoldIn) -> Answer:
    """Hold things where they lie. ``facts.count``: how many pieces; what lay picked is open to pick again."""
    return answered(hold(actor=actor(request), **_given(payload)))


@router.post("/releases", response=may_fail(Answer))
def lift_hold(request: HttpRequest, payload: ReleaseIn) -> Answer:
    """Let held things be handed out again, where they lie or on the shelf ``to_place_id``."""
    return answered(release(actor=actor(request), **_given(payload)))


class RecallIn(Act):
    """``notice``: number of the maker's or the authority's notice."""

    things: Things = Field(default_factory=list)
    lots: list[WholeLotIn] = Field(default_factory=list, max_length=MOST)
    notice: Name
    note: Note = ""


@router.post("/recalls", response=may_fail(Answer))
def recall_goods(request: HttpRequest, payload: RecallIn) -> Answer:
    """Recall things, or all of some lots, on its way too: nothing of them is released any more. ``facts.count``: pieces."""
    return answered(recall(actor=actor(request), **_given(payload)))


class RecallEnd(Shape):
    """``reason``: a code of the group ``recall_end``, see ``/reasons``."""

    key: Key
    reason: Reason
    note: Note = ""


@router.post("/recalls/{lot_id}/end", response=may_fail(Answer))
def end_recall_of_lot(request: HttpRequest, lot_id: Id, payload: RecallEnd) -> Answer:
    """End the recalls of a lot: what is still marked goes on hold. ``facts.notices``: those that ended."""
    return answered(end_recall(actor=actor(request), lot_id=lot_id, **payload.given()))


class RecallOut(Schema):
    """A lot under a notice, and how far its recall has come where one may look: pieces ``to_find`` that somebody may still take,
    ``set_apart`` and ``used``, and for how many ``patients``; ``report``: the id of its paper of the kind ``recall``."""

    lot_id: int
    lot: str
    expiry: date | None
    item_id: int
    item_name: Both
    notice: str
    at: datetime
    person: str
    to_find: Decimal
    set_apart: Decimal
    used: Decimal
    patients: int
    report: int

    @staticmethod
    def of(found: LotRecall, reach: Found) -> "RecallOut":
        lot, item = found.lot, found.lot.item
        return RecallOut(
            lot_id=lot.pk, lot=lot.number, expiry=lot.expiry, item_id=item.pk, item_name=(item.name_zh, item.name_en),
            notice=found.notice, at=found.at, person=found.actor.name, to_find=reach.to_find, set_apart=reach.apart,
            used=reach.used, patients=reach.patients, report=found.pk,
        )  # fmt: skip


@router.get("/recalls", response=may_fail(list[RecallOut]))
def recalls_in_force(
    request: HttpRequest, limit: Annotated[int, Field(ge=1, le=1000)] = 200
) -> list[RecallOut]:
    """The recalls that hold, the latest first; for who may hold."""
    who = actor(request)
    if not who.may("hold"):
        return []
    recalls = lots_recalled(limit=limit)
    reached = found_of([each.lot_id for each in recalls], who.scopes.get("view", ()))
    return [RecallOut.of(each, reached[each.lot_id].total) for each in recalls]


class ExpiredIn(Act):
    place_id: Id
    note: Note = ""


@router.post("/expiries", response=may_fail(Answer))
def mark_what_expired(request: HttpRequest, payload: ExpiredIn) -> Answer:
    """Mark all that is past its expiry at a place or below it. ``facts.count``: how many pieces."""
    return answered(mark_expired(actor=actor(request), **payload.given()))


def _given(payload: HoldIn | RecallIn) -> dict[str, object]:
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
