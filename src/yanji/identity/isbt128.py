"""ISBT 128 (ICCBBA ST-001, ST-017): tissue, blood and other medical products of human origin."""

from __future__ import annotations

import re
from datetime import date

from yanji.identity.dates import from_isbt
from yanji.identity.gs1 import escaped
from yanji.identity.model import Identity, Reading, Reason, Unreadable, unreadable

_DATE, _DATE_TIME = "[0-9]{6}", "[0-9]{10}"
_ANY18 = "[0-9A-Z]{18}"

# Data identifier -> pattern of what follows (ST-001 table 1). The letter O never occurs in a facility number.
_STRUCTURES: dict[str, re.Pattern[str]] = {
    identifier: re.compile(pattern)
    for identifier, pattern in {
        "=+": "[0-9]{5}",  # compound message: number of structures, reference
        "=/": "[A-NP-Z0-9]{5}[0-9A-Z]{6}[A-Z][0-9A-Z]{4}",  # processor product identification code
        "=,": "[0-9A-Z]{6}",  # product divisions: the serial number of one graft
        "=<": "[A-Z][0-9A-Z]{7}",  # product code
        "=>": _DATE,  # expiry
        "&>": _DATE_TIME,
        "=}": _DATE,  # production
        "&}": _DATE_TIME,
        "=*": _DATE,  # collection
        "&*": _DATE_TIME,
        "=%": "[0-9A-Z]{4}",  # blood groups
        "=)": "[0-9A-Z]{10}",  # container maker and catalogue number
        "&)": "[0-9A-Z]{10}",  # container lot
        "=-": "[0-9A-Z]{10}",
        "&-": "[0-9A-Z]{10}",
        "=]": "[0-9]{6}",  # expiry month
        "&(": "[0-9A-Z]{5}",
        "=\\": _ANY18,
        "&\\": _ANY18,
        "={": _ANY18,
        "&{": _ANY18,
        "=[": _ANY18,
        '="': _ANY18,
        '&"': _ANY18,
        "&,1": _ANY18,  # lot
        "&,2": _ANY18,
        "&:": "[0-9A-Z]{19}",
    }.items()
}
_DONATION = re.compile(r"=([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}[0-9]{8}[0-9A-Z]{2})")
_MONTH_ONLY = "=]"


def looks_like_isbt(text: str) -> bool:
    return text[:1] in ("=", "&") and len(text) > 2


def read_isbt128(text: str, *, warnings: tuple[Reason, ...] = ()) -> Reading:
    """One or several ISBT 128 data structures in a row to a reading."""
    elements: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        found = _structure_at(text, at)
        if found is None:
            return unreadable("bad_isbt", text[at : at + 8], text=text)
        identifier, value, at = found
        elements.append((identifier, value))
    return _reading(elements, warnings, text)


def _structure_at(text: str, at: int) -> tuple[str, str, int] | None:
    """(identifier, value, where the next one starts) of the data structure at a position."""
    for length in (3, 2):
        identifier = text[at : at + length]
        if identifier in _STRUCTURES:
            found = _STRUCTURES[identifier].match(text, at + length)
            return (identifier, found[0], found.end()) if found else None
    donation = _DONATION.match(text, at)
    return ("=", donation[1], donation.end()) if donation else None


def _dated(seen: dict[str, str], identifiers: tuple[str, ...], reasons: list[Reason]) -> date | None:
    written = next((seen[i] for i in identifiers if i in seen), None)
    if written is None:
        return None
    found = from_isbt(written)
    if found is None:
        reasons.append(Reason("bad_date", written))
    return found


def _reading(elements: list[tuple[str, str]], warnings: tuple[Reason, ...], text: str) -> Reading:
    reasons: list[Reason] = []
    seen = dict(elements)
    announced = seen.get("=+")
    if announced and int(announced[:2]) != len(elements) - 1:
        reasons.append(Reason("bad_isbt", f"{announced[:2]} structures announced"))
    expiry = _dated(seen, ("=>", "&>"), reasons)
    made = _dated(seen, ("=}", "&}"), reasons)
    di, serial, donation, lot = (
        seen.get("=/") or seen.get("=<"),
        seen.get("=,"),
        seen.get("="),
        seen.get("&,1"),
    )
    production = serial or donation or lot or expiry or made
    notes = list(warnings)
    if di is None:
        notes.append(Reason("only_production_data"))
    elif not production:
        notes.append(Reason("only_product_number"))
    unit = [part for part in (donation, serial) if part]
    found = Identity(
        issuer="ICCBBA",
        scheme="isbt128",
        di=di,
        lot=lot,
        serial=serial,
        expiry=expiry,
        made=made,
        epc="isbt:" + "/".join(escaped(part) for part in (di, *unit)) if di and unit else None,
        elements=tuple(elements),
        warnings=tuple(notes),
        complete=bool(di and production),
        text=text,
    )
    return Unreadable(tuple(reasons), partial=found, text=text) if reasons else found
