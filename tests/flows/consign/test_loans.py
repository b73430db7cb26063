"""Loan sets: what came against the list, sterile before the theatre, and delivered = used + returned + wasted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.site import soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.contents import contents_of
from yanji.flows.consign.loans import (
    Listed,
    arrive_set,
    close_set,
    expect_set,
    hand_back_set,
    send_set,
    sterilise_set,
)
from yanji.flows.consign.models import LoanSet, Payable
from yanji.flows.correction import take_back
from yanji.flows.putaway import put_away
from yanji.flows.receive import Arrival
from yanji.flows.theatre.cart import waste
from yanji.ledger.api import LotQuantity, Refused, rebuild, unit_view


@pytest.fixture(autouse=True)
def _agreed(room: Room) -> None:
    room.agreement(items=[Kept(room.here.counted.pk, Decimal(5)), Kept(room.here.h.item.pk, Decimal(700))])


def expected(room: Room, *lines: Listed, **fields):
    h = room.here.h
    given = {
        "supplier_id": h.supplier.pk, "department_id": h.department.pk, "set_name": "髋关节工具",
        "due_on": timezone.localdate(), "listed": list(lines) or [Listed(h.item.pk, 3)],
    }  # fmt: skip
    return expect_set(actor=room.keeper, key=unique("k"), **{**given, **fields})


def do(room: Room, verb, loan_set_id: int, actor=None, **fields):
    return verb(actor=actor or room.keeper, key=unique("k"), loan_set_id=loan_set_id, **fields)


def arrived(room: Room, *arrivals: Arrival, case=None, listed=()) -> tuple[int, list[str]]:
    came = list(arrivals) or [room.here.arrival() for _ in range(3)]
    loan = expected(room, *listed, case_number=case.number if case else "").id
    do(room, arrive_set, loan, dock_id=room.here.h.store.pk, arrivals=came)
    return loan, [each.epc for each in came]


def in_theatre(room: Room, *arrivals: Arrival, **fields) -> tuple[int, list[str]]:
    loan, epcs = arrived(room, *arrivals, **fields)
    do(room, sterilise_set, loan, cycle="CSSD-7")
    do(room, send_set, loan)
    return loan, epcs


def test_what_came_is_checked_against_the_list(room: Room) -> None:
    here = room.here
    loan = expected(room, Listed(here.h.item.pk, 3)).id
    extra = Arrival(here.counted.pk, lot="B1", expiry=soon(90), quantity=2)
    came = [here.arrival(), here.arrival(), extra]
    done = do(room, arrive_set, loan, dock_id=here.h.store.pk, arrivals=came)
    assert done.facts == {"missing": [[here.h.item.pk, 1]], "extra": [[here.counted.pk, 2]]}
    assert unit_view(came[0].epc).owner_id == here.h.supplier.pk
    assert contents_of(LoanSet.objects.get()).pieces("open") == 4
    refused(
        "document_closed",
        lambda: do(room, arrive_set, loan, dock_id=here.h.store.pk, arrivals=[here.arrival()]),
    )


def test_only_a_sterilised_set_goes_to_the_theatre(room: Room) -> None:
    loan, epcs = arrived(room)
    refused("not_sterilised", lambda: do(room, send_set, loan))
    refused("cycle_needed", lambda: do(room, sterilise_set, loan, cycle=" "))
    do(room, sterilise_set, loan, cycle="CSSD-7")
    do(room, send_set, loan)
    assert unit_view(epcs[0]).place_id == room.here.h.department.pk
    found = LoanSet.objects.get()
    assert (found.state, found.cycle, found.sterilised_by_id) == (
        "in_theatre",
        "CSSD-7",
        room.keeper.person_id,
    )


def test_nothing_of_a_set_is_used_before_it_is_sterilised(room: Room) -> None:
    h, case = room.here.h, room.case()
    screws = Arrival(room.here.counted.pk, lot="B1", expiry=soon(90), quantity=10)
    loan, (epc, _none) = arrived(room, room.here.arrival(), screws, case=case)
    pieces = LotQuantity(room.here.counted.lots.get().pk, Decimal(2), h.store.pk, h.supplier.pk)
    for thing in (epc, pieces):
        refused("thing_not_sterilised", lambda thing=thing: room.out(case, thing))
        refused("thing_not_sterilised", lambda thing=thing: room.use(case, thing))
    # Nor does it help to carry them away from where they came.
    put_away(actor=room.keeper, key=unique("k"), things=[epc, pieces], to_place_id=h.department.pk)
    there = LotQuantity(pieces.lot_id, Decimal(2), h.department.pk, h.supplier.pk)
    refused("thing_not_sterilised", lambda: room.use(case, epc, there))
    do(room, sterilise_set, loan, cycle="CSSD-7")
    assert room.use(case, epc, there).state == "open"


def test_other_pieces_of_its_lot_are_used_while_a_set_waits_at_the_dock(room: Room) -> None:
    h, case = room.here.h, room.case()
    screws = Arrival(room.here.counted.pk, lot="B1", expiry=soon(90), quantity=10)
    room.receive_consigned(screws)
    pieces = LotQuantity(room.here.counted.lots.get().pk, Decimal(10), h.store.pk, h.supplier.pk)
    put_away(actor=room.keeper, key=unique("k"), things=[pieces], to_place_id=h.department.pk)
    arrived(room, screws)
    room.use(case, LotQuantity(pieces.lot_id, Decimal(3), h.department.pk, h.supplier.pk))
    refused("thing_not_sterilised", lambda: room.use(case, pieces))


def test_a_set_does_not_come_straight_to_its_theatre(room: Room) -> None:
    h, loan = room.here.h, expected(room).id
    for dock in (h.department, h.cabinet):
        refused(
            "set_into_theatre",
            lambda dock=dock: do(room, arrive_set, loan, dock_id=dock.pk, arrivals=[room.here.arrival()]),
        )


def test_delivered_is_used_plus_returned_plus_wasted(room: Room) -> None:
    case = room.case()
    loan, (used, opened, rest) = in_theatre(room, case=case)
    room.out(case, used, opened)
    room.use(case, used)
    waste(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[opened], reason="not_implanted")
    refusal = refused("loan_set_open", lambda: do(room, close_set, loan))
    assert [offence.thing for offence in refusal.offences] == [rest]
    do(room, hand_back_set, loan)
    done = do(room, close_set, loan)
    assert done.facts == {"used": 1, "returned": 1, "wasted": 1}
    line = LoanSet.objects.get().lines.get()
    assert (line.arrived, line.used, line.wasted, line.returned, line.open) == (3, 1, 1, 1, 0)
    assert unit_view(rest).status == "returned"
    # What was used or opened is owed; what went back is not.
    assert sorted(each.unit.epc for each in Payable.objects.all()) == sorted([used, opened])
    assert rebuild() == []


def test_the_same_set_comes_again_next_month(room: Room) -> None:
    first, second = room.here.arrival(), room.here.arrival()
    loan, _epcs = in_theatre(room, first, second)
    do(room, hand_back_set, loan)
    do(room, close_set, loan)
    again, _epcs = in_theatre(room, first, second)
    assert contents_of(LoanSet.objects.get(pk=again)).pieces("open") == 2


def test_what_cannot_be_found_is_bought_and_reported_missing(room: Room) -> None:
    loan, epcs = in_theatre(room)
    do(room, hand_back_set, loan, things=epcs[:2])
    refused("reason_needed", lambda: do(room, close_set, loan, difference="gone"))
    do(room, close_set, loan, difference="lost_in_theatre")
    unit = unit_view(epcs[2])
    assert (unit.status, unit.owner_id) == ("lost", None)
    assert [each.unit.epc for each in Payable.objects.all()] == [epcs[2]]
    assert LoanSet.objects.get().lines.get().open == 1
    assert rebuild() == []


def test_pieces_of_a_set_are_counted(room: Room) -> None:
    here, h = room.here, room.here.h
    case = room.case()
    screws = Arrival(here.counted.pk, lot="B1", expiry=soon(90), quantity=10)
    loan, _epcs = in_theatre(room, screws, case=case, listed=[Listed(here.counted.pk, 10)])
    lot = here.counted.lots.get(number="B1").pk
    room.use(case, LotQuantity(lot, Decimal(4), h.department.pk, h.supplier.pk))
    assert contents_of(LoanSet.objects.get()).pieces("open") == 6
    refused(
        "not_of_this_set",
        lambda: do(
            room, hand_back_set, loan, things=[LotQuantity(lot, Decimal(7), h.department.pk, h.supplier.pk)]
        ),
    )
    do(room, hand_back_set, loan)
    assert do(room, close_set, loan).facts == {"used": 4, "returned": 6, "wasted": 0}
    assert rebuild() == []


def test_a_hand_back_is_taken_back_while_the_set_is_open(room: Room) -> None:
    loan, epcs = in_theatre(room)
    done = do(room, hand_back_set, loan, things=epcs[:1])
    take_back(actor=room.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert contents_of(LoanSet.objects.get()).pieces("open") == 3
    done = do(room, hand_back_set, loan)
    do(room, close_set, loan)
    refused(
        "document_closed",
        lambda: take_back(actor=room.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan"),
    )


def test_sets_that_cannot_be(room: Room) -> None:
    item = room.here.h.item.pk
    refused("set_name_needed", lambda: expected(room, set_name=" "))
    refused("line_twice", lambda: expected(room, Listed(item, 1), Listed(item, 2)))
    refused("case_unknown", lambda: expected(room, case_number="NONE"))
    long_ago = timezone.localdate() - timedelta(days=900)
    refused("no_contract", lambda: expected(room, due_on=long_ago))
    loan, epcs = in_theatre(room)
    other, _epcs = in_theatre(room)
    refused("not_of_this_set", lambda: do(room, hand_back_set, other, things=epcs[:1]))
    refused("not_yours", lambda: do(room, hand_back_set, loan, actor=room.nurse))
    with pytest.raises(Refused):
        expected(room, listed=[])
