"""Departments ask, stores pick by first expiry, porters carry, departments take in."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from yanji.ledger.api import Step

from .record import Batch, CaseDoc, IssueDoc, RequestDoc, Thing
from .world import DAYS, World, moves, pieces

THEATRES = frozenset("cath ep heart hybrid nir neuro ortho eye general urology endo radiology".split())


@dataclass
class Desk:
    """What departments keep in hand of each item, and the cases they prepare for."""

    world: World
    par: dict[str, dict[int, int]]
    plan: dict[date, list[CaseDoc]]


def desk(world: World, wanted: Counter[tuple[str, int]], plan: dict[date, list[CaseDoc]]) -> Desk:
    par: dict[str, dict[int, int]] = defaultdict(dict)
    for (department, item), total in sorted(wanted.items()):
        if total >= 5 and float(world.item(item).price) < 12_000:
            par[department][item] = max(2, ceil(total / DAYS * 9))
    return Desk(world, par, plan)


def needs(desk: Desk, department: str, day: date) -> Counter[int]:
    """What the department lacks: for the cases up to its next delivery, and to fill what it keeps in hand."""
    world, short = desk.world, Counter[int]()
    last = world.next_working(day)
    for offset in range(1, (last - day).days + 1):
        for case in desk.plan.get(day + timedelta(days=offset), ()):
            if case.department == department:
                short.update(case.wants)
    # Theatres fill up on two days of the week, wards on one; what a case needs is fetched on any day.
    ours = sum(map(ord, department)) % 5
    theatre = world.departments[department].does in THEATRES
    filling = day.weekday() == ours or (theatre and day.weekday() == (ours + 2) % 5)
    for item in list(short):
        short[item] -= world.on_shelf(department, item)
    if filling:
        for item, par in desk.par[department].items():
            have = world.on_shelf(department, item)
            if have <= par // 2:
                short[item] = max(short[item], par - have)
    return Counter({item: count for item, count in short.items() if count > 0})


def requests_of_day(desk: Desk, day: date) -> list[RequestDoc]:
    """One requisition for each department and store, written in the morning or the evening before."""
    world, found = desk.world, []
    for department in world.departments:
        by_store: dict[str, dict[int, list[int]]] = defaultdict(dict)
        for item, count in sorted(needs(desk, department, day).items()):
            by_store[world.store_of(department, item).code][item] = [count, 0, 0]
        for store, lines in by_store.items():
            # Filling up with two or three pieces can wait until there is more to carry.
            if sum(line[0] for line in lines.values()) < 3 and world.rng.random() < 0.35:
                continue
            minute = world.rng.uniform(440, 560)
            found.append(
                RequestDoc(
                    world.number("RQ", department, day),
                    department,
                    store,
                    world.keeper(department),
                    world.at(day, minute),
                    world.at(day, 1080),
                    lines,
                )
            )
    world.papers.requests.extend(found)
    return found


def pick(world: World, request: RequestDoc, day: date, minute: float) -> list[Thing]:
    """Set aside what there is, first expiry first."""
    picked: list[Thing] = []
    for item, line in request.lines.items():
        found = world.take(request.store, item, line[0] - line[1], day)
        line[1] += sum(map(pieces, found))
        picked += found
    if picked:
        key = f"pick:{request.number}:{len(request.acts)}"
        papers = {"requisition": request.number, **({"case": request.case} if request.case else {})}
        keeper = world.keeper(request.store)
        world.act(
            world.at(day, minute),
            Step.PICK,
            key,
            keeper,
            moves(picked),
            documents=papers,
            read_point=request.store,
        )
        request.acts.append(key)
    return picked


def issue(world: World, request: RequestDoc, picked: list[Thing], day: date, minute: float) -> IssueDoc:
    number = world.number("IS", request.store, day)
    key, keeper = f"issue:{number}", world.keeper(request.store)
    porter = world.rng.choice(("配送员 小周", "配送员 小唐", "配送员 小叶", "物流机器人 R2"))
    papers = {"requisition": request.number, "issue": number}
    at = world.at(day, minute)
    world.act(
        at,
        Step.ISSUE,
        key,
        keeper,
        moves(picked, "TRANSIT"),
        documents=papers,
        note=porter,
        read_point=request.store,
    )
    request.acts.append(key)
    for thing in picked:
        request.lines[thing.item][2] += pieces(thing)
    counts: Counter[Batch] = Counter()
    for thing in picked:
        counts[thing.batch] += pieces(thing)
    made = IssueDoc(number, request, at, keeper, porter, key, picked, counts)
    world.papers.issues.append(made)
    return made


def take_in(world: World, issued: IssueDoc, day: date, minute: float) -> None:
    department = issued.request.department
    lines = [
        line
        for thing in issued.things
        for line in moves([thing], world.home(department, thing.item), source="TRANSIT")
    ]
    papers = {"requisition": issued.request.number, "issue": issued.number}
    nurse = world.keeper(department)
    world.act(world.at(day, minute), Step.TAKE_IN, f"take-in:{issued.number}", nurse, lines, documents=papers,
              read_point=department)  # fmt: skip
    world.put(department, issued.things)
    issued.taken_in = True


def serve(world: World, request: RequestDoc, day: date) -> None:
    """One requisition from the picking to the department's shelf, in an afternoon."""
    picked = pick(world, request, day, world.rng.uniform(812, 895))
    if picked:
        issued = issue(world, request, picked, day, world.rng.uniform(902, 955))
        take_in(world, issued, day, world.rng.uniform(968, 1070))
    request.closed = any(line[2] < line[0] for line in request.lines.values())
