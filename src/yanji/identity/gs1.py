"""GS1 element strings: cut into elements, judged by the rules, turned into an identity."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote

from yanji.identity.dates import from_yymmdd
from yanji.identity.gs1_ai import AI_LENGTH, APPLICATIONS, KEYS, matches
from yanji.identity.model import Elements, Identity, Reading, Reason, Unreadable

GS = "\x1d"

# With a GTIN beside them these need nothing and exclude nothing: the labels a hospital meets all day.
_PLAIN_COMPANIONS = frozenset(
    ("01", "10", "11", "13", "15", "16", "17", "20", "21", "22", "30", "240", "241")
)
# These say nothing without their companion, so its absence is an error and not half a label.
_NEVER_ALONE = frozenset(("02", "8030"))
_SERIAL_OPTIONAL = (("253", 13), ("255", 13), ("8003", 14))
_URL_SAFE = re.compile(r"[0-9A-Za-z\-._~]*")
_HRI_AI = re.compile(r"[(\[{]([0-9]{2,4})[)\]}]")
_HRI_NEXT = re.compile(r"(?<!\\)[(\[{][0-9]{2,4}[)\]}]")

_ONLY_KEY = Reason("only_product_number")
_ONLY_PRODUCTION = Reason("only_production_data")


def escaped(value: str) -> str:
    """One value as a path segment of a Digital Link."""
    return value if _URL_SAFE.fullmatch(value) else quote(value, safe="", errors="replace")


def cut(text: str) -> tuple[list[tuple[str, str]], Reason | None]:
    """Elements of an element string without symbology identifier, and what stopped the cutting, if anything.

    A superfluous separator after a field of predefined length, and one at the end, are legal
    (GS1 General Specifications 7.8.4).
    """
    elements: list[tuple[str, str]] = []
    at, end = 0, len(text)
    while at < end:
        if text[at] == GS:
            at += 1
            continue
        length = AI_LENGTH.get(text[at : at + 2])
        application = APPLICATIONS.get(text[at : at + length]) if length else None
        if application is None:
            return elements, Reason("unknown_ai", text[at : at + 4])
        at += len(application.ai)
        stop = text.find(GS, at)
        if stop < 0:
            stop = end
        if application.predefined:
            if stop - at < application.longest:
                return elements, Reason("bad_length", application.ai)
            stop = at + application.longest
        elements.append((application.ai, text[at:stop]))
        at = stop
    return elements, None if elements else Reason("no_elements")


def cut_hri(text: str) -> tuple[list[tuple[str, str]], Reason | None]:
    r"""Elements of human readable text `(01)...(17)...`; `\(` is a bracket inside a value."""
    elements: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        opening = _HRI_AI.match(text, at)
        if opening is None:
            return elements, Reason("bad_brackets", text[at : at + 8])
        if opening[1] not in APPLICATIONS:
            return elements, Reason("unknown_ai", opening[1])
        following = _HRI_NEXT.search(text, opening.end())
        stop = following.start() if following else len(text)
        value = text[opening.end() : stop].strip(" ").replace("\\(", "(").replace("\\[", "[")
        elements.append((opening[1], value))
        at = stop
    return elements, None if elements else Reason("no_elements")


def problems(elements: Elements | list[tuple[str, str]]) -> tuple[list[Reason], bool]:
    """What is wrong with these elements, and whether another symbol must complete them."""
    found: list[Reason] = []
    seen: dict[str, str] = {}
    for ai, value in elements:
        code = APPLICATIONS[ai].judge(value)
        if code:
            found.append(Reason(code, f"({ai}){value[:90]}"))
        if seen.setdefault(ai, value) != value:
            found.append(Reason("repeated_element", ai))
    if "01" in seen and seen.keys() <= _PLAIN_COMPANIONS:
        return found, False
    companions, waiting = _association_problems(seen)
    return found + companions, waiting


def _association_problems(seen: dict[str, str]) -> tuple[list[Reason], bool]:
    found: list[Reason] = []
    waiting = False
    for ai in seen:
        application = APPLICATIONS[ai]
        for pattern in application.excludes:
            found += [
                Reason("never_together", f"({ai}) ({other})")
                for other in seen
                if other != ai and matches(pattern, other)
            ]
        if application.needs:
            absent, half = _needs(application.needs, seen)
            if absent and (half or ai in _NEVER_ALONE):
                found.append(Reason("missing_companion", ai))
            waiting = waiting or absent
    if "8030" in seen and any(len(seen.get(key, "")) == bare for key, bare in _SERIAL_OPTIONAL):
        found.append(Reason("missing_companion", "8030"))
    return found, waiting


def _needs(alternatives: tuple[tuple[str, ...], ...], seen: dict[str, str]) -> tuple[bool, bool]:
    """(no alternative is complete, one of several parts of an alternative is there without the rest)."""
    half = False
    for alternative in alternatives:
        present = sum(any(matches(pattern, ai) for ai in seen) for pattern in alternative)
        if present == len(alternative):
            return False, False
        half = half or present > 0
    return True, half


def path(seen: dict[str, str]) -> str | None:
    """Canonical path of the one thing these elements name; None when they name a class of things or nothing.

    GS1 Digital Link URI syntax 1.6, section 4: primary key, then what makes it one unit.
    """
    gtin = seen.get("01")
    if gtin:
        serial = seen.get("21")
        if serial:
            return f"01/{gtin}/21/{escaped(serial)}"
        if "235" in seen:
            return f"01/{gtin}/235/{escaped(seen['235'])}"
    for ai, follower, needed in _UNIT_KEYS:
        value = seen.get(ai)
        if value and len(value) > _BARE_LENGTH.get(ai, 0):
            if follower in seen:
                return f"{ai}/{escaped(value)}/{follower}/{escaped(seen[follower])}"
            if not needed:
                return f"{ai}/{escaped(value)}"
    return None


_UNIT_KEYS = (
    ("8006", "21", True),
    ("8003", "", False),
    ("8004", "", False),
    ("8010", "8011", True),
    ("00", "", False),
    ("253", "", False),
    ("255", "", False),
    ("8018", "8019", False),
    ("8017", "8019", False),
    ("402", "", False),
    ("401", "", False),
    ("414", "254", False),
    ("417", "", False),
    ("415", "8020", True),
)
# A key of this length is a kind of asset or document; a serial component makes it one.
_BARE_LENGTH = {"253": 13, "255": 13, "8003": 14}


def identity(
    elements: Elements | list[tuple[str, str]],
    scheme: str,
    *,
    warnings: tuple[Reason, ...] = (),
    text: str = "",
    low: bool = False,
    waiting: bool = False,
    today: date | None = None,
) -> Identity:
    """The identity that sound elements amount to. Fields that cannot be read are left out."""
    seen = dict(elements)
    notes = list(warnings)
    gtin = seen.get("01") or seen.get("03") or seen.get("8006", "")[:14] or None
    expiry = _date(seen.get("17") or seen.get("7003"), notes, today)
    made = _date(seen.get("11") or seen.get("8008"), notes, today)
    lot, serial = (
        seen.get("10"),
        seen.get("21") or seen.get("235") or seen.get("8011") or _key_serial(seen),
    )
    unit = path(seen)
    missing: Reason | None = None
    if gtin is None and unit is None and not (KEYS & seen.keys()):
        missing = _ONLY_PRODUCTION
    elif gtin is not None and not any((lot, serial, expiry, made)):
        missing = _ONLY_KEY
    elif waiting:
        missing = Reason("missing_key")
    if missing is not None:
        notes.append(missing)
    if expiry is not None and made is not None and expiry < made:
        notes.append(Reason("expires_before_made"))
    if gtin is not None and gtin[:1] in "12345678":
        notes.append(Reason("package_level", gtin[0]))
    return Identity(
        issuer="GS1",
        scheme=scheme,
        di=gtin,
        lot=lot,
        serial=serial,
        expiry=expiry,
        made=made,
        quantity=_quantity(seen),
        epc=unit,
        elements=tuple(elements),
        warnings=tuple(notes),
        confidence="low" if low else "high",
        complete=missing is None,
        text=text,
    )


def _key_serial(seen: dict[str, str]) -> str | None:
    for ai, bare in _SERIAL_OPTIONAL:
        value = seen.get(ai, "")
        if len(value) > bare:
            return value[bare:]
    return None


def _quantity(seen: dict[str, str]) -> int | None:
    count = seen.get("30") or seen.get("37")
    return int(count) if count and len(count) <= 8 and count.isascii() and count.isdigit() else None


def _date(value: str | None, notes: list[Reason], today: date | None) -> date | None:
    if value is None or not (value[:6].isascii() and value[:6].isdigit() and len(value) >= 6):
        return None
    if value[4:6] == "00":
        notes.append(Reason("day_is_end_of_month", value[:6]))
    return from_yymmdd(value, today)


def judged(
    elements: list[tuple[str, str]],
    stopped: Reason | None,
    scheme: str,
    *,
    warnings: tuple[Reason, ...] = (),
    text: str = "",
    low: bool = False,
    today: date | None = None,
) -> Reading:
    """Elements and what stopped their cutting, to a reading."""
    reasons, waiting = problems(elements)
    if stopped:
        reasons = [stopped, *reasons]
    found = identity(
        elements,
        scheme,
        warnings=warnings,
        text=text,
        low=low,
        waiting=waiting,
        today=today,
    )
    if reasons:
        return Unreadable(tuple(reasons), partial=found if elements else None, text=text)
    return found


def read_element_string(
    text: str,
    scheme: str = "gs1-element-string",
    *,
    warnings: tuple[Reason, ...] = (),
    low: bool = False,
    today: date | None = None,
) -> Reading:
    """An element string without symbology identifier to a reading; separators are 0x1D."""
    elements, stopped = cut(text)
    return judged(elements, stopped, scheme, warnings=warnings, text=text, low=low, today=today)


def read_hri(text: str, *, warnings: tuple[Reason, ...] = (), today: date | None = None) -> Reading:
    """Bracketed text as printed under a symbol or typed by hand."""
    elements, stopped = cut_hri(text)
    return judged(elements, stopped, "gs1-hri", warnings=warnings, text=text, today=today)
