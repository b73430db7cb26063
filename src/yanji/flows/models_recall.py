"""A recall is said of a lot, wherever it lies and whenever it comes: one row a lot and entry."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .states import RecallState


class LotRecall(models.Model):
    """A lot under a maker's or an authority's notice.

    ``event``: the entry that marked pieces of it; the recall holds until that entry is taken back, or somebody ends it. None
    where nothing of the lot lay anywhere: what comes of it later is held.
    """

    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="recalls")
    notice = models.CharField(max_length=80)
    event = models.ForeignKey("ledger.Event", models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(max_length=120, blank=True, db_default="")
    end_note = models.CharField(max_length=400, blank=True, db_default="")

    class Meta:
        verbose_name = _("recall of a lot")
        verbose_name_plural = _("recalls of lots")
        constraints = [
            models.UniqueConstraint(fields=["lot", "event"], name="lot_recall_once"),
            models.CheckConstraint(condition=~Q(notice=""), name="lot_recall_notice_given"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
                name="lot_recall_end_reason_given",
            ),
        ]

    def __str__(self) -> str:
        return self.notice

    @property
    def state(self) -> RecallState:
        """Whether somebody ended it; whether its entry was taken back, the ledger says."""
        return RecallState.IN_FORCE if self.ended_at is None else RecallState.ENDED
