"""Papers that lapse are told 90, 60 and 30 days before to whom they concern: the supplier, and who keeps what lies here."""

from typing import Any

import pytest
from django.test import Client

from tests.flows.site import person
from tests.makers import place
from yanji.access.models import Person
from yanji.catalog.models import Licence, Maker, Registration
from yanji.places.models import Kind

from .acts import sentences
from .test_buying_pages import delivered
from .world import World, later


@pytest.fixture
def lapsing(hospital: World) -> World:
    """One piece lies in the store. Its registration ends in 12 days, two papers of its supplier in 45 and 80; beside them
    the registration of what does not lie here, and the authorisation of a maker of whom nothing does."""
    delivered(hospital, "S1")
    supplier, start = hospital.supplier, later(-300)
    Licence.objects.filter(supplier=supplier).delete()
    Registration.objects.filter(item__in=[hospital.item, hospital.other]).delete()
    for kind, number, days in (("business", "LIC-45", 45), ("device_trade", "LIC-80", 80)):
        Licence.objects.create(
            supplier=supplier, kind=kind, number=number, valid_from=start, valid_to=later(days)
        )
    Licence.objects.create(
        supplier=supplier, kind="authorisation", number="AUTH-25", valid_from=start, valid_to=later(25),
        maker=Maker.objects.create(name_zh="别家", name_en="Another"),
    )  # fmt: skip
    for item, number, days in ((hospital.item, "REG-12", 12), (hospital.other, "REG-20", 20)):
        Registration.objects.create(item=item, number=number, valid_from=start, valid_to=later(days))
    return hospital


def seen_by(who: Person) -> Client:
    who.language = "en"
    who.save(update_fields=["language"])
    client = Client()
    client.force_login(who)
    return client


def listed(client: Client, **query: Any) -> set[str]:
    answer = client.get("/buyer/papers", query)
    assert answer.status_code == 200
    shown = sentences(answer)
    return {number for number in ("REG-12", "REG-20", "LIC-45", "LIC-80", "AUTH-25") if number in shown}


@pytest.mark.parametrize("role", ["storekeeper", "quality"])
def test_who_keeps_goods_is_told_of_the_papers_of_what_lies_there(lapsing: World, role: str) -> None:
    client = seen_by(person(role, lapsing.campus))
    home = sentences(client.get("/"))
    assert "Papers to renew" in home
    assert "1 within 30 days" in home
    assert ("REG-12" in home) == (role == "quality")  # a storekeeper's page has its own lists
    assert 'href="/buyer/papers"' in client.get("/").content.decode()
    assert listed(client) == {"REG-12", "LIC-45", "LIC-80"}
    assert [listed(client, level=level) for level in (30, 60, 90)] == [{"REG-12"}, {"LIC-45"}, {"LIC-80"}]
    assert "Framework contracts" not in sentences(client.get("/buyer/papers"))


@pytest.mark.parametrize("role", ["storekeeper", "quality"])
def test_of_what_lies_elsewhere_nobody_is_told(lapsing: World, role: str) -> None:
    client = seen_by(person(role, place(Kind.CAMPUS)))
    assert "within 30 days" not in sentences(client.get("/"))
    assert listed(client) == set()


def test_the_buyer_sees_the_papers_of_all(lapsing: World) -> None:
    client = seen_by(lapsing.people["buyer"])
    assert listed(client) == {"REG-12", "REG-20", "LIC-45", "LIC-80", "AUTH-25"}
    assert "Framework contracts" in sentences(client.get("/buyer/papers"))


def test_a_supplier_is_told_of_its_own_by_level(lapsing: World) -> None:
    outside = person("supplier", lapsing.campus)
    outside.supplier = lapsing.supplier
    outside.save(update_fields=["supplier"])
    client = seen_by(outside)
    home = client.get("/")
    assert "1 within 30 days" in sentences(home)
    assert 'href="/supplier/papers"' in home.content.decode()
    Licence.objects.filter(number="LIC-45").update(valid_to=later(-1))
    assert "1 lapsed · 1 within 30 days" in sentences(client.get("/"))
    assert client.get("/buyer/papers").status_code == 403


def test_the_ward_is_told_of_none(lapsing: World) -> None:
    client = seen_by(lapsing.people["nurse"])
    assert "Papers to renew" not in sentences(client.get("/"))
    assert client.get("/buyer/papers").status_code == 403
