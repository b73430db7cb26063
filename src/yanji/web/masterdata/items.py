"""The catalogue: find an item, look at all that hangs on it, change it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog import actions, dated, queries
from yanji.catalog.models import Item
from yanji.places import temperature

from ..page import page, page_of
from .forms import BillingForm, CodeForm, ItemForm, Plain, PriceForm, RegistrationForm
from .gate import actor_of, done, needs, number, tried

STATES = {
    "active": gettext_lazy("In use"),
    "provisional": gettext_lazy("To complete"),
    "retired": gettext_lazy("Retired"),
    "all": gettext_lazy("All"),
}
FLAGS = {
    "implant": gettext_lazy("Implant"),
    "high_value": gettext_lazy("High value"),
    "sterile": gettext_lazy("Sterile"),
    "maker_serial": gettext_lazy("With serial number"),
}


@needs("edit_catalog", "view")
@require_safe
def items_page(request: HttpRequest) -> HttpResponse:
    asked = {
        name: request.GET.get(name, "")[:120]
        for name in ("q", "risk", "storage", "flag", "state", "supplier")
    }
    found = queries.search(
        asked["q"],
        supplier_id=number(asked["supplier"]),
        risk_class=asked["risk"],
        temperature_class=asked["storage"],
        flags=(asked["flag"],),
        state=asked["state"] if asked["state"] in STATES else "active",
    )
    return page(
        request,
        "masterdata/items.html",
        partial="items",
        rows=page_of(request, found),
        asked=asked,
        states=STATES.items(),
        flags=FLAGS.items(),
        risks=Item.RiskClass.choices,
        storages=temperature.CHOICES,
        suppliers=queries.suppliers(),
        may_edit=actor_of(request).may("edit_catalog"),
    )


@needs("edit_catalog")
def new_item(request: HttpRequest) -> HttpResponse:
    form = ItemForm(request.POST or None)
    made: list[Item] = []
    if form.is_valid() and done(
        form, lambda: made.append(actions.create_item(actor=actor_of(request), fields=form.said()))
    ):
        messages.success(request, _("The item was entered. Give it its codes now."))
        return redirect("masterdata:item", made[0].pk, "codes")
    return page(
        request,
        "masterdata/item_form.html",
        status=_status(form),
        form=form,
        makers=queries.makers(),
        families=queries.families(),
    )


@needs("edit_catalog")
def edit_item(request: HttpRequest, item_id: int) -> HttpResponse:
    sheet = sheet_of(item_id)
    form = ItemForm(request.POST or None, initial=ItemForm.shown(sheet.item))
    if form.is_valid() and done(
        form, lambda: actions.edit_item(actor=actor_of(request), item_id=item_id, fields=form.said())
    ):
        messages.success(request, _("The item was changed."))
        return redirect("masterdata:item", item_id)
    return page(
        request,
        "masterdata/item_form.html",
        status=_status(form),
        form=form,
        item=sheet.item,
        makers=queries.makers(),
        families=queries.families(),
    )


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of an item's page, with the form that adds a row to it."""

    name: str
    label: Any
    icon: str
    form: type[Plain] | None = None


TABS = (
    Tab("basics", gettext_lazy("Basics"), "info-circle"),
    Tab("codes", gettext_lazy("Codes and packages"), "barcode", CodeForm),
    Tab("prices", gettext_lazy("Prices"), "coin-yen", PriceForm),
    Tab("papers", gettext_lazy("Registration"), "certificate", RegistrationForm),
    Tab("billing", gettext_lazy("Billing codes"), "receipt", BillingForm),
    Tab("kit", gettext_lazy("Kit contents"), "package"),
    Tab("opening", gettext_lazy("Opening"), "droplet"),
)


def tabs_for(actor: Actor, item: Item) -> list[Tab]:
    """The tabs of an item that this reader sees: prices to who may see figures, opening where things are counted."""
    hidden = set() if actor.may("edit_catalog") or actor.may("see_figures") else {"prices"}
    hidden |= set() if item.tracking == Item.Tracking.LOT else {"opening"}
    return [each for each in TABS if each.name not in hidden]


@needs("edit_catalog", "view")
def item_page(request: HttpRequest, item_id: int, tab: str = "basics") -> HttpResponse:
    sheet, actor = sheet_of(item_id), actor_of(request)
    tabs = tabs_for(actor, sheet.item)
    shown = next((each for each in tabs if each.name == tab), tabs[0])
    may_edit = actor.may("edit_catalog")
    form = None
    if shown.form and may_edit:
        form = shown.form(request.POST or None, initial={"valid_from": timezone.localdate()})
        if form.is_valid() and done(form, lambda: _add(request, item_id, tab, form)):
            messages.success(request, _("It was added."))
            return redirect("masterdata:item", item_id, tab)
    return page(
        request,
        "masterdata/item.html",
        status=_status(form),
        sheet=sheet,
        item=sheet.item,
        tabs=tabs,
        tab=shown.name,
        form=form,
        may_edit=may_edit,
        today=timezone.localdate(),
    )


def _add(request: HttpRequest, item_id: int, tab: str, form: Any) -> None:
    who: dict[str, Any] = {"actor": actor_of(request), "item_id": item_id}
    got = form.cleaned_data
    if tab == "codes":
        actions.add_code(**who, **got)
    elif tab == "prices":
        dated.set_price(**who, supplier_id=got["supplier"].pk, amount=got["amount"], days=form.days())
    elif tab == "papers":
        dated.set_registration(**who, number=got["number"], days=form.days())
    else:
        dated.set_billing_code(**who, kind=got["kind"], code=got["code"], days=form.days())


@require_POST
@needs("edit_catalog")
def remove_code(request: HttpRequest, item_id: int, code_id: int) -> HttpResponse:
    tried(
        request,
        lambda: actions.remove_code(actor=actor_of(request), item_id=item_id, code_id=code_id),
        _("The code was taken off."),
    )
    return redirect("masterdata:item", item_id, "codes")


@require_POST
@needs("edit_catalog")
def set_item_active(request: HttpRequest, item_id: int) -> HttpResponse:
    if request.POST.get("active"):
        tried(
            request,
            lambda: actions.reopen_item(actor=actor_of(request), item_id=item_id),
            _("The item is in use again."),
        )
    else:
        tried(
            request,
            lambda: actions.retire_item(actor=actor_of(request), item_id=item_id),
            _("The item is retired: it cannot be ordered any more."),
        )
    return redirect("masterdata:item", item_id)


def sheet_of(item_id: int) -> queries.ItemSheet:
    """An item with all that hangs on it. Raises :class:`NotFound`."""
    sheet = queries.item_sheet(item_id)
    if sheet is None:
        raise NotFound("item")
    return sheet


def _status(form: Any) -> int:
    """422 tells htmx and programs that what was sent came back."""
    return 422 if form is not None and form.errors else 200
