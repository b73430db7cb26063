"""What lies where thing by thing: units one by one, of what is counted each level. The same stock as :mod:`.stock` adds up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..wire import fetch
from .life import Name, pairs
from .stock import wanted


@dataclass(frozen=True, slots=True)
class Lying:
    """A unit (``epc``), or the pieces of a lot that is counted, at one place in one status."""

    item_id: int
    item_code: str
    item_name: Name
    lot_id: int
    lot: str
    expiry: date | None
    place_id: int
    status: str
    epc: str | None
    serial: str | None
    quantity: Decimal
    value: Decimal

    @property
    def first_expiry(self) -> date | None:
        """As a line of stock says it."""
        return self.expiry


@dataclass(frozen=True, slots=True)
class Lies:
    """What a list of such things adds up to; ``things``: how long it is."""

    things: int
    quantity: Decimal
    value: Decimal
    first_expiry: date | None


# A level of units stands for as many rows as it has pieces, one of counted pieces for one row.
_LINES = "CASE i.tracking WHEN 'unit' THEN le.quantity::bigint ELSE 1 END"
_LEVELS = """
  FROM ledger_level le
  JOIN ledger_lot lo ON lo.id = le.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN places_place p ON p.id = le.place_id
 WHERE {wheres}"""
_TOTAL = f"SELECT sum({_LINES}), sum(le.quantity), sum(le.value), min(lo.expiry) {_LEVELS}"
# Rows are numbered level by level, so that units are looked up for the levels of one page alone, however many lie there: no
# more levels than rows, which the planner must be told, or it reads all units.
_SLICE = f"""
WITH lies AS (
    SELECT le.place_id, le.lot_id, le.status, le.owner_id, le.quantity, le.value, {_LINES} AS lines,
           row_number() OVER along AS n, sum({_LINES}) OVER along AS upto {_LEVELS}
    WINDOW along AS (ORDER BY lo.expiry NULLS LAST, lo.item_id, le.lot_id, le.place_id, le.status, le.owner_id)),
slice AS (
    SELECT * FROM lies WHERE upto > %(offset)s AND (%(limit)s::bigint IS NULL OR upto - lines < %(offset)s + %(limit)s::bigint)
     ORDER BY n LIMIT %(limit)s)
SELECT i.id, i.code, ARRAY[i.name_zh, i.name_en], lo.id, lo.number, lo.expiry, s.place_id, s.status, u.epc, u.serial,
       CASE WHEN u.id IS NULL THEN s.quantity ELSE 1 END, CASE WHEN u.id IS NULL THEN s.value ELSE u.cost END
  FROM slice s
  JOIN ledger_lot lo ON lo.id = s.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  LEFT JOIN ledger_unit u ON i.tracking = 'unit' AND u.lot_id = s.lot_id AND u.place_id = s.place_id
                         AND u.status = s.status AND u.owner_id IS NOT DISTINCT FROM s.owner_id
 ORDER BY s.n, u.id
 LIMIT %(limit)s OFFSET %(offset)s - coalesce((SELECT min(upto - lines) FROM slice), 0)::bigint
"""


def lying(*, offset: int = 0, limit: int | None = None, **asked: Any) -> list[Lying]:
    """The things behind some stock, first expiry first: a slice of them. One statement.

    ``asked``: the conditions of :func:`~.stock.on_hand`, and ``item_ids``.
    """
    if not asked["paths"]:
        return []
    wheres, params = wanted(**asked)
    sql = _SLICE.format(wheres=" AND ".join(wheres))
    return [Lying(*pairs(row)) for row in fetch(sql, {**params, "offset": offset, "limit": limit})]


def lies(**asked: Any) -> Lies:
    """What :func:`lying` lists, added up. One statement."""
    if not asked["paths"]:
        return Lies(0, Decimal(0), Decimal(0), None)
    wheres, params = wanted(**asked)
    [(things, quantity, value, first)] = fetch(_TOTAL.format(wheres=" AND ".join(wheres)), params)
    return Lies(int(things or 0), quantity or Decimal(0), value or Decimal(0), first)
