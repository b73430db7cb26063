"""Tag encodings whose fields stand at fixed places: SGTIN-96, SSCC-96, GIAI-202 and their like.

Source: GS1 EPC Tag Data Standard 2.3, sections 14.3 (methods) and 14.6 (tables). The company prefix and the
reference share a fixed number of bits and digits; a partition number says where the border lies.
"""

from __future__ import annotations

from dataclasses import dataclass

from yanji.identity.epc.bits import BitReader, bits_of
from yanji.identity.epc.names import SCHEMES, sound

_COMPANY_BITS = (
    40,
    37,
    34,
    30,
    27,
    24,
    20,
)  # by partition 0 to 6: prefixes of 12 to 6 digits

# 6-bit characters: A to Z are 1 to 26, `-`, `/` and digits keep the low bits of their ASCII code, `#` is
# 0x23.
_SIX = {c: ord(c) & 63 for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ#-/0123456789"}
_FROM_SIX = {value: character for character, value in _SIX.items()}


class BadMemoryError(Exception):
    """The bits break the scheme's own rules; callers turn this into a reason."""


@dataclass(frozen=True, slots=True)
class Classic:
    """One fixed encoding.

    key     bits of company prefix and reference together, and digits (None: unpadded or text)
    fields  what follows: ("int", bits), ("text", bits), ("digits", bits) with leading zeros kept, ("two",
    7), ...
    """

    scheme: str
    header: int
    bits: int
    key: tuple[str, int, int] | None
    fields: tuple[tuple[str, int], ...] = ()


CLASSIC: dict[str, Classic] = {
    name: Classic(name.rsplit("-", 1)[0], header, bits, key, fields)
    for name, header, bits, key, fields in (
        ("sgtin-96", 0x30, 96, ("padded", 44, 13), (("int", 38),)),
        ("sgtin-198", 0x36, 198, ("padded", 44, 13), (("text", 140),)),
        ("sscc-96", 0x31, 96, ("padded", 58, 17), (("zero", 24),)),
        ("sgln-96", 0x32, 96, ("padded", 41, 12), (("int", 41),)),
        ("sgln-195", 0x39, 195, ("padded", 41, 12), (("text", 140),)),
        ("grai-96", 0x33, 96, ("padded", 44, 12), (("int", 38),)),
        ("grai-170", 0x37, 170, ("padded", 44, 12), (("text", 112),)),
        ("giai-96", 0x34, 96, ("unpadded", 82, 25), ()),
        ("giai-202", 0x38, 202, ("text", 188, 30), ()),
        ("gsrn-96", 0x2D, 96, ("padded", 58, 17), (("zero", 24),)),
        ("gsrnp-96", 0x2E, 96, ("padded", 58, 17), (("zero", 24),)),
        ("gdti-96", 0x2C, 96, ("padded", 41, 12), (("int", 41),)),
        ("gdti-113", 0x3A, 113, ("padded", 41, 12), (("digits", 58),)),
        ("gdti-174", 0x3E, 174, ("padded", 41, 12), (("text", 119),)),
        ("sgcn-96", 0x3F, 96, ("padded", 41, 12), (("digits", 41),)),
        (
            "itip-110",
            0x40,
            110,
            ("padded", 44, 13),
            (("two", 7), ("two", 7), ("int", 38)),
        ),
        (
            "itip-212",
            0x41,
            212,
            ("padded", 44, 13),
            (("two", 7), ("two", 7), ("text", 140)),
        ),
        ("cpi-96", 0x3C, 96, ("unpadded", 51, 15), (("int", 31),)),
        ("cpi-var", 0x3D, 0, ("six", 0, 30), (("int", 40),)),
        ("gid-96", 0x35, 96, None, (("int", 28), ("int", 24), ("int", 36))),
        ("usdod-96", 0x2F, 96, None, (("cage8", 48), ("int", 36))),
        ("adi-var", 0x3B, 0, None, (("cage6", 36), ("six", 0), ("six", 0))),
    )
}
BY_HEADER: dict[int, str] = {classic.header: name for name, classic in CLASSIC.items()}

_FILTER_BITS = {"gid-96": 0, "usdod-96": 4, "adi-var": 6}


def decode(name: str, bits: BitReader) -> tuple[int | None, tuple[str, ...]]:
    """(filter value, parts of the pure identity URI) of tag memory after its header.

    Raises BadMemoryError or NotEnoughBitsError.
    """
    classic = CLASSIC[name]
    width = _FILTER_BITS.get(name, 3)
    filter_value = bits.number(width) if width else None
    parts: list[str] = []
    if classic.key is not None:
        parts += _decode_key(classic.key, bits)
    for kind, size in classic.fields:
        part = _decode_field(kind, size, bits)
        if part is not None:
            parts.append(part)
    if not sound(classic.scheme, tuple(parts)):
        raise BadMemoryError(name)
    return filter_value, tuple(parts)


def encode(name: str, parts: tuple[str, ...], filter_value: int) -> str | None:
    """Bits of tag memory, header included; None when these parts do not fit this encoding."""
    classic = CLASSIC[name]
    width = _FILTER_BITS.get(name, 3)
    if not sound(classic.scheme, parts) or not 0 <= filter_value < 1 << max(width, 1):
        return None
    pieces = [bits_of(classic.header, 8), bits_of(filter_value, width)]
    rest = list(parts)
    if classic.key is not None:
        pieces.append(_encode_key(classic.key, rest.pop(0), rest.pop(0)) or "?")
    for kind, size in classic.fields:
        pieces.append("0" * size if kind == "zero" else _encode_field(kind, size, rest.pop(0)) or "?")
    return None if "?" in pieces else "".join(pieces)


def _decode_key(key: tuple[str, int, int], bits: BitReader) -> list[str]:
    kind, together, digits = key
    partition = bits.number(3)
    if partition > 6:
        raise BadMemoryError("partition")
    length = 12 - partition
    company = bits.number(_COMPANY_BITS[partition])
    if company >= 10**length:
        raise BadMemoryError("company prefix")
    left = together - _COMPANY_BITS[partition]
    return [
        str(company).zfill(length),
        _decode_reference(kind, left, digits - length, bits),
    ]


def _decode_reference(kind: str, width: int, digits: int, bits: BitReader) -> str:
    if kind == "text":
        return _decode_text(width, bits)
    if kind == "six":
        return _decode_six(bits)
    reference = bits.number(width)
    if reference >= 10**digits:
        raise BadMemoryError("reference")
    if kind == "unpadded":
        return str(reference)
    return str(reference).zfill(digits) if digits else ""


def _encode_key(key: tuple[str, int, int], company: str, reference: str) -> str | None:
    kind, together, digits = key
    partition = 12 - len(company)
    head = bits_of(partition, 3) + bits_of(int(company), _COMPANY_BITS[partition])
    width, most = together - _COMPANY_BITS[partition], digits - len(company)
    if kind == "text":
        tail = _encode_field("text", width, reference)
    elif kind == "six":
        tail = _encode_field("six", 0, reference)
    elif not (reference.isdigit() or reference == "") or len(reference) > most:
        return None
    elif kind == "unpadded":
        tail = _encode_field("int", width, reference)
    else:
        tail = bits_of(int(reference or "0"), width)
    return head + tail if tail is not None else None


def _decode_field(kind: str, size: int, bits: BitReader) -> str | None:
    if kind == "zero":
        if bits.number(size):
            raise BadMemoryError("reserved bits")
        return None
    if kind == "int":
        return str(bits.number(size))
    if kind == "two":
        return str(bits.number(size)).zfill(2)
    if kind == "digits":
        written = str(bits.number(size))
        if written[0] != "1" or len(written) < 2:
            raise BadMemoryError("serial number")
        return written[1:]
    if kind == "text":
        return _decode_text(size, bits)
    if kind == "cage8":
        return "".join(chr(bits.number(8)) for _ in range(size // 8)).lstrip(" ")
    if kind == "cage6":
        return "".join(_six(bits.number(6)) for _ in range(size // 6)).lstrip(" ")
    return _decode_six(bits)


def _encode_field(kind: str, size: int, value: str) -> str | None:
    if kind in ("int", "two"):
        plain = value.isdigit() and len(value) <= 25 and (kind == "two" or str(int(value)) == value)
        return bits_of(int(value), size) if plain and int(value) < 1 << size else None
    if kind == "digits":
        marked = int("1" + value) if value.isdigit() and len(value) <= 17 else 1 << size
        return bits_of(marked, size) if marked < 1 << size else None
    if kind == "text":
        written = "".join(bits_of(ord(character), 7) for character in value)
        return written.ljust(size, "0") if len(written) <= size else None
    if kind == "cage8":
        return "".join(bits_of(ord(character), 8) for character in value.rjust(6))
    if kind == "cage6":
        return "".join(bits_of(_SIX.get(character, 32), 6) for character in value.rjust(6))
    return "".join(bits_of(_SIX[character], 6) for character in value) + "000000"


def _decode_text(width: int, bits: BitReader) -> str:
    codes = [bits.number(7) for _ in range(width // 7)]
    bits.number(width % 7)
    written = "".join(map(chr, codes)).rstrip("\0")
    if "\0" in written:
        raise BadMemoryError("text")
    return written


def _six(value: int) -> str:
    if value == 32:
        return " "
    if value not in _FROM_SIX:
        raise BadMemoryError("character")
    return _FROM_SIX[value]


def _decode_six(bits: BitReader) -> str:
    written = ""
    while value := bits.number(6):
        written += _six(value).strip()
    return written


assert all(classic.scheme in SCHEMES for classic in CLASSIC.values())
