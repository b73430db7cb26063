"""Lines of an order as the buyer types them: an empty price is the contract's, another needs a reason, deliveries in parts."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import islice, zip_longest
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, place_for, places_for
from yanji.catalog.models import Item
from yanji.catalog.queries import search
from yanji.flows.buying.placing import DELIVERED_TO
from yanji.flows.buying.pricing import Offer, offers
from yanji.flows.purchase import Ordered, Part
from yanji.places.models import Place
from yanji.places.queries import labels

from ..flow.lines import MOST_LINES, ItemLine, TypedPart, last_price, pieces
from ..flow.sent import Sent, number_in

MOST_PARTS = 60  # of one line, as the interface takes them


@require_safe
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


@require_safe
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
                name: request.POST.get(f"{name}:{key}", "") for name in ("quantity", "per", "price", "reason")
            },
            parts=_typed_parts(request, key),
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


def _typed_parts(request: HttpRequest, key: str) -> list[TypedPart]:
    """The deliveries of a line, row by row; rows that were left empty are none."""
    columns = (request.POST.getlist(f"{name}:{key}") for name in ("due", "pieces", "place"))
    rows = (TypedPart(*map(str.strip, row)) for row in zip_longest(*columns, fillvalue=""))
    return list(islice((row for row in rows if row.due or row.pieces), MOST_PARTS + 1))


def parts(sent: Sent, typed: Sequence[TypedPart], label: Any) -> tuple[Part, ...]:
    """What the rows of a line's deliveries say; what cannot be read is complained about by the item's name."""
    if len(typed) > MOST_PARTS:
        sent.complain("too_many_lines", "", count=len(typed), limit=MOST_PARTS)
        return ()
    read = [_part(sent, row, label) for row in typed]
    return tuple(part for part in read if part is not None)


def _part(sent: Sent, row: TypedPart, label: Any) -> Part | None:
    day = sent.as_day(row.due, f"{label} · {_('Due on')}")
    pieces, place = number_in(row.pieces, 7), number_in(row.place) if row.place else None
    if row.place and place is None:
        sent.complain("choose_again", f"{label} · {_('Deliver to')}")
    elif not row.due or not pieces:
        sent.complain("bad_part", label)
    return Part(day, pieces, place) if day and pieces else None


def part_places(actor: Actor, lines: Sequence[ItemLine]) -> list[tuple[str, str]]:
    """(id, label) of each place that a delivery may go to, and of those that deliveries name already."""
    named = {int(part.place) for line in lines for part in line.parts if number_in(part.place)}
    offered = {place.pk: place for place in places_for(actor, may="order", kinds=DELIVERED_TO)}
    if closed := named - set(offered):  # Said before: what a page leaves out it would drop.
        found = Place.objects.filter(pk__in=closed)
        offered |= {place.pk: place for place in found if actor.may("view", place.path)}
    names = labels(offered.values())
    return [(str(place_id), names[place_id]) for place_id in offered]


def money_text(value: Decimal) -> str:
    return f"{value:.2f}"
