"""Settlements of consigned goods: drawn up, confirmed, voided; and what of them nobody has charged, for who enters invoices and
for the supplier that writes them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.consign import queries
from yanji.flows.consign.models import Settlement
from yanji.flows.consign.settle import (
    confirm_settlement,
    discard_settlement,
    draft_settlement,
    settlement_for,
)
from yanji.flows.consign.void import void_settlement
from yanji.flows.gates import case_number_for
from yanji.flows.invoices.settled import uncharged_uses
from yanji.flows.portal.queries import own_settlement, own_settlements
from yanji.flows.witness import witness_given
from yanji.ledger.api import Refused

from .auth import actor
from .shapes import Answer, Id, Key, KeyOnly, Name, Note, Reason, Shape, Text, answered, may_fail

router = Router(tags=["invoices"])


class UnchargedUseOut(Schema):
    """A used unit, or pieces of a lot, of a settlement; ``credit``: what it credits."""

    settlement_id: int
    item_id: int
    serial: str
    lot: str
    quantity: int
    price: Decimal
    credit: bool


def _uses(settlement_id: int) -> list[UnchargedUseOut]:
    return [
        UnchargedUseOut.model_validate(each, from_attributes=True) for each in uncharged_uses([settlement_id])
    ]


@router.get("/consignment/settlements/{settlement_id}/uncharged", response=may_fail(list[UnchargedUseOut]))
def uncharged(request: HttpRequest, settlement_id: Id) -> list[UnchargedUseOut]:
    """What of a settlement no invoice has charged: the lines of the next one."""
    return _uses(settlement_for(actor(request), settlement_id).pk)


class OwnSettlementOut(Schema):
    id: int
    number: str
    agreement: str
    month: date
    total: Decimal


@router.get("/supplier/settlements", response=may_fail(list[OwnSettlementOut]))
def list_own_settlements(
    request: HttpRequest, limit: Annotated[int, Field(ge=1, le=1000)] = 100
) -> list[OwnSettlementOut]:
    """The caller's settlements that the hospital has confirmed: what invoices of consigned goods charge."""
    return [
        OwnSettlementOut(
            id=each.pk,
            number=each.number,
            agreement=each.agreement.number,
            month=each.month,
            total=each.total,
        )
        for each in own_settlements(actor(request)).select_related("agreement")[:limit]
    ]


@router.get("/supplier/settlements/{settlement_id}/uncharged", response=may_fail(list[UnchargedUseOut]))
def own_uncharged(request: HttpRequest, settlement_id: Id) -> list[UnchargedUseOut]:
    """What of one of the caller's settlements no invoice has charged."""
    return _uses(own_settlement(actor(request), settlement_id).pk)


class StatementIn(Shape):
    """``month``: any day of it."""

    key: Key
    agreement_id: Id
    month: date


class SettlementOut(Schema):
    id: int
    number: str
    agreement_id: int
    supplier: str
    month: date
    state: str
    total: Decimal


class SettlementLineOut(Schema):
    at: datetime
    note: str
    case_number: str
    item_name: str
    epc: str
    lot: str
    quantity: int
    price: Decimal
    amount: Decimal


class SettlementVoidOut(Schema):
    """Who voided a statement, before whom, when and why."""

    at: datetime
    by: str
    second: str
    reason: str
    note: str


class StatementOut(SettlementOut):
    """``voided``: null where the statement stands; else its lines are those that it had."""

    lines: list[SettlementLineOut]
    voided: SettlementVoidOut | None


def _void_of(found: Settlement) -> SettlementVoidOut | None:
    if not (found.voided_at and found.voided_by and found.voided_second):
        return None
    return SettlementVoidOut(
        at=found.voided_at, by=found.voided_by.name, second=found.voided_second.name, reason=found.void_reason,
        note=found.void_note,
    )  # fmt: skip


def _settlement(found: Settlement) -> dict[str, object]:
    return {
        "id": found.pk, "number": found.number, "agreement_id": found.agreement_id,
        "supplier": found.agreement.supplier.name, "month": found.month, "state": found.state, "total": found.total,
    }  # fmt: skip


@router.get("/consignment/settlements", response=may_fail(list[SettlementOut]))
def list_settlements(request: HttpRequest) -> list[SettlementOut]:
    """Monthly statements, latest month first."""
    return [SettlementOut.model_validate(_settlement(each)) for each in queries.settlements(actor(request))]


@router.post("/consignment/settlements", response=may_fail(Answer))
def settle(request: HttpRequest, payload: StatementIn) -> Answer:
    """Gather what is owed for a month that is over."""
    return answered(draft_settlement(actor=actor(request), **payload.model_dump()))


@router.get("/consignment/settlements/{settlement_id}", response=may_fail(StatementOut))
def statement(request: HttpRequest, settlement_id: Id) -> StatementOut:
    """One statement, line by line."""
    who = actor(request)
    found = settlement_for(who, settlement_id)
    lines = [
        SettlementLineOut(
            at=line.at, note=line.note.number, item_name=line.item.name,
            case_number=case_number_for(who, line.note.case_number, line.note.place),
            epc=line.unit.epc if line.unit else "", lot=line.lot.number, quantity=line.quantity, price=line.price,
            amount=line.amount,
        )
        for line in queries.lines_of(found)
    ]  # fmt: skip
    return StatementOut.model_validate({**_settlement(found), "lines": lines, "voided": _void_of(found)})


@router.post("/consignment/settlements/{settlement_id}/confirm", response=may_fail(Answer))
def confirm(request: HttpRequest, settlement_id: Id, payload: KeyOnly) -> Answer:
    """The statement is right."""
    return answered(confirm_settlement(actor=actor(request), settlement_id=settlement_id, key=payload.key))


@router.post("/consignment/settlements/{settlement_id}/discard", response=may_fail(Answer))
def discard(request: HttpRequest, settlement_id: Id, payload: KeyOnly) -> Answer:
    """A draft that was wrong."""
    return answered(discard_settlement(actor=actor(request), settlement_id=settlement_id, key=payload.key))


class VoidSettlementIn(KeyOnly):
    """The second person, who keeps invoices there as well, types a name and a password of their own, or scans a ``badge``."""

    reason: Reason
    note: Note = ""
    username: Name = ""
    password: Text = ""
    badge: Name = ""


@router.post("/consignment/settlements/{settlement_id}/void", response=may_fail(Answer))
def void(request: HttpRequest, settlement_id: Id, payload: VoidSettlementIn) -> Answer:
    """Two take a confirmed statement back that nobody has charged. ``facts.lines``: how many are open again."""
    who = actor(request)
    witness = witness_given(payload.username, payload.password, payload.badge, actor=who)
    if witness is None:
        raise Refused("witness_missing")
    given = {
        "settlement_id": settlement_id,
        "key": payload.key,
        "reason": payload.reason,
        "note": payload.note,
    }
    return answered(void_settlement(actor=who, witness=witness, **given))
