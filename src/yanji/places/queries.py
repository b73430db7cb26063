"""Every shared read of the place tree; none costs more statements for a larger tree."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Length, Upper

from .models import VIRTUAL, Place
from .rules import ids_of, told_apart
from .spoken import Spoken, joined


@dataclass(frozen=True, slots=True)
class PathName:
    """The names from the root to a place, in both languages, and the kind of each place on the way."""

    zh: tuple[str, ...]
    en: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """In the reader's language."""
        return tuple(map(Spoken, self.zh, self.en))

    def __str__(self) -> str:
        """`Main campus / Central store / A-03`."""
        return " / ".join(self.names)


@dataclass(frozen=True, slots=True)
class Node:
    """A place in tree order with its depth below the first one shown."""

    place: Place
    depth: int


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
        nodes.append(Node(place, level))
        waiting.extend((child, level + 1) for child in reversed(children.get(place.pk, [])))
    return nodes


_PATH_NAMES = """
SELECT p.id, array_agg(above.name_zh ORDER BY step.n),
       array_agg(coalesce(nullif(above.name_en, ''), above.name_zh) ORDER BY step.n),
       array_agg(above.kind ORDER BY step.n)
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
        return {key: PathName(*map(tuple, rest)) for key, *rest in cursor.fetchall()}


def labels(places: Iterable[Place]) -> dict[int, str]:
    """Place id -> what to call it in a list of just these places: see :func:`labels_of`."""
    return labels_of({place.pk: place.name for place in places})


def labels_of(names: Mapping[int, str], seen: Mapping[int, int] | None = None) -> dict[int, str]:
    """Place id -> what to call it among these places, whose own names are given in the reader's language. ``seen``: how many
    levels from a place up the reader may look at; no name above those is said.

    A name that stands once is enough. Where several share it, what lies above goes before and tells them apart,
    `Central store · Dock`; if nothing above does, the code goes behind. At most two queries, none where every name
    stands once.
    """
    shared = {name for name, count in Counter(names.values()).items() if count > 1}
    doubtful = [key for key, name in names.items() if name in shared]
    paths = path_names(doubtful) if doubtful else {}
    ways = {
        key: list(zip(way.kinds, way.names, strict=True))[::-1][: None if seen is None else max(seen[key], 1)]
        for key, way in paths.items()
    }
    found = {**names, **{key: joined(*said) for key, said in told_apart(ways).items()}}
    counted = Counter(found.values())
    still = [key for key in doubtful if counted[found[key]] > 1]
    codes = Place.objects.filter(pk__in=still).values_list("pk", "code") if still else ()
    return {**found, **{key: joined(found[key], code) for key, code in codes}}


def above(place: Place) -> list[Place]:
    """The places that contain this one, the widest first."""
    return list(Place.objects.filter(pk__in=ids_of(place.path)[:-1]).order_by(Length("path")))


def children(place: Place) -> list[Place]:
    """The places directly below one, open ones first, by code."""
    return list(place.children.order_by("-active", "code"))


def by_code(codes: Iterable[str]) -> dict[str, Place]:
    """Code -> place, for many codes in one query."""
    return {place.code: place for place in Place.objects.filter(code__in=set(codes))}


def plain(text: str) -> str:
    """A code or name as it is compared: without regard to case, and to the width of letters that an input
    method gives."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def by_any_case(codes: Iterable[str]) -> dict[str, int]:
    """Text -> id of the place that has it as its code. The exact code wins; of several that differ in case alone
    none does. One query."""
    asked = {code: plain(code) for code in codes}
    rows = list(
        Place.objects.annotate(upper=Upper("code"))
        .filter(upper__in=set(asked.values()))
        .values_list("code", "upper", "pk")
    )
    exact = {code: key for code, _upper, key in rows}
    alike = Counter(upper for _code, upper, _key in rows)
    single = {upper: key for _code, upper, key in rows if alike[upper] == 1}
    found = {text: exact.get(text, single.get(upper)) for text, upper in asked.items()}
    return {text: key for text, key in found.items() if key is not None}


GLN = "414/"  # how the name of a place begins that has a number of GS1's


def by_gln(names: Mapping[str, str]) -> dict[str, int]:
    """Text -> id of the place whose Global Location Number is the name that the text was read as. No query where none is
    such a name."""
    glns = {text: name.removeprefix(GLN) for text, name in names.items() if name.startswith(GLN)}
    known = dict(Place.objects.filter(gln__in=set(glns.values())).values_list("gln", "pk")) if glns else {}
    return {text: known[gln] for text, gln in glns.items() if gln in known}


def found(text: str, *, paths: Collection[str], limit: int = 20) -> list[Place]:
    """Open places below the paths whose code begins so, or whose name in either language holds it; in tree order. One query."""
    below = Q(pk__in=[])
    for path in paths:
        below |= Q(path__startswith=path)
    fits = Q(code__istartswith=text) | Q(name_zh__icontains=text) | Q(name_en__icontains=text)
    return list(Place.objects.filter(below, fits, active=True).exclude(kind__in=VIRTUAL)[:limit])


def by_name(
    names: Iterable[str], *, paths: Collection[str], kinds: Collection[str]
) -> dict[str, list[Place]]:
    """Text -> the open places below the paths that are called so in either language, in tree order. One query."""
    asked = {name: {plain(name), name.strip().upper()} for name in names}
    wanted = set().union(*asked.values())
    below = Q(pk__in=[])
    for path in paths:
        below |= Q(path__startswith=path)
    rows = (
        Place.objects.filter(below, active=True, kind__in=kinds)
        .annotate(upper_zh=Upper("name_zh"), upper_en=Upper("name_en"))
        .filter(Q(upper_zh__in=wanted) | Q(upper_en__in=wanted))
        .order_by("path")
    )
    found = list(rows)
    return {
        text: [place for place in found if {place.upper_zh, place.upper_en} & forms]
        for text, forms in asked.items()
    }
