"""Pure identity URIs: which parts each scheme has, what they may hold, and the GS1 keys they stand for.

Source: GS1 EPC Tag Data Standard 2.3, sections 6 (syntax) and 7 (correspondence with GS1 keys).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from yanji.identity.checks import gs1_mod10

Elements = list[tuple[str, str]]

_TEXT = r"[!\"%-?A-Z_a-z]"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One EPC scheme.

    parts    a pattern for each part of its URI
    total    digits of company prefix and reference together, None where they vary; `most` bounds them then
    elements parts to GS1 elements; None for schemes of other bodies
    gcp      how to find the company prefix in the key's value: (AI, digits before it), for the way back
    """

    parts: tuple[str, ...]
    total: int | None = None
    most: int | None = None
    elements: Callable[[tuple[str, ...]], Elements] | None = None


def _checked(payload: str) -> str:
    return payload + gs1_mod10(payload)


def _gtin(company: str, reference: str) -> str:
    return _checked(reference[0] + company + reference[1:])


def _sgln(p: tuple[str, ...]) -> Elements:
    key = ("414", _checked(p[0] + p[1]))
    return [key] if p[2] == "0" else [key, ("254", p[2])]


_COMPANY, _REFERENCE, _OPTIONAL = "[0-9]{6,12}", "[0-9]+", "[0-9]*"
_NUMBER = "(?:0|[1-9][0-9]*)"
_CAGE = "[0-9A-HJ-NP-Z]{5,6}"

SCHEMES: dict[str, Scheme] = {
    "sgtin": Scheme(
        (_COMPANY, _REFERENCE, _TEXT + "{1,20}"),
        13,
        elements=lambda p: [("01", _gtin(*p[:2])), ("21", p[2])],
    ),
    "lgtin": Scheme(
        (_COMPANY, _REFERENCE, _TEXT + "{1,20}"),
        13,
        elements=lambda p: [("01", _gtin(*p[:2])), ("10", p[2])],
    ),
    "upui": Scheme(
        (_COMPANY, _REFERENCE, _TEXT + "{1,28}"),
        13,
        elements=lambda p: [("01", _gtin(*p[:2])), ("235", p[2])],
    ),
    "itip": Scheme(
        (_COMPANY, _REFERENCE, "[0-9]{2}", "[0-9]{2}", _TEXT + "{1,20}"),
        13,
        elements=lambda p: [("8006", _gtin(*p[:2]) + p[2] + p[3]), ("21", p[4])],
    ),
    "sscc": Scheme((_COMPANY, _REFERENCE), 17, elements=lambda p: [("00", _gtin(*p))]),
    "sgln": Scheme((_COMPANY, _OPTIONAL, _TEXT + "{1,20}"), 12, elements=_sgln),
    "pgln": Scheme((_COMPANY, _OPTIONAL), 12, elements=lambda p: [("417", _checked(p[0] + p[1]))]),
    "grai": Scheme(
        (_COMPANY, _OPTIONAL, _TEXT + "{1,16}"),
        12,
        elements=lambda p: [("8003", "0" + _checked(p[0] + p[1]) + p[2])],
    ),
    "giai": Scheme((_COMPANY, _TEXT + "+"), most=30, elements=lambda p: [("8004", p[0] + p[1])]),
    "gsrn": Scheme((_COMPANY, _REFERENCE), 17, elements=lambda p: [("8018", _checked(p[0] + p[1]))]),
    "gsrnp": Scheme((_COMPANY, _REFERENCE), 17, elements=lambda p: [("8017", _checked(p[0] + p[1]))]),
    "gdti": Scheme(
        (_COMPANY, _OPTIONAL, _TEXT + "{1,17}"),
        12,
        elements=lambda p: [("253", _checked(p[0] + p[1]) + p[2])],
    ),
    "sgcn": Scheme(
        (_COMPANY, _OPTIONAL, "[0-9]{1,12}"),
        12,
        elements=lambda p: [("255", _checked(p[0] + p[1]) + p[2])],
    ),
    "cpi": Scheme(
        (_COMPANY, "[#\\-/0-9A-Z]+", "(?:0|[1-9][0-9]{0,11})"),
        most=30,
        elements=lambda p: [("8010", p[0] + p[1]), ("8011", p[2])],
    ),
    "ginc": Scheme((_COMPANY, _TEXT + "+"), most=30, elements=lambda p: [("401", p[0] + p[1])]),
    "gsin": Scheme((_COMPANY, _REFERENCE), 16, elements=lambda p: [("402", _checked(p[0] + p[1]))]),
    "gid": Scheme((_NUMBER, _NUMBER, _NUMBER)),
    "usdod": Scheme((_CAGE, _NUMBER)),
    "adi": Scheme((_CAGE, "[\\-/0-9A-Z]{0,32}", "(?:#[\\-/0-9A-Z]{1,29}|[\\-/0-9A-Z]{1,30})")),
    "bic": Scheme(("[A-HJ-NP-Z]{3}[JUZ][0-9]{7}",)),
    "imovn": Scheme(("[0-9]{7}",)),
}

# Numbers of other bodies have widths of their own: (part, bits).
_WIDTHS = {"gid": ((0, 28), (1, 24), (2, 36)), "usdod": ((1, 36),)}


def sound(scheme: str, parts: tuple[str, ...]) -> bool:
    """True when these decoded parts follow the scheme's grammar."""
    rules = SCHEMES[scheme]
    if len(parts) != len(rules.parts):
        return False
    if not all(map(re.fullmatch, rules.parts, parts)):
        return False
    if any(len(parts[at]) > 12 or int(parts[at]) >= 1 << bits for at, bits in _WIDTHS.get(scheme, ())):
        return False
    together = len(parts[0]) + len(parts[1]) if len(parts) > 1 else 0
    if rules.total is not None:
        return together == rules.total
    return rules.most is None or together <= rules.most


def parse_parts(scheme: str, rest: str) -> tuple[str, ...] | None:
    """Decoded parts of a URI behind the scheme; only the last may hold a dot. None: not sound."""
    rules = SCHEMES.get(scheme)
    if rules is None:
        return None
    parts = tuple(unquote(part, errors="surrogateescape") for part in rest.split(".", len(rules.parts) - 1))
    return parts if sound(scheme, parts) else None


def parse_pattern(scheme: str, rest: str) -> Elements | None:
    """Elements of a pattern URI whose serial part is `*`: a class of things. None: no such pattern."""
    rules = SCHEMES.get(scheme)
    parts = rest.split(".")
    if rules is None or rules.elements is None or len(parts) != len(rules.parts) or parts[-1] != "*":
        return None
    stand_in = "0"
    filled = (*(unquote(part) for part in parts[:-1]), stand_in)
    if not sound(scheme, filled):
        return None
    (ai, value), *_ = rules.elements(filled)
    bare = value.removesuffix(stand_in) if scheme in ("grai", "gdti", "sgcn") else value
    return [(ai, bare)]


def uri(scheme: str, parts: tuple[str, ...]) -> str:
    """The pure identity URI of sound parts."""
    kind = "class" if scheme == "lgtin" else "id"
    return f"urn:epc:{kind}:{scheme}:{joined(parts)}"


def joined(parts: tuple[str, ...]) -> str:
    # TDS 2.3 section 5: exactly " % & / < > ? and # are written as escapes.
    return ".".join(quote(part, safe="!'()*+,-.:;=_") for part in parts)
