"""What the messages of a reader mean: tags that were seen, and what happened to the reader itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from .wire import Element, Message

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOW, HIGH = 0, 1  # states of an input; 2 is unknown (LLRP 1.1, 13.2.6.11)
CONNECTED = 0  # status of a connection attempt, LLRP 1.1, 16.2.7.6.8


@dataclass(frozen=True, slots=True)
class TagRead:
    """One tag in the field of one antenna. ``epc``: its memory in hexadecimal. ``rssi``: dBm at its strongest. ``first`` and
    ``last``: by the reader's own clock, None where it has none; ``count``: how often in between."""

    epc: str
    antenna: int
    rssi: int | None = None
    first: datetime | None = None
    last: datetime | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Happening:
    """What a reader tells of itself. ``number``: the antenna, the input, the percentage or the status that goes with it.
    ``found``: it did not happen now, but was found so."""

    kind: Literal[
        "connected",
        "not_connected",
        "closing",
        "antenna_off",
        "antenna_on",
        "filling",
        "overflown",
        "trouble",
        "input_high",
        "input_low",
    ]
    at: datetime | None = None
    number: int = 0
    text: str = ""
    found: bool = False


def tag_reads(message: Message) -> Iterator[TagRead]:
    """The tags of a report; of any other message none. A part of a report without a tag's memory is passed over."""
    if message.name != "RO_ACCESS_REPORT":
        return
    for report in message.find("TagReportData"):
        epc = _epc(report)
        if epc:
            yield TagRead(
                epc, report.number("AntennaID") or 0, report.number("PeakRSSI"), _time(report, "FirstSeenTimestampUTC"),
                _time(report, "LastSeenTimestampUTC"), report.number("TagSeenCount") or 1,
            )  # fmt: skip


def _epc(report: Element) -> str:
    short = report.number("EPC_96")
    if short is not None:
        return f"{short:024X}"
    long = next(report.find("EPCData"), None)
    memory = long.fields["EPC"] if long else b""
    return memory.hex().upper() if isinstance(memory, bytes) else ""


def _time(element: Element, name: str) -> datetime | None:
    microseconds = element.number(name)
    try:
        return EPOCH + timedelta(microseconds=microseconds) if microseconds else None
    except OverflowError:
        return None


def happening(message: Message) -> Happening | None:
    """What a notification tells; None for another message, and for what nobody has to know (a hop, an inventory's end)."""
    data = next(message.find("ReaderEventNotificationData"), None)
    if message.name != "READER_EVENT_NOTIFICATION" or data is None:
        return None
    at = _time(data, "UTCTimestamp")
    return next((found for each in data.inside if (found := _happening(each, at))), None)


def _happening(event: Element, at: datetime | None) -> Happening | None:
    match event.name:
        case "ConnectionAttemptEvent":
            status = _field(event, "Status")
            return Happening("connected" if status == CONNECTED else "not_connected", at, status)
        case "ConnectionCloseEvent":
            return Happening("closing", at)
        case "AntennaEvent":
            on = _field(event, "EventType") == 1
            return Happening("antenna_on" if on else "antenna_off", at, _field(event, "AntennaID"))
        case "GPIEvent":
            high = _field(event, "GPIEvent") == 1
            return Happening("input_high" if high else "input_low", at, _field(event, "GPIPortNumber"))
        case "ReportBufferLevelWarningEvent":
            return Happening("filling", at, _field(event, "ReportBufferPercentageFull"))
        case "ReportBufferOverflowErrorEvent":
            return Happening("overflown", at)
        case "ReaderExceptionEvent":
            return Happening("trouble", at, text=str(event.fields["Message"]))
    return None


def input_now(answer: Message, number: int) -> Happening | None:
    """How an input stands, by the answer to that question; None where the reader does not know."""
    for each in answer.find("GPIPortCurrentState"):
        if each.fields["GPIPortNum"] == number and (state := _field(each, "State")) in (LOW, HIGH):
            return Happening("input_high" if state == HIGH else "input_low", number=number, found=True)
    return None


def _field(event: Element, name: str) -> int:
    value = event.fields[name]
    assert isinstance(value, int), "a number by its row"
    return value
