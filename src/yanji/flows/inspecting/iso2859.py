"""How many pieces of a lot are looked at, and how many of these may be faulty: single sampling, general level II.

Source: ISO 2859-1:1999, table 1 (sample size code letters), table 2-A (normal inspection) and table 2-B (tightened
inspection); clauses 9.3.1 and 9.3.2 (switching). The same tables stand in ANSI/ASQ Z1.4, GB/T 2828.1 and MIL-STD-105E.
"""

# data
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Severity = Literal["normal", "tightened"]
Advice = Literal["", "tighten", "relax"]

# Table 1, column "general level II": the largest lot of each letter; beyond the last one, Q.
LARGEST_LOT: tuple[tuple[int, str], ...] = (
    (8, "A"), (15, "B"), (25, "C"), (50, "D"), (90, "E"), (150, "F"), (280, "G"), (500, "H"), (1_200, "J"),
    (3_200, "K"), (10_000, "L"), (35_000, "M"), (150_000, "N"), (500_000, "P"),
)  # fmt: skip
LETTERS = "ABCDEFGHJKLMNPQR"
SAMPLE_SIZE: dict[str, int] = dict(
    zip(LETTERS, (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1_250, 2_000), strict=True)
)
# Acceptance limits that a plan may choose, percent nonconforming.
AQLS: tuple[Decimal, ...] = tuple(
    map(Decimal, "0.065 0.10 0.15 0.25 0.40 0.65 1.0 1.5 2.5 4.0 6.5 10".split())
)
# Tables 2-A and 2-B, one row a limit, one cell a letter from A to R: the acceptance number Ac (Re is one more), or an
# arrow: "v" the first plan below it holds, "^" the first plan above it does - with that plan's sample size.
NORMAL = """
0.065  v  v  v  v  v  v  v  v  v  v  0  ^  v  1  2  3
0.10   v  v  v  v  v  v  v  v  v  0  ^  v  1  2  3  5
0.15   v  v  v  v  v  v  v  v  0  ^  v  1  2  3  5  7
0.25   v  v  v  v  v  v  v  0  ^  v  1  2  3  5  7  10
0.40   v  v  v  v  v  v  0  ^  v  1  2  3  5  7  10 14
0.65   v  v  v  v  v  0  ^  v  1  2  3  5  7  10 14 21
1.0    v  v  v  v  0  ^  v  1  2  3  5  7  10 14 21 ^
1.5    v  v  v  0  ^  v  1  2  3  5  7  10 14 21 ^  ^
2.5    v  v  0  ^  v  1  2  3  5  7  10 14 21 ^  ^  ^
4.0    v  0  ^  v  1  2  3  5  7  10 14 21 ^  ^  ^  ^
6.5    0  ^  v  1  2  3  5  7  10 14 21 ^  ^  ^  ^  ^
10     v  v  1  2  3  5  7  10 14 21 ^  ^  ^  ^  ^  ^
"""
TIGHTENED = """
0.065  v  v  v  v  v  v  v  v  v  v  v  0  v  v  1  2
0.10   v  v  v  v  v  v  v  v  v  v  0  v  v  1  2  3
0.15   v  v  v  v  v  v  v  v  v  0  v  v  1  2  3  5
0.25   v  v  v  v  v  v  v  v  0  v  v  1  2  3  5  8
0.40   v  v  v  v  v  v  v  0  v  v  1  2  3  5  8  12
0.65   v  v  v  v  v  v  0  v  v  1  2  3  5  8  12 18
1.0    v  v  v  v  v  0  v  v  1  2  3  5  8  12 18 ^
1.5    v  v  v  v  0  v  v  1  2  3  5  8  12 18 ^  ^
2.5    v  v  v  0  v  v  1  2  3  5  8  12 18 ^  ^  ^
4.0    v  v  0  v  v  1  2  3  5  8  12 18 ^  ^  ^  ^
6.5    v  0  v  v  1  2  3  5  8  12 18 ^  ^  ^  ^  ^
10     v  v  v  1  2  3  5  8  12 18 ^  ^  ^  ^  ^  ^
"""


def _read(table: str) -> dict[Decimal, tuple[str, ...]]:
    rows = [line.split() for line in table.strip().splitlines()]
    assert all(len(row) == 1 + len(LETTERS) for row in rows)
    return {Decimal(row[0]): tuple(row[1:]) for row in rows}


TABLES: dict[Severity, dict[Decimal, tuple[str, ...]]] = {
    "normal": _read(NORMAL),
    "tightened": _read(TIGHTENED),
}


@dataclass(frozen=True, slots=True)
class Single:
    """One plan of the tables: ``size`` pieces are looked at, and up to ``accept`` of them may be faulty."""

    letter: str
    size: int
    accept: int


def letter_for(lot_size: int) -> str:
    """The code letter of a lot of so many pieces, general level II."""
    assert lot_size > 0
    place = bisect_left([largest for largest, _letter in LARGEST_LOT], lot_size)
    return LARGEST_LOT[place][1] if place < len(LARGEST_LOT) else "Q"


def single(lot_size: int, aql: Decimal, severity: Severity = "normal") -> Single:
    """The plan for a lot. Where the sample is as large as the lot or larger, the whole lot is looked at.

    A lot of one piece, below the tables, is looked at whole.
    """
    plan = single_of(letter_for(lot_size), aql, severity)
    return Single(plan.letter, min(plan.size, lot_size), plan.accept)


def single_of(letter: str, aql: Decimal, severity: Severity) -> Single:
    """The plan for a code letter, after its arrows: of the letter that is shown, as the tables have it."""
    cells = TABLES[severity][aql]
    at = LETTERS.index(letter)
    while not cells[at].isdigit():
        at += 1 if cells[at] == "v" else -1
    return Single(LETTERS[at], SAMPLE_SIZE[LETTERS[at]], int(cells[at]))


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lots of ``least`` to ``most`` pieces; ``most`` is None where there is no largest."""

    least: int
    most: int | None


def steps(aql: Decimal, severity: Severity = "normal") -> list[tuple[Sizes, Single]]:
    """The plan for lots of every size, smallest first; sizes beside each other that share a plan are one step."""
    found: list[tuple[Sizes, Single]] = []
    edges = [0, *(largest for largest, _letter in LARGEST_LOT)]
    for below, most in zip(edges, [*edges[1:], None], strict=True):
        # Of a lot so large that the sample fits into it: what the table says, uncut.
        plan = single_of(letter_for(most or below + 1), aql, severity)
        if found and found[-1][1] == plan:
            found[-1] = (Sizes(found[-1][0].least, most), plan)
        else:
            found.append((Sizes(below + 1, most), plan))
    return found


def advice(outcomes: Sequence[bool], severity: Severity) -> Advice:
    """Whether to change the severity, from what became of the lots inspected under it so far, latest first.

    Normal becomes tightened when 2 of 5 (or fewer) consecutive lots were not accepted, 9.3.1; tightened becomes normal
    again when 5 consecutive ones were, 9.3.2.
    """
    latest = outcomes[:5]
    if severity == "normal":
        return "tighten" if latest.count(False) >= 2 else ""
    return "relax" if len(latest) == 5 and all(latest) else ""
