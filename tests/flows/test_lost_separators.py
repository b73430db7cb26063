"""A scanner that drops separators: what is recorded here tells which of the possible readings is meant, and nobody guesses."""

from itertools import count

import pytest
from django.test import Client

from tests.flows.site import GTIN, Site, person
from tests.makers import place
from yanji.flows.scanning import Meaning, understand
from yanji.identity import Unreadable, read
from yanji.places.models import Kind

_numbers = count(100)


def hiding() -> tuple[str, str, str]:
    """A scan that can be cut in two ways, and the serials of these: `A9`, of lot `n`, and `A910n`."""
    number = next(_numbers)
    scan = f"]d201{GTIN}21A{number}10B{number}"
    assert isinstance(read(scan), Unreadable)
    return scan, f"A{number}", f"A{number}10B{number}"


def meant(here: Site, scan: str) -> Meaning:
    [meaning] = understand([scan], actor=here.keeper)
    return meaning


@pytest.mark.parametrize("short", [True, False])
def test_the_reading_that_is_recorded_is_meant(committed: Site, short: bool) -> None:
    scan, first, whole = hiding()
    assert meant(committed, scan).kind == "unreadable"
    [epc] = committed.stocked(1, serial=first if short else whole, lot=f"B{first[1:]}")
    meaning = meant(committed, scan)
    assert (meaning.kind, meaning.epc, meaning.ok) == ("unit", epc, True)
    assert [warning.code for warning in meaning.warnings] == ["separators_recovered"]


def test_lot_and_expiry_of_a_whole_label_are_told_apart_by_the_record(committed: Site) -> None:
    [epc] = committed.stocked(1, serial="SN42", lot="LOT-7")
    assert meant(committed, f"]d201{GTIN}1749123110LOT-721SN42").epc == epc
    assert meant(committed, f"]d201{GTIN}1748123110LOT-721SN42").kind == "unreadable"


def test_a_record_that_says_another_lot_is_not_meant(committed: Site) -> None:
    """A new piece whose serial begins like that of a recorded one."""
    scan, first, _whole = hiding()
    committed.stocked(1, serial=first, lot="OTHER")
    assert meant(committed, scan).kind == "unreadable"


def test_of_two_recorded_readings_a_person_chooses(committed: Site) -> None:
    scan, first, whole = hiding()
    epcs = committed.stocked(1, serial=first, lot=f"B{first[1:]}") + committed.stocked(1, serial=whole)
    assert meant(committed, scan).kind == "unreadable"
    keeper = Client()
    keeper.force_login(committed.storekeeper)
    found = keeper.get("/search", {"q": scan})
    assert found.status_code == 200
    assert all(f"/unit/{epc}" in found.content.decode() for epc in epcs)


def test_search_goes_straight_to_the_recorded_one(committed: Site) -> None:
    scan, _first, whole = hiding()
    [epc] = committed.stocked(1, serial=whole)
    keeper = Client()
    keeper.force_login(committed.storekeeper)
    assert keeper.get("/search", {"q": scan})["Location"] == f"/unit/{epc}"
    assert f"/unit/{epc}" in keeper.get("/search/suggestions", {"q": scan}).content.decode()


def test_who_sees_nothing_of_it_learns_nothing(committed: Site) -> None:
    scan, _first, whole = hiding()
    committed.stocked(1, serial=whole)
    elsewhere = person("storekeeper", place(Kind.CAMPUS))
    [meaning] = understand([scan], actor=committed.actor(elsewhere))
    assert [offence.code for offence in meaning.offences] == ["not_yours"]
    stranger = Client()
    stranger.force_login(elsewhere)
    assert stranger.get("/search", {"q": scan}).status_code == 200
