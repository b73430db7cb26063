"""The places that a map shows side by side: those that stand in one place, or the stores and departments of a part of
the house."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from yanji.places.models import Kind, Place
from yanji.places.queries import labels

STATIONS = (Kind.STORE, Kind.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class Line:
    """A place of a map, and what to call it there. ``itself``: what lies right at the place looked at, and in nothing that stands
    in it. ``leads``: whether one list says all that it counts."""

    id: int
    path: str
    name: str
    itself: bool = False
    leads: bool = True


def lines_of(paths: Sequence[str], place: Place | None, *, stations: bool) -> list[Line]:
    """The lines of what is looked at, below these paths; ``place`` where that is one place. No two contain each other, but for
    the last ones, which are for what lies in none of the others. At most four statements.

    Of stores and departments that stand in one another the outer one is shown; who looks at one of them, or keeps but a part of
    one, sees its places.
    """
    roots = roots_of(paths, place)
    outer = outermost(_stations(paths)) if stations and not (place and place.kind in STATIONS) else []
    if outer:
        rest = [each for each in roots if each.pk not in {one.pk for one in outer}]
        return [*_lines(outer), *(Line(each.pk, each.path, each.name, leads=False) for each in rest)]
    if len(roots) != 1:
        return _lines(roots)
    [root] = roots
    return [*_lines(root.children.order_by("code")), Line(root.pk, root.path, root.name, itself=True)]


def with_places_below(place_ids: Collection[int]) -> set[int]:
    """Those of the places in which others stand. One statement."""
    return set(Place.objects.filter(parent_id__in=place_ids).values_list("parent_id", flat=True))


def roots_of(paths: Sequence[str], place: Place | None) -> list[Place]:
    """The one place looked at, or those of these paths; of the path of everything, those that stand in no other. At most one
    statement."""
    if place:
        return [place]
    if "/" in paths:
        return list(Place.objects.filter(parent=None, kind__in=(Kind.GROUP, Kind.CAMPUS)).order_by("code"))
    return list(Place.objects.filter(path__in=paths).order_by("path"))


def _stations(paths: Sequence[str]) -> list[Place]:
    return [each for each in Place.objects.filter(kind__in=STATIONS) if each.path.startswith(tuple(paths))]


def outermost(places: Iterable[Place]) -> list[Place]:
    """Without those that stand in another of them, in the order of their codes."""
    kept: list[Place] = []
    for place in sorted(places, key=lambda place: place.path):  # what stands in a place follows it at once
        if not kept or not place.path.startswith(kept[-1].path):
            kept.append(place)
    return sorted(kept, key=lambda place: place.code)


def _lines(places: Iterable[Place]) -> list[Line]:
    found = list(places)
    names = labels(found)
    return [Line(place.pk, place.path, names[place.pk]) for place in found]
