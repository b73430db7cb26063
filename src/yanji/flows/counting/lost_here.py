"""How many pieces of a lot a store or department has lost and not found: what turns up there is not what another lost."""

from collections.abc import Collection

from django.db import connection

from yanji.ledger.api import virtual_places
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of

# What was lost on its way was lost by both ends: whoever of them finds it has found it.
LOST_HERE = """
SELECT ends.lot_id, sum(ends.pieces)
  FROM (SELECT event_id, lot_id, from_place_id AS place_id, quantity AS pieces FROM ledger_movement
         WHERE lot_id = ANY (%(lots)s) AND unit_id IS NULL AND to_place_id = %(lost)s
        UNION ALL
        SELECT event_id, lot_id, to_place_id, -quantity FROM ledger_movement
         WHERE lot_id = ANY (%(lots)s) AND unit_id IS NULL AND from_place_id = %(lost)s) ends
  JOIN ledger_event e ON e.id = ends.event_id
  JOIN places_place p ON p.id = ends.place_id
 WHERE starts_with(p.path, %(path)s)
    OR p.kind = 'transit' AND EXISTS (
       SELECT 1 FROM flows_transfer t JOIN places_place at ON at.id IN (t.source_id, t.destination_id)
        WHERE t.number = e.documents->>'transfer' AND starts_with(at.path, %(path)s))
    OR p.kind = 'transit' AND EXISTS (
       SELECT 1 FROM flows_requisition r JOIN places_place at ON at.id IN (r.store_id, r.department_id)
        WHERE r.number = e.documents->>'requisition' AND starts_with(at.path, %(path)s))
 GROUP BY ends.lot_id HAVING sum(ends.pieces) > 0
"""
KEEPERS = (Kind.STORE, Kind.DOCK, Kind.DEPARTMENT)


def lost_here(lots: Collection[int | None], place: Place) -> dict[int, int]:
    """Lot -> pieces lost, and not found, by whoever keeps a place: the store or department that it is part of. Two
    statements, none without lots."""
    if not lots:
        return {}
    keepers = Place.objects.filter(pk__in=ids_of(place.path), kind__in=KEEPERS).order_by("path")
    path = keepers.values_list("path", flat=True).first() or place.path
    with connection.cursor() as cursor:
        cursor.execute(
            LOST_HERE, {"lots": sorted(filter(None, lots)), "lost": virtual_places().lost, "path": path}
        )
        return {lot: int(pieces) for lot, pieces in cursor.fetchall()}
