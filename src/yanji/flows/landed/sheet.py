"""A cost of a delivery in print; and what a receipt's paper says beside the goods: makers' invoices, and to some its costs."""

from collections.abc import Iterator

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from yanji.access.actor import Actor

from ..invoices.models import FirstInvoice
from ..models import Receipt
from ..papers import Cell, Paper, Section, Sheet, letterhead, register
from .gate import landed_cost_for
from .models import LandedCost
from .spread import borne_of, costs_of


def landed_cost_sheet(cost: LandedCost) -> Sheet:
    """For the accounts: what a delivery cost beside its goods, and what each unit bears of it. Three statements."""
    english = (get_language() or "").startswith("en")
    rows = [
        (row["lot__item__name_en"] if english and row["lot__item__name_en"] else row["lot__item__name_zh"],
         row["unit__serial"] or "", row["lot__number"], row["quantity"], row["unit__cost"], row["bears"])
        for row in borne_of(cost.pk)
    ]  # fmt: skip
    columns = (_("Item"), _("Serial"), _("Lot"), _("Quantity"), _("Cost"), _("Bears"))
    total = ("", _("Total"), "", sum(row[3] for row in rows), "", cost.amount)
    return Sheet(
        title=_("Cost of a delivery"),
        number=cost.number,
        state=_stands_not(cost),
        head=letterhead(cost.receipt.dock.path),
        facts=(
            (_("Receipt note"), cost.receipt.number),
            (_("Supplier"), cost.receipt.order.supplier.name),
            (_("Kind"), cost.get_kind_display()),
            (_("Spread"), cost.get_basis_display()),
            (_("Amount (CNY)"), cost.amount),
            (_("Document"), cost.reference),
            (_("Entered by"), cost.actor.name),
            (_("Entered at"), cost.at),
            (_("Taken back by"), cost.voided_by.name if cost.voided_by else ""),
            (_("Taken back because"), cost.voided_because),
        ),
        sections=(Section(_("What each unit bears"), columns, rows, total),),
        signatures=(_("Entered by"), _("Checked by")),
    )


def _stands_not(paper: LandedCost | FirstInvoice) -> str:
    return str(paper.state.label) if paper.voided_at else ""


def first_invoices(receipt: Receipt) -> Iterator[Section]:
    """The makers' invoices shown with a delivery, voided ones among them; nothing where none was. One statement."""
    found = FirstInvoice.objects.filter(receipt=receipt).select_related(
        "entered_by", "verified_by", "voided_by"
    )
    rows: list[tuple[Cell, ...]] = [
        (first.number, first.seller, first.issued_on, first.entered_by.name,
         first.verified_by.name if first.verified_by else "", str(first.state.label),
         f"{first.voided_by.name}: {first.voided_because}" if first.voided_by else "")
        for first in found.order_by("pk")
    ]  # fmt: skip
    if rows:
        columns = (
            _("Number"), _("Maker or importer"), _("Invoice date"), _("Entered by"), _("Verified by"), _("State"),
            _("Why it was voided"),
        )  # fmt: skip
        yield Section(_("The maker's invoice"), columns, rows)


def costs_beside(receipt: Receipt, actor: Actor) -> Iterator[Section]:
    """The costs of a delivery for who sees figures where it came, those taken back among them: these count no more. One
    statement."""
    costs = costs_of(receipt.pk) if actor.may("see_figures", receipt.dock.path) else []
    if costs:
        rows = [
            (cost.number, cost.get_kind_display(), cost.get_basis_display(), cost.reference, cost.actor.name,
             " · ".join(filter(None, (_stands_not(cost), cost.voided_because))), cost.amount)
            for cost in costs
        ]  # fmt: skip
        columns = (
            _("Number"), _("Kind"), _("Spread"), _("Document"), _("Entered by"), _("Taken back because"),
            _("Amount (CNY)"),
        )  # fmt: skip
        total = sum(cost.amount for cost in costs if cost.voided_at is None)
        yield Section(_("Costs beside the goods"), columns, rows, ("", _("Total"), "", "", "", "", total))


register(
    Paper(
        kind="landed_cost",
        label=gettext_lazy("Cost of a delivery"),
        model=LandedCost,
        gate=landed_cost_for,
        act="invoice",
        page=lambda cost: ("buyer:landed_cost", (cost.pk,)),
        sheet=landed_cost_sheet,
    )
)
