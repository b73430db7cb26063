"""Counting: begin, send what was read, close, look at what differs, decide, have it counted again, post; plan, accuracy."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from yanji.flows.counting import queries
from yanji.flows.counting.abc import classify
from yanji.flows.counting.accuracy import accuracy
from yanji.flows.counting.count import (
    cancel_count,
    close_count,
    decide_variances,
    recount,
    start_count,
    submit_count,
)
from yanji.flows.counting.gate import count_for
from yanji.flows.counting.models import Count, Variance
from yanji.flows.counting.plan import plan
from yanji.flows.counting.scan import MOST_READS, Heard, Read, record
from yanji.flows.counting.scan_back import take_back
from yanji.flows.scanning import LONGEST_SCAN

from .auth import actor
from .scans import Profile, scanning
from .shapes import (
    MOST,
    Answer,
    Both,
    Code,
    Id,
    Key,
    KeyOnly,
    Name,
    Note,
    Pieces,
    Reason,
    Shape,
    answered,
    may_fail,
    several,
)

router = Router(tags=["counts"])
Mode = Literal["full", "cycle", "blind", "sweep"]
Abc = Literal["A", "B", "C", ""]
Scan = Annotated[str, StringConstraints(max_length=LONGEST_SCAN)]


class CountIn(Shape):
    """Limits narrow the count; without any, everything below the place is asked for."""

    key: Key
    place_id: Id
    mode: Mode = "full"
    family: Name = ""
    abc: Abc = ""
    item_ids: list[Id] = Field(default_factory=list, max_length=MOST)
    expiring_days: Annotated[int, Field(ge=0, le=3_650)] | None = None
    note: Note = ""


class CountOut(Schema):
    id: int
    number: str
    place_id: int
    place: str
    mode: str
    state: str
    round: int
    family: str
    abc: str
    item_ids: list[int] | None
    expiring_by: date | None
    started_at: datetime
    closed_at: datetime | None
    posted_at: datetime | None
    actor: str


def _count(found: Count) -> CountOut:
    return CountOut(
        id=found.pk, number=found.number, place_id=found.place_id, place=found.place.name, mode=found.mode,
        state=found.state, round=found.round, family=found.family, abc=found.abc, item_ids=found.item_ids,
        expiring_by=found.expiring_by, started_at=found.started_at, closed_at=found.closed_at,
        posted_at=found.posted_at, actor=found.actor.name,
    )  # fmt: skip


@router.get("/counts", response=may_fail(list[CountOut]))
def list_counts(request: HttpRequest, state: Code = "") -> list[CountOut]:
    """Counts of places that may be seen, latest first."""
    return [_count(each) for each in queries.counts(actor(request), states=several(state))]


@router.post("/counts", response=may_fail(Answer))
def start(request: HttpRequest, payload: CountIn) -> Answer:
    """Begin a count of a place and everything below it."""
    return answered(start_count(actor=actor(request), **payload.model_dump()))


class ProgressOut(Schema):
    """``expected``: pieces that the ledger says lie there now; zero in a blind count."""

    units: int
    pieces: int
    unknown: int
    expected: int


class CountDetail(CountOut):
    progress: ProgressOut


@router.get("/counts/{count_id}", response=may_fail(CountDetail))
def show(request: HttpRequest, count_id: Id) -> CountDetail:
    """One count and how far it is."""
    count = count_for(actor(request), count_id)
    done = queries.progress(count)
    expected = 0 if count.blind else done.expected
    progress = ProgressOut(units=done.units, pieces=done.pieces, unknown=done.unknown, expected=expected)
    return CountDetail(**_count(count).model_dump(), progress=progress)


class ReadIn(Shape):
    """One read. ``key``: the device's own name for it, so that it can be sent again; ``seen_at``: when it was read, where
    the device was cut off; ``place_id``: where the thing lies, else the shelf whose label came before it in the list."""

    key: Key
    scan: Scan
    place_id: Id | None = None
    quantity: Pieces | None = None
    seen_at: AwareDatetime | None = None


class ReadsIn(Shape):
    """``how``: tag for the memory of RFID tags, device for everything else that a device sends."""

    reads: list[ReadIn] = Field(min_length=1, max_length=MOST_READS)
    how: Literal["device", "tag"] = "device"
    profile: Profile | None = None


class HeardOut(Schema):
    """``verdict``: right, twice, outside, noted, place, nothing, unknown, or a kind of variance."""

    key: str
    verdict: str
    scan_id: int | None
    epc: str
    item_id: int | None
    item_name: str
    lot: str
    quantity: int
    place_id: int
    repeated: bool


def heard_out(each: Heard) -> HeardOut:
    item = each.meaning.item
    return HeardOut(
        key=each.key, verdict=each.verdict, scan_id=each.scan_id, epc=each.meaning.epc, item_id=item.pk if item else None,
        item_name=item.name if item else "", lot=each.meaning.lot, quantity=each.quantity, place_id=each.place_id,
        repeated=each.repeated,
    )  # fmt: skip


@router.post("/counts/{count_id}/scans", response=may_fail(list[HeardOut]))
def scan(request: HttpRequest, count_id: Id, payload: ReadsIn) -> list[HeardOut]:
    """Keep what was read, each once by its key: whoever was cut off sends everything again."""
    reads = [Read(**each.model_dump()) for each in payload.reads]
    heard = record(actor=scanning(request, payload.profile), count_id=count_id, reads=reads, how=payload.how)
    return [heard_out(each) for each in heard]


class TakeBackIn(Shape):
    """Without ``scan_id`` one's own latest; with ``quantity`` a lot's scan gets another quantity instead."""

    key: Key
    scan_id: Id | None = None
    quantity: Pieces | None = None


class TakenBack(Schema):
    """``scan_id`` of the scan that does not hold any more; None where there was none."""

    scan_id: int | None


@router.post("/counts/{count_id}/undo", response=may_fail(TakenBack))
def undo(request: HttpRequest, count_id: Id, payload: TakeBackIn) -> TakenBack:
    """Take a scan back, or say another quantity."""
    taken = take_back(actor=actor(request), count_id=count_id, **payload.model_dump())
    return TakenBack(scan_id=taken.pk if taken else None)


@router.post("/counts/{count_id}/close", response=may_fail(Answer))
def close(request: HttpRequest, count_id: Id, payload: KeyOnly) -> Answer:
    """Nothing more is scanned; ``facts``: variances by kind."""
    return answered(close_count(actor=actor(request), count_id=count_id, key=payload.key))


class VarianceOut(Schema):
    """``booked`` and ``counted`` in pieces; the book's place and status at the moment of the scan. ``value`` is told to who
    may see figures there. ``owner_id``: the supplier that a consigned thing belongs to."""

    id: int
    kind: str
    code: str
    item_id: int | None
    item_code: str
    item_name: str
    lot_id: int | None
    owner_id: int | None
    book_place_id: int | None
    book_status: str
    seen_place_id: int | None
    seen_at: datetime | None
    booked: int | None
    counted: int | None
    pieces: int
    value: Decimal | None
    confirmed: bool
    decision: str
    reason: str
    note: str
    outcome: str
    undone: int


def _variance(found: Variance, sees: bool, figures: bool) -> VarianceOut:
    return VarianceOut(
        id=found.pk, kind=found.kind, code=found.code, item_id=found.item_id,
        item_code=found.item.code if found.item else "", item_name=found.item.name if found.item else "",
        lot_id=found.lot_id, owner_id=found.owner_id, book_place_id=found.book_place_id if sees else None,
        book_status=found.book_status, seen_place_id=found.seen_place_id, seen_at=found.seen_at,
        booked=found.booked, counted=found.counted, pieces=found.pieces, value=found.value if figures else None,
        confirmed=found.confirmed, decision=found.decision, reason=found.reason, note=found.note,
        outcome=found.outcome, undone=found.undone,
    )  # fmt: skip


@router.get("/counts/{count_id}/variances", response=may_fail(list[VarianceOut]))
def list_variances(request: HttpRequest, count_id: Id) -> list[VarianceOut]:
    """What differed when the count was last closed. Where a thing is recorded is told to who may see that place."""
    who = actor(request)
    count = count_for(who, count_id)
    figures = who.may("see_figures", count.place.path)
    return [
        _variance(each, each.book_place is None or who.may("view", each.book_place.path), figures)
        for each in queries.variances_of(count)
    ]


class DecideVariancesIn(Shape):
    """accept needs a ``reason`` of the group count_variance, explain needs a ``note``. ``takes_title``: what a supplier owns
    and is missing is bought before it is written off."""

    key: Key
    variance_ids: list[Id] = Field(min_length=1, max_length=MOST)
    decision: Literal["accept", "explain", "recount"]
    reason: Reason = ""
    note: Note = ""
    takes_title: bool = False


@router.post("/counts/{count_id}/decisions", response=may_fail(Answer))
def decide(request: HttpRequest, count_id: Id, payload: DecideVariancesIn) -> Answer:
    """Say of some variances what they are."""
    return answered(decide_variances(actor=actor(request), count_id=count_id, **payload.model_dump()))


@router.post("/counts/{count_id}/recount", response=may_fail(Answer))
def count_again(request: HttpRequest, count_id: Id, payload: KeyOnly) -> Answer:
    """Have the marked variances, or all open ones, counted by somebody else."""
    return answered(recount(actor=actor(request), count_id=count_id, key=payload.key))


@router.post("/counts/{count_id}/submit", response=may_fail(Answer))
def submit(request: HttpRequest, count_id: Id, payload: KeyOnly) -> Answer:
    """Post what was accepted, once; or wait for who must approve the amount (``state`` awaiting)."""
    return answered(submit_count(actor=actor(request), count_id=count_id, key=payload.key))


class CancelCountIn(Shape):
    key: Key
    note: Note = ""


@router.post("/counts/{count_id}/cancel", response=may_fail(Answer))
def cancel(request: HttpRequest, count_id: Id, payload: CancelCountIn) -> Answer:
    """End a count without posting anything."""
    return answered(cancel_count(actor=actor(request), count_id=count_id, key=payload.key, note=payload.note))


class CountProposalOut(Schema):
    """``overdue``: 1 is due today, 2 is twice the interval ago."""

    item_id: int
    item_code: str
    item_name: Both
    abc: str
    pieces: Decimal
    first_expiry: date | None
    counted_at: datetime | None
    interval_days: int
    overdue: float
    due: bool
    reasons: list[str]


@router.get("/places/{place_id}/count-plan", response=may_fail(list[CountProposalOut]))
def count_plan(request: HttpRequest, place_id: Id) -> list[CountProposalOut]:
    """What to count next in a store, the most urgent first, with the reasons."""
    return [
        CountProposalOut(
            item_id=each.held.item_id, item_code=each.held.code, item_name=each.held.name, abc=each.held.abc,
            pieces=each.held.pieces, first_expiry=each.held.first_expiry, counted_at=each.held.counted_at,
            interval_days=each.interval_days, overdue=each.overdue, due=each.due, reasons=list(each.reasons),
        )
        for each in plan(actor(request), place_id)
    ]  # fmt: skip


@router.post("/places/{campus_id}/item-classes", response=may_fail(Answer))
def compute_classes(request: HttpRequest, campus_id: Id, payload: KeyOnly) -> Answer:
    """Compute the ABC classes of a campus anew; ``facts``: items by class."""
    return answered(classify(actor=actor(request), campus_id=campus_id, key=payload.key))


class AccuracyOut(Schema):
    """One month of one counted place and class. ``share``: pieces right of pieces checked, 0 to 1."""

    month: date
    place_id: int
    place_name: Both
    abc: str
    counts: int
    checked: int
    right: int
    share: Decimal


@router.get("/count-accuracy", response=may_fail(list[AccuracyOut]))
def list_accuracy(request: HttpRequest, days: Annotated[int, Field(ge=1, le=3_650)] = 365) -> object:
    """How right the ledger was, by month, place and class."""
    return accuracy(actor(request), since=timezone.now() - timedelta(days=days))
