"""A return to a supplier and the credit that it brings."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..listed import ListedThing
from ..states import CreditNoteState, SupplierReturnState


class SupplierReturn(models.Model):
    """What is to go back to one supplier, for one reason. ``expected``: the credit due for what the hospital owns
    and did not reject on receipt, CNY.

    ``authorisation``: the supplier's own number for it (RMA), which stands on the parcel. ``handed_to``: who took it, or who is
    to take it as long as it is not sent. Either may be known before the return is approved.
    """

    number = models.CharField(max_length=40, unique=True)
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, related_name="+")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=12, choices=SupplierReturnState, default=SupplierReturnState.REQUESTED
    )
    reason = models.CharField(max_length=120)
    note = models.CharField(max_length=400, blank=True)
    expected = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    authorisation = models.CharField(max_length=80, blank=True)
    handed_to = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)
    credit_due = models.DateField(null=True)
    closed_short = models.CharField(
        max_length=400, blank=True, help_text=_("Why less than expected is accepted")
    )
    events = models.JSONField(default=list)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("return to supplier")
        verbose_name_plural = _("returns to suppliers")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="supplier_return_reason_given"),
            models.CheckConstraint(condition=Q(expected__gte=0), name="supplier_return_credit_sound"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | ~Q(authorisation="") & ~Q(handed_to=""),
                name="supplier_return_authorised",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "state"], name="supplier_return_place"),
            models.Index(fields=["supplier", "state"], name="supplier_return_supplier"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def given_up(self) -> bool:
        """It was refused or cancelled: nothing goes back, and nothing is due for it."""
        return self.state in (SupplierReturnState.REFUSED, SupplierReturnState.CANCELLED)

    @property
    def authorised(self) -> bool:
        """The supplier's number holds: the parcel may go, or went, under it."""
        return bool(self.authorisation) and not (self.given_up or self.state == SupplierReturnState.AWAITING)

    @property
    def authorisation_words(self) -> str:
        """What is true of the supplier's number: of a return that is given up it is history, and before approval a promise."""
        if self.given_up:
            return str(_("RMA number, not used"))
        if self.state == SupplierReturnState.AWAITING:
            return str(_("RMA number, valid once approved"))
        return str(_("Authorised under"))

    @property
    def receiver_words(self) -> str:
        """What is true of whoever was named to take the parcel."""
        if self.sent_at:
            return str(_("Handed to"))
        return str(_("Was to be handed to") if self.given_up else _("To be handed to"))

    @property
    def credited(self) -> Decimal:
        """What credit notes that count brought so far; from rows at hand."""
        return sum((note.amount for note in self.credits.all() if note.counts), Decimal(0))

    @property
    def short(self) -> Decimal:
        """What is still to be credited; nothing where it never goes back."""
        return Decimal("0.00") if self.given_up else max(Decimal("0.00"), self.expected - self.credited)


class SupplierReturnLine(ListedThing):
    """One thing of it. What a supplier owns brings no credit."""

    supplier_return = models.ForeignKey(SupplierReturn, models.CASCADE, related_name="lines")
    used_despite = models.CharField(
        max_length=40, blank=True, help_text=_("The paper by which it was used instead of going back")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="supplier_return_line_quantity_positive"
            ),
            models.UniqueConstraint(
                fields=["supplier_return", "unit"],
                condition=Q(unit__isnull=False),
                name="supplier_return_unit_once",
            ),
        ]


class CreditNote(models.Model):
    """A supplier's credit note for a return, by the supplier's own number, which counts once whatever return it is for.

    ``supplier``: that of the return, so that the database can hold the number unique. What was voided stays to be read.
    """

    supplier_return = models.ForeignKey(SupplierReturn, models.PROTECT, related_name="credits")
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, related_name="+")
    number = models.CharField(max_length=80)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    dated = models.DateField()
    state = models.CharField(max_length=8, choices=CreditNoteState, default=CreditNoteState.ENTERED)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    voided_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    voided_because = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_note_amount_above_zero"),
            models.CheckConstraint(condition=~Q(number=""), name="credit_note_numbered"),
            models.UniqueConstraint(
                fields=["supplier", "number"],
                condition=~Q(state=CreditNoteState.VOIDED),
                name="credit_note_number_once",
            ),
            models.CheckConstraint(
                condition=Q(state=CreditNoteState.ENTERED, voided_by__isnull=True, voided_at__isnull=True)
                | Q(state=CreditNoteState.VOIDED, voided_by__isnull=False, voided_at__isnull=False)
                & ~Q(voided_because=""),
                name="credit_note_voided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def counts(self) -> bool:
        return self.state != CreditNoteState.VOIDED
