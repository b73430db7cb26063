"""What the home pages are made of: numbers that lead somewhere, and what expires first."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.ledger.api import Stock, expiring

from .. import nav
from ..templatetags.yanji import amount

SOON_DAYS = 30
LISTED = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """One number that leads to its page; the pill says what to make of it."""

    label: str
    value: str
    href: str = ""
    note: str = ""
    tone: str = "mute"


def tile(
    label: str, value: Any, name: str = "", query: str = "", *, note: str = "", tone: str = "mute"
) -> Tile:
    address = nav.address_of(name) if name else ""
    return Tile(
        label,
        amount(value) if not isinstance(value, str) else value,
        f"{address}{query}" if address else "",
        note,
        tone,
    )


def when(number: Any, tone: str) -> str:
    """The tone where there is something to do, else calm."""
    return tone if number else "ok"


def said(number: Any, note: str) -> str:
    return note if number else _("Nothing waits")


def first_out(paths: Sequence[str]) -> list[Stock]:
    """What expires first of what could still be used, or must be taken out."""
    return expiring(SOON_DAYS * 3, today=timezone.localdate(), paths=paths, by=("item", "lot", "place"))[
        :LISTED
    ]


def ending_soon(paths: Sequence[str]) -> Stock:
    return total(expiring(SOON_DAYS, today=timezone.localdate(), paths=paths, by=()))


def total(rows: Sequence[Stock]) -> Stock:
    zero = Decimal(0)
    return Stock(
        sum((row.quantity for row in rows), start=zero), sum((row.value for row in rows), start=zero), None
    )
