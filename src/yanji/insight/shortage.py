"""What may run short: what lies ready against what was used lately. A first look, not a forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

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
LIES = """lies AS MATERIALIZED (
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
       AND lo.item_id IN (SELECT item_id FROM used) GROUP BY 1, 2)"""
SHORT_BY_CAMPUS = f"""
WITH {LIES}
SELECT u.campus_id, count(*), (array_agg(ARRAY[i.name_zh, i.name_en] ORDER BY coalesce(r.pieces, 0) / u.pieces, i.id))[1:1]
  FROM used u
  JOIN catalog_item i ON i.id = u.item_id
  LEFT JOIN ready r ON r.campus_id = u.campus_id AND r.item_id = u.item_id
 WHERE coalesce(r.pieces, 0) * 30 < u.pieces * 14
 GROUP BY 1
"""

LOOKED_AT = 60
# What runs short at one campus, with what is on order for it, and the other campuses that have more than they use themselves.
MOVES = f"""
WITH {LIES},
short AS (
    SELECT u.campus_id, u.item_id, u.pieces AS used, coalesce(r.pieces, 0) AS ready
      FROM used u LEFT JOIN ready r USING (campus_id, item_id)
      JOIN places_place ca ON ca.id = u.campus_id AND ca.path LIKE ANY (%(paths)s)
     WHERE coalesce(r.pieces, 0) * 30 < u.pieces * 14
     ORDER BY coalesce(r.pieces, 0) / u.pieces, u.pieces DESC, u.item_id LIMIT %(limit)s)
SELECT i.id, ARRAY[i.name_zh, i.name_en], s.campus_id, ARRAY[ca.name_zh, ca.name_en], s.used, s.ready,
       coalesce((SELECT sum(greatest(li.quantity - li.received, 0)) FROM flows_orderline li
                   JOIN flows_purchaseorder o ON o.id = li.order_id AND o.state IN ('placed', 'partly_received')
                   JOIN places_place d ON d.id = o.deliver_to_id AND starts_with(d.path, ca.path)
                  WHERE li.item_id = s.item_id), 0),
       (SELECT json_agg(json_build_array(o.name_zh, o.name_en, r.pieces, coalesce(u.pieces, 0))
                        ORDER BY r.pieces - coalesce(u.pieces, 0) DESC)
          FROM ready r LEFT JOIN used u USING (campus_id, item_id)
          JOIN places_place o ON o.id = r.campus_id AND o.path LIKE ANY (%(paths)s)
         WHERE r.item_id = s.item_id AND r.campus_id <> s.campus_id AND r.pieces > coalesce(u.pieces, 0))
  FROM short s JOIN catalog_item i ON i.id = s.item_id JOIN places_place ca ON ca.id = s.campus_id
 ORDER BY s.ready / s.used, s.used DESC, i.id
"""


@dataclass(frozen=True, slots=True)
class Spare:
    """A campus that has more of an item than it used in 30 days: pieces ready, pieces used."""

    campus: Name
    ready: int
    used: int


@dataclass(frozen=True, slots=True)
class ToDo:
    """What to do about an item that runs short at a campus: ``move`` pieces of ``spare``, and ``order`` the rest. ``lack``: what
    is missing for 14 days at the use of the last 30, less what is on order for the campus."""

    item_id: int
    item: Name
    campus: Name
    used: int
    ready: int
    ordered: int
    lack: int
    spare: Spare | None
    move: int
    order: int


def to_do(paths: Sequence[str], *, now: datetime, limit: int = 8) -> list[ToDo]:
    """Of what runs short at some campus of these paths and is not on order already, the first to run out: whether to move it from
    another campus, which keeps 30 days of its own use, or to order it. One statement."""
    if not paths:
        return []
    asked = {
        "month": first_id_at(now - timedelta(days=30)), "today": timezone.localdate(now), "limit": LOOKED_AT,
        "paths": [f"{path}%" for path in paths],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MOVES, asked)
        found = [_to_do(*row) for row in cursor.fetchall()]
    return [each for each in found if each.lack][:limit]


def _to_do(
    item_id: int, item: Sequence[str], _campus_id: int, campus: Sequence[str], used: Decimal, ready: Decimal, ordered: Decimal,
    spares: list[tuple[str, str, float, float]] | None,
) -> ToDo:  # fmt: skip
    """Pure."""
    lack = max(ceil(used * 14 / 30 - ready - ordered), 0)
    zh, en, theirs, own = spares[0] if spares else ("", "", 0, 0)
    spare = Spare((zh, en), int(theirs), int(own)) if spares else None
    move = min(lack, spare.ready - spare.used) if spare else 0
    return ToDo(
        item_id,
        (item[0], item[1]),
        (campus[0], campus[1]),
        int(used),
        int(ready),
        int(ordered),
        lack,
        spare,
        move,
        lack - move,
    )
