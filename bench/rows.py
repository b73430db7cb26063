"""One row of the bench's table: a figure of ours beside the floor it is held against."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """``ratio`` is ours as a share of the floor (1.0: as good), or a growth factor; ``bar`` is what it must keep."""

    name: str
    ours: float
    floor: float
    ratio: float
    unit: str
    n: int
    bar: float | None = None
    at_most: bool = False  # the bar is a ceiling, as for growth

    @property
    def kept(self) -> bool:
        return self.bar is None or (self.ratio <= self.bar if self.at_most else self.ratio >= self.bar)


def scale() -> float:
    """BENCH_SCALE cuts every size: 0.1 gives a quick look, 1 (the default) the figures to quote."""
    return float(os.environ.get("BENCH_SCALE", "1"))


def scaled(count: int, least: int = 1) -> int:
    return max(least, round(count * scale()))


def save(rows: Sequence[Row], path: Path) -> None:
    """The rows as JSON: {name, ours, floor, ratio, unit, n} each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ("name", "ours", "floor", "ratio", "unit", "n")
    path.write_text(json.dumps([{k: asdict(row)[k] for k in names} for row in rows], indent=1) + "\n")


def table(rows: Sequence[Row]) -> str:
    lines = [f"{'':52} {'ours':>10} {'floor':>10} {'ratio':>7}  bar"]
    for row in rows:
        bar = (
            ""
            if row.bar is None
            else f"{'<=' if row.at_most else '>='} {row.bar:g}{'' if row.kept else '  MISSED'}"
        )
        lines.append(
            f"{f'{row.name} ({row.unit}, n={row.n})':52} {row.ours:10,.1f} {row.floor:10,.1f} {row.ratio:7.2f}  {bar}"
        )
    return "\n".join(lines)
