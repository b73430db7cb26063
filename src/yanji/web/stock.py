"""Stock by item, lot or place: what lies where, how much of it, and how soon it expires."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.catalog.models import Item, Supplier
from yanji.catalog.queries import search
from yanji.ledger.api import IN_STOCK, Lying, Moment, Status, Stock, lies, lying, on_hand, stock_at
from yanji.places.models import Place
from yanji.places.queries import path_names, tree

from . import nav
from .asked import plain, whole_number
from .csvfile import csv_file
from .moments import moment_of
from .page import page, page_of
from .templatetags.yanji import named, status_name

GROUPINGS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "item": (gettext_lazy("By item"), ("item",)),
    "lot": (gettext_lazy("By lot"), ("item", "lot")),
    "place": (gettext_lazy("By place"), ("place",)),
    "all": (gettext_lazy("Everything"), ("item", "lot", "place", "status")),
    "unit": (gettext_lazy("Unit by unit"), ("unit", "item", "lot", "place", "status")),
}
MOST_PLACES = 50
MOST_THINGS = 50_000  # in a file, thing by thing: a house of a million units would not fit into a worker
DAY_CHOICES = (-1, 7, 30, 60, 90, 180, 365)
# What a row of a grouping says of itself.
FIELDS = {
    "item": ("item_id", "item_code", "item_name", "item_model"),
    "lot": ("lot_id", "lot", "expiry"),
    "place": ("place_id", "place_name", "place_path"),
    "status": ("status",),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; whatever makes no sense there is as if it were not asked."""

    place_ids: tuple[int, ...]
    item_id: int | None
    lot_id: int | None
    owner_id: int | None
    days: int | None
    from_days: int | None
    undated: bool
    right_there: bool
    statuses: tuple[str, ...]
    family: str
    supplier_id: int | None
    text: str
    by: str

    @property
    def place_id(self) -> int | None:
        """The one place that is chosen; None for all, and for several."""
        return self.place_ids[0] if len(self.place_ids) == 1 else None

    @property
    def status(self) -> str:
        """The one status that is chosen; empty for all, and for several."""
        return self.statuses[0] if len(self.statuses) == 1 else ""

    @property
    def right_at(self) -> int | None:
        """The one place at which things lie themselves, and not in what stands in it; None where that is not asked."""
        return self.place_id if self.right_there else None

    def expiring(self, today: date) -> tuple[date | None, date | None]:
        """From which day and up to which; a negative number of days asks for what has expired."""
        first = None if self.from_days is None else today + timedelta(days=self.from_days)
        if self.days is None:
            return first, None
        return first or (today if self.days >= 0 else None), today + timedelta(days=self.days)


def _filters(request: HttpRequest) -> Filters:
    given = request.GET
    return Filters(
        place_ids=tuple(filter(None, map(whole_number, given.getlist("place"))))[:MOST_PLACES],
        item_id=whole_number(given.get("item")),
        lot_id=whole_number(given.get("lot")),
        owner_id=whole_number(given.get("owner")),
        days=whole_number(given.get("days"), lowest=-1, highest=36_500),
        from_days=whole_number(given.get("from"), highest=36_500),
        undated=given.get("undated") == "1",
        right_there=given.get("right_there") == "1",
        statuses=tuple(status for status in given.getlist("status") if status in Status.values),
        family=plain(given.get("family"), 80),
        supplier_id=whole_number(given.get("supplier")),
        text=plain(given.get("q")),
        by=given["by"] if given.get("by") in GROUPINGS else "item",
    )


@require_safe
def stock_page(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor
    filters = _filters(request)
    scope = actor.scopes.get(Operation.VIEW, ())
    paths = _paths(actor, filters.place_ids) or scope
    if (moment := moment_of(request)) and filters.by == "unit":
        filters = replace(filters, by="all")  # the past is added up from movements, not told piece by piece
    columns = GROUPINGS[filters.by][1]
    found = _found(filters, paths, moment)
    sees_value = actor.may(Operation.SEE_FIGURES)
    if request.GET.get("format") == "csv":
        return _csv(found, columns, sees_value=sees_value)
    rows = page_of(request, found)
    names = path_names(row.place_id for row in rows if row.place_id)
    rows.object_list = [
        _Row(row, str(names.get(row.place_id or 0, "")), _things(request, row, filters) if not moment else "")
        for row in rows
    ]
    return page(
        request,
        "web/stock.html",
        filters=filters,
        moment=moment,
        columns=columns,
        rows=rows,
        total=found.total if isinstance(found, Things) else _total(found),
        sees_value=sees_value,
        nodes=[{"place": node.place, "indent": "\u2003" * node.depth} for node in tree(paths=scope)],
        only=_only(request, filters),
        reserve=nav.open_address(actor, "storeroom:reserve") if filters.item_id and not moment else "",
        owners=[row for row in on_hand(paths=scope, by=("owner",)) if row.owner_id],
        all_statuses=Status.choices,
        day_choices=sorted({*DAY_CHOICES, *([] if filters.days is None else [filters.days])}),
        groupings=[
            (code, name) for code, (name, _columns) in GROUPINGS.items() if not moment or code != "unit"
        ],
    )


def _paths(actor: Actor, place_ids: tuple[int, ...]) -> tuple[str, ...]:
    """The paths of the places asked for; raises NotFound where any of them is hidden or absent. One statement."""
    found = Place.objects.in_bulk(place_ids) if place_ids else {}
    if not all(key in found and actor.may(Operation.VIEW, found[key].path) for key in place_ids):
        raise NotFound("place")
    return tuple(found[key].path for key in place_ids)


def _found(filters: Filters, paths: tuple[str, ...], moment: Moment | None) -> "list[Stock] | Things":
    columns = GROUPINGS[filters.by][1]
    if moment:
        return _stock_then(filters, paths, columns, moment)
    if filters.by == "unit":
        return Things(**_asked(filters, paths), item_ids=_items(filters) if filters.text else None)
    return _stock(filters, paths, columns)


def _asked(filters: Filters, paths: tuple[str, ...]) -> dict[str, Any]:
    """The filters as the ledger understands them, but for the text."""
    first, last = filters.expiring(timezone.localdate())
    return {
        "paths": paths, "item_id": filters.item_id, "lot_id": filters.lot_id, "owner_id": filters.owner_id,
        "family": filters.family, "supplier_id": filters.supplier_id, "statuses": filters.statuses or IN_STOCK,
        "expiring_from": first, "expiring_by": last, "undated": filters.undated, "place_id": filters.right_at,
    }  # fmt: skip


def _stock(filters: Filters, paths: tuple[str, ...], columns: tuple[str, ...]) -> list[Stock]:
    wanted = _items(filters) if filters.text else None
    # Items are picked out afterwards, so the rows must name them; then they are put together again.
    by: Any = columns if wanted is None or "item" in columns else ("item", *columns)
    found = on_hand(by=by, **_asked(filters, paths))
    return found if wanted is None else _together([row for row in found if row.item_id in wanted], columns)


def _stock_then(
    filters: Filters, paths: tuple[str, ...], columns: tuple[str, ...], moment: Moment
) -> list[Stock]:
    """As it was: added up from movements, then picked out and put together here. Whose it was is not asked."""
    statuses = filters.statuses or IN_STOCK
    rows = stock_at(paths=paths, as_of=moment.as_of, as_known=moment.as_known, statuses=statuses)
    wanted, (first, last) = _items(filters), filters.expiring(timezone.localdate(moment.as_of))
    kept = [
        row
        for row in rows
        if (wanted is None or row.item_id in wanted)
        and filters.item_id in (None, row.item_id)
        and filters.lot_id in (None, row.lot_id)
        and filters.right_at in (None, row.place_id)
        and (first or date.min) <= (row.first_expiry or date.max) <= (last or date.max)
        and not (filters.undated and row.first_expiry)
    ]
    fields = [name for column in columns for name in FIELDS[column]]
    groups: dict[tuple[Any, ...], list[Stock]] = {}
    for row in kept:
        groups.setdefault(tuple(getattr(row, name) for name in fields), []).append(row)
    found = [replace(_total(group), **dict(zip(fields, key, strict=True))) for key, group in groups.items()]
    return sorted(found, key=lambda row: (row.first_expiry is None, row.first_expiry or date.max))


@dataclass(frozen=True, slots=True)
class _Only:
    """What the address keeps to besides the fields of the form, and the address without it."""

    label: str
    href: str


def _only(request: HttpRequest, filters: Filters) -> list[_Only]:
    names = {
        ("item", "lot"): _thing(filters) if filters.item_id or filters.lot_id else "",
        ("family",): filters.family,
        ("supplier",): _supplier(filters.supplier_id),
        ("from",): _("From day %(n)s on") % {"n": filters.from_days} if filters.from_days is not None else "",
        ("undated",): _("Never expires") if filters.undated else "",
        ("right_there",): _("Not in what stands in it") if filters.right_at else "",
    }
    return [_Only(name, _without(request, dropped)) for dropped, name in names.items() if name]


def _without(request: HttpRequest, dropped: Iterable[str]) -> str:
    query = request.GET.copy()
    for name in (*dropped, "page"):
        query.pop(name, None)
    return f"?{query.urlencode()}"


def _thing(filters: Filters) -> str:
    """The name of the one item, or the number of the one lot."""
    by = ("lot",) if filters.lot_id else ("item",)
    rows = on_hand(
        paths=("/",), by=by, item_id=filters.item_id, lot_id=filters.lot_id, statuses=Status.values
    )
    return next((row.lot or named(row.item_name) for row in rows), "…")


def _supplier(supplier_id: int | None) -> str:
    found = Supplier.objects.filter(pk=supplier_id).first() if supplier_id else None
    return found.name if found else ""


def _items(filters: Filters) -> set[int] | None:
    """The items that the address keeps to by their text, family or supplier; None for all."""
    if not (filters.text or filters.family or filters.supplier_id):
        return None
    found = search(filters.text, state="all") if filters.text else Item.objects.all()
    found = found.filter(family=filters.family) if filters.family else found
    return set(
        (found.filter(supplier=filters.supplier_id) if filters.supplier_id else found).values_list(
            "pk", flat=True
        )
    )


def _together(rows: list[Stock], columns: tuple[str, ...]) -> list[Stock]:
    """Rows of several items at one place as one row of the place; other groupings stay as they are."""
    if "item" in columns:
        return rows
    places: dict[int | None, list[Stock]] = {}
    for row in rows:
        places.setdefault(row.place_id, []).append(row)
    return [_sum(group, like=group[0]) for group in places.values()]


def _sum(rows: list[Stock], *, like: Stock) -> Stock:
    total = _total(rows)
    return Stock(
        total.quantity, total.value, total.first_expiry,
        place_id=like.place_id, place_name=like.place_name, place_path=like.place_path,
    )  # fmt: skip


def _total(rows: list[Stock]) -> Stock:
    expiries = [row.first_expiry for row in rows if row.first_expiry]
    quantity = sum((row.quantity for row in rows), start=Decimal(0))
    value = sum((row.value for row in rows), start=Decimal(0))
    return Stock(quantity, value, min(expiries, default=None))


class _Row:
    """A row of stock with the way to its place written out, and the address of the things that it adds up."""

    def __init__(self, stock: Stock | Lying, where: str, things: str) -> None:
        self.stock, self.where, self.things = stock, where, things

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stock, name)


def _things(request: HttpRequest, row: Stock | Lying, filters: Filters) -> str:
    """The address of just the things that a row adds up; nothing where it is one itself."""
    if filters.by == "unit":
        return ""
    query = request.GET.copy()
    query.pop("page", None)
    query["by"] = "unit"
    place = {"place": row.place_id, "right_there": 1} if row.place_id else {}
    for name, value in {"item": row.item_id, "lot": row.lot_id, "status": row.status, **place}.items():
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


class Things:
    """Stock thing by thing, of which only a slice is read, as a paginator wants it; ``total``: all of it added up."""

    def __init__(self, **asked: Any) -> None:
        self._asked = asked
        self.total = lies(**asked)

    def __len__(self) -> int:
        return self.total.things

    def __getitem__(self, part: slice) -> list[Lying]:
        begin = part.start or 0
        return lying(**self._asked, offset=begin, limit=part.stop - begin)


def _csv(found: "list[Stock] | Things", columns: tuple[str, ...], *, sees_value: bool) -> HttpResponse:
    """Every row of a grouping; of things the first ``MOST_THINGS``, and a last row that says so."""
    rows: Sequence[Stock | Lying] = found if isinstance(found, list) else found[:MOST_THINGS]
    names = path_names({row.place_id for row in rows if row.place_id})
    cells: dict[str, tuple[tuple[str, ...], Any]] = {
        "unit": ((_("Serial number"), _("Identity")), lambda row: (row.serial or "", row.epc or "")),
        "item": ((_("Item code"), _("Item")), lambda row: (row.item_code, named(row.item_name))),
        "lot": ((_("Lot"),), lambda row: (row.lot,)),
        "place": ((_("Place"),), lambda row: (str(names.get(row.place_id, "")),)),
        "status": ((_("Status"),), lambda row: (status_name(row.status),)),
    }
    head = [name for column in columns for name in cells[column][0]] + [_("First expiry"), _("Quantity")]
    body: Iterable[list[Any]] = (
        [cell for column in columns for cell in cells[column][1](row)]
        + [row.first_expiry, row.quantity.normalize().__format__("f")]
        + ([row.value] if sees_value else [])
        for row in rows
    )
    if len(rows) < len(found):
        cut = _("Only the first %(n)s rows are listed. Choose a place, an item or a lot to get them all.")
        body = chain(body, [[cut % {"n": f"{len(rows):,}"}]])
    return csv_file("stock", head + ([_("Value")] if sees_value else []), body)
