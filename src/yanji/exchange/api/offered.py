"""Papers that suppliers sent: a supplier's program sends and withdraws them, the hospital's lists and decides them."""

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.portal.gates import supplier_of
from yanji.flows.portal.models import OfferedPaper
from yanji.flows.portal.papers import decide_paper, offer_paper, offered_for, offered_papers, withdraw_paper
from yanji.flows.trail import MAX_ATTACHMENT_BYTES

from .auth import actor
from .shapes import Answer, Id, Key, Name, Reason, Shape, answered, may_fail

router = Router(tags=["papers of suppliers"])
Most = Annotated[int, Field(ge=1, le=1000)]


class OfferedOut(Schema):
    """``state``: offered, entered, refused, withdrawn; ``because``: why it was refused or withdrawn."""

    id: int
    number: str
    supplier_id: int
    supplier: str
    kind: str
    reference: str
    maker_id: int | None
    valid_from: date
    valid_to: date | None
    note: str
    state: str
    offered_at: datetime
    decided_at: datetime | None
    because: str
    licence_id: int | None


def _offered(found: OfferedPaper) -> OfferedOut:
    return OfferedOut(
        id=found.pk, number=found.number, supplier_id=found.supplier_id, supplier=found.supplier.name, kind=found.kind,
        reference=found.reference, maker_id=found.maker_id, valid_from=found.valid_from, valid_to=found.valid_to,
        note=found.note, state=found.state, offered_at=found.offered_at, decided_at=found.decided_at,
        because=found.because, licence_id=found.licence_id,
    )  # fmt: skip


@router.get("/supplier/papers", response=may_fail(list[OfferedOut]))
def list_papers(request: HttpRequest, limit: Most = 100) -> list[OfferedOut]:
    """Licences and authorisations that the caller sent, with what came of them."""
    supplier_of(actor(request))
    return [_offered(each) for each in offered_papers(actor(request))[:limit]]


@router.post("/supplier/papers", response=may_fail(Answer))
def send_paper(
    request: HttpRequest,
    key: Form[Key],
    kind: Form[Literal["business", "device_trade", "authorisation"]],
    reference: Form[Name],
    valid_from: Form[date],
    file: File[UploadedFile],
    valid_to: Form[date | None] = None,
    endless: Form[bool] = False,
    maker_id: Form[Id | None] = None,
) -> Answer:
    """Send a renewed licence with its scan, at most 10 MB. It holds once the hospital has entered it. ``endless``: it bears
    no last day."""
    return answered(
        offer_paper(
            actor=actor(request),
            key=key,
            kind=kind,
            reference=reference,
            valid_from=valid_from,
            valid_to=valid_to,
            endless=endless,
            maker_id=maker_id,
            file_name=(file.name or "")[-255:],
            content=file.read(MAX_ATTACHMENT_BYTES + 1),
        )
    )


class PaperWithdrawnIn(Shape):
    key: Key
    reason: Reason


@router.post("/supplier/papers/{offered_id}/withdraw", response=may_fail(Answer))
def take_back(request: HttpRequest, offered_id: Id, payload: PaperWithdrawnIn) -> Answer:
    """Withdraw a paper that was sent by mistake, while the hospital has not decided it; with a reason."""
    return answered(withdraw_paper(actor=actor(request), offered_id=offered_id, **payload.model_dump()))


@router.get("/offered-papers", response=may_fail(list[OfferedOut]))
def list_offered(request: HttpRequest, waiting: bool = False, limit: Most = 100) -> list[OfferedOut]:
    """What suppliers sent, the latest first; ``waiting``: only what is to be checked. Its scan is among the files of
    ``/papers/offered_paper/{id}``. None for who does not deal with suppliers."""
    return [_offered(each) for each in offered_papers(_of_the_hospital(request), waiting=waiting)[:limit]]


@router.get("/offered-papers/{offered_id}", response=may_fail(OfferedOut))
def one_offered(request: HttpRequest, offered_id: Id) -> OfferedOut:
    """One paper that a supplier sent."""
    return _offered(offered_for(_of_the_hospital(request), offered_id))


class PaperDecisionIn(Shape):
    """A refusal needs a reason."""

    key: Key
    accept: bool
    reason: Reason = ""


@router.post("/offered-papers/{offered_id}/decisions", response=may_fail(Answer))
def decide(request: HttpRequest, offered_id: Id, payload: PaperDecisionIn) -> Answer:
    """Enter a paper into master data, from its first day; or refuse it. By who keeps the catalogue."""
    return answered(
        decide_paper(actor=_of_the_hospital(request), offered_id=offered_id, **payload.model_dump())
    )


def _of_the_hospital(request: HttpRequest) -> Actor:
    """Raises :class:`NotFound` for a supplier's program, which has addresses of its own."""
    asks = actor(request)
    if asks.supplier_id is not None:
        raise NotFound("offered_paper")
    return asks
