"""Quantities of counted goods beside what they are in packages, and the choice in which to type one."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from yanji.catalog.models import Item
from yanji.catalog.packages import Package, in_packages, packages_of

register = template.Library()
Packages = Mapping[int, tuple[Package, ...]]


@register.simple_tag
def packages_in(rows: Iterable[Any]) -> Packages:
    """The packages of the items of these rows, each of an item, of a lot, or of a pick list, or leading a tuple; for
    ``packed``. One statement, none where all are tracked by unit."""
    return packages_of(_item_id(row[0] if isinstance(row, tuple) else row) for row in rows)


def _item_id(row: Any) -> int:
    """The item of a row that may come in packages; 0 for one that is known to be tracked by unit."""
    row = row.pick.line if hasattr(row, "pick") else row
    item = getattr(getattr(row, "lot", None), "item", None) or getattr(row, "item", None)
    if item is None:
        return getattr(row, "item_id", None) or 0
    return item.pk if item.tracking == Item.Tracking.LOT else 0


@register.simple_tag
def packages_of_item(item_id: int) -> Packages:
    """The same for rows that are all of one item."""
    return packages_of([item_id])


@register.simple_tag
def packed(packages: Packages, item_id: int | None, quantity: int | Decimal | None) -> SafeString | str:
    """The quantity in packages, small, to stand below it; nothing where the item has none or not one is full."""
    told = in_packages(quantity or 0, packages.get(item_id or 0, ()))
    return format_html('<div class="y-label y-packed">{}</div>', told) if told else ""


@register.simple_tag(takes_context=True)
def choices_for(context: Context, line: Any) -> tuple[Package, ...]:
    """In which packages the quantity of a line can be typed. One statement a form: those of all its ``lines`` are read at
    once, and a line that is added brings its own."""
    rows = context.get("lines") or [line]
    request = context["request"]
    if not hasattr(request, "packages_of_lines"):
        request.packages_of_lines = packages_in(rows)
    found: tuple[Package, ...] = request.packages_of_lines.get(line.item.pk, ())
    return found
