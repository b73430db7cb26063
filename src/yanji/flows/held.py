"""What can be held, and what is on hold and why."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import LIFECYCLE, LotQuantity, Refused, Status, Step
from yanji.ledger.models import Level, Lot
from yanji.places.models import Place

from .gates import place_at
from .on_the_way import going
from .queries import within
from .things import Thing

HOLDABLE = tuple(sorted(status.value for status in LIFECYCLE[Step.HOLD].sources if status))
ON_HOLD = tuple(sorted(status.value for status in LIFECYCLE[Step.RELEASE].sources if status))
PICKED = "picked"


@dataclass(frozen=True, slots=True)
class WholeLot:
    """All of a lot that lies at a place or below it."""

    lot_id: int
    place_id: int


@dataclass(frozen=True, slots=True)
class LotHere:
    """How much of a lot lies at a place or below it, in the statuses asked for: pieces by status."""

    lot: Lot
    place: Place
    pieces: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.pieces.values())


def lots_here(
    place: Place,
    statuses: Collection[str],
    *,
    number: str = "",
    lot_ids: Collection[int] = (),
    may_be_gone: bool = False,
) -> list[LotHere]:
    """Lots of a number, or of these ids, of which something lies at a place or below it; where the statuses say so, also what
    is on its way from or to it. ``may_be_gone``: also those of which nothing does. At most six statements."""
    levels = Level.objects.filter(status__in=statuses, quantity__gt=0, place__path__startswith=place.path)
    levels = levels.filter(lot__number=number) if number else levels.filter(lot_id__in=lot_ids)
    rows = levels.values_list("lot_id", "status").annotate(Sum("quantity")).order_by("lot_id", "status")
    pieces: dict[int, dict[str, int]] = defaultdict(dict)
    for lot_id, status, quantity in rows:
        pieces[lot_id][status] = int(quantity)
    if Status.IN_TRANSIT in statuses:
        wanted = lot_ids or Lot.objects.filter(number=number).values_list("pk", flat=True)
        for each in going((), [(lot, place.path) for lot in wanted]):
            here = pieces[each.lot_id]
            here[Status.IN_TRANSIT.value] = here.get(Status.IN_TRANSIT.value, 0) + each.pieces
    if may_be_gone:
        named = Lot.objects.filter(number=number) if number else Lot.objects.filter(pk__in=lot_ids)
        pieces = {key: {} for key in named.order_by("pk").values_list("pk", flat=True)} | pieces
    lots = Lot.objects.select_related("item").in_bulk(list(pieces)) if pieces else {}
    return [LotHere(lots[key], place, found) for key, found in pieces.items()]


def paths_of(lots: Sequence[WholeLot]) -> list[tuple[int, str]]:
    """(lot, path of its place) of each; the gate has been passed. One statement, none without lots."""
    places = Place.objects.in_bulk({lot.place_id for lot in lots}) if lots else {}
    return [(lot.lot_id, places[lot.place_id].path) for lot in lots]


UNITS_OF = """
SELECT u.epc FROM unnest(%(lots)s::bigint[], %(paths)s::text[]) AS asked (lot, path)
  JOIN ledger_unit u ON u.lot_id = asked.lot
  JOIN places_place p ON p.id = u.place_id AND starts_with(p.path, asked.path)
 WHERE u.status = ANY (%(statuses)s)
 GROUP BY u.id, u.epc ORDER BY u.id
"""
LEVELS_OF = """
SELECT le.lot_id, le.quantity, le.place_id, le.owner_id, le.status
  FROM ledger_level le
  JOIN places_place p ON p.id = le.place_id
  JOIN ledger_lot lo ON lo.id = le.lot_id
  JOIN catalog_item i ON i.id = lo.item_id AND i.tracking = 'lot'
 WHERE le.quantity > 0 AND le.status = ANY (%(statuses)s)
   AND EXISTS (SELECT FROM unnest(%(lots)s::bigint[], %(paths)s::text[]) AS asked (lot, path)
                WHERE asked.lot = le.lot_id AND starts_with(p.path, asked.path))
 ORDER BY le.place_id, le.lot_id, le.status, le.owner_id
"""


def all_of(
    actor: Actor, lots: Sequence[WholeLot], statuses: Collection[str], *, may_be_gone: bool = False
) -> list[Thing]:
    """Every unit and every quantity of these lots at their places. A gate and at most five statements a place, and two.

    Raises :class:`Refused` where nothing of a lot lies there in one of the statuses, unless ``may_be_gone``.
    """
    if not lots:
        return []
    places = {key: place_at(actor, key, may="hold") for key in sorted({lot.place_id for lot in lots})}
    for place in [] if may_be_gone else places.values():
        _demand_something([lot.lot_id for lot in lots if lot.place_id == place.pk], place, statuses)
    asked: dict[str, Any] = {
        "lots": [lot.lot_id for lot in lots],
        "paths": [places[lot.place_id].path for lot in lots],
        "statuses": list(statuses),
    }
    return _lying(asked)


def lying_anywhere(lot_id: int, statuses: Collection[str]) -> list[Thing]:
    """Every unit and every quantity of a lot in some statuses, wherever it lies. Two statements."""
    return _lying({"lots": [lot_id], "paths": ["/"], "statuses": list(statuses)})


def _lying(asked: Mapping[str, Any]) -> list[Thing]:
    with connection.cursor() as cursor:
        cursor.execute(UNITS_OF, asked)
        units: list[Thing] = [epc for (epc,) in cursor.fetchall()]
        cursor.execute(LEVELS_OF, asked)
        return [*units, *(LotQuantity(*row) for row in cursor.fetchall())]


# Set out for a case, in inspection or on hold, it belongs to a paper that says so itself.
CAN_EXPIRE = ("available", "picked", "reserved", "returned")
EXPIRED = """
SELECT u.epc, NULL::bigint, NULL::numeric, u.place_id, u.owner_id, u.status FROM ledger_lot lo
  JOIN ledger_unit u ON u.lot_id = lo.id JOIN places_place p ON p.id = u.place_id
 WHERE lo.expiry < %(on)s AND u.status = ANY (%(statuses)s) AND starts_with(p.path, %(path)s)
UNION ALL
SELECT NULL, le.lot_id, le.quantity, le.place_id, le.owner_id, le.status FROM ledger_lot lo
  JOIN ledger_level le ON le.lot_id = lo.id JOIN places_place p ON p.id = le.place_id
  JOIN catalog_item i ON i.id = lo.item_id AND i.tracking = 'lot'
 WHERE lo.expiry < %(on)s AND le.quantity > 0 AND le.status = ANY (%(statuses)s) AND starts_with(p.path, %(path)s)
 ORDER BY 1, 2, 4, 6
"""


def expired_at(place: Place, *, on: date) -> list[Thing]:
    """All that is past its expiry on a day at a place or below it, and not marked so. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRED, {"on": on, "statuses": list(CAN_EXPIRE), "path": place.path})
        return [epc or LotQuantity(*rest) for epc, *rest in cursor.fetchall()]


def _demand_something(lots: Collection[int], place: Place, statuses: Collection[str]) -> None:
    here = {each.lot.pk for each in lots_here(place, statuses, lot_ids=lots)}
    gone = sorted(set(lots) - here)
    if not gone:
        return
    lot = Lot.objects.filter(pk=gone[0]).first()
    if lot is None:
        raise NotFound("lot")
    raise Refused("lot_not_there", thing=lot.number, place=place.name)


# What was rejected on receipt

# Which entry put a unit in doubt: it may have been recalled, or have expired, and be on hold again since. What came back into
# doubt, because its going was taken back or because it was lost out of doubt and is found, is in doubt for what it was before.
IN_DOUBT = """ledger_unit u
  JOIN LATERAL (SELECT m.event_id FROM ledger_movement m JOIN ledger_event put ON put.id = m.event_id
                 WHERE m.unit_id = u.id AND m.to_status IN ('quarantined', 'recalled', 'expired')
                   AND m.from_status NOT IN ('quarantined', 'recalled', 'expired') AND put.step <> 'correct'
                   AND NOT (put.step = 'find' AND EXISTS (
                       SELECT FROM ledger_movement gone WHERE gone.unit_id = m.unit_id AND gone.seq = m.seq - 1
                          AND gone.from_status IN ('quarantined', 'recalled', 'expired')))
                 ORDER BY m.seq DESC LIMIT 1) AS doubt ON true"""
REJECTED_UNITS = f"""
SELECT u.epc, e.documents->>'receipt'
  FROM {IN_DOUBT}
  JOIN ledger_event e ON e.id = doubt.event_id AND e.step = 'reject'
 WHERE u.epc = ANY (%s) AND u.status IN ('quarantined', 'recalled', 'expired') ORDER BY u.id
"""
# What left for another place of the hospital is still there; what left for anywhere else was the rejected part first, and so
# was what came back of it: because its going was taken back, or because it was lost out of quarantine and is found.
REJECTED_LOTS = """
SELECT m.lot_id,
       sum(m.quantity) FILTER (WHERE e.step = 'reject'),
       coalesce(sum(m.quantity) FILTER (WHERE m.from_status = 'quarantined'
                                          AND m.to_status NOT IN ('quarantined', 'available', 'lost')), 0)
       - coalesce(sum(m.quantity) FILTER (WHERE m.to_status = 'quarantined' AND e.step = 'correct'
                                            AND m.from_status NOT IN ('quarantined', 'available', 'lost')), 0)
       + greatest(0, coalesce(sum(m.quantity) FILTER (WHERE m.from_status = 'quarantined' AND m.to_status = 'lost'), 0)
                     - coalesce(sum(m.quantity) FILTER (WHERE m.from_status = 'lost' AND m.to_status = 'quarantined'), 0))
  FROM ledger_movement m
  JOIN ledger_event e ON e.id = m.event_id
 WHERE m.lot_id = ANY (%s) AND m.unit_id IS NULL AND 'quarantined' IN (m.from_status, m.to_status)
 GROUP BY m.lot_id HAVING bool_or(e.step = 'reject')
"""


def rejected_units(epcs: Sequence[str]) -> dict[str, str]:
    """Units in doubt since they were rejected on receipt, recalled or expired meanwhile or not -> number of the receipt. One
    statement."""
    with connection.cursor() as cursor:
        cursor.execute(REJECTED_UNITS, (list(epcs),))
        return {epc: number or "" for epc, number in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Rejected:
    """Of a counted lot's pieces on hold: how many were rejected on receipt, and how many were not."""

    rejected: int
    free: int


def rejected_lots(lots: Collection[int]) -> dict[int, Rejected]:
    """Lots of which pieces on hold were rejected on receipt. Two statements, none without lots."""
    if not lots:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(REJECTED_LOTS, (sorted(lots),))
        rows = cursor.fetchall()
    held = dict(
        Level.objects.filter(lot_id__in=[row[0] for row in rows], status__in=ON_HOLD)
        .values_list("lot_id")
        .annotate(Sum("quantity"))
        .order_by()
    )
    found = {}
    for lot, came, left in rows:
        still = max(0, int(came) - int(left))
        found[lot] = Rejected(still, max(0, int(held.get(lot, 0)) - still))
    return found


# What is on hold


@dataclass(frozen=True, slots=True)
class Held:
    """One unit on hold, or a counted lot at one place (``epc`` empty): since when and why."""

    epc: str
    serial: str
    lot_id: int
    lot: str
    expiry: date | None
    item_name: tuple[str, str]
    place_id: int
    place_name: tuple[str, str]
    pieces: int = 1
    since: datetime | None = None
    reason: str = ""
    step: str = ""


HELD_UNITS = f"""
SELECT u.epc, u.serial, u.lot_id, lo.number, lo.expiry, ARRAY[i.name_zh, i.name_en], p.id, ARRAY[p.name_zh, p.name_en],
       1, e.happened_at, e.reason, e.step
  FROM {IN_DOUBT}
  JOIN ledger_lot lo ON lo.id = u.lot_id
  JOIN catalog_item i ON i.id = u.item_id
  JOIN places_place p ON p.id = u.place_id
  JOIN LATERAL (SELECT m.event_id FROM ledger_movement m
                 WHERE m.unit_id = u.id AND m.to_status = 'quarantined' AND m.from_status <> 'quarantined'
                 ORDER BY m.seq DESC LIMIT 1) AS put ON true
  JOIN ledger_event first ON first.id = doubt.event_id
  JOIN ledger_event e ON e.id = CASE first.step WHEN 'reject' THEN first.id ELSE put.event_id END
 WHERE u.lot_id IN (SELECT le.lot_id FROM ledger_level le JOIN places_place p2 ON p2.id = le.place_id
                     WHERE le.status = 'quarantined' AND le.quantity > 0 AND p2.path LIKE ANY (%(paths)s))
   AND u.status = 'quarantined' AND p.path LIKE ANY (%(paths)s)
 ORDER BY e.happened_at DESC, u.id LIMIT %(limit)s
"""


def held(paths: Collection[str], *, limit: int = 200) -> list[Held]:
    """What is on hold below the paths: units, the latest first, then counted lots. Two statements."""
    if not paths:
        return []
    with connection.cursor() as cursor:
        cursor.execute(HELD_UNITS, {"paths": [f"{path}%" for path in paths], "limit": limit})
        found = [
            Held(*[tuple(cell) if isinstance(cell, list) else cell for cell in row])
            for row in cursor.fetchall()
        ]
    levels = Level.objects.filter(
        within("place", paths), status__in=ON_HOLD, quantity__gt=0, lot__item__tracking="lot"
    ).select_related("lot__item", "place")
    found += [
        Held(
            "", "", each.lot_id, each.lot.number, each.lot.expiry, (each.lot.item.name_zh, each.lot.item.name_en),
            each.place_id, (each.place.name_zh, each.place.name_en), int(each.quantity),
        )
        for each in levels.order_by("lot__expiry", "lot_id", "place_id")[:limit]
    ]  # fmt: skip
    return found
