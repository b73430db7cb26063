"""Documents of the flows. What moved stands in the ledger; a document says what was wanted, by whom, and what
is open.

Quantities are whole pieces of the item's unit of measure.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models_order import OrderLine, PurchaseOrder  # noqa: F401
from .states import CaseState, IssueState, NoticeState, RequisitionState, StandingState


class Act(models.Model):
    """One request that a client named: the same key again gets the first answer, whatever became of things
    since."""

    key = models.CharField(max_length=100, primary_key=True)
    verb = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    done_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="act_key_given")]


class Counter(models.Model):
    """The last number given out under a printed prefix (``PO-EAST-2610``); its row is the lock."""

    prefix = models.CharField(max_length=40, primary_key=True)
    last = models.BigIntegerField(default=0)


class ShipNotice(models.Model):
    """What a supplier says is on its way. Serialised units are announced to the ledger as expected."""

    number = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="notices")
    reference = models.CharField(max_length=80, blank=True, help_text=_("The supplier's delivery note"))
    carrier = models.CharField(max_length=120, blank=True)
    expected_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=NoticeState, default=NoticeState.ANNOUNCED)
    event_id = models.UUIDField(null=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("ship notice")
        verbose_name_plural = _("ship notices")

    def __str__(self) -> str:
        return self.number


class ShipNoticeLine(models.Model):
    """One announced unit (with its identity), or a quantity of a lot."""

    notice = models.ForeignKey(ShipNotice, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    epc = models.CharField(max_length=160, blank=True)
    serial = models.CharField(max_length=80, blank=True)
    lot = models.CharField(max_length=80, blank=True)
    expiry = models.DateField(null=True, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    box = models.ForeignKey("flows.Box", models.PROTECT, null=True, blank=True, related_name="lines")
    arrived_at = models.DateTimeField(null=True)
    receipt = models.ForeignKey("flows.Receipt", models.PROTECT, null=True, related_name="announced_lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "epc"], condition=~Q(epc=""), name="notice_line_unit_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="notice_line_quantity_positive"),
            models.CheckConstraint(condition=Q(epc="") | Q(quantity=1), name="notice_line_unit_is_one"),
        ]


class Receipt(models.Model):
    """One delivery taken over the door, with the events that inspection led to."""

    number = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="receipts")
    notice = models.ForeignKey(ShipNotice, models.PROTECT, null=True, related_name="receipts")
    dock = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80, blank=True, help_text=_("The supplier's delivery note"))
    arrived_at = models.DateTimeField()
    received_event = models.UUIDField(unique=True)
    accepted_event = models.UUIDField(null=True, unique=True)
    rejected_events = models.JSONField(default=list)
    held_events = models.JSONField(default=list, help_text=_("What was put in doubt"))
    voided_at = models.DateTimeField(null=True)
    blind = models.BooleanField(default=False, help_text=_("Counted without a look at what was expected"))
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        indexes = [models.Index(fields=["-arrived_at"], name="receipt_latest")]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> StandingState:
        return StandingState.until(self.voided_at)


class ReceiptLine(models.Model):
    """One item of a delivery against what was owed (``outstanding``) and what was announced, before it."""

    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    outstanding = models.PositiveIntegerField()
    announced = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text=_("Reason of rejection -> pieces"))
    doubts = models.JSONField(default=dict, help_text=_("Reason of doubt -> pieces, of those accepted"))
    labels = models.JSONField(
        default=list, help_text=_("Units whose label says otherwise than was announced")
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receipt", "item"], name="receipt_line_item_once")]

    @property
    def short(self) -> int:
        """Pieces announced (or, of a delivery without a notice, owed) that did not come in good order."""
        expected = self.announced if self.receipt.notice_id else self.outstanding
        return max(0, expected - self.accepted)


class Requisition(models.Model):
    """What a department asks of a store."""

    number = models.CharField(max_length=40, unique=True)
    department = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    store = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    needed_by = models.DateTimeField(null=True, blank=True)
    case_number = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=12, choices=RequisitionState, default=RequisitionState.REQUESTED)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("requisition")
        verbose_name_plural = _("requisitions")
        constraints = [
            models.CheckConstraint(condition=~Q(department=F("store")), name="requisition_between_two_places")
        ]
        indexes = [
            models.Index(fields=["store", "state"], name="requisition_store"),
            models.Index(fields=["department", "state"], name="requisition_department"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def open_lines(self) -> list["RequisitionLine"]:
        """The lines of which something is left to pick. No statement where the lines are read already."""
        return [line for line in self.lines.all() if line.open_to_pick]


class RequisitionLine(models.Model):
    """One item asked for: of ``quantity``, ``picked`` were set aside so far, and of these ``issued``
    handed over."""

    requisition = models.ForeignKey(Requisition, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    lot = models.CharField(max_length=80, blank=True, help_text=_("Only this lot is wanted"))
    why = models.JSONField(
        default=dict, help_text=_("What the levels proposed when it was asked for, and why")
    )
    picked = models.PositiveIntegerField(default=0)
    issued = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["requisition", "item"], name="requisition_line_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="requisition_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(picked__lte=F("quantity")), name="requisition_line_not_over_picked"
            ),
            models.CheckConstraint(
                condition=Q(issued__lte=F("picked")), name="requisition_line_not_over_issued"
            ),
        ]

    @property
    def open_to_pick(self) -> int:
        return self.quantity - self.picked

    @property
    def open_to_issue(self) -> int:
        return self.picked - self.issued


class RequisitionEvent(models.Model):
    """An entry of the ledger that served a requisition: picked, put back or issued. What is picked follows
    from it."""

    requisition = models.ForeignKey(Requisition, models.PROTECT, related_name="events")
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")


class Override(models.Model):
    """A unit picked out of turn, and why: what the rule of the store would have taken instead."""

    requisition = models.ForeignKey(Requisition, models.PROTECT, related_name="overrides")
    event_id = models.UUIDField()
    epc = models.CharField(max_length=160)
    instead_of = models.CharField(max_length=160)
    reason = models.CharField(max_length=120)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="override_reason_given")]
        indexes = [models.Index(fields=["event_id"], name="override_event")]


class Issue(models.Model):
    """One handing-over from a store to a department; open until the department has taken everything in."""

    number = models.CharField(max_length=40, unique=True)
    requisition = models.ForeignKey(Requisition, models.PROTECT, related_name="issues")
    store = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    department = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=IssueState, default=IssueState.UNDERWAY)
    issued_at = models.DateTimeField()
    # As it was typed; a colleague who signed is named by ``taken_over_by``, whose name is shown in the reader's language.
    handed_to = models.CharField(max_length=80, blank=True)
    # Who took it over for the department, by a sign of their own: a password at the store, or a press at the door.
    taken_over_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    taken_over_at = models.DateTimeField(null=True)
    event_id = models.UUIDField(unique=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_over_by=None, taken_over_at=None)
                | Q(taken_over_by__isnull=False, taken_over_at__isnull=False),
                name="issue_taken_over_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(taken_over_by=None) | ~Q(taken_over_by=F("actor")),
                name="issue_between_two_people",
            ),
        ]
        indexes = [models.Index(fields=["department", "state"], name="issue_department")]

    def __str__(self) -> str:
        return self.number


class IssueLine(models.Model):
    """One lot of an issue: how many of its pieces the department has taken in, and how many never reached it (``gone``:
    back in the store, or lost). The rest is under way. ``doubt``: counted pieces were held or recalled there, all that was
    left; they arrive in this status."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="lines")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    taken_in = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    doubt = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "lot"], name="issue_line_lot_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("taken_in") + F("gone")), name="issue_line_not_over_taken_in"
            ),
        ]

    @property
    def under_way(self) -> int:
        return self.quantity - self.taken_in - self.gone


class Case(models.Model):
    """One procedure on one patient, who is known here by a token only: never a name, never a hospital
    number."""

    number = models.CharField(max_length=40, unique=True)
    patient_token = models.CharField(max_length=80)
    procedure = models.CharField(max_length=160, blank=True)
    operator = models.CharField(max_length=80, blank=True)
    department = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=CaseState, default=CaseState.PLANNED)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(condition=~Q(number="") & ~Q(patient_token=""), name="case_names_patient")
        ]
        indexes = [
            models.Index(fields=["department", "state"], name="case_department"),
            models.Index(fields=["patient_token"], name="case_patient"),
        ]

    def __str__(self) -> str:
        return self.number


class Label(models.Model):
    """A hospital's own label for one unit whose maker gives no serial number."""

    number = models.CharField(max_length=40, unique=True)
    epc = models.CharField(max_length=160, unique=True)
    giai = models.CharField(
        max_length=40, blank=True, help_text=_("GIAI, where the hospital has a GS1 prefix")
    )
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    lot = models.CharField(max_length=80, blank=True)
    expiry = models.DateField(null=True, blank=True)
    made = models.DateField(null=True, blank=True)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(default=timezone.now)


class WrongPassword(models.Model):
    """A wrong password given for a second person, or for a token: after too many in a row that name has to wait."""

    username = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["username", "at"], name="wrong_password_recent")]


# Rows of these are never changed or removed: see the ledger's tables of the same name.
APPEND_ONLY_TABLES = (
    "flows_remark",
    "flows_attachment",
    "flows_withdrawal",
    "flows_countscan",
    "flows_chargeentry",
)
