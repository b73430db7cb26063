"""What of a ship notice is still to come: a delivery may be split, and one that is taken back is awaited again."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from .models import Receipt, ReceiptLine, ShipNotice, ShipNoticeLine
from .states import NoticeState


@dataclass(frozen=True, slots=True)
class Awaited:
    """Pieces of one item of a notice. Units and boxes arrive line by line, counted lots by amount."""

    announced: int
    arrived: int

    @property
    def left(self) -> int:
        return max(0, self.announced - self.arrived)


def awaited(order_id: int) -> dict[int, dict[int, Awaited]]:
    """Notice -> item -> what was announced and what has arrived, for all notices of an order that were not withdrawn. One
    statement."""
    return {notice: items for (notice, _state), items in _of_notices(notice__order_id=order_id).items()}


def awaited_of(notices: Collection[int]) -> dict[int, dict[int, Awaited]]:
    """The same of some notices, of whatever orders. One statement."""
    return {notice: items for (notice, _state), items in _of_notices(notice__in=notices).items()}


def _of_notices(**which: Any) -> dict[tuple[int, str], dict[int, Awaited]]:
    """:func:`awaited`, by each notice and its state."""
    # What deliveries that named the notice brought of it, whatever its verdict.
    brought = (
        ReceiptLine.objects.filter(
            receipt__notice=OuterRef("notice_id"), item=OuterRef("item_id"), receipt__voided_at=None
        )
        .order_by()
        .values("item_id")
        .annotate(pieces=Sum(F("accepted") + F("rejected")))
        .values("pieces")
    )
    lines = (
        ShipNoticeLine.objects.filter(**which)
        .exclude(notice__state=NoticeState.WITHDRAWN)
        .values_list("notice_id", "notice__state", "item_id")
        .annotate(pieces=Sum("quantity"), here=Sum("quantity", filter=Q(arrived_at__isnull=False), default=0))
        .annotate(brought=Coalesce(Subquery(brought), 0))
        .order_by()
    )
    found: dict[tuple[int, str], dict[int, Awaited]] = defaultdict(dict)
    for notice, state, item, announced, here, came in lines:
        found[notice, state][item] = Awaited(announced, max(here, came))
    return found


def on_the_way(order_id: int) -> Counter[int]:
    """Item -> pieces that earlier notices of an order still announce. One statement."""
    coming: Counter[int] = Counter()
    for items in awaited(order_id).values():
        coming.update({item: each.left for item, each in items.items()})
    return coming


def state_of(items: Mapping[int, Awaited]) -> NoticeState:
    """The state of a notice, from what of it has arrived. Pure."""
    if all(each.left == 0 for each in items.values()):
        return NoticeState.ARRIVED
    return (
        NoticeState.PARTLY_ARRIVED if any(each.arrived for each in items.values()) else NoticeState.ANNOUNCED
    )


def settle(order_id: int) -> None:
    """Bring the states of an order's notices up to date with what has arrived. The order is locked by who calls. Two
    statements at most."""
    changed = [
        ShipNotice(pk=notice, state=state_of(items))
        for (notice, state), items in _of_notices(notice__order_id=order_id).items()
        if state != state_of(items)
    ]
    ShipNotice.objects.bulk_update(changed, ["state"])


def await_again(receipt: Receipt) -> None:
    """A delivery was taken back: all that it brought is still to come."""
    ShipNoticeLine.objects.filter(receipt=receipt).update(arrived_at=None, receipt=None)
    settle(receipt.order_id)
