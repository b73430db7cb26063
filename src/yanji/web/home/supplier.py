"""What a supplier sees first: what waits for an answer, what is to be sent, and which papers end."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.flows.buying.due import at_levels
from yanji.flows.documents import RUNNING
from yanji.flows.portal.queries import (
    owed,
    own_goods,
    own_licences,
    own_orders,
    unanswered,
    used_goods,
)

from ..templatetags.yanji import money_short
from .tiles import LISTED, lapsing, said, tile, when


def supplier(actor: Actor) -> dict[str, Any]:
    """My orders, ship notices, goods, invoices and papers: what is to be done?"""
    waiting = list(unanswered(actor)[:LISTED])
    running = own_orders(actor, states=RUNNING)
    goods, used = own_goods(actor), used_goods(actor)
    ending = [licence for licence, soon in own_licences(actor) if soon]
    today = timezone.localdate()
    open_lines = unanswered(actor).count()
    return {
        "waiting": waiting,
        "running": running[:LISTED],
        "ending": ending[:LISTED],
        "tiles": [
            tile(
                _("Lines to answer"),
                open_lines,
                "supplier:orders",
                tone=when(open_lines, "soon"),
                note=said(open_lines, _("Confirm, change or decline")),
            ),
            tile(
                _("Running orders"),
                running.count(),
                "supplier:orders",
                tone="info",
                note=_("Placed or partly received"),
            ),
            tile(
                _("Our goods here"),
                sum((row.quantity for row in goods), start=0),
                "supplier:consignment",
                tone="info",
                note=_("%(value)s used, not settled") % {"value": money_short(owed(used))},
            ),
            tile(
                _("Papers that end"),
                name="supplier:papers",
                **lapsing(at_levels((paper.valid_to - today).days for paper in ending if paper.valid_to)),
            ),
        ],
    }
