"""Transfers between stores and campuses."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field, WithJsonSchema

from yanji.flows.out_of_turn import of_transfer
from yanji.flows.requisition import Wanted
from yanji.flows.transfer import queries
from yanji.flows.transfer.arrive import Doubtful, arrive, give_up
from yanji.flows.transfer.climate import Reading
from yanji.flows.transfer.curve import unpacked
from yanji.flows.transfer.gate import transfer_for
from yanji.flows.transfer.models import Transfer
from yanji.flows.transfer.pick import pick_transfer, unpick_transfer
from yanji.flows.transfer.request import ask_transfer, cancel_transfer, close_transfer
from yanji.flows.transfer.ship import ship

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Code,
    DoubtfulIn,
    Id,
    KeyOnly,
    Money,
    Name,
    Note,
    OutOfTurnOut,
    PickIn,
    PiecesIn,
    Reason,
    Shape,
    Text,
    Things,
    ThingsIn,
    answered,
    doubtful,
    may_fail,
    several,
    things,
)

router = Router(tags=["transfers"])
Celsius = Annotated[
    Decimal,
    Field(ge=-200, le=100, max_digits=5, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,3}(\.[0-9]{1,2})?$"}),
]


class TransferIn(Act):
    source_id: Id
    destination_id: Id
    lines: list[PiecesIn] = Field(max_length=MOST)
    needed_by: AwareDatetime | None = None
    note: Note = ""


class TransferLineOut(Schema):
    item_id: int
    item_code: str
    item_name: str
    quantity: int
    picked: int
    shipped: int
    arrived: int
    lost: int
    on_the_way: int


class ShipmentOut(Schema):
    id: int
    event_id: str
    shipped_at: datetime
    handed_to: str
    seals: str
    cost: Decimal
    pieces: int
    called_back: bool


class TransferOut(Schema):
    id: int
    number: str
    state: str
    source_id: int
    source: str
    destination_id: int
    destination: str
    amount: Decimal
    way_cost: Decimal
    needed_by: datetime | None
    note: str
    created_at: datetime
    lines: list[TransferLineOut]
    shipments: list[ShipmentOut]


class OneTransferOut(TransferOut):
    """With what was taken out of turn for it."""

    overrides: list[OutOfTurnOut]


def _transfer(found: Transfer) -> TransferOut:
    lines, loads = list(found.lines.all()), list(found.shipments.all())
    return TransferOut(
        id=found.pk, number=found.number, state=found.state, source_id=found.source_id, source=found.source.name,
        destination_id=found.destination_id, destination=found.destination.name, amount=found.amount,
        way_cost=queries.way_cost(loads), needed_by=found.needed_by, note=found.note, created_at=found.created_at,
        lines=[
            TransferLineOut(
                item_id=line.item_id, item_code=line.item.code, item_name=line.item.name, quantity=line.quantity,
                picked=line.picked, shipped=line.shipped, arrived=line.arrived, lost=line.lost,
                on_the_way=line.on_the_way,
            )
            for line in lines
        ],
        shipments=[
            ShipmentOut(
                id=load.pk, event_id=str(load.event_id), shipped_at=load.shipped_at, handed_to=load.handed_to,
                seals=load.seals, cost=load.cost, pieces=load.pieces, called_back=load.called_back,
            )
            for load in loads
        ],
    )  # fmt: skip


@router.get("/transfers", response=may_fail(list[TransferOut]))
def list_transfers(
    request: HttpRequest, state: Code = "", source_id: Id | None = None, destination_id: Id | None = None
) -> list[TransferOut]:
    """Transfers seen from either end, most urgent first."""
    found = queries.transfers(
        actor(request), states=several(state), source_id=source_id, destination_id=destination_id
    )
    return [_transfer(each) for each in found]


@router.get("/transfers/{transfer_id}", response=may_fail(OneTransferOut))
def one_transfer(request: HttpRequest, transfer_id: Id) -> OneTransferOut:
    """One transfer with its lines and loads, and what was taken out of turn for it."""
    found = transfer_for(actor(request), transfer_id)
    late = [OutOfTurnOut.from_orm(each) for each in of_transfer(found)]
    return OneTransferOut(**dict(_transfer(found)), overrides=late)


class MissingOut(Schema):
    """What was sent and has not arrived: a unit's identity, or ``lot N``."""

    thing: str
    pieces: int


@router.get("/transfers/{transfer_id}/missing", response=may_fail(list[MissingOut]))
def list_missing(request: HttpRequest, transfer_id: Id) -> list[MissingOut]:
    """What is still on its way, thing by thing."""
    found = queries.missing(transfer_for(actor(request), transfer_id))
    return [MissingOut(thing=each.thing, pieces=each.pieces) for each in found]


class TransferDifferenceOut(Schema):
    """``kind``: held, lost, unexpected."""

    kind: str
    thing: str
    name: str
    pieces: int
    reason: str
    at: datetime


@router.get("/transfers/{transfer_id}/differences", response=may_fail(list[TransferDifferenceOut]))
def list_differences(request: HttpRequest, transfer_id: Id) -> list[TransferDifferenceOut]:
    """What did not arrive as it was sent."""
    found = queries.differences(transfer_for(actor(request), transfer_id))
    return [
        TransferDifferenceOut(
            kind=each.kind, thing=each.thing, name=each.name, pieces=each.pieces, reason=each.reason, at=each.at
        )
        for each in found
    ]  # fmt: skip


class ReadingOut(Schema):
    at: datetime
    celsius: Decimal


class LoadArrivalOut(Schema):
    """``readings``: all that the logger showed, in order of time; empty where only lowest and highest were read off."""

    id: int
    place_id: int
    at: datetime
    seals_sound: bool
    logger: str
    celsius_min: Decimal | None
    celsius_max: Decimal | None
    note: str
    readings: list[ReadingOut]


@router.get("/transfers/{transfer_id}/arrivals", response=may_fail(list[LoadArrivalOut]))
def list_arrivals(
    request: HttpRequest,
    transfer_id: Id,
    after: Id | None = None,
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
) -> list[LoadArrivalOut]:
    """What arrived when, and what the logger showed of its way, the first first. ``after``: the ``id`` of the last one seen, for
    what came since: each may have thousands of readings."""
    found = transfer_for(actor(request), transfer_id).arrivals.order_by("id")
    found = found.filter(pk__gt=after) if after else found
    return [
        LoadArrivalOut(
            id=each.pk, place_id=each.place_id, at=each.at, seals_sound=each.seals_sound, logger=each.logger,
            celsius_min=each.celsius_min, celsius_max=each.celsius_max, note=each.note,
            readings=[ReadingOut(at=one.at, celsius=one.celsius) for one in unpacked(each.record)],
        )
        for each in found[:limit]
    ]  # fmt: skip


@router.post("/transfers", response=may_fail(Answer))
def new_transfer(request: HttpRequest, payload: TransferIn) -> Answer:
    """Ask another store for goods, or offer them to one. ``state`` is ``awaiting`` where approval is needed."""
    lines = [Wanted(line.item_id, line.quantity) for line in payload.lines]
    given = payload.model_dump(exclude={"lines"})
    return answered(ask_transfer(actor=actor(request), lines=lines, **given))


@router.post("/transfers/{transfer_id}/picks", response=may_fail(Answer))
def set_aside(request: HttpRequest, transfer_id: Id, payload: PickIn) -> Answer:
    """Set things aside. ``overrides``: why a thing is taken out of turn."""
    return answered(pick_transfer(actor=actor(request), transfer_id=transfer_id, **payload.given()))


@router.post("/transfers/{transfer_id}/unpicks", response=may_fail(Answer))
def put_back(request: HttpRequest, transfer_id: Id, payload: ThingsIn) -> Answer:
    """Put back what was picked and is not to be sent."""
    return answered(unpick_transfer(actor=actor(request), transfer_id=transfer_id, **payload.given()))


class ShipIn(Act):
    handed_to: Name
    things: Things | None = None
    seals: Text = ""
    cost: Money = Decimal(0)


@router.post("/transfers/{transfer_id}/shipments", response=may_fail(Answer))
def send(request: HttpRequest, transfer_id: Id, payload: ShipIn) -> Answer:
    """Send what was picked: all of it, or the things named. ``cost``: of the way, CNY."""
    return answered(ship(actor=actor(request), transfer_id=transfer_id, **payload.given()))


class ReadingIn(Shape):
    at: AwareDatetime
    celsius: Celsius


class LoadArrivalIn(Act):
    """``things`` left out: all that is on its way. ``held`` came and is not good; ``unexpected`` was not sent.

    Cold things need a temperature (``celsius_*`` or ``readings``); with ``no_record`` they are held instead."""

    to_place_id: Id
    things: Things | None = None
    held: list[DoubtfulIn] = Field(default_factory=list, max_length=MOST)
    unexpected: list[DoubtfulIn] = Field(default_factory=list, max_length=MOST)
    celsius_min: Celsius | None = None
    celsius_max: Celsius | None = None
    readings: list[ReadingIn] = Field(default_factory=list, max_length=4_000)
    logger: Name = ""
    no_record: bool = False
    seals_sound: bool = True
    note: Note = ""


@router.post("/transfers/{transfer_id}/arrivals", response=may_fail(Answer))
def take_in(request: HttpRequest, transfer_id: Id, payload: LoadArrivalIn) -> Answer:
    """Take in what arrived. ``facts``: how many are held, how many are missing still."""
    given = payload.model_dump(exclude={"things", "held", "unexpected", "readings"})
    return answered(
        arrive(
            actor=actor(request),
            transfer_id=transfer_id,
            things=None if payload.things is None else things(payload.things),
            held=[Doubtful(*each) for each in doubtful(payload.held)],
            unexpected=[Doubtful(*each) for each in doubtful(payload.unexpected)],
            readings=[Reading(reading.at, reading.celsius) for reading in payload.readings],
            **given,
        )
    )


class GiveUpIn(Act):
    things: Things
    reason: Reason
    note: Note = ""


@router.post("/transfers/{transfer_id}/losses", response=may_fail(Answer))
def give_up_missing(request: HttpRequest, transfer_id: Id, payload: GiveUpIn) -> Answer:
    """Give up what never arrived: it is lost until somebody finds it."""
    return answered(give_up(actor=actor(request), transfer_id=transfer_id, **payload.given()))


@router.post("/transfers/{transfer_id}/close", response=may_fail(Answer))
def close(request: HttpRequest, transfer_id: Id, payload: KeyOnly) -> Answer:
    """All has arrived or was given up, and nothing more is wanted."""
    return answered(close_transfer(actor=actor(request), transfer_id=transfer_id, key=payload.key))


class CancelTransferIn(KeyOnly):
    reason: Reason


@router.post("/transfers/{transfer_id}/cancel", response=may_fail(Answer))
def cancel(request: HttpRequest, transfer_id: Id, payload: CancelTransferIn) -> Answer:
    """Call it off: loads under way are called back, what lies picked goes back to its shelf."""
    return answered(
        cancel_transfer(actor=actor(request), transfer_id=transfer_id, key=payload.key, reason=payload.reason)
    )
