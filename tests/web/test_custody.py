"""The chain of custody as a file: what it says, what it keeps to itself, and what its QR opens."""

import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.browser.printed import scans_of
from tests.flows.site import person, site
from tests.flows.transferring import way
from tests.makers import unique
from tests.web.pdf import texts
from tests.web.world import World
from yanji.access.models import Person
from yanji.catalog.models import Supplier
from yanji.flows.transfer.arrive import arrive
from yanji.insight.sight import HIDDEN
from yanji.ledger.api import Step, life_line
from yanji.web import life


def file(who: Person, epc: str, language: str = "en") -> bytes:
    Person.objects.filter(pk=who.pk).update(language=language)
    client = Client()
    client.force_login(who)
    answer = client.get(f"/custody/{epc}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return answer.content


@pytest.mark.parametrize(("language", "title"), [("en", "Chain of custody"), ("zh-hans", "流转保管链")])
def test_it_names_every_entry_with_both_of_its_times(hospital_day: World, language: str, title: str) -> None:
    said = texts(file(hospital_day.site.nurse, hospital_day.used, language))
    assert title in said
    assert "http://testserver/unit/" + hospital_day.used in "".join(said)
    whole = "\n".join(said)
    for passage in life_line(hospital_day.used):
        for at in (passage.happened_at, passage.recorded_at):
            assert f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" in whole
    assert "PT-000001" in whole


def test_who_may_not_see_patients_reads_neither_token_nor_case(hospital_day: World) -> None:
    whole = "\n".join(texts(file(hospital_day.site.storekeeper, hospital_day.used)))
    assert "PT-000001" not in whole
    assert "CASE-1" not in whole
    assert HIDDEN in whole


def test_hidden_and_absent_answer_alike(hospital_day: World) -> None:
    client = Client()
    stranger = hospital_day.people["elsewhere"]
    assert stranger is not None
    client.force_login(stranger)
    for epc in (hospital_day.used, "01/06901234500017/21/NONE", "%00"):
        assert client.get(f"/custody/{epc}").status_code == 404


def test_the_qr_of_the_file_itself_opens_the_page(hospital_day: World) -> None:
    """As a phone reads it from the page that was printed."""
    pages = scans_of(file(hospital_day.site.nurse, hospital_day.used))
    [link] = {scan[scan.index("http") :] for page in pages for scan in page}
    path = urlsplit(link).path
    assert path == f"/unit/{hospital_day.used}"
    client = Client()
    client.force_login(hospital_day.site.nurse)
    assert hospital_day.used in client.get(path).content.decode()


def test_many_entries_run_over_pages_that_are_numbered(hospital_day: World) -> None:
    h = hospital_day.site.h
    [epc] = hospital_day.site.stocked(1)
    for turn in range(40):
        h.do(Step.PUT_AWAY, epc, to=h.bin if turn % 2 else h.other_bin)
    said = texts(file(hospital_day.site.storekeeper, epc))
    numbers = [text for text in said if re.fullmatch(r"Page \d of \d", text)]
    assert len(numbers) >= 2
    assert numbers == [f"Page {n} of {len(numbers)}" for n in range(1, len(numbers) + 1)]
    assert said.count("Step") == len(numbers), "the head stands on every page"


@pytest.mark.django_db
def test_what_was_measured_on_the_way_stands_at_its_entry() -> None:
    road = way(site())
    [epc] = road.here.stocked(1)
    sent = road.sent([epc])
    arrive(
        actor=road.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=road.shelf.pk,
        celsius_min=Decimal("14.5"), celsius_max=Decimal("22.1"),
    )  # fmt: skip
    passage = life_line(epc)[-1]
    assert life.facts(passage) == ["实测 14.5 至 22.1 °C"]
    assert "14.5 to 22.1℃ measured" in "\n".join(texts(file(road.far, epc)))


def test_a_change_of_owner_stands_at_its_entry(hospital_day: World) -> None:
    site, owner = hospital_day.site, Supplier.objects.create(code=unique("S"), name_zh="寄售商")
    [epc] = site.h.stocked(1, owner_id=owner.pk)
    assert not life.facts(life_line(epc)[0]), "what a new thing came as is no change"
    site.h.do(Step.TAKE_TITLE, epc)
    assert life.facts(life_line(epc)[-1]) == ["所有权：寄售商 → 医院"]
    shown = person("storekeeper", site.h.campus)
    said = "".join(texts(file(shown, epc)))
    assert said.count("Owner: 寄售商") == 2, "whose it came as, in its first row, and the change"
    assert "Owner: 寄售商 → The hospital" in said


def test_the_line_begins_at_the_supplier_and_shows_the_road_only_where_it_was_announced(
    hospital_day: World,
) -> None:
    name = ("厂商", "Maker")
    line = life.stops(life_line(hospital_day.used), status="used", in_department=False, supplier=name)
    assert (line[0].where, line[0].state) == (name, "done")
    announced = any(passage.step == Step.ANNOUNCE for passage in life_line(hospital_day.used))
    assert (life.WAY[life.ROAD].label in [stop.label for stop in line]) == announced
