"""Tag encodings of TDS 2: the `+` schemes hold GS1 elements as they are, the `++` schemes a web domain as
well.

Source: GS1 EPC Tag Data Standard 2.3, sections 14.5, 14.6 and 15.3 (table F for the data behind the EPC).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yanji.identity.epc.bits import BitReader, NotEnoughBitsError, bits_of
from yanji.identity.epc.classic import BadMemoryError
from yanji.identity.epc.hostnames import decode_hostname, encode_hostname
from yanji.identity.epc.text import (
    decode_counted_digits,
    decode_delimited,
    decode_digits,
    decode_nibbles,
    decode_text,
    digit_bits,
    encode_counted_digits,
    encode_delimited,
    encode_nibbles,
    encode_text,
)
from yanji.identity.gs1_ai import AI_LENGTH, APPLICATIONS

Elements = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Plus:
    """One scheme: the AIs it holds in order, whether a date leads, whether a domain ends it."""

    header: int
    ais: tuple[str, ...]
    dated: bool = False
    host: bool = False


_PAIRS = (
    ("sgtin", 0xF7, 0xFD, ("01", "21")),
    ("sscc", 0xF9, 0xEF, ("00",)),
    ("sgln", 0xF2, 0xE9, ("414", "254")),
    ("grai", 0xF1, 0xEB, ("8003",)),
    ("giai", 0xFA, 0xEE, ("8004",)),
    ("gsrn", 0xF4, 0xE7, ("8018",)),
    ("gsrnp", 0xF5, 0xE8, ("8017",)),
    ("gdti", 0xF6, 0xEA, ("253",)),
    ("cpi", 0xF0, 0xE6, ("8010", "8011")),
    ("sgcn", 0xF8, 0xEC, ("255",)),
    ("itip", 0xF3, 0xED, ("8006", "21")),
)
PLUS: dict[str, Plus] = {f"{name}+": Plus(plain, ais) for name, plain, _, ais in _PAIRS}
PLUS |= {f"{name}++": Plus(hosted, ais, host=True) for name, _, hosted, ais in _PAIRS}
PLUS["dsgtin+"] = Plus(0xFB, ("01", "21"), dated=True)
PLUS["dsgtin++"] = Plus(0xFC, ("01", "21"), dated=True, host=True)
BY_HEADER: dict[int, str] = {plus.header: name for name, plus in PLUS.items()}

_DATE_TYPES = ("11", "13", "15", "16", "17", "7006", "7007")

# Table F where the dictionary's format does not say it: a kind and a length for each part of the value.
# n digits of 4 bits, b one number, v counted digits, t text, d delimited, D date, T date and time,
# R date or range, P date with as much time as given, C country, S sequence, M minus sign
_FORMATS = {
    "00": "n18", "01": "n14", "02": "n14", "253": "n13 t17", "255": "n13 v12", "402": "b17", "423": "v15",
    "425": "v15", "4307": "C", "4309": "b20", "4317": "C", "4324": "T", "4325": "T", "7003": "T", "7007": "R",
    "7011": "P", "7023": "d30", "7040": "t4", "7241": "n2", "7251": "b12", "7254": "t30", "7258": "S",
    "8001": "b14", "8003": "n14 t16", "8004": "d30", "8006": "n18", "8007": "t24", "8008": "P", "8010": "d30",
    "8017": "n18", "8018": "n18", "8026": "n18",
}  # fmt: skip
_FORMATS |= dict.fromkeys(("410", "411", "412", "413", "414", "415", "416", "417"), "n13")
_FORMATS |= dict.fromkeys(("11", "12", "13", "15", "16", "17", "4326", "7006"), "D")
_FORMATS |= dict.fromkeys(("4330", "4331", "4332", "4333"), "b6 M")
_FORMATS |= {f"723{n}": "t30" for n in range(10)}


def _format(ai: str) -> list[str]:
    """Kinds of the parts of an element's value, from table F or from the dictionary's own format."""
    if ai in _FORMATS:
        return _FORMATS[ai].split()
    kinds = []
    for component in APPLICATIONS[ai].components:
        numeric = component.linters[0]("A") is not None
        fixed = component.least == component.most
        kinds.append(("b" if fixed else "v") + str(component.most) if numeric else f"t{component.most}")
    return kinds


def decode(name: str, bits: BitReader) -> tuple[int, Elements, str | None]:
    """(filter value, elements, domain or None) of tag memory after its header.

    Raises BadMemoryError or NotEnoughBitsError.
    """
    plus = PLUS[name]
    more, filter_value = bits.number(1), bits.number(3)
    date_element = [_decode_date(bits)] if plus.dated else []
    elements = [(ai, _decode_value(ai, bits)) for ai in plus.ais]
    host = decode_hostname(bits) if plus.host else None
    if plus.host and not host:
        raise BadMemoryError("domain")
    if not more and not bits.rest_is_zero():
        # TDS 2.3 prints SSCC++ and ITIP++ with the headers of SSCC+ and ITIP+: a domain follows, none is due.
        host = host or decode_hostname(bits)
        if not host or not bits.rest_is_zero():
            raise BadMemoryError("bits after the end")
    elements = [element for element in elements if element != ("254", "0")] + date_element
    while more and bits.left >= 8 and not bits.rest_is_zero():
        elements.append(_decode_element(bits))
    return filter_value, elements, host


def encode(name: str, elements: Elements, filter_value: int, host: str | None = None) -> str | None:
    """Bits of tag memory, header included; None when the scheme cannot hold these elements.

    Elements beyond the scheme's own follow as additional data.
    """
    plus = PLUS[name]
    seen = dict(elements)
    rest = [element for element in elements if element[0] not in plus.ais]
    dated = next((element for element in rest if element[0] in _DATE_TYPES), None) if plus.dated else None
    if dated is not None:
        rest.remove(dated)
    if (plus.dated and dated is None) or not 0 <= filter_value < 8 or bool(host) != plus.host:
        return None
    pieces: list[str | None] = [
        bits_of(plus.header, 8),
        "1" if rest else "0",
        bits_of(filter_value, 3),
    ]
    pieces += [_encode_date(*dated)] if dated else []
    pieces += [_encode_value(ai, seen.get(ai) or ("0" if ai == "254" else "")) for ai in plus.ais]
    pieces += [encode_hostname(host) if host else ""]
    for ai, value in rest:
        pieces += [
            "".join(bits_of(int(digit), 4) for digit in ai),
            _encode_value(ai, value),
        ]
    return None if None in pieces else "".join(piece for piece in pieces if piece)


def _decode_element(bits: BitReader) -> tuple[str, str]:
    first = "".join(format(bits.number(4), "X") for _ in range(2))
    length = AI_LENGTH.get(first)
    if length is None:
        raise BadMemoryError(f"data header {first}")
    ai = first + "".join(format(bits.number(4), "X") for _ in range(length - 2))
    if ai not in APPLICATIONS:
        raise BadMemoryError(f"data header {ai}")
    return ai, _decode_value(ai, bits)


def _decode_value(ai: str, bits: BitReader) -> str:
    written = ""
    for kind in _format(ai):
        part = _decode_part(kind, bits)
        if part is None:
            raise BadMemoryError(f"({ai})")
        written += part
    return written


def _encode_value(ai: str, value: str) -> str | None:
    if ai not in APPLICATIONS or APPLICATIONS[ai].judge(value) not in (
        None,
        "bad_check_digit",
    ):
        return None
    pieces, at = [], 0
    for kind in _format(ai):
        size = int(kind[1:] or 0)
        part = value[at : at + size] if kind[0] in "nb" else value[at:]
        piece = _encode_part(kind, part)
        if piece is None:
            return None
        pieces.append(piece)
        at += len(part)
    return "".join(pieces)


def _decode_part(kind: str, bits: BitReader) -> str | None:
    size = int(kind[1:] or 0)
    if kind[0] == "n":
        return decode_nibbles(bits, size)
    if kind[0] == "b":
        return decode_digits(bits, size)
    if kind[0] == "v":
        return decode_counted_digits(bits, size)
    if kind[0] == "t":
        return decode_text(bits, size)
    if kind[0] == "d":
        return decode_delimited(bits, size)
    if kind == "M":
        return "-" if bits.number(1) else ""
    if kind == "C":
        return "".join(chr(65 + bits.number(6)) for _ in range(2))
    if kind == "S":
        return f"{bits.number(4)}/{bits.number(4)}"
    return _decode_moment(kind, bits)


def _encode_part(kind: str, value: str) -> str | None:
    size = int(kind[1:] or 0)
    if kind[0] == "n":
        return encode_nibbles(value)
    if kind[0] == "b":
        return bits_of(int(value), digit_bits(size))
    if kind[0] == "v":
        return encode_counted_digits(value, size) if value else None
    if kind[0] == "t":
        return encode_text(value, size)
    if kind[0] == "d":
        return encode_delimited(value, size)
    if kind == "M":
        return "1" if value == "-" else "0"
    if kind == "C":
        return "".join(bits_of(ord(letter) - 65, 6) for letter in value)
    if kind == "S":
        return encode_nibbles(value[0] + value[2])
    return _encode_moment(kind, value)


# YY MM DD hh mm ss in bits (14.5.8 to 14.5.11).
_CLOCK = (7, 4, 5, 5, 6, 6)
_PRECISIONS = {0: 4, 1: 5, 2: 6, 3: 3}


def _moment(bits: BitReader, pieces: int) -> str:
    return "".join(f"{bits.number(width):02}" for width in _CLOCK[:pieces])


def _from_moment(value: str) -> str:
    return "".join(bits_of(int(value[2 * at : 2 * at + 2]), _CLOCK[at]) for at in range(len(value) // 2))


def _decode_moment(kind: str, bits: BitReader) -> str:
    if kind == "D":
        return _moment(bits, 3)
    if kind == "T":
        return _moment(bits, 5)
    if kind == "R":
        return "".join(_moment(bits, 3) for _ in range(1 + bits.number(1)))
    return _moment(bits, _PRECISIONS[bits.number(2)])


def _encode_moment(kind: str, value: str) -> str:
    if kind == "R":
        return ("1" if len(value) == 12 else "0") + _from_moment(value[:6]) + _from_moment(value[6:])
    if kind == "P":
        mark = next(mark for mark, pieces in _PRECISIONS.items() if 2 * pieces == len(value))
        return bits_of(mark, 2) + _from_moment(value)
    return _from_moment(value)


def _decode_date(bits: BitReader) -> tuple[str, str]:
    kind = bits.number(4)
    if kind >= len(_DATE_TYPES):
        raise BadMemoryError("date type")
    return _DATE_TYPES[kind], _moment(bits, 3)


def _encode_date(ai: str, value: str) -> str | None:
    if not re.fullmatch("[0-9]{6}", value):
        return None
    return bits_of(_DATE_TYPES.index(ai), 4) + _from_moment(value)


__all__ = [
    "BY_HEADER",
    "PLUS",
    "BadMemoryError",
    "NotEnoughBitsError",
    "Plus",
    "decode",
    "encode",
]
