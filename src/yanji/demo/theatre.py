"""Cases: planned before anything else, because all demand comes from them; then carried out, day by day."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from yanji.ledger.api import Step

from .procedures import PROCEDURES, WORK
from .record import Bulk, CaseDoc, Piece, Thing
from .world import DAYS, World, moves, pieces

RATE = 0.7  # of the cases that ``procedures`` states: what gives ten thousand uses in the time
OUTAGE_BEFORE, OUTAGE_AT = 23, "EAST"  # days before today on which a campus had no network
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def plan_cases(world: World) -> dict[date, list[CaseDoc]]:
    """Every case from the first day to three days from now."""
    surgeons = {department: [f"{zh}医生" for zh in _surgeons(world)] for department in world.departments}
    families = {
        code: [(number, world.item(number).sales) for number in numbers]
        for code, numbers in world.families.items()
    }
    plan: dict[date, list[CaseDoc]] = {}
    for offset in range(DAYS + 3):
        day = world.start + timedelta(days=offset)
        plan[day] = []
        for department in world.departments.values():
            working, resting, mix = WORK[department.does]
            mean = (working if world.works(day) else resting) * RATE * world.scale
            if department.code in ("MAIN-CATH", "MAIN-BOR") and day >= world.today:
                mean = max(mean, 2)
            for _ in range(_poisson(world, mean)):
                procedure = world.rng.choices([name for name, _ in mix], [weight for _, weight in mix])[0]
                plan[day].append(
                    _case(world, day, department.code, procedure, families, surgeons[department.code])
                )
        plan[day].sort(key=lambda case: case.planned)
    return plan


def _surgeons(world: World) -> list[str]:
    return [world.rng.choice("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗") for _ in range(3)]


def _poisson(world: World, mean: float) -> int:
    """So many events where ``mean`` are expected (by counting exponential gaps)."""
    count, total = 0, world.rng.expovariate(1)
    while total < mean:
        count, total = count + 1, total + world.rng.expovariate(1)
    return count


def _case(
    world: World,
    day: date,
    department: str,
    procedure: str,
    families: dict[str, list[tuple[int, float]]],
    team: list[str],
) -> CaseDoc:
    rng = world.rng
    made = PROCEDURES[procedure]
    urgent = rng.random() < (0.12 if world.works(day) else 0.6) or procedure == "stroke"
    start = rng.triangular(1140, 1380, 1200) if urgent else rng.triangular(500, 960, 560)
    world.numbers[f"case{day}"] += 1
    wants: list[int] = []
    for family, chance, low, high in made.takes:
        if rng.random() < chance:
            numbers, weights = zip(*families[family], strict=True)
            count = rng.randint(low, high)
            # Screws and plates of one case come in two or three sizes, not each in its own.
            sizes = rng.choices(numbers, weights, k=min(count, 3))
            wants += [rng.choice(sizes) for _ in range(count)]
    return CaseDoc(
        number=f"C{day:%y%m%d}{world.numbers[f'case{day}']:03d}",
        patient="PT-" + "".join(rng.choices(_ALPHABET, k=8)),
        procedure=procedure,
        zh=made.zh,
        operator=rng.choice(team),
        department=department,
        planned=world.at(day, start),
        wants=wants,
    )


def demand(
    world: World, plan: dict[date, list[CaseDoc]]
) -> tuple[Counter[tuple[str, int]], Counter[tuple[str, int]]]:
    """Pieces in all by (department, item) and by (store, item)."""
    departments: Counter[tuple[str, int]] = Counter()
    stores: Counter[tuple[str, int]] = Counter()
    for cases in plan.values():
        for case in cases:
            for item in case.wants:
                departments[case.department, item] += 1
                stores[world.store_of(case.department, item).code, item] += 1
    return departments, stores


def perform(world: World, case: CaseDoc, day: date) -> None:
    """Use what the department has: the very size, else another of its family, else the case goes without."""
    taken = _gather(world, case, day)
    if not taken:
        case.state = "closed"
        return
    made = PROCEDURES[case.procedure]
    start = case.planned.hour * 60 + case.planned.minute
    end = start + made.minutes if start >= 1130 else min(start + made.minutes, 1095)
    end = min(end, 1435)
    nurse = world.keeper(case.department)
    papers = {"case": case.number, "patient": case.patient, "procedure": case.zh, "operator": case.operator}
    spare = _set_out(world, case, day, taken, nurse, start)
    used_at = world.at(day, end)
    key = f"use:{case.number}"
    if world.rng.random() < 0.004:
        _wrong_case(world, case, day, taken, nurse, end)
        used_at = world.at(day, min(end + 24, 1437))
    world.act(
        used_at, Step.USE, key, nurse, moves(taken, "PATIENT"), documents=papers, read_point=case.department,
        recorded=_written_down(world, case, day, start, nurse, used_at),
    )  # fmt: skip
    case.state = "closed"
    if spare:
        _give_back(world, case, day, spare, nurse, end)


def _written_down(
    world: World, case: CaseDoc, day: date, start: int, nurse: str, used_at: datetime
) -> datetime | None:
    """When a use reached the ledger, if not at once: what was done at night was often entered in the morning; and when
    the network of a campus was down, its theatres wrote on paper, and entered it on the next working day."""
    campus = case.department.split("-", maxsplit=1)[0]
    if (world.today - day).days == OUTAGE_BEFORE and campus == OUTAGE_AT and start < 1130:
        return world.at(world.next_working(day), world.tales.uniform(435, 520))
    late = start >= 1130 and world.tales.random() < 0.4
    # The morning of the last day is short: what was entered then must be in before the day's work begins.
    return world.at(day + timedelta(days=1), world.tales.uniform(425, 447)) if late else None


def _gather(world: World, case: CaseDoc, day: date) -> list[Thing]:
    taken: list[Thing] = []
    for item, count in Counter(case.wants).items():
        found = world.take(case.department, item, count, day)
        missing = count - sum(map(pieces, found))
        family = world.item(item).family.code
        while missing > 0 and (other := _other_size(world, case.department, family, day)) is not None:
            instead = world.take(case.department, other, missing, day)
            missing -= sum(map(pieces, instead))
            found += instead
        taken += found
    return _merged(taken)


def _other_size(world: World, department: str, family: str, day: date) -> int | None:
    there = [
        number
        for number in world.families[family]
        if any(thing.batch.expiry >= day for thing in world.shelf.get((department, number), ()))
    ]
    return world.rng.choice(there) if there else None


def _merged(things: list[Thing]) -> list[Thing]:
    """One line for each lot of counted things: two lines over one holding would each see all of it."""
    lots: dict[tuple[object, str], Bulk] = {}
    merged: list[Thing] = []
    for thing in things:
        if isinstance(thing, Bulk):
            known = lots.setdefault((thing.batch, thing.place), thing)
            if known is not thing:
                known.quantity += thing.quantity
                continue
        merged.append(thing)
    return merged


def set_out(world: World, case: CaseDoc, day: date) -> None:
    """The case is about to begin: its set lies ready, nothing is used yet."""
    taken = [thing for thing in _gather(world, case, day) if isinstance(thing, Piece)]
    if taken:
        papers = {"case": case.number, "patient": case.patient}
        at, nurse = world.at(day, world.rng.uniform(575, 615)), world.keeper(case.department)
        world.act(
            at,
            Step.SET_OUT,
            f"set-out:{case.number}",
            nurse,
            moves(taken),
            documents=papers,
            read_point=case.department,
        )
        case.state = "open"


def _set_out(
    world: World, case: CaseDoc, day: date, taken: list[Thing], nurse: str, start: int
) -> list[Thing]:
    """Before some cases the set is laid out, one size too many of what is chosen at the table."""
    made = PROCEDURES[case.procedure]
    if not made.spare or start >= 1130:
        return []
    spare: list[Thing] = []
    for family in made.spare:
        if (other := _other_size(world, case.department, family, day)) is not None:
            spare += world.take(case.department, other, 1, day)
    units = [thing for thing in taken if isinstance(thing, Piece)] + spare
    if units:
        at = world.at(day, max(468, start - 35))
        papers = {"case": case.number, "patient": case.patient}
        world.act(
            at,
            Step.SET_OUT,
            f"set-out:{case.number}",
            nurse,
            moves(units),
            documents=papers,
            read_point=case.department,
        )
    return spare


def _give_back(world: World, case: CaseDoc, day: date, spare: list[Thing], nurse: str, end: int) -> None:
    by_store: dict[str, list[Thing]] = {}
    for thing in spare:
        by_store.setdefault(world.store_of(case.department, thing.item).code, []).append(thing)
    for store, things in by_store.items():
        returns = world.stores[store].returns
        at, number = world.at(day, end + world.rng.randint(12, 30)), world.number("RT", case.department, day)
        world.act(
            at, Step.GIVE_BACK, f"give-back:{number}", nurse, moves(things, returns),
            documents={"return": number, "case": case.number}, reason=world.rng.choice(("wrong_size", "not_needed")),
            read_point=returns,
        )  # fmt: skip
        world.returned.setdefault(store, []).extend(things)


def _wrong_case(world: World, case: CaseDoc, day: date, taken: list[Thing], nurse: str, end: int) -> None:
    """The wrong wristband was scanned; the entry is taken back and made again."""
    key = f"use:{case.number}:wrong"
    other = replace(
        case,
        number=f"{case.number}B",
        patient="PT-" + "".join(world.rng.choices(_ALPHABET, k=8)),
        state="closed",
    )
    world.papers.cases.append(other)
    papers = {"case": other.number, "patient": other.patient}
    world.act(
        world.at(day, end),
        Step.USE,
        key,
        nurse,
        moves(taken, "PATIENT"),
        documents=papers,
        read_point=case.department,
    )
    world.act(
        world.at(day, min(end + 12, 1436)), Step.CORRECT, f"correct:{key}", nurse, [], reason="wrong_case",
        note="腕带扫错，改记到正确病例", corrects=key,
    )  # fmt: skip
