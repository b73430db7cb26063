"""The buyer's morning: what is ordered, and what will run short."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.buying.due import counted, due_papers
from yanji.flows.buying.owed import back_orders
from yanji.flows.queries import OPEN_ORDERS, arriving, orders
from yanji.insight.board import Cut
from yanji.insight.shortage import has_campus, running_short, to_do

from ..flow.gate import needs
from ..page import page
from .tiles import LISTED, ending_soon, first_out, papers_tile, said, tile, when

USE_DAYS = 30
# The tile counts more of them than the list below it names.
LISTED_SHORT, MOST_SHORT = 8, 500


def buyer(actor: Actor) -> dict[str, Any]:
    """What is ordered, and what will run short?"""
    paths = actor.scopes.get(Operation.VIEW, ())
    open_orders = orders(actor, states=OPEN_ORDERS, limit=200)
    since = timezone.now() - timedelta(days=USE_DAYS)
    short = running_short(Cut(paths), since=since, days=USE_DAYS, limit=MOST_SHORT)
    coming = arriving(actor)
    papers = counted(due_papers(actor, today=timezone.localdate()))
    late = back_orders(actor, today=timezone.localdate(), late_only=True)
    tiles = [
        tile(
            _("Open orders"),
            len(open_orders),
            "buyer:orders",
            tone="info",
            note=_("Placed or partly received"),
        ),
        tile(_("Announced deliveries"), len(coming), "buyer:orders", tone="info", note=_("On the way")),
        tile(
            _("Late deliveries"),
            sum(due.pieces for due in late),
            "buyer:owed",
            "?late=1",
            tone=when(len(late), "bad"),
            note=said(len(late), _("Pieces past their day")),
        ),
        papers_tile(papers),
        tile(
            _("Running short"),
            len(short),
            tone=when(len(short), "bad"),
            note=said(len(short), _("Less than 14 days left")),
        ),
        ending_soon(actor, paths),
    ]
    return {
        "tiles": tiles,
        "open_orders": open_orders[:LISTED],
        "short": short[:LISTED_SHORT],
        "proposes": has_campus(paths),
        **first_out(actor, paths),
    }


@needs("order")
@require_safe
def proposed(request: HttpRequest) -> HttpResponse:
    """What to order or move: fetched when the buyer's page stands, for it reads a month of use of every campus."""
    paths = request.actor.scopes.get(Operation.VIEW, ())
    return page(request, "web/_to_do.html", to_do=to_do(paths, now=timezone.now()))
