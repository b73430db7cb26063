"""The expiry map: places down, months across, and in each cell how much of what lies there expires then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.insight.lines import Line, lines_of, with_places_below
from yanji.insight.months import Ripe, Span, ripening, spans

from .board import Look, filters_of, look_of
from .csvfile import csv_file
from .flow.gate import needs
from .maps import MEASURES, SHADES, VALUE, measured, said, sees_value, shade_of, way_to
from .page import page, page_of

GROUPED = {"place": gettext_lazy("By place"), "station": gettext_lazy("By store and department")}
SOON_SPANS = 3  # of the months that follow this one, those that are near


@dataclass(frozen=True, slots=True)
class Column:
    """A month, or what comes before and after them all: what its head says, and what the list behind it is asked. ``far``: it
    presses nobody, and stays pale whatever it counts."""

    head: str
    year: str
    tone: str
    asked: dict[str, Any]
    far: bool = False


@dataclass(frozen=True, slots=True)
class Shade:
    """A cell: what stands in it, how dark it is (0 to :data:`SHADES`), and the list of what it counts."""

    text: str
    level: int
    tone: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the map with its cells; ``href`` leads a step down, or to what lies there where nothing is below."""

    name: str
    href: str
    cells: list[Shade]
    total: Shade
    figures: list[Decimal]


@needs("view")
@require_safe
def expiry_map(request: HttpRequest) -> HttpResponse:
    """``?rows=station`` for stores and departments, ``?measure=value`` for who may see figures, ``?format=csv``."""
    actor: Actor = request.actor
    look = measured(actor, look_of(request, may=Operation.VIEW, measures=MEASURES))
    today = timezone.localdate()
    rows_by = request.GET["rows"] if request.GET.get("rows") in GROUPED else "place"
    lines = lines_of(look.cut.paths, look.place, stations=rows_by == "station")
    found = ripening(look.cut, lines=[line.id for line in lines], columns=spans(today))
    made = _Map(actor, look, columns_of(spans(today)), found)
    rows = made.rows(lines)
    if request.GET.get("format") == "csv":
        return _csv(made, rows)
    return page(
        request,
        "web/expiry_map.html",
        look=look,
        columns=made.columns,
        rows=page_of(request, rows),
        total=made.total(rows),
        rows_by=rows_by,
        groupings=list(GROUPED.items()),
        measures=list(MEASURES.items()) if sees_value(actor, look.place) else [],
        way=way_to(actor, look.place),
        shades=range(1, SHADES + 1),
        **filters_of(actor, may=Operation.VIEW),
    )


def columns_of(found: Sequence[Span]) -> list[Column]:
    """As the head of the map says them. The stock list counts days from today."""
    today = found[1].first
    assert today is not None, "the second span begins today"
    return [*(_column(number, span, today) for number, span in enumerate(found)), _never()]


def _column(number: int, span: Span, today: date) -> Column:
    asked = {
        "from": (span.first - today).days if span.first and span.first != today else None,
        "days": (span.last - today).days if span.last else None,
    }
    if span.first is None:
        return Column(_("Expired"), "", "bad", asked)
    if span.last is None:
        return Column(_("Later"), "", "teal", asked, far=True)
    tone = "soon" if number == 1 else "soon2" if number <= 1 + SOON_SPANS else "teal"
    head = _("This month") if number == 1 else date_format(span.first, "M")
    return Column(head, str(span.first.year) if number > 1 else "", tone, asked)


def _never() -> Column:
    return Column(_("Never expires"), "", "mute", {"undated": 1}, far=True)


class _Map:
    """Numbers, shades and addresses of one map. A column that nothing could be in is left out."""

    def __init__(self, actor: Actor, look: Look, columns: list[Column], found: Sequence[Ripe]) -> None:
        self.actor, self.look = actor, look
        self.by_value = look.measure == VALUE
        self.figures: dict[tuple[int, int], Decimal] = {
            (each.line_id, each.span): each.value if self.by_value else each.quantity for each in found
        }
        # What is far away would leave everything that presses pale.
        pressing = (figure for (_line, span), figure in self.figures.items() if not columns[span].far)
        self.deepest = max(pressing, default=Decimal(0))
        undated = any(each.span == len(columns) - 1 for each in found)
        self.columns = columns if undated else columns[:-1]

    def rows(self, lines: Iterable[Line]) -> list[Row]:
        """The lines at which anything lies, in their order."""
        kept = {line_id for line_id, _span in self.figures}
        shown = [line for line in lines if line.id in kept]
        deeper = with_places_below([line.id for line in shown])
        return [self._row(line, drills=line.id in deeper and not line.itself) for line in shown]

    def _row(self, line: Line, *, drills: bool) -> Row:
        asked: dict[str, Any] = {"place": line.id} | ({"right_there": 1} if line.itself else {})
        figures = [self.figures.get((line.id, number), Decimal(0)) for number in range(len(self.columns))]
        measure = {"measure": VALUE} if self.by_value else {}
        href = self.look.address("web:expiry_map", self.actor, place=line.id, **measure) if drills else ""
        listed = self._listed(asked)
        linked = line.leads
        return Row(
            _name(line), (href or listed) if linked else "",
            [self._shade(n, figure, asked if linked else None) for n, figure in enumerate(figures)],
            self._sum(figures, listed if linked else ""), figures,
        )  # fmt: skip

    def total(self, rows: Sequence[Row]) -> Row:
        """All rows together; leads to the lists of all that is looked at."""
        columns = [sum(column, Decimal(0)) for column in zip(*(row.figures for row in rows), strict=True)]
        asked = {"place": self.look.place.pk} if self.look.place else {}
        cells = [replace(self._shade(n, figure, asked), level=0) for n, figure in enumerate(columns)]
        return Row(_("Together"), "", cells, self._sum(columns, self._listed(asked)), columns)

    def _shade(self, number: int, figure: Decimal, asked: dict[str, Any] | None) -> Shade:
        column = self.columns[number]
        href = self._listed({**asked, **column.asked}) if asked is not None and figure else ""
        return Shade(said(figure, self.look.measure), self._level(number, figure), column.tone, href)

    def _level(self, number: int, figure: Decimal) -> int:
        return shade_of(figure, Decimal(0) if self.columns[number].far else self.deepest)

    def _sum(self, figures: Sequence[Decimal], href: str) -> Shade:
        return Shade(said(sum(figures, Decimal(0)), self.look.measure), 0, "", href)

    def _listed(self, asked: dict[str, Any]) -> str:
        return self.look.address("web:stock", self.actor, **{**asked, "by": "all"})


def _name(line: Line) -> str:
    if line.itself:
        return _("Right at: %(place)s") % {"place": line.name}
    return line.name if line.leads else _("%(place)s, elsewhere") % {"place": line.name}


def _csv(made: _Map, rows: Sequence[Row]) -> HttpResponse:
    head = [_("Place"), *(f"{column.year} {column.head}".strip() for column in made.columns), _("Together")]
    body = ([row.name, *row.figures, sum(row.figures, Decimal(0))] for row in rows)
    return csv_file("expiry-map", head, body)
