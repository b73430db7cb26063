"""What is told to whom: rules that a hospital edits, notifications of open matters, and who heard of each."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    """How soon somebody must see to it. Urgent ones do not wait for the end of quiet hours."""

    URGENT = "urgent", _("Urgent")
    SOON = "soon", _("Soon")
    INFO = "info", _("For information")


class State(models.TextChoices):
    OPEN = "open", _("To be acknowledged")
    ACKNOWLEDGED = "acknowledged", _("Seen to")
    CLOSED = "closed", _("No more open")


class Rule(models.Model):
    """Matters of one kind, at a place and everything below it, are told to a role or to one person.

    Without a place it holds everywhere; without a role and a person, for everybody who may see the matter. The rules of the
    deepest place that has any for a kind hold alone. What nobody has acknowledged after ``escalate_after`` minutes is told to
    ``escalate_to`` as well. ``shipped``: names a rule that every hospital begins with, so that it is given once.
    """

    kind = models.CharField(max_length=40)
    place = models.ForeignKey("places.Place", models.PROTECT, null=True, related_name="+")
    role = models.ForeignKey("access.Role", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    channels = models.JSONField(default=list)
    escalate_after = models.PositiveIntegerField(null=True, help_text=_("Minutes"))
    escalate_to = models.ForeignKey("access.Role", models.PROTECT, null=True, related_name="+")
    shipped = models.CharField(max_length=80, null=True, unique=True)
    active = models.BooleanField(default=True)
    edited_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("notification rule")
        verbose_name_plural = _("notification rules")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "place", "role", "person"], condition=Q(active=True), nulls_distinct=False,
                name="notification_rule_once",
            ),
            models.CheckConstraint(
                condition=Q(role__isnull=True) | Q(person__isnull=True), name="notification_rule_to_one"
            ),
            models.CheckConstraint(
                condition=Q(escalate_after__isnull=True, escalate_to__isnull=True)
                | Q(escalate_after__gt=0, escalate_to__isnull=False),
                name="notification_rule_escalates_to_somebody",
            ),
        ]  # fmt: skip


class Notification(models.Model):
    """One open matter at one place; without a place it concerns the whole house.

    ``matter`` names it within its kind: found again while it is open, it is the same; found again after it was over, it is
    opened anew (``times``). ``role``: only who holds it there is told; ``not_for``: who must not deal with it.
    ``back_at``: when it last came back within the same opening; it has been so without a break only since then.
    ``count``: of how much it speaks; ``facts``: what its sentence is made of. Never anything about a patient.
    """

    kind = models.CharField(max_length=40)
    matter = models.CharField(max_length=200)
    place = models.ForeignKey("places.Place", models.PROTECT, null=True, related_name="+")
    role = models.ForeignKey("access.Role", models.PROTECT, null=True, related_name="+")
    not_for = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    severity = models.CharField(max_length=6, choices=Severity)
    count = models.PositiveIntegerField(default=1)
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    times = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    back_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("access.Person", models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_count = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=400, blank=True)
    closed_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey("access.Role", models.PROTECT, null=True, related_name="+")
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["kind", "matter"], name="notification_once"),
            models.CheckConstraint(
                condition=~Q(state="acknowledged")
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="notification_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | ~Q(state="closed") & Q(closed_at__isnull=True),
                name="notification_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(escalated_to__isnull=True, escalated_at__isnull=True)
                | Q(escalated_to__isnull=False, escalated_at__isnull=False),
                name="notification_escalated_to_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "matter"], condition=~Q(state="closed"), name="notification_live"),
            models.Index(fields=["-opened_at"], name="notification_latest"),
        ]


class Told(models.Model):
    """Somebody is told of a notification: it stands in their list, as long as their rights and the rules say so."""

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="told")
    person = models.ForeignKey("access.Person", models.CASCADE, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "notification"], name="told_once")]


class Wish(models.Model):
    """How one person wants to be told besides the list in the app. Between ``quiet_from`` and ``quiet_to``, by the hospital's
    clock, only what is urgent is sent; the rest waits until the end. ``since``: what opened before this address was entered
    is not mailed to it."""

    person = models.OneToOneField("access.Person", models.CASCADE, primary_key=True, related_name="+")
    email = models.EmailField(blank=True)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False) & ~Q(quiet_from=models.F("quiet_to")),
                name="wish_quiet_hours_whole",
            )
        ]


class PushSubscription(models.Model):
    """A browser, on a phone or a desk, that one person lets Yanji notify (W3C Push API): where its maker's push service takes
    messages for it, and the keys by which only that browser can read them (RFC 8291). ``since``: what opened before is not
    told there."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    person = models.ForeignKey("access.Person", models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    browser = models.CharField(max_length=40)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("browser that is notified")
        verbose_name_plural = _("browsers that are notified")


class Hook(models.Model):
    """A system of others that is told: of which kinds (none: of all), at a place and below (none: everywhere). ``secret``
    signs what is sent, so that the other side knows who sent it."""

    name = models.CharField(max_length=80)
    url = models.CharField(max_length=400)
    secret = models.CharField(max_length=80)
    place = models.ForeignKey("places.Place", models.PROTECT, null=True, related_name="+")
    kinds = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    edited_by = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waits to be sent")
    SENT = "sent", _("Has been sent")
    DEAD = "dead", _("Could not be sent")
    DROPPED = "dropped", _("Not needed any more")


class Delivery(models.Model):
    """One message to go out, at least once: whoever gets it twice knows it by its id.

    ``times``: for which opening of its notification; ``about``: what became of the matter. Whoever takes it up moves ``next_at``
    ahead first, so that one who dies over it leaves it to be sent again. ``why`` it could not be sent: a code, whose sentence is
    made of ``last_error`` when it is read.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    times = models.PositiveIntegerField()
    about = models.CharField(max_length=12, choices=State)
    person = models.ForeignKey("access.Person", models.CASCADE, null=True, related_name="+")
    hook = models.ForeignKey(Hook, models.CASCADE, null=True, related_name="deliveries")
    channel = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=12, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message to go out")
        verbose_name_plural = _("messages to go out")
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "times", "about", "channel", "person", "hook"],
                nulls_distinct=False,
                name="delivery_once",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, hook__isnull=True)
                | Q(person__isnull=True, hook__isnull=False),
                name="delivery_to_one",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="delivery_due")]
