"""Invoices with their match, payment, makers' invoices, and the costs beside the goods."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.access.gates import NotFound
from yanji.flows.gates import receipt_for
from yanji.flows.invoices import queries
from yanji.flows.invoices.enter import Billed, enter_invoice, match_again, void_invoice
from yanji.flows.invoices.first import enter_first_invoice, verify_first_invoice, void_first_invoice
from yanji.flows.invoices.gates import invoice_for
from yanji.flows.invoices.models import FirstInvoice, Invoice
from yanji.flows.invoices.payment import accept_prices, hold_payment, lift_hold, release_payment
from yanji.flows.landed.gate import landed_cost_for
from yanji.flows.landed.models import LandedCost
from yanji.flows.landed.spread import add_cost, by_thing, costs_of, landed_of, void_cost
from yanji.ledger.models import Unit

from .auth import actor
from .orders import WhyIn
from .shapes import (
    MOST,
    Answer,
    Both,
    Charged,
    Code,
    Epc,
    Id,
    Key,
    KeyOnly,
    Money,
    Name,
    Note,
    Pieces,
    Reason,
    Shape,
    answered,
    may_fail,
    several,
)

router = Router(tags=["invoices"])


class BilledIn(Shape):
    """A serial number, or pieces of a lot, of an order or of a confirmed settlement; ``credit``: what it credits."""

    order_id: Id | None = None
    item_id: Id
    price: Money
    serial: Name = ""
    lot: Name = ""
    quantity: Pieces = 1
    settlement_id: Id | None = None
    credit: bool = False


class InvoiceIn(Shape):
    key: Key
    supplier_id: Id
    place_id: Id
    reference: Name
    invoiced_on: date
    total: Charged
    lines: list[BilledIn] = Field(max_length=MOST)
    due_on: date | None = None
    note: Note = ""


class HoldOut(Schema):
    code: str
    reason: str
    placed_at: datetime
    lifted_at: datetime | None
    lifted_because: str


class InvoiceLineOut(Schema):
    """``result``: what the comparison of order, receipt and invoice - or of settlement, use and invoice - found; ``facts``:
    with what."""

    order_id: int | None
    order: str
    settlement_id: int | None
    settlement: str
    credit: bool
    item_id: int
    item_name: str
    serial: str
    lot: str
    quantity: int
    price: Decimal
    result: str
    facts: dict[str, Any]
    receipt: str


class InvoiceOut(Schema):
    id: int
    number: str
    reference: str
    state: str
    supplier_id: int
    supplier: str
    place_id: int
    place: str
    invoiced_on: date
    due_on: date | None
    total: Decimal
    entered_by: str
    released_at: datetime | None


class InvoiceFullOut(InvoiceOut):
    lines: list[InvoiceLineOut]
    holds: list[HoldOut]


def _plain(found: Invoice) -> dict[str, Any]:
    return {
        "id": found.pk, "number": found.number, "reference": found.reference, "state": found.state,
        "supplier_id": found.supplier_id, "supplier": found.supplier.name, "place_id": found.place_id,
        "place": found.place.name, "invoiced_on": found.invoiced_on, "due_on": found.due_on, "total": found.total,
        "entered_by": found.entered_by.name, "released_at": found.released_at,
    }  # fmt: skip


@router.get("/invoices", response=may_fail(list[InvoiceOut]))
def list_invoices(
    request: HttpRequest, state: Code = "", text: Name = "", held: bool | None = None
) -> list[InvoiceOut]:
    """Invoices, the latest first; for a supplier's account its own. ``held``: only those held, or only the others."""
    found = queries.invoices(actor(request), states=several(state), text=text, held=held)
    return [InvoiceOut(**_plain(each)) for each in found]


@router.get("/invoices/{invoice_id}", response=may_fail(InvoiceFullOut))
def one_invoice(request: HttpRequest, invoice_id: Id) -> InvoiceFullOut:
    """One invoice, thing by thing, with what holds it; a supplier's account reads no reasons of the hospital's people."""
    who = actor(request)
    found = invoice_for(who, invoice_id)
    # Why people of the hospital keep money back is the hospital's own; its supplier reads of which kind a hold is.
    ours = who.supplier_id is None
    lines = [
        InvoiceLineOut(
            order_id=line.order_id, order=line.order.number if line.order else "", settlement_id=line.settlement_id,
            settlement=line.settlement.number if line.settlement else "", credit=line.credit,
            item_id=line.item_id, item_name=line.item.name,
            serial=line.serial, lot=line.lot, quantity=line.quantity, price=line.price, result=line.result,
            facts=line.facts, receipt=line.receipt.number if line.receipt else "",
        )
        for line in queries.lines_of(found)
    ]  # fmt: skip
    holds = [
        HoldOut(
            code=hold.code, reason=hold.reason if ours else "", placed_at=hold.placed_at, lifted_at=hold.lifted_at,
            lifted_because=hold.lifted_because if ours else "",
        )
        for hold in queries.holds_of(found)
    ]  # fmt: skip
    return InvoiceFullOut(**_plain(found), lines=lines, holds=holds)


@router.post("/invoices", response=may_fail(Answer))
def enter(request: HttpRequest, payload: InvoiceIn) -> Answer:
    """Keep an invoice and compare it with orders and receipts. ``facts.results``: lines by result."""
    lines = [Billed(**line.model_dump()) for line in payload.lines]
    given = payload.model_dump(exclude={"lines"})
    return answered(enter_invoice(actor=actor(request), lines=lines, **given))


@router.post("/invoices/{invoice_id}/match", response=may_fail(Answer))
def match(request: HttpRequest, invoice_id: Id, payload: KeyOnly) -> Answer:
    """Compare anew."""
    return answered(match_again(actor=actor(request), invoice_id=invoice_id, key=payload.key))


@router.post("/invoices/{invoice_id}/void", response=may_fail(Answer))
def void(request: HttpRequest, invoice_id: Id, payload: WhyIn) -> Answer:
    """Take an invoice out of the way; its things can be charged again."""
    return answered(void_invoice(actor=actor(request), invoice_id=invoice_id, **payload.model_dump()))


@router.post("/invoices/{invoice_id}/accept-prices", response=may_fail(Answer))
def accept(request: HttpRequest, invoice_id: Id, payload: WhyIn) -> Answer:
    """Agree to prices that differ; by somebody who did not enter the invoice."""
    return answered(accept_prices(actor=actor(request), invoice_id=invoice_id, **payload.model_dump()))


@router.post("/invoices/{invoice_id}/hold", response=may_fail(Answer))
def hold(request: HttpRequest, invoice_id: Id, payload: WhyIn) -> Answer:
    """Keep the money back; with a reason."""
    return answered(hold_payment(actor=actor(request), invoice_id=invoice_id, **payload.model_dump()))


@router.post("/invoices/{invoice_id}/lift", response=may_fail(Answer))
def lift(request: HttpRequest, invoice_id: Id, payload: WhyIn) -> Answer:
    """Lift what a person held; with a reason."""
    return answered(lift_hold(actor=actor(request), invoice_id=invoice_id, **payload.model_dump()))


@router.post("/invoices/{invoice_id}/release", response=may_fail(Answer))
def release(request: HttpRequest, invoice_id: Id, payload: KeyOnly) -> Answer:
    """Let an invoice be paid: compared once more, nothing held, by somebody who did not enter it."""
    return answered(release_payment(actor=actor(request), invoice_id=invoice_id, key=payload.key))


class FirstInvoiceIn(Shape):
    key: Key
    seller: Reason
    number: Name
    issued_on: date


class FirstInvoiceOut(Schema):
    """``state``: entered, verified, voided; ``voided_because``: why it counts no more."""

    id: int
    state: str
    seller: str
    number: str
    issued_on: date
    verified_at: datetime | None
    voided_at: datetime | None
    voided_because: str


@router.get("/receipts/{receipt_id}/first-invoices", response=may_fail(list[FirstInvoiceOut]))
def list_first(request: HttpRequest, receipt_id: Id) -> list[FirstInvoiceOut]:
    """The makers' invoices to the distributor that came with a delivery."""
    receipt = receipt_for(actor(request), receipt_id)
    return [
        FirstInvoiceOut(
            id=row.pk,
            state=row.state,
            seller=row.seller,
            number=row.number,
            issued_on=row.issued_on,
            verified_at=row.verified_at,
            voided_at=row.voided_at,
            voided_because=row.voided_because,
        )
        for row in FirstInvoice.objects.filter(receipt=receipt).order_by("pk")
    ]


@router.post("/receipts/{receipt_id}/first-invoices", response=may_fail(Answer))
def enter_first(request: HttpRequest, receipt_id: Id, payload: FirstInvoiceIn) -> Answer:
    """Keep the maker's invoice that came with a delivery."""
    return answered(enter_first_invoice(actor=actor(request), receipt_id=receipt_id, **payload.model_dump()))


@router.post("/first-invoices/{first_invoice_id}/verify", response=may_fail(Answer))
def verify_first(request: HttpRequest, first_invoice_id: Id, payload: KeyOnly) -> Answer:
    """The maker's invoice was compared with the goods."""
    return answered(
        verify_first_invoice(actor=actor(request), first_invoice_id=first_invoice_id, key=payload.key)
    )


@router.post("/first-invoices/{first_invoice_id}/void", response=may_fail(Answer))
def void_first(request: HttpRequest, first_invoice_id: Id, payload: WhyIn) -> Answer:
    """It was kept wrongly and counts no more. ``facts.paid``: invoices released for its delivery that now lack it."""
    given = payload.model_dump()
    return answered(void_first_invoice(actor=actor(request), first_invoice_id=first_invoice_id, **given))


class CostIn(Shape):
    key: Key
    kind: Literal["freight", "duty", "insurance", "other"]
    basis: Literal["value", "count"] = "value"
    amount: Money
    reference: Name = ""


class ShareOut(Schema):
    """What a unit, or pieces of a lot, bear; ``cost``: what a unit itself cost, which stays as it is."""

    epc: str
    serial: str
    lot: str
    item: Both
    quantity: int
    cost: Decimal | None
    bears: Decimal


@router.get("/receipts/{receipt_id}/costs", response=may_fail(list[ShareOut]))
def list_shares(request: HttpRequest, receipt_id: Id) -> list[ShareOut]:
    """The costs of a delivery beside the goods, by unit."""
    receipt = receipt_for(actor(request), receipt_id)
    if not actor(request).may("see_figures", receipt.dock.path):
        raise NotFound("costs")
    return [
        ShareOut(
            epc=row["unit__epc"] or "", serial=row["unit__serial"] or "", lot=row["lot__number"],
            item=(row["lot__item__name_zh"], row["lot__item__name_en"]), quantity=row["quantity"],
            cost=row["unit__cost"], bears=row["bears"],
        )
        for row in by_thing(receipt.pk)
    ]  # fmt: skip


class CostOut(Schema):
    """``state``: stands, voided; ``basis``: value, count."""

    id: int
    number: str
    receipt_id: int
    receipt: str
    kind: str
    basis: str
    amount: Decimal
    reference: str
    state: str
    at: datetime
    voided_because: str


@router.get("/costs/{cost_id}", response=may_fail(CostOut))
def one_cost(request: HttpRequest, cost_id: Id) -> CostOut:
    """One cost of a delivery, by its number; for who sees figures where it came."""
    return _cost(landed_cost_for(actor(request), cost_id))


@router.get("/costs", response=may_fail(list[CostOut]))
def list_costs(request: HttpRequest, receipt_id: Id) -> list[CostOut]:
    """The costs of one delivery, those taken back among them; none for who sees no figures there."""
    receipt = receipt_for(actor(request), receipt_id)
    seen = actor(request).may("see_figures", receipt.dock.path)
    return [_cost(each) for each in (costs_of(receipt.pk) if seen else [])]


def _cost(found: LandedCost) -> CostOut:
    return CostOut(
        id=found.pk, number=found.number, receipt_id=found.receipt_id, receipt=found.receipt.number, kind=found.kind,
        basis=found.basis, amount=found.amount, reference=found.reference, state=found.state, at=found.at,
        voided_because=found.voided_because,
    )  # fmt: skip


@router.post("/receipts/{receipt_id}/costs", response=may_fail(Answer))
def spread(request: HttpRequest, receipt_id: Id, payload: CostIn) -> Answer:
    """Spread freight, duty or the like over what a delivery brought."""
    return answered(add_cost(actor=actor(request), receipt_id=receipt_id, **payload.model_dump()))


@router.post("/costs/{cost_id}/void", response=may_fail(Answer))
def take_cost_back(request: HttpRequest, cost_id: Id, payload: WhyIn) -> Answer:
    """Take a cost back that was wrong; with a reason."""
    return answered(void_cost(actor=actor(request), cost_id=cost_id, **payload.model_dump()))


class LandedOut(Schema):
    """``cost``: of the goods; ``landed``: by kind what comes on top; ``total``: both."""

    epc: str
    cost: Decimal
    landed: dict[str, Decimal]
    total: Decimal


@router.get("/units/landed-cost", response=may_fail(LandedOut))
def landed(request: HttpRequest, epc: Epc) -> LandedOut:
    """What a unit cost with all that its delivery cost beside the goods."""
    unit = Unit.objects.select_related("place").filter(epc=epc).first()
    who = actor(request)
    if unit is None or not who.may("see_figures", unit.place.path if unit.place.parent_id else None):
        raise NotFound("unit")
    shares = landed_of(unit.pk)
    return LandedOut(
        epc=epc, cost=unit.cost, landed=shares, total=unit.cost + sum(shares.values(), Decimal(0))
    )
