"""ISBT 128 (ICCBBA ST-001, ST-012, ST-017): tissue, blood and other medical products of human origin."""

from __future__ import annotations

import re
from datetime import date

from yanji.identity.checks import CHECK_CHARACTERS, iso7064_mod37_2
from yanji.identity.dates import from_isbt, from_yyyymm, from_yyyymmdd
from yanji.identity.gs1 import escaped
from yanji.identity.model import Identity, Reading, Reason, Unreadable, unreadable

_DATE, _DATE_TIME = "[0-9]{6}", "[0-9]{6}(?:[01][0-9]|2[0-3])[0-5][0-9]"
_ANY10, _ANY18, _RETIRED = "[0-9A-Z]{10}", "[0-9A-Z]{18}", "[!-~]{18}"
_FACILITY = "[A-NP-Z0-9]{5}"  # the letter O never occurs in a facility number

_MONTH = "=]"
_EUROPEAN = "&,4"  # Single European Code of tissues and cells

# Data identifier -> pattern of what follows (ST-001 table 2).
_STRUCTURES: dict[str, re.Pattern[str]] = {
    identifier: re.compile(pattern)
    for identifier, pattern in {
        "=+": "[0-9]{5}",  # compound message: number of structures, reference
        "=/": _FACILITY + "[0-9A-Z]{6}[0-9A-Z]{5}",  # processor product identification code
        "&+": _FACILITY + "[0-9A-Z]{6}",  # processing facility and its own product code
        "=,": "[0-9A-Z]{6}",  # product divisions: the serial number of one graft
        "=<": "[A-Z][0-9A-Z]{4}[0-9A-Za-z]{3}",  # product code
        "=>": _DATE,  # expiry
        "&>": _DATE_TIME,
        _MONTH: "[0-9]{6}",  # expiry without a day
        "=}": _DATE,  # production
        "&}": _DATE_TIME,
        "=*": _DATE,  # collection
        "&*": _DATE_TIME,
        "=(": "[0-9A-Z]{4}[0-9]{12}",  # any other date and time
        "=%": "[0-9A-Za-z]{2}[0-9A-Z]{2}",  # blood groups
        "=)": _ANY10,  # container: maker and catalogue number, lot
        "&)": _ANY10,
        "=-": _ANY10,  # other items: maker and catalogue number, lot
        "&-": _ANY10,
        "=$": "[0-9A-Z]{16}",  # consignment
        "=;": _FACILITY + "[0-9A-Z]{16}",  # donor
        "='": _FACILITY + "[0-9A-Z]{6}",  # member of staff
        "=#": "[0-9]{10}",  # patient's date of birth
        "&(": "[0-9A-Z]{5}",  # tests and antigens
        "=\\": _ANY18,
        "&\\": _ANY18,
        "&{": _ANY18,
        '&"': _ANY18,
        "={": _RETIRED,
        "=[": _RETIRED,
        '="': _RETIRED,
        "&,1": _ANY18,  # lot
        "&,2": _ANY18,
        "&,3": "[!-~]{19}",
        _EUROPEAN: "[A-Z]{2}[0-9A-Z]{30}[0-9]{8}",
        "&:": "[0-9A-Z]{19}",  # donor of stem cells
        "&/": "CH" + _FACILITY + "[0-9]{8}",  # chain of identity
    }.items()
}
# Structures that say how long they are: what precedes the count, and characters for each.
_COUNTED = {
    "&#": (re.compile("[0-9]{2}([0-9]{2})"), 1),  # patient number
    "&$": (re.compile("([0-9]{2})"), 14),  # dimensions
    "&%": (re.compile("([0-9]{3})"), 10),  # antigens with their history
}
_DONATION = re.compile(r"=([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}[0-9]{8}[0-9A-HJ-NPR-Y]{2})")
# What a country or a facility defined for itself ends a message: nobody else knows how long it is.
_NATIONAL = re.compile(r"(&[a-z;!])([ -~]+)", re.DOTALL)
_PRINTED_SEC = re.compile(r"SEC:\s*([0-9A-Z]{21})\s+([0-9A-Z]{19})\s*")


def looks_like_isbt(text: str) -> bool:
    return (text[:1] in ("=", "&") and len(text) > 2) or text.startswith("SEC:")


def read_isbt128(text: str, *, warnings: tuple[Reason, ...] = ()) -> Reading:
    """One or several ISBT 128 data structures in a row, or a printed Single European Code, to a reading."""
    printed = _PRINTED_SEC.fullmatch(text)
    message = _EUROPEAN + printed[1] + printed[2] if printed else text
    elements: list[tuple[str, str]] = []
    at = 0
    while at < len(message):
        found = _structure_at(message, at)
        if found is None:
            return unreadable("bad_isbt", message[at : at + 8], text=text)
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
    if identifier in _COUNTED:
        return _counted_at(text, at, identifier)
    donation = _DONATION.match(text, at)
    if donation is not None:
        return "=", donation[1], donation.end()
    national = _NATIONAL.match(text, at)
    return (national[1], national[2], national.end()) if national else None


def _counted_at(text: str, at: int, identifier: str) -> tuple[str, str, int] | None:
    count, each = _COUNTED[identifier]
    start = at + len(identifier)
    found = count.match(text, start)
    if found is None:
        return None
    stop = found.end() + each * int(found[1])
    return (identifier, text[start:stop], stop) if stop <= len(text) else None


def _dated(seen: dict[str, str], identifiers: tuple[str, ...], reasons: list[Reason]) -> date | None:
    identifier = next((i for i in identifiers if i in seen), None)
    if identifier is None:
        return None
    written = seen[identifier]
    found = from_yyyymm(written) if identifier == _MONTH else from_isbt(written)
    if found is None:
        reasons.append(Reason("bad_date", written))
    return found


def _european_expiry(code: str | None, reasons: list[Reason]) -> date | None:
    if code is None or code.endswith("00000000"):
        return None
    found = from_yyyymmdd(code[32:])
    if found is None:
        reasons.append(Reason("bad_date", code[32:]))
    return found


def _european_parts(code: str) -> tuple[str, str, str]:
    """Product with its coding system, split number, donation with its establishment (ST-012, section 6.1)."""
    return code[21:29], code[29:32], code[:21]


def _donation_notes(donation: str) -> list[Reason]:
    """Flags 60 to 96 of a donation number are 60 and its check value (ST-001 table 3, type 3)."""
    flag = donation[13:]
    if not (flag.isdigit() and 60 <= int(flag) <= 96):
        return []
    sound = iso7064_mod37_2(donation[:13]) == CHECK_CHARACTERS[int(flag) - 60]
    return [] if sound else [Reason("donation_check", donation)]


def _reading(elements: list[tuple[str, str]], warnings: tuple[Reason, ...], text: str) -> Reading:
    reasons: list[Reason] = []
    seen = dict(elements)
    announced = seen.get("=+")
    if announced and int(announced[:2]) != len(elements) - 1:
        reasons.append(Reason("bad_isbt", f"{announced[:2]} structures announced"))
    expiry = _dated(seen, ("=>", "&>", _MONTH), reasons) or _european_expiry(seen.get(_EUROPEAN), reasons)
    made = _dated(seen, ("=}", "&}"), reasons)
    di, serial, donation, lot = (
        seen.get("=/") or seen.get("=<"),
        seen.get("=,"),
        seen.get("="),
        seen.get("&,1"),
    )
    if di is None and _EUROPEAN in seen:
        di, serial, donation = _european_parts(seen[_EUROPEAN])
    production = serial or donation or lot or expiry or made
    notes = [*warnings, *_donation_notes(seen.get("=", ""))]
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
