"""Items and what surrounds them. Everything with a validity is effective-dated: the row that held then still stands."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from yanji.places import temperature
from yanji.places.spoken import Spoken


class Named(models.Model):
    """A name in both languages; ``pinyin`` holds the initials of the Chinese one, for search by keyboard."""

    name_zh = models.CharField(max_length=240)
    name_en = models.CharField(max_length=240, blank=True)
    pinyin = models.CharField(max_length=240, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return Spoken(self.name_zh, self.name_en)


class Maker(Named):
    """Who made it: the holder of the registration on the label."""

    country = models.CharField(max_length=2, blank=True, help_text=_("ISO 3166-1 alpha-2"))

    class Meta:
        verbose_name = _("maker")
        verbose_name_plural = _("makers")
        constraints = [models.UniqueConstraint(fields=["name_zh"], name="maker_name_unique")]


class Supplier(Named):
    """Who sells it to the hospital, and may do so while its licences are valid."""

    code = models.CharField(max_length=40, unique=True)
    contact = models.CharField(max_length=240, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")


class Dated(models.Model):
    """Valid from a day to a day, both inclusive; no end means for now."""

    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


def _in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name=f"{name}_dates_in_order"
    )


class Licence(Dated):
    """A paper that lets a supplier deliver: business licence, device trading permit, maker's authorisation."""

    class Kind(models.TextChoices):
        BUSINESS = "business", _("Business licence")
        DEVICE_TRADE = "device_trade", _("Device trading permit")
        AUTHORISATION = "authorisation", _("Maker's authorisation")

    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="licences")
    kind = models.CharField(max_length=16, choices=Kind)
    number = models.CharField(max_length=80)
    maker = models.ForeignKey(
        Maker,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="authorisations",
        help_text=_("Whose goods an authorisation is for; empty: all"),
    )
    printed_to = models.DateField(
        null=True, blank=True, help_text=_("The last day on the paper, where a renewal ended it before")
    )

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "kind", "number", "valid_from"], name="licence_one_a_day"
            ),
            models.CheckConstraint(
                condition=Q(maker__isnull=True) | Q(kind="authorisation"),
                name="licence_maker_of_authorisation",
            ),
            _in_order("licence"),
        ]


class Item(Named):
    """One catalogue entry: what is ordered, stored and used, down to model and size."""

    class Tracking(models.TextChoices):
        UNIT = "unit", _("By unit")
        LOT = "lot", _("By lot and quantity")

    class RiskClass(models.TextChoices):
        I = "I", _("Class I")  # noqa: E741 - the regulation's own name
        II = "II", _("Class II")
        III = "III", _("Class III")

    code = models.CharField(max_length=40, unique=True)
    model = models.CharField(max_length=240, blank=True, help_text=_("Model or size as on the label"))
    family = models.CharField(max_length=80, blank=True, db_index=True)
    maker = models.ForeignKey(Maker, models.PROTECT, null=True, blank=True, related_name="items")
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="items", help_text=_("Usual supplier")
    )
    unit_of_measure = models.CharField(max_length=20, default="件")
    tracking = models.CharField(max_length=4, choices=Tracking, default=Tracking.UNIT)
    maker_serial = models.BooleanField(default=True, help_text=_("The maker's label carries a serial number"))
    high_value = models.BooleanField(default=True)
    implant = models.BooleanField(default=False)
    sterile = models.BooleanField(default=True)
    risk_class = models.CharField(max_length=3, choices=RiskClass, default=RiskClass.III)
    temperature_class = models.CharField(max_length=16, choices=temperature.CHOICES, default="any")
    provisional = models.BooleanField(
        default=False, help_text=_("Born from an unknown scan; master data to complete")
    )
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        indexes = [
            models.Index(fields=["name_zh"], name="item_name_zh"),
            models.Index(fields=["pinyin"], name="item_py"),
        ]

    @property
    def measure(self) -> str:
        """The unit of measure in the reader's language; one that is not among the usual ones as it was entered."""
        return (
            MEASURES.get(self.unit_of_measure, self.unit_of_measure)
            if (get_language() or "").startswith("en")
            else self.unit_of_measure
        )


# The measure words that hospitals count devices in. English counts most of them as pieces.
MEASURES = {
    **dict.fromkeys("件个根枚支条片块把份只颗粒", "piece"),
    "套": "set", "盒": "box", "包": "pack", "瓶": "bottle", "袋": "bag", "卷": "roll", "板": "blister", "台": "device",
    "副": "pair", "双": "pair", "张": "sheet",
}  # fmt: skip


class Issuer(models.TextChoices):
    """Who issued a code, as on the label."""

    GS1 = "GS1", "GS1"
    HIBCC = "HIBCC", "HIBC"
    ICCBBA = "ICCBBA", "ISBT 128"
    MA = "MA", "MA (IDcode)"
    AHM = "AHM", "AHM"
    LOCAL = "LOCAL", _("Hospital")


class ItemCode(models.Model):
    """A device identifier (DI) of an item at one packaging level; ``quantity`` units are inside."""

    class Level(models.TextChoices):
        UNIT = "unit", _("Unit")
        INNER = "inner", _("Inner pack")
        CASE = "case", _("Carton")
        PALLET = "pallet", _("Pallet")

    item = models.ForeignKey(Item, models.CASCADE, related_name="codes")
    issuer = models.CharField(max_length=8, choices=Issuer)
    code = models.CharField(max_length=80)
    level = models.CharField(max_length=8, choices=Level, default=Level.UNIT)
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("item code")
        verbose_name_plural = _("item codes")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "code"], name="item_code_unique"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="item_code_quantity_positive"),
        ]
        indexes = [models.Index(fields=["code"], name="item_code_code")]


class Registration(Dated):
    """The regulator's registration of an item (NMPA certificate or the like)."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="registrations")
    number = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(fields=["item", "number", "valid_from"], name="registration_one_a_day"),
            _in_order("registration"),
        ]


class Price(Dated):
    """What one unit costs from a supplier, tax included."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="prices")
    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="prices")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, default="CNY")

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(fields=["item", "supplier", "valid_from"], name="price_one_a_day"),
            models.CheckConstraint(condition=Q(amount__gte=Decimal(0)), name="price_not_negative"),
            _in_order("price"),
        ]


class BillingCode(Dated):
    """The code under which use is charged or reimbursed."""

    class Kind(models.TextChoices):
        INSURANCE = "insurance", _("Insurance code")
        CHARGE = "charge", _("Charge code")

    item = models.ForeignKey(Item, models.CASCADE, related_name="billing_codes")
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("billing code")
        verbose_name_plural = _("billing codes")
        constraints = [
            models.UniqueConstraint(fields=["item", "kind", "valid_from"], name="billing_code_one_a_day"),
            _in_order("billing_code"),
        ]


class Quarantined(models.Model):
    """A row that an import or a scan could not place: kept whole, with the reasons, until somebody deals with it."""

    source = models.CharField(max_length=80)
    row = models.PositiveIntegerField(null=True, blank=True)
    content = models.JSONField()
    reasons = models.JSONField(help_text=_("List of {code, detail}"))
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("quarantined row")
        verbose_name_plural = _("quarantined rows")
        indexes = [models.Index(fields=["source", "resolved_at"], name="quarantined_open")]
