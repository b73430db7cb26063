"""Borrowing between departments: lending, confirming, settling, and who owes whom."""

from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema

from yanji.flows.lending import queries
from yanji.flows.lending.gate import lending_for
from yanji.flows.lending.lend import (
    confirm_lending,
    confirm_settlement,
    give_back_lent,
    lend,
    replace_lent,
)
from yanji.flows.lending.models import Lending
from yanji.flows.lending.undo import decline_lending, refuse_settlement

from .auth import actor
from .shapes import (
    Act,
    Answer,
    Both,
    Code,
    Id,
    KeyOnly,
    Note,
    Things,
    ThingsIn,
    answered,
    may_fail,
    several,
)

router = Router(tags=["lendings"])


class LendingLineOut(Schema):
    item_id: int
    item_code: str
    item_name: str
    quantity: int
    settled: int
    owed: int
    value: Decimal


class SettleUpOut(Schema):
    """``way``: in_kind, by_store. It counts once ``confirmed_at`` is there, never once ``voided_at`` is.
    ``charged``: to the borrower, CNY."""

    id: int
    way: str
    at: datetime
    charged: Decimal
    pieces: dict[str, int]
    confirmed_at: datetime | None
    voided_at: datetime | None


class LendingOut(Schema):
    id: int
    number: str
    state: str
    lender_id: int
    lender: str
    borrower_id: int
    borrower: str
    lent_at: datetime
    note: str
    lines: list[LendingLineOut]
    settlements: list[SettleUpOut]


def _lending(found: Lending) -> LendingOut:
    return LendingOut(
        id=found.pk, number=found.number, state=found.state, lender_id=found.lender_id, lender=found.lender.name,
        borrower_id=found.borrower_id, borrower=found.borrower.name, lent_at=found.lent_at, note=found.note,
        lines=[
            LendingLineOut(
                item_id=line.item_id, item_code=line.item.code, item_name=line.item.name, quantity=line.quantity,
                settled=line.settled, owed=line.owed, value=line.value,
            )
            for line in found.lines.all()
        ],
        settlements=[SettleUpOut.from_orm(each) for each in found.settlements.all()],
    )  # fmt: skip


@router.get("/lendings", response=may_fail(list[LendingOut]))
def list_lendings(request: HttpRequest, state: Code = "") -> list[LendingOut]:
    """Lendings seen from either side, latest first."""
    return [_lending(each) for each in queries.lendings(actor(request), states=several(state))]


@router.get("/lendings/{lending_id}", response=may_fail(LendingOut))
def one_lending(request: HttpRequest, lending_id: Id) -> LendingOut:
    """One lending with what is owed and how it was settled."""
    return _lending(lending_for(actor(request), lending_id))


class DebtOut(Schema):
    borrower: Both
    lender: Both
    item: Both
    item_code: str
    pieces: int
    value: Decimal
    since: datetime


@router.get("/debts", response=may_fail(list[DebtOut]))
def list_debts(request: HttpRequest) -> object:
    """Who owes whom what, the oldest debt first."""
    return [DebtOut.from_orm(each) for each in queries.debts(actor(request))]


class LendIn(Act):
    lender_id: Id
    borrower_id: Id
    things: Things
    note: Note = ""


@router.post("/lendings", response=may_fail(Answer))
def lend_things(request: HttpRequest, payload: LendIn) -> Answer:
    """Lend things of one's own department to another."""
    return answered(lend(actor=actor(request), **payload.given()))


@router.post("/lendings/{lending_id}/confirm", response=may_fail(Answer))
def confirm(request: HttpRequest, lending_id: Id, payload: KeyOnly) -> Answer:
    """The borrower confirms what it was lent."""
    return answered(confirm_lending(actor=actor(request), lending_id=lending_id, key=payload.key))


@router.post("/lendings/{lending_id}/decline", response=may_fail(Answer))
def decline(request: HttpRequest, lending_id: Id, payload: KeyOnly) -> Answer:
    """The borrower does not want it, or never got it: it lies at the lender again."""
    return answered(decline_lending(actor=actor(request), lending_id=lending_id, key=payload.key))


@router.post("/lendings/{lending_id}/returns", response=may_fail(Answer))
def give_back(request: HttpRequest, lending_id: Id, payload: ThingsIn) -> Answer:
    """Give back in kind: any units of the items owed."""
    return answered(give_back_lent(actor=actor(request), lending_id=lending_id, **payload.given()))


class ReplaceIn(ThingsIn):
    store_id: Id


@router.post("/lendings/{lending_id}/replacements", response=may_fail(Answer))
def replace(request: HttpRequest, lending_id: Id, payload: ReplaceIn) -> Answer:
    """A store sends the lender what is owed, at the borrower's charge."""
    return answered(replace_lent(actor=actor(request), lending_id=lending_id, **payload.given()))


class ConfirmIn(Act):
    pass


@router.post("/settlements-of-lendings/{settle_up_id}/confirm", response=may_fail(Answer))
def confirm_back(request: HttpRequest, settle_up_id: Id, payload: ConfirmIn) -> Answer:
    """The lender has it back: the debt shrinks."""
    return answered(
        confirm_settlement(actor=actor(request), settlement_id=settle_up_id, **payload.model_dump())
    )


@router.post("/settlements-of-lendings/{settle_up_id}/refuse", response=may_fail(Answer))
def refuse_back(request: HttpRequest, settle_up_id: Id, payload: KeyOnly) -> Answer:
    """The lender does not accept what was given back in kind: it lies at the borrower again, and is owed still."""
    return answered(refuse_settlement(actor=actor(request), settlement_id=settle_up_id, key=payload.key))
