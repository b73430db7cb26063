"""What is suggested while somebody types: what begins so and what is called so, of what they may open, a patient by the whole
number alone."""

from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.makers import place, unique
from tests.web.test_search_documents import FOUND, number_of, signed_in
from tests.web.test_search_hidden import ELSEWHERE, words_of
from tests.web.world import World
from yanji.access.actor import actor_for
from yanji.catalog.models import Item
from yanji.flows.models import Requisition
from yanji.flows.use import plan_case
from yanji.ledger.api import bind_code, unit_view, units_beginning
from yanji.ledger.models import Lot, Unit
from yanji.places.models import Kind
from yanji.web.suggest import MOST, suggested


def shown(world: World, who: str, text: str) -> dict[str, str]:
    """Address -> words of what the box would show; the last option, the search itself, is left out."""
    answer = signed_in(world, who).get("/search/suggestions", {"q": text})
    assert answer.status_code == 200
    hits = [hit for group in answer.context["groups"] for hit in group.hits]
    for hit in hits:
        assert f'href="{hit.href}"'.replace("&", "&amp;") in answer.content.decode(), hit
    return {unquote(hit.href): f"{hit.title} {hit.detail}" for hit in hits}


def test_the_beginning_of_a_number_finds_it(hospital_day: World) -> None:
    unit = unit_view(str(hospital_day.samples["epc"]))
    assert unit is not None
    found = shown(hospital_day, "storekeeper", unit.serial[:-1])
    assert f"/unit/{unit.epc}" in found
    found = shown(hospital_day, "storekeeper", unit.lot[:-1])
    assert f"/lot/{unit.lot_id}" in found


@pytest.mark.parametrize("kind", ["order", "requisition", "transfer", "invoice"])
def test_the_beginning_of_a_document_finds_it(hospital_day: World, kind: str) -> None:
    who, number = FOUND[kind][1], number_of(hospital_day, kind)
    assert any(number in words for words in shown(hospital_day, who, number.lower()).values())
    alike = [words for words in shown(hospital_day, who, number[:-1]).values() if number[:3] in words]
    assert alike
    assert all(number[:-1] in words for words in alike), alike


def test_another_campus_does_not_stand_before_ones_own(hospital_day: World) -> None:
    """Its numbers sort behind ours, and are not ours to see."""
    number = number_of(hospital_day, "requisition")
    series, site, month, _ = number.split("-")
    ours, campus = Requisition.objects.get(number=number), place(Kind.CAMPUS, code="ZZZ")
    away, store = place(Kind.DEPARTMENT, campus), place(Kind.STORE, campus)
    for count in range(30):
        ours.pk, ours.number = None, f"{series}-ZZZ-{month}-{count:04}"
        ours.department, ours.store = away, store
        ours.save(force_insert=True)
    assert any(f"{series}-{site}" in words for words in shown(hospital_day, "nurse", series.lower()).values())


def test_an_item_is_found_by_initials_and_a_page_by_its_name(hospital_day: World) -> None:
    item = Unit.objects.get(epc=str(hospital_day.samples["epc"])).item
    Item.objects.filter(pk=item.pk).update(pinyin="ywxtgm")
    assert f"/stock?item={item.pk}&by=all" in shown(hospital_day, "storekeeper", "YWXT")
    assert "/storeroom/receiving" in shown(hospital_day, "storekeeper", "收货")
    assert "/storeroom/receiving" not in shown(hospital_day, "manager", "收货")


def test_a_place_leads_to_its_stock(hospital_day: World) -> None:
    place = hospital_day.site.h.store
    assert f"/stock?place={place.pk}&by=all" in shown(hospital_day, "storekeeper", place.code.lower())
    assert not any("/stock?place" in address for address in shown(hospital_day, "elsewhere", place.code))


@pytest.mark.parametrize("who", ELSEWHERE)
def test_nothing_of_what_is_hidden_is_suggested(hospital_day: World, who: str) -> None:
    for text in words_of(hospital_day):
        found = shown(hospital_day, who, text[: max(2, len(text) - 1)])
        for address in found:
            assert signed_in(hospital_day, who).get(address).status_code == 200, (text, address)
        hidden = {f"/unit/{epc}" for epc in (hospital_day.used, hospital_day.stored)}
        assert not hidden & set(found), (text, found)


def test_a_second_code_finds_its_unit(hospital_day: World) -> None:
    epc = str(hospital_day.samples["epc"])
    bind_code("E28011700000020F", Unit.objects.get(epc=epc).pk)
    assert units_beginning("E2801170") == [epc]


def test_a_patient_is_suggested_by_the_whole_number_to_who_may_see_patients(hospital_day: World) -> None:
    led = "/search?q=PT-000001"
    assert shown(hospital_day, "nurse", "PT-000001")[led].startswith("PT-000001")
    assert led not in shown(hospital_day, "nurse", "PT-00000")
    assert led not in shown(hospital_day, "storekeeper", "PT-000001")
    found = signed_in(hospital_day, "nurse").get(led).content.decode()
    assert f'href="/unit/{hospital_day.used}"' in found
    assert ">CASE-1<" in found


@pytest.mark.parametrize(
    "text", ["", " ", "x", "\0\0\0", "%%", "__", "\U0010ffff\U0010ffff", "'; --", "(" * 600]
)
def test_any_text_is_answered(hospital_day: World, text: str) -> None:
    assert not [
        address for address in shown(hospital_day, "storekeeper", text) if address.startswith("/unit/")
    ]


def test_more_units_cost_no_more_statements(hospital_day: World) -> None:
    keeper = actor_for(hospital_day.site.storekeeper, today=timezone.localdate())
    serial = Unit.objects.exclude(serial="").values_list("serial", flat=True)[0]

    def spent() -> tuple[int, Any]:
        with CaptureQueriesContext(connection) as captured:
            found = suggested(keeper, serial[:2])
        return len(captured), found

    spent()  # What is read once a process is read before anything is counted.
    Lot.objects.create(item=Item.objects.all()[0], number=f"{serial[:2]}-ONE")
    before, _ = spent()
    first = Unit.objects.get(serial=serial)
    lot = Lot.objects.create(item=first.item, number=f"{serial[:2]}-MORE")
    for number in range(30):
        first.pk, first.lot = None, lot
        first.serial, first.epc = f"{serial[:2]}ZZ{number:03}", f"01/99/21/{serial[:2]}ZZ{number:03}"
        first.save(force_insert=True)
    after, found = spent()
    assert after == before
    assert all(len(group.hits) <= MOST for group in found)


def test_a_patient_on_whom_nothing_was_used_yet_is_suggested_by_the_case(hospital_day: World) -> None:
    here = hospital_day.site
    plan_case(
        actor=here.ward, key=unique("k"), number="CASE-NEW", department_id=here.h.department.pk, patient_token="PT-NEW",
    )  # fmt: skip
    led = "/search?q=PT-NEW"
    assert "1 例病例" in shown(hospital_day, "nurse", "PT-NEW")[led]
    assert led not in shown(hospital_day, "nurse", "CASE-NEW")
    assert led not in shown(hospital_day, "storekeeper", "PT-NEW")


def test_the_cases_of_a_patient_are_found_by_an_index(hospital_day: World) -> None:
    """They are asked for with every letter: read through, two hundred thousand cases take 40 ms each time."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT * FROM flows_case WHERE number = 'PT-1' OR patient_token = 'PT-1'")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "case_patient" in plan
    assert "Seq Scan" not in plan
