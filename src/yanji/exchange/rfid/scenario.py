"""What a gate or a cabinet sees, second by second: tags carried through, and doors opened and closed."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from .llrp.simulated import SimulatedReader

OUTSIDE, INSIDE = 1, 2  # antennas of a simulated gate
Way = Literal["in", "out", "past"]
STEPS = 8  # reads of a tag on its way through
WEAKEST, STRONGEST = -72, -46
ROUND = 0.25  # seconds in which a reader goes through all tags in its field
LIE_FOR = 3  # signs of life of the reader


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One read on the way through a gate: by which antenna, how strong, how many seconds after the first."""

    antenna: int
    rssi: int
    after: float


def walk(way: Way, *, seconds: float = 1.6) -> Iterator[Glimpse]:
    """The reads of a tag that is carried through a gate: stronger, then weaker, first by one side and then by the other. Past
    the gate, the outer antennas alone see it."""
    sides = {"in": (OUTSIDE, INSIDE), "out": (INSIDE, OUTSIDE), "past": (OUTSIDE, OUTSIDE)}[way]
    for step in range(STEPS):
        part = step / (STEPS - 1)
        near = 1 - abs(part - 0.5) * 2
        rssi = round(WEAKEST + near * (STRONGEST - WEAKEST))
        yield Glimpse(sides[0] if part < 0.5 else sides[1], rssi, part * seconds)


async def carry(reader: SimulatedReader, tags: Sequence[str], way: Way, *, seconds: float) -> None:
    """Carry a trolley of tags through the gate of a simulated reader, all at once."""
    glimpses = sorted(
        ((glimpse, tag) for tag in tags for glimpse in walk(way, seconds=seconds)),
        key=lambda pair: pair[0].after,
    )
    passed = 0.0
    for glimpse, tag in glimpses:
        if glimpse.after > passed:
            await asyncio.sleep(glimpse.after - passed)
            passed = glimpse.after
        reader.see(tag, glimpse.antenna, glimpse.rssi)


async def visit(reader: SimulatedReader, tags: Sequence[str], *, door: int, seconds: float) -> None:
    """Open the door of a simulated cabinet by the contact at an input of its reader, close it with these tags inside, and let
    them answer until whoever listens has seen enough of them."""
    reader.set_input(door, True)
    await asyncio.sleep(seconds)
    reader.set_input(door, False)
    rounds = max(1, round(LIE_FOR * (reader.keepalive or 1.0) / ROUND))
    for _ in range(rounds):
        await asyncio.sleep(ROUND)
        for tag in tags:
            reader.see(tag)


@dataclass(slots=True)
class Publisher:
    """The same over MQTT: ``publish`` hands one message to the broker, and returns when it has it."""

    publish: Callable[[bytes], Awaitable[None]]
    numbers: "count[int]"

    async def carry(self, tags: Sequence[str], way: Way, *, seconds: float) -> None:
        """Carry tags through a gate; the message is sent when they are through."""
        start = datetime.now(UTC).timestamp()
        reads = [
            {
                "epc": tag,
                "antenna": each.antenna,
                "rssi": each.rssi,
                "at": _written(start + each.after - seconds),
            }
            for tag in tags
            for each in walk(way, seconds=seconds)
        ]
        await self.say({"reads": reads})

    async def visit(self, tags: Sequence[str], *, badge: str, seconds: float) -> None:
        """Open the door of a cabinet, and close it with these tags inside."""
        await self.say({"door": "opened", "badge": badge})
        await asyncio.sleep(seconds)
        await self.say({"door": "closed", "badge": badge, "tags": list(tags)})

    async def say(self, what: dict[str, object]) -> None:
        now = datetime.now(UTC).timestamp()
        await self.publish(json.dumps({"message": next(self.numbers), "at": _written(now), **what}).encode())


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
