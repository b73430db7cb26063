"""Readers, and what passed them. A tag that is read a thousand times on its way through a gate is one passage."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .sightings import Centre, Direction, direction
from .why_lost import in_words


class Reader(models.Model):
    """One reader. ``place`` is what it watches: the cabinet, or the store or department behind the gate.

    ``address``: host and port of a reader that speaks LLRP, or the topic under which it speaks over MQTT. ``inside`` and
    ``outside``: the numbers of the antennas on either side of a gate. ``heard_at``: when it last gave a sign of life;
    ``last_message`` and ``last_said_at``: number of the last message that came over MQTT, and its time by the reader's own
    clock, so that one sent twice counts once. ``tls``: whether a reader that speaks LLRP is spoken to over TLS. ``door_input``:
    the input (GPI) of a cabinet's reader to which the contact of its door is wired; ``door_open_high``: whether that is high
    while the door is open.
    """

    class Kind(models.TextChoices):
        GATE = "gate", _("Gate")
        CABINET = "cabinet", _("Cabinet")
        HANDHELD = "handheld", _("Handheld")

    class Protocol(models.TextChoices):
        LLRP = "llrp", "LLRP"
        MQTT = "mqtt", "MQTT"

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind)
    protocol = models.CharField(max_length=4, choices=Protocol)
    address = models.CharField(max_length=200)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    inside = models.JSONField(default=list, blank=True)
    outside = models.JSONField(default=list, blank=True)
    tls = models.BooleanField(default=False)
    door_input = models.PositiveSmallIntegerField(null=True, blank=True)
    door_open_high = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    edited_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(null=True)
    lost_because = models.CharField(max_length=200, blank=True)
    last_message = models.BigIntegerField(default=0)
    last_said_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("RFID reader")
        verbose_name_plural = _("RFID readers")
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "address"], condition=Q(active=True), name="reader_address_once"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(address=""), name="reader_named"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def why_lost(self) -> str:
        """Why it is not connected, for people; what a program said of it where we know no better."""
        return in_words(self.lost_because)

    def silent(self, now: datetime) -> bool:
        """Whether it should speak and does not."""
        return self.active and (self.heard_at is None or self.heard_at < now - SILENT_AFTER)


SILENT_AFTER = timedelta(minutes=2)


class Passage(models.Model):
    """A tag in the field of a reader, from when it came until it was gone for a while.

    ``count``: reads; ``rssi``: the strongest, in dBm. For each side of a gate: how many of the reads, and when on average.
    ``heard_at``: when we last heard of it, by our clock. ``closed_at``: when it was gone long enough; until then, further reads
    belong to it.
    """

    reader = models.ForeignKey(Reader, models.PROTECT, related_name="+")
    epc = models.CharField(max_length=512, help_text=_("The tag's memory, hexadecimal"))
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    rssi = models.SmallIntegerField(null=True)
    inside_count = models.PositiveIntegerField(default=0)
    inside_at = models.DateTimeField(null=True)
    outside_count = models.PositiveIntegerField(default=0)
    outside_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "epc"], condition=Q(closed_at=None), name="passage_open_once"
            ),
            models.CheckConstraint(
                condition=Q(count__gt=0) & Q(last_at__gte=F("first_at")), name="passage_sound"
            ),
        ]
        indexes = [
            models.Index(fields=["reader", "-last_at"], name="passage_latest"),
            models.Index(fields=["heard_at"], condition=Q(closed_at=None), name="passage_open"),
        ]

    @property
    def direction(self) -> Direction:
        return direction(
            Centre(self.inside_count, self.inside_at) if self.inside_at else None,
            Centre(self.outside_count, self.outside_at) if self.outside_at else None,
        )


class Misheard(models.Model):
    """What a reader sent and nobody could take: kept as it came, until somebody has looked."""

    reader = models.ForeignKey(Reader, models.PROTECT, related_name="+")
    payload = models.TextField()
    why = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    seen_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("message that could not be taken")
        verbose_name_plural = _("messages that could not be taken")
        indexes = [models.Index(fields=["reader", "-at"], condition=Q(seen_by=None), name="misheard_waiting")]
