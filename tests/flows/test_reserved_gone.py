"""What is written down of kept pieces ends with the pieces: held, recalled, expired or lost, they are kept for nobody."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.flows.counting import LOT_LABEL, Counted, lot_of
from tests.flows.site import Site
from tests.flows.test_hold import held_now, released
from tests.flows.test_reserving import a_case, kept, lying, pieces, refused, sees_cases, take
from tests.makers import unique
from yanji.flows.correction import take_back
from yanji.flows.held import WholeLot
from yanji.flows.recall import mark_expired, recall
from yanji.flows.requisition import close_requisition
from yanji.flows.reserving.models import ReservedLot
from yanji.flows.reserving.queries import reserved_for
from yanji.flows.reserving.reserve import unreserve
from yanji.flows.theatre.closing import close_case
from yanji.ledger.api import Draft, Line, LotQuantity, Step, post, rebuild, unit_view, virtual_places
from yanji.ledger.models import Lot


def rows() -> dict[str, int]:
    found: dict[str, int] = {}
    for number, quantity in ReservedLot.objects.values_list("reserved_for", "quantity"):
        found[number] = found.get(number, 0) + quantity
    return found


def held_lot(here: Site, lot: int) -> Any:
    return held_now(here, lots=[WholeLot(lot, here.h.store.pk)])


def test_what_was_held_is_kept_no_more_and_ends_nothing_of_another(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(5)
    one, two = (here.requisition((here.counted, 5)) for _ in range(2))
    kept(here, [pieces(here, lot, 5)], requisition_id=one.id)
    held_lot(here, lot)
    assert (rows(), lying(lot)) == ({}, {"quarantined": 5})
    released(here, lots=[WholeLot(lot, here.h.store.pk)])
    kept(here, [pieces(here, lot, 5)], requisition_id=two.id)
    refused("not_enough", lambda: take(here, one, pieces(here, lot, 1)))
    close_requisition(actor=here.ward, key=unique("c"), requisition_id=one.id)
    assert (rows(), lying(lot)) == ({two.number: 5}, {"reserved": 5})
    assert rebuild() == []


def test_what_was_recalled_or_is_past_its_time_is_kept_no_more(committed: Site) -> None:
    here = committed
    wanted = here.requisition((here.counted, 9))
    recalled, old = here.stocked_lot(3), here.stocked_lot(3, lot="B2")
    kept(here, [pieces(here, recalled, 2), pieces(here, old, 3)], requisition_id=wanted.id)
    recall(actor=here.keeper, key=unique("x"), lots=[WholeLot(recalled, here.h.store.pk)], notice=unique("N"))
    assert (lying(recalled), rows()) == ({"recalled": 3}, {wanted.number: 3})
    Lot.objects.filter(pk=old).update(expiry=timezone.localdate() - timedelta(days=1))
    mark_expired(actor=here.keeper, key=unique("e"), place_id=here.h.store.pk)
    assert (lying(old), rows()) == ({"expired": 3}, {})


def test_of_what_a_count_misses_the_last_to_reserve_loses_first(committed: Site) -> None:
    here = committed
    lot = lot_of(here, 5)
    first, last = (here.requisition((here.counted, 5)) for _ in range(2))
    kept(here, [pieces(here, lot, 3)], requisition_id=first.id)
    kept(here, [pieces(here, lot, 2)], requisition_id=last.id)
    count = Counted(here)
    count.scan(LOT_LABEL, quantity=4)
    count.close()
    count.decide()
    count.submit()
    assert lying(lot)["reserved"] == 4
    assert rows() == {first.number: 3, last.number: 1}


def test_a_reservation_that_is_taken_back_takes_none_of_a_later_one(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(5)
    one, two = (here.requisition((here.counted, 5)) for _ in range(2))
    first = kept(here, [pieces(here, lot, 3)], requisition_id=one.id)
    kept(here, [pieces(here, lot, 2)], requisition_id=two.id)
    take_back(actor=here.keeper, key=unique("t"), event_id=first.events[0], reason="wrong_scan")
    assert (rows(), lying(lot)) == ({two.number: 2}, {"available": 3, "reserved": 2})


def lost_unseen(here: Site, lot: int, count: int) -> None:
    """Reserved pieces leave by an entry that the flows know nothing of."""
    gone = LotQuantity(lot, Decimal(count), here.h.store.pk, None, "reserved")
    draft = Draft(
        Step.LOSE, unique("l"), timezone.now(), (Line(gone, virtual_places().lost),), reason="missing",
    )  # fmt: skip
    post(draft, actor=here.keeper)


def test_a_case_is_closed_although_more_is_written_down_than_lies_there(committed: Site) -> None:
    here = committed
    lot, case = here.stocked_lot(9), a_case(here)
    sees_cases(here)
    other = here.requisition((here.counted, 4))
    for count in (3, 2):
        kept(here, [pieces(here, lot, count)], case_number=case.number)
    kept(here, [pieces(here, lot, 4)], requisition_id=other.id)
    lost_unseen(here, lot, 6)
    assert [each.pieces for each in reserved_for([case.number])] == [3]
    assert reserved_for([other.number]) == []
    close_case(actor=here.ward, key=unique("c"), case_id=case.id)
    assert (lying(lot), rows()) == ({"available": 3, "lost": 6}, {})


def test_what_is_left_is_given_free_by_its_tick(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(5)
    wanted = here.requisition((here.counted, 5))
    kept(here, [pieces(here, lot, 5)], requisition_id=wanted.id)
    lost_unseen(here, lot, 2)
    [shown] = reserved_for([wanted.number])
    done = unreserve(actor=here.keeper, key=unique("f"), reservations=[shown.row_id], reason="not_needed")
    assert (shown.pieces, done.facts["count"], lying(lot), rows()) == (3, 3, {"available": 3, "lost": 2}, {})


def test_what_was_kept_and_not_taken_is_free_once_all_of_it_is_picked(committed: Site) -> None:
    """Another thing was picked in its stead: nobody waits for what was kept any more."""
    here = committed
    [own, other], lot, later = here.stocked(2), here.stocked_lot(4), here.stocked_lot(2, lot="B2")
    wanted = here.requisition((here.h.item, 1), (here.counted, 2))
    beside, case = here.requisition((here.counted, 1)), a_case(here)
    kept(here, [own, pieces(here, lot, 2)], requisition_id=wanted.id)
    kept(here, [pieces(here, lot, 1)], requisition_id=beside.id)
    kept(here, [pieces(here, lot, 1)], case_number=case.number, actor=sees_cases(here))
    done = take(here, wanted, other, overrides={other: "other"})
    assert (done.state, unit_view(own).status, rows()[wanted.number]) == ("picking", "reserved", 2)
    done = take(here, wanted, pieces(here, later, 2), overrides={f"lot {later}": "other"})
    assert (done.state, unit_view(own).status) == ("picked", "available")
    assert rows() == {beside.number: 1, case.number: 1}
    assert (lying(lot), lying(later)) == ({"available": 2, "reserved": 2}, {"picked": 2})
    assert rebuild() == []
