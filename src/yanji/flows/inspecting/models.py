"""Inspection plans, and what was found at the dock: of every lot that was judged, every unit that was looked at, and
everything that was turned down or put in doubt."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yanji.catalog.models import Item, Supplier

from ..consign.models import ConsignmentReceipt
from ..models import Receipt

# What was looked at came either for an order or under a consignment agreement.
ONE_PARENT = Q(receipt__isnull=False, consigned__isnull=True) | Q(
    receipt__isnull=True, consigned__isnull=False
)


class InspectionPlan(models.Model):
    """How an item, a family, a risk class, or what comes from a supplier or a maker is looked at; what is empty holds for all.

    Of several plans that fit, one for the item holds, else the one that names most. ``points``: of the group ``check_point``.
    """

    class Method(models.TextChoices):
        FULL = "full", _("Every piece")
        SAMPLING = "sampling", _("A sample")

    class Severity(models.TextChoices):
        NORMAL = "normal", _("Normal")
        TIGHTENED = "tightened", _("Tightened")

    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True, blank=True, related_name="+")
    family = models.CharField(max_length=80, blank=True)
    risk_class = models.CharField(max_length=3, choices=Item.RiskClass, blank=True)
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, null=True, blank=True, related_name="+")
    maker = models.ForeignKey("catalog.Maker", models.PROTECT, null=True, blank=True, related_name="+")
    method = models.CharField(max_length=8, choices=Method)
    aql = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, help_text=_("Percent nonconforming, ISO 2859-1")
    )
    severity = models.CharField(max_length=9, choices=Severity, default=Severity.NORMAL)
    points = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    edited_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("inspection plan")
        verbose_name_plural = _("inspection plans")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "family", "risk_class", "supplier", "maker"],
                condition=Q(active=True),
                nulls_distinct=False,
                name="inspection_plan_for_these_once",
            ),
            models.CheckConstraint(
                condition=Q(method="full", aql=None) | Q(method="sampling", aql__isnull=False),
                name="inspection_plan_sample_limited",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.family, self.risk_class))) or str(self._meta.verbose_name)


class LotInspection(models.Model):
    """One lot of an item in one delivery: ``size`` pieces came, ``sample`` were looked at, ``faulty`` of these were
    faulty. ``accept``: how many could be; empty where every piece is judged by itself."""

    receipt = models.ForeignKey("flows.Receipt", models.CASCADE, null=True, related_name="inspections")
    consigned = models.ForeignKey(
        "flows.ConsignmentReceipt", models.CASCADE, null=True, related_name="inspections"
    )
    plan = models.ForeignKey(InspectionPlan, models.PROTECT, related_name="inspections")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    lot = models.CharField(max_length=80, blank=True)
    expiry = models.DateField(null=True)
    severity = models.CharField(max_length=9, choices=InspectionPlan.Severity)
    size = models.PositiveIntegerField()
    sample = models.PositiveIntegerField()
    accept = models.PositiveIntegerField(null=True)
    faulty = models.PositiveIntegerField()
    faults = models.JSONField(default=dict, help_text=_("Point -> pieces that failed it"))
    accepted = models.BooleanField()

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "consigned", "item", "lot", "expiry"],
                nulls_distinct=False,
                name="inspection_lot_once",
            ),
            models.CheckConstraint(condition=ONE_PARENT, name="inspection_of_one_delivery"),
            models.CheckConstraint(
                condition=Q(sample__lte=F("size")) & Q(faulty__lte=F("sample")), name="inspection_sound"
            ),
            models.CheckConstraint(
                condition=Q(accept=None, accepted=True)
                | Q(accepted=True, faulty__lte=F("accept"))
                | Q(accepted=False, faulty__gt=F("accept")),
                name="inspection_judged_by_number",
            ),
        ]
        indexes = [models.Index(fields=["plan", "-id"], name="inspection_latest")]


class UnitLook(models.Model):
    """One unit of a sample with the points that it failed; none: it was in order."""

    inspection = models.ForeignKey(LotInspection, models.CASCADE, related_name="looks")
    epc = models.CharField(max_length=160)
    faults = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "epc"], name="look_unit_once")]


class Finding(models.Model):
    """One unit, or pieces of a lot, that was turned down at the dock or put in doubt: what photos are attached to."""

    class Verdict(models.TextChoices):
        REJECTED = "rejected", _("Rejected")
        DOUBTFUL = "doubtful", _("Doubtful")

    receipt = models.ForeignKey("flows.Receipt", models.CASCADE, null=True, related_name="findings")
    consigned = models.ForeignKey(
        "flows.ConsignmentReceipt", models.CASCADE, null=True, related_name="findings"
    )
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    epc = models.CharField(max_length=160, blank=True)
    lot = models.CharField(max_length=80, blank=True)
    expiry = models.DateField(null=True)
    pieces = models.PositiveIntegerField(default=1)
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.CharField(max_length=40)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("finding at the dock")
        verbose_name_plural = _("findings at the dock")
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "consigned", "epc"],
                condition=~Q(epc=""),
                nulls_distinct=False,
                name="finding_unit_once",
            ),
            models.CheckConstraint(condition=ONE_PARENT, name="finding_of_one_delivery"),
            models.CheckConstraint(condition=Q(pieces__gt=0), name="finding_pieces_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="finding_reason_given"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery.number}/{self.pk}"

    @property
    def delivery(self) -> Receipt | ConsignmentReceipt:
        """The paper that it came with: of an order, or of a supplier's own goods."""
        found = self.receipt or self.consigned
        assert found is not None, "finding_of_one_delivery"
        return found

    @property
    def supplier(self) -> Supplier:
        return self.receipt.order.supplier if self.receipt else self.consigned.agreement.supplier
