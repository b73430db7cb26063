"""From a committed scan to every open page: a process that holds 2,000 live streams, while scans are posted to another."""

import asyncio
import re
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from ground import Ground
from pages import Headers, ask, may_everything, server, session_of, sign_in
from posting import Bench
from rows import Row, scaled

CONNECTIONS, SCANS_A_SECOND, SECONDS = 2_000, 50, 20
OPENING = 16  # pages that open at the same time
IDS = re.compile(rb"^id: (\d+)$", re.MULTILINE)
MOVED = re.compile(rb'"moved": \["([0-9,]+)"')
Heard = tuple[str, int, int, float]  # below which path, after this position, up to that one, when
Counted = tuple[int, float]  # pieces that moved today, when a page showed it
PEOPLE = 40


@dataclass(frozen=True)
class Viewer:
    """Who looks: the path below which they see, and their browser's headers."""

    path: str
    headers: Headers


def viewers(ground: Ground) -> list[Viewer]:
    """People over the campus, its store and its departments, in both languages."""
    from yanji.access.models import Person
    from yanji.places.models import Place

    places = Place.objects.in_bulk([ground.store, *ground.cabinets])
    departments = [f"{places[key].path.rpartition(f'{key}/')[0]}" for key in ground.cabinets]
    paths = [ground.campus_path, places[ground.store].path, *departments]
    found = []
    for number in range(PEOPLE):
        path, language = paths[number % len(paths)], ("zh-hans", "en")[number // len(paths) % 2]
        person, _made = Person.objects.get_or_create(
            username=f"viewer{number}", defaults={"name_zh": f"看{number}", "language": language}
        )
        may_everything(person, path)
        found.append(Viewer(path, session_of(person)))
    return found


async def _opened(
    port: int, headers: Headers, asked: str = ""
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The stream of one page, from its first line on. It is open as long as its writer is held."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    lines = [
        f"GET /live{asked} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    status = await reader.readline()
    assert b" 200 " in status, status
    return reader, writer


async def _listen(
    port: int, viewer: Viewer, heard: list[Heard], opened: list[int], opening: asyncio.Semaphore
) -> None:
    """One page: takes what comes, and remembers when. Opens when its turn is there."""
    async with opening:
        reader, _writer = await _opened(port, viewer.headers)
        position = await _position(reader)
    opened.append(position)
    with suppress(ConnectionError):
        while chunk := await reader.read(1 << 20):
            now = time.time()
            if ids := IDS.findall(chunk):
                heard.append((viewer.path, position, int(ids[-1]), now))
                position = int(ids[-1])


async def _watch(port: int, headers: Headers, counted: list[Counted], opened: list[int]) -> None:
    """A board: when it showed how many pieces as moved today."""
    reader, _writer = await _opened(port, headers, "?figures=1&numbers=1")
    opened.append(await _position(reader))
    with suppress(ConnectionError):
        while line := await reader.readline():
            if found := MOVED.search(line):
                counted.append((int(found[1].replace(b",", b"")), time.time()))


async def _position(reader: asyncio.StreamReader) -> int:
    """Where a stream begins: the position of its first event."""
    while line := await reader.readline():
        if found := IDS.search(line):
            return int(found[1])
    raise AssertionError("the stream ended before it began")


def _post(port: int, api: Headers, ground: Ground, epcs: list[str]) -> None:
    """Scans one after another by the clock, each as a phone sends it."""
    begun = time.monotonic()
    for turn, epc in enumerate(epcs):
        time.sleep(max(0.0, begun + turn / SCANS_A_SECOND - time.monotonic()))
        body = {"key": str(uuid.uuid4()), "things": [epc], "to_place_id": ground.cabinets[turn % 4]}
        ask(port, "POST", "/api/v1/putaways", api, body)


async def _hear(
    streams: int, port: int, looking: list[Viewer], api: Headers, ground: Ground, epcs: list[str]
) -> tuple[list[Heard], list[Counted]]:
    heard, counted, opened, opening = list[Heard](), list[Counted](), list[int](), asyncio.Semaphore(OPENING)
    count = scaled(CONNECTIONS, 50)
    pages = [
        asyncio.create_task(_listen(streams, looking[n % len(looking)], heard, opened, opening))
        for n in range(count)
    ]
    pages.append(asyncio.create_task(_watch(streams, looking[0].headers, counted, opened)))
    async with asyncio.timeout(300):
        while len(opened) < len(pages):
            failed = [page for page in pages if page.done()]
            assert not failed, failed[0].exception()
            await asyncio.sleep(0.1)
    await asyncio.to_thread(_post, port, api, ground, epcs)
    await asyncio.sleep(4)
    for page in pages:
        page.cancel()
    return heard, counted


def _committed(after: int) -> dict[int, tuple[float, tuple[str, ...]]]:
    """When each entry of the log after a position was recorded, in seconds since 1970, and what paths it touched."""
    from yanji.watch.happenings import entered

    return {
        entry.position: (entry.recorded_at.timestamp(), tuple(path for path, *_kind in entry.touched))
        for entry in entered(after, 100_000)
    }


def _moved(path: str) -> int:
    """Pieces that moved today, as the board of a place says it now."""
    from yanji.insight.board import Cut
    from yanji.web.board import numbers

    return int(numbers(Cut((path,)))()["moved"][0].replace(",", ""))


def _changed(recorded: list[float], counted: list[Counted], before: int) -> list[float]:
    """Milliseconds from each record to the first number that counts it, of ``before`` and one piece a scan; all must be
    counted."""
    assert counted[-1][0] - before == len(recorded), (before, counted[-1], len(recorded))
    return sorted(
        (next(at for moved, at in counted if moved >= before + number) - when) * 1_000
        for number, when in enumerate(sorted(recorded), start=1)
    )


def live(ground: Ground) -> Iterator[Row]:
    """Milliseconds from the record to the socket of each of the pages; entries before the first scan are left out."""
    from yanji.ledger.api import log_end

    api, _browser = sign_in(ground)
    looking = viewers(ground)
    units = Bench(ground).stock(SCANS_A_SECOND * scaled(SECONDS, 2), ground.store, "available")
    before, moved = log_end(), _moved(looking[0].path)
    with server(1) as streams, server(1) as posts:
        found, counted = asyncio.run(
            _hear(streams, posts, looking, api, ground, [epc for _, epc, _ in units])
        )
    recorded = _committed(before)
    seen = {
        viewer.path: {
            at for at, (_when, paths) in recorded.items() if any(p.startswith(viewer.path) for p in paths)
        }
        for viewer in looking
    }
    took = sorted(
        (at - recorded[position][0]) * 1_000
        for path, after, upto, at in found
        for position in range(after + 1, upto + 1)
        if position in seen[path]
    )
    pages = scaled(CONNECTIONS, 50)
    told, owed = len(took), sum(len(seen[looking[n % len(looking)].path]) for n in range(pages))
    shown = _changed([when for when, _paths in recorded.values()], counted, moved)
    for name, ours, bar in (
        (f"scan to {pages:,} pages, median, against 300 ms", statistics.median(took), 300.0),
        (f"scan to {pages:,} pages, 99th of 100, against 1000 ms", took[int(len(took) * 0.99)], 1_000.0),
        (
            "scan to the number on a board beside them, median, against 1000 ms",
            statistics.median(shown),
            1_000.0,
        ),
    ):
        yield Row(f"live: {name}", ours, bar, ours / bar, "ms", told, bar=1.0, at_most=True)
    yield Row("live: entries told, of those committed", told, owed, told / owed, "", pages, bar=1.0)
