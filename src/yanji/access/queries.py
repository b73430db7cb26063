"""Every shared read of people, roles and grants."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from yanji.places.actions import holds_everywhere

from .actor import SYSTEM, Actor, scopes_of, valid_on
from .models import Grant, Person, Role
from .operations import Operation


def people_for(
    actor: Actor, text: str = "", *, state: str = "active", role_id: int | None = None
) -> QuerySet[Person]:
    """The people whose department, or one of whose grants, lies where the actor administers; with their grants.

    People of no department and no grant are seen by who administers everything. Two queries for any number of rows.
    """
    everybody = Person.objects.exclude(username=SYSTEM)  # the system is not administered
    found = everybody.select_related("department").prefetch_related(_grants()).order_by("username")
    if not holds_everywhere(actor, Operation.EDIT_ACCESS):
        mine = Q(pk__in=[])
        for path in actor.scopes.get(Operation.EDIT_ACCESS, ()):
            mine |= Q(department__path__startswith=path)
            mine |= Q(pk__in=Grant.objects.filter(place__path__startswith=path).values("person_id"))
        found = found.filter(mine)
    for word in text.replace("\0", "").split()[:4]:
        found = found.filter(
            Q(username__icontains=word) | Q(name_zh__icontains=word) | Q(name_en__icontains=word)
        )
    if role_id:
        found = found.filter(pk__in=Grant.objects.filter(role_id=role_id).values("person_id"))
    return found if state == "all" else found.filter(is_active=state != "locked")


def person_for(actor: Actor, person_id: int) -> Person | None:
    """One of those people, active or not; None when absent or out of reach."""
    return people_for(actor, state="all").filter(pk=person_id).first()


def _grants() -> Prefetch:
    return Prefetch(
        "grants", Grant.objects.select_related("role", "place").order_by("place__path", "role__code")
    )


def roles() -> QuerySet[Role]:
    """All roles with how many people hold each (``holders``)."""
    return Role.objects.annotate(holders=Count("grants__person", distinct=True)).order_by("code")


def held_roles(person_id: int, *, today: date) -> list[tuple[int, str]]:
    """(role id, path of the place) of every grant of a person that is valid on the day. One statement."""
    found = valid_on(Grant.objects.filter(person_id=person_id), today)
    return list(found.values_list("role_id", "place__path"))


def scopes_by_person(person_ids: Iterable[int], *, today: date) -> dict[int, dict[str, tuple[str, ...]]]:
    """What each of these people may do where (see :class:`Actor`) by the grants valid on the day; nothing, and no entry,
    for who is locked. One statement for any number."""
    grants = Grant.objects.filter(person_id__in=list(person_ids), person__is_active=True)
    held: dict[int, list[Grant]] = defaultdict(list)
    for grant in valid_on(grants, today).select_related("role", "place"):
        held[grant.person_id].append(grant)
    return {person_id: scopes_of(found) for person_id, found in held.items()}


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One operation, and for each role whether it has it."""

    operation: Operation
    held: tuple[bool, ...]


def matrix(shown: Iterable[Role]) -> list[MatrixRow]:
    """All operations against the given roles, in the order of the roles."""
    sets = [set(role.operations) for role in shown]
    return [MatrixRow(operation, tuple(operation.value in held for held in sets)) for operation in Operation]
