"""The ward's morning: which cases, what is here for them, what is on its way."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.consign.queries import overdue_sets
from yanji.flows.queries import ASKED_REQUISITIONS, awaiting, cases, requisitions
from yanji.flows.theatre.queries import open_differences
from yanji.ledger.api import Status, on_hand
from yanji.watch.happenings import recent

from .tiles import LISTED, ending_soon, first_out, said, tile, when


def nurse(actor: Actor) -> dict[str, Any]:
    """What do I need, what is in my department, what is on its way to it?"""
    paths = actor.scopes.get(Operation.USE, ()) or actor.scopes.get(Operation.TAKE_IN, ())
    coming = awaiting(actor, limit=LISTED)
    mine = [
        found
        for found in requisitions(actor, states=ASKED_REQUISITIONS, limit=50)
        if actor.may(Operation.REQUEST, found.department.path)
    ]
    open_now = cases(actor, states=("planned", "open"))
    planned = [case for case in open_now if case.state == "planned"]
    # What nobody had planned is what the nurse is in the middle of.
    next_ones = [case for case in open_now if case.state == "planned" or getattr(case, "urgent", False)]
    here = on_hand(paths=paths, by=("item",), statuses=(Status.AVAILABLE, Status.IN_USE))
    tiles = [
        tile(_("Planned cases"), len(planned), "ward:use", tone="info", note=_("Scan to use")),
        tile(
            _("On the way to us"),
            sum((found.pieces or 0) - (found.arrived or 0) for found in coming),
            "ward:take_in",
            tone=when(len(coming), "info"),
            note=said(len(coming), _("Take in")),
        ),
        tile(_("Asked for"), len(mine), "ward:requisitions", tone="mute", note=_("Open requisitions")),
        tile(
            _("In the department"),
            sum((row.quantity for row in here), start=Decimal(0)),
            "web:stock",
            "?by=item",
            tone="ok",
            note=ngettext("%(n)s item", "%(n)s items", len(here)) % {"n": len(here)},
        ),
        ending_soon(actor, paths, note=_("Use first or give back")),
    ]
    return {
        "tiles": tiles,
        "next_cases": next_ones[:LISTED],
        "coming": coming,
        "mine": mine[:LISTED],
        **first_out(actor, paths),
        "differences": open_differences(paths)[:LISTED],
        "late_sets": list(overdue_sets(paths)[:LISTED]),
        "happenings": recent(paths=paths, limit=8),
    }
