"""Laid-out labels as a PDF, one a page, all of it as vectors: sharp on any printer."""

import io
from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ..letters import font_of, width
from .layout import Dark, Laid, Written, wide

# These signs stand in gaps between letters, or are not in every font: what says the same, set close.
CLOSE = {" · ": "·", " °C": "℃", "°C": "℃", "–": "-", "−": "-"}
BOLD = 0.035  # width of the line around a bold letter, of its height: the font has no bold letters of its own


def labels_pdf(labels: Sequence[Laid], *, title: str) -> bytes:
    """Each label on a page of its own size."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setTitle(title)
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
    text.setFont(font_of(said), line.size * mm)
    if line.bold:
        canvas.setLineWidth(line.size * BOLD * mm)
    text.setTextRenderMode(2 if line.bold else 0)
    # Pressed to the one measure of labels where the embedded letters are wider.
    if (as_it_is := width(said, line.size)) > line.w - spare:
        text.setHorizScale(100 * (line.w - spare) / as_it_is)
    text.textOut(said)
    canvas.drawText(text)
