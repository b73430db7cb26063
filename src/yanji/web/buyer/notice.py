"""What the supplier says is on its way: typed or scanned line by line, or a CSV file that is looked at first."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yanji.catalog.models import Item
from yanji.catalog.packages import packages_for, pieces_in
from yanji.flows.announced import Announced
from yanji.flows.gates import notice_for
from yanji.flows.models import PurchaseOrder
from yanji.flows.notice_withdrawn import withdraw_notice
from yanji.flows.packing.delivered import box_code
from yanji.flows.portal.gates import order_to_announce, own_notice
from yanji.flows.scanning import understand
from yanji.flows.ship_notice import COLUMNS, announce, read_csv
from yanji.ledger.api import Offence, Refused

from ..flow.done import say
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page
from ..scan import scanned
from .acts import reason

FIELDS = ("item", "serial", "lot", "expiry", "quantity", "per", "epc", "box", "pallet")
EMPTY_ROWS = 3


def notice_form(request: HttpRequest, order_id: int) -> HttpResponse:
    """A file fills the rows for a look; only what stands in the rows is announced. For the buyer and for the supplier."""
    order = order_to_announce(request.actor, order_id)
    lines = order.lines.select_related("item").order_by("id")
    items = [line.item for line in lines]
    if request.method != "POST":
        return _form(request, order, items, [])
    if "file" in request.FILES:
        return _look(request, order, items)
    rows = _sent_rows(request)
    try:
        done = _announce(request, order, items, rows)
    except Refused as refused:
        return _form(request, order, items, rows, refused=refused)
    said = _("Ship notice %(number)s is kept: receiving will compare against it.")
    say(request, said % {"number": done.number})
    return redirect(*after(order, done.id, supplier=request.actor.supplier_id is not None))


def after(order: PurchaseOrder, notice_id: int, *, supplier: bool) -> tuple[str, int]:
    """Where it goes on: a supplier has labels to print, the buyer sees the order."""
    return ("supplier:notice", notice_id) if supplier else ("buyer:order", order.pk)


@require_POST
def withdraw(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Nothing more comes under the notice. For the buyer, the storekeeper and the supplier, each back on their own page."""
    actor = request.actor
    notice = own_notice(actor, notice_id) if actor.supplier_id is not None else notice_for(actor, notice_id)
    try:
        withdraw_notice(
            actor=actor, key=act_key(request, "withdraw"), notice_id=notice_id, reason=reason(request)
        )
    except Refused as refused:
        messages.error(request, " ".join(offence.sentence() for offence in refused.offences))
    else:
        say(request, _("Ship notice %(number)s is withdrawn.") % {"number": notice.number})
    return redirect(*after(notice.order, notice.pk, supplier=actor.supplier_id is not None))


@require_POST
def label_read(request: HttpRequest, order_id: int) -> JsonResponse:
    """What a label scanned into a row says, field by field; or why it cannot be announced."""
    order_to_announce(request.actor, order_id)
    meaning = understand([scanned(request)], actor=request.actor)[0]
    if meaning.item is None or meaning.offences:
        offences = meaning.offences or (Offence("unreadable", facts={"detail": ""}),)
        return JsonResponse({"says": " ".join(offence.sentence() for offence in offences)})
    # Of a carton's code cartons are meant: "2 × 10" is entered, and pieces are announced.
    per = meaning.per if meaning.item.tracking == Item.Tracking.LOT else 1
    fields = {
        "item": str(meaning.item.pk), "serial": meaning.serial, "lot": meaning.lot, "epc": meaning.epc,
        "expiry": meaning.expiry.isoformat() if meaning.expiry else "", "quantity": str(meaning.quantity // per),
        "per": str(per),
    }  # fmt: skip
    return JsonResponse({"fields": fields, "name": meaning.item.name})


def _look(request: HttpRequest, order: PurchaseOrder, items: list[Item]) -> HttpResponse:
    """The file's rows into the form, or every bad row with what is wrong; nothing is kept yet."""
    try:
        lines = read_csv(request.FILES["file"].read())
    except Refused as refused:
        return _form(request, order, items, _sent_rows(request), refused=refused)
    rows = [
        {
            "item": str(line.item_id), "serial": line.serial, "lot": line.lot, "epc": line.epc,
            "expiry": line.expiry.isoformat() if line.expiry else "", "quantity": str(line.quantity),
            "box": line.box, "pallet": line.pallet,
        }
        for line in lines
    ]  # fmt: skip
    said = ngettext(
        "%(n)s row was read. Look through it, then announce it.",
        "%(n)s rows were read. Look through them, then announce them.",
        len(rows),
    )
    messages.info(request, said % {"n": len(rows)})
    return _form(request, order, items, rows)


def _sent_rows(request: HttpRequest) -> list[dict[str, str]]:
    """Rows as typed; those without serial, lot and quantity are empty ones."""
    columns = {name: request.POST.getlist(name) for name in FIELDS}
    rows = [
        {name: cells[number] if number < len(cells) else "" for name, cells in columns.items()}
        for number in range(len(columns["item"]))
    ]
    return [row for row in rows if row["serial"].strip() or row["lot"].strip() or row["epc"]]


def _announce(request: HttpRequest, order: PurchaseOrder, items: list[Item], rows: list[dict[str, str]]):
    sent = Sent(request.POST)
    lines = boxed(request, rows, _lines(request, sent, items, rows))
    expected_on = sent.day("expected_on", _("Expected on"))
    reference, carrier = sent.text("reference", _("Delivery note")), sent.text("carrier", _("Carrier"))
    sent.check()
    return announce(
        actor=request.actor,
        key=act_key(request, "notice"),
        order_id=order.pk,
        lines=lines,
        reference=reference,
        carrier=carrier,
        expected_on=expected_on,
    )


def boxed(request: HttpRequest, rows: list[dict[str, str]], lines: list[Announced]) -> list[Announced]:
    """The lines in their cartons and on their pallets: a row's own, else the one that stands for all."""
    all_box, all_pallet = (request.POST.get(name, "").strip() for name in ("all_box", "all_pallet"))
    if len(rows) != len(lines):  # something was wrong with a row, and is said
        return lines
    return [
        replace(line, box=box_code(row["box"] or all_box), pallet=box_code(row["pallet"] or all_pallet))
        for row, line in zip(rows, lines, strict=True)
    ]


def _lines(
    request: HttpRequest, sent: Sent, items: list[Item], rows: list[dict[str, str]]
) -> list[Announced]:
    """Each row as a line; a whole label scanned into the serial field says everything at once."""
    scans = [row["serial"] if len(row["serial"]) > 20 and not row["epc"] else "" for row in rows]
    meanings = iter(understand([scan for scan in scans if scan], actor=request.actor))
    known = {item.pk: item for item in items}
    packages = packages_for(items) if any(row["per"] for row in rows) else {}
    found = []
    for number, (row, scan) in enumerate(zip(rows, scans, strict=True), start=1):
        label = _("Row %(n)s") % {"n": number}
        expiry = sent.as_day(row["expiry"], f"{label} · {_('Expiry date')}")
        quantity = sent.whole(row["quantity"] or "1", f"{label} · {_('Quantity')}")
        item_id = number_in(row["item"]) or 0
        pieces = pieces_in(quantity, number_in(row["per"] or "1", 9) or 0, packages.get(item_id, ()))
        meaning = next(meanings) if scan else None
        if meaning and meaning.item and meaning.epc:
            found.append(
                Announced(
                    meaning.item.pk, meaning.serial, meaning.lot, meaning.expiry, 1, meaning.epc, meaning.made
                )
            )
        elif item_id not in known:
            sent.complain("choose_again", f"{label} · {_('Item')}")
        elif pieces is None:
            sent.complain("choose_again", f"{label} · {_('Counted in')}")
        else:
            found.append(_typed(known[item_id], row, expiry, pieces))
    return found


def _typed(item: Item, row: dict[str, str], expiry: Any, quantity: int) -> Announced:
    serial = row["serial"].strip()
    return Announced(item.pk, serial, row["lot"].strip(), expiry, quantity, row["epc"])


def _form(
    request: HttpRequest,
    order: PurchaseOrder,
    items: list[Item],
    rows: list[dict[str, str]],
    refused: Refused | None = None,
) -> HttpResponse:
    empty = dict.fromkeys(FIELDS, "") | {"quantity": "1", "item": str(items[0].pk) if items else ""}
    return page(
        request,
        "buyer/notice.html",
        status=409 if refused else 200,
        refused=refused,
        order=order,
        items=items,
        rows=[*rows, *([] if len(rows) > EMPTY_ROWS else [empty] * EMPTY_ROWS)],
        count=len(rows),
        sizes=sorted({each.pieces for sizes in packages_for(items).values() for each in sizes}),
        empty=empty,
        sent=request.POST,
        columns=", ".join(COLUMNS),
        supplier=request.actor.supplier_id is not None,
    )


new_notice, read_label = needs("announce")(notice_form), needs("announce")(label_read)
withdraw_ours = needs("announce")(withdraw)
