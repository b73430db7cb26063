"""GS1 Digital Link URIs, read and written (GS1 Digital Link Standard: URI Syntax 1.6)."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import unquote

from yanji.identity.gs1 import escaped, judged
from yanji.identity.gs1_ai import APPLICATIONS
from yanji.identity.model import Elements, Reading, Reason, unreadable

CANONICAL = "https://id.gs1.org"

_URI = re.compile(r"(?:https?|HTTPS?)://([A-Za-z0-9.\-]+(?::[0-9]+)?)(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?")
_ILLEGAL = re.compile(r"[^0-9A-Za-z\-._~:/?#\[\]@!$&'()*+,;=%]")
_NUMERIC = re.compile(r"[0-9]+")

# Words of Digital Link 1.0, withdrawn since; printed labels outlive a standard's edition.
_WORDS = {
    "gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "itip": "8006", "cpid": "8010", "cpsn": "8011",
    "gln": "414", "glnx": "254", "party": "417", "payTo": "415", "refno": "8020", "gsrn": "8018",
    "gsrnp": "8017", "srin": "8019", "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402",
    "grai": "8003", "giai": "8004", "gmn": "8013",
}  # fmt: skip
_QUALIFIERS = {ai: a.qualifiers for ai, a in APPLICATIONS.items() if a.qualifiers is not None}


def looks_like_link(text: str) -> bool:
    # All small or all capitals, which makes a denser QR code; mixed is no link (URI syntax 1.6, section 4.2).
    return text.startswith(("https://", "http://", "HTTPS://", "HTTP://"))


def parse(uri: str) -> tuple[list[tuple[str, str]], list[Reason], Reason | None]:
    """Elements in the order of the link, warnings, and what makes it no Digital Link, if anything."""
    found = _URI.fullmatch(uri)
    if found is None or _ILLEGAL.search(uri):
        return [], [], Reason("bad_digital_link", "address")
    segments = (found[2] or "").split("/")[1:]
    start = _key_position(segments)
    if start is None:
        return [], [], Reason("bad_digital_link", "no key")
    warnings: list[Reason] = []
    elements, stopped = _path_elements(segments[start:], warnings)
    if stopped is None:
        stopped = _add_attributes(elements, found[3] or "")
    return elements, warnings, stopped


def _key_position(segments: list[str]) -> int | None:
    """Where the rightmost primary key begins, with pairs only from there to the end."""
    for start in range(len(segments) - 2, -1, -2):
        name = segments[start]
        if name in _QUALIFIERS or _WORDS.get(name) in _QUALIFIERS:
            return start
    return None


def _path_elements(
    segments: list[str], warnings: list[Reason]
) -> tuple[list[tuple[str, str]], Reason | None]:
    names, values = segments[::2], [_decoded(value) for value in segments[1::2]]
    if any(name in _WORDS for name in names):
        warnings.append(Reason("word_keys"))
    ais = [_WORDS.get(name, name) for name in names]
    key, qualifiers = ais[0], ais[1:]
    if not any(_in_order(qualifiers, allowed) for allowed in _QUALIFIERS[key]) or "" in values:
        return [], Reason("bad_digital_link", "/".join(ais))
    if key == "01" and len(values[0]) in (8, 12, 13) and values[0].isdigit():
        warnings.append(Reason("short_gtin", values[0]))
        values[0] = values[0].zfill(14)
    return list(zip(ais, values, strict=True)), None


def _in_order(qualifiers: list[str], allowed: tuple[str, ...]) -> bool:
    remaining = iter(allowed)
    return all(any(q == a for a in remaining) for q in qualifiers)


def _decoded(value: str) -> str:
    return unquote(value, errors="surrogateescape")


def _add_attributes(elements: list[tuple[str, str]], query: str) -> Reason | None:
    stopped = None
    path = [ai for ai, _ in elements]
    for parameter in re.split("[&;]", query):
        name, equals, value = parameter.partition("=")
        if not equals or not _NUMERIC.fullmatch(name):
            continue  # the site's own parameters, none of ours
        if any(ai == name for ai, _ in elements):
            return stopped or Reason("repeated_element", name)
        application = APPLICATIONS.get(name)
        if application is None or not application.attribute:
            return stopped or Reason("bad_digital_link", name)
        if _belongs_in_path(name, path):
            # Told, and still read: a person may want to see the lot of a link that puts it in the wrong place.
            stopped = stopped or Reason("bad_digital_link", name)
        # Behind the question mark `+` is a space, which no value may hold.
        elements.append((name, _decoded(value.replace("+", " "))))
    return stopped


def _belongs_in_path(ai: str, path: list[str]) -> bool:
    """True for a qualifier that the path has room for; beside another form of the key it is an attribute."""
    return any({ai, *path[1:]} <= set(allowed) for allowed in _QUALIFIERS[path[0]])


def read_digital_link(uri: str, *, warnings: tuple[Reason, ...] = (), today: date | None = None) -> Reading:
    """A Digital Link of any domain to a reading."""
    elements, notes, stopped = parse(uri)
    if stopped is not None and not elements:
        return unreadable(stopped.code, stopped.detail, text=uri)
    return judged(
        elements,
        stopped,
        "gs1-digital-link",
        warnings=(*warnings, *notes),
        text=uri,
        today=today,
    )


def to_digital_link(elements: Elements | list[tuple[str, str]], domain: str = CANONICAL) -> str | None:
    """The Digital Link of these elements; None when they hold no primary key or an element that a link
    cannot carry.

    The first primary key leads, its qualifiers follow in their order, then attributes: fields of predefined
    length first, as the GS1 reference implementation writes them.
    """
    seen = dict(elements)
    key = next((ai for ai in seen if ai in _QUALIFIERS), None)
    if key is None:
        return None
    order = max(_QUALIFIERS[key], key=lambda allowed: sum(ai in seen for ai in allowed))
    led = [key, *(ai for ai in order if ai in seen)]
    rest = [ai for ai in seen if ai not in led]
    link = domain.rstrip("/") + "".join([f"/{ai}/{escaped(seen[ai])}" for ai in led])
    if not rest:
        return link
    if not all(ai in APPLICATIONS and APPLICATIONS[ai].attribute for ai in rest):
        return None
    rest.sort(key=lambda ai: not APPLICATIONS[ai].predefined)
    return link + "?" + "&".join([f"{ai}={escaped(seen[ai])}" for ai in rest])
