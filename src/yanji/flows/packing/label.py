"""The label of a box: its code as GS1-128 and DataMatrix, with what is in it for people."""

import io
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from yanji.access.actor import Actor

from ..labelling import FONT
from ..symbols import Drawing, code128, datamatrix, gs1_128
from ..things import item_names
from .contents import Contents, contents
from .models import BoxKind
from .pack import box_for

WIDTH, HEIGHT = 105 * mm, 74 * mm  # A7 landscape, the common logistics label
MOST_ITEMS = 6


def box_label(actor: Actor, code: str) -> bytes:
    """A PDF of one label, 105 by 74 mm. Raises :class:`NotFound` where the actor may not see the box."""
    return box_labels([box_for(actor, code).code])


def box_labels(codes: Sequence[str]) -> bytes:
    """A PDF with one label a page, in the order of the codes; whether they may be seen was asked before."""
    boxes = contents(codes)
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT))
    canvas.setTitle(_("Labels of boxes"))
    for code in codes:
        if code in boxes:
            _draw(canvas, boxes[code])
            canvas.showPage()
    canvas.save()
    return out.getvalue()


def bars(code: str) -> Drawing:
    """The bars of a box's code: GS1-128 with AI (00) of an SSCC (GS1 General Specifications 5.4), else Code 128."""
    kind, _slash, number = code.partition("/")
    if kind != "00":
        found = code128(code)
        assert found is not None, "codes of our own are short and ASCII"
        return found
    return gs1_128(f"(00){number}")


def printed(code: str) -> str:
    """A box's code as people read it below the bars."""
    kind, _slash, number = code.partition("/")
    return f"(00){number}" if kind == "00" else code


def _draw(canvas: Canvas, box: Contents) -> None:
    _shapes(canvas, bars(box.code), 5 * mm, 8 * mm, WIDTH - 10 * mm, 22 * mm)
    canvas.setFont(FONT, 11)
    canvas.drawCentredString(WIDTH / 2, 3.5 * mm, printed(box.code))
    _shapes(canvas, datamatrix(box.code), WIDTH - 25 * mm, HEIGHT - 25 * mm, 20 * mm, 20 * mm)
    y = HEIGHT - 10 * mm
    for size, text in _words(box):
        canvas.setFont(FONT, size)
        canvas.drawString(5 * mm, y, _cut(text, size, WIDTH - 34 * mm))
        y -= size * 0.45 * mm + 1.2 * mm


def _words(box: Contents) -> list[tuple[float, str]]:
    pieces = len(box.units) + sum(lot.quantity for lot in box.lots)
    said = ngettext("%(n)s piece", "%(n)s pieces", pieces) % {"n": pieces}
    counted: dict[int, int] = {}
    for unit in box.units:
        counted[unit.item_id] = counted.get(unit.item_id, 0) + 1
    for lot in box.lots:
        counted[lot.item_id] = counted.get(lot.item_id, 0) + lot.quantity
    names = item_names(counted)
    first = sorted(counted, key=lambda item: -counted[item])[:MOST_ITEMS]
    expiry = min((each.expiry for each in (*box.units, *box.lots) if each.expiry), default=None)
    words: list[tuple[float, str]] = [(13, f"{BoxKind(box.kind).label} · {said}")]
    if expiry:
        words.append((9, _("First expiry %(day)s") % {"day": expiry.isoformat()}))
    words += [(8, f"{counted[item]} × {names.get(item, '')}") for item in first]
    return [*words, (8, "…")] if len(counted) > MOST_ITEMS else words


def _cut(text: str, size: float, width: float) -> str:
    while text and pdfmetrics.stringWidth(text, FONT, size) > width:
        text = text[:-1]
    return text


def _shapes(canvas: Canvas, drawing: Drawing, x: float, y: float, width: float, height: float) -> None:
    """As vectors, stretched over the rectangle: sharp on any printer."""
    across, up = width / drawing.width, height / drawing.height
    for left, top, wide, high in drawing.boxes:
        canvas.rect(
            x + left * across,
            y + (drawing.height - top - high) * up,
            wide * across,
            high * up,
            stroke=0,
            fill=1,
        )
