"""What a reader says over MQTT: one JSON object a message, taken apart and judged before anything is done with it. Pure."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils.dateparse import parse_datetime

from yanji.flows.rfid.sightings import Read

MOST_READS = 5_000
MOST_OCTETS = 4_000_000
LONGEST_EPC = 512
HEX = re.compile(r"(?:[0-9A-Fa-f]{4})+")
Door = Literal["opened", "closed"]


class BadPayload(ValueError):
    """The message cannot be what a reader says; the text says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """``message``: its number, rising with every message of the reader. ``timed``: whether it said the time itself. ``reads``:
    what its antennas saw. ``door``: what happened to the cabinet's door, ``badge`` by whose, and ``tags`` what is inside once it
    is closed."""

    message: int
    at: datetime
    timed: bool = False
    reads: tuple[Read, ...] = ()
    door: Door | None = None
    badge: str = ""
    tags: tuple[str, ...] = ()


def parse(payload: bytes, *, now: datetime) -> Said:
    """One message: ``{"message": 12, "at": "2026-05-04T10:00:00+08:00", "reads": [{"epc": "30...", "antenna": 1, "rssi": -55,
    "at": ..., "count": 3}]}`` or ``{"message": 13, "door": "closed", "badge": "...", "tags": ["30..."]}``.

    Times without one are ``now``. Raises BadPayload.
    """
    if len(payload) > MOST_OCTETS:
        raise BadPayload(f"more than {MOST_OCTETS} octets")
    try:
        given = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadPayload("no JSON") from error
    if not isinstance(given, dict):
        raise BadPayload("no JSON object")
    at = _time(given, now, now)
    reads, tags = _list(given, "reads"), _list(given, "tags")
    door = given.get("door")
    if door not in (None, "opened", "closed"):
        raise BadPayload("door is neither opened nor closed")
    return Said(
        _number(given, "message", 0, 1, 2**62),
        at,
        given.get("at") is not None,
        tuple(_read(each, at, now) for each in reads),
        door,
        _text(given, "badge", 80),
        tuple(_epc(each) for each in tags),
    )


def _read(given: Any, at: datetime, now: datetime) -> Read:
    if not isinstance(given, dict):
        raise BadPayload("a read is no JSON object")
    rssi = _number(given, "rssi", 1, -128, 0)
    return Read(
        _epc(given.get("epc")),
        _number(given, "antenna", 0, 0, 2**16 - 1),
        _time(given, at, now),
        rssi if rssi <= 0 else None,
        _number(given, "count", 1, 1, 10**6),
    )


def _epc(given: Any) -> str:
    if not isinstance(given, str) or len(given) > LONGEST_EPC or not HEX.fullmatch(given):
        raise BadPayload("an epc is not memory in hexadecimal, in words of four digits")
    return given.upper()


def _number(given: dict[str, Any], name: str, absent: int, low: int, high: int) -> int:
    number = given.get(name)
    if number is None:
        return absent
    if type(number) is not int or not low <= number <= high:
        raise BadPayload(f"{name} is no whole number from {low} to {high}")
    return number


def _text(given: dict[str, Any], name: str, longest: int) -> str:
    text = given.get(name, "")
    if not isinstance(text, str) or len(text) > longest or "\0" in text:
        raise BadPayload(f"{name} is no text of at most {longest} characters")
    return text


def _list(given: dict[str, Any], name: str) -> list[Any]:
    found = given.get(name, [])
    if not isinstance(found, list) or len(found) > MOST_READS:
        raise BadPayload(f"{name} is no list of at most {MOST_READS}")
    return found


def _time(given: dict[str, Any], absent: datetime, now: datetime) -> datetime:
    text = given.get("at")
    if text is None:
        return absent
    try:
        at = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadPayload("at is no time with an offset, as 2026-05-04T10:00:00+08:00")
    if not now - timedelta(days=30) <= at <= now + timedelta(minutes=5):
        raise BadPayload("at is not within the last thirty days: set the reader's clock")
    return at
