"""People, roles and grants. A grant is a role on a subtree of places; a role is a set of operations."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from yanji.places.spoken import Spoken


class Person(AbstractBaseUser):
    """Somebody who signs in. ``department`` is where the person works, a place of the tree.

    ``language`` is the one that was chosen for good; empty as long as nobody chose, and then the browser's choice holds.
    """

    username = models.CharField(max_length=80, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    department = models.ForeignKey(
        "places.Place", models.SET_NULL, null=True, blank=True, related_name="people"
    )
    supplier = models.ForeignKey(
        "catalog.Supplier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        help_text=_("An external account: sees what concerns this supplier and nothing else"),
    )
    language = models.CharField(max_length=8, blank=True, default="")
    theme = models.CharField(
        max_length=5,
        default="auto",
        choices=[("auto", _("Auto")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    is_active = models.BooleanField(default=True)

    objects: BaseUserManager["Person"] = BaseUserManager()
    USERNAME_FIELD = "username"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return Spoken(self.name_zh, self.name_en)


class Role(models.Model):
    """A named set of operations (``access.operations.Operation`` codes)."""

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    operations = models.JSONField(default=list)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class Grant(models.Model):
    """A person holds a role over a place and everything below it, from a day to a day (inclusive)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="grants")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "place"], name="grant_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="grant_dates_in_order",
            ),
        ]


class ApiToken(models.Model):
    """A bearer token of a person for the JSON API; only its SHA-256 is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")


class Badge(models.Model):
    """The badge that stands for a person; only a keyed digest of its code is kept (:mod:`yanji.access.badges`)."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="badge")
    digest = models.CharField(max_length=64, unique=True)
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("badge")
        verbose_name_plural = _("badges")


class Pin(models.Model):
    """The digits that open a shared device for a person, hashed as a password is (:mod:`yanji.access.pins`)."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="pin")
    hashed = models.CharField(max_length=128)
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("PIN")
        verbose_name_plural = _("PINs")


class SharedDevice(models.Model):
    """A browser at which people take turns (:mod:`yanji.access.devices`). ``digest``: of the secret that it keeps.

    ``code_digest``: of the code by which a browser becomes this device, until ``code_until``.
    """

    class Rule(models.TextChoices):
        BADGE = "badge", _("The badge alone, or name and PIN")
        BADGE_PIN = "badge_pin", _("Badge and PIN together")

    name = models.CharField(max_length=80)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    idle_minutes = models.PositiveSmallIntegerField(default=3)
    rule = models.CharField(max_length=9, choices=Rule.choices, default=Rule.BADGE)
    digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    code_digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("shared device")
        verbose_name_plural = _("shared devices")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(ended_at__isnull=True), name="shared_device_once"
            ),
            models.CheckConstraint(
                condition=Q(idle_minutes__gte=1, idle_minutes__lte=15), name="shared_device_idle"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeviceSession(models.Model):
    """Who is signed in at a shared device: one session at a time, whose cookie's key is kept so that it can be ended."""

    device = models.OneToOneField(SharedDevice, models.CASCADE, primary_key=True, related_name="session")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40)
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("session at a shared device")
        verbose_name_plural = _("sessions at shared devices")
