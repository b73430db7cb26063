"""What was kept for a document in one go; and its counted pieces: a unit says itself, in the ledger, what it is kept for."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Reservation(models.Model):
    """Things of a store kept for a document, up to a moment: who said so, of what (``event``). What of them is kept still, the
    ledger says of units and :class:`ReservedLot` of pieces: it has no state that could say otherwise."""

    number = models.CharField(max_length=40, unique=True)
    store = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    reserved_for = models.CharField(max_length=40)
    until = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # For whom, as its reader may know it: the gate says so. The number of a case points to a patient.
    told_for = ""

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [models.CheckConstraint(condition=~Q(reserved_for=""), name="reservation_for_somebody")]

    def __str__(self) -> str:
        return self.number


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
