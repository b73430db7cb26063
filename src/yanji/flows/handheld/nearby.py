"""The units that a person is likely to scan, for a device that has to do without the server for a while."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from yanji.access.actor import Actor
from yanji.ledger.api import Status, log_end, virtual_places

from ..alternatives import localised
from ..documents import GOING
from ..queries import OPEN_ISSUES
from .ways import ways_of

MOST_UNITS = 3_000
# Whoever was away for longer takes all of it anew: it is less than what changed.
MOST_ENTRIES = 5_000
LIVE = tuple(
    status.value
    for status in Status
    if status not in (Status.EXPECTED, Status.USED, Status.SCRAPPED, Status.EXPLANTED)
)
# What is on its way to where the person takes things in: the units of open issues and loads that still lie in transit, and have
# not been taken in and sent on since: where they go then is somebody else's to know.
COMING = """
WITH sent AS (
  SELECT i.event_id FROM flows_issue i JOIN places_place d ON d.id = i.department_id
   WHERE i.state = ANY (%(open)s) AND d.path LIKE ANY (%(door)s)
  UNION ALL
  SELECT s.event_id FROM flows_shipment s JOIN flows_transfer t ON t.id = s.transfer_id
    JOIN places_place d ON d.id = t.destination_id
   WHERE t.state = ANY (%(going)s) AND NOT s.called_back AND d.path LIKE ANY (%(ramp)s)
), coming AS (
  SELECT m.unit_id FROM sent JOIN ledger_movement m ON m.event_id = sent.event_id JOIN ledger_unit u ON u.id = m.unit_id
   WHERE u.place_id = %(transit)s
     AND NOT EXISTS (SELECT 1 FROM ledger_movement later WHERE later.unit_id = m.unit_id AND later.seq > m.seq
                        AND later.from_place_id <> later.to_place_id)
)"""
COLUMNS = """
SELECT u.epc, ARRAY[i.name_zh, i.name_en], u.serial, l.number, l.expiry, u.status, ARRAY[p.name_zh, p.name_en],
       (p.path LIKE ANY (%(paths)s) OR coming.unit_id IS NOT NULL) AND u.status = ANY (%(live)s)
  FROM ledger_unit u
  LEFT JOIN (SELECT DISTINCT unit_id FROM coming) coming ON coming.unit_id = u.id
  JOIN places_place p ON p.id = u.place_id
  JOIN catalog_item i ON i.id = u.item_id
  JOIN ledger_lot l ON l.id = u.lot_id
"""
# What came in and was not put away is what is scanned next, and has the latest expiry.
ALL = (
    COMING
    + COLUMNS
    + """ WHERE (p.path LIKE ANY (%(paths)s) OR coming.unit_id IS NOT NULL) AND u.status = ANY (%(live)s)
  ORDER BY coming.unit_id IS NULL, NOT (p.kind = 'dock' OR u.step IN ('receive', 'accept')), l.expiry NULLS LAST, u.id
  LIMIT %(most)s"""
)
CHANGED = (
    COMING
    + COLUMNS
    + """ WHERE u.id IN (SELECT m.unit_id FROM ledger_log g JOIN ledger_movement m ON m.event_id = g.event_id
                  WHERE g.position > %(since)s AND g.position <= %(end)s AND m.unit_id IS NOT NULL)
    AND (coming.unit_id IS NOT NULL
         OR EXISTS (SELECT 1 FROM ledger_movement x JOIN places_place f ON f.id IN (x.from_place_id, x.to_place_id)
                     WHERE x.unit_id = u.id AND f.path LIKE ANY (%(paths)s)))
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
    """``position``: of the log, to ask from the next time; ``whole``: these are all, and what was known before is forgotten;
    ``area``: stands for the places that these are of."""

    position: int
    whole: bool
    units: list[Near]
    area: str = ""


def nearby(actor: Actor, *, since: int = 0, area: str = "") -> Nearby:
    """Units where the person acts and what is on its way there, at most 3,000: what comes and what came before what lies, first
    expiry first; after a position of the log, only those of them
    that moved or changed, and those that are gone. All anew where the person's places are others than those of ``area``, or more
    changed than is answered at once. Three statements at most."""
    end = log_end()
    paths = sorted({path for way in ways_of(actor).values() for path in _paths(actor, way.operation)})
    own = hashlib.sha256(" ".join(paths).encode()).hexdigest()[:16]
    whole = not 0 < since <= end or end - since > MOST_ENTRIES or area not in ("", own)
    if not paths:
        return Nearby(end, whole, [], own)
    asked = {
        "paths": [f"{path}%" for path in paths],
        "live": list(LIVE),
        "most": MOST_UNITS,
        "since": since,
        "end": end,
        "door": _below(actor, "take_in"),
        "ramp": _below(actor, "transfer"),
        "open": list(OPEN_ISSUES),
        "going": sorted(GOING),
        "transit": virtual_places().transit,
    }
    changed = [] if whole else _fetched(CHANGED, asked)
    if whole or len(changed) >= MOST_UNITS:  # what is not told now would never be
        return Nearby(end, True, _fetched(ALL, asked), own)
    return Nearby(end, False, changed, own)


def _fetched(sql: str, asked: Mapping[str, object]) -> list[Near]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return [_near(row) for row in cursor.fetchall()]


def _paths(actor: Actor, operation: str) -> Sequence[str]:
    """Where somebody acts; who only looks handles nothing."""
    return () if operation == "view" else actor.scopes.get(operation, ())


def _below(actor: Actor, operation: str) -> list[str]:
    return [f"{path}%" for path in actor.scopes.get(operation, ())]


def _near(row: tuple) -> Near:
    epc, name, serial, lot, expiry, status, place, here = row
    if not here:  # what has left is gone: where it is now is not the actor's to know
        return Near(epc, "", "", "", None, "", "", False)
    return Near(epc, localised(name), serial, lot, expiry, status, localised(place), True)
