"""Nothing that a scanner, a keyboard or a stranger sends may raise."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from yanji.identity import Identity, ScannerProfile, Unreadable, learn_profile, read, read_tag, split_symbols
from yanji.identity_cli import as_json

SEEDS = (
    "]d2010952000000000417280131" + "10LOT7\x1d21SN0042",
    "]E09520000000004|]e010A\x1d21B",
    "(01)09520000000004(17)280131(10)A(21)B",
    "https://id.gs1.org/01/09520000000004/10/L1/21/S%2F1?17=280131&3103=000195",
    "+A99912345/$$52025010X3/16D20111212/S77DEFG458",
    "+A123BJC5D6E71G+$$52001510X3GD",
    "=+04000=/A9997XYZ100T0479=A99991712345600=,000012=>019031",
    "&#0106PAT042&$0102000300042000=A99992600004200&qward",
    "SEC: DE001234A999926000042 A00T123400720301231",
    "MA.156.M0.100011.2cscp023.Ste002.M200206.L343432.D555555.E200228.V200307.C9",
    "MF8100000001234*BAL7*SN42*MD260101*ED280131",
    "urn:epc:id:sgtin:9520000.000001.42",
    "urn:epc:tag:sgtin-96:3.9520000.000001.42",
    "urn:epc:idpat:grai:9520000.00000.*",
    "[)>\x1e06\x1d9N111234567842\x1d1TL1\x1dD280131\x1dSS1\x1e\x04",
    "F710952000000000485B3297B7C2",
    "FB10952000000000485B3297B7C2A5065F1876F0D996",
    "80109520000" + "5PQ7/Z43\x1d801112345",
)
NASTY = st.sampled_from(
    ["\x1d", "]", "+", "(", ")", "%", "/", "..", "0" * 30, "９", "²", "\ud800", "*", ".C", "=", "~"]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        until = draw(st.integers(at, min(len(text), at + 6)))
        text = text[:at] + draw(st.one_of(NASTY, st.text(max_size=3))) + text[until:]
    return text


def checked(reading: object) -> None:
    assert isinstance(reading, Identity | Unreadable)
    if isinstance(reading, Unreadable):
        assert reading.reasons
        assert all(reason.message != reason.code for reason in reading.reasons)
    json.dumps(as_json(reading))


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.text(), st.binary(), mutated(), mutated().map(lambda text: text.encode("utf-8", "replace")))
)
def test_read_never_raises(scan: str | bytes) -> None:
    checked(read(scan))
    checked(read(scan, profile=ScannerProfile(separator="~", suffix="x"), knows_di=lambda di: True))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(), mutated(), st.text("0123456789ABCDEF", max_size=130), st.text("01", max_size=300))
)
def test_read_tag_never_raises(memory: str) -> None:
    checked(read_tag(memory))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([header for header in range(256) if header >= 0x2C]),
    st.text("0123456789ABCDEF", max_size=80),
)
def test_any_memory_behind_any_header(header: int, rest: str) -> None:
    checked(read_tag(f"{header:02X}{rest}"))


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_profiles_and_splitting_never_raise(expected: str, scanned: str) -> None:
    assert isinstance(learn_profile(expected, scanned), ScannerProfile | Unreadable)
    assert "".join(split_symbols(scanned)).replace("|", "") == scanned.replace("|", "")


@settings(max_examples=200, deadline=None)
@given(st.text("01271370ABX", min_size=0, max_size=60))
def test_long_scans_without_separators_are_bounded(tail: str) -> None:
    checked(read("]d20109520000000004" + "10" + tail * 8))
