"""Units whose maker gives no serial number get the hospital's own label: numbered here, printed with a
DataMatrix."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import zint
from django.conf import settings
from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.identity import Label as Symbol
from yanji.identity import hospital_label
from yanji.ledger.api import Refused

from .acts import Done, moment, verb
from .gates import place_at
from .models import Label
from .numbers import next_block
from .symbols import drawn

MOST_LABELS = 500
WIDTH, HEIGHT = 60 * mm, 30 * mm  # the common roll of label printers
FONT = "STSong-Light"  # every PDF reader brings it: nothing to embed


def gs1_prefix() -> str | None:
    """The hospital's GS1 Company Prefix, where it has one (setting YANJI_GS1_PREFIX)."""
    return getattr(settings, "YANJI_GS1_PREFIX", "") or None


@verb
def assign_labels(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    item_id: int,
    count: int,
    lot: str = "",
    expiry: date | None = None,
    made: date | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Number ``count`` units of an item. The numbers run through the whole hospital and are never given
    twice.

    ``facts["labels"]``: number, epc and printed text of each; the units enter the ledger when they are
    received.
    """
    place = place_at(actor, place_id, may="label")
    item = Item.objects.filter(pk=item_id).first()
    if item is None:
        raise NotFound("item")
    if item.tracking != Item.Tracking.UNIT:
        raise Refused("wrong_tracking", thing=item.name)
    if count > MOST_LABELS:
        raise Refused("too_many_lines", count=count, limit=MOST_LABELS)
    prefix = gs1_prefix()
    numbers = [f"{number:09d}" for number in next_block("LABEL", count)]
    symbols = [hospital_label(prefix, number) for number in numbers]
    Label.objects.bulk_create(
        Label(
            number=number,
            epc=symbol.epc,
            giai=f"{prefix}{number}" if prefix else "",
            item=item,
            lot=lot,
            expiry=expiry,
            made=made,
            place=place,
            actor_id=actor.person_id,
            assigned_at=moment(happened_at),
        )
        for number, symbol in zip(numbers, symbols, strict=True)
    )
    labels = [
        {"number": number, "epc": symbol.epc, "text": symbol.hri}
        for number, symbol in zip(numbers, symbols, strict=True)
    ]
    return Done(numbers[0], facts={"labels": labels})


@dataclass(frozen=True, slots=True)
class Printed:
    """What one label shows: the symbol's data, the text below it, and what a person reads."""

    number: str
    symbol: Symbol
    item: str
    model: str
    lot: str
    expiry: date | None


def label_data(actor: Actor, numbers: Sequence[str]) -> list[Printed]:
    """Labels to print, in the order of their numbers. Raises :class:`NotFound` where the actor may see
    none."""
    if not numbers or len(numbers) > MOST_LABELS:
        raise Refused("too_many_lines" if numbers else "empty", count=len(numbers), limit=MOST_LABELS)
    rows = Label.objects.filter(number__in=numbers).select_related("item", "place").order_by("number")
    seen = [row for row in rows if actor.may("label", row.place.path) or actor.may("view", row.place.path)]
    if not seen:
        raise NotFound("label")
    return [
        Printed(row.number, _symbol(row), row.item.name, row.item.model, row.lot, row.expiry) for row in seen
    ]


def _symbol(row: Label) -> Symbol:
    """As it was assigned: a prefix configured since does not rename what is stuck on a box."""
    return hospital_label(row.giai.removesuffix(row.number) or None, row.number)


def label_sheet(actor: Actor, numbers: Sequence[str]) -> bytes:
    """A PDF with one label a page, 60 by 30 mm."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT))
    canvas.setTitle(_("Hospital labels"))
    for printed in label_data(actor, numbers):
        _draw(canvas, printed)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, printed: Printed) -> None:
    _draw_symbol(canvas, printed.symbol, x=2 * mm, y=8 * mm, side=20 * mm)
    canvas.setFont(FONT, 6.5)
    canvas.drawString(2 * mm, 3 * mm, printed.symbol.hri)
    rows = [
        (8.5, printed.item),
        (7, printed.model),
        (7, _("Lot %(lot)s") % {"lot": printed.lot} if printed.lot else ""),
        (7, _("Use by %(day)s") % {"day": printed.expiry.isoformat()} if printed.expiry else ""),
        (9, printed.number),
    ]
    y = HEIGHT - 5 * mm
    for size, text in rows:
        if text:
            canvas.setFont(FONT, size)
            canvas.drawString(24 * mm, y, _cut(text, size, WIDTH - 26 * mm))
            y -= 4.6 * mm


def _cut(text: str, size: float, width: float) -> str:
    while text and pdfmetrics.stringWidth(text, FONT, size) > width:
        text = text[:-1]
    return text


def _draw_symbol(canvas: Canvas, label: Symbol, *, x: float, y: float, side: float) -> None:
    """As vectors: sharp on any printer."""
    modules, size = squares(label)
    scale = side / size
    for left, top, width, height in modules:
        canvas.rect(
            x + left * scale,
            y + (size - top - height) * scale,
            width * scale,
            height * scale,
            stroke=0,
            fill=1,
        )


def squares(label: Symbol) -> tuple[list[tuple[float, float, float, float]], float]:
    """The dark parts of a label's DataMatrix as (left, top, width, height), and the side of the whole square.

    A GS1 label becomes a GS1 DataMatrix: FNC1 in first place (GS1 General Specifications 5.6).
    """
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.DATAMATRIX
    symbol.input_mode = zint.InputMode.UNICODE
    if label.gs1:
        symbol.input_mode = zint.InputMode.GS1 | zint.InputMode.GS1PARENS
    symbol.option_3 = zint.DataMatrixOptions.SQUARE
    symbol.show_text = False
    symbol.encode(label.hri if label.gs1 else label.data)
    shapes = drawn(symbol)
    return list(shapes.boxes), max(shapes.width, shapes.height)
