"""HIBC, ISBT 128, MA, AHM and message envelopes."""

from __future__ import annotations

from datetime import date

import pytest

from yanji.identity import (
    Identity,
    Unreadable,
    gs1_mod10,
    gs1_pair,
    hibc_mod43,
    iso7064_mod37_2,
    ma_check,
    read,
)

TODAY = date(2026, 6, 1)


def identified(scan: str) -> Identity:
    found = read(scan, today=TODAY)
    assert isinstance(found, Identity), found
    return found


def hibc(data: str) -> str:
    """A symbol with the right check character."""
    check = hibc_mod43("+" + data)
    assert check is not None
    return "+" + data + check


@pytest.mark.parametrize(
    ("data", "lot", "serial", "expiry", "quantity"),
    [
        ("$LOT1", "LOT1", None, None, None),
        ("$+SER1", None, "SER1", None, None),
        ("$$0528L", "L", None, date(2028, 5, 31), None),
        ("$$2053128L", "L", None, date(2028, 5, 31), None),
        ("$$3280531L", "L", None, date(2028, 5, 31), None),
        ("$$428053112L", "L", None, date(2028, 5, 31), None),
        ("$$528152L", "L", None, date(2028, 5, 31), None),
        ("$$62815223L", "L", None, date(2028, 5, 31), None),
        ("$$7L", "L", None, None, None),
        ("$$8123280531L", "L", None, date(2028, 5, 31), 12),
        ("$$9001235L".replace("5L", "528152L"), "L", None, date(2028, 5, 31), 123),
        ("$$+3280531S1", None, "S1", date(2028, 5, 31), None),
        ("$$+7S1", None, "S1", None, None),
        ("28152L", "L", None, date(2028, 5, 31), None),
        ("$$824", None, None, None, 24),
        ("$$7L/S9/14D20280531/Q5", "L", "9", date(2028, 5, 31), 5),
    ],
)
def test_hibc_secondary_forms(
    data: str, lot: str | None, serial: str | None, expiry: date | None, quantity: int | None
) -> None:
    found = identified(hibc("A999PRODUCT1/" + data))
    assert found.di == "A999PRODUCT1"
    assert (found.lot, found.serial, found.expiry, found.quantity) == (lot, serial, expiry, quantity)
    alone = identified(hibc(data + "G"))
    assert (alone.di, alone.lot, alone.serial, alone.link) == (None, lot, serial, "G")


def test_hibc_check_characters_are_never_trimmed() -> None:
    symbols = (hibc(f"A999{letter}{n}1") for letter in "PZ" for n in range(400))
    ends = {symbol[-1]: symbol for symbol in symbols}
    for check in "/+ ":
        assert identified(ends[check]).link == check
        assert identified(f"]A0*{ends[check]}*").link == check


def test_hibc_quantity_without_a_lot() -> None:
    found = identified(hibc("A999PRODUCT1/$/Q40"))
    assert (found.di, found.lot, found.quantity) == ("A999PRODUCT1", None, 40)


def test_hibc_with_one_of_the_two_asterisks_of_code_39() -> None:
    whole = identified(hibc("A999PRODUCT1/$LOT1"))
    for cut in ("*" + whole.text, whole.text + "*"):
        assert identified(cut).elements == whole.elements


def test_hibc_damage_is_noticed() -> None:
    found = read("+A99912345/$$52025010X3/16D20111212/S77DEFG459")
    assert isinstance(found, Unreadable)
    assert [r.code for r in found.reasons] == ["bad_check_digit"]
    assert found.partial is not None
    assert found.partial.serial == "77DEFG45"


def test_isbt_compound_message() -> None:
    found = identified("=+05000=/A9997XYZ100T0479=A99991712345600=,000012=>029031&,1000000000000XYZ123")
    assert found.di == "A9997XYZ100T0479"
    assert (found.serial, found.lot, found.expiry) == ("000012", "000000000000XYZ123", date(2029, 1, 31))
    assert found.epc == "isbt:A9997XYZ100T0479/A99991712345600/000012"
    assert isinstance(read("=+04000=/A9997XYZ100T0479=,000012"), Unreadable)
    assert isinstance(read("=>019999"), Unreadable)


@pytest.mark.parametrize(
    ("code", "elements"),
    [
        ("=%5100", [("=%", "5100")]),
        ("=<E0291Va0", [("=<", "E0291Va0")]),
        ("&+A9997XYZ100", [("&+", "A9997XYZ100")]),
        ("&/CHA999926000042", [("&/", "CHA999926000042")]),
        ("=;A99990000000000000042", [("=;", "A99990000000000000042")]),
        ("&#0106PAT042=#0119700131", [("&#", "0106PAT042"), ("=#", "0119700131")]),
        ("&$01" + "02000300042000", [("&$", "0102000300042000")]),
        ("&%001" + "0000010101", [("&%", "0010000010101")]),
        ("=[" + "b" * 16 + "00", [("=[", "b" * 16 + "00")]),
        ("=A99992600004200&qward 7", [("=", "A99992600004200"), ("&q", "ward 7")]),
    ],
)
def test_isbt_structures(code: str, elements: list[tuple[str, str]]) -> None:
    assert list(identified(code).elements) == elements


@pytest.mark.parametrize(
    "code",
    ["=%510", "&#0109PAT042", "&$02" + "0" * 14, "&>0260312460", "=;A9O990000000000000042", "&x", "=zA"],
)
def test_isbt_damage_is_noticed(code: str) -> None:
    assert isinstance(read(code), Unreadable)


def test_isbt_expiry_month_lasts_to_its_end() -> None:
    assert identified("=]203002").expiry == date(2030, 2, 28)
    assert isinstance(read("=]203013"), Unreadable)


def test_isbt_donation_number_with_a_check_of_its_own() -> None:
    check = iso7064_mod37_2("A999926000042")
    assert check is not None
    flag = 60 + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*".index(check)
    assert [w.code for w in identified(f"=A999926000042{flag}").warnings] == ["only_production_data"]
    other = 60 + (flag - 59) % 37
    assert "donation_check" in [w.code for w in identified(f"=A999926000042{other}").warnings]


def test_single_european_code_printed_and_scanned() -> None:
    donation, product = "DE001234A999926000042", "A00T123400720301231"
    for form in (f"SEC: {donation} {product}", f"&,4{donation}{product}"):
        found = identified(form)
        assert (found.di, found.serial, found.expiry) == ("A00T1234", "007", date(2030, 12, 31))
        assert found.epc == f"isbt:A00T1234/{donation}/007"
    own = identified(f"=A99992600004200=<T1234007&,4{donation}{product}")
    assert (own.epc, own.expiry) == ("isbt:T1234007/A99992600004200", date(2030, 12, 31))
    assert identified(f"&,4{donation}{product[:11]}00000000").expiry is None
    for broken in (f"SEC: {donation}", f"&,4{donation}{product[:11]}20301331"):
        assert isinstance(read(broken), Unreadable)


def test_isbt_keyboard_check_character() -> None:
    assert iso7064_mod37_2("G123498654321") == "H"
    assert iso7064_mod37_2("lower") is None


MA_DI = "MA.156.M0.100000.1ABC001"


def ma(di: str, *production: str) -> str:
    check = ma_check(di)
    code = f"{di}{check}" + "".join("." + part for part in production)
    if production:
        code += f".C{ma_check('.' + '.'.join(production))}"
    return code


def test_ma_bare_and_wrapped() -> None:
    code = ma(MA_DI, "S0001", "M260101", "LB7", "D99", "V280131", "E280201")
    for form in (code, f"https://u.example/?c={code}", f'<UDI IAC="MA">{code}</UDI>'):
        found = identified(form)
        assert (found.issuer, found.serial, found.lot) == ("MA", "0001", "B7")
        assert (found.made, found.expiry) == (date(2026, 1, 1), date(2028, 1, 31))
        assert found.epc == f"ma:{found.di}/0001"


def test_ma_checks() -> None:
    sound = ma(MA_DI)
    assert not identified(sound).complete
    assert isinstance(read(sound[:-1] + str((int(sound[-1]) + 1) % 10)), Unreadable)
    assert isinstance(read(ma(MA_DI, "S0001")[:-1] + "X"), Unreadable)


def test_ma_with_the_insurance_code() -> None:
    found = identified(ma(MA_DI, "S0001", "YC0101020300"))
    assert ("Y", "C0101020300") in found.elements
    assert (found.serial, found.complete) == ("0001", True)


def test_ahm_is_read_with_low_confidence() -> None:
    found = identified("MF8100000001234*BAL7*SN42*MD260101*ED280131*PL1")
    assert (found.issuer, found.di, found.lot, found.serial) == ("AHM", "8100000001234", "L7", "42")
    assert (found.expiry, found.confidence) == (date(2028, 1, 31), "low")


def test_envelopes() -> None:
    found = identified("]d1[)>\x1e05\x1d01095200000000041728013110L1\x1d21S1\x1e\x04")
    assert (found.di, found.serial) == ("09520000000004", "S1")
    found = identified("[)>\x1e06\x1d9N111234567842\x1d1TL1\x1dD280131\x1dSS1\x1e\x04")
    assert (found.issuer, found.lot, found.serial, found.expiry) == ("IFA", "L1", "S1", date(2028, 1, 31))
    assert identified("[)>\x1e06\x1d8P09520000000004\x1d1TL1\x1e\x04").lot == "L1"
    assert identified("[)>\x1e06\x1d9N111234567842\x1d16D20260131\x1e\x04").made == date(2026, 1, 31)
    wrong = read("[)>\x1e06\x1d9N111234567843\x1d1TL1\x1e\x04")
    assert isinstance(wrong, Unreadable)
    assert [r.code for r in wrong.reasons] == ["bad_check_digit"]


def test_sound_text_without_a_product() -> None:
    found = identified("]Q1shelf 12")
    assert (found.issuer, found.di, found.epc, found.complete) == ("LOCAL", None, None, False)
    assert identified("]d1").scheme == "text"  # an empty symbol is sound, too
    assert identified("]Q1HtTps://id.gs1.org/01/09520000000004").scheme == "text"
    assert isinstance(read("]XXshelf 12"), Unreadable)  # no symbology has this mark


def test_check_functions_refuse_other_characters() -> None:
    assert gs1_mod10("629104150021") == "3"
    assert gs1_pair("1987654Ad4X4bL5ttr2310c") == "2K"
    assert gs1_pair("é") is None
    assert hibc_mod43("a") is None
    assert ma_check("é") is None
