"""An invoice is entered: what came and was not charged yet stands there already; the rest is scanned or typed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.catalog.queries import suppliers
from yanji.flows.acts import Done
from yanji.flows.invoices.enter import BILLED_TO, Billed, enter_invoice
from yanji.flows.invoices.queries import uncharged
from yanji.flows.models import OrderLine, PurchaseOrder
from yanji.flows.queries import orders
from yanji.flows.scanning import understand
from yanji.ledger.api import Refused
from yanji.places.models import Kind, Place

from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page

FIELDS = ("of", "serial", "lot", "quantity", "price")
EMPTY_ROWS = 2
LATEST = 40
WHOLE_LABEL = 20  # longer than any serial number: a scan of the whole label
CHARGED = ("placed", "partly_received", "received", "closed")


@needs("invoice")
def new_invoice(request: HttpRequest) -> HttpResponse:
    """First the supplier, then the rows; sent twice it is one invoice."""
    supplier = _number(request.POST.get("supplier_id") or request.GET.get("supplier", ""))
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = orders(actor, states=CHARGED, supplier_id=supplier, limit=LATEST) if supplier else []
    if request.method != "POST":
        return _form(request, supplier, found, _rows_of(found, _number(request.GET.get("order", ""))))
    rows = _typed(request)
    try:
        done = _enter(request, supplier, found, rows)
    except Refused as refused:
        return _form(request, supplier, found, rows, refused)
    say(request, _("Invoice %(number)s is kept and compared.") % {"number": done.number})
    return redirect("buyer:invoice", done.id)


def _number(text: str) -> int:
    return number_in(text) or 0


def _rows_of(found: list[PurchaseOrder], order_id: int) -> list[dict[str, str]]:
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


def _typed(request: HttpRequest) -> list[dict[str, str]]:
    """Rows as typed; those without serial and lot are empty ones. A row's box that is not ticked leaves it out."""
    columns = [request.POST.getlist(name) for name in FIELDS]
    rows = [dict(zip(FIELDS, cells, strict=True)) for cells in zip(*columns, strict=False)]
    return [row for row in rows if row["serial"].strip() or row["lot"].strip()]


def _enter(
    request: HttpRequest, supplier: int, found: list[PurchaseOrder], rows: list[dict[str, str]]
) -> Done:
    sent = Sent(request.POST)
    lines = _lines(request, sent, found, rows)
    place = sent.number("place_id", _("Billed to"))
    invoiced_on, due_on = sent.day("invoiced_on", _("Invoice date")), sent.day("due_on", _("To be paid by"))
    if invoiced_on is None:
        sent.complain("field_missing", _("Invoice date"))
    reference = sent.text("reference", _("Invoice number"), required=True)
    total = sent.amount(request.POST.get("total", "").replace(",", ""), _("Total"))
    note = sent.text("note", _("Note"))
    sent.check()
    assert invoiced_on is not None
    return enter_invoice(
        actor=request.actor,  # type: ignore[attr-defined]
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


def _lines(
    request: HttpRequest, sent: Sent, found: list[PurchaseOrder], rows: list[dict[str, str]]
) -> list[Billed]:
    """Each row as a line; a whole label scanned into the serial field is its serial."""
    known = {f"{line.order_id}:{line.item_id}" for order in found for line in order.lines.all()}
    scans = [row["serial"] for row in rows if len(row["serial"]) > WHOLE_LABEL]
    serials = dict(zip(scans, understand(scans, actor=request.actor), strict=True)) if scans else {}  # type: ignore[attr-defined]
    lines = []
    for number, row in enumerate(rows, start=1):
        label = _("Row %(n)s") % {"n": number}
        quantity = sent.whole(row["quantity"] or "1", f"{label} · {_('Quantity')}")
        price = sent.amount(row["price"], f"{label} · {_('Price')}")
        meaning = serials.get(row["serial"])
        if row["of"] not in known:
            sent.complain("choose_again", f"{label} · {_('Item')}")
            continue
        order, _colon, item = row["of"].partition(":")
        serial = meaning.serial if meaning and meaning.serial else row["serial"].strip()
        lines.append(Billed(int(order), int(item), price, serial[:80], row["lot"].strip(), quantity))
    return lines


def _options(found: list[PurchaseOrder]) -> list[tuple[str, str, OrderLine]]:
    return [
        (f"{order.pk}:{line.item_id}", order.number, line) for order in found for line in order.lines.all()
    ]


def _form(
    request: HttpRequest,
    supplier: int,
    found: list[PurchaseOrder],
    rows: list[dict[str, str]],
    refused: Refused | None = None,
) -> HttpResponse:
    options = _options(found)
    empty: dict[str, Any] = dict.fromkeys(FIELDS, "") | {"quantity": "1"}
    if options:
        empty |= {"of": options[0][0], "price": f"{options[0][2].price:.2f}"}
    places = places_for(request.actor, may="invoice", kinds=BILLED_TO)  # type: ignore[attr-defined]
    order_id = _number(request.GET.get("order", ""))
    return page(
        request,
        "buyer/new_invoice.html",
        status=409 if refused else 200,
        refused=refused,
        supplier=supplier,
        suppliers=suppliers(active=None),
        orders=found,
        options=options,
        rows=[*rows, *([] if rows else [empty] * EMPTY_ROWS)],
        empty=empty,
        count=len(rows),
        sum=_sum(rows),
        sent=request.POST if request.method == "POST" else _first_shown(found, order_id, places),
        places=places,
    )


def _first_shown(found: list[PurchaseOrder], order_id: int, places: list[Place]) -> dict[str, str]:
    """Today, and the campus that the order's goods went to: it pays."""
    paths = [order.deliver_to.path for order in found if order.pk == order_id]
    campus = [
        place.pk
        for place in places
        if place.kind == Kind.CAMPUS and any(p.startswith(place.path) for p in paths)
    ]
    return {"invoiced_on": timezone.localdate().isoformat(), "place_id": str(campus[0]) if campus else ""}


def _sum(rows: list[dict[str, str]]) -> str:
    """What the rows come to; nothing where one is no number."""
    sent = Sent({})  # type: ignore[arg-type]
    total = sum(sent.amount(row["price"], "") * sent.whole(row["quantity"], "") for row in rows)
    return "" if sent.offences or not rows else f"{total:.2f}"
