"""A lot as a whole: its head, and how it flowed from station to station."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from yanji.ledger.api import IN_FORCE, LAST_LETTER, Moment, Name

from .stations import INNERMOST


@dataclass(frozen=True, slots=True)
class LotHead:
    """What a page says of a lot before it says where it is."""

    id: int
    number: str
    expiry: date | None
    made: date | None
    item_id: int
    item_code: str
    item_name: Name
    item_model: str
    tracking: str


HEAD = """
SELECT l.id, l.number, l.expiry, l.made, i.id, i.code, ARRAY[i.name_zh, i.name_en], i.model, i.tracking
  FROM ledger_lot l JOIN catalog_item i ON i.id = l.item_id
"""


def lot_head(lot_id: int) -> LotHead | None:
    """One lot, or None."""
    return next(iter(_heads(f"{HEAD} WHERE l.id = %s", (lot_id,))), None)


def lots_numbered(number: str, *, item_id: int | None = None, limit: int = 20) -> list[LotHead]:
    """Lots of a number, of any item or of one; first expiry first."""
    where = "l.number = %s AND (%s::bigint IS NULL OR l.item_id = %s)"
    return _heads(
        f"{HEAD} WHERE {where} ORDER BY l.expiry NULLS LAST, l.id LIMIT %s", (number, item_id, item_id, limit)
    )


def lots_beginning(text: str, *, limit: int = 20) -> list[LotHead]:
    """Lots whose number begins so, in the order of their numbers."""
    sql = f"{HEAD} WHERE l.number BETWEEN %s AND %s ORDER BY l.number, l.id LIMIT %s"
    return _heads(sql, (text, text + LAST_LETTER, limit))


def _heads(sql: str, params: tuple[object, ...]) -> list[LotHead]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            LotHead(*[tuple(cell) if isinstance(cell, list) else cell for cell in row])
            for row in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class Passed:
    """How much of a lot passed from one station to the next. A station is a store, a department or a virtual place."""

    from_id: int
    from_name: Name
    from_kind: str
    from_path: str
    to_id: int
    to_name: Name
    to_kind: str
    to_path: str
    quantity: Decimal


# Goods in transit count as on the way to the next station.
STATIONS = """
WITH moves AS (
    SELECT m.unit_id, m.event_id, m.line, m.seq, m.quantity, m.from_place_id, m.to_place_id
      FROM ledger_unit u JOIN ledger_movement m ON m.unit_id = u.id
     WHERE u.lot_id = %(lot)s {in_force}
    UNION ALL
    SELECT NULL, m.event_id, m.line, NULL, m.quantity, m.from_place_id, m.to_place_id
      FROM ledger_movement m WHERE m.lot_id = %(lot)s AND m.unit_id IS NULL {in_force}),
station AS (
    SELECT p.id AS place_id, coalesce(s.id, p.id) AS id
      FROM (SELECT from_place_id AS id FROM moves UNION SELECT to_place_id FROM moves) AS used
      JOIN places_place p ON p.id = used.id
      {innermost}),
steps AS (
    SELECT m.unit_id, m.seq, m.quantity, f.id AS from_id, t.id AS to_id
      FROM moves m JOIN station f ON f.place_id = m.from_place_id JOIN station t ON t.place_id = m.to_place_id),
-- A step out of transit begins where the step into it began.
joined AS (
    SELECT s.*, CASE WHEN fp.kind = 'transit'
                     THEN lag(s.from_id) OVER (PARTITION BY s.unit_id ORDER BY s.seq) ELSE s.from_id END AS start_id
      FROM (SELECT * FROM steps WHERE from_id <> to_id) s JOIN places_place fp ON fp.id = s.from_id)
SELECT f.id, ARRAY[f.name_zh, f.name_en], f.kind, f.path, t.id, ARRAY[t.name_zh, t.name_en], t.kind, t.path,
       sum(j.quantity)
  FROM joined j JOIN places_place f ON f.id = j.start_id JOIN places_place t ON t.id = j.to_id
 WHERE f.id <> t.id AND (t.kind <> 'transit' OR j.unit_id IS NULL)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 9 DESC, 1, 5
"""


_FORCE = "AND EXISTS (SELECT 1 FROM ledger_event e WHERE e.id = m.event_id AND {in_force})"


def passed(lot_id: int, *, moment: Moment | None = None) -> list[Passed]:
    """All passages of a lot between stations, the largest first: till now, or as they were at a moment. One statement."""
    asked = {"lot": lot_id} | ({"as_of": moment.as_of, "known": moment.as_known} if moment else {})
    with connection.cursor() as cursor:
        cursor.execute(
            STATIONS.replace("{innermost}", INNERMOST).replace(
                "{in_force}", _FORCE.replace("{in_force}", IN_FORCE) if moment else ""
            ),
            asked,
        )
        rows = cursor.fetchall()
    return [Passed(*[tuple(cell) if isinstance(cell, list) else cell for cell in row]) for row in rows]
