"""The one way in: any scan or typed code to an identity or to reasons; it never raises."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from yanji.identity.checks import gs1_mod10_ok
from yanji.identity.china import looks_like_ahm, looks_like_ma, read_ahm, read_ma
from yanji.identity.digital_link import looks_like_link, read_digital_link
from yanji.identity.envelope import read_envelope
from yanji.identity.gs1 import GS, judged, read_element_string, read_hri
from yanji.identity.hibc import read_hibc
from yanji.identity.isbt128 import looks_like_isbt, read_isbt128
from yanji.identity.labels import LOCAL, LOCAL_PREFIX
from yanji.identity.model import Identity, Reading, Reason, Unreadable, unreadable
from yanji.identity.pairing import pair
from yanji.identity.recovery import second_look, separator_guess
from yanji.identity.scanner import (
    AIM,
    AIM_GS1,
    ScannerProfile,
    case_is_swapped,
    decoded,
    plain_width,
    written_separators,
)

_LONGEST = 4096
_JOINT = re.compile(r"\|?(?=" + AIM.pattern + ")")
# Code letter and modifier of ISO/IEC 15424, table 1.
_ANY_AIM = re.compile(r"\][A-UXdehsz][0-9A-F]")
_EAN_LENGTHS = {"]E0": (13,), "]E3": (13, 15, 18), "]E4": (8,)}
_EAN_SCHEMES = {8: "ean-8", 12: "upc-a", 13: "ean-13", 14: "gtin-14"}
_DIGITS = re.compile("[0-9]+")
_STARTS_WITH_AI = re.compile(r"[0-9]{2}.")
_DATE_ELEMENT = re.compile("1[1-7][0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]")

_NO_IDENTIFIER = Reason("no_symbology_identifier")


def read(
    scan: str | bytes,
    *,
    profile: ScannerProfile | None = None,
    knows_di: Callable[[str], bool] | None = None,
    today: date | None = None,
) -> Reading:
    """What one scan means.

    scan      as the scanner or keyboard sent it, with or without AIM symbology identifier and line end
    profile   what this scanner does to a scan, from `learn_profile`
    knows_di  asks the catalogue whether it has a product; confirms a reading whose separators were lost
    today     the day two-digit years are counted from
    """
    text = decoded(scan)
    if len(text) > _LONGEST:
        return unreadable("too_long", str(len(text)))
    if profile is not None:
        text = profile.unwrapped(text)
    text, warnings = plain_width(text.rstrip("\r\n\t\0").lstrip("\x02\ufeff"))
    if not text:
        return unreadable("empty")
    if case_is_swapped(text):
        return unreadable("caps_lock", text[:3], text=text)
    symbols = split_symbols(text)
    if len(symbols) > 1:
        return pair(*(_read_symbol(s, warnings, profile, knows_di, today) for s in symbols))
    return _read_symbol(symbols[0], warnings, profile, knows_di, today)


def split_symbols(scan: str) -> list[str]:
    """The symbols of a scan that holds several, each with its own AIM identifier; else the scan alone.

    `]` is no GS1 data character, so an identifier inside a scan that began with one starts a new symbol.
    """
    if scan.find("]", 3) < 0 or not AIM.match(scan):
        return [scan]
    starts = [found.start() for found in _JOINT.finditer(scan)]
    bounds = zip(starts, [*starts[1:], len(scan)], strict=True)
    return [scan[start:stop].lstrip("|") for start, stop in bounds if scan[start:stop].lstrip("|")]


def _read_symbol(
    text: str,
    warnings: tuple[Reason, ...],
    profile: ScannerProfile | None,
    knows_di: Callable[[str], bool] | None,
    today: date | None,
) -> Reading:
    aim = text[:3] if text[0] == "]" else ""
    if not aim:
        return _read_bare(text, warnings, profile, knows_di, today)
    if aim in AIM_GS1:
        return _read_gs1(text[3:], warnings, profile, knows_di, today)
    payload = text[3:]
    if _ANY_AIM.fullmatch(aim) is None:
        return unreadable("unknown_form", text[:8], text=text)
    if aim in _EAN_LENGTHS:
        return _read_ean(payload, _EAN_LENGTHS[aim], warnings)
    found = _read_known(payload, warnings, today) if payload else None
    if found is not None and not _no_link_at_all(found):
        return found
    return _read_unmarked(payload, aim, warnings, today)


def _no_link_at_all(found: Reading) -> bool:
    return isinstance(found, Unreadable) and found.reasons[0].detail == "no key"


def _read_unmarked(payload: str, aim: str, warnings: tuple[Reason, ...], today: date | None) -> Reading:
    """A symbol whose mark says that it is not GS1: still GS1 when it reads as such, else sound text."""
    if _DIGITS.fullmatch(payload) and len(payload) in _EAN_SCHEMES and gs1_mod10_ok(payload):
        return _gtin(payload, warnings)
    if _STARTS_WITH_AI.match(payload):
        found = read_element_string(
            payload,
            warnings=(*warnings, Reason("not_a_gs1_symbol", aim)),
            low=True,
            today=today,
        )
        if isinstance(found, Identity) and found.has_key:
            return found
    return Identity(
        "LOCAL",
        "text",
        warnings=(*warnings, Reason("plain_text")),
        confidence="low",
        complete=False,
        text=payload,
    )


def _read_known(text: str, warnings: tuple[Reason, ...], today: date | None) -> Reading | None:
    """A reading by a form that announces itself; None when no form does."""
    if text[0] == "+" or text.startswith("*+"):
        return read_hibc(text, warnings=warnings, today=today)
    if text[0] in "([{" and "0" <= text[1:2] <= "9":
        return read_hri(text, warnings=warnings, today=today)
    if text.startswith("[)>"):
        return read_envelope(text, warnings=warnings, today=today)
    if looks_like_isbt(text):
        return read_isbt128(text, warnings=warnings)
    if looks_like_ma(text):
        return read_ma(text, warnings=warnings, today=today)
    if looks_like_link(text):
        return read_digital_link(text, warnings=warnings, today=today)
    if text[:8].lower() == "urn:epc:":
        from yanji.identity.epc import (
            read_uri,  # only tags and their addresses need this package
        )

        return read_uri(text, warnings=warnings, today=today)
    if text.startswith(LOCAL_PREFIX):
        return _read_local(text, warnings)
    if looks_like_ahm(text):
        return read_ahm(text, warnings=warnings, today=today)
    return None


def _read_local(text: str, warnings: tuple[Reason, ...]) -> Reading:
    number = text.removeprefix(LOCAL_PREFIX)
    if not re.fullmatch(r"[0-9A-Za-z\-._]{1,30}", number):
        return unreadable("unknown_form", number[:40], text=text)
    return Identity(
        "LOCAL",
        "local-unit",
        serial=number,
        epc=f"{LOCAL}{number}",
        elements=(("unit", number),),
        warnings=warnings,
        text=text,
    )


def _read_bare(
    text: str,
    warnings: tuple[Reason, ...],
    profile: ScannerProfile | None,
    knows_di: Callable[[str], bool] | None,
    today: date | None,
) -> Reading:
    """A scan without symbology identifier: by its form, or as GS1 data when it begins like them."""
    found = _read_known(text, warnings, today)
    if found is not None:
        return found
    if text[0] in "<{[\u241d":
        text, notes = written_separators(text)
        warnings += notes
    if text[0] == GS:
        return _read_gs1(text[1:], warnings, profile, knows_di, today)
    if text[0] == "^":
        return read_element_string(text[1:].replace("^", GS), warnings=warnings, today=today)
    if _DIGITS.fullmatch(text) and len(text) in _EAN_SCHEMES:
        if gs1_mod10_ok(text):
            return _gtin(text, warnings)
        if not _DATE_ELEMENT.fullmatch(text):
            return unreadable("bad_check_digit", text, text=text)
    # 90 to 99 are company internal: without a mark they may be anything.
    if not _STARTS_WITH_AI.match(text) or text[0] == "9":
        foreign = any(ord(character) > 127 for character in text)
        return unreadable("input_method" if foreign else "unknown_form", text[:40], text=text)
    return _read_gs1(text, (*warnings, _NO_IDENTIFIER), profile, knows_di, today)


def _read_gs1(
    payload: str,
    warnings: tuple[Reason, ...],
    profile: ScannerProfile | None,
    knows_di: Callable[[str], bool] | None,
    today: date | None,
) -> Reading:
    if profile is not None:
        payload = profile.separated(payload)
    separated = GS in payload
    if not separated:
        payload, notes = written_separators(payload)
        warnings, separated = warnings + notes, bool(notes)
    plain = read_element_string(payload, warnings=warnings, low=_NO_IDENTIFIER in warnings, today=today)
    if separated:
        return plain
    if isinstance(plain, Unreadable):
        replaced = separator_guess(payload, today)
        if replaced is not None:
            return replaced
    if profile is not None and profile.keeps_separators:
        return plain
    return second_look(payload, plain, knows_di, today)


def _read_ean(payload: str, lengths: tuple[int, ...], warnings: tuple[Reason, ...]) -> Reading:
    if not _DIGITS.fullmatch(payload) or len(payload) not in lengths:
        return unreadable("bad_length", payload[:40], text=payload)
    return _gtin(payload[: 8 if lengths == (8,) else 13], warnings)


def _gtin(digits: str, warnings: tuple[Reason, ...]) -> Reading:
    return judged(
        [("01", digits.zfill(14))],
        None,
        _EAN_SCHEMES[len(digits)],
        warnings=warnings,
        text=digits,
    )
