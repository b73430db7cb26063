"""The numbers beside the stream: read once for all who show the same, when anything changed them, and for nobody in vain."""

import asyncio
import time
from collections.abc import AsyncIterator, Hashable, Mapping

import pytest

from tests.watch.test_stream import Growing, heard_in, last_id, listener, run, take
from yanji.watch import stream as module
from yanji.watch.stream import Listener, Stream


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(module, "NUMBERS_SECONDS", 0.001)


def showing(path: str) -> Listener:
    """A board of one place."""
    who = listener(path)
    who.shows = path
    return who


async def numbers(told: AsyncIterator[bytes], until: int) -> bytes:
    """What is sent until the numbers are those after an entry."""
    text = b""
    async with asyncio.timeout(60):
        while f'":{until}}}'.encode() not in text:
            text += await anext(told)
    return text


async def told_next(told: AsyncIterator[bytes]) -> bytes:
    return await anext(told)


async def holding(stream: Stream, position: int) -> None:
    """Wait until of every part that is shown it is known whether an entry changed its numbers."""
    async with asyncio.timeout(60):
        while not all(told.holds >= position for told in stream._numbers.values()):
            await asyncio.sleep(0.001)


def test_the_numbers_of_a_place_are_read_once_for_all_who_show_them() -> None:
    async def story() -> None:
        log = Growing()
        stream = Stream(log)
        boards = [stream.listen(showing("/1/"), None) for _ in range(20)]
        other, unit = stream.listen(showing("/2/"), None), stream.listen(listener("/1/"), None)
        for told in (*boards, other, unit):
            await anext(told)
        waits = asyncio.create_task(
            told_next(other)
        )  # its numbers are read from now on, whenever they change
        log.grow("/1/5/")
        for told in boards:
            text = await numbers(told, 1)
            assert text.index(b'"happened"') < text.index(b"event: numbers"), "first the row, then the number"
            assert last_id(text) == 1
        await holding(stream, 1)
        assert log.numbered == ["/1/"], "and not those of a place where nothing happened"
        log.grow("/2/")
        await waits
        await numbers(other, 2)
        await holding(stream, 2)
        assert log.numbered == ["/1/", "/2/"]
        assert b"numbers" not in await take(unit, 1), "nobody is told numbers who shows none"
        for told in (*boards, other, unit):
            await told.aclose()

    run(story)


def test_numbers_that_are_slow_to_read_are_read_less_often_and_the_last_are_true() -> None:
    class Slow(Growing):
        def numbers(self, shown: Hashable) -> Mapping[str, bytes]:
            time.sleep(0.1)
            return super().numbers(shown)

    async def story() -> None:
        log, begun = Slow(), time.monotonic()
        told = Stream(log).listen(showing("/1/"), None)
        await anext(told)
        for _ in range(40):
            log.grow("/1/")
            await asyncio.sleep(0.02)
        text = await numbers(told, 40)
        assert sorted(heard_in(text)) == list(range(1, 41))
        assert len(log.numbered) <= 2 + (time.monotonic() - begun) / 0.2, "it rests as long as it read"
        await told.aclose()

    run(story)


def test_who_comes_later_is_told_what_is_newer_than_its_page() -> None:
    async def story() -> None:
        log = Growing()
        stream = Stream(log)
        first = stream.listen(showing("/1/"), None)
        await anext(first)
        log.grow("/1/")
        await numbers(first, 1)
        late = stream.listen(showing("/1/"), 0)
        await numbers(late, 1)
        assert log.numbered == ["/1/"]
        for told in (first, late):
            await told.aclose()

    run(story)


def test_what_sets_out_or_arrives_changes_numbers_at_its_other_end_and_tells_nothing_there() -> None:
    """An entry touches the place that it leaves and what carries it: where it is bound for, it is under way all the same."""

    async def story() -> None:
        log = Growing()
        stream = Stream(log)
        ward, gloves = showing("/2/"), showing("/3/")
        gloves.family = "gloves"
        told, others = stream.listen(ward, None), stream.listen(gloves, None)
        await anext(told)
        await anext(others)
        waits = asyncio.create_task(told_next(others))
        log.grow("/1/", "/transit/", kinds=[("stents", None)], under_way=True)
        assert heard_in(await numbers(told, 1)) == [], "the store's entry is none of the ward's business"
        await holding(stream, 1)
        assert log.numbered == ["/2/"], "and of other things nothing changed"
        waits.cancel()
        for one in (told, others):
            await asyncio.gather(waits, return_exceptions=True)
            await one.aclose()

    run(story)


def test_numbers_that_cannot_be_read_hold_up_no_others(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Growing):
        def numbers(self, shown: Hashable) -> Mapping[str, bytes]:
            found = super().numbers(shown)
            if shown == "/1/" and len(self.numbered) < 50:
                raise OSError("this part alone")
            return found

    async def story() -> None:
        log = Broken()
        stream = Stream(log)
        broken, good = stream.listen(showing("/1/"), None), stream.listen(showing("/2/"), None)
        await anext(broken)
        await anext(good)
        first = asyncio.create_task(told_next(broken))  # its part is asked for before the other
        await asyncio.sleep(0)
        for number in range(1, 6):
            log.grow("/1/", "/2/")
            await numbers(good, number)
        await first
        assert len(log.numbered) < 50, "and what fails is tried ever more seldom"
        log.numbered += ["/2/"] * 50
        await numbers(broken, 5)
        for told in (broken, good):
            await told.aclose()

    run(story)
    assert "could not be read" in caplog.text


def test_who_looks_at_one_unit_does_not_silence_who_shows_the_same_part() -> None:
    async def story() -> None:
        log = Growing()
        stream = Stream(log)
        crafted = [showing("/1/") for _ in range(20)]
        for each in crafted:
            each.unit = 7
        told = [stream.listen(each, None) for each in (*crafted, showing("/1/"))]
        for one in told:
            await anext(one)
        log.grow("/1/", unit=1)
        for one in told:
            await numbers(one, 1)
        for one in told:
            await one.aclose()

    run(story)
