"""Who must approve what: the rules as a table that the hospital edits itself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.access import queries
from yanji.flows import approval_rules as rules
from yanji.flows.approval_kinds import KINDS, kind_label
from yanji.flows.models_approval import HIGHEST_LEVEL, ApprovalRule
from yanji.ledger.api import Refused
from yanji.places import queries as place_queries

from ..page import act_key, page
from .forms import Money, Plain
from .gate import actor_of, needs


class RuleForm(Plain):
    level = forms.IntegerField(
        label=gettext_lazy("Level; lower ones decide first"), min_value=1, max_value=HIGHEST_LEVEL, initial=1
    )
    from_amount = Money(label=gettext_lazy("From which amount on, ¥"), initial=0)
    role = forms.ModelChoiceField(queries.roles(), label=gettext_lazy("Who approves"))

    def said(self) -> dict[str, Any]:
        got = self.cleaned_data
        return {"level": got["level"], "from_amount": got["from_amount"], "role_id": got["role"].pk}


class NewRuleForm(RuleForm):
    kind = forms.ChoiceField(label=gettext_lazy("Kind of document"))
    place = forms.TypedChoiceField(label=gettext_lazy("At, and everywhere below"), coerce=int)
    field_order = ("kind", "place", "level", "from_amount", "role")

    def __init__(self, *args: Any, paths: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nodes = place_queries.tree(paths=paths)
        self.fields["kind"].choices = [(code, kind.label) for code, kind in KINDS.items()]
        self.fields["place"].choices = [
            ("", _("Choose")),
            *((node.place.pk, "\u2003" * node.depth + node.place.name) for node in nodes),
        ]

    def said(self) -> dict[str, Any]:
        got = self.cleaned_data
        return {**super().said(), "kind": got["kind"], "place_id": got["place"]}


@needs("edit_rules")
@require_safe
def rules_page(request: HttpRequest) -> HttpResponse:
    return _rules_page(request)


def _rules_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    asked = request.GET.get("kind", "")
    found = rules.rules_for(actor_of(request), kind=asked if asked in KINDS else "")
    return page(
        request,
        "masterdata/approval_rules.html",
        status=409 if refused else 200,
        refused=refused,
        rows=[(rule, kind_label(rule.kind)) for rule in found],
        kinds=[(code, kind.label) for code, kind in KINDS.items()],
        asked=asked,
    )


@needs("edit_rules")
def new_rule(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    shown = {"kind": request.GET.get("kind", "")}
    form = NewRuleForm(request.POST or None, initial=shown, paths=actor.scopes.get("edit_rules", ()))
    if not form.is_valid():
        return _form(request, form)
    try:
        rules.add_rule(actor=actor, key=act_key(request, "rule"), **form.said())
    except Refused as refused:
        return _form(request, form, refused=refused)
    messages.success(request, _("The rule holds from now on."))
    return redirect("masterdata:approval_rules")


@needs("edit_rules")
def edit_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    actor = actor_of(request)
    rule = rules.rule_for(actor, rule_id)
    shown = {"level": rule.level, "from_amount": rule.from_amount, "role": rule.role_id}
    form = RuleForm(request.POST or None, initial=shown)
    if not form.is_valid():
        return _form(request, form, rule)
    try:
        rules.edit_rule(actor=actor, key=act_key(request, "rule"), rule_id=rule_id, **form.said())
    except Refused as refused:
        return _form(request, form, rule, refused)
    messages.success(request, _("The rule was changed. What waits already keeps what it was asked for."))
    return redirect("masterdata:approval_rules")


@require_POST
@needs("edit_rules")
def set_active(request: HttpRequest, rule_id: int) -> HttpResponse:
    active = bool(request.POST.get("active"))
    try:
        rules.set_rule_active(
            actor=actor_of(request), key=act_key(request, f"rule{rule_id}"), rule_id=rule_id, active=active
        )
    except Refused as refused:
        return _rules_page(request, refused)
    messages.success(request, _("The rule holds again.") if active else _("The rule has ended."))
    return redirect("masterdata:approval_rules")


def _form(
    request: HttpRequest, form: Plain, rule: ApprovalRule | None = None, refused: Refused | None = None
) -> HttpResponse:
    status = 409 if refused else 422 if form.errors else 200
    return page(
        request,
        "masterdata/approval_rule.html",
        status=status,
        refused=refused,
        form=form,
        rule=rule,
        kind=kind_label(rule.kind) if rule else "",
    )
