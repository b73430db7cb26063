"""Roles: which operations each one allows, side by side."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.access import actions, queries
from yanji.access.gates import NotFound
from yanji.access.models import Role
from yanji.access.operations import Operation
from yanji.places.actions import holds_everywhere

from ..page import page
from .forms import Plain
from .gate import actor_of, done, needs, tried


class RoleForm(Plain):
    wide = ("operations",)
    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=80)
    operations = forms.MultipleChoiceField(
        label=gettext_lazy("Operations"), choices=Operation.choices, widget=forms.CheckboxSelectMultiple
    )

    def said(self) -> actions.RoleFields:
        got = self.cleaned_data
        return actions.RoleFields(got["code"], got["name_zh"], got["name_en"], frozenset(got["operations"]))


@needs("edit_access")
@require_safe
def roles_page(request: HttpRequest) -> HttpResponse:
    roles = list(queries.roles())
    return page(
        request,
        "masterdata/roles.html",
        roles=roles,
        matrix=queries.matrix(roles),
        may_edit=holds_everywhere(actor_of(request), "edit_access"),
    )


@needs("edit_access")
def role_form(request: HttpRequest, role_id: int | None = None) -> HttpResponse:
    """A new role, or a change to one, for everybody who holds it."""
    role = _role(role_id) if role_id is not None else None
    shown = {name: getattr(role, name) for name in RoleForm.base_fields} if role else {}
    form = RoleForm(request.POST or None, initial=shown)

    def save() -> Any:
        if role is None:
            return actions.create_role(actor=actor_of(request), fields=form.said())
        return actions.edit_role(actor=actor_of(request), role_id=role.pk, fields=form.said())

    if form.is_valid() and done(form, save):
        messages.success(request, _("The role was saved."))
        return redirect("masterdata:roles")
    return page(
        request,
        "masterdata/role_form.html",
        status=422 if form.errors else 200,
        form=form,
        role=role,
    )


@require_POST
@needs("edit_access")
def delete_role(request: HttpRequest, role_id: int) -> HttpResponse:
    tried(
        request,
        lambda: actions.delete_role(actor=actor_of(request), role_id=role_id),
        _("The role was removed."),
    )
    return redirect("masterdata:roles")


def _role(role_id: int) -> Role:
    role = queries.roles().filter(pk=role_id).first()
    if role is None:
        raise NotFound("role")
    return role
