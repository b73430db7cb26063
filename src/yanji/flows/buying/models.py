"""What stands before and around a purchase order: requests, contracts, delivery dates, the supplier's answers, changes."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import AnswerState, ChangeState, ContractState, PurchaseRequestState


class PurchaseRequest(models.Model):
    """What a store or department needs bought. ``amount``: what it would cost at the prices of that day."""

    number = models.CharField(max_length=40, unique=True)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    needed_by = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=400)
    amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    state = models.CharField(
        max_length=16, choices=PurchaseRequestState, default=PurchaseRequestState.WAITING
    )
    closed_because = models.CharField(max_length=120, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("purchase request")
        verbose_name_plural = _("purchase requests")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="purchase_request_has_reason")]
        indexes = [models.Index(fields=["state", "place"], name="purchase_request_state")]

    def __str__(self) -> str:
        return self.number


class PurchaseRequestLine(models.Model):
    """One item wanted; ``ordered`` counts what orders have taken over."""

    request = models.ForeignKey(PurchaseRequest, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    ordered = models.PositiveIntegerField(default=0)
    price = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "item"], name="purchase_request_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="purchase_request_quantity_positive"),
            models.CheckConstraint(
                condition=Q(ordered__lte=F("quantity")), name="purchase_request_not_over_ordered"
            ),
        ]

    @property
    def open(self) -> int:
        """Pieces that no order has taken over."""
        return self.quantity - self.ordered

    @property
    def to_order(self) -> int:
        """Pieces that are still to be ordered: of a request that is over none, whatever was open."""
        over = self.request.state in (PurchaseRequestState.REFUSED, PurchaseRequestState.CLOSED)
        return 0 if over else self.open


class RequestOrder(models.Model):
    """Pieces of a request's line that an order took over; they go back when the order is cancelled."""

    line = models.ForeignKey(PurchaseRequestLine, models.PROTECT, related_name="orders")
    order = models.ForeignKey("flows.PurchaseOrder", models.PROTECT, related_name="requested")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "order"], name="request_order_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="request_order_quantity_positive"),
        ]


class Contract(models.Model):
    """A framework contract: items and prices that hold at a place and below it, from a day to a day.

    ``two_invoice``: whether this contract's goods need the maker's invoice to the distributor; empty leaves it to the
    rule of the item's family. Percentages are of the ordered quantity, and of the ordered price.
    """

    number = models.CharField(max_length=40, unique=True)
    reference = models.CharField(max_length=80, blank=True, help_text=_("Number on the signed paper"))
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, related_name="contracts")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField()
    minimum_value = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    maximum_value = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    over_delivery_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    price_tolerance_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    consignment = models.BooleanField(default=False)
    two_invoice = models.BooleanField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=8, choices=ContractState, default=ContractState.DRAFT)
    ended_because = models.CharField(max_length=120, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("framework contract")
        verbose_name_plural = _("framework contracts")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="contract_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(minimum_value__isnull=True)
                | Q(maximum_value__isnull=True)
                | Q(maximum_value__gte=F("minimum_value")),
                name="contract_values_in_order",
            ),
            models.CheckConstraint(
                condition=Q(over_delivery_percent__range=(0, 100), price_tolerance_percent__range=(0, 100)),
                name="contract_percentages_sound",
            ),
        ]
        indexes = [models.Index(fields=["supplier", "state"], name="contract_supplier")]

    def __str__(self) -> str:
        return self.number

    def in_force(self, day: date) -> bool:
        return self.state == ContractState.ACTIVE and self.valid_from <= day <= self.valid_to


class ContractItem(models.Model):
    """The price of one piece, tax included, from a day to a day within the contract. Two never hold on one day."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="items")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=2)
    valid_from = models.DateField()
    valid_to = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="contract_price_not_negative"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="contract_item_dates_in_order"
            ),
        ]
        indexes = [models.Index(fields=["item", "contract"], name="contract_item_item")]


class DeliveryPart(models.Model):
    """Pieces of an order's line due on one day at one place; the parts of a line add up to its quantity."""

    line = models.ForeignKey("flows.OrderLine", models.CASCADE, related_name="parts")
    due_on = models.DateField()
    place = models.ForeignKey("places.Place", models.PROTECT, null=True, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "due_on", "place"], nulls_distinct=False, name="delivery_part_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="delivery_part_quantity_positive"),
        ]

    @property
    def slot(self) -> str:
        """Its day and place: a change writes the deliveries of a line anew, and what is the same stays the same."""
        return f"{self.due_on}/{self.place_id or ''}"


class LineAnswer(models.Model):
    """What the supplier says to one line. A day in time is a promise at once; fewer pieces, or a day later than the order's,
    wait for the buyer's word. ``days``: delivery of the line (:attr:`DeliveryPart.slot`) -> the day promised for it;
    ``promised_on``: the last of them."""

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        CHANGED = "changed", _("Changed")
        DECLINED = "declined", _("Declined")

    line = models.ForeignKey("flows.OrderLine", models.CASCADE, related_name="answers")
    verdict = models.CharField(max_length=9, choices=Verdict)
    quantity = models.PositiveIntegerField(help_text=_("Pieces that will come"))
    promised_on = models.DateField(null=True, blank=True)
    days = models.JSONField(default=dict)
    note = models.CharField(max_length=400, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    by_supplier = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    settled = models.CharField(max_length=8, choices=AnswerState, default=AnswerState.ACCEPTED)
    settled_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(settled="open"), name="line_answer_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(verdict="declined") | Q(quantity=0), name="line_answer_declined_is_none"
            ),
        ]

    @property
    def stands(self) -> bool:
        """Whether the supplier need not be asked again: the buyer has not insisted, and the line is as it was."""
        return self.settled in STANDS

    @property
    def fewer(self) -> bool:
        """Whether fewer pieces would come than are still wanted."""
        return self.quantity < self.line.quantity - self.line.given_up

    def day_of(self, slot: str) -> date | None:
        """The day promised for one delivery of the line; where none was named for it, the one for the whole line."""
        if not self.days:
            return self.promised_on
        named = self.days.get(slot)
        return date.fromisoformat(named) if named else None


STANDS = frozenset({AnswerState.OPEN, AnswerState.ACCEPTED})


class OrderChange(models.Model):
    """A placed order as it shall become: asked anew, and in force only when approved. ``lines``: item, quantity, price."""

    order = models.ForeignKey("flows.PurchaseOrder", models.PROTECT, related_name="changes")
    lines = models.JSONField()
    expected_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=120)
    amount_before = models.DecimalField(max_digits=16, decimal_places=2)
    amount_after = models.DecimalField(max_digits=16, decimal_places=2)
    state = models.CharField(max_length=9, choices=ChangeState, default=ChangeState.WAITING)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="waiting"), name="order_change_one_waiting"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="order_change_has_reason"),
        ]


class BuyingRules(models.Model):
    """How much may differ where no contract says otherwise, and what a date of manufacture proves. One row."""

    over_delivery_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    price_tolerance_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    made_decides = models.BooleanField(
        default=True, help_text=_("Made while the registration was valid: stays usable")
    )
    edited_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="buying_rules_one_row"),
            models.CheckConstraint(
                condition=Q(over_delivery_percent__range=(0, 100), price_tolerance_percent__range=(0, 100)),
                name="buying_rules_percentages_sound",
            ),
        ]


class PaperRule(models.Model):
    """What follows where a paper has lapsed (``answer``), or was never shown (``missing``), when something is ordered, received
    or issued."""

    class Stage(models.TextChoices):
        ORDER = "order", _("Order")
        RECEIPT = "receipt", _("Receipt")
        ISSUE = "issue", _("Issue")

    class Paper(models.TextChoices):
        LICENCE = "licence", _("Licence of the supplier")
        REGISTRATION = "registration", _("Registration of the item")
        AUTHORISATION = "authorisation", _("Maker's authorisation")

    class Answer(models.TextChoices):
        REFUSE = "refuse", _("Refuse it")
        WARN = "warn", _("Warn")
        IGNORE = "ignore", _("Let pass")

    stage = models.CharField(max_length=8, choices=Stage)
    paper = models.CharField(max_length=14, choices=Paper)
    answer = models.CharField(max_length=6, choices=Answer)
    missing = models.CharField(max_length=6, choices=Answer, default=Answer.WARN)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stage", "paper"], name="paper_rule_once"),
            # The ledger itself takes nothing in from a supplier without a licence.
            models.CheckConstraint(
                condition=~Q(stage="receipt", paper__in=["licence", "registration"]) | Q(answer="refuse"),
                name="paper_rule_receipt_refuses",
            ),
        ]


class TwoInvoiceRule(models.Model):
    """Whether goods of a family need the maker's invoice to the distributor; the family "" stands for all others.

    Provinces differ in this: a rule may be one campus's own, and goes before those of every campus.
    """

    campus = models.ForeignKey("places.Place", models.PROTECT, null=True, blank=True, related_name="+")
    family = models.CharField(max_length=80, blank=True)
    needed = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campus", "family"], nulls_distinct=False, name="two_invoice_rule"
            )
        ]
