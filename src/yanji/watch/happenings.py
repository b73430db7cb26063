"""What just happened, one line an event: as a list when a page is opened, then entry by entry as the log grows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from yanji.ledger.api import Name


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as a ticker shows it: the step (or an act of its own, see web.looks.ACTS), how much, of what (its first item,
    and how many others), and where it went."""

    event_id: str
    step: str
    happened_at: datetime
    pieces: Decimal
    item: Name
    more: int
    place: Name


@dataclass(frozen=True, slots=True)
class Entered:
    """A happening at its position in the log, with what it touched: each place with each kind of thing that came or went there
    (path, family, id of the usual supplier), and the ids of the units; ``under_way``: something went into transit or came out."""

    position: int
    recorded_at: datetime
    touched: frozenset[tuple[str, str, int | None]]
    units: frozenset[int]
    under_way: bool
    happening: Happening


# A loan set that goes to its theatre moves as what is put away does; nobody calls it so.
_STEP = "CASE WHEN e.step = 'put_away' AND e.documents ? 'loan_set' THEN 'send_set' ELSE e.step END"
# The first line of an event names its item and its place; where a thing left the house (to a patient, a supplier), the
# place is the one that it left. A shelf is named with its store or department: a hospital has many an A1-01.
_HAPPENED = """
SELECT e.id::text, {step}, e.happened_at, m.pieces, ARRAY[i.name_zh, i.name_en], m.items - 1,
       ARRAY[concat(a.name_zh || ' · ', p.name_zh),
             CASE WHEN p.name_en = '' THEN '' ELSE concat(a.name_en || ' · ', p.name_en) END]{more}
  FROM ({events}) e
  JOIN LATERAL (SELECT sum(mo.quantity) AS pieces, (array_agg(mo.lot_id ORDER BY mo.line))[1] AS lot_id,
                       count(DISTINCT ml.item_id) AS items,
                       (array_agg(CASE WHEN t.parent_id IS NULL THEN f.id ELSE t.id END ORDER BY mo.line))[1] AS place_id,
                       {touched}
                  FROM ledger_movement mo
                  JOIN ledger_lot ml ON ml.id = mo.lot_id
                  JOIN catalog_item k ON k.id = ml.item_id
                  JOIN places_place f ON f.id = mo.from_place_id
                  JOIN places_place t ON t.id = mo.to_place_id
                 WHERE mo.event_id = e.id) m ON {told}
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN places_place p ON p.id = m.place_id
  LEFT JOIN LATERAL (SELECT o.name_zh, coalesce(nullif(o.name_en, ''), o.name_zh) AS name_en FROM places_place o
                      WHERE o.id = ANY (string_to_array(trim(both '/' from p.path), '/')::bigint[])
                        AND o.id <> p.id AND o.kind IN ('store', 'department')
                        AND p.kind IN ('dock', 'room', 'cabinet', 'bin')
                      ORDER BY length(o.path) DESC LIMIT 1) a ON true
 ORDER BY {order}
"""
# The newest events first; movements are looked at only until enough of them touch the places asked for.
_RECENT = _HAPPENED.format(
    step=_STEP,
    more="",
    events="SELECT id, step, happened_at, documents FROM ledger_event ORDER BY id DESC LIMIT 400",
    touched="bool_or((f.path LIKE ANY (%(paths)s) OR t.path LIKE ANY (%(paths)s)) AND (%(family)s = '' OR k.family = %(family)s)"
    " AND (%(supplier)s::bigint IS NULL OR k.supplier_id = %(supplier)s)) AS seen",
    told="m.seen",
    order="e.id DESC LIMIT %(limit)s",
)
_ENTERED = _HAPPENED.format(
    step=_STEP,
    more=", e.position, e.recorded_at, m.touched, m.units, m.under_way",
    events="SELECT l.position, v.* FROM ledger_log l JOIN ledger_event v ON v.id = l.event_id"
    " WHERE l.position > %s ORDER BY l.position LIMIT %s",
    touched="jsonb_agg(DISTINCT jsonb_build_array(f.path, k.family, k.supplier_id))"
    " || jsonb_agg(DISTINCT jsonb_build_array(t.path, k.family, k.supplier_id)) AS touched, array_agg(mo.unit_id) AS units,"
    " bool_or('transit' IN (f.kind, t.kind)) AS under_way",
    told="m.pieces IS NOT NULL",
    order="e.position",
)


def recent(
    *, paths: Sequence[str], limit: int = 10, family: str = "", supplier_id: int | None = None
) -> list[Happening]:
    """The events recorded last that touched places below any of the paths, with things of a family or of a usual supplier if
    one is named; what happened last comes first.

    An entry made late is among them, at the time when it happened.
    """
    if not paths:
        return []
    with connection.cursor() as cursor:
        asked = {"paths": [f"{path}%" for path in paths], "family": family, "supplier": supplier_id}
        cursor.execute(_RECENT, {**asked, "limit": limit})
        found = [_happening(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda happening: (happening.happened_at, happening.event_id), reverse=True)


def entered(after: int, limit: int = 500) -> list[Entered]:
    """The entries of the log after a position, oldest first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTERED, (after, limit))
        return [_entered(row) for row in cursor.fetchall()]


def _entered(row: Sequence[Any]) -> Entered:
    *told, position, recorded_at, touched, units, under_way = row
    of = frozenset((path, family, supplier) for path, family, supplier in json.loads(touched))
    return Entered(position, recorded_at, of, frozenset(units) - {None}, under_way, _happening(*told))


def _happening(
    event: str, step: str, at: datetime, pieces: Decimal, item: list[str], more: int, place: list[str]
) -> Happening:
    return Happening(event, step, at, pieces, (item[0], item[1]), more, (place[0], place[1]))
