"""What inspection at the dock may let pass: the rules for one delivery, pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Status

from .arrival import Arrival
from .goods_in import Arrived, check_label, misnamed
from .things import KnownUnit
from .validity import usable


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Arrived):
    """What arrived, beside what was expected of it: all that the rules look at."""

    order_number: str
    outstanding: Mapping[int, int]
    prices: Mapping[int, Decimal]
    doubts: frozenset[str] = frozenset()  # the reasons for which something may be set aside
    surplus: Mapping[int, int] = field(default_factory=dict)  # pieces beyond what is owed that may come
    finished: frozenset[str] = frozenset()  # other orders that take nothing more

    def pieces(self, *, accepted: bool) -> Counter[int]:
        """Pieces of each item that were taken in, or were rejected."""
        total: Counter[int] = Counter()
        for arrival in self.arrivals:
            if (arrival.rejected == "") is accepted:
                total[arrival.item_id] += arrival.quantity
        return total


def check_delivery(delivery: Delivery) -> Iterator[Offence]:
    """Everything that inspection may not let pass. Pure. A rejected thing may be of any item, of any age."""
    for arrival in delivery.arrivals:
        yield from _check_arrival(delivery, arrival)
    for item_id, wanted in delivery.pieces(accepted=True).items():
        outstanding = delivery.outstanding.get(item_id)
        if outstanding is not None and wanted > outstanding + delivery.surplus.get(item_id, 0):
            name = delivery.items[item_id].name
            yield Offence(
                "over_delivered", name, {"item": name, "wanted": wanted, "outstanding": outstanding}
            )


def _check_arrival(delivery: Delivery, arrival: Arrival) -> Iterator[Offence]:
    item = delivery.items.get(arrival.item_id)
    if item is None:
        yield Offence("unknown_item", arrival.name)
        return
    known = delivery.known.get(arrival.epc)
    # Whatever the verdict: what is booked under another item is found by nobody who looks for it.
    if wrong := misnamed(arrival, delivery.items, known, delivery.named):
        yield wrong
        return
    counted = delivery.by_lot(item.pk)
    yield from check_label(arrival, counted=counted, verdicts=delivery.verdicts, doubts=delivery.doubts)
    if not arrival.rejected:
        yield from _check_accepted(delivery, arrival, item, known)


def _check_accepted(
    delivery: Delivery, arrival: Arrival, item: Item, known: KnownUnit | None
) -> Iterator[Offence]:
    expected = known if known and known.status == Status.EXPECTED else None
    if expected and expected.order_number not in {"", delivery.order_number, *delivery.finished}:
        yield Offence("announced_elsewhere", arrival.name, {"order": expected.order_number})
    if item.pk not in delivery.outstanding:
        yield Offence("not_ordered", arrival.name, {"item": item.name, "order": delivery.order_number})
    # What is put in doubt for its age or its papers is held: it can be looked into, and used by nobody.
    if arrival.doubtful:
        return
    # The label counts, but what was announced as expired is not accepted because of it.
    expiry = min((day for day in (expected and expected.expiry, arrival.expiry) if day), default=None)
    if expiry and expiry < delivery.day:
        yield Offence("expired_on_arrival", arrival.name, {"expiry": expiry})
    if item.pk in delivery.lapsed and not usable(delivery.lapsed[item.pk], delivery.day, arrival.made):
        yield Offence("registration_lapsed", arrival.name, {"item": item.name, "day": delivery.day})


def differing_labels(delivery: Delivery) -> Iterator[tuple[int, dict[str, str]]]:
    """Item, and what was announced beside what is printed, of each expected unit whose label says otherwise. Pure."""
    for arrival in delivery.arrivals:
        known = delivery.known.get(arrival.epc)
        if known is None or known.status != Status.EXPECTED:
            continue
        lot, expiry = arrival.lot or known.lot, arrival.expiry or known.expiry
        if (lot, expiry) != (known.lot, known.expiry):
            yield (
                arrival.item_id,
                {
                    "epc": arrival.epc,
                    "announced_lot": known.lot,
                    "announced_expiry": known.expiry.isoformat() if known.expiry else "",
                    "lot": lot,
                    "expiry": expiry.isoformat() if expiry else "",
                },
            )
