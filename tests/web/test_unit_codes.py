"""Tags and second codes on a unit's page: put on by a scan, taken off with a reason, shown to all who see the unit."""

import pytest
from django.test import Client

from tests.flows.site import Site, person, site
from tests.makers import unique
from yanji.access.models import Person
from yanji.flows.codes import add_code
from yanji.flows.models_codes import UnitCode
from yanji.ledger.api import find_units

pytestmark = pytest.mark.django_db
TAG = "E2801160600002079BC0F9A1"


def reads(person: Person, language: str = "en") -> Client:
    Person.objects.filter(pk=person.pk).update(language=language)
    client = Client()
    client.force_login(person)
    return client


def shown(client: Client, epc: str) -> str:
    return client.get(f"/unit/{epc}").content.decode()


def tagged(here: Site) -> str:
    [epc] = here.stocked(1)
    add_code(actor=here.keeper, key=unique("k"), epc=epc, code=TAG)
    return epc


def test_a_tag_is_bound_by_a_scan_on_the_page() -> None:
    here = site()
    [epc] = here.stocked(1)
    client = reads(here.storekeeper)
    assert "RFID tag or second code of this unit" in shown(client, epc)
    answer = client.post(f"/unit-codes/{epc}", {"code": f" {TAG} ", "key": "bind-code:1"}, follow=True)
    said = answer.content.decode()
    assert f"From now on {TAG} means this unit." in said
    assert "On since" in said
    assert find_units(TAG) == [epc]
    again = client.post(f"/unit-codes/{epc}", {"code": TAG, "key": "bind-code:2"}, follow=True)
    assert f"{TAG} means this unit already." in again.content.decode()
    assert UnitCode.objects.count() == 1


def test_a_code_of_another_unit_is_refused_on_the_page_with_the_way_out() -> None:
    here = site()
    tagged(here)
    [other] = here.stocked(1)
    before = list(UnitCode.objects.values())
    answer = reads(here.storekeeper).post(f"/unit-codes/{other}", {"code": TAG})
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "is the code of another unit" in said
    assert f'value="{TAG}"' in said, "what was scanned is still there"
    assert list(UnitCode.objects.values()) == before


def test_a_tag_comes_off_with_a_reason_and_not_without() -> None:
    here = site()
    epc = tagged(here)
    client = reads(here.storekeeper)
    assert client.post(f"/unit-codes-off/{epc}", {"code": TAG}).status_code == 409
    assert find_units(TAG) == [epc]
    sent = {"code": TAG, "reason": "came_off", "note": "found on the floor"}
    said = client.post(f"/unit-codes-off/{epc}", sent, follow=True).content.decode()
    assert f"{TAG} means nothing any more." in said
    assert "The tag came off or broke · found on the floor" in " ".join(said.split())
    assert find_units(TAG) == []


def test_a_page_of_before_takes_no_tag_off_another_unit() -> None:
    here = site()
    first = tagged(here)
    [second] = here.stocked(1)
    off = {"code": TAG, "reason": "came_off"}
    client = reads(here.storekeeper)
    client.post(f"/unit-codes-off/{first}", off)
    add_code(actor=here.keeper, key=unique("k"), epc=second, code=TAG)
    answer = client.post(f"/unit-codes-off/{first}", off)
    assert (answer.status_code, find_units(TAG)) == (409, [second])
    assert "is the code of another unit" in answer.content.decode()


def test_who_assigns_no_labels_there_sees_the_codes_and_changes_none() -> None:
    here = site()
    epc = tagged(here)
    nurse = reads(here.nurse)
    for way in ("/unit-codes/", "/unit-codes-off/"):
        assert nurse.post(way + epc, {"code": TAG, "reason": "other"}).status_code in (403, 404)
    assert find_units(TAG) == [epc]
    manager = reads(person("manager", here.h.campus))
    said = shown(manager, epc)
    assert TAG in said
    assert "Bind the code" not in said
    assert TAG not in shown(manager, f"{epc}?at=2020-01-01T00:00:00%2B08:00")
