"""What a supplier's own program asks and does: its orders, deliveries, invoices, goods and papers, and nothing else.

What is another supplier's answers as what does not exist.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from yanji.access.gates import NotFound
from yanji.flows.announced import Announced
from yanji.flows.buying.answers import answer_line, confirm_lines
from yanji.flows.buying.models import LineAnswer
from yanji.flows.invoices.enter import Billed, billed_by, enter_invoice
from yanji.flows.invoices.gates import invoice_for
from yanji.flows.invoices.models import Invoice
from yanji.flows.invoices.queries import holds_of, lines_of, uncharged
from yanji.flows.models import OrderLine, PurchaseOrder
from yanji.flows.packing.delivered import box_code
from yanji.flows.portal import queries
from yanji.flows.portal.gates import own_notice, own_order, supplier_of
from yanji.flows.portal.statement import statement
from yanji.flows.printing.sheets import box_labels
from yanji.flows.ship_notice import announce

from .answers import ConfirmedIn, LineAnswerIn
from .auth import actor
from .boxes import PDF
from .invoices import BilledIn
from .orders import DeliveryPartOut, NoticeIn, parts_of
from .shapes import MOST, Answer, Both, Charged, Code, Id, Key, Name, Note, Shape, answered, may_fail, several

router = Router(tags=["supplier"])
Most = Annotated[int, Field(ge=1, le=1000)]


class OwnAnswerOut(Schema):
    """``pieces``: how many come by it. ``days``: delivery (its day/the id of its place) -> the day promised for it.
    ``settled``: whether the hospital has yet to say something."""

    verdict: str
    pieces: int
    promised_on: date | None
    days: dict[str, date]
    settled: str


class OwnLineOut(Schema):
    id: int
    item_id: int
    item_code: str
    item_name: str
    item_model: str
    quantity: int
    price: Decimal
    received: int
    outstanding: int
    parts: list[DeliveryPartOut]
    answer: OwnAnswerOut | None


class OwnOrderOut(Schema):
    id: int
    number: str
    state: str
    deliver_to: str
    expected_on: date | None
    placed_at: datetime | None
    lines: list[OwnLineOut]


def _answered(found: LineAnswer | None) -> OwnAnswerOut | None:
    if found is None:
        return None
    return OwnAnswerOut(
        verdict=found.verdict, pieces=found.quantity, promised_on=found.promised_on, days=found.days, settled=found.settled,
    )  # fmt: skip


def _line(line: OrderLine, order: PurchaseOrder) -> OwnLineOut:
    return OwnLineOut(
        id=line.pk, item_id=line.item_id, item_code=line.item.code, item_name=line.item.name,
        item_model=line.item.model, quantity=line.quantity, price=line.price, received=line.received,
        outstanding=line.awaited, parts=parts_of(line, order), answer=_answered(next(iter(line.answers.all()), None)),
    )  # fmt: skip


def _order(order: PurchaseOrder, lines: list[OrderLine]) -> OwnOrderOut:
    return OwnOrderOut(
        id=order.pk, number=order.number, state=order.state, deliver_to=order.deliver_to.name,
        expected_on=order.expected_on, placed_at=order.placed_at, lines=[_line(line, order) for line in lines],
    )  # fmt: skip


@router.get("/supplier/orders", response=may_fail(list[OwnOrderOut]))
def list_orders(
    request: HttpRequest, state: Code = "", text: Name = "", limit: Most = 100
) -> list[OwnOrderOut]:
    """The caller's orders, latest first, with the last answer to each line. ``state`` may name several, by commas."""
    found = queries.own_orders(actor(request), states=several(state), text=text)
    return [
        _order(order, list(order.lines.all()))
        for order in found.prefetch_related("lines__parts__place")[:limit]
    ]


@router.get("/supplier/orders/{order_id}", response=may_fail(OwnOrderOut))
def one_order(request: HttpRequest, order_id: Id) -> OwnOrderOut:
    """One order of the caller's."""
    order = own_order(actor(request), order_id)
    return _order(order, list(queries.lines_of(order)))


@router.post("/supplier/orders/{order_id}/lines/{line_id}/answers", response=may_fail(Answer))
def answer(request: HttpRequest, order_id: Id, line_id: Id, payload: LineAnswerIn) -> Answer:
    """Confirm one line, change it, or decline it."""
    order = own_order(actor(request), order_id)
    if not order.lines.filter(pk=line_id).exists():
        raise NotFound("orderline")
    return answered(answer_line(actor=actor(request), line_id=line_id, **payload.command()))


@router.post("/supplier/orders/{order_id}/answers", response=may_fail(Answer))
def confirm(request: HttpRequest, order_id: Id, payload: ConfirmedIn) -> Answer:
    """Confirm lines as asked: pieces and days. All of them, or none; ``facts.confirmed``: how many."""
    own_order(actor(request), order_id)
    return answered(confirm_lines(actor=actor(request), order_id=order_id, **payload.model_dump()))


class OwnNoticeOut(Schema):
    id: int
    number: str
    state: str
    order_id: int
    order: str
    reference: str
    expected_on: date | None
    pieces: int


@router.get("/supplier/notices", response=may_fail(list[OwnNoticeOut]))
def list_notices(request: HttpRequest, order_id: Id | None = None, limit: Most = 100) -> list[OwnNoticeOut]:
    """The caller's ship notices, latest first."""
    return [
        OwnNoticeOut(
            id=each.pk, number=each.number, state=each.state, order_id=each.order_id, order=each.order.number,
            reference=each.reference, expected_on=each.expected_on, pieces=each.pieces or 0,
        )
        for each in queries.own_notices(actor(request), order_id=order_id)[:limit]
    ]  # fmt: skip


@router.post("/supplier/orders/{order_id}/notices", response=may_fail(Answer))
def notify(request: HttpRequest, order_id: Id, payload: NoticeIn) -> Answer:
    """Announce what is on its way, with serial numbers, cartons and pallets."""
    supplier_of(actor(request))
    lines = [
        Announced(
            **line.model_dump(exclude={"box", "pallet"}), box=box_code(line.box), pallet=box_code(line.pallet)
        )
        for line in payload.lines
    ]
    given = payload.model_dump(exclude={"lines"})
    return answered(announce(actor=actor(request), order_id=order_id, lines=lines, **given))


@router.get("/supplier/notices/{notice_id}/labels.pdf", openapi_extra=PDF)
def notice_labels(request: HttpRequest, notice_id: Id) -> HttpResponse:
    """The labels of all cartons and pallets of a notice of the caller's, one page each."""
    boxes = queries.boxes_of_notice(own_notice(actor(request), notice_id))
    return HttpResponse(box_labels([box.code for box in boxes]), content_type="application/pdf")


class UnchargedOut(Schema):
    """A serial number, or pieces of a lot, that was received and stands on no invoice."""

    order_id: int
    item_id: int
    serial: str
    lot: str
    quantity: int


@router.get("/supplier/orders/{order_id}/uncharged", response=may_fail(list[UnchargedOut]))
def to_charge(request: HttpRequest, order_id: Id) -> list[UnchargedOut]:
    """What an order brought and no invoice has charged: the lines of the next one."""
    order = own_order(actor(request), order_id)
    return [UnchargedOut.model_validate(row, from_attributes=True) for row in uncharged([order.pk])]


class BilledPlaceOut(Schema):
    id: int
    name: str


@router.get("/supplier/billed-to", response=may_fail(list[BilledPlaceOut]))
def places_to_bill(request: HttpRequest) -> list[BilledPlaceOut]:
    """Whom the caller may bill: where its orders went, and what stands above."""
    supplier_of(actor(request))
    return [BilledPlaceOut(id=place.pk, name=place.name) for place in billed_by(actor(request))]


class OwnInvoiceIn(Shape):
    key: Key
    place_id: Id
    reference: Name
    invoiced_on: date
    total: Charged
    lines: list[BilledIn] = Field(max_length=MOST)
    due_on: date | None = None
    note: Note = ""


class OwnInvoiceOut(Schema):
    id: int
    number: str
    reference: str
    state: str
    billed_to: str
    invoiced_on: date
    due_on: date | None
    total: Decimal
    released_at: datetime | None


class OwnInvoiceLineOut(Schema):
    order_id: int | None
    settlement_id: int | None
    credit: bool
    item_id: int
    serial: str
    lot: str
    quantity: int
    price: Decimal
    result: str


class OwnInvoiceFullOut(OwnInvoiceOut):
    """``held``: the codes of what keeps the money back; the hospital's own words stay with it."""

    lines: list[OwnInvoiceLineOut]
    held: list[str]


def _invoice(found: Invoice) -> OwnInvoiceOut:
    return OwnInvoiceOut(
        id=found.pk, number=found.number, reference=found.reference, state=found.state, billed_to=found.place.name,
        invoiced_on=found.invoiced_on, due_on=found.due_on, total=found.total, released_at=found.released_at,
    )  # fmt: skip


@router.get("/supplier/invoices", response=may_fail(list[OwnInvoiceOut]))
def list_invoices(request: HttpRequest, limit: Most = 100) -> list[OwnInvoiceOut]:
    """The caller's invoices, latest first."""
    return [_invoice(each) for each in queries.own_invoices(actor(request))[:limit]]


@router.get("/supplier/invoices/{invoice_id}", response=may_fail(OwnInvoiceFullOut))
def one_invoice(request: HttpRequest, invoice_id: Id) -> OwnInvoiceFullOut:
    """One invoice with what was found about each thing."""
    supplier_of(actor(request))
    found = invoice_for(actor(request), invoice_id)
    lines = [OwnInvoiceLineOut.model_validate(line, from_attributes=True) for line in lines_of(found)]
    held = [str(hold.code) for hold in holds_of(found) if hold.lifted_at is None]
    return OwnInvoiceFullOut(**_invoice(found).model_dump(), lines=lines, held=held)


@router.post("/supplier/invoices", response=may_fail(Answer))
def enter(request: HttpRequest, payload: OwnInvoiceIn) -> Answer:
    """Send an invoice: it is compared at once. ``facts.results``: lines by result."""
    lines = [Billed(**line.model_dump()) for line in payload.lines]
    given = payload.model_dump(exclude={"lines"})
    supplier_id = supplier_of(actor(request))
    return answered(enter_invoice(actor=actor(request), supplier_id=supplier_id, lines=lines, **given))


class OwnStockOut(Schema):
    item_id: int
    item_name: Both
    lot: str
    expiry: date | None
    place_name: Both
    status: str
    quantity: Decimal


@router.get("/supplier/consignment", response=may_fail(list[OwnStockOut]))
def stock(request: HttpRequest) -> list[OwnStockOut]:
    """The caller's goods that lie in the hospital, first expiry first."""
    return [
        OwnStockOut.model_validate(row, from_attributes=True) for row in queries.own_goods(actor(request))
    ]


class OwnUseOut(Schema):
    """A use, or (``quantity`` below zero) a use taken back. On whom it was used is not said."""

    at: datetime
    item_id: int
    item_name: str
    serial: str
    lot: str
    quantity: int
    price: Decimal
    amount: Decimal


class OwnStatementOut(Schema):
    number: str
    month: date
    used: list[OwnUseOut]
    used_total: Decimal
    invoices: list[OwnInvoiceOut]
    invoiced_total: Decimal
    settled_total: Decimal
    open_invoices: Decimal
    open_use: Decimal


@router.get("/supplier/statement", response=may_fail(OwnStatementOut))
def monthly(request: HttpRequest, month: date) -> OwnStatementOut:
    """One month of the caller's with the hospital. ``month``: any day of it."""
    found = statement(actor(request), month)
    used = [
        OwnUseOut(
            at=line.at, item_id=line.item_id, item_name=line.item.name, serial=line.unit.serial if line.unit else "",
            lot=line.lot.number, quantity=line.sign * line.quantity, price=line.price, amount=line.amount,
        )
        for line in found.used
    ]  # fmt: skip
    return OwnStatementOut(
        number=found.number, month=found.month, used=used, used_total=found.used_total,
        invoices=[_invoice(each) for each in found.invoices], invoiced_total=found.invoiced_total,
        settled_total=found.settled_total, open_invoices=found.open_invoices, open_use=found.open_use,
    )  # fmt: skip
