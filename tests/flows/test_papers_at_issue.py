"""A lapsed paper is said wherever goods leave a store or go to a patient, and stops them where the rules say so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.flows.site import Site
from tests.flows.test_cabinets import BADGE, Cabinets, cabinets
from tests.flows.test_lending import Wards
from tests.flows.test_validity import DAY, lapse, refused, rules
from tests.flows.theatre.conftest import room
from tests.flows.theatre.room import Room
from tests.flows.transferring import way
from tests.makers import unique
from yanji.catalog.models import Licence, Supplier
from yanji.flows.acts import Done
from yanji.flows.cabinets.settle import door_events, open_cases, settle_case
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.loans import Listed, arrive_set, expect_set, send_set, sterilise_set
from yanji.flows.correction import void_receipt
from yanji.flows.lending.lend import confirm_lending, give_back_lent, replace_lent
from yanji.flows.models import Receipt
from yanji.flows.preview import interpret, judge
from yanji.flows.theatre.despite import objections
from yanji.flows.theatre.models import EmergencyUse
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.ship import ship
from yanji.flows.validity import Findings, papers_at_issue
from yanji.flows.waves.pick import pick_wave, start_wave
from yanji.ledger.api import LotQuantity, Refused, Step, unit_view
from yanji.ledger.models import Unit

__all__ = ["cabinets", "room"]
pytestmark = pytest.mark.usefixtures("only_lapsed")
Act = Callable[[], Done]


def setting_out(room: Room, count: int = 1) -> Act:
    case, epcs = room.case(), room.consigned(count)
    return lambda: room.out(case, *epcs)


def using(room: Room, count: int = 1) -> Act:
    case, epcs = room.case(), room.consigned(count)
    return lambda: room.use(case, *epcs)


def shipping(room: Room, count: int = 1) -> Act:
    there = way(room.here)
    done = there.picked(room.here.stocked(count))
    return lambda: ship(actor=there.sender, key=unique("s"), transfer_id=done.id, handed_to="Van 7")


def lending(room: Room, count: int = 1) -> Act:
    wards, epcs = Wards(room.here), room.units(count)
    return lambda: wards.lent(epcs)


def giving_back(room: Room, count: int = 1) -> Act:
    wards, epcs = Wards(room.here), room.units(count)
    done = wards.owed(epcs)
    return lambda: give_back_lent(actor=wards.borrower, key=unique("b"), lending_id=done.id, things=epcs)


def replacing(room: Room, count: int = 1) -> Act:
    wards = Wards(room.here)
    done, ours = wards.owed(room.units(count)), room.here.stocked(count)
    return lambda: replace_lent(
        actor=room.keeper, key=unique("b"), lending_id=done.id, store_id=room.here.h.store.pk, things=ours
    )


def sending_a_set(room: Room, count: int = 1) -> Act:
    here = room.here
    asks = {"supplier_id": here.h.supplier.pk, "department_id": here.h.department.pk, "set_name": "骨科工具"}
    loan = expect_set(
        actor=room.keeper, key=unique("k"), due_on=DAY, listed=[Listed(here.h.item.pk, count)], **asks
    )
    given = {"actor": room.keeper, "loan_set_id": loan.id}
    came = [here.arrival() for _ in range(count)]
    arrive_set(**given, key=unique("k"), dock_id=here.h.store.pk, arrivals=came)
    sterilise_set(**given, key=unique("k"), cycle="CSSD-7")
    return lambda: send_set(**given, key=unique("k"))


def licence_ends(here: Site) -> None:
    """The supplier's business licence was valid until ten days ago."""
    Licence.objects.filter(supplier=here.h.supplier, kind="business").delete()
    lapse(here, kind="business")


@pytest.fixture
def covered(room: Room) -> Room:
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700)), Kept(room.here.counted.pk, Decimal(5))])
    return room


WAYS = [setting_out, using, shipping, lending, giving_back, replacing, sending_a_set]


@pytest.mark.parametrize("made", WAYS)
def test_it_is_said_and_stops_where_the_rules_say_so(covered: Room, made: Callable[[Room], Act]) -> None:
    act = made(covered)
    lapse(covered.here)
    rules(covered.here, issue__registration="refuse")
    refused("item_registration_lapsed", act)
    rules(covered.here, issue__registration="warn")
    [said] = act().facts["warnings"]
    assert covered.here.h.item.name in said


@pytest.mark.parametrize("made", WAYS)
def test_who_delivered_must_be_licensed_still(covered: Room, made: Callable[[Room], Act]) -> None:
    act = made(covered)
    licence_ends(covered.here)
    [said] = act().facts["warnings"]
    assert covered.here.h.supplier.name in said


@pytest.mark.slow
@pytest.mark.parametrize("made", [using, shipping])
def test_twenty_things_are_asked_about_as_one_is(covered: Room, made: Callable[[Room, int], Act]) -> None:
    made(covered, 1)()
    acts = [made(covered, count) for count in (1, 20)]
    lapse(covered.here)
    spent = []
    for act in acts:
        with CaptureQueriesContext(connection) as found:
            assert act().facts["warnings"]
        spent.append(len(found))
    assert spent[0] == spent[1]


def test_what_a_transfer_or_a_walk_will_meet_is_said_at_its_pick(covered: Room) -> None:
    here, there = covered.here, way(covered.here)
    epcs, wanted = here.stocked(2), here.requisition((here.h.item, 1))
    done = there.asked((here.h.item, 1))
    walk = start_wave(actor=here.keeper, key=unique("w"), store_id=here.h.store.pk, requisitions=[wanted.id])
    lapse(here)
    rules(here, issue__registration="refuse")
    picked = pick_transfer(actor=there.sender, key=unique("p"), transfer_id=done.id, things=epcs[:1])
    walked = pick_wave(actor=here.keeper, key=unique("w"), wave_id=walk.id, things=epcs[1:])
    assert len(picked.facts["warnings"]) == 1
    assert walked.facts["warnings"] == picked.facts["warnings"]


def test_a_suppliers_counted_pieces_are_asked_about_by_their_owner(covered: Room) -> None:
    """A counted lot names no supplier; whose it is still, does."""
    here = covered.here
    covered.receive_consigned(here.arrival(item=here.counted, serial="", epc="", lot="B7", quantity=4))
    lot = here.counted.lots.get(number="B7").pk
    goods = LotQuantity(lot, Decimal(2), here.h.store.pk, here.h.supplier.pk)
    here.h.do(Step.PUT_AWAY, goods, to=here.h.cabinet)
    lapse(here, kind="authorisation")
    done = covered.use(covered.case(), LotQuantity(lot, Decimal(1), here.h.cabinet.pk, here.h.supplier.pk))
    assert len(done.facts["warnings"]) == 1


@pytest.mark.parametrize(("answer", "ok"), [("warn", True), ("refuse", False)])
def test_it_is_said_while_scanning(covered: Room, answer: str, ok: bool) -> None:
    h = covered.here.h
    [epc], [in_store] = covered.units(1), covered.here.stocked(1)
    lapse(covered.here)
    rules(covered.here, issue__registration=answer)
    scans = [
        interpret(
            epc, actor=covered.nurse, flow=flow, from_place_id=h.department.pk, place_id=h.department.pk
        )
        for flow in ("set_out", "use")
    ]
    scans.append(judge(epc, actor=covered.nurse, step=Step.LEND, from_place_id=h.department.pk))
    for meaning in scans:
        assert [each.code for each in meaning.lapsed] == ["item_registration_lapsed"] * ok
        assert [each.code for each in meaning.offences] == ["item_registration_lapsed"] * (not ok)
    picked = interpret(in_store, actor=covered.keeper, flow="pick", from_place_id=h.store.pk)
    assert (picked.ok, [each.code for each in picked.lapsed]) == (True, ["item_registration_lapsed"])
    shelved = interpret(in_store, actor=covered.keeper, flow="put_away", place_id=h.bin.pk)
    assert (shelved.ok, shelved.lapsed) == (True, ())


def test_what_is_in_the_patient_is_recorded_with_the_paper_that_lapsed(covered: Room) -> None:
    [epc], [good] = covered.units(1), covered.units(1, made=DAY - timedelta(days=20), lot="OLD")
    lapse(covered.here)
    licence_ends(covered.here)
    rules(covered.here, issue__registration="refuse", issue__licence="refuse")
    case = covered.case()
    with pytest.raises(Refused) as both:
        covered.use(case, epc)
    assert {each.code for each in both.value.offences} == {
        "item_registration_lapsed",
        "supplier_licence_lapsed",
    }
    done = covered.use(case, epc, good, despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    assert [(each["thing"], each["code"]) for each in paper.against] == [
        (epc, "item_registration_lapsed"),
        (epc, "supplier_licence_lapsed"),
        (good, "supplier_licence_lapsed"),
    ]
    assert unit_view(epc).status == "used"
    with translation.override("zh-hans"):
        assert "营业执照" in objections(paper)[1]
    with translation.override("en"):
        assert "营业执照" not in objections(paper)[1]


def test_a_smart_cabinet_says_it_or_keeps_a_case(cabinets: Cabinets) -> None:
    here, (told, stopped) = cabinets.here, cabinets.filled(2)
    lapse(here)
    door = cabinets.closed([stopped], badge=BADGE)
    assert len(door.facts["warnings"]) == 1
    assert [each.said for each in door_events(here.keeper)][:1] == [door.facts["warnings"]]
    assert unit_view(told).place_id == here.h.department.pk

    rules(here, issue__registration="refuse")
    done = cabinets.closed([], badge=BADGE)
    assert (done.facts["taken"], done.facts["cases"], "warnings" in done.facts) == (0, 1, False)
    [case] = open_cases(here.keeper)
    assert here.h.item.name in case.why
    assert Unit.objects.get(epc=stopped).place_id == cabinets.cabinet.pk
    given: dict[str, Any] = {"actor": here.keeper, "case_id": case.pk, "username": cabinets.nurse.username}
    refused("item_registration_lapsed", lambda: settle_case(**given, key=unique("s")))
    rules(here, issue__registration="warn")
    assert len(settle_case(**given, key=unique("s")).facts["warnings"]) == 1


def test_nothing_is_said_of_papers_that_hold(committed: Site) -> None:
    wards = Wards(committed)
    room = Room(committed)
    done = wards.lent(room.units(1))
    assert "warnings" not in done.facts
    confirm_lending(actor=wards.borrower, key=unique("c"), lending_id=done.id)
    assert "warnings" not in room.use(room.case(), *room.units(1)).facts


def test_bought_pieces_of_a_lot_are_of_who_delivered_of_it_last(committed: Site) -> None:
    """Which delivery a piece is of is not known; one that was taken back never was."""
    lot = committed.stocked_lot(5)
    pieces = [LotQuantity(lot, Decimal(2), committed.h.store.pk)]
    other = Supplier.objects.create(code=unique("S"), name_zh="别家")
    there = replace(committed, h=replace(committed.h, supplier=other))
    for kind in ("business", "device_trade"):
        Licence.objects.create(
            supplier=other, kind=kind, number=unique("L"), valid_from=DAY - timedelta(days=9)
        )
    licence_ends(committed)
    assert [each.thing for each in papers_at_issue(pieces, timezone.now()).warnings] == [
        committed.h.supplier.name
    ]
    assert there.stocked_lot(3) == lot
    assert papers_at_issue(pieces, timezone.now()) == Findings()
    latest = Receipt.objects.latest("pk")
    void_receipt(actor=committed.keeper, key=unique("v"), receipt_id=latest.pk, reason="wrong_scan")
    assert len(papers_at_issue(pieces, timezone.now()).warnings) == 1
