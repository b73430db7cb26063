"""Costs of a delivery beside the goods, and each unit's share of them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import StandingState


class LandedCost(models.Model):
    """Freight, duty or the like of one receipt, spread over what it accepted. Taken back, it stays readable."""

    class Kind(models.TextChoices):
        FREIGHT = "freight", _("Freight")
        DUTY = "duty", _("Duty")
        INSURANCE = "insurance", _("Insurance")
        OTHER = "other", _("Other")

    class Basis(models.TextChoices):
        VALUE = "value", _("By value")
        COUNT = "count", _("By pieces")

    number = models.CharField(max_length=40, unique=True)
    receipt = models.ForeignKey("flows.Receipt", models.PROTECT, related_name="landed_costs")
    kind = models.CharField(max_length=9, choices=Kind)
    basis = models.CharField(max_length=5, choices=Basis)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    reference = models.CharField(max_length=80, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    voided_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    voided_because = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("cost of a delivery")
        verbose_name_plural = _("costs of deliveries")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="landed_cost_positive")]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> StandingState:
        return StandingState.until(self.voided_at)


class LandedShare(models.Model):
    """What one unit, or a quantity of a lot, bears of a cost. The shares of a cost add up to it to the cent."""

    cost = models.ForeignKey(LandedCost, models.CASCADE, related_name="shares")
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, related_name="+")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cost", "unit"], condition=Q(unit__isnull=False), name="landed_share_unit_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="landed_share_not_negative"),
        ]
