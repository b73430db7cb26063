"""What reached a department otherwise than it was handed over, to be settled by the store."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from yanji.flows.differing.models import IssueDifference
from yanji.flows.differing.queries import differences_of, open_differences
from yanji.flows.differing.settle import outcomes, settle_difference
from yanji.flows.gates import issue_for

from .auth import actor
from .shapes import Act, Answer, Code, Id, Note, Reason, answered, may_fail

router = Router(tags=["ward"])


class IssueDifferenceOut(Schema):
    """``kind``: missing, damaged, unexpected. ``outcomes``: what it may come to while it is open."""

    id: int
    issue_id: int
    issue: str
    kind: str
    thing: str
    item: str
    pieces: int
    reason: str
    state: str
    at: datetime
    reported_by: str
    outcomes: list[str]
    outcome: str
    note: str
    settled_at: datetime | None
    settled_by: str


def _told(found: IssueDifference) -> IssueDifferenceOut:
    return IssueDifferenceOut(
        id=found.pk, issue_id=found.issue_id, issue=found.issue.number, kind=found.kind, thing=found.thing,
        item=found.lot.item.name if found.lot else "", pieces=found.pieces, reason=found.reason, state=found.state,
        at=found.at, reported_by=found.actor.name,
        outcomes=[each.value for each in outcomes(found.kind)] if found.state == "open" else [],
        outcome=found.outcome, note=found.note, settled_at=found.settled_at,
        settled_by=found.settled_by.name if found.settled_by else "",
    )  # fmt: skip


@router.get("/issue-differences", response=may_fail(list[IssueDifferenceOut]))
def list_open(request: HttpRequest) -> list[IssueDifferenceOut]:
    """Open differences of the stores from which you issue, oldest first."""
    return [_told(each) for each in open_differences(actor(request))]


@router.get("/issues/{issue_id}/differences", response=may_fail(list[IssueDifferenceOut]))
def of_issue(request: HttpRequest, issue_id: Id) -> list[IssueDifferenceOut]:
    """Every difference of one handing-over, open ones first."""
    return [_told(each) for each in differences_of([issue_for(actor(request), issue_id).pk])]


class SettleDifferenceIn(Act):
    """``to_place_id``: where in the store it was found, where that is its outcome; else the store itself."""

    outcome: Code
    reason: Reason = ""
    note: Note = ""
    to_place_id: Id | None = None


@router.post("/issue-differences/{difference_id}", response=may_fail(Answer))
def settle(request: HttpRequest, difference_id: Id, payload: SettleDifferenceIn) -> Answer:
    """Say what became of a difference."""
    return answered(
        settle_difference(actor=actor(request), difference_id=difference_id, **payload.model_dump())
    )
