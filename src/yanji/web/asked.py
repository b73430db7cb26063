"""What an address or a form asks for, read as people write it; whatever makes no sense in an address is as if it were not
asked."""

import re
from decimal import Decimal

PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
LARGEST_ID = 2**31 - 1
LARGEST_PERCENT = 10**6


def whole_number(text: str | None, *, lowest: int = 0, highest: int = LARGEST_ID) -> int | None:
    """A whole number within bounds, or None."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if lowest <= number <= highest else None


def plain(text: str | None, longest: int = 120) -> str:
    """A short text without what a database cannot keep."""
    return (text or "").replace("\0", "").strip()[:longest]


def written(text: str) -> Decimal:
    """A number as people write one, `1280.50`; NaN for all else: nobody means a billion by `1e9`."""
    return Decimal(text.strip()) if PLAIN_NUMBER.fullmatch(text.strip()) else Decimal("NaN")


def percent(text: str) -> Decimal:
    """A percentage to two places, 0 for nothing; NaN for what is none: the flow says what cannot be one."""
    found = written(text.strip() or "0")
    sound = not found.is_nan() and abs(found) < LARGEST_PERCENT
    return found.quantize(Decimal("0.01")) if sound else Decimal("NaN")
