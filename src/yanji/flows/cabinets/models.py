"""What a smart cabinet reported, and what of it nobody could enter by itself."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..paper_words import told
from ..states import CabinetCaseState


class DoorEvent(models.Model):
    """The door of a cabinet was opened, or closed with what its antennas saw afterwards. Kept as it was reported."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Door opened")
        CLOSED = "closed", _("Door closed")

    cabinet = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    reported_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    device = models.CharField(max_length=80, blank=True)
    tags = models.JSONField(default=list, help_text=_("Every tag that was read inside, as it was read"))
    taken = models.PositiveIntegerField(default=0)
    put_back = models.PositiveIntegerField(default=0)
    events = models.JSONField(default=list, help_text=_("The ledger's entries that followed"))
    lapsed = models.JSONField(default=list, help_text=_("Papers of what was taken that had lapsed"))

    @property
    def said(self) -> list[str]:
        """What the papers of what was taken had to say, in the reader's language."""
        return [told(**each).sentence() for each in self.lapsed]

    class Meta:
        verbose_name = _("door event")
        verbose_name_plural = _("door events")
        indexes = [models.Index(fields=["cabinet", "-happened_at"], name="door_event_latest")]


class CabinetCase(models.Model):
    """One thing that was taken from a cabinet, or lies in it, and that could not be entered: somebody looks into it.

    ``code`` and ``facts``: why, as a refusal that is told in the reader's language. ``right_again_at``: when an explained thing
    was as recorded again; until then the explanation holds, and the same is not asked at every closing.
    """

    class Way(models.TextChoices):
        TAKEN = "taken", _("Taken out")
        BROUGHT = "brought", _("Lies in it")

    cabinet = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    door = models.ForeignKey(DoorEvent, models.PROTECT, related_name="cases")
    way = models.CharField(max_length=8, choices=Way)
    thing = models.CharField(max_length=160, help_text=_("Identity, or the tag as it was read"))
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    # Empty while it is open.
    outcome = models.CharField(max_length=12, choices=CabinetCaseState.choices[1:], blank=True)
    note = models.CharField(max_length=400, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    right_again_at = models.DateTimeField(null=True)
    events = models.JSONField(default=list, help_text=_("The entries by which it was entered for somebody"))

    @property
    def state(self) -> CabinetCaseState:
        return CabinetCaseState(self.outcome or CabinetCaseState.OPEN)

    @property
    def why(self) -> str:
        named = {"item": self.item.name} if self.item else {}
        return told(self.code, self.thing, {**self.facts, **named}).sentence()

    @property
    def of_a_unit(self) -> bool:
        """Whether it can be entered for somebody: a tag of nothing, or of a counted lot, can only be explained."""
        return self.code not in ("cabinet_unknown_tag", "cabinet_lot_tag")

    class Meta:
        verbose_name = _("case of a cabinet")
        verbose_name_plural = _("cases of cabinets")
        constraints = [
            models.UniqueConstraint(
                fields=["cabinet", "way", "thing"], condition=Q(outcome=""), name="cabinet_case_open_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(outcome=""),
                name="cabinet_case_settled_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["outcome", "cabinet"], name="cabinet_case_open")]
