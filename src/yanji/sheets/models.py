"""What was shown to a person before anything was imported."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportBatch(models.Model):
    """One uploaded table as its preview showed it; confirming imports exactly these rows, once."""

    class State(models.TextChoices):
        SHOWN = "shown", _("Preview")
        IMPORTED = "imported", _("Imported")
        DROPPED = "dropped", _("Dropped")

    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the file"))
    columns = models.JSONField(help_text=_("Names of the columns that the file had"))
    unknown = models.JSONField(default=list, help_text=_("Titles that mean nothing here"))
    good = models.JSONField(encoder=DjangoJSONEncoder, help_text=_("List of {number, values}"))
    bad = models.JSONField(help_text=_("List of {number, typed, problems}"))
    state = models.CharField(max_length=8, choices=State, default=State.SHOWN)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["created_by", "-created_at"], name="import_batch_mine")]
