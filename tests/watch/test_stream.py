"""The stream by itself, over a log that grows as it is told: nothing is missed, nothing is told twice, nobody waits for
the slow."""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanji.watch import stream as module
from yanji.watch.stream import Listener, Stream, Told


class Growing:
    """A log in memory."""

    def __init__(self) -> None:
        self.entries: list[Told] = []
        self.leave: set[Listener] = set()
        self.broken = 0
        self.reads = 0
        self.numbered: list[str] = []

    def grow(
        self,
        *paths: str,
        unit: int = 1,
        kinds: Sequence[tuple[str, int | None]] = (),
        under_way: bool = False,
    ) -> None:
        number = len(self.entries) + 1
        words = {"en": b'{"id":"%d"}' % number}
        touched = frozenset((path, *kind) for path in paths for kind in kinds or [("", None)])
        self.entries.append(Told(number, time.time(), touched, frozenset({unit}), words, under_way))

    def end(self) -> int:
        if self.broken:
            self.broken -= 1
            raise OSError("away")
        return len(self.entries)

    def after(self, position: int, limit: int) -> Sequence[Told]:
        self.reads += 1
        return self.entries[position : position + limit]

    def leaving(self, listeners: Collection[Listener]) -> Collection[Listener]:
        return self.leave & set(listeners)

    def numbers(self, shown: Hashable) -> Mapping[str, bytes]:
        self.numbered.append(str(shown))
        return {"en": b'{"%b":%d}' % (str(shown).encode(), len(self.entries))}


def listener(*scope: str, unit: int | None = None) -> Listener:
    return Listener(1, "session", "", scope or ("/1/",), "en", unit)


def heard_in(text: bytes) -> list[int]:
    """The numbers of the entries in what was sent."""
    data = re.findall(rb"^data: (.*)$", text, re.MULTILINE)
    return [int(one["id"]) for line in data for one in json.loads(line).get("happened", [])]


def last_id(text: bytes) -> int:
    return int(re.findall(rb"^id: (\d+)$", text, re.MULTILINE)[-1])


async def take(told: AsyncIterator[bytes], until: int) -> bytes:
    """What is sent until an entry has come."""
    text = b""
    async with asyncio.timeout(60):
        while until not in heard_in(text):
            text += await anext(told)
    return text


def run(story: Callable[[], Coroutine[None, None, None]]) -> None:
    """In a thread of its own: where browser tests came before, this one has a loop that runs already."""
    with ThreadPoolExecutor(1) as own:
        own.submit(asyncio.run, story()).result()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.001)


def test_who_listens_hears_what_comes_after_and_only_what_is_theirs() -> None:
    async def story() -> None:
        log = Growing()
        log.grow("/1/2/")
        told = Stream(log).listen(listener("/1/"), None)
        assert last_id(await anext(told)) == 1, "the position to come back with, before anything happens"
        log.grow("/1/3/")
        log.grow("/9/")
        log.grow("/9/", "/1/4/")
        assert heard_in(await take(told, 4)) == [2, 4]
        await told.aclose()

    run(story)


def test_all_who_are_cut_off_at_once_come_back_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACK_A_SECOND", 10)

    async def story() -> None:
        log = Growing()
        log.grow("/1/2/")
        stream = Stream(log)
        connections = [stream.listen(listener("/1/"), None) for _ in range(50)]
        first = [await anext(told) for told in connections]
        waits = [
            int(found.group(1))
            for text in first
            if (found := re.search(rb"^retry: (\d+)$", text, re.MULTILINE))
        ]
        assert len(waits) == 50
        for start in range(0, 5_000, 1_000):
            assert sum(start <= wait < start + 1_000 for wait in waits) <= 12, sorted(waits)
        for told in connections:
            await told.aclose()

    run(story)


def test_one_unit_alone_is_heard_where_only_it_is_asked_for() -> None:
    async def story() -> None:
        log, told = Growing(), None
        told = Stream(log).listen(listener(unit=7), None)
        await anext(told)
        for unit in (1, 7, 2, 7):
            log.grow("/1/", unit=unit)
        assert heard_in(await take(told, 4)) == [2, 4]
        await told.aclose()

    run(story)


def test_a_family_and_a_supplier_are_heard_together_of_one_and_the_same_kind_of_thing() -> None:
    """Two who look at different parts stand at the same place of the log, and each is told its own."""

    async def story() -> None:
        log = Growing()
        stream = Stream(log)
        looks = {("stents", None): [1, 3], ("", 7): [2, 3], ("stents", 7): [3], ("", None): [1, 2, 3, 4, 5]}
        told = {}
        for family, supplier in looks:
            who = listener()
            who.family, who.supplier = family, supplier
            told[family, supplier] = stream.listen(who, None)
            await anext(told[family, supplier])
        of = [("stents", 2)], [("gloves", 7)], [("stents", 7)], [("gloves", None)], []
        for kinds in of:
            log.grow("/1/", kinds=kinds)
        for look, heard in looks.items():
            assert heard_in(await take(told[look], heard[-1])) == heard, look
            await told[look].aclose()

    run(story)


@given(st.lists(st.tuples(st.sampled_from(["/1/", "/2/", "/1/5/"]), st.booleans()), min_size=1, max_size=40))
def test_cut_off_anywhere_and_coming_back_with_its_position_a_client_hears_everything_once(
    grown: list[tuple[str, bool]],
) -> None:
    async def story() -> None:
        log, heard = Growing(), list[int]()
        stream, position = Stream(log), 0
        told = stream.listen(listener("/1/"), 0)
        for path, cut in grown:
            log.grow(path)
            if path.startswith("/1/"):
                text = await take(told, len(log.entries))
                heard, position = heard + heard_in(text), last_id(text)
            if cut:
                await told.aclose()
                told = stream.listen(listener("/1/"), position)
        await told.aclose()
        assert heard == [number for number, (path, _) in enumerate(grown, 1) if path.startswith("/1/")]

    run(story)


def test_who_takes_nothing_costs_nothing_and_reads_on_beyond_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 10)
    monkeypatch.setattr(module, "PAGE", 7)

    async def story() -> None:
        log = Growing()
        stream = Stream(log)
        slow, quick = stream.listen(listener(), None), stream.listen(listener(), None)
        await anext(slow)
        await anext(quick)
        for number in range(1, 101):
            log.grow("/1/")
            await take(quick, number)
        assert len(stream._kept) == 10
        assert heard_in(await take(slow, 100)) == list(range(1, 101))
        for told in (slow, quick):
            await told.aclose()

    run(story)


def test_what_all_may_see_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        log, made = Growing(), list[int]()
        stream = Stream(log)
        monkeypatch.setattr(Listener, "hears", lambda self, entry: made.append(entry.position) or True)
        told = [stream.listen(listener(), None) for _ in range(50)]
        for one in told:
            await anext(one)
        reads = log.reads
        log.grow("/1/")
        texts = [await take(one, 1) for one in told]
        assert len(set(texts)) == 1
        assert (made, log.reads - reads) == ([1], 1)
        for one in told:
            await one.aclose()

    run(story)


def test_who_comes_while_the_stream_is_opening_misses_nothing() -> None:
    class Hesitating(Growing):
        """Answers late, and not in the order in which it was asked."""

        def end(self) -> int:
            end = super().end()
            time.sleep(random.uniform(0, 0.02))
            return end

    async def story() -> None:
        log = Hesitating()
        stream = Stream(log)

        async def heard_by(late: float) -> tuple[int, list[int]]:
            await asyncio.sleep(late)
            told = stream.listen(listener(), None)
            first = last_id(await anext(told))
            entries = heard_in(await take(told, 60)) if first < 60 else []
            await told.aclose()
            return first, entries

        clients = [asyncio.create_task(heard_by(number * 0.003)) for number in range(10)]
        for _ in range(60):
            log.grow("/1/")
            await asyncio.sleep(0.002)
        for first, entries in await asyncio.gather(*clients):
            assert entries == list(range(first + 1, 61))

    run(story)


def test_the_log_may_be_away_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        log = Growing()
        told = Stream(log).listen(listener(), None)
        await anext(told)
        log.broken = 3
        log.grow("/1/")
        assert heard_in(await take(told, 1)) == [1]
        await told.aclose()

    run(story)
    assert "could not read the log" in caplog.text


def test_silence_is_broken_by_a_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.01)

    async def story() -> None:
        log = Growing()
        told = Stream(log).listen(listener(), None)
        await anext(told)
        log.grow("/2/")
        while last_id(beat := await anext(told)) < 1:
            assert b"event: still" in beat
        assert heard_in(beat) == [], "what others see moves the position, and nothing more"
        await told.aclose()

    run(story)


def test_who_may_no_longer_listen_is_sent_away_and_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROLL_SECONDS", 0)

    async def story() -> None:
        log = Growing()
        stream, leaver = Stream(log), listener()
        left, stays = stream.listen(leaver, None), stream.listen(listener(), None)
        await anext(left)
        await anext(stays)
        log.leave = {leaver}
        async with asyncio.timeout(60):
            assert [text async for text in left] == []
        log.grow("/1/")
        await take(stays, 1)
        await stays.aclose()

    run(story)


def test_what_another_process_told_is_not_told_again() -> None:
    """A connection comes back with a position that this process has not read yet."""

    async def story() -> None:
        log = Growing()
        log.grow("/1/")
        stream = Stream(log)
        first = stream.listen(listener(), None)
        assert last_id(await anext(first)) == 1
        for _ in range(2):
            log.grow("/1/")
        back = stream.listen(listener(), 3)
        assert last_id(await anext(back)) == 3
        log.grow("/1/")
        assert heard_in(await take(back, 4)) == [4]
        assert heard_in(await take(first, 4)) == [2, 3, 4]
        stream.close()

    run(story)


def test_closing_ends_all_and_a_position_of_another_log_is_none() -> None:
    async def story() -> None:
        log = Growing()
        log.grow("/1/")
        stream = Stream(log)
        told = stream.listen(listener(), 999)
        assert last_id(await anext(told)) == 1
        stream.close()
        async with asyncio.timeout(60):
            assert [text async for text in told] == []

    run(story)
