"""What could be picked, in the order to take it, and since when the hospital has had a lot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ..wire import fetch
from .life import Name, pairs

Policy = Literal["fefo", "fifo"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unit that could be picked, or why it was skipped (``reason``: a refusal code).

    ``kept``: reserved for the document that it would be picked for.
    ``passed``: how many are skipped before it, listed or not; of a skipped one, how many of its item are skipped at all.
    """

    epc: str
    serial: str
    lot_id: int
    lot: str
    expiry: date | None
    received_at: datetime | None
    place_id: int
    place_name: Name
    ok: bool
    reason: str = ""
    passed: int = 0
    kept: bool = False


# What is kept for the document goes first: that is what it was kept for.
KEPT = "(u.status = 'reserved' AND u.reserved_for = ANY (%(for)s)) DESC"
ORDERS: dict[Policy, str] = {
    "fefo": f"{KEPT}, lo.expiry NULLS LAST, u.received_at, u.id",
    "fifo": f"{KEPT}, u.received_at, lo.expiry NULLS LAST, u.id",
}
# Takeable and skipped units are numbered apart: however many expired ones sort first, those that can be taken are found.
CANDIDATES = """
WITH judged AS (
    SELECT u.item_id, u.epc, u.serial, lo.id AS lot_id, lo.number AS lot, lo.expiry, u.received_at, u.place_id,
           ARRAY[p.name_zh, p.name_en] AS place_name,
           CASE WHEN u.status = 'quarantined' THEN 'on_hold'
                WHEN u.status = 'recalled' THEN 'recalled'
                WHEN lo.recall <> '' THEN 'lot_recalled'
                WHEN u.status = 'expired' OR lo.expiry < %(today)s THEN 'expired'
                WHEN u.status = 'reserved' AND u.reserved_for <> ALL (%(for)s) AND u.reserved_until > %(now)s THEN 'reserved'
                WHEN u.status NOT IN ('available', 'reserved') THEN 'wrong_status'
                WHEN EXISTS (SELECT FROM unnest(%(barred_items)s::bigint[], %(barred_owners)s::bigint[]) AS b (item, owner)
                              WHERE b.item = u.item_id AND b.owner = u.owner_id) THEN 'consigned_not_there'
                ELSE '' END AS reason,
           u.status = 'reserved' AND u.reserved_for = ANY (%(for)s) AS kept,
           row_number() OVER (PARTITION BY u.item_id ORDER BY {order}) AS turn
      FROM ledger_unit u
      JOIN ledger_lot lo ON lo.id = u.lot_id
      JOIN places_place p ON p.id = u.place_id
     WHERE u.lot_id IN (SELECT le.lot_id FROM ledger_level le
                          JOIN ledger_lot l2 ON l2.id = le.lot_id
                          JOIN places_place p2 ON p2.id = le.place_id
                         WHERE l2.item_id = ANY (%(items)s) AND le.quantity > 0 AND p2.path LIKE %(path)s)
       AND u.item_id = ANY (%(items)s) AND p.path LIKE %(path)s
       AND NOT EXISTS (SELECT FROM unnest(%(fixed_items)s::bigint[], %(fixed_lots)s::text[]) AS f (item, lot)
                        WHERE f.item = u.item_id AND f.lot <> lo.number)),
ranked AS (
    SELECT j.*, row_number() OVER (PARTITION BY item_id, reason = '' ORDER BY turn) AS own,
           CASE WHEN reason = '' THEN count(*) FILTER (WHERE reason <> '') OVER (PARTITION BY item_id ORDER BY turn)
                ELSE count(*) FILTER (WHERE reason <> '') OVER (PARTITION BY item_id) END AS passed
      FROM judged j)
SELECT item_id, epc, serial, lot_id, lot, expiry, received_at, place_id, place_name, reason, passed, kept
  FROM ranked JOIN unnest(%(items)s::bigint[], %(limits)s::bigint[]) AS w (item, most) ON w.item = item_id
 WHERE own <= most ORDER BY item_id, turn
"""


def candidates_of(
    items: Collection[int],
    *,
    within_path: str,
    today: date,
    now: datetime,
    policy: Policy = "fefo",
    reserved_for: Collection[str] = (),
    fixed: Mapping[int, str] | None = None,
    barred: Collection[tuple[int, int]] = (),
    limit: int | Mapping[int, int] = 200,
) -> dict[int, list[Candidate]]:
    """For each item its first ``limit`` units below a place in the order to take them, and as many that are skipped, with
    the reason; ``limit``: one for all, or of each item its own. One statement whatever the number of items.

    ``fixed``: item -> number of the lot of which alone units are wanted. ``barred``: (item, owner) of the suppliers' goods that
    may not go where these would.
    ``reserved_for``: the numbers that the document goes by, its own and its case's; what is reserved for them comes first.
    FEFO: first expiry first, then first received. FIFO: first received first. Levels say in which lots to look.
    """
    rows = fetch(
        CANDIDATES.format(order=ORDERS[policy]),
        {
            "today": today,
            "now": now,
            "for": list(reserved_for),
            "items": sorted(items),
            "path": f"{within_path}%",
            "fixed_items": list(fixed or {}),
            "fixed_lots": list((fixed or {}).values()),
            "barred_items": [item for item, _owner in barred],
            "barred_owners": [owner for _item, owner in barred],
            "limits": [limit if isinstance(limit, int) else limit[item] for item in sorted(items)],
        },
    )
    found: dict[int, list[Candidate]] = {}
    for item, *row in rows:
        found.setdefault(item, []).append(Candidate(*[*pairs(tuple(row[:8])), row[8] == "", *row[8:]]))
    return found


def candidates(
    item_id: int,
    *,
    within_path: str,
    today: date,
    now: datetime,
    policy: Policy = "fefo",
    reserved_for: Collection[str] = (),
    limit: int = 200,
) -> list[Candidate]:
    """The same for one item."""
    found = candidates_of(
        [item_id],
        within_path=within_path,
        today=today,
        now=now,
        policy=policy,
        reserved_for=reserved_for,
        limit=limit,
    )
    return found.get(item_id, [])


# What came in and was taken back has not come. A lot's arrivals have an index of their own: its other movements, which
# may be many, are not looked at.
FIRST_RECEIVED = """
SELECT m.lot_id, min(e.happened_at)
  FROM ledger_movement m
  JOIN ledger_event e ON e.id = m.event_id
 WHERE m.lot_id = ANY (%s) AND m.unit_id IS NULL AND m.from_status IS NULL
   AND NOT EXISTS (SELECT FROM ledger_event k WHERE k.corrects_id = e.id)
 GROUP BY m.lot_id
"""


def first_received(lots: Sequence[int]) -> dict[int, datetime]:
    """When the hospital first received each counted lot, at any of its places; a lot that never came is left out.

    One statement, none without lots.
    """
    return dict(fetch(FIRST_RECEIVED, (list(lots),))) if lots else {}
