"""The ward and the theatre: taking in, cases, use, giving back."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from yanji.flows import queries
from yanji.flows.differing.report import Doubtful
from yanji.flows.issue import take_in
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.closing import close_case
from yanji.flows.use import plan_case, use

from .auth import actor
from .shapes import (
    MOST,
    Act,
    Answer,
    Code,
    DoubtfulIn,
    Epc,
    Id,
    Key,
    Name,
    Reason,
    Shape,
    Text,
    Things,
    answered,
    doubtful,
    may_fail,
    several,
)

router = Router(tags=["ward"])


class TakeInIn(Act):
    """``things`` left out: all that is under way and not named otherwise. ``damaged`` is taken in and held; ``missing`` stays
    on the way, with ``rest_is_missing`` all that is not named; ``unexpected`` was not handed over."""

    to_place_id: Id
    things: Things | None = None
    damaged: list[DoubtfulIn] = Field(default_factory=list, max_length=MOST)
    missing: Things = Field(default_factory=list)
    rest_is_missing: bool = False
    unexpected: list[DoubtfulIn] = Field(default_factory=list, max_length=MOST)


@router.post("/issues/{issue_id}/take-ins", response=may_fail(Answer))
def arrive(request: HttpRequest, issue_id: Id, payload: TakeInIn) -> Answer:
    """Take in what a store issued. ``facts``: pieces taken in, and differences reported to the store."""
    return answered(
        take_in(
            actor=actor(request),
            issue_id=issue_id,
            damaged=[Doubtful(*each) for each in doubtful(payload.damaged)],
            unexpected=[Doubtful(*each) for each in doubtful(payload.unexpected)],
            **payload.given("damaged", "unexpected"),
        )
    )


class CaseIn(Shape):
    key: Key
    number: Code
    patient_token: Name
    department_id: Id
    procedure: Text = ""
    operator: Name = ""
    planned_at: AwareDatetime | None = None


class CaseOut(Schema):
    id: int
    number: str
    patient_token: str
    procedure: str
    operator: str
    department_id: int
    planned_at: datetime | None
    state: str


@router.get("/cases", response=may_fail(list[CaseOut]))
def list_cases(request: HttpRequest, state: Code = "", text: Name = "") -> object:
    """Cases of the departments where patients may be seen. ``text``: a case number or a patient's token."""
    return queries.cases(actor(request), states=several(state), text=text)


@router.post("/cases", response=may_fail(Answer))
def plan(request: HttpRequest, payload: CaseIn) -> Answer:
    """Enter a case before anything is used in it."""
    return answered(plan_case(actor=actor(request), **payload.model_dump()))


class CloseCaseIn(Shape):
    """``difference``: why something that the case took is unaccounted for."""

    key: Key
    difference: Reason = ""


@router.post("/cases/{case_id}/close", response=may_fail(Answer))
def close(request: HttpRequest, case_id: Id, payload: CloseCaseIn) -> Answer:
    """Nothing more is used in a case: what it took was used, returned or wasted, or a reason says why not."""
    return answered(close_case(actor=actor(request), case_id=case_id, **payload.model_dump()))


class ImplantedIn(Shape):
    """Where in the body a unit was put. ``side``: left, right, both, or empty."""

    epc: Epc
    site: Name = ""
    side: Code = ""


class UseIn(Act):
    """``confirmed_by``: the second scan, of the wristband or of the case. ``despite``: a code of the group ``emergency``, for
    what is in the patient already although it is expired, recalled or on hold."""

    department_id: Id
    case_number: Code
    patient_token: Name
    confirmed_by: Text
    things: Things
    procedure: Text = ""
    operator: Name = ""
    implants: list[ImplantedIn] = Field(default_factory=list, max_length=MOST)
    despite: Text = ""


def implanted(given: list[ImplantedIn]) -> list[Implanted]:
    """As the flows take them."""
    return [Implanted(each.epc, each.site, each.side) for each in given]


@router.post("/uses", response=may_fail(Answer))
def use_on_patient(request: HttpRequest, payload: UseIn) -> Answer:
    """Record use on a patient. What a supplier owned becomes the hospital's with it. ``facts``: with
    ``despite``, the number of the paper that says what spoke ``against`` it, for those who approve."""
    given = payload.given("implants")
    return answered(use(actor=actor(request), implants=implanted(payload.implants), **given))
