"""A pallet of two thousand units comes in by one scan: its time, and whether what it asks of the database grows."""

import statistics
import time
import uuid
from collections.abc import Iterator

from ground import COST, FAR, Ground
from posting import Bench
from rows import Row, scaled

UNITS = 2_000
FEW = 100
CARTON = 50
BUDGET_MS = 3_000
ROUNDS = 5


def announced(bench: Bench, count: int) -> tuple[int, str]:
    """An order whose notice names a pallet of cartons of fifty; the order's id and the pallet's code."""
    from yanji.flows.announced import Announced
    from yanji.flows.packing.pack import next_code
    from yanji.flows.purchase import Ordered, place_order
    from yanji.flows.ship_notice import announce

    item = bench.ground.items[0]
    order = place_order(
        actor=bench.actor, key=str(uuid.uuid4()), supplier_id=bench.ground.supplier,
        deliver_to_id=bench.ground.store, lines=[Ordered(item, count, COST)],
    )  # fmt: skip
    pallet, carton, lines = next_code(), "", []
    for number, (epc, serial, *_rest) in enumerate(bench.new(count)):
        carton = next_code() if number % CARTON == 0 else carton
        lines.append(Announced(item, serial, "LOT000", FAR, epc=epc, box=carton, pallet=pallet))
    announce(actor=bench.actor, key=str(uuid.uuid4()), order_id=order.id, lines=lines)
    return order.id, pallet


def received(bench: Bench, order: int, pallet: str) -> tuple[float, int]:
    """Milliseconds and statements of taking the pallet over the door."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from yanji.flows.packing.delivered import BoxArrival
    from yanji.flows.receive import receive

    with CaptureQueriesContext(connection) as asked:
        started = time.perf_counter()
        done = receive(
            actor=bench.actor, key=str(uuid.uuid4()), order_id=order, dock_id=bench.ground.store,
            boxes=[BoxArrival(pallet)],
        )  # fmt: skip
        took = (time.perf_counter() - started) * 1_000
    assert done.state == "received", done
    return took, len(asked)


def boxes(ground: Ground) -> Iterator[Row]:
    """A big pallet and a small one in turns, beside raw SQL that writes the same units."""
    bench = Bench(ground)
    many = scaled(UNITS, FEW)
    big, small, floor = list[tuple[float, int]](), list[tuple[float, int]](), list[float]()
    for _round in range(ROUNDS):
        for count, seen in ((FEW, small), (many, big)):
            seen.append(received(bench, *announced(bench, count)))
        labels = bench.new(many)
        started = time.perf_counter()
        bench.floor_receive(labels)
        floor.append((time.perf_counter() - started) * 1_000)
    took = statistics.median(took for took, _asked in big)
    [asked] = {asked for _took, asked in big[1:]}
    [asked_of_few] = {asked for _took, asked in small[1:]}
    name = f"box tree of {many:,}"
    yield Row(
        f"{name}: one scan, against 3 s", took, BUDGET_MS, took / BUDGET_MS, "ms", ROUNDS, 1.0, at_most=True
    )
    yield Row(
        f"{name}: statements, against {FEW}",
        asked,
        asked_of_few,
        asked / asked_of_few,
        "",
        ROUNDS,
        1.0,
        at_most=True,
    )
    plain = statistics.median(floor)
    yield Row(f"{name}: one scan, against raw SQL", took, plain, took / plain, "ms", ROUNDS)
