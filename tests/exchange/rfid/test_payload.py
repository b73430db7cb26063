"""Messages over MQTT: what a reader may say is understood, and nothing that a stranger sends raises anything else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanji.exchange.rfid.payload import MOST_READS, BadPayload, parse

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TAG = "E2801160600002079BC0F9A1"


def said(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def test_reads_come_with_their_times_or_with_the_messages() -> None:
    own = {"epc": TAG.lower(), "antenna": 2, "rssi": -61, "count": 4, "at": "2026-05-04T15:59:30+08:00"}
    got = parse(said(message=12, at="2026-05-04T07:59:58Z", reads=[own, {"epc": TAG}]), now=NOW)
    assert got.message == 12
    first, second = got.reads
    assert (first.epc, first.antenna, first.rssi, first.count) == (TAG, 2, -61, 4)
    assert first.at == NOW - timedelta(seconds=30)
    assert (second.at, second.antenna, second.rssi, second.count) == (NOW - timedelta(seconds=2), 0, None, 1)


def test_a_door_comes_with_badge_and_tags() -> None:
    got = parse(said(message=1, door="closed", badge="0004711815", tags=[TAG]), now=NOW)
    assert (got.door, got.badge, got.tags, got.at) == ("closed", "0004711815", (TAG,), NOW)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[1]", "no JSON object"),
        (said(reads={}), "reads is no list"),
        (said(reads=[{}] * (MOST_READS + 1)), "reads is no list"),
        (said(reads=[5]), "a read is no JSON object"),
        (said(reads=[{"epc": "30123"}]), "an epc is not memory"),
        (said(reads=[{"epc": TAG, "antenna": True}]), "antenna is no whole number"),
        (said(reads=[{"epc": TAG, "count": 0}]), "count is no whole number"),
        (said(reads=[{"epc": TAG, "at": "2026-05-04T10:00:00"}]), "at is no time with an offset"),
        (said(at="2026-13-04T10:00:00Z"), "at is no time with an offset"),
        (said(at="1970-01-01T00:00:12Z"), "set the reader's clock"),
        (said(at="2026-05-05T08:00:00Z"), "set the reader's clock"),
        (said(message=-1), "message is no whole number"),
        (said(door="ajar"), "door is neither"),
        (said(door="opened", badge="1" * 81), "badge is no text"),
        (said(door="closed", tags=["\0"]), "an epc is not memory"),
    ],
)
def test_what_no_reader_says_is_told_in_words(payload: bytes, why: str) -> None:
    with pytest.raises(BadPayload, match=why):
        parse(payload, now=NOW)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just(TAG),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
FIELDS = st.sampled_from(
    ["message", "at", "reads", "door", "badge", "tags", "epc", "antenna", "rssi", "count"]
)


@given(st.dictionaries(FIELDS, ANYTHING | st.lists(st.dictionaries(FIELDS, ANYTHING), max_size=2)))
def test_nothing_that_a_stranger_sends_raises_anything_else(given_: dict[str, Any]) -> None:
    try:
        got = parse(json.dumps(given_).encode(), now=NOW)
    except BadPayload:
        return
    assert all(len(read.epc) % 4 == 0 and read.count > 0 for read in got.reads)
