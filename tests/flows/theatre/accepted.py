"""What tests of rejected goods that are used all the same share: the use, its taking back, and what the papers say then."""

from collections.abc import Mapping

from django.test import Client

from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.access.models import Person
from yanji.flows.correction import take_back
from yanji.flows.models import OrderLine, PurchaseOrder
from yanji.flows.theatre.models import EmergencyUse
from yanji.flows.things import Thing


def line(order: int) -> tuple[int, int, int, str]:
    """Of an order's only line: received, rejected, outstanding; and the order's state."""
    found = OrderLine.objects.get(order=order)
    return found.received, found.rejected, found.outstanding, PurchaseOrder.objects.get(pk=order).state


def used(room: Room, *things: Thing) -> tuple[EmergencyUse, str]:
    """The paper of a use despite all that is said against it, and its event."""
    done = room.use(room.case(), *things, despite="life")
    return EmergencyUse.objects.get(number=done.facts["despite"]), done.events[0]


def undone(room: Room, event: str) -> None:
    take_back(actor=room.nurse, key=unique("b"), event_id=event, reason="wrong_scan")


def pages_say(room: Room, order: int, back: int, paper: EmergencyUse, said: Mapping[str, str]) -> None:
    """The page of the order, of the return and of the paper, each as its own reader opens it, says these words."""
    here = room.here
    pages = {
        "order": (f"/buyer/orders/{order}", here.buyer),
        "return": (f"/buyer/returns/{back}", here.storekeeper),
        "paper": (f"/theatre/emergencies/{paper.pk}", here.nurse),
    }
    assert pages.keys() == said.keys()
    for name, (address, who) in pages.items():
        Person.objects.filter(pk=who.pk).update(language="en")
        client = Client()
        client.force_login(who)
        answer = client.get(address)
        assert (answer.status_code, said[name] in answer.content.decode()) == (200, True), address
