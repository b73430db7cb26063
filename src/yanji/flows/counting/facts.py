"""What a count is judged by, read from the scans and the ledger's own history: a few statements, whatever was counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from .judge import ON_PAPER, LotSeen, Sighting, lot_difference, never_counted
from .models import Count
from .scope import SCOPE, asked

PAPER = sorted(ON_PAPER)
# Of several sightings of one thing the latest holds. `seen` is used by every statement here.
SEEN = """
    SELECT DISTINCT ON (s.unit_id) s.unit_id, s.place_id, s.seen_at, s.round
      FROM flows_countscan s
     WHERE s.count_id = %(count)s AND s.kind = 'unit'
       AND NOT EXISTS (SELECT 1 FROM flows_countscan r WHERE r.replaces_id = s.id)
     ORDER BY s.unit_id, s.seen_at DESC, s.id DESC
"""
# An entry that was taken back never was.
STANDS = """
    e.corrects_id IS NULL AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
"""
MISSING = f"""
WITH scope AS (SELECT DISTINCT le.lot_id {SCOPE}), seen AS ({SEEN})
SELECT u.id, u.epc, u.item_id, u.lot_id, u.owner_id, u.place_id, u.status, u.cost, u.seq
  FROM ledger_unit u
  JOIN places_place p ON p.id = u.place_id
  JOIN ledger_lot lo ON lo.id = u.lot_id
 WHERE u.lot_id IN (SELECT lot_id FROM scope)
   AND p.path LIKE %(path)s AND u.status = ANY (%(countable)s)
   AND (%(expiring)s::date IS NULL OR lo.expiry <= %(expiring)s)
   AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.unit_id = u.id)
   -- Whoever moved it since the count began had it in hand.
   AND NOT EXISTS (SELECT 1 FROM ledger_movement m JOIN ledger_event e ON e.id = m.event_id
                    WHERE m.unit_id = u.id AND e.recorded_at >= %(started)s AND NOT e.step = ANY (%(paper)s))
 ORDER BY u.id
"""
SIGHTED = f"""
WITH seen AS ({SEEN})
SELECT u.id, u.epc, u.item_id, u.lot_id, u.owner_id, u.cost, u.seq, seen.place_id, seen.seen_at, seen.round, sp.path,
       book.place_id, book.path, book.kind, book.status,
       EXISTS (SELECT 1 FROM ledger_movement m
                 JOIN ledger_event e ON e.id = m.event_id
                 JOIN places_place p ON p.id = m.to_place_id
                WHERE m.unit_id = u.id AND e.happened_at > seen.seen_at AND {STANDS} AND starts_with(p.path, sp.path))
  FROM seen
  JOIN ledger_unit u ON u.id = seen.unit_id
  JOIN places_place sp ON sp.id = seen.place_id
  LEFT JOIN LATERAL (
       SELECT p.id AS place_id, p.path, p.kind, m.to_status AS status
         FROM ledger_movement m
         JOIN ledger_event e ON e.id = m.event_id
         JOIN places_place p ON p.id = m.to_place_id
        WHERE m.unit_id = u.id AND e.happened_at <= seen.seen_at AND {STANDS}
        ORDER BY m.seq DESC LIMIT 1) book ON true
 ORDER BY u.id
"""


@dataclass(frozen=True, slots=True)
class Absent:
    """A unit that nobody saw and nothing explains."""

    unit_id: int
    epc: str
    item_id: int
    lot_id: int
    owner_id: int | None
    place_id: int
    status: str
    cost: Decimal
    seq: int


@dataclass(frozen=True, slots=True)
class Present:
    """A unit that was seen, with what the ledger said of it then."""

    unit_id: int
    epc: str
    item_id: int
    lot_id: int
    owner_id: int | None
    cost: Decimal
    seq: int
    seen_place_id: int
    seen_at: datetime
    round: int
    seen_path: str
    book_place_id: int | None
    book_path: str | None
    book_kind: str | None
    book_status: str | None
    agreed_since: bool

    def sighting(self) -> Sighting:
        return Sighting(
            self.seen_path,
            self.book_path or "",
            self.book_kind or "",
            self.book_status or "",
            self.agreed_since,
        )


def absent(count: Count) -> list[Absent]:
    """Units in scope that were not seen, came before the count began and were not in anybody's hands since."""
    return [Absent(*row) for row in _rows(MISSING, {**asked(count), "paper": PAPER})]


def present(count: Count) -> list[Present]:
    """Every unit that was seen, at its latest sighting."""
    return [Present(*row) for row in _rows(SIGHTED, asked(count))]


# Pieces of a lot are counted place by place; each place stands for all that lies below it.
LOT_SCANS = """
SELECT s.lot_id, s.round, s.place_id, p.path, s.quantity, s.seen_at
  FROM flows_countscan s JOIN places_place p ON p.id = s.place_id
 WHERE s.count_id = %(count)s AND s.kind = 'lot'
   AND NOT EXISTS (SELECT 1 FROM flows_countscan r WHERE r.replaces_id = s.id)
 ORDER BY s.lot_id, length(p.path), s.seen_at
"""
# What crossed the border of a place; a change of status or shelf inside it is no crossing. What came out of patients is not
# counted with the lot (see SCOPE), so it is inside nothing.
LOTS_THERE = f"""
SELECT g.n, coalesce(sum(CASE WHEN inside.t THEN m.quantity ELSE -m.quantity END)
                     FILTER (WHERE e.happened_at <= g.first), 0),
       coalesce(sum(m.quantity) FILTER (WHERE inside.t AND e.happened_at > g.first AND e.happened_at <= g.last), 0),
       coalesce(sum(m.quantity) FILTER (WHERE inside.f AND e.happened_at > g.first AND e.happened_at <= g.last), 0)
  FROM unnest(%(numbers)s::int[], %(lots)s::bigint[], %(paths)s::text[], %(firsts)s::timestamptz[],
              %(lasts)s::timestamptz[]) AS g (n, lot_id, path, first, last)
  JOIN ledger_movement m ON m.lot_id = g.lot_id AND m.unit_id IS NULL
  JOIN ledger_event e ON e.id = m.event_id
  JOIN places_place fp ON fp.id = m.from_place_id
  JOIN places_place tp ON tp.id = m.to_place_id
 CROSS JOIN LATERAL (
       SELECT m.to_status <> 'explanted' AND starts_with(tp.path, g.path) AS t,
              m.from_status IS NOT NULL AND m.from_status <> 'explanted' AND starts_with(fp.path, g.path) AS f) inside
 WHERE inside.t <> inside.f AND {STANDS}
 GROUP BY g.n
"""
LOTS_IN_SCOPE = f"""
WITH scope AS (SELECT le.lot_id, lo.item_id, p.id AS place_id, p.path, sum(le.quantity) AS quantity,
                      sum(le.value) AS value,
                      CASE WHEN bool_and(le.owner_id IS NOT NULL) THEN max(le.owner_id) END AS owner_id
                 {SCOPE} AND EXISTS (SELECT 1 FROM catalog_item i WHERE i.id = lo.item_id AND i.tracking = 'lot')
                GROUP BY 1, 2, 3, 4)
SELECT s.lot_id, s.item_id, s.place_id, s.path, s.quantity, s.value, s.owner_id,
       coalesce((SELECT sum(m.quantity) FROM ledger_movement m JOIN ledger_event e ON e.id = m.event_id
                  WHERE m.lot_id = s.lot_id AND m.unit_id IS NULL AND m.to_place_id = s.place_id AND m.to_status <> 'explanted'
                    AND (m.from_place_id <> s.place_id OR m.from_status IS NULL) AND e.recorded_at >= %(started)s
                    AND {STANDS}), 0)
  FROM scope s ORDER BY s.lot_id, s.place_id
"""


@dataclass(frozen=True, slots=True)
class LotCounted:
    """One lot at one place: counted pieces (None: nobody counted it) beside the ledger's, and the difference."""

    lot_id: int
    item_id: int
    place_id: int
    round: int
    counted: int | None
    booked: int
    difference: int
    unit_value: Decimal
    owner_id: int | None = None  # only where every piece of the lot there belongs to a supplier
    seen_at: datetime | None = None


@dataclass(slots=True)
class _Group:
    """Scans of one lot at the widest place at which it was counted."""

    lot_id: int
    place_id: int
    path: str
    round: int
    quantity: int
    first: datetime
    last: datetime


def lots(count: Count) -> list[LotCounted]:
    """Every lot counted by quantity, and every one in scope that nobody counted. Four statements at most."""
    groups = _groups(_rows(LOT_SCANS, asked(count)))
    there = _rows(LOTS_IN_SCOPE, asked(count))
    facts = _there(groups)
    items = _items([group.lot_id for group in groups])
    worth = {row[0]: (row[5] / row[4], row[6]) for row in there}
    counted = [
        _counted(group, facts.get(number, (Decimal(0),) * 3), items[group.lot_id], worth)
        for number, group in enumerate(groups)
    ]
    return counted + [_uncounted(row) for row in there if not _covered(row, groups)]


def _groups(rows: Iterable[Sequence[Any]]) -> list[_Group]:
    """Scans by lot and widest counted place; a later round replaces what an earlier one counted there."""
    groups: list[_Group] = []
    for lot_id, turn, place_id, path, quantity, seen_at in rows:
        group = next((g for g in groups if g.lot_id == lot_id and path.startswith(g.path)), None)
        if group is None or turn > group.round:
            fresh = _Group(lot_id, place_id, path, turn, quantity, seen_at, seen_at)
            groups = [g for g in groups if g is not group] + [fresh]
        elif turn == group.round:
            group.quantity += quantity
            group.first, group.last = min(group.first, seen_at), max(group.last, seen_at)
    return groups


def _there(groups: Sequence[_Group]) -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    if not groups:
        return {}
    given = {
        "numbers": list(range(len(groups))),
        "lots": [group.lot_id for group in groups],
        "paths": [group.path for group in groups],
        "firsts": [group.first for group in groups],
        "lasts": [group.last for group in groups],
    }
    return {number: (booked, came, went) for number, booked, came, went in _rows(LOTS_THERE, given)}


def _items(lot_ids: Iterable[int]) -> dict[int, int]:
    return dict(
        _rows("SELECT id, item_id FROM ledger_lot WHERE id = ANY (%(lots)s)", {"lots": list(lot_ids)})
    )


def _counted(
    group: _Group,
    facts: tuple[Decimal, Decimal, Decimal],
    item_id: int,
    worth: Mapping[int, tuple[Decimal, int | None]],
) -> LotCounted:
    booked, came, went = facts
    seen = LotSeen(group.quantity, booked, came, went)
    unit_value, owner_id = worth.get(group.lot_id, (Decimal(0), None))
    return LotCounted(
        group.lot_id, item_id, group.place_id, group.round, group.quantity, int(booked + came - went),
        lot_difference(seen), unit_value, owner_id, group.last,
    )  # fmt: skip


def _uncounted(row: Sequence[Any]) -> LotCounted:
    lot_id, item_id, place_id, _path, quantity, value, owner_id, came = row
    short = never_counted(quantity, came)
    return LotCounted(lot_id, item_id, place_id, 1, None, int(quantity), -short, value / quantity, owner_id)


def _covered(row: Sequence[Any], groups: Sequence[_Group]) -> bool:
    return any(group.lot_id == row[0] and row[3].startswith(group.path) for group in groups)


def _rows(sql: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
