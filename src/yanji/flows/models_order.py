"""Purchase orders: what a supplier is asked to deliver, at which price, and how much of it is still owed."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .states import OrderState

# An order in one of these may never have reached its supplier.
UNPLACED = [OrderState.DRAFT, OrderState.WAITING, OrderState.CLOSED, OrderState.CANCELLED]


class PurchaseOrder(models.Model):
    """What a supplier is asked to deliver, and where to."""

    number = models.CharField(max_length=40, unique=True)
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, related_name="orders")
    deliver_to = models.ForeignKey(
        "places.Place", models.PROTECT, related_name="+", help_text=_("Store or dock")
    )
    state = models.CharField(max_length=16, choices=OrderState, default=OrderState.DRAFT)
    expected_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    placed_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(
        max_length=120, blank=True, help_text=_("Why it was closed or cancelled")
    )

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UNPLACED) | Q(placed_at__isnull=False), name="order_placed_at_known"
            )
        ]
        indexes = [models.Index(fields=["state", "deliver_to"], name="order_state")]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One item of an order. ``received`` counts what passed inspection: what was rejected is still owed.

    ``given_up``: pieces that nobody waits for any more (the supplier declined them). ``tolerance``: pieces beyond the
    quantity that may be accepted. ``contract_price``: what the framework contract said when the price was settled.
    """

    order = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    price = models.DecimalField(
        max_digits=14, decimal_places=2, default=0, help_text=_("One piece, tax included")
    )
    received = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    given_up = models.PositiveIntegerField(default=0)
    tolerance = models.PositiveIntegerField(default=0)
    contract_item = models.ForeignKey(
        "flows.ContractItem", models.PROTECT, null=True, blank=True, related_name="order_lines"
    )
    contract_price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    price_reason = models.CharField(max_length=120, blank=True, help_text=_("Why not the contract's price"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "item"], name="order_line_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(received__lte=F("quantity") + F("tolerance")), name="order_line_not_over_received"
            ),
            models.CheckConstraint(
                condition=Q(given_up__lte=F("quantity")), name="order_line_not_over_given_up"
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="order_line_price_not_negative"),
            models.CheckConstraint(
                condition=Q(contract_price__isnull=True) | Q(price=F("contract_price")) | ~Q(price_reason=""),
                name="order_line_off_contract_has_reason",
            ),
        ]

    @property
    def outstanding(self) -> int:
        """Pieces still owed."""
        return max(0, self.quantity - self.given_up - self.received)

    @property
    def awaited(self) -> int:
        """Pieces that anybody still waits for: of an order that is over none, whatever it owed."""
        return 0 if self.order.state in (OrderState.CLOSED, OrderState.CANCELLED) else self.outstanding

    @property
    def surplus_left(self) -> int:
        """Pieces that may be accepted beyond what is owed."""
        over = max(0, self.received - (self.quantity - self.given_up))
        return max(0, self.tolerance - over)

    @property
    def price_difference(self) -> Decimal | None:
        """A piece's price less the contract's; None where no contract has one."""
        return None if self.contract_price is None else self.price - self.contract_price
