"""From a committed scan to every open page: a process that holds 2,000 live streams, while scans are posted to another."""

import asyncio
import re
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress

from ground import Ground
from pages import Headers, ask, server, sign_in
from posting import Bench
from rows import Row, scaled

CONNECTIONS, SCANS_A_SECOND, SECONDS = 2_000, 50, 20
OPENING = 16  # pages that open at the same time
IDS = re.compile(rb"^id: (\d+)$", re.MULTILINE)
Heard = tuple[int, int, float]  # after this position, up to that one, when


async def _listen(
    port: int, headers: Headers, heard: list[Heard], opened: list[int], opening: asyncio.Semaphore
) -> None:
    """One page: takes what comes, and remembers when. Opens when its turn is there."""
    async with opening:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        lines = [
            "GET /live HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        status = await reader.readline()
        assert b" 200 " in status, status
        position = await _position(reader)
    opened.append(position)
    with suppress(ConnectionError):
        while chunk := await reader.read(1 << 20):
            now = time.time()
            if ids := IDS.findall(chunk):
                heard.append((position, int(ids[-1]), now))
                position = int(ids[-1])


async def _position(reader: asyncio.StreamReader) -> int:
    """Where a stream begins: the position of its first event."""
    while not (found := IDS.search(await reader.readline())):
        pass
    return int(found[1])


def _post(port: int, api: Headers, ground: Ground, epcs: list[str]) -> None:
    """Scans one after another by the clock, each as a phone sends it."""
    begun = time.monotonic()
    for turn, epc in enumerate(epcs):
        time.sleep(max(0.0, begun + turn / SCANS_A_SECOND - time.monotonic()))
        body = {"key": str(uuid.uuid4()), "things": [epc], "to_place_id": ground.cabinets[turn % 4]}
        ask(port, "POST", "/api/v1/putaways", api, body)


async def _hear(
    streams: int, port: int, browser: Headers, api: Headers, ground: Ground, epcs: list[str]
) -> list[Heard]:
    heard, opened, opening = list[Heard](), list[int](), asyncio.Semaphore(OPENING)
    count = scaled(CONNECTIONS, 50)
    pages = [asyncio.create_task(_listen(streams, browser, heard, opened, opening)) for _ in range(count)]
    async with asyncio.timeout(300):
        while len(opened) < count:
            failed = [page for page in pages if page.done()]
            assert not failed, failed[0].exception()
            await asyncio.sleep(0.1)
    await asyncio.to_thread(_post, port, api, ground, epcs)
    await asyncio.sleep(2)
    for page in pages:
        page.cancel()
    return heard


def _committed(after: int) -> dict[int, float]:
    """When each entry of the log after a position was recorded, in seconds since 1970."""
    from yanji.ledger.api import entries

    return {entry.position: entry.recorded_at.timestamp() for entry in entries(after, 100_000)}


def live(ground: Ground) -> Iterator[Row]:
    """Milliseconds from the record to the socket of each of the pages; entries before the first scan are left out."""
    from yanji.ledger.api import log_end

    api, browser = sign_in(ground)
    units = Bench(ground).stock(SCANS_A_SECOND * scaled(SECONDS, 2), ground.store, "available")
    before = log_end()
    with server(1) as streams, server(1) as posts:
        found = asyncio.run(_hear(streams, posts, browser, api, ground, [epc for _, epc, _ in units]))
    recorded = _committed(before)
    took = sorted(
        (at - recorded[position]) * 1_000
        for after, upto, at in found
        for position in range(after + 1, upto + 1)
        if position in recorded
    )
    pages = scaled(CONNECTIONS, 50)
    told, owed = len(took), pages * len(recorded)
    for name, ours, bar in (
        ("median", statistics.median(took), 300.0),
        ("99th of 100", took[int(len(took) * 0.99)], 1_000.0),
    ):
        yield Row(
            f"live: scan to {pages:,} pages, {name}, against {bar:g} ms", ours, bar, ours / bar, "ms", told,
            bar=1.0, at_most=True,
        )  # fmt: skip
    yield Row("live: entries told, of those committed", told, owed, told / owed, "", pages, bar=1.0)
