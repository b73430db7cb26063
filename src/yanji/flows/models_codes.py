"""What a unit was called beside its identity, from when to when: a tag that came off is told from one that never was on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class UnitCode(models.Model):
    """One time that a code was on a unit. The ledger keeps only what is on now (``Alias``); who put it on, who took it off and
    why stays here. ``bound_at`` and ``bound_by`` are empty for what was on before this was kept."""

    unit = models.ForeignKey("ledger.Unit", models.PROTECT, related_name="codes")
    code = models.CharField(max_length=160)
    bound_at = models.DateTimeField(null=True)
    bound_by = models.ForeignKey("access.Person", models.PROTECT, null=True, db_index=False, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        "access.Person", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    reason = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("code of a unit")
        verbose_name_plural = _("codes of units")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(released_at__isnull=True), name="unit_code_on_one_unit"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True, reason="")
                | Q(released_at__isnull=False, released_by__isnull=False) & ~Q(reason=""),
                name="unit_code_release_reason_given",
            ),
        ]

    def __str__(self) -> str:
        return self.code
