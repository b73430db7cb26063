"""Laid-out labels in ZPL II, the language of most label printers: symbols drawn by the printer, in its own dots.

What a printer's own font surely has is sent as text; everything else as a picture (see docs/decisions/0023-labels.md).
"""

import re
from collections.abc import Sequence

from PIL import Image, ImageDraw

from yanji.identity.gs1 import GS

from .glyphs import raster
from .layout import Dark, Drawn, Laid, Written
from .template import ElementType

# Letters of the printer's scalable font (0) that mean nothing to ^FB; all others are drawn.
PLAIN = re.compile(r"[ !-\[\]-~]*")
JUSTIFY = {"left": "L", "center": "C", "right": "R"}
# Code 128 in ^BC: what starts with > is a command, so these marks have one of their own.
BARS = str.maketrans({">": ">0", "^": "><", "~": ">=", GS: ">8"})


def labels_zpl(labels: Sequence[Laid], *, copies: int = 1) -> str:
    """Each label as a format of its own, printed ``copies`` times."""
    return "".join(_format(laid, copies) for laid in labels)


def _format(laid: Laid, copies: int) -> str:
    dots = laid.template.dots
    width, height = round(laid.template.width * dots), round(laid.template.height * dots)
    lines = [f"^XA^CI28^PW{width}^LL{height}^LH0,0"]
    if laid.tag:
        # Generation 2 tag; so many bytes of its EPC bank, whose protocol-control bits the printer sets to the length.
        lines.append(f"^RS8^RFW,H,,{len(laid.tag) // 2},A^FD{laid.tag}^FS")
    lines += [_box(each, dots) for each in laid.dark]
    lines += [_symbol(each) for each in laid.drawn]
    lines += [_text(each, dots) for each in laid.written]
    return "\n".join([*lines, f"^PQ{copies}^XZ\n"])


def _box(box: Dark, dots: float) -> str:
    width, height = max(1, round(box.w * dots)), max(1, round(box.h * dots))
    return (
        f"^FO{round(box.x * dots)},{round(box.y * dots)}^GB{width},{height},{max(1, min(width, height))}^FS"
    )


def _symbol(each: Drawn) -> str:
    at = f"^FO{each.x},{each.y}"
    if each.type == ElementType.DATAMATRIX and each.data.isascii():
        # ECC 200, FNC1 first where it is GS1's (General Specifications 5.6); _ escapes, squares as tall as wide.
        mark = "_1" if each.symbol.gs1 else ""
        return f"{at}^BXN,{each.module},200,,,,_,1^FD{mark}{_escaped(each.data, each.symbol.gs1)}^FS"
    if each.type == ElementType.BARS:
        return f"{at}^BY{each.module}{_bars(each)}^FS"
    # A printer shifts a QR code by some dots and guesses the letters of what is not ASCII: drawn here, it is what it is.
    return f"{at}{_graphic(_squares(each))}^FS"


def _escaped(data: str, gs1: bool) -> str:
    found = []
    for letter in data:
        if letter == "_":
            found.append("__")
        elif letter == GS and gs1:
            found.append("_1")
        elif letter in "^~" or not letter.isprintable():
            found.append(f"_d{ord(letter):03d}")
        else:
            found.append(letter)
    return "".join(found)


def _bars(each: Drawn) -> str:
    data = each.data
    if each.symbol.gs1 and data.isdigit() and len(data) % 2 == 0:
        return f"^BCN,{each.high},N,N,N,N^FD>;>8{data}"  # pairs of digits from the first on
    return f"^BCN,{each.high},N,N,N,A^FD{'>8' if each.symbol.gs1 else ''}{data.translate(BARS)}"


def _squares(each: Drawn) -> Image.Image:
    image = Image.new(
        "1", (round(each.drawing.width) * each.module, round(each.drawing.height) * each.module)
    )
    pen = ImageDraw.Draw(image)
    for box in each.drawing.boxes:
        left, top, width, height = (round(side * each.module) for side in box)
        pen.rectangle((left, top, left + width - 1, top + height - 1), fill=1)
    return image


def _text(line: Written, dots: float) -> str:
    x, y, width, size = (round(side * dots) for side in (line.x, line.y, line.w, line.size))
    if PLAIN.fullmatch(line.text):
        said = re.sub(r"[\^~_]", lambda mark: f"_{ord(mark[0]):02X}", line.text)
        return f"^FO{x},{y}^A0N,{size}^FB{width},1,0,{JUSTIFY[line.align]}^FH_^FD{said}^FS"
    image = raster(line.text, size=size, width=width, bold=line.bold)
    spare = max(0, width - image.width)
    shift = {"center": spare // 2, "right": spare}.get(line.align, 0)
    return f"^FO{x + shift},{y}{_graphic(image)}^FS"


def _graphic(image: Image.Image) -> str:
    """Rows of whole bytes, black is 1; a comma fills the rest of a row with white."""
    row = -(-image.width // 8)
    data = image.tobytes().hex().upper()
    rows = (data[start : start + 2 * row] for start in range(0, len(data), 2 * row))
    packed = "".join(f"{each.rstrip('0')}," if each.endswith("0") else each for each in rows)
    return f"^GFA,{row * image.height},{row * image.height},{row},{packed}"
