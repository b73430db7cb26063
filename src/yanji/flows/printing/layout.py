"""One template and one subject laid out: every text line and every dark square in its place, the same for each way to print.

Symbols are drawn in whole dots of the printer (a module of 2.4 dots would be 2 here and 3 there, and no scanner reads
that), as large as their rectangle lets them be. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor

from django.utils.translation import get_language

from yanji.identity import Identity, read, to_digital_link
from yanji.identity import Label as Symbol
from yanji.ledger.api import Offence

from ..letters import narrow
from ..symbols import Drawing, code128, datamatrix, gs1_128, gs1_datamatrix, qr
from .subject import Subject
from .template import SYMBOLS, WRITTEN, Element, ElementType, LabelKind, Template

POINT = 25.4 / 72  # millimetres
# Least width of a module, millimetres: GS1 General Specifications 5.12.3, tables 1, 5 and 6, less what a printer of 203 dpi
# rounds away. The bars of a pallet are read from a fork-lift.
LEAST_MODULE = 0.25
LEAST_PALLET_BAR = 0.49
QUIET = {
    ElementType.DATAMATRIX: 1,
    ElementType.BARS: 10,
    ElementType.QR: 4,
}  # modules, on each side that needs them
SHORTEST_BARS = 5.0  # millimetres
BASELINE = 0.86  # of a letter's height: from its top to its foot
PIECE = re.compile(r" +|[⺀-〿㐀-鿿豈-﫿！-￯][、。，：；！？）》”]*|[^ ⺀-〿㐀-鿿豈-﫿！-￯]+")


@dataclass(frozen=True, slots=True)
class Written:
    """One line of text in its rectangle, millimetres from the left upper corner."""

    text: str
    x: float
    y: float
    w: float
    size: float
    align: str
    bold: bool

    @property
    def foot(self) -> float:
        """Where the letters stand."""
        return self.y + self.size * BASELINE


@dataclass(frozen=True, slots=True)
class Dark:
    """A dark rectangle, millimetres."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A symbol: what it says (``data``, with the GS1 mark or without), where its first module stands, and its modules' width in
    dots. ``high``: height of bars in dots, else of one module."""

    type: str
    symbol: Symbol
    data: str
    x: int
    y: int
    module: int
    high: int
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Laid:
    """A label with everything in its place."""

    template: Template
    written: tuple[Written, ...]
    dark: tuple[Dark, ...]
    drawn: tuple[Drawn, ...]
    tag: str
    offences: tuple[Offence, ...]

    def squares(self) -> Iterator[Dark]:
        """The dark parts of all symbols."""
        dot = 1 / self.template.dots
        for each in self.drawn:
            up = each.module if each.type != ElementType.BARS else each.high / each.drawing.height
            for left, top, width, height in each.drawing.boxes:
                yield Dark(
                    (each.x + left * each.module) * dot,
                    (each.y + top * up) * dot,
                    width * each.module * dot,
                    height * up * dot,
                )


def laid_out(template: Template, subject: Subject) -> Laid:
    """The label of one subject; ``offences``: the symbols that do not fit where they should stand."""
    written: list[Written] = []
    dark: list[Dark] = []
    drawn: list[Drawn] = []
    offences: list[Offence] = []
    for number, each in enumerate(template.elements, 1):
        if each.type in WRITTEN:
            written += _lines_of(each, _text(each, subject))
        elif each.type in SYMBOLS:
            found = _drawn(f"{number}", each, template, subject)
            if isinstance(found, Drawn):
                drawn.append(found)
            else:
                offences.append(found)
        elif each.type == ElementType.LINE:
            upright = each.h > each.w
            dark.append(
                Dark(each.x, each.y, each.size if upright else each.w, each.h if upright else each.size)
            )
        elif each.type == ElementType.FRAME:
            dark += _frame(each)
    tag = subject.tag if template.rfid else ""
    return Laid(template, tuple(written), tuple(dark), tuple(drawn), tag, tuple(offences))


def _frame(each: Element) -> list[Dark]:
    t = each.size
    return [
        Dark(each.x, each.y, each.w, t),
        Dark(each.x, each.y + each.h - t, each.w, t),
        Dark(each.x, each.y + t, t, each.h - 2 * t),
        Dark(each.x + each.w - t, each.y + t, t, each.h - 2 * t),
    ]


def _text(each: Element, subject: Subject) -> str:
    if each.type == ElementType.TEXT:
        return subject.fields.get(each.field, "")
    english = (get_language() or "").startswith("en")
    return (each.en or each.zh) if english else (each.zh or each.en)


def wide(text: str, size: float) -> float:
    """Width of a text whose letters are so high, both in millimetres: where lines end, however they are drawn."""
    return narrow(text, size)


def _lines_of(each: Element, text: str) -> list[Written]:
    """As many lines as there may be; what is left over is cut, and says so."""
    lines = _wrapped(text, each.w, each.size) if each.lines > 1 else [text]
    if len(lines) > each.lines:
        lines[each.lines - 1 :] = ["".join(lines[each.lines - 1 :])]
    return [
        Written(
            _cut(line.strip(), each.w, each.size), each.x, each.y + n * each.size * 1.05, each.w, each.size, each.align,
            each.bold,
        )
        for n, line in enumerate(lines)
        if line.strip()
    ]  # fmt: skip


def _wrapped(text: str, width: float, size: float) -> list[str]:
    lines = [""]
    for piece in PIECE.findall(text):
        if wide(lines[-1] + piece.rstrip(), size) <= width:
            lines[-1] += piece
            continue
        lines.append("")
        # A word that no line can hold, as a long identity, is broken where it must.
        for letter in piece:
            if wide(lines[-1] + letter, size) > width:
                lines.append("")
            lines[-1] += letter
    return [line for line in lines if line.strip()]


def _cut(text: str, width: float, size: float) -> str:
    if wide(text, size) <= width:
        return text
    while text and wide(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""


def _drawn(number: str, each: Element, template: Template, subject: Subject) -> Drawn | Offence:
    """The symbol, in the middle of its rectangle, or why it does not fit."""
    shape = symbol_of(each.type, subject.symbol)
    if shape is None:
        return Offence("label_no_bars", number, {"text": subject.symbol.data[:40]})
    data, drawing = shape
    quiet, bars = QUIET[ElementType(each.type)], each.type == ElementType.BARS
    across, up = floor(each.w * template.dots + 1e-6), floor(each.h * template.dots + 1e-6)
    modules = int(drawing.width) + 2 * quiet
    module = across // modules if bars else min(across, up) // modules
    pallet = bars and subject.kind == LabelKind.BOX
    least = LEAST_PALLET_BAR if pallet else LEAST_MODULE
    if module / template.dots < least:
        needed = -(-least * template.dots // 1) / template.dots * modules
        facts = {"needed": f"{needed:.1f}", "module": f"{least:g}", "dpi": template.dpi}
        return Offence("label_symbol_small", number, facts)
    if bars and each.h < SHORTEST_BARS:
        return Offence("label_bars_low", number, {"least": f"{SHORTEST_BARS:g}"})
    taken = int(drawing.width) * module
    x = round(each.x * template.dots) + (across - taken) // 2
    y = round(each.y * template.dots) + (0 if bars else (up - int(drawing.height) * module) // 2)
    return Drawn(each.type, subject.symbol, data, x, y, module, up if bars else module, drawing)


@lru_cache(maxsize=512)  # each copy, and each keystroke in the editor, asks for the same ones again
def symbol_of(kind: str, symbol: Symbol) -> tuple[str, Drawing] | None:
    """What a symbol of this kind says, and its shape in whole modules; None where it cannot say it."""
    if kind == ElementType.QR:
        text = link_of(symbol)
        return text, _whole(qr(text))
    if kind == ElementType.BARS:
        found = gs1_128(symbol.hri) if symbol.gs1 else code128(symbol.data)
        return (symbol.data, _whole(found)) if found else None
    return symbol.data, _whole(gs1_datamatrix(symbol.hri) if symbol.gs1 else datamatrix(symbol.data))


def link_of(symbol: Symbol) -> str:
    """What a QR code says: a GS1 Digital Link, which a phone's own camera opens; another issuer's data as they are."""
    found = read(f"]d2{symbol.data}") if symbol.gs1 else None
    link = to_digital_link(found.elements) if isinstance(found, Identity) else None
    return link or symbol.data


def _whole(drawing: Drawing) -> Drawing:
    """In modules: the library draws each two units wide."""
    boxes = tuple((left / 2, top / 2, wide / 2, high / 2) for left, top, wide, high in drawing.boxes)
    return Drawing(boxes, drawing.width / 2, drawing.height / 2)


def small_symbols(laid: Sequence[Laid]) -> list[Offence]:
    """Everything that did not fit, once each."""
    found = {(each.code, each.thing): each for label in laid for each in label.offences}
    return list(found.values())
