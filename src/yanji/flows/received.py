"""What a delivery changes in the documents around it: the receipt's lines, the order, the ship notices."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import Q

from .awaited import Awaited
from .documents import reached
from .inspection import Delivery, differing_labels
from .models import OrderLine, PurchaseOrder, Receipt, ReceiptLine, ShipNoticeLine
from .packing.delivered import InsideLine, Verdict
from .states import OrderState

RECEIVED = """
WITH said (id, received, rejected) AS (SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[])),
     counted AS (UPDATE flows_orderline line SET received = said.received, rejected = said.rejected
                   FROM said WHERE line.id = said.id)
UPDATE flows_purchaseorder SET state = %s WHERE id = %s
"""


def mark_arrived(receipt: Receipt, delivery: Delivery, inside: Sequence[tuple[InsideLine, Verdict]]) -> int:
    """A box arrives once: its lines, and the lines of units that were scanned, are not awaited any more - neither here
    nor for orders that are closed. How many lines that were. One statement, none for what no notice can have named."""
    if not inside and not delivery.known:
        return 0
    epcs = [arrival.epc for arrival in delivery.arrivals if arrival.epc]
    lines = Q(pk__in=[line.line_id for line, _verdict in inside]) | Q(epc__in=epcs)
    orders = [delivery.order_number, *delivery.finished]
    waiting = ShipNoticeLine.objects.filter(lines, notice__order__number__in=orders, arrived_at=None)
    return waiting.update(arrived_at=receipt.arrived_at, receipt=receipt)


def differences(
    receipt: Receipt, delivery: Delivery, to_come: Mapping[int, Awaited]
) -> list[dict[str, object]]:
    """Keep, and report, each item of the order or the delivery: expected, accepted, rejected, short."""
    announced = Counter({item: each.left for item, each in to_come.items()})
    accepted, rejected = delivery.pieces(accepted=True), delivery.pieces(accepted=False)
    reasons: dict[int, Counter[str]] = defaultdict(Counter)
    doubtful: dict[int, Counter[str]] = defaultdict(Counter)
    for arrival in delivery.arrivals:
        if arrival.rejected:
            reasons[arrival.item_id][arrival.rejected] += arrival.quantity
        elif arrival.doubtful:
            doubtful[arrival.item_id][arrival.doubtful] += arrival.quantity
    touched = sorted(
        {*delivery.items, *announced, *(i for i, open_ in delivery.outstanding.items() if open_)}
    )
    labels: dict[int, list[dict[str, str]]] = defaultdict(list)
    for item, label in differing_labels(delivery):
        labels[item].append(label)
    lines = ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            item_id=item,
            outstanding=delivery.outstanding.get(item, 0),
            announced=announced[item],
            accepted=accepted[item],
            rejected=rejected[item],
            reasons=dict(reasons[item]),
            doubts=dict(doubtful[item]),
            labels=labels[item],
        )
        for item in touched
    )
    return [
        {
            "item_id": line.item_id,
            "outstanding": line.outstanding,
            "announced": line.announced,
            "accepted": line.accepted,
            "rejected": line.rejected,
            "short": line.short,
            "reasons": line.reasons,
            "doubts": line.doubts,
            "labels": line.labels,
        }
        for line in lines
    ]


def count_received(order: PurchaseOrder, order_lines: Mapping[int, OrderLine], delivery: Delivery) -> None:
    """Bring the order up to date. Lines that nobody has written yet are written with what they received. One statement."""
    accepted, rejected = delivery.pieces(accepted=True), delivery.pieces(accepted=False)
    for item, line in order_lines.items():
        line.received += accepted[item]
        line.rejected += rejected[item]
    order.state = reached("order", "receive", order_state(order_lines.values()))
    if all(line.pk for line in order_lines.values()):
        write_received(order, order_lines.values())
    else:
        OrderLine.objects.bulk_create(order_lines.values())


def write_received(order: PurchaseOrder, lines: Iterable[OrderLine]) -> None:
    """What the lines of an order have received, and its state. One statement."""
    found = list(lines)
    columns = [
        [line.pk for line in found],
        [line.received for line in found],
        [line.rejected for line in found],
    ]
    with connection.cursor() as cursor:
        cursor.execute(RECEIVED, [*columns, order.state, order.pk])


def order_state(lines: Iterable[OrderLine]) -> str:
    """The state of a placed order, from what its lines have received."""
    found = list(lines)
    if all(line.outstanding == 0 for line in found):
        return OrderState.RECEIVED
    return OrderState.PARTLY_RECEIVED if any(line.received for line in found) else OrderState.PLACED
