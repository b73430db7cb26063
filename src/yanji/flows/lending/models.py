"""What a department lent to another, and how it was settled. Both sides confirm each step."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import LendingState, SettleUpState


class Lending(models.Model):
    """What one department lent to another in one go: a debt by item and quantity, whichever unit comes back."""

    number = models.CharField(max_length=40, unique=True)
    lender = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    borrower = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=LendingState, default=LendingState.LENT)
    note = models.CharField(max_length=400, blank=True)
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    lent_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lending")
        verbose_name_plural = _("lendings")
        constraints = [
            models.CheckConstraint(condition=~Q(lender=F("borrower")), name="lending_between_two_places"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("actor")), name="lending_two_sides"
            ),
        ]
        indexes = [
            models.Index(fields=["lender", "state"], name="lending_lender"),
            models.Index(fields=["borrower", "state"], name="lending_borrower"),
        ]

    def __str__(self) -> str:
        return self.number


class LendingLine(models.Model):
    """One item: pieces owed, and how many of them were given back and confirmed. ``value``: of what was lent, CNY."""

    lending = models.ForeignKey(Lending, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    settled = models.PositiveIntegerField(default=0)
    value = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lending", "item"], name="lending_line_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="lending_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(settled__lte=F("quantity")), name="lending_line_not_over_settled"
            ),
        ]

    @property
    def owed(self) -> int:
        return self.quantity - self.settled


class SettleUp(models.Model):
    """One settling of a debt: given back in kind, or replaced by a store at the borrower's charge (``charged``, CNY).

    The debt shrinks when the lender confirms; what was refused, or taken back, never counted (``voided_at``).
    """

    class Way(models.TextChoices):
        IN_KIND = "in_kind", _("Given back in kind")
        BY_STORE = "by_store", _("Replaced by the store")

    lending = models.ForeignKey(Lending, models.PROTECT, related_name="settlements")
    way = models.CharField(max_length=8, choices=Way)
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")
    store = models.ForeignKey("places.Place", models.PROTECT, null=True, related_name="+")
    charged = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    pieces = models.JSONField(help_text=_("Item -> pieces"))
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("actor")),
                name="settle_up_two_sides",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(voided_at__isnull=True),
                name="settle_up_counts_or_not",
            ),
            models.CheckConstraint(condition=Q(charged__gte=0), name="settle_up_charge_sound"),
        ]

    @property
    def state(self) -> SettleUpState:
        if self.voided_at is not None:
            return SettleUpState.VOIDED
        return SettleUpState.WAITING if self.confirmed_at is None else SettleUpState.CONFIRMED
