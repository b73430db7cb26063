"""What patients are charged for what was used, and refunds."""

from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.gates import case_for
from yanji.flows.theatre import charge, queries

from .auth import actor
from .shapes import MOST, Answer, Id, Key, Reason, Shape, answered, may_fail

router = Router(tags=["charges"])


class ChargeOut(Schema):
    id: int
    item_id: int
    item_name: str
    epc: str
    quantity: int
    amount: Decimal
    state: str
    charge_code: str
    insurance_code: str


@router.get("/cases/{case_id}/charges", response=may_fail(list[ChargeOut]))
def list_charges(request: HttpRequest, case_id: Id) -> list[ChargeOut]:
    """What a case charges, with the codes that it is charged under."""
    case = case_for(actor(request), case_id)
    return [
        ChargeOut(
            id=line.pk, item_id=line.item_id, item_name=line.item.name, epc=line.unit.epc if line.unit else "",
            quantity=line.quantity, amount=line.amount, state=line.state, charge_code=line.charge_code,
            insurance_code=line.insurance_code,
        )
        for line in queries.charges_of(case)
    ]  # fmt: skip


class ChargeIn(Shape):
    """``lines``: ids of charge lines; all that are ready without. ``reason``: of a refund that is asked for."""

    key: Key
    lines: list[Id] | None = Field(default=None, max_length=MOST)


class RefundIn(Shape):
    key: Key
    lines: list[Id] = Field(max_length=MOST)
    reason: Reason


@router.post("/cases/{case_id}/charges/request", response=may_fail(Answer))
def ask_for_charge(request: HttpRequest, case_id: Id, payload: ChargeIn) -> Answer:
    """Ask for the charge, under the codes of the day of use."""
    return _charged(charge.request_charges, request, case_id, payload)


@router.post("/cases/{case_id}/charges/withdraw", response=may_fail(Answer))
def do_not_charge(request: HttpRequest, case_id: Id, payload: ChargeIn) -> Answer:
    """What was asked for is not to be charged yet."""
    return _charged(charge.withdraw_charges, request, case_id, payload)


@router.post("/cases/{case_id}/charges/confirm", response=may_fail(Answer))
def charged(request: HttpRequest, case_id: Id, payload: ChargeIn) -> Answer:
    """The charge was made."""
    return _charged(charge.confirm_charges, request, case_id, payload)


@router.post("/cases/{case_id}/charges/ask-refund", response=may_fail(Answer))
def ask_for_refund(request: HttpRequest, case_id: Id, payload: RefundIn) -> Answer:
    """Ask for the money to be given back. ``reason``: a code of the group ``refund``."""
    done = charge.ask_refund(
        actor=actor(request), key=payload.key, case_id=case_id, line_ids=payload.lines, reason=payload.reason
    )
    return answered(done)


@router.post("/cases/{case_id}/charges/keep", response=may_fail(Answer))
def keep(request: HttpRequest, case_id: Id, payload: ChargeIn) -> Answer:
    """The refund was not granted."""
    return _charged(charge.keep_charge, request, case_id, payload)


@router.post("/cases/{case_id}/charges/refund", response=may_fail(Answer))
def refunded(request: HttpRequest, case_id: Id, payload: ChargeIn) -> Answer:
    """The money was given back; the unit stays where it is."""
    return _charged(charge.refund, request, case_id, payload)


def _charged(act, request: HttpRequest, case_id: int, payload: ChargeIn) -> Answer:
    return answered(act(actor=actor(request), key=payload.key, case_id=case_id, line_ids=payload.lines))
