"""A recalled lot is marked wherever it lies and is never released again; what is past its day is marked as well."""

from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from tests.flows.site import Site, contents, person, soon
from tests.flows.test_budgets import at_the_ward
from tests.flows.transferring import way
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.announced import Announced
from yanji.flows.correction import take_back
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold, release
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Requisition
from yanji.flows.models_recall import LotRecall
from yanji.flows.pick import pick
from yanji.flows.recall import mark_expired, recall
from yanji.flows.ship_notice import announce
from yanji.flows.transfer.arrive import arrive
from yanji.ledger.api import LotQuantity, Refused, life_line, on_hand, rebuild, unit_view
from yanji.ledger.models import Event, Level, Lot, Unit
from yanji.places.models import Kind


def statuses(*epcs: str) -> list[str]:
    return [str(unit_view(epc).status) for epc in epcs]


def recalled(here: Site, lot: int, **fields: Any) -> Any:
    lots = [WholeLot(lot, here.h.campus.pk)]
    return recall(actor=here.keeper, key=unique("r"), lots=lots, **{"notice": "RN-7", **fields})


def counts(here: Site, lot: int) -> dict[tuple[int, str], int]:
    rows = Level.objects.filter(lot_id=lot, quantity__gt=0)
    return {(row.place_id, row.status): int(row.quantity) for row in rows}


def refusal(act: Any, **fields: Any) -> Refused:
    before = contents()
    with pytest.raises(Refused) as refused:
        act(key=unique("k"), **fields)
    assert contents() == before
    return refused.value


def test_a_lot_is_recalled_wherever_it_lies(committed: Site) -> None:
    """On the shelf, on hold, picked, on its way: all of it, and the pick is open again."""
    here, h, to = committed, committed.h, way(committed)
    epcs = here.stocked(5)
    other = here.stocked(1, lot="L2")
    sent = to.sent(epcs[3:4])
    wanted = here.requisition((h.item, 1))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=epcs[2:3])
    hold(actor=here.keeper, key=unique("h"), things=epcs[1:2], reason="suspected")
    lot = Lot.objects.get(number="L1", item=h.item).pk
    assert (
        refusal(recall, actor=here.keeper, lots=[WholeLot(lot, h.campus.pk)], notice=" ").code
        == "notice_needed"
    )
    done = recalled(here, lot)
    assert done.facts["count"] == 5
    assert statuses(*epcs, *other) == ["recalled"] * 5 + ["available"]
    assert Requisition.objects.get(pk=wanted.id).lines.get().picked == 0
    told = Event.objects.get(pk=life_line(epcs[0])[-1].event_id)
    assert (told.reason, told.documents["recall"]) == ("recalled", "RN-7")
    arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk)
    assert (unit_view(epcs[3]).place_id, *statuses(epcs[3])) == (to.shelf.pk, "recalled")
    assert rebuild() == []


def test_a_recalled_lot_is_neither_released_nor_restocked(committed: Site) -> None:
    here, h = committed, committed.h
    [back] = at_the_ward(here, 1)
    give_back(
        actor=here.ward, key=unique("g"), department_id=h.department.pk, store_id=h.store.pk, things=[back],
        reason="not_needed",
    )  # fmt: skip
    of = unit_view(back)
    held, third = here.stocked(2, lot=of.lot, expiry=of.expiry)
    hold(actor=here.keeper, key=unique("h"), things=[held], reason="suspected")
    assert {unit_view(each).lot_id for each in (held, back, third)} == {of.lot_id}
    done = recall(actor=here.keeper, key=unique("r"), things=[third], notice="RN-7")
    released = refusal(release, actor=here.keeper, things=[held], reason="inspected")
    assert (released.code, released.offences[0].facts["notice"]) == ("lot_recalled", "RN-7")
    restocked = refusal(inspect_return, actor=here.keeper, store_id=h.store.pk, restock=[back])
    assert restocked.code == "lot_recalled"
    take_back(actor=here.keeper, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    release(actor=here.keeper, key=unique("r"), things=[held], reason="inspected")
    inspect_return(actor=here.keeper, key=unique("i"), store_id=h.store.pk, restock=[back])
    assert statuses(held, back, third) == ["available"] * 3


def test_a_counted_lot_that_is_all_on_hold_is_recalled(committed: Site) -> None:
    """It stays on hold, and is not released any more."""
    here, h = committed, committed.h
    lot = here.stocked_lot(5)
    held = LotQuantity(lot, Decimal(5), h.store.pk)
    hold(actor=here.keeper, key=unique("h"), things=[held], reason="suspected")
    assert recalled(here, lot).facts["count"] == 0
    assert refusal(release, actor=here.keeper, things=[held], reason="inspected").code == "lot_recalled"
    assert counts(here, lot) == {(h.store.pk, "quarantined"): 5}


def test_a_hold_that_is_taken_back_leaves_what_is_recalled_marked(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(5)
    pieces = LotQuantity(lot, Decimal(5), h.store.pk)
    held = hold(actor=here.keeper, key=unique("h"), things=[pieces], reason="suspected")
    recalled(here, lot)
    take_back(actor=here.keeper, key=unique("t"), event_id=held.events[0], reason="wrong_scan")
    assert counts(here, lot) == {(h.store.pk, "recalled"): 5}
    assert rebuild() == []


def test_a_lot_is_recalled_by_who_may_hold_wherever_it_lies(committed: Site) -> None:
    """Not by another campus, nor by one of two where it lies, nor past what is on its way between others."""
    here, to = committed, way(committed)
    [epc, other] = here.stocked(2)
    lot, stranger = unit_view(epc).lot_id, here.actor(person("quality", to.store))
    whole = [WholeLot(lot, to.store.pk)]
    assert refusal(recall, actor=stranger, lots=whole, notice="RN-7").code == "lot_reaches_further"
    third = place(Kind.CAMPUS)
    beside = here.actor(person("quality", third))
    sent = to.sent([epc, other])
    nowhere = {"actor": beside, "lots": [WholeLot(lot, third.pk)], "notice": "RN-7"}
    assert refusal(recall, **nowhere).code == "lot_reaches_further"
    arrive(
        actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk, things=[other]
    )  # fmt: skip
    both = [WholeLot(lot, here.h.campus.pk)]
    assert refusal(recall, actor=here.keeper, lots=both, notice="RN-7").code == "lot_reaches_further"
    assert refusal(recall, actor=here.keeper, things=[epc], notice="RN-7").offences[0].thing == epc
    assert not LotRecall.objects.exists()
    assert recall(actor=to.receiver, key=unique("r"), lots=whole, notice="RN-7").facts["count"] == 2
    assert statuses(epc, other) == ["recalled"] * 2


def test_what_comes_of_a_recalled_lot_later_is_put_in_doubt_at_the_dock(committed: Site) -> None:
    """Units and counted pieces; nobody picks what of it lies where the recall did not reach."""
    here, h = committed, committed.h
    [first], lot = here.stocked(1), here.stocked_lot(1)
    of, counted = unit_view(first), Lot.objects.get(pk=lot)
    recalled(here, of.lot_id)
    recalled(here, lot)
    [later] = here.stocked(1, lot=of.lot, expiry=of.expiry)
    assert here.stocked_lot(4, lot=counted.number, expiry=counted.expiry) == lot
    assert statuses(first, later) == ["recalled", "quarantined"]
    assert counts(here, lot) == {(h.store.pk, "recalled"): 1, (h.store.pk, "quarantined"): 4}
    assert refusal(release, actor=here.keeper, things=[later], reason="inspected").code == "lot_recalled"
    Unit.objects.filter(epc=later).update(status="available")  # as where the recall did not reach
    wanted = here.requisition((h.item, 1))
    code = refusal(pick, actor=here.keeper, requisition_id=wanted.id, things=[later]).code
    assert code == "lot_recalled"


def test_a_lot_of_which_nothing_is_here_is_recalled(committed: Site) -> None:
    here, h = committed, committed.h
    coming = here.arrival(lot="L9")
    order = here.order((h.item, 1))
    line = Announced(h.item.pk, coming.serial, coming.lot, coming.expiry, epc=coming.epc)
    announce(actor=here.keeper, key=unique("n"), order_id=order.id, lines=[line])
    assert recalled(here, unit_view(coming.epc).lot_id).facts["count"] == 0
    here.receive(order, coming)
    assert statuses(coming.epc) == ["quarantined"]
    assert LotRecall.objects.get().notice == "RN-7"
    with pytest.raises(NotFound):
        recall(actor=here.keeper, key=unique("r"), lots=[WholeLot(10**9, h.campus.pk)], notice="RN-8")


@pytest.mark.parametrize(("said", "becomes"), [("", "quarantined"), ("L8", "available")])
def test_what_was_announced_of_a_recalled_lot_is_held_unless_its_label_says_another(
    committed: Site, said: str, becomes: str
) -> None:
    """A label without a lot, or a serial number that was typed: of the lot that was announced."""
    here, h = committed, committed.h
    coming = here.arrival(lot="L9")
    order = here.order((h.item, 1))
    line = Announced(h.item.pk, coming.serial, coming.lot, coming.expiry, epc=coming.epc)
    announce(actor=here.keeper, key=unique("n"), order_id=order.id, lines=[line])
    recalled(here, unit_view(coming.epc).lot_id)
    here.receive(order, replace(coming, lot=said, expiry=None))
    assert (statuses(coming.epc), unit_view(coming.epc).lot) == ([becomes], said or "L9")


def test_counted_pieces_on_their_way_to_a_ward_are_recalled_where_they_are(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(5)
    wanted = here.requisition((here.counted, 3))
    three = LotQuantity(lot, Decimal(3), h.store.pk)
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[three])
    issued = issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    assert recalled(here, lot).facts["count"] == 5
    done = take_in(actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    assert counts(here, lot) == {(h.store.pk, "recalled"): 2, (h.cabinet.pk, "recalled"): 3}
    for event in reversed(done.events):
        take_back(actor=here.keeper, key=unique("t"), event_id=event, reason="wrong_scan")
    assert (h.cabinet.pk, "recalled") not in counts(here, lot)
    assert rebuild() == []


def test_a_load_that_left_before_its_lot_was_recalled_elsewhere_lands_recalled(committed: Site) -> None:
    """The recall was said at a place that the way does not touch."""
    here, to = committed, way(committed)
    [unit], lot = here.stocked(1), here.stocked_lot(4)
    sent = to.sent([unit, LotQuantity(lot, Decimal(3), here.h.store.pk)], (here.h.item, 1), (here.counted, 3))
    for each in (unit_view(unit).lot_id, lot):
        recall(
            actor=here.keeper, key=unique("r"), lots=[WholeLot(each, here.h.other_bin.pk)], notice="RN-9"
        )  # fmt: skip
    arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk)
    assert statuses(unit) == ["recalled"]
    assert counts(here, lot) == {(here.h.store.pk, "available"): 1, (to.shelf.pk, "recalled"): 3}


def test_counted_pieces_are_recalled_as_well(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(5)
    piece = LotQuantity(lot, Decimal(1), h.store.pk)
    hold(actor=here.keeper, key=unique("h"), things=[piece], reason="suspected")
    assert recalled(here, lot).facts["count"] == 4
    found = {row.status: int(row.quantity) for row in on_hand(
        paths=["/"], by=("status",), item_id=here.counted.pk, statuses=["recalled", "quarantined", "available"]
    )}  # fmt: skip
    assert found == {"recalled": 4, "quarantined": 1}
    assert refusal(release, actor=here.keeper, things=[piece], reason="inspected").code == "lot_recalled"


def test_recalls_from_before_are_taken_over(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(5)
    recalled(here, lot)
    kept = list(LotRecall.objects.values_list("lot_id", "notice", "event_id", "actor_id", "at"))
    LotRecall.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("yanji.flows.migrations.0053_lot_recalls").FILL)
    assert list(LotRecall.objects.values_list("lot_id", "notice", "event_id", "actor_id", "at")) == kept
    assert len(kept) == 1


def test_what_is_past_its_day_is_marked(committed: Site) -> None:
    here, h = committed, committed.h
    old, good = here.stocked(3, lot="OLD", expiry=soon(1)), here.stocked(1, lot="NEW", expiry=soon(9))
    lot = here.stocked_lot(4, lot="OLD", expiry=soon(1))
    wanted = here.requisition((h.item, 1))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=old[:1])
    hold(actor=here.keeper, key=unique("h"), things=old[1:2], reason="suspected")
    assert refusal(mark_expired, actor=here.keeper, place_id=h.store.pk).code == "nothing_expired"
    Lot.objects.filter(number="OLD").update(expiry=soon(-1))
    done = mark_expired(actor=here.keeper, key=unique("e"), place_id=h.store.pk)
    assert done.facts["count"] == 2 + 4
    assert statuses(*old, *good) == ["expired", "quarantined", "expired", "available"]
    assert Requisition.objects.get(pk=wanted.id).lines.get().picked == 0
    assert [row.status for row in on_hand(
        paths=["/"], by=("status",), lot_id=lot, statuses=["expired", "available"]
    )] == ["expired"]  # fmt: skip
    for event in done.events:
        take_back(actor=here.keeper, key=unique("t"), event_id=event, reason="wrong_scan")
    assert statuses(*old) == ["picked", "quarantined", "available"]
    assert Requisition.objects.get(pk=wanted.id).lines.get().picked == 1
