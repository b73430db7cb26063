"""What became of each thing that a department gave back, and how far the note has come by that: read from the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from .documents import reached
from .states import DepartmentReturnState

# The first thing that happened to each unit afterwards, without what was taken back. A counted lot is mixed with others
# on the shelf: of its pieces nobody can say more than that they came.
FATES = """
SELECT i.code, ARRAY[i.name_zh, i.name_en], coalesce(u.serial, ''), lo.number, lo.expiry, m.quantity::int,
       CASE WHEN own.corrected THEN 'voided'
            WHEN m.unit_id IS NULL THEN CASE WHEN lies.there THEN 'waiting' ELSE 'counted' END
            WHEN fate.to_status IS NULL THEN 'waiting' WHEN fate.to_status = 'available' THEN 'good'
            WHEN fate.to_status = 'lost' THEN 'missing' WHEN fate.to_status = 'returned' THEN 'sent_back' ELSE 'held' END,
       coalesce(fate.reason, '')
  FROM ledger_movement m
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  LEFT JOIN ledger_unit u ON u.id = m.unit_id
  LEFT JOIN LATERAL (
       SELECT n.to_status, e.reason FROM ledger_movement n JOIN ledger_event e ON e.id = n.event_id
         JOIN places_place np ON np.id = n.to_place_id
        WHERE n.unit_id = m.unit_id AND n.seq > m.seq AND e.corrects_id IS NULL
          -- On another shelf it waits still; at the supplier it is what it became.
          AND (n.to_status <> 'returned' OR np.kind = 'supplier')
          AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
        ORDER BY n.seq LIMIT 1) fate ON true
 CROSS JOIN (SELECT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = %(event)s) AS corrected) own
 CROSS JOIN LATERAL (
       SELECT m.unit_id IS NULL AND EXISTS (
              SELECT 1 FROM ledger_level le JOIN places_place lp ON lp.id = le.place_id
               WHERE le.lot_id = m.lot_id AND le.status = 'returned' AND le.quantity > 0
                 AND starts_with(lp.path, %(store)s)) AS there) lies
 WHERE m.event_id = %(event)s ORDER BY i.code, m.line
"""


@dataclass(frozen=True, slots=True)
class Returned:
    """One thing of a return. ``fate``: waiting, good, held (``reason``), missing, sent_back, voided (the return itself was
    taken back); of a counted lot of which nothing waits any more ``counted``."""

    code: str
    item: tuple[str, str]
    serial: str
    lot: str
    expiry: date | None
    pieces: int
    fate: str
    reason: str


def fates_of(event_id: object, store_path: str) -> list[Returned]:
    """Every thing that an entry gave back, and what became of it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(FATES, {"event": event_id, "store": store_path})
        return [Returned(row[0], tuple(row[1]), *row[2:]) for row in cursor.fetchall()]


def state_of(things: Sequence[Returned]) -> DepartmentReturnState:
    """Voided where the return was taken back; sent while anything waits to be looked at, else inspected. Pure."""
    verb, state = "inspect", DepartmentReturnState.INSPECTED
    if any(each.fate == "waiting" for each in things):
        state = DepartmentReturnState.SENT
    if things and all(each.fate == "voided" for each in things):
        verb, state = "take_back", DepartmentReturnState.VOIDED
    return DepartmentReturnState(reached("department_return", verb, state))
