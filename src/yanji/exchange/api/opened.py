"""Opened pieces of counted lots: vials, bottles, test kits."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, WithJsonSchema

from yanji.access.gates import NotFound
from yanji.flows.opened.models import OpenedPiece, Opening
from yanji.flows.opened.piece import (
    Holds,
    discard,
    open_piece,
    opened_pieces,
    openings,
    piece_for,
    set_opening,
    take,
)

from .auth import actor
from .shapes import Act, Answer, Code, Id, Note, Reason, Shape, answered, may_fail

router = Router(tags=["opened"])
Amount = Annotated[
    Decimal,
    Field(gt=0, max_digits=12, decimal_places=3),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,3})?$"}),
]


class OpenIn(Act):
    place_id: Id
    lot_id: Id
    owner_id: Id | None = None


class OpenedOut(Schema):
    """An opened piece; ``left`` of ``content`` in ``measure``; nothing is taken after ``use_until``."""

    id: int
    number: str
    state: str
    lot_id: int
    item_id: int
    item_name: str
    place_id: int
    opened_at: datetime
    use_until: datetime | None
    content: Decimal
    left: Decimal
    measure: str


def _piece(found: OpenedPiece) -> OpenedOut:
    return OpenedOut(
        id=found.pk, number=found.number, state=found.state, lot_id=found.lot_id, item_id=found.lot.item_id,
        item_name=found.lot.item.name, place_id=found.place_id, opened_at=found.opened_at, use_until=found.use_until,
        content=found.content, left=found.left, measure=found.measure,
    )  # fmt: skip


@router.post("/opened", response=may_fail(Answer))
def open_one(request: HttpRequest, payload: OpenIn) -> Answer:
    """Open one piece of a lot where it lies."""
    return answered(open_piece(actor=actor(request), **payload.model_dump()))


@router.get("/opened", response=may_fail(list[OpenedOut]))
def list_opened(request: HttpRequest, state: Code = "open", place_id: Id | None = None) -> list[OpenedOut]:
    """Opened pieces, those that end first before the others."""
    return [_piece(each) for each in opened_pieces(actor(request), place_id=place_id, state=state)[:500]]


@router.get("/opened/{piece_id}", response=may_fail(OpenedOut))
def one_opened(request: HttpRequest, piece_id: Id) -> OpenedOut:
    """One opened piece."""
    return _piece(piece_for(actor(request), piece_id))


class TakeIn(Act):
    amount: Amount
    case_number: Code = ""
    note: Note = ""


@router.post("/opened/{piece_id}/takes", response=may_fail(Answer))
def take_part(request: HttpRequest, piece_id: Id, payload: TakeIn) -> Answer:
    """Take a part; the last of it ends the piece. ``facts.left``: what is left."""
    return answered(take(actor=actor(request), piece_id=piece_id, **payload.model_dump()))


class DiscardIn(Act):
    reason: Reason
    note: Note = ""


@router.post("/opened/{piece_id}/discard", response=may_fail(Answer))
def discard_rest(request: HttpRequest, piece_id: Id, payload: DiscardIn) -> Answer:
    """Throw away what is left, for a reason."""
    return answered(discard(actor=actor(request), piece_id=piece_id, **payload.model_dump()))


class OpeningOut(Schema):
    item_id: int
    item_name: str
    content: Decimal
    measure: str
    hours: int | None


@router.get("/openings", response=may_fail(list[OpeningOut]))
def list_openings(request: HttpRequest) -> list[OpeningOut]:
    """What a piece of each opened item holds, and for how many hours it keeps."""
    if not actor(request).may("view"):
        raise NotFound("item")
    return [_opening(each) for each in openings()]


def _opening(found: Opening) -> OpeningOut:
    return OpeningOut(
        item_id=found.item_id,
        item_name=found.item.name,
        content=found.content,
        measure=found.measure,
        hours=found.hours,
    )


class HoldsIn(Shape):
    content: Amount
    measure: Annotated[str, Field(min_length=1, max_length=20)]
    hours: Annotated[int, Field(gt=0, le=100_000)] | None = None


class OpeningIn(Act):
    """``holds``: null where the item is not opened any more."""

    holds: HoldsIn | None


@router.post("/openings/{item_id}", response=may_fail(Answer))
def keep_opening(request: HttpRequest, item_id: Id, payload: OpeningIn) -> Answer:
    """Say what a piece of an item holds and how long it keeps once opened."""
    holds = Holds(**payload.holds.model_dump()) if payload.holds else None
    return answered(set_opening(actor=actor(request), key=payload.key, item_id=item_id, holds=holds))
