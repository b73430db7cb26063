"""The demo's master data is sound by itself: codes check, names exist, the same seed says the same."""

import re
from datetime import date
from random import Random

import pytest

from yanji.demo.campuses import DEPARTMENTS, STORES, spots
from yanji.demo.catalogue import FAMILIES, Catalogue, catalogue, in_chinese, in_english
from yanji.demo.firms import MAKERS, SUPPLIERS
from yanji.demo.procedures import PROCEDURES, WORK
from yanji.demo.staff import colleagues
from yanji.identity import Identity, gs1_mod10_ok, read
from yanji.places.temperature import suits

TODAY = date(2025, 6, 12)


@pytest.fixture(scope="module")
def made() -> Catalogue:
    return catalogue(Random("a seed"), TODAY)


def test_size(made: Catalogue) -> None:
    assert len(made.items) == 800
    assert len(SUPPLIERS) == 40
    assert len(made.licences) == 40
    assert 30 <= len({item.maker for item in made.items}) <= len(MAKERS) <= 50
    assert len({code.code for item in made.items for code in item.codes}) == sum(
        len(item.codes) for item in made.items
    )
    assert {item.family.label for item in made.items} == {"gs1", "hibc", "ma", "lot"}


def test_gtins_have_right_check_digits(made: Catalogue) -> None:
    gtins = [code.code for item in made.items for code in item.codes if code.issuer == "GS1"]
    assert len(gtins) > 700
    assert all(len(gtin) == 14 and gs1_mod10_ok(gtin) for gtin in gtins)


def test_a_scan_of_a_unit_gives_the_identity_that_the_demo_stores(made: Catalogue) -> None:
    for label, scan in (("gs1", "(01){di}(21)S1"), ("ma", "{di}.SS1")):
        item = next(item for item in made.items if item.family.label == label)
        found = read(scan.format(di=item.di))
        assert isinstance(found, Identity), (label, found)
        assert found.epc == item.epc("S1")


def test_names_in_both_languages(made: Catalogue) -> None:
    for item in made.items:
        assert re.search("[\u4e00-\u9fff]", item.zh), item
        assert item.en
        assert not re.search("[\u4e00-\u9fff|]", item.en), item
    assert all(place.zh and place.en for place in spots())
    assert all(person.zh and person.en for person in colleagues(Random(1)))


def test_a_size_is_said_in_either_language() -> None:
    assert in_chinese("主动固定|Active 45 cm") == "主动固定 45 cm"
    assert in_english("桡骨远端|Distal_radius 3孔|3-hole") == "Distal radius 3-hole"


def test_papers(made: Catalogue) -> None:
    lapsed = [
        number
        for number, papers in enumerate(made.licences)
        if any(p.valid_to and p.valid_to < TODAY for p in papers)
    ]
    assert lapsed == [made.lapsed_supplier]
    soon = [
        p for papers in made.licences for p in papers if p.valid_to and 0 <= (p.valid_to - TODAY).days <= 30
    ]
    assert len(soon) == 3
    unauthorised = [
        number
        for number, papers in enumerate(made.licences)
        if not any(p.kind == "authorisation" for p in papers)
    ]
    assert unauthorised == [made.careless_supplier]
    for item in made.items:
        assert re.fullmatch(r"(国械注[准进]|.械注准)20\d{2}[123]\d{6}", item.registration.number), (
            item.registration
        )
        assert re.fullmatch(r"C\d{19}", item.insurance), item.insurance


def test_hospital() -> None:
    places = spots()
    assert len(DEPARTMENTS) == 60
    assert len(STORES) == 10
    assert sum(place.kind == "campus" for place in places) == 3
    assert 140 <= len(colleagues(Random(1))) <= 160
    codes = [place.code for place in places]
    assert len(set(codes)) == len(codes)
    assert all(gs1_mod10_ok(place.gln) for place in places if place.gln)
    assert all(place.parent in codes[:number] for number, place in enumerate(places) if place.parent)


def test_every_shelf_suits_what_lies_there(made: Catalogue) -> None:
    kept = {place.code: place.temperature for place in spots()}
    families = {family.code: family for family in FAMILIES}
    for number, item in enumerate(made.items):
        for store in STORES:
            assert suits(kept[store.bin_for(number, item.family.temperature)], item.family.temperature), item
    for department in DEPARTMENTS:
        for procedure, _ in WORK[department.does][2]:
            for code, *_ in PROCEDURES[procedure].takes:
                needed = families[code].temperature
                assert suits(kept[department.shelf(needed)], needed), (department, code)


def test_the_same_seed_makes_the_same_catalogue(made: Catalogue) -> None:
    assert catalogue(Random("a seed"), TODAY) == made
    assert catalogue(Random("another"), TODAY) != made
