"""People, and what they may do where."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.access import actions, badges, people, queries
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.models import Person
from yanji.access.people import WORKPLACES
from yanji.catalog.queries import suppliers
from yanji.places import queries as place_queries

from ..page import page, page_of
from .forms import Day, Plain
from .gate import actor_of, done, needs, number, tried

STATES = {"active": gettext_lazy("Active"), "locked": gettext_lazy("Locked"), "all": gettext_lazy("All")}


class PlaceField(forms.TypedChoiceField):
    """A place of those that a person administers, indented as they lie; its value is the place's id."""

    def __init__(self, **more: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **more)

    def offer(self, actor: Actor, kinds: Collection[str] = (), held: int | None = None) -> None:
        """Only these kinds of places, where some are named, and what the person holds already (``held``)."""
        nodes = place_queries.tree(paths=actor.scopes.get("edit_access", ()))
        rows = [
            (node.place.pk, "\u2003" * node.depth + node.place.name)
            for node in nodes
            if not kinds or node.place.kind in kinds or node.place.pk == held
        ]
        self.choices = [("", _("Choose") if self.required else "–"), *rows]


class PersonForm(Plain):
    username = forms.CharField(label=gettext_lazy("User name"), max_length=80)
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=80, required=False)
    department_id = PlaceField(label=gettext_lazy("Department"), required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("As chosen on signing in")), ("zh-hans", "简体中文"), ("en", "English")],
        required=False,
    )
    supplier_id = forms.TypedChoiceField(
        label=gettext_lazy("Works for the supplier (external account)"),
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department_id"].offer(actor, WORKPLACES, self.initial.get("department_id"))
        rows = [(supplier.pk, supplier.name) for supplier in suppliers()]
        self.fields["supplier_id"].choices = [("", "–"), *rows]

    def said(self) -> actions.PersonFields:
        return actions.PersonFields(**self.cleaned_data)


class GrantForm(Plain):
    role = forms.ModelChoiceField(queries.roles(), label=gettext_lazy("Role"))
    place = PlaceField(label=gettext_lazy("At, and everywhere below"))
    valid_from = Day(label=gettext_lazy("Valid from"), required=False)
    valid_to = Day(label=gettext_lazy("Valid to"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].offer(actor)


class PasswordForm(Plain):
    password = forms.CharField(
        label=gettext_lazy("New password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class BadgeForm(Plain):
    code = forms.CharField(
        label=gettext_lazy("Scan the badge"),
        max_length=badges.LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


@needs("edit_access")
@require_safe
def people_page(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:80] for name in ("q", "state", "role")}
    state = asked["state"] if asked["state"] in STATES else "active"
    found = queries.people_for(actor_of(request), asked["q"], state=state, role_id=number(asked["role"]))
    rows = page_of(request, found)
    return page(
        request,
        "masterdata/people.html",
        partial="people",
        rows=rows,
        asked=asked,
        states=STATES.items(),
        roles=queries.roles(),
    )


@needs("edit_access")
def new_person(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = PersonForm(request.POST or None, actor=actor)
    made: list[Person] = []
    if form.is_valid() and done(
        form, lambda: made.append(actions.create_person(actor=actor, fields=form.said()))
    ):
        messages.success(request, _("The person was entered. Give a role and a password now."))
        return redirect("masterdata:person", made[0].pk)
    return page(
        request,
        "masterdata/form.html",
        status=422 if form.errors else 200,
        form=form,
        title=_("New person"),
        back="masterdata:people",
        back_label=_("People"),
    )


@needs("edit_access")
def person_page(request: HttpRequest, person_id: int) -> HttpResponse:
    actor = actor_of(request)
    person = _person(actor, person_id)
    may_edit = people.may_administer(actor, person)
    sent = request.POST.get("form") if request.method == "POST" else None
    shown = {name: getattr(person, name) for name in PersonForm.base_fields}
    forms_ = {
        "person": PersonForm(request.POST if sent == "person" else None, actor=actor, initial=shown),
        "grant": GrantForm(request.POST if sent == "grant" else None, actor=actor),
        "password": PasswordForm(request.POST if sent == "password" else None),
        "badge": BadgeForm(request.POST if sent == "badge" else None),
    }
    form = forms_.get(sent or "")
    if (
        form is not None
        and form.is_valid()
        and done(form, lambda: _change(actor, person_id, sent or "", form))
    ):
        messages.success(request, _("It was saved."))
        return redirect("masterdata:person", person_id)
    return page(
        request,
        "masterdata/person.html",
        status=422 if form is not None and form.errors else 200,
        person=person,
        grants=person.grants.all(),
        names=place_queries.path_names([grant.place_id for grant in person.grants.all()]),
        forms=forms_,
        held=badges.badge_of(person_id),
        may_edit=may_edit,
        oneself=person_id == actor.person_id,
    )


def _change(actor: Actor, person_id: int, sent: str, form: Any) -> None:
    if sent == "person":
        actions.edit_person(actor=actor, person_id=person_id, fields=form.said())
    elif sent == "password":
        actions.reset_password(actor=actor, person_id=person_id, password=form.cleaned_data["password"])
    elif sent == "badge":
        actions.give_badge(actor=actor, person_id=person_id, code=form.cleaned_data["code"])
    else:
        got = form.cleaned_data
        actions.grant(
            actor=actor,
            person_id=person_id,
            role_id=got["role"].pk,
            place_id=got["place"],
            valid_from=got["valid_from"],
            valid_to=got["valid_to"],
        )


@require_POST
@needs("edit_access")
def revoke_grant(request: HttpRequest, person_id: int, grant_id: int) -> HttpResponse:
    tried(
        request,
        lambda: actions.revoke(actor=actor_of(request), grant_id=grant_id),
        _("The role was taken back."),
    )
    return redirect("masterdata:person", person_id)


@require_POST
@needs("edit_access")
def end_badge(request: HttpRequest, person_id: int) -> HttpResponse:
    tried(
        request,
        lambda: actions.take_badge(actor=actor_of(request), person_id=person_id),
        _("The badge means nothing any more."),
    )
    return redirect("masterdata:person", person_id)


@require_POST
@needs("edit_access")
def set_active(request: HttpRequest, person_id: int) -> HttpResponse:
    active = bool(request.POST.get("active"))
    tried(
        request,
        lambda: actions.set_active(actor=actor_of(request), person_id=person_id, active=active),
        _("The person can sign in again.") if active else _("The person cannot sign in any more."),
    )
    return redirect("masterdata:person", person_id)


def _person(actor: Actor, person_id: int) -> Person:
    person = queries.person_for(actor, person_id)
    if person is None:
        raise NotFound("person")
    return person
