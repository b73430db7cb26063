"""A lot as it was: the same questions as of the present one, answered from movements that were in force then."""

from dataclasses import replace
from typing import Any

from ..wire import fetch
from .life import UnitView, pairs, units_where
from .moment import IN_FORCE

MOVES = f"""
WITH moves AS MATERIALIZED (
    SELECT m.* FROM ledger_unit u JOIN ledger_movement m ON m.unit_id = u.id JOIN ledger_event e ON e.id = m.event_id
     WHERE u.lot_id = %(lot)s AND {IN_FORCE}
    UNION ALL
    SELECT m.* FROM ledger_movement m JOIN ledger_event e ON e.id = m.event_id
     WHERE m.lot_id = %(lot)s AND m.unit_id IS NULL AND {IN_FORCE}),
laid AS (
    SELECT to_place_id AS place_id, to_status AS status, quantity FROM moves
    UNION ALL
    SELECT from_place_id, from_status, -quantity FROM moves WHERE from_status IS NOT NULL)
"""
HOLDINGS = f"""{MOVES}
SELECT p.id, ARRAY[p.name_zh, p.name_en], p.path, x.status, sum(x.quantity)
  FROM laid x JOIN places_place p ON p.id = x.place_id
 GROUP BY 1, 2, 3, 4 HAVING sum(x.quantity) <> 0 ORDER BY 3, 4
"""
LYING_AND_USED = """
SELECT place_id, status, quantity FROM laid
UNION ALL
SELECT from_place_id, to_status, quantity FROM moves WHERE to_status = 'used'
"""
PATIENTS = f"""{MOVES}
SELECT e.documents ->> 'patient', e.documents ->> 'case', p.path
  FROM moves m JOIN ledger_event e ON e.id = m.event_id JOIN places_place p ON p.id = m.from_place_id
 WHERE m.to_status = 'used' AND e.documents ? 'patient' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
LAST = f"""{MOVES}
SELECT DISTINCT ON (m.unit_id) u.epc, m.seq, m.to_status, e.step, p.id, ARRAY[p.name_zh, p.name_en], p.kind, p.path,
       p.temperature_class, c.id, CASE WHEN c.id IS NOT NULL THEN ARRAY[c.name_zh, c.name_en] END,
       CASE WHEN m.to_status = 'used' THEN coalesce(e.documents ->> 'case', '') ELSE '' END,
       CASE WHEN m.to_status = 'used' THEN coalesce(e.documents ->> 'patient', '') ELSE '' END
  FROM moves m
  JOIN ledger_unit u ON u.id = m.unit_id
  JOIN ledger_event e ON e.id = m.event_id
  JOIN places_place p ON p.id = m.to_place_id
  LEFT JOIN access_person c ON c.id = m.custodian_id
 ORDER BY m.unit_id, m.seq DESC
"""
_NAMES = (
    "seq", "status", "step", "place_id", "place_name", "place_kind", "place_path", "temperature_class", "custodian_id",
    "custodian", "case_number", "patient_token",
)  # fmt: skip


def units_then(asked: dict[str, Any]) -> list[UnitView]:
    """The units of the lot that had been heard of by then, each as it was. Two statements."""
    then = {
        row[0]: dict(zip(_NAMES, pairs(row[1:]), strict=True), reserved_for="", reserved_until=None)
        for row in fetch(LAST, asked)
    }
    known = units_where(lot_id=asked["lot"], limit=None) if then else []
    return [replace(unit, **then[unit.epc]) for unit in known if unit.epc in then]
