"""Opened pieces of counted lots: vials, bottles, test kits."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, WithJsonSchema

from yanji.access.gates import NotFound
from yanji.flows.opened.models import OpenedPiece, Opening
from yanji.flows.opened.openings import MOST_HOURS, Holds, openings, said_of, set_opening
from yanji.flows.opened.parts import PieceLife, life_of
from yanji.flows.opened.piece import discard, open_piece, opened_pieces, piece_for, take
from yanji.flows.opened.undo import take_part_back

from .auth import actor
from .shapes import Act, Answer, Code, Id, Key, Note, Reason, Shape, answered, may_fail

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


class UndoneOut(Schema):
    """Who took something of a piece back, when and why; ``ended``: the state that it lost by it."""

    at: datetime
    by: str
    reason: str
    note: str
    ended: str


class PartTakenOut(Schema):
    """A part taken: ``left`` after it, for whom. ``hidden``: for a case that the caller may not see. ``undone``: it was taken
    back, and counts no more."""

    id: int
    amount: Decimal
    left: Decimal
    at: datetime
    by: str
    note: str
    case_id: int | None
    case_number: str
    patient_token: str
    hidden: bool
    undone: UndoneOut | None


class EndOut(Schema):
    """How a piece ended; ``reason`` where it was thrown away or opened by mistake. ``event``: the entry that says so; to take
    a discarding back, name it to ``/corrections``."""

    event: UUID
    at: datetime
    by: str
    reason: str
    note: str


class LifeOut(Schema):
    """An opened piece, what was taken from it, oldest first, and how it ended; ``undone``: ends that were taken back.
    ``opened_event``: the entry that opened it; opened by mistake, it is named to ``/corrections``."""

    piece: OpenedOut
    opened_event: UUID
    parts: list[PartTakenOut]
    end: EndOut | None
    undone: list[UndoneOut]


def life_out(life: PieceLife) -> LifeOut:
    piece = _piece(life.piece)
    piece.left, piece.state = life.left, life.state
    return LifeOut(
        piece=piece,
        opened_event=life.piece.opened_event,
        undone=[UndoneOut.from_orm(each) for each in life.undone],
        parts=[PartTakenOut.from_orm(each) for each in life.parts],
        end=EndOut.from_orm(life.end) if life.end else None,
    )


@router.get("/opened/{piece_id}/life", response=may_fail(LifeOut))
def life(request: HttpRequest, piece_id: Id) -> LifeOut:
    """All that was taken from a piece: how much, by whom, when, for which case and patient, what was left."""
    return life_out(life_of(actor(request), piece_id))


class TakeIn(Act):
    amount: Amount
    case_number: Code = ""
    note: Note = ""


@router.post("/opened/{piece_id}/takes", response=may_fail(Answer))
def take_part(request: HttpRequest, piece_id: Id, payload: TakeIn) -> Answer:
    """Take a part; the last of it ends the piece. ``facts.left``: what is left."""
    return answered(take(actor=actor(request), piece_id=piece_id, **payload.model_dump()))


class PartBackIn(Shape):
    key: Key
    reason: Reason
    note: Note = ""


@router.post("/opened/{piece_id}/takes/{part_id}/void", response=may_fail(Answer))
def void_part(request: HttpRequest, piece_id: Id, part_id: Id, payload: PartBackIn) -> Answer:
    """A part that was not taken so is in the piece again: its ``id`` stands in ``/life``. ``facts.left``: what is left."""
    given = payload.model_dump()
    return answered(take_part_back(actor=actor(request), piece_id=piece_id, part_id=part_id, **given))


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


class OpeningSaidOut(Schema):
    """What was said of an item's pieces; without ``content``: not opened from then on."""

    content: Decimal | None
    measure: str
    hours: int | None
    said_at: datetime
    said_by: str


@router.get("/openings/{item_id}/history", response=may_fail(list[OpeningSaidOut]))
def opening_history(request: HttpRequest, item_id: Id) -> list[OpeningSaidOut]:
    """All that was said of what a piece of an item holds and how long it keeps, the latest first."""
    if not actor(request).may("view"):
        raise NotFound("item")
    return [
        OpeningSaidOut(
            content=each.content, measure=each.measure, hours=each.hours, said_at=each.said_at, said_by=each.actor.name
        )
        for each in said_of(item_id)[:500]
    ]  # fmt: skip


class HoldsIn(Shape):
    content: Amount
    measure: Annotated[str, Field(min_length=1, max_length=20)]
    hours: Annotated[int, Field(gt=0, le=MOST_HOURS)] | None = None


class OpeningIn(Act):
    """``holds``: null where the item is not opened any more."""

    holds: HoldsIn | None


@router.post("/openings/{item_id}", response=may_fail(Answer))
def keep_opening(request: HttpRequest, item_id: Id, payload: OpeningIn) -> Answer:
    """Say what a piece of an item holds and how long it keeps once opened."""
    holds = Holds(**payload.holds.model_dump()) if payload.holds else None
    return answered(set_opening(actor=actor(request), key=payload.key, item_id=item_id, holds=holds))
