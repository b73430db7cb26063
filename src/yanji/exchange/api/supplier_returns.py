"""Returns to suppliers: asked for, authorised, sent, credited."""

from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema

from yanji.flows.sendback.ask import ask_supplier_return, authorise_return, cancel_return
from yanji.flows.sendback.gate import supplier_return_for
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.queries import supplier_returns
from yanji.flows.sendback.send import close_return, credit_return, send_return, void_credit

from .auth import actor
from .orders import WhyIn
from .shapes import (
    Act,
    Answer,
    Code,
    Id,
    Key,
    KeyOnly,
    Money,
    Name,
    Note,
    Reason,
    Shape,
    ThingsOrExplanted,
    answered,
    may_fail,
    several,
)

router = Router(tags=["disposals and returns"])


class SupplierReturnOut(Schema):
    """``expected``: credit due, CNY; ``short``: what has not come of it. ``authorised``: the supplier's number holds; of a
    return that was refused or cancelled it is history. ``handed_to``: before it is sent, who is to take it."""

    id: int
    number: str
    state: str
    supplier_id: int
    supplier: str
    place_id: int
    place: str
    reason: str
    authorisation: str
    authorised: bool
    handed_to: str
    expected: Decimal
    credited: Decimal
    short: Decimal
    credit_due: date | None
    sent_at: datetime | None


def _back(found: SupplierReturn) -> SupplierReturnOut:
    return SupplierReturnOut(
        id=found.pk, number=found.number, state=found.state, supplier_id=found.supplier_id,
        supplier=found.supplier.name, place_id=found.place_id, place=found.place.name, reason=found.reason,
        authorisation=found.authorisation, authorised=found.authorised, handed_to=found.handed_to,
        expected=found.expected, credited=found.credited, short=found.short, credit_due=found.credit_due, sent_at=found.sent_at,
    )  # fmt: skip


@router.get("/supplier-returns", response=may_fail(list[SupplierReturnOut]))
def list_returns(
    request: HttpRequest, state: Code = "", supplier_id: Id | None = None, overdue_on: date | None = None
) -> list[SupplierReturnOut]:
    """Returns to suppliers, latest first. ``overdue_on``: whose credit was due before that day and has not come."""
    found = supplier_returns(
        actor(request), states=several(state), supplier_id=supplier_id, overdue_on=overdue_on
    )
    return [_back(each) for each in found]


class CreditNoteOut(Schema):
    """``state``: entered, voided; only what is entered counts."""

    id: int
    number: str
    amount: Decimal
    dated: date
    state: str
    voided_because: str


class SupplierReturnFullOut(SupplierReturnOut):
    credits: list[CreditNoteOut]


@router.get("/supplier-returns/{return_id}", response=may_fail(SupplierReturnFullOut))
def one_return(request: HttpRequest, return_id: Id) -> SupplierReturnFullOut:
    """One return with its credit notes, voided ones among them."""
    found = supplier_return_for(actor(request), return_id)
    notes = [CreditNoteOut.from_orm(note) for note in found.credits.order_by("id")]
    return SupplierReturnFullOut(**_back(found).model_dump(), credits=notes)


class ReturnIn(Act):
    place_id: Id
    supplier_id: Id
    things: ThingsOrExplanted
    reason: Reason
    note: Note = ""


@router.post("/supplier-returns", response=may_fail(Answer))
def ask_for_return(request: HttpRequest, payload: ReturnIn) -> Answer:
    """Ask for things to go back to their supplier. ``facts.expected``: the credit due."""
    return answered(ask_supplier_return(actor=actor(request), **payload.given()))


class AuthoriseIn(Shape):
    key: Key
    authorisation: Name


@router.post("/supplier-returns/{return_id}/authorisations", response=may_fail(Answer))
def authorise(request: HttpRequest, return_id: Id, payload: AuthoriseIn) -> Answer:
    """The supplier agreed, under a number of its own."""
    return answered(authorise_return(actor=actor(request), return_id=return_id, **payload.model_dump()))


class SendIn(Act):
    """``handed_to`` may be left out where it was said before who takes it."""

    handed_to: Name = ""
    credit_due: date | None = None


@router.post("/supplier-returns/{return_id}/shipments", response=may_fail(Answer))
def send(request: HttpRequest, return_id: Id, payload: SendIn) -> Answer:
    """Send back what was authorised; closed at once where no credit is due."""
    return answered(send_return(actor=actor(request), return_id=return_id, **payload.model_dump()))


class CreditIn(Shape):
    key: Key
    number: Name
    amount: Money
    dated: date | None = None


@router.post("/supplier-returns/{return_id}/credits", response=may_fail(Answer))
def credit(request: HttpRequest, return_id: Id, payload: CreditIn) -> Answer:
    """Enter a credit note. ``facts.short``: what is due still."""
    return answered(credit_return(actor=actor(request), return_id=return_id, **payload.model_dump()))


@router.post("/supplier-returns/{return_id}/credits/{credit_id}/void", response=may_fail(Answer))
def void(request: HttpRequest, return_id: Id, credit_id: Id, payload: WhyIn) -> Answer:
    """Void a credit note that was wrong: it is due again. ``facts.short``: what is due."""
    given = payload.model_dump()
    return answered(void_credit(actor=actor(request), return_id=return_id, credit_id=credit_id, **given))


class CloseReturnIn(Shape):
    key: Key
    text: Note


@router.post("/supplier-returns/{return_id}/close", response=may_fail(Answer))
def close_short(request: HttpRequest, return_id: Id, payload: CloseReturnIn) -> Answer:
    """Accept less credit than was expected, and say why."""
    return answered(close_return(actor=actor(request), return_id=return_id, **payload.model_dump()))


@router.post("/supplier-returns/{return_id}/cancel", response=may_fail(Answer))
def keep(request: HttpRequest, return_id: Id, payload: KeyOnly) -> Answer:
    """The goods stay after all."""
    return answered(cancel_return(actor=actor(request), return_id=return_id, key=payload.key))
