"""What to print: element strings, the text below, and labels for units without a serial."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from yanji.identity.gs1 import GS, escaped, problems
from yanji.identity.gs1_ai import APPLICATIONS

LOCAL_PREFIX = "urn:yanji:unit:"
LOCAL, GIAI = "local:", "8004/"  # how the name of a unit begins that a hospital numbers itself

_PREFIX = re.compile("[0-9]{4,12}")
_NUMBER = re.compile(r"[0-9A-Za-z\-._]+")


class BadLabelError(ValueError):
    """A label was asked for that no scanner could read back; a bug or a wrong setting, never a scan."""


@dataclass(frozen=True, slots=True)
class Label:
    """One printed label: `data` goes into the symbol, `hri` below it, `epc` names the unit.

    `gs1` tells the printer to set the GS1 mark (FNC1) in the symbol; `data` then is an element string.
    """

    data: str
    hri: str
    epc: str
    gs1: bool


def element_string(elements: Iterable[tuple[str, str]]) -> str:
    """Elements as symbol data: a separator after each field without predefined length but the last.

    Raises BadLabelError when the elements break a rule of their own.
    """
    listed = list(elements)
    unknown = [ai for ai, _ in listed if ai not in APPLICATIONS]
    if unknown or not listed:
        raise BadLabelError(f"not an AI: {unknown}")
    found, _ = problems(listed)
    if found:
        raise BadLabelError("; ".join(f"{reason.code} {reason.detail}" for reason in found))
    *before, last = listed
    return "".join(
        ai + value + ("" if APPLICATIONS[ai].predefined else GS) for ai, value in before
    ) + "".join(last)


def hri(elements: Iterable[tuple[str, str]]) -> str:
    """Human readable text of elements; a bracket inside a value is escaped so that it can be typed back."""
    return "".join(f"({ai}){value.replace('(', chr(92) + '(')}" for ai, value in elements)


def hospital_label(prefix: str | None, number: str) -> Label:
    """The label of one unit that the hospital numbers itself.

    prefix  the hospital's GS1 Company Prefix, 4 to 12 digits: the label carries a GIAI, AI (8004); or None:
            it carries a local URI
    number  the unit's number, letters, digits, `-`, `.`, `_`; prefix and number together at most 30
    characters

    Raises BadLabelError for anything else (GS1 General Specifications 3.9.4).
    """
    if not _NUMBER.fullmatch(number) or len(number) > 30:
        raise BadLabelError(f"unit number {number!r}")
    if prefix is None:
        return Label(LOCAL_PREFIX + number, number, f"{LOCAL}{number}", gs1=False)
    if not _PREFIX.fullmatch(prefix) or len(prefix + number) > 30:
        raise BadLabelError(f"GIAI {prefix!r} {number!r}")
    elements = [("8004", prefix + number)]
    return Label(
        element_string(elements),
        hri(elements),
        f"{GIAI}{escaped(prefix + number)}",
        gs1=True,
    )
