"""What the test symbol shows about a scanner: learnt where it can be undone without doubt, else said."""

import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanji.identity import TEST_BARCODE, TEST_ELEMENTS, Identity, ScannerProfile, Unreadable, read, set_up
from yanji.identity.layouts import LAYOUTS

GS = "\x1d"
CODE_128 = "]C1" + TEST_BARCODE[3:]
BARE = TEST_BARCODE[3:]


# What GS1 data may hold (General Specifications, figure 7.11-1).
GS1_DATA = string.ascii_letters + string.digits + "!\"%&'()*+,-./:;<=>?_"


def typed(text: str, layout: str) -> str:
    """What arrives of what a scanner for a US keyboard types at a computer with another one; a dead key shows its accent."""
    return "".join(each if each == GS else LAYOUTS[layout].get(each, "´") for each in text)


def codes(scan: str) -> list[str]:
    return [each.code for each in set_up(scan).findings]


def test_what_is_printed_is_what_is_expected() -> None:
    printed, sent = read(TEST_ELEMENTS), read(TEST_BARCODE)
    assert isinstance(printed, Identity)
    assert isinstance(sent, Identity)
    assert printed.elements == sent.elements


@pytest.mark.parametrize("scan", [TEST_BARCODE, CODE_128, TEST_BARCODE + "\r\n"])
def test_a_scanner_as_it_should_be(scan: str) -> None:
    assert set_up(scan).profile == ScannerProfile(sends_symbology=True)
    assert codes(scan) == []


@pytest.mark.parametrize(
    ("scan", "profile", "found"),
    [
        (BARE, ScannerProfile(sends_symbology=False), ["no_aim_identifier"]),
        (CODE_128.replace(GS, "|"), ScannerProfile("|", sends_symbology=True), ["separator_substituted"]),
        (TEST_BARCODE.replace(GS, "~"), ScannerProfile("~", sends_symbology=True), ["separator_substituted"]),
        (BARE.replace(GS, ""), ScannerProfile("", sends_symbology=False), ["separators_dropped", "no_aim_identifier"]),
        (f"*{TEST_BARCODE}#", ScannerProfile(GS, "*", "#", True), ["affixes"]),
    ],
)  # fmt: skip
def test_what_can_be_undone_is_learnt_and_said(scan: str, profile: ScannerProfile, found: list[str]) -> None:
    assert set_up(scan).profile == profile
    assert codes(scan) == found


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("scan", "profile", "found"),
    [
        (TEST_BARCODE, ScannerProfile(sends_symbology=True), []),
        (CODE_128.replace(GS, "|"), ScannerProfile("|", sends_symbology=True), ["separator_substituted"]),
        (f"*{TEST_BARCODE}#", ScannerProfile(GS, "*", "#", True), ["affixes"]),
    ],
)
def test_another_keyboard_is_learnt(
    layout: str, scan: str, profile: ScannerProfile, found: list[str]
) -> None:
    learnt = set_up(typed(scan, layout)).profile
    assert learnt == replace(profile, layout=layout)
    assert codes(typed(scan, layout)) == ["keyboard_learnt", *found]
    assert learnt.unwrapped(typed(scan, layout)).endswith(scan.strip("*#"))


def element_strings(without: str) -> st.SearchStrategy[str]:
    data = st.text(st.sampled_from(sorted(set(GS1_DATA) - set(without))), min_size=1, max_size=20)
    whole = st.builds(
        "010952000000000417991231{}{}{}{}{}".format, st.just("10"), data, st.just(GS), st.just("21"), data
    )
    return whole | st.builds("10{}{}21{}".format, data, st.just(GS), data)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("separator", [GS, "|"])
@given(data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_what_was_typed_through_a_keyboard_comes_back(
    layout: str, separator: str, data: st.DataObject
) -> None:
    label = data.draw(element_strings("+=" if layout == "QWERTZ" else ""))
    profile = ScannerProfile(separator, sends_symbology=True, layout=layout)
    arrived = typed(("]d2" + label).replace(GS, separator), layout)
    meant, found = read("]d2" + label), read(arrived, profile=profile)
    assert isinstance(meant, Identity)
    assert isinstance(found, Identity)
    assert found.elements == meant.elements
    once = profile.unwrapped(arrived)
    assert profile.unwrapped(once) == once


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "text",
    ["MAIN-IS-A3-06", "PO-MAIN-2611-0114", "YANJI:OK", "https://id.gs1.org/01/09520000000004", "PZ10023"],
)
def test_codes_of_the_house_come_back_once(layout: str, text: str) -> None:
    profile = ScannerProfile(sends_symbology=True, layout=layout)
    assert profile.unwrapped(typed(f"]C0{text}", layout)) == f"]C0{text}"
    assert profile.unwrapped(f"]C0{text}") == f"]C0{text}"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_keyboard_is_learnt_of_a_scanner_without_the_aim_identifier(layout: str) -> None:
    """``PZ10023`` and ``PY10023`` both read as a wristband: nothing says which was scanned."""
    learnt = set_up(typed(BARE, layout))
    assert (learnt.profile, codes(typed(BARE, layout))) == (None, ["keyboard_layout"])
    assert ScannerProfile(sends_symbology=False, layout=layout).unwrapped("PZ10023") == "PZ10023"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text", ["Zange", "Größe 12", "cathéter", "YX-12", "20-0456", TEST_ELEMENTS])
def test_what_a_hand_typed_stays(layout: str, text: str) -> None:
    for sends in (True, False):
        assert ScannerProfile(sends_symbology=sends, layout=layout).unwrapped(text) == text


@pytest.mark.parametrize("swallowed", ["=", "+"])
def test_what_a_dead_key_swallowed_is_refused(swallowed: str) -> None:
    profile = ScannerProfile(sends_symbology=True, layout="QWERTZ")
    assert isinstance(read(typed(f"{TEST_BARCODE}{swallowed}1", "QWERTZ"), profile=profile), Unreadable)


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        (TEST_BARCODE.swapcase(), "caps_lock"),
        (TEST_BARCODE.upper(), "case_changed"),
        (TEST_BARCODE.lower(), "case_changed"),
        (TEST_BARCODE.replace("]", "】"), "input_method"),
        (TEST_BARCODE.replace("A", "Ａ"), "input_method"),
        (typed(BARE, "QWERTZ").replace(GS, "a"), "separator_ambiguous"),
        (typed(BARE, "AZERTY").replace(GS, "µ", 1), "keyboard_layout"),
        (TEST_BARCODE.replace(GS, "-"), "separator_ambiguous"),
        (TEST_BARCODE.replace(GS, "X"), "separator_ambiguous"),
        (TEST_BARCODE.replace(GS, "|", 1), "separators_vary"),
        ("]d1" + BARE, "not_a_gs1_mark"),
        ("C" + BARE, "affix_of_letters"),
        (TEST_BARCODE[:20] + TEST_BARCODE[22:30] + TEST_BARCODE[31:], "characters_lost"),
        ("]d20106901234567892", "not_the_test_symbol"),
        ("6901234567892", "not_the_test_symbol"),
        ("", "not_the_test_symbol"),
    ],
)
def test_what_no_profile_can_undo_is_said_and_not_learnt(scan: str, code: str) -> None:
    assert set_up(scan).profile is None
    assert codes(scan) == [code]
