"""Text as dots, in the font that the pages themselves show: a label printer has letters of its own, but seldom Chinese ones."""

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw, ImageFont

from .layout import BASELINE

FONT_INDEX = "vendor/noto-sans-sc/index.css"
FACE = re.compile(r"url\(([^)]+\.woff2)\).*?unicode-range:\s*([^;]+);", re.DOTALL)
REGULAR, BOLD = 450, 700  # weights; a little more than regular, for what is thin is lost between two dots
DARK = 110  # of 255: from how much ink on a dot is black
BELOW = 1.25  # height of a line with its descenders, of a letter's height


@lru_cache(maxsize=1)
def _files() -> dict[int, str]:
    """Character -> the file of the font that has it, as the style sheet tells browsers. The later face wins, as there."""
    index = finders.find(FONT_INDEX)
    assert isinstance(index, str), "the files that browsers fetch are made before anything starts"
    found: dict[int, str] = {}
    for file, ranges in FACE.findall(Path(index).read_text(encoding="utf-8")):
        path = str(Path(index).parent / file)
        for each in ranges.split(","):
            first, _dash, last = each.strip().removeprefix("U+").partition("-")
            found |= dict.fromkeys(range(int(first, 16), int(last or first, 16) + 1), path)
    return found


@lru_cache(maxsize=256)
def _font(file: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(file, size)
    font.set_variation_by_axes([weight])
    return font


@lru_cache(maxsize=1024)  # the labels of one item differ in a line or two
def raster(text: str, *, size: int, width: int, bold: bool) -> Image.Image:
    """One line of letters ``size`` dots high, black on white, pressed together where it would be wider than ``width`` dots."""
    files, weight = _files(), BOLD if bold else REGULAR
    plain = files[ord("?")]
    fonts = [(letter, _font(files.get(ord(letter), plain), size, weight)) for letter in text]
    across = sum(font.getlength(letter) for letter, font in fonts)
    image = Image.new("L", (max(1, round(across) + 1), max(1, round(size * BELOW))), 0)
    pen, x = ImageDraw.Draw(image), 0.0
    for letter, font in fonts:
        pen.text((x, round(size * BASELINE)), letter, fill=255, font=font, anchor="ls")
        x += font.getlength(letter)
    if image.width > width > 0:
        image = image.resize((width, image.height), Image.Resampling.LANCZOS)
    return image.point(lambda ink: 255 if ink >= DARK else 0).convert("1", dither=Image.Dither.NONE)
