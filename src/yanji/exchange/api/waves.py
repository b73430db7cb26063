"""Several requisitions of a store, picked in one walk."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.models import Requisition
from yanji.flows.waves.models import Wave
from yanji.flows.waves.pick import close_wave, pick_wave, start_wave
from yanji.flows.waves.walk import members_of, open_waves, walk_of, wave_for

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Epc,
    GivenReason,
    Id,
    Key,
    KeyOnly,
    Shape,
    Things,
    WhyCode,
    answered,
    may_fail,
)

router = Router(tags=["store"])


class WavePartOut(Schema):
    requisition_id: int
    requisition: str
    department: str
    pieces: int


class StopOut(Schema):
    """One stop of the walk. ``parts``: for whom how much of it is; ``why``: why it goes before what is left, in the request's
    language."""

    place: str
    item_id: int
    item_code: str
    item_name: str
    lot: str
    expiry: date | None
    pieces: int
    parts: list[WavePartOut]
    why_code: WhyCode
    why: str


class LackingOut(Schema):
    item_id: int
    item_code: str
    pieces: int


class KitStopOut(Schema):
    """Kits to take: a whole one, by its code."""

    item_id: int
    item_code: str
    item_name: str
    pieces: int
    parts: list[WavePartOut]


class WaveOut(Schema):
    id: int
    number: str
    state: str
    store_id: int
    policy: str
    created_at: datetime
    requisitions: list[str]


class WalkOut(WaveOut):
    """``stops`` in the order of the shelves; ``lacking``: what lies nowhere in the store."""

    stops: list[StopOut]
    kits: list[KitStopOut]
    lacking: list[LackingOut]


@router.get("/waves", response=may_fail(list[WaveOut]))
def list_waves(request: HttpRequest) -> list[WaveOut]:
    """Walks under way in the stores where you pick."""
    return [
        WaveOut(**_facts(each), requisitions=[member.requisition.number for member in each.members.all()])
        for each in open_waves(actor(request))
    ]


def _facts(wave: Wave) -> dict[str, object]:
    return {
        "id": wave.pk, "number": wave.number, "state": wave.state, "store_id": wave.store_id,
        "policy": wave.policy, "created_at": wave.created_at,
    }  # fmt: skip


def _parts(parts: Sequence[tuple[Requisition, int]]) -> list[WavePartOut]:
    return [
        WavePartOut(
            requisition_id=each.pk, requisition=each.number, department=each.department.name, pieces=pieces
        )
        for each, pieces in parts
    ]


@router.get("/waves/{wave_id}", response=may_fail(WalkOut))
def one_wave(request: HttpRequest, wave_id: Id) -> WalkOut:
    """What is left to take, place after place."""
    wave = wave_for(actor(request), wave_id)
    members = members_of(wave)
    walk = walk_of(wave, members)
    return WalkOut(
        **_facts(wave),
        requisitions=[each.number for each in members],
        stops=[
            StopOut(
                place=leg.place, item_id=leg.item.pk, item_code=leg.item.code, item_name=leg.item.name, lot=leg.lot,
                expiry=leg.expiry, pieces=leg.pieces,
                parts=_parts(leg.parts), why_code=leg.why.code, why=leg.why.said,
            )
            for leg in walk.legs
        ],
        kits=[
            KitStopOut(
                item_id=kit.item.pk, item_code=kit.item.code, item_name=kit.item.name, pieces=kit.pieces,
                parts=_parts(kit.parts),
            )
            for kit in walk.kits
        ],
        lacking=[
            LackingOut(item_id=item.pk, item_code=item.code, pieces=pieces) for item, pieces in walk.lacking
        ],
    )  # fmt: skip


class WaveIn(Shape):
    """``policy``: first expiry first, or first received first."""

    key: Key
    store_id: Id
    requisitions: list[Id] = Field(max_length=200)
    policy: Literal["fefo", "fifo"] = "fefo"


@router.post("/waves", response=may_fail(Answer))
def begin(request: HttpRequest, payload: WaveIn) -> Answer:
    """Take several requisitions of a store together."""
    return answered(start_wave(actor=actor(request), **payload.model_dump()))


class WavePickIn(Act):
    """``overrides``: why a thing is taken out of turn."""

    things: Things
    overrides: dict[Epc, GivenReason] = Field(default_factory=dict, max_length=MOST)


@router.post("/waves/{wave_id}/picks", response=may_fail(Answer))
def set_aside(request: HttpRequest, wave_id: Id, payload: WavePickIn) -> Answer:
    """Set things aside, each for the requisition that needs it. ``facts.picked``: requisition -> pieces."""
    return answered(pick_wave(actor=actor(request), wave_id=wave_id, **payload.given()))


@router.post("/waves/{wave_id}/close", response=may_fail(Answer))
def end(request: HttpRequest, wave_id: Id, payload: KeyOnly) -> Answer:
    """The walk is over; what was not found stays open in the requisitions."""
    return answered(close_wave(actor=actor(request), wave_id=wave_id, key=payload.key))
