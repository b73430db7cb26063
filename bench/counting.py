"""A count of a store of five thousand: each scan beside a bare insert of the same row, and the phone page's answer."""

import http.client
import statistics
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from ground import Ground
from pages import server, sign_in
from posting import Bench, Unit
from rows import Row, scaled

UNITS = 5_000
BUDGET_MS = 100  # of one scan on the phone page, the browser's work included
INSERT = """
INSERT INTO flows_countscan (count_id, key, round, kind, raw, epc, unit_id, lot_id, item_id, quantity, place_id, seen_at,
                             recorded_at, actor_id, device, how, verdict, replaces_id)
VALUES (%s, %s, 1, 'unit', %s, %s, %s, NULL, %s, 1, %s, %s, %s, %s, '', 'scan', 'right', NULL)
"""


def begun(bench: Bench) -> int:
    from yanji.flows.counting.count import start_count

    return start_count(actor=bench.actor, key=str(uuid.uuid4()), place_id=bench.ground.counted).id


def floor_insert(bench: Bench, count: int, unit: Unit) -> None:
    """The row that a scan leaves behind, by raw psycopg in autocommit, with no question asked."""
    key, epc, _lot = unit
    now = datetime.now(UTC)
    item = bench.ground.items[0]
    bench.raw.execute(
        INSERT,
        (
            count,
            str(uuid.uuid4()),
            epc,
            epc,
            key,
            item,
            bench.ground.counted,
            now,
            now,
            bench.actor.person_id,
        ),
    )


def our_scan(bench: Bench, count: int, unit: Unit) -> None:
    from yanji.flows.counting.scan import Read, record

    [heard] = record(actor=bench.actor, count_id=count, reads=[Read(unit[1], str(uuid.uuid4()))], how="scan")
    assert heard.verdict == "right", heard


def in_turns(bench: Bench, units: list[Unit]) -> tuple[list[float], list[float]]:
    """Milliseconds of a scan and of a bare insert, one after the other, into two counts of the same store."""
    ours, floor, plain = begun(bench), begun(bench), list[float]()
    scans = list[float]()
    for unit in units:
        for times, act, count in ((scans, our_scan, ours), (plain, floor_insert, floor)):
            started = time.perf_counter()
            act(bench, count, unit)
            times.append((time.perf_counter() - started) * 1_000)
    return scans, plain


def ask_page(port: int, path: str, browser: dict[str, str], form: dict[str, Any]) -> float:
    """Milliseconds until the phone page has its answer; a connection of its own, as after a pause."""
    from django.conf import settings

    token = "x" * 32
    headers = {
        "Cookie": f"{browser['Cookie']}; {settings.CSRF_COOKIE_NAME}={token}",
        "X-CSRFToken": token,
        "HX-Request": "true",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, urlencode(form), headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status == 200, (answer.status, text[:500])
    assert b'data-result="ok"' in text, text[:500]
    return (time.perf_counter() - started) * 1_000


def counted(bench: Bench, units: list[Unit]) -> int:
    """A count in which all of these were seen already."""
    from yanji.flows.counting.scan import Read, record

    count = begun(bench)
    for start in range(0, len(units), 500):
        reads = [Read(epc, str(uuid.uuid4())) for _key, epc, _lot in units[start : start + 500]]
        record(actor=bench.actor, count_id=count, reads=reads, how="list")
    return count


def answered(bench: Bench, units: list[Unit], last: int) -> Iterator[Row]:
    """The phone page's answers to the last scans of the store: nearly all of it was counted before. Nothing is stretched by
    what the machine does beside."""
    from yanji.host.static import build_assets, collect

    build_assets()
    collect()
    _api, browser = sign_in(bench.ground)
    path = f"/storeroom/count/{counted(bench, units[:-last])}/scan"
    with server() as port:
        took = [
            ask_page(port, path, browser, {"scan": epc, "scan_key": str(uuid.uuid4())})
            for _key, epc, _lot in units[-last:]
        ][5:]
    shown = statistics.median(took)
    yield Row(
        "count: phone page as the last are scanned, against 100 ms",
        shown,
        BUDGET_MS,
        shown / BUDGET_MS,
        "ms",
        len(took),
        1.0,
        at_most=True,
    )
    late = statistics.quantiles(took, n=20)[-1]
    yield Row(
        "count: 95th in a hundred of these, against 100 ms",
        late,
        BUDGET_MS,
        late / BUDGET_MS,
        "ms",
        len(took),
        1.0,
        at_most=True,
    )


def counting(ground: Ground) -> Iterator[Row]:
    """The ratio of one scan, whether it grows with what was counted, the page's answer, and the closing of it all."""
    from yanji.flows.counting.count import close_count

    bench = Bench(ground)
    units = bench.stock(scaled(UNITS, 400), ground.counted, "available")
    scans, plain = in_turns(bench, units)
    tenth = max(20, len(scans) // 10)
    early, late = statistics.median(scans[5 : tenth + 5]), statistics.median(scans[-tenth:])
    ours, floor = statistics.median(scans), statistics.median(plain)
    yield Row(
        "count: a scan, against a bare insert",
        ours,
        floor,
        ours / floor,
        "ms",
        len(scans),
        20.0,
        at_most=True,
    )
    yield Row(
        "count: the last scans, against the first", late, early, late / early, "ms", tenth, 2.0, at_most=True
    )
    last = scaled(300, 40)
    yield from answered(bench, units, last)
    from drawn import drawn

    yield from drawn(bench, units, scaled(100, 25))
    count = counted(bench, units[:last])
    started = time.perf_counter()
    close_count(actor=bench.actor, key=str(uuid.uuid4()), count_id=count)
    closed = (time.perf_counter() - started) * 1_000
    yield Row(
        "count: closing it, against 3 s", closed, 3_000, closed / 3_000, "ms", len(units), 1.0, at_most=True
    )
