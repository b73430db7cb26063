"""What the test symbol shows about a scanner: learnt where it can be undone without doubt, else said."""

import pytest

from yanji.identity import TEST_BARCODE, TEST_ELEMENTS, Identity, ScannerProfile, read, set_up
from yanji.identity.scanner_setup import _US, LAYOUTS

GS = "\x1d"
CODE_128 = "]C1" + TEST_BARCODE[3:]
BARE = TEST_BARCODE[3:]


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


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        (TEST_BARCODE.swapcase(), "caps_lock"),
        (TEST_BARCODE.upper(), "case_changed"),
        (TEST_BARCODE.lower(), "case_changed"),
        (TEST_BARCODE.replace("]", "】"), "input_method"),
        (TEST_BARCODE.replace("A", "Ａ"), "input_method"),
        (BARE.translate(str.maketrans(_US, LAYOUTS["QWERTZ"])), "keyboard_layout"),
        (BARE.translate(str.maketrans(_US, LAYOUTS["AZERTY"])), "keyboard_layout"),
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
