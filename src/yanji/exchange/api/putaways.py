"""Putting away: where something had better lie, and that it lies there now."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from yanji.access.gates import NotFound, place_for
from yanji.catalog.models import Item
from yanji.flows.acts import MAX_PIECES
from yanji.flows.putaway import put_away
from yanji.flows.shelf_choice import ToPut, shelves_for

from .auth import actor
from .shapes import Act, Answer, Id, Shape, Things, answered, may_fail

router = Router(tags=["store"])


class PutAwayIn(Act):
    things: Things
    to_place_id: Id
    from_place_id: Id | None = None


@router.post("/putaways", response=may_fail(Answer))
def shelve(request: HttpRequest, payload: PutAwayIn) -> Answer:
    """Put things onto one shelf, from the dock or from another shelf."""
    return answered(put_away(actor=actor(request), **payload.given()))


class ToPutIn(Shape):
    """So many pieces of an item, at a dock or on a shelf now."""

    item_id: Id
    place_id: Id
    pieces: Annotated[int, Field(gt=0, le=MAX_PIECES)] = 1
    expiry: date | None = None


class BetterShelfOut(Schema):
    """One proposal with its reason, in the reader's language. ``room``: for how many more; empty: no limit."""

    place_id: int
    code: str
    name: str
    reason: str
    room: int | None


@router.get("/shelves", response=may_fail(list[BetterShelfOut]))
def better_shelves(request: HttpRequest, asked: Query[ToPutIn]) -> list[BetterShelfOut]:
    """Where something had better lie, best first: temperature, room, its own kind, its family, its expiry."""
    who = actor(request)
    now = place_for(who, asked.place_id, may="store")
    if not Item.objects.filter(pk=asked.item_id).exists():
        raise NotFound("item")
    [found] = shelves_for(who, [ToPut(asked.item_id, asked.expiry, asked.pieces, now.path)])
    return [
        BetterShelfOut(
            place_id=each.place.pk, code=each.place.code, name=each.label, reason=each.reason, room=each.room
        )
        for each in found
    ]
