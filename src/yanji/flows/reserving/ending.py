"""Reservations end by themselves: when their time is over, and when what they were for is over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import connection

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import Draft, LotQuantity, Step, durable, post, post_together

from ..differing.report import also
from ..things import Thing, lines
from .kept import RESERVED, Kept, lock_lots, rows_of
from .models import ReservedLot
from .queries import reserved
from .reserve import freed, pieces_of, together

# What lies reserved of counted lots beyond what is kept for somebody: its time is over, or a pick of it was taken back.
BEYOND = """
SELECT le.lot_id, le.quantity - coalesce(kept.pieces, 0), le.place_id, le.owner_id
  FROM ledger_level le
  JOIN ledger_lot lo ON lo.id = le.lot_id
  JOIN catalog_item i ON i.id = lo.item_id AND i.tracking = 'lot'
  LEFT JOIN LATERAL (SELECT sum(r.quantity) AS pieces FROM flows_reservedlot r
                      WHERE r.lot_id = le.lot_id AND r.place_id = le.place_id AND r.owner_id IS NOT DISTINCT FROM le.owner_id
                        AND r.until > %(now)s) kept ON true
 WHERE le.status = 'reserved' AND le.quantity > coalesce(kept.pieces, 0)
 ORDER BY le.lot_id, le.place_id, le.owner_id LIMIT %(limit)s
"""


@durable
def end_lapsed_lots(*, actor: Actor, now: datetime, limit: int = 1_000) -> int:
    """Write down the end of what was kept of counted lots and is kept no more; how many pieces. The ledger does so of units."""
    lock_lots(_beyond(now, limit))
    ReservedLot.objects.filter(until__lte=now).delete()
    things = _beyond(now, limit)
    if not things:
        return 0
    draft = Draft(step=Step.UNRESERVE, key="", happened_at=now, lines=lines(things))
    post(replace(draft, key=f"lapsed:{draft.fingerprint()[:40]}"), actor=actor)
    return pieces_of(things)


def _beyond(now: datetime, limit: int) -> list[Thing]:
    with connection.cursor() as cursor:
        cursor.execute(BEYOND, {"now": now, "limit": limit})
        return [
            LotQuantity(lot, Decimal(pieces), place, owner, RESERVED)
            for lot, pieces, place, owner in cursor.fetchall()
        ]


def end_with(kind: str, number: str, *, actor: Actor, key: str, at: datetime) -> tuple[str, ...]:
    """What was kept for a document that is over is free again: whoever ends the one ends the other. Part of a verb; one
    statement where nothing is kept."""
    return end_with_each(kind, {number: key}, actor=actor, at=at).get(number, ())


def end_with_each(
    kind: str, keys: Mapping[str, str], *, actor: Actor, at: datetime
) -> dict[str, tuple[str, ...]]:
    """The same of several documents of a kind, each with the key of the act that ends it; number -> its entries. The same
    statements however many; none without a document."""
    kept = reserved(["/"], numbers=list(keys), limit=5_000 * len(keys)) if keys else []
    if not kept:
        return {}
    lock_lots([each.thing for each in kept])
    rows = rows_of([each.thing for each in kept], list(keys))
    free: dict[str, list[Thing]] = {}
    for number in sorted({each.reserved_for for each in kept}):
        things = [each.thing for each in kept if each.reserved_for == number]
        free[number] = together(freed(things, Kept([row for row in rows if row.reserved_for == number])))
    # What is written down beyond what lies there would keep for nobody what comes later.
    ReservedLot.objects.filter(reserved_for__in=list(free)).delete()
    drafts = [
        Draft(Step.UNRESERVE, f"{keys[number]}:kept", at, lines(things), documents={kind: number})
        for number, things in free.items()
    ]
    paths = sorted({each.place_path for each in kept})
    free_again = also(actor, Operation.PICK, *paths)
    posted = post_together([(draft, free_again) for draft in drafts])
    return {number: (each.event_id,) for number, each in zip(free, posted, strict=True)}
