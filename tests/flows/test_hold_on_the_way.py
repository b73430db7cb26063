"""What is on its way can be held as well: it stays on its way, and lands on hold."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from tests.flows.site import Site, contents, person
from tests.flows.transferring import Way, way
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.flows.correction import take_back
from yanji.flows.differing.models import IssueDifference
from yanji.flows.differing.report import Doubtful
from yanji.flows.differing.settle import settle_difference
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold, release
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue
from yanji.flows.pick import pick
from yanji.flows.preview import interpret
from yanji.flows.queries import under_way
from yanji.flows.recall import recall
from yanji.flows.transfer.arrive import arrive, give_up
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.queries import differences, missing
from yanji.flows.transfer.ship import ship
from yanji.ledger.api import LotQuantity, Refused, rebuild, unit_view, virtual_places
from yanji.ledger.models import Level
from yanji.places.models import Kind


@pytest.fixture
def to(committed: Site) -> Way:
    return way(committed)


def status(epc: str) -> tuple[str, int]:
    unit = unit_view(epc)
    assert unit is not None
    return str(unit.status), unit.place_id


def held(here: Site, *things: Any, **fields: Any) -> Any:
    who = fields.pop("actor", here.keeper)
    return hold(actor=who, key=unique("h"), things=things, reason="suspected", **fields)


def test_a_unit_held_on_its_way_lands_on_hold(to: Way) -> None:
    here = to.here
    epcs = here.stocked(3)
    done = to.sent(epcs)
    assert interpret(epcs[0], actor=here.keeper, flow="hold").offences == ()
    held(here, epcs[0])
    transit = status(epcs[1])[1]
    assert status(epcs[0]) == ("quarantined", transit)
    assert {each.thing: each.doubtful for each in missing(to.transfer(done))} == {
        epcs[0]: True, epcs[1]: False, epcs[2]: False,
    }  # fmt: skip
    before = contents()
    with pytest.raises(Refused) as refused:
        release(actor=here.keeper, key=unique("r"), things=epcs[:1], reason="inspected")
    assert (refused.value.code, contents()) == ("lands_first", before)
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=epcs[:2],
        celsius_min=Decimal(60), celsius_max=Decimal(60),
    )  # fmt: skip
    assert came.facts == {"held": 2, "missing": 1}  # one for the way, one before
    assert [status(epc) for epc in epcs[:2]] == [("quarantined", to.shelf.pk)] * 2
    assert len(came.events) == 2
    release(actor=to.receiver, key=unique("r"), things=epcs[:1], reason="inspected")
    assert status(epcs[0])[0] == "available"
    held(here, epcs[2])
    give_up(actor=to.receiver, key=unique("g"), transfer_id=done.id, things=epcs[2:], reason="lost_on_way")
    assert (status(epcs[2])[0], to.transfer(done).state, rebuild()) == ("lost", "arrived", [])


def test_only_who_holds_at_either_end_may(to: Way) -> None:
    [epc] = to.here.stocked(1)
    to.sent([epc])
    stranger = to.here.actor(person("storekeeper", place(Kind.CAMPUS)))
    before = contents()
    for act, said in ((stranger, "not_yours"), (to.here.ward, "absent")):
        with pytest.raises((Refused, NotFound)) as refused:
            held(to.here, epc, actor=act)
        assert getattr(refused.value, "code", "absent") == said
    assert [each.code for each in interpret(epc, actor=stranger, flow="hold").offences] == ["not_yours"]
    assert contents() == before
    held(to.here, epc, actor=to.receiver)
    assert status(epc)[0] == "quarantined"


def test_a_whole_lot_is_held_wherever_it_is(to: Way) -> None:
    """Of a counted lot three pieces lie here and two are on their way; of another nothing is left here."""
    here, h = to.here, to.here.h
    lot = here.stocked_lot(5)
    sent = to.sent([LotQuantity(lot, Decimal(2), h.store.pk)], (here.counted, 2))
    done = held(here, lots=[WholeLot(lot, h.campus.pk)])
    assert (done.facts["count"], len(done.events)) == (5, 2)
    [coming] = missing(to.transfer(sent))
    assert (coming.pieces, coming.doubtful) == (2, True)
    came = arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk)
    assert (came.state, came.facts["held"]) == ("arrived", 2)
    held_there = LotQuantity(lot, Decimal(2), to.shelf.pk)
    release(actor=to.receiver, key=unique("r"), things=[held_there], reason="inspected")
    epcs = here.stocked(2, lot="GONE")
    away = to.sent(epcs)
    gone = unit_view(epcs[0]).lot_id
    assert held(here, lots=[WholeLot(gone, h.campus.pk)]).facts["count"] == 2
    arrive(actor=to.receiver, key=unique("a"), transfer_id=away.id, to_place_id=to.shelf.pk)
    assert [status(epc)[0] for epc in epcs] == ["quarantined"] * 2
    assert rebuild() == []


def test_what_is_held_is_still_on_its_way_when_that_is_taken_back(to: Way) -> None:
    [epc] = to.here.stocked(1)
    done = to.sent([epc])
    event = held(to.here, epc).events[0]
    root = to.here.actor(person("quality", place(Kind.GROUP)))
    everywhere = type(root)(root.person_id, root.name, {"correct": ("/",)})
    take_back(actor=everywhere, key=unique("t"), event_id=event, reason="wrong_scan")
    assert [each.doubtful for each in missing(to.transfer(done))] == [False]
    arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk)
    assert status(epc)[0] == "available"


def test_what_a_ward_awaits_is_held_as_well(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = here.stocked(2)
    wanted = here.requisition((h.item, 2))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=epcs)
    issued = issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    held(here, epcs[0])
    assert set(under_way(Issue.objects.get(pk=issued.id))) == set(epcs)
    done = take_in(actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    assert done.state == "taken_in"
    assert [status(epc) for epc in epcs] == [("quarantined", h.cabinet.pk), ("available", h.cabinet.pk)]
    assert rebuild() == []


def test_pieces_of_which_some_were_held_on_the_way_are_taken_in_as_they_are_counted(
    committed: Site,
) -> None:
    """Whoever counts five types five; what was held stays so, and more than came is refused."""
    here, h, to = committed, committed.h, way(committed)
    lot = here.stocked_lot(5)
    sent = to.sent([LotQuantity(lot, Decimal(3), h.store.pk)], (here.counted, 5))
    hold(actor=here.keeper, key=unique("h"), lots=[WholeLot(lot, h.campus.pk)], reason="suspected")
    here.stocked_lot(5)
    two = LotQuantity(lot, Decimal(2), h.store.pk)
    pick_transfer(actor=to.sender, key=unique("p"), transfer_id=sent.id, things=[two])
    ship(actor=to.sender, key=unique("s"), transfer_id=sent.id, handed_to="Van")
    there = {"actor": to.receiver, "transfer_id": sent.id, "to_place_id": to.shelf.pk}
    transit, before = virtual_places().transit, contents()
    with pytest.raises(Refused) as refused:
        arrive(key=unique("a"), things=[LotQuantity(lot, Decimal(6), transit)], **there)
    assert (refused.value.code, contents()) == ("not_on_the_way", before)
    arrive(key=unique("a"), things=[LotQuantity(lot, Decimal(4), transit)], **there)
    arrive(key=unique("a"), things=[LotQuantity(lot, Decimal(1), transit)], **there)
    rows = Level.objects.filter(lot_id=lot, place=to.shelf, quantity__gt=0)
    assert {row.status: int(row.quantity) for row in rows} == {"available": 2, "quarantined": 3}
    assert rebuild() == []


def test_all_of_it_came_and_some_of_it_is_damaged(to: Way) -> None:
    """Pieces of a lot that are named as damaged are no part of the rest that is sound."""
    here = to.here
    lot, [good, bad] = here.stocked_lot(5), here.stocked(2)
    five = LotQuantity(lot, Decimal(5), here.h.store.pk)
    sent = to.sent([five, good, bad], (here.counted, 5), (here.h.item, 2))
    two = Doubtful(LotQuantity(lot, Decimal(2), virtual_places().transit), "damaged_on_way")
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk,
        held=[two, Doubtful(bad, "damaged_on_way")],
    )  # fmt: skip
    assert (came.state, came.facts) == ("arrived", {"held": 2, "missing": 0})
    rows = Level.objects.filter(lot_id=lot, place=to.shelf, quantity__gt=0)
    assert {row.status: int(row.quantity) for row in rows} == {"available": 3, "quarantined": 2}
    assert [status(epc)[0] for epc in (good, bad)] == ["available", "quarantined"]
    assert rebuild() == []


def to_the_ward(here: Site, lot: int, count: int) -> Any:
    """Pieces of a lot on their way to the department."""
    wanted = here.requisition((here.counted, count))
    goods = LotQuantity(lot, Decimal(count), here.h.store.pk)
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[goods])
    return issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)


@pytest.mark.parametrize("named", [True, False])
def test_a_ward_takes_in_its_own_pieces_and_none_that_another_store_awaits_on_hold(
    to: Way, named: bool
) -> None:
    here, h = to.here, to.here.h
    lot = here.stocked_lot(8)
    to.sent([LotQuantity(lot, Decimal(5), h.store.pk)], (here.counted, 5))
    held(here, actor=to.receiver, lots=[WholeLot(lot, to.store.pk)])
    issued = to_the_ward(here, lot, 3)
    things = [LotQuantity(lot, Decimal(3), virtual_places().transit)] if named else None
    take_in(actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=h.cabinet.pk, things=things)
    rows = Level.objects.filter(lot_id=lot, quantity__gt=0)
    assert {(row.place_id, row.status): int(row.quantity) for row in rows} == {
        (h.cabinet.pk, "available"): 3,
        (virtual_places().transit, "quarantined"): 5,
    }


def lying(lot: int) -> dict[tuple[int, str], int]:
    rows = Level.objects.filter(lot_id=lot, quantity__gt=0)
    return {(row.place_id, row.status): int(row.quantity) for row in rows}


@pytest.mark.parametrize(
    ("at_the_end", "recalls", "status"),
    [(True, False, "quarantined"), (False, False, "quarantined"), (False, True, "recalled")],
)
def test_pieces_on_their_way_to_a_ward_arrive_in_doubt(
    committed: Site, recalls: bool, status: str, at_the_end: bool
) -> None:
    """Said of the lot at the store that sent them or at the ward that awaits them; of what is sent later it is not said."""
    here, h, transit = committed, committed.h, virtual_places().transit
    lot = here.stocked_lot(9)
    first, second = to_the_ward(here, lot, 3), to_the_ward(here, lot, 2)
    keeper = here.actor(person("storekeeper", h.department)) if at_the_end else here.keeper
    whole = [WholeLot(lot, (h.department if at_the_end else h.store).pk)]
    named = {"notice": "FSN-9"} if recalls else {"reason": "suspected"}
    done = (recall if recalls else hold)(actor=keeper, key=unique("r"), lots=whole, **named)
    left = {} if at_the_end else {(h.store.pk, status): 4}
    assert (done.facts["count"], lying(lot)[transit, status]) == (5 + sum(left.values()), 5)
    given = {"actor": here.ward, "to_place_id": h.cabinet.pk}
    some = [LotQuantity(lot, Decimal(2), transit)]
    take_in(key=unique("t"), issue_id=first.id, things=some, **given)
    assert lying(lot)[h.cabinet.pk, status] == 2
    take_in(key=unique("t"), issue_id=first.id, **given)
    came = take_in(key=unique("t"), issue_id=second.id, **given)
    assert (came.state, lying(lot)[h.cabinet.pk, status], rebuild()) == ("taken_in", 5, [])
    if at_the_end:
        later = to_the_ward(here, lot, 4)
        take_in(key=unique("t"), issue_id=later.id, **given)
        assert lying(lot) == {(h.cabinet.pk, "quarantined"): 5, (h.cabinet.pk, "available"): 4}


def test_a_hold_of_pieces_on_their_way_is_taken_back_there(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(3)
    issued = to_the_ward(here, lot, 3)
    event = held(here, lots=[WholeLot(lot, h.store.pk)]).events[0]
    root = here.actor(person("quality", place(Kind.GROUP)))
    everywhere = type(root)(root.person_id, root.name, {"correct": ("/",)})
    before = contents()
    with pytest.raises(Refused) as refused:
        take_back(actor=everywhere, key=unique("t"), event_id=issued.events[0], reason="wrong_scan")
    assert (refused.value.code, contents()) == ("moved_on", before)
    take_back(actor=everywhere, key=unique("t"), event_id=event, reason="wrong_scan")
    take_in(actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    assert (lying(lot), rebuild()) == ({(h.cabinet.pk, "available"): 3}, [])


@pytest.mark.parametrize(
    ("outcome", "place_of", "status"),
    [
        ("found", "department", "quarantined"),
        ("back", "store", "quarantined"),
        ("held", "store", "quarantined"),
    ],
)
def test_what_was_held_on_its_way_and_is_missing_comes_to_an_end_as_it_lies(
    committed: Site, outcome: str, place_of: str, status: str
) -> None:
    here, h, transit = committed, committed.h, virtual_places().transit
    lot = here.stocked_lot(5)
    issued = to_the_ward(here, lot, 5)
    held(here, lots=[WholeLot(lot, h.store.pk)])
    broken = Doubtful(LotQuantity(lot, Decimal(1), transit), "damaged_on_way")
    take_in(
        actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=h.cabinet.pk, damaged=[broken],
        things=[LotQuantity(lot, Decimal(2), transit)], rest_is_missing=True,
    )  # fmt: skip
    assert lying(lot) == {(h.cabinet.pk, "quarantined"): 3, (transit, "quarantined"): 2}
    missing = IssueDifference.objects.get(kind="missing")
    settle_difference(
        actor=here.keeper, key=unique("s"), difference_id=missing.pk, outcome=outcome, reason="lost_on_way"
    )
    there = getattr(h, place_of).pk
    assert lying(lot) == {(h.cabinet.pk, "quarantined"): 3, (there, status): 2}
    assert rebuild() == []


def test_what_differs_is_called_by_its_name_for_whoever_reads(to: Way) -> None:
    here, h = to.here, to.here.h
    Item.objects.filter(pk__in=[h.item.pk, here.counted.pk]).update(name_en="Read in English")
    [epc], lot = here.stocked(1), here.stocked_lot(2)
    two = LotQuantity(lot, Decimal(2), h.store.pk)
    done = to.sent([epc, two], (h.item, 1), (here.counted, 2))
    lost = [epc, LotQuantity(lot, Decimal(2), virtual_places().transit)]
    give_up(actor=to.receiver, key=unique("g"), transfer_id=done.id, things=lost, reason="lost_on_way")
    with translation.override("en"):
        assert [each.name for each in differences(to.transfer(done))] == ["Read in English"] * 2
    with translation.override("zh-hans"):
        assert {each.name for each in differences(to.transfer(done))} == {
            h.item.name_zh,
            here.counted.name_zh,
        }
