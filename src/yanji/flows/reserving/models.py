"""Counted pieces that are kept for a document: a unit says so itself, in the ledger; pieces of a lot cannot."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReservedLot(models.Model):
    """So many pieces of a lot that lie reserved at a place for a document, until a moment."""

    reserved_for = models.CharField(max_length=40)
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    owner = models.ForeignKey("catalog.Supplier", models.PROTECT, null=True, blank=True, related_name="+")
    quantity = models.PositiveIntegerField()
    until = models.DateTimeField()
    event = models.ForeignKey("ledger.Event", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("reserved pieces")
        verbose_name_plural = _("reserved pieces")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reserved_lot_quantity_positive"),
            models.CheckConstraint(condition=~Q(reserved_for=""), name="reserved_lot_for_somebody"),
        ]
        indexes = [
            models.Index(fields=["lot", "place"], name="reserved_lot_lying"),
            models.Index(fields=["reserved_for"], name="reserved_lot_document"),
        ]
