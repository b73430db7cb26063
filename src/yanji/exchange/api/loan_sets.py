"""Loan sets: announced, checked in, sterilised, in the theatre, handed back, closed."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from yanji.access.actor import Actor
from yanji.flows.consign import queries
from yanji.flows.consign.contents import contents_of
from yanji.flows.consign.cycles import void_cycle
from yanji.flows.consign.loans import (
    Listed,
    arrive_set,
    close_set,
    expect_set,
    hand_back_set,
    loan_set_for,
    send_set,
    sterilise_set,
)
from yanji.flows.consign.models import LoanSet
from yanji.flows.gates import case_number_for

from .auth import actor
from .consignment import arrivals_of
from .orders import WhyIn
from .receipts import ArrivalIn
from .shapes import (
    MOST,
    Act,
    Answer,
    Code,
    Id,
    Key,
    Name,
    PiecesIn,
    Reason,
    Shape,
    Text,
    Things,
    answered,
    may_fail,
)

router = Router(tags=["loan sets"])


class LoanSetIn(Shape):
    key: Key
    supplier_id: Id
    department_id: Id
    set_name: Text
    due_on: date
    listed: list[PiecesIn] = Field(max_length=MOST)
    case_number: Code = ""


class LoanLineOut(Schema):
    item_id: int
    item_name: str
    listed: int
    arrived: int
    missing: int
    extra: int


class LoanSetOut(Schema):
    id: int
    number: str
    name: str
    state: str
    supplier: str
    department_id: int
    case_number: str
    due_on: date
    cycle: str
    lines: list[LoanLineOut]


class CycleOut(Schema):
    """``sterilised_at``: the time of the cycle, as the steriliser says; ``recorded_at``: when it was entered."""

    id: int
    cycle: str
    sterilised_at: datetime
    recorded_at: datetime
    sterilised_by: str
    state: str
    voided_because: str


class LoanContentsOut(LoanSetOut):
    """``cycles``: every sterilisation; ``cycle`` names the last, unless that is ``voided``."""

    cycles: list[CycleOut]
    used: int
    returned: int
    wasted: int
    open: int


def _loan_set(found: LoanSet, who: Actor) -> dict[str, object]:
    number = found.case.number if found.case else ""
    return {
        "id": found.pk, "number": found.number, "name": found.name, "state": found.state,
        "supplier": found.agreement.supplier.name, "department_id": found.department_id,
        "case_number": case_number_for(who, number, found.department), "due_on": found.due_on, "cycle": found.cycle,
        "lines": [
            LoanLineOut(
                item_id=line.item_id, item_name=line.item.name, listed=line.listed, arrived=line.arrived,
                missing=line.missing, extra=line.extra,
            )
            for line in found.lines.all()
        ],
    }  # fmt: skip


@router.get("/loan-sets", response=may_fail(list[LoanSetOut]))
def list_sets(request: HttpRequest, open_only: bool = False) -> list[LoanSetOut]:
    """Loan sets; the open ones first, by the day on which they must be closed."""
    who = actor(request)
    found = queries.loan_sets(who, open_only=open_only)
    return [LoanSetOut.model_validate(_loan_set(each, who)) for each in found]


@router.post("/loan-sets", response=may_fail(Answer))
def expect(request: HttpRequest, payload: LoanSetIn) -> Answer:
    """Enter a set that a supplier will lend, with its list."""
    given = payload.model_dump(exclude={"listed"})
    listed = [Listed(each.item_id, each.quantity) for each in payload.listed]
    return answered(expect_set(actor=actor(request), listed=listed, **given))


@router.get("/loan-sets/{loan_set_id}", response=may_fail(LoanContentsOut))
def one_set(request: HttpRequest, loan_set_id: Id) -> LoanContentsOut:
    """One set with what became of it."""
    who = actor(request)
    found = loan_set_for(who, loan_set_id)
    account = contents_of(found)
    counts = {
        "used": account.used, "returned": account.pieces("returned"), "wasted": account.wasted,
        "open": account.pieces("open"),
    }  # fmt: skip
    cycles = [
        CycleOut(
            id=each.pk, cycle=each.cycle, sterilised_at=each.sterilised_at, recorded_at=each.recorded_at,
            sterilised_by=each.sterilised_by.name, state=each.state, voided_because=each.voided_because,
        )
        for each in queries.cycles_of(found)
    ]  # fmt: skip
    return LoanContentsOut.model_validate({**_loan_set(found, who), **counts, "cycles": cycles})


class LoanArrivalIn(Shape):
    key: Key
    dock_id: Id
    arrivals: list[ArrivalIn] = Field(max_length=MOST)
    reference: Name = ""
    arrived_at: AwareDatetime | None = None


@router.post("/loan-sets/{loan_set_id}/arrive", response=may_fail(Answer))
def arrive(request: HttpRequest, loan_set_id: Id, payload: LoanArrivalIn) -> Answer:
    """Scan what came against the list; ``facts`` name what is missing and what is extra."""
    given = payload.model_dump(exclude={"arrivals"})
    arrivals = arrivals_of(payload.arrivals)
    return answered(arrive_set(actor=actor(request), loan_set_id=loan_set_id, arrivals=arrivals, **given))


class SteriliseIn(Act):
    """``happened_at``: the time of the cycle; now, unless it is given. Of a closed set, before it was closed."""

    cycle: Code


@router.post("/loan-sets/{loan_set_id}/sterilise", response=may_fail(Answer))
def sterilise(request: HttpRequest, loan_set_id: Id, payload: SteriliseIn) -> Answer:
    """The set was sterilised in this cycle. Of a closed set it is history put right: the set stays closed."""
    return answered(sterilise_set(actor=actor(request), loan_set_id=loan_set_id, **payload.model_dump()))


@router.post("/loan-sets/{loan_set_id}/cycles/{cycle_id}/void", response=may_fail(Answer))
def void(request: HttpRequest, loan_set_id: Id, cycle_id: Id, payload: WhyIn) -> Answer:
    """Void a sterilisation that was entered wrongly: by it the set is not sterile. A closed set stays closed."""
    given = payload.model_dump()
    return answered(void_cycle(actor=actor(request), loan_set_id=loan_set_id, cycle_id=cycle_id, **given))


@router.post("/loan-sets/{loan_set_id}/send", response=may_fail(Answer))
def send(request: HttpRequest, loan_set_id: Id, payload: Act) -> Answer:
    """The set goes to its theatre."""
    return answered(send_set(actor=actor(request), loan_set_id=loan_set_id, **payload.model_dump()))


class LoanBackIn(Act):
    """All that is left of the set, or the things scanned."""

    things: Things | None = None
    reference: Name = ""


@router.post("/loan-sets/{loan_set_id}/hand-back", response=may_fail(Answer))
def return_set(request: HttpRequest, loan_set_id: Id, payload: LoanBackIn) -> Answer:
    """Things of a set go back to their owner."""
    return answered(hand_back_set(actor=actor(request), loan_set_id=loan_set_id, **payload.given()))


class CloseSetIn(Shape):
    """``difference``: a code of the group ``loan_missing``, where something cannot be found."""

    key: Key
    difference: Reason = ""


@router.post("/loan-sets/{loan_set_id}/close", response=may_fail(Answer))
def close(request: HttpRequest, loan_set_id: Id, payload: CloseSetIn) -> Answer:
    """Everything that came was used, returned or wasted, or a reason says why not."""
    return answered(close_set(actor=actor(request), loan_set_id=loan_set_id, **payload.model_dump()))
