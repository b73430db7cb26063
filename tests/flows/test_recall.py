"""A recalled lot is marked wherever it lies and is never released again; what is past its day is marked as well."""

from decimal import Decimal
from typing import Any

import pytest

from tests.flows.site import Site, contents, soon
from tests.flows.test_budgets import at_the_ward
from tests.flows.transferring import way
from tests.makers import unique
from yanji.flows.correction import take_back
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold, release
from yanji.flows.models import Requisition
from yanji.flows.pick import pick
from yanji.flows.recall import mark_expired, recall
from yanji.flows.transfer.arrive import arrive
from yanji.ledger.api import LotQuantity, Refused, life_line, on_hand, rebuild, unit_view
from yanji.ledger.models import Event, Lot


def statuses(*epcs: str) -> list[str]:
    return [str(unit_view(epc).status) for epc in epcs]


def recalled(here: Site, lot: int, **fields: Any) -> Any:
    lots = [WholeLot(lot, here.h.campus.pk)]
    return recall(actor=here.keeper, key=unique("r"), lots=lots, **{"notice": "RN-7", **fields})


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
    [held] = here.stocked(1)
    [back] = at_the_ward(here, 1)
    give_back(
        actor=here.ward, key=unique("g"), department_id=h.department.pk, store_id=h.store.pk, things=[back],
        reason="not_needed",
    )  # fmt: skip
    hold(actor=here.keeper, key=unique("h"), things=[held], reason="suspected")
    [third] = here.stocked(1, lot=unit_view(held).lot, expiry=unit_view(held).expiry)
    lots = {unit_view(each).lot_id for each in (held, back)}
    done = recall(actor=here.keeper, key=unique("r"), things=[third], notice="RN-7")
    released = refusal(release, actor=here.keeper, things=[held], reason="inspected")
    assert (released.code, released.offences[0].facts["notice"]) == ("lot_recalled", "RN-7")
    if len(lots) == 1:
        assert (
            refusal(inspect_return, actor=here.keeper, store_id=h.store.pk, restock=[back]).code
            == "lot_recalled"
        )
    take_back(actor=here.keeper, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    release(actor=here.keeper, key=unique("r"), things=[held], reason="inspected")
    assert statuses(held, third) == ["available"] * 2


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
