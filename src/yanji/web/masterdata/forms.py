"""The forms of the catalogue: what a person types becomes the fields that an act takes."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import gettext_lazy as _

from yanji.catalog import queries
from yanji.catalog.actions import ItemFields, SupplierFields
from yanji.catalog.dated import Days
from yanji.catalog.models import BillingCode, Issuer, Item, ItemCode, Licence
from yanji.places import temperature
from yanji.sheets.cells import money

# What a choice of nothing is called where a field gives it no words of its own.
DASHES = BLANK_CHOICE_DASH[0][1]


class Plain(forms.Form):
    """Django's form in the look of the shell; ``wide`` fields take a whole row."""

    required_css_class = "required"
    wide: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            widget = field.widget
            kinds = {
                forms.CheckboxInput: "form-check-input",
                forms.CheckboxSelectMultiple: "form-check-input",
                forms.Select: "form-select",
            }
            look = next((look for kind, look in kinds.items() if isinstance(widget, kind)), "form-control")
            widget.attrs["class"] = look
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == DASHES:
                field.empty_label = _("Choose") if field.required else "–"


class Day(forms.DateField):
    """A day, in the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    input_formats = ("%Y-%m-%d",)


class Money(forms.DecimalField):
    """An amount in yuan, as pages print it or without its commas."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def __init__(self, **kwargs: Any) -> None:
        said = {"invalid": _("Not an amount. Write it as 1280.50 or 1,280.50.")}
        super().__init__(
            **{"min_value": 0, "max_digits": 14, "decimal_places": 2, "error_messages": said, **kwargs}
        )

    def to_python(self, value: Any) -> Decimal | None:
        return super().to_python(money(value) if isinstance(value, str) else value)


def _line(label: Any, most: int = 240, *, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, **more)


class ItemForm(Plain):
    wide = ("name_zh", "name_en")
    code = _line(_("Item code"), 40, required=True)
    model = _line(_("Model or size"))
    name_zh = _line(_("Chinese name"), required=True)
    name_en = _line(_("English name"))
    family = _line(_("Family"), 80, widget=forms.TextInput(attrs={"list": "families", "autocomplete": "off"}))
    maker = _line(_("Maker"), widget=forms.TextInput(attrs={"list": "makers", "autocomplete": "off"}))
    supplier = forms.ModelChoiceField(queries.suppliers(), label=_("Usual supplier"), required=False)
    unit_of_measure = _line(_("Unit of measure"), 20, required=True, initial="件")
    tracking = forms.ChoiceField(label=_("Tracked"), choices=Item.Tracking.choices)
    risk_class = forms.ChoiceField(label=_("Risk class"), choices=Item.RiskClass.choices, initial="III")
    temperature_class = forms.ChoiceField(label=_("Storage"), choices=temperature.CHOICES)
    maker_serial = forms.BooleanField(
        label=_("Serial number on the maker's label"), required=False, initial=True
    )
    high_value = forms.BooleanField(label=_("High value"), required=False, initial=True)
    implant = forms.BooleanField(label=_("Implant"), required=False)
    sterile = forms.BooleanField(label=_("Sterile"), required=False, initial=True)

    def said(self) -> ItemFields:
        got = dict(self.cleaned_data)
        supplier = got.pop("supplier")
        return ItemFields(supplier_id=supplier.pk if supplier else None, **got)

    @staticmethod
    def shown(item: Item) -> dict[str, Any]:
        """The initial values of the form for an item."""
        values = {name: getattr(item, name) for name in ItemForm.base_fields if hasattr(item, name)}
        return values | {"maker": item.maker.name if item.maker else "", "supplier": item.supplier_id}


class SupplierForm(Plain):
    wide = ("contact",)
    code = _line(_("Supplier code"), 40, required=True)
    name_zh = _line(_("Chinese name"), required=True)
    name_en = _line(_("English name"))
    contact = _line(_("Contact"))

    def said(self) -> SupplierFields:
        return SupplierFields(**self.cleaned_data)


class MakerForm(Plain):
    name_zh = _line(_("Chinese name"), required=True)
    name_en = _line(_("English name"))
    country = forms.RegexField("^[A-Z]{2}$", label=_("Country, two letters"), required=False)


class CodeForm(Plain):
    issuer = forms.ChoiceField(label=_("Issuer"), choices=Issuer.choices)
    code = _line(_("Code (DI)"), 80, required=True)
    level = forms.ChoiceField(label=_("Package"), choices=ItemCode.Level.choices)
    quantity = forms.IntegerField(label=_("Pieces inside"), min_value=1, max_value=1_000_000, initial=1)


class FromTo(Plain):
    """What holds from a day to a day."""

    valid_from = Day(label=_("Valid from"))
    valid_to = Day(label=_("Valid to"), required=False)

    def days(self) -> Days:
        return Days(self.cleaned_data["valid_from"], self.cleaned_data["valid_to"])


class PriceForm(FromTo):
    supplier = forms.ModelChoiceField(queries.suppliers(), label=_("Supplier"))
    amount = Money(label=_("Price of one unit, tax included"))
    field_order = ("supplier", "amount", "valid_from", "valid_to")


class RegistrationForm(FromTo):
    number = _line(_("Registration number"), 80, required=True)
    field_order = ("number", "valid_from", "valid_to")


class BillingForm(FromTo):
    kind = forms.ChoiceField(label=_("Kind"), choices=BillingCode.Kind.choices)
    code = _line(_("Code"), 40, required=True)
    field_order = ("kind", "code", "valid_from", "valid_to")


class LicenceForm(FromTo):
    kind = forms.ChoiceField(label=_("Kind"), choices=Licence.Kind.choices)
    number = _line(_("Number"), 80, required=True)
    maker = forms.ModelChoiceField(
        label=_("Whose goods it is for"),
        queryset=queries.makers(),
        required=False,
        empty_label=_("All makers"),
    )
    field_order = ("kind", "number", "maker", "valid_from", "valid_to")
