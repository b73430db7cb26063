"""A delivery of a supplier's own goods is taken back whole, unless a unit of it was used or has moved on."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import contents, soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.goods import events_of
from yanji.flows.consign.loans import Listed, arrive_set, expect_set, send_set, sterilise_set
from yanji.flows.consign.models import ConsignmentReceipt, LoanSet
from yanji.flows.consign.sheets import receipt_sheet
from yanji.flows.correction import take_back, void_consigned
from yanji.flows.putaway import put_away
from yanji.flows.receive import Arrival
from yanji.ledger.api import Refused, life_line, on_hand, rebuild, unit_view


@pytest.fixture(autouse=True)
def _agreed(room: Room) -> None:
    room.agreement(items=[Kept(room.here.counted.pk, Decimal(5)), Kept(room.here.h.item.pk, Decimal(700))])


def void(room: Room, receipt_id: int, **fields):
    given = {"actor": room.keeper, "key": unique("v"), "receipt_id": receipt_id, "reason": "wrong_scan"}
    return void_consigned(**{**given, **fields})


def test_a_whole_delivery_is_taken_back_and_comes_again(room: Room) -> None:
    here = room.here
    arrivals = [here.arrival(), here.arrival(rejected="damaged")]
    pieces = Arrival(here.counted.pk, lot="B9", expiry=soon(300), quantity=10)
    done = room.receive_consigned(*arrivals, pieces)
    undone = void(room, done.id)
    assert (undone.state, len(undone.events)) == ("voided", 3)
    kept = ConsignmentReceipt.objects.get()
    assert (kept.voided_at is not None, receipt_sheet(kept).state != "") == (True, True)
    assert {unit_view(each.epc).status for each in arrivals} == {"expected"}
    assert life_line(arrivals[0].epc)[-1].step == "correct"
    here_now = on_hand(paths=[here.h.campus.path], by=("item",), owner_id=here.h.supplier.pk)
    assert sum(row.quantity for row in here_now) == 0
    refused("already_corrected", lambda: void(room, done.id))
    again = room.receive_consigned(*[here.arrival(serial=each.serial) for each in arrivals], pieces)
    assert (again.state, unit_view(arrivals[1].epc).status) == ("received", "available")
    assert rebuild() == []


def test_what_was_used_or_has_moved_on_is_named(room: Room) -> None:
    here = room.here
    arrivals = [here.arrival() for _ in range(3)]
    done = room.receive_consigned(*arrivals)
    epcs = [each.epc for each in arrivals]
    put_away(actor=room.keeper, key=unique("w"), things=epcs[:2], to_place_id=here.h.cabinet.pk)
    room.use(room.case(), epcs[0])
    refusal = refused("moved_on", lambda: void(room, done.id))
    assert [offence.thing for offence in refusal.offences] == sorted(epcs[:2], key=epcs.index)
    refused("unknown_reason", lambda: void(room, done.id, reason="because"))
    before = contents()
    with pytest.raises((NotFound, Refused)):
        void(room, done.id, actor=room.nurse)
    assert contents() == before


def test_the_verdict_goes_before_the_arrival(room: Room) -> None:
    room.receive_consigned(room.here.arrival())
    accepted, received = reversed(events_of(ConsignmentReceipt.objects.get()))
    refused("verdict_first", lambda: _taken(room, received))
    _taken(room, accepted)
    _taken(room, received)
    assert ConsignmentReceipt.objects.get().voided_at is not None


def _taken(room: Room, event: str) -> None:
    take_back(actor=room.keeper, key=unique("t"), event_id=event, reason="wrong_scan")


def test_a_loan_set_is_expected_again_and_not_from_its_theatre(room: Room) -> None:
    here, h = room.here, room.here.h
    loan = expect_set(
        actor=room.keeper, key=unique("k"), supplier_id=h.supplier.pk, department_id=h.department.pk, set_name="Set",
        due_on=timezone.localdate(), listed=[Listed(h.item.pk, 2)],
    ).id  # fmt: skip

    def do(verb, **fields):
        return verb(actor=room.keeper, key=unique("k"), loan_set_id=loan, **fields)

    for _ in range(2):
        do(arrive_set, dock_id=h.store.pk, arrivals=[here.arrival()])
    first, second = ConsignmentReceipt.objects.order_by("pk")
    do(sterilise_set, cycle="CSSD-7")
    void(room, second.pk)
    assert (LoanSet.objects.get().state, LoanSet.objects.get().lines.get().arrived) == ("sterilised", 1)
    void(room, first.pk)
    assert (LoanSet.objects.get().state, LoanSet.objects.get().cycle) == ("expected", "")
    do(arrive_set, dock_id=h.store.pk, arrivals=[here.arrival()])
    do(sterilise_set, cycle="CSSD-8")
    do(send_set)
    last = ConsignmentReceipt.objects.latest("pk")
    with pytest.raises(Refused) as refusal:
        void(room, last.pk)
    assert refusal.value.code == "moved_on"
    assert LoanSet.objects.get().state == "in_theatre"


def test_its_page_and_the_interface_take_it_back(room: Room) -> None:
    first, second = (room.receive_consigned(room.here.arrival()).id for _ in range(2))
    pages = Client()
    pages.force_login(room.here.storekeeper)
    address = f"/storeroom/consigned/receipts/{first}"
    assert f'action="{address}/void"' in pages.get(address).content.decode()
    assert pages.post(f"{address}/void", {"reason": "because"}).status_code == 409
    assert pages.post(f"{address}/void", {"reason": "wrong_scan"}).status_code == 302
    assert f'action="{address}/void"' not in pages.get(address).content.decode()
    keeper, path = ApiClient(room.here.storekeeper), f"/consignment/receipts/{second}"
    assert [thing["status"] for thing in keeper.get(path).json()["things"]] == ["available"]
    assert ApiClient(room.here.nurse).post(f"{path}/void", reason="wrong_scan").status_code in (403, 404)
    assert keeper.done(f"{path}/void", reason="wrong_scan")["state"] == "voided"
    listed = keeper.get("/consignment/receipts").json()
    assert [bool(each["voided_at"]) for each in listed] == [True, True]
