"""Tag memory as a row of bits, read from the left and written to the right."""

from __future__ import annotations


class NotEnoughBitsError(Exception):
    """The memory ends inside a field; callers turn this into a reason."""


class BitReader:
    """Reads unsigned numbers of any width from the left."""

    def __init__(self, bits: str) -> None:
        self._bits = bits
        self.at = 0

    @property
    def left(self) -> int:
        return len(self._bits) - self.at

    def number(self, width: int) -> int:
        """The next `width` bits as an unsigned number; width 0 is 0."""
        if width > self.left:
            raise NotEnoughBitsError
        taken = self._bits[self.at : self.at + width]
        self.at += width
        return int(taken, 2) if taken else 0

    def rest_is_zero(self) -> bool:
        return "1" not in self._bits[self.at :]


def bits_of(number: int, width: int) -> str:
    """An unsigned number as exactly `width` bits; the caller has checked that it fits."""
    return format(number, f"0{width}b") if width else ""


def hex_of(bits: str, pad: int) -> str:
    """Bits as hexadecimal digits, zeros added up to a multiple of `pad` bits (16: a memory word)."""
    width = -(-len(bits) // pad) * pad
    return format(int(bits.ljust(width, "0"), 2), f"0{width // 4}X")


def bits_of_hex(digits: str) -> str:
    return bits_of(int(digits, 16), 4 * len(digits)) if digits else ""
