"""An entry that a difference rests on is taken back: what it settled is open again, what it reported is settled by that."""

from collections.abc import Callable

from django.db.models import F, Q

from yanji.ledger.api import Step
from yanji.ledger.models import Event

from ..documents import reached
from ..models import Issue, Requisition
from ..states import DifferenceState
from .models import IssueDifference
from .settle import WAYS, recount

Kind, Outcome = IssueDifference.Kind, IssueDifference.Outcome


def reopen_difference(event: Event) -> Callable[[str], None] | None:
    """Lock the differences that an entry settled, or under which they were held; gives what is to be done once it is taken
    back. None: there are none."""
    resting = IssueDifference.objects.filter(Q(event=event) | Q(held_event=event, state=DifferenceState.OPEN))
    seen = resting.values_list("issue_id", "issue__requisition_id").first()
    if seen is None:
        return None
    requisition = Requisition.objects.select_for_update().get(pk=seen[1])
    issue = Issue.objects.select_for_update().get(pk=seen[0])
    found = list(resting.select_for_update().order_by("pk"))

    def finish(correcting: str) -> None:
        for difference in found:
            difference.issue = issue
            if str(difference.event_id) == str(event.pk):
                _reopen(difference, requisition, Step(event.step))
            else:
                close(difference, Outcome.FOUND, correcting)

    return finish


def _reopen(difference: IssueDifference, requisition: Requisition, step: Step) -> None:
    # What was taken in is counted by the correction of taking in.
    if WAYS[difference.kind, difference.outcome].gone and step is not Step.TAKE_IN:
        recount(difference, requisition, -1, gone=True, verb="take_back")
    if difference.kind == Kind.MISSING and _joined(difference):
        return
    difference.outcome, difference.event_id = "", None
    difference.settled_at = difference.settled_by_id = None
    difference.state = reached("issue_difference", "reopen", DifferenceState.OPEN)
    difference.save()


def _joined(difference: IssueDifference) -> bool:
    """Where some pieces of the same are missing still, these are counted with them again: it is one difference."""
    rest = difference.issue.differences.filter(
        kind=difference.kind, thing=difference.thing, state=DifferenceState.OPEN
    )
    if not rest.update(pieces=F("pieces") + difference.pieces):
        return False
    difference.delete()
    return True


def close(difference: IssueDifference, outcome: Outcome, correcting: str) -> None:
    """Settle a difference by the entry that took back what it was about: there is nothing left to settle."""
    event = Event.objects.get(pk=correcting)
    difference.outcome, difference.event_id = outcome, event.pk
    difference.settled_at, difference.settled_by_id = event.happened_at, event.actor_id
    difference.state = reached("issue_difference", "settle", DifferenceState.SETTLED)
    difference.save()


def close_missing(issue: Issue, correcting: str) -> None:
    """A handing-over that is taken back as a whole lies in the store again: so does what of it was missing."""
    for difference in issue.differences.filter(kind=Kind.MISSING, state=DifferenceState.OPEN):
        close(difference, Outcome.BACK, correcting)
