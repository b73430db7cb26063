"""The board, the maps and the list of units among a million, after a day on which thousands moved: how long they take to come."""

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
OPENED = {
    "/board": "it",
    "/map": "the stock map",
    "/expiry": "the expiry map",
    "/stock?by=unit": "the list of all units",
}
SHORT = "/board/short"
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
    times: dict[str, list[float]] = {what: [] for what in (*OPENED, SHORT, FLOOR)}
    with server() as port:
        for turn in range(scaled(ROUNDS, 8)):
            for what, taken in times.items():
                started = time.perf_counter()
                bench.raw.execute(FLOOR).fetchall() if what == FLOOR else ask(port, "GET", what, browser)
                if turn >= 4:
                    taken.append((time.perf_counter() - started) * 1_000)
    took = {what: statistics.median(taken) for what, taken in times.items()}

    def row(what: str, said: str, beside: float, bar: float | None = None) -> Row:
        name = f"board after {moves:,} moves: {said}"
        return Row(name, took[what], beside, took[what] / beside, "ms", len(times[what]), bar, at_most=True)

    for what, name in OPENED.items():
        yield row(what, f"{name} opens, against 500 ms", BUDGET_MS, 1.0)
    yield row("/board", "opens, against adding all up", took[FLOOR])
    yield row(SHORT, "what runs short, against adding all up", took[FLOOR])
