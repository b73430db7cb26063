"""One event with all that it moved, and the events of a document."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from yanji.ledger.api import Name


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of an event: a unit (``epc``), or a quantity of a lot."""

    epc: str
    serial: str
    item_name: Name
    lot_id: int
    lot: str
    expiry: date | None
    quantity: Decimal
    value: Decimal
    from_place: Name
    from_path: str
    to_place: Name
    to_path: str
    from_status: str | None
    to_status: str


@dataclass(frozen=True, slots=True)
class EventView:
    """An event with the names a page shows; ``lines`` in the order of the document."""

    id: str
    step: str
    happened_at: datetime
    recorded_at: datetime
    actor: Name
    witness: Name | None
    device: str
    reason: str
    note: str
    documents: dict[str, str]
    source_party: Name | None
    corrects: str | None
    corrected_by: str | None
    position: int | None
    lines: list[Moved]


EVENT = """
SELECT e.id::text, e.step, e.happened_at, e.recorded_at, ARRAY[a.name_zh, a.name_en],
       CASE WHEN w.id IS NOT NULL THEN ARRAY[w.name_zh, w.name_en] END, e.device, e.reason, e.note, e.documents::text,
       CASE WHEN s.id IS NOT NULL THEN ARRAY[s.name_zh, s.name_en] END, e.corrects_id::text, k.id::text, l.position
  FROM ledger_event e
  JOIN access_person a ON a.id = e.actor_id
  LEFT JOIN access_person w ON w.id = e.witness_id
  LEFT JOIN catalog_supplier s ON s.id = e.source_party_id
  LEFT JOIN ledger_event k ON k.corrects_id = e.id
  LEFT JOIN ledger_log l ON l.event_id = e.id
 WHERE e.id = %s
"""
LINES = """
SELECT coalesce(u.epc, ''), coalesce(u.serial, ''), ARRAY[i.name_zh, i.name_en], lo.id, lo.number, lo.expiry, m.quantity,
       m.value, ARRAY[f.name_zh, f.name_en], f.path, ARRAY[t.name_zh, t.name_en], t.path, m.from_status, m.to_status
  FROM ledger_movement m
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN places_place f ON f.id = m.from_place_id
  JOIN places_place t ON t.id = m.to_place_id
  LEFT JOIN ledger_unit u ON u.id = m.unit_id
 WHERE m.event_id = %s ORDER BY m.line
"""


def event_view(event_id: UUID) -> EventView | None:
    """One event, or None. Two statements whatever its length."""
    with connection.cursor() as cursor:
        cursor.execute(EVENT, (event_id,))
        head = cursor.fetchone()
        if head is None:
            return None
        cursor.execute(LINES, (event_id,))
        lines = [
            Moved(*[tuple(cell) if isinstance(cell, list) else cell for cell in row])
            for row in cursor.fetchall()
        ]
    cells = [tuple(cell) if isinstance(cell, list) else cell for cell in head]
    cells[9] = json.loads(cells[9])
    return EventView(*cells, lines=lines)
