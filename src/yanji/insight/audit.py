"""Who did what lately: the entries of the log with their persons, where somebody may look, and what was taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from yanji.ledger.api import Name

from .activity import first_id_at

LOOKED_THROUGH = 1_000  # entries: a page must not read a year to find a quiet person


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: who, on which device, both times, what of (its first item, and how many others). ``takes_back``: it corrects
    another."""

    event_id: str
    step: str
    happened_at: datetime
    recorded_at: datetime
    takes_back: bool
    reason: str
    device: str
    person_id: int
    person: Name
    pieces: Decimal
    item: Name
    more: int


_ENTRIES = """
SELECT e.id::text, e.step, e.happened_at, e.recorded_at, e.corrects_id IS NOT NULL, e.reason, e.device, a.id,
       ARRAY[a.name_zh, a.name_en], m.pieces, ARRAY[i.name_zh, i.name_en], m.items - 1
  FROM (SELECT * FROM ledger_event WHERE id >= %(since)s AND (%(people)s::bigint[] IS NULL OR actor_id = ANY (%(people)s))
           AND (NOT %(taken_back)s OR corrects_id IS NOT NULL) ORDER BY id DESC LIMIT %(most)s) e
  JOIN access_person a ON a.id = e.actor_id
  JOIN LATERAL (SELECT sum(mo.quantity) AS pieces, count(DISTINCT ml.item_id) AS items,
                       (array_agg(ml.item_id ORDER BY mo.line))[1] AS item_id,
                       bool_or(f.path LIKE ANY (%(paths)s) OR t.path LIKE ANY (%(paths)s)) AS seen
                  FROM ledger_movement mo
                  JOIN ledger_lot ml ON ml.id = mo.lot_id
                  JOIN places_place f ON f.id = mo.from_place_id
                  JOIN places_place t ON t.id = mo.to_place_id
                 WHERE mo.event_id = e.id) m ON m.seen
  JOIN catalog_item i ON i.id = m.item_id
 ORDER BY e.id DESC LIMIT %(limit)s
"""


def entries(
    paths: Sequence[str],
    *,
    since: datetime,
    people: Collection[int] | None = None,
    taken_back: bool = False,
    limit: int,
) -> list[Entry]:
    """The latest entries since then that touched these places, of some people or of all; ``taken_back``: only those that take
    another back. One statement; of the latest ``LOOKED_THROUGH`` entries alone."""
    asked = {
        "since": first_id_at(since), "people": None if people is None else sorted(people), "taken_back": taken_back,
        "most": LOOKED_THROUGH, "paths": [f"{path}%" for path in paths], "limit": limit,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, asked)
        return [
            Entry(*[*front, (who[0], who[1]), pieces, (what[0], what[1]), more])
            for *front, who, pieces, what, more in cursor.fetchall()
        ]
