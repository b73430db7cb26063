"""A sheet (see :mod:`yanji.flows.papers`) as a PDF: what must be handed over as a file, page by page, with a QR to its page."""

import io
import re
from collections.abc import Sequence
from html import escape

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from yanji.flows.papers import Cell, Section, Sheet, shown
from yanji.flows.symbols import Drawing, qr

FONT = "STSong-Light"  # every PDF reader brings it: nothing to embed
MARGIN = 14 * mm
INK, SOFT, LINE, SUNK = (colors.HexColor(code) for code in ("#16302f", "#566664", "#dfe6e4", "#edf2f1"))
BODY = ParagraphStyle("body", fontName=FONT, fontSize=8, leading=10.5, textColor=INK)
SMALL = ParagraphStyle("small", BODY, fontSize=7, leading=9, textColor=SOFT)
HEAD = ParagraphStyle("head", BODY, textColor=SOFT, fontSize=7.5)
TITLE = ParagraphStyle("title", BODY, fontSize=17, leading=21)
SECTION = ParagraphStyle("section", BODY, fontSize=11, leading=15, spaceBefore=4 * mm, spaceAfter=1.5 * mm)
QR_SIDE = 25 * mm
PADDING = 6  # points, on either side of a table's cell
# In this font these signs are as wide as an ideograph and stand in gaps between letters: what says the same, set close.
CLOSE = {" · ": "·", "°C": "℃", "–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'"}
# Where a line may end: after a space, and beside every ideograph, but not before the stop that follows it.
PIECE = re.compile(r" +|[⺀-〿㐀-鿿豈-﫿！-￯][、。，：；！？）》”]*|[^ ⺀-〿㐀-鿿豈-﫿！-￯]+")
FACTS_ACROSS = 4


def sheet_pdf(sheet: Sheet, *, link: str, foot: str, widths: Sequence[Sequence[float]]) -> bytes:
    """The sheet on A4 across. ``link``: what its QR opens; ``foot``: a line below every page beside its number; ``widths``: for
    each section the shares of its columns."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    # Only when all is laid out is it known how many pages there are: it is laid out once to count them.
    pages, _draft = _laid_out(sheet, link, foot, widths, "")
    _pages, file = _laid_out(sheet, link, foot, widths, str(pages))
    return file


def _laid_out(
    sheet: Sheet, link: str, foot: str, widths: Sequence[Sequence[float]], pages: str
) -> tuple[int, bytes]:
    """How many pages it takes, and the file, which says on each of them that there are ``pages``."""
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out, pagesize=landscape(A4), leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN + 4 * mm,
        title=f"{sheet.title} {sheet.number}", author=sheet.head,
    )  # fmt: skip
    story: list[Flowable] = [_head(sheet, link, page.width), Spacer(0, 3 * mm)]
    story += [_facts(sheet, page.width)] if sheet.facts else []
    for section, shares in zip(sheet.sections, widths, strict=True):
        story += [Paragraph(escape(section.title), SECTION), _table(section, shares, page.width)]
    if sheet.note:
        story += [Spacer(0, 3 * mm), _words(sheet.note, page.width, SMALL)]

    def below(canvas: Canvas, laid: SimpleDocTemplate) -> None:
        canvas.setFont(FONT, 7)
        canvas.setFillColor(SOFT)
        canvas.drawString(MARGIN, 9 * mm, _close(foot))
        number = _("Page %(n)s of %(all)s") % {"n": laid.page, "all": pages}
        canvas.drawRightString(landscape(A4)[0] - MARGIN, 9 * mm, number)

    page.build(story, onFirstPage=below, onLaterPages=below)
    return page.page, out.getvalue()


def pdf_answer(
    request: HttpRequest,
    sheet: Sheet,
    *,
    name: str,
    link: str,
    position: int,
    widths: Sequence[Sequence[float]],
) -> HttpResponse:
    """The sheet as a file that a browser shows. ``link``: the address of its page; ``position``: of the log, before anything was
    read."""
    printed = {"at": f"{timezone.localtime():%Y-%m-%d %H:%M}", "who": request.actor.name, "n": position}
    foot = _("Printed %(at)s by %(who)s · Yanji · the log up to entry %(n)s") % printed
    file = sheet_pdf(sheet, link=request.build_absolute_uri(link), foot=foot, widths=widths)
    answer = HttpResponse(file, content_type="application/pdf")
    plain = "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in name)
    answer["Content-Disposition"] = f'inline; filename="{plain}.pdf"'
    return answer


def _close(text: str) -> str:
    for wide, close in CLOSE.items():
        text = text.replace(wide, close)
    return text


def _words(text: str, width: float, style: ParagraphStyle) -> Paragraph:
    """The text in lines no wider than so many points, each ending where a word does: the library would end them between any two
    letters, or, told of words, anywhere but between two ideographs."""
    lines = [line for given in _close(text).split("\n") for line in _lines(given, width, style)]
    return Paragraph("<br/>".join(map(escape, lines)), style)


def _lines(text: str, width: float, style: ParagraphStyle) -> list[str]:
    def fits(line: str) -> bool:
        return pdfmetrics.stringWidth(line, FONT, style.fontSize) <= width

    lines = [""]
    for piece in PIECE.findall(text):
        if not fits(lines[-1] + piece.rstrip()):
            lines.append("")
        left = piece
        # A word that no line can hold, as a long identity, is broken where it must.
        while not fits(left.rstrip()):
            most = next(n for n in range(len(left), 0, -1) if n == 1 or fits(left[:n]))
            lines[-1:] = [left[:most], ""]
            left = left[most:]
        lines[-1] += left
    return [line.strip() for line in lines if line.strip()] or [""]


class _Symbol(Flowable):
    """A symbol of so many points across."""

    def __init__(self, drawing: Drawing, side: float) -> None:
        super().__init__()
        self.drawing, self.width, self.height = drawing, side, side

    def draw(self) -> None:
        scale = self.width / self.drawing.width
        for left, top, width, height in self.drawing.boxes:
            self.canv.rect(
                left * scale, self.height - (top + height) * scale, width * scale, height * scale, stroke=0, fill=1
            )  # fmt: skip


def _head(sheet: Sheet, link: str, width: float) -> Table:
    words = [
        _words(sheet.head, width - QR_SIDE, SMALL),
        _words(sheet.title, width - QR_SIDE, TITLE),
        _words(" · ".join(filter(None, (sheet.number, sheet.state))), width - QR_SIDE, BODY),
        Spacer(0, 1.5 * mm),
        _words(link, width - QR_SIDE, SMALL),
    ]
    table = Table([[words, _Symbol(qr(link), QR_SIDE)]], colWidths=[width - QR_SIDE, QR_SIDE])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table


def _facts(sheet: Sheet, width: float) -> Table:
    within = width / FACTS_ACROSS - 2 * PADDING
    cells = [
        [_words(label, within, HEAD), _words(shown(value), within, BODY)]
        for label, value in sheet.facts
        if value not in (None, "")
    ]
    cells += [[] for _unused in range(-len(cells) % FACTS_ACROSS)]
    rows = [cells[start : start + FACTS_ACROSS] for start in range(0, len(cells), FACTS_ACROSS)]
    table = Table(rows, colWidths=[width / FACTS_ACROSS] * FACTS_ACROSS)
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, LINE),
                ("INNERGRID", (0, 0), (-1, -1), 0.4, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _table(section: Section, shares: Sequence[float], width: float) -> Table:
    assert len(shares) == len(section.columns), section.title
    widths = [width * share / sum(shares) for share in shares]

    def cells(row: Sequence[Cell], style: ParagraphStyle) -> list[Paragraph]:
        return [
            _words(shown(cell), across - 2 * PADDING, style) for cell, across in zip(row, widths, strict=True)
        ]

    rows = [cells(section.columns, HEAD), *(cells(row, BODY) for row in section.rows)]
    table = Table(rows, colWidths=widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), SUNK),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table
