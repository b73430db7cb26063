"""Structure of North American coupon codes, AI (8110) and (8112); a patient's purse reaches the shop's
scanner.

Source: GS1 US "North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols".
Every variable part is preceded by a digit that gives its length.
"""

from __future__ import annotations

from datetime import date

from yanji.identity.dates import from_yymmdd

_PURCHASE_CODES = "012349"


class _ShortError(Exception):
    """The coupon ends inside a part, or a part is out of range."""


class _Digits:
    """Reads a digit string from the left and refuses to read past its end."""

    def __init__(self, digits: str) -> None:
        self._digits = digits
        self._at = 0

    @property
    def left(self) -> bool:
        return self._at < len(self._digits)

    def take(self, count: int) -> str:
        taken = self._digits[self._at : self._at + count]
        if len(taken) < count:
            raise _ShortError
        self._at += count
        return taken

    def one_of(self, allowed: str) -> str:
        digit = self.take(1)
        if digit not in allowed:
            raise _ShortError
        return digit

    def counted(self, allowed: str, plus: int = 0) -> str:
        """A part whose leading digit, one of `allowed`, gives its length less `plus`."""
        return self.take(int(self.one_of(allowed)) + plus)


def coupon_code_ok(value: str) -> bool:
    """True when an (8110) value has the parts its own length digits promise."""
    if not (value.isascii() and value.isdigit()):
        return False
    try:
        _coupon(_Digits(value))
    except _ShortError:
        return False
    return True


def positive_offer_ok(value: str) -> bool:
    """True when an (8112) value has the parts its own length digits promise."""
    if not (value.isascii() and value.isdigit()):
        return False
    digits = _Digits(value)
    try:
        digits.one_of("01")  # format
        digits.counted("0123456", plus=6)  # funder
        digits.take(6)  # offer
        digits.counted("0123456789", plus=6)  # serial number
    except _ShortError:
        return False
    return not digits.left


def _coupon(digits: _Digits) -> None:
    digits.counted("0123456", plus=6)  # first company prefix
    digits.take(6)  # offer
    digits.counted("12345")  # save value
    _purchase(digits, prefix=False)
    starts: date | None = None
    last = ""
    while digits.left:
        field = digits.one_of("1234569")
        if field <= last:
            raise _ShortError  # data fields come once each, in rising order
        last = field
        starts = _data_field(digits, field, starts)


def _purchase(digits: _Digits, *, prefix: bool) -> None:
    digits.counted("12345")
    digits.one_of(_PURCHASE_CODES)
    digits.take(3)  # family code
    if prefix and digits.one_of("01234569") != "9":
        raise _ShortError


def _data_field(digits: _Digits, field: str, starts: date | None) -> date | None:
    """Read one optional data field; returns the start date once known."""
    if field == "1":
        digits.one_of("0123")
        _further_purchase(digits)
    elif field == "2":
        _further_purchase(digits)
    elif field in "34":
        found = from_yymmdd(digits.take(6), day_may_be_zero=False)
        if found is None:
            raise _ShortError
        return found
    elif field == "5":
        digits.counted("0123456789", plus=6)  # serial number
    elif field == "6":
        digits.counted("1234567", plus=6)  # retailer
    else:
        digits.one_of("01256")  # save value code
        digits.one_of("012")  # applies to item
        digits.take(1)  # store coupon
        digits.one_of("01")  # do not multiply
    return starts


def _further_purchase(digits: _Digits) -> None:
    digits.counted("12345")
    digits.one_of(_PURCHASE_CODES)
    digits.take(3)
    length = digits.one_of("01234569")
    if length != "9":  # 9: the first company prefix again
        digits.take(int(length) + 6)
