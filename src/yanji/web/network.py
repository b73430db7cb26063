"""The picture of the network of places: how much lies at each station, what passed between them, what is under way."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from math import sqrt
from typing import Any

from django.utils.translation import gettext as _

from yanji.insight.board import Flow, Way
from yanji.insight.flowing import Leg
from yanji.places.models import VIRTUAL, Kind, Place

from .templatetags.yanji import amount

# From left to right: where things come from, where they lie, where they are used, where they end.
COLUMN = {
    Kind.SUPPLIER: 0,
    Kind.DEPARTMENT: 2,
    Kind.TRANSIT: 2,
    Kind.PATIENT: 3,
    Kind.CONSUMED: 3,
    Kind.SCRAP: 3,
    Kind.LOST: 3,
}
STORES, LAST = 1, 3
TONES = {
    Kind.SUPPLIER: "mute",
    Kind.TRANSIT: "info",
    Kind.PATIENT: "info",
    Kind.CONSUMED: "info",
    Kind.SCRAP: "soon",
    Kind.LOST: "bad",
    Kind.DEPARTMENT: "teal2",
}
# More in one column would not be read; the others stand together as one, whose id is the column's, below zero.
MOST = 10
SMALLEST, LARGEST = 14, 48  # pixels across
THINNEST, THICKEST = 1.5, 9.0  # pixels


@dataclass(frozen=True, slots=True)
class Station:
    """One node: a place, or the others of its column together."""

    name: str
    label: str
    column: int
    tone: str
    weight: float  # what lies there; of a place beyond the door, what passed its door
    said: str
    order: str = "~"  # behind all paths
    href: str = ""


def network(
    places: Mapping[int, Place],
    lying: Mapping[int, Decimal],
    flows: Iterable[Flow],
    ways: Iterable[Way],
    *,
    say: Callable[[Decimal], str] = amount,
    at: Callable[[Sequence[int]], str],
    between: Callable[[Sequence[int], Sequence[int]], str],
    through: Callable[[Sequence[int]], str],
) -> dict[str, Any]:
    """Chart data (see static/yanji/charts.js): nodes placed in columns, links with what passed, ways with what moves now.

    ``lying``: station -> how much of what is measured lies there, said as ``say`` does. ``at``: where what lies at some
    stations is listed; ``between``: where what passed from some of them to others is.
    """
    passed = _summed(((flow.from_id, flow.to_id), flow.quantity) for flow in flows)
    moving = _summed(((way.from_id, way.to_id), way.quantity) for way in ways)
    keys = sorted({*lying, *(key for pair in (*passed, *moving) for key in pair)})
    node_of = _nodes_of(places, keys, lying, passed)
    members: dict[int, list[int]] = {}
    for key in keys:
        members.setdefault(node_of[key], []).append(key)
    merged = _summed(((node_of[start], node_of[end]), pieces) for (start, end), pieces in passed.items())
    stations = [
        _station(places, node, inside, lying, passed, say, at, through) for node, inside in members.items()
    ]
    return {
        "kind": "network",
        "label": _(
            "The network of places: what lies there, what passed between them today, what is under way"
        ),
        "nodes": _placed(sorted(stations, key=lambda station: station.order)),
        "links": _links(merged, lambda start, end: between(members[start], members[end])),
        "ways": [
            {"source": str(start), "target": str(end), "value": pieces}
            for (start, end), pieces in _summed(
                ((node_of[start], node_of[end]), pieces) for (start, end), pieces in moving.items()
            ).items()
            if start != end
        ],
    }


Pair = tuple[int, int]


def _summed(pairs: Iterable[tuple[Pair, Decimal | int]]) -> Counter[Pair]:
    found: Counter[Pair] = Counter()
    for pair, pieces in pairs:
        found[pair] += int(pieces)
    return found


def _column(place: Place) -> int:
    return COLUMN.get(Kind(place.kind), STORES)


def _nodes_of(
    places: Mapping[int, Place], keys: Sequence[int], lying: Mapping[int, Decimal], passed: Mapping[Pair, int]
) -> dict[int, int]:
    """Station -> its node: one of its own for the busiest of each column, one together for the others."""
    busy = Counter({key: float(lying.get(key, 0)) for key in keys})
    for pair, pieces in passed.items():
        for key in pair:
            busy[key] += pieces
    found: dict[int, int] = {}
    for column in range(LAST + 1):
        here = sorted(
            (key for key in keys if _column(places[key]) == column), key=lambda key: (-busy[key], key)
        )
        alone = here if len(here) <= MOST else here[: MOST - 1]
        found |= {key: key for key in alone} | dict.fromkeys(here[len(alone) :], -column)
    return found


def _station(
    places: Mapping[int, Place],
    node: int,
    members: Sequence[int],
    lying: Mapping[int, Decimal],
    passed: Mapping[Pair, int],
    say: Callable[[Decimal], str],
    at: Callable[[Sequence[int]], str],
    through: Callable[[Sequence[int]], str] = lambda _keys: "",
) -> Station:
    place = places[members[0]]
    others = "" if node in places else _("%(n)s more") % {"n": len(members)}
    if place.kind in VIRTUAL:
        inside = set(members)
        here = Decimal(sum(pieces for pair, pieces in passed.items() if not inside.isdisjoint(pair)))
        return Station(
            str(node), others or place.name, _column(place), TONES[Kind(place.kind)], float(here), amount(here),
            href=through(members),
        )  # fmt: skip
    here = sum((lying.get(key, Decimal(0)) for key in members), Decimal(0))
    if others:
        return Station(str(node), others, -node, "teal3", float(here), say(here), href=at(members))
    tone = TONES.get(Kind(place.kind), "teal")
    return Station(
        str(node), place.name, _column(place), tone, float(here), say(here), place.path, at(members)
    )


def _placed(stations: Sequence[Station]) -> list[dict[str, Any]]:
    """Each column spread over the height; what is out of the ordinary high is not drawn larger than all else together."""
    heights = Counter(station.column for station in stations)
    largest = {
        inside: max(
            (station.weight for station in stations if (0 < station.column < LAST) == inside), default=0
        )
        for inside in (True, False)
    }
    rank: Counter[int] = Counter()
    nodes = []
    for station in stations:
        rank[station.column] += 1
        share = station.weight / (largest[0 < station.column < LAST] or 1)
        nodes.append(
            {
                "name": station.name,
                "label": station.label,
                "said": station.said,
                "tone": station.tone,
                "href": station.href,
                "x": station.column,
                "y": 1 - (rank[station.column] - 0.5) / heights[station.column],
                "size": round(SMALLEST + (LARGEST - SMALLEST) * sqrt(share)),
            }
        )
    return nodes


def _links(merged: Mapping[Pair, int], address: Callable[[int, int], str]) -> list[dict[str, Any]]:
    most = max(merged.values(), default=1)
    return [
        {
            "source": str(start),
            "target": str(end),
            "value": pieces,
            "width": round(THINNEST + (THICKEST - THINNEST) * sqrt(pieces / most), 1),
            "href": address(start, end),
        }
        for (start, end), pieces in merged.items()
        if start != end
    ]


def voyage(
    places: Mapping[int, Place],
    legs: Sequence[Leg],
    *,
    at: Callable[[Sequence[int]], str],
    partly: Collection[int] = (),
) -> dict[str, Any]:
    """The same picture day by day: ``frames`` say for each day on which anything moved what lay where at its end, and what
    moved; the circles are placed once, as large as the most that ever lay there. ``partly``: stations of which not all ways
    are among the legs, so that how much lies there cannot be said."""
    passed = _summed(((leg.from_id, leg.to_id), leg.quantity) for leg in legs)
    keys = sorted({key for pair in passed for key in pair})
    days, most = _lying_by_day(places, legs)
    most |= dict.fromkeys(set(partly) & set(most), Decimal(0))
    node_of = _nodes_of(places, keys, most, passed)
    members: dict[int, list[int]] = {}
    for key in keys:
        members.setdefault(node_of[key], []).append(key)
    stations = [_station(places, node, inside, most, passed, amount, at) for node, inside in members.items()]
    return {
        "kind": "voyage",
        "label": _("How it went from place to place, day by day"),
        "nodes": _placed(sorted(stations, key=lambda station: station.order)),
        "frames": [
            {
                "day": day.isoformat(),
                "lying": {
                    str(node): float(sum(lying.get(key, 0) for key in inside))
                    for node, inside in members.items()
                    if not set(inside) & set(partly)
                },
                "moved": [
                    {"source": str(start), "target": str(end), "value": pieces}
                    for (start, end), pieces in _summed(
                        ((node_of[start], node_of[end]), pieces) for (start, end), pieces in moved.items()
                    ).items()
                    if start != end
                ],
            }
            for day, lying, moved in days
        ],
    }


Day = tuple[date, dict[int, Decimal], Counter[Pair]]


def _lying_by_day(places: Mapping[int, Place], legs: Sequence[Leg]) -> tuple[list[Day], dict[int, Decimal]]:
    """(day, what lies at each station at its end, what moved on it) in order; and the most that ever lay at each. Of a place
    beyond the door: what has come there by then."""
    lying: dict[int, Decimal] = {}
    most: dict[int, Decimal] = {}
    days: list[Day] = []
    for day, group in groupby(legs, key=lambda leg: leg.day):
        moved: Counter[Pair] = Counter()
        for leg in group:
            if places[leg.from_id].kind not in VIRTUAL:
                lying[leg.from_id] = lying.get(leg.from_id, Decimal(0)) - leg.quantity
            lying[leg.to_id] = lying.get(leg.to_id, Decimal(0)) + leg.quantity
            moved[leg.from_id, leg.to_id] += int(leg.quantity)
        for key, pieces in lying.items():
            most[key] = max(most.get(key, Decimal(0)), pieces)
        days.append((day, dict(lying), moved))
    return days, most
