"""How much moved today. An event's id begins with its time, so recent ones are one index range."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from yanji.ledger.api import CLOCK_SLACK


def first_id_at(moment: datetime) -> UUID:
    """The smallest event id of a moment: RFC 9562, section 5.7, 48 bits of milliseconds in front."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


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
