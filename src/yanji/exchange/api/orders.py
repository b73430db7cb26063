"""Orders and ship notices."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from yanji.flows import queries
from yanji.flows.announced import Announced
from yanji.flows.buying.owed import schedule
from yanji.flows.gates import order_for
from yanji.flows.models import OrderLine, PurchaseOrder, ShipNotice
from yanji.flows.notice_withdrawn import withdraw_notice
from yanji.flows.packing.delivered import box_code
from yanji.flows.purchase import (
    Ordered,
    Part,
    cancel_order,
    close_order,
    place_order,
    send_order,
    withdraw_order,
)
from yanji.flows.ship_notice import announce, read_csv
from yanji.flows.theatre.accepted_by_use import papers_of_used

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Code,
    Id,
    Key,
    KeyOnly,
    Money,
    Name,
    Note,
    Pieces,
    Reason,
    Shape,
    Text,
    answered,
    may_fail,
    several,
)

router = Router(tags=["orders"])


class PartIn(Shape):
    """Pieces due on one day, at one place (none: where the order goes)."""

    due_on: date
    quantity: Pieces
    place_id: Id | None = None


class OrderLineIn(Shape):
    """Without a price, the contract's or the catalogue's counts. ``reason``: why the price is not the contract's."""

    item_id: Id
    quantity: Pieces
    price: Money | None = None
    reason: Reason = ""
    parts: list[PartIn] = Field(default_factory=list, max_length=60)


def ordered(line: OrderLineIn) -> Ordered:
    """As the flows take it."""
    parts = tuple(Part(part.due_on, part.quantity, part.place_id) for part in line.parts)
    return Ordered(line.item_id, line.quantity, line.price, line.reason, parts)


class OrderIn(Act):
    supplier_id: Id
    deliver_to_id: Id
    lines: list[OrderLineIn] = Field(max_length=MOST)
    expected_on: date | None = None
    note: Note = ""
    draft: bool = False
    request_id: Id | None = None


class DeliveryPartOut(Schema):
    """One delivery of a line's schedule; ``came``: pieces of it that have come, the earliest delivery filled first."""

    id: int
    due_on: date
    quantity: int
    came: int
    place_id: int
    place: str


def parts_of(line: OrderLine, order: PurchaseOrder) -> list[DeliveryPartOut]:
    """The schedule of a line whose parts are loaded."""
    return [
        DeliveryPartOut(
            id=each.part_id,
            due_on=each.due_on,
            quantity=each.pieces,
            came=each.came,
            place_id=each.place_id,
            place=each.place_name,
        )
        for each in schedule(line, order.deliver_to)
    ]


class OrderLineOut(Schema):
    id: int
    item_id: int
    item_code: str
    item_name: str
    quantity: int
    price: Money
    contract_price: Decimal | None
    price_reason: str
    received: int
    rejected: int
    used_despite: int
    given_up: int
    outstanding: int
    parts: list[DeliveryPartOut]


class OrderOut(Schema):
    id: int
    number: str
    state: str
    supplier_id: int
    supplier: str
    deliver_to_id: int
    deliver_to: str
    expected_on: date | None
    placed_at: datetime | None
    note: str
    lines: list[OrderLineOut]


def _orders(orders: Sequence[PurchaseOrder]) -> list[OrderOut]:
    rejecting = [order.pk for order in orders if any(line.rejected for line in order.lines.all())]
    used = papers_of_used(rejecting)
    return [_order(order, used) for order in orders]


def _order(order: PurchaseOrder, used: Mapping[tuple[int, int], Sequence[str]]) -> OrderOut:
    return OrderOut(
        id=order.pk, number=order.number, state=order.state, supplier_id=order.supplier_id,
        supplier=order.supplier.name, deliver_to_id=order.deliver_to_id, deliver_to=order.deliver_to.name,
        expected_on=order.expected_on, placed_at=order.placed_at, note=order.note,
        lines=[
            OrderLineOut(
                id=line.pk, item_id=line.item_id, item_code=line.item.code, item_name=line.item.name,
                quantity=line.quantity, price=line.price, contract_price=line.contract_price,
                price_reason=line.price_reason, received=line.received, rejected=line.rejected, given_up=line.given_up,
                used_despite=len(used.get((order.pk, line.item_id), ())),
                outstanding=line.awaited, parts=parts_of(line, order),
            )
            for line in order.lines.all()
        ],
    )  # fmt: skip


@router.get("/orders", response=may_fail(list[OrderOut]))
def list_orders(
    request: HttpRequest, state: Code = "", text: Name = "", limit: Annotated[int, Field(ge=1, le=1000)] = 100
) -> list[OrderOut]:
    """Orders, latest first. ``state`` may name several, separated by commas."""
    found = queries.orders(actor(request), states=several(state), text=text, limit=limit)
    prefetch_related_objects(found, "lines__parts__place")
    return _orders(found)


@router.get("/orders/{order_id}", response=may_fail(OrderOut))
def one_order(request: HttpRequest, order_id: Id) -> OrderOut:
    """One order with what is outstanding. ``used_despite``: of what was ``rejected``, used in a patient all the same, and
    accepted by that."""
    order = order_for(actor(request), order_id)
    prefetch_related_objects([order], "lines__item", "lines__parts__place")
    return _orders([order])[0]


@router.post("/orders", response=may_fail(Answer))
def place(request: HttpRequest, payload: OrderIn) -> Answer:
    """Write an order and, unless ``draft``, place it; it may wait for approval. ``facts.warnings``: papers lapsed."""
    lines = [ordered(line) for line in payload.lines]
    given = payload.model_dump(exclude={"lines"})
    return answered(place_order(actor=actor(request), lines=lines, **given))


@router.post("/orders/{order_id}/send", response=may_fail(Answer))
def send(request: HttpRequest, order_id: Id, payload: Act) -> Answer:
    """Place an order that was a draft."""
    return answered(send_order(actor=actor(request), order_id=order_id, **payload.model_dump()))


class WhyIn(Shape):
    key: Key
    reason: Reason = ""


@router.post("/orders/{order_id}/close", response=may_fail(Answer))
def close(request: HttpRequest, order_id: Id, payload: WhyIn) -> Answer:
    """Expect nothing more of an order; while something is owed, only with a reason."""
    return answered(close_order(actor=actor(request), order_id=order_id, **payload.model_dump()))


@router.post("/orders/{order_id}/cancel", response=may_fail(Answer))
def cancel(request: HttpRequest, order_id: Id, payload: WhyIn) -> Answer:
    """Take an order back of which nothing has come; with a reason."""
    return answered(cancel_order(actor=actor(request), order_id=order_id, **payload.model_dump()))


@router.post("/orders/{order_id}/withdraw", response=may_fail(Answer))
def withdraw(request: HttpRequest, order_id: Id, payload: KeyOnly) -> Answer:
    """An order that waits for approval is a draft again."""
    return answered(withdraw_order(actor=actor(request), order_id=order_id, key=payload.key))


class NoticeLineIn(Shape):
    """One unit (``serial``), or ``quantity`` pieces of a lot, of the item with this id or this device identifier.

    ``epc`` follows from code and serial; where it is given, it must agree.
    """

    item_id: Id | None = None
    di: Name = ""
    epc: Text = ""
    serial: Name = ""
    lot: Name = ""
    expiry: date | None = None
    made: date | None = None
    quantity: Pieces = 1
    box: Text = ""
    pallet: Text = ""


class NoticeIn(Act):
    lines: list[NoticeLineIn] = Field(max_length=MOST)
    reference: Name = ""
    carrier: Reason = ""
    expected_on: date | None = None


@router.post("/orders/{order_id}/notices", response=may_fail(Answer))
def notify(request: HttpRequest, order_id: Id, payload: NoticeIn) -> Answer:
    """A ship notice: what the supplier says is on its way."""
    lines = [
        Announced(
            **line.model_dump(exclude={"box", "pallet"}), box=box_code(line.box), pallet=box_code(line.pallet)
        )
        for line in payload.lines
    ]
    given = payload.model_dump(exclude={"lines"})
    return answered(announce(actor=actor(request), order_id=order_id, lines=lines, **given))


class WithdrawNoticeIn(KeyOnly):
    """Why nothing more comes under a notice."""

    reason: Reason


@router.post("/notices/{notice_id}/withdraw", response=may_fail(Answer))
def withdraw_sent(request: HttpRequest, notice_id: Id, payload: WithdrawNoticeIn) -> Answer:
    """Nothing more comes under a ship notice; what it announced can be announced anew. By its supplier too."""
    return answered(withdraw_notice(actor=actor(request), notice_id=notice_id, **payload.model_dump()))


@router.post("/orders/{order_id}/notices/csv", response=may_fail(Answer))
def notify_by_file(
    request: HttpRequest,
    order_id: Id,
    key: Form[Key],
    file: File[UploadedFile],
    reference: Name = Form(""),  # noqa: B008 - how Ninja names a default
) -> Answer:
    """The same from a CSV file with the columns code, serial, lot, expiry (YYYY-MM-DD), quantity, box, pallet."""
    order_for(actor(request), order_id, may="announce")
    lines = read_csv(file.read())
    return answered(
        announce(actor=actor(request), order_id=order_id, key=key, lines=lines, reference=reference)
    )


class NoticeOut(Schema):
    id: int
    number: str
    state: str
    order_id: int
    order: str
    reference: str
    carrier: str
    expected_on: date | None
    pieces: int


@router.get("/notices", response=may_fail(list[NoticeOut]))
def list_notices(request: HttpRequest, order_id: Id | None = None, state: Code = "") -> list[NoticeOut]:
    """Ship notices, latest first."""
    return [
        _notice(notice)
        for notice in queries.notices(actor(request), order_id=order_id, states=several(state))
    ]


def _notice(notice: ShipNotice) -> NoticeOut:
    pieces: Any = notice.pieces
    return NoticeOut(
        id=notice.pk, number=notice.number, state=notice.state, order_id=notice.order_id, order=notice.order.number,
        reference=notice.reference, carrier=notice.carrier, expected_on=notice.expected_on, pieces=pieces or 0,
    )  # fmt: skip
