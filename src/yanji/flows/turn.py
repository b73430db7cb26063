"""Whose turn it is: the stock that a store should hand out first, for many items in one question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db import connection

Policy = Literal["fefo", "fifo"]


@dataclass(frozen=True, slots=True)
class Next:
    """What is left and first in turn of one item: a unit (``epc``) or a lot (``lot N``)."""

    item_id: int
    name: str
    expiry: date | None
    received_at: datetime | None
    place_zh: str
    place_en: str


# Levels say in which lots to look, so that a store's used-up history costs nothing.
UNITS = """
SELECT DISTINCT ON (u.item_id) u.item_id, u.epc, lo.expiry, u.received_at, p.name_zh, p.name_en
  FROM ledger_unit u
  JOIN ledger_lot lo ON lo.id = u.lot_id
  JOIN places_place p ON p.id = u.place_id
 WHERE u.lot_id IN (SELECT le.lot_id FROM ledger_level le
                      JOIN ledger_lot l2 ON l2.id = le.lot_id
                      JOIN places_place p2 ON p2.id = le.place_id
                     WHERE l2.item_id = ANY (%(items)s) AND le.quantity > 0 AND p2.path LIKE %(path)s
                       AND le.status IN ('available', 'reserved'))
   AND p.path LIKE %(path)s
   AND (u.status = 'available' OR (u.status = 'reserved' AND (u.reserved_until <= %(now)s OR u.reserved_for
   = %(for)s)))
   AND (lo.expiry IS NULL OR lo.expiry >= %(today)s)
   AND NOT u.epc = ANY (%(taken)s)
 ORDER BY u.item_id, {order}, u.id
"""
LOTS = """
SELECT DISTINCT ON (lo.item_id) lo.item_id, 'lot ' || lo.id, lo.expiry, NULL::timestamptz, p.name_zh,
p.name_en
  FROM ledger_level le
  JOIN ledger_lot lo ON lo.id = le.lot_id
  JOIN catalog_item i ON i.id = lo.item_id AND i.tracking = 'lot'
  JOIN places_place p ON p.id = le.place_id
  LEFT JOIN unnest(%(lots)s::bigint[], %(at)s::bigint[], %(pieces)s::numeric[]) AS t (lot, place, pieces)
         ON t.lot = le.lot_id AND t.place = le.place_id
 WHERE lo.item_id = ANY (%(items)s) AND le.status = 'available' AND le.quantity > coalesce(t.pieces, 0)
   AND p.path LIKE %(path)s AND (lo.expiry IS NULL OR lo.expiry >= %(today)s)
 ORDER BY lo.item_id, lo.expiry NULLS LAST, lo.id
"""
ORDER = {
    "fefo": "lo.expiry NULLS LAST, u.received_at",
    "fifo": "u.received_at, lo.expiry NULLS LAST",
}


def first_left(
    items: Sequence[int],
    *,
    path: str,
    taken: Sequence[str] = (),
    taken_lots: Sequence[tuple[int, int, int]] = (),
    reserved_for: str = "",
    policy: Policy = "fefo",
    today: date,
    now: datetime,
) -> dict[int, Next]:
    """For each item, what would be first in turn below ``path`` once ``taken`` is gone. Two statements.

    ``taken_lots``: (lot, place, pieces) each. Units reserved for another document are not in turn.
    """
    lots, places, pieces = (
        ([list(column) for column in zip(*taken_lots, strict=True)] or [[], [], []])
        if taken_lots
        else ([], [], [])
    )
    asked: dict[str, Any] = {
        "items": list(items),
        "path": f"{path}%",
        "now": now,
        "today": today,
        "for": reserved_for,
        "taken": list(taken),
        "lots": lots,
        "at": places,
        "pieces": pieces,
    }
    found: dict[int, Next] = {}
    with connection.cursor() as cursor:
        for sql in (UNITS.format(order=ORDER[policy]), LOTS):
            cursor.execute(sql, asked)
            found.update({row[0]: Next(*row) for row in cursor.fetchall()})
    return found


def out_of_turn(expiry: date | None, received_at: datetime | None, first: Next, policy: Policy) -> bool:
    """Whether something taken should have waited for what is left. Equal expiry (FEFO) or day (FIFO) is
    fair. Pure."""
    if policy == "fefo":
        return first.expiry is not None and (expiry is None or first.expiry < expiry)
    if first.received_at is None or received_at is None:
        return False
    return first.received_at.date() < received_at.date()
