"""The reasons that people choose from: worded, ordered and ended by the hospital itself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.access.gates import NotFound
from yanji.flows import reasons
from yanji.flows.models_reasons import ReasonCode
from yanji.ledger.api import Refused
from yanji.places.actions import holds_everywhere

from ..page import act_key, page
from .forms import Plain
from .gate import actor_of, needs


class ReasonForm(Plain):
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=80)


class NewReasonForm(ReasonForm):
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]*$",
        label=gettext_lazy("Code, for ever: small letters, digits and _"),
        max_length=40,
    )
    field_order = ("code", "name_zh", "name_en")


@needs("edit_rules")
@require_safe
def reasons_page(request: HttpRequest) -> HttpResponse:
    return _reasons_page(request, request.GET.get("group", ""))


def _reasons_page(request: HttpRequest, asked: str, refused: Refused | None = None) -> HttpResponse:
    group = asked if asked in reasons.GROUPS else next(iter(reasons.GROUPS))
    return page(
        request,
        "masterdata/reasons.html",
        status=409 if refused else 200,
        refused=refused,
        rows=reasons.all_reasons(group),
        group=group,
        groups=reasons.GROUPS.items(),
        may_edit=holds_everywhere(actor_of(request), "edit_rules"),
    )


@needs("edit_rules")
def new_reason(request: HttpRequest, group: str) -> HttpResponse:
    if group not in reasons.GROUPS:
        raise NotFound("reasons")
    form = NewReasonForm(request.POST or None)
    if not form.is_valid():
        return _form(request, form, group)
    try:
        key = act_key(request, "reason")
        reasons.add_reason(actor=actor_of(request), key=key, group=group, **form.cleaned_data)
    except Refused as refused:
        return _form(request, form, group, refused=refused)
    messages.success(request, _("The reason is offered from now on."))
    return _back(group)


@needs("edit_rules")
def edit_reason(request: HttpRequest, reason_id: int) -> HttpResponse:
    reason = reasons.reason_of(actor_of(request), reason_id)
    form = ReasonForm(request.POST or None, initial={"name_zh": reason.name_zh, "name_en": reason.name_en})
    if not form.is_valid():
        return _form(request, form, reason.group, reason)
    try:
        key = act_key(request, "reason")
        reasons.rename_reason(actor=actor_of(request), key=key, reason_id=reason_id, **form.cleaned_data)
    except Refused as refused:
        return _form(request, form, reason.group, reason, refused)
    messages.success(request, _("The reason was reworded, in history too."))
    return _back(reason.group)


@require_POST
@needs("edit_rules")
def change_reason(request: HttpRequest, reason_id: int) -> HttpResponse:
    """One press: ``up``, ``down``, ``end`` or ``offer``."""
    actor = actor_of(request)
    reason = reasons.reason_of(actor, reason_id)
    how, key = request.POST.get("how", ""), act_key(request, f"reason{reason_id}")
    try:
        if how in ("up", "down"):
            reasons.move_reason(actor=actor, key=key, reason_id=reason_id, up=how == "up")
        elif how in ("end", "offer"):
            reasons.set_reason_active(actor=actor, key=key, reason_id=reason_id, active=how == "offer")
        else:
            raise Refused("choose_again", field=_("Change"))
    except Refused as refused:
        return _reasons_page(request, reason.group, refused)
    return _back(reason.group)


def _back(group: str) -> HttpResponse:
    return redirect(f"{reverse('masterdata:reasons')}?group={group}")


def _form(
    request: HttpRequest,
    form: Plain,
    group: str,
    reason: ReasonCode | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    status = 409 if refused else 422 if form.errors else 200
    context: dict[str, Any] = {"form": form, "reason": reason, "refused": refused, "group": group}
    label = reasons.GROUPS.get(group, group)  # of a group that no flow brings any more, its code
    return page(request, "masterdata/reason.html", status=status, group_label=label, **context)
