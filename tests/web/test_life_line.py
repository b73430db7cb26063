"""The life line's dots: what was passed says where and since when, and what never was is not behind a unit."""

import pytest
from django.utils.translation import override

from tests.makers import Hospital, hospital
from yanji.ledger.api import Step, life_line, unit_view
from yanji.web import life, steps

pytestmark = pytest.mark.django_db


def shelved() -> tuple[Hospital, str]:
    """A unit that was received at its very shelf, as an opening balance is, and never put away."""
    house = hospital()
    unit = house.unit()
    house.do(Step.RECEIVE, unit, to=house.bin)
    house.do(Step.ACCEPT, unit.epc)
    return house, unit.epc


def store_of(line: list[life.Stop]) -> life.Stop | None:
    return next((stop for stop in line if stop.label == life.WAY[life.STORE].label), None)


def test_what_was_received_at_its_shelf_was_in_the_store_since_its_inspection() -> None:
    house, epc = shelved()
    store = store_of(life.stops(life_line(epc), status="available", in_department=False))
    assert store is not None
    accepted = life_line(epc)[-1]
    name = accepted.to_place
    assert (store.state, store.where, store.at) == ("now", name, accepted.happened_at)
    for step in (Step.RESERVE, Step.PICK, Step.ISSUE, Step.TAKE_IN):
        house.do(step, epc)
    store = store_of(life.stops(life_line(epc), status="available", in_department=True))
    assert store is not None
    assert (store.state, store.where, store.at) == ("done", name, accepted.happened_at)


def test_what_waits_at_the_dock_stands_at_inspection() -> None:
    house = hospital()
    [epc] = house.stocked()
    line = life.stops(life_line(epc), status="available", in_department=False)
    assert [stop.label for stop in line if stop.state == "now"] == [life.WAY[life.DOCK].label]


def test_what_never_lay_in_a_store_does_not_say_that_it_did() -> None:
    """Brought straight into the theatre, as a loan set is, and used there."""
    house = hospital()
    unit = house.unit()
    house.do(Step.RECEIVE, unit, to=house.cabinet)
    house.do(Step.ACCEPT, unit.epc)
    house.do(Step.USE, unit.epc)
    line = life.stops(life_line(unit.epc), status="used", in_department=False)
    labels = [stop.label for stop in line]
    assert labels == [life.WAY[number].label for number in (0, life.DOCK, life.PATIENT)]


def test_a_recalled_unit_still_says_where_it_lay() -> None:
    house, epc = shelved()
    house.do(Step.RECALL, epc)
    line = life.stops(life_line(epc), status="recalled", in_department=False)
    store = store_of(line)
    assert store is not None
    assert (store.state, store.where) == ("done", life_line(epc)[-1].to_place)
    assert line[-1].state == "now"


def test_a_button_says_what_it_begins_and_not_what_happened() -> None:
    house, epc = shelved()
    house.do(Step.RESERVE, epc)
    unit = unit_view(epc)
    assert unit is not None
    found = steps.next_for(
        house.actor, epc=epc, status=unit.status, place_kind=unit.place_kind, place_path=unit.place_path
    )
    with override("en"):
        named = {button.step: str(button.label) for button in found}
    assert named[Step.UNRESERVE] == "End the reservation"
    assert named[Step.HOLD] == "Hold"


def test_what_was_only_announced_or_went_back_is_not_the_hospitals() -> None:
    house = hospital()
    unit = house.unit()

    def whose() -> list[object]:
        return [owner for owner, _since in life.owners(life_line(unit.epc))]

    house.do(Step.ANNOUNCE, unit)
    assert whose() == []
    house.do(Step.RECEIVE, unit.epc, to=house.bin)
    assert whose() == [None]
    house.do(Step.SEND_BACK, unit.epc)
    assert whose() == [None, life_line(unit.epc)[-1].to_place]
