"""ISO/IEC 15434 message envelopes: `[)>` RS, format, GS, fields, RS EOT."""

from __future__ import annotations

import re
from datetime import date

from yanji.identity.dates import from_yymmdd, from_yyyymmdd
from yanji.identity.gs1 import read_element_string
from yanji.identity.hibc import read_hibc
from yanji.identity.model import Identity, Reading, Reason, unreadable
from yanji.identity.naming import unit_name

_ENVELOPE = re.compile(r"\[\)>\x1e?(05|06)\x1d(.*?)(?:\x1e?\x04?)?", re.DOTALL)
_FIELD = re.compile(r"([0-9]{0,3}[A-Z])(.+)", re.DOTALL)


def read_envelope(text: str, *, warnings: tuple[Reason, ...] = (), today: date | None = None) -> Reading:
    """A message of format 05 (GS1 elements) or 06 (data identifiers of ANSI MH10.8.2) to a reading."""
    found = _ENVELOPE.fullmatch(text)
    if found is None:
        return unreadable("bad_envelope", text=text)
    if found[1] == "05":
        return read_element_string(found[2], warnings=warnings, today=today)
    return _read_fields(found[2], warnings, text, today)


def _read_fields(body: str, warnings: tuple[Reason, ...], text: str, today: date | None) -> Reading:
    elements: list[tuple[str, str]] = []
    for part in filter(None, body.split("\x1d")):
        if part.startswith("+"):
            return read_hibc(part, warnings=warnings, today=today)
        found = _FIELD.fullmatch(part)
        if found is None:
            return unreadable("bad_envelope", part[:40], text=text)
        elements.append((found[1], found[2]))
    seen = dict(elements)
    gtin, product = seen.get("8P"), seen.get("9N")
    if gtin is not None:
        return _gs1_reading(elements, gtin, warnings, text, today)
    lot, serial = seen.get("1T"), seen.get("S")
    expiry, made = _expiry(seen, today), _full_date(seen.get("16D"))
    if product is None:
        return unreadable("bad_envelope", text=text)
    reading = Identity(
        issuer="IFA",
        scheme="ifa-ppn",
        di=product,
        lot=lot,
        serial=serial,
        expiry=expiry,
        made=made,
        epc=unit_name("IFA", product, serial) if serial else None,
        elements=tuple(elements),
        warnings=warnings,
        complete=bool(lot or serial or expiry),
        text=text,
    )
    if product[-2:] != _ppn_check(product[:-2]):
        return unreadable("bad_check_digit", product, text=text, partial=reading)
    return reading


def _ppn_check(payload: str) -> str:
    """Two check digits of a Pharmacy Product Number (IFA coding system, PPN code specification)."""
    return f"{sum(weight * ord(c) for weight, c in enumerate(payload, start=2)) % 97:02}"


_TO_GS1 = {"1T": "10", "S": "21", "D": "17"}


def _gs1_reading(
    elements: list[tuple[str, str]],
    gtin: str,
    warnings: tuple[Reason, ...],
    text: str,
    today: date | None,
) -> Reading:
    translated = [
        "01" + gtin.zfill(14),
        *(_TO_GS1[name] + value for name, value in elements if name in _TO_GS1),
    ]
    return read_element_string("\x1d".join(translated), warnings=warnings, today=today)


def _expiry(seen: dict[str, str], today: date | None) -> date | None:
    written = seen.get("D", "")
    if re.fullmatch("[0-9]{6}", written):
        return from_yymmdd(written, today)
    return _full_date(seen.get("14D"))


def _full_date(written: str | None) -> date | None:
    return from_yyyymmdd(written) if written and re.fullmatch("[0-9]{8}", written) else None
