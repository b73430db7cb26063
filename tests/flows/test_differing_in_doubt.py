"""What is on hold or recalled stays so while a difference of a handing-over is reported and settled."""

from decimal import Decimal

import pytest

from tests.flows.site import Site
from tests.flows.test_differing import handed, line, refused, settled, status, taken
from tests.flows.transferring import way
from tests.makers import unique
from yanji.flows.attempts import Attempt
from yanji.flows.correction import take_back
from yanji.flows.differing.report import Doubtful, counted
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold, release
from yanji.flows.issue import issue
from yanji.flows.models import Issue
from yanji.flows.pick import pick
from yanji.flows.recall import recall
from yanji.flows.transfer.arrive import arrive
from yanji.ledger.api import rebuild, virtual_places
from yanji.ledger.models import Level


def pieces_handed(here: Site, lot: int, count: int) -> Issue:
    """Pieces of a lot handed over to the department, on their way."""
    asked = here.requisition((here.counted, count))
    things = [counted(lot, count, here.h.store.pk)]
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=things)
    return Issue.objects.get(pk=issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id).id)


def on_their_way(lot: int) -> dict[str, int]:
    there = Level.objects.filter(lot=lot, place=virtual_places().transit, quantity__gt=0)
    return {status: int(quantity) for status, quantity in there.values_list("status", "quantity")}


def hold_on_the_way(here: Site, *epcs: str) -> None:
    hold(actor=here.keeper, key=unique("h"), things=epcs, reason="suspected")


def test_pieces_that_are_lost_are_those_of_their_own_handing_over(committed: Site) -> None:
    """What a transfer has on hold at the same place on its way is not taken for them."""
    here, to = committed, way(committed)
    lot, store = here.stocked_lot(10), here.h.store.pk
    sent = to.sent([counted(lot, 5, store)], (here.counted, 5))
    hold(actor=here.keeper, key=unique("h"), lots=[WholeLot(lot, here.h.campus.pk)], reason="suspected")
    release(
        actor=here.keeper, key=unique("r"), things=[counted(lot, 5, store, "quarantined")], reason="inspected"
    )
    found = pieces_handed(here, lot, 3)
    taken(here, found, things=[], rest_is_missing=True)
    assert on_their_way(lot) == {"quarantined": 5, "in_transit": 3}
    settled(here, found.differences.get(), "lost", reason="lost_on_way")
    assert on_their_way(lot) == {"quarantined": 5}
    arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk)
    there = Level.objects.get(lot=lot, place=to.shelf.pk, quantity__gt=0)
    assert (there.status, there.quantity, on_their_way(lot)) == ("quarantined", Decimal(5), {})
    assert not rebuild()


@pytest.mark.parametrize("outcome", ["held", "back"])
def test_damaged_pieces_of_a_recalled_lot_are_not_released(committed: Site, outcome: str) -> None:
    here = committed
    lot, store = here.stocked_lot(4), here.h.store.pk
    found = pieces_handed(here, lot, 4)
    broken = Doubtful(counted(lot, 2, store), "damaged_on_way")
    taken(here, found, things=[counted(lot, 2, store)], damaged=[broken])
    recall(actor=here.keeper, key=unique("r"), lots=[WholeLot(lot, here.h.campus.pk)], notice="RN-7")
    difference = found.differences.get()
    refused("lot_recalled", lambda: settled(here, difference, "found", note="only the carton"))
    assert Attempt.objects.filter(code="lot_recalled", verb="settle_difference").count() == 1
    settled(here, difference, outcome)
    assert not Level.objects.filter(lot=lot, status="available", quantity__gt=0).exists()


def test_damaged_goods_are_not_released_where_it_is_too_warm(committed: Site) -> None:
    here = committed
    found, (epc,) = handed(here, 1)
    taken(here, found, things=[], damaged=[Doubtful(epc, "damaged_on_way")])
    here.h.item.temperature_class = "refrigerated"
    here.h.item.save()
    refused("kept_wrong", lambda: settled(here, found.differences.get(), "found", note="dry inside"))
    assert status(epc) == ("quarantined", here.h.cabinet.pk)


def test_a_unit_on_hold_may_come_damaged(committed: Site) -> None:
    """It lands on hold as it is, and whoever held it releases it: not whoever finds it in good order."""
    here = committed
    found, (doubtful, broken) = handed(here, 2)
    hold_on_the_way(here, doubtful)
    done = taken(
        here, found, things=[], damaged=[Doubtful(each, "damaged_on_way") for each in (doubtful, broken)]
    )
    assert [status(each)[0] for each in (doubtful, broken)] == ["quarantined"] * 2
    own = {each.thing: str(each.held_event_id or "") for each in found.differences.all()}
    assert own == {doubtful: "", broken: done.events[1]}
    settled(here, found.differences.get(thing=doubtful), "found", note="only the carton")
    settled(here, found.differences.get(thing=broken), "found", note="only the carton")
    assert [status(each)[0] for each in (doubtful, broken)] == ["quarantined", "available"]
    release(actor=here.keeper, key=unique("r"), things=[doubtful], reason="inspected")
    assert status(doubtful) == ("available", here.h.cabinet.pk)
    assert not rebuild()


def test_a_hold_of_damage_taken_back_leaves_the_other_hold_open(committed: Site) -> None:
    here = committed
    found, (doubtful, broken) = handed(here, 2)
    hold_on_the_way(here, doubtful)
    done = taken(
        here, found, things=[], damaged=[Doubtful(each, "damaged_on_way") for each in (doubtful, broken)]
    )
    take_back(actor=here.keeper, key=unique("t"), event_id=done.events[1], reason="wrong_scan")
    assert dict(found.differences.values_list("thing", "state")) == {doubtful: "open", broken: "settled"}


def test_a_missing_unit_on_hold_comes_back_on_hold(committed: Site) -> None:
    here = committed
    found, (good, doubtful) = handed(here, 2)
    hold_on_the_way(here, doubtful)
    taken(here, found, things=[good], rest_is_missing=True)
    done = settled(here, found.differences.get(), "held", reason="damaged_on_way")
    assert (status(doubtful), line(found)) == (("quarantined", here.h.store.pk), (2, 1, 1))
    take_back(actor=here.keeper, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    assert status(doubtful) == ("quarantined", virtual_places().transit)
    assert (found.differences.get().state, line(found)) == ("open", (2, 1, 0))


@pytest.mark.parametrize("outcome", ["found", "back"])
def test_missing_pieces_of_a_recalled_lot_are_recalled_where_they_are_found(
    committed: Site, outcome: str
) -> None:
    here = committed
    lot = here.stocked_lot(4)
    found = pieces_handed(here, lot, 3)
    taken(here, found, things=[], rest_is_missing=True)
    recall(actor=here.keeper, key=unique("r"), lots=[WholeLot(lot, here.h.campus.pk)], notice="RN-8")
    settled(here, found.differences.get(), outcome)
    assert not Level.objects.filter(lot=lot, status="available", quantity__gt=0).exists()
    assert not rebuild()
