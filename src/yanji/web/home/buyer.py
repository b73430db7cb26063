"""The buyer's morning: what is ordered, and what will run short."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.documents import AWAITED
from yanji.flows.queries import OPEN_ORDERS, notices, orders
from yanji.insight.shortage import running_short

from ..templatetags.yanji import money_short
from .tiles import LISTED, SOON_DAYS, ending_soon, first_out, said, tile, when

USE_DAYS = 30


def buyer(actor: Actor) -> dict[str, Any]:
    """What is ordered, and what will run short?"""
    paths = actor.scopes.get(Operation.VIEW, ())
    open_orders = orders(actor, states=OPEN_ORDERS, limit=200)
    short = running_short(paths=paths, since=timezone.now() - timedelta(days=USE_DAYS), days=USE_DAYS)
    arriving = notices(actor, states=AWAITED, limit=200)
    ending = ending_soon(paths)
    tiles = [
        tile(
            _("Open orders"),
            len(open_orders),
            "buyer:orders",
            tone="info",
            note=_("Placed or partly received"),
        ),
        tile(_("Announced deliveries"), len(arriving), "buyer:orders", tone="info", note=_("On the way")),
        tile(
            _("Running short"),
            len(short),
            tone=when(len(short), "bad"),
            note=said(len(short), _("Less than 14 days left")),
        ),
        tile(
            _("Expires within 30 days"),
            ending.quantity,
            "web:stock",
            f"?days={SOON_DAYS}&by=all",
            tone="soon",
            note=money_short(ending.value),
        ),
    ]
    return {
        "tiles": tiles,
        "open_orders": open_orders[:LISTED],
        "short": short,
        "first_out": first_out(paths),
    }
