"""Whose turn it is: the stock that a store should hand out first, for many items in one question."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, Protocol

from django.db import connection
from django.utils import timezone

from yanji.ledger.api import first_received
from yanji.ledger.models import Level
from yanji.places.models import Place

from .reserving.kept import with_kept

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

    ``received_at`` of a lot is the day it first came to the hospital, and known only where FIFO asks for it.
    """

    item_id: int
    name: str
    lot: str
    expiry: date | None
    received_at: datetime | None
    place_zh: str
    place_en: str


# Levels say in which lots to look, so that a store's used-up history costs nothing.
UNITS = """
SELECT DISTINCT ON (u.item_id) u.item_id, u.epc, '', lo.expiry, u.received_at, p.name_zh, p.name_en
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
 ORDER BY u.item_id, {order}, u.id
"""
ORDER = {
    "fefo": "lo.expiry NULLS LAST, u.received_at",
    "fifo": "u.received_at, lo.expiry NULLS LAST",
}


def first_left(
    items: Sequence[int],
    *,
    path: str,
    taken: Sequence[str] = (),
    taken_lots: Sequence[tuple[int, int, int]] = (),
    reserved_for: Collection[str] = (),
    policy: Policy = "fefo",
    today: date,
    now: datetime,
    barred: Barred = (),
) -> dict[int, Next]:
    """For each item, what would be first in turn below ``path`` once ``taken`` is gone. Two statements; three by FIFO
    where lots are counted.

    ``taken_lots``: (lot, place, pieces) each. Units reserved for another document are not in turn, nor is anything of a recalled
    lot, nor what is ``barred``. ``reserved_for``: the document's numbers, see :func:`.reserving.kept.numbers_of`.
    """
    asked: dict[str, Any] = {
        "items": list(items),
        "path": f"{path}%",
        "now": now,
        "today": today,
        "for": list(reserved_for),
        "taken": list(taken),
        "barred_items": [item for item, _owner in barred],
        "barred_owners": [owner for _item, owner in barred],
    }
    with connection.cursor() as cursor:
        cursor.execute(UNITS.format(order=ORDER[policy]), asked)
        found = {row[0]: Next(*row) for row in cursor.fetchall()}
    gone: Counter[tuple[int, int]] = Counter()
    for lot, place, pieces in taken_lots:
        gone[lot, place] += pieces
    for item, lots in lots_left(items, path=path, today=today, policy=policy, barred=barred).items():
        first = next((left for left in lots if left.quantity > gone[left.lot_id, left.place_id]), None)
        found |= {item: _next(item, first)} if first else {}
    return found


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


def _left(level: Level, pieces: int, kept: int, came: datetime | None, reason: str) -> LotLeft:
    lot, place = level.lot, level.place
    names = (place.name_zh, place.name_en)
    return LotLeft(lot.pk, lot.number, lot.expiry, place.pk, names, pieces, came, reason, kept)


def _skipped(level: Level, today: date, barred: Barred) -> str:
    if level.lot.recall:
        return "lot_recalled"
    if level.lot.expiry and level.lot.expiry < today:
        return "expired"
    return "consigned_not_there" if (level.lot.item_id, level.owner_id) in barred else ""


def _turn(left: LotLeft) -> tuple[bool, date, date, int, int]:
    """What is kept for the document; then first in, by day and where that is asked; then first expiry."""
    day = timezone.localdate(left.received_at) if left.received_at else date.min
    return not left.kept, day, left.expiry or date.max, left.lot_id, left.place_id


def out_of_turn(expiry: date | None, received_at: datetime | None, first: Next, policy: Policy) -> bool:
    """Whether something taken should have waited for what is left. Equal expiry (FEFO) or day (FIFO) is fair. Pure.

    The day is the hospital's: what came on either side of midnight there came on two days.
    """
    if policy == "fefo":
        return first.expiry is not None and (expiry is None or first.expiry < expiry)
    if first.received_at is None or received_at is None:
        return False
    return timezone.localdate(first.received_at) < timezone.localdate(received_at)
