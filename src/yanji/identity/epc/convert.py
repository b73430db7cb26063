"""From what a thing is called to what is written on its tag, and to the address other systems know it by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from yanji.identity.digital_link import looks_like_link, parse
from yanji.identity.epc import classic, plus
from yanji.identity.epc.bits import hex_of
from yanji.identity.epc.names import SCHEMES, joined, parse_parts, sound, uri
from yanji.identity.gs1 import cut_hri
from yanji.identity.gs1_ai import APPLICATIONS
from yanji.identity.model import Identity

Elements = Iterable[tuple[str, str]]
Source = Identity | str | Elements


class CannotEncodeError(ValueError):
    """The identity does not fit the tag or the address that was asked for; the message says which part."""


# AI of the key -> (scheme, AI of the serial part or "", digits of prefix and reference in the key, where
# they start)
_KEYS = {
    "00": ("sscc", "", 17, 1),
    "414": ("sgln", "254", 12, 0),
    "417": ("pgln", "", 12, 0),
    "8017": ("gsrnp", "", 17, 0),
    "8018": ("gsrn", "", 17, 0),
    "402": ("gsin", "", 16, 0),
}
_GTIN_SCHEMES = (("21", "sgtin"), ("10", "lgtin"), ("235", "upui"))


@lru_cache(maxsize=4096)  # One maker's prefix is asked for again and again.
def company_prefix_length(value: str) -> int | None:
    """Digits of the GS1 Company Prefix at the start of a key; None where GS1's public list does not say.

    The list comes with the biip package (GS1 GCP Length Table).
    """
    from biip import ParseError  # a long list, needed for addresses only
    from biip.gs1_prefixes import GS1CompanyPrefix

    digits = re.match("[0-9]*", value)
    try:
        found = GS1CompanyPrefix.extract(digits[0][:14] if digits else "")
    except ParseError:
        return None
    return len(found.value) if found is not None else None


def to_pure_identity(
    source: Source,
    *,
    company_prefix_length: int | None = None,
    whole_class: bool = False,
) -> str | None:
    """Pure identity URI of an identity, a tag URI, a Digital Link or GS1 elements (also written with brackets);
    None when they have none.

    Without `company_prefix_length` (6 to 12) the prefix is looked up in GS1's list, which takes a sound
    key; with it
    the address is translated as it is, check digit or not. `whole_class` gives the pattern of all things of
    the kind
    (`urn:epc:idpat:sgtin:...*`) for a key without serial number.
    """
    if whole_class:
        return _class_pattern(dict(_elements(source)), company_prefix_length)
    found = _named_parts(source, company_prefix_length)
    return uri(*found) if found else None


# Serial AI to stand in for, or digits of the key without its serial component.
_CLASS_KEYS = (
    ("01", "21"),
    ("8006", "21"),
    ("8010", "8011"),
    ("8003", ""),
    ("253", ""),
    ("255", ""),
)


def _class_pattern(seen: dict[str, str], length: int | None) -> str | None:
    for key, serial in _CLASS_KEYS:
        if key in seen:
            filled = {key: seen[key], serial: "0"} if serial else {key: seen[key] + "0"}
            found = _named_parts(list(filled.items()), length)
            return f"urn:epc:idpat:{found[0]}:{joined((*found[1][:-1], '*'))}" if found else None
    return None


def to_tag_uri(
    source: Source,
    encoding: str,
    *,
    filter_value: int = 0,
    company_prefix_length: int | None = None,
) -> str:
    """Tag URI in one of the classic encodings (`sgtin-96`, `giai-202`). Raises CannotEncodeError."""
    parts = _classic_parts(source, encoding, company_prefix_length)
    if classic.encode(encoding, parts, filter_value) is None:
        raise CannotEncodeError(f"{encoding} cannot hold {joined(parts)}")
    control = "" if encoding == "gid-96" else f"{filter_value}."
    return f"urn:epc:tag:{encoding}:{control}{joined(parts)}"


def to_hex(
    source: Source,
    encoding: str,
    *,
    filter_value: int = 0,
    company_prefix_length: int | None = None,
    domain: str | None = None,
    pad: int = 16,
) -> str:
    """Tag memory as hexadecimal digits in any encoding, classic or `+` (`sgtin+`, `giai++`). Raises
    CannotEncodeError.

    filter_value  0 to 7, what kind of thing carries the tag (TDS 2.3 section 10)
    domain        web domain, for the `++` encodings only
    pad           filled with zero bits to a multiple of this: 16 is what tag memory takes, 4 the bare EPC
    """
    if encoding in plus.PLUS:
        bits = plus.encode(encoding, _elements(source), filter_value, domain)
    elif encoding in classic.CLASSIC:
        bits = classic.encode(
            encoding,
            _classic_parts(source, encoding, company_prefix_length),
            filter_value,
        )
    else:
        raise CannotEncodeError(f"no encoding {encoding!r}")
    if bits is None:
        raise CannotEncodeError(f"{encoding} cannot hold this identity")
    return hex_of(bits, pad)


def _classic_parts(source: Source, encoding: str, length: int | None) -> tuple[str, ...]:
    if encoding not in classic.CLASSIC:
        raise CannotEncodeError(f"no classic encoding {encoding!r}")
    found = _named_parts(source, length)
    if found is None or found[0] != classic.CLASSIC[encoding].scheme:
        raise CannotEncodeError(f"{encoding} does not fit {found[0] if found else 'this identity'}")
    return found[1]


def _elements(source: Source) -> list[tuple[str, str]]:
    if isinstance(source, Identity):
        return list(source.elements)
    if isinstance(source, str):
        named = _from_uri(source)
        if named is not None:
            to_elements = SCHEMES[named[0]].elements
            return to_elements(named[1]) if to_elements else []
        if source.startswith("("):
            return cut_hri(source)[0]
        return parse(source)[0] or _loose_link(source)
    return list(source)


def _from_uri(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = re.fullmatch(r"urn:epc:(?:id|class):([a-z]+):(.*)", text, re.DOTALL)
    if found is None:
        return _from_tag_uri(text)
    parts = parse_parts(found[1], found[2])
    return (found[1], parts) if parts is not None else None


def _from_tag_uri(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = re.fullmatch(r"urn:epc:tag:([a-z0-9\-]+):(.*)", text, re.DOTALL)
    if found is None or found[1] not in classic.CLASSIC:
        return None
    scheme = classic.CLASSIC[found[1]].scheme
    body = found[2] if found[1] == "gid-96" else found[2].partition(".")[2]
    parts = parse_parts(scheme, body)
    return (scheme, parts) if parts is not None else None


_LOOSE = re.compile(
    r"https?://[^/\s]+(?:/[^\s]*?)?/(01|00|253|255|401|402|414|417|8003|8004|8006|8010|8017|8018)/(.+?)"
    r"(?:/(21|10|235|254|8011)/(.+))?",
    re.DOTALL,
)


def _loose_link(link: str) -> list[tuple[str, str]]:
    """Elements of a link whose values were not escaped, as some software writes them."""
    found = _LOOSE.fullmatch(link)
    if found is None or not looks_like_link(link):
        return []
    elements = [(found[1], found[2])]
    return [*elements, (found[3], found[4])] if found[3] else elements


def _named_parts(source: Source, length: int | None) -> tuple[str, tuple[str, ...]] | None:
    """(scheme, parts) of the pure identity behind a source."""
    if isinstance(source, Identity) and source.epc_uri:
        return _from_uri(source.epc_uri)
    if isinstance(source, str) and source.startswith("urn:"):
        return _from_uri(source)
    seen = dict(_elements(source))
    if length is None and not isinstance(source, Identity) and _mistyped(seen):
        return None
    for build in (_gtin_parts, _itip_parts, _plain_parts, _typed_parts, _open_parts):
        found = build(seen, length)
        if found is not None:
            return found if sound(*found) else None
    return None


def _prefix(key: str, length: int | None) -> int | None:
    return length if length is not None else company_prefix_length(key)


def _mistyped(seen: dict[str, str]) -> bool:
    return any(
        ai in APPLICATIONS and APPLICATIONS[ai].judge(value) == "bad_check_digit"
        for ai, value in seen.items()
    )


def _cut_gtin(gtin: str, length: int | None) -> tuple[str, str] | None:
    digits = _prefix(gtin[1:], length)
    if digits is None or not re.fullmatch("[0-9]{14}", gtin):
        return None
    return gtin[1 : 1 + digits], gtin[0] + gtin[1 + digits : 13]


def _gtin_parts(seen: dict[str, str], length: int | None) -> tuple[str, tuple[str, ...]] | None:
    if "01" not in seen:
        return None
    for ai, scheme in _GTIN_SCHEMES:
        if ai in seen:
            cut = _cut_gtin(seen["01"], length)
            return (scheme, (*cut, seen[ai])) if cut else None
    return None


def _itip_parts(seen: dict[str, str], length: int | None) -> tuple[str, tuple[str, ...]] | None:
    value = seen.get("8006", "")
    cut = _cut_gtin(value[:14], length) if len(value) == 18 and "21" in seen else None
    return ("itip", (*cut, value[14:16], value[16:], seen["21"])) if cut else None


def _plain_parts(seen: dict[str, str], length: int | None) -> tuple[str, tuple[str, ...]] | None:
    for ai, (scheme, serial_ai, digits, start) in _KEYS.items():
        value = seen.get(ai, "")
        if len(value) != digits + 1 or not re.fullmatch("[0-9]+", value):
            continue
        cut = _prefix(value[start:], length)
        if cut is None:
            return None
        company, reference = (
            value[start : start + cut],
            value[:start] + value[start + cut : digits],
        )
        return scheme, (
            company,
            reference,
            seen.get(serial_ai, "0"),
        ) if serial_ai else (company, reference)
    return None


def _typed_parts(seen: dict[str, str], length: int | None) -> tuple[str, tuple[str, ...]] | None:
    """Keys of a type number, a check digit and a serial in one value."""
    for ai, scheme, start in (
        ("8003", "grai", 1),
        ("253", "gdti", 0),
        ("255", "sgcn", 0),
    ):
        value = seen.get(ai, "")[start:]
        if not re.match("[0-9]{13}.", value):
            continue
        cut = _prefix(value, length)
        return (scheme, (value[:cut], value[cut:12], value[13:])) if cut is not None else None
    return None


def _open_parts(seen: dict[str, str], length: int | None) -> tuple[str, tuple[str, ...]] | None:
    """Keys whose reference is free text after the prefix."""
    for ai, scheme in (("8004", "giai"), ("401", "ginc"), ("8010", "cpi")):
        if ai in seen:
            cut = _prefix(seen[ai], length)
            if cut is None:
                return None
            parts = (seen[ai][:cut], seen[ai][cut:])
            return scheme, (*parts, seen.get("8011", "")) if scheme == "cpi" else parts
    return None
