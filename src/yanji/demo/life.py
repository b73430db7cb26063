"""A hundred and twenty days in the life of the hospital, in memory: the same for the same seed and day."""

from collections.abc import Callable
from datetime import date, timedelta, tzinfo
from random import Random

from . import care
from .catalogue import Catalogue
from .requests import Desk, desk, requests_of_day, serve
from .staff import Colleague
from .supply import Delivery, Supply, announce_day, dispatch, open_stores, receive_day, review
from .tales import evening
from .teller import Teller
from .theatre import demand, perform, plan_cases
from .today import BEFORE, leave_returns, promise, this_morning
from .world import DAYS, World


def live(
    *, seed: int, today: date, zone: tzinfo, scale: float, catalogue: Catalogue, people: list[Colleague],
    progress: Callable[[float], None],
) -> World:  # fmt: skip
    """Simulate everything; ``world.acts`` are then in the order in which the ledger hears of them."""
    world = World(Random(f"life:{seed}"), today, zone, scale, catalogue, people)
    plan = plan_cases(world)
    by_department, by_store = demand(world, plan)
    supply = Supply(world, {key: total / DAYS for key, total in by_store.items()})
    open_stores(supply, by_department)
    nurses = desk(world, by_department, plan)
    teller = Teller(world)
    waiting: list[Delivery] = []
    for offset in range(DAYS - 1):
        day = world.start + timedelta(days=offset)
        _day(supply, nurses, day)
        if not waiting and world.next_working(day, BEFORE) >= today:
            waiting = promise(supply, day)
        if world.next_working(day) == today:
            _eve(supply, waiting, day)
        evening(teller, day)
        progress(offset / DAYS)
    this_morning(supply, nurses, waiting)
    world.papers.cases.extend(case for day, cases in plan.items() if day > today for case in cases)
    world.acts.sort(key=lambda act: (act.known, act.order))
    return world


def _day(supply: Supply, nurses: Desk, day: date) -> None:
    """One day from morning to night; on days of rest only urgent cases are done."""
    world, cases = supply.world, nurses.plan[day]
    world.papers.cases.extend(cases)
    if world.works(day):
        _morning(world, day)
    for case in cases:
        if case.planned.hour < 18:
            perform(world, case, day)
    if world.works(day):
        _afternoon(supply, nurses, day)
    for case in cases:
        if case.planned.hour >= 18:
            perform(world, case, day)


def _eve(supply: Supply, waiting: list[Delivery], day: date) -> None:
    """The evening before the last morning: what will be at the door is announced."""
    leave_returns(supply.world, day)
    for delivery in waiting:
        if not delivery.things:
            dispatch(supply, delivery, day, notice=True)


def _morning(world: World, day: date) -> None:
    care.restock(world, day)
    if day.weekday() == 0:
        care.expire(world, day)
    if day.weekday() == 4:
        care.scrap(world, day)
    care.settle(world, day)
    care.hold(world, day)
    if day.toordinal() % 29 == 0:
        care.lose(world, day)


def _afternoon(supply: Supply, nurses: Desk, day: date) -> None:
    world = supply.world
    review(supply, day)
    receive_day(supply, day)
    for request in requests_of_day(nurses, day):
        serve(world, request, day)
    announce_day(supply, day)
    left = (world.today - day).days
    if left <= care.RECALL_BEFORE and not world.recalled_lot:
        moving = {
            thing.batch
            for coming in supply.coming.values()
            for delivery in coming
            for thing in delivery.things
        } | world.told
        care.recall(world, day, moving)
    if left <= care.RECALL_BEFORE - 7 and world.recalled:
        care.send_recalled(world, day)
