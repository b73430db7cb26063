"""The scrap page: what came out of patients and the sterile pieces of its lot never stand in for each other."""

import re

import pytest
from django.test import Client

from tests.flows.counting import LOT_EXPIRY, LOT_GTIN, LOT_LABEL
from tests.flows.site import site
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_explanted_lots import came_out, screws_in_theatre
from tests.makers import place
from tests.web.flows.acts import key
from yanji.access.models import Person
from yanji.catalog.models import ItemCode
from yanji.places.models import Kind


@pytest.fixture
def room(db: None) -> Room:
    return Room(site())


@pytest.fixture
def lot(room: Room) -> int:
    ItemCode.objects.get_or_create(issuer="GS1", code=LOT_GTIN, defaults={"item": room.here.counted})
    return screws_in_theatre(room, 4, expiry=LOT_EXPIRY)


def row(client: Client, room: Room, **sent: str) -> str:
    client.force_login(room.here.nurse)
    answer = client.post("/storeroom/scrap/scan", {"scan": LOT_LABEL, **sent})
    assert answer.status_code == 200
    return answer.content.decode()


def test_neither_stands_in_for_the_other(client: Client, room: Room, lot: int) -> None:
    place_id = str(room.here.h.department.pk)
    assert 'data-result="error"' in row(client, room, explanted=place_id)
    assert 'data-result="error"' not in row(client, room)
    came_out(room, lot, 4)
    assert f"{place_id}..explanted" in row(client, room, explanted=place_id)
    assert 'data-result="error"' in row(client, room), (
        "on the shelf lies none, and nobody said that explanted ones are meant"
    )


def test_only_from_the_place_that_was_chosen(client: Client, room: Room, lot: int) -> None:
    came_out(room, lot, 4)
    assert 'data-result="error"' in row(client, room, explanted=str(room.here.h.cabinet.pk))
    client.force_login(room.here.nurse)
    elsewhere = client.post(
        "/storeroom/scrap/scan", {"scan": LOT_LABEL, "explanted": str(room.here.h.store.pk)}
    )
    assert elsewhere.status_code in {403, 404, 409}


def lies(shown: str) -> str:
    """What a row says of the place and the status of its thing."""
    found = re.search(
        r"<span[^>]* data-lies>(.*?)</span></span>|<span[^>]* data-lies>(.*?)</span>", shown, re.DOTALL
    )
    return re.sub(r"<[^>]+>|\s+", " ", found[0]) if found else ""


def test_a_row_says_where_its_thing_lies_and_as_what(client: Client, room: Room, lot: int) -> None:
    here = room.here
    Person.objects.filter(pk=here.nurse.pk).update(language="en")
    department = here.h.department
    assert department.name in lies(row(client, room))
    came_out(room, lot, 4)
    shown = lies(row(client, room, explanted=str(department.pk)))
    assert (department.name in shown, "Explanted" in shown) == (True, True)
    # Refused, the rows come back as they stood.
    [named] = re.findall(r'name="row" value="([^"]+)"', row(client, room, explanted=str(department.pk)))
    sent = {
        "key": key("scrap"), "explanted": department.pk, "line": LOT_LABEL, "row": named, f"quantity:{named}": "4",
        f"from:{named}": f"{department.pk}..explanted",
    }  # fmt: skip
    answer = client.post("/storeroom/scrap", sent)
    shown = lies(answer.content.decode())
    assert (answer.status_code, department.name in shown, "Explanted" in shown) == (409, True, True)
    # What was sent may name any place: of one that is not theirs nothing is said.
    hidden = place(Kind.CAMPUS)
    forged = client.post(
        "/storeroom/scrap", sent | {f"from:{named}": f"{hidden.pk}..explanted", "key": key("scrap")}
    )
    assert (forged.status_code, hidden.name in forged.content.decode()) == (409, False)
    [epc] = room.units(1)
    shown = lies(row(client, room, scan=epc_scan(epc)))
    assert (here.h.cabinet.name in shown, "Available" in shown) == (True, True)


def epc_scan(epc: str) -> str:
    """A unit's symbol: 01/GTIN/21/serial."""
    _ai, gtin, _serial, serial = epc.split("/")
    return f"]d201{gtin}21{serial}"
