"""The board among a million units, after a day on which thousands of them moved: how long its page takes to come."""

import statistics
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from ground import Ground
from pages import ask, server, sign_in
from posting import Bench
from rows import Row, scaled

BUDGET_MS = 500.0
MOVES, TOGETHER = 5_000, 20
ROUNDS = 25
# What the database must do at the least for a board: add up all that lies in the house.
FLOOR = """
SELECT p.id, le.status, sum(le.quantity), sum(le.value)
  FROM ledger_level le JOIN places_place p ON p.id = le.place_id
 WHERE le.quantity > 0 GROUP BY 1, 2
"""


def a_day(ground: Ground, bench: Bench) -> int:
    """Units go from the store to the cabinets of the departments, some at a time."""
    from yanji.ledger.api import Draft, Line, Step, post

    units = bench.stock(scaled(MOVES, 100), ground.store, "available")
    for number, start in enumerate(range(0, len(units), TOGETHER)):
        place = ground.cabinets[number % len(ground.cabinets)]
        lines = tuple(Line(epc, place) for _, epc, _ in units[start : start + TOGETHER])
        post(Draft(Step.PUT_AWAY, str(uuid.uuid4()), datetime.now(UTC), lines), actor=bench.actor)
    return len(units)


def board(ground: Ground) -> Iterator[Row]:
    """Medians over alternating requests and sums; the first ones warm up both workers."""
    from yanji.host.static import build_assets, collect

    build_assets()
    collect()
    _api, browser = sign_in(ground)
    bench = Bench(ground)
    moves = a_day(ground, bench)
    shown, short, floor = list[float](), list[float](), list[float]()
    with server() as port:
        for turn in range(scaled(ROUNDS, 8)):
            for times, what in ((shown, "/board"), (short, "/board/short"), (floor, "")):
                started = time.perf_counter()
                ask(port, "GET", what, browser) if what else bench.raw.execute(FLOOR).fetchall()
                if turn >= 4:
                    times.append((time.perf_counter() - started) * 1_000)
    took, plain, later = (statistics.median(times) for times in (shown, floor, short))
    name = f"board after {moves:,} moves"
    yield Row(
        f"{name}: opens, against 500 ms",
        took,
        BUDGET_MS,
        took / BUDGET_MS,
        "ms",
        len(shown),
        1.0,
        at_most=True,
    )
    yield Row(
        f"{name}: opens, against adding all up", took, plain, took / plain, "ms", len(shown), at_most=True
    )
    yield Row(
        f"{name}: what runs short, against adding all up",
        later,
        plain,
        later / plain,
        "ms",
        len(short),
        at_most=True,
    )
