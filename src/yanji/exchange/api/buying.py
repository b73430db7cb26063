"""Purchase requests, framework contracts, the supplier's answers, changes of orders, what is owed, papers that lapse."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field, WithJsonSchema

from yanji.access.gates import NotFound
from yanji.flows.buying import queries
from yanji.flows.buying.changing import change_order, drop_change
from yanji.flows.buying.contracts import Agreed, Terms, end_contract, start_contract, write_contract
from yanji.flows.buying.due import AHEAD, due_papers
from yanji.flows.buying.gates import contract_for, request_for
from yanji.flows.buying.models import PurchaseRequest
from yanji.flows.buying.owed import back_orders
from yanji.flows.buying.requests import Needed, ask_for_purchase, close_request

from .auth import actor
from .orders import OrderLineIn, WhyIn, ordered
from .shapes import (
    MOST,
    Act,
    Answer,
    Both,
    Code,
    Id,
    Key,
    KeyOnly,
    Money,
    Name,
    Note,
    PiecesIn,
    Reason,
    Shape,
    Total,
    answered,
    may_fail,
    several,
)

router = Router(tags=["buying"])
Percent = Annotated[
    Decimal,
    Field(ge=0, le=100, max_digits=5, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})?$"}),
]


class RequestIn(Act):
    place_id: Id
    lines: list[PiecesIn] = Field(max_length=MOST)
    reason: Note
    needed_by: date | None = None


class RequestLineOut(Schema):
    id: int
    item_id: int
    item_name: str
    quantity: int
    ordered: int
    open: int
    price: Decimal


class RequestOut(Schema):
    id: int
    number: str
    state: str
    place_id: int
    place: str
    reason: str
    needed_by: date | None
    amount: Decimal
    asked_by: str
    lines: list[RequestLineOut]


def _request(found: PurchaseRequest) -> RequestOut:
    return RequestOut(
        id=found.pk, number=found.number, state=found.state, place_id=found.place_id, place=found.place.name,
        reason=found.reason, needed_by=found.needed_by, amount=found.amount, asked_by=found.actor.name,
        lines=[
            RequestLineOut(
                id=line.pk, item_id=line.item_id, item_name=line.item.name, quantity=line.quantity, ordered=line.ordered,
                open=line.to_order, price=line.price,
            )
            for line in found.lines.all()
        ],
    )  # fmt: skip


@router.get("/purchase-requests", response=may_fail(list[RequestOut]))
def list_requests(request: HttpRequest, state: Code = "", text: Name = "") -> list[RequestOut]:
    """Purchase requests, most urgent first. ``state`` may name several, separated by commas."""
    return [_request(found) for found in queries.requests(actor(request), states=several(state), text=text)]


@router.get("/purchase-requests/{purchase_request_id}", response=may_fail(RequestOut))
def one_request(request: HttpRequest, purchase_request_id: Id) -> RequestOut:
    """One purchase request with what is open of it."""
    return _request(request_for(actor(request), purchase_request_id))


@router.post("/purchase-requests", response=may_fail(Answer))
def ask(request: HttpRequest, payload: RequestIn) -> Answer:
    """Say what needs buying for a store or department; it may wait for approval."""
    lines = [Needed(line.item_id, line.quantity) for line in payload.lines]
    given = payload.model_dump(exclude={"lines"})
    return answered(ask_for_purchase(actor=actor(request), lines=lines, **given))


@router.post("/purchase-requests/{purchase_request_id}/close", response=may_fail(Answer))
def close(request: HttpRequest, purchase_request_id: Id, payload: WhyIn) -> Answer:
    """Nothing more of a request is to be bought; with a reason."""
    return answered(
        close_request(actor=actor(request), request_id=purchase_request_id, **payload.model_dump())
    )


class AgreedIn(Shape):
    item_id: Id
    price: Money
    valid_from: date | None = None
    valid_to: date | None = None


class ContractIn(Shape):
    key: Key
    supplier_id: Id
    place_id: Id
    valid_from: date
    valid_to: date
    prices: list[AgreedIn] = Field(max_length=MOST)
    reference: Name = ""
    minimum_value: Total | None = None
    maximum_value: Total | None = None
    over_delivery_percent: Percent = Decimal(0)
    price_tolerance_percent: Percent = Decimal(0)
    consignment: bool = False
    two_invoice: bool | None = None
    note: Note = ""
    contract_id: Id | None = None


class AgreedOut(Schema):
    item_id: int
    item_name: str
    price: Decimal
    valid_from: date
    valid_to: date


class ContractOut(Schema):
    """``called``: value ordered so far; ``left``: of the largest value, where one is agreed."""

    id: int
    number: str
    reference: str
    state: str
    supplier_id: int
    supplier: str
    place_id: int
    place: str
    valid_from: date
    valid_to: date
    minimum_value: Decimal | None
    maximum_value: Decimal | None
    called: Decimal
    left: Decimal | None
    over_delivery_percent: Decimal
    price_tolerance_percent: Decimal
    consignment: bool
    two_invoice: bool | None
    prices: list[AgreedOut]


def _contract(view: queries.ContractView) -> ContractOut:
    found = view.contract
    same = {
        name: getattr(found, name)
        for name in (
            "number", "reference", "state", "supplier_id", "place_id", "valid_from", "valid_to", "minimum_value",
            "maximum_value", "over_delivery_percent", "price_tolerance_percent", "consignment", "two_invoice",
        )
    }  # fmt: skip
    prices = [
        AgreedOut(
            item_id=row.item_id, item_name=row.item.name, price=row.price, valid_from=row.valid_from, valid_to=row.valid_to
        )
        for row in found.items.all()
    ]  # fmt: skip
    return ContractOut(
        id=found.pk, supplier=found.supplier.name, place=found.place.name, called=view.called, left=view.left,
        prices=prices, **same,
    )  # fmt: skip


@router.get("/contracts", response=may_fail(list[ContractOut]))
def list_contracts(request: HttpRequest, state: Code = "", text: Name = "") -> list[ContractOut]:
    """Framework contracts with their prices and what is called off, the one that ends first on top."""
    return [_contract(view) for view in queries.contracts(actor(request), states=several(state), text=text)]


@router.get("/contracts/{contract_id}", response=may_fail(ContractOut))
def one_contract(request: HttpRequest, contract_id: Id) -> ContractOut:
    """One framework contract."""
    return _contract(queries.viewed([contract_for(actor(request), contract_id)])[0])


@router.post("/contracts", response=may_fail(Answer))
def write(request: HttpRequest, payload: ContractIn) -> Answer:
    """Write a contract as a draft; with ``contract_id`` rewrite that draft."""
    given = payload.model_dump()
    terms = Terms(**{name: given.pop(name) for name in Terms.__dataclass_fields__})
    prices = [Agreed(**row) for row in given.pop("prices")]
    return answered(write_contract(actor=actor(request), terms=terms, prices=prices, **given))


@router.post("/contracts/{contract_id}/start", response=may_fail(Answer))
def start(request: HttpRequest, contract_id: Id, payload: KeyOnly) -> Answer:
    """Put a draft in force, or to approval."""
    return answered(start_contract(actor=actor(request), contract_id=contract_id, key=payload.key))


@router.post("/contracts/{contract_id}/end", response=may_fail(Answer))
def end(request: HttpRequest, contract_id: Id, payload: WhyIn) -> Answer:
    """Order nothing more by a contract; with a reason."""
    return answered(end_contract(actor=actor(request), contract_id=contract_id, **payload.model_dump()))


class ChangeIn(Shape):
    key: Key
    lines: list[OrderLineIn] = Field(max_length=MOST)
    reason: Reason = ""
    expected_on: date | None = None


@router.post("/orders/{order_id}/changes", response=may_fail(Answer))
def change(request: HttpRequest, order_id: Id, payload: ChangeIn) -> Answer:
    """Let an order's lines be these. ``facts.waits``: it stands as it was until that is approved."""
    given = payload.model_dump(exclude={"lines"})
    return answered(
        change_order(
            actor=actor(request), order_id=order_id, lines=[ordered(line) for line in payload.lines], **given
        )
    )


@router.post("/orders/{order_id}/changes/drop", response=may_fail(Answer))
def drop(request: HttpRequest, order_id: Id, payload: KeyOnly) -> Answer:
    """Withdraw a change that waits for approval."""
    return answered(drop_change(actor=actor(request), order_id=order_id, key=payload.key))


class DueOut(Schema):
    """Pieces still owed for one day. ``promised_on``: what the supplier said last."""

    order_id: int
    order: str
    supplier: str
    line_id: int
    item_id: int
    item_name: str
    pieces: int
    due_on: date | None
    days_late: int
    promised_on: date | None
    place: str


@router.get("/back-orders", response=may_fail(list[DueOut]))
def list_owed(request: HttpRequest, late_only: bool = False, supplier_id: Id | None = None) -> list[DueOut]:
    """What suppliers still owe, since when and promised for which day; the longest owed first."""
    found = back_orders(
        actor(request), today=timezone.localdate(), late_only=late_only, supplier_id=supplier_id
    )
    return [
        DueOut(
            order_id=due.line.order_id, order=due.line.order.number, supplier=due.line.order.supplier.name,
            line_id=due.line.pk, item_id=due.line.item_id, item_name=due.line.item.name, pieces=due.pieces,
            due_on=due.due_on, days_late=due.days_late, promised_on=due.promised_on, place=due.place_name,
        )
        for due in found
    ]  # fmt: skip


class DuePaperOut(Schema):
    """``level``: 0 lapsed, -1 never shown (without number and day), else within 30, 60 or 90 days; ``owner_id``: supplier,
    item or contract, by ``kind``; ``item_ids``: all that a registration covers."""

    kind: str
    number: str
    valid_to: date | None
    days_left: int | None
    level: int
    owner_id: int
    owner: Both
    detail: Both
    item_ids: list[int]


@router.get("/papers/due", response=may_fail(list[DuePaperOut]))
def list_due_papers(
    request: HttpRequest, days: Annotated[int, Field(ge=0, le=AHEAD)] = AHEAD, kind: Code = ""
) -> list[DuePaperOut]:
    """Licences, registrations, authorisations and contracts that have lapsed, lapse soon or were never shown; of what was never
    shown the first 200 licences and registrations each."""
    who = actor(request)
    if not (who.may("view") or who.may("supply")):
        raise NotFound("papers")
    found = due_papers(who, today=timezone.localdate(), days=days, kinds=[kind] if kind else [])
    return [
        DuePaperOut(
            kind=paper.kind, number=paper.number, valid_to=paper.valid_to, days_left=paper.days_left, level=paper.level,
            owner_id=paper.owner_id, owner=paper.owner, detail=paper.detail, item_ids=list(paper.item_ids),
        )
        for paper in found
    ]  # fmt: skip
