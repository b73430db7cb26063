"""What of a settlement of consigned goods nobody has charged, for who enters invoices and for the supplier that writes them."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.consign.settle import settlement_for
from yanji.flows.invoices.settled import uncharged_uses
from yanji.flows.portal.queries import own_settlement, own_settlements

from .auth import actor
from .shapes import Id, may_fail

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
def list_settlements(
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
