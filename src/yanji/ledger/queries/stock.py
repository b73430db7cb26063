"""What lies where: read from levels joined to lots, never counted from units."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from ..lifecycle import Status
from ..wire import fetch
from .life import Name, pairs

By = Literal["item", "lot", "place", "status", "owner", "campus"]
# In the building and not yet used up: what "stock" means unless somebody asks for other statuses.
IN_STOCK: tuple[str, ...] = tuple(
    status.value
    for status in Status
    if status not in (Status.EXPECTED, Status.USED, Status.SCRAPPED, Status.LOST, Status.EXPLANTED)
)


@dataclass(frozen=True, slots=True)
class Stock:
    """One line of stock. Fields that were not asked for in ``by`` are None; ``quantity`` in units of measure."""

    quantity: Decimal
    value: Decimal
    first_expiry: date | None
    item_id: int | None = None
    item_code: str | None = None
    item_name: Name | None = None
    item_model: str | None = None
    lot_id: int | None = None
    lot: str | None = None
    expiry: date | None = None
    place_id: int | None = None
    place_name: Name | None = None
    place_path: str | None = None
    status: str | None = None
    owner_id: int | None = None
    owner_name: Name | None = None
    campus_id: int | None = None
    campus_name: Name | None = None


COLUMNS: dict[By, tuple[tuple[str, str], ...]] = {
    "item": (
        ("item_id", "i.id"),
        ("item_code", "i.code"),
        ("item_name", "ARRAY[i.name_zh, i.name_en]"),
        ("item_model", "i.model"),
    ),
    "lot": (("lot_id", "lo.id"), ("lot", "lo.number"), ("expiry", "lo.expiry")),
    "place": (("place_id", "p.id"), ("place_name", "ARRAY[p.name_zh, p.name_en]"), ("place_path", "p.path")),
    "status": (("status", "le.status"),),
    "owner": (
        ("owner_id", "le.owner_id"),
        ("owner_name", "CASE WHEN s.id IS NOT NULL THEN ARRAY[s.name_zh, s.name_en] END"),
    ),
    "campus": (("campus_id", "ca.id"), ("campus_name", "ARRAY[ca.name_zh, ca.name_en]")),
}


def on_hand(
    *,
    paths: Sequence[str],
    by: Sequence[By] = ("item", "lot", "place", "status"),
    item_id: int | None = None,
    lot_id: int | None = None,
    statuses: Sequence[str] = IN_STOCK,
    owner_id: int | None = None,
    family: str = "",
    supplier_id: int | None = None,
    expiring_from: date | None = None,
    expiring_by: date | None = None,
    undated: bool = False,
    good_on: date | None = None,
    place_id: int | None = None,
    limit: int | None = None,
) -> list[Stock]:
    """Stock below any of the place paths, grouped by what is asked; first expiry first. One statement.

    ``owner_id`` 0 asks for the hospital's own; ``supplier_id`` for items that a supplier usually brings, whoever owns them now.
    ``expiring_from`` and ``expiring_by`` keep what expires from a day on, and up to a day; both count. ``undated`` keeps what
    never expires; ``place_id`` what lies at one place itself, and not further down. ``good_on`` keeps what may be handed out on
    that day: in date, and of no recalled lot, although nobody has marked the pieces themselves yet.
    """
    if not paths:
        return []
    asked = [column for name in by for column in COLUMNS[name]]
    wheres, params = wanted(
        paths=paths, item_id=item_id, lot_id=lot_id, statuses=statuses, owner_id=owner_id, family=family,
        supplier_id=supplier_id, expiring_from=expiring_from, expiring_by=expiring_by, undated=undated, good_on=good_on,
        place_id=place_id,
    )  # fmt: skip
    rows = fetch(_on_hand_sql(asked, wheres, by, limited=limit is not None), {**params, "limit": limit})
    names = [name for name, _ in asked]
    return [_stock(row, names) for row in rows if row[0] is not None]


def wanted(
    *,
    paths: Sequence[str],
    item_id: int | None = None,
    item_ids: Collection[int] | None = None,
    lot_id: int | None = None,
    statuses: Sequence[str] = IN_STOCK,
    owner_id: int | None = None,
    family: str = "",
    supplier_id: int | None = None,
    expiring_from: date | None = None,
    expiring_by: date | None = None,
    undated: bool = False,
    good_on: date | None = None,
    place_id: int | None = None,
) -> tuple[list[str], dict[str, Any]]:
    """Which levels are asked for, as :func:`on_hand` says: conditions on a level ``le``, its lot ``lo``, item ``i`` and
    place ``p``, and their parameters. ``item_ids``: of these items alone."""
    filters: dict[str, tuple[str, Any]] = {
        "statuses": ("le.status = ANY (%(statuses)s)", list(statuses)),
        "paths": ("p.path LIKE ANY (%(paths)s)", [f"{path}%" for path in paths]),
        "item": ("lo.item_id = %(item)s", item_id),
        "items": ("lo.item_id = ANY (%(items)s)", None if item_ids is None else list(item_ids)),
        "lot": ("le.lot_id = %(lot)s", lot_id),
        "owner": ("le.owner_id IS NOT DISTINCT FROM nullif(%(owner)s, 0)", owner_id),
        "family": ("i.family = %(family)s", family or None),
        "supplier": ("i.supplier_id = %(supplier)s", supplier_id),
        "expiring_from": ("lo.expiry >= %(expiring_from)s", expiring_from),
        "expiring": ("lo.expiry <= %(expiring)s", expiring_by),
        "undated": ("lo.expiry IS NULL", undated or None),
        "place": ("le.place_id = %(place)s", place_id),
        "good_on": ("lo.recall = '' AND (lo.expiry IS NULL OR lo.expiry >= %(good_on)s)", good_on),
    }
    conditions = [condition for condition, value in filters.values() if value is not None]
    return ["le.quantity > 0", *conditions], {name: value for name, (_, value) in filters.items()}


def _on_hand_sql(
    asked: Sequence[tuple[str, str]], conditions: Iterable[str], by: Sequence[By], *, limited: bool
) -> str:
    """The one statement: only the columns, joins and conditions that are needed."""
    selected = "".join(f", {expression}" for _, expression in asked)
    group = ", ".join(str(number) for number in range(4, 4 + len(asked)))
    return f"""
        SELECT sum(le.quantity), sum(le.value), min(lo.expiry){selected}
          FROM ledger_level le
          JOIN ledger_lot lo ON lo.id = le.lot_id
          JOIN catalog_item i ON i.id = lo.item_id
          JOIN places_place p ON p.id = le.place_id
          {"LEFT JOIN catalog_supplier s ON s.id = le.owner_id" if "owner" in by else ""}
          {CAMPUS if "campus" in by else ""}
         WHERE {" AND ".join(conditions)}
         {f"GROUP BY {group}" if asked else ""}
         ORDER BY min(lo.expiry) NULLS LAST{f", {group}" if asked else ""}
         {"LIMIT %(limit)s" if limited else ""}"""


CAMPUS = "JOIN places_place ca ON ca.kind = 'campus' AND starts_with(p.path, ca.path)"


def _stock(row: tuple[Any, ...], names: list[str]) -> Stock:
    quantity, value, first_expiry, *rest = pairs(row)
    return Stock(quantity, value, first_expiry, **dict(zip(names, rest, strict=True)))


def expiring(
    days: int, *, today: date, paths: Sequence[str], by: Sequence[By] = ("item", "lot", "place")
) -> list[Stock]:
    """What can still be used and expires within so many days, today counted, below any of the paths."""
    return on_hand(paths=paths, by=by, expiring_from=today, expiring_by=today + timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Kin:
    """Pieces of one item and one expiry that can be used and lie at a place."""

    place_id: int
    item_id: int
    expiry: date | None
    pieces: int


KIN = """
SELECT le.place_id, lo.item_id, lo.expiry, sum(le.quantity)::int
  FROM ledger_level le
  JOIN ledger_lot lo ON lo.id = le.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN places_place p ON p.id = le.place_id
 WHERE le.quantity > 0 AND le.status = 'available' AND lo.recall = '' AND p.path LIKE ANY (%(paths)s)
   AND (i.id = ANY (%(items)s)
        OR i.family <> '' AND i.family IN (SELECT a.family FROM catalog_item a WHERE a.id = ANY (%(items)s)))
 GROUP BY 1, 2, 3
"""


def kin(*, paths: Sequence[str], item_ids: Sequence[int]) -> list[Kin]:
    """Where below any of the paths these items lie, and others of their families. One statement."""
    return [
        Kin(*row) for row in fetch(KIN, {"paths": [f"{path}%" for path in paths], "items": list(item_ids)})
    ]


STOCK_AT = """
WITH ends AS (
    SELECT m.to_place_id AS place_id, m.lot_id, m.to_status AS status, m.quantity, m.value, m.event_id
      FROM ledger_movement m
    UNION ALL
    SELECT m.from_place_id, coalesce(m.from_lot_id, m.lot_id), m.from_status, -m.quantity, -m.value, m.event_id
      FROM ledger_movement m WHERE m.from_status IS NOT NULL)
SELECT sum(x.quantity), sum(x.value), min(lo.expiry), i.id, i.code, ARRAY[i.name_zh, i.name_en], i.model, lo.id, lo.number,
       lo.expiry, p.id, ARRAY[p.name_zh, p.name_en], p.path, x.status
  FROM ends x
  JOIN ledger_event e ON e.id = x.event_id
  JOIN ledger_lot lo ON lo.id = x.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  JOIN places_place p ON p.id = x.place_id
 WHERE p.path LIKE ANY (%(paths)s) AND x.status = ANY (%(statuses)s)
   AND e.happened_at <= %(as_of)s AND e.recorded_at <= coalesce(%(known)s::timestamptz, 'infinity')
   AND e.corrects_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id
                      AND k.recorded_at <= coalesce(%(known)s::timestamptz, 'infinity'))
 GROUP BY 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 HAVING sum(x.quantity) <> 0
 ORDER BY lo.expiry NULLS LAST, i.id, lo.id, p.id
"""


def stock_at(
    *,
    paths: Sequence[str],
    as_of: datetime,
    as_known: datetime | None = None,
    statuses: Sequence[str] = IN_STOCK,
) -> list[Stock]:
    """Stock as it was at a moment in the world, as the log knew it then or knows it now.

    Adds up movements, so it costs in proportion to the history: a question for auditors, not for boards.
    """
    asked = {
        "paths": [f"{path}%" for path in paths],
        "statuses": list(statuses),
        "as_of": as_of,
        "known": as_known,
    }
    names = [name for kind in ("item", "lot", "place", "status") for name, _ in COLUMNS[kind]]
    return [_stock(row, names) for row in fetch(STOCK_AT, asked)]
