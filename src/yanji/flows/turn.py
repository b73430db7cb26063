"""Whose turn it is: the stock that a store should hand out first, for many items in one question."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Literal, Protocol

from django.db import connection
from django.utils import timezone

from yanji.ledger.api import first_received
from yanji.ledger.models import Level
from yanji.places.models import Place

from .reserving.kept import with_kept
from .reserving.models import ReservedLot

Policy = Literal["fefo", "fifo"]
Barred = Collection[
    tuple[int, int]
]  # (item, owner) of suppliers' goods that may not go where the others would


class Asking(Protocol):
    """A document for which things are picked from a store: a requisition, a transfer. ``lines`` have an item each,
    ``open_to_pick``, and ``lot`` where only that one is wanted."""

    number: str
    lines: Any

    @property
    def store(self) -> Place: ...


@dataclass(frozen=True, slots=True)
class Next:
    """What is left and first in turn of one item: a unit (its identity) or a lot (``lot N``, with its number).

    ``received_at`` of a lot is the day it first came to the hospital, and known only where FIFO asks for it. ``kept``: it is kept
    for the document, and goes first for that; ``listed``: what a pick list puts before this for that reason.
    """

    item_id: int
    name: str
    lot: str
    expiry: date | None
    received_at: datetime | None
    place_zh: str
    place_en: str
    kept: bool = False
    listed: "Next | None" = None


# Levels say in which lots to look, so that a store's used-up history costs nothing.
# What is kept for a document comes beside what is anybody's, each with its own first.
KEPT_FOR = "CASE WHEN u.status = 'reserved' AND (u.reserved_until <= %(now)s) IS NOT TRUE THEN u.reserved_for ELSE '' END"
UNITS = """
SELECT DISTINCT ON (u.item_id, {kept_for}) {kept_for}, u.id, u.item_id, u.epc, '', lo.expiry, u.received_at, p.name_zh, p.name_en
  FROM ledger_unit u
  JOIN ledger_lot lo ON lo.id = u.lot_id
  JOIN places_place p ON p.id = u.place_id
 WHERE u.lot_id IN (SELECT le.lot_id FROM ledger_level le
                      JOIN ledger_lot l2 ON l2.id = le.lot_id
                      JOIN places_place p2 ON p2.id = le.place_id
                     WHERE l2.item_id = ANY (%(items)s) AND le.quantity > 0 AND p2.path LIKE %(path)s
                       AND le.status IN ('available', 'reserved'))
   AND p.path LIKE %(path)s
   AND (u.status = 'available' OR (u.status = 'reserved' AND (u.reserved_until <= %(now)s OR u.reserved_for
   = ANY (%(for)s))))
   AND (lo.expiry IS NULL OR lo.expiry >= %(today)s) AND lo.recall = ''
   AND NOT EXISTS (SELECT FROM unnest(%(barred_items)s::bigint[], %(barred_owners)s::bigint[]) AS b (item, owner)
                    WHERE b.item = u.item_id AND b.owner = u.owner_id)
   AND NOT u.epc = ANY (%(taken)s)
 ORDER BY u.item_id, {kept_for}, {order}, u.id
"""
ORDER = {
    "fefo": "lo.expiry NULLS LAST, u.received_at",
    "fifo": "u.received_at, lo.expiry NULLS LAST",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who asks whose turn it is, and of which items. ``numbers``: the document's, see :func:`.reserving.kept.numbers_of`;
    ``taken_lots``: (lot, place, pieces) each that are gone already."""

    items: Collection[int]
    numbers: Collection[str] = ()
    taken_lots: Sequence[tuple[int, int, int]] = ()


def first_left(
    items: Sequence[int],
    *,
    path: str,
    policy: Policy = "fefo",
    today: date,
    now: datetime,
) -> dict[int, Next]:
    """For each item, what is first in turn below ``path``, for no document in particular. Two statements; three by FIFO where
    lots are counted."""
    return first_left_of_each([Waiting(items)], path=path, policy=policy, today=today, now=now)[0]


def first_left_of_each(
    waiting: Sequence[Waiting],
    *,
    path: str,
    taken: Sequence[str] = (),
    policy: Policy = "fefo",
    today: date,
    now: datetime,
    barred: Barred = (),
) -> list[dict[int, Next]]:
    """For each that waits, what would be first in turn of its items below ``path`` once ``taken`` is gone. Two statements however
    many wait; three by FIFO where lots are counted.

    Units reserved for another document are not in turn, nor is anything of a recalled lot, nor what is ``barred``.
    """
    items = sorted({item for each in waiting for item in each.items})
    asked: dict[str, Any] = {
        "items": items,
        "path": f"{path}%",
        "now": now,
        "today": today,
        "for": sorted({number for each in waiting for number in each.numbers}),
        "taken": list(taken),
        "barred_items": [item for item, _owner in barred],
        "barred_owners": [owner for _item, owner in barred],
    }
    with connection.cursor() as cursor:
        cursor.execute(UNITS.format(order=ORDER[policy], kept_for=KEPT_FOR), asked)
        units = [(kept_for, key, Next(*row)) for kept_for, key, *row in cursor.fetchall()]
    lots = lots_left(items, path=path, today=today, policy=policy, barred=barred)
    return [_first_of(each, units, lots, policy) for each in waiting]


def _first_of(
    waiting: Waiting,
    units: Iterable[tuple[str, int, Next]],
    lots: Mapping[int, Sequence["LotLeft"]],
    policy: Policy,
) -> dict[int, Next]:
    """Of what is anybody's, and of what is kept for this document, the first of each item. Pure."""
    found: dict[int, tuple[Any, Next]] = {}
    kept: dict[int, tuple[Any, Next]] = {}
    for kept_for, key, unit in units:
        at = ((*_unit_turn(unit, policy), key), replace(unit, kept=bool(kept_for)))
        if unit.item_id not in waiting.items or kept_for not in ("", *waiting.numbers):
            continue
        for firsts in (found, kept) if kept_for else (found,):
            firsts[unit.item_id] = min(firsts.get(unit.item_id, at), at, key=itemgetter(0))
    gone: Counter[tuple[int, int]] = Counter()
    for lot, at, pieces in waiting.taken_lots:
        gone[lot, at] += pieces
    first = {
        item: replace(unit, listed=kept[item][1] if item in kept else None)
        for item, (_at, unit) in found.items()
    }
    for item in lots.keys() & set(waiting.items):
        left = next((each for each in lots[item] if each.quantity > gone[each.lot_id, each.place_id]), None)
        first |= {item: _next(item, left)} if left else {}
    return first


def _unit_turn(unit: Next, policy: Policy) -> tuple[Any, ...]:
    """Where a unit stands in turn: as ``ORDER`` has it."""
    expiry = (unit.expiry is None, unit.expiry or date.max)
    came = (unit.received_at is None, unit.received_at.timestamp() if unit.received_at else 0)
    return (expiry, came) if policy == "fefo" else (came, expiry)


@dataclass(frozen=True, slots=True)
class LotLeft:
    """A lot of a counted item that could be picked, or why it is skipped (``reason``: a refusal code); ``received_at`` only
    where that decides whose turn it is; ``kept``: pieces that are reserved for the document, among them."""

    lot_id: int
    lot: str
    expiry: date | None
    place_id: int
    place_name: tuple[str, str]
    quantity: int
    received_at: datetime | None = None
    reason: str = ""
    kept: int = 0


def _next(item_id: int, left: LotLeft) -> Next:
    return Next(item_id, f"lot {left.lot_id}", left.lot, left.expiry, left.received_at, *left.place_name)


def kept_lots(
    waiting: Sequence[Waiting], *, path: str, policy: Policy, today: date, barred: Barred = ()
) -> list[dict[int, Next]]:
    """For each that waits, what a pick list puts first of its counted items because it is kept for it, once what it takes is
    gone. One statement however many wait; two by FIFO."""
    rows = ReservedLot.objects.filter(
        lot__item_id__in={item for each in waiting for item in each.items}, place__path__startswith=path,
        reserved_for__in={number for each in waiting for number in each.numbers},
    ).select_related("lot", "place")  # fmt: skip
    rows = [row for row in rows if not _skipped(row, today, barred)]
    came = first_received(sorted({row.lot_id for row in rows})) if policy == "fifo" and rows else {}
    found = []
    for each in waiting:
        gone = Counter[tuple[int, int]]()
        for lot, at, pieces in each.taken_lots:
            gone[lot, at] += pieces
        own = [
            (row.lot.item_id, _left(row, row.quantity, row.quantity, came.get(row.lot_id), ""))
            for row in rows
            if row.reserved_for in each.numbers and row.quantity > gone[row.lot_id, row.place_id]
        ]
        own.sort(key=lambda pair: lot_turn(pair[1]), reverse=True)
        found.append(
            {item: replace(_next(item, left), kept=True) for item, left in own if item in each.items}
        )
    return found


def lots_left(
    items: Collection[int], *, path: str, today: date, policy: Policy = "fefo", barred: Barred = ()
) -> dict[int, list[LotLeft]]:
    """For each counted item the lots below ``path`` that may be handed out, in turn. One statement; two by FIFO."""
    seen = lots_seen(items, path=path, today=today, policy=policy, barred=barred)
    left = {item: [lot for lot in lots if not lot.reason] for item, lots in seen.items()}
    return {item: lots for item, lots in left.items() if lots}


def lots_seen(
    items: Collection[int],
    *,
    path: str,
    today: date,
    policy: Policy = "fefo",
    barred: Barred = (),
    reserved_for: Collection[str] = (),
) -> dict[int, list[LotLeft]]:
    """The same, with those that lie available and are skipped all the same, each with the reason; what is reserved for the
    document of these numbers comes first."""
    lying = Level.objects.filter(
        lot__item_id__in=items, lot__item__tracking="lot", status__in=("available", "reserved"), quantity__gt=0,
        place__path__startswith=path,
    )  # fmt: skip
    levels = list(with_kept(lying, reserved_for).select_related("lot", "place"))
    came = first_received(sorted({level.lot_id for level in levels})) if policy == "fifo" else {}
    spots: dict[tuple[int, int, int | None], LotLeft] = {}
    for level in levels:
        kept = min(int(level.kept), int(level.quantity)) if level.status == "reserved" else 0
        pieces = kept if level.status == "reserved" else int(level.quantity)
        spot = (level.lot_id, level.place_id, level.owner_id)
        other = spots.get(spot)
        if pieces and other:
            spots[spot] = replace(other, quantity=other.quantity + pieces, kept=other.kept + kept)
        elif pieces:
            spots[spot] = _left(level, pieces, kept, came.get(level.lot_id), _skipped(level, today, barred))
    found: dict[int, list[LotLeft]] = {}
    items_of = {level.lot_id: level.lot.item_id for level in levels}
    for left in sorted(spots.values(), key=_turn):
        found.setdefault(items_of[left.lot_id], []).append(left)
    return found


def _left(level: Level | ReservedLot, pieces: int, kept: int, came: datetime | None, reason: str) -> LotLeft:
    lot, place = level.lot, level.place
    names = (place.name_zh, place.name_en)
    return LotLeft(lot.pk, lot.number, lot.expiry, place.pk, names, pieces, came, reason, kept)


def _skipped(level: Level | ReservedLot, today: date, barred: Barred) -> str:
    if level.lot.recall:
        return "lot_recalled"
    if level.lot.expiry and level.lot.expiry < today:
        return "expired"
    return "consigned_not_there" if (level.lot.item_id, level.owner_id) in barred else ""


def _turn(left: LotLeft) -> tuple[bool, date, date, int, int]:
    """What is kept for the document; then as for anybody."""
    return not left.kept, *lot_turn(left)


def lot_turn(left: LotLeft) -> tuple[date, date, int, int]:
    """Where pieces of a lot stand in turn that are kept for nobody: first in, by day and where that is asked; then first expiry.
    Of what nobody knows the day stands last, as units do."""
    day = timezone.localdate(left.received_at) if left.received_at else date.max
    return day, left.expiry or date.max, left.lot_id, left.place_id


def out_of_turn(expiry: date | None, received_at: datetime | None, first: Next, policy: Policy) -> bool:
    """Whether something taken should have waited for what is left. Equal expiry (FEFO) or day (FIFO) is fair. Pure.

    The day is the hospital's: what came on either side of midnight there came on two days.
    """
    if policy == "fefo":
        return first.expiry is not None and (expiry is None or first.expiry < expiry)
    if first.received_at is None or received_at is None:
        return False
    return timezone.localdate(first.received_at) < timezone.localdate(received_at)
