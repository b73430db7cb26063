"""What each department, room and cabinet should hold, and the named lists of what a department often asks for.

Quantities are whole pieces of the item's unit of measure.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ParLevel(models.Model):
    """At ``minimum`` pieces or fewer, at a place and everything below it, it is filled up to ``maximum``."""

    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    minimum = models.PositiveIntegerField()
    maximum = models.PositiveIntegerField()
    edited_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("par level")
        verbose_name_plural = _("par levels")
        constraints = [
            models.UniqueConstraint(fields=["place", "item"], name="par_level_item_once"),
            models.CheckConstraint(
                condition=Q(maximum__gt=0) & Q(minimum__lte=F("maximum")), name="par_level_sound"
            ),
        ]


class RequisitionList(models.Model):
    """A named list of what a department asks for together: Monday's round, the emergency trolley."""

    department = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    edited_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("requisition list")
        verbose_name_plural = _("requisition lists")
        constraints = [
            models.UniqueConstraint(fields=["department", "name"], name="requisition_list_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="requisition_list_named"),
        ]

    def __str__(self) -> str:
        return self.name


class RequisitionListLine(models.Model):
    """One item of a list, and how many pieces are usually asked for."""

    of = models.ForeignKey(RequisitionList, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "item"], name="requisition_list_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="requisition_list_quantity_positive"),
        ]
