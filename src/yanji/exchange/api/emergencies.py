"""Used first, ordered later: recorded, decided afterwards, and paid all the same where somebody says why."""

from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.gates import case_number_for
from yanji.flows.receive import Arrival
from yanji.flows.theatre import queries
from yanji.flows.theatre.accepted_by_use import in_words
from yanji.flows.theatre.despite import objections
from yanji.flows.theatre.emergency import accept_refused, decide_emergency, use_first

from .auth import actor
from .receipts import ArrivalIn
from .shapes import MOST, Act, Answer, Code, Id, Key, Name, Reason, Shape, Text, answered, may_fail, several
from .ward import ImplantedIn, implanted

router = Router(tags=["theatre"])


class EmergencyIn(Act):
    """Units that nobody received, each with its identity as scanned, and pieces of counted lots.

    ``reason``: a code of the group ``emergency``.
    """

    department_id: Id
    case_number: Code
    patient_token: Name
    confirmed_by: Text
    supplier_id: Id
    arrivals: list[ArrivalIn] = Field(max_length=MOST)
    reason: Reason
    procedure: Text = ""
    operator: Name = ""
    implants: list[ImplantedIn] = Field(default_factory=list, max_length=MOST)


@router.post("/emergency-uses", response=may_fail(Answer))
def emergency(request: HttpRequest, payload: EmergencyIn) -> Answer:
    """Use first, order later: order, receipt and use in one act; the order waits for approval."""
    given = payload.model_dump(exclude={"arrivals", "implants"})
    arrivals = [Arrival(**each.model_dump()) for each in payload.arrivals]
    put = implanted(payload.implants)
    return answered(use_first(actor=actor(request), arrivals=arrivals, implants=put, **given))


class EmergencyOut(Schema):
    id: int
    number: str
    state: str
    case_number: str
    order_number: str
    receipt_number: str
    supplier: str
    amount: Decimal
    reason: str
    against: list[str]
    accepted: list[str]
    at: datetime


@router.get("/emergency-uses", response=may_fail(list[EmergencyOut]))
def list_emergencies(request: HttpRequest, state: Code = "") -> list[EmergencyOut]:
    """Emergency uses, latest first; the case only where the asker sees patients. ``against``: what spoke against a use of what
    was here, which has no order and no receipt of its own. ``accepted``: what became of the orders of units that had been
    rejected on receipt."""
    who = actor(request)
    return [
        EmergencyOut(
            id=each.pk, number=each.number, state=each.state, at=each.at,
            case_number=case_number_for(who, each.case.number, each.case.department),
            order_number=each.order.number if each.order else "", amount=each.amount, reason=each.reason,
            receipt_number=each.receipt.number if each.receipt else "", against=objections(each),
            accepted=in_words(each.accepted),
            supplier=each.order.supplier.name if each.order else "",
        )
        for each in queries.emergencies(who, states=several(state))
    ]  # fmt: skip


class DecideEmergencyIn(Shape):
    key: Key
    approve: bool


@router.post("/emergency-uses/{emergency_id}/decide", response=may_fail(Answer))
def decide(request: HttpRequest, emergency_id: Id, payload: DecideEmergencyIn) -> Answer:
    """Approve, or refuse, where no rule of approval names who does."""
    return answered(decide_emergency(actor=actor(request), emergency_id=emergency_id, **payload.model_dump()))


class AcceptEmergencyIn(Shape):
    key: Key
    reason: Reason


@router.post("/emergency-uses/{emergency_id}/accept", response=may_fail(Answer))
def accept(request: HttpRequest, emergency_id: Id, payload: AcceptEmergencyIn) -> Answer:
    """Let what was refused afterwards, or whose use was taken back, be paid all the same, with a reason; where something was
    ordered."""
    return answered(accept_refused(actor=actor(request), emergency_id=emergency_id, **payload.model_dump()))
