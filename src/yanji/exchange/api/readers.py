"""RFID readers: entered and taken off, and what passed them."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from yanji.flows.counting.by_reader import count_batch, look_at_batch
from yanji.flows.rfid.models import Reader
from yanji.flows.rfid.queries import explained, readers_near, seen_by
from yanji.flows.rfid.readers import (
    MOST_ANTENNAS,
    MOST_INPUTS,
    change_reader,
    enter_reader,
    look_at_misheard,
    reader_for,
    set_reader_active,
)

from .auth import actor
from .counts import HeardOut, heard_out
from .shapes import ActiveIn, Answer, Id, Key, KeyOnly, Name, Shape, answered, may_fail

router = Router(tags=["readers"])
Antennas = Annotated[list[Annotated[int, Field(gt=0, le=MOST_ANTENNAS)]], Field(max_length=MOST_ANTENNAS)]
Address = Annotated[str, Field(min_length=1, max_length=200)]
LONGEST_LOOK = 7 * 24 * 60  # minutes


class ReaderOut(Schema):
    """``silent``: it should speak and does not; ``lost_because`` says why where that is known. ``door_input``: the input to which
    the contact of a cabinet's door is wired, ``door_open_high``: whether it is high while the door is open."""

    id: int
    name: str
    kind: str
    protocol: str
    address: str
    place_id: int
    place_name: str
    inside: list[int]
    outside: list[int]
    tls: bool
    door_input: int | None
    door_open_high: bool
    active: bool
    heard_at: datetime | None
    silent: bool
    lost_because: str


@router.get("/readers", response=may_fail(list[ReaderOut]))
def near(request: HttpRequest) -> list[ReaderOut]:
    """The readers where you see stock, those at work first."""
    now = timezone.now()
    return [
        ReaderOut(
            id=each.pk, name=each.name, kind=each.kind, protocol=each.protocol, address=each.address,
            place_id=each.place_id, place_name=each.place.name, inside=each.inside, outside=each.outside,
            active=each.active, heard_at=each.heard_at, silent=each.silent(now), lost_because=each.why_lost,
            tls=each.tls, door_input=each.door_input, door_open_high=each.door_open_high,
        )
        for each in readers_near(actor(request), also_ended=True)
    ]  # fmt: skip


class Known(Shape):
    """``address``: host and port of a reader that speaks LLRP, the topic of one that speaks over MQTT. ``inside`` and
    ``outside``: its antennas on either side of a gate. ``tls``: LLRP over TLS. ``door_input``: the input to which the contact of
    a cabinet's door is wired, ``door_open_high``: whether it is high while the door is open."""

    key: Key
    name: Name
    address: Address
    inside: Antennas = Field(default_factory=list)
    outside: Antennas = Field(default_factory=list)
    tls: bool = False
    door_input: Annotated[int, Field(gt=0, le=MOST_INPUTS)] | None = None
    door_open_high: bool = True


class ReaderIn(Known):
    """``place_id``: what it watches: the cabinet, or the store, dock, room or department behind the gate."""

    kind: Literal["gate", "cabinet", "handheld"]
    protocol: Literal["llrp", "mqtt"]
    place_id: Id


@router.post("/readers", response=may_fail(Answer))
def enter(request: HttpRequest, payload: ReaderIn) -> Answer:
    """From now on this reader is listened to."""
    return answered(enter_reader(actor=actor(request), **payload.model_dump()))


@router.post("/readers/{reader_id}", response=may_fail(Answer))
def change(request: HttpRequest, reader_id: Id, payload: Known) -> Answer:
    """Put right what is known of a reader; what is left out stays as it is (``door_input``: ``null`` takes the contact off), and
    so does what it watches."""
    return answered(
        change_reader(actor=actor(request), reader_id=reader_id, **payload.model_dump(exclude_unset=True))
    )


@router.post("/readers/{reader_id}/active", response=may_fail(Answer))
def listen(request: HttpRequest, reader_id: Id, payload: ActiveIn) -> Answer:
    """Take a reader off, or listen to it again."""
    return answered(set_reader_active(actor=actor(request), reader_id=reader_id, **payload.model_dump()))


@router.post("/readers/{reader_id}/misheard", response=may_fail(Answer))
def looked_at(request: HttpRequest, reader_id: Id, payload: KeyOnly) -> Answer:
    """Say that you have looked at what the reader sent and nobody could take. ``facts.messages``: how many."""
    return answered(look_at_misheard(actor=actor(request), key=payload.key, reader_id=reader_id))


class GatePassageOut(Schema):
    """A tag that passed. ``direction``: ``in``, ``out``, or nothing where no side was later. ``left_without_paper``: it went out
    and is still recorded as stock of what the gate watches."""

    tag: str
    epc: str
    item_code: str
    first_at: datetime
    last_at: datetime
    reads: int
    rssi: int | None
    direction: str
    left_without_paper: bool


@router.get("/readers/{reader_id}/passages", response=may_fail(list[GatePassageOut]))
def passages(
    request: HttpRequest,
    reader_id: Id,
    minutes: Annotated[int, Query(gt=0, le=LONGEST_LOOK)] = 60,
) -> list[GatePassageOut]:
    """What passed a reader in the last minutes, the latest first; a thousand at most."""
    who = actor(request)
    reader: Reader = reader_for(who, reader_id, may="view")
    since = timezone.now() - timedelta(minutes=minutes)
    return [
        GatePassageOut(
            tag=each.passage.epc, epc=each.meaning.epc, item_code=each.meaning.item.code if each.meaning.item else "",
            first_at=each.passage.first_at, last_at=each.passage.last_at, reads=each.passage.count,
            rssi=each.passage.rssi, direction=each.passage.direction, left_without_paper=each.left_without_paper,
        )
        for each in explained(seen_by(reader, since=since), who)
    ]  # fmt: skip


class BatchOut(Schema):
    """What a reader has read since then, in the order of time, and what the count says of each. ``upto``: sent with the batch,
    nothing is taken in that is not among these. ``repeated``: taken in before."""

    upto: int
    heard: list[HeardOut]


@router.get("/counts/{count_id}/readers/{reader_id}", response=may_fail(BatchOut))
def look_at(
    request: HttpRequest,
    count_id: Id,
    reader_id: Id,
    since: AwareDatetime | None = None,
    place_id: Id | None = None,
) -> BatchOut:
    """Look at what a reader has read since then (without ``since``: since the count began); nothing is kept. Each tag once, five
    thousand at most, without what went out through a gate. ``nothing``: the tag of a place, a paper or an empty box."""
    found = look_at_batch(
        actor=actor(request), count_id=count_id, reader_id=reader_id, since=since, place_id=place_id
    )
    return BatchOut(upto=found.upto, heard=[heard_out(each) for each in found.heard])


class BatchIn(Shape):
    """``place_id``: where the things lie, else the whole counted place. No key: a tag counts once in a round, however often
    it passes and this is sent."""

    since: AwareDatetime | None = None
    upto: Id | None = None
    place_id: Id | None = None


@router.post("/counts/{count_id}/readers/{reader_id}", response=may_fail(list[HeardOut]))
def take_in(request: HttpRequest, count_id: Id, reader_id: Id, payload: BatchIn) -> list[HeardOut]:
    """Count what a reader has read since then."""
    heard = count_batch(actor=actor(request), count_id=count_id, reader_id=reader_id, **payload.model_dump())
    return [heard_out(each) for each in heard]
