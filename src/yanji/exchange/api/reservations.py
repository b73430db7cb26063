"""What lies in a store is kept for a case or a requisition, and given free again."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from yanji.access.gates import place_for
from yanji.flows.reserving.queries import Reserved, reserved_at
from yanji.flows.reserving.reserve import reserve, unreserve

from .auth import actor
from .shapes import MOST, Act, Answer, Both, Code, Id, Note, Reason, Things, ThingsIn, answered, may_fail

router = Router(tags=["store"])


class ReserveIn(ThingsIn):
    """For ``requisition_id`` or for ``case_number``. ``until``: else the end of the day on which they are wanted."""

    store_id: Id
    requisition_id: Id | None = None
    case_number: Code = ""
    until: AwareDatetime | None = None
    note: Note = ""


@router.post("/reservations", response=may_fail(Answer))
def keep_for(request: HttpRequest, payload: ReserveIn) -> Answer:
    """Keep things of a store for a requisition or a case. ``number``: of the reservation; ``facts.until``: up to when;
    ``facts.count``: how many pieces; ``facts.reserved_for``: the document's number."""
    return answered(reserve(actor=actor(request), **payload.given()))


class UnreserveIn(Act):
    """``reservations``: pieces of counted lots by the ``id`` of what is kept, all of it. ``reason``: a code of the group
    ``unreserve``, see ``/reasons``. ``reserved_for``: the number that the ``things`` are kept for, where pieces of one lot are
    kept for several."""

    things: Things = Field(default_factory=list)
    reservations: list[Id] = Field(default_factory=list, max_length=MOST)
    reason: Reason
    reserved_for: Code = ""
    note: Note = ""


@router.post("/reservations/end", response=may_fail(Answer))
def give_free(request: HttpRequest, payload: UnreserveIn) -> Answer:
    """End a reservation before its time. ``facts.count``: how many pieces."""
    return answered(unreserve(actor=actor(request), **payload.given()))


class ReservedOut(Schema):
    """A unit that is kept, or pieces of a counted lot at one place (``epc`` empty; ``id`` names them). ``reservation``: the
    number of the act in which it was kept."""

    id: int | None
    epc: str
    serial: str
    item_id: int
    item_name: Both
    lot_id: int
    lot: str
    place_id: int
    place_name: Both
    owner_id: int | None
    pieces: int
    reserved_for: str
    reservation: str
    requisition_id: int | None
    until: datetime | None
    since: datetime

    @staticmethod
    def of(found: Reserved) -> "ReservedOut":
        return ReservedOut(
            id=found.row_id or None, epc=found.epc, serial=found.serial, item_id=found.item_id,
            item_name=found.item_name, lot_id=found.lot_id, lot=found.lot, place_id=found.place_id,
            place_name=found.place_name, owner_id=found.owner_id, pieces=found.pieces,
            reserved_for=found.reserved_for, reservation=found.reservation, until=found.until, since=found.since,
            requisition_id=found.requisition_id or None,
        )  # fmt: skip


@router.get("/reservations", response=may_fail(list[ReservedOut]))
def what_is_kept(
    request: HttpRequest,
    place_id: Id | None = None,
    reserved_for: Code = "",
    limit: Annotated[int, Field(ge=1, le=1000)] = 500,
) -> list[ReservedOut]:
    """What is kept where the caller picks, or at one place; the first to end first."""
    who = actor(request)
    place = place_for(who, place_id, may="pick") if place_id else None
    numbers = [reserved_for] if reserved_for else []
    return [ReservedOut.of(each) for each in reserved_at(who, place=place, numbers=numbers, limit=limit)]
