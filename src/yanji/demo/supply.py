"""Goods come in: opening stock, orders by reorder point, ship notices, deliveries with inspection, put-away."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from yanji.ledger.api import Step

from .campuses import STORES, Store
from .catalogue import LAPSED_DAYS
from .labels import label
from .record import Batch, Move, NoticeDoc, OrderDoc, Piece, ReceiptDoc, Thing
from .world import CARRIERS, DAYS, World, moves, pieces

LEAD_DAYS, REVIEW_DAYS, COVER_DAYS = 5, 7, 13
MOST_LINES = 300  # of one opening document
REJECTS = ("damaged", "sterile_barrier", "short_dated", "wrong_item", "temperature", "label")


@dataclass
class Delivery:
    """What arrives of an order on a day. ``made`` before it arrives, where a ship notice said so."""

    order: OrderDoc
    day: date
    wanted: dict[int, int]
    things: list[Thing] = field(default_factory=list)
    notice: NoticeDoc | None = None


@dataclass
class Supply:
    """What the buyers know: how fast each store's items go, and what is on order."""

    world: World
    daily: dict[tuple[str, int], float]
    on_order: Counter[tuple[str, int]] = field(default_factory=Counter)
    coming: dict[date, list[Delivery]] = field(default_factory=lambda: defaultdict(list))
    positions: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def open_stores(supply: Supply, wanted: Counter[tuple[str, int]]) -> None:
    """The stock with which the system went live: counted in at its shelf, lot by lot, of every age."""
    world = supply.world
    for store in STORES:
        things: list[Thing] = []
        for item, entry in enumerate(world.catalogue.items):
            if entry.family.field not in store.fields:
                continue
            daily = supply.daily.get((store.code, item), 0.0)
            quantity = _opening(world, store, item, daily)
            if quantity:
                supply.positions[store.code].append(item)
                things += _aged(world, item, quantity)
        _count_in(world, store.code, things, f"lead-{store.campus.lower()}")
    _open_departments(world, wanted)


def _opening(world: World, store: Store, item: int, daily: float) -> int:
    """Movers for some weeks; of the others a few, because somebody once wanted that size."""
    rng, entry = world.rng, world.item(item)
    counted = entry.family.tracking == "lot"
    moving = daily * rng.uniform(14, 34)
    if store.campus != "MAIN" and not daily and rng.random() < 0.62:
        return 0
    dear = float(entry.price) > 15_000
    idle: float = (
        rng.choice((1, 1, 2)) if dear else rng.choice((7, 9, 11, 14, 18, 22, 26)) * (5 if counted else 1)
    )
    idle *= min(1, world.scale)
    raw = moving + idle
    return int(raw) + (rng.random() < raw - int(raw))


def _aged(world: World, item: int, quantity: int) -> list[Thing]:
    """A quantity out of one to three lots, the oldest of them near its end."""
    things: list[Thing] = []
    lots = min(quantity, world.rng.choice((1, 1, 2, 2, 3)))
    for number in range(lots):
        share = quantity // lots + (number < quantity % lots)
        world.batches.pop(item, None)
        batch = world.batch(item, world.start, oldest=min(0.97, world.rng.betavariate(1.6, 2.2) + 0.04))
        things += world.things(item, share, batch)
    return things


def _count_in(world: World, place: str, things: list[Thing], actor: str) -> None:
    for first in range(0, len(things), MOST_LINES):
        block = things[first : first + MOST_LINES]
        at = world.at(world.start, 400 + world.rng.random() * 20)
        label(world, block, place, actor, at)
        key = f"opening:{place}:{first // MOST_LINES + 1}"
        papers = {"opening": f"OPEN-{place}"}
        lines = [line for thing in block for line in moves([thing], world.home(place, thing.item), new=True)]
        world.act(
            at, Step.RECEIVE, key, actor, lines, documents=papers, note="上线期初盘点入库", read_point=place
        )
        world.put(place, block)
        world.act(at + timedelta(minutes=9), Step.ACCEPT, f"{key}:accept", actor, _at_home(world, place, block),
                  documents=papers, read_point=place)  # fmt: skip


def _at_home(world: World, place: str, things: list[Thing]) -> list[Move]:
    return [line for thing in things for line in moves([thing], source=world.home(place, thing.item))]


def _open_departments(world: World, wanted: Counter[tuple[str, int]]) -> None:
    by_department: dict[str, list[Thing]] = defaultdict(list)
    for (department, item), total in sorted(wanted.items()):
        quantity = min(6, round(total / DAYS * 5 + world.rng.random() * 0.9))
        if quantity and float(world.item(item).price) < 15_000:
            by_department[department] += _aged(world, item, quantity)
    for department, things in by_department.items():
        _count_in(world, department, things, world.lead(department))


# Orders


def review(supply: Supply, day: date) -> None:
    """Each supplier's day of the week: whatever is below its reorder point is ordered up again."""
    world = supply.world
    for store in STORES:
        baskets: dict[int, dict[int, int]] = defaultdict(dict)
        for item in supply.positions[store.code]:
            seller = world.item(item).supplier
            if seller % 5 != day.weekday() and day != world.today:
                continue
            daily = supply.daily.get((store.code, item), 0.0)
            level = daily * (LEAD_DAYS + REVIEW_DAYS) * 1.35 + (0.5 if daily else 0)
            position = world.on_shelf(store.code, item) + supply.on_order[store.code, item]
            if daily and position <= level:
                baskets[seller][item] = max(1, round(level + daily * COVER_DAYS - position + 0.5))
        for seller, basket in sorted(baskets.items()):
            if seller == world.catalogue.lapsed_supplier and day > world.today - timedelta(
                days=LAPSED_DAYS + 20
            ):
                continue
            order(supply, store, seller, basket, day)


def order(supply: Supply, store: Store, seller: int, basket: dict[int, int], day: date) -> OrderDoc:
    """Place an order; it arrives after a few working days, now and then late or in two parts."""
    world = supply.world
    created = world.at(day, world.rng.uniform(545, 640) if day < world.today else world.rng.uniform(500, 560))
    expected = world.next_working(day, world.rng.choice((2, 3, 3, 4, 5)))
    buyer = f"buyer-{store.campus.lower()}-{world.rng.choice('12')}"
    number = world.number("PO", store.code, day)
    lines = {item: [quantity, 0, 0] for item, quantity in basket.items()}
    made = OrderDoc(
        number, seller, store.code, buyer, created, created + timedelta(minutes=17), expected, lines
    )
    world.papers.orders.append(made)
    for item, quantity in basket.items():
        supply.on_order[store.code, item] += quantity
    late = world.rng.choice((0, 0, 0, 0, 1, 2))
    arrives = world.next_working(expected, late) if late else expected
    items = sorted(basket)
    if len(items) > 3 and world.rng.random() < 0.18:
        cut = len(items) * 2 // 3
        second = world.next_working(arrives, 3)
        supply.coming[second].append(Delivery(made, second, {item: basket[item] for item in items[cut:]}))
        items = items[:cut]
    supply.coming[arrives].append(Delivery(made, arrives, {item: basket[item] for item in items}))
    return made


def dispatch(supply: Supply, delivery: Delivery, day: date, *, notice: bool) -> None:
    """The supplier packs: lots and serials are known from here on, and announced where the supplier can."""
    world, order = supply.world, delivery.order
    for item, quantity in sorted(delivery.wanted.items()):
        split = quantity if quantity < 8 or world.rng.random() < 0.7 else quantity // 2
        oldest = 0.8 if world.rng.random() < 0.03 else 0.0
        for share in (split, quantity - split):
            if share:
                delivery.things += world.things(
                    item, share, world.batch(item, day, oldest=oldest), order.number
                )
    if not notice:
        return
    at = world.at(day, world.rng.uniform(930, 1060))
    reference = f"SD{day:%y%m%d}{world.rng.randint(1000, 9999)}"
    serial = [thing for thing in delivery.things if isinstance(thing, Piece) and thing.epc]
    unnamed: Counter[Batch] = Counter()
    for thing in delivery.things:
        if not (isinstance(thing, Piece) and thing.epc):
            unnamed[thing.batch] += pieces(thing)
    made = NoticeDoc(
        world.number("SN", order.store, day), order, reference, world.rng.choice(CARRIERS), delivery.day, order.actor, at,
        serial, unnamed,
    )  # fmt: skip
    if serial:
        made.act = f"announce:{made.number}"
        papers = {"order": order.number, "notice": made.number}
        world.act(
            at,
            Step.ANNOUNCE,
            made.act,
            order.actor,
            moves(serial, new=True),
            documents=papers,
            supplier=order.supplier,
        )
    world.papers.notices.append(made)
    delivery.notice = made


def arrive(supply: Supply, delivery: Delivery, minute: float, *, put_away: bool = True) -> ReceiptDoc:
    """A delivery is scanned over the door and inspected; what passed is put on its shelf."""
    world, order = supply.world, delivery.order
    store, day = world.stores[order.store], delivery.day
    keeper, at = world.keeper(store.code), world.at(delivery.day, minute)
    number = world.number("GR", store.code, day)
    reference = (
        delivery.notice.reference if delivery.notice else f"SD{day:%y%m%d}{world.rng.randint(1000, 9999)}"
    )
    papers = {"order": order.number, "receipt": number, "delivery": reference}
    key = f"receipt:{number}"
    label(world, delivery.things, store.dock, keeper, at)
    more = {"documents": papers, "read_point": store.dock, "supplier": order.supplier}
    world.act(at, Step.RECEIVE, key, keeper, moves(delivery.things, store.dock, new=True), **more)
    rejected = _inspect(world, delivery.things)
    refused = {id(thing) for _, thing in rejected}
    passed = [thing for thing in delivery.things if id(thing) not in refused]
    keys = []
    for reason in sorted({reason for reason, _ in rejected}):
        bad = [thing for why, thing in rejected if why == reason]
        keys.append(f"{key}:reject:{reason}")
        aside = moves(bad, store.quarantine, source=store.dock)
        world.act(at, Step.REJECT, keys[-1], keeper, aside, reason=reason, **more)
        world.held.extend((store.code, day, thing, "rejected") for thing in bad)
    if passed:
        world.act(at, Step.ACCEPT, f"{key}:accept", keeper, moves(passed, source=store.dock), **more)
        if put_away:
            _put_away(world, store, passed, f"put-away:{number}", keeper, day, minute)
    lines = _count_lines(delivery, passed, rejected)
    if delivery.notice:
        delivery.notice.arrived = True
    receipt = ReceiptDoc(
        number, order, delivery.notice, store.dock, reference, keeper, at, key, f"{key}:accept" if passed else "", keys, lines
    )  # fmt: skip
    world.papers.receipts.append(receipt)
    for item, quantity in delivery.wanted.items():
        supply.on_order[store.code, item] -= quantity
    return receipt


def _put_away(
    world: World, store: Store, things: list[Thing], key: str, keeper: str, day: date, minute: float
) -> None:
    lines = [
        line
        for thing in things
        for line in moves([thing], world.home(store.code, thing.item), source=store.dock)
    ]
    at = world.at(day, minute + world.rng.uniform(25, 80 if day < world.today else 60))
    world.act(at, Step.PUT_AWAY, key, keeper, lines, read_point=store.code)
    world.put(store.code, things)


def _inspect(world: World, things: list[Thing]) -> list[tuple[str, Thing]]:
    """A few things fail; whole lots of counted things do not."""
    rng = world.rng
    return [
        (rng.choice(REJECTS), thing) for thing in things if isinstance(thing, Piece) and rng.random() < 0.012
    ]


def _count_lines(
    delivery: Delivery, passed: list[Thing], rejected: list[tuple[str, Thing]]
) -> dict[int, tuple[int, int, int, int, dict[str, int]]]:
    """What each item of the delivery came to; the order's lines count along."""
    order, lines = delivery.order, {}
    announced: Counter[int] = Counter()
    if delivery.notice:
        announced.update(thing.item for thing in delivery.notice.named)
        for batch, count in delivery.notice.unnamed.items():
            announced[batch.item] += count
    accepted: Counter[int] = Counter()
    for thing in passed:
        accepted[thing.item] += pieces(thing)
    reasons: dict[int, dict[str, int]] = defaultdict(dict)
    for reason, thing in rejected:
        reasons[thing.item][reason] = reasons[thing.item].get(reason, 0) + 1
    for item, line in order.lines.items():
        bad = sum(reasons.get(item, {}).values())
        if line[0] > line[1] or accepted[item] or bad:
            lines[item] = (line[0] - line[1], announced[item], accepted[item], bad, reasons.get(item, {}))
        line[1] += accepted[item]
        line[2] += bad
    return lines


def receive_day(supply: Supply, day: date) -> None:
    """Everything that arrives on a day, one delivery after the other."""
    for delivery in supply.coming.pop(day, []):
        if not delivery.things:
            dispatch(supply, delivery, day, notice=False)
        arrive(supply, delivery, supply.world.rng.uniform(500, 650))


def announce_day(supply: Supply, day: date) -> None:
    """In the afternoon suppliers send notices for what arrives on the next working day."""
    for delivery in supply.coming.get(supply.world.next_working(day), []):
        if supply.world.rng.random() < 0.42:
            dispatch(supply, delivery, day, notice=True)
