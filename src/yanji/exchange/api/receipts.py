"""Deliveries at the dock: what is to be looked at, what came, what was wrong with it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from yanji.flows import queries
from yanji.flows.acts import MAX_PIECES
from yanji.flows.arrival import Arrival
from yanji.flows.correction import void_receipt
from yanji.flows.gates import receipt_for
from yanji.flows.inspecting.models import LotInspection
from yanji.flows.inspecting.queries import Proposed, findings_of, inspections_of, samples
from yanji.flows.inspecting.sample import Look
from yanji.flows.models import Receipt
from yanji.flows.packing.delivered import BoxArrival
from yanji.flows.receive import receive

from .auth import actor
from .shapes import MOST, Answer, Code, Id, Key, Name, Note, Pieces, Reason, Shape, Text, answered, may_fail

router = Router(tags=["receipts"])


class ArrivalIn(Shape):
    """One scan at the dock. ``rejected``: a code of the reasons ``reject``; empty where it passed inspection."""

    item_id: Id
    epc: Text = ""
    serial: Name = ""
    lot: Name = ""
    expiry: date | None = None
    made: date | None = None
    quantity: Pieces = 1
    rejected: Code = ""


class OrderedArrivalIn(ArrivalIn):
    """Against an order. ``doubtful``: a code of the reasons ``hold``, for what is taken in and set aside."""

    doubtful: Code = ""


class BoxIn(Shape):
    """A box at the dock, by its code (``00/<sscc>``, 18 digits, or a whole scan): all that was announced in it."""

    code: Text
    rejected: Code = ""
    doubtful: Code = ""


class LookIn(Shape):
    """What was seen of one unit of a sample (``epc``), or of the sample of a counted lot: how many were ``faulty``.

    ``faults``: the points of the plan that failed.
    """

    epc: Text = ""
    item_id: Id | None = None
    lot: Name = ""
    expiry: date | None = None
    faulty: Annotated[int, Field(ge=0, le=MAX_PIECES, strict=True)] = 0
    faults: list[Code] = Field(default_factory=list, max_length=40)


class ReceiptIn(Shape):
    key: Key
    dock_id: Id
    arrivals: list[OrderedArrivalIn] = Field(default_factory=list, max_length=MOST)
    boxes: list[BoxIn] = Field(default_factory=list, max_length=MOST)
    looks: list[LookIn] = Field(default_factory=list, max_length=MOST)
    notice_id: Id | None = None
    reference: Name = ""
    note: Note = ""
    blind: bool = False
    arrived_at: AwareDatetime | None = None


@router.post("/orders/{order_id}/receipts", response=may_fail(Answer))
def take_delivery(request: HttpRequest, order_id: Id, payload: ReceiptIn) -> Answer:
    """Take a delivery over the door, inspected scan by scan. ``facts.differences`` says what is short."""
    arrivals = [Arrival(**arrival.model_dump()) for arrival in payload.arrivals]
    boxes = [BoxArrival(**box.model_dump()) for box in payload.boxes]
    looks = [Look(**look.model_dump()) for look in payload.looks]
    given = payload.model_dump(exclude={"arrivals", "boxes", "looks"})
    return answered(
        receive(actor=actor(request), order_id=order_id, arrivals=arrivals, boxes=boxes, looks=looks, **given)
    )


class LabelDiffersOut(Schema):
    """A unit whose label says another lot or expiry (YYYY-MM-DD, or empty) than was announced: the label counts."""

    epc: str
    announced_lot: str
    announced_expiry: str
    lot: str
    expiry: str


class ReceiptLineOut(Schema):
    item_id: int
    item_name: str
    outstanding: int
    announced: int
    accepted: int
    rejected: int
    short: int
    reasons: dict[str, int]
    doubts: dict[str, int]
    labels: list[LabelDiffersOut]


class ReceiptOut(Schema):
    id: int
    number: str
    order_id: int
    order: str
    supplier: str
    dock_id: int
    dock: str
    reference: str
    arrived_at: datetime
    voided_at: datetime | None
    blind: bool
    lines: list[ReceiptLineOut]


def _receipt(receipt: Receipt) -> ReceiptOut:
    return ReceiptOut(
        id=receipt.pk, number=receipt.number, order_id=receipt.order_id, order=receipt.order.number,
        supplier=receipt.order.supplier.name, dock_id=receipt.dock_id, dock=receipt.dock.name,
        reference=receipt.reference, arrived_at=receipt.arrived_at, voided_at=receipt.voided_at,
        blind=receipt.blind,
        lines=[
            ReceiptLineOut(
                item_id=line.item_id, item_name=line.item.name, outstanding=line.outstanding, announced=line.announced,
                accepted=line.accepted, rejected=line.rejected, short=line.short, reasons=line.reasons,
                doubts=line.doubts,
                labels=[LabelDiffersOut(**label) for label in line.labels],
            )
            for line in receipt.lines.select_related("item")
        ],
    )  # fmt: skip


class SampleIn(Shape):
    """What came, and the key under which it is going to be received: the same key proposes the same units."""

    key: Key
    arrivals: list[OrderedArrivalIn] = Field(default_factory=list, max_length=MOST)
    boxes: list[BoxIn] = Field(default_factory=list, max_length=MOST)


class SampleOut(Schema):
    """One lot of the delivery. ``sample`` of its ``size`` pieces are to be looked at: ``units`` by name, or so many pieces
    of a counted lot. Up to ``accept`` may be faulty; where it is empty, each piece is judged by itself.

    ``advice``: ``tighten`` or ``relax`` where the latest lots speak for it (ISO 2859-1, 9.3), with the plan that would
    hold instead.
    """

    plan_id: int
    item_id: int
    item_name: str
    lot: str
    expiry: date | None
    size: int
    sample: int
    accept: int | None
    points: list[str]
    units: list[str]
    severity: str
    advice: str
    instead_sample: int | None
    instead_accept: int | None


def sample_out(proposed: Proposed) -> SampleOut:
    of, instead = proposed.sampled, proposed.instead
    return SampleOut(
        plan_id=of.plan.pk, item_id=of.item_id, item_name=proposed.item_name, lot=of.lot, expiry=of.expiry,
        size=of.size, sample=of.sample, accept=of.accept, points=of.plan.points, units=list(of.units),
        severity=of.plan.severity, advice=proposed.advice, instead_sample=instead.size if instead else None,
        instead_accept=instead.accept if instead else None,
    )  # fmt: skip


@router.post("/orders/{order_id}/samples", response=may_fail(list[SampleOut]))
def what_to_look_at(request: HttpRequest, order_id: Id, payload: SampleIn) -> list[SampleOut]:
    """What of a delivery is to be looked at before it is received. Writes nothing."""
    arrivals = [Arrival(**arrival.model_dump()) for arrival in payload.arrivals]
    boxes = [BoxArrival(**box.model_dump()) for box in payload.boxes]
    found = samples(actor=actor(request), key=payload.key, order_id=order_id, arrivals=arrivals, boxes=boxes)
    return [sample_out(each) for each in found]


class LookOut(Schema):
    epc: str
    faults: list[str]


class InspectionOut(Schema):
    """What was looked at of one lot, and whether the lot was accepted. ``faults``: point -> pieces."""

    plan_id: int
    item_id: int
    lot: str
    expiry: date | None
    severity: str
    size: int
    sample: int
    accept: int | None
    faulty: int
    faults: dict[str, int]
    accepted: bool
    looks: list[LookOut]


class FindingOut(Schema):
    """Something that was rejected or put in doubt; remarks and files go to the paper ``finding`` with its id."""

    id: int
    item_id: int
    epc: str
    lot: str
    expiry: date | None
    pieces: int
    verdict: str
    reason: str
    place_id: int


class ReceiptInspectedOut(ReceiptOut):
    inspections: list[InspectionOut]
    findings: list[FindingOut]


def inspections_out(found: Sequence[LotInspection]) -> list[InspectionOut]:
    names = [name for name in InspectionOut.model_fields if name != "looks"]
    return [
        InspectionOut(
            **{name: getattr(each, name) for name in names},
            looks=[LookOut(epc=look.epc, faults=look.faults) for look in each.looks.all()],
        )
        for each in found
    ]


@router.get("/receipts", response=may_fail(list[ReceiptOut]))
def list_receipts(request: HttpRequest, order_id: Id | None = None) -> list[ReceiptOut]:
    """Deliveries, latest first."""
    return [_receipt(receipt) for receipt in queries.receipts(actor(request), order_id=order_id, limit=50)]


@router.get("/receipts/{receipt_id}", response=may_fail(ReceiptInspectedOut))
def one_receipt(request: HttpRequest, receipt_id: Id) -> ReceiptInspectedOut:
    """One delivery with its differences, what was looked at, and what was turned down."""
    receipt = receipt_for(actor(request), receipt_id)
    return ReceiptInspectedOut(
        **_receipt(receipt).model_dump(),
        inspections=inspections_out(inspections_of(receipt)),
        findings=[FindingOut.from_orm(finding) for finding in findings_of(receipt, most=MOST)],
    )


class VoidIn(Shape):
    key: Key
    reason: Reason


@router.post("/receipts/{receipt_id}/void", response=may_fail(Answer))
def void(request: HttpRequest, receipt_id: Id, payload: VoidIn) -> Answer:
    """Take a whole delivery back: by new entries, nothing is removed."""
    return answered(void_receipt(actor=actor(request), receipt_id=receipt_id, **payload.model_dump()))
