"""What reached a department otherwise than it was handed over: missing, damaged, or never handed over."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..states import DifferenceState


class IssueDifference(models.Model):
    """One thing of a handing-over, by name. It stays open at the store until somebody says what became of it.

    ``held_event``: the ledger's entry that holds what came damaged; ``event``: the one that settled it, where one was needed.
    """

    class Kind(models.TextChoices):
        MISSING = "missing", _("Missing")
        DAMAGED = "damaged", _("Damaged")
        UNEXPECTED = "unexpected", _("Not handed over with this")

    class Outcome(models.TextChoices):
        FOUND = "found", _("Found, in good order")
        HELD = "held", _("On hold")
        BACK = "back", _("Back in the store")
        LOST = "lost", _("Lost on the way")
        KEPT = "kept", _("Stays at the department")

    issue = models.ForeignKey("flows.Issue", models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=12, choices=Kind)
    thing = models.CharField(max_length=160, help_text=_("Identity, lot, or what was scanned"))
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, null=True, related_name="+")
    pieces = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=120, blank=True)
    place = models.ForeignKey(
        "places.Place", models.PROTECT, null=True, related_name="+", help_text=_("Where a damaged thing lies")
    )
    state = models.CharField(max_length=8, choices=DifferenceState, default=DifferenceState.OPEN)
    at = models.DateTimeField()
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    held_event = models.ForeignKey("ledger.Event", models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    note = models.CharField(max_length=400, blank=True)
    event = models.ForeignKey("ledger.Event", models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")

    @property
    def is_unit(self) -> bool:
        """Whether ``thing`` names a unit, and not pieces of a lot."""
        return not self.thing.startswith("lot ")

    class Meta:
        verbose_name = _("difference of a handing-over")
        verbose_name_plural = _("differences of handings-over")
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "thing", "kind"],
                condition=Q(state="open"),
                name="issue_difference_open_once",
            ),
            models.CheckConstraint(condition=Q(pieces__gt=0), name="issue_difference_pieces_positive"),
            models.CheckConstraint(
                condition=Q(state="open", outcome="", settled_at=None, settled_by=None)
                | Q(state="settled", settled_at__isnull=False, settled_by__isnull=False) & ~Q(outcome=""),
                name="issue_difference_settled_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "issue"], name="issue_difference_open")]
