"""What just happened, and how much of it today. An event's id begins with its time, so recent ones are one index range."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from yanji.ledger.api import CLOCK_SLACK, Name


def first_id_at(moment: datetime) -> UUID:
    """The smallest event id of a moment: RFC 9562, section 5.7, 48 bits of milliseconds in front."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as a ticker shows it: the step, how much, of what (its first item), and where it went."""

    event_id: str
    step: str
    happened_at: datetime
    actor: Name
    pieces: Decimal
    item: Name
    place: Name
    documents: dict[str, str]


# The newest events first; movements are looked at only until enough of them touch the places asked for.
RECENT = """
SELECT e.id::text, e.step, e.happened_at, ARRAY[a.name_zh, a.name_en], m.pieces, ARRAY[i.name_zh, i.name_en],
       ARRAY[p.name_zh, p.name_en], e.documents::text
  FROM (SELECT * FROM ledger_event ORDER BY id DESC LIMIT 400) e
  JOIN access_person a ON a.id = e.actor_id
  JOIN LATERAL (SELECT sum(mo.quantity) AS pieces, min(mo.lot_id) AS lot_id,
                       (array_agg(CASE WHEN t.parent_id IS NULL THEN f.id ELSE t.id END ORDER BY mo.line))[1] AS place_id,
                       bool_or(f.path LIKE ANY (%(paths)s) OR t.path LIKE ANY (%(paths)s)) AS seen
                  FROM ledger_movement mo
                  JOIN places_place f ON f.id = mo.from_place_id
                  JOIN places_place t ON t.id = mo.to_place_id
                 WHERE mo.event_id = e.id) m ON m.seen
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN places_place p ON p.id = m.place_id
 ORDER BY e.id DESC LIMIT %(limit)s
"""


def recent(*, paths: Sequence[str], limit: int = 10) -> list[Happening]:
    """The events recorded last that touched places below any of the paths; what happened last comes first.

    An entry made late is among them, at the time when it happened.
    """
    if not paths:
        return []
    with connection.cursor() as cursor:
        cursor.execute(RECENT, {"paths": [f"{path}%" for path in paths], "limit": limit})
        rows = cursor.fetchall()
    found = [
        Happening(event, step, at, _pair(actor), pieces, _pair(item), _pair(place), json.loads(documents))
        for event, step, at, actor, pieces, item, place, documents in rows
    ]
    return sorted(found, key=lambda happening: (happening.happened_at, happening.event_id), reverse=True)


def _pair(cell: Sequence[str]) -> Name:
    return (cell[0], cell[1])


@dataclass(frozen=True, slots=True)
class Hour:
    """Pieces that came in from suppliers, and that went out to departments or patients, in one hour of the world's time."""

    hour: int
    came: Decimal
    went: Decimal


BY_HOUR = """
SELECT extract(hour FROM e.happened_at AT TIME ZONE %(zone)s)::int,
       coalesce(sum(m.quantity) FILTER (WHERE e.step = 'receive'), 0),
       coalesce(sum(m.quantity) FILTER (WHERE e.step IN ('issue', 'use')), 0)
  FROM ledger_event e
  JOIN ledger_movement m ON m.event_id = e.id
  JOIN places_place f ON f.id = m.from_place_id
  JOIN places_place t ON t.id = m.to_place_id
 WHERE e.id >= %(first)s AND e.happened_at >= %(since)s
   AND (f.path LIKE ANY (%(paths)s) OR t.path LIKE ANY (%(paths)s))
 GROUP BY 1 ORDER BY 1
"""


def by_hour(*, paths: Sequence[str], since: datetime, zone: str) -> list[Hour]:
    """What came and went since a moment, by hour of the day in a time zone; hours in which nothing moved are left out."""
    if not paths:
        return []
    # Nothing is recorded before it happened, but for the slack that devices' clocks are given.
    asked = {
        "paths": [f"{path}%" for path in paths],
        "since": since,
        "first": first_id_at(since - CLOCK_SLACK),
        "zone": zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_HOUR, asked)
        return [Hour(*row) for row in cursor.fetchall()]
