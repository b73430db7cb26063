"""One unit: where it is, where it was, and all that happened to it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ..lifecycle import SAID, Step
from ..wire import fetch

# A name in both languages travels as a pair: the reader's language is the page's business.
Name = tuple[str, str]
# Sorts behind every text: what begins with x lies between x and x with this behind it.
LAST_LETTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit and its current state, with the names a page shows."""

    id: int
    epc: str
    serial: str
    item_id: int
    item_code: str
    item_name: Name
    item_model: str
    lot_id: int
    lot: str
    expiry: date | None
    made: date | None
    status: str
    step: str
    seq: int
    place_id: int
    place_name: Name
    place_kind: str
    place_path: str
    temperature_class: str
    item_temperature_class: str
    custodian_id: int | None
    custodian: Name | None
    owner_id: int | None
    owner: Name | None
    supplier_id: int | None
    supplier: Name | None
    order_number: str
    cost: Decimal
    received_at: datetime | None
    reserved_for: str
    reserved_until: datetime | None
    case_number: str
    patient_token: str


UNIT = """
SELECT u.id, u.epc, u.serial, u.item_id, i.code, ARRAY[i.name_zh, i.name_en], i.model, u.lot_id, l.number, l.expiry,
       l.made, u.status, u.step, u.seq, u.place_id, ARRAY[p.name_zh, p.name_en], p.kind, p.path, p.temperature_class,
       i.temperature_class, u.custodian_id, CASE WHEN c.id IS NOT NULL THEN ARRAY[c.name_zh, c.name_en] END,
       u.owner_id, CASE WHEN o.id IS NOT NULL THEN ARRAY[o.name_zh, o.name_en] END,
       u.supplier_id, CASE WHEN s.id IS NOT NULL THEN ARRAY[s.name_zh, s.name_en] END,
       u.order_number, u.cost, u.received_at, u.reserved_for, u.reserved_until,
       coalesce(us.case_number, ''), coalesce(us.patient_token, '')
  FROM ledger_unit u
  JOIN catalog_item i ON i.id = u.item_id
  JOIN ledger_lot l ON l.id = u.lot_id
  JOIN places_place p ON p.id = u.place_id
  LEFT JOIN access_person c ON c.id = u.custodian_id
  LEFT JOIN catalog_supplier o ON o.id = u.owner_id
  LEFT JOIN catalog_supplier s ON s.id = u.supplier_id
  LEFT JOIN ledger_use us ON us.unit_id = u.id
"""


def pairs(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Pairs of names arrive as lists."""
    return tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row)


def unit_views(epcs: list[str]) -> dict[str, UnitView]:
    """Units by canonical identity; those not known are left out. One statement."""
    rows = fetch(f"{UNIT} WHERE u.epc = ANY (%s)", (epcs,)) if epcs else []
    return {row[1]: UnitView(*pairs(row)) for row in rows}


def unit_view(epc: str) -> UnitView | None:
    """One unit, or None."""
    return unit_views([epc]).get(epc)


def units_where(
    *,
    lot_id: int | None = None,
    case_number: str | None = None,
    patient_token: str | None = None,
    limit: int | None = 500,
) -> list[UnitView]:
    """Units of a lot, or used in a case, or on a patient; newest identity last. No limit: all."""
    conditions = {"u.lot_id": lot_id, "us.case_number": case_number, "us.patient_token": patient_token}
    given = {column: value for column, value in conditions.items() if value is not None}
    assert given, "name at least one condition"
    where = " AND ".join(f"{column} = %s" for column in given)
    return [
        UnitView(*pairs(row))
        for row in fetch(f"{UNIT} WHERE {where} ORDER BY u.id LIMIT %s", (*given.values(), limit))
    ]


_OF_CASES = f"""{UNIT}
  JOIN (SELECT unit_id, row_number() OVER (PARTITION BY case_number ORDER BY unit_id) AS n
          FROM ledger_use WHERE case_number = ANY (%(cases)s)) few ON few.unit_id = u.id AND few.n <= %(limit)s
 ORDER BY array_position(%(cases)s::text[], us.case_number::text), u.id
"""


def units_of_cases(case_numbers: Sequence[str], *, limit: int) -> list[UnitView]:
    """Units used in some cases, in the order of these; of each case the first so many. One statement, none without cases."""
    asked = {"cases": list(case_numbers), "limit": limit}
    return [UnitView(*pairs(row)) for row in fetch(_OF_CASES, asked)] if case_numbers else []


PLACES_OF_USE = """
SELECT u.epc, p.path
  FROM ledger_unit u
  JOIN ledger_use us ON us.unit_id = u.id
  JOIN ledger_movement m ON m.unit_id = u.id AND m.event_id = us.event_id
  JOIN places_place p ON p.id = m.from_place_id
 WHERE u.epc = ANY (%s)
"""


def places_of_use(epcs: Sequence[str]) -> dict[str, str]:
    """Identity of each used unit -> path of the place where it was used: who looks after that patient."""
    return dict(fetch(PLACES_OF_USE, (list(epcs),)))


def find_units(code: str, limit: int = 20) -> list[str]:
    """Canonical identities that a code may mean: the identity itself, an alias, or a serial number."""
    rows = fetch(
        """SELECT epc FROM (
               SELECT 1 AS rank, epc FROM ledger_unit WHERE epc = %s
               UNION SELECT 2, u.epc FROM ledger_alias a JOIN ledger_unit u ON u.id = a.unit_id WHERE a.code = %s
               UNION SELECT 3, epc FROM ledger_unit WHERE serial = %s) AS found
            GROUP BY epc ORDER BY min(rank), epc LIMIT %s""",
        (code, code, code, limit),
    )
    return [epc for (epc,) in rows]


def units_beginning(text: str, limit: int = 20) -> list[str]:
    """Canonical identities of units whose serial number or second code begins so, in the order of these; at most twice ``limit``
    are read, however many there are."""
    # As a range and not as a pattern: a prepared statement finds it in the index whatever the text is.
    last = text + LAST_LETTER
    rows = fetch(
        """SELECT epc FROM (
               (SELECT serial AS code, epc FROM ledger_unit WHERE serial BETWEEN %s AND %s ORDER BY serial LIMIT %s)
               UNION ALL
               (SELECT a.code, u.epc FROM ledger_alias a JOIN ledger_unit u ON u.id = a.unit_id
                 WHERE a.code BETWEEN %s AND %s ORDER BY a.code LIMIT %s)) AS found
            GROUP BY epc ORDER BY min(code), epc LIMIT %s""",
        (text, last, limit, text, last, limit, limit),
    )
    return [epc for (epc,) in rows]


@dataclass(frozen=True, slots=True)
class Passage:
    """One stop of a life line: what happened, when in the world and when in the log, where, by whom, why."""

    seq: int
    event_id: str
    step: str
    happened_at: datetime
    recorded_at: datetime
    from_place_id: int
    from_place: Name
    to_place_id: int
    to_place: Name
    to_place_path: str
    to_place_kind: str
    from_status: str | None
    to_status: str
    announced_lot: str | None  # given where the label said another lot or expiry than was recorded before
    announced_expiry: date | None
    actor_id: int
    actor: Name
    custodian: Name | None
    witness: Name | None
    device: str
    reason: str
    note: str
    documents: dict[str, str]
    sensor: dict[str, Any] | None  # as :class:`yanji.flows.transfer.climate.Climate` keeps it
    corrects: str | None
    corrected_by: str | None
    temperature_class: str  # of the place reached
    from_owner: Name | None  # None: the hospital, or nobody yet
    to_owner: Name | None

    @property
    def taken_by(self) -> Name | None:
        """Who else than the person named for it took the unit in hand: only said of it, or taken back, it changed no hands."""
        only_said = self.step == Step.CORRECT or (
            self.step in SAID and self.from_place_id == self.to_place_id
        )
        return None if only_said or self.custodian == self.actor else self.custodian


LIFE_LINE = """
SELECT m.seq, e.id::text, e.step, e.happened_at, e.recorded_at, m.from_place_id, ARRAY[f.name_zh, f.name_en],
       m.to_place_id, ARRAY[t.name_zh, t.name_en], t.path, t.kind, m.from_status, m.to_status,
       fl.number, fl.expiry, e.actor_id, ARRAY[a.name_zh, a.name_en],
       CASE WHEN c.id IS NOT NULL THEN ARRAY[c.name_zh, c.name_en] END,
       CASE WHEN w.id IS NOT NULL THEN ARRAY[w.name_zh, w.name_en] END, e.device, e.reason, e.note,
       e.documents::text, e.sensor::text, e.corrects_id::text, k.id::text, t.temperature_class,
       CASE WHEN fo.id IS NOT NULL THEN ARRAY[fo.name_zh, fo.name_en] END,
       CASE WHEN too.id IS NOT NULL THEN ARRAY[too.name_zh, too.name_en] END
  FROM ledger_unit u
  JOIN ledger_movement m ON m.unit_id = u.id
  JOIN ledger_event e ON e.id = m.event_id
  JOIN places_place f ON f.id = m.from_place_id
  JOIN places_place t ON t.id = m.to_place_id
  JOIN access_person a ON a.id = e.actor_id
  LEFT JOIN ledger_lot fl ON fl.id = m.from_lot_id
  LEFT JOIN access_person c ON c.id = m.custodian_id
  LEFT JOIN access_person w ON w.id = e.witness_id
  LEFT JOIN catalog_supplier fo ON fo.id = m.from_owner_id
  LEFT JOIN catalog_supplier too ON too.id = m.to_owner_id
  LEFT JOIN ledger_event k ON k.corrects_id = e.id AND k.recorded_at <= coalesce(%(known)s::timestamptz, 'infinity')
 WHERE u.epc = %(epc)s AND e.recorded_at <= coalesce(%(known)s::timestamptz, 'infinity')
 ORDER BY m.seq
"""


def life_line(epc: str, *, as_known: datetime | None = None) -> list[Passage]:
    """Every movement of a unit in order, as the log knew them at a moment (default: now)."""
    return [_passage(row) for row in fetch(LIFE_LINE, {"epc": epc, "known": as_known})]


JSON_CELLS = slice(22, 24)  # documents, sensor


def _passage(row: tuple[Any, ...]) -> Passage:
    cells = list(pairs(row))
    cells[JSON_CELLS] = [text and json.loads(text) for text in cells[JSON_CELLS]]
    return Passage(*cells)


@dataclass(frozen=True, slots=True)
class UnitAt:
    """Where a unit was at one moment, as known at another."""

    seq: int
    status: str
    place_id: int
    place: Name
    place_path: str
    custodian: Name | None
    happened_at: datetime
    recorded_at: datetime
    lot_id: int
    lot: str
    expiry: date | None
    owner_id: int | None
    owner: Name | None


# What was known to be taken back by then never happened in the world, nor did the taking back.
UNIT_AT = """
SELECT m.seq, m.to_status, m.to_place_id, ARRAY[p.name_zh, p.name_en], p.path,
       CASE WHEN c.id IS NOT NULL THEN ARRAY[c.name_zh, c.name_en] END, e.happened_at, e.recorded_at,
       l.id, l.number, l.expiry, m.to_owner_id, CASE WHEN o.id IS NOT NULL THEN ARRAY[o.name_zh, o.name_en] END
  FROM ledger_unit u
  JOIN ledger_movement m ON m.unit_id = u.id
  JOIN ledger_event e ON e.id = m.event_id
  JOIN places_place p ON p.id = m.to_place_id
  JOIN ledger_lot l ON l.id = m.lot_id
  LEFT JOIN access_person c ON c.id = m.custodian_id
  LEFT JOIN catalog_supplier o ON o.id = m.to_owner_id
 WHERE u.epc = %(epc)s AND e.happened_at <= %(as_of)s AND e.recorded_at <= coalesce(%(known)s::timestamptz, 'infinity')
   AND e.corrects_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id
                      AND k.recorded_at <= coalesce(%(known)s::timestamptz, 'infinity'))
 ORDER BY m.seq DESC LIMIT 1
"""


def unit_at(epc: str, *, as_of: datetime, as_known: datetime | None = None) -> UnitAt | None:
    """Where a unit was at ``as_of`` in the world, as the log knew it at ``as_known`` (default: now)."""
    rows = fetch(UNIT_AT, {"epc": epc, "as_of": as_of, "known": as_known})
    return UnitAt(*pairs(rows[0])) if rows else None
