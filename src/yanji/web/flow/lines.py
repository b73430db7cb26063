"""Lines of items: chosen by search or by scanning a box, with a quantity and, in orders, a price."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, place_for
from yanji.catalog.models import Item
from yanji.catalog.packages import Package, package_named, packages_for, pieces_in
from yanji.catalog.queries import prices_on, search
from yanji.flows.scanning import understand
from yanji.ledger.api import Stock, on_hand

from .sent import Sent, number_in, numbers_in

FOUND_AT_MOST = 8
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class TypedPart:
    """One delivery of a line as it was typed: a day, pieces, and the id of a place (empty: where the order goes)."""

    due: str = ""
    pieces: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line as the page shows it: the texts are what was typed, kept when the form comes back."""

    item: Item
    quantity: str = "1"
    price: str = ""
    reason: str = ""
    parts: Sequence[TypedPart] = ()
    contract: str = ""
    why: str = ""
    lot: str = ""
    per: str = ""
    free: Decimal | None = None


@require_safe
def found(request: HttpRequest, *, line_url: str, store_field: str = "") -> HttpResponse:
    """The items that a text or a scanned code may mean, each a button that adds its line."""
    text = request.GET.get("q", "").strip()[:200]
    items, per = items_for(request.actor, text) if text else ([], {})
    free = free_at(request, store_field, items)
    context = {
        "items": [(item, free.get(item.pk), per.get(item.pk)) for item in items],
        "text": text,
        "line_url": line_url,
        "stores": bool(store_field),
    }
    return render(request, "flow/_found_items.html", context)


def items_for(actor: Actor, text: str) -> tuple[list[Item], dict[int, int]]:
    """By name, initials, model or code; a whole scan of a label counts as its item's code. Beside them, item -> pieces of the
    package whose code it was: of a carton that was scanned, cartons are meant."""
    items = list(search(text)[:FOUND_AT_MOST])
    if items:
        return items, package_named(text, items)
    meaning = understand([text], actor=actor)[0]
    if not meaning.item:
        return [], {}
    found = list(search(meaning.item.code)[:1])
    packed = meaning.per > 1 and meaning.item.tracking == Item.Tracking.LOT
    return found, {meaning.item.pk: meaning.per} if packed else {}


def free_at(request: HttpRequest, store_field: str, items: Sequence[Item]) -> dict[int, Decimal]:
    """Item -> pieces that the store which the form names could hand out today. One statement."""
    value = request.GET.get(store_field, "") if store_field else ""
    if not value.isascii() or not value.isdigit() or len(value) > 18 or not items:
        return {}
    try:
        store = place_for(request.actor, int(value))
    except NotFound:
        # A ward may ask a store that it cannot look into.
        return {}
    wanted = {item.pk for item in items}
    rows: list[Stock] = on_hand(
        paths=[store.path], by=("item",), statuses=("available",), good_on=timezone.localdate()
    )
    return {row.item_id: row.quantity for row in rows if row.item_id in wanted}


@require_safe
def line(request: HttpRequest, *, lots: bool = False) -> HttpResponse:
    """One new line for the form, in the package whose code was scanned, if any; ``lots``: with a field for the one lot that will
    do."""
    key = request.GET.get("item", "")
    items = _by_id([key])
    if not items:
        return HttpResponse(status=204)
    new = ItemLine(items[int(key)], per=request.GET.get("per", ""))
    return render(request, "flow/_item_line.html", {"line": new, "lots": lots})


def item_named(key: str) -> Item | None:
    """The item of an id as a page sent it."""
    return next(iter(_by_id([key]).values()), None)


def last_price(item_id: int, supplier: str) -> str:
    """The price that holds today from the supplier, else from any; empty where there is none."""
    prices = prices_on(timezone.localdate(), [item_id])
    found = prices.get((item_id, number_in(supplier) or 0)) or next(iter(prices.values()), None)
    return "" if found is None else f"{found:.2f}"


def _by_id(keys: Sequence[str]) -> dict[int, Item]:
    ids = numbers_in(keys)
    return {item.pk: item for item in search(state="all").filter(pk__in=ids)} if ids else {}


def sent_lines(request: HttpRequest) -> list[ItemLine]:
    """The lines as they were typed, in order; items that do not exist are left out."""
    keys = request.POST.getlist("item")[: MOST_LINES + 1]
    items = _by_id(keys)
    return [
        ItemLine(
            items[int(key)],
            request.POST.get(f"quantity:{key}", ""),
            request.POST.get(f"price:{key}", ""),
            lot=request.POST.get(f"lot:{key}", "").strip(),
            per=request.POST.get(f"per:{key}", ""),
        )
        for key in dict.fromkeys(keys)
        if number_in(key) in items
    ]


def quantities(sent: Sent, lines: Sequence[ItemLine]) -> list[tuple[int, int, Decimal]]:
    """(item, pieces, price) of each line; what is no number is complained about by the item's name."""
    if len(lines) > MOST_LINES:
        sent.complain("too_many_lines", "", count=len(lines), limit=MOST_LINES)
        return []
    read: list[tuple[int, int, Any]] = []
    for each, count in zip(lines, pieces(sent, lines), strict=True):
        price = sent.amount(each.price, f"{each.item.name} · {_('Price')}")
        read.append((each.item.pk, count, price))
    return read


def pieces(sent: Sent, lines: Sequence[ItemLine]) -> list[int]:
    """How many pieces each line is, whether typed in pieces or in packages; one, with a complaint, for what makes no
    sense. One statement, none where all is typed in pieces."""
    packages = packages_for(each.item for each in lines if each.per)
    return [_pieces(sent, each, packages.get(each.item.pk, ())) for each in lines]


def _pieces(sent: Sent, line: ItemLine, packages: Sequence[Package]) -> int:
    label = line.item.name
    count = sent.whole(line.quantity, f"{label} · {_('Quantity')}")
    found = pieces_in(count, number_in(line.per or "1", 9) or 0, packages)
    if found is None:
        sent.complain("choose_again", f"{label} · {_('Counted in')}")
    return found or 1
