"""Where everything of a lot went, and where it came from: what a recall asks first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..wire import fetch
from . import trace_at
from .life import Name, UnitView, pairs, units_where
from .moment import IN_HAND, Moment


@dataclass(frozen=True, slots=True)
class Flow:
    """How much of a lot went from one place to another, over all time."""

    from_place_id: int
    from_place: Name
    from_kind: str
    from_path: str
    to_place_id: int
    to_place: Name
    to_kind: str
    to_path: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who had things of the lot in hand, with how many movements, and when last."""

    person_id: int
    name: Name
    movements: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """How much lies where now."""

    place_id: int
    place: Name
    place_path: str
    status: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Source:
    """One delivery that brought units of the lot."""

    event_id: str
    received_at: datetime
    supplier_id: int | None
    supplier: Name | None
    paths: Sequence[str]  # of the places where it arrived
    documents: dict[str, str]
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Treated:
    """A patient, as a token, on whom units of the lot were used, and the path of the place where."""

    patient_token: str
    case_number: str
    used_at: str


@dataclass(frozen=True, slots=True)
class LotTrace:
    """A lot forward (units, places, departments, people, patients) and backward (deliveries, suppliers).

    ``unit_count``: all of its units, however many are listed. ``departments``: where it lies, and where it was used.
    """

    lot_id: int
    unit_count: int
    units: list[UnitView]
    holdings: list[Holding]
    departments: list[Holding]
    flows: list[Flow]
    people: list[Hand]
    sources: list[Source]
    patients: list[Treated]


HOLDINGS = """
SELECT p.id, ARRAY[p.name_zh, p.name_en], p.path, le.status, sum(le.quantity)
  FROM ledger_level le JOIN places_place p ON p.id = le.place_id
 WHERE le.lot_id = %(lot)s AND le.quantity > 0 GROUP BY 1, 2, 3, 4 ORDER BY 3, 4
"""
MOVES = """
WITH moves AS MATERIALIZED (
    SELECT m.* FROM ledger_unit u JOIN ledger_movement m ON m.unit_id = u.id WHERE u.lot_id = %(lot)s
    UNION ALL
    SELECT m.* FROM ledger_movement m WHERE m.lot_id = %(lot)s AND m.unit_id IS NULL)
"""
# The department of a place is the nearest place of that kind, or of kind store, on its path. What was used there lies there
# no more, and is what a recall asks for first.
LYING_AND_USED = """
SELECT place_id, status, quantity FROM ledger_level WHERE lot_id = %(lot)s AND quantity > 0
UNION ALL
SELECT m.from_place_id, m.to_status, m.quantity FROM moves m JOIN ledger_event e ON e.id = m.event_id
 WHERE m.to_status = 'used' AND e.corrects_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
"""
DEPARTMENTS = """
SELECT d.id, ARRAY[d.name_zh, d.name_en], d.path, le.status, sum(le.quantity)
  FROM ({lying}) le
  JOIN places_place p ON p.id = le.place_id
  JOIN LATERAL (SELECT up.* FROM places_place up
                 WHERE up.id = ANY (string_to_array(trim(both '/' from p.path), '/')::bigint[])
                   AND up.kind IN ('department', 'store') ORDER BY length(up.path) DESC LIMIT 1) d ON true
 GROUP BY 1, 2, 3, 4 HAVING sum(le.quantity) <> 0 ORDER BY 3, 4
"""
FLOWS = """
SELECT f.id, ARRAY[f.name_zh, f.name_en], f.kind, f.path, t.id, ARRAY[t.name_zh, t.name_en], t.kind, t.path,
       sum(m.quantity)
  FROM moves m JOIN places_place f ON f.id = m.from_place_id JOIN places_place t ON t.id = m.to_place_id
 WHERE m.from_place_id <> m.to_place_id GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 9 DESC, 1, 5
"""
PEOPLE = f"""
SELECT a.id, ARRAY[a.name_zh, a.name_en], count(*), max(e.happened_at)
  FROM moves m JOIN ledger_event e ON e.id = m.event_id JOIN access_person a ON a.id = e.actor_id
  JOIN places_place f ON f.id = m.from_place_id JOIN places_place t ON t.id = m.to_place_id
 WHERE (f.path LIKE ANY (%(paths)s) OR t.path LIKE ANY (%(paths)s)) AND {IN_HAND}
 GROUP BY 1, 2 ORDER BY 3 DESC, 1
"""
SOURCES = """
SELECT e.id::text, e.happened_at, s.id, CASE WHEN s.id IS NOT NULL THEN ARRAY[s.name_zh, s.name_en] END,
       array_agg(DISTINCT t.path::text), e.documents::text, sum(m.quantity)
  FROM moves m JOIN ledger_event e ON e.id = m.event_id JOIN places_place t ON t.id = m.to_place_id
  LEFT JOIN ledger_unit u ON u.id = m.unit_id
  LEFT JOIN catalog_supplier s ON s.id = coalesce(e.source_party_id, u.supplier_id)
 WHERE e.step = 'receive' GROUP BY e.id, s.id ORDER BY 2
"""
BEEN_AT = """
SELECT DISTINCT m.unit_id FROM ledger_movement m JOIN places_place p ON p.id = m.to_place_id
 WHERE m.unit_id = ANY (%s) AND p.path LIKE ANY (%s)
"""
PATIENTS = """
SELECT us.patient_token, us.case_number, p.path
  FROM ledger_use us JOIN ledger_unit u ON u.id = us.unit_id
  JOIN ledger_movement m ON m.unit_id = u.id AND m.event_id = us.event_id
  JOIN places_place p ON p.id = m.from_place_id
 WHERE u.lot_id = %(lot)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def _source(row: tuple[Any, ...]) -> Source:
    *front, paths, documents, quantity = pairs(row)
    return Source(*[*front, paths, json.loads(documents), quantity])


def been_at(unit_ids: Sequence[int], paths: Sequence[str]) -> set[int]:
    """Which of the units ever came to a place below one of the paths. One statement."""
    asked = (list(unit_ids), [f"{path}%" for path in paths])
    return {unit for (unit,) in fetch(BEEN_AT, asked)} if unit_ids else set()


def lot_at(lot_id: int, moment: Moment) -> list[Holding]:
    """How much of a lot lay where, in which status, at a moment. One statement."""
    asked = {"lot": lot_id, "as_of": moment.as_of, "known": moment.as_known}
    return [Holding(*pairs(row)) for row in fetch(trace_at.HOLDINGS, asked)]


def trace_lot(
    lot_id: int,
    *,
    unit_limit: int | None = 5_000,
    paths: Sequence[str] = ("/",),
    moment: Moment | None = None,
) -> LotTrace:
    """All that a recall of the lot needs, now or as it was at a moment, in a constant number of statements.

    ``unit_limit``: how many units are listed, all where it is None. ``paths``: whose hands are named.
    """
    asked: dict[str, Any] = {"lot": lot_id, "paths": [f"{path}%" for path in paths]}
    if moment is None:
        count = fetch("SELECT count(*) FROM ledger_unit WHERE lot_id = %(lot)s", asked)[0][0]
        units = units_where(lot_id=lot_id, limit=unit_limit)
        moves, holdings, lying, patients = MOVES, HOLDINGS, LYING_AND_USED, PATIENTS
    else:
        asked |= {"as_of": moment.as_of, "known": moment.as_known}
        units = trace_at.units_then(asked)
        count, units = len(units), units[:unit_limit]
        moves, holdings, patients = trace_at.MOVES, trace_at.HOLDINGS, trace_at.PATIENTS
        lying = trace_at.LYING_AND_USED
    return LotTrace(
        lot_id=lot_id,
        unit_count=count,
        units=units,
        holdings=[Holding(*pairs(row)) for row in fetch(holdings, asked)],
        departments=[
            Holding(*pairs(row)) for row in fetch(moves + DEPARTMENTS.replace("{lying}", lying), asked)
        ],
        flows=[Flow(*pairs(row)) for row in fetch(moves + FLOWS, asked)],
        people=[Hand(*pairs(row)) for row in fetch(moves + PEOPLE, asked)],
        sources=[_source(row) for row in fetch(moves + SOURCES, asked)],
        patients=[Treated(*row) for row in fetch(patients, asked)],
    )
