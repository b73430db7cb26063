"""What a piece of an item holds and how long an opened one keeps: said, changed and ended at the item's page."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.access.gates import NotFound
from yanji.flows.opened.models import Opening
from yanji.flows.opened.openings import MOST_HOURS, Holds, opening_of, said_of, set_opening
from yanji.ledger.api import Refused

from ..page import act_key, page
from .forms import Plain
from .gate import actor_of, needs
from .items import sheet_of, tabs_for

SHOWN = 50


class OpeningForm(Plain):
    content = forms.DecimalField(
        label=gettext_lazy("A piece holds"), min_value=0, max_digits=12, decimal_places=3
    )
    measure = forms.CharField(label=gettext_lazy("Measure (mL, test, dose…)"), max_length=20)
    hours = forms.IntegerField(
        label=gettext_lazy("Keeps, once opened, for hours (empty: until it expires)"),
        min_value=1,
        max_value=MOST_HOURS,
        required=False,
    )


@needs("edit_catalog", "view")
def opening_page(request: HttpRequest, item_id: int) -> HttpResponse:
    """The tab beside prices and papers; ``end`` says that the item is not opened any more."""
    opening, may_edit = opening_of(item_id), actor_of(request).may("edit_catalog")
    form = OpeningForm(request.POST or None, initial=_shown(opening)) if may_edit else None
    if request.method != "POST":
        return _tab(request, item_id, opening, form)
    if form is None:
        raise NotFound("item")
    ends = bool(request.POST.get("end"))
    if not ends and not form.is_valid():
        return _tab(request, item_id, opening, form)
    try:
        holds = None if ends else Holds(**form.cleaned_data)
        set_opening(
            actor=actor_of(request), key=act_key(request, _act(item_id)), item_id=item_id, holds=holds
        )
    except Refused as refused:
        return _tab(request, item_id, opening, form, refused)
    messages.success(request, _("The item is not opened any more.") if ends else _("It holds from now on."))
    return redirect("masterdata:opening", item_id)


def _act(item_id: int) -> str:
    return f"opening{item_id}"


def _shown(opening: Opening | None) -> dict[str, object]:
    if opening is None:
        return {}
    return {
        "content": f"{opening.content.normalize():f}",
        "measure": opening.measure,
        "hours": opening.hours,
    }


def _tab(
    request: HttpRequest,
    item_id: int,
    opening: Opening | None,
    form: OpeningForm | None,
    refused: Refused | None = None,
) -> HttpResponse:
    sheet = sheet_of(item_id)
    return page(
        request,
        "masterdata/item.html",
        status=409 if refused else 422 if form is not None and form.errors else 200,
        refused=refused,
        item=sheet.item,
        tabs=tabs_for(actor_of(request), sheet.item),
        tab="opening",
        opening=opening,
        opening_act=_act(item_id),
        opening_form=form,
        said=said_of(item_id)[:SHOWN],
        may_edit=form is not None,
    )
