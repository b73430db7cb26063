"""HIBC labels (ANSI/HIBC 2.6): a primary code, secondary codes after `/` or of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, pairwise

from yanji.identity.checks import HIBC_CHARACTERS, hibc_mod43
from yanji.identity.dates import (
    from_mmyy,
    from_year_day,
    from_yymmdd,
    from_yyyymmdd,
    full_year,
)
from yanji.identity.model import Identity, Reading, Reason, Unreadable, unreadable
from yanji.identity.naming import unit_name

_PRIMARY = re.compile(r"([A-Z][0-9A-Z]{3})([0-9A-Z]{1,18})([0-9])(?:/(.+))?")
_LEGAL = re.compile("[" + re.escape(HIBC_CHARACTERS) + "]*")
_QUANTITY_DIGITS = {"8": 2, "9": 5}
# Flag digit after `$$`: how many characters of date follow it; a month needs no flag, it starts with 0 or 1.
_DATE_DIGITS = {"2": 6, "3": 6, "4": 8, "5": 5, "6": 7, "7": 0}
_MOST_JOINED = 6


@dataclass
class _Fields:
    """What the segments of a label add up to while they are read."""

    di: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    made: date | None = None
    quantity: int | None = None
    elements: list[tuple[str, str]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class _Symbol:
    """One symbol: its data without leading `+`, link and check characters; is the check sound."""

    primary: str
    segments: tuple[str, ...]
    link: str | None
    check: str
    check_ok: bool


def read_hibc(text: str, *, warnings: tuple[Reason, ...] = (), today: date | None = None) -> Reading:
    """A HIBC scan, or several symbols of one label scanned in a row, to a reading.

    `+`, `/` and space are legal check characters: nothing is trimmed but the `*` of Code 39.
    """
    text = text.removeprefix("*").removesuffix("*")
    if not _LEGAL.fullmatch(text):
        # HIBC has no small letters at all.
        return unreadable("caps_lock" if _LEGAL.fullmatch(text.upper()) else "bad_characters", text=text)
    symbols = _symbols(text)
    if symbols is None:
        return unreadable("bad_hibc", text=text)
    fields = _Fields()
    for symbol in symbols:
        _add_symbol(fields, symbol, today)
    fields.reasons += _link_reasons(symbols)
    return _reading(fields, symbols, warnings, text)


def _symbols(text: str) -> list[_Symbol] | None:
    """The symbols in a scan; `+` also occurs inside one, so the cut with sound check characters wins."""
    plus = [at for at, character in enumerate(text) if character == "+" and at > 1][:_MOST_JOINED]
    fallback: list[_Symbol] | None = None
    for count in range(len(plus) + 1):
        for cuts in combinations(plus, count):
            symbols = _parsed(text, (0, *cuts, len(text)))
            if symbols is None:
                continue
            if all(symbol.check_ok for symbol in symbols):
                return symbols
            fallback = fallback or symbols
    return fallback


def _parsed(text: str, cuts: tuple[int, ...]) -> list[_Symbol] | None:
    symbols: list[_Symbol] = []
    for start, stop in pairwise(cuts):
        symbol = _symbol(text[start:stop], first=not symbols)
        if symbol is None:
            return None
        symbols.append(symbol)
    return symbols


def _symbol(text: str, *, first: bool) -> _Symbol | None:
    if not text.startswith("+") or len(text) < 4:
        return None
    body, check = text[1:-1], text[-1]
    sound = hibc_mod43(text[:-1]) == check
    primary = _PRIMARY.fullmatch(body) if first else None
    if primary:
        segments = tuple(primary[4].split("/")) if primary[4] else ()
        return (
            _Symbol("|".join(primary.group(1, 2, 3)), segments, None, check, sound)
            if _known(segments)
            else None
        )
    content, link = body[:-1], body[-1]
    segments = tuple(content.split("/"))
    return _Symbol("", segments, link, check, sound) if content and _known(segments) else None


_DATED = "(?:[01][0-9]{3}|[23][0-9]{6}|4[0-9]{8}|5[0-9]{5}|6[0-9]{7}|7)"
_SEGMENT = re.compile(
    rf"\$\$\+?(?:(?:8[0-9]{{2}}|9[0-9]{{5}})?{_DATED}[^+/$]*|8[0-9]{{2}}|9[0-9]{{5}})"
    r"|\$\+?[^+/$]*|S[^+/$]+|1[46]D[0-9]{8}|Q[0-9]{1,5}|[0-9]{5}[^+/$]*"
)


def _known(segments: tuple[str, ...]) -> bool:
    return all(_SEGMENT.fullmatch(segment) for segment in segments)


def _add_symbol(fields: _Fields, symbol: _Symbol, today: date | None) -> None:
    if symbol.primary:
        labeller, product, unit = symbol.primary.split("|")
        fields.di = labeller + product + unit
        fields.elements += [("LIC", labeller), ("PCN", product), ("UoM", unit)]
    for segment in symbol.segments:
        _add_segment(fields, segment, today)
    if not symbol.check_ok:
        fields.reasons.append(Reason("bad_check_digit", symbol.check))


def _add_segment(fields: _Fields, segment: str, today: date | None) -> None:
    if segment.startswith("$$"):
        rest = _add_quantity(fields, segment.removeprefix("$$").removeprefix("+"))
        rest = _add_flagged_date(fields, rest, today)
        _add_number(fields, rest, serial=segment.startswith("$$+"))
    elif segment.startswith("$"):
        _add_number(fields, segment.lstrip("$+"), serial=segment.startswith("$+"))
    elif segment.startswith("S"):
        _add_number(fields, segment[1:], serial=True)
    elif segment.startswith(("14D", "16D")):
        _add_date(
            fields,
            segment[3:],
            from_yyyymmdd(segment[3:]),
            made=segment.startswith("16D"),
        )
    elif segment.startswith("Q"):
        fields.quantity = int(segment[1:])
        fields.elements.append(("quantity", segment[1:]))
    else:
        _add_date(fields, segment[:5], _from_yyjjj(segment[:5], today))
        _add_number(fields, segment[5:], serial=False)


def _add_quantity(fields: _Fields, rest: str) -> str:
    digits = _QUANTITY_DIGITS.get(rest[:1])
    if digits is None:
        return rest
    fields.quantity = int(rest[1 : 1 + digits])
    fields.elements.append(("quantity", rest[1 : 1 + digits]))
    return rest[1 + digits :]


def _add_flagged_date(fields: _Fields, rest: str, today: date | None) -> str:
    if rest[:1] in ("0", "1"):
        _add_date(fields, rest[:4], from_mmyy(rest[:4], today))
        return rest[4:]
    flag, digits = rest[:1], _DATE_DIGITS.get(rest[:1])
    if not digits:
        return rest[1:] if flag == "7" else rest
    written = rest[1 : 1 + digits]
    if flag == "2":
        found = from_yymmdd(written[4:6] + written[:4], today, day_may_be_zero=False)
    elif flag in "34":
        found = from_yymmdd(written, today, day_may_be_zero=False)
    else:
        found = _from_yyjjj(written, today)
    _add_date(fields, written, found)
    return rest[1 + digits :]


def _from_yyjjj(written: str, today: date | None) -> date | None:
    return from_year_day(full_year(int(written[:2]), today), int(written[2:5]))


def _add_date(fields: _Fields, written: str, found: date | None, *, made: bool = False) -> None:
    fields.elements.append(("made" if made else "expiry", written))
    if found is None:
        fields.reasons.append(Reason("bad_date", written))
    elif made:
        fields.made = found
    else:
        fields.expiry = found


def _add_number(fields: _Fields, value: str, *, serial: bool) -> None:
    if not value:
        return
    fields.elements.append(("serial" if serial else "lot", value))
    if serial:
        fields.serial = value
    else:
        fields.lot = value


def _link_reasons(symbols: list[_Symbol]) -> list[Reason]:
    if not symbols[0].primary:
        return []
    expected = symbols[0].check
    return [Reason("link_mismatch", f"{s.link} {expected}") for s in symbols[1:] if s.link != expected]


def _reading(fields: _Fields, symbols: list[_Symbol], warnings: tuple[Reason, ...], text: str) -> Reading:
    production = fields.lot or fields.serial or fields.expiry or fields.made
    notes = list(warnings)
    if fields.di is None:
        notes.append(Reason("only_production_data"))
    elif not production:
        notes.append(Reason("only_product_number"))
    found = Identity(
        issuer="HIBCC",
        scheme="hibc",
        di=fields.di,
        lot=fields.lot,
        serial=fields.serial,
        expiry=fields.expiry,
        made=fields.made,
        quantity=fields.quantity,
        epc=unit_name("HIBCC", fields.di, fields.serial) if fields.di and fields.serial else None,
        elements=tuple(fields.elements),
        warnings=tuple(notes),
        complete=bool(fields.di and production),
        link=symbols[0].check if symbols[0].primary else symbols[0].link,
        text=text,
    )
    return Unreadable(tuple(fields.reasons), partial=found, text=text) if fields.reasons else found
