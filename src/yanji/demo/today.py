"""The last morning: everybody finds something to do. Nothing here happens after half past ten."""

from collections import Counter
from datetime import date, timedelta

from yanji.ledger.api import Step

from . import care
from .procedures import PROCEDURES, WORK
from .record import CaseDoc, Piece, RequestDoc, Thing
from .requests import Desk, issue, pick, requests_of_day, take_in
from .supply import Delivery, Supply, _order, arrive, dispatch, review
from .theatre import perform, set_out
from .world import World, moves

STORE, WARD = "MAIN-IS", "MAIN-CATH"  # where the demo's storekeeper and nurse work
BEFORE = 3  # working days before today on which the orders for this morning are placed


def promise(supply: Supply, day: date) -> list[Delivery]:
    """Orders that will be at the door this morning: two for the demo's storekeeper, one elsewhere, one that may not in."""
    world, found = supply.world, []
    lapsed = world.catalogue.lapsed_supplier
    for store, most, seller in ((STORE, 9, None), (STORE, 12, None), ("MAIN-CS", 6, None), ("", 4, lapsed)):
        items = _orderable(world, supply, store, seller)
        seller = seller if seller is not None else Counter(world.item(item).supplier for item in items).most_common(1)[0][0]
        chosen = [item for item in items if world.item(item).supplier == seller and item not in _promised(found)][:most]
        kept_at = world.item(chosen[0]).family.field
        where = store or next(code for code, place in world.stores.items() if kept_at in place.fields)
        basket = {item: world.rng.randint(2, 8) for item in chosen if world.item(item).family.field in world.stores[where].fields}
        order = _order(supply, world.stores[where], seller, basket, day)
        for deliveries in supply.coming.values():
            deliveries[:] = [delivery for delivery in deliveries if delivery.order is not order]
        order.expected = world.today
        found.append(Delivery(order, world.today, basket))
    return found


def _promised(deliveries: list[Delivery]) -> set[int]:
    return {item for delivery in deliveries for item in delivery.wanted}


def _orderable(world: World, supply: Supply, store: str, seller: int | None) -> list[int]:
    """Items that a store keeps (or a supplier sells), the quick ones first."""
    lapsed = world.catalogue.lapsed_supplier
    items = [
        number
        for number, item in enumerate(world.catalogue.items)
        if (item.supplier == seller if seller is not None else item.supplier != lapsed)
        and (not store or item.family.field in world.stores[store].fields)
        and (seller is not None or item.price < 12_000)
    ]
    return sorted(items, key=lambda item: -supply.daily.get((store, item), 0.0))


def this_morning(supply: Supply, desk: Desk, waiting: list[Delivery]) -> None:
    """From half past seven to half past ten, with every role's work left half done on purpose."""
    world, day = supply.world, supply.world.today
    _returns(world, day)
    care.expire(world, day)
    _theatres(world, desk.plan[day], day)
    review(supply, day)
    for order in [order for order in world.papers.orders if order.created.date() == day][::3]:
        order.placed = None
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
        arrive(supply, delivery, world.rng.uniform(500, 540))
    arrive(supply, waiting[1], 552, put_away=False)


def _requests(desk: Desk, day: date) -> None:
    world = desk.world
    requests = requests_of_day(desk, day)
    for department in ("MAIN-CATH", "MAIN-EP", "MAIN-NIR", "MAIN-HYB"):
        requests.append(_top_up(world, department, day))
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
    _reserve_for_tomorrow(world, ours[-1], day)


def _top_up(world: World, department: str, day: date) -> RequestDoc:
    """A requisition of things that the store does have."""
    families = {family for procedure, _ in WORK[world.departments[department].does][2] for family, *_ in PROCEDURES[procedure].takes}
    there = [
        item for item in range(len(world.catalogue.items))
        if world.item(item).family.code in families and world.item(item).family.field in world.stores[STORE].fields
        and world.item(item).price < 20_000 and world.item(item).family.tracking == "unit"
        and sum(thing.batch.expiry > day + timedelta(days=2) for thing in world.shelf.get((STORE, item), ())) >= 3
    ]  # fmt: skip
    chosen = sorted(world.rng.sample(there, min(6, len(there))))
    request = RequestDoc(
        world.number("RQ", department, day), department, STORE, _nurse(world, department), world.at(day, 462),
        world.at(day, 1080), {item: [world.rng.randint(1, 3), 0, 0] for item in chosen}, note="明日手术备货",
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


def _reserve_for_tomorrow(world: World, request: RequestDoc, day: date) -> None:
    """The units for tomorrow's case are kept for it overnight."""
    units: list[Thing] = []
    for item in list(request.lines)[:3]:
        units += [t for t in world.shelf.get((STORE, item), ()) if isinstance(t, Piece) and t.batch.expiry > day][:1]
    if units:
        world.act(
            world.at(day, 600), Step.RESERVE, f"reserve:{request.number}", "storekeeper", moves(units),
            documents={"requisition": request.number}, until=world.at(day + timedelta(days=1), 1080),
            reserved_for=request.number, read_point=STORE,
        )  # fmt: skip
        world.notes["reserved"] = units[0].epc  # type: ignore[union-attr]
