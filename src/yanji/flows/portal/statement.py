"""A supplier's month with the hospital: what was used of its goods, what it charged, what is settled, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.catalog.models import Supplier

from ..consign.models import Payable, Settlement
from ..consign.settle import month_of
from ..invoices.models import Invoice
from ..papers import Section, Sheet
from ..states import InvoiceState, SettlementState
from .gates import supplier_of
from .queries import owed

UNPAID = (InvoiceState.DIFFERS, InvoiceState.MATCHED)


@dataclass(frozen=True, slots=True)
class Statement:
    """``month``: its first day. ``used``: use of the month, credits of uses taken back among it. Open amounts are those at the
    end of the month: invoices dated up to then that were not released by then, use up to then that no settlement holds."""

    supplier: Supplier
    month: date
    used: Sequence[Payable]
    invoices: Sequence[Invoice]
    settlements: Sequence[Settlement]
    open_invoices: Decimal
    open_use: Decimal

    @property
    def used_total(self) -> Decimal:
        return sum((line.amount for line in self.used), Decimal(0))

    @property
    def invoiced_total(self) -> Decimal:
        return sum((invoice.total for invoice in self.invoices), Decimal(0))

    @property
    def settled_total(self) -> Decimal:
        return sum((settlement.total for settlement in self.settlements), Decimal(0))

    @property
    def number(self) -> str:
        return f"{self.supplier.code}-{self.month:%Y-%m}"


def statement(actor: Actor, month: date) -> Statement:
    """The statement of one month for the actor's own supplier. Six statements, however much was used.

    Raises :class:`NotFound` for who acts for no supplier. On whom a thing was used stands nowhere in it.
    """
    supplier_id = supplier_of(actor)
    first, end = month_of(month)
    begin = timezone.make_aware(datetime.combine(first, time.min))
    payables = Payable.objects.filter(note__agreement__supplier_id=supplier_id, at__lt=end)
    invoices = Invoice.objects.filter(supplier_id=supplier_id).exclude(state=InvoiceState.VOIDED)
    upto = invoices.filter(invoiced_on__lt=timezone.localtime(end).date())
    # What was released after the month stays open at its end: a month that is over reads the same ever after.
    unpaid = upto.filter(Q(state__in=UNPAID) | Q(state=InvoiceState.RELEASED, released_at__gte=end))
    settlements = Settlement.objects.filter(
        agreement__supplier_id=supplier_id, month=first, state=SettlementState.CONFIRMED
    )
    # What a later month's settlement took in was open at the end of this one.
    unsettled = payables.filter(
        Q(settlement=None) | ~Q(settlement__state=SettlementState.CONFIRMED) | Q(settlement__month__gt=first)
    )
    return Statement(
        supplier=Supplier.objects.get(pk=supplier_id),
        month=first,
        used=list(payables.filter(at__gte=begin).select_related("item", "lot", "unit").order_by("at", "pk")),
        invoices=list(
            upto.filter(invoiced_on__gte=first).select_related("place").order_by("invoiced_on", "pk")
        ),
        settlements=list(settlements.select_related("agreement").order_by("pk")),
        open_invoices=sum(unpaid.values_list("total", flat=True), Decimal(0)),
        open_use=owed(unsettled),
    )


def statement_sheet(found: Statement) -> Sheet:
    """The statement as it is printed."""
    used = [
        (
            line.at, line.item.code, line.item.name, line.unit.serial if line.unit else line.lot.number,
            line.sign * line.quantity, line.price, line.amount,
        )
        for line in found.used
    ]  # fmt: skip
    used_columns = (
        _("Used on"), _("Code"), _("Item"), _("Serial or lot"), _("Quantity"), _("Price (CNY)"), _("Amount (CNY)"),
    )  # fmt: skip
    charged = [
        (each.reference, each.number, each.invoiced_on, each.place.name, each.get_state_display(), each.total)
        for each in found.invoices
    ]
    charged_columns = (
        _("Invoice number"), _("Kept as"), _("Invoice date"), _("Billed to"), _("State"), _("Amount (CNY)"),
    )  # fmt: skip
    settled = [(each.number, each.agreement.number, each.total) for each in found.settlements]
    open_rows = [
        (_("Invoices not released for payment"), found.open_invoices),
        (_("Use that is not settled"), found.open_use),
    ]
    return Sheet(
        title=_("Statement of account"),
        number=found.number,
        head=found.supplier.name,
        facts=((_("Supplier"), found.supplier.name), (_("Month"), f"{found.month:%Y-%m}")),
        sections=(
            Section(
                _("Used in the month"), used_columns, used, ("", "", _("Total"), "", "", "", found.used_total)
            ),
            Section(
                _("Charged in the month"), charged_columns, charged,
                ("", "", "", "", _("Total"), found.invoiced_total),
            ),
            Section(
                _("Settled for the month"), (_("Settlement"), _("Agreement"), _("Amount (CNY)")), settled,
                ("", _("Total"), found.settled_total),
            ),
            Section(
                _("Open at the end of the month"), (_("Kind"), _("Amount (CNY)")), open_rows,
                (_("Total"), found.open_invoices + found.open_use),
            ),
        ),
        signatures=(_("For the hospital"), _("For the supplier")),
    )  # fmt: skip
