"""A device identifier as it is stored: checked, and written as a scan of its label will give it."""

import re
import unicodedata

from yanji.identity import hibc_mod43, read
from yanji.identity.checks import gs1_mod10_ok
from yanji.identity.model import Identity
from yanji.sheets.problems import SENTENCES, Problem

from .models import Issuer
from .problems import CODE_SENTENCES

SENTENCES.update(CODE_SENTENCES)
LONGEST = 80
# Class 6, generic name 3, features 5, maker 5 digits; a code down to model and size has 7 more.
_NATIONAL = re.compile(r"C[0-9]{19}(?:[0-9]{7})?")
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def normal_code(issuer: str, code: str) -> str | Problem:
    """The DI in the form that ``yanji.identity`` reads from a label, or what is wrong with it. Pure, never raises.

    GS1: GTIN filled to 14 digits. HIBCC: labeller, product, unit of measure. ICCBBA: product identification code.
    """
    code = code.strip()
    if not code or len(code) > LONGEST or not code.isprintable():
        return Problem("code_unreadable", detail=code[:LONGEST])
    if issuer == Issuer.LOCAL:
        return code
    if issuer == Issuer.GS1:
        return _gtin(code)
    reading = read(_as_scanned(issuer, code))
    if not isinstance(reading, Identity) or reading.issuer != issuer or reading.di is None:
        wrong_digit = not isinstance(reading, Identity) and any(
            r.code == "bad_check_digit" for r in reading.reasons
        )
        return Problem("code_check_digit" if wrong_digit else "code_unreadable", detail=code)
    return reading.di


def national_code(written: str) -> str | Problem:
    """A consumable's code in the national insurance's classification as it is stored, or what is wrong with it: C and 19
    digits, or C and 26 where it names model and size. Full-width signs, spaces and a small c are taken as meant. Pure.

    医疗保障 consumables coding rules of the National Healthcare Security Administration.
    """
    code = "".join(unicodedata.normalize("NFKC", written).split()).upper()
    return code if _NATIONAL.fullmatch(code) else Problem("national_code", detail=written.strip()[:LONGEST])


def spellings(word: str) -> tuple[str, ...]:
    """How a code may be stored that is printed or typed so: a GTIN of 8, 12 or 13 digits is stored with 14."""
    short = word.isascii() and word.isdigit() and len(word) in _GTIN_LENGTHS - {14}
    return (word, word.zfill(14)) if short else (word,)


def guess_issuer(code: str) -> str:
    """Whose code this looks like; a code of the hospital where it looks like nobody's.

    What begins like a GTIN is judged as one, so that a slip of the key is told and not stored.
    """
    code = code.strip()
    if len(code) >= 8 and code.isascii() and code[:7].isdigit():
        return Issuer.GS1
    if code.startswith("MA."):
        return Issuer.MA
    if code.startswith("MF"):
        return Issuer.AHM
    if code.startswith("=/"):
        return Issuer.ICCBBA
    if code.startswith("+") and len(code) > 6:
        return Issuer.HIBCC
    return Issuer.LOCAL


def _gtin(code: str) -> str | Problem:
    if not (code.isascii() and code.isdigit()):
        return Problem("code_not_digits", detail=code)
    if len(code) not in _GTIN_LENGTHS:
        return Problem("code_length", detail=code)
    filled = code.zfill(14)
    return filled if gs1_mod10_ok(filled) else Problem("code_check_digit", detail=code)


def _as_scanned(issuer: str, code: str) -> str:
    """The symbol that carries this DI alone, so that one reader judges labels and lists alike."""
    if issuer == Issuer.HIBCC:
        whole = code.upper() if code.startswith("+") else f"+{code.upper()}"
        # With its plus sign it was copied from a label, check character and all.
        return whole if code.startswith("+") else whole + (hibc_mod43(whole) or "")
    if issuer == Issuer.ICCBBA:
        return code if code.startswith("=/") else f"=/{code}"
    if issuer == Issuer.AHM:
        return code if code.startswith("MF") else f"MF{code}"
    return code
