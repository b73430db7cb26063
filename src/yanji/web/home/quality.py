"""Quality and device safety: what a recall touches and whether each of it is dealt with, what is on hold, which papers lapse."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.buying.due import counted, papers_seen
from yanji.flows.recall_found import Found, found_in_all
from yanji.flows.recalled import lots_recalled
from yanji.ledger.api import Status, on_hand

from ..templatetags.yanji import amount
from .nobody import approvals
from .tiles import LISTED, only_at, papers_tile, said, tile, total, when

# Recalls that the page adds up, all that hold in any real house; and those that it lists: as many as are still to find, and no
# fewer than LATEST.
LOOKED_AT, LATEST = 500, 12


def quality(actor: Actor) -> dict[str, Any]:
    """Which units, departments and patients does a recall touch, and is each one dealt with? Seven statements."""
    paths = actor.scopes.get(Operation.VIEW, ())
    recalls = lots_recalled(limit=LOOKED_AT)
    reached, whole = found_in_all([each.lot_id for each in recalls], paths)
    held = on_hand(paths=paths, by=("item", "lot", "place"), statuses=(Status.QUARANTINED,))
    papers = papers_seen(actor, today=timezone.localdate())
    waiting, shown = approvals(actor)
    here = only_at(actor, paths)
    rows = [(each, reached[each.lot_id], _state(reached[each.lot_id].total)) for each in recalls]
    rows.sort(key=lambda row: not row[1].total.to_find)  # what is to find first, of each the latest
    listed = max(LATEST, sum(bool(each.total.to_find) for each in reached.values()))
    cut = "+" if len(recalls) == LOOKED_AT else ""
    tiles = [
        tile(
            _("Recalled, still to find"), f"{amount(whole.to_find)}{cut}", "storeroom:hold", "?do=recall",
            tone=when(whole.to_find, "bad"), note=said(whole.to_find, _("Not set apart yet")),
        ),
        tile(
            _("Patients who had it"), f"{whole.patients}{cut}", tone="info",
            note=_("Lots recalled now: %(n)s") % {"n": f"{len(recalls)}{cut}"},
        ),
        tile(
            _("On hold, waits for a decision"), total(held).quantity, "web:stock", f"?status=quarantined&by=all{here}",
            tone=when(held, "soon"), note=said(held, _("Look at it, then release it or send it back")),
        ),
        papers_tile(counted(papers)),
        *waiting,
    ]  # fmt: skip
    return {
        "tiles": tiles,
        "recalls": rows[:listed],
        "more": len(rows[listed:]),
        "held": held[:LISTED],
        "held_at": here,
        "papers": papers[:LISTED],
        **shown,
    }


def _state(found: Found) -> tuple[str, str]:
    """(tone, words) of how far a recall has come."""
    if found.to_find:
        return "bad", _("Still to find")
    if found.apart:
        return "soon", _("All set apart")
    return "ok", _("Dealt with")
