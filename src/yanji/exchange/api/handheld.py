"""The scan page's own addresses: what a handful of scans means, and the act that they make, done once however often it is
sent."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from yanji.flows.handheld.about import MOST_SCANS, MOST_TIMES, About, Scanned, believable
from yanji.flows.handheld.handed_on import close_handed_on, handed_on
from yanji.flows.handheld.models import SentState
from yanji.flows.handheld.naming import named
from yanji.flows.handheld.nearby import nearby
from yanji.flows.handheld.reading import read_scans
from yanji.flows.handheld.said import asked, proposed
from yanji.flows.handheld.sending import Sending, clocks, said_of, send, settle
from yanji.flows.handheld.sights import Handful
from yanji.flows.handheld.ways import WAYS

from .auth import actor
from .scans import MeaningOut, Profile, Scan, meaning_out, scanning
from .shapes import Answer, Code, Id, Key, KeyOnly, Note, OffenceOut, Shape, Text, answered, may_fail
from .units import units_out

router = Router(tags=["scan page"])
Doing = Literal[
    "receive",
    "put_away",
    "pick",
    "issue",
    "restock",
    "request",
    "take_in",
    "use",
    "set_out",
    "ship",
    "arrive",
    "pack",
    "unpack",
    "reserve",
    "unreserve",
    "send_back",
    "ask_return",
    "open_piece",
    "take",
    "discard",
    "use_first",
    "explant",
    "hand_on",
    "return_explanted",
    "give_back",
    "lend",
    "confirm_lending",
    "give_back_lent",
    "confirm_settlement",
    "receive_consigned",
    "arrive_set",
    "send_set",
    "hand_back_set",
    "bind",
    "count",
    "scrap",
    "hold",
]
Flow = Literal["look", Doing]
Sent = Literal["adopt", Doing]
Degrees = Annotated[str, StringConstraints(pattern=r"^(-?[0-9]{1,3}(\.[0-9]{1,2})?)?$")]
Amount = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,9}(\.[0-9]{1,3})?)?$")]
Milliseconds = Annotated[int, Field(ge=-(10**13), le=10**13)]


class NearOut(Schema):
    """``here``: still among those that the caller handles; one that is not is gone, and nothing more is said of it."""

    epc: str
    name: str
    serial: str
    lot: str
    expiry: date | None
    status: str
    place: str
    here: bool


class NearbyOut(Schema):
    """``position``: of the log, to ask ``since`` the next time; ``whole``: these are all, forget what was known before; ``area``:
    stands for the caller's places, to say the next time: where they are others by then, all is answered anew."""

    position: int
    whole: bool
    area: str
    units: list[NearOut]


@router.get("/handheld/units", response=may_fail(NearbyOut))
def units_nearby(
    request: HttpRequest,
    since: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0,
    area: Annotated[str, Field(max_length=64)] = "",
) -> NearbyOut:
    """The units that the caller handles, at most 3,000, first expiry first; after a position, what changed of them."""
    found = nearby(actor(request), since=since, area=area)
    units = [NearOut.from_orm(unit) for unit in found.units]
    return NearbyOut(position=found.position, whole=found.whole, area=found.area, units=units)


class ScannedIn(Shape):
    """One scan as it came. ``camera``: read by the page and not by the scanner; ``at``: when, by the device's clock; ``times``:
    of a counted lot, for how many such labels it stands. ``YANJI:REASON:`` with a group of reasons, a colon and the code of one
    says it of the thing before, or of the act."""

    text: Scan
    camera: bool = False
    at: AwareDatetime | None = None
    times: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1


class AboutIn(Shape):
    """What was chosen already. What the scans name themselves need not be chosen. ``handed_to``: who takes the load of a transfer
    along; ``celsius_min``, ``celsius_max``: of its way, or ``no_record``; ``reason``: in an arrival, why all of it is held; of an
    unknown code that is kept aside (``adopt``), for which act it was scanned. ``box``: the code of the box that is packed or
    unpacked; ``kit_id``: the item of the kit that it becomes; ``amount``: how much of an opened piece is taken, in its own
    measure, as scanned by ``YANJI:AMOUNT:`` and the number; ``supplier_id``: of whom it comes that was used first, and whose
    goods come without an order (``receive_consigned``). ``from_place_id``: where things come from, where it must be said."""

    order_id: Id | None = None
    notice_id: Id | None = None
    requisition_id: Id | None = None
    issue_id: Id | None = None
    count_id: Id | None = None
    transfer_id: Id | None = None
    case_id: Id | None = None
    supplier_return_id: Id | None = None
    wave_id: Id | None = None
    lending_id: Id | None = None
    loan_set_id: Id | None = None
    opened_id: Id | None = None
    supplier_id: Id | None = None
    place_id: Id | None = None
    from_place_id: Id | None = None
    box: Text = ""
    kit_id: Id | None = None
    reason: Code = ""
    handed_to: Text = ""
    celsius_min: Degrees = ""
    celsius_max: Degrees = ""
    no_record: bool = False
    amount: Amount = ""


class HandfulIn(Shape):
    """Scans in their order. ``sent_at``: the device's clock when it asked, for who says when scans were made."""

    flow: Flow
    scans: list[ScannedIn] = Field(default_factory=list, max_length=MOST_SCANS)
    about: AboutIn = AboutIn()
    sent_at: AwareDatetime | None = None
    skew_ms: Milliseconds | None = None
    profile: Profile | None = None


class SightOut(Schema):
    """What one scan, or the two symbols of one label (``of``), turned out to be: a ``thing``, what the act is ``about``, or
    what should ``confirm`` it. ``half``: the other symbol of its label is still to come; ``counted``: so many pieces, and not one
    thing. ``source``: of a counted lot, the place that it is taken from; in a count, the shelf that it lies on. ``verdict``: in a
    count, as ``/counts/{id}/scans`` gives it, or ``foreign`` for a shelf that is not counted there. ``reason``: what was said of
    it, group and code; ``asks``: the groups of reasons of which one may be said; ``proposed``: the reason that what stands in its
    way gives by itself."""

    of: list[int]
    role: str
    half: bool
    counted: bool
    verdict: str
    source: str
    reason: str
    asks: list[str]
    proposed: str
    meaning: MeaningOut


class TakenFromOut(Schema):
    """A place that counted lots may be taken from, and how many pieces lie there."""

    id: int
    name: str
    pieces: int


class SellerOut(Schema):
    id: int
    name: str


class HandfulOut(Schema):
    """``about``: all that is known now, with names in ``named``; ``offences``: what is still to be said, or speaks against the
    act as a whole; ``ready``: nothing stands in the way; ``confirmed``: the last scan said that this is all; ``together``: all of
    it goes or nothing, for without some of its things it would be another act: what a new box is follows from what goes into it.
    ``sources``: where a counted lot lies at several places, one of these is said in ``from_place_id``, the likeliest first.
    ``sellers``: of whom can be bought what was used first, the likeliest first; that is the one where nobody says another, if it
    is alone."""

    sights: list[SightOut]
    about: dict[str, bool | int | str]
    named: dict[str, str]
    pieces: int
    sources: list[TakenFromOut]
    sellers: list[SellerOut]
    offences: list[OffenceOut]
    ready: bool
    confirmed: bool
    together: bool
    now: datetime


@router.post("/handheld/readings", response=may_fail(HandfulOut))
def read_handful(request: HttpRequest, payload: HandfulIn) -> HandfulOut:
    """What a handful of scans means for an act, before it is done. Nothing is booked."""
    who = scanning(request, payload.profile)
    about = About(**payload.about.model_dump())
    sent_at = believable(payload.sent_at)
    sending = Sending("", payload.flow, _scans(payload.scans), about, None, sent_at, payload.skew_ms)
    told = clocks(sending, timezone.now())
    timed = [replace(scan, at=told.true(scan.at)) for scan in sending.scans]
    found = read_scans(timed, actor=who, flow=payload.flow, about=about)
    return _handful(found, payload.flow, who)


def _handful(found: Handful, flow: str, who: Any) -> HandfulOut:
    units = units_out([sight.meaning.unit for sight in found.sights if sight.meaning.unit], who)
    shown = {unit.epc: unit for unit in units}
    sights = [
        SightOut(
            of=list(sight.of), role=sight.role, half=sight.half, counted=sight.counted, verdict=sight.verdict,
            source=sight.place or (found.taken.sources.get(sight.meaning.lot_id or 0, "") if sight.role == "thing" else ""),
            reason=sight.reason, asks=asked(sight, WAYS[flow]), proposed=proposed(sight),
            meaning=meaning_out(sight.meaning, shown.get(sight.meaning.unit.epc) if sight.meaning.unit else None),
        )
        for sight in found.sights
    ]  # fmt: skip
    return HandfulOut(
        sights=sights, about=found.about.told(), named=named(found.about, WAYS[flow], who),
        pieces=sum(meaning.quantity for meaning in found.things), confirmed=found.confirmed,
        offences=[OffenceOut(code=e.code, thing=e.thing, sentence=e.sentence()) for e in found.offences],
        sources=[TakenFromOut(id=key, name=name, pieces=pieces) for key, name, pieces in found.taken.choices],
        sellers=[SellerOut(id=key, name=name) for key, name in found.sellers],
        ready=not found.all_offences(), together=found.together, now=timezone.now(),
    )  # fmt: skip


def _scans(given: list[ScannedIn]) -> list[Scanned]:
    return [Scanned(each.text, each.camera, believable(each.at), each.times) for each in given]


class SendingIn(Shape):
    """One act as a device kept it. ``scanned_at`` and ``sent_at``: the device's clock when it was made, and now; ``skew_ms``:
    how far the server's clock was ahead, as the device had measured it. ``again``: somebody has looked at what was refused, at
    ``scanned_at``, and means it as of then. ``replaces``: the key of the act from which this was parted."""

    key: Key
    flow: Sent
    scans: list[ScannedIn] = Field(default_factory=list, max_length=MOST_SCANS)
    about: AboutIn = AboutIn()
    scanned_at: AwareDatetime | None = None
    sent_at: AwareDatetime | None = None
    skew_ms: Milliseconds | None = None
    again: bool = False
    replaces: Annotated[str, Field(max_length=100)] = ""
    profile: Profile | None = None

    def sending(self) -> Sending:
        given = self.model_dump(include={"key", "flow", "skew_ms", "again", "replaces"})
        times = {"scanned_at": believable(self.scanned_at), "sent_at": believable(self.sent_at)}
        return Sending(scans=_scans(self.scans), about=About(**self.about.model_dump()), **given, **times)


class SentOut(Schema):
    """What the act led to; ``said``: what more there is to say of it, in the caller's language: of an opened piece how much was
    taken and what is left; ``repeated``: it had been done before, under the same key; ``now``: the server's clock."""

    number: str
    said: str
    events: list[str]
    repeated: bool
    now: datetime


@router.post("/handheld/acts", response=may_fail(SentOut))
def do_what_was_scanned(request: HttpRequest, payload: SendingIn) -> SentOut:
    """Do what was scanned, once a key. Refused, nothing is done and the scans are kept under the key until the same is sent
    ``again`` or settled."""
    done = send(payload.sending(), actor=scanning(request, payload.profile))
    told, said = answered(done), said_of(payload.flow, done)
    return SentOut(
        number=told.number, said=said, events=told.events, repeated=told.repeated, now=timezone.now()
    )


class SettlementIn(SendingIn):
    """``way``: ``dropped``, or ``handed_on`` to the store; ``because``: words that stay with the scans."""

    way: Literal["dropped", "handed_on"]
    because: Note


class SettledOut(Schema):
    key: str
    state: str


@router.post("/handheld/settlements", response=may_fail(SettledOut))
def settle_what_was_refused(request: HttpRequest, payload: SettlementIn) -> SettledOut:
    """Say what becomes of an act that was refused, or never sent: nothing of it is lost, and it is not done."""
    kept = settle(
        payload.sending(), actor=actor(request), state=SentState(payload.way), because=payload.because
    )
    return SettledOut(key=kept.key, state=kept.state)


class HandedOnOut(Schema):
    """An act that somebody could not do. ``sentences``: why it was refused; ``because``: what they say to the store;
    ``left_out``: how many scans name a patient whom the caller may not see."""

    key: str
    flow: str
    person: str
    device: str
    happened_at: datetime
    scans: list[str]
    sentences: list[str]
    because: str
    left_out: int


@router.get("/handheld/handed-on", response=may_fail(list[HandedOnOut]))
def what_was_handed_on(request: HttpRequest) -> list[HandedOnOut]:
    """What was given to the stores of the caller's campus and nobody has settled, the oldest first; for who keeps a store."""
    return [
        HandedOnOut(
            key=each.act.key, flow=each.act.flow, person=each.act.person.name, device=each.act.device,
            happened_at=each.act.happened_at, scans=each.scans, because=each.because, sentences=each.sentences,
            left_out=each.left_out,
        )
        for each in handed_on(actor(request))
    ]  # fmt: skip


class HandedOnClosedIn(KeyOnly):
    """``sent_key``: the key of the act; ``note``: what was found and done."""

    sent_key: Key
    note: Note


@router.post("/handheld/handed-on", response=may_fail(Answer))
def close_what_was_handed_on(request: HttpRequest, payload: HandedOnClosedIn) -> Answer:
    """Say what was found and done about an act that somebody could not do."""
    return answered(close_handed_on(actor=actor(request), **payload.model_dump()))
