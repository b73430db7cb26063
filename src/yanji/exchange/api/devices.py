"""Shared devices: which there are, and their end. A device is entered at its page, which shows the code."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from yanji.access.devices import devices_for, end_device
from yanji.access.gates import NotFound

from .auth import actor, with_password
from .shapes import Id, may_fail

router = Router(tags=["shared devices"])


class DeviceOut(Schema):
    """``claimed``: a browser is this device. ``last_used_at``: when somebody came in there last; ``last_person`` who."""

    id: int
    name: str
    place_id: int
    place_name: str
    idle_minutes: int
    rule: str
    claimed: bool
    last_used_at: datetime | None
    last_person: str
    ended_at: datetime | None


@router.get("/devices", response=may_fail(list[DeviceOut]))
def near(request: HttpRequest) -> list[DeviceOut]:
    """The shared devices where you administer people, the ended ones last."""
    return [
        DeviceOut(
            id=each.pk, name=each.name, place_id=each.place_id, place_name=each.place.name,
            idle_minutes=each.idle_minutes, rule=each.rule, claimed=each.digest is not None,
            last_used_at=each.last_used_at, ended_at=each.ended_at,
            last_person=each.session.person.name if hasattr(each, "session") else "",
        )
        for each in devices_for(actor(request))
    ]  # fmt: skip


@router.post("/devices/{device_id}/end", response=may_fail(dict[str, bool]))
def end(request: HttpRequest, device_id: Id) -> dict[str, bool]:
    """It is no shared device any more, and who is signed in there is signed out, at once."""
    who = with_password(request)
    if not devices_for(who).filter(pk=device_id, ended_at__isnull=True).exists():
        raise NotFound("device")
    end_device(actor=who, device_id=device_id)
    return {"ended": True}
