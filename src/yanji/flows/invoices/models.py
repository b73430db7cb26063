"""What a supplier charges, thing by thing, and what keeps the money back."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import FirstInvoiceState, InvoiceState, PaymentHoldState


class Invoice(models.Model):
    """One invoice of a supplier, as it came. ``reference`` is its number on the paper; ``place``: who it is billed to."""

    number = models.CharField(max_length=40, unique=True)
    reference = models.CharField(max_length=80)
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, related_name="invoices")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    invoiced_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    total = models.DecimalField(max_digits=16, decimal_places=2)
    note = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=8, choices=InvoiceState, default=InvoiceState.DIFFERS)
    voided_because = models.CharField(max_length=120, blank=True)
    entered_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    released_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "reference"],
                condition=~Q(state=InvoiceState.VOIDED),
                name="invoice_reference_once",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="invoice_reference_given"),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("entered_by")),
                name="invoice_released_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state=InvoiceState.RELEASED, released_by__isnull=False)
                | ~Q(state=InvoiceState.RELEASED) & Q(released_by__isnull=True),
                name="invoice_released_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "place"], name="invoice_state")]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(models.Model):
    """One serial number, or a quantity of a lot, at one price; beside it what the comparison found.

    It charges what an order brought, or what a settlement of consigned goods says was used; ``credit``: or gives back what
    the settlement credits.
    """

    class Result(models.TextChoices):
        MATCHED = "matched", _("Matched")
        NOT_ORDERED = "not_ordered", _("Not ordered")
        NOT_RECEIVED = "not_received", _("Not received")
        REJECTED = "rejected", _("Rejected at inspection")
        ALREADY_INVOICED = "already_invoiced", _("Invoiced before")
        RETURNED = "returned", _("Sent back")
        PRICE_DIFFERS = "price_differs", _("Price differs")
        PRICE_ACCEPTED = "price_accepted", _("Price accepted")
        NOT_SETTLED = "not_settled", _("Not on the settlement")
        USE_TAKEN_BACK = "use_taken_back", _("Use taken back")
        VOIDED = "voided", _("Voided")

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    order = models.ForeignKey("flows.PurchaseOrder", models.PROTECT, null=True, related_name="invoice_lines")
    settlement = models.ForeignKey(
        "flows.Settlement", models.PROTECT, null=True, related_name="invoice_lines"
    )
    credit = models.BooleanField(default=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    serial = models.CharField(max_length=80, blank=True)
    lot = models.CharField(max_length=80, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    price = models.DecimalField(max_digits=14, decimal_places=2)
    result = models.CharField(max_length=16, choices=Result, default=Result.NOT_RECEIVED)
    facts = models.JSONField(default=dict, help_text=_("What it was compared with"))
    receipt = models.ForeignKey("flows.Receipt", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "item", "serial", "lot", "order"], name="invoice_line_once"
            ),
            models.UniqueConstraint(
                fields=["item", "serial", "receipt"],
                condition=Q(result__in=["matched", "price_accepted"]) & ~Q(serial=""),
                name="invoice_serial_matched_once",
            ),
            models.UniqueConstraint(
                fields=["settlement", "item", "serial", "credit"],
                condition=Q(result__in=["matched", "price_accepted"]) & ~Q(serial=""),
                name="invoice_use_matched_once",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False, settlement__isnull=True, credit=False)
                | Q(order__isnull=True, settlement__isnull=False),
                name="invoice_line_of_order_or_settlement",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="invoice_quantity_positive"),
            models.CheckConstraint(condition=Q(serial="") | Q(quantity=1), name="invoice_serial_is_one"),
            models.CheckConstraint(condition=Q(price__gte=0), name="invoice_price_not_negative"),
        ]
        indexes = [models.Index(fields=["order", "item"], name="invoice_line_order")]

    @property
    def good(self) -> bool:
        return self.result in GOOD

    @property
    def paper(self) -> str:
        """The number of the order or settlement that it charges; load both with the line."""
        charged = self.order or self.settlement
        return charged.number if charged else ""

    @property
    def amount(self) -> Decimal:
        return self.price * (-self.quantity if self.credit else self.quantity)


GOOD = frozenset({InvoiceLine.Result.MATCHED, InvoiceLine.Result.PRICE_ACCEPTED})


class Hold(models.Model):
    """Why an invoice is not paid yet. What the comparison placed it lifts itself; a person's hold a person lifts."""

    class Code(models.TextChoices):
        DIFFERS = "differs", _("Goods or prices differ")
        TWO_INVOICE = "two_invoice", _("The maker's invoice is missing")
        EMERGENCY = "emergency", _("Used first, and not approved")
        CREDIT = "credit", _("A credit of the settlement is missing")
        MANUAL = "manual", _("Held by hand")

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="holds")
    code = models.CharField(max_length=12, choices=Code)
    reason = models.CharField(max_length=120, blank=True)
    placed_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("payment hold")
        verbose_name_plural = _("payment holds")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "code"], condition=Q(lifted_at__isnull=True), name="hold_once"
            )
        ]

    @property
    def state(self) -> PaymentHoldState:
        return PaymentHoldState.PLACED if self.lifted_at is None else PaymentHoldState.LIFTED


class FirstInvoice(models.Model):
    """The maker's (or importer's) invoice to the distributor, shown with a delivery: the first of the two invoices."""

    receipt = models.ForeignKey("flows.Receipt", models.PROTECT, related_name="first_invoices")
    seller = models.CharField(max_length=120)
    number = models.CharField(max_length=80)
    issued_on = models.DateField()
    entered_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)
    verified_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    voided_because = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("maker's invoice")
        verbose_name_plural = _("makers' invoices")
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "seller", "number"],
                condition=Q(voided_at__isnull=True),
                name="first_invoice_once",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True)
                | Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(voided_because=""),
                name="first_invoice_voided_with_reason",
            ),
            models.CheckConstraint(condition=~Q(seller="") & ~Q(number=""), name="first_invoice_named"),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("entered_by")),
                name="first_invoice_verified_by_another",
            ),
        ]

    @property
    def state(self) -> FirstInvoiceState:
        if self.voided_at is not None:
            return FirstInvoiceState.VOIDED
        return FirstInvoiceState.ENTERED if self.verified_at is None else FirstInvoiceState.VERIFIED
