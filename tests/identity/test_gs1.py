"""GS1 element strings, human readable text and Digital Links: our own small samples."""

from __future__ import annotations

from datetime import date

import pytest

from yanji.identity import Identity, Unreadable, element_string, gs1_mod10, hri, read, to_digital_link
from yanji.identity.gs1_ai import AI_LENGTH, APPLICATIONS

GS = "\x1d"
GTIN = "09520000000004"
TODAY = date(2026, 6, 1)


def identified(scan: str, **options: object) -> Identity:
    found = read(scan, today=TODAY, **options)
    assert isinstance(found, Identity), found
    return found


def codes(scan: str, **options: object) -> list[str]:
    found = read(scan, today=TODAY, **options)
    assert isinstance(found, Unreadable), found
    return [reason.code for reason in found.reasons]


@pytest.mark.parametrize("aim", ["]C1", "]d2", "]Q3", "]e0", "]J1", "]d8", "\x1d"])
def test_every_gs1_symbology_reads_alike(aim: str) -> None:
    found = identified(f"{aim}01{GTIN}1728013110L1{GS}21S/1")
    assert (found.issuer, found.di, found.lot, found.serial) == ("GS1", GTIN, "L1", "S/1")
    assert found.expiry == date(2028, 1, 31)
    assert found.epc == f"01/{GTIN}/21/S%2F1"
    assert found.elements == (("01", GTIN), ("17", "280131"), ("10", "L1"), ("21", "S/1"))
    assert found.complete
    assert found.confidence == "high"


def test_superfluous_and_trailing_separators_are_legal() -> None:
    found = identified(f"]d201{GTIN}{GS}17280131{GS}10L1{GS}")
    assert [ai for ai, _ in found.elements] == ["01", "17", "10"]


@pytest.mark.parametrize("written", ["<GS>", "{GS}", "[FNC1]", "\u241d"])
def test_separators_written_as_text_are_put_back(written: str) -> None:
    for lead in ("]d2", written):
        found = identified(f"{lead}01{GTIN}10L1{written}21S1")
        assert (found.lot, found.serial) == ("L1", "S1")
        assert "separator_notation" in [w.code for w in found.warnings]


def test_lot_and_serial_keep_their_case_and_brackets() -> None:
    found = identified(f"]d201{GTIN}10aB(c{GS}21x(21)Y")
    assert (found.lot, found.serial) == ("aB(c", "x(21)Y")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("280200", date(2028, 2, 29)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("000229", date(2000, 2, 29)),
    ],
)
def test_dates_of_two_digit_years(written: str, meant: date) -> None:
    assert identified(f"]d201{GTIN}17{written}").expiry == meant


@pytest.mark.parametrize("written", ["270229", "281301", "280132", "28013A"])
def test_impossible_dates_are_refused_with_the_rest_still_shown(written: str) -> None:
    found = read(f"]d201{GTIN}17{written}10L1")
    assert isinstance(found, Unreadable)
    assert found.partial is not None
    assert (found.partial.di, found.partial.lot) == (GTIN, "L1")


def test_expiry_time_needs_a_real_day() -> None:
    assert identified(f"]d201{GTIN}70032801311200").expiry == date(2028, 1, 31)
    assert codes(f"]d201{GTIN}70032801001200") == ["bad_date"]


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        (f"01{GTIN}02{GTIN}375", "never_together"),
        (f"01{GTIN}375", "never_together"),
        (f"01{GTIN}2559520000000004", "never_together"),
        (f"01{GTIN}235T{GS}21S", "never_together"),
        (f"02{GTIN}", "missing_companion"),
        (f"01{GTIN}250AB", "missing_companion"),
        ("0109520000000005", "bad_check_digit"),
        (f"01{GTIN}89X", "unknown_ai"),
        (f"01{GTIN}17280", "bad_length"),
        (f"01{GTIN}10" + "X" * 21, "bad_length"),
        (f"01{GTIN}10", "bad_length"),
        (f"01{GTIN}10A{GS}10B", "repeated_element"),
        (f"01{GTIN}10A B", "bad_characters"),
        (f"01{GTIN}10A 21B", "separator_replaced"),
        ("", "no_elements"),
    ],
)
def test_broken_rules_are_named(elements: str, code: str) -> None:
    assert code in codes("]d2" + elements)


def test_bare_numbers_are_gtins_of_fourteen_digits() -> None:
    for digits, scheme in (("9520000000004", "ean-13"), ("09520000000004", "gtin-14"), ("95200002", "ean-8")):
        found = identified(digits)
        assert (found.di, found.scheme, found.complete) == (digits.zfill(14), scheme, False)
    assert codes("9520000000005") == ["bad_check_digit"]


def test_human_readable_text_as_typed() -> None:
    found = identified(f"(01) {GTIN} (17) 280131 (10) A\\(1 (21) 7")
    assert found.elements == (("01", GTIN), ("17", "280131"), ("10", "A(1"), ("21", "7"))
    assert codes("(01") == ["bad_brackets"]


def test_logistic_units_assets_and_places() -> None:
    sscc = "39520000000000001" + gs1_mod10("39520000000000001")
    assert identified("]C100" + sscc).epc == f"00/{sscc}"
    assert identified("]C1800495200000A1").epc == "8004/95200000A1"
    assert identified(f"]C1{'414'}9520000000004").epc == "414/9520000000004"


def test_package_level_code_is_marked() -> None:
    found = identified("]d20119520000000001")
    assert [w.code for w in found.warnings] == ["only_product_number", "package_level"]


@pytest.mark.parametrize(
    "link",
    [
        f"https://id.gs1.org/01/{GTIN}/10/L1/21/S%2F1?17=280131",
        f"HTTP://shop.example:8080/x/y/01/{GTIN}/10/L1/21/S%2F1?lang=zh&17=280131#top",
        f"https://id.gs1.org/gtin/9520000000004/lot/L1/ser/S%2F1?17=280131",  # noqa: F541
    ],
)
def test_digital_links_of_any_domain(link: str) -> None:
    found = identified(link)
    assert (found.di, found.lot, found.serial, found.expiry) == (GTIN, "L1", "S/1", date(2028, 1, 31))
    assert found.epc == f"01/{GTIN}/21/S%2F1"


@pytest.mark.parametrize(
    "link",
    [
        f"hTTps://id.gs1.org/01/{GTIN}",
        f"https://id.gs1.org/01/{GTIN}/21/S/10/L",
        f"https://id.gs1.org/01/{GTIN}/10/L?10=L",
        f"https://id.gs1.org/01/{GTIN}/",
        f"https://id.gs1.org/01//{GTIN}",
        f"https://id.gs1.org/01/{GTIN}?89=A",
        "https://id.gs1.org/",
    ],
)
def test_malformed_digital_links(link: str) -> None:
    assert isinstance(read(link), Unreadable)


def test_a_lot_behind_the_question_mark_is_shown_and_refused() -> None:
    found = read("https://id.gs1.org/01/09520000000004?10=L1&17=280131")
    assert isinstance(found, Unreadable)
    assert [(r.code, r.detail) for r in found.reasons] == [("bad_digital_link", "10")]
    assert found.partial is not None
    assert (found.partial.lot, found.partial.expiry) == ("L1", date(2028, 1, 31))
    beside = identified("https://id.gs1.org/01/09520000000004/235/TP1?10=L1")  # no room in this path
    assert beside.lot == "L1"


def test_plus_is_a_space_behind_the_question_mark_only() -> None:
    assert identified("https://id.gs1.org/01/09520000000004/10/A+1").lot == "A+1"
    assert codes("https://id.gs1.org/01/09520000000004?99=A+1") == ["bad_characters"]
    assert codes("HtTps://id.gs1.org/01/09520000000004") == ["unknown_form"]


def test_labels_read_back() -> None:
    elements = (("01", GTIN), ("10", "aB(c"), ("17", "280131"), ("21", "S/1"))
    data = element_string(elements)
    assert data == f"01{GTIN}10aB(c{GS}1728013121S/1"
    assert identified("]d2" + data).elements == elements
    assert identified(hri(elements)).elements == elements
    link = to_digital_link(elements)
    assert link == f"https://id.gs1.org/01/{GTIN}/10/aB%28c/21/S%2F1?17=280131"
    assert identified(link).elements == (elements[0], elements[1], elements[3], elements[2])


def test_a_pair_without_a_key_has_no_link() -> None:
    assert to_digital_link((("10", "A"),)) is None


def test_no_application_identifier_is_the_beginning_of_another() -> None:
    assert len(AI_LENGTH) < len(APPLICATIONS)
    for ai in APPLICATIONS:
        assert AI_LENGTH[ai[:2]] == len(ai)
