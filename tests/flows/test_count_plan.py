"""Which items deserve a count: classes from the value used, intervals, surprises and expiry; and how right the ledger was."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, person, soon
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.counting.abc import classes, classify
from yanji.flows.counting.accuracy import accuracy, together
from yanji.flows.counting.count import close_count, decide_variances, start_count, submit_count
from yanji.flows.counting.models import Count, CountedItem, ItemClass
from yanji.flows.counting.plan import EXPIRING_DAYS, INTERVAL_DAYS, NEVER, Held, ordered, plan, propose
from yanji.flows.counting.scan import Read, record
from yanji.ledger.api import Refused, Step
from yanji.places.models import Kind

NOW = timezone.now()


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ({}, {}),
        ({1: 100}, {1: "A"}),
        ({1: 0}, {1: "C"}),
        # 80 are reached by the first alone: the second is B, and what begins at 95 is C.
        ({1: 80, 2: 15, 3: 5}, {1: "A", 2: "B", 3: "C"}),
        ({1: 79, 2: 16, 3: 5}, {1: "A", 2: "A", 3: "C"}),
        ({1: 50, 2: 50}, {1: "A", 2: "A"}),
        ({1: 100, 2: -3}, {1: "A", 2: "C"}),
    ],
)
def test_classes_follow_the_value_used(used: dict[int, int], expected: dict[int, str]) -> None:
    found = classes({item: Decimal(value) for item, value in used.items()})
    assert {each.item_id: each.abc for each in found} == expected


def test_the_order_of_equal_items_does_not_depend_on_how_they_came() -> None:
    one, other = {1: Decimal(5), 2: Decimal(5)}, {2: Decimal(5), 1: Decimal(5)}
    assert classes(one) == classes(other)


def held(**fields: Any) -> Held:
    plain: dict[str, Any] = {
        "item_id": 1, "code": "I", "name": ("支架", "Stent"), "model": "", "pieces": Decimal(3), "value": Decimal(30),
        "first_expiry": date(2099, 1, 1), "expiring": Decimal(0), "abc": "A", "counted_at": NOW, "checked": 3, "right": 3,
        "expiry_seen": False,
    }  # fmt: skip
    return Held(**{**plain, **fields})


@pytest.mark.parametrize("abc", "ABC")
def test_an_item_is_due_after_its_class_interval(abc: str) -> None:
    days = INTERVAL_DAYS[abc]
    before = propose(held(abc=abc, counted_at=NOW - timedelta(days=days - 1)), now=NOW)
    after = propose(held(abc=abc, counted_at=NOW - timedelta(days=days)), now=NOW)
    assert (before.due, before.reasons) == (False, ())
    assert (after.due, len(after.reasons)) == (True, 1)


def test_what_differed_is_due_in_half_the_time() -> None:
    days = INTERVAL_DAYS["B"] // 2
    calm = held(abc="B", counted_at=NOW - timedelta(days=days))
    surprised = held(abc="B", counted_at=NOW - timedelta(days=days), right=2)
    assert (propose(calm, now=NOW).due, propose(surprised, now=NOW).due) == (False, True)


def test_what_expires_soon_is_due_once() -> None:
    expiring = held(expiring=Decimal(2))
    assert propose(expiring, now=NOW).due
    assert not propose(held(expiring=Decimal(2), expiry_seen=True), now=NOW).due


def test_the_most_urgent_comes_first() -> None:
    rows = [
        held(item_id=1, abc="C", counted_at=None),
        held(item_id=2, abc="A", counted_at=NOW - timedelta(days=40)),
        held(item_id=3, abc="A", counted_at=None),
        held(item_id=4, abc="A"),
    ]
    proposals = ordered([propose(row, now=NOW) for row in rows])
    assert [each.held.item_id for each in proposals] == [3, 2, 1, 4]
    assert proposals[0].overdue == NEVER


def use(here: Site, epc: str) -> None:
    here.h.do(Step.USE, epc)


def test_classes_of_a_campus_count_what_was_used_there_and_not_taken_back(here: Site) -> None:
    from yanji.ledger.api import correct, life_line

    used, taken_back, _left = here.stocked(3)
    use(here, used)
    use(here, taken_back)
    last = life_line(taken_back)[-1].event_id
    correct(last, actor=here.h.actor, key=unique("k"), reason="wrong_case", happened_at=timezone.now())
    done = classify(actor=here.keeper, key=unique("k"), campus_id=here.h.campus.pk)
    assert done.facts == {"A": 1, "B": 0, "C": 0}
    [row] = ItemClass.objects.all()
    assert (row.item_id, row.abc, row.value_used) == (here.h.item.pk, "A", Decimal(100))


def counted(here: Site, *seen: str, **limits: Any) -> None:
    """A count of the store in which just these were seen; what is missing is written off."""
    keeper = here.keeper
    count = start_count(actor=keeper, key=unique("k"), place_id=here.h.store.pk, **limits).id
    if seen:
        record(actor=keeper, count_id=count, reads=[Read(epc, unique("s")) for epc in seen])
    close_count(actor=keeper, key=unique("k"), count_id=count)
    ids = list(Count.objects.get(pk=count).variances.values_list("pk", flat=True))
    if ids:
        decide_variances(
            actor=keeper,
            key=unique("k"),
            count_id=count,
            variance_ids=ids,
            decision="accept",
            reason="missing",
        )
    submit_count(actor=keeper, key=unique("k"), count_id=count)


def test_the_plan_remembers_counts_and_surprises(here: Site) -> None:
    epcs = here.stocked(3)
    [first] = plan(here.keeper, here.h.store.pk)
    assert (first.overdue, first.held.pieces) == (NEVER, 3)
    counted(here, *epcs[:2])
    [then] = plan(here.keeper, here.h.store.pk)
    assert (then.due, then.held.surprised, then.interval_days) == (False, True, INTERVAL_DAYS["C"] // 2)
    Count.objects.update(closed_at=timezone.now() - timedelta(days=INTERVAL_DAYS["C"] // 2))
    assert plan(here.keeper, here.h.store.pk)[0].due


def test_a_count_of_what_expires_settles_only_that(here: Site) -> None:
    epcs = here.stocked(2, expiry=soon(EXPIRING_DAYS - 1))
    counted(here, *epcs, expiring_days=EXPIRING_DAYS)
    [row] = plan(here.keeper, here.h.store.pk)
    assert row.held.expiry_seen
    assert row.held.counted_at is None  # the rest of the item was not looked at


def test_the_plan_is_of_whom_counts_there(here: Site) -> None:
    with pytest.raises(Refused) as refused:
        plan(here.purchasing, here.h.store.pk)
    assert refused.value.code == "not_yours"


def test_accuracy_by_month_place_and_class(here: Site) -> None:
    epcs = here.stocked(4)
    counted(here, *epcs[:3])
    counted(here, *epcs[:3])
    [row] = accuracy(here.keeper, since=timezone.now() - timedelta(days=30))
    assert (row.counts, row.checked, row.right, row.abc) == (2, 7, 6, "C")
    assert (row.value, row.value_off) == (Decimal(700), Decimal(100))
    total = together([row])
    assert (total.percent, total.value_percent) == (Decimal("85.7"), Decimal("85.7"))
    assert together([]).share is None
    assert accuracy(here.ward, since=timezone.now() - timedelta(days=30)) == []
    elsewhere = person("storekeeper", here.h.department)
    assert accuracy(here.actor(elsewhere), since=timezone.now() - timedelta(days=30)) == []


def test_an_item_is_counted_by_its_class(here: Site) -> None:
    [epc] = here.stocked(1)
    other = Item.objects.create(code=unique("I"), name_zh="导丝", temperature_class="room")
    assert here.h.campus.kind == Kind.CAMPUS
    use(here, epc)
    classify(actor=here.keeper, key=unique("k"), campus_id=here.h.campus.pk)
    of_class = {}
    for abc in "AC":
        done = start_count(actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, abc=abc)
        of_class[abc] = set(Count.objects.get(pk=done.id).item_ids)
    assert here.h.item.pk in of_class["A"]
    assert other.pk in of_class["C"]
    assert not of_class["A"] & of_class["C"]
    assert not CountedItem.objects.exists()
