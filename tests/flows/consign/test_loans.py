"""Loan sets: what came against the list, sterile before the theatre, and delivered = used + returned + wasted."""

import re
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from tests.flows.site import show_papers, soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import place, unique
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.contents import contents_of
from yanji.flows.consign.loans import (
    Listed,
    arrive_set,
    close_set,
    expect_set,
    hand_back_set,
    outside_departments,
    send_set,
    sterilise_set,
)
from yanji.flows.consign.models import LoanSet, Payable
from yanji.flows.consign.queries import overdue_sets
from yanji.flows.correction import take_back
from yanji.flows.putaway import put_away
from yanji.flows.reasons import reason_words
from yanji.flows.receive import Arrival
from yanji.flows.theatre.cart import waste
from yanji.flows.theatre.sheets import loan_sheet
from yanji.ledger.api import LotQuantity, Refused, rebuild, unit_view
from yanji.ledger.models import Level
from yanji.places.models import Kind


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
    show_papers(here)
    loan = expected(room, Listed(here.h.item.pk, 3)).id
    extra = Arrival(here.counted.pk, lot="B1", expiry=soon(90), quantity=2)
    came = [here.arrival(), here.arrival(), extra]
    done = do(room, arrive_set, loan, dock_id=here.h.store.pk, arrivals=came)
    assert done.facts == {"missing": [[here.h.item.pk, 1]], "extra": [[here.counted.pk, 2]]}
    assert unit_view(came[0].epc).owner_id == here.h.supplier.pk
    assert contents_of(LoanSet.objects.get()).pieces("open") == 4
    late = do(room, arrive_set, loan, dock_id=here.h.store.pk, arrivals=[here.arrival()])
    assert late.facts == {"missing": [], "extra": [[here.counted.pk, 2]]}
    assert contents_of(LoanSet.objects.get()).pieces("open") == 5


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


def test_a_set_comes_to_no_theatre_before_it_is_sterile(room: Room) -> None:
    """Neither its own nor another one."""
    h, loan = room.here.h, expected(room).id
    other = place(Kind.DEPARTMENT, h.campus)
    for dock in (h.department, h.cabinet, other, place(Kind.CABINET, other)):
        refused(
            "set_into_theatre",
            lambda dock=dock: do(room, arrive_set, loan, dock_id=dock.pk, arrivals=[room.here.arrival()]),
        )


def test_only_docks_that_will_take_a_set_are_offered(room: Room) -> None:
    """A store below a department is a part of it."""
    h = room.here.h
    offered = outside_departments(
        [h.store, h.department, place(Kind.STORE, h.department), place(Kind.DOCK, h.campus)]
    )
    assert [each.kind for each in offered] == [Kind.STORE, Kind.DOCK]
    assert outside_departments([]) == []


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
    account = contents_of(LoanSet.objects.get())
    assert (account.taken, account.returned, account.elsewhere, account.balances) == (3, 2, 1, True)
    printed = str(loan_sheet(LoanSet.objects.get()).facts)
    assert reason_words().of("lost_in_theatre", group="loan_missing") in printed
    keeper = Client()
    keeper.force_login(room.here.storekeeper)
    page = keeper.get(f"/storeroom/loans/{loan}").content.decode()
    assert re.search(r"<b>2</b>\s*<small>退还", page)
    assert re.search(r"<b>1</b>\s*<small>缺失", page)
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


def owned(room: Room, lot: int, count: int, place_id: int | None = None) -> LotQuantity:
    """Pieces of a lot that are the supplier's."""
    return LotQuantity(lot, Decimal(count), place_id or room.here.h.department.pk, room.here.h.supplier.pk)


def screws(room: Room, count: int = 10, **fields) -> tuple[int, int]:
    """A set of screws in the theatre, and their lot."""
    came = Arrival(room.here.counted.pk, lot="B1", expiry=soon(90), quantity=count)
    loan, _epcs = in_theatre(room, came, listed=[Listed(room.here.counted.pk, count)], **fields)
    return loan, room.here.counted.lots.get(number="B1").pk


def fates(loan_set_id: int) -> dict[str, int]:
    [found] = contents_of(LoanSet.objects.get(pk=loan_set_id)).things
    return {fate: count for fate, count in found.pieces.items() if count}


def test_pieces_used_in_whatever_case_are_accounted_for(room: Room) -> None:
    planned = room.case()
    for case in (None, planned):
        loan, lot = screws(room, case=case)
        room.use(room.case(), owned(room, lot, 4))
        assert fates(loan) == {"open": 6, "used": 4}
        do(room, hand_back_set, loan)
        assert do(room, close_set, loan).facts == {"used": 4, "returned": 6, "wasted": 0}


def test_pieces_handed_back_without_naming_their_set_are_back(room: Room) -> None:
    loan, lot = screws(room)
    room.hand_back(room.here.h.department.pk, owned(room, lot, 10))
    assert do(room, close_set, loan).facts == {"used": 0, "returned": 10, "wasted": 0}


def test_a_case_may_use_more_of_a_lot_than_its_set_brought(room: Room) -> None:
    h, case = room.here.h, room.case()
    room.receive_consigned(Arrival(room.here.counted.pk, lot="B1", expiry=soon(90), quantity=20))
    loan, lot = screws(room, 3, case=case)
    put_away(
        actor=room.keeper,
        key=unique("k"),
        things=[owned(room, lot, 20, h.store.pk)],
        to_place_id=h.department.pk,
    )
    room.use(case, owned(room, lot, 5))
    assert fates(loan) == {"used": 3}
    do(room, close_set, loan)


def test_only_what_a_set_left_behind_is_bought_when_it_is_closed(room: Room) -> None:
    h = room.here.h
    room.receive_consigned(Arrival(room.here.counted.pk, lot="B1", expiry=soon(90), quantity=20))
    shelf = owned(room, room.here.counted.lots.get().pk, 20, h.store.pk)
    put_away(actor=room.keeper, key=unique("k"), things=[shelf], to_place_id=h.bin.pk)
    first, lot = screws(room)
    second, _lot = screws(room)
    room.use(room.case(), owned(room, lot, 4))
    # Both wait in the theatre: what is used is the first one's, and no piece is counted twice.
    assert (fates(first), fates(second)) == ({"open": 6, "used": 4}, {"open": 10})
    do(room, hand_back_set, first)
    do(room, close_set, first)
    room.hand_back(h.department.pk, owned(room, lot, 8))
    do(room, close_set, second, difference="lost_in_theatre")
    assert sum(owed.quantity for owed in Payable.objects.all()) == 4 + 2
    assert {(row.place_id, int(row.quantity)) for row in _levels(lot)} == {(h.bin.pk, 20)}
    assert rebuild() == []


def _levels(lot: int):
    return Level.objects.filter(lot_id=lot, quantity__gt=0, owner__isnull=False, status="available")


def test_a_set_is_closed_with_a_reason_though_nothing_is_left_to_buy(room: Room) -> None:
    """Its pieces were carried off to a store, where they lie among others of their lot."""
    h = room.here.h
    loan, lot = screws(room)
    put_away(actor=room.keeper, key=unique("k"), things=[owned(room, lot, 10)], to_place_id=h.bin.pk)
    refused("loan_set_open", lambda: do(room, close_set, loan))
    assert do(room, close_set, loan, difference="lost_in_theatre").events == ()
    assert LoanSet.objects.get().difference_reason == "lost_in_theatre"
    assert not Payable.objects.exists()


def test_an_arrival_taken_back_leaves_the_set_to_arrive_again(room: Room) -> None:
    here, loan = room.here, expected(room).id
    done = do(room, arrive_set, loan, dock_id=here.h.store.pk, arrivals=[here.arrival()])
    for event in reversed(done.events):
        take_back(actor=room.keeper, key=unique("k"), event_id=event, reason="wrong_scan")
    assert contents_of(LoanSet.objects.get()).things == ()
    came = [here.arrival() for _ in range(3)]
    assert do(room, arrive_set, loan, dock_id=here.h.store.pk, arrivals=came).facts["missing"] == []
    do(room, hand_back_set, loan)
    assert do(room, close_set, loan).facts == {"used": 0, "returned": 3, "wasted": 0}


def test_a_part_that_comes_late_is_sterilised_with_the_set(room: Room) -> None:
    here, case = room.here, room.case()
    loan, epcs = arrived(room, here.arrival(), here.arrival())
    do(room, sterilise_set, loan, cycle="CSSD-7")
    late = here.arrival()
    done = do(room, arrive_set, loan, dock_id=here.h.store.pk, arrivals=[late])
    assert (done.state, done.facts["missing"]) == ("arrived", [])
    refused("not_sterilised", lambda: do(room, send_set, loan))
    refused("thing_not_sterilised", lambda: room.use(case, late.epc))
    do(room, sterilise_set, loan, cycle="CSSD-8")
    do(room, send_set, loan)
    room.use(case, late.epc)
    do(room, hand_back_set, loan)
    assert do(room, close_set, loan).facts == {"used": 1, "returned": 2, "wasted": 0}
    assert [unit_view(epc).status for epc in epcs] == ["returned", "returned"]


@pytest.mark.parametrize(("hour", "days", "late"), [(17, 0, 0), (18, 0, 1), (1, 1, 1), (23, -1, 0)])
def test_a_set_is_overdue_from_the_evening_of_its_day(room: Room, hour: int, days: int, late: int) -> None:
    arrived(room)
    expected(room)  # never came: nothing is kept
    day = timezone.localdate() + timedelta(days=days)
    now = timezone.make_aware(datetime.combine(day, time(hour)))
    assert len(overdue_sets([room.here.h.campus.path], now=now)) == late


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
