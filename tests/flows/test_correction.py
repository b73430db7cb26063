"""A wrong entry is taken back, and the document that it belonged to is open again."""

import pytest

from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.flows.correction import take_back, void_receipt
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue, OrderLine, PurchaseOrder, Receipt, Requisition, RequisitionLine
from yanji.flows.pick import pick
from yanji.flows.queries import picked_for, under_way
from yanji.flows.use import use
from yanji.ledger.api import Refused, rebuild, unit_view
from yanji.ledger.models import Use


def back(here: Site, event_id: str, actor: object = None) -> object:
    return take_back(actor=actor or here.keeper, key=unique("back"), event_id=event_id, reason="wrong_scan")


def test_a_receipt_is_voided_whole_and_can_come_again(committed: Site) -> None:
    here = committed
    order = here.order((here.h.item, 2))
    arrivals = [here.arrival(), here.arrival(rejected="damaged")]
    done = here.receive(order, *arrivals)
    with pytest.raises(Refused) as refusal:
        back(here, done.events[0])
    assert refusal.value.code == "verdict_first"
    void_receipt(actor=here.keeper, key=unique("v"), receipt_id=done.id, reason="wrong_scan")
    line = OrderLine.objects.get(order_id=order.id)
    assert (line.received, line.rejected) == (0, 0)
    assert PurchaseOrder.objects.get(pk=order.id).state == "placed"
    assert Receipt.objects.get(pk=done.id).voided_at is not None
    assert [unit_view(each.epc).status for each in arrivals] == ["expected", "expected"]
    with pytest.raises(Refused) as refusal:
        void_receipt(actor=here.keeper, key=unique("v"), receipt_id=done.id, reason="wrong_scan")
    assert refusal.value.code == "already_corrected"
    again = here.receive(order, *[here.arrival(serial=each.serial) for each in arrivals])
    assert again.state == "received"
    assert rebuild() == []


def test_picking_and_issuing_taken_back(committed: Site) -> None:
    here = committed
    epcs = here.stocked(2)
    wanted = here.requisition((here.h.item, 2))
    picked = pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=epcs)
    issued = issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    taken = take_in(actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=here.h.cabinet.pk)
    before = contents()
    for event in (issued.events[0], picked.events[0]):
        with pytest.raises(Refused):
            back(here, event)
    assert contents() == before
    back(here, taken.events[0], here.ward)
    assert Issue.objects.get(pk=issued.id).state == "underway"
    assert sorted(under_way(Issue.objects.get(pk=issued.id))) == sorted(epcs)
    back(here, issued.events[0])
    assert Issue.objects.get(pk=issued.id).state == "voided"
    assert sorted(picked_for(wanted.id)[0]) == sorted(epcs)
    back(here, picked.events[0])
    line = RequisitionLine.objects.get(requisition_id=wanted.id)
    assert (line.picked, line.issued) == (0, 0)
    assert Requisition.objects.get(pk=wanted.id).state == "requested"
    assert {unit_view(epc).status for epc in epcs} == {"available"}
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=epcs)
    assert rebuild() == []


def test_a_use_taken_back_leaves_the_patient(committed: Site) -> None:
    here, h = committed, committed.h
    [epc] = here.stocked(1)
    wanted = here.requisition((h.item, 1))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[epc])
    issued = issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    take_in(actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    papers = {"department_id": h.department.pk, "confirmed_by": "T", "patient_token": "T", "case_number": "C"}
    used = use(actor=here.ward, key=unique("u"), things=[epc], **papers)
    before = contents()
    with pytest.raises(Refused) as refusal:
        use(actor=here.ward, key=unique("u"), things=[epc], **papers)
    assert refusal.value.code == "already_used"
    with pytest.raises(Refused) as refusal:
        use(
            actor=here.ward,
            key=unique("u"),
            things=[epc],
            **{**papers, "patient_token": "U", "confirmed_by": "U"},
        )
    assert refusal.value.code == "other_patient"
    assert contents() == before
    back(here, used.events[0], here.ward)
    assert not Use.objects.exists()
    assert unit_view(epc).status == "available"
    with pytest.raises(Refused) as refusal:
        back(here, used.events[0], here.ward)
    assert refusal.value.code == "already_corrected"
