"""What waits for somebody's approval, and the rules that say so. Both are data: a hospital edits its rules in a page."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .states import ApprovalState

HIGHEST_LEVEL = 9


class ApprovalRule(models.Model):
    """Documents of one kind need a role's approval from an amount on, at a place and everything below it.

    The rules of the deepest place hold alone: a campus can ask for less than its group, or for nobody.
    """

    kind = models.CharField(max_length=40)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(default=1, help_text=_("Lower levels decide first"))
    from_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    role = models.ForeignKey("access.Role", models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)
    edited_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "place", "level"], condition=Q(active=True), name="approval_rule_level_once"
            ),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=HIGHEST_LEVEL), name="approval_rule_level_sound"
            ),
            models.CheckConstraint(condition=Q(from_amount__gte=0), name="approval_rule_amount_sound"),
        ]


class Approval(models.Model):
    """One step of a document's approval: whose it is, and who decided it.

    ``round`` counts how often the document was asked for; only the steps of the last round can wait. What the
    rule said then (level, role) stays here, whatever becomes of the rule.
    """

    kind = models.CharField(max_length=40)
    document_id = models.BigIntegerField()
    round = models.PositiveIntegerField(default=1)
    level = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=40, help_text=_("The document's number"))
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    # Empty: there is no limit to it, as for a contract without a largest value.
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    role = models.ForeignKey("access.Role", models.PROTECT, related_name="+")
    requester = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=ApprovalState, default=ApprovalState.WAITING)
    decided_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "document_id", "round", "level"], name="approval_level_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "document_id", "round", "decided_by"],
                condition=Q(decided_by__isnull=False),
                name="approval_person_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("requester")),
                name="approval_not_by_requester",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "refused"], decided_by__isnull=False)
                | Q(state__in=["waiting", "withdrawn"], decided_by__isnull=True),
                name="approval_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApprovalState.REFUSED) | ~Q(comment=""), name="approval_refusal_commented"
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(state="waiting"), name="approval_waiting"),
            models.Index(fields=["decided_by", "decided_at"], name="approval_decided"),
        ]

    @property
    def waits(self) -> bool:
        return self.state == ApprovalState.WAITING


class Hand(models.Model):
    """Somebody wrote, edited or sent a document: whoever had a hand in it does not approve it, whoever sent it last."""

    kind = models.CharField(max_length=40)
    document_id = models.BigIntegerField()
    person = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "document_id", "person"], name="hand_once")]
