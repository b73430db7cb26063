"""The maps of the house as numbers: what expires where and when, what lies where."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from yanji.access.actor import Actor
from yanji.access.gates import place_for
from yanji.insight.board import Cut
from yanji.insight.lines import Line, lines_of
from yanji.insight.months import Ripe, ripening, spans
from yanji.insight.plan import Lying, Spot, planned

from .auth import actor
from .shapes import Id, may_fail

router = Router(tags=["maps"])


class SpanOut(Schema):
    """Both days are counted; null: all before, or all after. Both null: what never expires."""

    first: date | None
    last: date | None


class RipeOut(Schema):
    """``span``: an index of ``spans``. ``value`` for who may see figures there."""

    span: int
    quantity: Decimal
    value: Decimal | None


class LineOut(Schema):
    """``itself``: what lies right at the place, and in nothing that stands in it."""

    place_id: int
    name: str
    itself: bool
    cells: list[RipeOut]


class ExpiryMapOut(Schema):
    spans: list[SpanOut]
    lines: list[LineOut]


@router.get("/maps/expiry", response=may_fail(ExpiryMapOut))
def expiry_map(
    request: HttpRequest,
    place_id: Id | None = None,
    stations: bool = False,
    family: Annotated[str, Field(max_length=80)] = "",
    supplier_id: Id | None = None,
) -> ExpiryMapOut:
    """What is in stock, by place and month of expiry: of the places in one place, or of all that the caller may see; with
    ``stations`` of stores and departments. Spans and lines of which nothing is said hold nothing."""
    who, columns = actor(request), spans(timezone.localdate())
    place = place_for(who, place_id) if place_id else None
    cut = Cut((place.path,) if place else who.scopes.get("view", ()), family, supplier_id)
    lines = lines_of(cut.paths, place, stations=stations)
    found = ripening(cut, lines=[line.id for line in lines], columns=columns)
    ends = [SpanOut(first=span.first, last=span.last) for span in columns]
    shown = [_line(line, [each for each in found if each.line_id == line.id], who) for line in lines]
    return ExpiryMapOut(
        spans=[*ends, SpanOut(first=None, last=None)], lines=[line for line in shown if line.cells]
    )


def _line(line: Line, cells: list[Ripe], who: Actor) -> LineOut:
    sees = who.may("see_figures", line.path)
    return LineOut(
        place_id=line.id, name=line.name, itself=line.itself,
        cells=[
            RipeOut(span=each.span, quantity=each.quantity, value=each.value if sees else None)
            for each in sorted(cells, key=lambda each: each.span)
        ],
    )  # fmt: skip


class LyingOut(Schema):
    """``held``: on hold or recalled; ``soon``: expires within 30 days. ``capacity``: how many pieces fit where that is known, and
    ``sized``: how many lie there; null where it is not known. ``value`` for who may see figures there."""

    pieces: Decimal
    value: Decimal | None
    held: Decimal
    expired: Decimal
    soon: Decimal
    sized: Decimal | None
    capacity: int | None


class SpotOut(Schema):
    """``inside``: in which of these places it stands; null for the outermost. ``total``: all that lies in it; ``right_there``:
    what lies in it and in none of the places named inside it. ``deeper``: ask for this place, more stands in it."""

    place_id: int
    inside: int | None
    name: str
    kind: str
    temperature_class: str
    quarantine: bool
    deeper: bool
    total: LyingOut
    right_there: LyingOut


class StockMapOut(Schema):
    places: list[SpotOut]


@router.get("/maps/stock", response=may_fail(StockMapOut))
def stock_map(
    request: HttpRequest,
    place_id: Id | None = None,
    family: Annotated[str, Field(max_length=80)] = "",
    supplier_id: Id | None = None,
) -> StockMapOut:
    """What lies where now: stores and departments of what the caller may see, or of a campus; of a store or department its
    rooms, cabinets and shelves. Every place is followed by what stands in it."""
    who = actor(request)
    place = place_for(who, place_id) if place_id else None
    cut = Cut((place.path,) if place else who.scopes.get("view", ()), family, supplier_id)
    plan = planned(cut, place, today=timezone.localdate())
    return StockMapOut(places=[out for spot in plan.spots for out in _spots(spot, None, who)])


def _spots(spot: Spot, inside: int | None, who: Actor) -> Iterator[SpotOut]:
    place, sees = spot.place, who.may("see_figures", spot.place.path)
    yield SpotOut(
        place_id=place.pk, inside=inside, name=place.name, kind=place.kind, temperature_class=place.temperature_class,
        quarantine=place.quarantine, deeper=spot.deeper, total=_lying(spot.total, sees=sees),
        right_there=_lying(spot.right_there, sees=sees),
    )  # fmt: skip
    for each in spot.inside:
        yield from _spots(each, place.pk, who)


def _lying(found: Lying, *, sees: bool) -> LyingOut:
    known = bool(found.capacity)
    return LyingOut(
        pieces=found.pieces, value=found.value if sees else None, held=found.held, expired=found.expired, soon=found.soon,
        sized=found.sized if known else None, capacity=found.capacity or None,
    )  # fmt: skip
