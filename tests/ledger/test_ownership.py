"""Who owns a thing is apart from who has it: consignment, loans, title at use, and what was taken out of a patient."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.ledger.ways import written
from tests.makers import Hospital, hospital
from yanji.ledger.api import Refused, Status, Step, life_line, rebuild, unit_view

pytestmark = pytest.mark.django_db


def consigned(house: Hospital, count: int = 1) -> list[str]:
    return house.stocked(count, owner_id=house.supplier.pk)


@pytest.mark.parametrize("step", [Step.USE, Step.WASTE, Step.CONSUME, Step.TAKE_TITLE])
def test_title_passes(step: Step) -> None:
    house = hospital()
    epcs = consigned(house, 2)
    house.do(step, *epcs)
    for epc in epcs:
        view = unit_view(epc)
        assert view is not None
        assert view.owner_id is None
    assert rebuild() == []


def test_what_the_hospital_owns_is_not_handed_back_to_an_owner() -> None:
    house = hospital()
    ours, theirs = house.stocked(1)[0], consigned(house)[0]
    before = written()
    with pytest.raises(Refused) as refused:
        house.do(Step.HAND_BACK, ours, theirs)
    assert [(each.code, each.thing) for each in refused.value.offences] == [("not_consigned", ours)]
    assert written() == before


def test_a_set_that_went_back_comes_again_under_the_same_names() -> None:
    """And whoever owns it now is what the new delivery says."""
    house = hospital()
    unit = house.unit(owner_id=house.supplier.pk)
    house.do(Step.RECEIVE, unit)
    house.do(Step.HAND_BACK, unit.epc)
    bought = house.unit(serial=unit.serial)
    house.do(Step.RECEIVE, bought)
    view = unit_view(unit.epc)
    assert view is not None
    assert (view.status, view.owner_id, view.seq) == (Status.INSPECTING, None, 3)
    assert rebuild() == []


def test_what_waits_for_inspection_in_the_store_does_not_arrive() -> None:
    """`returned` in the store is not `returned` to the supplier."""
    house = hospital()
    [epc] = house.stocked(1)
    house.do(Step.GIVE_BACK, epc)
    before = written()
    for thing, code in (
        (epc, "wrong_place"),
        (house.unit(serial=epc.rsplit("/", 1)[1]), "duplicate_identity"),
    ):
        with pytest.raises(Refused) as refused:
            house.do(Step.RECEIVE, thing)
        assert refused.value.code == code
    assert written() == before


def test_what_was_in_a_patient_never_becomes_stock() -> None:
    house = hospital()
    [epc] = house.stocked(1)
    house.do(Step.USE, epc)
    house.do(Step.EXPLANT, epc)
    view = unit_view(epc)
    assert view is not None
    assert (view.status, view.patient_token) == (Status.EXPLANTED, "P1")
    before = written()
    ways_back = [
        Step.RELEASE,
        Step.RESTOCK,
        Step.PUT_AWAY,
        Step.USE,
        Step.GIVE_BACK,
        Step.SET_BACK,
        Step.ACCEPT,
    ]
    for step in ways_back:
        with pytest.raises(Refused) as refused:
            house.do(step, epc)
        assert refused.value.code == "wrong_status"
    assert written() == before
    house.do(Step.SEND_BACK, epc)
    assert rebuild() == []


def test_a_step_that_stays_does_not_move() -> None:
    house = hospital()
    [epc] = house.stocked(1)
    with pytest.raises(Refused) as refused:
        house.do(Step.RESERVE, epc, to=house.bin)
    assert refused.value.code == "wrong_place"
    house.do(Step.HOLD, epc, to=house.bin)
    view = unit_view(epc)
    assert view is not None
    assert view.place_id == house.bin.pk


def test_the_database_refuses_a_movement_without_a_change_whoever_owns_the_thing() -> None:
    house = hospital()
    [epc] = house.stocked(1)
    last = life_line(epc)[-1]
    again = (
        "INSERT INTO ledger_movement SELECT event_id, line + 1, unit_id, seq + 1, lot_id, quantity, value, to_place_id,"
        " to_place_id, to_status, to_status, to_owner_id, to_owner_id, custodian_id FROM ledger_movement"
        " WHERE event_id = %s"
    )
    columns = (
        "(event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id, from_status, to_status,"
        " from_owner_id, to_owner_id, custodian_id)"
    )
    again = again.replace("ledger_movement SELECT", f"ledger_movement {columns} SELECT", 1)
    with pytest.raises(IntegrityError, match="movement_changes_something"), transaction.atomic():
        connection.cursor().execute(again, [last.event_id])
