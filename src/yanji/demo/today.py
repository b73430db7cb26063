"""The last morning: everybody finds something to do. Nothing here happens after half past ten."""

from collections import Counter
from datetime import date, timedelta

from yanji.ledger.api import Step

from . import care
from .catalogue import LAPSED_DAYS
from .procedures import PROCEDURES, WORK
from .record import CaseDoc, Piece, RequestDoc
from .requests import Desk, issue, pick, requests_of_day, take_in
from .supply import Delivery, Supply, arrive, dispatch, order, review
from .theatre import perform, set_out
from .world import World, moves

STORE, WARD = "MAIN-IS", "MAIN-CATH"  # where the demo's storekeeper and nurse work
BEFORE = 3  # working days before today on which the orders for this morning are placed


def promise(supply: Supply, day: date) -> list[Delivery]:
    """Orders that will be at the door this morning: two for the demo's storekeeper, one elsewhere, one that may not in."""
    lapsed = supply.world.catalogue.lapsed_supplier
    found: list[Delivery] = []
    for store, most in ((STORE, 9), (STORE, 12), ("MAIN-CS", 6)):
        taken = {item for delivery in found for item in delivery.wanted}
        items = [item for item in _orderable(supply, store) if item not in taken]
        seller = Counter(supply.world.item(item).supplier for item in items).most_common(1)[0][0]
        chosen = [item for item in items if supply.world.item(item).supplier == seller]
        found.append(_promised(supply, store, seller, chosen[:most], day))
    sold = [number for number, item in enumerate(supply.world.catalogue.items) if item.supplier == lapsed]
    store = supply.world.store_of("MAIN-CATH", sold[0]).code
    sold = [item for item in sold if supply.world.store_of("MAIN-CATH", item).code == store]
    # Ordered while its permit was good still: who may not deliver gets no order.
    placed = supply.world.today - timedelta(days=LAPSED_DAYS + 1)
    while not supply.world.works(placed):
        placed -= timedelta(days=1)
    found.append(_promised(supply, store, lapsed, sold[:4], placed))
    return found


def _promised(supply: Supply, store: str, seller: int, items: list[int], day: date) -> Delivery:
    """One order, with its delivery kept apart: what becomes of it this morning is decided here."""
    world = supply.world
    basket = {item: world.rng.randint(2, 8) for item in items}
    made = order(supply, world.stores[store], seller, basket, day)
    for deliveries in supply.coming.values():
        deliveries[:] = [delivery for delivery in deliveries if delivery.order is not made]
    made.expected = world.today
    return Delivery(made, world.today, basket)


def _orderable(supply: Supply, store: str) -> list[int]:
    """Items that a store keeps, from suppliers in good standing, the quick ones first."""
    world = supply.world
    items = [
        number
        for number, item in enumerate(world.catalogue.items)
        if item.supplier != world.catalogue.lapsed_supplier
        and item.family.field in world.stores[store].fields
        and item.price < 12_000
    ]
    return sorted(items, key=lambda item: -supply.daily.get((store, item), 0.0))


def this_morning(supply: Supply, desk: Desk, waiting: list[Delivery]) -> None:
    """From half past seven to half past ten, with every role's work left half done on purpose."""
    world, day = supply.world, supply.world.today
    _returns(world, day)
    care.expire(world, day)
    _theatres(world, desk.plan[day], day)
    review(supply, day)
    for draft in [made for made in world.papers.orders if made.created.date() == day][::3]:
        draft.placed = None
    _door(supply, waiting, day)
    _requests(desk, day)


def leave_returns(world: World, day: date) -> None:
    """On the evening before, the demo's nurse gives two units back; nobody has looked at them yet."""
    shelves = [
        shelf for (place, item), shelf in sorted(world.shelf.items())
        if place == WARD and shelf and isinstance(shelf[-1], Piece) and world.store_of(WARD, item).code == STORE
        and shelf[-1].batch.expiry > world.today
    ]  # fmt: skip
    things = [shelf.pop() for shelf in world.rng.sample(shelves, min(2, len(shelves)))]
    if not things:
        return
    number, returns = world.number("RT", WARD, day), world.stores[STORE].returns
    world.act(
        world.at(day, 1425), Step.GIVE_BACK, f"give-back:{number}", "nurse", moves(things, returns),
        documents={"return": number}, reason="case_cancelled", read_point=returns,
    )  # fmt: skip
    world.returned.setdefault(STORE, []).extend(things)


def _returns(world: World, day: date) -> None:
    """The main campus has not looked at its returns yet."""
    kept = {store: things for store, things in world.returned.items() if store.startswith("MAIN")}
    world.returned = {store: things for store, things in world.returned.items() if store not in kept}
    care.restock(world, day)
    world.returned.update(kept)


def _theatres(world: World, cases: list[CaseDoc], day: date) -> None:
    for case in cases:
        start = case.planned.hour * 60 + case.planned.minute
        world.papers.cases.append(case)
        if start + PROCEDURES[case.procedure].minutes <= 620:
            perform(world, case, day)
        elif start < 1000:
            set_out(world, case, day)


def _door(supply: Supply, waiting: list[Delivery], day: date) -> None:
    """Some deliveries are in, one stands at the dock, the announced ones are still on the road."""
    world = supply.world
    for number, delivery in enumerate(supply.coming.pop(day, [])):
        if number % 3 == 2 and delivery.notice:
            continue
        if not delivery.things:
            dispatch(supply, delivery, day, notice=False)
        arrive(supply, delivery, world.rng.uniform(482, 490))
    arrive(supply, waiting[1], 552, put_away=False)


def _requests(desk: Desk, day: date) -> None:
    world = desk.world
    requests = requests_of_day(desk, day)
    for department in ("MAIN-CATH", "MAIN-EP", "MAIN-NIR", "MAIN-HYB"):
        tomorrow = [
            case.number for case in desk.plan[world.next_working(day)] if case.department == department
        ]
        requests.append(_top_up(world, department, day, case=tomorrow[0] if tomorrow else ""))
    for number, request in enumerate(requests):
        if request.store == STORE or number % 3:
            continue
        if picked := pick(world, request, day, world.rng.uniform(570, 580)):
            issued = issue(world, request, picked, day, world.rng.uniform(584, 592))
            if number % 2:
                take_in(world, issued, day, world.rng.uniform(600, 620))
    ours = [request for request in requests if request.store == STORE]
    if picked := pick(world, ours[-4], day, 565):
        issue(world, ours[-4], picked, day, 588)
    pick(world, ours[-3], day, 575)
    _pick_half(world, ours[-2], day)


def _top_up(world: World, department: str, day: date, *, case: str) -> RequestDoc:
    """A requisition of things that the store does have."""
    families = {
        family
        for procedure, _ in WORK[world.departments[department].does][2]
        for family, *_ in PROCEDURES[procedure].takes
    }
    there = {
        item: sum(
            thing.batch.expiry > day + timedelta(days=2) for thing in world.shelf.get((STORE, item), ())
        )
        for family in sorted(families)
        for item in world.families[family]
        if world.item(item).family.tracking == "unit" and world.item(item).price < 20_000
    }
    best = sorted((item for item in there if there[item]), key=lambda item: (-there[item], item))[:24]
    chosen = sorted(world.rng.sample(best, min(6, len(best))))
    request = RequestDoc(
        world.number("RQ", department, day), department, STORE, _nurse(world, department), world.at(day, 462),
        world.at(day, 1080), {item: [world.rng.randint(1, min(3, there[item])), 0, 0] for item in chosen},
        note="明日手术备货", case=case,
    )  # fmt: skip
    world.papers.requests.append(request)
    return request


def _nurse(world: World, department: str) -> str:
    return "nurse" if department == WARD else world.keeper(department)


def _pick_half(world: World, request: RequestDoc, day: date) -> None:
    asked = dict(request.lines)
    request.lines = dict(list(asked.items())[: max(1, len(asked) // 2)])
    pick(world, request, day, 585)
    request.lines = asked
