"""How goods are looked at when they arrive: plans as a table that the hospital edits itself."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.catalog import queries
from yanji.catalog.models import Item
from yanji.flows.inspecting import plans
from yanji.flows.inspecting.iso2859 import AQLS, Single, Sizes, steps
from yanji.flows.inspecting.models import InspectionPlan
from yanji.flows.reasons import reason_words, reasons
from yanji.ledger.api import Refused
from yanji.places.actions import holds_everywhere

from ..page import act_key, page
from .forms import Plain
from .gate import actor_of, needs


class PlanForm(Plain):
    """Whose goods, and how they are looked at; what is left empty holds for all."""

    item = forms.CharField(label=gettext_lazy("Item code"), max_length=40, required=False)
    family = forms.CharField(
        label=gettext_lazy("Family"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "families", "autocomplete": "off"}),
    )
    risk_class = forms.ChoiceField(
        label=gettext_lazy("Risk class"),
        choices=[("", gettext_lazy("All")), *Item.RiskClass.choices],
        required=False,
    )
    supplier = forms.ModelChoiceField(
        queries.suppliers(),
        label=gettext_lazy("Supplier"),
        required=False,
        empty_label=gettext_lazy("All suppliers"),
    )
    maker = forms.ModelChoiceField(
        queries.makers(), label=gettext_lazy("Maker"), required=False, empty_label=gettext_lazy("All makers")
    )
    method = forms.ChoiceField(label=gettext_lazy("What is looked at"), choices=InspectionPlan.Method.choices)
    aql = forms.TypedChoiceField(
        label=gettext_lazy("Acceptance limit of a sample (AQL), %"),
        choices=[("", "–"), *((str(limit), str(limit)) for limit in AQLS)],
        coerce=Decimal,
        empty_value=None,
        required=False,
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("Severity of a sample"), choices=InspectionPlan.Severity.choices
    )
    points = forms.MultipleChoiceField(
        label=gettext_lazy("What to look at on each piece"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, kept: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = reasons("check_point")
        # A point that is not offered any more stays in the plans that have it, until it is taken out.
        words = reason_words() if set(kept) - set(offered) else None
        old = {code: words.of(code, group="check_point") for code in kept if words and code not in offered}
        self.fields["points"].choices = [*offered.items(), *old.items()]

    def clean_item(self) -> int | None:
        code = self.cleaned_data["item"].strip()
        found = queries.item_numbered(code) if code else None
        if code and found is None:
            raise forms.ValidationError(_("No item has this code. Look it up in the catalogue."))
        return found.pk if found else None

    def said(self) -> plans.Plan:
        got = dict(self.cleaned_data)
        supplier, maker = got.pop("supplier"), got.pop("maker")
        return plans.Plan(
            item_id=got.pop("item"),
            supplier_id=supplier.pk if supplier else None,
            maker_id=maker.pk if maker else None,
            **got,
        )

    @staticmethod
    def shown(plan: InspectionPlan) -> dict[str, Any]:
        """The initial values of the form for a plan."""
        same = {
            name: getattr(plan, name) for name in ("family", "risk_class", "method", "severity", "points")
        }
        limit = next((str(limit) for limit in AQLS if limit == plan.aql), "")
        chosen = {
            "item": plan.item.code if plan.item else "",
            "supplier": plan.supplier_id,
            "maker": plan.maker_id,
        }
        return same | chosen | {"aql": limit}


@needs("edit_rules")
@require_safe
def plans_page(request: HttpRequest) -> HttpResponse:
    return _plans_page(request)


def _plans_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor = actor_of(request)
    words = reason_words()
    rows = [
        (plan, [words.of(point, group="check_point") for point in plan.points]) for plan in plans.plans(actor)
    ]
    return page(
        request,
        "masterdata/inspection_plans.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        may_edit=holds_everywhere(actor, "edit_rules"),
    )


@needs("edit_rules")
def new_plan(request: HttpRequest) -> HttpResponse:
    form = PlanForm(request.POST or None)
    if not form.is_valid():
        return _form(request, form)
    try:
        plans.add_inspection_plan(actor=actor_of(request), key=act_key(request, "plan"), plan=form.said())
    except Refused as refused:
        return _form(request, form, refused=refused)
    messages.success(request, _("From now on such goods are looked at like this."))
    return redirect("masterdata:inspection_plans")


@needs("edit_rules")
def edit_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    actor = actor_of(request)
    plan = plans.inspection_plan_for(actor, plan_id)
    form = PlanForm(request.POST or None, initial=PlanForm.shown(plan), kept=plan.points)
    if not form.is_valid():
        return _form(request, form, plan)
    try:
        key = act_key(request, "plan")
        plans.edit_inspection_plan(actor=actor, key=key, plan_id=plan_id, plan=form.said())
    except Refused as refused:
        return _form(request, form, plan, refused)
    messages.success(request, _("The plan was changed. What was inspected before keeps its numbers."))
    return redirect("masterdata:inspection_plans")


@require_POST
@needs("edit_rules")
def set_active(request: HttpRequest, plan_id: int) -> HttpResponse:
    active = bool(request.POST.get("active"))
    try:
        plans.set_inspection_plan_active(
            actor=actor_of(request), key=act_key(request, f"plan{plan_id}"), plan_id=plan_id, active=active
        )
    except Refused as refused:
        return _plans_page(request, refused)
    messages.success(request, _("The plan holds again.") if active else _("The plan has ended."))
    return redirect("masterdata:inspection_plans")


def _form(
    request: HttpRequest, form: PlanForm, plan: InspectionPlan | None = None, refused: Refused | None = None
) -> HttpResponse:
    return page(
        request,
        "masterdata/inspection_plan.html",
        status=409 if refused else 422 if form.errors else 200,
        refused=refused,
        form=form,
        plan=plan,
        families=queries.families(),
        table=_table(plan),
    )


def _table(plan: InspectionPlan | None) -> list[tuple[Sizes, Single]]:
    """What a saved plan means for lots of each size."""
    return steps(plan.aql, plan.severity) if plan and plan.aql is not None else []
