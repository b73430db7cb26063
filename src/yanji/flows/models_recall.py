"""A recall is said of a lot, wherever it lies and whenever it comes: one row a lot and entry."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LotRecall(models.Model):
    """A lot under a maker's or an authority's notice.

    ``event``: the entry that marked pieces of it; the recall holds until that entry is taken back. None where nothing of the
    lot lay anywhere: what comes of it later is held.
    """

    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="recalls")
    notice = models.CharField(max_length=80)
    event = models.ForeignKey("ledger.Event", models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("recall of a lot")
        verbose_name_plural = _("recalls of lots")
        constraints = [
            models.UniqueConstraint(fields=["lot", "event"], name="lot_recall_once"),
            models.CheckConstraint(condition=~Q(notice=""), name="lot_recall_notice_given"),
        ]

    def __str__(self) -> str:
        return self.notice
