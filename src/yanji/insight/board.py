"""The whole house in three questions: what lies where, what passed between stations lately, what is under way now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from yanji.flows.told_as import TOLD_AS
from yanji.ledger.api import IN_STOCK, Name

from .activity import first_id_since
from .expiry import NEVER, edges
from .stations import INNERMOST


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of the house that is looked at: below these paths; items of one family, or that one supplier usually brings."""

    paths: tuple[str, ...]
    family: str = ""
    supplier_id: int | None = None

    def asked(self, **more: Any) -> dict[str, Any]:
        """As parameters of the statements below."""
        return {
            "paths": [f"{path}%" for path in self.paths], "family": self.family, "supplier": self.supplier_id, **more,
        }  # fmt: skip


# On an item ``i``. A parameter that is not asked for lets everything through.
OF_THE_CUT = "(%(family)s = '' OR i.family = %(family)s) AND (%(supplier)s::bigint IS NULL OR i.supplier_id = %(supplier)s)"


@dataclass(frozen=True, slots=True)
class Cell:
    """What lies at one station in one status and expires in one bin (see :mod:`.expiry`): pieces, and CNY."""

    campus_id: int | None
    station_id: int
    status: str
    bin: int
    quantity: Decimal
    value: Decimal


# Levels are added up place by place first: only then are stations looked for, of which there are few.
CELLS = f"""
WITH lies AS (
    SELECT le.place_id, le.status,
           CASE WHEN lo.expiry IS NULL THEN %(never)s ELSE width_bucket(lo.expiry, %(edges)s::date[]) END AS bin,
           sum(le.quantity) AS quantity, sum(le.value) AS value
      FROM ledger_level le
      JOIN ledger_lot lo ON lo.id = le.lot_id
      JOIN catalog_item i ON i.id = lo.item_id
      JOIN places_place p ON p.id = le.place_id
     WHERE le.quantity > 0 AND le.status = ANY (%(statuses)s) AND p.path LIKE ANY (%(paths)s) AND {OF_THE_CUT}
     GROUP BY 1, 2, 3)
SELECT ca.id, coalesce(s.id, p.id), l.status, l.bin, sum(l.quantity), sum(l.value)
  FROM lies l
  JOIN places_place p ON p.id = l.place_id {INNERMOST}
  LEFT JOIN places_place ca ON ca.kind = 'campus' AND starts_with(p.path, ca.path)
 GROUP BY 1, 2, 3, 4
"""


def cells(cut: Cut, *, today: date) -> list[Cell]:
    """Everything in stock, from which every number of the board is added up. One statement over levels."""
    return [
        Cell(*row) for row in rows_of(CELLS, cut, edges=edges(today), never=NEVER, statuses=list(IN_STOCK))
    ]


# What goes into transit for a document is drawn to where the document sends it, and not again when it arrives. What was
# taken back has not passed.
#
# Stations are looked for last, of the few pairs of places between which something passed: what was recorded today the
# planner takes for next to nothing, and would compare every station with every movement.
_STATION = f"""
station AS MATERIALIZED (
    SELECT x.place_id, w.id, w.path
      FROM (SELECT p.id AS place_id, coalesce(s.id, p.id) AS id FROM places_place p {INNERMOST}) x
      JOIN places_place w ON w.id = x.id)"""
_PASSING = f"""{_STATION},
entered AS MATERIALIZED (
    SELECT e.id, e.step, {TOLD_AS} AS told_as, e.happened_at, e.actor_id, coalesce(r.department_id, tr.destination_id) AS bound_id
      FROM ledger_event e
      LEFT JOIN flows_requisitionevent re ON re.event_id = e.id
      LEFT JOIN flows_requisition r ON r.id = re.requisition_id
      LEFT JOIN flows_transferevent te ON te.event_id = e.id
      LEFT JOIN flows_transfer tr ON tr.id = te.transfer_id
     WHERE e.id >= %(first)s AND e.happened_at >= %(since)s AND e.corrects_id IS NULL
       AND NOT EXISTS (SELECT FROM ledger_event k WHERE k.corrects_id = e.id)),
passing AS MATERIALIZED (
    SELECT e.id, e.step, e.told_as, e.happened_at, e.actor_id, m.line, m.unit_id, m.lot_id, m.quantity, lo.number, lo.item_id,
           m.from_place_id, CASE t.kind WHEN 'transit' THEN coalesce(e.bound_id, t.id) ELSE t.id END AS to_place_id
      FROM entered e
      JOIN ledger_movement m ON m.event_id = e.id
      JOIN ledger_lot lo ON lo.id = m.lot_id
      JOIN catalog_item i ON i.id = lo.item_id
      JOIN places_place f ON f.id = m.from_place_id
      JOIN places_place t ON t.id = m.to_place_id
     WHERE f.kind <> 'transit' AND {OF_THE_CUT})"""
# Of a pair of places: it passed from one station to another, and one of them is looked at.
_BETWEEN = "sf.id <> st.id AND (sf.path LIKE ANY (%(paths)s) OR st.path LIKE ANY (%(paths)s))"


@dataclass(frozen=True, slots=True)
class Flow:
    """Pieces that passed from one station to another in one hour of the day by one step."""

    from_id: int
    to_id: int
    step: str
    hour: int
    quantity: Decimal


FLOWS = f"""
WITH {_PASSING},
together AS MATERIALIZED (
    SELECT from_place_id, to_place_id, step, extract(hour FROM happened_at AT TIME ZONE %(zone)s)::int AS hour,
           sum(quantity) AS quantity
      FROM passing GROUP BY 1, 2, 3, 4)
SELECT sf.id, st.id, p.step, p.hour, sum(p.quantity)
  FROM together p
  JOIN station sf ON sf.place_id = p.from_place_id
  JOIN station st ON st.place_id = p.to_place_id
 WHERE {_BETWEEN}
 GROUP BY 1, 2, 3, 4
"""


def flows(cut: Cut, *, since: datetime, zone: str) -> list[Flow]:
    """What passed between stations since a moment, by hour of the day in a time zone. One statement.

    Its cost follows what was recorded since then, whatever lies in the house.
    """
    return [Flow(*row) for row in rows_of(FLOWS, cut, since=since, first=first_id_since(since), zone=zone)]


@dataclass(frozen=True, slots=True)
class Way:
    """Pieces that are under way from one station to another now, and the document that they are under way for: its kind
    (``issue`` or ``transfer``), id, number and when it set out."""

    from_id: int
    to_id: int
    quantity: Decimal
    kind: str
    document_id: int
    number: str
    since: datetime


# An issue's lines say what the department has taken in of them; of a transfer, entries say what went out and what came.
AWAY = """
away AS (
    SELECT 'issue' AS kind, o.id, o.number, o.issued_at AS since, o.store_id AS from_place_id, o.department_id AS to_place_id,
           li.lot_id, li.quantity - li.taken_in - li.gone AS pieces
      FROM flows_issue o JOIN flows_issueline li ON li.issue_id = o.id
     WHERE o.state IN ('underway', 'partly_taken_in')
    UNION ALL
    SELECT 'transfer', tr.id, tr.number, (SELECT min(sh.shipped_at) FROM flows_shipment sh WHERE sh.transfer_id = tr.id),
           tr.source_id, tr.destination_id, m.lot_id, CASE WHEN m.to_place_id = w.id THEN m.quantity ELSE -m.quantity END
      FROM flows_transfer tr
      JOIN flows_transferevent te ON te.transfer_id = tr.id
      JOIN ledger_movement m ON m.event_id = te.event_id AND m.from_place_id <> m.to_place_id
      JOIN places_place w ON w.kind = 'transit' AND w.id IN (m.from_place_id, m.to_place_id)
     WHERE tr.state IN ('underway', 'partly_arrived'))"""
WAYS = f"""
WITH {_STATION},{AWAY}
SELECT sf.id, st.id, sum(a.pieces), a.kind, a.id, a.number, min(a.since)
  FROM away a
  JOIN ledger_lot lo ON lo.id = a.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN station sf ON sf.place_id = a.from_place_id
  JOIN station st ON st.place_id = a.to_place_id
 WHERE (sf.path LIKE ANY (%(paths)s) OR st.path LIKE ANY (%(paths)s)) AND {OF_THE_CUT}
 GROUP BY 1, 2, 4, 5, 6 HAVING sum(a.pieces) > 0
 ORDER BY 7, 6
"""


def ways(cut: Cut) -> list[Way]:
    """What is under way between stations now, for issues and transfers, longest under way first. One statement, over what
    is open."""
    return [Way(*row) for row in rows_of(WAYS, cut)]


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing of a flow: a unit (``epc``), or pieces of a lot."""

    event_id: str
    told_as: str
    happened_at: datetime
    item: Name
    item_code: str
    lot_id: int
    lot: str
    epc: str | None
    serial: str | None
    quantity: Decimal
    from_name: Name
    to_name: Name
    actor: Name


MOVED = f"""
WITH {_PASSING},
pair AS MATERIALIZED (
    SELECT p.from_place_id, p.to_place_id, sf.id AS from_id, st.id AS to_id
      FROM (SELECT DISTINCT from_place_id, to_place_id FROM passing) p
      JOIN station sf ON sf.place_id = p.from_place_id
      JOIN station st ON st.place_id = p.to_place_id
     WHERE {_BETWEEN}
       AND (%(from)s::bigint[] IS NULL OR sf.id = ANY (%(from)s)) AND (%(to)s::bigint[] IS NULL OR st.id = ANY (%(to)s))
       AND (%(through)s::bigint[] IS NULL OR sf.id = ANY (%(through)s) OR st.id = ANY (%(through)s)))
SELECT p.id::text, p.told_as, p.happened_at, ARRAY[i.name_zh, i.name_en], i.code, p.lot_id, p.number, u.epc, u.serial, p.quantity,
       ARRAY[nf.name_zh, nf.name_en], ARRAY[nt.name_zh, nt.name_en], ARRAY[a.name_zh, a.name_en],
       count(*) OVER (), sum(p.quantity) OVER ()
  FROM passing p
  JOIN pair d ON d.from_place_id = p.from_place_id AND d.to_place_id = p.to_place_id
  JOIN catalog_item i ON i.id = p.item_id
  JOIN places_place nf ON nf.id = d.from_id
  JOIN places_place nt ON nt.id = d.to_id
  JOIN access_person a ON a.id = p.actor_id
  LEFT JOIN ledger_unit u ON u.id = p.unit_id
 WHERE (%(steps)s::text[] IS NULL OR p.step = ANY (%(steps)s))
 ORDER BY p.happened_at DESC, p.id DESC, p.line LIMIT %(limit)s OFFSET %(offset)s
"""


def moved(
    cut: Cut,
    *,
    since: datetime,
    from_ids: Sequence[int] = (),
    to_ids: Sequence[int] = (),
    through: Sequence[int] = (),
    steps: Sequence[str] = (),
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Moved], int, Decimal]:
    """The things behind :func:`flows`, what happened last first: (a slice of them, how many rows, how many pieces).

    Stations or steps that are not named are all asked for; ``through``: at either end. One statement.
    """
    rows = rows_of(
        MOVED, cut, since=since, first=first_id_since(since), limit=limit, offset=offset, through=list(through) or None,
        **{"from": list(from_ids) or None, "to": list(to_ids) or None, "steps": list(steps) or None},
    )  # fmt: skip
    found = [Moved(*[tuple(cell) if isinstance(cell, list) else cell for cell in row[:-2]]) for row in rows]
    return (found, rows[0][-2], rows[0][-1]) if rows else ([], 0, Decimal(0))


def rows_of(sql: str, cut: Cut, **asked: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement over the part of the house that is looked at; none where it is no part at all."""
    if not cut.paths:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, cut.asked(**asked))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
