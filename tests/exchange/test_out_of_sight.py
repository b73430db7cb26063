"""Where something is recorded that the asker may not see: told to who may look where it was scanned, and to nobody who only names
that place."""

from typing import Any

import pytest
from django.test import Client

from tests.exchange.client import ApiClient
from tests.flows.buying import supplier_person
from tests.flows.site import Site, person
from tests.makers import place
from yanji.access.models import Person
from yanji.places.models import Kind


@pytest.fixture
def stranger(committed: Site) -> Person:
    return person("nurse", place(Kind.DEPARTMENT, place(Kind.CAMPUS)))


def said(who: Person, epc: str, place_id: int) -> list[str]:
    client = ApiClient(who)
    sent = {"flow": "give_back", "from_place_id": place_id, "scans": [epc]}
    answer = client.client.post(
        "/api/v1/scans", sent, content_type="application/json", headers=client.headers
    )
    [found] = answer.json()
    return [offence["code"] for offence in found["offences"]]


def test_a_program_that_names_anybodys_place_learns_nothing(committed: Site, stranger: Person) -> None:
    here, h = committed, committed.h
    [epc] = here.stocked(1)
    supplier = supplier_person(here)
    for named in (h.department, h.store, h.campus):
        assert said(stranger, epc, named.pk) == ["not_yours"]
        assert said(supplier, epc, named.pk) == ["not_yours"]
    assert said(here.nurse, epc, h.department.pk) == ["recorded_elsewhere"]


def test_the_give_back_page_tells_a_stranger_nothing(
    committed: Site, stranger: Person, settings: Any
) -> None:
    settings.ROOT_URLCONF = "yanji.host.urls"
    here, h = committed, committed.h
    [epc] = here.stocked(1)
    sent = {"scan": epc, "department_id": h.department.pk, "store_id": h.store.pk}
    told: dict[Person, str] = {}
    for who in (stranger, here.nurse):
        client = Client()
        client.force_login(who)
        told[who] = client.post("/ward/give-back/scan", sent, headers={"HX-Request": "true"}).content.decode()
    assert h.store.name in told[here.nurse]
    assert h.store.name not in told[stranger]
