"""A shelf is said by its short name, its code in any case; a name of several asks which one."""

import re

import pytest

from tests.makers import place, unique
from yanji.ledger.api import unit_view
from yanji.places.models import Kind, Place

from .acts import key, listed, result, scanned, sentences
from .world import named, someone

PATH = "/storeroom/put-away"


@pytest.fixture
def twin(hospital) -> Place:
    """Another store of the campus, with a shelf of the same short name."""
    store = named(Kind.STORE, hospital.campus, "东湖库", "East Store")
    return named(Kind.BIN, store, "A-01", "A-01", code="EAST-A-01")


def chosen(answer) -> str:
    found = re.search(r'name="to_place_id" value="(\d+)"', answer.content.decode())
    return found.group(1) if found else ""


def short(hospital) -> Place:
    """A shelf whose code says more than its name, as labels have it."""
    shelf = hospital.bins[0]
    Place.objects.filter(pk=shelf.pk).update(code="MAIN-CS-A-01")
    return shelf


@pytest.mark.parametrize("text", ["A-01", "a-01", " A-01 ", "Ａ－０１", "main-cs-a-01", "MAIN-CS-A-01"])
def test_the_short_name_chooses_and_once_more_confirms(hospital, signed_in, text):
    client, shelf = signed_in("storekeeper"), short(hospital)
    assert chosen(scanned(client, PATH, text)) == str(shelf.pk)
    again = scanned(client, PATH, text, row=["x"], to_place_id=shelf.pk)
    assert again.headers["HX-Trigger"] == "yanji:confirm"


def test_a_name_of_several_is_refused_with_the_candidates(hospital, signed_in, twin):
    hospital.stocked("S1")
    client, shelf = signed_in("storekeeper"), short(hospital)
    answer = scanned(client, PATH, "A-01")
    assert result(answer) == "error"
    assert chosen(answer) == ""
    said = sentences(answer)
    assert "“A-01” is the name of 2 places" in said
    assert "Central Store · A-01 (MAIN-CS-A-01)" in said
    assert "East Store · A-01 (EAST-A-01)" in said
    assert r'{"scan": "EAST\u002DA\u002D01"}' in answer.content.decode()
    assert chosen(scanned(client, PATH, "EAST-A-01")) == str(twin.pk)
    # The one that was chosen is meant when the short name is said once more.
    again = scanned(client, PATH, "A-01", row=["x"], to_place_id=twin.pk)
    assert again.headers["HX-Trigger"] == "yanji:confirm"
    assert unit_view(hospital.epc("S1")).place_id == hospital.dock.pk
    sent = {"key": key("put_away"), "to_place_id": twin.pk, **listed(hospital, hospital.scan("S1"))}
    assert client.post(PATH, sent).status_code == 302
    assert unit_view(hospital.epc("S1")).place_id == twin.pk
    assert shelf.pk != twin.pk


def test_only_shelves_where_one_may_store_are_meant(hospital, signed_in, twin):
    shelf = short(hospital)
    hospital.people["storekeeper"] = someone("storekeeper", "孙雨", "Sun Yu", hospital.store)
    client = signed_in("storekeeper")
    assert chosen(scanned(client, PATH, "a-01")) == str(shelf.pk)
    hidden = scanned(client, PATH, twin.code)
    assert result(hidden) == "error"
    # Hidden and absent answer alike.
    assert sentences(hidden).replace(twin.code, "X") == sentences(scanned(client, PATH, "NOSUCH-1")).replace(
        "NOSUCH-1", "X"
    )


def test_a_place_that_is_seen_but_not_ones_own(hospital, signed_in, twin):
    person = hospital.people["storekeeper"] = someone("storekeeper", "孙雨", "Sun Yu", hospital.store)
    person.grants.create(
        role=someone("manager", "赵", "Zhao", hospital.campus).grants.get().role, place=hospital.campus
    )
    answer = scanned(signed_in("storekeeper"), PATH, twin.code)
    assert result(answer) == "error"
    assert "You may not do this with A-01 at this place" in sentences(answer)


def test_closed_shelves_and_departments_are_not_meant(hospital, signed_in):
    client, shelf = signed_in("storekeeper"), short(hospital)
    Place.objects.filter(pk=shelf.pk).update(active=False)
    assert result(scanned(client, PATH, "A-01")) == "error"
    for text in ("Main Campus", "", "\x00", "A" * 300, "A-0'; DROP TABLE places_place; --"):
        assert chosen(scanned(client, PATH, text)) == "", text


def test_what_names_a_unit_is_not_taken_for_a_shelf(hospital, signed_in):
    hospital.stocked("A-01")
    short(hospital)
    answer = scanned(signed_in("storekeeper"), PATH, "A-01")
    assert result(answer) == "ok"
    assert "Serial A-01" in sentences(answer)


def test_a_product_code_that_is_no_product_may_be_a_name(hospital, signed_in):
    shelf = place(Kind.BIN, hospital.store, code=unique("NUM"))
    Place.objects.filter(pk=shelf.pk).update(name_zh="06901234567892")
    assert chosen(scanned(signed_in("storekeeper"), PATH, "06901234567892")) == str(shelf.pk)
