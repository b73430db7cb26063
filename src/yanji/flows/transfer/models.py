"""A transfer and what became of it: what was asked for, each load on its way, each arrival, every difference."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yanji.places.models import Place

from ..states import TransferState


class Transfer(models.Model):
    """What one store is to send to another. ``amount``: the value asked for, by which the rules of approval go."""

    number = models.CharField(max_length=40, unique=True)
    source = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    destination = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=TransferState, default=TransferState.REQUESTED)
    amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    needed_by = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("destination")), name="transfer_between_two_places"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="transfer_amount_sound"),
        ]
        indexes = [
            models.Index(fields=["source", "state"], name="transfer_source"),
            models.Index(fields=["destination", "state"], name="transfer_destination"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def store(self) -> Place:
        """Where it is picked: what picking asks of any document."""
        return self.source


class TransferLine(models.Model):
    """One item, in whole pieces: of ``quantity`` some are picked, of these some shipped; of what was shipped some arrived
    (good or held) and some were given up as lost. The rest is on its way, or still owed."""

    lot = ""  # any lot of the item will do

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    picked = models.PositiveIntegerField(default=0)
    shipped = models.PositiveIntegerField(default=0)
    arrived = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "item"], name="transfer_line_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="transfer_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(picked__lte=F("quantity")), name="transfer_line_not_over_picked"
            ),
            models.CheckConstraint(
                condition=Q(shipped__lte=F("picked")), name="transfer_line_not_over_shipped"
            ),
            models.CheckConstraint(
                condition=Q(shipped__gte=F("arrived") + F("lost")), name="transfer_line_not_over_arrived"
            ),
        ]

    @property
    def open_to_pick(self) -> int:
        return self.quantity - self.picked

    @property
    def open_to_ship(self) -> int:
        return self.picked - self.shipped

    @property
    def on_the_way(self) -> int:
        return self.shipped - self.arrived - self.lost


class TransferEvent(models.Model):
    """An entry of the ledger that served a transfer. What lies picked and what is on its way follows from these."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="events")
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")


class TransferOverride(models.Model):
    """A thing picked out of turn, and why: what the rule of the store would have taken instead."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="overrides")
    event_id = models.UUIDField()
    epc = models.CharField(max_length=160)
    instead_of = models.CharField(max_length=160)
    reason = models.CharField(max_length=120)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="transfer_override_reason_given")]


class Shipment(models.Model):
    """One load of a transfer: who took it, under which seals, and what the way costs (CNY, tax included)."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="shipments")
    event_id = models.UUIDField(unique=True)
    shipped_at = models.DateTimeField()
    handed_to = models.CharField(max_length=80)
    seals = models.CharField(max_length=160, blank=True, help_text=_("Codes of seals and boxes"))
    cost = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    pieces = models.PositiveIntegerField()
    called_back = models.BooleanField(default=False)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(handed_to=""), name="shipment_handed_to_somebody"),
            models.CheckConstraint(condition=Q(cost__gte=0), name="shipment_cost_sound"),
        ]


class TransferArrival(models.Model):
    """One arrival: where, when, and what the logger showed of the way (degrees Celsius).

    ``record``: all its readings, as :mod:`.curve` packs them; null where only the lowest and the highest were read off.
    """

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="arrivals")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seals_sound = models.BooleanField(default=True)
    logger = models.CharField(max_length=80, blank=True)
    celsius_min = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    celsius_max = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    record = models.JSONField(null=True)
    note = models.CharField(max_length=400, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(celsius_min__isnull=True, celsius_max__isnull=True)
                | Q(celsius_min__lte=F("celsius_max")),
                name="arrival_temperatures_sound",
            )
        ]


class KitArrival(models.Model):
    """What of a kit an entry took off the way: it came in, or was given up. ``counted``: the column of the line in which the
    kit counts, where nothing of it was on its way any more; ``undone``: the entry was taken back."""

    class Column(models.TextChoices):
        ARRIVED = "arrived", _("Arrived")
        LOST = "lost", _("Given up as lost")

    kit = models.ForeignKey("flows.KitPick", models.PROTECT, related_name="arrivals")
    event_id = models.UUIDField()
    things = models.JSONField()
    counted = models.CharField(max_length=8, choices=Column, blank=True)
    undone = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kit", "event_id"], name="kit_arrival_once"),
            models.CheckConstraint(condition=Q(undone=False) | Q(counted=""), name="kit_arrival_undone"),
        ]


class TransferDifference(models.Model):
    """One thing that did not arrive as it was sent: held for a reason, given up as lost, or found though nobody sent it."""

    code: str  # what people know the thing by; of those that :func:`.queries.differences` found

    class Kind(models.TextChoices):
        HELD = "held", _("Held")
        LOST = "lost", _("Given up as lost")
        UNEXPECTED = "unexpected", _("Not sent with this transfer")

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=12, choices=Kind)
    thing = models.CharField(max_length=160, help_text=_("Identity, or what was scanned"))
    name = models.CharField(max_length=200, blank=True)
    pieces = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=120)
    at = models.DateTimeField()
    event = models.ForeignKey(
        "ledger.Event", models.PROTECT, related_name="+", help_text=_("Taken back, the difference is none")
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="difference_reason_given")]
