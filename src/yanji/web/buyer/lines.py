"""Lines of an order as the buyer types them: an empty price is the contract's, another needs a reason, deliveries in parts."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.gates import NotFound, place_for
from yanji.catalog.models import Item
from yanji.catalog.queries import search
from yanji.flows.buying.pricing import Offer, offers
from yanji.flows.purchase import Ordered, Part

from ..flow.lines import MOST_LINES, ItemLine, last_price, pieces
from ..flow.sent import Sent, number_in

# 2027-01-31 × 4; 2027-02-28 × 6
PART = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:[x×*:：]|\s)\s*(\d{1,7})")
SEPARATOR = re.compile(r"[;；,，\n]+")


def bought_line(request: HttpRequest) -> HttpResponse:
    """One new line for the form, at the price that the contract or the catalogue has for this supplier and place."""
    item = Item.objects.filter(pk=_id(request.GET.get("item", ""))).first()
    if item is None:
        return HttpResponse(status=204)
    offer = _offer(request, item.pk)
    price = (
        f"{offer.price:.2f}"
        if offer and offer.price
        else last_price(item.pk, request.GET.get("supplier_id", ""))
    )
    contract = offer.contract if offer else ""
    line = ItemLine(item, price=price, contract=contract, per=request.GET.get("per", ""))
    return render(request, "flow/_item_line.html", {"line": line, "priced": True})


def contract_line(request: HttpRequest) -> HttpResponse:
    """One new line of a contract: an item and its price, at first the catalogue's."""
    item = Item.objects.filter(pk=_id(request.GET.get("item", ""))).first()
    if item is None:
        return HttpResponse(status=204)
    price = last_price(item.pk, request.GET.get("supplier_id", ""))
    return render(
        request, "flow/_item_line.html", {"line": ItemLine(item, price=price), "priced": True, "agreed": True}
    )


def _offer(request: HttpRequest, item_id: int) -> Offer | None:
    supplier, place = _id(request.GET.get("supplier_id", "")), _id(request.GET.get("deliver_to_id", ""))
    if not supplier:
        return None
    try:
        path = place_for(request.actor, place, may="order").path if place else ""
    except NotFound:
        path = ""
    return offers(supplier, path, [item_id], timezone.localdate())[item_id]


def _id(text: str) -> int:
    return number_in(text) or 0


def typed_lines(request: HttpRequest) -> list[ItemLine]:
    """The lines as typed, in order; items that do not exist are left out."""
    keys = list(dict.fromkeys(request.POST.getlist("item")[: MOST_LINES + 1]))
    ids = [_id(key) for key in keys]
    items = {item.pk: item for item in search(state="all").filter(pk__in=[found for found in ids if found])}
    return [
        ItemLine(
            items[found],
            **{
                name: request.POST.get(f"{name}:{key}", "")
                for name in ("quantity", "per", "price", "reason", "parts")
            },
        )
        for key, found in zip(keys, ids, strict=True)
        if found in items
    ]


def ordered(sent: Sent, lines: Sequence[ItemLine]) -> list[Ordered]:
    """What the lines order; what cannot be read is complained about by the item's name."""
    if len(lines) > MOST_LINES:
        sent.complain("too_many_lines", "", count=len(lines), limit=MOST_LINES)
        return []
    counted = pieces(sent, lines)
    return [_one(sent, line, quantity) for line, quantity in zip(lines, counted, strict=True)]


def _one(sent: Sent, line: ItemLine, quantity: int) -> Ordered:
    label = line.item.name
    price = sent.amount(line.price, f"{label} · {_('Price')}") if line.price.strip() else None
    return Ordered(line.item.pk, quantity, price, line.reason.strip()[:120], parts(sent, line.parts, label))


def parts(sent: Sent, text: str, label: Any) -> tuple[Part, ...]:
    """Days and pieces out of ``2027-01-31 × 4; 2027-02-28 × 6``."""
    found = []
    for piece in SEPARATOR.split(text):
        if not piece.strip():
            continue
        read = PART.fullmatch(piece.strip())
        day = _day(read.group(1)) if read else None
        if read is None or day is None or int(read.group(2)) == 0:
            sent.complain("bad_part", label, value=piece.strip()[:40])
        else:
            found.append(Part(day, int(read.group(2))))
    return tuple(found)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def written(rows: Sequence[tuple[date, int]]) -> str:
    """Parts as they are typed."""
    return "; ".join(f"{day} × {pieces}" for day, pieces in rows)


def money_text(value: Decimal) -> str:
    return f"{value:.2f}"
