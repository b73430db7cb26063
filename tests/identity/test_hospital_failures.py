"""The seven things that go wrong between a label and the screen in a hospital, and what we do about each."""

from __future__ import annotations

from datetime import date

import pytest

from yanji.identity import (
    REASONS,
    TEST_BARCODE,
    WARNINGS,
    Identity,
    Reading,
    ScannerProfile,
    Unreadable,
    hospital_label,
    learn_profile,
    pair,
    read,
    split_symbols,
)

GS = "\x1d"
GTIN = "09520000000004"
LABEL = f"01{GTIN}1728013110LOT7{GS}21SN0042"


def identified(found: Reading) -> Identity:
    assert isinstance(found, Identity), found
    return found


def refused(found: Reading) -> Unreadable:
    assert isinstance(found, Unreadable), found
    return found


# 1. Separators lost


def test_swallowed_serial_number_is_noticed_and_asked_about() -> None:
    found = refused(read("]d2" + LABEL.replace(GS, "")))
    assert found.reasons[0].code == "ambiguous_separators"
    readings = {(c.lot, c.serial) for c in found.candidates}
    assert {("LOT7", "SN0042"), ("LOT721SN0042", None)} <= readings


def test_one_possible_cut_is_accepted_only_for_a_known_product() -> None:
    scan = f"01{GTIN}1728013110LOT-2026-A-00021ASN-0000042-B"  # the lot alone would be too long
    alone = refused(read("]d2" + scan))
    assert alone.reasons[0].code == "separators_lost"
    assert [(c.lot, c.serial) for c in alone.candidates] == [("LOT-2026-A-000", "ASN-0000042-B")]
    assert refused(read("]d2" + scan, knows_di=lambda di: False)).reasons[0].code == "separators_lost"
    known = identified(read("]d2" + scan, knows_di=lambda di: di == GTIN))
    assert (known.lot, known.serial, known.confidence) == ("LOT-2026-A-000", "ASN-0000042-B", "low")
    assert "separators_recovered" in [w.code for w in known.warnings]


def test_lot_before_expiry_is_never_guessed() -> None:
    found = refused(read(f"]d201{GTIN}10LOT71728013121SN42", knows_di=lambda di: True))
    assert found.reasons[0].code == "ambiguous_separators"


def test_a_product_number_at_the_end_is_found() -> None:
    found = refused(read(f"10LOT711728013101{GTIN}"))
    assert found.reasons[0].code == "ambiguous_separators"
    assert (GTIN, "LOT71") in {(c.di, c.lot) for c in found.candidates}
    swallowed = refused(read(f"10A01{GTIN}"))  # short enough to be a lot as a whole
    assert {(c.di, c.lot) for c in swallowed.candidates} == {(GTIN, "A"), (None, f"A01{GTIN}")}


def test_everyday_readings_are_offered_first() -> None:
    found = refused(read(f"]d201{GTIN}1728013110A2021121092220084115197"))
    assert [ai for ai, _ in found.candidates[0].elements] == ["01", "17", "10", "21"]
    assert "22" in [ai for ai, _ in found.candidates[-1].elements]


def test_a_label_that_ends_with_its_lot_needs_no_separator() -> None:
    assert identified(read(f"]d201{GTIN}1728013110LOT77")).lot == "LOT77"


def test_a_scanner_that_keeps_separators_is_believed() -> None:
    kept = ScannerProfile()
    assert identified(read(f"]d201{GTIN}1728013110LOT21A", profile=kept)).lot == "LOT21A"


# 2. Separator replaced


@pytest.mark.parametrize("substitute", [" ", "|", "~", "^]", "#"])
def test_a_replaced_separator_is_learnt_not_guessed(substitute: str) -> None:
    scan = "]d2" + LABEL.replace(GS, substitute)
    unlearnt = refused(read(scan))
    assert unlearnt.reasons[0].code == "separator_replaced"
    assert unlearnt.reasons[0].detail == substitute
    profile = learn_profile(TEST_BARCODE, TEST_BARCODE.replace(GS, substitute) + "\r\n")
    assert profile == ScannerProfile(separator=substitute, sends_symbology=True)
    found = identified(read(scan, profile=profile))
    assert (found.lot, found.serial) == ("LOT7", "SN0042")


def test_a_separator_replaced_by_a_character_that_data_may_hold() -> None:
    found = refused(read(f"01{GTIN}1728013110LOT-7_21SN0042-0000000001"))
    assert (found.reasons[0].code, found.reasons[0].detail) == ("separator_replaced", "_")
    assert [(c.lot, c.serial) for c in found.candidates] == [("LOT-7", "SN0042-0000000001")]
    assert identified(read(f"01{GTIN}10LOT_7")).lot == "LOT_7"


def test_learning_sees_prefixes_and_lost_separators() -> None:
    seen = learn_profile(TEST_BARCODE, "<<" + TEST_BARCODE[3:].replace(GS, "") + ">>")
    assert seen == ScannerProfile(separator="", prefix="<<", suffix=">>", sends_symbology=False)
    assert not seen.keeps_separators
    mended = ScannerProfile(prefix="<<", suffix=">>")
    assert identified(read(f"<<]d2{LABEL}>>", profile=mended)).serial == "SN0042"


def test_learning_refuses_what_must_be_switched_off() -> None:
    assert refused(learn_profile(TEST_BARCODE, TEST_BARCODE.swapcase())).reasons[0].code == "caps_lock"
    wide = TEST_BARCODE.replace("A", "Ａ")
    assert refused(learn_profile(TEST_BARCODE, wide)).reasons[0].code == "input_method"
    assert isinstance(learn_profile(TEST_BARCODE, "nothing of it"), Unreadable)


def test_a_space_in_hibc_is_data_whatever_the_scanner_does() -> None:
    profile = ScannerProfile(separator=" ")
    scan = "+A123BJCMD6E79++$$52001510X3+ "
    assert read(scan, profile=profile) == read(scan)
    assert identified(read(scan)).lot == "10X3"


# 3. Caps Lock and input methods


@pytest.mark.parametrize(
    "scan", ["]c1" + LABEL, "]D2" + LABEL.lower(), "ma.156.m0.100204.13351764", "+a99912345/$$7aB1c"]
)
def test_swapped_case_is_refused_not_repaired(scan: str) -> None:
    assert refused(read(scan)).reasons[0].code == "caps_lock"


def test_full_width_characters_are_narrowed_with_a_warning() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in f"]d2{LABEL}")
    found = identified(read(wide))
    assert (found.di, found.serial) == (GTIN, "SN0042")
    assert "full_width" in [w.code for w in found.warnings]


def test_characters_of_an_input_method_are_named() -> None:
    assert refused(read("零一零九五二")).reasons[0].code == "input_method"


# 4. Two symbols on one label


def test_product_and_production_data_apart() -> None:
    product = identified(read(f"]C101{GTIN}"))
    production = identified(read(f"]C11728013110LOT7{GS}21SN0042"))
    assert not product.complete
    assert not production.complete
    for order in ((product, production), (production, product)):
        whole = identified(pair(*order))
        assert (whole.di, whole.lot, whole.serial) == (GTIN, "LOT7", "SN0042")
        assert whole.expiry == date(2028, 1, 31)
        assert whole.complete
        assert whole.epc == f"01/{GTIN}/21/SN0042"


def test_a_lone_lot_or_expiry_is_incomplete_and_no_error() -> None:
    for scan in ("]C110LOT7", "]C117280131", "17280131", "10LOT7"):
        found = identified(read(scan))
        assert not found.complete
        assert "only_production_data" in [w.code for w in found.warnings]


def test_joined_symbols_are_cut_at_their_identifiers() -> None:
    scan = f"]C101{GTIN}]C11728013110LOT7"
    assert split_symbols(scan) == [f"]C101{GTIN}", "]C11728013110LOT7"]
    assert identified(read(scan)).lot == "LOT7"


def test_hibc_parts_must_be_linked() -> None:
    primary = identified(read("+A123BJC5D6E71G"))
    assert primary.link == "G"
    own = identified(read("+$$52001510X3GD"))
    other = identified(read("+$$52001510X3+ "))
    whole = identified(pair(primary, own))
    assert (whole.di, whole.lot, whole.complete) == ("A123BJC5D6E71", "10X3", True)
    assert refused(pair(primary, other)).reasons[0].code == "link_mismatch"
    assert refused(read("+A123BJC5D6E71G+$$52001510X3+ ")).reasons[0].code == "link_mismatch"


def test_codes_of_two_items_are_not_mixed() -> None:
    other = identified(read("09520000000011"))
    this = identified(read(f"]C101{GTIN}10A"))
    assert refused(pair(this, other)).reasons[0].code == "several_items"
    assert refused(pair(this, identified(read(f"]C101{GTIN}10B")))).reasons[0].code == "cannot_pair"
    assert refused(pair(this, identified(read("+A123BJC5D6E71G")))).reasons[0].code == "several_items"


def test_both_labels_of_one_unit_the_makers_and_ours() -> None:
    maker = identified(read(f"]d201{GTIN}10A"))
    ours = identified(read("]C1" + hospital_label("95200000", "U1").data))
    assert identified(pair(maker, ours)).epc == "8004/95200000U1"
    local = identified(read(hospital_label(None, "U1").data))
    assert identified(pair(maker, local)).epc == "local:U1"


# 5. Bad identifiers in registries


def test_a_wrong_check_digit_keeps_its_fields_for_master_data() -> None:
    found = refused(read("]d20109520000000005" + "10LOT7"))
    assert found.reasons[0].code == "bad_check_digit"
    assert found.partial is not None
    assert (found.partial.di, found.partial.lot) == ("09520000000005", "LOT7")


# 6. Unknown products


def test_a_product_the_catalogue_does_not_know_is_still_an_identity() -> None:
    found = identified(read("]d2" + LABEL, knows_di=lambda di: False))
    assert found.di == GTIN


# 7. Units without a serial number of their own


def test_hospital_label_under_its_own_prefix() -> None:
    label = hospital_label("95200000", "2026-000042")
    assert (label.gs1, label.hri) == (True, "(8004)952000002026-000042")
    found = identified(read("]C1" + label.data))
    assert (found.epc, found.complete) == (label.epc, True)


def test_hospital_label_without_a_prefix() -> None:
    label = hospital_label(None, "2026-000042")
    found = identified(read(label.data))
    assert (found.issuer, found.serial, found.epc) == ("LOCAL", "2026-000042", label.epc)


@pytest.mark.parametrize(
    ("prefix", "number"), [("952", "1"), ("95200000", "Ä"), ("95200000", "9" * 23), (None, "")]
)
def test_impossible_hospital_labels(prefix: str | None, number: str) -> None:
    with pytest.raises(ValueError, match=r"GIAI|unit number"):
        hospital_label(prefix, number)


def test_every_code_has_a_sentence() -> None:
    assert not REASONS.keys() & WARNINGS.keys()
    assert all(sentence.endswith(".") for sentence in (*REASONS.values(), *WARNINGS.values()))
