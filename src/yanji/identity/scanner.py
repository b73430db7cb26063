"""What each scanner does to a code on its way here, learnt once from a test barcode."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from yanji.identity.layouts import as_pressed, as_sent
from yanji.identity.model import Reason, Unreadable, unreadable

GS = "\x1d"

# Mixed case shows Caps Lock, two separators show what becomes of them; no real product carries this number.
TEST_ELEMENTS = "(01)09520000000004(17)991231(10)Ab1cD(21)xY9z(240)Qq7"
TEST_BARCODE = f"]d2010952000000000417991231{'10'}Ab1cD{GS}21xY9z{GS}240Qq7"

AIM_GS1 = frozenset(("]C1", "]d2", "]d8", "]Q3", "]e0", "]e1", "]e2", "]J1"))
# The symbologies a hospital meets; used to cut several symbols apart that came in one scan.
AIM = re.compile(r"\](?:C[0124]|E[0-4]|e[0-3]|d[0-9]|Q[0-6]|J[0-5]|A[0-9]|I[01]|L[0-5]|z[0-9A-C]|X0)")
_SWAPPED_AIM = re.compile(r"\](?:c[0124]|D[0-9]|q[0-6]|j[0-5]|a[0-9]|i[01]|l[0-5]|Z[0-9A-Ca-c]|x0)")
_NOTATIONS = re.compile(r"<(?:GS|FNC1)>|\{(?:GS|FNC1)\}|\[(?:GS|FNC1)\]|\\x1d|\\u001d|\u241d", re.IGNORECASE)
_WIDE = re.compile("[\uff01-\uff5e\u3000]")


def bare(scan: str) -> str:
    """What is in the symbol, without the AIM identifier that some scanners send before it."""
    found = AIM.match(scan)
    return scan[found.end() :] if found else scan


@dataclass(frozen=True, slots=True)
class ScannerProfile:
    """How one scanner delivers a scan.

    separator       what it sends in place of 0x1D: "\\x1d" itself, another string, or "" when it drops it
    prefix, suffix  what it adds around every scan
    sends_symbology True when it sends the AIM identifier; None when unknown
    layout          the keyboard that the computer takes it for, of :data:`~yanji.identity.layouts.LAYOUTS`; "" for the one
                    that the scanner types for. Turned back only where it sends the AIM identifier. Everything above is meant
                    as the scanner sends it
    """

    separator: str = GS
    prefix: str = ""
    suffix: str = ""
    sends_symbology: bool | None = None
    layout: str = ""

    @property
    def keeps_separators(self) -> bool:
        """True when a separator that was on the label is in the scan."""
        return self.separator != ""

    def unwrapped(self, scan: str) -> str:
        """The scan without what the computer's keyboard made of it, and without the scanner's own prefix and suffix. Once is
        enough, and twice does no harm."""
        text = self._bare(scan)
        if not (self.layout and self.sends_symbology):
            return text
        pressed = self._bare(as_pressed(scan, self.layout))
        return as_sent(text, pressed)

    def _bare(self, scan: str) -> str:
        if self.prefix:
            scan = scan.removeprefix(self.prefix)
        return scan.rstrip("\r\n").removesuffix(self.suffix) if self.suffix else scan

    def separated(self, element_string: str) -> str:
        """GS1 data with the scanner's substitute turned back into 0x1D."""
        if self.separator in ("", GS):
            return element_string
        return element_string.replace(self.separator, GS)


def decoded(scan: str | bytes) -> str:
    """Text of a scan; bytes that are no UTF-8 are kept one to one, so that nothing is lost or raised."""
    if isinstance(scan, str):
        return scan
    try:
        return scan.decode()
    except UnicodeDecodeError:
        return scan.decode("latin-1")


def plain_width(text: str) -> tuple[str, tuple[Reason, ...]]:
    """Full-width forms of an input method as the plain characters they stand for, with a warning."""
    if text.isascii():
        return text, ()
    narrowed = _WIDE.sub(lambda wide: unicodedata.normalize("NFKC", wide[0]), text)
    return narrowed, (Reason("full_width"),) if narrowed != text else ()


def written_separators(text: str) -> tuple[str, tuple[Reason, ...]]:
    """Separators that were written as `<GS>` or the control picture, put back."""
    put_back = _NOTATIONS.sub(GS, text)
    return put_back, (Reason("separator_notation"),) if put_back != text else ()


def case_is_swapped(text: str) -> bool:
    """True when the scan begins with a mark that only exists in the other case."""
    if text[0] == "]":
        return _SWAPPED_AIM.match(text) is not None
    return text.startswith(("ma.", "<udi iac="))


def learn_profile(expected: str, scanned: str) -> ScannerProfile | Unreadable:
    """What a scanner did to a barcode whose content is known (symbology identifier first, 0x1D inside).

    Refuses to learn a swapped case or an input method: those are to be switched off, not worked around.
    """
    narrowed, warnings = plain_width(scanned.rstrip("\r\n"))
    if warnings or any(ord(character) > 127 for character in narrowed):
        return unreadable("input_method", text=scanned)
    identifier = expected[:3] if AIM.match(expected) else ""
    pieces = expected[len(identifier) :].split(GS)
    at, between = _located(narrowed, pieces)
    if at is None:
        swapped = _located(narrowed.swapcase(), pieces)[0] is not None
        return unreadable("caps_lock" if swapped else "cannot_pair", text=scanned)
    if len(set(between)) > 1:
        return unreadable("separator_replaced", " ".join(sorted(set(between))), text=scanned)
    before, end = narrowed[: at[0]], at[1]
    sends = bool(identifier) and before.endswith(identifier)
    return ScannerProfile(
        separator=between[0] if between else GS,
        prefix=before.removesuffix(identifier) if sends else before,
        suffix=narrowed[end:],
        sends_symbology=sends,
    )


def _located(scanned: str, pieces: list[str]) -> tuple[tuple[int, int] | None, list[str]]:
    """((start, end) of the known pieces in the scan, what stands between them)."""
    start = scanned.find(pieces[0])
    if start < 0:
        return None, []
    at, between = start + len(pieces[0]), []
    for piece in pieces[1:]:
        found = scanned.find(piece, at)
        if found < 0:
            return None, []
        between.append(scanned[at:found])
        at = found + len(piece)
    return (start, at), between
