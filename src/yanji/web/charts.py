"""Chart data for static/yanji/charts.js: plain values and colour names; how they look is decided in the browser."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from yanji.insight.activity import Hour
from yanji.insight.expiry import Bin
from yanji.insight.lots import Passed
from yanji.ledger.api import Status, Stock

from . import looks
from .templatetags.yanji import named, status_name

# Stages of a Sankey from left to right; what flows back is drawn as a stop of its own, or the picture would be a knot.
STAGE = {
    "supplier": 0,
    "dock": 1,
    "store": 1,
    "room": 1,
    "department": 2,
    "transit": 2,
    "patient": 3,
    "scrap": 3,
    "lost": 3,
    "consumed": 3,
}


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


def expiry_bars(bins: Sequence[Bin]) -> dict[str, Any]:
    """How much expires when."""
    names = [_("Expired"), *(_("%(days)s d") % {"days": row.days} for row in bins[1:-1]), _("Later")]
    tones = ["bad", "soon", "soon2", "teal3", "teal2", "teal", "teal"]
    return {
        "kind": "bars",
        "label": _("Stock by days to expiry"),
        "names": names,
        "rows": [{"value": float(row.quantity), "tone": tone} for row, tone in zip(bins, tones, strict=True)],
    }


def day_lines(hours: Sequence[Hour], now_hour: int) -> dict[str, Any]:
    """What came and went today, hour by hour up to now."""
    by_hour = {row.hour: row for row in hours}
    first = min([7, *by_hour])
    shown = range(first, max(now_hour, first + 1) + 1)
    return {
        "kind": "lines",
        "label": _("Today's movements by hour"),
        "names": [f"{hour}:00" for hour in shown],
        "series": [
            {
                "name": _("Came in"),
                "tone": "info",
                "rows": [float(by_hour[h].came) if h in by_hour else 0 for h in shown],
            },
            {
                "name": _("Went out"),
                "tone": "teal",
                "rows": [float(by_hour[h].went) if h in by_hour else 0 for h in shown],
            },
        ],
    }


def sankey(flows: Sequence[Passed]) -> dict[str, Any]:
    """How a lot flowed; backward flows end in a node of their own."""
    nodes: dict[str, dict[str, Any]] = {}
    links: dict[tuple[str, str], float] = {}
    for flow in flows:
        start, end = str(flow.from_id), str(flow.to_id)
        from_stage, to_stage = STAGE.get(flow.from_kind, 2), STAGE.get(flow.to_kind, 2)
        nodes.setdefault(start, _node(start, named(flow.from_name), flow.from_kind, from_stage))
        if to_stage <= from_stage:
            end = f"{end}:back:{from_stage}"
            label = _("Back: %(place)s") % {"place": named(flow.to_name)}
            nodes.setdefault(end, _node(end, label, "back", from_stage + 1))
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
