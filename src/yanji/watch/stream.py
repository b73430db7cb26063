"""Tells all connections of one process what enters the log, soon after it does.

The log is read once for all of them, and its end kept in memory. A connection has no queue: it only knows up to where it
was told, and reads on from there when its client can take more - from memory, or from the log where memory ends. So a slow
client costs nobody anything, and one that comes back with its last position misses nothing and hears nothing twice.
"""

import asyncio
import logging
import time
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from asgiref.sync import sync_to_async

KEPT = 5_000  # entries in memory
PAGE = 500  # entries read or told at once
LOOK_SECONDS = 0.1
# Many listeners are told less often and more at a time, so that telling them never takes all of the process's time.
LOOK_SECONDS_EACH = 1 / 8_000
BEAT_SECONDS = 15.0  # how often a connection is told that it stands; gateways cut what is silent for a minute
ROLL_SECONDS = 15.0  # how often it is asked who may still listen
RETRY_SECONDS = 1.0
# All who are cut off at once come back at moments of their own, so many a second: each costs a sign-in read from the database.
BACK_A_SECOND = 200
# Pages fetch their numbers anew after something happened: so long after the last time, and so many of them a second.
EASE_SECONDS = 2.0
EASED_A_SECOND = 50
# A page whose numbers are told beside what happened has only its pictures to fetch.
EASE_BESIDE_NUMBERS = 5.0
# Numbers are read at most so often, one part of the house after the other, and never for more than half of the time: what is
# slow to read is read less often.
NUMBERS_SECONDS = 0.5
MOST_DOUBLED = 6  # times that the wait of a part whose numbers cannot be read is doubled: to about a minute

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the log as it goes out, and its words, JSON in each language. ``touched``: each path with the family and usual
    supplier of what came or went there; ``under_way``: something set out or arrived, so that numbers elsewhere may have changed:
    of what is under way both ends speak, and an entry touches one of them alone. ``parts``: of an entry with several kinds of
    things, the words of each by family and usual supplier."""

    position: int
    recorded: float  # seconds since 1970
    touched: frozenset[tuple[str, str, int | None]]
    units: frozenset[int]
    words: dict[str, bytes]
    under_way: bool = False
    parts: Mapping[tuple[str, int | None], dict[str, bytes]] = field(default_factory=dict)

    def words_for(self, listener: "Listener") -> bytes:
        """To who looks at things of one family or usual supplier alone, what moved of those."""
        return self.parts.get((listener.family, listener.supplier), self.words)[listener.language]


@dataclass(eq=False, slots=True)
class Listener:
    """One connection: below which paths it sees, in which language, of which unit alone if not of all, ``within`` which path
    of those alone, of things of a family or of one usual supplier alone. ``may``: the operation whose paths they are.

    ``shows``: the part of the house whose numbers it is told as well, as :meth:`Log.numbers` understands it.

    ``person_id``, ``session`` and ``proof`` (what a changed password changes) tell who listens, for the roll call.
    """

    person_id: int
    session: str
    proof: str
    scope: tuple[str, ...]
    language: str
    unit: int | None = None
    within: str = ""
    may: str = "view"
    family: str = ""
    supplier: int | None = None
    shows: Hashable | None = None
    gone: bool = field(default=False, init=False)

    def hears(self, entry: Told) -> bool:
        if self.unit is not None and self.unit not in entry.units:
            return False
        return any(
            self._sees(path) and self._looks_at(family, supplier) for path, family, supplier in entry.touched
        )

    def counts(self, entry: Told) -> bool:
        """Whether an entry may have changed the numbers that it shows, of all units whichever it hears of."""
        return any(
            (entry.under_way or self._sees(path)) and self._looks_at(family, supplier)
            for path, family, supplier in entry.touched
        )

    def _sees(self, path: str) -> bool:
        return path.startswith(self.scope) and path.startswith(self.within)

    def _looks_at(self, family: str, supplier: int | None) -> bool:
        return self.family in ("", family) and self.supplier in (None, supplier)


class Log(Protocol):
    """Where a stream reads: called in a thread, may wait for the database."""

    def end(self) -> int: ...

    def after(self, position: int, limit: int) -> Sequence[Told]: ...

    def leaving(self, listeners: Collection[Listener]) -> Collection[Listener]:
        """Who may listen no longer, or no longer to the same."""

    def numbers(self, shown: Hashable) -> Mapping[str, bytes]:
        """The numbers of a part of the house as they are now, JSON in each language."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was read of a part of the house: JSON in each language, and after which entry of the log (0: not yet). It holds up to
    an entry at least. ``failed``: so many times since could it not be read, and ``again`` is when to try (of time.monotonic)."""

    holds: int
    read_at: int = 0
    words: Mapping[str, bytes] = field(default_factory=dict)
    failed: int = 0
    again: float = 0.0


class Stream:
    """The connections of one event loop."""

    def __init__(self, source: Log) -> None:
        self._log = source
        self._kept: deque[Told] = deque(maxlen=KEPT)
        self._end = 0
        self._listeners: set[Listener] = set()
        self._tail: asyncio.Task[None] | None = None
        self._begun = self._moved = asyncio.Event()
        # What was said at a step of the log to all who see the same: made once, told to each.
        self._said: dict[Hashable, tuple[bytes, int]] = {}
        self._numbers: dict[Hashable, Numbers] = {}  # of what anybody shows
        self._teller: asyncio.Task[None] | None = None
        self._closed = False
        self._turn = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    async def listen(self, listener: Listener, after: int | None) -> AsyncIterator[bytes]:
        """Server-sent events for one connection: what entered after a position, or from now on."""
        self._listeners.add(listener)
        try:
            await self._opened()
            position = await self._start(after)
            # The empty event moves the client's position at once: it may be cut off before anything happens.
            yield _event(position, b"{}", name="still", retry=self._comes_back())
            beat, seen = time.monotonic(), self._begin_numbers(listener, position)
            while not (listener.gone or self._closed):
                moved = self._moved
                if position < self._end:
                    said, position = await self._say(listener, position)
                    if said:
                        yield said
                        beat = time.monotonic()
                elif (told := self._numbers.get(listener.shows)) and told.read_at > seen:
                    said = b'{"at":%d,"numbers":%b}' % (told.read_at, told.words[listener.language])
                    yield _event(position, said, name="numbers")
                    beat, seen = time.monotonic(), told.read_at
                elif not await _within(moved, BEAT_SECONDS - (time.monotonic() - beat)):
                    yield _event(position, b"{}", name="still")
                    beat = time.monotonic()
        finally:
            self._listeners.discard(listener)

    async def _start(self, after: int | None) -> int:
        """From where a connection is told on: from now on, where it names no position of this log. Another process may have told
        it more than this one has read so far."""
        if after is None or (after > self._end and after > await in_thread(self._log.end)):
            return self._end
        return after

    def _comes_back(self) -> float:
        """How many seconds after a cut a connection is to be taken up again."""
        self._turn = (self._turn + 1) % len(self._listeners)
        return RETRY_SECONDS + self._turn / BACK_A_SECOND

    def close(self) -> None:
        """End all connections, from any thread: their clients come back to whoever serves then."""
        self._closed = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)
            self._loop.call_soon_threadsafe(self._begun.set)

    async def _opened(self) -> None:
        """Wait until the end of the log is known. Only the tail moves it: who comes first starts the tail, once for all."""
        if self._tail is None or self._tail.done():
            self._loop = asyncio.get_running_loop()
            self._begun = asyncio.Event()
            self._kept.clear()
            self._said.clear()
            self._tail = asyncio.create_task(self._follow())
        await self._begun.wait()

    async def _say(self, listener: Listener, position: int) -> tuple[bytes, int]:
        """What a listener hears next, and up to where; the same for all who see the same and stand at the same place."""
        about = (
            position,
            listener.scope,
            listener.within,
            listener.language,
            listener.family,
            listener.supplier,
            listener.shows is None,
        )
        if listener.unit is None and about in self._said:
            return self._said[about]
        end = self._end  # as it is before anything is waited for: what comes meanwhile is told next
        entries = await self._after(position)
        told_to = entries[-1].position if entries else end
        heard = [entry for entry in entries if listener.hears(entry)]
        answer = _told(heard, listener, told_to, self._ease(listener)), told_to
        if listener.unit is None and told_to == self._end:
            self._said[about] = answer
        return answer

    def _ease(self, listener: Listener) -> float:
        least = EASE_SECONDS if listener.shows is None else EASE_BESIDE_NUMBERS
        return least + len(self._listeners) / EASED_A_SECOND

    def _begin_numbers(self, listener: Listener, position: int) -> int:
        """From now on the numbers that a listener shows are read as things happen; its page has those of ``position``."""
        if listener.shows is not None:
            self._numbers.setdefault(listener.shows, Numbers(position))
            if self._teller is None or self._teller.done():
                self._teller = asyncio.create_task(self._tell_numbers())
        return position

    async def _tell_numbers(self) -> None:
        """Read numbers anew while anybody shows them, each once for all who show the same."""
        while not self._closed:
            looks = {each.shows: each for each in self._listeners if each.shows is not None}
            if not looks:
                return
            moved, begun = self._moved, time.monotonic()
            self._numbers = {shown: told for shown, told in self._numbers.items() if shown in looks}
            # Who waits longest comes first: new ones and slow ones are behind whom they would hold up.
            for shown in sorted(self._numbers, key=lambda shown: self._numbers[shown].holds):
                await self._read_numbers(shown, looks[shown])
            await asyncio.sleep(max(NUMBERS_SECONDS, time.monotonic() - begun))
            if all(told.holds >= self._end for told in self._numbers.values()):
                await _within(moved, BEAT_SECONDS)

    async def _read_numbers(self, shown: Hashable, listener: Listener) -> None:
        """Read those of one part of the house if anything happened in it; else they hold on. Where they cannot be read, the
        others are, and it is tried again ever more seldom."""
        end, told = self._end, self._numbers[shown]
        if told.holds >= end or told.again > time.monotonic():
            return
        if self._kept and self._kept[0].position <= told.holds + 1:
            begin = bisect_right(self._kept, told.holds, key=lambda entry: entry.position)
            if not any(listener.counts(self._kept[at]) for at in range(begin, len(self._kept))):
                self._numbers[shown] = replace(told, holds=end)
                return
        try:
            words = await in_thread(lambda: self._log.numbers(shown))
        except Exception:  # whatever it was: a database that is away, or this part alone
            log.exception("the numbers of a board could not be read; trying again")
            wait = RETRY_SECONDS * 2 ** min(told.failed, MOST_DOUBLED)
            self._numbers[shown] = replace(told, failed=told.failed + 1, again=time.monotonic() + wait)
            return
        self._numbers[shown] = Numbers(end, end, words)
        self._wake()

    async def _after(self, position: int) -> Sequence[Told]:
        if self._kept and self._kept[0].position <= position + 1:
            begin = bisect_right(self._kept, position, key=lambda entry: entry.position)
            return [self._kept[at] for at in range(begin, min(begin + PAGE, len(self._kept)))]
        return await in_thread(lambda: self._log.after(position, PAGE))

    async def _follow(self) -> None:
        """Look for new entries while anybody listens; a database that is away for a while is waited for."""
        rolled = time.monotonic()
        while self._listeners and not self._closed:
            try:
                await (self._look() if self._begun.is_set() else self._begin())
                if time.monotonic() - rolled > ROLL_SECONDS:
                    rolled = time.monotonic()
                    await self._call_the_roll()
            except Exception:  # whatever it was, those who listen must not be left with a stream that is dead
                log.exception("the live stream could not read the log; trying again")
                await asyncio.sleep(RETRY_SECONDS)
            await asyncio.sleep(max(LOOK_SECONDS, len(self._listeners) * LOOK_SECONDS_EACH))

    async def _begin(self) -> None:
        self._end = await in_thread(self._log.end)
        self._begun.set()

    async def _look(self) -> None:
        end = await in_thread(self._log.end)
        while self._end < end:
            found = await in_thread(lambda: self._log.after(self._end, PAGE))
            self._kept.extend(found)
            self._end = found[-1].position if found else end
            self._said.clear()
            self._wake()

    async def _call_the_roll(self) -> None:
        present = list(self._listeners)
        for listener in await in_thread(lambda: self._log.leaving(present)):
            listener.gone = True
        self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


async def in_thread(read: Callable[[], T]) -> T:
    """Away from the event loop, in any thread: nothing here belongs to one request."""
    return await sync_to_async(read, thread_sensitive=False)()


async def _within(moved: asyncio.Event, seconds: float) -> bool:
    """Whether it happens within so many seconds."""
    try:
        async with asyncio.timeout(max(seconds, 0)):
            await moved.wait()
    except TimeoutError:
        return False
    return True


def _told(entries: Sequence[Told], listener: Listener, position: int, ease: float) -> bytes:
    """One event for all entries heard at once; ``lag``: milliseconds since the last of them was recorded; ``ease``:
    seconds that a client should let pass before it asks for anything else again."""
    if not entries:
        return b""
    lag = max(0, round((time.time() - entries[-1].recorded) * 1000))
    words = b",".join([entry.words_for(listener) for entry in entries])
    return _event(position, b'{"lag":%d,"ease":%d,"happened":[%b]}' % (lag, ease, words))


def _event(position: int, data: bytes, *, name: str = "", retry: float = 0) -> bytes:
    """As the HTML standard lays out server-sent events; ``id`` is what a client comes back with, ``retry`` seconds
    after it was cut off."""
    called = b"event: %b\n" % name.encode() if name else b""
    again = b"retry: %d\n" % (retry * 1000) if retry else b""
    return b"%bid: %d\n%bdata: %b\n\n" % (again, position, called, data)
