"""What a department keeps, what it is proposed to ask for, and the lists it asks by."""

from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Requisition
from yanji.flows.pick import pick
from yanji.flows.requisition import Wanted, close_requisition, request
from yanji.flows.sheets import requisition_sheet
from yanji.flows.supply.levels import Kept, drop_level, set_levels
from yanji.flows.supply.lists import drop_list, list_for, lists, save_list
from yanji.flows.supply.models import ParLevel
from yanji.flows.supply.propose import Proposal, proposals, to_ask
from yanji.flows.supply.why import told_of
from yanji.ledger.api import Refused

WARD, ONE, TWO = "/1/", "/1/2/", "/1/3/"


@pytest.mark.parametrize(
    ("levels", "stock", "coming", "asked"),
    [
        ({WARD: (2, 6)}, {}, 0, 6),
        ({WARD: (2, 6)}, {WARD: 3}, 0, 0),  # above the minimum nothing is asked for
        ({WARD: (2, 6)}, {WARD: 2}, 0, 4),
        ({WARD: (2, 6)}, {ONE: 1}, 1, 4),  # what lies below counts, and so does what is coming
        ({WARD: (2, 6)}, {}, 3, 0),
        ({ONE: (1, 4)}, {}, 0, 4),
        ({ONE: (1, 4)}, {WARD: 3}, 0, 1),  # what lies loose in the ward fills the cabinet first
        ({ONE: (1, 4)}, {TWO: 9}, 0, 0),
        ({ONE: (1, 4), TWO: (0, 2)}, {ONE: 4}, 0, 2),
        ({ONE: (1, 4), TWO: (0, 2)}, {TWO: 2}, 1, 3),
        ({WARD: (5, 9), ONE: (1, 4)}, {TWO: 4}, 0, 5),
        ({WARD: (1, 2), ONE: (1, 4)}, {}, 0, 4),  # the greater of the two, not both
        ({WARD: (0, 0)}, {WARD: 0}, 0, 0),
    ],
)
def test_what_to_ask_for(
    levels: dict[str, tuple[int, int]], stock: dict[str, int], coming: int, asked: int
) -> None:
    assert to_ask(WARD, levels, stock, coming) == asked


LEVELS = st.dictionaries(
    st.sampled_from([WARD, ONE, TWO, "/1/2/4/"]),
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: (min(pair), max(pair))),
)
STOCK = st.dictionaries(st.sampled_from([WARD, ONE, TWO, "/1/2/4/"]), st.integers(0, 12))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LEVELS, STOCK, st.integers(0, 5))
def test_asked_once_it_is_not_asked_again(
    levels: dict[str, tuple[int, int]], stock: dict[str, int], coming: int
) -> None:
    wanted = to_ask(WARD, levels, stock, coming)
    assert wanted >= 0
    assert wanted <= sum(maximum for _minimum, maximum in levels.values())
    assert to_ask(WARD, levels, stock, coming + wanted) == 0


def kept(here: Site, place: Any, minimum: int, maximum: int, item: Any = None) -> None:
    level = Kept((item or here.h.item).pk, minimum, maximum)
    set_levels(actor=here.ward, key=unique("k"), place_id=place.pk, levels=[level])


def proposed(here: Site) -> Proposal:
    [found] = proposals(here.ward, here.h.department.pk)
    return found


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert code in {offence.code for offence in found.value.offences}
    assert contents() == before


def test_from_the_level_to_the_shelf(committed: Site) -> None:
    """A cabinet is low: it is asked for, comes, and is full; nobody asks twice meanwhile."""
    here = committed
    epcs = here.stocked(6)
    kept(here, here.h.cabinet, 1, 4)
    first = proposed(here)
    assert (first.here, first.coming, first.quantity) == (0, 0, 4)
    assert [(each.level.place_id, each.here) for each in first.low] == [(here.h.cabinet.pk, 0)]
    asked = here.requisition((here.h.item, first.quantity))
    assert (proposed(here).coming, proposed(here).quantity) == (4, 0)
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=epcs[:3])
    sent = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    assert (proposed(here).coming, proposed(here).quantity) == (4, 0)
    take_in(actor=here.ward, key=unique("k"), issue_id=sent.id, to_place_id=here.h.cabinet.pk)
    assert (proposed(here).here, proposed(here).coming, proposed(here).low) == (3, 1, [])
    close_requisition(actor=here.ward, key=unique("k"), requisition_id=asked.id)
    assert (proposed(here).coming, proposed(here).quantity) == (0, 0)  # three are above the minimum
    kept(here, here.h.cabinet, 3, 5)
    assert proposed(here).quantity == 2
    drop_level(actor=here.ward, key=unique("k"), level_id=ParLevel.objects.get().pk)
    assert proposals(here.ward, here.h.department.pk) == []


def test_what_has_expired_does_not_count_as_there(committed: Site) -> None:
    here = committed
    lot = here.stocked(2, lot="L7", expiry=soon(1))
    asked = here.requisition((here.h.item, 2))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=lot)
    sent = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    take_in(actor=here.ward, key=unique("k"), issue_id=sent.id, to_place_id=here.h.cabinet.pk)
    kept(here, here.h.department, 0, 2)
    assert (proposed(here).here, proposed(here).quantity) == (2, 0)
    [then] = proposals(here.ward, here.h.department.pk, day=soon(2))
    assert (then.here, then.quantity) == (0, 2)


def test_levels_that_cannot_be_meant_are_refused(committed: Site) -> None:
    here = committed
    kept(here, here.h.cabinet, 1, 4)
    for minimum, maximum in ((5, 4), (0, 0), (-1, 3), (0, 1_000_001)):
        refused("bad_par_level", lambda low=minimum, high=maximum: kept(here, here.h.cabinet, low, high))
    act = {"actor": here.ward, "place_id": here.h.cabinet.pk}
    twice = [Kept(here.h.item.pk, 1, 2), Kept(here.h.item.pk, 2, 3)]
    refused("line_twice", lambda: set_levels(key=unique("k"), levels=twice, **act))
    refused("empty", lambda: set_levels(key=unique("k"), levels=[], **act))
    refused("not_yours", lambda: set_levels(
        actor=here.keeper, key=unique("k"), place_id=here.h.cabinet.pk, levels=[Kept(here.h.item.pk, 1, 2)]
    ))  # fmt: skip
    level = ParLevel.objects.get().pk
    refused("not_yours", lambda: drop_level(actor=here.keeper, key=unique("k"), level_id=level))


def test_a_store_keeps_no_levels_of_a_ward(committed: Site) -> None:
    from tests.makers import everything

    here = committed
    everybody = everything(here.h.campus, here.nurse)
    levels = [Kept(here.h.item.pk, 1, 2)]
    refused(
        "bad_document_place",
        lambda: set_levels(actor=everybody, key=unique("k"), place_id=here.h.store.pk, levels=levels),
    )


def test_a_list_is_kept_changed_and_dropped(committed: Site) -> None:
    here = committed
    save = {"actor": here.ward, "department_id": here.h.department.pk}
    made = save_list(key=unique("k"), list_name=" Monday ", lines=[Wanted(here.h.item.pk, 3)], **save)
    [found] = lists(here.ward)
    assert (found.name, [(line.item_id, line.quantity) for line in found.lines.all()]) == (
        "Monday", [(here.h.item.pk, 3)],
    )  # fmt: skip
    both = [Wanted(here.counted.pk, 2), Wanted(here.h.item.pk, 1)]
    save_list(key=unique("k"), list_name="Monday", lines=both, list_id=made.id, **save)
    lines = list_for(here.ward, made.id).lines.all()
    assert [(line.item_id, line.quantity) for line in lines] == [
        (each.item_id, each.quantity) for each in both
    ]
    asked = request(
        actor=here.ward, key=unique("k"), department_id=here.h.department.pk, store_id=here.h.store.pk,
        lines=[Wanted(line.item_id, line.quantity) for line in lines],
    )  # fmt: skip
    assert asked.state == "requested"
    refused("list_name_twice", lambda: save_list(key=unique("k"), list_name="Monday", lines=both, **save))
    refused("list_name_needed", lambda: save_list(key=unique("k"), list_name=" ", lines=both, **save))
    refused("empty", lambda: save_list(key=unique("k"), list_name="Tuesday", lines=[], **save))
    drop_list(actor=here.ward, key=unique("k"), list_id=made.id)
    assert lists(here.ward) == []
    with pytest.raises(NotFound):
        list_for(here.ward, made.id)


def test_what_the_levels_proposed_is_kept_and_printed(committed: Site) -> None:
    """The reason stays as it was at that moment, in either language, also where another quantity is asked for."""
    here = committed
    kept(here, here.h.cabinet, 1, 4)
    asked = {"actor": here.ward, "department_id": here.h.department.pk, "store_id": here.h.store.pk}
    lines = [Wanted(here.h.item.pk, 6), Wanted(here.counted.pk, 2)]
    done = request(key=unique("k"), lines=lines, by_levels=True, **asked)
    drop_level(actor=here.ward, key=unique("k"), level_id=ParLevel.objects.get().pk)
    found = Requisition.objects.get(pk=done.id)
    by_level, by_hand = found.lines.order_by("id")
    assert (by_level.quantity, by_level.why["quantity"], by_hand.why) == (6, 4, {})
    cabinet = here.h.cabinet.name_zh
    with override("en"):
        said = f"{cabinet}: 0 there, kept between 1 and 4 · 4 were proposed"
        assert told_of(by_level.why, by_level.quantity) == said
        assert [row[-1] for row in requisition_sheet(found).sections[0].rows] == [said, ""]
    plain = request(key=unique("k"), lines=lines, **asked)
    assert not any(line.why for line in Requisition.objects.get(pk=plain.id).lines.all())
