"""How many scans a second one core reads, beside biip, a GS1 parser for Python, in the same run.

biip cuts and types the elements; our reading also judges every rule between them and names the unit, so the
ratio understates the work done. `python bench/identify.py` prints the table.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import biip
from rows import Row

from yanji.identity import read, read_tag

LABEL = "]d201095200000000041728013110LOT4711\x1d21SN0001"
SCANS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("GS1 (01)(17)(10)(21)", lambda: read(LABEL)),
    ("GS1 without separators", lambda: read("]d201095200000000041728013110LOT4711")),
    ("human readable text", lambda: read("(01)09520000000004(17)280131(10)LOT4711(21)SN0001")),
    ("Digital Link", lambda: read("https://id.gs1.org/01/09520000000004/10/LOT4711/21/SN0001?17=280131")),
    ("HIBC, four fields", lambda: read("+A99912345/$$52025010X3/16D20111212/S77DEFG458")),
    ("MA, serial and dates", lambda: read("MA.156.M0.100032.0YE660A15.S0001.M260101.LB7.E280131")),
    ("tag, SGTIN-96", lambda: read_tag("3036450E000000400000002A")),
    ("tag, SGTIN+", lambda: read_tag("F710952000000000485B3297B7C2")),
)
ROUNDS, SECONDS = 5, 0.2


def rate(act: Callable[[], object]) -> float:
    """Calls a second: the best of five rounds, so that a neighbour's load does not count against us."""
    best = 0.0
    for _ in range(ROUNDS):
        calls, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < SECONDS:
            for _ in range(100):
                act()
            calls += 100
        best = max(best, calls / took)
    return best


def measured() -> Iterator[Row]:
    """One row a form: our rate, biip's rate for the GS1 label in the same run, and their ratio."""
    floor = rate(lambda: biip.parse(LABEL))
    for name, act in SCANS:
        ours = rate(act)
        yield Row(f"identify, {name}", ours, floor, ours / floor, "scans/s", n=1, bar=1.0)


if __name__ == "__main__":
    for row in measured():
        print(f"{row.name:36} {row.ours:>10,.0f} {row.unit}  {row.ratio:>5.1f} x biip ({row.floor:,.0f})")
