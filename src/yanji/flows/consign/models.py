"""Documents of goods that belong to a supplier while they are here. Who owns a thing stands in the ledger."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import AgreementState, CycleState, LoanSetState, SettlementState, StandingState


class ConsignmentAgreement(models.Model):
    """That a supplier's goods may lie at a place. Under which terms: its versions say, each from a day on."""

    number = models.CharField(max_length=40, unique=True)
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, related_name="consignments")
    place = models.ForeignKey(
        "places.Place", models.PROTECT, related_name="+", help_text=_("Here and everywhere below")
    )
    state = models.CharField(max_length=12, choices=AgreementState, default=AgreementState.RUNNING)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("consignment agreement")
        verbose_name_plural = _("consignment agreements")

    def __str__(self) -> str:
        return self.number


class AgreementVersion(models.Model):
    """What an agreement says from ``valid_from`` until its next version begins: which items, until when, settled on which
    day. Never changed; of two that begin on one day the later ``number``, which counts from one, holds."""

    agreement = models.ForeignKey(ConsignmentAgreement, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    all_items = models.BooleanField(default=True)
    settlement_day = models.PositiveSmallIntegerField(default=5, help_text=_("Day of the following month"))
    note = models.CharField(max_length=400, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="agreement_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(settlement_day__gte=1, settlement_day__lte=28), name="agreement_settlement_day"
            ),
        ]


class AgreementItem(models.Model):
    """One item of a version: its price, where the agreement names one, and how many pieces should lie here."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="items")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    keep = models.PositiveIntegerField(default=0, help_text=_("Pieces that should lie here"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "item"], name="agreement_item_once"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="agreement_price_not_negative"
            ),
        ]


class AgreementEnding(models.Model):
    """Why an agreement ends, and the last day on which goods come under it. Taken back, it stays to be read."""

    agreement = models.ForeignKey(ConsignmentAgreement, models.PROTECT, related_name="endings")
    last_day = models.DateField(help_text=_("Nothing more comes under the agreement after it"))
    reason = models.CharField(max_length=120)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_back_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    taken_back_because = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(taken_back_at=None), name="agreement_ends_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="agreement_ending_reason_given"),
            models.CheckConstraint(
                condition=Q(taken_back_at=None) | Q(taken_back_by__isnull=False) & ~Q(taken_back_because=""),
                name="agreement_ending_taken_back_for_a_reason",
            ),
        ]

    @property
    def state(self) -> StandingState:
        return StandingState.until(self.taken_back_at)


class ConsignmentReceipt(models.Model):
    """A supplier's goods taken over the door without an order and without a price to pay: they stay the supplier's."""

    number = models.CharField(max_length=40, unique=True)
    agreement = models.ForeignKey(ConsignmentAgreement, models.PROTECT, related_name="receipts")
    dock = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80, blank=True, help_text=_("The supplier's delivery note"))
    arrived_at = models.DateTimeField()
    pieces = models.PositiveIntegerField()
    received_event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")
    accepted_event = models.OneToOneField("ledger.Event", models.PROTECT, null=True, related_name="+")
    rejected_events = models.JSONField(default=list)
    loan_set = models.ForeignKey("LoanSet", models.PROTECT, null=True, related_name="receipts")
    voided_at = models.DateTimeField(null=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("consignment receipt")
        verbose_name_plural = _("consignment receipts")
        indexes = [models.Index(fields=["-arrived_at"], name="consignment_receipt_latest")]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> StandingState:
        return StandingState.until(self.voided_at)


class TitleNote(models.Model):
    """A supplier's goods became the hospital's and were used up: their receipt, their issue and what is owed for them,
    in one paper a supplier and entry of the ledger."""

    number = models.CharField(max_length=40, unique=True)
    agreement = models.ForeignKey(ConsignmentAgreement, models.PROTECT, related_name="notes")
    event = models.ForeignKey("ledger.Event", models.PROTECT, related_name="+")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    case_number = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("title note")
        verbose_name_plural = _("title notes")
        constraints = [models.UniqueConstraint(fields=["event", "agreement"], name="title_note_one_an_event")]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> StandingState:
        return StandingState.until(self.voided_at)


class Settlement(models.Model):
    """What is owed under one agreement for one month's use. ``month``: its first day.

    Voided, by ``voided_by`` before ``voided_second``, it keeps the lines that it had (``kept_lines``), which are open again.
    """

    number = models.CharField(max_length=40, unique=True)
    agreement = models.ForeignKey(ConsignmentAgreement, models.PROTECT, related_name="settlements")
    month = models.DateField()
    state = models.CharField(max_length=12, choices=SettlementState, default=SettlementState.DRAFT)
    total = models.DecimalField(max_digits=16, decimal_places=2)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    voided_second = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=120, blank=True)
    void_note = models.CharField(max_length=400, blank=True)
    kept_lines = models.ManyToManyField("flows.Payable", related_name="+")

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "month"],
                condition=~Q(state=SettlementState.VOIDED),
                name="settlement_one_a_month",
            ),
            models.CheckConstraint(
                condition=~Q(state=SettlementState.VOIDED)
                | Q(voided_at__isnull=False, voided_second__isnull=False)
                & ~Q(voided_second=F("voided_by"))
                & ~Q(void_reason=""),
                name="settlement_voided_by_two",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="settlement_month_begins"),
            models.CheckConstraint(
                condition=Q(state=SettlementState.DRAFT) | Q(confirmed_by__isnull=False),
                name="settlement_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Payable(models.Model):
    """What is owed to whom, for which unit or pieces of a lot, from which use. A use that is taken back adds a credit;
    nothing is changed or removed."""

    note = models.ForeignKey(TitleNote, models.PROTECT, related_name="payables")
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, related_name="+")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=2)
    sign = models.SmallIntegerField(default=1)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    at = models.DateTimeField()
    settlement = models.ForeignKey(Settlement, models.SET_NULL, null=True, related_name="lines")

    class Meta:
        verbose_name = _("payable")
        verbose_name_plural = _("payables")
        constraints = [
            models.CheckConstraint(
                condition=Q(sign=1, reverses__isnull=True) | Q(sign=-1, reverses__isnull=False),
                name="payable_credit_names_its_debt",
            ),
            models.UniqueConstraint(fields=["note", "unit", "sign"], name="payable_unit_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0, price__gte=0), name="payable_positive"),
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(settlement__isnull=True), name="payable_unsettled")
        ]

    @property
    def amount(self):
        return self.sign * self.quantity * self.price


class LoanSet(models.Model):
    """A supplier's set lent for a case: it comes, is checked and sterilised, goes to the theatre and goes back, all by
    ``due_on``. What is in it and what became of it follows from the ledger until it is closed."""

    number = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)
    agreement = models.ForeignKey(ConsignmentAgreement, models.PROTECT, related_name="loan_sets")
    department = models.ForeignKey(
        "places.Place", models.PROTECT, related_name="+", help_text=_("The theatre that needs it")
    )
    case = models.ForeignKey("flows.Case", models.PROTECT, null=True, blank=True, related_name="loan_sets")
    due_on = models.DateField(help_text=_("The day on which it must be closed"))
    state = models.CharField(max_length=12, choices=LoanSetState, default=LoanSetState.EXPECTED)
    cycle = models.CharField(max_length=40, blank=True, help_text=_("Number of the sterilisation cycle"))
    sterilised_at = models.DateTimeField(null=True)
    sterilised_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    difference_reason = models.CharField(max_length=120, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("loan set")
        verbose_name_plural = _("loan sets")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="loan_set_named"),
            models.CheckConstraint(
                condition=~Q(state__in=(LoanSetState.STERILISED, LoanSetState.IN_THEATRE)) | ~Q(cycle=""),
                name="loan_set_cycle_known",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="loan_set_due")]

    def __str__(self) -> str:
        return self.number


class LoanSetLine(models.Model):
    """One item of a set: what its list says, what came, and - from the day it was closed - what became of it."""

    loan_set = models.ForeignKey(LoanSet, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    listed = models.PositiveIntegerField(default=0)
    arrived = models.PositiveIntegerField(default=0)
    used = models.PositiveIntegerField(default=0)
    wasted = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan_set", "item"], name="loan_set_line_item_once"),
            models.CheckConstraint(
                condition=Q(arrived__gte=F("used") + F("wasted") + F("returned")),
                name="loan_set_line_not_more_than_came",
            ),
        ]

    @property
    def missing(self) -> int:
        """Pieces that the list names and that did not come."""
        return max(0, self.listed - self.arrived)

    @property
    def extra(self) -> int:
        return max(0, self.arrived - self.listed)

    @property
    def open(self) -> int:
        return self.arrived - self.used - self.wasted - self.returned


class LoanSetCycle(models.Model):
    """One sterilisation of a set. The set names the last; the earlier ones stay to be read, as what was used may be of one, and
    so does what was entered wrongly and voided."""

    loan_set = models.ForeignKey(LoanSet, models.PROTECT, related_name="cycles")
    cycle = models.CharField(max_length=40)
    sterilised_at = models.DateTimeField()
    sterilised_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=CycleState, default=CycleState.ENTERED)
    voided_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    voided_because = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(cycle=""), name="loan_set_cycle_named"),
            models.CheckConstraint(
                condition=Q(state=CycleState.ENTERED, voided_by__isnull=True, voided_at__isnull=True)
                | Q(state=CycleState.VOIDED, voided_by__isnull=False, voided_at__isnull=False)
                & ~Q(voided_because=""),
                name="loan_set_cycle_voided_by_somebody",
            ),
        ]

    @property
    def counts(self) -> bool:
        return self.state != CycleState.VOIDED


class LoanSetEvent(models.Model):
    """An entry of the ledger by which things of a set went back to its owner."""

    loan_set = models.ForeignKey(LoanSet, models.PROTECT, related_name="events")
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")
