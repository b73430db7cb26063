"""The sheet beside the bench: each symbol on it is read as what the scan page asks for by touch."""

from typing import Any

import pytest
from django.test import Client

from tests.browser.printed import scans_of
from tests.makers import place, unique
from tests.web.test_printed_symbols import seen_in
from tests.web.world import World
from yanji.access.models import Person
from yanji.flows.handheld.about import About, Scanned
from yanji.flows.handheld.reading import read_scans
from yanji.flows.handheld.ways import WAYS
from yanji.flows.models_reasons import ReasonCode
from yanji.flows.paper_columns import lines
from yanji.places.models import Kind
from yanji.web.handheld import ICONS


def shown(person: Person, query: str = "") -> tuple[Client, Any]:
    client = Client()
    client.force_login(person)
    return client, client.get(f"/scan/codes{query}")


def codes(page: Any) -> dict[str, tuple[str, ...]]:
    return {code.text: tuple(code.words) for wall in page.context["sheet"].walls for code in wall.codes}


def test_every_symbol_on_the_page_and_on_paper_says_its_code(hospital_day: World) -> None:
    client, page = shown(hospital_day.site.storekeeper)
    told = codes(page)
    drawn = {code.text: seen_in(drawing) for _title, some in page.context["walls"] for code, drawing in some}
    assert drawn == {text: text for text in told}
    content = client.get("/scan/codes.pdf").content
    paper = {scan[3:] for some in scans_of(content, dots=4) for scan in some if not scan.startswith("]Q")}
    assert paper == set(told)


def test_all_that_a_person_chooses_by_touch_hangs_there_in_both_languages(hospital_day: World) -> None:
    here = hospital_day.site
    _client, page = shown(here.storekeeper)
    told = codes(page)
    actor = here.keeper
    groups = {
        group
        for way in WAYS.values()
        if actor.may(way.operation)
        for group in (way.reasons, *way.reasons_of)
        if group
    }
    for each in ReasonCode.objects.filter(group__in=groups, active=True):
        assert told[f"YANJI:REASON:{each.group}:{each.code}"] == (each.name_zh, each.name_en)
    assert {here.h.store.code, here.h.department.code, "YANJI:OK"} <= told.keys()
    assert len(set(told["YANJI:OK"])) == 2, "in both languages"
    # A nurse's own acts ask for less.
    _client, page = shown(here.nurse)
    assert not any(text.startswith("YANJI:REASON:reject") for text in codes(page))


def test_what_hangs_there_is_heard_by_the_scan_page(hospital_day: World) -> None:
    here = hospital_day.site
    [epc] = here.stocked(1, serial=unique("WL"))
    label = here.scan(epc.rpartition("/")[2])
    found = read_scans(
        [Scanned(label), Scanned("YANJI:REASON:hold:damaged"), Scanned("YANJI:OK")],
        actor=here.keeper, flow="hold", about=About(),
    )  # fmt: skip
    assert (found.about.reason, found.confirmed_by) == ("damaged", "YANJI:OK")


def test_another_campus_has_a_sheet_of_its_own_for_who_works_there(hospital_day: World) -> None:
    here = hospital_day.site
    far = place(Kind.CAMPUS, here.h.campus.parent) if here.h.campus.parent else place(Kind.CAMPUS)
    _client, page = shown(here.storekeeper, f"?campus={far.pk}")
    assert page.status_code == 404
    _client, page = shown(here.storekeeper, f"?campus={here.h.campus.pk}")
    assert page.status_code == 200


@pytest.mark.parametrize("who", ["supplier"])
def test_no_supplier_reads_it(hospital_day: World, who: str) -> None:
    person = hospital_day.people[who]
    assert isinstance(person, Person)
    _client, page = shown(person)
    assert page.status_code in (403, 404)


def test_a_code_ends_its_lines_between_its_words(hospital_day: World) -> None:
    _client, page = shown(hospital_day.site.storekeeper)
    assert "YANJI:<wbr>REASON:<wbr>reject:<wbr>" in page.content.decode()
    drawn = lines("YANJI:REASON:reject:damaged_packaging", 100, 8)
    assert "".join(drawn) == "YANJI:REASON:reject:damaged_packaging"
    assert len(drawn) > 1
    assert all(line[-1] in ":_" for line in drawn[:-1])


def test_each_tile_has_a_drawing_of_its_own() -> None:
    assert len(set(ICONS.values())) == len(ICONS)
