"""Every shared read of the place tree; none costs more statements for a larger tree."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import get_language

from .models import VIRTUAL, Kind, Place
from .rules import ids_of


@dataclass(frozen=True, slots=True)
class PathName:
    """The names from the root to a place, in both languages."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    def __str__(self) -> str:
        """In the reader's language, `Main campus / Central store / A-03`."""
        return " / ".join(self.en if (get_language() or "").startswith("en") else self.zh)


@dataclass(frozen=True, slots=True)
class Node:
    """A place in tree order with its depth below the first one shown."""

    place: Place
    depth: int
    has_children: bool


def tree(*, paths: Iterable[str] | None = None, with_retired: bool = False) -> list[Node]:
    """The real places in tree order: siblings by code. ``paths`` keeps only these subtrees. One query."""
    found = Place.objects.exclude(kind__in=VIRTUAL)
    if not with_retired:
        found = found.filter(active=True)
    if paths is not None:
        below = Q(pk__in=[])
        for path in paths:
            below |= Q(path__startswith=path)
        found = found.filter(below)
    places = {place.pk: place for place in found}
    children: dict[int | None, list[Place]] = {}
    for place in places.values():
        children.setdefault(place.parent_id if place.parent_id in places else None, []).append(place)
    for group in children.values():
        group.sort(key=lambda place: place.code)
    nodes: list[Node] = []
    waiting = [(place, 0) for place in reversed(children.get(None, []))]
    while waiting:
        place, level = waiting.pop()
        below_it = children.get(place.pk, [])
        nodes.append(Node(place, level, bool(below_it)))
        waiting.extend((child, level + 1) for child in reversed(below_it))
    return nodes


def subtree_ids(path: str) -> list[int]:
    """The ids of a place and everything below it, retired ones too."""
    return list(Place.objects.filter(path__startswith=path).values_list("pk", flat=True))


_PATH_NAMES = """
SELECT p.id, array_agg(above.name_zh ORDER BY step.n),
       array_agg(coalesce(nullif(above.name_en, ''), above.name_zh) ORDER BY step.n)
  FROM places_place p
 CROSS JOIN LATERAL unnest(string_to_array(trim(both '/' from p.path), '/')::bigint[]) WITH ORDINALITY AS step(id, n)
  JOIN places_place above ON above.id = step.id
 WHERE p.id = ANY(%s)
 GROUP BY p.id
"""


def path_names(place_ids: Iterable[int]) -> dict[int, PathName]:
    """Place id -> the names from the root to it, in both languages. One query; unknown ids are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_PATH_NAMES, [sorted(set(place_ids))])
        return {key: PathName(tuple(zh), tuple(en)) for key, zh, en in cursor.fetchall()}


def department_of(place: Place) -> Place | None:
    """The nearest department that a place is, or lies in; None for a store of the house."""
    return (
        Place.objects.filter(pk__in=ids_of(place.path), kind=Kind.DEPARTMENT)
        .order_by(Length("path").desc())
        .first()
    )


def above(place: Place) -> list[Place]:
    """The places that contain this one, the widest first."""
    return list(Place.objects.filter(pk__in=ids_of(place.path)[:-1]).order_by(Length("path")))


def children(place: Place) -> list[Place]:
    """The places directly below one, open ones first, by code."""
    return list(place.children.order_by("-active", "code"))


def by_code(codes: Iterable[str]) -> dict[str, Place]:
    """Code -> place, for many codes in one query."""
    return {place.code: place for place in Place.objects.filter(code__in=set(codes))}
