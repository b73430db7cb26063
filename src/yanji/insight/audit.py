"""Who did what lately: the entries of the log with their persons, where somebody may look, and what was taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from yanji.flows.told_as import TOLD_AS
from yanji.ledger.api import Name

from .activity import first_id_at

# Entries: a page must not read a year to find a quiet person. More are looked through where a small campus stood still all the
# while that the house was busy.
LOOKED_THROUGH = (1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: who, on which device, both times, what of (its first item, and how many others). ``takes_back``: it corrects
    another."""

    event_id: str
    step: str
    told_as: str
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


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries found, latest first. ``among``: so many of the latest were looked through before there were enough, and older
    ones were not; 0 where nothing was left out."""

    found: Sequence[Entry]
    among: int = 0


_ENTRIES = """
WITH latest AS MATERIALIZED (
    SELECT * FROM ledger_event WHERE id >= %(since)s AND (%(people)s::bigint[] IS NULL OR actor_id = ANY (%(people)s))
       AND (NOT %(taken_back)s OR corrects_id IS NOT NULL) ORDER BY id DESC LIMIT %(most)s),
found AS (
    SELECT e.id, e.step, {told_as} AS told_as, e.happened_at, e.recorded_at, e.corrects_id IS NOT NULL AS takes_back, e.reason,
           e.device,
           a.id AS person_id, ARRAY[a.name_zh, a.name_en] AS person, m.pieces, ARRAY[i.name_zh, i.name_en] AS item,
           m.items - 1 AS more
      FROM latest e
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
     ORDER BY e.id DESC LIMIT %(limit)s)
SELECT (SELECT count(*) FROM latest), f.id::text, f.step, f.told_as, f.happened_at, f.recorded_at, f.takes_back, f.reason,
       f.device, f.person_id, f.person, f.pieces, f.item, f.more
  FROM (VALUES (0)) one LEFT JOIN found f ON true ORDER BY f.id DESC
""".replace("{told_as}", TOLD_AS)


def entries(
    paths: Sequence[str],
    *,
    since: datetime,
    people: Collection[int] | None = None,
    taken_back: bool = False,
    limit: int,
) -> Entries:
    """The latest entries since then that touched these places, of some people or of all; ``taken_back``: only those that take
    another back. One statement, and another for each step of ``LOOKED_THROUGH`` that had too few."""
    asked = {
        "since": first_id_at(since), "people": None if people is None else sorted(people), "taken_back": taken_back,
        "paths": [f"{path}%" for path in paths], "limit": limit,
    }  # fmt: skip
    for most in LOOKED_THROUGH:
        with connection.cursor() as cursor:
            cursor.execute(_ENTRIES, {**asked, "most": most})
            rows = cursor.fetchall()
        looked_through = rows[0][0]
        found = [
            Entry(*[*front, (who[0], who[1]), pieces, (what[0], what[1]), more])
            for _looked, *front, who, pieces, what, more in rows
            if front[0]
        ]
        if len(found) == limit or looked_through < most:
            return Entries(found)
    return Entries(found, looked_through)
