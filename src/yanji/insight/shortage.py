"""What may run short: what lies ready against what was used lately. A first look, not a forecast."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from django.db import connection
from django.utils import timezone

from yanji.ledger.api import Name
from yanji.places.models import Kind, Place

from .activity import first_id_at
from .board import AWAY, OF_THE_CUT, Cut


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

# What runs short at one campus with all that is on order and on its way to it, the first to run out; and the other campuses that
# have more than they use themselves.
MOVES = f"""
WITH {LIES},{AWAY},
awaited AS (
    SELECT l.campus_id, x.item_id, coalesce(sum(x.pieces) FILTER (WHERE x.ordered), 0) AS ordered,
           coalesce(sum(x.pieces) FILTER (WHERE NOT x.ordered), 0) AS coming
      FROM (SELECT o.deliver_to_id AS place_id, li.item_id, greatest(li.quantity - li.received, 0) AS pieces, true AS ordered
              FROM flows_orderline li
              JOIN flows_purchaseorder o ON o.id = li.order_id AND o.state IN ('placed', 'partly_received')
            UNION ALL
            SELECT a.to_place_id, lo.item_id, a.pieces, false
              FROM away a
              JOIN ledger_lot lo ON lo.id = a.lot_id AND lo.recall = '' AND (lo.expiry IS NULL OR lo.expiry >= %(today)s)) x
      JOIN lies l ON l.place_id = x.place_id GROUP BY 1, 2),
short AS (
    SELECT u.campus_id, u.item_id, u.pieces AS used, coalesce(r.pieces, 0) AS ready, coalesce(w.ordered, 0) AS ordered,
           coalesce(w.coming, 0) AS coming
      FROM used u LEFT JOIN ready r USING (campus_id, item_id) LEFT JOIN awaited w USING (campus_id, item_id)
      JOIN places_place ca ON ca.id = u.campus_id AND ca.path LIKE ANY (%(paths)s)
     WHERE (coalesce(r.pieces, 0) + coalesce(w.ordered, 0) + coalesce(w.coming, 0)) * 30 < u.pieces * 14
     ORDER BY coalesce(r.pieces, 0) / u.pieces, u.pieces DESC, u.item_id, u.campus_id LIMIT %(limit)s)
SELECT i.id, ARRAY[i.name_zh, i.name_en], ARRAY[ca.name_zh, ca.name_en], s.used, s.ready, s.ordered, s.coming,
       (SELECT json_agg(json_build_array(o.id, o.name_zh, o.name_en, r.pieces, coalesce(u.pieces, 0)))
          FROM ready r LEFT JOIN used u USING (campus_id, item_id)
          JOIN places_place o ON o.id = r.campus_id AND o.path LIKE ANY (%(paths)s)
         WHERE r.item_id = s.item_id AND r.campus_id <> s.campus_id AND r.pieces > coalesce(u.pieces, 0))
  FROM short s JOIN catalog_item i ON i.id = s.item_id JOIN places_place ca ON ca.id = s.campus_id
 ORDER BY s.ready / s.used, s.used DESC, i.id, s.campus_id
"""


@dataclass(frozen=True, slots=True)
class Move:
    """Pieces to move from a campus that has more of an item than it used in 30 days: pieces ready there, pieces used there."""

    campus: Name
    ready: int
    used: int
    pieces: int


@dataclass(frozen=True, slots=True)
class ToDo:
    """What to do about an item that runs short at a campus: ``moves`` from where it is to spare, and ``order`` the rest.
    ``lack``: what is missing for 14 days at the use of the last 30, less what is ``ordered`` for it or ``coming`` to it."""

    item_id: int
    item: Name
    campus: Name
    used: int
    ready: int
    ordered: int
    coming: int
    lack: int
    moves: tuple[Move, ...]
    order: int

    @property
    def move(self) -> int:
        return sum(each.pieces for each in self.moves)


def has_campus(paths: Sequence[str]) -> bool:
    """Whether a whole campus lies in these paths: of less, nothing is proposed. One statement."""
    campuses = Place.objects.filter(kind=Kind.CAMPUS).values_list("path", flat=True)
    return any(campus.startswith(tuple(paths)) for campus in campuses)


def to_do(paths: Sequence[str], *, now: datetime, limit: int = 8) -> list[ToDo]:
    """Of what runs short at some campus of these paths and is neither on order nor on its way, the first to run out: whether to
    move it from other campuses, which keep 30 days of their own use, or to order it. What one is given, none behind it is
    promised. One statement."""
    if not paths:
        return []
    asked = {
        "month": first_id_at(now - timedelta(days=30)), "today": timezone.localdate(now), "limit": limit,
        "paths": [f"{path}%" for path in paths],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MOVES, asked)
        given: Counter[tuple[int, int]] = Counter()
        return [_to_do(given, *row) for row in cursor.fetchall()]


def _to_do(
    given: Counter[tuple[int, int]], item_id: int, item: Sequence[str], campus: Sequence[str], used: Decimal, ready: Decimal,
    ordered: Decimal, coming: Decimal, spares: list[tuple[int, str, str, float, float]] | None,
) -> ToDo:  # fmt: skip
    """``given``: (campus, item) -> pieces that were promised to others; what is promised here is added."""
    lack = rest = max(ceil(used * 14 / 30 - ready - ordered - coming), 0)
    to_spare = sorted(
        (
            (int(theirs - own) - given[donor, item_id], donor, (zh, en), int(theirs), int(own))
            for donor, zh, en, theirs, own in spares or ()
        ),
        reverse=True,
    )
    moves = []
    for spare, donor, name, theirs, own in to_spare:
        if (pieces := min(rest, spare)) > 0:
            moves.append(Move(name, theirs, own, pieces))
            given[donor, item_id] += pieces
            rest -= pieces
    return ToDo(
        item_id,
        (item[0], item[1]),
        (campus[0], campus[1]),
        int(used),
        int(ready),
        int(ordered),
        int(coming),
        lack,
        tuple(moves),
        rest,
    )
