"""Smart cabinets: what doors and antennas report, and the cases that somebody has to look into."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.cabinets.report import door_closed, door_opened
from yanji.flows.cabinets.settle import open_cases, settle_case
from yanji.flows.scanning import MOST_SCANS

from .auth import actor
from .shapes import Act, Answer, Epc, Id, Name, Note, answered, may_fail

router = Router(tags=["cabinets"])


class DoorIn(Act):
    """``badge``: as the reader at the door sends it; left out where none was read."""

    badge: Name = ""


@router.post("/cabinets/{cabinet_id}/opened", response=may_fail(Answer))
def opened(request: HttpRequest, cabinet_id: Id, payload: DoorIn) -> Answer:
    """The door was opened. ``facts.person``: who it is, where the badge is known."""
    return answered(door_opened(actor=actor(request), cabinet_id=cabinet_id, **payload.model_dump()))


class ClosedIn(DoorIn):
    """``tags``: every tag that is inside now, as the antenna sends it (EPC in hex, or an identity)."""

    tags: Annotated[list[Epc], Field(max_length=MOST_SCANS)]


@router.post("/cabinets/{cabinet_id}/closed", response=may_fail(Answer))
def closed(request: HttpRequest, cabinet_id: Id, payload: ClosedIn) -> Answer:
    """The door was closed. ``facts``: pieces taken and put back, cases opened, and in whose name."""
    return answered(door_closed(actor=actor(request), cabinet_id=cabinet_id, **payload.model_dump()))


class CabinetCaseOut(Schema):
    """``way``: taken, brought. ``code`` and ``why``: what stood in the way."""

    id: int
    cabinet_id: int
    cabinet: str
    way: str
    thing: str
    item: str
    code: str
    why: str
    at: datetime


@router.get("/cabinet-cases", response=may_fail(list[CabinetCaseOut]))
def list_cases(request: HttpRequest) -> list[CabinetCaseOut]:
    """Open cases of the cabinets that you look after, oldest first."""
    return [
        CabinetCaseOut(
            id=each.pk, cabinet_id=each.cabinet_id, cabinet=each.cabinet.name, way=each.way, thing=each.thing,
            item=each.item.name if each.item else "", code=each.code, why=each.why, at=each.door.happened_at,
        )
        for each in open_cases(actor(request))
    ]  # fmt: skip


class SettleCaseIn(Act):
    """``username``: for whom it is entered; left out, ``note`` says what was found and nothing is entered."""

    username: Name = ""
    note: Note = ""


@router.post("/cabinet-cases/{cabinet_case_id}", response=may_fail(Answer))
def settle(request: HttpRequest, cabinet_case_id: Id, payload: SettleCaseIn) -> Answer:
    """Enter it for somebody, or say what was found."""
    return answered(settle_case(actor=actor(request), case_id=cabinet_case_id, **payload.model_dump()))
