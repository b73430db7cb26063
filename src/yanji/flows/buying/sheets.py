"""Requests, contracts and invoices on paper, and the kinds of documents that they are."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.catalog.packages import measured, packages_for

from ..invoices.gates import invoice_for
from ..invoices.models import Invoice
from ..invoices.queries import lines_of
from ..papers import Paper, Section, Sheet, letterhead, register
from .gates import contract_for, request_for
from .models import Contract, PurchaseRequest


def request_sheet(request: PurchaseRequest) -> Sheet:
    """For who decides: what is needed, why, and what it would cost."""
    lines = list(request.lines.select_related("item").order_by("id"))
    packages = packages_for(line.item for line in lines)
    rows = [
        (n, line.item.code, line.item.name, line.item.model, line.quantity,
         measured(line.item, line.quantity, packages.get(line.item_id, ())), line.price, line.quantity * line.price)
        for n, line in enumerate(lines, 1)
    ]  # fmt: skip
    columns = (
        _("No."), _("Code"), _("Item"), _("Model"), _("Quantity"), _("Unit of measure"), _("Price (CNY)"),
        _("Amount (CNY)"),
    )  # fmt: skip
    total = ("", "", _("Total"), "", sum(line.quantity for line in lines), "", "", request.amount)
    return Sheet(
        title=_("Purchase request"),
        number=request.number,
        state=request.get_state_display(),
        head=letterhead(request.place.path),
        facts=(
            (_("Needed at"), request.place.name),
            (_("Needed by"), request.needed_by),
            (_("Reason"), request.reason),
            (_("Asked by"), request.actor.name),
        ),
        sections=(Section(_("What is needed"), columns, rows, total),),
        signatures=(_("Asked by"), _("Approved by")),
    )


def contract_sheet(contract: Contract) -> Sheet:
    """What was agreed: terms and prices."""
    items = contract.items.select_related("item").order_by("item__code", "valid_from")
    rows = [
        (row.item.code, row.item.name, row.item.model, row.price, row.valid_from, row.valid_to)
        for row in items
    ]
    columns = (_("Code"), _("Item"), _("Model"), _("Price (CNY)"), _("Valid from"), _("Valid to"))
    return Sheet(
        title=_("Framework contract"),
        number=contract.number,
        state=contract.get_state_display(),
        head=letterhead(contract.place.path),
        facts=(
            (_("Supplier"), contract.supplier.name),
            (_("Contract number"), contract.reference),
            (_("Holds at"), contract.place.name),
            (_("Valid from"), contract.valid_from),
            (_("Valid to"), contract.valid_to),
            (_("At least"), contract.minimum_value),
            (_("At most"), contract.maximum_value),
            (_("Surplus accepted"), f"{contract.over_delivery_percent} %"),
            (_("Price may differ"), f"{contract.price_tolerance_percent} %"),
        ),
        sections=(Section(_("Prices"), columns, rows),),
        signatures=(_("For the hospital"), _("For the supplier")),
        note=contract.note,
    )


def invoice_sheet(invoice: Invoice) -> Sheet:
    """For who pays: each thing charged, and what the comparison with order and receipt found."""
    lines = lines_of(invoice)
    rows = [
        (line.paper, line.item.name, line.serial or line.lot, -line.quantity if line.credit else line.quantity,
         line.price, line.amount,
         line.get_result_display())
        for line in lines
    ]  # fmt: skip
    columns = (
        _("Order or settlement"), _("Item"), _("Serial or lot"), _("Quantity"), _("Price (CNY)"), _("Amount (CNY)"),
        _("Comparison"),
    )  # fmt: skip
    total = ("", _("Total"), "", sum(row[3] for row in rows), "", invoice.total, "")
    return Sheet(
        title=_("Credit invoice") if invoice.total < 0 else _("Invoice"),
        number=invoice.number,
        state=invoice.get_state_display(),
        head=letterhead(invoice.place.path),
        facts=(
            (_("Supplier"), invoice.supplier.name),
            (_("Invoice number"), invoice.reference),
            (_("Invoice date"), invoice.invoiced_on),
            (_("To be paid by"), invoice.due_on),
            (_("Billed to"), invoice.place.name),
            (_("Entered by"), invoice.entered_by.name),
            (_("Released by"), invoice.released_by.name if invoice.released_by else None),
        ),
        sections=(Section(_("What is charged"), columns, rows, total),),
        signatures=(_("Compared by"), _("Released by")),
        note=invoice.note,
    )


PAPERS = (
    Paper(
        "purchase_request", gettext_lazy("Purchase request"), PurchaseRequest, request_for,
        lambda found: ("buyer:request", (found.pk,)), request_sheet,
    ),
    Paper(
        "contract", gettext_lazy("Framework contract"), Contract, contract_for,
        lambda found: ("buyer:contract", (found.pk,)), contract_sheet, "contract",
    ),
    Paper(
        "invoice", gettext_lazy("Invoice"), Invoice, invoice_for,
        lambda found: ("buyer:invoice", (found.pk,)), invoice_sheet,
        supplier_page=lambda found: ("supplier:invoice", (found.pk,)),
    ),
)  # fmt: skip
for paper in PAPERS:
    register(paper)
