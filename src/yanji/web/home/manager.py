"""The manager's look: stock, capital, expiry, what moved today."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.consign.queries import overdue_sets
from yanji.flows.theatre.queries import open_differences
from yanji.insight.activity import Hour, by_hour
from yanji.insight.expiry import Bin, expiry_bins
from yanji.ledger.api import Status, on_hand
from yanji.watch.happenings import recent

from ..charts import day_lines, expiry_bars
from ..templatetags.yanji import amount, money_short
from .tiles import LISTED, Tile, only_at, soon_tile, tile, total, when


def manager(actor: Actor) -> dict[str, Any]:
    """Is everything under control: stock, capital, expiry, what moved today?"""
    paths = actor.scopes.get(Operation.SEE_FIGURES, ())
    now = timezone.localtime()
    hours = by_hour(paths=paths, since=_midnight(now), zone=timezone.get_current_timezone_name())
    bins = expiry_bins(paths=paths, today=now.date())
    return {
        "tiles": _tiles(actor, paths, bins, hours),
        "expiry_chart": expiry_bars(bins),
        "day_chart": day_lines(hours, now.hour),
        "campuses": on_hand(paths=paths, by=("campus",)),
        "largest": sorted(on_hand(paths=paths, by=("item",)), key=lambda row: row.value, reverse=True)[
            :LISTED
        ],
        "happenings": recent(paths=paths, limit=10),
        "differences": open_differences(paths)[:LISTED],
        "late_sets": list(overdue_sets(paths)[:LISTED]),
    }


HELD = (Status.QUARANTINED, Status.RECALLED, Status.EXPIRED)


def _tiles(actor: Actor, paths: Sequence[str], bins: Sequence[Bin], hours: Sequence[Hour]) -> list[Tile]:
    """The numbers, each with what to make of it and a list of just what it counts."""
    by_status, here = on_hand(paths=paths, by=("status",)), only_at(actor, paths)
    whole, held = total(by_status), total([row for row in by_status if row.status in HELD])
    came = sum((row.came for row in hours), start=Decimal(0))
    went = sum((row.went for row in hours), start=Decimal(0))
    return [
        tile(
            _("On hand"),
            whole.quantity,
            "web:stock",
            f"?by=place{here}",
            note=money_short(whole.value),
            tone="ok",
        ),
        tile(
            _("Moved today"),
            came + went,
            note=_("In %(came)s · out %(went)s") % {"came": amount(came), "went": amount(went)},
            tone="info",
        ),
        soon_tile(actor, paths, bins[1].quantity, money_short(bins[1].value)),
        tile(
            _("Already expired"),
            bins[0].quantity,
            "web:stock",
            f"?days=-1&by=all{here}",
            note=money_short(bins[0].value),
            tone=when(bins[0].quantity, "bad"),
        ),
        tile(
            _("On hold or recalled"),
            held.quantity,
            "web:stock",
            f"?status=quarantined&by=all{here}",
            note=money_short(held.value),
            tone=when(held.quantity, "bad"),
        ),
    ]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
