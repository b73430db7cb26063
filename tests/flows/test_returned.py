"""The note of a return says of each thing what the store found; what was taken back counts as not found."""

from decimal import Decimal

import pytest

from tests.flows.site import Site, person
from tests.flows.test_budgets import at_the_ward
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.correction import take_back
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.models_return import DepartmentReturn
from yanji.flows.returned import (
    department_return_for,
    department_return_sheet,
    department_returns,
    returned_lots,
    returned_things,
)
from yanji.ledger.api import LotQuantity, Step, life_line
from yanji.places.models import Kind


def test_every_thing_and_what_the_store_found(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = at_the_ward(here, 3)
    done = give_back(
        actor=here.ward, key=unique("g"), department_id=h.department.pk, store_id=h.store.pk, things=epcs,
        reason="not_needed",
    )  # fmt: skip
    back = department_return_for(here.keeper, done.id)
    assert (back.number, back.pk) == (done.number, DepartmentReturn.objects.get().pk)
    assert back.state == "sent"
    looked = inspect_return(
        actor=here.keeper, key=unique("i"), store_id=h.store.pk, restock=epcs[:1], hold={"opened": epcs[1:2]}
    )  # fmt: skip
    h.do(Step.LOSE, epcs[2])
    found = {each.serial: (each.fate, each.reason) for each in returned_things(back)}
    assert found == {
        epcs[0].rpartition("/")[2]: ("good", ""), epcs[1].rpartition("/")[2]: ("held", "opened"),
        epcs[2].rpartition("/")[2]: ("missing", "test"),
    }  # fmt: skip
    assert back.state == "inspected"
    take_back(actor=here.keeper, key=unique("t"), event_id=looked.events[0], reason="wrong_scan")
    assert [each.fate for each in returned_things(back)].count("waiting") == 1
    assert len(department_return_sheet(back).sections[0].rows) == 3
    assert [each.number for each in department_returns(here.ward)] == [done.number]
    stranger = here.actor(person("storekeeper", place(Kind.CAMPUS)))
    assert department_returns(stranger) == []
    with pytest.raises(NotFound):
        department_return_for(stranger, done.id)


def test_a_note_that_was_taken_back_says_so(committed: Site) -> None:
    here, h = committed, committed.h
    [epc] = at_the_ward(here, 1)
    done = give_back(
        actor=here.ward, key=unique("g"), department_id=h.department.pk, store_id=h.store.pk, things=[epc],
        reason="not_needed",
    )  # fmt: skip
    back = department_return_for(here.keeper, done.id)
    h.do(Step.MOVE, epc, to=h.bin)  # on another shelf it waits still
    assert back.state == "sent"
    take_back(
        actor=here.keeper, key=unique("t"), event_id=str(life_line(epc)[-1].event_id), reason="wrong_place"
    )
    take_back(actor=here.ward, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    assert [each.fate for each in returned_things(back)] == ["voided"]
    assert (back.state, department_return_sheet(back).state) == ("voided", "已撤销")


def test_counted_pieces_wait_for_inspection_as_well(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(5)
    h.do(Step.PUT_AWAY, LotQuantity(lot, Decimal(3), h.store.pk), to=h.cabinet)
    done = give_back(
        actor=here.ward, key=unique("g"), department_id=h.department.pk, store_id=h.store.pk,
        things=[LotQuantity(lot, Decimal(3), h.cabinet.pk)], reason="not_needed",
    )  # fmt: skip
    back = department_return_for(here.keeper, done.id)
    assert back.state == "sent"
    assert [(level.lot_id, level.quantity) for level in returned_lots(here.keeper)] == [(lot, 3)]
    inspect_return(
        actor=here.keeper, key=unique("i"), store_id=h.store.pk,
        restock=[LotQuantity(lot, Decimal(2), h.store.pk, status="returned")],
        hold={"opened": [LotQuantity(lot, Decimal(1), h.store.pk, status="returned")]},
    )  # fmt: skip
    assert (back.state, returned_lots(here.keeper)) == ("inspected", [])
