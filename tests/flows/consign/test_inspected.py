"""Goods that stay their supplier's are looked at by the same plans as ordered ones; what fails is not accepted."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.exchange.client import ApiClient
from tests.flows.site import soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.consign.loans import Listed, arrive_set, expect_set
from yanji.flows.consign.models import ConsignmentReceipt
from yanji.flows.consign.preview import consigned_samples
from yanji.flows.consign.sheets import receipt_sheet
from yanji.flows.correction import void_consigned
from yanji.flows.held import WholeLot
from yanji.flows.inspecting.models import Finding, InspectionPlan, LotInspection
from yanji.flows.inspecting.queries import findings_of, outcomes
from yanji.flows.inspecting.sample import Look
from yanji.flows.inspecting.sheet import finding_sheet
from yanji.flows.recall import recall
from yanji.flows.receive import Arrival
from yanji.ledger.api import Status, unit_view
from yanji.places.models import Kind, Place


@pytest.fixture(autouse=True)
def agreed(room: Room) -> None:
    room.agreement()


@pytest.fixture
def aside(room: Room) -> Place:
    return place(Kind.ROOM, room.here.h.store, quarantine=True)


@pytest.fixture
def plan(room: Room) -> InspectionPlan:
    """Samples of whatever comes: of up to 15 pieces three are looked at and none may be faulty."""
    return InspectionPlan.objects.create(
        method="sampling", aql=Decimal("4.0"), points=["packaging", "label"], edited_by=room.here.storekeeper
    )


def drawn(room: Room, key: str, arrivals: list[Arrival]) -> tuple[str, ...]:
    h = room.here.h
    [lot] = consigned_samples(
        actor=room.keeper, key=key, supplier_id=h.supplier.pk, dock_id=h.store.pk, arrivals=arrivals
    )
    return lot.sampled.units


def brought(room: Room, count: int = 12, *, faulty: int = 0, **fields: Any) -> tuple[int, list[str]]:
    """So many units, their whole sample looked at: its first ones have torn packaging."""
    key, arrivals = unique("r"), [room.here.arrival(**fields) for _ in range(count)]
    units = drawn(room, key, arrivals)
    looks = [Look(epc, faults=("packaging",) if n < faulty else ()) for n, epc in enumerate(units)]
    done = room.receive_consigned(*arrivals, key=key, looks=looks)
    return done.id, [each.epc for each in arrivals]


def test_nothing_is_taken_over_before_its_sample_was_looked_at(room: Room, plan: InspectionPlan) -> None:
    arrivals = [room.here.arrival() for _ in range(12)]
    units = drawn(room, "r:1", arrivals)
    assert len(units) == 3
    assert drawn(room, "r:1", arrivals) == units
    refused("sample_not_looked_at", lambda: room.receive_consigned(*arrivals, key="r:1"))
    halfway = [Look(units[0])]
    refused("sample_not_looked_at", lambda: room.receive_consigned(*arrivals, key="r:1", looks=halfway))
    strange = [Look(epc, faults=("beauty",)) for epc in units]
    refused("unknown_check_point", lambda: room.receive_consigned(*arrivals, key="r:1", looks=strange))
    elsewhere = [*map(Look, units), Look("urn:other")]
    refused("look_elsewhere", lambda: room.receive_consigned(*arrivals, key="r:1", looks=elsewhere))
    refused("empty", lambda: room.receive_consigned(looks=halfway))


def test_a_lot_in_order_is_accepted_and_stays_its_suppliers(room: Room, plan: InspectionPlan) -> None:
    receipt, epcs = brought(room)
    found = LotInspection.objects.get()
    assert (found.receipt_id, found.consigned_id, found.plan) == (None, receipt, plan)
    assert (found.size, found.sample, found.accept, found.faulty, found.accepted) == (12, 3, 0, 0, True)
    assert {unit_view(epc).status for epc in epcs} == {Status.AVAILABLE}
    assert not Finding.objects.exists()


def test_a_lot_that_fails_is_set_aside_whole_and_goes_back(
    room: Room, plan: InspectionPlan, aside: Place
) -> None:
    receipt, epcs = brought(room, faulty=1)
    kept = ConsignmentReceipt.objects.get(pk=receipt)
    assert (kept.accepted_event_id, len(kept.rejected_events)) == (None, 1)
    assert {(unit_view(epc).status, unit_view(epc).place_id) for epc in epcs} == {("quarantined", aside.pk)}
    found = findings_of(kept)
    assert {each.epc for each in found} == set(epcs)
    assert {each.reason for each in found} == {"sample"}
    paper = receipt_sheet(kept)
    assert [len(section.rows) for section in paper.sections] == [12, 1, 12]
    assert kept.agreement.number in dict(finding_sheet(found[0]).facts).values()
    room.hand_back(aside.pk, *epcs)
    assert {unit_view(epc).status for epc in epcs} == {Status.RETURNED}


def test_what_comes_of_a_recalled_lot_is_set_aside_too(room: Room, aside: Place) -> None:
    """Of another delivery of it, and of one whose label names no lot: the unit went back, and is known."""
    here = room.here
    first = here.arrival()
    room.receive_consigned(first)
    lots = [WholeLot(unit_view(first.epc).lot_id, here.h.campus.pk)]
    recall(actor=here.keeper, key=unique("r"), lots=lots, notice="RN-7")
    room.hand_back(here.h.store.pk, first.epc)
    later = here.arrival()
    room.receive_consigned(replace(first, lot="", expiry=None), later)
    for epc in (first.epc, later.epc):
        assert (unit_view(epc).status, unit_view(epc).place_id) == ("quarantined", aside.pk)
    assert {(each.verdict, each.place_id) for each in Finding.objects.all()} == {("doubtful", aside.pk)}


def test_where_each_piece_is_judged_only_the_faulty_one_is_rejected(room: Room, aside: Place) -> None:
    InspectionPlan.objects.create(
        method="full", points=["packaging"], item=room.here.h.item, edited_by=room.here.storekeeper
    )
    _receipt, epcs = brought(room, 4, faulty=1)
    [bad] = Finding.objects.all()
    assert (bad.place_id, unit_view(bad.epc).status) == (aside.pk, Status.QUARANTINED)
    assert {unit_view(epc).status for epc in epcs if epc != bad.epc} == {Status.AVAILABLE}


def test_of_a_counted_lot_the_faulty_pieces_are_rejected(
    room: Room, plan: InspectionPlan, aside: Place
) -> None:
    counted = room.here.counted
    arrival = Arrival(counted.pk, lot="B1", expiry=soon(300), quantity=60)
    look = Look("", counted.pk, "B1", soon(300), 1, ("label",))
    many = Look("", counted.pk, "B1", soon(300), 99, ("label",))
    refused("bad_faulty_count", lambda: room.receive_consigned(arrival, looks=[many]))
    room.receive_consigned(arrival, looks=[look])
    assert (Finding.objects.get().pieces, Finding.objects.get().place_id) == (1, aside.pk)
    assert LotInspection.objects.get().accepted


def test_lots_of_both_kinds_of_delivery_speak_for_a_supplier_until_taken_back(
    room: Room, plan: InspectionPlan
) -> None:
    supplier = room.here.h.supplier.pk
    first, _epcs = brought(room, 5, faulty=1)
    brought(room, 5)
    assert outcomes([plan.pk], supplier_id=supplier) == {plan.pk: [True, False]}
    void_consigned(actor=room.keeper, key=unique("v"), receipt_id=first, reason="wrong_scan")
    assert outcomes([plan.pk], supplier_id=supplier) == {plan.pk: [True]}


def test_a_loan_set_is_checked_against_its_list_and_asks_for_no_sample(
    room: Room, plan: InspectionPlan
) -> None:
    h = room.here.h
    expected = expect_set(
        actor=room.keeper, key=unique("l"), supplier_id=h.supplier.pk, department_id=h.department.pk, set_name="Set",
        due_on=soon(1), listed=[Listed(h.item.pk, 1)],
    )  # fmt: skip
    arrival = room.here.arrival(rejected="damaged")
    arrive_set(
        actor=room.keeper, key=unique("a"), loan_set_id=expected.id, dock_id=h.store.pk, arrivals=[arrival]
    )
    assert not LotInspection.objects.exists()
    assert Finding.objects.get().place_id == h.store.pk


def test_what_was_found_belongs_to_one_delivery(room: Room, plan: InspectionPlan) -> None:
    brought(room, 5, faulty=1)
    for found, name in ((LotInspection, "inspection_of_one_delivery"), (Finding, "finding_of_one_delivery")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            found.objects.update(consigned=None)


def test_who_may_take_no_consigned_goods_over_learns_no_sample(room: Room, plan: InspectionPlan) -> None:
    h = room.here.h
    with pytest.raises(NotFound):
        consigned_samples(
            actor=room.buyer,
            key="k",
            supplier_id=h.supplier.pk,
            dock_id=10**9,
            arrivals=[room.here.arrival()],
        )


def test_sixty_units_are_looked_at_with_as_many_statements_as_twenty(
    room: Room, plan: InspectionPlan
) -> None:
    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            brought(room, count, faulty=3)
        return len(seen)

    cost(20)
    assert cost(20) == cost(60)


def test_a_program_is_told_the_sample_and_reads_what_became_of_it(
    room: Room, plan: InspectionPlan, aside: Place
) -> None:
    h, key, api = room.here.h, unique("r"), ApiClient(room.here.storekeeper)
    arrivals = [
        {
            "item_id": each.item_id,
            "epc": each.epc,
            "serial": each.serial,
            "lot": each.lot,
            "expiry": each.expiry,
        }
        for each in (room.here.arrival() for _ in range(12))
    ]
    given = {"key": key, "supplier_id": h.supplier.pk, "dock_id": h.store.pk, "arrivals": arrivals}
    [sample] = api.post("/consignment/samples", **given).json()
    assert (sample["sample"], sample["accept"], len(sample["units"])) == (3, 0, 3)
    unseen = api.post("/consignment/receipts", **given)
    assert (unseen.status_code, ConsignmentReceipt.objects.count()) == (409, 0)
    looks = [{"epc": epc, "faults": ["label"]} for epc in sample["units"]]
    done = api.done("/consignment/receipts", **given, looks=looks)
    assert [each["accepted"] for each in done["facts"]["inspections"]] == [False]
    told = api.get(f"/consignment/receipts/{done['id']}").json()
    [inspection] = told["inspections"]
    assert (inspection["accepted"], inspection["faults"], len(inspection["looks"])) == (
        False,
        {"label": 3},
        3,
    )
    assert {(each["verdict"], each["place_id"]) for each in told["findings"]} == {("rejected", aside.pk)}
