"""What one piece of an item holds and how long it keeps once opened; each opened piece, what was taken from it, and what of
all that was taken back."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..states import OpenedState


class Opening(models.Model):
    """For an item that is opened: how much a piece holds, in which measure, and for how many hours it may be used."""

    item = models.OneToOneField("catalog.Item", models.CASCADE, primary_key=True, related_name="opening")
    content = models.DecimalField(max_digits=12, decimal_places=3)
    measure = models.CharField(max_length=20, help_text=_("mL, test, dose…"))
    hours = models.PositiveIntegerField(null=True, blank=True, help_text=_("Empty: until it expires"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(content__gt=0), name="opening_content_positive"),
            models.CheckConstraint(
                condition=Q(hours__isnull=True) | Q(hours__gt=0), name="opening_hours_positive"
            ),
        ]


class OpeningSaid(models.Model):
    """What was said of an item's pieces, when and by whom; never changed. Without content: not opened from then on."""

    item = models.ForeignKey("catalog.Item", models.CASCADE, related_name="+")
    content = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    measure = models.CharField(max_length=20, blank=True)
    hours = models.PositiveIntegerField(null=True)
    said_at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")


class OpenedPiece(models.Model):
    """One opened piece. ``use_until`` is the earlier of its open life and its expiry; nothing is taken after it."""

    number = models.CharField(max_length=40, unique=True)
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    owner = models.ForeignKey("catalog.Supplier", models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    content = models.DecimalField(max_digits=12, decimal_places=3)
    left = models.DecimalField(max_digits=12, decimal_places=3)
    measure = models.CharField(max_length=20)
    opened_at = models.DateTimeField()
    use_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=OpenedState, default=OpenedState.OPEN)
    opened_event = models.UUIDField(unique=True)
    closed_event = models.UUIDField(null=True, unique=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("opened piece")
        verbose_name_plural = _("opened pieces")
        constraints = [
            models.CheckConstraint(
                condition=Q(left__gte=0) & Q(left__lte=F("content")), name="opened_left_within_content"
            ),
            models.CheckConstraint(
                condition=Q(state=OpenedState.OPEN, closed_event__isnull=True)
                | ~Q(state=OpenedState.OPEN) & Q(closed_event__isnull=False),
                name="opened_closed_by_an_event",
            ),
        ]
        indexes = [models.Index(fields=["state", "place"], name="opened_at_place")]

    def __str__(self) -> str:
        return self.number

    @property
    def share(self) -> int:
        """What is left, in per cent of the whole."""
        return int(self.left * 100 / self.content) if self.content else 0


class Taken(models.Model):
    """A part taken from an opened piece; never changed. ``case``: on whom it was used, where that is known."""

    piece = models.ForeignKey(OpenedPiece, models.PROTECT, related_name="taken")
    amount = models.DecimalField(max_digits=12, decimal_places=3)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    case = models.ForeignKey("flows.Case", models.PROTECT, null=True, related_name="taken")
    note = models.CharField(max_length=400, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=Decimal(0)), name="taken_amount_positive")
        ]
        indexes = [models.Index(fields=["piece", "at"], name="taken_of_piece")]


class PieceUndone(models.Model):
    """What was said of a piece and taken back since; never changed. ``part``: a part that was not taken, or not so much or
    for whom; else its opening, or how it ended (``ended``: the state that was taken from it). ``event``: the entry taken back."""

    piece = models.ForeignKey(OpenedPiece, models.PROTECT, related_name="undone")
    part = models.OneToOneField(Taken, models.PROTECT, null=True, related_name="undone")
    ended = models.CharField(max_length=12, choices=OpenedState, blank=True)
    event = models.UUIDField(null=True, unique=True)
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=120)
    note = models.CharField(max_length=400, blank=True)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="piece_undone_reason_given"),
            models.CheckConstraint(
                condition=Q(part__isnull=False) | Q(event__isnull=False), name="piece_undone_says_what"
            ),
        ]
