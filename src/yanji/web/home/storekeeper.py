"""The storekeeper's morning: what came, what must go out, where it lies, what expires first."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.buying.due import counted, papers_seen
from yanji.flows.consign.queries import overdue_sets
from yanji.flows.queries import arriving, requisitions, work
from yanji.watch.happenings import recent

from .tiles import LISTED, first_out, papers_tile, said, tile, when


def storekeeper(actor: Actor) -> dict[str, Any]:
    """What came, what must go out, where does it lie, what expires first?"""
    todo = work(actor)
    paths = actor.scopes.get(Operation.STORE, ()) or actor.scopes.get(Operation.RECEIVE, ())
    tiles = [
        tile(
            _("Announced deliveries"),
            todo.notices_announced or 0,
            "storeroom:receiving",
            note=_("Open orders: %(n)s") % {"n": todo.orders_open or 0},
            tone="info",
        ),
        tile(
            _("To put away"),
            todo.to_put_away or 0,
            "storeroom:put_away",
            tone=when(todo.to_put_away, "soon"),
            note=said(todo.to_put_away, _("At the door")),
        ),
        tile(
            _("To pick"),
            todo.to_pick or 0,
            "storeroom:picking",
            tone=when(todo.to_pick, "info"),
            note=said(todo.to_pick, _("Requisitions")),
        ),
        tile(
            _("To issue"),
            todo.to_issue or 0,
            "storeroom:picking",
            tone=when(todo.to_issue, "info"),
            note=said(todo.to_issue, _("Picked, not issued")),
        ),
        tile(
            _("Returns to inspect"),
            todo.to_inspect or 0,
            "storeroom:returns",
            tone=when(todo.to_inspect, "soon"),
            note=said(todo.to_inspect, _("Not yet available")),
        ),
        tile(
            _("On hold"),
            todo.on_hold or 0,
            "storeroom:hold",
            "?do=release",
            tone=when(todo.on_hold, "bad"),
            note=said(todo.on_hold, _("Waits for a decision")),
        ),
        papers_tile(counted(papers_seen(actor, today=timezone.localdate()))),
    ]
    return {
        "tiles": tiles,
        "arriving": arriving(actor, limit=LISTED),
        "asked": requisitions(actor, states=("requested", "picking", "picked"), limit=LISTED),
        **first_out(actor, paths),
        "late_sets": list(overdue_sets(actor.scopes.get(Operation.CONSIGN, ()))[:LISTED]),
        "happenings": recent(paths=paths, limit=10),
    }
