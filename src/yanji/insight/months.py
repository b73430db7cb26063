"""When what lies in the house expires, by calendar month and by the places that a map shows as its lines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from yanji.ledger.api import IN_STOCK

from .board import OF_THE_CUT, Cut, rows_of

MONTHS = 12  # whole months that follow this one


@dataclass(frozen=True, slots=True)
class Span:
    """A column of the map: from the first day to the last, both counted. No first: all before; no last: all after."""

    first: date | None
    last: date | None


def spans(today: date) -> list[Span]:
    """What has expired, the rest of this month, the months that follow, what lies beyond. What never expires is the column
    after the last of them."""
    firsts = [_month_on(today, count) for count in range(1, MONTHS + 2)]
    begins: list[date | None] = [None, today, *firsts]
    ends: list[date | None] = [today - timedelta(days=1), *(day - timedelta(days=1) for day in firsts), None]
    return [Span(first, last) for first, last in zip(begins, ends, strict=True)]


def _month_on(day: date, count: int) -> date:
    """The first day of the month so many months on."""
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Ripe:
    """What lies at a line of the map and expires in one span: pieces, and CNY."""

    line_id: int
    span: int
    quantity: Decimal
    value: Decimal


# A place counts for the innermost of the lines that it lies in: found once a place, before levels are added up.
RIPE = f"""
WITH lying AS MATERIALIZED (
    SELECT DISTINCT ON (p.id) p.id, up.id AS line_id
      FROM places_place p
     CROSS JOIN LATERAL unnest(string_to_array(trim(both '/' from p.path), '/')::bigint[]) WITH ORDINALITY AS up(id, n)
     WHERE p.path LIKE ANY (%(paths)s) AND up.id = ANY (%(lines)s)
     ORDER BY p.id, up.n DESC)
SELECT y.line_id, CASE WHEN lo.expiry IS NULL THEN %(undated)s ELSE width_bucket(lo.expiry, %(edges)s::date[]) END,
       sum(le.quantity), sum(le.value)
  FROM ledger_level le
  JOIN ledger_lot lo ON lo.id = le.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN lying y ON y.id = le.place_id
 WHERE le.quantity > 0 AND le.status = ANY (%(statuses)s) AND {OF_THE_CUT}
 GROUP BY 1, 2
"""


def ripening(cut: Cut, *, lines: Collection[int], columns: Sequence[Span]) -> list[Ripe]:
    """What is in stock below the lines of a map (ids of places), by the span in which it expires: an index of ``columns``, and
    beyond the last of them what never does. What lies in the cut and in none of the lines is left out. One statement over
    levels."""
    edges = [span.first for span in columns[1:]]
    found = rows_of(RIPE, cut, lines=list(lines), edges=edges, undated=len(columns), statuses=list(IN_STOCK))
    return [Ripe(*row) for row in found]
