"""Which units and lots of a list have a page that opens for a reader: the judgement of their pages, for many at once."""

from collections.abc import Collection

from django.db import connection

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation

from . import sight

# Where a unit is, and where it ever was.
_OF_UNITS = """
SELECT u.epc, array_agg(DISTINCT p.path)
  FROM ledger_unit u
  JOIN LATERAL (SELECT u.place_id UNION SELECT m.to_place_id FROM ledger_movement m WHERE m.unit_id = u.id) was ON true
  JOIN places_place p ON p.id = was.place_id
 WHERE u.epc = ANY (%s) GROUP BY u.epc
"""
# Where a lot lies, and the departments where it was used for good. Only what lies can have left the house altogether.
_OF_LOTS = """
WITH asked AS (SELECT unnest(%s::bigint[]) AS lot_id),
used AS (
    SELECT a.lot_id, m.from_place_id AS place_id, m.event_id, m.to_status
      FROM asked a JOIN ledger_unit u ON u.lot_id = a.lot_id JOIN ledger_movement m ON m.unit_id = u.id
    UNION ALL
    SELECT m.lot_id, m.from_place_id, m.event_id, m.to_status
      FROM asked a JOIN ledger_movement m ON m.lot_id = a.lot_id AND m.unit_id IS NULL)
SELECT t.lot_id, array_agg(DISTINCT t.path), array_agg(DISTINCT t.path) FILTER (WHERE t.lies)
  FROM (SELECT le.lot_id, p.path, true AS lies
          FROM asked a JOIN ledger_level le ON le.lot_id = a.lot_id AND le.quantity > 0
          JOIN places_place p ON p.id = le.place_id
        UNION ALL
        SELECT u.lot_id, d.path, false
          FROM used u JOIN ledger_event e ON e.id = u.event_id JOIN places_place p ON p.id = u.place_id
          JOIN LATERAL (SELECT up.path FROM places_place up
                         WHERE up.id = ANY (string_to_array(trim(both '/' from p.path), '/')::bigint[])
                           AND up.kind IN ('department', 'store') ORDER BY length(up.path) DESC LIMIT 1) d ON true
         WHERE u.to_status = 'used' AND e.corrects_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)) t
 GROUP BY t.lot_id
"""


def units(actor: Actor, epcs: Collection[str]) -> set[str]:
    """Of some units, those whose life line the reader may see. One statement, and none where there is nothing to ask."""
    if not epcs or not actor.may(Operation.VIEW):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_OF_UNITS, [list(epcs)])
        return {epc for epc, paths in cursor.fetchall() if _seen(actor, paths)}


def lots(actor: Actor, lot_ids: Collection[int]) -> set[int]:
    """Of some lots, those whose trace the reader may see. One statement, and none where there is nothing to ask."""
    if not lot_ids or not actor.may(Operation.VIEW):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_OF_LOTS, [list(lot_ids)])
        touched = {lot_id: (paths, lying or []) for lot_id, paths, lying in cursor.fetchall()}
    # A lot that was never received anywhere has touched no place.
    return {lot_id for lot_id in lot_ids if _lot_seen(actor, *touched.get(lot_id, ([], [])))}


def _lot_seen(actor: Actor, touched: list[str], lying: list[str]) -> bool:
    return all(map(sight.is_virtual, lying)) or _seen(actor, touched)


def _seen(actor: Actor, paths: list[str]) -> bool:
    try:
        sight.check_seen(actor, paths)
    except NotFound:
        return False
    return True
