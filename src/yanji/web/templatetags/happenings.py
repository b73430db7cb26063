"""What just happened, in one line: drawn with the page, and sent to it as it goes on."""

from django import template
from django.utils.translation import ngettext

from yanji.watch.happenings import Happening

from .yanji import amount, named

register = template.Library()


@register.filter
def what_moved(happening: Happening) -> str:
    """Of what, and how much: the pieces of several items are the pieces of all of them."""
    item, pieces = named(happening.item), amount(happening.pieces)
    if not happening.more:
        return item if happening.pieces == 1 else f"{item} × {pieces}"
    words = ngettext(
        "%(item)s and %(n)s more item, %(pieces)s in all", "%(item)s and %(n)s more items, %(pieces)s in all", happening.more
    )  # fmt: skip
    return words % {"item": item, "n": happening.more, "pieces": pieces}
