"""What is in which box now, and every packing and unpacking."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import KitPickState


class BoxKind(models.TextChoices):
    """What holds the things."""

    BOX = "box", _("Carton")
    PALLET = "pallet", _("Pallet")
    KIT = "kit", _("Kit")


class Box(models.Model):
    """A carton, pallet or kit under a code of its own: ``00/<sscc>``, or ``box/<number>`` where the hospital has no GS1
    prefix. It is packed while something is in it; an emptied one may be packed again."""

    code = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=8, choices=BoxKind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="boxes")
    item = models.ForeignKey(
        "catalog.Item", models.PROTECT, null=True, blank=True, related_name="+", help_text=_("What kit it is")
    )
    notice = models.ForeignKey(
        "flows.ShipNotice", models.PROTECT, null=True, blank=True, related_name="boxes"
    )
    place = models.ForeignKey(
        "places.Place", models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Where its counted pieces lie: they cannot say so themselves, as units do"),
    )  # fmt: skip
    bound_for = models.CharField(
        max_length=40,
        blank=True,
        help_text=_("Number of the requisition or transfer that its counted pieces were picked for"),
    )
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("box")
        verbose_name_plural = _("boxes")
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("id")) | Q(parent__isnull=True), name="box_not_in_itself"
            ),
            models.CheckConstraint(
                condition=Q(kind="kit") | Q(item__isnull=True), name="box_item_only_of_a_kit"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class BoxedUnit(models.Model):
    """A unit in a box: in one at most."""

    unit = models.OneToOneField("ledger.Unit", models.PROTECT, primary_key=True, related_name="boxed")
    box = models.ForeignKey(Box, models.CASCADE, related_name="units")


class BoxedLot(models.Model):
    """Counted pieces of a lot in a box."""

    box = models.ForeignKey(Box, models.CASCADE, related_name="lots")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    owner = models.ForeignKey("catalog.Supplier", models.PROTECT, null=True, blank=True, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["box", "lot", "owner"], nulls_distinct=False, name="boxed_lot_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="boxed_lot_quantity_positive"),
        ]


class PackingAct(models.Model):
    """One packing or unpacking, or a move of counted pieces that no life line tells, as it happened: never changed."""

    class Act(models.TextChoices):
        PACK = "pack", _("Packed")
        UNPACK = "unpack", _("Unpacked")
        MOVED = "moved", _("Moved")

    box = models.ForeignKey(Box, models.PROTECT, related_name="acts")
    act = models.CharField(max_length=8, choices=Act)
    at = models.DateTimeField()
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    place = models.ForeignKey("places.Place", models.PROTECT, null=True, related_name="+")
    things = models.JSONField(help_text=_("Identities, lots with their quantity, codes of boxes"))
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["box", "at"], name="packing_act_of_box")]


class KitLine(models.Model):
    """One line of a kit's bill: so many pieces of an item belong in it."""

    kit = models.ForeignKey("catalog.Item", models.CASCADE, related_name="kit_lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kit", "item"], name="kit_line_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="kit_line_quantity_positive"),
            models.CheckConstraint(condition=~Q(kit=F("item")), name="kit_not_in_itself"),
        ]


class BillChange(models.Model):
    """A change of a kit's bill, whole as it was before and after: never changed itself."""

    kit = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    note = models.CharField(max_length=400, blank=True)
    before = models.JSONField(help_text=_("Lines before: item and quantity"))
    after = models.JSONField(help_text=_("Lines after: item and quantity"))

    class Meta:
        verbose_name = _("change of a kit's bill")
        verbose_name_plural = _("changes of kits' bills")


class KitPick(models.Model):
    """A kit that lies, or lay, picked for a requisition or a transfer: one piece of what was asked for, whatever is in it.

    ``things``: what it held, as identities and lots with their quantity, each with its item. ``torn``: something of it was
    held or is lost; what is left goes back.
    """

    requisition = models.ForeignKey("flows.Requisition", models.PROTECT, null=True, related_name="kits")
    transfer = models.ForeignKey("flows.Transfer", models.PROTECT, null=True, related_name="kits")
    box = models.ForeignKey(Box, models.PROTECT, related_name="picks")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    things = models.JSONField()
    picked_event = models.UUIDField()
    ended_event = models.UUIDField(null=True)
    # Empty while it lies picked.
    outcome = models.CharField(max_length=8, choices=KitPickState.choices[1:], blank=True)

    class Meta:
        verbose_name = _("picked kit")
        verbose_name_plural = _("picked kits")
        constraints = [
            models.UniqueConstraint(fields=["box"], condition=Q(outcome=""), name="kit_pick_open_once"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_event=None) | Q(ended_event__isnull=False) & ~Q(outcome=""),
                name="kit_pick_ended_by_an_entry",
            ),
            models.CheckConstraint(
                condition=Q(requisition__isnull=True, transfer__isnull=False)
                | Q(requisition__isnull=False, transfer__isnull=True),
                name="kit_pick_for_one_document",
            ),
        ]

    @property
    def state(self) -> KitPickState:
        return KitPickState(self.outcome or KitPickState.PICKED)

    @property
    def document_number(self) -> str:
        """The number of what it is picked for; load both with the pick."""
        found = self.requisition or self.transfer
        return found.number if found else ""
