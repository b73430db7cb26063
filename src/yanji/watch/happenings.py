"""What just happened, one line an event: as a list when a page is opened, then entry by entry as the log grows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from yanji.flows.told_as import TOLD_AS
from yanji.ledger.api import Name

# A family, or "", and the id of a usual supplier, or None: what somebody looks at alone.
Kind = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as a ticker shows it: the step (or an act of its own, see :mod:`yanji.flows.told_as`), how much, of what (its
    first item, and how many others), and where it went."""

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
    (path, family, id of the usual supplier), and the ids of the units; ``under_way``: something went into transit or came out;
    ``parts``: where things of several kinds moved together, what there is to tell to who looks at some of them alone."""

    position: int
    recorded_at: datetime
    touched: frozenset[tuple[str, str, int | None]]
    units: frozenset[int]
    under_way: bool
    happening: Happening
    parts: Mapping[Kind, Happening]


# The first line of an event names its item and its place; where a thing left the house (to a patient, a supplier), the
# place is the one that it left. A shelf is named with its store or department: a hospital has many an A1-01.
_HAPPENED = """
SELECT e.id::text, {step}, e.happened_at, m.pieces, ARRAY[i.name_zh, i.name_en], m.items - 1,
       ARRAY[concat(a.name_zh || ' · ', p.name_zh),
             CASE WHEN p.name_en = '' THEN '' ELSE concat(a.name_en || ' · ', p.name_en) END]{more}
  FROM ({events}) e
  JOIN LATERAL (SELECT sum(mo.quantity) FILTER (WHERE {of}) AS pieces,
                       (array_agg(mo.lot_id ORDER BY mo.line) FILTER (WHERE {of}))[1] AS lot_id,
                       count(DISTINCT ml.item_id) FILTER (WHERE {of}) AS items,
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
                      ORDER BY length(o.path) DESC LIMIT 1) a ON true {parts}
 ORDER BY {order}
"""
_ASKED = "(%(family)s = '' OR k.family = %(family)s) AND (%(supplier)s::bigint IS NULL OR k.supplier_id = %(supplier)s)"
# The newest events first; movements are looked at only until enough of them touch the places asked for.
_RECENT = _HAPPENED.format(
    step=TOLD_AS,
    more="",
    events="SELECT id, step, happened_at, documents FROM ledger_event ORDER BY id DESC LIMIT 400",
    of=_ASKED,
    touched=f"bool_or((f.path LIKE ANY (%(paths)s) OR t.path LIKE ANY (%(paths)s)) AND {_ASKED}) AS seen",
    told="m.seen",
    parts="",
    order="e.id DESC LIMIT %(limit)s",
)
# By family, by usual supplier, and by both, only where an event has things of several.
_PARTS = """
  LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_array(coalesce(g.family, ''), g.supplier_id, g.pieces::text, g.items - 1,
                                                        pi.name_zh, pi.name_en)) AS parts
                       FROM (SELECT k.family, k.supplier_id, sum(mo.quantity) AS pieces, count(DISTINCT ml.item_id) AS items,
                                    (array_agg(ml.item_id ORDER BY mo.line))[1] AS item_id
                               FROM ledger_movement mo
                               JOIN ledger_lot ml ON ml.id = mo.lot_id
                               JOIN catalog_item k ON k.id = ml.item_id
                              WHERE mo.event_id = e.id
                              GROUP BY GROUPING SETS ((k.family), (k.supplier_id), (k.family, k.supplier_id))
                             HAVING (GROUPING(k.family) = 1 OR k.family <> '')
                                AND (GROUPING(k.supplier_id) = 1 OR k.supplier_id IS NOT NULL)) g
                       JOIN catalog_item pi ON pi.id = g.item_id) d ON m.kinds > 1"""
_ENTERED = _HAPPENED.format(
    step=TOLD_AS,
    more=", e.position, e.recorded_at, m.touched, m.units, m.under_way, d.parts",
    of="true",
    parts=_PARTS,
    events="SELECT l.position, v.* FROM ledger_log l JOIN ledger_event v ON v.id = l.event_id"
    " WHERE l.position > %s ORDER BY l.position LIMIT %s",
    touched="jsonb_agg(DISTINCT jsonb_build_array(f.path, k.family, k.supplier_id))"
    " || jsonb_agg(DISTINCT jsonb_build_array(t.path, k.family, k.supplier_id)) AS touched, array_agg(mo.unit_id) AS units,"
    " bool_or('transit' IN (f.kind, t.kind)) AS under_way, count(DISTINCT (k.family, k.supplier_id)) AS kinds",
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
    *told, position, recorded_at, touched, units, under_way, parts = row
    of = frozenset((path, family, supplier) for path, family, supplier in json.loads(touched))
    whole = _happening(*told)
    some = {
        (family, supplier): replace(whole, pieces=Decimal(pieces), item=(zh, en), more=more)
        for family, supplier, pieces, more, zh, en in json.loads(parts or "[]")
    }
    return Entered(position, recorded_at, of, frozenset(units) - {None}, under_way, whole, some)


def _happening(
    event: str, step: str, at: datetime, pieces: Decimal, item: list[str], more: int, place: list[str]
) -> Happening:
    return Happening(event, step, at, pieces, (item[0], item[1]), more, (place[0], place[1]))
