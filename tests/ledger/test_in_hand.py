"""Who has a thing in hand: whoever took it, whatever is said of it afterwards and by whom; nobody once it has left the house."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.ledger.ways import ready
from tests.makers import Hospital, everything, hospital, person, unique
from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.flows.counting.queries import last_moves
from yanji.ledger.api import (
    LIFECYCLE,
    Line,
    LotQuantity,
    NewQuantity,
    Step,
    correct,
    life_line,
    post,
    rebuild,
    trace_lot,
    unit_view,
    unit_views,
    virtual_places,
)
from yanji.ledger.lifecycle import SAID
from yanji.ledger.models import Lot, Movement

pytestmark = pytest.mark.django_db

MISSING = {Step.LOSE, Step.LOST_ON_WAY}
STAYING = sorted(SAID - MISSING - {Step.ANNOUNCE})


def officer(house: Hospital) -> Actor:
    """Somebody else with every right, who sits at a desk."""
    return everything(house.campus, person())


def hands(epcs: list[str]) -> list[int | None]:
    views = unit_views(epcs)
    return [views[epc].custodian_id for epc in epcs]


def in_hand_by_lot(epc: str) -> set[int]:
    return {hand.person_id for hand in trace_lot(unit_view(epc).lot_id).people}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("step", STAYING)
def test_what_is_said_of_things_changes_no_hands(step: Step, count: int) -> None:
    house = hospital()
    epcs = ready(house, step, count)
    before, said_by = hands(epcs), officer(house)
    assert before == [house.actor.person_id] * count
    house.do(step, *epcs, actor=said_by)
    assert hands(epcs) == before
    last = life_line(epcs[0])[-1]
    assert (last.step, last.actor_id, last.taken_by) == (step, said_by.person_id, None)
    assert in_hand_by_lot(epcs[0]) == {house.actor.person_id}
    assert rebuild() == []


@pytest.mark.parametrize("step", sorted(set(LIFECYCLE) - SAID))
def test_what_is_done_with_things_is_done_in_hand(step: Step) -> None:
    house = hospital()
    things = ready(house, step, 2)
    epcs = [thing if isinstance(thing, str) else thing.epc for thing in things]
    taken_by = officer(house)
    house.do(step, *things, actor=taken_by)
    gone = unit_view(epcs[0]).place_kind in ("supplier", "patient", "scrap", "consumed")
    assert hands(epcs) == [None if gone else taken_by.person_id] * 2
    assert taken_by.person_id in in_hand_by_lot(epcs[0])
    assert rebuild() == []


@pytest.mark.parametrize("step", sorted(MISSING))
def test_who_misses_things_never_had_them(step: Step) -> None:
    house = hospital()
    epcs = ready(house, step, 2)
    missed_by = officer(house)
    house.do(step, *epcs, actor=missed_by)
    assert hands(epcs) == [None, None]
    assert missed_by.person_id not in in_hand_by_lot(epcs[0])


def test_what_is_announced_is_in_nobodys_hands() -> None:
    house = hospital()
    unit = house.unit()
    house.do(Step.ANNOUNCE, unit)
    assert hands([unit.epc]) == [None]
    house.do(Step.RECEIVE, unit)
    assert hands([unit.epc]) == [house.actor.person_id]


def test_one_hold_takes_away_what_it_moves_and_leaves_the_rest_where_it_is() -> None:
    """Each line by itself: two pieces of two persons stay with them, the third is carried into quarantine."""
    house = hospital()
    nurse, said_by = officer(house), officer(house)
    stored, moved, at_ward = house.stocked(3)
    house.do(Step.SET_OUT, at_ward, actor=nurse)
    lines = (Line(stored), Line(moved, house.other_bin.pk), Line(at_ward))
    post(replace(house.draft(Step.HOLD), lines=lines), actor=said_by)
    keeper = house.actor.person_id
    assert hands([stored, moved, at_ward]) == [keeper, said_by.person_id, nurse.person_id]
    assert in_hand_by_lot(moved) == {keeper, said_by.person_id, nurse.person_id}
    assert rebuild() == []


def test_a_count_names_who_had_a_thing_last_and_not_who_spoke_of_it() -> None:
    house = hospital()
    nurse, clerk = officer(house), officer(house)
    [epc] = house.stocked()
    house.do(Step.SET_OUT, epc, actor=nurse)
    correct(
        house.do(Step.SET_BACK, epc, to=house.store, actor=clerk).event_id,
        key=unique("c"), reason="wrong", actor=clerk,
    )  # fmt: skip
    house.do(Step.RECALL, epc, actor=clerk)
    unit = unit_view(epc)
    last = last_moves([unit.id])[unit.id]
    assert (last.step, last.actor[0]) == (Step.SET_OUT, nurse.name)


def test_what_is_taken_back_returns_to_whoever_had_it() -> None:
    house = hospital()
    nurse, clerk = officer(house), officer(house)
    [epc] = house.stocked()
    done = house.do(Step.SET_OUT, epc, actor=nurse)
    assert hands([epc]) == [nurse.person_id]
    correct(done.event_id, key=unique("c"), reason="wrong", actor=clerk)
    assert hands([epc]) == [house.actor.person_id]
    assert life_line(epc)[-1].taken_by is None
    assert clerk.person_id not in in_hand_by_lot(epc)
    assert rebuild() == []


def test_a_counted_quantity_names_who_took_it_or_nobody() -> None:
    house = hospital()
    item = Item.objects.create(code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room")
    house.do(Step.RECEIVE, NewQuantity(item.pk, Decimal(5), "L2", cost=Decimal(7)))
    lot, said_by = Lot.objects.get(item=item), officer(house)
    house.do(Step.ACCEPT, LotQuantity(lot.pk, Decimal(5), house.store.pk))
    house.do(Step.HOLD, LotQuantity(lot.pk, Decimal(2), house.store.pk), actor=said_by)
    house.do(Step.USE, LotQuantity(lot.pk, Decimal(1), house.store.pk), to=virtual_places().patient)
    keeper = house.actor.person_id
    assert list(
        Movement.objects.filter(lot=lot)
        .order_by("event__recorded_at")
        .values_list("event__step", "custodian_id")
    ) == [("receive", keeper), ("accept", keeper), ("hold", None), ("use", None)]
    assert {hand.person_id for hand in trace_lot(lot.pk).people} == {keeper}
    assert rebuild() == []
