"""A wrong entry is taken back by a new one; nothing is edited."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.ledger.ways import levels, ready, written
from tests.makers import Hospital, hospital, unique
from yanji.catalog.models import Item
from yanji.ledger.api import (
    LIFECYCLE,
    LotQuantity,
    NewQuantity,
    Posted,
    Refused,
    Status,
    Step,
    correct,
    end_lapsed_reservations,
    life_line,
    on_hand,
    rebuild,
    unit_view,
)

pytestmark = pytest.mark.django_db


def take_back(house: Hospital, posted: Posted, **fields: str) -> Posted:
    return correct(posted.event_id, key=unique("c"), reason="wrong", actor=house.actor, **fields)


@pytest.mark.parametrize("step", [step for step in LIFECYCLE if step not in (Step.ANNOUNCE, Step.END_RECALL)])
def test_every_step_can_be_taken_back(step: Step) -> None:
    """State, levels and active use are as before; the chain is two links longer."""
    house = hospital()
    things = ready(house, step, 2)
    epcs = [thing if isinstance(thing, str) else thing.epc for thing in things]
    before, there = unit_view(epcs[0]), levels(house)
    done = house.do(step, *things)
    take_back(house, done)
    after = unit_view(epcs[0])
    assert after is not None
    if before is None:  # what was new is expected again: the ledger does not forget a thing
        assert (after.status, after.seq) == (Status.EXPECTED, 2)
    else:
        assert (after.status, after.place_id, after.seq) == (before.status, before.place_id, before.seq + 2)
        assert levels(house) == there
    case = (before.case_number, before.patient_token) if before else ("", "")
    assert (after.case_number, after.patient_token) == case
    assert rebuild() == []
    line = life_line(epcs[0])
    assert line[-2].corrected_by == line[-1].event_id
    assert line[-1].corrects == done.event_id


def test_the_end_of_a_recall_is_not_taken_back() -> None:
    """What was marked then may have been looked at since: the lot is recalled anew."""
    house = hospital()
    things = ready(house, Step.END_RECALL, 2)
    done = house.do(Step.END_RECALL, *things)
    before = written()
    with pytest.raises(Refused, check=lambda refused: refused.code == "cannot_correct"):
        take_back(house, done)
    assert (unit_view(things[0]).status, written()) == (Status.QUARANTINED, before)


def test_a_use_taken_back_can_be_used_again() -> None:
    house = hospital()
    [epc] = house.stocked()
    take_back(house, house.do(Step.USE, epc))
    house.do(Step.USE, epc, documents={"case": "C2", "patient": "P2"})
    assert unit_view(epc).case_number == "C2"


def test_a_receipt_taken_back_can_be_received_again() -> None:
    house = hospital()
    unit = house.unit()
    take_back(house, house.do(Step.RECEIVE, unit))
    house.do(Step.RECEIVE, unit)
    assert unit_view(unit.epc).status == Status.INSPECTING
    assert rebuild() == []


def test_the_same_correction_is_made_once() -> None:
    house = hospital()
    done = house.do(Step.PICK, *house.stocked())
    first = correct(done.event_id, key="same", reason="wrong", actor=house.actor)
    before = written()
    again = correct(done.event_id, key="same", reason="wrong", actor=house.actor)
    assert (again.event_id, again.repeated) == (first.event_id, True)
    assert written() == before


def test_a_key_of_another_act_does_not_correct() -> None:
    house = hospital()
    one, other = house.stocked(2)
    done = house.do(Step.PICK, one, key="taken")
    house.do(Step.PICK, other)
    with pytest.raises(Refused, check=lambda refused: refused.code == "key_reused"):
        correct(done.event_id, key="taken", reason="wrong", actor=house.actor)


def test_a_correction_is_not_corrected() -> None:
    house = hospital()
    correction = take_back(house, house.do(Step.PICK, *house.stocked()))
    with pytest.raises(Refused, check=lambda refused: refused.code == "cannot_correct"):
        take_back(house, correction)


def test_every_unit_that_has_moved_on_is_named() -> None:
    house = hospital()
    epcs = house.stocked(3)
    done = house.do(Step.PICK, *epcs)
    house.do(Step.UNPICK, *epcs[:2])
    before = written()
    with pytest.raises(Refused) as refused:
        take_back(house, done)
    assert {(offence.code, offence.thing) for offence in refused.value.offences} == {
        ("moved_on", epc) for epc in epcs[:2]
    }
    assert written() == before


def test_a_reservation_comes_back_lapsed() -> None:
    """The pick of a reserved unit taken back: reserved as before, but for nobody, so that anybody may have it."""
    from datetime import timedelta

    from django.utils import timezone

    house = hospital()
    [epc] = house.stocked()
    until = timezone.now() + timedelta(hours=1)
    house.do(Step.RESERVE, epc, reserved_for="REQ1", until=until)
    take_back(house, house.do(Step.PICK, epc, documents={"requisition": "REQ1"}))
    view = unit_view(epc)
    assert (view.status, view.reserved_for) == (Status.RESERVED, "")
    assert view.reserved_until <= timezone.now()
    end_lapsed_reservations(actor=house.actor, now=timezone.now())
    assert unit_view(epc).status == Status.AVAILABLE


def test_quantities_are_taken_back() -> None:
    house = hospital()
    item = Item.objects.create(code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room")
    house.do(Step.RECEIVE, NewQuantity(item.pk, Decimal("10.5"), "L1", cost=Decimal("3.33")))
    [there] = on_hand(paths=[house.campus.path], item_id=item.pk)
    done = house.do(Step.ACCEPT, LotQuantity(there.lot_id, Decimal("4.25"), house.store.pk))
    take_back(house, done)
    [back] = on_hand(paths=[house.campus.path], item_id=item.pk)
    assert (back.status, back.quantity, back.value) == ("inspecting", there.quantity, there.value)
    assert rebuild() == []


def test_quantities_that_have_gone_are_not_taken_back() -> None:
    house = hospital()
    item = Item.objects.create(code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room")
    house.do(Step.RECEIVE, NewQuantity(item.pk, Decimal(10), "L1"))
    [there] = on_hand(paths=[house.campus.path], item_id=item.pk)
    done = house.do(Step.ACCEPT, LotQuantity(there.lot_id, Decimal(10), house.store.pk))
    house.do(Step.PICK, LotQuantity(there.lot_id, Decimal(1), house.store.pk))
    with pytest.raises(Refused, check=lambda refused: refused.code == "not_enough"):
        take_back(house, done)


def test_of_two_campuses_only_the_own_entries() -> None:
    house, other = hospital(), hospital()
    done = house.do(Step.PICK, *house.stocked())
    with pytest.raises(Refused, check=lambda refused: refused.code == "not_yours"):
        correct(done.event_id, key=unique("c"), reason="wrong", actor=replace(other.actor))
