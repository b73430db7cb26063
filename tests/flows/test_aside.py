"""What lay picked and is held, or is not there when somebody counts, is open to pick again: its document goes on."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.flows.counting import LOT_LABEL, Counted, lot_of
from tests.flows.site import Site, contents, person
from tests.flows.transferring import Way, way
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.consign.agreements import save_agreement
from yanji.flows.correction import take_back
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold
from yanji.flows.issue import issue
from yanji.flows.models import Requisition
from yanji.flows.pick import pick
from yanji.flows.queries import picked_for
from yanji.flows.requisition import close_requisition
from yanji.flows.transfer.models import TransferLine
from yanji.flows.transfer.pick import pick_transfer, unpick_transfer
from yanji.flows.transfer.request import cancel_transfer
from yanji.flows.transfer.ship import ship
from yanji.flows.transfer.state import in_hand
from yanji.ledger.api import LotQuantity, Refused, life_line, rebuild, unit_view
from yanji.ledger.models import Movement


@pytest.fixture
def to(committed: Site) -> Way:
    return way(committed)


def some(here: Site, lot: int, pieces: int) -> LotQuantity:
    return LotQuantity(lot, Decimal(pieces), here.h.store.pk)


def lines(done: Done) -> list[tuple[int, int]]:
    return list(
        TransferLine.objects.filter(transfer_id=done.id).order_by("pk").values_list("picked", "shipped")
    )


def held(here: Site, *things: Any, **fields: Any) -> Done:
    return hold(actor=here.keeper, key=unique("h"), things=things, reason="suspected", **fields)


def test_a_lot_that_is_held_is_open_to_pick_again_for_its_transfer(to: Way) -> None:
    here = to.here
    lot, other, [epc] = here.stocked_lot(10), here.stocked_lot(6, lot="B2"), here.stocked(1)
    done = to.picked([some(here, lot, 6), epc], (here.counted, 6), (here.h.item, 1))
    before = contents()
    with pytest.raises(Refused) as refused:
        held(here, epc, some(here, lot, 5))  # but four lie free
    assert (refused.value.code, contents()) == ("not_enough", before)
    events = held(here, epc, lots=[WholeLot(lot, here.h.store.pk)]).events
    assert len(events) == 2  # what lay free, and what the transfer loses
    assert life_line(epc)[-1].documents == {"transfer": done.number}
    assert (lines(done), to.transfer(done).state) == ([(0, 0), (0, 0)], "requested")
    assert [hand.pieces for hand in in_hand(done.id)] == [0, 0]
    pick_transfer(actor=to.sender, key=unique("p"), transfer_id=done.id, things=[some(here, other, 6)])
    assert ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van").state == "underway"
    assert rebuild() == []


def test_a_hold_that_is_taken_back_leaves_it_picked_for_its_transfer(to: Way) -> None:
    here = to.here
    lot = here.stocked_lot(6)
    done = to.picked([some(here, lot, 6)], (here.counted, 6))
    [event] = held(here, lots=[WholeLot(lot, here.h.store.pk)]).events
    assert lines(done) == [(0, 0)]
    take_back(actor=here.keeper, key=unique("t"), event_id=event, reason="wrong_scan")
    assert (lines(done), to.transfer(done).state) == ([(6, 0)], "picked")
    unpick_transfer(actor=to.sender, key=unique("u"), transfer_id=done.id, things=[some(here, lot, 6)])
    assert lines(done) == [(0, 0)]
    assert rebuild() == []


def test_a_lot_that_several_have_picked_of_is_cut_between_them(to: Way) -> None:
    here = to.here
    lot = here.stocked_lot(10)
    done = to.picked([some(here, lot, 3)], (here.counted, 3))
    wanted = here.requisition((here.counted, 4))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[some(here, lot, 4)])
    held_now = held(here, lots=[WholeLot(lot, here.h.store.pk)])
    assert (held_now.facts, len(held_now.events)) == ({"count": 10}, 3)
    assert lines(done) == [(0, 0)]
    assert Requisition.objects.get(pk=wanted.id).lines.get().picked == 0


def counted_away(here: Site, *seen: str, takes_title: bool = False, **fields: Any) -> list[str]:
    """A count of the store that sees only so much, and is posted; the entries that lost a unit."""
    count = Counted(here)
    count.scan(*seen, **fields)
    count.close()
    count.decide(takes_title=takes_title)
    assert set(count.submit().facts) == {"posted"}
    lost = Movement.objects.filter(unit__isnull=False, to_status="lost")
    return [str(event) for event in lost.values_list("event_id", flat=True)]


def test_what_a_count_does_not_find_leaves_its_transfer(to: Way) -> None:
    here = to.here
    lot, [epc] = lot_of(here, 6), here.stocked(1)
    done = to.picked([some(here, lot, 6), epc], (here.counted, 6), (here.h.item, 1))
    [event] = counted_away(here, LOT_LABEL, quantity=2)
    line, other = (
        TransferLine.objects.get(transfer_id=done.id, item=item) for item in (here.counted, here.h.item)
    )
    assert (line.picked, other.picked, to.transfer(done).state) == (2, 0, "picking")
    assert life_line(epc)[-1].documents["transfer"] == done.number
    take_back(actor=here.keeper, key=unique("t"), event_id=event, reason="wrong_scan")
    other.refresh_from_db()
    assert other.picked == 1
    assert unit_view(epc).status == "picked"
    off = cancel_transfer(actor=to.sender, key=unique("c"), transfer_id=done.id, reason="other")
    assert (off.state, unit_view(epc).status) == ("cancelled", "available")
    assert rebuild() == []


def test_what_a_count_does_not_find_leaves_its_requisition(committed: Site) -> None:
    here = committed
    lot, [gone, good] = lot_of(here, 4), here.stocked(2)
    first, second = here.requisition((here.h.item, 1)), here.requisition((here.counted, 4))
    pick(actor=here.keeper, key=unique("p"), requisition_id=first.id, things=[gone])
    pick(actor=here.keeper, key=unique("p"), requisition_id=second.id, things=[some(here, lot, 4)])
    counted_away(here, good)
    for done in (first, second):
        requisition = Requisition.objects.get(pk=done.id)
        assert (requisition.state, requisition.lines.get().picked) == ("requested", 0)
        assert picked_for(done.id) == ([], {})
    close_requisition(actor=here.ward, key=unique("c"), requisition_id=second.id)
    pick(actor=here.keeper, key=unique("p"), requisition_id=first.id, things=[good])
    issue(actor=here.keeper, key=unique("i"), requisition_id=first.id)
    assert rebuild() == []


def test_what_its_supplier_owned_is_bought_and_lost_off_the_same_transfer(to: Way) -> None:
    here, h = to.here, to.here.h
    [epc] = h.stocked(1, owner_id=h.supplier.pk)
    for there, actor in ((h.campus, h.actor), (to.store, here.actor(person("buyer", to.store)))):
        save_agreement(
            actor=actor,
            key=unique("k"),
            supplier_id=h.supplier.pk,
            place_id=there.pk,
            valid_from=date(2020, 1, 1),
        )
    done = to.picked([epc], (h.item, 1))
    counted_away(here, *here.stocked(1), takes_title=True)
    assert [each.documents.get("transfer") for each in life_line(epc)[-2:]] == [done.number] * 2
    assert (unit_view(epc).status, unit_view(epc).owner_id, lines(done)) == ("lost", None, [(0, 0)])
    assert rebuild() == []
