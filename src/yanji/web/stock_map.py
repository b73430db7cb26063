"""The stock map: the house drawn by its stores, a store by its shelves, coloured by what lies there, live."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.insight.plan import HELD, SOON_DAYS, Lying, Plan, Spot, planned
from yanji.ledger.api import log_position
from yanji.places.models import Kind
from yanji.places.queries import PathName, path_names
from yanji.places.temperature import CLASSES

from . import looks
from .board import MEASURES as ON_THE_BOARD
from .board import Look, filters_of, look_of
from .csvfile import csv_file
from .flow.gate import needs
from .home.tiles import Tile, tile, when
from .maps import MEASURES, PIECES, SHADES, VALUE, measured, said, sees_value, shade_of, shows_value, way_to
from .page import page, page_of
from .templatetags.yanji import money_short

FULL, EXPIRY = "full", "expiry"
MODES = {**MEASURES, FULL: gettext_lazy("How full"), EXPIRY: ON_THE_BOARD[EXPIRY]}
VIEWS = {"plan": gettext_lazy("Plan"), "table": gettext_lazy("Table")}
NEARLY_FULL, BRIM = 90, 100  # per cent
ROOM = "room"
BROAD = 2  # racks


@dataclass(frozen=True, slots=True)
class Mark:
    """What to know of a place beside its number: an icon, its words for who cannot see it, how many pieces it is about, and the
    list of them."""

    icon: str
    tone: str
    label: Any
    pieces: Decimal | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A place as it is drawn: its number, how dark it is (0 to :data:`SHADES`), what to know of it, and where it leads.
    ``href`` goes a step down, or to the list where nothing is below; ``list_href`` to the list of what it counts."""

    name: str
    kind: str
    icon: str
    text: str
    level: int
    tone: str
    href: str
    list_href: str
    marks: list[Mark]
    shut: bool
    lying: Lying
    spot: Spot
    itself: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A place as a row of the table: how many steps below the outermost, and the list behind each of its numbers."""

    cell: Cell
    depth: int
    lists: dict[str, str]


@dataclass(slots=True)
class Rack:
    """Cells side by side under one name: a cabinet's shelves, a room's cabinets, a campus's stores; in a zone, racks. ``broad``:
    nothing stands beside it."""

    head: Cell | None
    name: Any = ""
    cells: list[Cell] = field(default_factory=list)
    racks: list["Rack"] = field(default_factory=list)
    broad: bool = False


@needs("view")
@require_safe
def stock_map(request: HttpRequest) -> HttpResponse:
    """``?measure=`` one of :data:`MODES`, ``?view=table`` for the same as rows, ``?wall=1``, ``?format=csv``."""
    actor: Actor = request.actor
    look = measured(actor, look_of(request, may=Operation.VIEW, measures=MODES))
    position = log_position()  # before anything is read
    plan = planned(look.cut, look.place, today=timezone.localdate())
    made = _Drawing(actor, look, plan)
    if request.GET.get("format") == "csv":
        return _csv(made)
    by_value = sees_value(actor, look.place)
    view = request.GET["view"] if request.GET.get("view") in VIEWS else "plan"
    return page(
        request,
        "web/stock_map.html",
        partial="stock_map",
        position=position,
        look=look,
        plan=plan,
        tiles=made.tiles(),
        zones=made.zones() if view == "plan" else [],
        rows=page_of(request, made.rows()) if view == "table" else [],
        view=view,
        views=list(VIEWS.items()),
        modes=[(code, name) for code, name in MODES.items() if by_value or code != VALUE],
        sees_value=shows_value(actor, look),
        way=way_to(actor, look.place),
        shades=range(1, SHADES + 1),
        **filters_of(actor, may=Operation.VIEW),
    )


class _Drawing:
    """Numbers, shades and addresses of one map."""

    def __init__(self, actor: Actor, look: Look, plan: Plan) -> None:
        self.actor, self.look, self.plan = actor, look, plan
        self.totals = {spot.place.pk: spot.total for spot in plan.walk()}
        # As dark as the fullest of those drawn side by side, which hold none of the others.
        leaves = (self.totals[spot.place.pk] for spot in plan.walk() if not spot.inside)
        self.deepest = max(map(self.figure, leaves), default=Decimal(0))

    def figure(self, lying: Lying) -> Decimal:
        if self.look.measure == FULL:
            return Decimal(lying.full or 0)
        return {PIECES: lying.pieces, VALUE: lying.value, EXPIRY: lying.soon}[self.look.measure]

    def zones(self) -> list[Rack]:
        """What stands side by side, as a plan: zones, in them racks, in them places."""
        loose = Rack(None)
        zones = [loose]
        for spot in self.plan.spots:
            if not spot.inside and (spot.listed or len(self.plan.spots) > 1):
                loose.cells.append(self.cell(spot))
            elif self.plan.wide:
                zones.append(self._campus(spot))
            else:
                zones += self._store(spot)
        return [zone for zone in zones if zone.cells or zone.racks]

    def _campus(self, spot: Spot) -> Rack:
        """Its stores and departments, each in a row of their own."""
        rows = {Kind.STORE: gettext_lazy("Stores"), Kind.DEPARTMENT: gettext_lazy("Departments")}
        racks = [
            Rack(None, name, [self.cell(each) for each in spot.inside if each.place.kind == kind])
            for kind, name in rows.items()
        ]
        return Rack(self.cell(spot), "", self._right_there(spot), [rack for rack in racks if rack.cells])

    def _store(self, root: Spot) -> list[Rack]:
        """Zone by zone: first what stands in none of them."""
        first = self._rack(root)
        own = Rack(first.head, first.name, first.cells, broad=True)
        return [own, *(self._zone(spot, root) for spot in root.inside if spot.inside)]

    def _zone(self, spot: Spot, around: Spot) -> Rack:
        zone = self._rack(spot, around)
        zone.racks = [self._rack(each, spot) for each in spot.inside if each.inside]
        zone.broad = len(zone.racks) > BROAD
        return zone

    def _rack(self, spot: Spot, around: Spot | None = None) -> Rack:
        cells = [self.cell(each, spot) for each in spot.inside if not each.inside]
        return Rack(self.cell(spot, around), "", [*cells, *self._right_there(spot)])

    def _right_there(self, spot: Spot) -> list[Cell]:
        return [self.cell(spot, spot, itself=True)] if spot.inside and spot.right_there.pieces else []

    def rows(self) -> list[Row]:
        """Every place of the map once, in the order of the drawing; what lies right at one comes after what stands in it."""
        return [row for spot in self.plan.spots for row in self._rows(spot, 0)]

    def _rows(self, spot: Spot, depth: int) -> Iterator[Row]:
        yield self._row(self.cell(spot), depth)
        for each in spot.inside:
            yield from self._rows(each, depth + 1)
        yield from (self._row(cell, depth + 1) for cell in self._right_there(spot))

    def _row(self, cell: Cell, depth: int) -> Row:
        asked: dict[str, dict[str, Any]] = {
            "pieces": {}, "soon": {"days": SOON_DAYS}, "expired": {"days": -1}, "held": {"status": HELD},
        }  # fmt: skip
        lists = {name: self._listed(cell.spot, cell.itself, **more) for name, more in asked.items()}
        return Row(cell, depth, lists)

    def cell(self, spot: Spot, around: Spot | None = None, *, itself: bool = False) -> Cell:
        """A place, or what lies right at it (``itself``), as it is drawn in another one."""
        place, lying = spot.place, spot.right_there if itself else self.totals[spot.place.pk]
        soon = {"days": SOON_DAYS} if self.look.measure == EXPIRY else {}
        listed = self._listed(spot, itself, **soon)
        drills = not itself and bool(spot.deeper or spot.inside)
        asked = {"place": place.pk, "measure": self.look.measure}
        return Cell(
            _name(spot) if itself else place.name, place.kind, looks.PLACES.get(place.kind, "box"),
            self._said(lying, sized=not itself), self._level(lying), self._tone(lying),
            self.look.address("web:stock_map", self.actor, **asked) if drills else listed, listed,
            list(self._marks(spot, lying, around, itself=itself)), place.quarantine, lying, spot, itself,
        )  # fmt: skip

    def _listed(self, spot: Spot, itself: bool, **more: Any) -> str:
        """The address of the list of what lies at a place, or of a part of it; none where no one list says it all."""
        if not (spot.listed if itself else spot.whole):
            return ""
        right_there = {"right_there": 1} if itself else {}
        return self.look.address(
            "web:stock", self.actor, place=spot.place.pk, by="all", **right_there, **more
        )

    def _said(self, lying: Lying, *, sized: bool) -> str:
        if self.look.measure != FULL:
            return said(self.figure(lying), self.look.measure) or "0"
        return f"{lying.full} %" if sized and lying.full is not None else "–"

    def _level(self, lying: Lying) -> int:
        deepest = Decimal(BRIM) if self.look.measure == FULL else self.deepest
        return shade_of(self.figure(lying), deepest)

    def _tone(self, lying: Lying) -> str:
        if self.look.measure == EXPIRY:
            return "soon"
        full = lying.full if self.look.measure == FULL else None
        return "teal" if full is None or full < NEARLY_FULL else "soon" if full <= BRIM else "bad"

    def _marks(self, spot: Spot, lying: Lying, around: Spot | None, *, itself: bool) -> Iterator[Mark]:
        """The temperature is said where it is another one than around it."""
        band = CLASSES.get(spot.place.temperature_class)
        outside = around.place.temperature_class if around else ROOM
        if band and not itself and band.code not in {outside, "any"}:
            yield Mark("snowflake" if band.cold else "temperature", "info", band.name)
        if spot.place.quarantine:
            yield Mark("barrier-block", "bad", _("quarantine"))
        if lying.held:
            held = self._listed(spot, itself, status=HELD)
            yield Mark("hand-stop", "bad", _("on hold or recalled"), lying.held, held)
        if lying.expired:
            yield Mark("calendar-x", "bad", _("expired"), lying.expired, self._listed(spot, itself, days=-1))

    def tiles(self) -> list[Tile]:
        """All that is looked at, each number with the list of it."""
        total, stock = (
            self.plan.total,
            lambda **more: self.look.address("web:stock", self.actor, by="all", **more),
        )
        values = shows_value(self.actor, self.look)
        shown = [
            tile(
                _("On hand"), total.pieces, href=stock(), note=money_short(total.value) if values else "", tone="ok"
            ),
            tile(
                _("Expires within 30 days"), total.soon, href=stock(days=SOON_DAYS), tone=when(total.soon, "soon")
            ),
            tile(_("Already expired"), total.expired, href=stock(days=-1), tone=when(total.expired, "bad")),
            tile(_("On hold or recalled"), total.held, href=stock(status=HELD), tone=when(total.held, "bad")),
        ]  # fmt: skip
        if total.full is None:
            return shown
        said_of = ngettext(
            "%(taken)s of %(capacity)s piece", "%(taken)s of %(capacity)s pieces", total.capacity
        )
        note = said_of % {
            "taken": said(total.sized, PIECES) or 0,
            "capacity": said(Decimal(total.capacity), PIECES),
        }
        return [
            *shown,
            tile(_("How full"), f"{total.full} %", note=note, tone=when(total.full > BRIM, "bad")),
        ]


def _name(spot: Spot) -> str:
    """What lies right at a place is called so; of a campus, what lies in none of its stores and departments."""
    return (_("Right at: %(place)s") if spot.listed else _("%(place)s, elsewhere")) % {
        "place": spot.place.name
    }


def _csv(made: _Drawing) -> HttpResponse:
    rows = made.rows()
    names = path_names({row.cell.spot.place.pk for row in rows})
    values = shows_value(made.actor, made.look)
    head = [
        _("Place"), _("Code"), _("Kind"), _("Temperature"), _("Pieces"), *([_("Value")] if values else []), _("Capacity"),
        _("How full"), _("Expires within 30 days"), _("Expired"), _("On hold or recalled"),
    ]  # fmt: skip
    return csv_file("stock-map", head, (_line(row.cell, names, values=values) for row in rows))


def _line(cell: Cell, names: Mapping[int, PathName], *, values: bool) -> Sequence[Any]:
    place, lying, where = cell.spot.place, cell.lying, str(names[cell.spot.place.pk])
    return [
        f"{where} · {cell.name}" if cell.itself else where, place.code, place.get_kind_display(),
        place.get_temperature_class_display(), lying.pieces, *([lying.value] if values else []),
        None if cell.itself else lying.capacity or None, None if cell.itself else lying.full,
        lying.soon, lying.expired, lying.held,
    ]  # fmt: skip
