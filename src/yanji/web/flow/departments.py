"""Which department a page works for: the one chosen, else the one where the person works."""

from django.http import HttpRequest

from yanji.access.gates import places_for
from yanji.places.models import Kind, Place
from yanji.places.queries import tree


def departments(request: HttpRequest, may: str) -> list[Place]:
    """Where the actor holds the operation; the person's own department comes first."""
    own = request.user.department_id
    found = places_for(request.actor, may=may, kinds=(Kind.DEPARTMENT,))
    return sorted(found, key=lambda place: (place.pk != own, place.path))


def chosen(request: HttpRequest, places: list[Place], field: str) -> Place | None:
    """The place that the request names, if it is one of these; else the first."""
    asked = request.POST.get(field) or request.GET.get(field, "")
    return next((place for place in places if str(place.pk) == asked), places[0] if places else None)


def named_or_only(request: HttpRequest, places: list[Place], field: str) -> Place | None:
    """The place that the request names; of several none is taken for granted, the only one is."""
    if len(places) > 1 and not (request.POST.get(field) or request.GET.get(field)):
        return None
    return chosen(request, places, field)


def stores(near: Place | None) -> list[Place]:
    """Every store of the hospital: those of the same campus first."""
    campus = "/".join(near.path.split("/")[:3]) + "/" if near else "/"
    found = [node.place for node in tree() if node.place.kind == Kind.STORE]
    return sorted(found, key=lambda place: not place.path.startswith(campus))
