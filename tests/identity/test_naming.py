"""A unit is called the same, whether its label is scanned or its product and serial are given apart."""

import pytest

from tests.identity.test_issuers import MA_DI, ma
from yanji.identity import Identity, hibc_mod43, read, unit_name

GTIN = "06901234500011"


def hibc(di: str, serial: str) -> str:
    whole = f"+{di}/S{serial}"
    return whole + (hibc_mod43(whole) or "")


@pytest.mark.parametrize(
    "scan",
    [
        f"]d201{GTIN}17281231" + "10L1\x1d21S-1/9",
        f"(01){GTIN}(21)A+B%20",
        f"https://id.gs1.org/01/{GTIN}/21/S1",
        hibc("A99912341", "SN778"),
        ma(MA_DI, "S0001", "LB7"),
        "MF8100000001234*BAL7*SN42",
        "[)>\x1e06\x1d9N111234567842\x1d1TL1\x1dSS1\x1e\x04",
    ],
)
def test_the_parts_of_a_scan_give_the_name_that_the_scan_gives(scan: str) -> None:
    found = read(scan)
    assert isinstance(found, Identity), found
    assert found.serial
    assert found.epc
    assert unit_name(found.issuer, found.di or "", found.serial) == found.epc


@pytest.mark.parametrize(
    ("issuer", "di", "serial"),
    [
        ("GS1", GTIN, ""),
        ("GS1", GTIN, "S" * 21),  # AI (21) holds 20 characters
        ("GS1", GTIN, "S 1"),
        ("GS1", "06901234500012", "S1"),  # wrong check digit
        ("ICCBBA", "S1234V00", "S1"),
        ("LOCAL", "X", "S1"),
        ("MA", "MA.156.M0.000001", "S\x1d1"),
    ],
)
def test_what_no_label_could_say_has_no_name(issuer: str, di: str, serial: str) -> None:
    assert unit_name(issuer, di, serial) is None
