"""What was rejected on receipt stays so when it comes back: its return was taken back, or it was lost and is found."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.flows.arrival import Arrival
from yanji.flows.held import rejected_lots, rejected_units
from yanji.flows.hold import hold, release
from yanji.ledger.api import LotQuantity, Refused, Step, correct, unit_view, virtual_places

Away = Callable[[Site, object], None]


@pytest.fixture
def here(committed: Site) -> Site:
    return committed


def undone(here: Site, event: str) -> str:
    return correct(event, key=unique("c"), reason="wrong_scan", actor=here.h.actor).event_id


def sent_and_taken_back(here: Site, thing: object) -> None:
    gone = here.h.do(Step.SEND_BACK, thing, to=virtual_places().supplier)
    undone(here, gone.event_id)


def lost_and_found(here: Site, thing: object) -> None:
    here.h.do(Step.LOSE, thing, to=virtual_places().lost)
    found = thing
    if isinstance(thing, LotQuantity):
        found = LotQuantity(thing.lot_id, thing.quantity, virtual_places().lost)
    here.h.do(Step.FIND, found, to=here.h.store)


def lost_and_not_lost(here: Site, thing: object) -> None:
    gone = here.h.do(Step.LOSE, thing, to=virtual_places().lost)
    undone(here, gone.event_id)


def lost_found_and_both_taken_back(here: Site, thing: object) -> None:
    gone = here.h.do(Step.LOSE, thing, to=virtual_places().lost)
    lost = thing
    if isinstance(thing, LotQuantity):
        lost = LotQuantity(thing.lot_id, thing.quantity, virtual_places().lost)
    undone(here, here.h.do(Step.FIND, lost, to=here.h.store).event_id)
    undone(here, gone.event_id)


WAYS = [sent_and_taken_back, lost_and_found, lost_and_not_lost, lost_found_and_both_taken_back]


def refused_release(here: Site, thing: object) -> Refused:
    before = contents()
    with pytest.raises(Refused) as refused:
        release(actor=here.keeper, key=unique("r"), things=[thing], reason="inspected")
    assert contents() == before
    return refused.value


@pytest.mark.parametrize("away", WAYS)
def test_a_unit(here: Site, away: Away) -> None:
    bad = here.arrival(rejected="damaged")
    here.receive(here.order((here.h.item, 2)), bad)
    away(here, bad.epc)
    assert unit_view(bad.epc).status == "quarantined"
    assert list(rejected_units([bad.epc])) == [bad.epc]
    assert refused_release(here, bad.epc).code == "rejected_on_receipt"


@pytest.mark.parametrize("away", WAYS)
def test_pieces_of_a_lot(here: Site, away: Away) -> None:
    same = {"lot": "B1", "expiry": date(2099, 1, 1)}
    pieces = Arrival(here.counted.pk, quantity=3, rejected="damaged", **same)
    here.receive(here.order((here.counted, 5)), pieces, Arrival(here.counted.pk, quantity=2, **same))
    lot = here.counted.lots.get().pk
    away(here, LotQuantity(lot, Decimal(3), here.h.store.pk, status="quarantined"))
    assert rejected_lots([lot])[lot].rejected == 3
    one = LotQuantity(lot, Decimal(1), here.h.store.pk, status="quarantined")
    assert refused_release(here, one).code == "lot_rejected_on_receipt"


def test_what_was_good_when_it_was_lost_is_released_once_it_is_found(here: Site) -> None:
    [epc] = here.stocked(1)
    lost_and_found(here, epc)
    assert rejected_units([epc]) == {}
    release(actor=here.keeper, key=unique("r"), things=[epc], reason="inspected")
    assert unit_view(epc).status == "available"


def test_a_verdict_that_was_taken_back_rejects_nothing(here: Site) -> None:
    """Rejected by mistake, accepted then, and on hold for something else: that is released."""
    bad = here.arrival(rejected="damaged")
    done = here.receive(here.order((here.h.item, 1)), bad)
    undone(here, done.events[1])
    here.h.do(Step.ACCEPT, bad.epc)
    hold(actor=here.keeper, key=unique("h"), things=[bad.epc], reason="suspected")
    assert rejected_units([bad.epc]) == {}
    release(actor=here.keeper, key=unique("r"), things=[bad.epc], reason="inspected")
