"""Forms about shared devices: entered and ended by administrators, opened by badge, kept open by a hand."""

from collections.abc import Callable

from tests.makers import unique
from tests.web.forms.desk import Desk, Form
from tests.web.forms.kept import PASSWORD, with_password
from tests.web.shared_world import administrator, claimed, shared_device
from yanji.access.actions import DeviceFields, register_device
from yanji.access.badges import give_badge
from yanji.access.pins import set_own_pin
from yanji.web.shared import COOKIE

PIN = "4806"


def _fields(d: Desk) -> dict[str, object]:
    return {"name": unique("Cart"), "place_id": d.here.h.department.pk, "idle_minutes": 5, "rule": "badge"}


def _own_pin(d: Desk) -> Form:
    with_password(d)
    return "/masterdata/account", {"form": "pin", "pin": PIN, "password": PASSWORD}


def _pin_ended(d: Desk) -> Form:
    with_password(d)
    set_own_pin(actor=d.here.actor(d.sender), password=PASSWORD, pin=PIN)
    return "/masterdata/account/pin/end", {}


def _badge(d: Desk) -> Form:
    d.cookies[COOKIE] = claimed(d.here)[1]
    give_badge(actor=administrator(d.here), person_id=d.sender.pk, code=(code := unique("0004")))
    return "/badge", {"badge": code}


def _code(d: Desk) -> Form:
    fields = DeviceFields(unique("Tablet"), d.here.h.department.pk)
    return "/device", {"code": register_device(actor=administrator(d.here), fields=fields)[1]}


ADMINISTRATOR: dict[str, Callable[[Desk], Form]] = {
    "masterdata:new_device": lambda d: ("/masterdata/devices/new", _fields(d)),
    "masterdata:device": lambda d: (f"/masterdata/devices/{shared_device(d.here)}", _fields(d)),
    "masterdata:device_code": lambda d: (f"/masterdata/devices/{shared_device(d.here)}/code", {}),
    "masterdata:end_device": lambda d: (f"/masterdata/devices/{shared_device(d.here)}/end", {}),
}
NURSE: dict[str, Callable[[Desk], Form]] = {
    "masterdata:account pin": _own_pin,
    "masterdata:end_own_pin": _pin_ended,
    "web:badge_in": _badge,
    "web:claim_device": _code,
    "web:stay": lambda d: ("/stay", {}),
}
