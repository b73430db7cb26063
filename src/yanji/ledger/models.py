"""Current state (unit, lot, level) and the history it follows from (event, movement, log).

History is append-only: triggers refuse change, and the application's database role has no right to it.
A holding - the stock of something tracked by lot and quantity - is its level row: the same number is not kept twice.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .lifecycle import Status, Step

# Tables whose rows are never changed or removed: no grants beyond SELECT and INSERT for the application's role.
APPEND_ONLY_TABLES = ("ledger_event", "ledger_movement", "ledger_log")


class Lot(models.Model):
    """What a maker made in one go: item, number and expiry together.

    ``recall``: number of the notice under which all of it is recalled since ``recalled_at``, wherever it lies and whatever
    a piece's own status says; empty where it is not. The flow that keeps recalls says so (:mod:`yanji.ledger.recalls`).
    """

    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="lots")
    number = models.CharField(max_length=80, blank=True)
    expiry = models.DateField(null=True)
    made = models.DateField(null=True)
    recall = models.CharField(max_length=80, blank=True, db_default="")
    recalled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "number", "expiry"], nulls_distinct=False, name="lot_identity"
            ),
            models.CheckConstraint(
                condition=Q(recall="", recalled_at__isnull=True)
                | ~Q(recall="") & Q(recalled_at__isnull=False),
                name="lot_recalled_since",
            ),
        ]
        indexes = [
            models.Index(fields=["number"], name="lot_number"),
            models.Index(fields=["expiry"], name="lot_expiry"),
        ]


class Unit(models.Model):
    """One serialised thing and its current state. ``seq`` counts its movements; the chain has no gap.

    No index names status or place: those change with every movement, and updates must stay heap-only.
    """

    epc = models.CharField(max_length=160, help_text=_("Canonical identity"))
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False, related_name="units")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="units")
    serial = models.CharField(max_length=80)
    supplier = models.ForeignKey("catalog.Supplier", models.PROTECT, null=True, db_index=False)
    order_number = models.CharField(max_length=40, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    received_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(
        "catalog.Supplier",
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text=_("Empty: the hospital"),
    )
    status = models.CharField(max_length=12, choices=Status)
    place = models.ForeignKey("places.Place", models.PROTECT, db_index=False, related_name="+")
    custodian = models.ForeignKey(
        "access.Person", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    step = models.CharField(max_length=12, choices=Step)
    seq = models.IntegerField()
    reserved_for = models.CharField(max_length=40, blank=True)
    reserved_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["epc"], name="unit_epc_unique"),
            # The number first: a scan or a search knows it, and not the item.
            models.UniqueConstraint(fields=["serial", "item"], name="unit_serial_unique"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="unit_seq_positive"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="unit_status_known"),
        ]


class Alias(models.Model):
    """Another code that means the same unit: RFID hex, a second symbol, an in-house label."""

    code = models.CharField(max_length=160, primary_key=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="aliases")


class Level(models.Model):
    """How much of a lot lies at a place, by status and owner: what boards, on-hand and expiry views read."""

    place = models.ForeignKey("places.Place", models.PROTECT, db_index=False, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="levels")
    status = models.CharField(max_length=12, choices=Status)
    owner = models.ForeignKey("catalog.Supplier", models.PROTECT, null=True, db_index=False, related_name="+")
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    value = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "lot", "status", "owner"], nulls_distinct=False, name="level_identity"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="level_not_negative"),
        ]


class Event(models.Model):
    """One act, named by the client (``key``): what happened, when in the world and when in the log, by whom, why."""

    id = models.UUIDField(primary_key=True)
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    step = models.CharField(max_length=12, choices=Step)
    happened_at = models.DateTimeField()
    happened_offset_minutes = models.SmallIntegerField(default=0)
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+", db_index=False)
    witness = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    device = models.CharField(max_length=80, blank=True)
    read_point = models.ForeignKey(
        "places.Place", models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    documents = models.JSONField(
        default=dict, help_text=_("Kind of document -> number: order, requisition, case…")
    )
    source_party = models.ForeignKey(
        "catalog.Supplier", models.PROTECT, null=True, related_name="+", db_index=False
    )
    sensor = models.JSONField(null=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="event_key_unique"),
            models.CheckConstraint(condition=~Q(key=""), name="event_key_given"),
            models.CheckConstraint(
                condition=Q(witness__isnull=True) | ~Q(witness=F("actor")), name="event_two_persons"
            ),
        ]


class Movement(models.Model):
    """One thing's part in an event. For a unit ``seq`` is the place in its chain; a life line is one index range.

    ``from_status`` is empty where the thing was new. Quantities are pieces (1 for a unit). ``from_lot`` is given where the
    label said another lot, or another expiry, than was recorded before: what was announced stays in the history.
    """

    pk = models.CompositePrimaryKey("event_id", "line")
    event = models.ForeignKey(Event, models.PROTECT, db_index=False, related_name="movements")
    line = models.IntegerField()
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="movements")
    seq = models.IntegerField(null=True)
    lot = models.ForeignKey(Lot, models.PROTECT, db_index=False, related_name="+")
    from_lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    value = models.DecimalField(max_digits=18, decimal_places=2)
    from_place = models.ForeignKey(
        "places.Place", models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )
    to_place = models.ForeignKey("places.Place", models.PROTECT, db_index=False, related_name="+")
    from_status = models.CharField(max_length=12, null=True)
    to_status = models.CharField(max_length=12)
    from_owner = models.ForeignKey(
        "catalog.Supplier", models.PROTECT, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    to_owner = models.ForeignKey(
        "catalog.Supplier", models.PROTECT, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    custodian = models.ForeignKey(
        "access.Person", models.PROTECT, null=True, db_index=False, db_constraint=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "seq"], condition=Q(unit__isnull=False), name="movement_chain"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="movement_quantity_positive"),
            models.CheckConstraint(
                condition=Q(from_status__isnull=True)
                | ~Q(from_place=F("to_place"))
                | ~Q(from_status=F("to_status"))
                | Q(from_owner__isnull=True, to_owner__isnull=False)
                | Q(from_owner__isnull=False, to_owner__isnull=True)
                # Both given and different; compared as they are, two empty ones would let anything pass.
                | Q(from_owner__isnull=False, to_owner__isnull=False) & ~Q(from_owner=F("to_owner")),
                name="movement_changes_something",
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=True, seq__isnull=True)
                | Q(unit__isnull=False, seq__gte=1, quantity=1),
                name="movement_unit_or_quantity",
            ),
        ]
        indexes = [
            models.Index(fields=["lot"], condition=Q(unit__isnull=True), name="movement_lot_quantity"),
            # Since when a counted lot is here: a few rows a lot, however often it moved.
            models.Index(
                fields=["lot"],
                condition=Q(unit__isnull=True, from_status__isnull=True),
                name="movement_lot_arrival",
            ),
        ]


class Use(models.Model):
    """The one active use of a unit: in which case, on which patient (a token, never a name). Voided uses leave it."""

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True, related_name="active_use")
    event = models.ForeignKey(Event, models.PROTECT, db_index=False, related_name="+")
    case_number = models.CharField(max_length=40)
    patient_token = models.CharField(max_length=80)
    procedure = models.CharField(max_length=160, blank=True)
    operator = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(case_number="") & ~Q(patient_token=""), name="use_names_case_and_patient"
            )
        ]
        indexes = [
            models.Index(fields=["case_number"], name="use_case"),
            models.Index(fields=["patient_token"], name="use_patient"),
        ]


class Pending(models.Model):
    """Events committed but not yet given their position in the log: the queue that spares posting a common line."""

    ordinal = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.PROTECT, db_index=False, related_name="+")


class Log(models.Model):
    """The committed log: gapless positions in commit order, which readers follow and the vault seals."""

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="log")


class Reader(models.Model):
    """How far a named reader of the log has come."""

    name = models.CharField(max_length=80, primary_key=True)
    position = models.BigIntegerField(default=0)


class Since(models.Model):
    """From which position of the log on a rule holds: entries up to it stand as they were written."""

    rule = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField()


class Replay(models.Model):
    """What one replay of the whole history found: `drift` holds the first differences, `differences` counts all."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    differences = models.PositiveIntegerField()
    drift = models.JSONField(default=list)
