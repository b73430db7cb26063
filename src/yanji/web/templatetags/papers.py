"""What a template needs to show a document's trail and to print it."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from yanji.flows.packing.label import printed
from yanji.flows.papers import Cell, is_code, is_number, shown

register = template.Library()


@register.inclusion_tag("web/_trail_later.html")
def trail(kind: str, document_id: int) -> dict[str, Any]:
    """The card of a document's remarks and files. It loads by itself: the page does not pay for it."""
    return {"kind": kind, "document_id": document_id}


@register.inclusion_tag("web/_print_button.html")
def print_button(kind: str, document_id: int, policy: str = "") -> dict[str, Any]:
    """Opens the document as it is printed. ``policy``: whose turn it is, where it proposes what to take."""
    return {"kind": kind, "document_id": document_id, "policy": policy}


@register.filter
def box_code(code: str) -> str:
    """A box's code as it stands below the bars of its label."""
    return printed(code)


@register.filter
def parts(code: str) -> SafeString:
    """A code that no line holds ends its lines between its words, and in none of them."""
    return format_html_join(
        SafeString("<wbr>"), "{}", ((word,) for word in re.findall(r"[^:_/-]*[:_/-]|[^:_/-]+", code))
    )


@register.filter
def until(start: date, end: date | None) -> str:
    """From the first to the last day of a paper; some have no last day."""
    if end is None:
        return _("from %(day)s, without end") % {"day": start.isoformat()}
    return f"{start.isoformat()} – {end.isoformat()}"


@register.filter
def cell(value: Cell) -> str:
    return shown(value)


register.filter(is_number)
register.filter(is_code)


@register.filter
def columns_with_numbers(section: Any) -> list[tuple[str, bool]]:
    """The columns of a section, each with whether it holds numbers."""
    first = section.rows[0] if section.rows else ("",) * len(section.columns)
    return [(title, is_number(value)) for title, value in zip(section.columns, first, strict=True)]


@register.filter
def titled(row: Sequence[Cell], columns: Sequence[str]) -> list[tuple[str, Cell]]:
    """Each cell with its column's title: on a phone a row is read on its own."""
    return list(zip(columns, row, strict=True)) if row else []


FILE_ICONS = {"application/pdf": "file-type-pdf", "text/csv": "file-type-csv", "text/plain": "file-text"}


@register.filter
def file_icon(content_type: str) -> str:
    return "photo" if content_type.startswith("image/") else FILE_ICONS.get(content_type, "file-spreadsheet")


@register.filter
def is_file(entry: Any) -> bool:
    return hasattr(entry, "sha256")


@register.simple_tag
def symbol(drawing: Any, css: str, label: str) -> SafeString:
    """A machine-readable symbol as an SVG."""
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}" '
        'shape-rendering="crispEdges"><path d="{}"/></svg>',
        css,
        f"{drawing.width:g}",
        f"{drawing.height:g}",
        label,
        drawing.path,
    )
