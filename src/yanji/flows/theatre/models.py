"""Documents of the theatre: preference cards, needs of a case, its part in the ledger, implants, charges.

What a case took, used, wasted and gave back is not kept here: it follows from the entries of the ledger (``CaseEvent``).
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import ChargeState, EmergencyState, HandoverState, ImplantState


class PreferenceCard(models.Model):
    """What a department lays out for a procedure; an empty ``surgeon`` stands for whoever has no card of their own."""

    department = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    procedure = models.CharField(max_length=160)
    surgeon = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=400, blank=True)
    active = models.BooleanField(default=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("preference card")
        verbose_name_plural = _("preference cards")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "procedure", "surgeon"],
                condition=Q(active=True),
                name="card_one_a_procedure",
            ),
            models.CheckConstraint(condition=~Q(procedure=""), name="card_procedure_given"),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} · {self.surgeon}" if self.surgeon else self.procedure


class PreferenceLine(models.Model):
    """One item of a card; ``alternatives`` are other sizes or makes that serve as well."""

    card = models.ForeignKey(PreferenceCard, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    alternatives = models.ManyToManyField("catalog.Item", related_name="+", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card", "item"], name="card_line_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="card_line_quantity_positive"),
        ]


class CaseNeed(models.Model):
    """What one case needs: copied from the card when it was planned, so that a later change of the card alters nothing."""

    case = models.ForeignKey("flows.Case", models.CASCADE, related_name="needs")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    alternatives = models.ManyToManyField("catalog.Item", related_name="+", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "item"], name="case_need_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="case_need_quantity_positive"),
        ]


class CaseEvent(models.Model):
    """An entry of the ledger that belongs to a case: set out, set back, used, wasted. The account follows from it."""

    case = models.ForeignKey("flows.Case", models.PROTECT, related_name="events")
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")


class CaseDifference(models.Model):
    """A case that was closed although its account did not balance: who took that on, why, and what was open."""

    case = models.ForeignKey("flows.Case", models.PROTECT, related_name="differences")
    reason = models.CharField(max_length=120)
    things = models.JSONField(help_text=_("List of [thing, pieces]"))
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="case_difference_reason_given")]
        indexes = [models.Index(fields=["-at"], name="case_difference_latest")]


class Side(models.TextChoices):
    """Of the body, as the patient would say it."""

    NONE = "", _("No side")
    LEFT = "left", _("Left")
    RIGHT = "right", _("Right")
    BOTH = "both", _("Both sides")


class Implant(models.Model):
    """What stays in a patient: which unit, or how many pieces of which lot, in whom (a token), where, by whom; and when it
    came out again."""

    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, related_name="implants")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    case = models.ForeignKey("flows.Case", models.PROTECT, related_name="implants")
    event = models.ForeignKey("ledger.Event", models.PROTECT, related_name="+")
    patient_token = models.CharField(max_length=80)
    site = models.CharField(max_length=80, blank=True, help_text=_("Anatomical site"))
    side = models.CharField(max_length=8, choices=Side, blank=True)
    surgeon = models.CharField(max_length=80, blank=True)
    implanted_at = models.DateTimeField()
    explant_event = models.ForeignKey("ledger.Event", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("implant record")
        verbose_name_plural = _("implant records")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(voided_at__isnull=True, explant_event__isnull=True),
                name="implant_in_one_patient",
            ),
            models.CheckConstraint(condition=~Q(patient_token=""), name="implant_names_patient"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True, quantity__gt=0) | Q(unit__isnull=False, quantity=1),
                name="implant_pieces",
            ),
        ]
        indexes = [models.Index(fields=["patient_token"], name="implant_patient")]

    @property
    def state(self) -> ImplantState:
        if self.voided_at is not None:
            return ImplantState.VOIDED
        return ImplantState.IMPLANTED if self.explant_event_id is None else ImplantState.EXPLANTED

    @property
    def thing(self) -> str:
        """How it is called in a refusal."""
        return self.unit.epc if self.unit else f"lot {self.lot_id}"


class ChargeLine(models.Model):
    """What one use charges the patient, and how far it has come. The codes are those of the day of use, as they read
    then: what becomes of the catalogue later changes no charge."""

    case = models.ForeignKey("flows.Case", models.PROTECT, related_name="charges")
    event = models.ForeignKey("ledger.Event", models.PROTECT, related_name="+")
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, related_name="charges")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    amount = models.DecimalField(
        max_digits=14, decimal_places=2, help_text=_("All pieces, without a mark-up")
    )
    state = models.CharField(max_length=16, choices=ChargeState, default=ChargeState.USED)
    charge_code = models.CharField(max_length=40, blank=True)
    charge_code_from = models.DateField(null=True, help_text=_("First day of the version used"))
    insurance_code = models.CharField(max_length=40, blank=True)
    insurance_code_from = models.DateField(null=True)
    reason = models.CharField(max_length=120, blank=True, help_text=_("Of the refund"))
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("charge line")
        verbose_name_plural = _("charge lines")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=~Q(state=ChargeState.VOIDED), name="charge_line_one_a_use"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(ChargeState.PENDING, ChargeState.CHARGED, ChargeState.REFUND_PENDING))
                | ~Q(charge_code=""),
                name="charge_line_code_known",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="charge_line_amount_not_negative"),
        ]
        indexes = [models.Index(fields=["state"], name="charge_line_state")]


class ChargeEntry(models.Model):
    """One charge (+1) or its reversal (-1), never changed. Entries of a unit form a chain without a gap in which charges
    stand at odd places and reversals at even ones: so no unit can ever be charged more than once net.

    ``subject`` names what is charged: the unit, or for counted things the line. ``previous`` points back along the chain
    (a foreign key of the database keeps it from leaving one out).
    """

    line = models.ForeignKey(ChargeLine, models.PROTECT, related_name="entries")
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=30)
    ordinal = models.PositiveIntegerField()
    previous = models.PositiveIntegerField(null=True)
    sign = models.SmallIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    charge_code = models.CharField(max_length=40)
    insurance_code = models.CharField(max_length=40, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "ordinal"], name="charge_once_net"),
            models.CheckConstraint(
                condition=Q(sign=F("ordinal") % 2 * 2 - 1), name="charge_entries_alternate"
            ),
            models.CheckConstraint(
                condition=Q(ordinal=1, previous__isnull=True)
                | Q(ordinal__gt=1, previous__isnull=False, previous=F("ordinal") - 1),
                name="charge_entries_linked",
            ),
        ]


class EmergencyUse(models.Model):
    """What is decided afterwards: a unit that nobody had received, with the order made for it; or (``against``) one that nobody
    may have used, with what spoke against it."""

    number = models.CharField(max_length=40, unique=True)
    case = models.ForeignKey("flows.Case", models.PROTECT, related_name="emergencies")
    order = models.OneToOneField("flows.PurchaseOrder", models.PROTECT, null=True, related_name="emergency")
    receipt = models.OneToOneField("flows.Receipt", models.PROTECT, null=True, related_name="+")
    against = models.JSONField(
        default=list, help_text=_("What spoke against a use that is recorded all the same")
    )
    accepted = models.JSONField(
        default=list, help_text=_("Units rejected on receipt that their use made the hospital's")
    )
    use_event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")
    reason = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    state = models.CharField(max_length=12, choices=EmergencyState, default=EmergencyState.AWAITING)
    accepted_because = models.CharField(
        max_length=120, blank=True, help_text=_("Why it is paid although it was refused")
    )
    accepted_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("emergency use")
        verbose_name_plural = _("emergency uses")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_reason_given"),
            models.CheckConstraint(
                condition=Q(order__isnull=False, receipt__isnull=False, against=[])
                | Q(order__isnull=True, receipt__isnull=True) & ~Q(against=[]),
                name="emergency_ordered_or_despite",
            ),
            models.CheckConstraint(
                condition=~Q(state=EmergencyState.ACCEPTED)
                | ~Q(accepted_because="") & Q(accepted_by__isnull=False),
                name="emergency_accepted_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="emergency_state")]

    def __str__(self) -> str:
        return self.number


class Handover(models.Model):
    """Devices that came out of patients and were handed on: to where they are examined (``to_place``), or, without one, to
    the patient whose they were. Which devices, and out of whom, stands in its lines."""

    number = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=12, choices=HandoverState, default=HandoverState.HANDED_ON)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    to_place = models.ForeignKey("places.Place", models.PROTECT, null=True, related_name="+")
    handed_to = models.CharField(max_length=80, help_text=_("Who took them, by name"))
    note = models.CharField(max_length=400, blank=True)
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("hand-over of explanted devices")
        verbose_name_plural = _("hand-overs of explanted devices")
        constraints = [models.CheckConstraint(condition=~Q(handed_to=""), name="handover_receiver_named")]
        indexes = [models.Index(fields=["-at"], name="handover_latest")]

    def __str__(self) -> str:
        return self.number


class HandoverLine(models.Model):
    """Of what record, and how many pieces of it, a paper handed on. A counted device has no other name than its record."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="lines")
    implant = models.ForeignKey(Implant, models.PROTECT, related_name="handed_on")
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "implant"], name="handover_record_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="handover_line_quantity_positive"),
        ]
