"""Papers that a supplier shows: they hold only once somebody of the hospital has compared them and entered them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yanji.catalog.models import Licence

from ..states import OfferedPaperState


class OfferedPaper(models.Model):
    """A licence or authorisation as its supplier sent it, with its scan among the document's files.

    ``licence``: the row of master data that it became. ``decided_by``: who entered, refused or, of the supplier, withdrew it.
    """

    number = models.CharField(max_length=40, unique=True)
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Licence.Kind)
    reference = models.CharField(max_length=80, help_text=_("The number on the paper"))
    maker = models.ForeignKey("catalog.Maker", models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    note = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=9, choices=OfferedPaperState, default=OfferedPaperState.OFFERED)
    offered_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=120, blank=True)
    licence = models.ForeignKey("catalog.Licence", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("offered paper")
        verbose_name_plural = _("offered papers")
        constraints = [
            models.CheckConstraint(condition=~Q(reference=""), name="offered_paper_reference_given"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="offered_paper_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(maker__isnull=True) | Q(kind="authorisation"),
                name="offered_paper_maker_of_authorisation",
            ),
            models.CheckConstraint(
                condition=Q(state=OfferedPaperState.OFFERED) | Q(decided_by__isnull=False),
                name="offered_paper_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["supplier", "kind", "reference", "valid_from"],
                condition=Q(state=OfferedPaperState.OFFERED),
                name="offered_paper_waits_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "supplier"], name="offered_paper_state")]

    def __str__(self) -> str:
        return self.number
