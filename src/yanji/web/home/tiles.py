"""What the home pages are made of: numbers that lead somewhere, and what expires first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.buying.due import UNSHOWN
from yanji.flows.buying.unshown import more
from yanji.ledger.api import Stock, expiring, on_hand

from .. import nav
from ..templatetags.yanji import amount, money_short

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
    key: str = ""  # by which its number is told anew as things happen


def tile(
    label: str,
    value: Any,
    name: str = "",
    query: str = "",
    *,
    href: str = "",
    note: str = "",
    tone: str = "mute",
    key: str = "",
) -> Tile:
    """A number that leads to the page ``name``, or to an address as it is."""
    address = nav.address_of(name) if name else ""
    return Tile(
        label,
        amount(value) if not isinstance(value, str) else value,
        f"{address}{query}" if address else href,
        note,
        tone,
        key,
    )


def lapsing(levels: dict[int, int]) -> dict[str, Any]:
    """The value, note and tone of a tile of papers: how many have lapsed, lapse within 30 days and were never shown; where
    none presses, how many lapse within 90."""
    never = levels.get(UNSHOWN, 0)
    cut = more(never)
    parts = [
        (levels[0], _("%(n)s lapsed") % {"n": levels[0]}),
        (levels[30], _("%(n)s within 30 days") % {"n": levels[30]}),
        (never, _("%(n)s never shown") % {"n": f"{never}{cut}"}),
    ]
    pressing = [words for number, words in parts if number]
    total = sum(levels.values())
    return {
        "value": f"{amount(total)}{cut}",
        "note": said(total, " · ".join(pressing) or _("%(n)s within 90 days") % {"n": total}),
        "tone": "bad" if levels[0] else "soon" if levels[30] or never else "info" if total else "ok",
    }


def papers_tile(levels: dict[int, int]) -> Tile:
    """Papers that have lapsed or lapse within 90 days, by level; it leads to their list."""
    return tile(_("Papers to renew"), name="buyer:papers", **lapsing(levels))


def when(number: Any, tone: str) -> str:
    """The tone where there is something to do, else calm."""
    return tone if number else "ok"


def said(number: Any, note: str) -> str:
    return note if number else _("Nothing waits")


def first_out(actor: Actor, paths: Sequence[str]) -> dict[str, Any]:
    """What expires first of what can still be used, and how much has expired and must be taken out. One statement."""
    today = timezone.localdate()
    horizon = today + timedelta(days=SOON_DAYS * 3)
    found = on_hand(paths=paths, by=("item", "lot", "place"), expiring_by=horizon)
    past = [row for row in found if row.expiry and row.expiry < today]
    return {
        "first_out": found[len(past) :][:LISTED],
        "expired": total(past),
        "first_out_at": only_at(actor, paths),
    }


def ending_soon(actor: Actor, paths: Sequence[str], *, note: str = "") -> Tile:
    """How much can still be used and expires within ``SOON_DAYS``; leads to that list. Without a note: its value."""
    found = total(expiring(SOON_DAYS, today=timezone.localdate(), paths=paths, by=()))
    return soon_tile(
        actor, paths, found.quantity, said(found.quantity, note) if note else money_short(found.value)
    )


def soon_tile(actor: Actor, paths: Sequence[str], quantity: Decimal, note: str) -> Tile:
    return tile(
        _("Expires within 30 days"),
        quantity,
        "web:stock",
        f"?days={SOON_DAYS}&by=all{only_at(actor, paths)}",
        tone=when(quantity, "soon"),
        note=note,
    )


def only_at(actor: Actor, paths: Sequence[str]) -> str:
    """What the stock page's address adds to keep to these places; nothing where they are all that one may see. Where none of
    them may be looked at all are named, and that page says so: it must not list everything else instead."""
    if set(paths) == set(actor.scopes.get(Operation.VIEW, ())):
        return ""
    seen = [path for path in paths if actor.may(Operation.VIEW, path)]
    return "".join(f"&place={path.split('/')[-2]}" for path in seen or paths)


def total(rows: Sequence[Stock]) -> Stock:
    zero = Decimal(0)
    return Stock(
        sum((row.quantity for row in rows), start=zero), sum((row.value for row in rows), start=zero), None
    )
