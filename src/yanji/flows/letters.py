"""The letters of everything printed as a PDF: embedded, so that a reader or a printer without a Chinese font shows them, too."""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

EMBEDDED = "NotoSansSC"  # what the pages show, joined into one file when Yanji is installed
NAMED = "STSong-Light"  # what nearly every PDF reader brings: for a line with a letter that the other has not


@lru_cache(maxsize=1)
def _letters() -> Collection[int]:
    """The letters that can be embedded; registers both fonts. None where the file was not made: then everything is named."""
    pdfmetrics.registerFont(UnicodeCIDFont(NAMED))
    file = Path(settings.YANJI_PRINT_FONT)
    if not file.exists():
        return frozenset()
    font = TTFont(EMBEDDED, file)
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


def font_of(line: str) -> str:
    """The font that has every letter of a line."""
    letters = _letters()
    return EMBEDDED if letters and all(ord(letter) in letters for letter in line) else NAMED


def narrow(line: str, size: float) -> float:
    """As wide as the named font has it, whose letters are narrower but for ideographs: the measure of labels, which are small."""
    _letters()
    return float(pdfmetrics.stringWidth(line, NAMED, size))


def width(line: str, size: float) -> float:
    """Of a line whose letters are so high, in the unit of their height."""
    return float(pdfmetrics.stringWidth(line, font_of(line), size))
