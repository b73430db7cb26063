"""A client and a reader over a real connection: what passes the gate is heard, also what passed while nobody listened."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from tests.exchange.rfid.loop import ran
from yanji.exchange.rfid.llrp import Happening, TagRead
from yanji.exchange.rfid.llrp import client as client_module
from yanji.exchange.rfid.llrp.client import Listening, Setup, listen
from yanji.exchange.rfid.llrp.simulated import SimulatedReader

PATIENCE = 20.0
TAGS = [f"30{number:022X}" for number in range(1, 501)]


@dataclass
class Heard:
    """What came to the hospital's side."""

    reads: list[TagRead] = field(default_factory=list)
    told: list[Happening] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    let: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.let.set()

    async def keep(self, reads: Sequence[TagRead]) -> None:
        await self.let.wait()
        self.reads += reads

    async def tell(self, happening: Happening) -> None:
        self.told.append(happening)

    async def lost(self, why: str) -> None:
        self.losses.append(why)

    @property
    def epcs(self) -> list[str]:
        return [read.epc for read in self.reads]


async def until(true: Callable[[], object]) -> None:
    async def look() -> None:
        while not true():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(look(), PATIENCE)


@asynccontextmanager
async def gate(reader: SimulatedReader, heard: Heard, port: int = 0, **setup: object) -> AsyncIterator[int]:
    """A reader that serves, and a client that listens to it."""
    server = await reader.serve(port=port)
    port = server.sockets[0].getsockname()[1]
    task = asyncio.create_task(
        listen(Setup("127.0.0.1", port, **setup), Listening(heard.keep, heard.tell, heard.lost))
    )
    try:
        yield port
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        server.close()


def walk(steps: Callable[[SimulatedReader, Heard], Awaitable[None]], **setup: object) -> Heard:
    async def all_of_it() -> Heard:
        reader, heard = SimulatedReader(), Heard()
        async with gate(reader, heard, **setup):
            await until(lambda: reader.reading)
            await steps(reader, heard)
        return heard

    return ran(all_of_it())


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "FIRST_WAIT", 0.05)


def test_every_tag_is_heard_with_antenna_strength_and_time() -> None:
    async def steps(reader: SimulatedReader, heard: Heard) -> None:
        for tag in TAGS:
            reader.see(tag, antenna=2, rssi=-61)
        await until(lambda: len(heard.reads) == len(TAGS))

    heard = walk(steps, antennas=(1, 2))
    assert heard.epcs == TAGS
    assert {(read.antenna, read.rssi, read.count) for read in heard.reads} == {(2, -61, 1)}
    assert all(read.first and read.first.year >= 2026 for read in heard.reads)
    assert [each.kind for each in heard.told] == ["connected"]


def test_what_passes_while_the_cable_is_out_is_heard_after_it() -> None:
    async def steps(reader: SimulatedReader, heard: Heard) -> None:
        reader.see(TAGS[0])
        await until(lambda: heard.reads)
        reader.hang_up()
        await until(lambda: reader.client is None)
        for tag in TAGS[1:50]:
            reader.see(tag)
        await until(lambda: len(heard.reads) == 50)

    heard = walk(steps)
    assert heard.epcs == TAGS[:50]
    assert len(heard.losses) == 1
    assert [each.kind for each in heard.told] == ["connected", "connected"]


def test_a_reader_that_falls_silent_is_lost_and_found_again() -> None:
    async def steps(reader: SimulatedReader, heard: Heard) -> None:
        reader.keepalive = 0.0
        await until(lambda: heard.losses)
        await until(lambda: len(heard.told) == 2)
        reader.see(TAGS[0])
        await until(lambda: heard.reads)

    assert walk(steps, keepalive=0.2).epcs == TAGS[:1]


def test_reads_wait_in_the_reader_until_the_last_ones_are_safe() -> None:
    async def steps(reader: SimulatedReader, heard: Heard) -> None:
        heard.let.clear()
        for tag in TAGS:
            reader.see(tag)
        await asyncio.sleep(0.2)
        assert not heard.reads
        heard.let.set()
        await until(lambda: len(heard.reads) == len(TAGS))

    assert walk(steps).epcs == TAGS


def test_what_cannot_be_kept_ends_the_listening_instead_of_being_lost_quietly() -> None:
    async def refuse(_reads: Sequence[TagRead]) -> None:
        raise RuntimeError("no room")

    async def all_of_it() -> None:
        reader, heard = SimulatedReader(), Heard()
        server = await reader.serve()
        port = server.sockets[0].getsockname()[1]
        task = asyncio.create_task(
            listen(Setup("127.0.0.1", port), Listening(refuse, heard.tell, heard.lost))
        )
        await until(lambda: reader.reading)
        reader.see(TAGS[0])
        with pytest.raises(RuntimeError, match="no room"):
            await asyncio.wait_for(task, PATIENCE)
        server.close()

    ran(all_of_it())


def test_a_second_client_is_told_that_the_reader_is_taken() -> None:
    async def all_of_it() -> None:
        reader, first, second = SimulatedReader(), Heard(), Heard()
        async with gate(reader, first) as port:
            await until(lambda: reader.reading)
            task = asyncio.create_task(
                listen(Setup("127.0.0.1", port), Listening(second.keep, second.tell, second.lost))
            )
            await until(lambda: second.losses)
            task.cancel()
            reader.see(TAGS[0])
            await until(lambda: first.reads)
        assert second.losses[0] == "another client holds the reader"
        assert not second.reads

    ran(all_of_it())


def test_a_reader_that_is_not_there_is_tried_again_and_heard_when_it_comes() -> None:
    async def all_of_it() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        heard = Heard()
        task = asyncio.create_task(
            listen(Setup("127.0.0.1", port), Listening(heard.keep, heard.tell, heard.lost))
        )
        await until(lambda: heard.losses)
        reader = SimulatedReader()
        server = await reader.serve(port=port)
        await until(lambda: reader.reading)
        reader.see(TAGS[0])
        await until(lambda: heard.reads)
        task.cancel()
        server.close()

    ran(all_of_it())


def test_other_antennas_make_a_new_rule() -> None:
    async def all_of_it() -> None:
        reader = SimulatedReader()
        async with gate(reader, Heard(), antennas=(1,)):
            await until(lambda: reader.reading)
        await until(lambda: reader.client is None)
        async with gate(reader, Heard(), antennas=(3, 4)):
            await until(lambda: [next(iter(each.find("AISpec"))).fields for each in reader.rules.values()] == [
                {"AntennaIDs": (3, 4)}
            ])  # fmt: skip
            await until(lambda: reader.reading)

    ran(all_of_it())


@pytest.mark.parametrize(
    ("event", "fields", "kind", "number"),
    [
        ("AntennaEvent", {"EventType": 0, "AntennaID": 2}, "antenna_off", 2),
        ("AntennaEvent", {"EventType": 1, "AntennaID": 2}, "antenna_on", 2),
        ("ReportBufferLevelWarningEvent", {"ReportBufferPercentageFull": 90}, "filling", 90),
        ("ReportBufferOverflowErrorEvent", {}, "overflown", 0),
    ],
)
def test_what_happens_to_the_reader_is_told(
    event: str, fields: dict[str, int], kind: str, number: int
) -> None:
    async def steps(reader: SimulatedReader, heard: Heard) -> None:
        reader.tell(event, **fields)
        await until(lambda: len(heard.told) == 2)

    told = walk(steps).told[-1]
    assert (told.kind, told.number) == (kind, number)
