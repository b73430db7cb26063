"""A cabinet drawn as a cabinet: shelf above shelf, what lies on each, live."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, place_for
from yanji.access.operations import Operation
from yanji.flows.cabinets.settle import LOOKS_INTO, door_events
from yanji.insight.cabinet import Drawn, Mark, Shelf, Slot, drawn
from yanji.ledger.api import log_position
from yanji.places.models import Kind, Place
from yanji.places.queries import above

from .flow.gate import needs
from .nav import open_address
from .page import page
from .templatetags.yanji import named

BLOCKS = 12  # drawn of one item; of more pieces a block stands for several
MOST_SLOTS = 60
# How each mark is drawn, in the order of the drawing; what needs no word has no icon.
MARKS = {
    Mark.RECALLED: ("bad", "alert-octagon", _("recalled")),
    Mark.HELD: ("bad", "hand-stop", _("on hold")),
    Mark.EXPIRED: ("bad", "calendar-x", _("expired")),
    Mark.SOON: ("soon", "calendar-due", _("within 30 days")),
    Mark.KEPT: ("info", "bookmark", _("spoken for")),
    Mark.GOOD: ("teal", "", _("free to use")),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """How many pieces bear a mark."""

    mark: str
    tone: str
    icon: str
    label: Any
    pieces: Decimal


@dataclass(frozen=True, slots=True)
class Drawing:
    """A slot as it is drawn: ``blocks`` are marks, one a block; ``ghosts`` are blocks of what is missing."""

    name: str
    href: str
    slot: Slot
    blocks: list[str]
    ghosts: range
    said: list[Counted]


@dataclass(frozen=True, slots=True)
class Board:
    """A shelf as it is drawn; ``more`` counts the items for which there is no room in the picture."""

    shelf: Shelf
    href: str
    slots: list[Drawing]
    more: int
    full: int | None  # per cent of its capacity


@needs("view")
@require_safe
def cabinet_page(request: HttpRequest, cabinet_id: int) -> HttpResponse:
    """For who may look at the cabinet; the drawing alone where htmx asks for it."""
    actor: Actor = request.actor
    place = place_for(actor, cabinet_id)
    if place.kind != Kind.CABINET:
        raise NotFound("cabinet")
    position = log_position()  # before anything is read
    found = drawn(place, today=timezone.localdate())
    way = [each for each in above(place) if actor.may(Operation.VIEW, each.path)]
    looks_in = [each for each in LOOKS_INTO if actor.may(each, place.path)]
    return page(
        request,
        "web/cabinet.html",
        partial="cabinet",
        position=position,
        place=place,
        way=way,
        found=found,
        boards=[_board(shelf) for shelf in found.shelves],
        marks=_counted(found.marks),
        full=_full(found.pieces, place.capacity),
        sees_value=actor.may(Operation.SEE_FIGURES, place.path),
        door=next(iter(door_events(actor, cabinet_id=place.pk, limit=1)), None) if looks_in else None,
        ask=_asks_at(actor, way, found),
    )


def _asks_at(actor: Actor, way: Iterable[Place], found: Drawn) -> str:
    """Where what is missing is asked for, by who may for the department that the cabinet stands in."""
    wards = [
        place for place in way if place.kind == Kind.DEPARTMENT and actor.may(Operation.REQUEST, place.path)
    ]
    address = open_address(actor, "ward:levels") if found.lacks and wards else ""
    return f"{address}?department_id={wards[-1].pk}" if address else ""


def _board(shelf: Shelf) -> Board:
    href = _listed(shelf)
    slots = [_drawing(shelf, slot) for slot in shelf.slots[:MOST_SLOTS]]
    more = max(0, len(shelf.slots) - MOST_SLOTS)
    return Board(shelf, href, slots, more, None if shelf.loose else _full(shelf.pieces, shelf.place.capacity))


def _listed(shelf: Shelf, **asked: Any) -> str:
    right_there = "&right_there=1" if shelf.loose else ""
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    return f"{reverse('web:stock')}?by=all&place={shelf.place.pk}{right_there}{more}"


def _full(pieces: Decimal, capacity: int | None) -> int | None:
    return min(100, round(100 * pieces / capacity)) if capacity else None


def _drawing(shelf: Shelf, slot: Slot) -> Drawing:
    a_block = max(1, ceil((slot.pieces + slot.missing) / BLOCKS))
    blocks = [mark for mark, pieces in _in_order(slot) for _each in range(ceil(pieces / a_block))]
    ghosts = range(ceil(slot.missing / a_block))
    href = _listed(shelf, item=slot.item_id) if slot.pieces else ""
    return Drawing(named(slot.name), href, slot, blocks, ghosts, [c for c in _counted(slot.marks) if c.icon])


def _in_order(slot: Slot) -> Iterator[tuple[str, Decimal]]:
    return ((mark.value, slot.marks[mark]) for mark in MARKS if slot.marks[mark])


def _counted(marks: Any) -> list[Counted]:
    return [
        Counted(mark.value, tone, icon, label, marks[mark])
        for mark, (tone, icon, label) in MARKS.items()
        if marks[mark]
    ]
