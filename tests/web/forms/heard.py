"""The forms of what people are told: acknowledged by who hears it, ruled by who keeps the rules."""

from collections.abc import Callable

from django.utils import timezone

from tests.flows.site import person
from tests.makers import unique
from yanji.access.models import Role
from yanji.flows.hold import hold
from yanji.notify.look import look
from yanji.notify.models import Notification, Rule

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


STOREKEEPER: dict[str, Callable[[Desk], Form]] = {"web:acknowledge": _acknowledged}
ADMINISTRATOR: dict[str, Callable[[Desk], Form]] = {
    "masterdata:new_notification_rule": _new,
    "masterdata:notification_rule": _changed,
    "masterdata:notification_rule_active": _ended,
}
