"""The place tree: look at it, grow it, rename, move and retire its places."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound, place_for
from yanji.ledger.api import on_hand
from yanji.places import actions, queries, rules, temperature
from yanji.places.models import Kind, Place

from ..page import page
from .forms import Plain
from .gate import actor_of, done, needs, number, tried


class PlaceForm(Plain):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[(kind.value, kind.label) for kind in rules.REAL_KINDS]
    )
    code = forms.CharField(label=gettext_lazy("Place code"), max_length=40)
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120, required=False)
    temperature_class = forms.ChoiceField(
        label=gettext_lazy("Temperature"), choices=temperature.CHOICES, initial="room"
    )
    gln = forms.CharField(label=gettext_lazy("GLN"), max_length=13, required=False)
    capacity = forms.IntegerField(
        label=gettext_lazy("Room for how many pieces; empty: no limit"),
        min_value=1,
        max_value=1_000_000,
        required=False,
    )
    quarantine = forms.BooleanField(
        label=gettext_lazy("Quarantine: for what is rejected or in doubt"), required=False
    )

    def said(self) -> actions.PlaceFields:
        return actions.PlaceFields(**self.cleaned_data)


@needs("edit_places", "view")
@require_safe
def places_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    with_retired = bool(request.GET.get("retired"))
    nodes = queries.tree(paths=_scope(actor), with_retired=with_retired)
    return page(
        request,
        "masterdata/places.html",
        tree=nested(nodes),
        count=len(nodes),
        with_retired=with_retired,
        may_edit=actor.may("edit_places"),
        may_add_root=actions.holds_everywhere(actor, "edit_places"),
    )


def nested(nodes: list[queries.Node]) -> list[dict[str, Any]]:
    """The flat tree order as branches that a template can draw: place and what lies below it."""
    roots: list[dict[str, Any]] = []
    open_at: list[list[dict[str, Any]]] = [roots]
    for node in nodes:
        del open_at[node.depth + 1 :]
        branch: dict[str, Any] = {"place": node.place, "depth": node.depth, "below": []}
        open_at[node.depth].append(branch)
        open_at.append(branch["below"])
    return roots


@needs("edit_places")
def new_place(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    parent_id = number(request.GET.get("below"))
    parent = place_for(actor, parent_id, may="edit_places") if parent_id is not None else None
    fitting = [
        kind for kind in rules.REAL_KINDS if rules.may_lie_below(kind, parent.kind if parent else None)
    ]
    form = PlaceForm(
        request.POST or None, initial={"temperature_class": parent.temperature_class if parent else "room"}
    )
    form.fields["kind"].choices = [(kind.value, kind.label) for kind in fitting]
    if form.is_valid() and done(
        form, lambda: actions.create_place(actor=actor, parent_id=parent_id, fields=form.said())
    ):
        messages.success(request, _("The place was added."))
        return redirect("masterdata:place", parent_id) if parent_id else redirect("masterdata:places")
    return page(
        request,
        "masterdata/form.html",
        status=422 if form.errors else 200,
        form=form,
        title=_("New place below %(place)s") % {"place": parent.name} if parent else _("New campus or group"),
        back="masterdata:places",
        back_label=_("Places"),
    )


@needs("edit_places", "view")
def place_page(request: HttpRequest, place_id: int) -> HttpResponse:
    actor = actor_of(request)
    place = _shown(actor, place_id)
    may_edit = actor.may("edit_places", place.path)
    shown = {name: getattr(place, name) for name in PlaceForm.base_fields}
    form = PlaceForm(request.POST or None, initial=shown) if may_edit else None
    if form and form.is_valid():
        said = form.said()
        if done(form, lambda: actions.edit_place(actor=actor, place_id=place_id, fields=said)):
            messages.success(request, _("The place was changed."))
            return redirect("masterdata:place", place_id)
    return page(
        request,
        "masterdata/place.html",
        status=422 if form and form.errors else 200,
        place=place,
        above=[
            each
            for each in queries.above(place)
            if actor.may("view", each.path) or actor.may("edit_places", each.path)
        ],
        below=queries.children(place),
        pieces=stock_below(place.path),
        targets=_targets(actor, place) if may_edit else [],
        may_add=may_edit and place.active and place.kind != Kind.BIN,
        form=form,
    )


@require_POST
@needs("edit_places")
def move_place(request: HttpRequest, place_id: int) -> HttpResponse:
    actor = actor_of(request)
    place_for(actor, place_id, may="edit_places")
    target = number(request.POST.get("parent"))
    if target is not None:
        place_for(actor, target, may="edit_places")
        tried(
            request,
            lambda: actions.move_place(actor=actor, place_id=place_id, parent_id=target),
            _("The place was moved, with everything in it."),
        )
    return redirect("masterdata:place", place_id)


@require_POST
@needs("edit_places")
def set_active(request: HttpRequest, place_id: int) -> HttpResponse:
    actor = actor_of(request)
    place_for(actor, place_id, may="edit_places")
    if request.POST.get("active"):
        tried(
            request,
            lambda: actions.reopen_place(actor=actor, place_id=place_id),
            _("The place is open again."),
        )
    else:
        tried(
            request,
            lambda: actions.retire_place(actor=actor, place_id=place_id, stock_below=stock_below),
            _("The place is retired, with everything below it."),
        )
    return redirect("masterdata:place", place_id)


def stock_below(path: str) -> int:
    """How many pieces lie at a place and below it."""
    return int(sum(stock.quantity for stock in on_hand(paths=[path], by=())))


def _shown(actor: Actor, place_id: int) -> Place:
    """The place, for who may look at it or edit it."""
    try:
        return place_for(actor, place_id, may="view")
    except NotFound:
        return place_for(actor, place_id, may="edit_places")


def _scope(actor: Actor) -> tuple[str, ...]:
    return tuple({*actor.scopes.get("edit_places", ()), *actor.scopes.get("view", ())})


def _targets(actor: Actor, place: Place) -> list[queries.Node]:
    """Where a place can be moved to: wider places that the actor edits, outside of itself."""
    nodes = queries.tree(paths=actor.scopes.get("edit_places", ()))
    return [
        node
        for node in nodes
        if rules.may_lie_below(place.kind, node.place.kind)
        and not node.place.path.startswith(place.path)
        and node.place.pk != place.parent_id
    ]
