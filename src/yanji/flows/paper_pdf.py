"""A sheet (see :mod:`yanji.flows.papers`) as a PDF: what its page prints, as a file, with its symbols and numbered pages."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from yanji.access.actor import Actor

from .letters import NAMED, font_of
from .paper_columns import PADDING, across, laid, lines
from .papers import Section, Sheet, Wall, sheet_of, shown
from .symbols import Drawing, code128, datamatrix, qr
from .turn import Policy

MARGIN = 14 * mm
INK, SOFT, LINE, SUNK = (colors.HexColor(code) for code in ("#16302f", "#566664", "#c9d3d1", "#edf2f1"))
BODY = ParagraphStyle("body", fontName=NAMED, fontSize=8.5, leading=11, textColor=INK)
SMALL = ParagraphStyle("small", BODY, fontSize=7, leading=9, textColor=SOFT)
NUMBER = ParagraphStyle("number", BODY, fontSize=11, leading=14)
TITLE = ParagraphStyle("title", BODY, fontSize=17, leading=21)
SECTION = ParagraphStyle("section", BODY, fontSize=11, leading=15, spaceBefore=4 * mm, spaceAfter=1.5 * mm)
FOOT = 7  # points
GAP = 4 * mm  # between two symbols, more than the quiet zone of each
LEAST_BAR = 0.19 * mm  # what a hand-held scanner still reads off a laser printer's paper
BARS_WIDE, BARS_HIGH, SQUARE_SIDE, QR_SIDE = 52 * mm, 12 * mm, 15 * mm, 22 * mm
SIGN_HIGH = 12 * mm
WALL_SIDE, WALL_BESIDE = 16 * mm, 3  # of a symbol beside a bench, and how many stand in a row


@dataclass(frozen=True, slots=True)
class Mark:
    """A symbol on a paper, in points."""

    drawing: Drawing
    width: float
    height: float


def qr_mark(link: str) -> Mark:
    """What a phone's own camera opens."""
    return Mark(qr(link), QR_SIDE, QR_SIDE)


def marks_of(number: str, link: str) -> list[Mark]:
    """The document's number for every scanner of the house, as on its page, and its page for a phone."""
    bars = code128(number)
    # The library draws each module two units wide.
    found = [Mark(bars, BARS_WIDE, BARS_HIGH)] if bars and 2 * BARS_WIDE / bars.width >= LEAST_BAR else []
    return [*found, Mark(datamatrix(number), SQUARE_SIDE, SQUARE_SIDE), qr_mark(link)]


def paper_file(
    actor: Actor,
    kind: str,
    document_id: int,
    policy: Policy,
    absolute: Callable[[str], str],
) -> tuple[str, bytes]:
    """(number, PDF) of a document; ``absolute`` makes an address of this site one that opens from anywhere. As many statements as
    its page; raises :class:`NotFound` where that does."""
    sheet = sheet_of(actor, kind, document_id, policy)
    link = absolute(reverse("web:print", args=(kind, document_id)))
    return sheet.number, sheet_file(sheet, link, actor.name)


def sheet_file(sheet: Sheet, link: str, printed_by: str) -> bytes:
    """A sheet as a PDF that says by whom it was printed, with its number and ``link`` as symbols."""
    printed = {"at": f"{timezone.localtime():%Y-%m-%d %H:%M}", "who": printed_by}
    foot = " · ".join([sheet.number, _("Printed %(at)s by %(who)s") % printed, _("Yanji")])
    return paper_pdf(sheet, marks=marks_of(sheet.number, link), link=link, foot=foot)


def paper_pdf(sheet: Sheet, *, marks: Sequence[Mark], link: str, foot: str) -> bytes:
    """The sheet on A4, across where it is wide. ``marks``: its symbols; ``link``: written out, for who has no camera; ``foot``: a
    line below every page beside its number."""
    # Only when all is laid out is it known how many pages there are: it is laid out once to count them.
    size = landscape(A4) if sheet.wide else A4
    pages, _draft = _built(sheet, size, marks, link, foot, "")
    return _built(sheet, size, marks, link, foot, str(pages))[1]


def _built(
    sheet: Sheet, size: tuple[float, float], marks: Sequence[Mark], link: str, foot: str, pages: str
) -> tuple[int, bytes]:
    """How many pages it takes, and the file, which says on each of them that there are ``pages``."""
    out = io.BytesIO()
    width = size[0] - 2 * MARGIN
    page = BaseDocTemplate(
        out, pagesize=size, title=f"{sheet.title} {sheet.number}", author=sheet.head, lang=get_language()
    )
    foot_room = MARGIN + 4 * mm
    frame = Frame(
        MARGIN, foot_room, width, size[1] - MARGIN - foot_room,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip

    def below(canvas: Canvas, built: BaseDocTemplate) -> None:
        number = _("Page %(n)s of %(all)s") % {"n": built.page, "all": pages}
        canvas.setFont(font_of(number), FOOT)
        canvas.setFillColor(SOFT)
        canvas.drawRightString(size[0] - MARGIN, 9 * mm, number)
        said = lines(foot, width - across(number) * FOOT - GAP, FOOT)[0]
        canvas.setFont(font_of(said), FOOT)
        canvas.drawString(MARGIN, 9 * mm, said)

    page.addPageTemplates([PageTemplate(frames=[frame], onPage=below)])
    page.build(_story(sheet, marks, link, width))
    return page.page, out.getvalue()


def _story(sheet: Sheet, marks: Sequence[Mark], link: str, width: float) -> list[Flowable]:
    story: list[Flowable] = [_head(sheet, marks, link, width), Spacer(0, 3 * mm)]
    story += [_facts(sheet, width)] if sheet.told else []
    for section in sheet.filled:
        # A heading does not stand alone at the foot of a page.
        story += [
            CondPageBreak(32 * mm),
            _words(section.title, width, SECTION),
            _table(section, width),
        ]
    for wall in sheet.walls:
        story += [CondPageBreak(40 * mm), _words(wall.title, width, SECTION), _wall(wall, width)]
    if sheet.note:
        story += [CondPageBreak(20 * mm), _words(_("Note"), width, SECTION), _words(sheet.note, width, BODY)]
    if sheet.signatures:
        story.append(KeepTogether([Spacer(0, 10 * mm), _signatures(sheet.signatures, width)]))
    return story


def _words(text: str, width: float, style: ParagraphStyle) -> Paragraph:
    """Each line in the font that has its letters."""
    said = [(font_of(line), escape(line)) for line in lines(text, width, style.fontSize)]
    marked = "<br/>".join(f'<font name="{font}">{line}</font>' for font, line in said)
    return Paragraph(marked, ParagraphStyle(style.name, style, fontName=said[0][0]))


class _Symbol(Flowable):
    """A symbol in its rectangle."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.drawing, self.width, self.height = mark.drawing, mark.width, mark.height

    def draw(self) -> None:
        across, up = self.width / self.drawing.width, self.height / self.drawing.height
        self.canv.setFillColor(colors.black)
        for left, top, width, height in self.drawing.boxes:
            foot = self.height - (top + height) * up
            self.canv.rect(left * across, foot, width * across, height * up, stroke=0, fill=1)


def _head(sheet: Sheet, marks: Sequence[Mark], link: str, width: float) -> Table:
    widths = [each.width + GAP for each in marks]
    left = width - sum(widths)
    words = [
        _words(sheet.head, left, SMALL),
        _words(sheet.title, left, TITLE),
        _words(" · ".join(filter(None, (sheet.number, sheet.state))), left, NUMBER),
        Spacer(0, 1.5 * mm),
        _words(link, left, SMALL),
    ]
    table = Table([[words, *map(_Symbol, marks)]], colWidths=[left, *widths])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table


def _facts(sheet: Sheet, width: float) -> Table:
    beside = 4 if sheet.wide else 3
    within = width / beside - 2 * PADDING
    cells: list[list[Flowable]] = [
        [_words(label, within, SMALL), _words(shown(value), within, BODY)] for label, value in sheet.told
    ]
    cells += [[] for _unused in range(-len(cells) % beside)]
    rows = [cells[start : start + beside] for start in range(0, len(cells), beside)]
    table = Table(rows, colWidths=[width / beside] * beside)
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, LINE),
                ("INNERGRID", (0, 0), (-1, -1), 0.4, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
                ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
            ]
        )
    )
    return table


def _table(section: Section, width: float) -> Table:
    """The heading comes again on every page; a row taller than a page goes on on the next."""
    found = laid(section, width)
    table = Table(found.rows, colWidths=found.widths, repeatRows=1, splitInRow=1)
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), font_of(""), found.size, found.size * 1.3),
        ("TEXTCOLOR", (0, 0), (-1, 0), SOFT),
        ("TEXTCOLOR", (0, 1), (-1, -1), INK),
        ("BACKGROUND", (0, 0), (-1, 0), SUNK),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
        *(("ALIGN", (column, 0), (column, -1), "RIGHT") for column in found.numbers),
        *(
            ("FONTNAME", (column, row), (column, row), NAMED)
            for row, cells in enumerate(found.rows)
            for column, cell in enumerate(cells)
            if font_of(cell.replace("\n", "")) == NAMED
        ),
    ]
    style += [("LINEABOVE", (0, -1), (-1, -1), 0.9, INK)] if section.total else []
    table.setStyle(TableStyle(style))
    return table


def _wall(wall: Wall, width: float) -> Table:
    """Symbols in rows, each with its words beside it and room around: a scanner held askew reads the one that is meant."""
    column = width / WALL_BESIDE
    room = column - WALL_SIDE - 3 * GAP
    cells: list[Any] = []
    for code in wall.codes:
        words = [_words(each, room, BODY) for each in code.words if each]
        words.append(_words(code.text, room, SMALL))
        cells += [_Symbol(Mark(datamatrix(code.text), WALL_SIDE, WALL_SIDE)), words]
    cells += [""] * (-len(cells) % (2 * WALL_BESIDE))
    rows = [cells[start : start + 2 * WALL_BESIDE] for start in range(0, len(cells), 2 * WALL_BESIDE)]
    table = Table(rows, colWidths=[WALL_SIDE + 2 * GAP, column - WALL_SIDE - 2 * GAP] * WALL_BESIDE)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), GAP),
                ("BOTTOMPADDING", (0, 0), (-1, -1), GAP),
            ]
        )
    )
    return table


def _signatures(people: Sequence[str], width: float) -> Table:
    """Two beside each other: who signs, a line, and what to write on it."""
    half, room = width / 2, width / 2 - 2 * GAP
    said: list[list[Flowable]] = [
        [
            _words(who, room, BODY),
            Spacer(0, SIGN_HIGH),
            HRFlowable(width=room, thickness=0.8, color=INK, spaceBefore=0, spaceAfter=1 * mm, hAlign="LEFT"),
            _words(_("Name, date"), room, SMALL),
        ]
        for who in people
    ]
    said += [[]] * (len(said) % 2)
    table = Table([said[start : start + 2] for start in range(0, len(said), 2)], colWidths=[half, half])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 7 * mm),
            ]
        )
    )
    return table
