"""What came over a door becomes entries of the ledger, whatever paper it came with and whoever owns it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from yanji.catalog.models import Item
from yanji.ledger.api import Draft, LotQuantity, NewQuantity, NewUnit, Offence, Step
from yanji.ledger.models import Movement

from .arrival import Arrival
from .recalled import REASON
from .things import KnownUnit, Thing, lines
from .validity import CODES, MISSING, Findings, Goods, Held, Span, Stage, Subject, judge

Lot = tuple[int, str, date | None]  # item, number, expiry
LotIds = Mapping[Lot, int]
LAPSED_AT_RECEIPT = (Subject.AUTHORISATION,)
# What papers_at_receipt may refuse: whoever rejects the thing is not refused.
PAPERS_AT_RECEIPT = (CODES[Subject.AUTHORISATION], *MISSING.values())
# Paper -> the reason for which its lack rejects a thing: how often which paper was amiss is counted by it.
REJECTED_FOR = {
    code: "registration" if code == MISSING[Subject.REGISTRATION] else "papers" for code in PAPERS_AT_RECEIPT
}

# What stands against accepting, and the reason that rejecting would give.
REJECTED_AS = {
    "expired_on_arrival": "expired",
    "not_ordered": "wrong_item",
    "over_delivered": "over_delivery",
    "registration_lapsed": "registration",
    **REJECTED_FOR,
}


def by_lot(items: Mapping[int, Item], item_id: int) -> bool:
    """Whether pieces of an item are counted by lot, not told apart by serial numbers."""
    item = items.get(item_id)
    return item is not None and item.tracking == Item.Tracking.LOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What came from a supplier, whatever paper it came with: all that inspection looks at."""

    supplier_id: int
    day: date
    arrivals: tuple[Arrival, ...]
    items: Mapping[int, Item]
    verdicts: frozenset[str] = frozenset()  # the reasons for which something may be rejected
    lapsed: Mapping[int, Sequence[Span]] = field(default_factory=dict)  # without a registration: when it held
    known: Mapping[str, KnownUnit] = field(default_factory=dict)
    named: Mapping[str, int] = field(default_factory=dict)  # names that new units may have -> item
    recalled: frozenset[tuple[int, str]] = frozenset()  # items and numbers of lots that are recalled
    held: Held = field(default_factory=Held)  # the papers that bear on all of it

    def by_lot(self, item_id: int) -> bool:
        return by_lot(self.items, item_id)


def papers_at_receipt(goods: Arrived) -> Findings:
    """What papers that were never shown, and lapsed authorisations of makers, lead to; lapsed licences are the ledger's own rule,
    lapsed registrations are looked at thing by thing. Pure."""
    accepted = {each.item_id for each in goods.arrivals if not each.rejected}
    wanted = [Goods(item, goods.supplier_id) for item in sorted(accepted)]
    held = goods.held
    return judge(wanted, held, held.rules, Stage.RECEIPT, goods.day, lapsed=LAPSED_AT_RECEIPT)


def check_label(
    arrival: Arrival, *, counted: bool, verdicts: frozenset[str], doubts: frozenset[str] = frozenset()
) -> Iterator[Offence]:
    """What is wrong with one arrival by itself: a verdict that nobody may give, and a unit that is no unit. Pure."""
    if arrival.rejected and arrival.rejected not in verdicts:
        yield Offence("bad_verdict", arrival.name)
    if arrival.doubtful and (arrival.rejected or arrival.doubtful not in doubts):
        yield Offence("bad_verdict", arrival.name)
    if not counted and not (arrival.epc and arrival.serial):
        yield Offence("needs_label", arrival.name)
    elif not counted and arrival.quantity != 1:
        yield Offence("bad_quantity", arrival.name)


def misnamed(
    arrival: Arrival, items: Mapping[int, Item], known: KnownUnit | None, named: Mapping[str, int]
) -> Offence | None:
    """A unit stays of the item it is known as; a new one is called what a scan of its label gives: by its item's code
    and its serial number, or by a hospital label. ``named``: see :func:`.arrival.names_of`. Pure."""
    if by_lot(items, arrival.item_id) or not (arrival.epc and arrival.serial):
        return None
    of = known.item_id if known else named.get(arrival.epc)
    if of not in (None, arrival.item_id):
        return Offence("other_item", arrival.name)
    usual = next((name for name, item in named.items() if item == arrival.item_id), None)
    if of is None and usual:
        facts = {"serial": arrival.serial, "item": items[arrival.item_id].name, "expected": usual}
        return Offence("epc_differs", arrival.name, facts)
    return None


def new_things(
    arrivals: Sequence[Arrival],
    items: Mapping[int, Item],
    *,
    cost: Callable[[int], Decimal],
    supplier_id: int,
    owner_id: int | None = None,
    order_number: str = "",
) -> Iterator[NewUnit | NewQuantity]:
    """The units, then the lots with all their pieces. ``cost``: of one piece of an item. Pure."""
    counted: dict[Lot, NewQuantity] = {}
    for arrival in arrivals:
        if by_lot(items, arrival.item_id):
            lot = (arrival.item_id, arrival.lot, arrival.expiry)
            before = counted[lot].quantity if lot in counted else Decimal(0)
            counted[lot] = NewQuantity(
                arrival.item_id, before + arrival.quantity, arrival.lot, arrival.expiry, arrival.made,
                supplier_id=supplier_id, owner_id=owner_id, cost=cost(arrival.item_id),
            )  # fmt: skip
        else:
            yield NewUnit(
                arrival.epc, arrival.item_id, arrival.serial, arrival.lot, arrival.expiry, arrival.made,
                supplier_id=supplier_id, owner_id=owner_id, order_number=order_number, cost=cost(arrival.item_id),
            )  # fmt: skip
    yield from counted.values()


def lots_in(event_id: str) -> LotIds:
    """The lots of which an entry moved pieces: item, number and expiry -> id. One statement."""
    rows = Movement.objects.filter(event_id=event_id, unit__isnull=True)
    found = rows.values_list("lot_id", "lot__item_id", "lot__number", "lot__expiry")
    return {(item, number, expiry): lot for lot, item, number, expiry in found}


def lot_of(delivery: Arrived, arrival: Arrival) -> Lot:
    """The lot that a thing belongs to: as on its label, else as announced. Pure."""
    known = delivery.known.get(arrival.epc)
    announced = (known.lot, known.expiry) if known else ("", None)
    return arrival.item_id, arrival.lot or announced[0], arrival.expiry or announced[1]


def doubted(delivery: Arrived) -> tuple[Arrival, ...]:
    """What arrived, with what would be accepted of a recalled lot put in doubt. Pure."""
    lots = [lot_of(delivery, each)[:2] for each in delivery.arrivals]
    return tuple(
        replace(each, doubtful=REASON)
        if lot in delivery.recalled and not (each.rejected or each.doubtful)
        else each
        for each, lot in zip(delivery.arrivals, lots, strict=True)
    )


def draft_verdicts(
    arrivals: Sequence[Arrival],
    items: Mapping[int, Item],
    receipt: Draft,
    *,
    dock_id: int,
    lots: LotIds,
    owner_id: int | None = None,
    set_aside_at: int | None = None,
) -> list[Draft]:
    """What inspection found: one acceptance, one rejection for each reason, and one hold for each doubt. Pure.

    ``lots``: of what is counted by lot, see :func:`lots_in`; ``set_aside_at``: the place for what is rejected or doubtful;
    None, and it stays at the dock.
    """
    groups: dict[tuple[Step, str], list[Thing]] = defaultdict(list)
    counted: dict[tuple[Step, str], Counter[int]] = defaultdict(Counter)
    for arrival in arrivals:
        step = Step.REJECT if arrival.rejected else Step.HOLD if arrival.doubtful else Step.ACCEPT
        verdict = step, arrival.rejected or arrival.doubtful
        if by_lot(items, arrival.item_id):
            counted[verdict][lots[arrival.item_id, arrival.lot, arrival.expiry]] += arrival.quantity
        else:
            groups[verdict].append(arrival.epc)
    for verdict, pieces in counted.items():
        groups[verdict] += [
            LotQuantity(lot, Decimal(count), dock_id, owner_id) for lot, count in pieces.items()
        ]
    return [
        Draft(
            step=step,
            key=f"{receipt.key}:{step.value}{':' + reason if reason else ''}",
            happened_at=receipt.happened_at,
            lines=lines(things, None if step is Step.ACCEPT else set_aside_at),
            documents=receipt.documents,
            reason=reason,
            read_point_id=dock_id,
            source_party_id=receipt.source_party_id,
        )
        for (step, reason), things in sorted(groups.items(), key=lambda group: (group[0][1], group[0][0]))
    ]
