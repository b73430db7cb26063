"""How a lot, or all lots of an item, flowed through the house: day by day, from station to station, down to the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from .stations import INNERMOST


@dataclass(frozen=True, slots=True)
class Leg:
    """Pieces that went from one station to another on one day of the site's time zone; ``patient``: the token of who they were
    used on, empty where nobody was, or where what they were used on is not recorded piece by piece."""

    day: date
    from_id: int
    to_id: int
    patient: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement of a unit, or of counted pieces of a lot (no serial then): when it came there, and by whom (zh, en)."""

    at: datetime
    from_id: int
    to_id: int
    patient: str
    quantity: Decimal
    serial: str
    epc: str
    lot: str
    person: tuple[str, str]


# A step out of transit begins where the step into it began; what is there still is on its way to nobody knows where. Of
# counted pieces the two cannot be matched: what is in transit is a stop of its own for them. What was taken back, and the
# taking back, has not happened.
_JOINED = f"""
WITH lots AS (SELECT id, number FROM ledger_lot WHERE id = %(lot)s OR item_id = %(item)s),
moves AS (
    SELECT m.unit_id, lots.number AS lot, m.event_id, m.seq, m.quantity, m.from_place_id, m.to_place_id
      FROM lots JOIN ledger_unit u ON u.lot_id = lots.id JOIN ledger_movement m ON m.unit_id = u.id
    UNION ALL
    SELECT NULL, lots.number, m.event_id, NULL, m.quantity, m.from_place_id, m.to_place_id
      FROM lots JOIN ledger_movement m ON m.lot_id = lots.id AND m.unit_id IS NULL),
station AS MATERIALIZED (
    SELECT p.id AS place_id, coalesce(s.id, p.id) AS id, p.kind
      FROM (SELECT from_place_id AS id FROM moves UNION SELECT to_place_id FROM moves) AS used
      JOIN places_place p ON p.id = used.id
      {INNERMOST}),
steps AS (
    SELECT m.unit_id, m.lot, m.event_id, m.seq, m.quantity, e.actor_id, e.happened_at, e.documents ->> 'patient' AS patient,
           f.id AS from_id, f.kind AS from_kind, t.id AS to_id, t.kind AS to_kind
      FROM moves m
      JOIN ledger_event e ON e.id = m.event_id
      JOIN station f ON f.place_id = m.from_place_id
      JOIN station t ON t.place_id = m.to_place_id
     WHERE f.id <> t.id AND e.corrects_id IS NULL AND NOT EXISTS (SELECT FROM ledger_event k WHERE k.corrects_id = e.id)),
joined AS (
    SELECT s.*, CASE WHEN from_kind = 'transit' AND unit_id IS NOT NULL
                     THEN lag(from_id) OVER (PARTITION BY unit_id ORDER BY seq) ELSE from_id END AS start_id,
           lead(to_id) OVER (PARTITION BY unit_id ORDER BY seq) IS NULL AS latest
      FROM steps s),
ways AS (
    SELECT joined.*, CASE WHEN to_kind = 'patient' THEN coalesce(patient, '') ELSE '' END AS token
      FROM joined
     WHERE start_id <> to_id AND (to_kind <> 'transit' OR latest OR unit_id IS NULL))
"""
LEGS = f"""{_JOINED}
SELECT (happened_at AT TIME ZONE %(zone)s)::date, start_id, to_id, token, sum(quantity)
  FROM ways GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
MOVES = f"""{_JOINED}
SELECT w.happened_at, w.start_id, w.to_id, w.token, w.quantity, coalesce(u.serial, ''), coalesce(u.epc, ''), w.lot,
       coalesce(p.name_zh, ''), coalesce(p.name_en, '')
  FROM ways w
  LEFT JOIN ledger_unit u ON u.id = w.unit_id
  LEFT JOIN access_person p ON p.id = w.actor_id
 ORDER BY w.happened_at, w.event_id, u.serial, w.lot, w.seq
 LIMIT %(most)s
"""


def legs(*, lot_id: int | None = None, item_id: int | None = None, zone: str) -> Sequence[Leg]:
    """Every leg of a lot, or of all lots of an item, oldest first. One statement; its cost follows how often they moved."""
    assert (lot_id is None) != (item_id is None), "one lot, or one item"
    with connection.cursor() as cursor:
        cursor.execute(LEGS, {"lot": lot_id, "item": item_id, "zone": zone})
        return [Leg(*row) for row in cursor.fetchall()]


def moves(*, lot_id: int | None = None, item_id: int | None = None, most: int) -> list[Moved]:
    """The same, one row a movement of a unit or of counted pieces, oldest first, at most so many. One statement."""
    assert (lot_id is None) != (item_id is None), "one lot, or one item"
    with connection.cursor() as cursor:
        cursor.execute(MOVES, {"lot": lot_id, "item": item_id, "most": most})
        return [Moved(*known, person=(zh, en)) for *known, zh, en in cursor.fetchall()]
