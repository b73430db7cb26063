"""Machine-readable symbols as plain shapes: what a label and a printed document show of the same number."""

from dataclasses import dataclass

import zint

from yanji.identity.gs1 import cut_hri

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The dark parts of a symbol as (left, top, width, height), in modules of the symbol's own measure."""

    boxes: tuple[Box, ...]
    width: float
    height: float

    @property
    def path(self) -> str:
        """All of them as one path of an SVG."""
        return "".join(
            f"M{left:g} {top:g}h{width:g}v{height:g}h{-width:g}z" for left, top, width, height in self.boxes
        )


def drawn(symbol: zint.Symbol) -> Drawing:
    """An encoded symbol's shapes."""
    symbol.buffer_vector()
    boxes = tuple((rect.x, rect.y, rect.width, rect.height) for rect in symbol.vector.rectangles)
    return Drawing(boxes, symbol.vector.width, symbol.vector.height)


def datamatrix(text: str) -> Drawing:
    """A square DataMatrix (ISO/IEC 16022) of any text."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.DATAMATRIX
    symbol.input_mode = zint.InputMode.UNICODE
    symbol.option_3 = zint.DataMatrixOptions.SQUARE
    symbol.show_text = False
    symbol.encode(text)
    return drawn(symbol)


def gs1(elements: str, symbology: zint.Symbology) -> Drawing:
    """GS1 data as written for people, `(01)...(17)...`, as a GS1 DataMatrix or GS1-128 (General Specifications 5.4, 5.6)."""
    symbol = zint.Symbol()
    symbol.symbology = symbology
    symbol.input_mode = zint.InputMode.GS1
    if symbology == zint.Symbology.DATAMATRIX:
        symbol.option_3 = zint.DataMatrixOptions.SQUARE
    symbol.show_text = False
    # In square brackets, which no value of GS1's can hold: a lot may well be called "A(1".
    symbol.encode("".join(f"[{ai}]{value}" for ai, value in cut_hri(elements)[0]))
    return drawn(symbol)


def gs1_datamatrix(elements: str) -> Drawing:
    """A square GS1 DataMatrix."""
    return gs1(elements, zint.Symbology.DATAMATRIX)


def gs1_128(elements: str) -> Drawing:
    """A GS1-128."""
    return gs1(elements, zint.Symbology.GS1_128)


def code128(text: str) -> Drawing | None:
    """A Code 128 (ISO/IEC 15417), or None where the text does not fit one: not ASCII, or too long to be scanned."""
    if not text.isascii() or not text.isprintable() or not 0 < len(text) <= 40:
        return None
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.CODE128
    symbol.show_text = False
    symbol.encode(text)
    return drawn(symbol)


def qr(text: str) -> Drawing:
    """A QR code (ISO/IEC 18004) of any text: what a phone's own camera opens."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.QRCODE
    symbol.input_mode = zint.InputMode.UNICODE
    symbol.show_text = False
    symbol.encode(text)
    return drawn(symbol)
