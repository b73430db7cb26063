"""What departments give back: the notes, and the store's inspection."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.models_return import DepartmentReturn
from yanji.flows.return_fates import state_of
from yanji.flows.returned import department_return_for, department_returns, returned_things

from .auth import actor
from .shapes import Act, Answer, Both, Id, Reason, Things, answered, may_fail

router = Router(tags=["returns"])


class ReturnedOut(Schema):
    """``fate``: waiting, good, held, missing, sent_back, voided; counted: pieces of a counted lot, looked at."""

    code: str
    item: Both
    serial: str
    lot: str
    expiry: date | None
    pieces: int
    fate: str
    reason: str


class ReturnNoteOut(Schema):
    """``state``: sent, inspected, voided."""

    id: int
    number: str
    state: str
    department_id: int
    department: str
    store_id: int
    store: str
    reason: str
    sent_at: datetime
    things: list[ReturnedOut]


def _note(back: DepartmentReturn) -> ReturnNoteOut:
    things = returned_things(back)
    return ReturnNoteOut(
        id=back.pk, number=back.number, state=state_of(things), department_id=back.department_id,
        department=back.department.name, store_id=back.store_id, store=back.store.name, reason=back.reason,
        sent_at=back.sent_at, things=[ReturnedOut.from_orm(each) for each in things],
    )  # fmt: skip


class ReturnNoteShortOut(Schema):
    id: int
    number: str
    department_id: int
    store_id: int
    reason: str
    sent_at: datetime


@router.get("/returns", response=may_fail(list[ReturnNoteShortOut]))
def list_return_notes(request: HttpRequest) -> list[ReturnNoteShortOut]:
    """What departments gave back, seen from either end, latest first."""
    return [ReturnNoteShortOut.from_orm(each) for each in department_returns(actor(request))]


class GiveBackIn(Act):
    department_id: Id
    store_id: Id
    things: Things
    reason: Reason = ""


@router.post("/returns", response=may_fail(Answer))
def send_back(request: HttpRequest, payload: GiveBackIn) -> Answer:
    """Send unused things back to a store, where they wait for inspection."""
    return answered(give_back(actor=actor(request), **payload.given()))


class InspectionIn(Act):
    store_id: Id
    restock: Things = Field(default_factory=list)
    hold: Things = Field(default_factory=list)
    hold_reason: Reason = ""


@router.post("/returns/inspections", response=may_fail(Answer))
def inspect(request: HttpRequest, payload: InspectionIn) -> Answer:
    """Say of each thing that came back whether it may be handed out again."""
    given = payload.given()
    hold = {given.pop("hold_reason"): given.pop("hold")}
    return answered(inspect_return(actor=actor(request), hold=hold, **given))


@router.get("/returns/{note_id}", response=may_fail(ReturnNoteOut))
def one_return_note(request: HttpRequest, note_id: Id) -> ReturnNoteOut:
    """One return: every thing, and what the store found."""
    return _note(department_return_for(actor(request), note_id))
