"""Counts of what is counted in pieces, not one by one: more, fewer, elsewhere, and a quantity that was mistyped."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from tests.flows.counting import LOT_EXPIRY, LOT_LABEL, Counted, lot_of
from tests.flows.site import Site
from tests.flows.transferring import way
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.counting.models import CountedItem, CountScan
from yanji.flows.counting.scan_back import take_back
from yanji.flows.putaway import put_away
from yanji.flows.transfer.arrive import give_up
from yanji.ledger.api import LotQuantity, Step, rebuild, virtual_places
from yanji.ledger.models import Level, Unit
from yanji.places.models import Place


def test_quantities_of_lots(here: Site) -> None:
    h = here.h
    lot = lot_of(here, 10)
    put_away(
        actor=here.keeper,
        key=unique("k"),
        things=[LotQuantity(lot, Decimal(4), h.store.pk)],
        to_place_id=h.bin.pk,
    )
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=3, place_id=h.bin.pk)
    count.scan(LOT_LABEL, quantity=5, place_id=h.other_bin.pk)
    assert count.close() == {"lot_over": 1, "lot_short": 2}
    count.decide()
    done = count.submit()
    assert done.state == "posted"
    there = dict(Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "quantity"))
    # 4 in the bin of which 3 were seen, 6 in the store of which none, 5 on a shelf where none were: 5 moved, 2 lost.
    assert sum(there.values()) == 10
    assert (there[h.bin.pk], there[h.other_bin.pk]) == (3, 5)
    assert rebuild() == []


def test_pieces_taken_while_a_lot_is_counted_are_no_variance(here: Site) -> None:
    h = here.h
    lot = lot_of(here, 10)
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=6)
    h.do(Step.PUT_AWAY, LotQuantity(lot, Decimal(3), h.store.pk), to=h.cabinet)
    count.scan(LOT_LABEL, quantity=1)
    assert count.close() == {}


def test_more_than_was_ever_lost_cannot_be_posted(here: Site) -> None:
    lot = lot_of(here, 2)
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=5)
    assert count.close() == {"lot_over": 1}
    count.decide()
    assert count.submit().facts["task"] == 1
    assert Level.objects.get(lot_id=lot, status="available").quantity == 2


def test_an_undo_and_another_quantity_leave_the_rows_that_they_replace(here: Site) -> None:
    [epc] = here.stocked(1)
    lot_of(here, 10)
    count = Counted(here)
    count.scan(epc)
    taken = take_back(actor=here.keeper, count_id=count.id, key="u1")
    assert taken is not None
    assert taken.epc == epc
    again = take_back(actor=here.keeper, count_id=count.id, key="u1")
    assert again is not None
    assert again.pk == taken.pk
    assert take_back(actor=here.keeper, count_id=count.id, key="u2") is None
    [heard] = count.scan(LOT_LABEL)
    take_back(actor=here.keeper, count_id=count.id, key="q1", scan_id=heard.scan_id, quantity=10)
    assert CountScan.objects.filter(count_id=count.id).count() == 4
    assert count.close() == {"missing": 1}
    with pytest.raises(DatabaseError), transaction.atomic():
        CountScan.objects.filter(count_id=count.id).update(quantity=3)


def test_two_counts_put_the_same_difference_of_a_lot_right_once(here: Site) -> None:
    lot = lot_of(here, 10)
    first, second = Counted(here), Counted(here)
    for count in (first, second):
        count.scan(LOT_LABEL, quantity=7)
        assert count.close() == {"lot_short": 1}
        count.decide()
    assert first.submit().facts == {"posted": 1}
    assert second.submit().facts == {"overtaken": 1}
    assert Level.objects.get(lot_id=lot, status="available").quantity == 7
    third = Counted(here)  # what is missing after that is a difference of its own
    third.scan(LOT_LABEL, quantity=6)
    assert third.close() == {"lot_short": 1}
    third.decide()
    assert third.submit().facts == {"posted": 1}
    assert Level.objects.get(lot_id=lot, status="available").quantity == 6
    assert rebuild() == []


def test_a_cold_lot_on_a_warm_shelf_is_neither_lost_nor_moved_there(here: Site) -> None:
    h = here.h
    Item.objects.filter(pk=here.counted.pk).update(temperature_class="refrigerated")
    lot = lot_of(here, 4)
    Place.objects.filter(pk=h.other_bin.pk).update(temperature_class="room")
    [epc] = here.stocked(1)
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=4, place_id=h.other_bin.pk)
    assert count.close() == {"lot_over": 1, "lot_short": 1, "missing": 1}
    count.decide()
    assert count.submit().facts == {
        "posted": 1,
        "task": 2,
    }  # the unit that is missing is written down all the same
    assert Level.objects.get(lot_id=lot, quantity__gt=0).place_id == h.store.pk
    assert Unit.objects.get(epc=epc).status == "lost"


def test_accuracy_counts_what_nobody_saw(here: Site) -> None:
    lot_of(here, 10)
    unseen = here.stocked_lot(5, "B2", LOT_EXPIRY)
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=10)
    assert count.close() == {"lot_short": 1}
    count.decide()
    assert count.submit().state == "posted"
    [item] = CountedItem.objects.filter(count_id=count.id)
    assert (item.checked, item.right) == (15, 10)
    assert not Level.objects.filter(lot_id=unseen, quantity__gt=0).exclude(status="lost").exists()


def test_what_another_lost_is_not_found_here(here: Site) -> None:
    """Three pieces were lost at the ward; the store finds two too many, of which it lost one itself."""
    h = here.h
    lot = lot_of(here, 10)
    h.do(Step.PUT_AWAY, LotQuantity(lot, Decimal(3), h.store.pk), to=h.cabinet)
    h.do(Step.LOSE, LotQuantity(lot, Decimal(3), h.cabinet.pk))
    h.do(Step.PUT_AWAY, LotQuantity(lot, Decimal(1), h.store.pk), to=h.bin)
    h.do(Step.LOSE, LotQuantity(lot, Decimal(1), h.bin.pk))
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=8)
    assert count.close() == {"lot_over": 1}
    count.decide()
    assert count.submit().facts["task"] == 1
    assert Level.objects.get(lot_id=lot, status="lost").quantity == 3
    assert Level.objects.get(lot_id=lot, status="quarantined").quantity == 1
    assert rebuild() == []


def test_what_was_lost_on_its_way_is_found_by_either_end(committed: Site) -> None:
    here, to = committed, way(committed)
    lot = lot_of(here, 5)
    sent = to.sent([LotQuantity(lot, Decimal(2), here.h.store.pk)], (here.counted, 2))
    gone = LotQuantity(lot, Decimal(2), virtual_places().transit)
    give_up(actor=to.receiver, key=unique("g"), transfer_id=sent.id, things=[gone], reason="lost_on_way")
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=4)
    assert count.close() == {"lot_over": 1}
    count.decide()
    assert count.submit().state == "posted"
    assert Level.objects.get(lot_id=lot, status="lost").quantity == 1
