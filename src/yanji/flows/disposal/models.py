"""The paper of one destruction, or of one writing-off of lost things."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..listed import ListedThing
from ..states import DisposalState


class Disposal(models.Model):
    """Things to be destroyed, or lost things to be written off, for one reason. ``amount``: their value, CNY.

    ``take_title``: what belongs to a supplier is bought first. ``firm`` took the waste away and gave a certificate.
    """

    class Kind(models.TextChoices):
        SCRAP = "scrap", _("Destruction")
        WRITE_OFF = "write_off", _("Write-off of lost things")

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.SCRAP)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=DisposalState, default=DisposalState.APPROVED)
    reason = models.CharField(max_length=120)
    note = models.CharField(max_length=400, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    take_title = models.BooleanField(default=False)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    done_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    witness = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(
        null=True, help_text=_("When the signatures were entered, whenever it was done")
    )
    event_id = models.UUIDField(null=True, unique=True)
    title_event_id = models.UUIDField(null=True, unique=True)
    firm = models.CharField(max_length=120, blank=True)
    collected_on = models.DateField(null=True)
    certificate = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("scrap paper")
        verbose_name_plural = _("scrap papers")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="disposal_reason_given"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="disposal_amount_sound"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_by__isnull=False, witness__isnull=False),
                name="disposal_signed_by_two",
            ),
            models.CheckConstraint(
                condition=Q(witness__isnull=True) | ~Q(witness=models.F("done_by")),
                name="disposal_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state=DisposalState.COLLECTED) | ~Q(firm="") & ~Q(certificate=""),
                name="disposal_certificate_given",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "state"], name="disposal_of_place"),
            models.Index(fields=["done_at"], name="disposal_done"),
        ]

    def __str__(self) -> str:
        return self.number


class DisposalLine(ListedThing):
    """One thing of it."""

    disposal = models.ForeignKey(Disposal, models.CASCADE, related_name="lines")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="disposal_line_quantity_positive"),
            models.UniqueConstraint(
                fields=["disposal", "unit"], condition=Q(unit__isnull=False), name="disposal_unit_once"
            ),
        ]


class DisposalVoid(models.Model):
    """What stood on a paper and was taken back, as it stood: a certificate, or a write-off with the two who had signed it.
    Never changed. ``actor`` took it back, before ``second`` where two had signed."""

    class What(models.TextChoices):
        CERTIFICATE = "certificate", _("Certificate")
        WRITE_OFF = "write_off", _("Write-off")

    disposal = models.ForeignKey(Disposal, models.PROTECT, related_name="voids")
    what = models.CharField(max_length=12, choices=What)
    firm = models.CharField(max_length=120, blank=True)
    certificate = models.CharField(max_length=80, blank=True)
    collected_on = models.DateField(null=True)
    done_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    witness = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    second = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=120)
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("voided signature or certificate")
        verbose_name_plural = _("voided signatures and certificates")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="disposal_void_reason_given"),
            models.CheckConstraint(
                condition=~Q(what="write_off") | Q(second__isnull=False) & ~Q(second=models.F("actor")),
                name="disposal_void_two_persons",
            ),
        ]
