"""The units that a person is likely to scan, for a device that has to do without the server for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from yanji.access.actor import Actor
from yanji.ledger.api import Status, log_end

from ..alternatives import localised
from .ways import ways_of

MOST_UNITS = 3_000
# Whoever was away for longer takes all of it anew: it is less than what changed.
MOST_ENTRIES = 5_000
LIVE = tuple(
    status.value
    for status in Status
    if status not in (Status.EXPECTED, Status.USED, Status.SCRAPPED, Status.EXPLANTED)
)
COLUMNS = """
SELECT u.epc, ARRAY[i.name_zh, i.name_en], u.serial, l.number, l.expiry, u.status, ARRAY[p.name_zh, p.name_en],
       p.path LIKE ANY (%(paths)s) AND u.status = ANY (%(live)s)
  FROM ledger_unit u
  JOIN places_place p ON p.id = u.place_id
  JOIN catalog_item i ON i.id = u.item_id
  JOIN ledger_lot l ON l.id = u.lot_id
"""
ALL = (
    COLUMNS
    + " WHERE p.path LIKE ANY (%(paths)s) AND u.status = ANY (%(live)s) ORDER BY l.expiry NULLS LAST, u.id LIMIT %(most)s"
)
CHANGED = (
    COLUMNS
    + """ WHERE u.id IN (SELECT m.unit_id FROM ledger_log g JOIN ledger_movement m ON m.event_id = g.event_id
                  WHERE g.position > %(since)s AND g.position <= %(end)s AND m.unit_id IS NOT NULL)
    AND EXISTS (SELECT 1 FROM ledger_movement x JOIN places_place f ON f.id IN (x.from_place_id, x.to_place_id)
                 WHERE x.unit_id = u.id AND f.path LIKE ANY (%(paths)s))
  ORDER BY u.id LIMIT %(most)s"""
)


@dataclass(frozen=True, slots=True)
class Near:
    """One unit as it was at the position; ``here``: still among those that the person handles."""

    epc: str
    name: str
    serial: str
    lot: str
    expiry: date | None
    status: str
    place: str
    here: bool


@dataclass(frozen=True, slots=True)
class Nearby:
    """``position``: of the log, to ask from the next time; ``whole``: these are all, and what was known before is forgotten."""

    position: int
    whole: bool
    units: list[Near]


def nearby(actor: Actor, *, since: int = 0) -> Nearby:
    """Units where the person acts, first expiry first and never more than 3,000; after a position of the log, only those of them
    that moved or changed, and those that are gone. Two statements."""
    end = log_end()
    paths = sorted({path for way in ways_of(actor).values() for path in _paths(actor, way.operation)})
    whole = not 0 < since <= end or end - since > MOST_ENTRIES
    if not paths:
        return Nearby(end, whole, [])
    asked = {
        "paths": [f"{path}%" for path in paths],
        "live": list(LIVE),
        "most": MOST_UNITS,
        "since": since,
        "end": end,
    }
    with connection.cursor() as cursor:
        cursor.execute(ALL if whole else CHANGED, asked)
        return Nearby(end, whole, [_near(row) for row in cursor.fetchall()])


def _paths(actor: Actor, operation: str) -> Sequence[str]:
    """Where somebody acts; who only looks handles nothing."""
    return () if operation == "view" else actor.scopes.get(operation, ())


def _near(row: tuple) -> Near:
    epc, name, serial, lot, expiry, status, place, here = row
    return Near(epc, localised(name), serial, lot, expiry, status, localised(place), bool(here))
