"""Shared devices: entered, given a code, ended."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yanji.access import actions
from yanji.access import devices as kept
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.models import SharedDevice
from yanji.access.people import WORKPLACES
from yanji.flows.symbols import datamatrix

from ..page import page
from .forms import Plain
from .gate import actor_of, done, needs, tried
from .people import PlaceField

CODE = "yanji_device_code"  # shown once, on the page that follows


class DeviceForm(Plain):
    name = forms.CharField(label=gettext_lazy("Name of the device"), max_length=80)
    place_id = PlaceField(label=gettext_lazy("Place"))
    idle_minutes = forms.IntegerField(
        label=gettext_lazy("Idle minutes until it signs out"),
        min_value=1,
        max_value=kept.LONGEST_IDLE,
        initial=3,
    )
    rule = forms.ChoiceField(label=gettext_lazy("What opens it"), choices=SharedDevice.Rule.choices)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_id"].offer(actor, WORKPLACES, self.initial.get("place_id"))

    def said(self) -> actions.DeviceFields:
        return actions.DeviceFields(**self.cleaned_data)


@needs("edit_access")
@require_safe
def devices_page(request: HttpRequest) -> HttpResponse:
    return page(request, "masterdata/devices.html", rows=kept.devices_for(actor_of(request)))


@needs("edit_access")
def new_device(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = DeviceForm(request.POST or None, actor=actor)
    made: list[tuple[SharedDevice, str]] = []
    if form.is_valid() and done(
        form, lambda: made.append(actions.register_device(actor=actor, fields=form.said()))
    ):
        return _with_code(request, made[0][0].pk, made[0][1])
    return page(
        request,
        "masterdata/form.html",
        status=422 if form.errors else 200,
        form=form,
        title=_("New shared device"),
        back="masterdata:devices",
        back_label=_("Shared devices"),
    )


@needs("edit_access")
def device_page(request: HttpRequest, device_id: int) -> HttpResponse:
    actor = actor_of(request)
    device = kept.devices_for(actor).filter(pk=device_id).first()
    if device is None:
        raise NotFound("device")
    shown = {name: getattr(device, name) for name in DeviceForm.base_fields}
    form = DeviceForm(request.POST or None, actor=actor, initial=shown)
    if form.is_valid() and tried(
        request,
        lambda: actions.edit_device(actor=actor, device_id=device_id, fields=form.said()),
        _("It was saved."),
    ):
        return redirect("masterdata:device", device_id)
    waiting, code = request.session.pop(CODE, (0, "")) if CODE in request.session else (0, "")
    code = code if waiting == device_id else ""
    return page(
        request,
        "masterdata/device.html",
        status=422 if form.errors else 200,
        device=device,
        form=form,
        code=code,
        symbol=datamatrix(code) if code else None,
        claim_minutes=kept.CODE_MINUTES,
        lapses_at=kept.code_lapses_at(device),
    )


@require_POST
@needs("edit_access")
def device_code(request: HttpRequest, device_id: int) -> HttpResponse:
    return _with_code(request, device_id, actions.new_code(actor=actor_of(request), device_id=device_id))


@require_POST
@needs("edit_access")
def end_device(request: HttpRequest, device_id: int) -> HttpResponse:
    tried(
        request,
        lambda: actions.end_device(actor=actor_of(request), device_id=device_id),
        _("It is no shared device any more."),
    )
    return redirect("masterdata:devices")


def _with_code(request: HttpRequest, device_id: int, code: str) -> HttpResponse:
    request.session[CODE] = [device_id, code]
    return redirect("masterdata:device", device_id)
