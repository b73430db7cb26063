"""Content rules for the parts of a GS1 element, by the names the GS1 Syntax Dictionary gives them.

Each linter takes one part of an element's value and returns None when it is sound, else the code of a reason
(see `reasons.py`). Element lengths and character sets are settled before a linter runs (`gs1_ai.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from yanji.identity.checks import gs1_mod10_ok, gs1_pair
from yanji.identity.codelists import (
    COUNTRY_LETTERS,
    COUNTRY_NUMBERS,
    CURRENCY_NUMBERS,
    MEDIA_TYPES,
    PACKAGE_TYPES,
)
from yanji.identity.coupons import coupon_code_ok, positive_offer_ok
from yanji.identity.dates import day_exists, from_yymmdd

Linter: TypeAlias = Callable[[str], str | None]

_CSET39 = re.compile(r"[#\-/0-9A-Z]*")
_CSET64 = re.compile(r"[0-9A-Z_a-z\-]*")
_CSET82 = re.compile(r"[!\"%-?A-Z_a-z]*")
_NUMERIC = re.compile(r"[0-9]*")
_IBAN = re.compile(r"([A-Z]{2})([0-9]{2})[0-9A-Z]+")
_GCP_START = re.compile(r"[0-9]{4}")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SEQUENCE = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)")


def _digits(value: str, length: int) -> bool:
    return len(value) == length and value.isascii() and value.isdigit()


def _only(pattern: re.Pattern[str]) -> Linter:
    return lambda value: None if pattern.fullmatch(value) else "bad_characters"


def _in(codes: frozenset[str]) -> Linter:
    return lambda value: None if value in codes else "bad_code"


def _number_below(length: int, limit: int) -> Linter:
    return lambda value: None if _digits(value, length) and int(value) < limit else "bad_time"


def _cset64(value: str) -> str | None:
    # Base64 padding: at most two, only at the end, and only to fill a group of four.
    body = value.rstrip("=")
    padding = len(value) - len(body)
    if padding > 2 or (padding and len(value) % 3) or not _CSET64.fullmatch(body):
        return "bad_characters"
    return None


def _csum(value: str) -> str | None:
    return None if value and _NUMERIC.fullmatch(value) and gs1_mod10_ok(value) else "bad_check_digit"


def _csumalpha(value: str) -> str | None:
    if len(value) == 2:
        return None if value == "22" else "bad_check_digit"
    pair = gs1_pair(value[:-2])
    return None if pair is not None and pair == value[-2:] else "bad_check_digit"


def _gcppos1(value: str) -> str | None:
    return None if _GCP_START.match(value) else "bad_company_prefix"


def _gcppos2(value: str) -> str | None:
    return _gcppos1(value[1:]) if value[:1].isdigit() else "bad_company_prefix"


def _yymmdd(value: str) -> str | None:
    real = _digits(value, 6) and from_yymmdd(value, day_may_be_zero=False)
    return None if real else "bad_date"


def _yymmd0(value: str) -> str | None:
    return None if _digits(value, 6) and from_yymmdd(value) else "bad_date"


def _yyyymmdd(value: str) -> str | None:
    if not _digits(value, 8):
        return "bad_date"
    return None if day_exists(int(value[:4]), int(value[4:6]), int(value[6:8])) else "bad_date"


def _yyyymmd0(value: str) -> str | None:
    return _yyyymmdd(value[:6] + "01" if value[6:] == "00" else value)


_hh = _number_below(2, 24)
_mi = _number_below(2, 60)


def _hhmi(value: str) -> str | None:
    return "bad_time" if len(value) != 4 or _hh(value[:2]) or _mi(value[2:]) else None


def _degrees(limit: int) -> Linter:
    return lambda value: None if _digits(value, 10) and int(value) <= limit else "bad_code"


def _iban(value: str) -> str | None:
    found = _IBAN.fullmatch(value)
    if found is None:
        return "bad_characters"
    if found[1] not in COUNTRY_LETTERS:
        return "bad_code"
    number = "".join(str(int(character, 36)) for character in value[4:] + value[:4])
    return None if int(number) % 97 == 1 else "bad_check_digit"


def _nonzero(value: str) -> str | None:
    return None if value and _NUMERIC.fullmatch(value) and value.strip("0") else "bad_code"


def _nozeroprefix(value: str) -> str | None:
    return None if value and _NUMERIC.fullmatch(value) and value[0] != "0" else "bad_code"


def _pieceoftotal(value: str) -> str | None:
    if not value or len(value) % 2 or not _NUMERIC.fullmatch(value):
        return "bad_code"
    half = len(value) // 2
    piece, total = int(value[:half]), int(value[half:])
    return None if 0 < piece <= total else "bad_code"


def _posinseqslash(value: str) -> str | None:
    found = _SEQUENCE.fullmatch(value)
    return None if found and int(found[1]) <= int(found[2]) else "bad_code"


LINTERS: dict[str, Linter] = {
    "couponcode": lambda value: None if coupon_code_ok(value) else "bad_code",
    "couponposoffer": lambda value: None if positive_offer_ok(value) else "bad_code",
    "cset39": _only(_CSET39),
    "cset64": _cset64,
    "cset82": _only(_CSET82),
    "csetnumeric": _only(_NUMERIC),
    "csum": _csum,
    "csumalpha": _csumalpha,
    "gcppos1": _gcppos1,
    "gcppos2": _gcppos2,
    "hasnondigit": lambda value: None if value and not _NUMERIC.fullmatch(value) else "bad_code",
    "hh": _hh,
    "hhmi": _hhmi,
    "hyphen": lambda value: None if value and not value.strip("-") else "bad_code",
    "iban": _iban,
    "importeridx": _only(re.compile(r"[0-9A-Z_a-z\-]")),
    "iso3166": _in(COUNTRY_NUMBERS),
    "iso3166999": _in(COUNTRY_NUMBERS | {"999"}),
    "iso3166alpha2": _in(COUNTRY_LETTERS),
    "iso4217": _in(CURRENCY_NUMBERS),
    "iso5218": _in(frozenset("0129")),
    "latitude": _degrees(1_800_000_000),
    "longitude": _degrees(3_600_000_000),
    "mediatype": _in(MEDIA_TYPES),
    "mi": _mi,
    "nonzero": _nonzero,
    "nozeroprefix": _nozeroprefix,
    "packagetype": _in(PACKAGE_TYPES),
    "pcenc": lambda value: "bad_characters" if _BAD_PERCENT.search(value) else None,
    "pieceoftotal": _pieceoftotal,
    "posinseqslash": _posinseqslash,
    "ss": _mi,
    "winding": _in(frozenset("019")),
    "yesno": _in(frozenset("01")),
    "yymmd0": _yymmd0,
    "yymmdd": _yymmdd,
    "yyyymmd0": _yyyymmd0,
    "yyyymmdd": _yyyymmdd,
    "zero": _in(frozenset("0")),
}
