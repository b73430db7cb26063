"""The forms of what people are told: acknowledged by who hears it, ruled by who keeps the rules."""

from collections.abc import Callable

from django.utils import timezone

from tests.flows.site import person
from tests.makers import unique
from tests.notify.browser import Browser
from yanji.access.models import Role
from yanji.flows.hold import hold
from yanji.notify.hooks import add_hook
from yanji.notify.look import look
from yanji.notify.models import Delivery, Hook, Notification, Rule
from yanji.notify.pushing import notify_here

from .desk import Desk, Form, key


def _acknowledged(d: Desk) -> Form:
    """So many handing-overs wait to be picked, and are acknowledged at once."""
    for _ in range(d.count):
        d.here.requisition((d.here.h.item, 1))
    look(timezone.now(), ("requested",))
    ids = Notification.objects.values_list("pk", flat=True)
    return "/notifications/acknowledge", {"key": key("acknowledge"), "ids": ",".join(map(str, ids))}


def _rule(d: Desk) -> Rule:
    """A rule at the campus, by which so many pieces on hold are told to so many people."""
    for _ in range(d.count):
        person("storekeeper", d.here.h.campus)
    hold(actor=d.here.keeper, key=unique("k"), things=d.here.stocked(1), reason="suspected")
    role = Role.objects.get(code="storekeeper")
    rule = Rule.objects.create(kind="on_hold", place=d.here.h.campus, role=role, edited_by=d.sender)
    look(timezone.now(), ("on_hold",))
    return rule


def _said() -> dict[str, object]:
    roles = {role.code: role.pk for role in Role.objects.all()}
    return {
        "role": roles["nurse"], "person": "", "channels": ["email"], "escalate_after": "30",
        "escalate_to": roles["storekeeper"],
    }  # fmt: skip


def _new(d: Desk) -> Form:
    _rule(d)
    form = {"kind": "expired", "place": d.here.h.campus.pk, **_said()}
    return "/masterdata/notification-rules/new", {"key": key("rule"), **form}


def _changed(d: Desk) -> Form:
    return f"/masterdata/notification-rules/{_rule(d).pk}", {"key": key("rule"), **_said()}


def _ended(d: Desk) -> Form:
    found = _rule(d)
    return f"/masterdata/notification-rules/{found.pk}/active", {"key": key(f"rule{found.pk}")}


def _hook(d: Desk) -> Hook:
    """A system that was told of so many requisitions, none of which reached it."""
    made = add_hook(
        actor=d.here.actor(d.sender), key=unique("k"), name="Display", address="https://example.org/yanji"
    )
    for _ in range(d.count):
        d.here.requisition((d.here.h.item, 1))
    look(timezone.now(), ("requested",))
    Delivery.objects.update(state="dead", last_error="no route", tries=10)
    return Hook.objects.get(pk=made.id)


def _new_hook(d: Desk) -> Form:
    _hook(d)
    form = {"name": "Messenger", "address": "https://example.org/told", "kinds": ["expired", "recalled"]}
    return "/masterdata/webhooks/new", {"key": key("hook"), **form}


def _hook_ended(d: Desk) -> Form:
    hook = _hook(d)
    return f"/masterdata/webhooks/{hook.pk}/active", {"key": key(f"hook{hook.pk}")}


def _new_key(d: Desk) -> Form:
    hook = _hook(d)
    return f"/masterdata/webhooks/{hook.pk}/key", {"key": key(f"key{hook.pk}")}


def _sent_again(d: Desk) -> Form:
    _hook(d)
    stuck = Delivery.objects.earliest("pk").pk
    return f"/masterdata/webhooks/not-sent/{stuck}/again", {"key": key(f"again{stuck}")}


def _wish(d: Desk) -> Form:
    wish = {"email": "lihua@example.org", "quiet_from": "22:00", "quiet_to": "07:00"}
    return "/masterdata/account", {"form": "wish", **wish}


def _no_more(d: Desk) -> Form:
    made = notify_here(actor=d.here.keeper, **Browser("https://fcm.googleapis.com/fcm/send/2").said)
    return f"/notifications/browsers/{made.pk}/end", {}


STOREKEEPER: dict[str, Callable[[Desk], Form]] = {
    "web:acknowledge": _acknowledged,
    "web:notify_here": lambda d: (
        "/notifications/here",
        Browser("https://fcm.googleapis.com/fcm/send/1").said,
    ),
    "web:notify_no_more": _no_more,
}
ADMINISTRATOR: dict[str, Callable[[Desk], Form]] = {
    "masterdata:new_notification_rule": _new,
    "masterdata:notification_rule": _changed,
    "masterdata:notification_rule_active": _ended,
    "masterdata:new_webhook": _new_hook,
    "masterdata:webhook_active": _hook_ended,
    "masterdata:webhook_key": _new_key,
    "masterdata:send_again": _sent_again,
    "masterdata:account wish": _wish,
}
