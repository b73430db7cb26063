"""The rows of an invoice's form, for the buyer and for the supplier: what came and is not charged, what was scanned or typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.catalog.models import Item
from yanji.flows.acts import Done
from yanji.flows.consign.models import Settlement
from yanji.flows.invoices.enter import Billed, enter_invoice
from yanji.flows.invoices.queries import uncharged
from yanji.flows.invoices.settled import UnchargedUse
from yanji.flows.models import OrderLine, PurchaseOrder
from yanji.flows.scanning import understand
from yanji.places.models import Kind, Place

from ..flow.sent import Sent
from ..page import act_key

FIELDS = ("of", "serial", "lot", "quantity", "price")
EMPTY_ROWS = 2
WHOLE_LABEL = 20  # longer than any serial number: a scan of the whole label
LATEST = 40
CHARGED = ("placed", "partly_received", "received", "closed")
Row = dict[str, str]
USE, BACK = "use", "back"


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """What of a settlement a row charges."""

    item: Item
    price: Decimal


Choice = tuple[str, str, OrderLine | ChoiceLine]  # its value in the form, the paper's number, item and price


def shown(choices: list[Choice], rows: list[Row]) -> dict[str, Any]:
    """What the form's template shows of rows: the choices of each, an empty one, how many there are, what they come to."""
    empty: Row = dict.fromkeys(FIELDS, "") | {"quantity": "1"}
    if choices:
        empty |= {"of": choices[0][0], "price": f"{choices[0][2].price:.2f}"}
    filled = rows or [empty] * EMPTY_ROWS
    return {"options": choices, "rows": filled, "empty": empty, "count": len(rows), "sum": summed(rows)}


def rows_of(found: list[PurchaseOrder], order_id: int) -> list[Row]:
    """What one order brought and nobody has charged, at its prices."""
    order = next((order for order in found if order.pk == order_id), None)
    if order is None:
        return []
    prices = {line.item_id: line.price for line in order.lines.all()}
    return [
        {
            "of": f"{row.order_id}:{row.item_id}", "serial": row.serial, "lot": row.lot if not row.serial else "",
            "quantity": str(row.quantity), "price": f"{prices.get(row.item_id, 0):.2f}",
        }
        for row in uncharged([order_id])
    ]  # fmt: skip


def typed(request: HttpRequest) -> list[Row]:
    """Rows as typed; those without serial and lot are empty ones. A row's box that is not ticked leaves it out."""
    columns = [request.POST.getlist(name) for name in FIELDS]
    rows = [dict(zip(FIELDS, cells, strict=True)) for cells in zip(*columns, strict=False)]
    return [row for row in rows if row["serial"].strip() or row["lot"].strip()]


def enter(request: HttpRequest, supplier: int, choices: list[Choice], rows: list[Row]) -> Done:
    sent = Sent(request.POST)
    lines = _lines(request, sent, choices, rows)
    place = sent.number("place_id", _("Billed to"))
    invoiced_on, due_on = sent.day("invoiced_on", _("Invoice date")), sent.day("due_on", _("To be paid by"))
    if invoiced_on is None:
        sent.complain("field_missing", _("Invoice date"))
    reference = sent.text("reference", _("Invoice number"), required=True)
    total = sent.amount(request.POST.get("total", ""), _("Total"), below_zero=True)
    note = sent.text("note", _("Note"))
    sent.check()
    assert invoiced_on is not None
    return enter_invoice(
        actor=request.actor,
        key=act_key(request, "invoice"),
        supplier_id=supplier,
        place_id=place,
        reference=reference,
        invoiced_on=invoiced_on,
        due_on=due_on,
        lines=lines,
        total=total,
        note=note,
    )


def _lines(request: HttpRequest, sent: Sent, choices: list[Choice], rows: list[Row]) -> list[Billed]:
    """Each row as a line; a whole label scanned into the serial field is its serial."""
    known = {value for value, _number, _line in choices}
    scans = [row["serial"] for row in rows if len(row["serial"]) > WHOLE_LABEL]
    serials = dict(zip(scans, understand(scans, actor=request.actor), strict=True)) if scans else {}
    lines = []
    for number, row in enumerate(rows, start=1):
        label = _("Row %(n)s") % {"n": number}
        quantity = sent.whole(row["quantity"] or "1", f"{label} · {_('Quantity')}")
        price = sent.amount(row["price"], f"{label} · {_('Price')}")
        meaning = serials.get(row["serial"])
        if row["of"] not in known:
            sent.complain("choose_again", f"{label} · {_('Item')}")
            continue
        serial = meaning.serial if meaning and meaning.serial else row["serial"].strip()
        lines.append(_billed(row["of"], price, serial[:80], row["lot"].strip(), quantity))
    return lines


def _billed(chosen: str, price: Decimal, serial: str, lot: str, quantity: int) -> Billed:
    """The line of a choice: ``order:item``, or ``use:settlement:item`` and ``back:settlement:item`` for its credits."""
    kind, *ids = chosen.split(":")
    if kind in (USE, BACK):
        return Billed(None, int(ids[1]), price, serial, lot, quantity, int(ids[0]), kind == BACK)
    return Billed(int(kind), int(ids[0]), price, serial, lot, quantity)


def settled_rows(uses: Sequence[UnchargedUse]) -> list[Row]:
    """What a settlement says was used and nobody has charged, at its prices."""
    return [
        {
            "of": f"{BACK if each.credit else USE}:{each.settlement_id}:{each.item_id}", "serial": each.serial,
            "lot": "" if each.serial else each.lot, "quantity": str(each.quantity), "price": f"{each.price:.2f}",
        }
        for each in uses
    ]  # fmt: skip


def settled_options(settlement: Settlement, uses: Sequence[UnchargedUse]) -> list[Choice]:
    """What a row may charge, or credit, of a settlement."""
    items = Item.objects.in_bulk({each.item_id for each in uses})
    words = {False: settlement.number, True: f"{settlement.number} · {_('Credit')}"}
    found = {}
    for each in uses:
        value = f"{BACK if each.credit else USE}:{each.settlement_id}:{each.item_id}"
        found.setdefault(value, (value, words[each.credit], ChoiceLine(items[each.item_id], each.price)))
    return list(found.values())


def options(found: list[PurchaseOrder]) -> list[Choice]:
    return [
        (f"{order.pk}:{line.item_id}", order.number, line) for order in found for line in order.lines.all()
    ]


def summed(rows: list[Row]) -> str:
    """What the rows come to; nothing where one is no number."""
    sent = Sent({})
    total = sum(
        sent.amount(row["price"], "")
        * sent.whole(row["quantity"], "")
        * (-1 if row["of"].startswith(BACK) else 1)
        for row in rows
    )
    return "" if sent.offences or not rows else f"{total:.2f}"


def first_shown(found: list[PurchaseOrder], order_id: int, places: list[Place]) -> dict[str, str]:
    """Today, and the campus that the order's goods went to: it pays."""
    paths = [order.deliver_to.path for order in found if order.pk == order_id]
    campus = [
        place.pk
        for place in places
        if place.kind == Kind.CAMPUS and any(p.startswith(place.path) for p in paths)
    ]
    return {"invoiced_on": timezone.localdate().isoformat(), "place_id": str(campus[0]) if campus else ""}
