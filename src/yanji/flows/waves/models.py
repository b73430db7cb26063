"""A wave and the requisitions that are picked in its one walk."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import WaveState


class InTurn(models.TextChoices):
    """Whose turn it is on a walk; see :mod:`..turn`."""

    FEFO = "fefo", _("First expiry first (FEFO)")
    FIFO = "fifo", _("First received first (FIFO)")


class Wave(models.Model):
    """One walk through a store for several requisitions. It holds no goods: what is picked lies picked for a requisition."""

    number = models.CharField(max_length=40, unique=True)
    store = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=WaveState, default=WaveState.OPEN)
    policy = models.CharField(max_length=4, choices=InTurn, default=InTurn.FEFO)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("wave")
        verbose_name_plural = _("waves")
        indexes = [models.Index(fields=["store", "state"], name="wave_store")]

    def __str__(self) -> str:
        return self.number


class WaveMember(models.Model):
    """A requisition of a wave; ``active`` as long as the wave is open: two walks must not fetch the same."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="members")
    requisition = models.ForeignKey("flows.Requisition", models.PROTECT, related_name="waves")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "requisition"], name="wave_member_once"),
            models.UniqueConstraint(fields=["requisition"], condition=Q(active=True), name="wave_one_walk"),
        ]
