"""Scrap papers, write-offs of lost things, and returns to suppliers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.disposal import queries
from yanji.flows.disposal.ask import ask_scrap, ask_write_off, cancel_disposal
from yanji.flows.disposal.gate import disposal_for
from yanji.flows.disposal.lost_lots import lost_lots
from yanji.flows.disposal.models import Disposal, DisposalVoid
from yanji.flows.disposal.sign import collect, destroy, write_off
from yanji.flows.disposal.void import void_certificate, void_write_off
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return, cancel_return
from yanji.flows.sendback.gate import supplier_return_for
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.queries import supplier_returns
from yanji.flows.sendback.send import close_return, credit_return, send_return, void_credit
from yanji.flows.witness import witness_given
from yanji.ledger.api import Refused

from .auth import actor
from .orders import WhyIn
from .shapes import (
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
    Reason,
    Shape,
    Text,
    Things,
    answered,
    may_fail,
    several,
)

router = Router(tags=["disposals and returns"])


class DisposalOut(Schema):
    """``kind``: scrap, write_off. ``amount``: value, CNY."""

    id: int
    number: str
    kind: str
    state: str
    place_id: int
    place: str
    reason: str
    note: str
    amount: Decimal
    created_at: datetime
    done_at: datetime | None
    firm: str
    certificate: str
    collected_on: date | None


class VoidOut(Schema):
    """What stood on a paper and was taken back. ``what``: certificate, write_off; ``by`` took it back, before ``second``."""

    what: str
    firm: str
    certificate: str
    collected_on: date | None
    done_at: datetime | None
    at: datetime
    by: str
    second: str
    reason: str
    note: str


class DisposalFullOut(DisposalOut):
    """``voided``: certificates and signatures that were taken back, oldest first."""

    voided: list[VoidOut]


def _void(found: DisposalVoid) -> VoidOut:
    return VoidOut(
        what=found.what, firm=found.firm, certificate=found.certificate, collected_on=found.collected_on,
        done_at=found.done_at, at=found.at, by=found.actor.name, second=found.second.name if found.second else "",
        reason=found.reason, note=found.note,
    )  # fmt: skip


def _disposal(found: Disposal) -> DisposalOut:
    return DisposalOut(
        id=found.pk, number=found.number, kind=found.kind, state=found.state, place_id=found.place_id,
        place=found.place.name, reason=found.reason, note=found.note, amount=found.amount, created_at=found.created_at,
        done_at=found.done_at, firm=found.firm, certificate=found.certificate, collected_on=found.collected_on,
    )  # fmt: skip


@router.get("/disposals", response=may_fail(list[DisposalOut]))
def list_disposals(request: HttpRequest, state: Code = "") -> list[DisposalOut]:
    """Scrap papers and write-offs, latest first."""
    return [_disposal(each) for each in queries.disposals(actor(request), states=several(state))]


@router.get("/disposals/{disposal_id}", response=may_fail(DisposalFullOut))
def one_disposal(request: HttpRequest, disposal_id: Id) -> DisposalFullOut:
    """One scrap paper, with what was voided on it."""
    found = disposal_for(actor(request), disposal_id)
    voided = [_void(each) for each in queries.voids_of(found)]
    return DisposalFullOut(**_disposal(found).model_dump(), voided=voided)


class ScrapAskIn(Act):
    """``take_title``: what belongs to a supplier is bought first, and owed for."""

    things: Things
    reason: Reason
    note: Note = ""
    take_title: bool = False


@router.post("/disposals", response=may_fail(Answer))
def ask_for_scrap(request: HttpRequest, payload: ScrapAskIn) -> Answer:
    """Ask for things to be destroyed. ``state``: awaiting where approval is needed, else approved."""
    return answered(ask_scrap(actor=actor(request), **payload.given()))


class LostUnitOut(Schema):
    epc: str
    serial: str
    item: Both
    place_id: int
    place: Both
    since: datetime
    cost: Decimal
    paper: str


@router.get("/lost", response=may_fail(list[LostUnitOut]))
def list_lost(request: HttpRequest) -> object:
    """What is lost from the places where this person counts, longest first; ``paper``: on which write-off it stands."""
    return [LostUnitOut.from_orm(each) for each in queries.lost_units(actor(request))]


class LostLotOut(Schema):
    """``place_id``: the store or department that lost the pieces. ``ripe``: how many may be written off now."""

    lot_id: int
    lot: str
    item: Both
    owner_id: int | None
    place_id: int
    place: Both
    pieces: int
    ripe: int
    since: datetime
    cost: Decimal
    papers: list[str]


@router.get("/lost/lots", response=may_fail(list[LostLotOut]))
def list_lost_lots(request: HttpRequest) -> object:
    """Pieces of counted lots that are lost from where this person counts, longest first; ``papers``: open write-offs of them."""
    return [LostLotOut.from_orm(each) for each in lost_lots(actor(request))]


class WriteOffIn(Act):
    """``things``: lost units; of counted lots a quantity with the place and owner that ``/lost/lots`` names."""

    place_id: Id
    things: Things
    reason: Reason
    note: Note = ""


@router.post("/write-offs", response=may_fail(Answer))
def ask_for_write_off(request: HttpRequest, payload: WriteOffIn) -> Answer:
    """Ask for things that have been lost for a month to be written off."""
    return answered(ask_write_off(actor=actor(request), **payload.given()))


class SignIn(Act):
    """The second person types a name and a password of their own, or their ``badge`` was scanned."""

    username: Name = ""
    password: Text = ""
    badge: Name = ""


@router.post("/disposals/{disposal_id}/signatures", response=may_fail(Answer))
def sign(request: HttpRequest, disposal_id: Id, payload: SignIn) -> Answer:
    """Carry out what was approved: destroy, or write off, before a second person."""
    who = actor(request)
    paper = disposal_for(who, disposal_id)
    witness = witness_given(payload.username, payload.password, payload.badge, actor=who)
    if witness is None:
        raise Refused("witness_missing")
    act = destroy if paper.kind == Disposal.Kind.SCRAP else write_off
    return answered(
        act(actor=who, key=payload.key, disposal_id=disposal_id, witness=witness, happened_at=payload.happened_at)
    )  # fmt: skip


class CollectIn(Shape):
    key: Key
    firm: Name
    certificate: Name
    collected_on: date


@router.post("/disposals/{disposal_id}/collections", response=may_fail(Answer))
def take_away(request: HttpRequest, disposal_id: Id, payload: CollectIn) -> Answer:
    """A firm took the waste away and gave a certificate."""
    return answered(collect(actor=actor(request), disposal_id=disposal_id, **payload.model_dump()))


class VoidIn(KeyOnly):
    """A write-off is voided before a second person, who signs as for any other signature; a certificate needs none."""

    reason: Reason
    note: Note = ""
    username: Name = ""
    password: Text = ""
    badge: Name = ""


@router.post("/disposals/{disposal_id}/void", response=may_fail(Answer))
def void_wrong(request: HttpRequest, disposal_id: Id, payload: VoidIn) -> Answer:
    """Take a wrong certificate back, or a wrong write-off. ``state``: destroyed, or approved: to be signed anew."""
    who = actor(request)
    given = {"disposal_id": disposal_id, "key": payload.key, "reason": payload.reason, "note": payload.note}
    if disposal_for(who, disposal_id).kind == Disposal.Kind.SCRAP:
        return answered(void_certificate(actor=who, **given))
    witness = witness_given(payload.username, payload.password, payload.badge, actor=who)
    if witness is None:
        raise Refused("witness_missing")
    return answered(void_write_off(actor=who, witness=witness, **given))


@router.post("/disposals/{disposal_id}/cancel", response=may_fail(Answer))
def cancel(request: HttpRequest, disposal_id: Id, payload: KeyOnly) -> Answer:
    """It is not to be destroyed after all."""
    return answered(cancel_disposal(actor=actor(request), disposal_id=disposal_id, key=payload.key))


class TotalOut(Schema):
    kind: str
    reason: str
    papers: int
    pieces: int
    value: Decimal


@router.get("/disposals-of/{year}/{month}", response=may_fail(list[TotalOut]))
def month_statement(
    request: HttpRequest,
    year: Annotated[int, Field(ge=2000, le=2199)],
    month: Annotated[int, Field(ge=1, le=12)],
) -> object:
    """What was destroyed and written off in a month, by reason, dearest first."""
    return [TotalOut.from_orm(each) for each in queries.statement(actor(request), date(year, month, 1))]


class SupplierReturnOut(Schema):
    """``expected``: credit due, CNY; ``short``: what has not come of it."""

    id: int
    number: str
    state: str
    supplier_id: int
    supplier: str
    place_id: int
    place: str
    reason: str
    authorisation: str
    expected: Decimal
    credited: Decimal
    short: Decimal
    credit_due: date | None
    sent_at: datetime | None


def _back(found: SupplierReturn) -> SupplierReturnOut:
    return SupplierReturnOut(
        id=found.pk, number=found.number, state=found.state, supplier_id=found.supplier_id,
        supplier=found.supplier.name, place_id=found.place_id, place=found.place.name, reason=found.reason,
        authorisation=found.authorisation, expected=found.expected, credited=found.credited, short=found.short,
        credit_due=found.credit_due, sent_at=found.sent_at,
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
    things: Things
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
    handed_to: Name
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
