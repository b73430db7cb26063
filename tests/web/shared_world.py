"""The shared device of the small hospital, for whoever looks at its pages or comes in at it."""

from typing import Any

from django.test import Client
from django.utils import timezone

from tests.flows.site import Site, person
from tests.makers import unique
from yanji.access.actions import DeviceFields, register_device
from yanji.access.actor import Actor, actor_for
from yanji.access.badges import give_badge
from yanji.access.devices import claim_device
from yanji.access.models import Person, SharedDevice
from yanji.places.models import Place

PASSWORD, BADGE, PIN = "Wild-geese-7", "0004711815", "4806"


def administrator(here: Site) -> Actor:
    return actor_for(person("administrator", here.h.campus), today=timezone.localdate())


def shared_device(here: Site) -> int:
    """The tablet of the ward, which waits for its code."""
    fields = DeviceFields(unique("Tablet"), here.h.department.pk)
    return int(register_device(actor=administrator(here), fields=fields)[0].pk)


def claimed(here: Site) -> tuple[SharedDevice, str]:
    """A tablet of the ward at which people come in, and the secret that its browser keeps."""
    fields = DeviceFields(unique("Tablet"), here.h.department.pk)
    _made, code = register_device(actor=administrator(here), fields=fields)
    found = claim_device(code)
    assert found is not None
    return found


def badged(here: Site, boss: Actor, at: Place | None = None, code: str = BADGE) -> Person:
    """A nurse with a badge and a password."""
    made = person("nurse", at or here.h.department, PASSWORD)
    give_badge(actor=boss, person_id=made.pk, code=code)
    return made


def device(boss: Actor, at: Place, client: Client | None = None, **more: Any) -> Client:
    """A browser, a new one or ``client``, that was made a shared device by the code that its administrator saw."""
    _made, code = register_device(actor=boss, fields=DeviceFields(unique("Tablet"), at.pk, **more))
    client = client or Client()
    assert client.post("/device", {"code": f" {code[:4]} {code[4:]}"})["Location"] == "/sign-in"
    return client


def come_in(client: Client, **said: str) -> Any:
    """What the door answers."""
    return client.post("/badge", said)


def who(client: Client) -> int | None:
    """Whose session it is; None where nobody is in."""
    page = client.get("/")
    return page.context["request"].user.pk if page.status_code == 200 else None
