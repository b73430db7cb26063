"""A piece of a recalled lot that was never marked - it came back by a correction, or the recall did not reach it - goes to
nobody."""

from decimal import Decimal
from typing import Any

import pytest

from tests.flows.site import Site, contents, soon
from tests.flows.test_budgets import at_the_ward
from tests.flows.transferring import way
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.alternatives import alternatives
from yanji.flows.attempts import Attempt
from yanji.flows.correction import take_back
from yanji.flows.held import WholeLot
from yanji.flows.issue import issue
from yanji.flows.models import Requisition
from yanji.flows.pick import pick, unpick
from yanji.flows.pick_list import pick_list
from yanji.flows.preview import interpret
from yanji.flows.recall import recall
from yanji.flows.recall_end import end_recall
from yanji.flows.theatre.cart import set_out
from yanji.flows.transfer.ship import ship
from yanji.flows.use import plan_case, use
from yanji.flows.waves.models import Wave
from yanji.flows.waves.pick import start_wave
from yanji.flows.waves.walk import members_of, walk_of
from yanji.ledger.api import LotQuantity, Refused, unit_view
from yanji.ledger.models import Lot


def recalled_elsewhere(here: Site, lot: int) -> Done:
    """Where nothing of it lies: what lies in the store keeps its status."""
    lots = [WholeLot(lot, here.h.other_bin.pk)]
    return recall(actor=here.keeper, key=unique("r"), lots=lots, notice="RN-7")


def refused(act: Any, **fields: Any) -> None:
    """As of a recalled lot, with nothing written but the attempt."""
    before, tried = contents(), Attempt.objects.filter(code="lot_recalled").count()
    with pytest.raises(Refused) as refusal:
        act(key=unique("k"), **fields)
    assert (refusal.value.code, contents()) == ("lot_recalled", before)
    assert refusal.value.offences[0].facts["notice"] == "RN-7"
    assert Attempt.objects.filter(code="lot_recalled").count() == tried + 1


def used(here: Site, *things: Any, case: str) -> Done:
    return use(actor=here.ward, key=unique("u"), things=things, **papers(here, case))


def papers(here: Site, case: str) -> dict[str, Any]:
    return {
        "case_number": case, "patient_token": "T", "confirmed_by": "T", "department_id": here.h.department.pk
    }  # fmt: skip


def test_a_unit_that_came_back_by_a_correction_is_not_used(committed: Site) -> None:
    here, h = committed, committed.h
    [epc] = at_the_ward(here, 1)
    done, lot = used(here, epc, case="C1"), unit_view(epc).lot_id
    recall(actor=here.keeper, key=unique("r"), lots=[WholeLot(lot, h.campus.pk)], notice="RN-7")
    take_back(actor=here.ward, key=unique("t"), event_id=done.events[0], reason="wrong_case")
    assert unit_view(epc).status == "available"
    refused(use, actor=here.ward, things=[epc], **papers(here, "C2"))
    case = plan_case(
        actor=here.ward, key=unique("c"), number="C3", patient_token="T", department_id=h.department.pk
    )
    refused(set_out, actor=here.ward, case_id=case.id, things=[epc])
    scan = interpret(epc, actor=here.ward, flow="use", place_id=h.department.pk)
    assert [each.code for each in scan.offences] == ["lot_recalled"]
    end_recall(actor=here.keeper, key=unique("e"), lot_id=lot, reason="withdrawn")
    used(here, epc, case="C2")
    assert unit_view(epc).status == "used"


def test_what_lay_picked_is_neither_issued_nor_picked_anew(committed: Site) -> None:
    here, h = committed, committed.h
    [epc], lot = here.stocked(1), here.stocked_lot(3)
    things = [epc, LotQuantity(lot, Decimal(3), h.store.pk)]
    wanted = here.requisition((h.item, 1), (here.counted, 3))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=things)
    for each in (unit_view(epc).lot_id, lot):
        recalled_elsewhere(here, each)
    before = contents()
    with pytest.raises(Refused) as refusal:
        issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    assert {(each.code, each.thing) for each in refusal.value.offences} == {
        ("lot_recalled", epc), ("lot_recalled", f"lot {lot}")
    }  # fmt: skip
    assert contents() == before
    unpick(actor=here.keeper, key=unique("u"), requisition_id=wanted.id, things=things)
    for thing in things:
        refused(pick, actor=here.keeper, requisition_id=wanted.id, things=[thing])


def test_what_lay_picked_for_a_transfer_is_not_sent(committed: Site) -> None:
    here, to = committed, way(committed)
    [epc] = here.stocked(1)
    asked = to.picked([epc])
    recalled_elsewhere(here, unit_view(epc).lot_id)
    refused(ship, actor=to.sender, transfer_id=asked.id, handed_to="Van 7")


def test_the_entry_taken_back_lets_it_go_again(committed: Site) -> None:
    """Unless another notice says so still."""
    here = committed
    first, second = here.stocked(2)
    lot = unit_view(first).lot_id
    done = recall(actor=here.keeper, key=unique("r"), things=[first], notice="RN-6")
    recalled_elsewhere(here, lot)
    assert Lot.objects.get(pk=lot).recall == "RN-7"
    take_back(actor=here.keeper, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    wanted = here.requisition((here.h.item, 1))
    refused(pick, actor=here.keeper, requisition_id=wanted.id, things=[second])
    end_recall(actor=here.keeper, key=unique("e"), lot_id=lot, reason="wrong_lot")
    assert (Lot.objects.get(pk=lot).recall, Lot.objects.get(pk=lot).recalled_at) == ("", None)
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[first])


def test_it_is_not_in_turn_and_said_why(committed: Site) -> None:
    """Nor proposed in a walk, nor as the way out of a refusal; what comes after it is taken without a reason."""
    here, h = committed, committed.h
    [gone], [good] = here.stocked(1, lot="OLD", expiry=soon(40)), here.stocked(1, lot="NEW", expiry=soon(90))
    old, new = (
        here.stocked_lot(4, lot="OLD", expiry=soon(40)),
        here.stocked_lot(4, lot="NEW", expiry=soon(90)),
    )
    for lot in (unit_view(gone).lot_id, old):
        recalled_elsewhere(here, lot)
    wanted = here.requisition((h.item, 1), (here.counted, 2))
    units, pieces = pick_list(Requisition.objects.get(pk=wanted.id))
    assert [(each.epc, each.reason) for each in units.candidates] == [(gone, "lot_recalled"), (good, "")]
    assert [each.lot_id for each in pieces.lots] == [new]
    assert [(each.lot_id, each.reason) for each in pieces.skipped_lots] == [(old, "lot_recalled")]
    ways = alternatives([h.item.pk, here.counted.pk], paths=["/"])
    assert {way.lot for found in ways.values() for way in found} == {"NEW"}
    wave = start_wave(actor=here.keeper, key=unique("w"), store_id=h.store.pk, requisitions=[wanted.id])
    found = Wave.objects.get(pk=wave.id)
    assert {leg.lot for leg in walk_of(found, members_of(found)).legs} == {"NEW"}
    two = LotQuantity(new, Decimal(2), h.store.pk)
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[good, two])
