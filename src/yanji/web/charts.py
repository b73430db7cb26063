"""Chart data for static/yanji/charts.js: plain values and colour names; how they look is decided in the browser."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yanji.insight.board import Flow
from yanji.insight.expiry import Bin
from yanji.insight.lots import Passed
from yanji.ledger.api import Status, Step, Stock

from . import looks
from .templatetags.yanji import named, status_name

# Stages of a Sankey from left to right; what flows back is drawn as a stop of its own, or the picture would be a knot.
STAGE = {
    "supplier": 0,
    "dock": 1,
    "store": 1,
    "room": 1,
    "transit": 2,
    "department": 3,
    "patient": 4,
    "scrap": 4,
    "lost": 4,
    "consumed": 4,
}
ELSEWHERE = STAGE["department"]  # places of a kind that is not named: cabinets, rooms of a ward


def status_donut(rows: Sequence[Stock]) -> dict[str, Any]:
    """How much of a lot is in which status."""
    order = {status: number for number, status in enumerate(Status.values)}
    ordered = sorted(rows, key=lambda row: order.get(row.status or "", 99))
    return {
        "kind": "donut",
        "label": _("Units of the lot by status"),
        "rows": [
            {
                "name": status_name(row.status or ""),
                "value": float(row.quantity),
                "tone": looks.STATUSES[row.status].tone if row.status in looks.STATUSES else "mute",
            }
            for row in ordered
        ],
    }


def expiry_bars(bins: Sequence[Bin], addresses: Sequence[str], never: tuple[Decimal, str]) -> dict[str, Any]:
    """How much expires when; each bar leads to its address. What never expires (pieces, address) has a bar of its own, where
    there is any."""
    names = [_("Expired"), *(_("%(days)s d") % {"days": row.days} for row in bins[1:-1]), _("Later")]
    tones = ["bad", "soon", "soon2", "teal3", "teal2", "teal", "teal"]
    found = [(row.quantity, tone, href) for row, tone, href in zip(bins, tones, addresses, strict=True)]
    if never[0]:
        names.append(_("Never expires"))
        found.append((never[0], "mute", never[1]))
    return {
        "kind": "bars",
        "label": _("Stock by days to expiry"),
        "names": names,
        "rows": [{"value": float(pieces), "tone": tone, "href": href} for pieces, tone, href in found],
    }


def status_bars(rows: Sequence[tuple[str, Decimal, str]]) -> dict[str, Any]:
    """How much is in which status: (status, pieces, address of the list), as lying bars."""
    return {
        "kind": "lying",
        "label": _("Stock by status"),
        "names": [status_name(status) for status, _pieces, _href in rows],
        "rows": [
            {"value": float(pieces), "tone": looks.STATUSES[status].tone, "href": href}
            for status, pieces, href in rows
        ],
    }


# What counts as coming into the house, and as going out to who uses it.
CAME, WENT = (Step.RECEIVE,), (Step.ISSUE, Step.USE)


def day_lines(flows: Sequence[Flow], now_hour: int, at: Callable[[str], str]) -> dict[str, Any]:
    """What came and went today, hour by hour up to now; ``at``: where what came, what went or all of it is listed."""
    came, went = (_by_hour(flows, steps) for steps in (CAME, WENT))
    first = min([7, *came, *went])
    shown = range(first, max(now_hour, first + 1) + 1)
    return {
        "kind": "lines",
        "label": _("Today's movements by hour"),
        "names": [f"{hour}:00" for hour in shown],
        "href": at("all"),
        "series": [
            {
                "name": _("Came in"),
                "tone": "info",
                "href": at("came"),
                "rows": [came.get(hour, 0) for hour in shown],
            },
            {
                "name": _("Went out"),
                "tone": "teal",
                "href": at("went"),
                "rows": [went.get(hour, 0) for hour in shown],
            },
        ],
    }


def _by_hour(flows: Sequence[Flow], steps: Collection[str]) -> dict[int, float]:
    found: dict[int, float] = defaultdict(float)
    for flow in flows:
        if flow.step in steps:
            found[flow.hour] += float(flow.quantity)
    return dict(found)


def sankey(flows: Sequence[Passed]) -> dict[str, Any]:
    """How a lot flowed; backward flows end in a node of their own."""
    nodes: dict[str, dict[str, Any]] = {}
    links: dict[tuple[str, str], float] = {}
    for flow in flows:
        start, end = str(flow.from_id), str(flow.to_id)
        from_stage, to_stage = STAGE.get(flow.from_kind, ELSEWHERE), STAGE.get(flow.to_kind, ELSEWHERE)
        nodes.setdefault(start, _node(start, named(flow.from_name), flow.from_kind, from_stage))
        if to_stage <= from_stage:
            end = f"{end}:back:{from_stage}"
            place = named(flow.to_name)
            # What leaves transit for a store came from a department or from another store: the way alone does not tell.
            arrives = flow.from_kind == "transit"
            label = place if arrives else _("Back: %(place)s") % {"place": place}
            nodes.setdefault(end, _node(end, label, flow.to_kind if arrives else "back", from_stage + 1))
        else:
            nodes.setdefault(end, _node(end, named(flow.to_name), flow.to_kind, to_stage))
        links[start, end] = links.get((start, end), 0) + float(flow.quantity)
    # Stages that nothing of the lot touched would stand empty, and take their room from the names of the others.
    columns = sorted({node["depth"] for node in nodes.values()})
    for node in nodes.values():
        node["depth"] = columns.index(node["depth"])
    return {
        "kind": "sankey",
        "label": _("How the lot flowed from the supplier on"),
        "nodes": list(nodes.values()),
        "links": [{"source": start, "target": end, "value": value} for (start, end), value in links.items()],
    }


def _node(key: str, label: str, kind: str, depth: int) -> dict[str, Any]:
    tones = {
        "supplier": "mute",
        "patient": "info",
        "scrap": "bad",
        "lost": "bad",
        "consumed": "ok",
        "back": "soon",
        "department": "teal2",
    }
    return {"name": key, "label": label, "depth": depth, "tone": tones.get(kind, "teal")}
