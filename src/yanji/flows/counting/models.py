"""A count of a place: what was seen there, where that differs from the ledger, and what was decided about it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import CountState


class AbcClass(models.TextChoices):
    """How much of the value used an item stands for: see ``counting.abc``."""

    A = "A", _("A: most of the value used")
    B = "B", _("B: the next of it")
    C = "C", _("C: the rest")


class Count(models.Model):
    """One count of a place and everything below it.

    Limits (family, class, items, expiry) are fixed when it begins: ``item_ids`` empty means every item. No list of what
    should be there is kept: the ledger knows what was where at any moment.
    """

    class Mode(models.TextChoices):
        FULL = "full", _("Full count")
        CYCLE = "cycle", _("Cycle count")
        BLIND = "blind", _("Blind count")
        SWEEP = "sweep", _("RFID sweep")

    number = models.CharField(max_length=40, unique=True)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode)
    state = models.CharField(max_length=10, choices=CountState, default=CountState.OPEN)
    round = models.PositiveSmallIntegerField(default=1, help_text=_("1, and one more for every recount"))
    family = models.CharField(max_length=80, blank=True)
    abc = models.CharField(max_length=1, choices=AbcClass, blank=True)
    item_ids = models.JSONField(null=True, blank=True)
    expiring_by = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey("access.Person", models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=CountState.POSTED)
                | Q(posted_at__isnull=False, submitted_by__isnull=False),
                name="count_posted_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["place", "state"], name="count_of_place")]

    def __str__(self) -> str:
        return self.number

    @property
    def blind(self) -> bool:
        return self.mode == self.Mode.BLIND


class CountScan(models.Model):
    """One thing seen, or one earlier scan taken back (``kind`` undo). Rows are only ever added.

    ``key`` is the device's own name for the scan: sent again, it is the same scan. ``place`` is where the thing lies: a
    shelf, or the whole counted place where none was chosen. ``verdict``: what was said at the moment of the scan; what
    holds is judged when the count is closed. ``replaces``: the earlier scan that this one takes the place of.
    """

    class Kind(models.TextChoices):
        UNIT = "unit", _("Unit")
        LOT = "lot", _("Lot")
        UNKNOWN = "unknown", _("Unknown code")
        UNDO = "undo", _("Taken back")

    class How(models.TextChoices):
        SCAN = "scan", _("Scanned")
        LIST = "list", _("Pasted list")
        TAG = "tag", _("RFID")
        DEVICE = "device", _("Sent by a device")
        BOX = "box", _("By the label of a box")

    count = models.ForeignKey(Count, models.PROTECT, related_name="scans", db_index=False)
    key = models.CharField(max_length=160)
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    raw = models.CharField(max_length=200, help_text=_("What was read"))
    epc = models.CharField(max_length=160, blank=True)
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, db_index=False, related_name="+")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, null=True, db_index=False, related_name="+")
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True, db_index=False, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    place = models.ForeignKey("places.Place", models.PROTECT, db_index=False, related_name="+")
    seen_at = models.DateTimeField(help_text=_("When it was seen, by the device's clock"))
    recorded_at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey("access.Person", models.PROTECT, db_index=False, related_name="+")
    device = models.CharField(max_length=80, blank=True)
    how = models.CharField(max_length=8, choices=How)
    verdict = models.CharField(max_length=16, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["count", "key"], name="count_scan_once"),
            models.CheckConstraint(
                condition=Q(kind="unit", unit__isnull=False, quantity=1)
                | Q(kind="lot", lot__isnull=False, quantity__gt=0)
                | Q(kind="unknown", unit__isnull=True, quantity=1)
                | Q(kind="undo", replaces__isnull=False),
                name="count_scan_of_something",
            ),
        ]
        indexes = [
            models.Index(fields=["count", "unit"], name="count_scan_unit", condition=Q(unit__isnull=False)),
            models.Index(fields=["count", "lot"], name="count_scan_lot", condition=Q(lot__isnull=False)),
            models.Index(fields=["count", "-id"], name="count_scan_latest"),
        ]


class Variance(models.Model):
    """Where what was seen differs from the ledger, as one round of the count found it, and what was decided.

    ``booked`` and ``counted`` are pieces; ``book_place``/``book_status`` what the ledger said at the moment of the scan
    (of what is missing: when the count was closed).
    """

    class Kind(models.TextChoices):
        MISSING = "missing", _("Missing")
        FOUND = "found", _("Found: was reported missing")
        SHELF = "shelf", _("On another shelf")
        ELSEWHERE = "elsewhere", _("Recorded somewhere else")
        GONE = "gone", _("Recorded as used or destroyed")
        NOT_RECEIVED = "not_received", _("Never received")
        UNKNOWN = "unknown", _("Unknown code")
        LOT_SHORT = "lot_short", _("Fewer than recorded")
        LOT_OVER = "lot_over", _("More than recorded")

    class Decision(models.TextChoices):
        OPEN = "", _("To decide")
        ACCEPT = "accept", _("Acknowledged")
        EXPLAIN = "explain", _("Explained")
        RECOUNT = "recount", _("To count again")

    class Outcome(models.TextChoices):
        NONE = "", ""
        POSTED = "posted", _("Posted")
        OVERTAKEN = "overtaken", _("Has moved since: nothing to post")
        TASK = "task", _("Cannot be posted: to be looked into")
        EXPLAINED = "explained", _("Explained, not posted")

    count = models.ForeignKey(Count, models.PROTECT, related_name="variances", db_index=False)
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    code = models.CharField(max_length=200, help_text=_("Identity, lot number, or what was read"))
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, db_index=False, related_name="+")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, null=True, db_index=False, related_name="+")
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True, db_index=False, related_name="+")
    owner = models.ForeignKey("catalog.Supplier", models.PROTECT, null=True, db_index=False, related_name="+")
    book_place = models.ForeignKey(
        "places.Place", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    book_status = models.CharField(max_length=12, blank=True)
    seen_place = models.ForeignKey(
        "places.Place", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    seen_at = models.DateTimeField(null=True)
    booked = models.PositiveIntegerField(null=True)
    counted = models.PositiveIntegerField(null=True)
    pieces = models.PositiveIntegerField(default=1, help_text=_("How many the difference is"))
    value = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    seq = models.IntegerField(null=True, help_text=_("The unit's last movement when this was judged"))
    confirmed = models.BooleanField(default=False, help_text=_("A second person found the same"))
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    reason = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=400, blank=True)
    takes_title = models.BooleanField(
        default=False, help_text=_("What a supplier owns and nobody finds is bought before it is written off")
    )
    decided_by = models.ForeignKey(
        "access.Person", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    undone = models.PositiveIntegerField(default=0, help_text=_("Pieces whose entry was taken back"))
    undone_event = models.ForeignKey(
        "ledger.Event", models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["count", "round", "unit"], condition=Q(unit__isnull=False), name="variance_unit_once"
            ),
            models.CheckConstraint(condition=Q(pieces__gt=0), name="variance_of_something"),
            models.CheckConstraint(
                condition=~Q(decision="explain") | ~Q(note=""), name="variance_explained_in_words"
            ),
            models.CheckConstraint(
                condition=Q(undone=0, undone_event__isnull=True)
                | Q(undone__gt=0, undone__lte=models.F("pieces"), undone_event__isnull=False),
                name="variance_undone_sound",
            ),
        ]
        indexes = [
            models.Index(fields=["count", "round", "kind"], name="variance_of_count"),
            models.Index(fields=["count", "item"], name="variance_undone", condition=Q(undone__gt=0)),
        ]


class CountedItem(models.Model):
    """How one item came out of a posted count: pieces looked at, pieces that were right, and their value.

    As it was posted: what of it was taken back since stands with its variances.
    """

    count = models.ForeignKey(Count, models.CASCADE, related_name="items")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    abc = models.CharField(max_length=1, choices=AbcClass, blank=True)
    checked = models.PositiveIntegerField()
    right = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=18, decimal_places=2)
    value_off = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["count", "item"], name="counted_item_once"),
            models.CheckConstraint(condition=Q(right__lte=models.F("checked")), name="counted_item_sound"),
        ]


class ItemClass(models.Model):
    """An item's class at a campus, from the value used there (``counting.abc``)."""

    campus = models.ForeignKey("places.Place", models.CASCADE, related_name="+")
    item = models.ForeignKey("catalog.Item", models.CASCADE, related_name="+")
    abc = models.CharField(max_length=1, choices=AbcClass)
    value_used = models.DecimalField(max_digits=18, decimal_places=2)
    share_before = models.DecimalField(max_digits=6, decimal_places=5)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campus", "item"], name="item_class_once")]
