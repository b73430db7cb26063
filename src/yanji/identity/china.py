"""The two Chinese issuers beside GS1: MA (IDcode) and AHM (Ali Health)."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import unquote

from yanji.identity.checks import ma_check
from yanji.identity.dates import from_yymmdd, from_yyyymmdd
from yanji.identity.model import Identity, Reading, Reason, Unreadable, unreadable
from yanji.identity.naming import unit_name

_MA = re.compile(r"MA\.[0-9]{3}\.[A-Z][0-9A-Z]\.[0-9A-Z]{4,8}\.[0-9][^.\s]{1,30}")
_MA_INSIDE = re.compile(r"MA\.[0-9]{3}\.[^\s<>\"'?&#/]+")
_PRODUCTION_INSIDE = re.compile(r"<(?:PI|pi)>\s*([^<]*?)\s*</(?:PI|pi)>")
_MA_FIELDS = {
    "S": "serial",
    "M": "made",
    "P": "made",
    "L": "lot",
    "D": "sterilisation_lot",
    "E": "expiry",
}
_MA_FIELDS |= {"V": "valid_until", "Y": "insurance_code", "C": "check"}

_AHM = re.compile(r"MF([0-9A-Za-z]{1,13})((?:\*[A-Z]{2}[^*]*)*)\*?")
_AHM_FIELDS = {"BA": "lot", "BN": "lot", "SN": "serial", "MD": "made", "ED": "expiry"}


def looks_like_ma(text: str) -> bool:
    """True for an MA code, bare, inside a web address or inside `<UDI IAC="MA">`."""
    return text.startswith(("MA.", "<UDI")) or (
        text[:4].lower() == "http" and _MA_INSIDE.search(unquote(text)) is not None
    )


def read_ma(text: str, *, warnings: tuple[Reason, ...] = (), today: date | None = None) -> Reading:
    """An MA code to a reading: product in five parts, then production data, one letter and a value each."""
    code = _bare_ma(text)
    parts = code.split(".")
    di = ".".join(parts[:5])
    if not _MA.fullmatch(di):
        return unreadable("bad_ma", code[:40], text=text)
    reasons: list[Reason] = []
    if ma_check(di[:-1]) != di[-1]:
        reasons.append(Reason("bad_check_digit", di))
    elements = [("DI", di), *((part[:1], part[1:]) for part in parts[5:])]
    reasons += _production_problems(parts[5:])
    return _ma_reading(di, elements, reasons, warnings, text, today)


def _bare_ma(text: str) -> str:
    inside = text if text.startswith("MA.") else unquote(text)
    found = _MA_INSIDE.search(inside)
    code = found[0] if found else inside
    production = _PRODUCTION_INSIDE.search(inside)
    return code + "." + production[1].lstrip(".") if production and production[1] else code


def _production_problems(parts: list[str]) -> list[Reason]:
    problems = [Reason("bad_ma", part) for part in parts if len(part) < 2 or part[0] not in _MA_FIELDS]
    if parts and parts[-1].startswith("C") and not problems:
        checked = "." + ".".join(parts[:-1])
        if ma_check(checked) != parts[-1][1:]:
            problems.append(Reason("bad_check_digit", parts[-1]))
    return problems


def _any_date(value: str | None, reasons: list[Reason], today: date | None) -> date | None:
    if value is None:
        return None
    found = None
    if value.isascii() and value.isdigit():
        if len(value) == 6:
            found = from_yymmdd(value, today)
        elif len(value) == 8:
            found = from_yyyymmdd(value)
    if found is None:
        reasons.append(Reason("bad_date", value))
    return found


def _ma_reading(
    di: str,
    elements: list[tuple[str, str]],
    reasons: list[Reason],
    warnings: tuple[Reason, ...],
    text: str,
    today: date | None,
) -> Reading:
    seen = {_MA_FIELDS.get(name, name): value for name, value in elements}
    made = _any_date(seen.get("made"), reasons, today)
    ends = [_any_date(seen.get(name), reasons, today) for name in ("expiry", "valid_until")]
    dated = [end for end in ends if end is not None]
    lot, serial = seen.get("lot"), seen.get("serial")
    notes = list(warnings)
    if len(set(dated)) == 2:
        notes.append(Reason("two_expiry_dates"))
    complete = bool(lot or serial or dated or made)
    if not complete:
        notes.append(Reason("only_product_number"))
    found = Identity(
        issuer="MA",
        scheme="ma",
        di=di,
        lot=lot,
        serial=serial,
        expiry=min(dated, default=None),
        made=made,
        epc=unit_name("MA", di, serial) if serial else None,
        elements=tuple(elements),
        warnings=tuple(notes),
        complete=complete,
        text=text,
    )
    return Unreadable(tuple(reasons), partial=found, text=text) if reasons else found


def looks_like_ahm(text: str) -> bool:
    return text.startswith("MF") and ("*" in text or (text[2:].isascii() and text[2:].isdigit()))


def read_ahm(text: str, *, warnings: tuple[Reason, ...] = (), today: date | None = None) -> Reading:
    """An AHM code to a reading; never checked against a real label, so confidence stays low."""
    found = _AHM.fullmatch(text)
    if found is None:
        return unreadable("bad_ahm", text[:40], text=text)
    di = found[1]
    elements = [("MF", di), *((part[:2], part[2:]) for part in found[2].split("*")[1:])]
    seen = {_AHM_FIELDS.get(name, name): value for name, value in elements if value}
    reasons: list[Reason] = []
    expiry = _any_date(seen.get("expiry"), reasons, today)
    made = _any_date(seen.get("made"), reasons, today)
    lot, serial = seen.get("lot"), seen.get("serial")
    reading = Identity(
        issuer="AHM",
        scheme="ahm",
        di=di,
        lot=lot,
        serial=serial,
        expiry=expiry,
        made=made,
        epc=unit_name("AHM", di, serial) if serial else None,
        elements=tuple(elements),
        warnings=(*warnings, Reason("unconfirmed_format")),
        confidence="low",
        complete=bool(lot or serial or expiry or made),
        text=text,
    )
    return Unreadable(tuple(reasons), partial=reading, text=text) if reasons else reading
