"""The board: the whole house, or a part of it, in one look that stays true while one looks."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import place_for
from yanji.access.operations import Operation
from yanji.catalog.models import Supplier
from yanji.catalog.queries import families
from yanji.flows.buying.due import UNSHOWN, counted, papers_seen
from yanji.flows.buying.unshown import more
from yanji.flows.consign.queries import overdue_sets
from yanji.flows.rfid.queries import silent_readers
from yanji.flows.theatre.queries import open_differences
from yanji.insight.board import Cell, Cut, Flow, Way, cells, flows, ways
from yanji.insight.expiry import BIN_DAYS, NEVER, Bin
from yanji.insight.shortage import running_short
from yanji.ledger.api import Status, log_position, on_hand
from yanji.places.models import Kind, Place
from yanji.watch.happenings import recent

from .asked import plain, whole_number
from .charts import CAME, WENT, day_lines, expiry_bars, status_bars
from .flow.gate import needs
from .home.tiles import LISTED, Tile, only_at, tile, when
from .nav import open_address
from .network import network
from .page import page
from .templatetags.yanji import amount, money_short, named

HELD = (Status.QUARANTINED, Status.RECALLED)
STATIONS = (Kind.CAMPUS, Kind.STORE, Kind.DEPARTMENT)
SHORT_DAYS = 30
MEASURES = {
    "pieces": gettext_lazy("Pieces"),
    "value": gettext_lazy("Value"),
    "expiry": gettext_lazy("Expires within 30 days"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What the address asks for: which part of the house, and what the picture measures."""

    cut: Cut
    place: Place | None = None
    measure: str = "pieces"
    wall: bool = False

    def address(self, name: str, actor: Actor, **query: Any) -> str:
        """The address of a page that keeps to the same part of the house."""
        kept = {"family": self.cut.family or None, "supplier": self.cut.supplier_id, **query}
        asked = urlencode({key: value for key, value in kept.items() if value is not None}, doseq=True)
        if "place" in query:
            return f"{reverse(name)}?{asked}"
        # The board's own pages look at what the reader may see figures of, if nothing else is asked.
        everywhere = only_at(actor, self.cut.paths) if name == "web:stock" else ""
        where = f"&place={self.place.pk}" if self.place else everywhere
        return f"{reverse(name)}?{asked}{where}"


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
    figures = _Figures(actor, look, found)
    return {
        "look": look,
        "tiles": figures.tiles(passed, under_way),
        "network": _network(actor, look, places, found, passed, under_way),
        "ways_rows": _rows(places, under_way),
        "expiry_chart": figures.expiry(),
        "day_chart": {**day_lines(passed, now.hour), "href": look.address("web:moved", actor)},
        "status_chart": figures.statuses(),
        "campuses": _campuses(actor, look, places, found),
        "alerts": _alerts(actor, look, figures),
        "largest": _largest(actor, look),
        "happenings": recent(paths=cut.paths, limit=10),
        "short_address": look.address("web:board_short", actor),
        "measures": list(MEASURES.items()),
    }


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


class _Figures:
    """What the cells add up to, each number with the list of just what it counts."""

    def __init__(self, actor: Actor, look: Look, found: Sequence[Cell]) -> None:
        self.actor, self.look, self.found = actor, look, found

    def of(self, keep: Callable[[Cell], bool] = lambda _cell: True) -> tuple[Decimal, Decimal]:
        """Pieces and CNY of the cells that are kept."""
        kept = [cell for cell in self.found if keep(cell)]
        return sum((c.quantity for c in kept), Decimal(0)), sum((c.value for c in kept), Decimal(0))

    def stock(self, **query: Any) -> str:
        return self.look.address("web:stock", self.actor, **query)

    def tiles(self, passed: Sequence[Flow], under_way: Sequence[Way]) -> list[Tile]:
        came, went = (
            sum((f.quantity for f in passed if f.step in steps), Decimal(0)) for steps in (CAME, WENT)
        )
        passed_all = sum((flow.quantity for flow in passed), Decimal(0))
        moving = sum((way.quantity for way in under_way), Decimal(0))
        all_of, soon = self.of(), self.of(lambda cell: cell.bin == 1)
        past, held = self.of(lambda cell: cell.bin == 0), self.of(lambda cell: cell.status in HELD)
        in_out = _("In %(came)s · out %(went)s") % {"came": amount(came), "went": amount(went)}
        moved_today = self.look.address("web:moved", self.actor)
        return [
            tile(_("On hand"), all_of[0], href=self.stock(by="place"), note=money_short(all_of[1]), tone="ok"),
            tile(_("Moved today"), passed_all, href=moved_today, note=in_out, tone="info"),
            tile(
                _("Under way"), moving, href="#y-ways", note=_("Between stores and departments"),
                tone="info" if moving else "mute",
            ),
            tile(
                _("Expires within 30 days"), soon[0], href=self.stock(days=30, by="all"), note=money_short(soon[1]),
                tone=when(soon[0], "soon"),
            ),
            tile(
                _("Already expired"), past[0], href=self.stock(days=-1, by="all"), note=money_short(past[1]),
                tone=when(past[0], "bad"),
            ),
            tile(
                _("On hold or recalled"), held[0], href=self.stock(status=HELD, by="all"),
                note=money_short(held[1]), tone=when(held[0], "bad"),
            ),
        ]  # fmt: skip

    def expiry(self) -> dict[str, Any]:
        ends = (*BIN_DAYS, None)
        bins = [Bin(days, *self.of(lambda cell, at=at: cell.bin == at)) for at, days in enumerate(ends)]
        firsts = (None, None, *(days + 1 for days in BIN_DAYS[1:]))
        asked = [{"days": days, "from": first, "by": "all"} for first, days in zip(firsts, ends, strict=True)]
        never = self.of(lambda cell: cell.bin == NEVER)[0], self.stock(undated=1, by="all")
        return expiry_bars(bins, [self.stock(**query) for query in asked], never)

    def statuses(self) -> dict[str, Any]:
        known = [
            (status, self.of(lambda cell, status=status: cell.status == status)[0])
            for status in Status.values
        ]
        return status_bars([(status, q, self.stock(status=status, by="all")) for status, q in known if q])


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
        at=lambda keys: look.address("web:stock", actor, place=keys, by="all"),
        between=lambda starts, ends: look.address("web:moved", actor, **{"from": starts, "to": ends}),
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


def _campuses(
    actor: Actor, look: Look, places: dict[int, Place], found: Sequence[Cell]
) -> list[dict[str, Any]]:
    """On hand and value by campus, and within it by store and department, most value first."""
    groups: dict[int | None, dict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in found:
        groups[cell.campus_id][cell.station_id].append(cell)

    def line(key: int | None, cells_of: Iterable[Cell]) -> dict[str, Any]:
        kept = list(cells_of)
        value = sum((cell.value for cell in kept), Decimal(0))
        return {
            "name": places[key].name if key in places else _("Elsewhere"),
            "quantity": sum((cell.quantity for cell in kept), Decimal(0)),
            "value": value,
            "href": look.address("web:stock", actor, place=key, by="all") if key else "",
        }  # fmt: skip

    most = max(
        (sum(c.value for c in cells_of) for by in groups.values() for cells_of in by.values()), default=0
    )
    found_campuses = [
        {
            **line(campus, [cell for cells_of in by.values() for cell in cells_of]),
            "stations": sorted(
                ({**row, "share": round(100 * row["value"] / most) if most else 0}
                 for row in (line(key, cells_of) for key, cells_of in by.items())),
                key=lambda row: -row["value"],
            ),
        }
        for campus, by in groups.items()
    ]  # fmt: skip
    return sorted(found_campuses, key=lambda row: -row["value"])


def _largest(actor: Actor, look: Look) -> list[dict[str, Any]]:
    """The items that tie up most capital."""
    cut = look.cut
    rows = on_hand(paths=cut.paths, by=("item",), family=cut.family, supplier_id=cut.supplier_id)
    return [
        {
            "name": named(row.item_name), "code": row.item_code, "quantity": row.quantity, "value": row.value,
            "href": look.address("web:stock", actor, item=row.item_id, by="place"),
        }
        for row in sorted(rows, key=lambda row: row.value, reverse=True)[:LISTED]
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that somebody must see to: how many, and where."""

    label: str
    count: Decimal | int
    icon: str
    tone: str
    href: str = ""
    more: str = ""  # "+" where there may be more of it than were counted

    @property
    def said(self) -> str:
        return f"{amount(self.count)}{self.more}"


def _alerts(actor: Actor, look: Look, figures: _Figures) -> list[Alert]:
    """What is not as it should be, the worst first; nothing that counts nothing."""
    paths = look.cut.paths
    expired = figures.of(lambda cell: cell.bin == 0)[0]
    recalled = figures.of(lambda cell: cell.status == Status.RECALLED)[0]
    held = figures.of(lambda cell: cell.status == Status.QUARANTINED)[0]
    lapsing = counted(papers_seen(actor, today=timezone.localdate()))
    found = [
        Alert(
            _("Recalled pieces in the house"), recalled, "alert-octagon", "bad",
            figures.stock(status=Status.RECALLED, by="all"),
        ),
        Alert(_("Expired, still in the house"), expired, "calendar-x", "bad", figures.stock(days=-1, by="all")),
        Alert(
            _("Cases that do not balance"), len(open_differences(paths)), "alert-triangle", "bad",
            open_address(actor, "theatre:cases"),
        ),
        Alert(
            _("Readers that are silent"), len(silent_readers(paths, timezone.now())), "access-point-off", "bad",
            open_address(actor, "storeroom:readers"),
        ),
        Alert(_("Papers lapsed"), lapsing[0], "license-off", "bad", f"{reverse('buyer:papers')}?level=0"),
        Alert(
            _("Papers that lapse within 30 days"), lapsing[30], "license", "soon", f"{reverse('buyer:papers')}?level=30"
        ),
        Alert(
            _("Papers never shown"), lapsing[UNSHOWN], "file-unknown", "soon",
            f"{reverse('buyer:papers')}?level=never", more(lapsing[UNSHOWN]),
        ),
        Alert(
            _("Loan sets past their day"), len(overdue_sets(paths)), "briefcase", "soon",
            open_address(actor, "storeroom:loans"),
        ),
        Alert(
            _("On hold, waits for a decision"), held, "hand-stop", "soon",
            figures.stock(status=Status.QUARANTINED, by="all"),
        ),
        *(
            Alert(label, lapsing[level], "license", "info", f"{reverse('buyer:papers')}?level={level}")
            for level, label in ((60, _("Papers that lapse in 31 to 60 days")), (90, _("Papers that lapse in 61 to 90 days")))
        ),
    ]  # fmt: skip
    return [alert for alert in found if alert.count]


@needs("see_figures")
@require_safe
def short(request: HttpRequest) -> HttpResponse:
    """What runs short in the part that the board looks at: fetched when the board stands, for it reads a month of use."""
    look = look_of(request)
    since = timezone.now() - timedelta(days=SHORT_DAYS)
    rows = running_short(look.cut, since=since, days=SHORT_DAYS)
    return page(request, "web/_short.html", short=rows, look=look)
