"""post(): every step of the lifecycle, keys, and how much it costs in statements."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.ledger.ways import BEFORE, INTO, levels, ready, walk, written
from tests.makers import hospital, unique
from yanji.ledger.api import (
    LIFECYCLE,
    Line,
    NewUnit,
    Refused,
    Status,
    Step,
    life_line,
    post,
    rebuild,
    unit_view,
)

pytestmark = pytest.mark.django_db


def test_the_ways_cover_the_lifecycle() -> None:
    assert set(BEFORE) == set(LIFECYCLE)
    assert set(INTO) == set(Status)


@pytest.mark.parametrize("step", LIFECYCLE)
def test_a_step_leads_to_its_target(step: Step) -> None:
    """State, level and chain follow; the place is the one asked for, or the same."""
    house = hospital()
    things = ready(house, step, 2)
    epcs = [thing if isinstance(thing, str) else thing.epc for thing in things]
    before = unit_view(epcs[0])
    house.do(step, *things)
    for epc in epcs:
        after = unit_view(epc)
        assert after is not None
        kept = before.status if before else None
        assert (after.status, after.step) == (LIFECYCLE[step].target or kept, step)
        assert after.seq == (before.seq + 1 if before else 1) == len(life_line(epc))
        if LIFECYCLE[step].to_kinds is None and before:
            assert after.place_id == before.place_id
    assert levels(house) == {(after.place_id, after.status): 2}
    assert rebuild() == []


@pytest.mark.parametrize("status", Status)
def test_no_other_step_is_taken(status: Status) -> None:
    """From each status every step that the table does not list is refused, and nothing is written."""
    house = hospital()
    [epc] = walk(house, INTO[status])
    before = written()
    for step, row in LIFECYCLE.items():
        if status not in row.sources:
            with pytest.raises(Refused) as refused:
                house.do(step, epc)
            assert refused.value.offences[0].thing == epc
            assert written() == before, step


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.EXPECTED])
def test_a_known_thing_cannot_arrive_as_new(status: Status) -> None:
    house = hospital()
    [epc] = walk(house, INTO[status])
    unit = house.unit(serial=epc.rsplit("/", 1)[1])
    with pytest.raises(Refused) as refused:
        house.do(Step.RECEIVE, unit)
    assert refused.value.code == "duplicate_identity"


def test_an_expected_thing_arrives_once() -> None:
    house = hospital()
    unit = house.unit()
    house.do(Step.ANNOUNCE, unit)
    with pytest.raises(Refused, check=lambda refused: refused.code == "duplicate_identity"):
        house.do(Step.ANNOUNCE, unit)
    house.do(Step.RECEIVE, unit)
    assert [passage.step for passage in life_line(unit.epc)] == [Step.ANNOUNCE, Step.RECEIVE]


def test_the_same_draft_is_done_once() -> None:
    house = hospital()
    [epc] = house.stocked()
    draft = house.draft(Step.USE, epc)
    first = post(draft, actor=house.actor)
    before = written()
    again = post(draft, actor=house.actor)
    assert (again.event_id, again.repeated, first.repeated) == (first.event_id, True, False)
    assert written() == before


def test_a_retry_is_answered_even_when_the_world_has_moved_on() -> None:
    house = hospital()
    [epc] = house.stocked()
    draft = house.draft(Step.PICK, epc)
    first = post(draft, actor=house.actor)
    house.do(Step.UNPICK, epc)
    assert post(draft, actor=house.actor).event_id == first.event_id
    assert unit_view(epc).status == Status.AVAILABLE


@pytest.mark.parametrize("change", ["note", "lines", "step", "documents"])
def test_a_key_names_one_act(change: str) -> None:
    house = hospital()
    one, other = house.stocked(2)
    draft = house.draft(Step.PICK, one)
    post(draft, actor=house.actor)
    before = written()
    changed = {
        "note": replace(draft, note="another"),
        "lines": replace(draft, lines=(Line(other),)),
        "step": replace(draft, step=Step.SET_OUT),
        "documents": replace(draft, documents={"requisition": "R2"}),
    }[change]
    with pytest.raises(Refused) as refused:
        post(changed, actor=house.actor)
    assert refused.value.code == "key_reused"
    assert written() == before


def test_a_refusal_names_every_offender_and_writes_nothing() -> None:
    house = hospital()
    good, used, held = house.stocked(3)
    house.do(Step.USE, used)
    house.do(Step.HOLD, held)
    before = written()
    with pytest.raises(Refused) as refused:
        house.do(Step.PICK, good, used, held, "01/unknown/21/X", good)
    named = {(offence.code, offence.thing) for offence in refused.value.offences}
    assert named == {
        ("already_used", used),
        ("on_hold", held),
        ("unknown_unit", "01/unknown/21/X"),
        ("scanned_twice", good),
    }
    assert refused.value.code == "several"
    assert written() == before


def statements(step: Step, count: int) -> int:
    house = hospital()
    draft = house.draft(step, *ready(house, step, count))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        post(draft, actor=house.actor)
    return len(captured)


@pytest.mark.parametrize("step", LIFECYCLE)
def test_two_statements_whatever_the_number_of_lines(step: Step) -> None:
    assert [statements(step, 1), statements(step, 100)] == [2, 2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [1, 100])
def test_two_statements_are_all_that_is_sent(count: int) -> None:
    """Outside a transaction of somebody else not even one to open or close it is needed."""
    assert statements(Step.ISSUE, count) == 2


def test_mixed_new_and_expected_units_in_one_receipt() -> None:
    house = hospital()
    expected, new = house.unit(), house.unit(lot="L2")
    house.do(Step.ANNOUNCE, expected)
    house.do(Step.RECEIVE, expected, new)
    assert {unit_view(unit.epc).seq for unit in (expected, new)} == {1, 2}
    assert rebuild() == []


def test_odd_texts_survive_the_way_to_the_database() -> None:
    """Quotes, backslashes, braces, commas, SQL, HTML and the word NULL are text like any other."""
    house = hospital()
    oddities = [
        'a"b',
        "a\\b",
        "{a,b}",
        "NULL",
        "",
        " ",
        "'; DROP TABLE x; --",
        "<b>&amp;</b>",
        "雁",
        "a\nb",
        '\\"',
    ]
    units = [house.unit(serial=f"{unique('O')}{odd}", lot=odd, order_number=odd[:40]) for odd in oddities]
    house.do(Step.RECEIVE, *units, note='"{}\\', documents={"order": '{"a":1}', 'od"d': "x"})
    for unit, odd in zip(units, oddities, strict=True):
        view = unit_view(unit.epc)
        assert (view.epc, view.serial, view.lot, view.order_number) == (unit.epc, unit.serial, odd, odd)
    [passage] = life_line(units[0].epc)
    assert (passage.note, passage.documents) == ('"{}\\', {"order": '{"a":1}', 'od"d': "x"})


def test_a_serial_of_the_same_item_is_known() -> None:
    house = hospital()
    unit = house.unit()
    house.do(Step.RECEIVE, unit)
    twin = NewUnit(epc=unit.epc + "X", item_id=unit.item_id, serial=unit.serial, lot="L1")
    with pytest.raises(Refused) as refused:
        house.do(Step.RECEIVE, twin)
    assert refused.value.code == "duplicate_serial"
