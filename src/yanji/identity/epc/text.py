"""Text and digits of variable length on tags (GS1 EPC TDS 2.3, sections 14.5.2 to 14.5.6 and 14.5.13)."""

from __future__ import annotations

import re

from yanji.identity.epc.bits import BitReader, bits_of

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODE40 = "\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789"
_DELIMITER, _TERMINATOR = 14, 15

# Encoding indicator -> characters it can hold (table E).
_ALPHABETS = (
    re.compile("[0-9]*"),
    re.compile("[0-9A-F]*"),
    re.compile("[0-9a-f]*"),
    re.compile(r"[0-9A-Z_a-z\-]*"),
    re.compile(r"[!\"#%-?A-Z_a-z]*"),
    re.compile(r"[0-9A-Z.:\-]*"),
)


def digit_bits(digits: int) -> int:
    """Bits that any number of so many decimal digits fits into."""
    return int(10**digits - 1).bit_length()


def length_bits(longest: int) -> int:
    """Width of a length indicator; a value of at most one character has none."""
    return longest.bit_length() if longest > 1 else 0


def decode_digits(bits: BitReader, digits: int) -> str | None:
    """Digits kept as one number of fixed width."""
    value = bits.number(digit_bits(digits))
    return str(value).zfill(digits) if value < 10**digits else None


def decode_nibbles(bits: BitReader, digits: int) -> str | None:
    """Digits of four bits each."""
    read = [bits.number(4) for _ in range(digits)]
    return "".join(map(str, read)) if all(value < 10 for value in read) else None


def encode_nibbles(value: str) -> str:
    return "".join(bits_of(int(digit), 4) for digit in value)


def decode_counted_digits(bits: BitReader, longest: int) -> str | None:
    """A length, then so many digits as one number."""
    length = bits.number(length_bits(longest))
    if not 0 < length <= longest:
        return None
    return decode_digits(bits, length)


def encode_counted_digits(value: str, longest: int) -> str:
    return bits_of(len(value), length_bits(longest)) + bits_of(int(value), digit_bits(len(value)))


def decode_text(bits: BitReader, longest: int) -> str | None:
    """Encoding indicator, length, characters. None: a reserved indicator or an impossible length."""
    method = bits.number(3)
    length = bits.number(length_bits(longest)) if longest > 1 else 1
    if length > longest or method > 5:
        return None
    if method == 0:
        return decode_digits(bits, length) if length else ""
    if method in (1, 2):
        written = "".join(format(bits.number(4), "x") for _ in range(length))
        return written.upper() if method == 1 else written
    if method == 3:
        return "".join(_BASE64[bits.number(6)] for _ in range(length))
    if method == 4:
        return "".join(chr(bits.number(7)) for _ in range(length))
    return from_code40(bits, length)


def encode_text(value: str, longest: int) -> str | None:
    """The shortest of the six encodings; None when no encoding holds these characters."""
    if len(value) > longest or not value:
        return None
    found = [
        bits_of(method, 3) + bits_of(len(value), length_bits(longest)) + _characters(method, value)
        for method, alphabet in enumerate(_ALPHABETS)
        if alphabet.fullmatch(value)
    ]
    return min(found, key=len, default=None)


def _characters(method: int, value: str) -> str:
    if method == 0:
        return bits_of(int(value), digit_bits(len(value)))
    if method in (1, 2):
        return "".join(bits_of(int(c, 16), 4) for c in value)
    if method == 3:
        return "".join(bits_of(_BASE64.index(c), 6) for c in value)
    if method == 4:
        return "".join(bits_of(ord(c), 7) for c in value)
    return to_code40(value)


def from_code40(bits: BitReader, length: int) -> str | None:
    """Three characters in sixteen bits (URN Code 40)."""
    written = ""
    for _ in range(-(-length // 3)):
        triple = bits.number(16) - 1
        if not 0 <= triple < 64_000:
            return None
        written += _CODE40[triple // 1600] + _CODE40[triple // 40 % 40] + _CODE40[triple % 40]
    written = written.rstrip("\0")
    return written if len(written) == length and "\0" not in written else None


def to_code40(value: str) -> str:
    filled = value.ljust(-(-len(value) // 3) * 3, "\0")
    codes = [_CODE40.index(character) for character in filled]
    triples = zip(codes[::3], codes[1::3], codes[2::3], strict=True)
    return "".join(bits_of(1600 * a + 40 * b + c + 1, 16) for a, b, c in triples)


def decode_delimited(bits: BitReader, longest: int) -> str | None:
    """Digits up to a terminator, or up to a delimiter after which text follows."""
    digits = ""
    while len(digits) <= longest:
        nibble = bits.number(4)
        if nibble < 10:
            digits += str(nibble)
        elif nibble == _TERMINATOR:
            return digits
        elif nibble == _DELIMITER:
            rest = decode_text(bits, longest)
            return digits + rest if rest is not None and len(digits + rest) <= longest else None
        else:
            return None
    return None


def encode_delimited(value: str, longest: int) -> str | None:
    if len(value) > longest:
        return None
    digits = re.match("[0-9]*", value)
    assert digits is not None  # the pattern matches the empty string too
    head = encode_nibbles(digits[0])
    if digits[0] == value:
        return head + bits_of(_TERMINATOR, 4)
    rest = encode_text(value[digits.end() :], longest)
    return head + bits_of(_DELIMITER, 4) + rest if rest is not None else None
