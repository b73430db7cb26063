"""How long the questions take, and how they grow: with ten thousand, a hundred thousand and a million units."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.db import connection
from ground import Ground, app_conninfo
from rows import Row, scaled
from volume import LOT_SIZE, Volume, empty, furnish, grow

SIZES = (10_000, 100_000, 1_000_000)
GROWTH_BAR = 1.5
ROUNDS = 5
SMALL = "bench_small"
FLAT = ("life line", "lot trace")  # these must not grow with what lies around them


def times_ms(question: Callable[[int], Any], numbers: list[int]) -> list[float]:
    """Milliseconds of each answer, asked about another thing each time, after one look that does not count."""
    question(numbers[0])
    times = []
    for number in numbers:
        started = time.perf_counter()
        question(number)
        times.append((time.perf_counter() - started) * 1_000)
    return times


def compared(volume: Volume, smallest: int, units: int) -> dict[str, tuple[float, float]]:
    """Each question's median in the smallest database and in the big one, asked in turns: a busy machine slows both."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    for turn in range(ROUNDS):
        for side, (name, size) in enumerate(((SMALL, smallest), ("yanji", units))):
            connection.close()
            connection.settings_dict["NAME"] = name
            for question, (ask, numbers) in questions(volume, size).items():
                part = numbers[turn * len(numbers) // ROUNDS : (turn + 1) * len(numbers) // ROUNDS]
                found.setdefault(question, ([], []))[side].extend(times_ms(ask, part))
    return {
        question: (statistics.median(small), statistics.median(big))
        for question, (small, big) in found.items()
    }


def questions(volume: Volume, units: int) -> dict[str, tuple[Callable[[int], Any], list[int]]]:
    """Each question with the numbers of the lots it is asked about; the same share of used and unused units each time."""
    from django.utils import timezone

    from yanji.ledger.api import expiring, life_line, on_hand, trace_lot

    today, lots = timezone.localdate(), units // LOT_SIZE
    pick = random.Random(7)
    some = [pick.randrange(lots) for _ in range(200)]
    paths = [volume.ground.campus_path]
    store = [f"{volume.ground.campus_path}{volume.stores[0]}/"]
    return {
        "life line": (lambda k: life_line(f"01/06901234500017/21/V{k}-{k % 60}"), some),
        "lot trace": (lambda k: trace_lot(k + 1), some[:40]),
        "on hand, whole campus by item": (lambda _: on_hand(paths=paths, by=("item",)), some[:20]),
        "on hand, one store by lot and place": (
            lambda _: on_hand(paths=store, by=("item", "lot", "place")),
            some[:20],
        ),
        "expiring in 30 days, whole campus": (lambda _: expiring(30, today=today, paths=paths), some[:20]),
    }


def check_plans(volume: Volume) -> None:
    """The level views read levels, never units: looked up in the plans that the database makes for them."""
    from yanji.ledger.queries import stock
    from yanji.ledger.wire import fetch

    plans: list[str] = []

    def explained(sql: str, params: Any = ()) -> Any:
        plans.append("\n".join(line for (line,) in fetch("EXPLAIN " + sql, params)))
        return fetch(sql, params)

    stock.fetch = explained
    try:
        for name, (question, _) in questions(volume, SIZES[0]).items():
            if name not in FLAT:
                question(0)
    finally:
        stock.fetch = fetch
    assert plans
    for plan in plans:
        assert "ledger_level" in plan, plan
        assert "ledger_unit" not in plan, plan
        assert "ledger_movement" not in plan, plan


def views(ground: Ground) -> Iterator[Row]:
    """Rows at each size; ``floor`` is the same question at the smallest size, so that the ratio is the growth."""
    from yanji.host.database import database
    from yanji.host.home import home_folder
    from yanji.ledger.api import rebuild

    volume, target, present = furnish(ground), database(home_folder()), 0
    smallest = scaled(SIZES[0], 1_000)
    for size in SIZES:
        units = scaled(size, 1_000)
        with target.admin("yanji") as admin, psycopg.connect(app_conninfo(), autocommit=True) as source:
            if not present:
                empty(admin)
            grow(source, admin, volume, units, present)
        present = units
        if units == smallest:
            assert rebuild() == [], "what was loaded is not what the ledger would have written"
            check_plans(volume)
            connection.close()
            with target.admin("postgres") as admin:
                admin.execute(f"CREATE DATABASE {SMALL} TEMPLATE yanji")
        for name, (small, big) in compared(volume, smallest, units).items():
            bar = GROWTH_BAR if name in FLAT and size == SIZES[-1] else None
            yield Row(f"view: {name}", big, small, big / small, "ms", units, bar, at_most=True)
