"""Numbers as people write them: what a program would understand besides is none."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from yanji.ledger.api import Refused
from yanji.web.asked import percent, written
from yanji.web.flow.sent import Sent
from yanji.web.masterdata.forms import Money

NOT_WRITTEN = ("1e9", "1E+2", "0x10", "1_000", "inf", "nan", "١٢", "1,5", "--1", ".", "")


@pytest.mark.parametrize(
    ("text", "number"), [("1280.50", "1280.50"), (" -4 ", "-4"), (".5", "0.5"), ("7.", "7"), ("+3", "3")]
)
def test_a_number_as_people_write_it(text: str, number: str) -> None:
    assert written(text) == Decimal(number)


@pytest.mark.parametrize("text", NOT_WRITTEN)
def test_what_nobody_writes_is_no_number(text: str) -> None:
    assert written(text).is_nan()


@pytest.mark.parametrize("text", [each for each in NOT_WRITTEN if each])
def test_a_price_that_nobody_would_write_is_refused(text: str) -> None:
    sent = Sent(QueryDict())
    sent.amount(text, "Price")
    with pytest.raises(Refused) as refused:
        sent.check()
    assert [offence.code for offence in refused.value.offences] == ["bad_amount"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,000", "1000"),
        ("¥ 12,345,678.90", "12345678.90"),
        ("￥2，840.00", "2840"),
        ("1280.50", "1280.50"),
        ("", "0"),
    ],
)
def test_an_amount_as_pages_print_it(text: str, amount: str) -> None:
    sent = Sent(QueryDict())
    assert sent.amount(text, "Price") == Decimal(amount)
    assert Money(required=False).clean(text) == (Decimal(amount) if text else None)
    sent.check()


@pytest.mark.parametrize(
    "text", ["1,5", "1,50", "12,34.5", "1,0000", "1234,567", ",100", "1,000,00", "1.000,5"]
)
def test_what_may_be_two_amounts_is_none(text: str) -> None:
    sent = Sent(QueryDict())
    sent.amount(text, "Price")
    with pytest.raises(Refused, match=r"1,280\.50"):
        sent.check()
    with pytest.raises(ValidationError, match=r"1,280\.50"):
        Money().clean(text)


def test_a_percentage() -> None:
    assert percent("12.345") == Decimal("12.34")
    assert percent("") == 0
    for text in ("1e3", "9" * 40, "x"):
        assert percent(text).is_nan()
