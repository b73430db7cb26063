"""Reservations end by themselves: when their time is over, and when what they were for is over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import connection

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import Draft, LotQuantity, Step, durable, post

from ..differing.report import also
from ..things import Thing, lines
from .kept import RESERVED, lock_lots
from .models import ReservedLot
from .queries import reserved
from .reserve import given_free, pieces_of, together

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
    kept = reserved(["/"], numbers=[number], limit=5_000)
    things: Sequence[Thing] = [each.thing for each in kept]
    if not things:
        return ()
    lock_lots(things)
    paths = sorted({each.place_path for each in kept})
    free = lines(together(given_free(things, number)))
    # What is written down beyond what lies there would keep for nobody what comes later.
    ReservedLot.objects.filter(reserved_for=number).delete()
    draft = Draft(Step.UNRESERVE, f"{key}:kept", at, free, documents={kind: number})
    return (post(draft, actor=also(actor, Operation.PICK, *paths)).event_id,)
