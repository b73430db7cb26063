"""The connection to one reader: set up, kept alive, taken up again when it breaks; every report is kept before the next."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count

from . import orders
from .reads import Happening, TagRead, happening, input_now, tag_reads
from .wire import Element, Frames, LlrpError, Message, decode, encode

PORT = 5084
ANSWER_SECONDS = 10.0
MISSED_KEEPALIVES = 3
CHUNK = 1 << 16
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
DONE = 0  # LLRP 1.1, status code M_Success
CERTIFICATE = "certificate: "  # before why a reader's certificate is not trusted
ACTIVE = 2  # state of a rule that reads


class Refusing(LlrpError):
    """The reader answered, and did not do it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Where a reader is and how it shall read. ``keepalive``: seconds between its signs of life; a reader that misses three
    of them is lost. ``tls``: how its certificate is checked, where it is spoken to over TLS. ``door``: the input to which the
    contact of a door is wired."""

    host: str
    port: int = PORT
    antennas: Sequence[int] = ()
    keepalive: float = orders.KEEPALIVE_SECONDS
    tls: ssl.SSLContext | None = None
    door: int | None = None


async def _nothing() -> None:
    """Who waits for no sign of life."""


@dataclass(slots=True)
class Listening:
    """What to do with what a reader says. ``keep`` returns when the reads are safe: until then no more is taken from the
    connection, and the reader keeps the rest. ``tell`` hears of the reader itself; ``lost`` why a connection ended; ``beat`` of
    each sign of life: what the reader sent before it was kept before it."""

    keep: Callable[[Sequence[TagRead]], Awaitable[None]]
    tell: Callable[[Happening], Awaitable[None]]
    lost: Callable[[str], Awaitable[None]]
    beat: Callable[[], Awaitable[None]] = _nothing


async def listen(setup: Setup, listening: Listening) -> None:
    """Listen to one reader until cancelled, through every broken connection. What ``keep`` raises ends it."""
    wait = FIRST_WAIT
    while True:
        try:
            async with connection(setup) as line:
                await _set_up(line, setup, listening)
                wait = FIRST_WAIT
                await _follow(line, setup, listening)
        except ssl.SSLCertVerificationError as why:
            await listening.lost(f"{CERTIFICATE}{why.verify_message}")
        except (OSError, LlrpError, TimeoutError, asyncio.IncompleteReadError) as why:
            await listening.lost(str(why) or type(why).__name__)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)


@dataclass(slots=True)
class Line:
    """An open connection, as messages."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    frames: Frames = field(default_factory=Frames)
    waiting: list[Message] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def say(self, message: Message) -> int:
        ident = next(self.numbers)
        self.writer.write(encode(replace(message, id=ident)))
        await self.writer.drain()
        return ident

    async def hear(self, seconds: float) -> Message:
        """The next message. Raises TimeoutError, ConnectionError at the end, and LlrpError."""
        while not self.waiting:
            octets = await asyncio.wait_for(self.reader.read(CHUNK), seconds)
            if not octets:
                raise ConnectionError("the reader hung up")
            self.waiting = [decode(frame) for frame in self.frames.feed(octets)]
        return self.waiting.pop(0)


@asynccontextmanager
async def connection(setup: Setup) -> AsyncIterator[Line]:
    """A connection for as long as we are inside; then it is closed, in words where the reader still listens."""
    opening = asyncio.open_connection(setup.host, setup.port, ssl=setup.tls)
    reader, writer = await asyncio.wait_for(opening, ANSWER_SECONDS)
    line = Line(reader, writer)
    try:
        yield line
    finally:
        with suppress(OSError, asyncio.CancelledError):
            await line.say(orders.good_bye())
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _set_up(line: Line, setup: Setup, listening: Listening) -> None:
    """Greet, and make sure that our rule is in the reader and reads. One that reads already is left alone: it may hold
    reports of the time when we were away."""
    greeting = await line.hear(ANSWER_SECONDS)
    if (hello := happening(greeting)) is None or hello.kind != "connected":
        raise Refusing(
            "another client holds the reader" if hello else f"{greeting.name} instead of a greeting"
        )
    await listening.tell(hello)
    await _ask(line, orders.settings(setup.keepalive, setup.door), listening)
    rules = await _ask(line, orders.known_rules(), listening)
    ours = next((each for each in rules.find("ROSpec") if each.fields["ROSpecID"] == orders.ROSPEC), None)
    if ours is None or ours.fields["CurrentState"] != ACTIVE or not _same_antennas(ours, setup):
        if ours is not None:
            await _ask(line, orders.forget(), listening)
        await _ask(line, orders.inventory(setup.antennas), listening)
        await _ask(line, orders.enable(), listening)
    now = await _door_now(line, setup, listening)
    await line.say(orders.go_on())
    if now:
        await listening.tell(now)


async def _door_now(line: Line, setup: Setup, listening: Listening) -> Happening | None:
    """How the door stands when we come: what it did while nobody listened, not every reader keeps."""
    if not setup.door:
        return None
    return input_now(await _ask(line, orders.state_of_input(setup.door), listening), setup.door)


def _same_antennas(rule: Element, setup: Setup) -> bool:
    reading = next(rule.find("AISpec"), None)
    return reading is not None and reading.fields["AntennaIDs"] == (tuple(setup.antennas) or (0,))


async def _ask(line: Line, question: Message, listening: Listening) -> Message:
    """The answer to a question; what else comes meanwhile is heard too. Raises Refusing."""
    ident = await line.say(question)
    while True:
        message = await line.hear(ANSWER_SECONDS)
        if message.id == ident and message.name in (f"{question.name}_RESPONSE", "ERROR_MESSAGE"):
            status = next(message.find("LLRPStatus"), Element("LLRPStatus", {"StatusCode": DONE}))
            if status.fields["StatusCode"] != DONE:
                said = status.fields.get("ErrorDescription", "")
                raise Refusing(f"{question.name}: status {status.fields['StatusCode']!r} {said!r}")
            return message
        await _heard(line, message, listening)


async def _follow(line: Line, setup: Setup, listening: Listening) -> None:
    while True:
        message = await line.hear(setup.keepalive * MISSED_KEEPALIVES)
        await _heard(line, message, listening)


async def _heard(line: Line, message: Message, listening: Listening) -> None:
    if message.name == "KEEPALIVE":
        await line.say(orders.still_here())
        await listening.beat()
    elif found := list(tag_reads(message)):
        await listening.keep(found)
    elif told := happening(message):
        await listening.tell(told)
