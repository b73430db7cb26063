"""Devices that came out of patients, and where each goes."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.theatre.explanted import (
    explanted_lots,
    explanted_units,
    hand_on,
    handovers,
    return_explanted,
)
from yanji.flows.theatre.implants import explant
from yanji.ledger.api import LotQuantity

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Both,
    Code,
    Epc,
    Id,
    Name,
    Note,
    Pieces,
    Reason,
    Shape,
    UnitOut,
    answered,
    may_fail,
)
from .units import units_out

router = Router(tags=["theatre"])


class OfLot(Shape):
    """So many pieces of a lot, at the place that the act names."""

    lot_id: Id
    quantity: Pieces


class DevicesIn(Act):
    """``things``: units by their identity, and pieces of lots. ``place_id``: where they come to lie, or lie."""

    place_id: Id
    things: list[Epc | OfLot] = Field(max_length=MOST)

    def said(self) -> dict[str, Any]:
        """What it says, as the flows take it."""
        given = [
            each if isinstance(each, str) else LotQuantity(each.lot_id, Decimal(each.quantity), self.place_id)
            for each in self.things
        ]
        return self.given("things") | {"things": given}


class ExplantIn(DevicesIn):
    patient_token: Name
    case_number: Code
    reason: Reason


@router.post("/explants", response=may_fail(Answer))
def take_out(request: HttpRequest, payload: ExplantIn) -> Answer:
    """Units, or pieces of lots, came out of a patient. ``reason``: a code of the group ``explant``."""
    return answered(explant(actor=actor(request), **payload.said()))


@router.get("/explants", response=may_fail(list[UnitOut]))
def came_out(request: HttpRequest) -> list[UnitOut]:
    """Devices that came out of patients and lie here still, the longest first; whose they were for who may see patients."""
    who = actor(request)
    return units_out(explanted_units(who), who)


class ExplantedLotOut(Schema):
    lot_id: int
    lot: str
    item_id: int
    item_name: Both
    place_id: int
    pieces: int


@router.get("/explants/lots", response=may_fail(list[ExplantedLotOut]))
def lots_came_out(request: HttpRequest) -> list[ExplantedLotOut]:
    """Pieces of lots that came out of patients and lie here still, by place."""
    return [
        ExplantedLotOut(
            lot_id=each.lot_id, lot=each.lot.number, item_id=each.lot.item_id, place_id=each.place_id,
            item_name=(each.lot.item.name_zh, each.lot.item.name_en), pieces=int(each.quantity),
        )
        for each in explanted_lots(actor(request))
    ]  # fmt: skip


class ReturnExplantedIn(DevicesIn):
    reason: Reason
    note: Note = ""


@router.post("/explants/returns", response=may_fail(Answer))
def send_explanted(request: HttpRequest, payload: ReturnExplantedIn) -> Answer:
    """Explanted things are to go to their supplier's laboratory: ``id`` is a return, which goes on under
    ``/supplier-returns/{id}``. ``reason``: a code of the group ``supplier_return``."""
    return answered(return_explanted(actor=actor(request), **payload.said()))


class HandOnIn(DevicesIn):
    """``to_place_id`` for a department that examines, or ``patient_token`` for the patient whose the things were."""

    handed_to: Name
    to_place_id: Id | None = None
    patient_token: Name = ""
    note: Note = ""


@router.post("/explants/hand-overs", response=may_fail(Answer))
def hand_on_explanted(request: HttpRequest, payload: HandOnIn) -> Answer:
    """Explanted things go to where they are examined, or to the patient. Destroyed they are by a scrap paper."""
    return answered(hand_on(actor=actor(request), **payload.said()))


class HandoverOut(Schema):
    id: int
    number: str
    state: str
    place_id: int
    to_place_id: int | None
    handed_to: str
    at: datetime


@router.get("/explants/hand-overs", response=may_fail(list[HandoverOut]))
def handed_on(request: HttpRequest) -> list[HandoverOut]:
    """Papers of devices that were handed on, latest first."""
    return [HandoverOut.from_orm(each) for each in handovers(actor(request))]
