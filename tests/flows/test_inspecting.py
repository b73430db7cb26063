"""Plans say what to look at when goods arrive; what was seen decides about the lot; doubtful things are set aside."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site, contents, person
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.arrival import Arrival
from yanji.flows.correction import void_receipt
from yanji.flows.inspecting.iso2859 import (
    AQLS,
    LETTERS,
    SAMPLE_SIZE,
    TABLES,
    advice,
    letter_for,
    single,
    steps,
)
from yanji.flows.inspecting.models import Finding, InspectionPlan, LotInspection, UnitLook
from yanji.flows.inspecting.plans import (
    Plan,
    add_inspection_plan,
    edit_inspection_plan,
    set_inspection_plan_active,
)
from yanji.flows.inspecting.queries import samples
from yanji.flows.inspecting.sample import Look
from yanji.flows.models import OrderLine, Receipt
from yanji.flows.models_reasons import ReasonCode
from yanji.flows.putaway import put_away
from yanji.ledger.api import Refused, unit_view
from yanji.places.models import Kind

AQL = Decimal("4.0")
POINTS = ("packaging", "label")


def plan(here: Site, **fields) -> InspectionPlan:
    """A sample of everything, unless told otherwise."""
    boss = here.actor(person("administrator", here.h.campus))
    given = Plan(**{"method": "sampling", "aql": AQL, "points": POINTS, **fields})
    return InspectionPlan.objects.get(pk=add_inspection_plan(actor=boss, key=unique("plan"), plan=given).id)


def coming(here: Site, count: int, **fields) -> list[Arrival]:
    return [here.arrival(**fields) for _ in range(count)]


def looked(here: Site, key: str, order_id: int, arrivals: list[Arrival], faulty: int = 0) -> list[Look]:
    """What somebody saw who looked at the whole sample: so many of its units have torn packaging."""
    found = samples(actor=here.keeper, key=key, order_id=order_id, arrivals=arrivals)
    units = [epc for each in found for epc in each.sampled.units]
    return [Look(epc=epc, faults=("packaging",) if n < faulty else ()) for n, epc in enumerate(units)]


# The tables


@pytest.mark.parametrize(
    ("lot", "aql", "severity", "letter", "size", "accept"),
    [
        (50, "1.0", "normal", "E", 13, 0),
        (500, "1.0", "normal", "H", 50, 1),
        (1_200, "1.0", "normal", "J", 80, 2),
        (10_000, "0.65", "normal", "L", 200, 3),
        (100, "2.5", "normal", "F", 20, 1),
        (30, "2.5", "normal", "C", 5, 0),  # D shows the arrow up, to C
        (60, "2.5", "normal", "F", 20, 1),  # E shows the arrow down, to F
        (600_000, "1.0", "normal", "Q", 1_250, 21),
        (500, "1.0", "tightened", "J", 80, 1),  # H shows the arrow down, to J
        (1_200, "1.5", "tightened", "J", 80, 2),
        (1_200, "0.40", "tightened", "L", 200, 1),
    ],
)
def test_the_plans_of_the_standard(lot, aql, severity, letter, size, accept):
    found = single(lot, Decimal(aql), severity)
    assert (found.letter, found.size, found.accept) == (letter, size, accept)


@pytest.mark.parametrize("severity", ["normal", "tightened"])
def test_the_tables_run_on_diagonals(severity):
    """In both tables each limit's row is the one before it, one letter earlier: a slip in one cell breaks the pattern.

    Letter A is no part of it: the tightened table leaves an arrow where its two pieces would come.
    """
    rows = [TABLES[severity][aql] for aql in AQLS]
    for tighter, looser in itertools.pairwise(rows):
        for at in range(2, len(LETTERS)):
            if tighter[at].isdigit():
                assert looser[at - 1] == tighter[at], (severity, tighter, looser, LETTERS[at])


def test_arrows_lead_to_a_plan_and_a_larger_lot_never_to_a_smaller_sample():
    for severity in ("normal", "tightened"):
        for aql in AQLS:
            plans = [single(10**9, aql, severity)] + [
                single_size for _step, single_size in steps(aql, severity)
            ]
            sizes = [each.size for each in plans[1:]]
            assert sizes == sorted(sizes)
            assert all(each.size == SAMPLE_SIZE[each.letter] for each in plans)


def test_code_letters_change_where_the_standard_says():
    assert [letter_for(n) for n in (2, 8, 9, 280, 281, 1_200, 1_201, 500_000, 500_001)] == list("AABGHJKPQ")


def test_a_small_lot_is_looked_at_whole():
    assert single(3, Decimal("0.10")).size == 3


def test_two_of_five_lots_turned_down_tighten_and_five_accepted_relax():
    assert advice([True, False, True, False], "normal") == "tighten"
    assert advice([True, True, True, True, False], "normal") == ""
    assert advice([True] * 5, "tightened") == "relax"
    assert advice([True] * 4, "tightened") == ""


# Plans


def test_only_who_edits_rules_everywhere_makes_a_plan(here):
    before = contents()
    for actor in (here.keeper, here.actor(person("administrator", here.h.store))):
        with pytest.raises(Refused) as refused:
            add_inspection_plan(actor=actor, key=unique("k"), plan=Plan(points=POINTS))
        assert refused.value.code == "not_yours"
    after = contents()
    assert {name for name in before if before[name] != after[name]} <= {"flows_act"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"method": "sampling", "aql": None}, "bad_aql"),
        ({"method": "sampling", "aql": Decimal("3.14")}, "bad_aql"),
        ({"method": "full", "aql": AQL}, "bad_aql"),
        ({"points": ()}, "check_points_needed"),
        ({"points": ("beauty",)}, "unknown_reason"),
        ({"risk_class": "IV"}, "bad_inspection_choice"),
        ({"severity": "reduced"}, "bad_inspection_choice"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(here, fields, code):
    with pytest.raises(Refused) as refused:
        plan(here, **fields)
    assert refused.value.code == code
    assert not InspectionPlan.objects.exists()


def test_a_point_offered_no_longer_may_stay_where_it_is(here):
    made, boss = plan(here), here.actor(person("administrator", here.h.campus))
    ReasonCode.objects.filter(group="check_point", code=POINTS[0]).update(active=False)
    with pytest.raises(Refused) as refused:
        plan(here, family="stents")
    assert refused.value.code == "unknown_reason"
    harder = Plan(method="sampling", aql=AQL, points=POINTS, severity="tightened")
    edit_inspection_plan(actor=boss, key=unique("k"), plan_id=made.pk, plan=harder)
    made.refresh_from_db()
    assert (made.severity, tuple(made.points)) == ("tightened", tuple(POINTS))


def test_an_item_that_does_not_exist_is_not_found(here):
    with pytest.raises(NotFound):
        plan(here, item_id=10**9)


@pytest.mark.django_db(transaction=True)
def test_one_plan_for_the_same_goods(committed):
    here = committed
    first = plan(here)
    with pytest.raises(Refused) as refused:
        plan(here, points=("label",))
    assert refused.value.code == "inspection_plan_twice"
    boss = here.actor(person("administrator", here.h.campus))
    set_inspection_plan_active(actor=boss, key=unique("k"), plan_id=first.pk, active=False)
    with pytest.raises(Refused) as refused:
        edit_inspection_plan(actor=boss, key=unique("k"), plan_id=first.pk, plan=Plan(points=POINTS))
    assert refused.value.code == "inspection_plan_ended"
    assert plan(here).active


def test_the_plan_of_the_item_goes_before_one_that_names_more(here):
    item = here.h.item
    wide = plan(here, risk_class=item.risk_class, supplier_id=here.h.supplier.pk)
    own = plan(here, item_id=item.pk, method="full", aql=None)
    order, arrivals = here.order(), coming(here, 3)
    found = samples(actor=here.keeper, key="k", order_id=order.id, arrivals=arrivals)
    assert [each.sampled.plan for each in found] == [own]
    boss = here.actor(person("administrator", here.h.campus))
    set_inspection_plan_active(actor=boss, key=unique("k"), plan_id=own.pk, active=False)
    found = samples(actor=here.keeper, key="k", order_id=order.id, arrivals=arrivals)
    assert [each.sampled.plan for each in found] == [wide]


# A lot


def test_the_same_key_draws_the_same_units_and_another_key_others(here):
    plan(here)
    order, arrivals = here.order((here.h.item, 60)), coming(here, 60)
    ask = {"actor": here.keeper, "order_id": order.id}
    first = samples(key="a", arrivals=arrivals, **ask)[0].sampled
    assert (first.size, first.sample, first.accept) == (60, 13, 1)
    assert first.units == samples(key="a", arrivals=arrivals[::-1], **ask)[0].sampled.units
    assert set(first.units) != set(samples(key="b", arrivals=arrivals, **ask)[0].sampled.units)


def test_a_lot_within_its_number_is_accepted_but_for_what_is_faulty(here):
    plan(here)
    order, arrivals = here.order((here.h.item, 60)), coming(here, 60)
    looks = looked(here, "receipt:1", order.id, arrivals, faulty=1)
    done = here.receive(order, *arrivals, key="receipt:1", looks=looks)
    lot = LotInspection.objects.get()
    assert (lot.size, lot.sample, lot.accept, lot.faulty, lot.accepted) == (60, 13, 1, 1, True)
    assert UnitLook.objects.count() == 13
    assert Finding.objects.get().reason == "inspection"
    line = OrderLine.objects.get(order_id=order.id)
    assert (line.received, line.rejected) == (59, 1)
    assert unit_view(looks[0].epc).status == "quarantined"
    assert done.facts["inspections"][0]["accepted"] is True


def test_a_lot_beyond_its_number_is_rejected_whole(here):
    plan(here)
    order, arrivals = here.order((here.h.item, 60)), coming(here, 60)
    looks = looked(here, "receipt:1", order.id, arrivals, faulty=2)
    here.receive(order, *arrivals, key="receipt:1", looks=looks)
    assert LotInspection.objects.get().accepted is False
    line = OrderLine.objects.get(order_id=order.id)
    assert (line.received, line.rejected) == (0, 60)
    assert {unit_view(each.epc).status for each in arrivals} == {"quarantined"}
    assert set(Finding.objects.values_list("reason", flat=True)) == {"sample"}


def test_each_lot_is_judged_by_itself(here):
    plan(here)
    order = here.order((here.h.item, 40))
    bad, good = coming(here, 20, lot="BAD"), coming(here, 20, lot="GOOD")
    found = samples(actor=here.keeper, key="r", order_id=order.id, arrivals=[*bad, *good])
    looks = [
        Look(epc=epc, faults=("label",) if each.sampled.lot == "BAD" else ())
        for each in found
        for epc in each.sampled.units
    ]
    here.receive(order, *bad, *good, key="r", looks=looks)
    assert dict(LotInspection.objects.values_list("lot", "accepted")) == {"BAD": False, "GOOD": True}
    assert {unit_view(each.epc).status for each in good} == {"available"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("say", "code"),
    [
        (lambda looks: looks[:-1], "sample_not_looked_at"),
        (lambda _looks: [], "sample_not_looked_at"),
        (lambda looks: [*looks, Look(epc="01/00000000000000/21/GHOST")], "look_elsewhere"),
        (lambda looks: [*looks[1:], Look(epc=looks[0].epc, faults=("beauty",))], "unknown_check_point"),
    ],
)
def test_what_was_not_looked_at_is_not_received(committed, say, code):
    plan(committed)
    order, arrivals = committed.order((committed.h.item, 60)), coming(committed, 60)
    looks = looked(committed, "receipt:1", order.id, arrivals)
    before = contents()
    with pytest.raises(Refused) as refused:
        committed.receive(order, *arrivals, key="receipt:1", looks=say(looks))
    assert refused.value.code == code
    assert contents() == before


def test_pieces_of_a_counted_lot_are_counted_not_named(here):
    plan(here)
    order = here.order((here.counted, 60))
    arrival = Arrival(here.counted.pk, lot="B1", expiry=date(2099, 1, 1), quantity=60)
    with pytest.raises(Refused) as refused:
        here.receive(
            order, arrival, key="r0", looks=[Look("", here.counted.pk, "B1", date(2099, 1, 1), 99, POINTS)]
        )
    assert refused.value.code == "bad_faulty_count"
    look = Look("", here.counted.pk, "B1", date(2099, 1, 1), 1, ("label",))
    here.receive(order, arrival, key="r", looks=[look])
    line = OrderLine.objects.get(order_id=order.id)
    assert (line.received, line.rejected) == (59, 1)
    assert Finding.objects.get().pieces == 1


def test_what_a_hand_turned_away_is_no_part_of_the_lot(here):
    plan(here)
    order = here.order((here.h.item, 10))
    expired = here.arrival(expiry=date(2020, 1, 1), rejected="expired")
    good = coming(here, 2)
    here.receive(order, expired, *good, key="r", looks=looked(here, "r", order.id, [expired, *good]))
    assert LotInspection.objects.get().size == 2


def test_the_latest_lots_of_a_supplier_speak_for_tightened_inspection(here):
    plan(here)
    for number in range(2):
        order, arrivals, key = here.order((here.h.item, 5)), coming(here, 5), f"r{number}"
        here.receive(order, *arrivals, key=key, looks=looked(here, key, order.id, arrivals, faulty=3))
    order, arrivals = here.order((here.h.item, 60)), coming(here, 60)
    found = samples(actor=here.keeper, key="r", order_id=order.id, arrivals=arrivals)[0]
    assert (found.advice, found.rejected, found.latest) == ("tighten", 2, 2)
    assert found.instead is not None
    assert (found.instead.size, found.instead.accept) == (20, 1)


def test_a_thousand_units_cost_as_many_statements_as_sixty(here):
    plan(here)

    def cost(count: int) -> int:
        order, arrivals, key = here.order((here.h.item, count)), coming(here, count), unique("r")
        with CaptureQueriesContext(connection) as asked:
            looks = looked(here, key, order.id, arrivals, faulty=1)
            here.receive(order, *arrivals, key=key, looks=looks)
        return len(asked)

    cost(60)
    assert cost(60) == cost(1_000)


# In doubt


def test_what_is_in_doubt_goes_to_the_quarantine_place_of_the_campus(here):
    aside = place(Kind.ROOM, here.h.campus, quarantine=True)
    place(Kind.CABINET, here.h.department, quarantine=True)
    order, doubt, good = here.order(), here.arrival(doubtful="storage"), here.arrival()
    here.receive(order, doubt, good)
    unit = unit_view(doubt.epc)
    assert (unit.status, unit.place_id) == ("quarantined", aside.pk)
    assert unit_view(good.epc).place_id == here.h.store.pk
    line = OrderLine.objects.get(order_id=order.id)
    assert (line.received, line.rejected) == (2, 0)
    found = Finding.objects.get()
    assert (found.verdict, found.place) == ("doubtful", aside)


def test_the_quarantine_place_of_the_store_is_nearer(here):
    place(Kind.ROOM, here.h.campus, quarantine=True)
    near = place(Kind.BIN, here.h.store, quarantine=True)
    rejected = here.arrival(rejected="damaged")
    here.receive(here.order(), rejected)
    assert unit_view(rejected.epc).place_id == near.pk


def test_without_a_quarantine_place_it_stays_at_the_dock(here):
    doubt = here.arrival(doubtful="storage")
    here.receive(here.order(), doubt)
    assert unit_view(doubt.epc).place_id == here.h.store.pk


def test_a_doubt_is_one_of_the_reasons_and_not_a_rejection_as_well(here):
    order = here.order()
    for fields in ({"doubtful": "mood"}, {"doubtful": "storage", "rejected": "damaged"}):
        with pytest.raises(Refused) as refused:
            here.receive(order, here.arrival(**fields))
        assert refused.value.code == "bad_verdict"
    assert not Receipt.objects.exists()


def test_a_receipt_with_doubtful_things_is_taken_back_whole(here):
    place(Kind.ROOM, here.h.campus, quarantine=True)
    order = here.order()
    arrivals = [here.arrival(doubtful="storage"), here.arrival(rejected="damaged"), here.arrival()]
    done = here.receive(order, *arrivals)
    void_receipt(actor=here.keeper, key=unique("v"), receipt_id=done.id, reason="wrong_scan")
    line = OrderLine.objects.get(order_id=order.id)
    assert (line.received, line.rejected) == (0, 0)
    assert {unit_view(each.epc).place_kind for each in arrivals} == {"supplier"}


def test_nothing_that_may_be_used_is_put_into_quarantine(here):
    aside = place(Kind.ROOM, here.h.store, quarantine=True)
    epc = here.stocked(1)[0]
    with pytest.raises(Refused) as refused:
        put_away(actor=here.keeper, key=unique("p"), things=[epc], to_place_id=aside.pk)
    assert refused.value.code == "quarantine_place"
    assert unit_view(epc).place_id == here.h.store.pk
