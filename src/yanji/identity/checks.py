"""Check digits and check characters of every issuer, as functions without side effects."""

from __future__ import annotations

# GS1 General Specifications 7.9.5: weights of the two check characters, counted from the right.
_PRIMES = (
    2,
    3,
    5,
    7,
    11,
    13,
    17,
    19,
    23,
    29,
    31,
    37,
    41,
    43,
    47,
    53,
    59,
    61,
    67,
    71,
    73,
    79,
    83,
    89,
    97,
    101,
    103,
    107,
    109,
    113,
    127,
    131,
    137,
    139,
    149,
    151,
    157,
    163,
    167,
    173,
    179,
    181,
    191,
    193,
    197,
    199,
    211,
    223,
    227,
    229,
    233,
    239,
    241,
    251,
    257,
    263,
    269,
    271,
    277,
    281,
    283,
    293,
    307,
    311,
    313,
    317,
    331,
    337,
    347,
    349,
    353,
    359,
    367,
    373,
    379,
    383,
    389,
    397,
    401,
    409,
    419,
    421,
    431,
    433,
    439,
    443,
    449,
    457,
    461,
    463,
    467,
    479,
    487,
    491,
    499,
    503,
    509,
)
_PAIR_VALUES = {
    character: value
    for value, character in enumerate(
        "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    )
}
_PAIR_CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

HIBC_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_HIBC_VALUES = {character: value for value, character in enumerate(HIBC_CHARACTERS)}

# ISO/IEC 7064, mod 37-2: the place of a character is its value.
CHECK_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"

# The letters' numbers skip 43 and 44: both public implementations agree on this table.
_MA_VALUES = {
    character: str(value) for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg")
}
_MA_VALUES |= {
    character: str(value) for value, character in enumerate("hijklmnopqrstuvwxyz-.@$,*+%/#!^~", start=45)
}
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def gs1_mod10(payload: str) -> str:
    """Check digit of a GTIN, SSCC, GLN, GSRN or any other GS1 key (GS1 General Specifications 7.9.1).

    `payload` holds ASCII digits without the check digit.
    """
    raw = payload.encode("ascii")
    ones, threes = raw[-2::-2], raw[-1::-2]
    total = sum(ones) + 3 * sum(threes) - 48 * (len(ones) + 3 * len(threes))
    return str(-total % 10)


def gs1_mod10_ok(digits: str) -> bool:
    """True when the last of these ASCII digits is the right check digit."""
    raw = digits.encode("ascii")
    ones, threes = raw[-1::-2], raw[-2::-2]
    return (sum(ones) + 3 * sum(threes) - 48 * (len(ones) + 3 * len(threes))) % 10 == 0


def gs1_pair(payload: str) -> str | None:
    """Check character pair of a GMN, AI (8013) and (8014) (GS1 General Specifications 7.9.5).

    None when the payload is empty, longer than 97 characters or holds a character outside the 82.
    """
    if not 0 < len(payload) <= len(_PRIMES):
        return None
    total = 0
    for weight, character in zip(_PRIMES, reversed(payload), strict=False):
        value = _PAIR_VALUES.get(character)
        if value is None:
            return None
        total += weight * value
    total %= 1021
    return _PAIR_CHARACTERS[total >> 5] + _PAIR_CHARACTERS[total & 31]


def hibc_mod43(payload: str) -> str | None:
    """Check character of a HIBC symbol, `+` included (ANSI/HIBC 2.6 B); None: other characters."""
    total = 0
    for character in payload:
        value = _HIBC_VALUES.get(character)
        if value is None:
            return None
        total += value
    return HIBC_CHARACTERS[total % 43]


def iso7064_mod37_2(payload: str) -> str | None:
    """Keyboard-entry check character of an ISBT 128 donation number (ISO/IEC 7064, mod 37-2).

    `payload` is the 13-character number (facility, year, sequence). None: other characters than 0-9 A-Z.
    """
    total = 0
    for character in payload:
        value = CHECK_CHARACTERS.find(character)
        if not 0 <= value < 36:
            return None
        total = (total + value) * 2 % 37
    return CHECK_CHARACTERS[(38 - total) % 37]


def ma_check(payload: str) -> str | None:
    """Check digit of an MA (IDcode) code: characters to numbers by table, then Luhn. None: unknown character.

    Agreed by two independent public implementations; not confirmed by the issuer's own coding manual.
    """
    digits: list[str] = []
    for character in payload:
        value = _MA_VALUES.get(character)
        if value is None:
            return None
        digits.append(value)
    total = 0
    for position, digit in enumerate(reversed("".join(digits))):
        total += _LUHN_DOUBLED[int(digit)] if position % 2 else int(digit)
    return str(-total % 10)
