"""One gate per object: what is hidden and what is absent answer alike."""

from yanji.places.models import Place

from .actor import Actor


class NotFound(Exception):
    """There is no such thing, or none that this actor may see. Pages answer 404, the API likewise."""


def place_for(actor: Actor, place_id: int, *, may: str = "view") -> Place:
    """The place, if the actor holds the operation there; raises :class:`NotFound` otherwise."""
    place = Place.objects.filter(pk=place_id).first()
    if place is None or not actor.may(may, place.path):
        raise NotFound("place")
    return place


def places_for(actor: Actor, *, may: str = "view", kinds: tuple[str, ...] = ()) -> list[Place]:
    """Every active place where the actor holds the operation, in tree order."""
    found = Place.objects.filter(active=True)
    if kinds:
        found = found.filter(kind__in=kinds)
    return [place for place in found if actor.may(may, place.path)]
