"""Which handings-over differ, at the stores where somebody can settle it."""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from yanji.access.actor import Actor
from yanji.places.models import Place

from ..queries import within
from ..shelf_choice import SHELVES
from ..states import DifferenceState
from .models import IssueDifference
from .settle import into_store


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


def shelves_for(differences: Iterable[IssueDifference]) -> dict[int, list[Place]]:
    """Difference -> where in its store it may be put, for those that are open and may come back to it. One statement, none
    without any."""
    back = [each for each in differences if each.state == DifferenceState.OPEN and into_store(each.kind)]
    below = Q(pk__in=[])
    for path in {each.issue.store.path for each in back}:
        below |= Q(path__startswith=path)
    found = list(Place.objects.filter(below, active=True, kind__in=SHELVES).order_by("path")) if back else []
    return {
        each.pk: [place for place in found if place.path.startswith(each.issue.store.path)] for each in back
    }


def _with_names(found: QuerySet[IssueDifference]) -> QuerySet[IssueDifference]:
    return found.select_related(
        "issue__store", "issue__department", "issue__requisition", "lot__item", "place", "actor", "settled_by"
    )
