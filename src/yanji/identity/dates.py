"""Dates as issuers write them: two-digit years, days left out, days of the year, centuries of their own."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache


def _this_year(today: date | None) -> int:
    return (today or datetime.now(UTC)).year


def full_year(two_digits: int, today: date | None = None) -> int:
    """Year of two digits: from 49 years back to 50 ahead (GS1 General Specifications 7.12)."""
    return _nearest_year(two_digits, _this_year(today))


def _nearest_year(two_digits: int, now: int) -> int:
    year = now - now % 100 + two_digits
    if year - now >= 51:
        return year - 100
    return year + 100 if now - year >= 50 else year


def from_yymmdd(digits: str, today: date | None = None, *, day_may_be_zero: bool = True) -> date | None:
    """Date of YYMMDD; day 00 is the last of the month where that is allowed; None: no date."""
    return _yymmdd(digits[:6], _this_year(today), day_may_be_zero)


@lru_cache(maxsize=8192)  # A store's labels carry few different dates, and each is needed twice.
def _yymmdd(digits: str, now: int, day_may_be_zero: bool) -> date | None:
    year = _nearest_year(int(digits[:2]), now)
    return _calendar(year, int(digits[2:4]), int(digits[4:6]), day_may_be_zero)


def from_yyyymmdd(digits: str) -> date | None:
    return _calendar(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), False)


def from_yyyymm(digits: str) -> date | None:
    """Last day of the month."""
    return _calendar(int(digits[:4]), int(digits[4:6]), 0, True)


def from_mmyy(digits: str, today: date | None = None) -> date | None:
    """Last day of the month: a HIBC date without a day is good to the end of its month."""
    return _calendar(full_year(int(digits[2:4]), today), int(digits[:2]), 0, True)


def from_year_day(year: int, day_of_year: int) -> date | None:
    """Date of the n-th day of a year (1 = 1 January); None outside that year."""
    if not (0 < year < 10_000 and 0 < day_of_year <= 366):
        return None
    found = date(year, 1, 1) + timedelta(days=day_of_year - 1)
    return found if found.year == year else None


def from_isbt(cyyjjj: str) -> date | None:
    """ISBT 128 date: century digit (0 is 2000, 9 is 1900), year, day of the year (ST-001, 004)."""
    century = 1900 if cyyjjj[0] == "9" else 2000 + 100 * int(cyyjjj[0])
    return from_year_day(century + int(cyyjjj[1:3]), int(cyyjjj[3:6]))


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def day_exists(year: int, month: int, day: int) -> bool:
    """True for a day of the calendar carried back to year 0, which `datetime.date` cannot hold."""
    if not 1 <= month <= 12:
        return False
    last = 29 if month == 2 and is_leap(year) else monthrange(2001, month)[1]
    return 1 <= day <= last


def _calendar(year: int, month: int, day: int, day_may_be_zero: bool) -> date | None:
    if day == 0 and day_may_be_zero and 1 <= month <= 12 and year:
        return date(year, month, monthrange(year, month)[1])
    try:
        return date(year, month, day)
    except ValueError:
        return None
