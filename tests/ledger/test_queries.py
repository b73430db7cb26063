"""Questions to the ledger: by both times, below any place, in the order to pick, forward and backward."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.makers import days_ago, hospital, unique
from yanji.insight.lots import passed
from yanji.ledger.api import (
    Moment,
    Status,
    Step,
    candidates,
    candidates_of,
    correct,
    expiring,
    find_units,
    life_line,
    on_hand,
    reserve,
    say_recalled,
    trace_lot,
    unit_at,
    unit_view,
    units_of_cases,
    units_where,
    virtual_places,
)
from yanji.ledger.models import Alias, Unit

pytestmark = pytest.mark.django_db


def test_where_it_was_and_what_was_believed() -> None:
    """An entry made late changes where it was, not what was believed before it was made."""
    house = hospital()
    unit = house.unit()
    house.do(Step.RECEIVE, unit, happened_at=days_ago(5))
    house.do(Step.ACCEPT, unit.epc, happened_at=days_ago(4))
    before = timezone.now()
    house.do(Step.PUT_AWAY, unit.epc, happened_at=days_ago(3))  # entered now
    assert unit_at(unit.epc, as_of=days_ago(6)) is None
    assert unit_at(unit.epc, as_of=days_ago(2)).place_id == house.bin.pk
    assert unit_at(unit.epc, as_of=days_ago(2), as_known=before).place_id == house.store.pk
    assert unit_at(unit.epc, as_of=days_ago(3) - timedelta(hours=1)).place_id == house.store.pk
    assert [p.step for p in life_line(unit.epc, as_known=before)] == [Step.RECEIVE, Step.ACCEPT]


def test_what_was_taken_back_never_happened_once_that_was_known() -> None:
    house = hospital()
    [epc] = house.stocked()
    wrong = house.do(Step.USE, epc)
    believed = timezone.now()
    correct(wrong.event_id, key=unique("c"), reason="wrong", actor=house.actor)
    now = timezone.now()
    assert unit_at(epc, as_of=now, as_known=believed).status == Status.USED
    assert unit_at(epc, as_of=now).status == Status.AVAILABLE
    passages = life_line(epc, as_known=believed)
    assert passages[-1].corrected_by is None
    assert life_line(epc)[-2].corrected_by == life_line(epc)[-1].event_id


def test_a_life_line_says_who_where_when_and_why() -> None:
    house = hospital()
    [epc] = house.stocked()
    house.do(Step.SCRAP, epc, reason="dropped", note="fell off the trolley")
    last = life_line(epc)[-1]
    assert (last.actor_id, last.reason, last.note) == (
        house.actor.person_id,
        "dropped",
        "fell off the trolley",
    )
    assert (last.from_place_id, last.to_place_id) == (house.store.pk, virtual_places().scrap)
    assert (last.from_status, last.to_status) == (Status.AVAILABLE, Status.SCRAPPED)
    assert last.witness is not None


def test_stock_below_any_place() -> None:
    house = hospital()
    epcs = house.stocked(5)
    house.do(Step.PUT_AWAY, *epcs[:2])
    found = {
        path: sum(line.quantity for line in on_hand(paths=[path], by=()))
        for path in (house.campus.path, house.store.path, house.bin.path, house.department.path)
    }
    assert found == {house.campus.path: 5, house.store.path: 5, house.bin.path: 2, house.department.path: 0}
    assert on_hand(paths=[]) == []


def test_stock_by_status_owner_lot_and_expiry() -> None:
    house = hospital()
    today = timezone.localdate()
    own = house.stocked(3, lot="A", expiry=today + timedelta(days=10))
    house.stocked(2, lot="B", expiry=today + timedelta(days=90), owner_id=house.supplier.pk)
    house.do(Step.PICK, own[0])
    paths = [house.campus.path]
    by_status = {line.status: line.quantity for line in on_hand(paths=paths, by=("status",))}
    assert by_status == {"available": 4, "picked": 1}
    by_owner = {line.owner_id: line.quantity for line in on_hand(paths=paths, by=("owner",))}
    assert by_owner == {None: 3, house.supplier.pk: 2}
    assert sum(line.quantity for line in on_hand(paths=paths, owner_id=0)) == 3
    assert sum(line.quantity for line in on_hand(paths=paths, owner_id=house.supplier.pk)) == 2
    [soon] = expiring(30, today=today, paths=paths, by=("lot",))
    assert (soon.lot, soon.quantity, soon.value) == ("A", 3, Decimal(300))
    assert [line.lot for line in on_hand(paths=paths, by=("lot",))] == ["A", "B"]


@pytest.mark.parametrize(("policy", "order"), [("fefo", "BCA"), ("fifo", "ABC")])
def test_candidates_in_the_order_to_pick(policy: str, order: str) -> None:
    house = hospital()
    today = timezone.localdate()
    for lot, days, age in (("A", 300, 9), ("B", 10, 5), ("C", 50, 1)):
        unit = house.unit(lot=lot, expiry=today + timedelta(days=days))
        house.do(Step.RECEIVE, unit, happened_at=days_ago(age))
        house.do(Step.ACCEPT, unit.epc)
    found = candidates(
        house.item.pk, within_path=house.store.path, today=today, now=timezone.now(), policy=policy
    )
    assert "".join(candidate.lot for candidate in found if candidate.ok) == order


def test_each_skipped_candidate_has_its_reason() -> None:
    house = hospital()
    today, now = timezone.localdate(), timezone.now()
    good, held, recalled, picked, reserved, ours = house.stocked(6)
    house.do(Step.HOLD, held)
    house.do(Step.RECALL, recalled)
    house.do(Step.PICK, picked)
    for epc, document in ((reserved, "R1"), (ours, "R2")):
        until = now + timedelta(hours=1)
        reserve([epc], reserved_for=document, until=until, key=unique("r"), actor=house.actor)
    [old] = [house.unit(lot="OLD", expiry=today - timedelta(days=1))]
    house.do(Step.RECEIVE, old)
    [unmarked] = house.stocked(lot="GONE")
    gone = unit_view(unmarked).lot_id
    say_recalled([gone], {gone: ("RN-1", now)})
    [theirs] = house.stocked(owner_id=house.supplier.pk)
    found = candidates_of(
        [house.item.pk], within_path=house.store.path, today=today, now=timezone.now(), reserved_for=["R2"],
        barred=[(house.item.pk, house.supplier.pk)],
    )[house.item.pk]  # fmt: skip
    assert {candidate.epc: candidate.reason for candidate in found} == {
        good: "",
        ours: "",
        held: "on_hold",
        recalled: "recalled",
        picked: "wrong_status",
        reserved: "reserved",
        old.epc: "expired",
        unmarked: "lot_recalled",
        theirs: "consigned_not_there",
    }


def test_a_lot_is_traced_forward_and_backward() -> None:
    house = hospital()
    epcs = house.stocked(4, lot=unique("L"))
    for step in (Step.PICK, Step.ISSUE, Step.TAKE_IN):
        house.do(step, *epcs[:3])
    house.do(Step.USE, epcs[0], documents={"case": "C7", "patient": "P7"})
    lot = unit_view(epcs[0]).lot_id
    trace = trace_lot(lot)
    assert {unit.epc for unit in trace.units} == set(epcs)
    assert {(line.place_id, line.status, line.quantity) for line in trace.holdings} == {
        (house.cabinet.pk, "available", 2),
        (house.store.pk, "available", 1),
        (virtual_places().patient, "used", 1),
    }
    [treated] = trace.patients
    assert (treated.patient_token, treated.case_number, treated.used_at) == ("P7", "C7", house.cabinet.path)
    assert (house.department.pk, "used", 1) in {
        (line.place_id, line.status, line.quantity) for line in trace.departments
    }
    assert trace.unit_count == 4
    assert [(source.supplier_id, source.quantity) for source in trace.sources] == [(house.supplier.pk, 4)]
    assert {hand.person_id for hand in trace.people} == {house.actor.person_id}
    ends = {(flow.from_place_id, flow.to_place_id): flow.quantity for flow in trace.flows}
    assert ends[house.cabinet.pk, virtual_places().patient] == 1
    assert [unit.epc for unit in units_where(patient_token="P7", case_number="C7", lot_id=lot)] == [epcs[0]]


def test_units_of_several_cases_come_case_by_case_and_so_many_of_each() -> None:
    house = hospital()
    epcs = house.stocked(5)
    for step in (Step.PICK, Step.ISSUE, Step.TAKE_IN):
        house.do(step, *epcs)
    house.do(Step.USE, *epcs[:3], documents={"case": "C-A", "patient": "P7"})
    house.do(Step.USE, epcs[3], documents={"case": "C-B", "patient": "P7"})
    house.do(Step.USE, epcs[4], documents={"case": "C-C", "patient": "P8"})
    found = units_of_cases(["C-B", "C-A", "C-NONE"], limit=2)
    assert [(unit.epc, unit.case_number) for unit in found] == [
        (epcs[3], "C-B"), (epcs[0], "C-A"), (epcs[1], "C-A"),
    ]  # fmt: skip
    assert units_of_cases([], limit=2) == []


def test_a_lot_is_traced_as_of_a_day_and_as_known_on_a_day() -> None:
    """A use entered late and a use taken back: the world then, and what was believed of it."""
    house = hospital()
    lot_number = unique("L")
    units = [house.unit(lot=lot_number) for _ in range(3)]
    epcs = [unit.epc for unit in units]
    house.do(Step.RECEIVE, *units, happened_at=days_ago(5))
    house.do(Step.ACCEPT, *epcs, happened_at=days_ago(5))
    for step in (Step.PICK, Step.ISSUE, Step.TAKE_IN):
        house.do(step, *epcs[:2], happened_at=days_ago(4))
    before = timezone.now()
    house.do(Step.USE, epcs[0], documents={"case": "C1", "patient": "P1"}, happened_at=days_ago(2))
    wrong = house.do(Step.USE, epcs[1], documents={"case": "C2", "patient": "P2"}, happened_at=days_ago(2))
    believed = timezone.now()
    correct(wrong.event_id, key=unique("c"), reason="wrong", actor=house.actor)
    lot = unit_view(epcs[0]).lot_id

    def at(as_of: datetime, as_known: datetime | None = None) -> tuple[dict[str, int], set[str], set[str]]:
        trace = trace_lot(lot, moment=Moment(as_of, as_known))
        lying = {f"{line.place_id}:{line.status}": int(line.quantity) for line in trace.holdings}
        for unit in trace.units:
            lying[f"{unit.place_id}:{unit.status}"] -= 1
        assert set(lying.values()) <= {0}, "units and holdings tell the same"
        assert trace.unit_count == len(trace.units)
        statuses = Counter(unit.status for unit in trace.units)
        treated = {each.patient_token for each in trace.patients}
        assert treated == {unit.patient_token for unit in trace.units} - {""}
        used = {line.place_id for line in trace.departments if line.status == "used"}
        assert used == ({house.department.pk} if treated else set())
        flows = {(flow.from_place_id, flow.to_place_id) for flow in trace.flows}
        assert ((house.cabinet.pk, virtual_places().patient) in flows) == bool(treated)
        return (
            dict(statuses),
            treated,
            {passing.to_kind for passing in passed(lot, moment=Moment(as_of, as_known))},
        )

    now = timezone.now()
    assert at(days_ago(6)) == ({}, set(), set())
    assert at(days_ago(3)) == ({"available": 3}, set(), {"store", "department"})
    assert at(now, before) == ({"available": 3}, set(), {"store", "department"})
    assert at(now, believed)[:2] == ({"used": 2, "available": 1}, {"P1", "P2"})
    assert at(now)[:2] == ({"used": 1, "available": 2}, {"P1"})
    today, then = trace_lot(lot), trace_lot(lot, moment=Moment(now))
    assert (today.holdings, today.patients) == (then.holdings, then.patients)
    states = [
        [(unit.epc, unit.status, unit.place_id, unit.patient_token) for unit in trace.units]
        for trace in (today, then)
    ]
    assert states[0] == states[1]
    assert today.departments == then.departments


def test_a_unit_is_found_by_any_of_its_names() -> None:
    house = hospital()
    [epc] = house.stocked()
    unit = Unit.objects.get(epc=epc)
    Alias.objects.create(code="E28011" + unit.serial, unit=unit)
    assert [find_units(name) for name in (epc, unit.serial, "E28011" + unit.serial, "no such")] == [
        [epc],
        [epc],
        [epc],
        [],
    ]


@pytest.mark.parametrize("count", [1, 30])
def test_a_constant_number_of_statements(count: int) -> None:
    from django.db import connection

    house = hospital()
    epcs = house.stocked(count)
    lot = unit_view(epcs[0]).lot_id
    spent = []
    for question in (
        lambda: life_line(epcs[0]),
        lambda: trace_lot(lot),
        lambda: on_hand(paths=["/"]),
        lambda: expiring(30, today=timezone.localdate(), paths=["/"]),
    ):
        with CaptureQueriesContext(connection) as captured:
            question()
        spent.append(len(captured))
    assert spent == [1, 8, 1, 1]


def test_units_that_are_skipped_take_no_room_from_those_that_can_be_taken() -> None:
    house = hospital()
    house.stocked(6, lot="HELD", expiry=timezone.localdate() + timedelta(days=10))
    held = list(Unit.objects.filter(lot__number="HELD", item=house.item).values_list("epc", flat=True))
    house.do(Step.HOLD, *held)
    good = house.stocked(2)
    asked = {"within_path": house.store.path, "today": timezone.localdate(), "now": timezone.now()}
    found = candidates(house.item.pk, **asked, limit=3)
    assert [each.epc for each in found if each.ok] == good
    assert [each.reason for each in found if not each.ok] == ["on_hold"] * 3
    assert {each.passed for each in found} == {6}
