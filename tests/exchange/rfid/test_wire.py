"""LLRP as readers send it: what they were recorded saying is read whole and written back to the octet."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanji.exchange.rfid.llrp import Element, Frames, LlrpError, Message, decode, encode, happening, tag_reads
from yanji.exchange.rfid.llrp.orders import enable, inventory, settings, state_of_input
from yanji.exchange.rfid.llrp.reads import input_now
from yanji.exchange.rfid.llrp.wire import PARAMETERS, Slot, Value

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "gs1" / "llrp"
# Recorded octets are kept beside the repository, as the other third-party samples are: their licence is not ours. Where they are
# not, the codec is held by the property tests below.
recorded = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="third-party samples are not part of the repository"
)


def frames(octets: bytes) -> list[bytes]:
    return list(Frames().feed(octets))


@recorded
def test_recorded_reports_are_read_and_written_back() -> None:
    """61 reports of two gates' tags, from a reader on air."""
    lines = [json.loads(line) for line in (VECTORS / "messages.jsonl").read_text().splitlines()]
    reports = frames(bytes.fromhex(lines[0]["hex"]))
    reads = [read for frame in reports for read in tag_reads(decode(frame))]
    assert [encode(decode(frame)) for frame in reports] == reports
    assert len(reads) == len(reports) >= 40
    assert {"3005FB63AC1F3841EC880467", "300833B2DDD906C000000000"} <= {read.epc for read in reads}
    assert reads[0].rssi == -50
    assert reads[0].first == datetime(2013, 11, 27, 20, 44, 1, 558537, tzinfo=UTC)


@recorded
def test_a_recorded_greeting_says_that_the_connection_stands() -> None:
    line = (VECTORS / "messages.jsonl").read_text().splitlines()[1]
    told = happening(decode(bytes.fromhex(json.loads(line)["hex"])))
    assert told is not None
    assert (told.kind, told.number) == ("connected", 0)


@recorded
def test_what_a_recorded_reader_can_do_is_read_and_written_back() -> None:
    octets = (VECTORS / "caps.dat").read_bytes()
    message = decode(octets)
    can = next(message.find("GeneralDeviceCapabilities"))
    assert (can.fields["MaxNumberOfAntennaSupported"], can.fields["ReaderFirmwareVersion"]) == (
        2,
        "4.8.3.240",
    )
    assert encode(message) == octets


@pytest.mark.parametrize("size", [1, 3, 10, 11, 37, 1000])
def test_however_the_network_cuts_a_stream_the_messages_are_the_same(size: int) -> None:
    octets = b"".join(encode(each) for each in (settings(), inventory([1, 2]), enable()))
    cutter, found = Frames(), []
    for start in range(0, len(octets), size):
        found += cutter.feed(octets[start : start + size])
    assert [decode(each).name for each in found] == ["SET_READER_CONFIG", "ADD_ROSPEC", "ENABLE_ROSPEC"]


def test_a_long_memory_is_read_like_a_short_one() -> None:
    long = Element("TagReportData", inside=(Element("EPCData", {"EPC": bytes.fromhex("F71095200000" * 3)}),))
    [read] = tag_reads(decode(encode(Message("RO_ACCESS_REPORT", inside=(long,)))))
    assert (read.epc, read.antenna, read.count, read.first) == ("F71095200000" * 3, 0, 1, None)


def test_what_a_maker_added_is_kept_and_passed_over() -> None:
    own = Element("Unknown", {"Type": 900, "Data": b"maker"})
    tag = Element("TagReportData", inside=(own, Element("EPC_96", {"EPC": 0x30 << 88})))
    message = Message("RO_ACCESS_REPORT", inside=(tag,), id=7)
    assert decode(encode(message)) == message
    assert [read.epc for read in tag_reads(message)] == ["30" + "0" * 22]
    theirs = Message("Unknown", {"Type": 700, "Data": b"\x01\x02"}, id=8)
    assert decode(encode(theirs)) == theirs


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (bytes.fromhex("043e00000009000000"), "a frame of 9"),
        (bytes.fromhex("043e0000000b00000001"), "a frame of 10"),
        (bytes.fromhex("043f0000000f0000000000f6000900"), "a parameter of 9 octets"),
        (bytes.fromhex("043f0000000e0000000000f60000"), "a parameter of 0 octets"),
        (bytes.fromhex("043d0000000b00000000ff"), "a short parameter 127"),
        (bytes.fromhex("043d0000000c000000008100"), "the element ends inside a field"),
    ],
)
def test_what_is_no_llrp_is_told_where(octets: bytes, why: str) -> None:
    with pytest.raises(LlrpError, match=why):
        decode(octets)


DOOR_OPENED = (
    "043f0000002100000000"  # READER_EVENT_NOTIFICATION of 33 octets
    "00f60017"  # ReaderEventNotificationData
    "0080000c0004ec2ea8354c09"  # UTCTimestamp
    "00f80007000180"  # GPIEvent: port 1, high
)


def test_a_doors_contact_is_told_with_its_input_and_time() -> None:
    frame = bytes.fromhex(DOOR_OPENED.replace(" ", ""))
    told = happening(decode(frame))
    assert told is not None
    assert (told.kind, told.number) == ("input_high", 1)
    assert told.at == datetime(2013, 11, 27, 20, 44, 1, 558537, tzinfo=UTC)
    assert encode(decode(frame)) == frame
    low = happening(decode(frame[:-1] + b"\0"))
    assert low is not None
    assert low.kind == "input_low"


def test_an_input_is_switched_on_and_asked_after_as_the_tables_say() -> None:
    """GPIPortCurrentState (225): port, switched on, state; GPI events are event 1; asked for by 9."""
    octets = encode(settings(5, door=2))
    assert bytes.fromhex("00e100080002 80 00".replace(" ", "")) in octets
    assert bytes.fromhex("00f50007000180") in octets
    assert bytes.fromhex("00e1") not in encode(settings(5))
    assert encode(state_of_input(2)).hex() == "0402000000110000000000000900020000"
    answer = bytes.fromhex("040c0000001a00000000011f00080000 0000 00e1000800028001".replace(" ", ""))
    found = input_now(decode(answer), 2)
    assert found is not None
    assert (found.kind, found.found) == ("input_high", True)
    assert input_now(decode(answer), 1) is None
    assert input_now(decode(answer[:-1] + b"\2"), 2) is None


def test_a_length_that_cannot_be_ends_the_connection_before_memory_does() -> None:
    with pytest.raises(LlrpError, match="a message of 4294967295 octets"):
        list(Frames().feed(bytes.fromhex("043effffffff00000000")))


def test_parameters_within_parameters_without_end_are_refused() -> None:
    nested = Element("TagReportData")
    for _ in range(40):
        nested = Element("TagReportData", inside=(nested,))
    with pytest.raises(LlrpError, match="nested deeper"):
        decode(encode(Message("RO_ACCESS_REPORT", inside=(nested,))))


@pytest.mark.parametrize("value", [-1, 1 << 16, "3", b"3"])
def test_what_a_field_cannot_hold_is_not_written(value: Value) -> None:
    with pytest.raises(LlrpError, match="AntennaID cannot be"):
        encode(Message("RO_ACCESS_REPORT", inside=(Element("AntennaID", {"AntennaID": value}),)))


def _value(slot: Slot) -> st.SearchStrategy[Value]:
    high = (1 << slot.width) - 1
    number = st.integers(0, high)
    kinds: dict[str, st.SearchStrategy[Value]] = {
        "u": number,
        "s": st.integers(-(1 << slot.width - 1), (1 << slot.width - 1) - 1) if slot.width else number,
        "text": st.text(max_size=9),
        "bits": st.binary(max_size=20),
        "rest": st.binary(max_size=9),
        "list": st.lists(number, max_size=5).map(tuple),
    }
    return kinds[slot.kind]


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> Element:
    row = PARAMETERS[draw(st.sampled_from(sorted(PARAMETERS)))]
    fields = {slot.name: draw(_value(slot)) for slot in row.slots if slot.name}
    short = row.number < 128
    inside = draw(st.lists(elements(depth - 1), max_size=2)) if depth and row.has_inside and not short else []
    return Element(row.name, fields, tuple(inside))


@given(st.lists(elements(), max_size=4), st.integers(0, (1 << 32) - 1))
def test_whatever_is_written_is_read_back(inside: list[Element], ident: int) -> None:
    message = Message("RO_ACCESS_REPORT", inside=tuple(inside), id=ident)
    assert decode(encode(message)) == message


@given(st.binary(max_size=60), st.integers(0, 1023))
def test_nothing_that_a_stranger_sends_raises_anything_else(body: bytes, number: int) -> None:
    octets = (1 << 10 | number).to_bytes(2) + (10 + len(body)).to_bytes(4) + bytes(4) + body
    try:
        message = decode(octets)
    except LlrpError:
        return
    list(tag_reads(message))
    happening(message)
    input_now(message, 1)
