"""The place tree: group, campus, building, department, store, room, cabinet, bin - and the places beyond the door."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from . import temperature
from .spoken import Spoken


class Kind(models.TextChoices):
    """What a place is. The last six are virtual: they give every movement two ends."""

    GROUP = "group", _("Group")
    CAMPUS = "campus", _("Campus")
    BUILDING = "building", _("Building")
    DEPARTMENT = "department", _("Department")
    STORE = "store", _("Store")
    DOCK = "dock", _("Receiving dock")
    ROOM = "room", _("Room")
    CABINET = "cabinet", _("Cabinet")
    BIN = "bin", _("Bin")
    SUPPLIER = "supplier", _("Supplier")
    PATIENT = "patient", _("Patient")
    TRANSIT = "transit", _("In transit")
    SCRAP = "scrap", _("Scrap")
    LOST = "lost", _("Lost")
    CONSUMED = "consumed", _("Used up")


VIRTUAL = frozenset({Kind.SUPPLIER, Kind.PATIENT, Kind.TRANSIT, Kind.SCRAP, Kind.LOST, Kind.CONSUMED})


class Place(models.Model):
    """A node of the tree. ``path`` holds the ids from the root, ``/1/5/23/``: a subtree is one prefix.

    Each virtual kind has exactly one place, which has no parent.
    """

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.TextField(editable=False, default="")
    kind = models.TextField(choices=Kind)
    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    gln = models.CharField(max_length=13, blank=True, help_text=_("Global Location Number, 13 digits"))
    temperature_class = models.CharField(max_length=16, choices=temperature.CHOICES, default="room")
    capacity = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("How many pieces fit, whatever they are; empty: as many as there are"),
    )
    quarantine = models.BooleanField(
        default=False, help_text=_("For what is rejected or in doubt: nothing that may be used lies here")
    )
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["path"]
        indexes = [
            models.Index(fields=["path"], name="place_path", opclasses=["text_pattern_ops"]),
            # Every scan is compared with it: labels are typed in any case.
            models.Index(Upper("code"), name="place_code_any_case"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind__in=sorted(VIRTUAL)), name="place_one_of_each_virtual_kind"
            ),
            models.UniqueConstraint(fields=["gln"], condition=~Q(gln=""), name="place_gln_unique"),
            models.CheckConstraint(
                condition=Q(gln="") | Q(gln__regex=r"^\d{13}$"), name="place_gln_13_digits"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(VIRTUAL)) | Q(parent__isnull=True),
                name="place_virtual_has_no_parent",
            ),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gt=0), name="place_capacity_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return Spoken(self.name_zh, self.name_en)

    @property
    def is_virtual(self) -> bool:
        return self.kind in VIRTUAL
