"""Papers that come with imported goods, delivery by delivery."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .states import StandingState


class ImportPaper(models.Model):
    """Proof that a delivery was imported as the law asks: of its customs declaration or inspection certificate the number and
    the day; its picture hangs on the receipt. Voided, it stays readable.

    Regulations on the Supervision and Administration of Medical Devices (State Council order 739): imported devices are
    inspected at entry, and who buys checks the papers of what is bought (article 45).
    """

    class Kind(models.TextChoices):
        CUSTOMS = "customs", _("Customs declaration")
        INSPECTION = "inspection", _("Inspection certificate")

    receipt = models.ForeignKey("flows.Receipt", models.PROTECT, related_name="import_papers")
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.CharField(max_length=80)
    issued_on = models.DateField()
    entered_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)
    voided_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    voided_because = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("import paper")
        verbose_name_plural = _("import papers")
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "kind", "number"],
                condition=Q(voided_at__isnull=True),
                name="import_paper_once",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True)
                | Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(voided_because=""),
                name="import_paper_voided_with_reason",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="import_paper_numbered"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> StandingState:
        return StandingState.until(self.voided_at)
