"""A scan of a count is taken back, or another quantity is said of it: the row stays, and a new one takes its place."""

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused, durable

from ..acts import check_input
from .gate import allow_count
from .models import Count, CountScan
from .scan import How, Kind, effective, pieces_in, shared


@durable
def take_back(
    *, actor: Actor, count_id: int, key: str, scan_id: int | None = None, quantity: int | None = None
) -> CountScan | None:
    """Take a scan back (without ``scan_id``: one's own latest), or say another quantity of a lot. The row stays; the new
    one replaces it. Returns the row taken back; None where there is nothing. Done once a key.
    """
    check_input({"key": key})
    if not key:
        raise Refused("key_missing")
    count = shared(actor, count_id)
    allow_count(count, "scan")
    sent = CountScan.objects.filter(count=count, key=key).select_related("replaces").first()
    if sent is not None:
        return sent.replaces
    mine = effective(count).filter(actor_id=actor.person_id, round=count.round)
    last = mine.filter(pk=scan_id).first() if scan_id else mine.order_by("-pk").first()
    if last is None:
        return None
    changed = quantity if quantity and last.kind == Kind.LOT else None
    together = [last]
    if last.how == How.BOX and changed is None:
        # One label was scanned, and is taken back with all that it spoke for.
        box = last.key.rpartition("/")[0]
        together = [last, *mine.filter(how=How.BOX, key__startswith=f"{box}/").exclude(pk=last.pk)]
    CountScan.objects.bulk_create(
        _instead_of(row, f"{key}/{number}" if number else key, count, actor, changed)
        for number, row in enumerate(together)
    )
    return last


def _instead_of(row: CountScan, key: str, count: Count, actor: Actor, quantity: int | None) -> CountScan:
    """The row that takes an earlier one's place: the same lot in another quantity, or nothing."""
    return CountScan(
        count=count,
        key=key,
        round=count.round,
        kind=Kind.UNDO if quantity is None else Kind.LOT,
        raw=row.raw,
        lot_id=None if quantity is None else row.lot_id,
        item_id=row.item_id,
        quantity=1 if quantity is None else pieces_in(quantity),
        place_id=row.place_id,
        seen_at=timezone.now(),
        actor_id=actor.person_id,
        device=actor.device[:80],
        how=row.how,
        verdict="" if quantity is None else row.verdict,
        replaces=row,
    )
