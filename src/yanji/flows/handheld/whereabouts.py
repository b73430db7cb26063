"""The places of the scan page: where somebody scans, for which department they ask, and of which store."""

from collections.abc import Collection, Sequence

from django.db.models import Case as Switch
from django.db.models import Q, When

from yanji.access.actor import Actor
from yanji.access.models import Person
from yanji.places.models import Kind, Place
from yanji.places.queries import ids_of, labels

from ..counting.scope import campus_of
from ..landing import STORES
from ..models import Issue
from .way import Way

MOST_PLACES = 2_000
HOMES = frozenset({*STORES, Kind.DOCK, Kind.DEPARTMENT})
SHELVES = (*STORES, Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN)


def shelves(actor: Actor, ways: Collection[Way]) -> list[Place]:
    """Where somebody does any of these, each once. Where that are more than a device keeps: the few that may be a home first,
    then those which an act asks for, so that a big store does not push out the ward's. One statement."""
    wanted = Switch(
        When(kind__in=HOMES, then=0),
        When(_below(actor, [way for way in ways if way.takes_place]), then=1),
        default=2,
    )
    found = Place.objects.filter(
        _below(actor, [way for way in ways if way.act]), active=True, kind__in=SHELVES
    )
    return sorted(found.order_by(wanted, "path")[:MOST_PLACES], key=lambda place: place.path)


def _below(actor: Actor, ways: Collection[Way]) -> Q:
    below = Q(pk__in=[])
    for path in sorted({path for way in ways for path in actor.scopes.get(way.operation, ())}):
        below |= Q(path__startswith=path)
    return below


def wards_there_are() -> list[Place]:
    """Departments between which things can be lent. One statement."""
    return list(Place.objects.filter(active=True, kind=Kind.DEPARTMENT).order_by("path")[:MOST_PLACES])


def departments_of(actor: Actor, wards: Sequence[Place]) -> list[Place]:
    """Where the actor asks for things or gives them back, the person's own department first. One statement."""
    own = Person.objects.filter(pk=actor.person_id).values_list("department_id", flat=True).first()
    mine = [each for each in wards if actor.may("request", each.path) or actor.may("give_back", each.path)]
    return sorted(mine, key=lambda each: each.pk != own)


def stores_for(departments: Sequence[Place]) -> list[tuple[int, str]]:
    """The stores of the campus of who asks or gives back, first the one that served them last; every store where their campus
    has none. Four statements at most."""
    stores = list(Place.objects.filter(active=True, kind=Kind.STORE).order_by("path")[:200])
    campus = campus_of(departments[0]) if departments else None
    near = [store for store in stores if campus in ids_of(store.path)] or stores
    last = (
        Issue.objects.filter(department__in=departments[:1])
        .order_by("-pk")
        .values_list("store_id", flat=True)
        .first()
    )
    named = labels(near)
    return [(store.pk, named[store.pk]) for store in sorted(near, key=lambda each: each.pk != last)]
