"""What of a ship notice is still to come: a delivery may be split, and one that is taken back is awaited again."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Q, Sum

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
    """Notice -> item -> what was announced and what has arrived, for all notices of an order that were not withdrawn. Two
    statements at most."""
    lines = (
        ShipNoticeLine.objects.filter(notice__order_id=order_id)
        .exclude(notice__state=NoticeState.WITHDRAWN)
        .values_list("notice_id", "item_id")
        .annotate(pieces=Sum("quantity"), here=Sum("quantity", filter=Q(arrived_at__isnull=False), default=0))
        .order_by()
    )
    announced = {(notice, item): (pieces, here) for notice, item, pieces, here in lines}
    brought = _brought(order_id) if announced else Counter()
    found: dict[int, dict[int, Awaited]] = defaultdict(dict)
    for (notice, item), (pieces, here) in announced.items():
        found[notice][item] = Awaited(pieces, max(here, brought[notice, item]))
    return found


def on_the_way(order_id: int) -> Counter[int]:
    """Item -> pieces that earlier notices of an order still announce. Two statements at most."""
    coming: Counter[int] = Counter()
    for items in awaited(order_id).values():
        coming.update({item: each.left for item, each in items.items()})
    return coming


def _brought(order_id: int) -> Counter[tuple[int, int]]:
    """What deliveries that named a notice brought of it, whatever its verdict."""
    rows = (
        ReceiptLine.objects.filter(receipt__notice__order_id=order_id, receipt__voided_at=None)
        .values_list("receipt__notice_id", "item_id")
        .annotate(pieces=Sum(F("accepted") + F("rejected")))
        .order_by()
    )
    return Counter({(notice, item): pieces for notice, item, pieces in rows})


def state_of(items: Mapping[int, Awaited]) -> NoticeState:
    """The state of a notice, from what of it has arrived. Pure."""
    if all(each.left == 0 for each in items.values()):
        return NoticeState.ARRIVED
    return (
        NoticeState.PARTLY_ARRIVED if any(each.arrived for each in items.values()) else NoticeState.ANNOUNCED
    )


def settle(order_id: int) -> None:
    """Bring the states of an order's notices up to date with what has arrived. The order is locked by who calls."""
    states = {notice: state_of(items) for notice, items in awaited(order_id).items()}
    if not states:
        return
    changed = [
        notice for notice in ShipNotice.objects.filter(pk__in=states) if notice.state != states[notice.pk]
    ]
    for notice in changed:
        notice.state = states[notice.pk]
    ShipNotice.objects.bulk_update(changed, ["state"])


def await_again(receipt: Receipt) -> None:
    """A delivery was taken back: all that it brought is still to come."""
    ShipNoticeLine.objects.filter(receipt=receipt).update(arrived_at=None, receipt=None)
    settle(receipt.order_id)
