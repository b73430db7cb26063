"""Tags and EPC addresses to readings."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from yanji.identity.epc import classic, plus
from yanji.identity.epc.bits import BitReader, NotEnoughBitsError, bits_of, bits_of_hex
from yanji.identity.epc.classic import BadMemoryError
from yanji.identity.epc.names import SCHEMES, joined, parse_parts, parse_pattern, uri
from yanji.identity.gs1 import judged
from yanji.identity.model import Identity, Reading, Reason, Unreadable, unreadable

_HEX = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{4,512})[hH]?")
_BINARY = re.compile("(?:0[bB])?([01]{80,2048})")
# Readers print memory in bytes or words, and put one of these between them.
_BETWEEN_BYTES = re.compile(r"[\s:\-]+")
_URI = re.compile(r"urn:epc:(id|class|idpat|tag|raw):(.+)", re.IGNORECASE | re.DOTALL)
_CONTROLS = re.compile(r"^(?:\[[a-z0-9\-]+=[^\]]*\])*:?")
_RAW = re.compile(r"([0-9]{1,4})\.(?:x([0-9A-Fa-f]{1,512})|([0-9]{1,640}))")


def read_tag(memory: str, *, today: date | None = None) -> Reading:
    """What a tag says: hexadecimal or binary EPC memory, a tag URI or a pure identity URI.

    Memory may begin with the EPC or with the protocol control word before it.
    """
    text = "".join(memory.split())
    if text[:8].lower() == "urn:epc:":
        return read_uri(text, today=today)
    text = _BETWEEN_BYTES.sub("", text)
    written = _BINARY.fullmatch(text)
    if written is not None:
        return _read_bits(written[1], memory, today)
    found = _HEX.fullmatch(text)
    if found is None:
        return unreadable("unknown_tag" if text else "empty", text[:40], text=memory)
    bits = bits_of_hex(found[1])
    reading = _read_bits(bits, memory, today)
    if isinstance(reading, Identity):
        return reading
    # Some readers send the protocol control word, or CRC and control word, before the EPC.
    behind = (_read_bits(bits[skip:], memory, today) for skip in (16, 32) if _is_control_word(bits, skip))
    return next((r for r in behind if isinstance(r, Identity)), reading)


def _is_control_word(bits: str, end: int) -> bool:
    """True when the word before `end` gives the length of exactly what follows it."""
    return len(bits) > end and int(bits[end - 16 : end - 11], 2) * 16 == len(bits) - end


def _read_bits(bits: str, text: str, today: date | None) -> Reading:
    reader = BitReader(bits)
    try:
        header = reader.number(8)
        if header in classic.BY_HEADER:
            return _read_classic(classic.BY_HEADER[header], reader, text, today)
        if header in plus.BY_HEADER:
            return _read_plus(plus.BY_HEADER[header], reader, text, today)
    except (BadMemoryError, NotEnoughBitsError) as problem:
        return unreadable("bad_tag", str(problem), text=text)
    return unreadable("unknown_tag", bits[:8], text=text)


def _read_classic(name: str, reader: BitReader, text: str, today: date | None) -> Reading:
    filter_value, parts = classic.decode(name, reader)
    if not reader.rest_is_zero():
        return unreadable("bad_tag", "bits after the end", text=text)
    control = "" if filter_value is None else f"{filter_value}."
    tag_uri = f"urn:epc:tag:{name}:{control}{joined(parts)}"
    return _named(classic.CLASSIC[name].scheme, parts, name, text, today, tag_uri=tag_uri)


def _read_plus(name: str, reader: BitReader, text: str, today: date | None) -> Reading:
    _, elements, host = plus.decode(name, reader)
    found = judged(elements, None, name, text=text, today=today)
    return _marked(found, domain=host)


def _marked(
    found: Reading,
    *,
    epc_uri: str | None = None,
    tag_uri: str | None = None,
    domain: str | None = None,
) -> Reading:
    if isinstance(found, Unreadable):
        return found
    return replace(found, epc_uri=epc_uri, tag_uri=tag_uri, domain=domain)


def _named(
    scheme: str,
    parts: tuple[str, ...],
    name: str,
    text: str,
    today: date | None,
    *,
    tag_uri: str | None = None,
    warnings: tuple[Reason, ...] = (),
) -> Reading:
    """The reading of sound parts of a pure identity."""
    pure = uri(scheme, parts)
    to_elements = SCHEMES[scheme].elements
    if to_elements is None:
        serial = parts[-1] if len(parts) > 1 else None
        return Identity(
            "GS1",
            name,
            serial=serial,
            epc=pure,
            elements=(("epc", pure),),
            warnings=warnings,
            text=text,
            epc_uri=pure,
            tag_uri=tag_uri,
        )
    found = judged(to_elements(parts), None, name, warnings=warnings, text=text, today=today)
    return _marked(_as_named(found), epc_uri=pure, tag_uri=tag_uri)


def _as_named(found: Reading) -> Reading:
    """An EPC may say piece 0 of 0: the tag standard has no rule on contents beyond its grammar."""
    if isinstance(found, Unreadable) and found.partial and all(r.code == "bad_code" for r in found.reasons):
        return replace(found.partial, warnings=(*found.partial.warnings, *found.reasons))
    return found


def read_uri(text: str, *, warnings: tuple[Reason, ...] = (), today: date | None = None) -> Reading:
    """A `urn:epc:` address: pure identity, class, pattern, tag or raw memory."""
    found = _URI.fullmatch(text)
    if found is None:
        return unreadable("bad_epc_uri", text[:40], text=text)
    kind, rest = found[1].lower(), found[2]
    if kind == "raw":
        memory = _raw_bits(rest)
        return _read_bits(memory, text, today) if memory else unreadable("bad_epc_uri", text=text)
    if kind == "tag":
        return _read_tag_uri(_CONTROLS.sub("", rest, count=1), text, warnings, today)
    scheme, _, body = rest.partition(":")
    if kind == "idpat":
        return _read_pattern(scheme, body, text, warnings, today)
    if (scheme == "lgtin") != (kind == "class"):
        return unreadable("bad_epc_uri", text[:40], text=text)
    parts = parse_parts(scheme, body)
    if parts is None:
        return unreadable("bad_epc_uri", text[:40], text=text)
    return _named(scheme, parts, scheme, text, today, warnings=warnings)


def _raw_bits(rest: str) -> str | None:
    """Memory of a raw address: how many bits, then their value in hexadecimal or (an old form) in decimal."""
    raw = _RAW.fullmatch(rest)
    if raw is None:
        return None
    if raw[2]:
        return bits_of_hex(raw[2]).rjust(int(raw[1]), "0")
    value, width = int(raw[3]), int(raw[1])
    return bits_of(value, width) if value < 1 << width else None


def _read_pattern(
    scheme: str, body: str, text: str, warnings: tuple[Reason, ...], today: date | None
) -> Reading:
    elements = parse_pattern(scheme, body)
    if elements is None:
        return unreadable("bad_epc_uri", text[:40], text=text)
    found = judged(elements, None, f"{scheme}-pattern", warnings=warnings, text=text, today=today)
    return _marked(found, epc_uri=text)


def _read_tag_uri(rest: str, text: str, warnings: tuple[Reason, ...], today: date | None) -> Reading:
    name, _, body = rest.partition(":")
    if name not in classic.CLASSIC:
        return unreadable("bad_epc_uri", text[:40], text=text)
    filter_value = "0"
    if name != "gid-96":
        filter_value, _, body = body.partition(".")
    scheme = classic.CLASSIC[name].scheme
    parts = parse_parts(scheme, body)
    filter_ok = re.fullmatch("[0-9]{1,2}", filter_value) is not None
    if parts is None or not filter_ok or classic.encode(name, parts, int(filter_value)) is None:
        return unreadable("bad_epc_uri", text[:40], text=text)
    return _named(scheme, parts, name, text, today, tag_uri=text, warnings=warnings)
