"""The labels a hospital made for itself, and every version that each of them had."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .template import LabelKind


class LabelTemplate(models.Model):
    """How labels of one kind look. The ``usual`` one is taken where nobody chooses: of a campus, or (no campus) of all."""

    kind = models.CharField(max_length=8, choices=LabelKind)
    name = models.CharField(max_length=60)
    campus = models.ForeignKey(
        "places.Place", models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Only for what lies there")
    )  # fmt: skip
    usual = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    data = models.JSONField(help_text=_("Size and elements, in millimetres"))

    class Meta:
        verbose_name = _("label template")
        verbose_name_plural = _("label templates")
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "campus"],
                condition=Q(usual=True),
                nulls_distinct=False,
                name="label_template_one_usual",
            ),
            models.UniqueConstraint(fields=["kind", "name"], name="label_template_name_once"),
            models.CheckConstraint(
                condition=Q(usual=False) | Q(active=True), name="label_template_usual_is_active"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LabelTemplateChange(models.Model):
    """A label template as somebody left it: never changed itself."""

    template = models.ForeignKey(LabelTemplate, models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    data = models.JSONField(help_text=_("Name, whether it is used, and all of the template"))

    class Meta:
        verbose_name = _("version of a label template")
        verbose_name_plural = _("versions of label templates")
        constraints = [
            models.UniqueConstraint(fields=["template", "version"], name="label_template_version_once")
        ]
