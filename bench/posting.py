"""How much of the raw database's speed post() keeps: the same rows, with and without the rules, in turns."""

import itertools
import multiprocessing
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from ground import COST, FAR, LOTS, Ground, app_conninfo
from rows import Row, scaled

Unit = tuple[int, str, int]  # (id, epc, lot id)
PATIENCE_SECONDS = 60
_numbers = itertools.count(1)


def _serial(client: int) -> str:
    return f"B{os.getpid()}-{client}-{next(_numbers)}"


class Bench:
    """One client: Django's connection for ours, a raw one in autocommit for the floor."""

    def __init__(self, ground: Ground, client: int = 0) -> None:
        import psycopg

        from yanji.access.actor import Actor
        from yanji.access.operations import Operation
        from yanji.ledger.api import virtual_places

        self.ground, self.client = ground, client
        self.raw = psycopg.connect(app_conninfo(), autocommit=True, prepare_threshold=1)
        self.actor = Actor(ground.actor, "bench", {op.value: (ground.campus_path,) for op in Operation})
        self.virtual = virtual_places()
        self.cabinet = ground.cabinets[client % len(ground.cabinets)]

    # What there is to do

    def new(self, count: int) -> list[tuple[str, str, int, int, str]]:
        """So many labels of arriving units: (epc, serial, item, lot id, lot number)."""
        made = []
        for number in range(count):
            serial = _serial(self.client)
            lot, item, name = self.ground.lots[number % LOTS]
            made.append((f"01/06901234500017/21/{serial}", serial, item, lot, name))
        return made

    def stock(self, count: int, place: int, status: str) -> list[Unit]:
        """So many units that lie at a place in a status, put there by the floor's own functions."""
        labels = self.new(count)
        for start in range(0, count, 500):
            self.floor_receive(labels[start : start + 500])
        rows = self.raw.execute(
            "SELECT id, epc, lot_id FROM ledger_unit WHERE epc = ANY (%s) ORDER BY id",
            ([epc for epc, *_ in labels],),
        ).fetchall()
        for start in range(0, count, 500):
            self._floor_move(
                rows[start : start + 500], "put_away", self.ground.store, place, "inspecting", status
            )
        return rows

    # The floor

    def floor_receive(self, labels: list[tuple[str, str, int, int, str]]) -> None:
        epcs, serials, items, lots, _ = zip(*labels, strict=True)
        event = uuid.uuid4()
        self.raw.execute(
            "SELECT floor_receive(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (event, str(event), self.actor.person_id, self.ground.supplier, self.virtual.supplier, self.ground.store, COST,
             list(epcs), list(items), list(lots), list(serials)),
        )  # fmt: skip

    def floor_issue(self, units: list[Unit]) -> None:
        self._floor_move(units, "issue", self.ground.store, self.virtual.transit, "picked", "in_transit")

    def _floor_move(
        self, units: list[Unit], step: str, source: int, target: int, was: str, becomes: str
    ) -> None:
        event = uuid.uuid4()
        self.raw.execute(
            "SELECT floor_move(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (event, str(event), self.actor.person_id, step, source, target, was, becomes, COST,
             [unit for unit, _, _ in units], [lot for _, _, lot in units]),
        )  # fmt: skip

    def floor_use(self, units: list[Unit]) -> None:
        [(unit, _, lot)] = units
        event = uuid.uuid4()
        self.raw.execute(
            "SELECT floor_use(%s, %s, %s, %s, %s, %s, %s, %s)",
            (event, str(event), self.actor.person_id, self.cabinet, self.virtual.patient, COST, unit, lot),
        )

    # Ours

    def our_receive(self, labels: list[tuple[str, str, int, int, str]]) -> None:
        from yanji.ledger.api import Draft, Line, NewUnit, Step, post

        lines = tuple(
            Line(
                NewUnit(
                    epc,
                    item,
                    serial,
                    lot,
                    FAR,
                    supplier_id=self.ground.supplier,
                    order_number="PO-1",
                    cost=COST,
                ),
                self.ground.store,
            )
            for epc, serial, item, _, lot in labels
        )
        post(
            Draft(Step.RECEIVE, str(uuid.uuid4()), datetime.now(UTC), lines, {"order": "1"}), actor=self.actor
        )

    def our_issue(self, units: list[Unit]) -> None:
        from yanji.ledger.api import Draft, Line, Step, post

        lines = tuple(Line(epc, self.virtual.transit) for _, epc, _ in units)
        post(
            Draft(Step.ISSUE, str(uuid.uuid4()), datetime.now(UTC), lines, {"requisition": "1"}),
            actor=self.actor,
        )

    def our_use(self, units: list[Unit]) -> None:
        from yanji.ledger.api import Draft, Line, Step, post

        lines = tuple(Line(epc, self.virtual.patient) for _, epc, _ in units)
        papers = {"case": "C1", "patient": "P1"}
        post(Draft(Step.USE, str(uuid.uuid4()), datetime.now(UTC), lines, papers), actor=self.actor)


def documents(things: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]


def work(bench: Bench, act: str, count: int) -> tuple[list[Any], Callable[..., None], Callable[..., None]]:
    """The things of one act, and how either side does it."""
    if act == "receive":
        return bench.new(count), bench.our_receive, bench.floor_receive
    if act == "issue":
        return bench.stock(count, bench.ground.store, "picked"), bench.our_issue, bench.floor_issue
    return bench.stock(count, bench.cabinet, "available"), bench.our_use, bench.floor_use


def _client(
    ground: Ground, act: str, size: int, count: int, rounds: int, number: int, sync: Any, out: Any
) -> None:
    """A client process: in each round all clients do ours and all do the floor, in turns; the first round warms up."""
    import django

    django.setup()
    gate, one_at_a_time = sync
    bench = Bench(ground, number)
    seconds: list[tuple[float, float]] = []
    for turn in range(rounds + 1):
        with one_at_a_time:  # the floor's functions lock nothing in order
            things, ours, floor = work(bench, act, 2 * count)
        halves = (ours, things[:count]), (floor, things[count:])
        took = [0.0, 0.0]
        for side in (0, 1) if turn % 2 else (1, 0):
            do, mine = halves[side]
            gate.wait(PATIENCE_SECONDS)
            started = time.perf_counter()
            for document in documents(mine, size):
                do(document)
            gate.wait(PATIENCE_SECONDS)
            took[side] = time.perf_counter() - started
        seconds.append((took[0], took[1]))
    if number == 0:
        out.put(seconds[1:])


def measure(
    ground: Ground, act: str, size: int, count: int, *, clients: int = 1, rounds: int = 11
) -> tuple[float, float, float]:
    """Units a second of ours and of the floor, and how much of the floor's speed ours keeps: medians over alternating rounds of
    ``count`` units a client. The last is taken round by round, for what slows the machine slows both sides of one."""
    spawn = multiprocessing.get_context("spawn")
    sync, out = (spawn.Barrier(clients), spawn.Lock()), spawn.Queue()
    processes = [
        spawn.Process(target=_client, args=(ground, act, size, count, rounds, number, sync, out), daemon=True)
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    seconds = out.get(timeout=10 * PATIENCE_SECONDS)
    for process in processes:
        process.join()
    total = count * clients
    return (
        total / statistics.median(ours for ours, _ in seconds),
        total / statistics.median(floor for _, floor in seconds),
        statistics.median(floor / ours for ours, floor in seconds),
    )


# (name, act, units a document, units a round, clients, bar)
CASES = (
    ("receive, documents of 100", "receive", 100, 3_000, 1, 0.5),
    ("receive, documents of 10", "receive", 10, 1_000, 1, 0.4),
    ("issue, documents of 100", "issue", 100, 3_000, 1, 0.5),
    ("issue, documents of 10", "issue", 10, 1_000, 1, 0.4),
    ("use one by one, 1 client", "use", 1, 200, 1, 0.4),
    ("use one by one, 4 clients", "use", 1, 150, 4, 0.4),
)


def posting(ground: Ground, only: str = "") -> Iterator[Row]:
    """post() beside the raw floor, for every kind of document whose name holds ``only``."""
    for name, act, size, count, clients, bar in CASES:
        if only not in name:
            continue
        units = scaled(count, size)
        ours, floor, kept = measure(ground, act, size, units, clients=clients)
        yield Row(f"post: {name}", ours, floor, kept, "units/s", units * clients, bar)
