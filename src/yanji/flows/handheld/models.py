"""What the scan page sent: every act under its key, as it was scanned, by which clock, and what became of it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SentState(models.TextChoices):
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    HANDED_ON = "handed_on", _("Given to the store")
    DROPPED = "dropped", _("Dropped")
    SETTLED = "settled", _("Settled by the store")


class SentAct(models.Model):
    """One act of the scan page. ``scanned_at`` and ``sent_at`` are the device's own clock; ``skew_ms`` is how far the server's
    was ahead of it, as known when it was scanned, and ``sent_skew_ms`` as found when it came. ``scans``: each scan raw, with how
    it was read and when. ``replaces``: the key of the act from which this one was parted after a refusal.

    What was settled says by whom, when and why; what was handed on is settled once more, by the store (``closed_by``): by one of
    the campus of ``path``, which is said when it is handed on."""

    key = models.CharField(max_length=100, primary_key=True)
    person = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    device = models.CharField(max_length=80, blank=True)
    flow = models.CharField(max_length=20)
    path = models.CharField(
        max_length=200,
        help_text=_(
            "Where an act that was given to the store belongs, / until then: a store of that campus settles it"
        ),
    )
    scans = models.JSONField()
    about = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    scanned_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    skew_ms = models.BigIntegerField(null=True)
    sent_skew_ms = models.BigIntegerField(null=True)
    happened_at = models.DateTimeField()
    first_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=SentState, default=SentState.SENT)
    offences = models.JSONField(default=list)
    events = models.JSONField(default=list)
    replaces = models.CharField(max_length=100, blank=True)
    settled_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_because = models.CharField(max_length=400, blank=True)
    closed_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("act of the scan page")
        verbose_name_plural = _("acts of the scan page")
        constraints = [
            models.CheckConstraint(condition=~Q(key=""), name="sent_act_key_given"),
            models.CheckConstraint(
                condition=~Q(state__in=("handed_on", "dropped", "settled"))
                | Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settled_because=""),
                name="sent_act_settled_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["first_at"], condition=Q(state="handed_on"), name="sent_act_handed_on"),
            models.Index(fields=["person", "-first_at"], name="sent_act_person"),
        ]

    def __str__(self) -> str:
        return self.key
