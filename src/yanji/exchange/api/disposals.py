"""Scrap papers, and write-offs of lost things."""

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
from yanji.flows.witness import witness_given
from yanji.ledger.api import Refused

from .auth import actor
from .shapes import (
    Act,
    Answer,
    Both,
    Code,
    Id,
    Key,
    KeyOnly,
    Name,
    Note,
    Reason,
    Shape,
    Text,
    Things,
    ThingsOrExplanted,
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


class DisposalVoidOut(Schema):
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

    voided: list[DisposalVoidOut]


def _void(found: DisposalVoid) -> DisposalVoidOut:
    return DisposalVoidOut(
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

    things: ThingsOrExplanted
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


class DisposalVoidIn(KeyOnly):
    """A write-off is voided before a second person, who signs as for any other signature; a certificate needs none."""

    reason: Reason
    note: Note = ""
    username: Name = ""
    password: Text = ""
    badge: Name = ""


@router.post("/disposals/{disposal_id}/void", response=may_fail(Answer))
def void_wrong(request: HttpRequest, disposal_id: Id, payload: DisposalVoidIn) -> Answer:
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
    """``voided``: written off in an earlier month and voided in this one; its pieces and value are below zero."""

    kind: str
    reason: str
    papers: int
    pieces: int
    value: Decimal
    voided: bool


@router.get("/disposals-of/{year}/{month}", response=may_fail(list[TotalOut]))
def month_statement(
    request: HttpRequest,
    year: Annotated[int, Field(ge=2000, le=2199)],
    month: Annotated[int, Field(ge=1, le=12)],
) -> object:
    """What was destroyed and written off in a month, by reason, dearest first."""
    return [TotalOut.from_orm(each) for each in queries.statement(actor(request), date(year, month, 1))]
