"""Why something was done, as a choice that each hospital words for itself."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class ReasonCode(models.Model):
    """One reason of one group. The ledger keeps the code for ever, so a code never changes and is never deleted; the
    words, the order and whether it is still offered may change at any time."""

    group = models.CharField(max_length=24)
    code = models.CharField(max_length=40)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    position = models.PositiveIntegerField()
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ["group", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "code"], name="reason_code_once"),
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"), name="reason_code_sound"),
            models.CheckConstraint(condition=~Q(name_zh="") & ~Q(name_en=""), name="reason_named"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The words in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh
