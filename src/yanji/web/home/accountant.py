"""The accountant's desk: which invoices differ, which are held, which can be released."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.flows.buying.due import counted, due_papers
from yanji.flows.invoices.queries import OPEN, desk, invoices

from ..templatetags.yanji import money_short
from .tiles import LISTED, papers_tile, said, tile, when


def accountant(actor: Actor) -> dict[str, Any]:
    """What may be paid, and what stands in the way of the rest?"""
    found = invoices(actor, states=OPEN, limit=500)
    work = desk(found, person_id=actor.person_id)
    tiles = [
        tile(
            _("Ready for me to release"),
            work.ready,
            "buyer:invoices",
            "?state=matched&hold=free",
            tone=when(work.ready, "info"),
            note=said(work.ready, money_short(work.ready_value)),
        ),
        tile(
            _("Differ"),
            work.differs,
            "buyer:invoices",
            "?state=differs",
            tone=when(work.differs, "bad"),
            note=said(work.differs, _("Order, receipt or price")),
        ),
        tile(
            _("Matched, but held"),
            work.held,
            "buyer:invoices",
            "?state=matched&hold=held",
            tone=when(work.held, "soon"),
            note=said(work.held, _("By hand, or for want of the maker's invoice")),
        ),
        papers_tile(counted(due_papers(actor, today=timezone.localdate()))),
    ]
    ready = [row for row in found if row.state == "matched" and not row.held]
    return {
        "tiles": tiles,
        "ready": ready[:LISTED],
        "differing": [row for row in found if row.state == "differs"][:LISTED],
        "held": [row for row in found if row.state == "matched" and row.held][:LISTED],
    }
