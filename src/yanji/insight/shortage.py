"""What may run short: what lies ready against what was used lately. A first look, not a forecast."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from yanji.ledger.api import Name

from .activity import first_id_at
from .board import OF_THE_CUT, Cut


@dataclass(frozen=True, slots=True)
class Short:
    """An item of which little is left: pieces ready, pieces used in the days looked at, days that the rest lasts."""

    item_id: int
    item_code: str
    item_name: Name
    ready: Decimal
    used: Decimal
    days_left: int
    ordered: Decimal


SHORT = f"""
WITH used AS (
    SELECT lo.item_id, sum(m.quantity) AS pieces
      FROM ledger_event e
      JOIN ledger_movement m ON m.event_id = e.id
      JOIN places_place f ON f.id = m.from_place_id
      JOIN ledger_lot lo ON lo.id = m.lot_id
     WHERE e.id >= %(since)s AND e.step = 'use' AND f.path LIKE ANY (%(paths)s)
     GROUP BY 1),
ready AS (
    SELECT lo.item_id, sum(le.quantity) AS pieces
      FROM ledger_level le
      JOIN ledger_lot lo ON lo.id = le.lot_id
      JOIN places_place p ON p.id = le.place_id
     WHERE le.status = 'available' AND lo.recall = '' AND (lo.expiry IS NULL OR lo.expiry >= %(today)s)
       AND p.path LIKE ANY (%(paths)s)
       AND lo.item_id IN (SELECT item_id FROM used) GROUP BY 1),
ordered AS (
    SELECT li.item_id, sum(greatest(li.quantity - li.received, 0)) AS pieces
      FROM flows_orderline li JOIN flows_purchaseorder o ON o.id = li.order_id
     WHERE o.state IN ('placed', 'partly_received') GROUP BY 1)
SELECT i.id, i.code, ARRAY[i.name_zh, i.name_en], coalesce(r.pieces, 0), u.pieces,
       floor(coalesce(r.pieces, 0) * %(days)s / u.pieces)::int, coalesce(o.pieces, 0)
  FROM used u
  JOIN catalog_item i ON i.id = u.item_id AND {OF_THE_CUT}
  LEFT JOIN ready r ON r.item_id = u.item_id
  LEFT JOIN ordered o ON o.item_id = u.item_id
 WHERE coalesce(r.pieces, 0) * %(days)s < u.pieces * %(cover)s
 ORDER BY 6, u.pieces DESC, i.id LIMIT %(limit)s
"""


def running_short(
    cut: Cut, *, since: datetime, days: int, cover_days: int = 14, limit: int = 8
) -> list[Short]:
    """Items of a part of the house of which what is ready lasts less than ``cover_days``, at the rate of use since
    ``since``, ``days`` ago."""
    if not cut.paths:
        return []
    asked = cut.asked(
        since=first_id_at(since), days=days, cover=cover_days, limit=limit, today=timezone.localdate()
    )
    with connection.cursor() as cursor:
        cursor.execute(SHORT, asked)
        return [Short(key, code, (zh, en), *rest) for key, code, (zh, en), *rest in cursor.fetchall()]


# The same judgement for every campus at once: how many of its items run short, and the one that lasts the fewest days.
SHORT_BY_CAMPUS = """
WITH lies AS MATERIALIZED (
    SELECT p.id AS place_id, ca.id AS campus_id
      FROM places_place ca JOIN places_place p ON starts_with(p.path, ca.path) WHERE ca.kind = 'campus'),
used AS (
    SELECT l.campus_id, lo.item_id, sum(m.quantity) AS pieces
      FROM ledger_event e
      JOIN ledger_movement m ON m.event_id = e.id
      JOIN lies l ON l.place_id = m.from_place_id
      JOIN ledger_lot lo ON lo.id = m.lot_id
     WHERE e.id >= %(month)s AND e.step = 'use' GROUP BY 1, 2),
ready AS (
    SELECT l.campus_id, lo.item_id, sum(le.quantity) AS pieces
      FROM ledger_level le
      JOIN ledger_lot lo ON lo.id = le.lot_id
      JOIN lies l ON l.place_id = le.place_id
     WHERE le.status = 'available' AND lo.recall = '' AND (lo.expiry IS NULL OR lo.expiry >= %(today)s)
       AND lo.item_id IN (SELECT item_id FROM used) GROUP BY 1, 2)
SELECT u.campus_id, count(*), (array_agg(ARRAY[i.name_zh, i.name_en] ORDER BY coalesce(r.pieces, 0) / u.pieces, i.id))[1:1]
  FROM used u
  JOIN catalog_item i ON i.id = u.item_id
  LEFT JOIN ready r ON r.campus_id = u.campus_id AND r.item_id = u.item_id
 WHERE coalesce(r.pieces, 0) * 30 < u.pieces * 14
 GROUP BY 1
"""
