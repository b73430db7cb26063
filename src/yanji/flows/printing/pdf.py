"""Laid-out labels as a PDF, one a page, all of it as vectors: sharp on any printer."""

import io
from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .layout import FONT, Dark, Laid, Written, wide

# In this font these signs are as wide as an ideograph and stand in gaps between letters: what says the same, set close.
CLOSE = {" · ": "·", " °C": "℃", "°C": "℃", "–": "-", "−": "-"}
BOLD = 0.035  # width of the line around a bold letter, of its height: the font has no bold letters of its own


def labels_pdf(labels: Sequence[Laid], *, title: str) -> bytes:
    """Each label on a page of its own size."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setTitle(title)
    wide("", 1)  # registers the font
    for laid in labels:
        width, height = laid.template.width, laid.template.height
        canvas.setPageSize((width * mm, height * mm))
        for box in (*laid.dark, *laid.squares()):
            _fill(canvas, box, height)
        for line in laid.written:
            _write(canvas, line, height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _fill(canvas: Canvas, box: Dark, height: float) -> None:
    canvas.rect(box.x * mm, (height - box.y - box.h) * mm, box.w * mm, box.h * mm, stroke=0, fill=1)


def _write(canvas: Canvas, line: Written, height: float) -> None:
    said = line.text
    for gaping, close in CLOSE.items():
        said = said.replace(gaping, close)
    spare = line.w - wide(said, line.size)
    shift = {"center": spare / 2, "right": spare}.get(line.align, 0)
    text = canvas.beginText((line.x + shift) * mm, (height - line.foot) * mm)
    text.setFont(FONT, line.size * mm)
    if line.bold:
        canvas.setLineWidth(line.size * BOLD * mm)
    text.setTextRenderMode(2 if line.bold else 0)
    text.textOut(said)
    canvas.drawText(text)
