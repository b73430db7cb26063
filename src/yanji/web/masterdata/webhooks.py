"""Which other systems are told of open matters, and what could not be sent."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.flows.acts import Done
from yanji.ledger.api import Refused
from yanji.notify import hooks
from yanji.notify.kinds import KINDS
from yanji.notify.sending import why_not
from yanji.places import queries as place_queries

from ..page import act_key, next_key, page
from .forms import Plain
from .gate import actor_of, needs


class HookForm(Plain):
    wide = ("address",)
    name = forms.CharField(label=gettext_lazy("Which system"), max_length=80)
    address = forms.CharField(label=gettext_lazy("Its address, https://"), max_length=160)
    place = forms.ChoiceField(label=gettext_lazy("At, and everywhere below"), required=False)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What about; none: everything"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, paths: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nodes = place_queries.tree(paths=paths)
        self.fields["kinds"].choices = [(code, kind.title) for code, kind in KINDS.items()]
        self.fields["place"].choices = [
            ("", _("Everywhere")),
            *((node.place.pk, "\u2003" * node.depth + node.place.name) for node in nodes),
        ]

    def said(self) -> dict[str, Any]:
        got = self.cleaned_data
        place = int(got["place"]) if got["place"] else None
        return {"name": got["name"], "address": got["address"], "place_id": place, "kinds": got["kinds"]}


@needs("edit_rules")
@require_safe
def webhooks_page(request: HttpRequest) -> HttpResponse:
    return _webhooks_page(request)


def _webhooks_page(request: HttpRequest, refused: Refused | None = None, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    keeps = hooks.may_keep(actor)
    return page(
        request,
        "masterdata/webhooks.html",
        status=409 if refused else 200,
        refused=refused,
        keeps=keeps,
        rows=[
            (hook, [KINDS[code].title for code in hook.kinds if code in KINDS], next_key(f"key{hook.pk}"))
            for hook in hooks.hooks(actor)
        ],
        stuck=[(each, _title(each.notification.kind), why_not(each)) for each in hooks.not_sent(actor)],
        **more,
    )


def _title(kind: str) -> Any:
    """What a kind is called; one that is no more, by its code."""
    return KINDS[kind].title if kind in KINDS else kind


@needs("edit_rules")
def new_hook(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = HookForm(request.POST or None, paths=actor.scopes.get("edit_rules", ()))
    refused = None
    if form.is_valid():
        try:
            done = hooks.add_hook(actor=actor, key=act_key(request, "hook"), **form.said())
            return _with_key(request, done)
        except Refused as found:
            refused = found
    status = 409 if refused else 422 if form.errors else 200
    return page(request, "masterdata/webhook.html", status=status, form=form, refused=refused)


@require_POST
@needs("edit_rules")
def new_key(request: HttpRequest, hook_id: int) -> HttpResponse:
    """Another key from now on, shown once: the same press again, as when the answer is loaded anew, makes no further key."""
    try:
        key = act_key(request, f"key{hook_id}")
        return _with_key(request, hooks.new_secret(actor=actor_of(request), key=key, hook_id=hook_id))
    except Refused as refused:
        return _webhooks_page(request, refused)


def _with_key(request: HttpRequest, done: Done) -> HttpResponse:
    if done.repeated:
        return _webhooks_page(request, shown_before=True)
    return _webhooks_page(request, secret=hooks.secret_of(actor_of(request), done.id))


@require_POST
@needs("edit_rules")
def set_active(request: HttpRequest, hook_id: int) -> HttpResponse:
    active = bool(request.POST.get("active"))
    key = act_key(request, f"hook{hook_id}")
    try:
        hooks.set_hook_active(actor=actor_of(request), key=key, hook_id=hook_id, active=active)
    except Refused as refused:
        return _webhooks_page(request, refused)
    messages.success(request, _("It is told again.") if active else _("It is told no more."))
    return redirect("masterdata:webhooks")


@require_POST
@needs("edit_rules")
def again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    key = act_key(request, f"again{delivery_id}")
    try:
        hooks.send_again(actor=actor_of(request), key=key, delivery_id=str(delivery_id))
    except Refused as refused:
        return _webhooks_page(request, refused)
    messages.success(request, _("It is being sent again."))
    return redirect("masterdata:webhooks")
