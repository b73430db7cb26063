"""From single reads to sightings: which reads belong together, and which way a tag went. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Literal

GONE_AFTER = timedelta(seconds=3)  # a tag that was not read for so long has left the field
# Averages of the two sides that lie closer together tell nothing: the tag was carried past, or lay between them.
TOLD_APART = timedelta(milliseconds=250)
Side = Literal["inside", "outside"]
Direction = Literal["in", "out", ""]


@dataclass(frozen=True, slots=True)
class Read:
    """One tag, by one antenna. ``epc``: memory in hexadecimal capitals; ``at``: when, by a right clock; ``rssi``: dBm."""

    epc: str
    antenna: int
    at: datetime
    rssi: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Centre:
    """How many reads there were, and when on average."""

    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """Reads of one tag without a longer pause. ``sides``: their centre on each side of a gate."""

    epc: str
    first: datetime
    last: datetime
    count: int
    rssi: int | None
    sides: Mapping[Side, Centre]


def sightings(
    reads: Iterable[Read], side_of: Mapping[int, Side], *, gone_after: timedelta = GONE_AFTER
) -> list[Sighting]:
    """The sightings that reads make up, in whatever order they came; by tag, and each tag's in the order of time."""
    ordered = sorted(reads, key=attrgetter("epc", "at"))
    return [
        _sighting(epc, run, side_of)
        for epc, group in groupby(ordered, key=attrgetter("epc"))
        for run in _runs(group, gone_after)
    ]


def _runs(reads: Iterable[Read], gone_after: timedelta) -> Iterator[list[Read]]:
    run: list[Read] = []
    for read in reads:
        if run and read.at - run[-1].at > gone_after:
            yield run
            run = []
        run.append(read)
    yield run


def _sighting(epc: str, run: list[Read], side_of: Mapping[int, Side]) -> Sighting:
    sides: dict[Side, Centre] = {}
    for read in run:
        side = side_of.get(read.antenna)
        if side:
            before = sides.get(side)
            sides[side] = _joined(before, read) if before else Centre(read.count, read.at)
    heard = [read.rssi for read in run if read.rssi is not None]
    return Sighting(
        epc, run[0].at, run[-1].at, sum(read.count for read in run), max(heard, default=None), sides
    )


def _joined(centre: Centre, read: Read) -> Centre:
    count = centre.count + read.count
    return Centre(count, centre.at + (read.at - centre.at) * read.count / count)


def direction(inside: Centre | None, outside: Centre | None) -> Direction:
    """Which way through the gate: towards the side where it was later. Unknown where one side never saw it, or both at once."""
    if inside is None or outside is None or abs(inside.at - outside.at) < TOLD_APART:
        return ""
    return "in" if inside.at > outside.at else "out"


def rounds(found: Iterable[Sighting]) -> Iterator[list[Sighting]]:
    """The first sighting of every tag, then every second one, and so on: no round has a tag twice."""
    left = [list(group) for _epc, group in groupby(found, key=attrgetter("epc"))]
    while left:
        yield [group.pop(0) for group in left]
        left = [group for group in left if group]
