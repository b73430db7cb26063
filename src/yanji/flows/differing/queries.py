"""Which handings-over differ, at the stores where somebody can settle it."""

from collections.abc import Collection

from django.db.models import QuerySet

from yanji.access.actor import Actor

from ..queries import within
from ..states import DifferenceState
from .models import IssueDifference


def open_differences(actor: Actor) -> QuerySet[IssueDifference]:
    """Open differences of the stores from which the actor issues, oldest first; with issue, item and who said it."""
    found = IssueDifference.objects.filter(
        within("issue__store", actor.scopes.get("issue", ())), state=DifferenceState.OPEN
    )
    return _with_names(found).order_by("at", "pk")


def differences_of(issue_ids: Collection[int]) -> list[IssueDifference]:
    """Every difference of some handings-over, open ones first. One statement."""
    found = IssueDifference.objects.filter(issue_id__in=issue_ids)
    return list(_with_names(found).order_by("state", "-at", "pk"))


def _with_names(found: QuerySet[IssueDifference]) -> QuerySet[IssueDifference]:
    return found.select_related(
        "issue__store", "issue__department", "issue__requisition", "lot__item", "place", "actor", "settled_by"
    )
