"""The store: requisitions, picking, issuing, returns, labels, scrap."""

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from yanji.access.actor import Actor
from yanji.flows import queries
from yanji.flows.gates import requisition_for
from yanji.flows.handover import take_over
from yanji.flows.issue import issue
from yanji.flows.labelling import assign_labels
from yanji.flows.models import Issue, Requisition
from yanji.flows.out_of_turn import of_requisition
from yanji.flows.pick import pick, unpick
from yanji.flows.pick_list import PickLine, pick_list
from yanji.flows.printing.sheets import MOST_COPIES, label_sheet
from yanji.flows.requisition import Wanted, close_requisition
from yanji.flows.requisition import request as ask
from yanji.flows.scrap import scrap
from yanji.flows.supply.why import told_of
from yanji.flows.witness import Witness, witness_given
from yanji.ledger.api import Refused

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Both,
    Code,
    Id,
    KeyOnly,
    Name,
    Note,
    OutOfTurnOut,
    PickIn,
    Pieces,
    PiecesIn,
    Reason,
    Shape,
    Text,
    Things,
    ThingsIn,
    WhyCode,
    answered,
    may_fail,
    several,
)

router = Router(tags=["store"])


class WantedIn(PiecesIn):
    """``lot``: where only that one will do."""

    lot: Name = ""


class RequisitionIn(Act):
    """``by_levels``: asked for as the department's levels propose; each line keeps what they proposed, and why."""

    department_id: Id
    store_id: Id
    lines: list[WantedIn] = Field(max_length=MOST)
    needed_by: AwareDatetime | None = None
    case_number: Code = ""
    note: Note = ""
    by_levels: bool = False


class RequisitionLineOut(Schema):
    item_id: int
    item_code: str
    item_name: str
    quantity: int
    lot: str
    picked: int
    issued: int
    why: str


class RequisitionOut(Schema):
    id: int
    number: str
    state: str
    department_id: int
    department: str
    store_id: int
    store: str
    needed_by: datetime | None
    case_number: str
    note: str
    lines: list[RequisitionLineOut]


class OneRequisitionOut(RequisitionOut):
    """With what was taken out of turn for it."""

    overrides: list[OutOfTurnOut]


def _requisition(found: Requisition) -> RequisitionOut:
    return RequisitionOut(
        id=found.pk, number=found.number, state=found.state, department_id=found.department_id,
        department=found.department.name, store_id=found.store_id, store=found.store.name, needed_by=found.needed_by,
        case_number=found.case_number, note=found.note,
        lines=[
            RequisitionLineOut(
                item_id=line.item_id, item_code=line.item.code, item_name=line.item.name, quantity=line.quantity,
                lot=line.lot, picked=line.picked, issued=line.issued, why=told_of(line.why, line.quantity),
            )
            for line in found.lines.all()
        ],
    )  # fmt: skip


@router.get("/requisitions", response=may_fail(list[RequisitionOut]))
def list_requisitions(
    request: HttpRequest, state: Code = "", store_id: Id | None = None, department_id: Id | None = None
) -> list[RequisitionOut]:
    """Requisitions, most urgent first."""
    found = queries.requisitions(
        actor(request), states=several(state), store_id=store_id, department_id=department_id
    )
    return [_requisition(each) for each in found]


@router.get("/requisitions/{requisition_id}", response=may_fail(OneRequisitionOut))
def one_requisition(request: HttpRequest, requisition_id: Id) -> OneRequisitionOut:
    """One requisition with what was picked and issued, and what was taken out of turn for it."""
    found = requisition_for(actor(request), requisition_id)
    late = [OutOfTurnOut.from_orm(each) for each in of_requisition(found)]
    return OneRequisitionOut(**dict(_requisition(found)), overrides=late)


@router.post("/requisitions", response=may_fail(Answer))
def request_from_store(request: HttpRequest, payload: RequisitionIn) -> Answer:
    """A department asks a store."""
    lines = [Wanted(line.item_id, line.quantity, line.lot) for line in payload.lines]
    given = payload.model_dump(exclude={"lines"})
    return answered(ask(actor=actor(request), lines=lines, **given))


@router.post("/requisitions/{requisition_id}/close", response=may_fail(Answer))
def close(request: HttpRequest, requisition_id: Id, payload: KeyOnly) -> Answer:
    """Nothing more is needed."""
    return answered(close_requisition(actor=actor(request), requisition_id=requisition_id, key=payload.key))


class CandidateOut(Schema):
    """A unit that could be picked, in turn; where it is skipped, ``reason`` says why."""

    epc: str
    lot: str
    expiry: date | None
    place_id: int
    place_name: Both
    ok: bool
    reason: str


class LotLeftOut(Schema):
    """Pieces of a lot that could be picked at a place, in turn."""

    lot_id: int
    lot: str
    expiry: date | None
    place_id: int
    place_name: Both
    quantity: int
    received_at: datetime | None


class ProposedOut(Schema):
    """What to take, as the page and the printed list propose it: a unit (``epc``) or ``pieces`` of a lot at a place. ``why``:
    what decides that it goes before the others, ``why_code`` its code; ``left_behind``: what would come first and is skipped, and
    why. Both are sentences in the request's language; the second is empty where nothing is left behind."""

    epc: str
    lot_id: int
    lot: str
    place_id: int
    pieces: int
    why_code: WhyCode
    why: str
    left_behind: str


class PickLineOut(Schema):
    """One line: ``proposals``, what to take of it in turn; ``candidates`` and ``lots``, all that lies there."""

    item_id: int
    item_name: str
    open: int
    proposals: list[ProposedOut]
    candidates: list[CandidateOut]
    lots: list[LotLeftOut]


def _pick_line(found: PickLine) -> PickLineOut:
    return PickLineOut(
        item_id=found.line.item_id, item_name=found.line.item.name, open=found.line.open_to_pick,
        proposals=[
            ProposedOut(
                epc=getattr(each.thing, "epc", ""), lot_id=each.thing.lot_id, lot=each.thing.lot,
                place_id=each.thing.place_id, pieces=each.pieces, why_code=each.why.code, why=each.why.said,
                left_behind=each.left.said if each.left else "",
            )
            for each in found.proposals
        ],
        candidates=[CandidateOut.from_orm(each) for each in found.candidates],
        lots=[LotLeftOut.from_orm(each) for each in found.lots],
    )  # fmt: skip


@router.get("/requisitions/{requisition_id}/pick-list", response=may_fail(list[PickLineOut]))
def what_to_take(
    request: HttpRequest, requisition_id: Id, policy: Literal["fefo", "fifo"] = "fefo"
) -> list[PickLineOut]:
    """What to take, in turn, why before the others, and why some are skipped."""
    requisition = requisition_for(actor(request), requisition_id)
    return [_pick_line(each) for each in pick_list(requisition, policy=policy)]


@router.post("/requisitions/{requisition_id}/picks", response=may_fail(Answer))
def set_aside(request: HttpRequest, requisition_id: Id, payload: PickIn) -> Answer:
    """Set things aside. ``overrides``: why a unit is taken out of turn."""
    return answered(pick(actor=actor(request), requisition_id=requisition_id, **payload.given()))


@router.post("/requisitions/{requisition_id}/unpicks", response=may_fail(Answer))
def put_back(request: HttpRequest, requisition_id: Id, payload: ThingsIn) -> Answer:
    """Put back what was picked and is not needed."""
    return answered(unpick(actor=actor(request), requisition_id=requisition_id, **payload.given()))


class WitnessIn(Shape):
    """The second person, who types a name and a password of their own, or whose ``badge`` was scanned."""

    username: Name = ""
    password: Text = ""
    badge: Name = ""


def signed_by(given: WitnessIn, who: Actor) -> Witness:
    """The second person. Raises :class:`Refused` where neither a badge nor a name was given."""
    found = witness_given(given.username, given.password, given.badge, actor=who)
    if found is None:
        raise Refused("witness_missing")
    return found


class IssueIn(Act):
    """``receiver``: who takes it over here and now, and signs with a password of their own."""

    things: Things | None = None
    handed_to: Name = ""
    receiver: WitnessIn | None = None


@router.post("/requisitions/{requisition_id}/issues", response=may_fail(Answer))
def hand_over(request: HttpRequest, requisition_id: Id, payload: IssueIn) -> Answer:
    """Hand over what was picked: all of it, or the things named."""
    who, signed = actor(request), payload.receiver
    given = payload.given("receiver")
    receiver = signed_by(signed, who) if signed else None
    return answered(issue(actor=who, requisition_id=requisition_id, receiver=receiver, **given))


@router.post("/issues/{issue_id}/take-over", response=may_fail(Answer))
def sign_for(request: HttpRequest, issue_id: Id, payload: KeyOnly) -> Answer:
    """Say, in one's own name, that one has the things of an issue."""
    return answered(take_over(actor=actor(request), key=payload.key, issue_id=issue_id))


class IssueOut(Schema):
    id: int
    number: str
    state: str
    requisition: str
    store_id: int
    store: str
    department_id: int
    department: str
    issued_at: datetime
    handed_to: str
    taken_over_by: str
    taken_over_at: datetime | None
    pieces: int
    arrived: int


@router.get("/issues", response=may_fail(list[IssueOut]))
def list_issues(request: HttpRequest, state: Code = "", department_id: Id | None = None) -> list[IssueOut]:
    """Issues, latest first: what is under way to a department, and what arrived."""
    return [
        _issue(each)
        for each in queries.issues(actor(request), states=several(state), department_id=department_id)
    ]


def _issue(found: Issue) -> IssueOut:
    return IssueOut(
        id=found.pk, number=found.number, state=found.state, requisition=found.requisition.number,
        store_id=found.store_id, store=found.store.name, department_id=found.department_id,
        department=found.department.name, issued_at=found.issued_at, handed_to=found.handed_to,
        taken_over_by=found.taken_over_by.name if found.taken_over_by else "", taken_over_at=found.taken_over_at,
        pieces=found.pieces or 0, arrived=found.arrived or 0,
    )  # fmt: skip


class ScrapIn(Act):
    things: Things
    reason: Reason
    witness: WitnessIn
    note: Note = ""
    take_title: bool = False


@router.post("/scraps", response=may_fail(Answer))
def destroy(request: HttpRequest, payload: ScrapIn) -> Answer:
    """Destroy things, for a reason, with a second person looking on; ``state`` is ``awaiting`` where approval is needed."""
    who = actor(request)
    witness = signed_by(payload.witness, who)
    given = payload.given("witness")
    return answered(scrap(actor=who, witness=witness, **given))


class LabelsIn(Act):
    place_id: Id
    item_id: Id
    count: Pieces
    lot: Name = ""
    expiry: date | None = None
    made: date | None = None


@router.post("/labels", response=may_fail(Answer))
def number_labels(request: HttpRequest, payload: LabelsIn) -> Answer:
    """Number hospital labels for units whose maker gives no serial. ``facts.labels`` lists them."""
    return answered(assign_labels(actor=actor(request), **payload.model_dump()))


PDF = {"responses": {200: {"description": "A PDF", "content": {"application/pdf": {}}}}}


@router.get("/labels.pdf", openapi_extra=PDF)
def print_labels(
    request: HttpRequest,
    numbers: Annotated[str, StringConstraints(max_length=8_000)],
    template_id: Annotated[int | None, Field(ge=0, le=10**9)] = None,
    copies: Annotated[int, Field(ge=1, le=MOST_COPIES)] = 1,
) -> HttpResponse:
    """Labels to print, one a page, with a DataMatrix. ``numbers``: separated by commas; without ``template_id`` by the usual
    template."""
    file = label_sheet(actor(request), several(numbers), template_id=template_id, copies=copies)
    return HttpResponse(file, content_type="application/pdf")
