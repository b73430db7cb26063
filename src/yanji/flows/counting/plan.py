"""What to count next: by class, by what expires, by what surprised the last time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yanji.access.actor import Actor
from yanji.ledger.api import Name

from ..gates import place_at
from .judge import COUNTABLE
from .scope import campus_of

# Days between two counts of an item: A twelve times a year, B four times, C twice. What differed the last time is due
# in half the time. What expires within a month is looked at once before it does.
INTERVAL_DAYS = {"A": 30, "B": 90, "C": 180}
EXPIRING_DAYS = 30
# One row an item that lies in the store. A count of the store or of a place above it looked at all of an item there.
FACTS = """
WITH held AS (
    SELECT lo.item_id, sum(le.quantity) AS pieces, sum(le.value) AS value, min(lo.expiry) AS first_expiry,
           coalesce(sum(le.quantity) FILTER (WHERE lo.expiry <= %(soon)s), 0) AS expiring
      FROM ledger_level le
      JOIN ledger_lot lo ON lo.id = le.lot_id
      JOIN places_place p ON p.id = le.place_id
     WHERE le.quantity > 0 AND le.status = ANY (%(countable)s) AND p.path LIKE %(path)s || '%%'
     GROUP BY lo.item_id),
counted AS (
    SELECT DISTINCT ON (ci.item_id) ci.item_id, c.closed_at, ci.checked, ci.right
      FROM flows_counteditem ci
      JOIN flows_count c ON c.id = ci.count_id
      JOIN places_place p ON p.id = c.place_id
     WHERE c.expiring_by IS NULL AND starts_with(%(path)s, p.path)
     ORDER BY ci.item_id, c.closed_at DESC)
SELECT h.item_id, i.code, ARRAY[i.name_zh, i.name_en], i.model, h.pieces, h.value, h.first_expiry, h.expiring,
       coalesce(k.abc, 'C'), counted.closed_at, counted.checked, counted.right,
       EXISTS (SELECT 1 FROM flows_counteditem ci JOIN flows_count c ON c.id = ci.count_id
                WHERE ci.item_id = h.item_id AND c.closed_at > %(lately)s AND c.expiring_by >= h.first_expiry)
  FROM held h
  JOIN catalog_item i ON i.id = h.item_id
  LEFT JOIN flows_itemclass k ON k.item_id = h.item_id AND k.campus_id = %(campus)s
  LEFT JOIN counted ON counted.item_id = h.item_id
"""


@dataclass(frozen=True, slots=True)
class Held:
    """An item in a store, with what speaks for counting it."""

    item_id: int
    code: str
    name: Name
    model: str
    pieces: Decimal
    value: Decimal
    first_expiry: date | None
    expiring: Decimal
    abc: str
    counted_at: datetime | None
    checked: int | None
    right: int | None
    expiry_seen: bool

    @property
    def surprised(self) -> bool:
        """Whether the last count of it found something wrong."""
        return bool(self.checked) and self.right != self.checked


@dataclass(frozen=True, slots=True)
class Proposal:
    """One item to count, how urgent, and why. ``overdue``: 1 is due today, 2 is twice the interval ago."""

    held: Held
    interval_days: int
    overdue: float
    reasons: tuple[str, ...]

    @property
    def due(self) -> bool:
        return self.overdue >= 1


NEVER = 9.0  # as urgent as nine intervals missed


def propose(held: Held, *, now: datetime) -> Proposal:
    """How urgent it is to count an item, with the reasons in words. Pure but for the language."""
    interval = INTERVAL_DAYS[held.abc]
    said = []
    if held.surprised:
        interval //= 2
        wrong = (held.checked or 0) - (held.right or 0)
        said.append(
            ngettext("%(n)s piece differed last time", "%(n)s pieces differed last time", wrong)
            % {"n": wrong}
        )
    if held.counted_at is None:
        overdue = NEVER
        said.append(_("Never counted here"))
    else:
        days = (now - held.counted_at).days
        overdue = days / interval
        if overdue >= 1:
            facts = {"days": days, "abc": held.abc, "interval": interval}
            said.append(_("Counted %(days)s days ago; class %(abc)s is due every %(interval)s") % facts)
    if held.expiring and not held.expiry_seen:
        overdue = max(overdue, 1.0) + 0.5
        pieces = int(held.expiring)
        said.append(
            ngettext(
                "%(n)s piece expires within %(days)s days", "%(n)s pieces expire within %(days)s days", pieces
            )
            % {"n": pieces, "days": EXPIRING_DAYS}
        )
    return Proposal(held, interval, overdue, tuple(said))


def plan(actor: Actor, place_id: int) -> list[Proposal]:
    """Every item in a store, the most urgent first: due before not due, A before B before C. Three statements."""
    place = place_at(actor, place_id, may="count")
    now, today = timezone.now(), timezone.localdate()
    asked = {
        "soon": today + timedelta(days=EXPIRING_DAYS),
        "lately": now - timedelta(days=EXPIRING_DAYS),
        "countable": sorted(COUNTABLE),
        "path": place.path,
        "campus": campus_of(place),
    }
    with connection.cursor() as cursor:
        cursor.execute(FACTS, asked)
        rows = [Held(*(*row[:2], tuple(row[2]), *row[3:])) for row in cursor.fetchall()]
    return ordered([propose(row, now=now) for row in rows])


def ordered(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Due first; among those the class, then how long overdue, then the value that lies there. Pure."""
    return sorted(
        proposals,
        key=lambda each: (not each.due, each.held.abc if each.due else "", -each.overdue, -each.held.value),
    )
