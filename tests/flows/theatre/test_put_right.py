"""What was written down wrong is put right: the patient of a case, the account of a set that was closed, a late price."""

from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.buying import contract
from tests.flows.consign.test_loans import do, in_theatre, screws
from tests.flows.consign.test_loans import owned as pieces_of
from tests.flows.site import soon
from tests.flows.test_validity import lapse
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.flows.theatre.test_emergency import first
from tests.makers import unique
from yanji.catalog.models import Price
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.loans import close_set, hand_back_set
from yanji.flows.consign.models import LoanSet
from yanji.flows.correction import take_back
from yanji.flows.models import Case, PurchaseOrder
from yanji.flows.receive import Arrival
from yanji.flows.theatre.charge import request_charges
from yanji.flows.theatre.models import ChargeLine
from yanji.flows.use import change_case, plan_case
from yanji.ledger.api import rebuild


@pytest.fixture
def agreed(room: Room) -> None:
    room.agreement(items=[Kept(room.here.counted.pk, Decimal(5)), Kept(room.here.h.item.pk, Decimal(700))])


def test_the_patient_of_a_case_is_put_right_while_nothing_stands_on_it(room: Room) -> None:
    case, [epc], at = room.case(), room.units(1), timezone.now()
    given = {
        "actor": room.nurse,
        "case_id": case.pk,
        "procedure": "PCI",
        "operator": "Dr. Wu",
        "planned_at": at,
    }
    done = room.out(case, epc)
    refused("case_has_entries", lambda: change_case(key=unique("c"), patient_token="PT-RIGHT", **given))
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    refused("case_needed", lambda: change_case(key=unique("c"), patient_token=" ", **given))
    change_case(key=unique("c"), patient_token="PT-RIGHT", **given)
    case.refresh_from_db()
    assert (case.patient_token, case.operator, case.planned_at) == ("PT-RIGHT", "Dr. Wu", at)
    room.use(case, epc)


def test_a_planned_case_is_planned_anew_and_an_open_one_is_not(room: Room) -> None:
    case, at = room.case(), timezone.now()
    same = {"department_id": case.department_id, "number": case.number, "patient_token": case.patient_token}
    plan_case(actor=room.nurse, key=unique("c"), operator="Dr. New", planned_at=at, **same)
    case.refresh_from_db()
    assert (case.operator, case.procedure, case.planned_at) == ("Dr. New", "PCI", at)
    room.out(case, *room.units(1))
    plan_case(actor=room.nurse, key=unique("c"), operator="Dr. Late", **same)
    assert Case.objects.get(pk=case.pk).operator == "Dr. New"


@pytest.mark.usefixtures("agreed")
def test_a_use_taken_back_opens_the_set_that_was_closed_over_it(room: Room) -> None:
    case = room.case()
    loan, epcs = in_theatre(room, case=case)
    counted, lot = screws(room, case=case)
    used = room.use(case, epcs[0], pieces_of(room, lot, 4))
    for each in (loan, counted):
        do(room, hand_back_set, each)
        do(room, close_set, each)
    take_back(actor=room.nurse, key=unique("k"), event_id=used.events[0], reason="wrong_scan")
    found = LoanSet.objects.in_bulk([loan, counted])
    for each in (found[loan], found[counted]):
        assert (each.state, each.closed_at, each.lines.get().used) == ("in_theatre", None, 0)
        refused("loan_set_open", lambda each=each: do(room, close_set, each.pk))
        do(room, hand_back_set, each.pk)
        do(room, close_set, each.pk)
    assert [found[key].lines.get().returned for key in (loan, counted)] == [3, 10]
    assert rebuild() == []


@pytest.mark.usefixtures("agreed")
def test_a_use_before_the_set_came_opens_nothing(room: Room) -> None:
    """Control: the set was closed, and what is taken back was none of its."""
    case = room.case()
    loan, _epcs = in_theatre(room, case=case)
    do(room, hand_back_set, loan)
    do(room, close_set, loan)
    used = room.use(case, *room.units(1))
    take_back(actor=room.nurse, key=unique("k"), event_id=used.events[0], reason="wrong_scan")
    assert LoanSet.objects.get().state == "closed"


def test_a_price_that_comes_late_is_charged(room: Room) -> None:
    room.code()
    case = room.case()
    first(room, case=case)

    def ask():
        return request_charges(actor=room.nurse, key=unique("q"), case_id=case.pk)

    refused("charge_without_price", ask)
    Price.objects.create(
        item=room.here.h.item, supplier=room.here.h.supplier, amount=1200, valid_from=timezone.localdate()
    )
    assert ask().facts["amount"] == "1200.00"
    assert ChargeLine.objects.get().amount == 1200


def test_an_emergency_is_ordered_at_its_contracts_price_and_counts_against_it(room: Room) -> None:
    room.price(1200)
    held = contract(room.here, (room.here.h.item, "900"), maximum_value=Decimal(1000))
    done, again = first(room), first(room)
    line = PurchaseOrder.objects.get(number=done.facts["order"]).lines.get()
    assert (line.price, line.contract_item.contract_id) == (900, held.id)
    # What is in a patient is ordered all the same; who approves it is told.
    assert (done.facts["contracts_exceeded"], again.facts["contracts_exceeded"]) == ([], [held.number])


def test_pieces_of_a_lot_are_used_first_too(room: Room) -> None:
    came = Arrival(room.here.counted.pk, lot="X1", expiry=soon(90), quantity=2)
    case = room.case()
    first(room, came, room.here.arrival(), case=case)
    assert sorted(line.quantity for line in ChargeLine.objects.all()) == [1, 2]
    assert rebuild() == []


@pytest.mark.usefixtures("agreed")
def test_consigned_goods_need_their_makers_authorisation_too(room: Room) -> None:
    lapse(room.here, kind="authorisation")
    refused("authorisation_lapsed", lambda: room.receive_consigned(room.here.arrival()))
    # What is rejected needs none.
    room.receive_consigned(room.here.arrival(rejected="damaged"))
