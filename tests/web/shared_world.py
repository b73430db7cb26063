"""The shared device of the small hospital, for whoever looks at its pages or comes in at it."""

from django.utils import timezone

from tests.flows.site import Site, person
from tests.makers import unique
from yanji.access.actions import DeviceFields, register_device
from yanji.access.actor import Actor, actor_for
from yanji.access.devices import claim_device
from yanji.access.models import SharedDevice


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
