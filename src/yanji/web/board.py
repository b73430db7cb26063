"""The board: the whole house, or a part of it, in one look that stays true while one looks."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import place_for
from yanji.access.operations import Operation
from yanji.catalog.models import Supplier
from yanji.catalog.queries import families
from yanji.insight.board import Cell, Cut, Flow, Way, cells, flows, ways
from yanji.insight.shortage import running_short
from yanji.ledger.api import log_position, on_hand
from yanji.places.models import Kind, Place
from yanji.watch.happenings import recent

from .asked import plain, whole_number
from .board_alerts import alerts
from .board_figures import Figures, Look
from .charts import day_lines
from .flow.gate import needs
from .home.tiles import LISTED
from .network import network
from .page import page
from .templatetags.yanji import amount, money_short, named

STATIONS = (Kind.CAMPUS, Kind.STORE, Kind.DEPARTMENT)
SHORT_DAYS = 30
MEASURES = {
    "pieces": gettext_lazy("Pieces"),
    "value": gettext_lazy("Value"),
    "expiry": gettext_lazy("Expires within 30 days"),
}


def look_of(
    request: HttpRequest, *, may: str = Operation.SEE_FIGURES, measures: Collection[str] = MEASURES.keys()
) -> Look:
    """Raises NotFound for a place whose figures are not the reader's to see."""
    actor: Actor = request.actor
    given = request.GET
    key = whole_number(given.get("place"))
    place = place_for(actor, key, may=may) if key else None
    paths = (place.path,) if place else actor.scopes.get(may, ())
    measure = given["measure"] if given.get("measure") in measures else "pieces"
    cut = Cut(paths, plain(given.get("family"), 80), whole_number(given.get("supplier")))
    return Look(cut, place, measure, wall=given.get("wall") == "1")


@needs("see_figures")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The board with its filters; ``?wall=1`` for a screen on a wall."""
    look, position = look_of(request), log_position()  # before anything is read
    return page(
        request,
        "web/board.html",
        partial="board",
        position=position,
        inside="inside",
        **filters_of(request.actor, may=Operation.SEE_FIGURES),
        **overview(request.actor, look),
    )


def manager(actor: Actor) -> dict[str, Any]:
    """Is everything under control: stock, capital, expiry, what moves now? The board of all that the reader may see."""
    return overview(actor, Look(Cut(actor.scopes.get(Operation.SEE_FIGURES, ()))))


def overview(actor: Actor, look: Look) -> dict[str, Any]:
    """Everything on the board but what runs short, which is asked for by itself. The same number of statements whatever
    the size of the house."""
    now, cut = timezone.localtime(), look.cut
    found, under_way = cells(cut, today=now.date()), ways(cut)
    passed = flows(cut, since=midnight(now), zone=timezone.get_current_timezone_name())
    places = _places(found, passed, under_way)
    figures = Figures(found, partial(look.address, actor=actor))
    return {
        "look": look,
        "tiles": figures.tiles(passed, under_way),
        "network": _network(actor, look, places, found, passed, under_way),
        "ways_rows": _rows(places, under_way),
        "expiry_chart": figures.expiry(),
        "day_chart": day_lines(passed, now.hour, lambda steps: look.address("web:moved", actor, steps=steps)),
        "status_chart": figures.statuses(),
        "campuses": figures.campuses(places),
        "alerts": alerts(actor, look, figures),
        "largest": _largest(actor, look),
        "happenings": recent(paths=cut.paths, limit=10, family=cut.family, supplier_id=cut.supplier_id),
        "short_address": look.address("web:board_short", actor),
        "measures": list(MEASURES.items()),
    }


def numbers(cut: Cut) -> Callable[[], dict[str, list[str]]]:
    """The numbers of the board's tiles and places, read now: by the key of what shows them, its texts in turn, in the words of
    whatever language they are asked for in."""
    now = timezone.localtime()
    figures = Figures(cells(cut, today=now.date()), lambda *_page, **_asked: "")
    passed = flows(cut, since=midnight(now), zone=timezone.get_current_timezone_name())
    under_way = ways(cut)

    def said() -> dict[str, list[str]]:
        tiles = {tile.key: [tile.value, tile.note] for tile in figures.tiles(passed, under_way)}
        campuses = figures.campuses({})
        stations = [("place", row) for campus in campuses for row in campus["stations"]]
        # Of a place that is no key any more: its last piece has left.
        nothing = {"none": [amount(Decimal(0)), money_short(Decimal(0))]}
        return nothing | tiles | {
            f"{kind}-{row['key']}": [amount(row["quantity"]), money_short(row["value"])]
            for kind, row in [*(("campus", campus) for campus in campuses), *stations]
        }  # fmt: skip

    return said


def midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def filters_of(actor: Actor, *, may: str) -> dict[str, Any]:
    """What may be chosen: places by campus where the operation is held, families, suppliers. Three statements."""
    held = actor.scopes.get(may, ())
    stations = [
        place
        for place in Place.objects.filter(active=True, kind__in=STATIONS).order_by("path")
        if place.path.startswith(held)
    ]
    return {
        "stations": [
            {"place": place, "indent": "" if place.kind == Kind.CAMPUS else "\u2003"} for place in stations
        ],
        "families": families(),
        "suppliers": Supplier.objects.filter(active=True).order_by("code"),
    }


def _places(found: Iterable[Cell], passed: Iterable[Flow], under_way: Iterable[Way]) -> dict[int, Place]:
    """Every station and campus that is named. One statement."""
    keys = {key for cell in found for key in (cell.station_id, cell.campus_id) if key}
    keys |= {key for each in (*passed, *under_way) for key in (each.from_id, each.to_id)}
    return Place.objects.in_bulk(keys)


def _lying(look: Look, found: Iterable[Cell]) -> dict[int, Decimal]:
    """Station -> how much of what the picture measures."""
    lying: dict[int, Decimal] = defaultdict(Decimal)
    for cell in found:
        if look.measure != "expiry" or cell.bin <= 1:
            lying[cell.station_id] += cell.value if look.measure == "value" else cell.quantity
    return lying


def _network(
    actor: Actor,
    look: Look,
    places: dict[int, Place],
    found: list[Cell],
    passed: list[Flow],
    under_way: list[Way],
) -> dict[str, Any]:
    return network(
        places, _lying(look, found), passed, under_way,
        say=money_short if look.measure == "value" else amount,
        at=lambda keys: look.address("web:stock", actor, place=keys, by="unit"),
        between=lambda starts, ends: look.address("web:moved", actor, **{"from": starts, "to": ends}),
        through=lambda keys: look.address("web:moved", actor, through=keys),
    )  # fmt: skip


def _rows(places: dict[int, Place], under_way: Iterable[Way]) -> list[dict[str, Any]]:
    """What is under way, longest first; each row leads to the paper that names its units."""
    return [
        {
            "start": places[way.from_id].name, "end": places[way.to_id].name, "way": way,
            "href": reverse("web:print", args=(way.kind, way.document_id)),
        }
        for way in under_way
    ]  # fmt: skip


def _largest(actor: Actor, look: Look) -> list[dict[str, Any]]:
    """The items that tie up most capital."""
    cut = look.cut
    rows = on_hand(paths=cut.paths, by=("item",), family=cut.family, supplier_id=cut.supplier_id)
    return [
        {
            "name": named(row.item_name), "code": row.item_code, "quantity": row.quantity, "value": row.value,
            "href": look.address("web:stock", actor, item=row.item_id, by="unit"),
        }
        for row in sorted(rows, key=lambda row: row.value, reverse=True)[:LISTED]
    ]  # fmt: skip


@needs("see_figures")
@require_safe
def short(request: HttpRequest) -> HttpResponse:
    """What runs short in the part that the board looks at: fetched when the board stands, for it reads a month of use."""
    look = look_of(request)
    since = timezone.now() - timedelta(days=SHORT_DAYS)
    rows = running_short(look.cut, since=since, days=SHORT_DAYS)
    return page(request, "web/_short.html", short=rows, look=look)
