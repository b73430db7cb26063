"""A recall of which nothing is marked any more is ended, with a reason, by who may hold at every place."""

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.flows.site import Site, contents
from tests.flows.transferring import way
from tests.makers import place, unique
from tests.patience import PATIENCE
from yanji.access.gates import NotFound
from yanji.access.models import Grant
from yanji.flows.attempts import Attempt
from yanji.flows.correction import take_back
from yanji.flows.disposal.ask import ask_scrap
from yanji.flows.disposal.sign import destroy
from yanji.flows.held import WholeLot, held
from yanji.flows.hold import hold, release
from yanji.flows.models_recall import LotRecall
from yanji.flows.pick import pick
from yanji.flows.recall import recall
from yanji.flows.recall_end import end_recall
from yanji.flows.recalled import lots_recalled, recalls_said
from yanji.flows.scrap import scrap
from yanji.flows.transfer.arrive import arrive
from yanji.flows.witness import witness_of
from yanji.ledger.api import LotQuantity, Refused, rebuild, say_recalled, unit_view
from yanji.ledger.models import Event, Level, Lot
from yanji.places.models import Kind


def recalled(here: Site, lot: int, notice: str = "RN-7") -> Any:
    lots = [WholeLot(lot, here.h.campus.pk)]
    return recall(actor=here.keeper, key=unique("r"), lots=lots, notice=notice)


def ended(here: Site, lot: int, **fields: Any) -> Any:
    said = {"actor": here.keeper, "reason": "wrong_lot", **fields}
    return end_recall(key=unique("e"), lot_id=lot, **said)


def refused(here: Site, lot: int, **fields: Any) -> Refused:
    before = contents()
    with pytest.raises(Refused) as refusal:
        ended(here, lot, **fields)
    assert contents() == before
    return refusal.value


def status(epc: str) -> str:
    return str(unit_view(epc).status)


def test_a_recall_of_a_lot_of_which_nothing_is_here_is_ended(committed: Site) -> None:
    """What comes of it afterwards is received as any other lot; the recall stays written down."""
    here = committed
    [first] = here.stocked(1, lot="GONE")
    lot = unit_view(first).lot_id
    _scrapped(here, first)
    assert recalled(here, lot).events == ()
    recalled(here, lot, "RN-8")
    done = ended(here, lot, note=" typed 7 for 1 ")
    assert (done.number, done.state, done.facts) == (
        "GONE",
        "ended",
        {"notices": ["RN-7", "RN-8"], "count": 0},
    )
    kept = LotRecall.objects.get(notice="RN-7")
    assert (kept.ended_by_id, kept.end_reason, kept.end_note) == (
        here.storekeeper.pk, "wrong_lot", "typed 7 for 1"
    )  # fmt: skip
    assert kept.ended_at is not None
    assert lots_recalled() == []
    assert status(here.stocked(1, lot="GONE")[0]) == "available"
    assert refused(here, lot).code == "lot_not_recalled"
    recalled(here, lot)  # the same notice again: as any other
    assert [(each.notice, bool(each.ended_at)) for each in recalls_said(lot)] == [
        ("RN-7", False), ("RN-8", True), ("RN-7", True)
    ]  # fmt: skip


def test_what_is_marked_is_on_hold_and_released_one_by_one(committed: Site) -> None:
    """One piece was recalled on the shelf, one while it lay picked; a third was sent to be destroyed."""
    here, h = committed, committed.h
    shelf, picked, gone = here.stocked(3, lot="BAD")
    lot = unit_view(shelf).lot_id
    wanted = here.requisition((h.item, 1))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[picked])
    done = recalled(here, lot)
    assert len(done.events) == 2
    take_back(actor=here.keeper, key=unique("t"), event_id=done.events[1], reason="wrong_scan")
    assert status(shelf) == "recalled"  # its own entry stands still
    recalled(here, lot, "RN-8")
    _scrapped(here, gone)
    over = ended(here, lot, reason="withdrawn")
    assert (over.facts, len(over.events)) == ({"notices": ["RN-7", "RN-8"], "count": 2}, 1)
    assert [status(epc) for epc in (shelf, picked, gone)] == ["quarantined", "quarantined", "scrapped"]
    told = Event.objects.get(pk=over.events[0])
    assert (told.reason, told.documents) == ("withdrawn", {"recall": "RN-8"})
    rows = {each.epc: (each.reason, each.step) for each in held([h.campus.path])}
    assert rows == dict.fromkeys((shelf, picked), ("withdrawn", "end_recall"))
    before = contents()
    with pytest.raises(Refused) as refusal:
        take_back(actor=here.keeper, key=unique("t"), event_id=over.events[0], reason="wrong_scan")
    assert (refusal.value.code, contents()) == ("recall_end_stays", before)
    release(actor=here.keeper, key=unique("r"), things=[shelf], reason="inspected")
    assert [status(epc) for epc in (shelf, picked)] == ["available", "quarantined"]
    assert rebuild() == []


def test_what_moved_since_its_recall_is_let_go_where_it_is_now(committed: Site) -> None:
    """A unit and pieces that were recalled on their way and have arrived since, and others that are on their way still."""
    here, to = committed, way(committed)
    [came, coming], lot = here.stocked(2), here.stocked_lot(5)
    pieces = [LotQuantity(lot, Decimal(number), here.h.store.pk) for number in (2, 3)]
    first = to.sent([came, pieces[0]], (here.h.item, 1), (here.counted, 2))
    second = to.sent([coming, pieces[1]], (here.h.item, 1), (here.counted, 3))
    for each in (unit_view(came).lot_id, lot):
        recalled(here, each)
    arrive(actor=to.receiver, key=unique("a"), transfer_id=first.id, to_place_id=to.shelf.pk)
    assert [status(epc) for epc in (came, coming)] == ["recalled"] * 2
    everywhere = replace(here.keeper, scopes={"hold": ("/",)})
    for each, count in ((unit_view(came).lot_id, 2), (lot, 5)):
        assert ended(here, each, actor=everywhere, reason="wrong_lot").facts["count"] == count
    assert [status(epc) for epc in (came, coming)] == ["quarantined"] * 2
    there = LotQuantity(lot, Decimal(2), to.shelf.pk)
    release(actor=to.receiver, key=unique("r"), things=[came, there], reason="inspected")
    arrived = arrive(actor=to.receiver, key=unique("a"), transfer_id=second.id, to_place_id=to.shelf.pk)
    assert (arrived.state, arrived.facts["held"]) == ("arrived", 4)
    assert [status(epc) for epc in (came, coming)] == ["available", "quarantined"]
    levels = Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "status", "quantity")
    assert set(levels) == {(to.shelf.pk, "available", 2), (to.shelf.pk, "quarantined", 3)}
    assert rebuild() == []


def test_what_was_rejected_on_receipt_is_rejected_still(committed: Site) -> None:
    here = committed
    arrival = here.arrival(lot="BAD", rejected="damaged")
    here.receive(here.order((here.h.item, 1)), arrival)
    lot = unit_view(arrival.epc).lot_id
    recalled(here, lot)
    assert status(arrival.epc) == "recalled"
    ended(here, lot)
    [row] = held([here.h.campus.path])
    assert (row.epc, row.reason, row.step) == (arrival.epc, "damaged", "reject")
    before = contents()
    with pytest.raises(Refused) as refusal:
        release(actor=here.keeper, key=unique("r"), things=[arrival.epc], reason="inspected")
    assert (refusal.value.code, contents()) == ("rejected_on_receipt", before)


def test_a_paper_that_waits_to_destroy_what_was_recalled_can_still_be_signed(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(4)
    recalled(here, lot)
    marked = LotQuantity(lot, Decimal(4), h.store.pk, status="recalled")
    paper = ask_scrap(actor=here.keeper, key=unique("s"), things=[marked], reason="recalled")
    ended(here, lot, reason="withdrawn")
    destroy(actor=here.keeper, key=unique("d"), disposal_id=paper.id, witness=witness_of(here.second))
    assert Level.objects.get(lot_id=lot, quantity__gt=0).status == "scrapped"


def test_what_is_marked_though_no_recall_is_in_force_is_let_go(committed: Site) -> None:
    """It landed while the recall was being taken back."""
    here = committed
    [epc] = here.stocked(1, lot="BAD")
    lot = unit_view(epc).lot_id
    recalled(here, lot)
    LotRecall.objects.all().delete()
    assert ended(here, lot).facts == {"notices": [], "count": 1}
    assert status(epc) == "quarantined"
    assert refused(here, lot).code == "lot_not_recalled"


def test_what_is_on_hold_stays_so_and_can_be_released(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(5)
    held = LotQuantity(lot, Decimal(5), here.h.store.pk)
    hold(actor=here.keeper, key=unique("h"), things=[held], reason="suspected")
    recalled(here, lot)
    with pytest.raises(Refused):
        release(actor=here.keeper, key=unique("r"), things=[held], reason="inspected")
    ended(here, lot, reason="withdrawn")
    assert release(actor=here.keeper, key=unique("r"), things=[held], reason="inspected").facts["count"] == 5


def test_only_who_may_hold_wherever_the_lot_lies_ends_it(committed: Site) -> None:
    """Nor where it was marked, though nothing of it is there any more."""
    here, to = committed, way(committed)
    [epc] = here.stocked(1, lot="BAD")
    lot = unit_view(epc).lot_id
    with pytest.raises(NotFound):  # it is not recalled, and not theirs: as absent
        ended(here, lot, actor=to.receiver)
    recalled(here, lot)
    with pytest.raises(NotFound):
        ended(here, lot, actor=here.ward)
    with pytest.raises(NotFound):
        ended(here, 10**9)
    assert refused(here, lot, reason="").code == "reason_needed"
    assert refused(here, lot, reason="damaged").code == "unknown_reason"
    assert refused(here, lot, actor=to.receiver).code == "lot_reaches_further"
    _scrapped(here, epc)
    assert refused(here, lot, actor=to.receiver).code == "lot_reaches_further"
    assert Attempt.objects.filter(code="lot_reaches_further", verb="end_recall").count() == 2
    assert [each.lot_id for each in lots_recalled()] == [lot]
    assert ended(here, lot, actor=here.actor(here.second)).facts["notices"] == ["RN-7"]


def test_a_recall_of_a_lot_that_is_nowhere_is_ended_by_who_said_it(committed: Site) -> None:
    """Or by who may hold at every place."""
    here = committed
    [epc] = here.stocked(1, lot="GONE")
    lot = unit_view(epc).lot_id
    _scrapped(here, epc)
    elsewhere = place(Kind.CAMPUS)  # where the keeper may do nothing
    recalled(here, lot)
    offence = refused(here, lot, actor=here.actor(here.second)).offences[0]
    assert (offence.code, offence.facts["person"]) == ("recall_of_another", here.storekeeper.name)
    assert ended(here, lot).facts["notices"] == ["RN-7"]
    recalled(here, lot)
    Grant.objects.create(person=here.second, role=here.second.grants.get().role, place=elsewhere)
    assert ended(here, lot, actor=here.actor(here.second)).facts["notices"] == ["RN-7"]


def test_an_end_without_a_reason_is_none(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(1)
    recalled(here, lot)
    with pytest.raises(IntegrityError, match="lot_recall_end_reason_given"), transaction.atomic():
        LotRecall.objects.update(ended_by=here.storekeeper, end_reason="other")


def _scrapped(here: Site, epc: str) -> None:
    scrap(
        actor=here.keeper, key=unique("s"), things=[epc], reason="recalled",
        witness=witness_of(here.second),
    )  # fmt: skip


def test_a_recall_that_begins_while_another_ends_stays(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the lock that comes before reading, the one that ends says "not recalled" over the new notice."""
    here = committed
    [epc] = here.stocked(1, lot="BOTH")
    lot = unit_view(epc).lot_id
    recalled(here, lot, "RN-1")

    def beside() -> None:
        try:
            recalled(here, lot, "RN-2")
        finally:
            connection.close()

    other = threading.Thread(target=beside)

    def say(*said: Any) -> None:
        if threading.current_thread() is not other:
            other.start()
            # It must not come to its end before we come to ours: with the lock it waits, without it is done at once.
            other.join(3)
        say_recalled(*said)

    monkeypatch.setattr("yanji.flows.recalled.say_recalled", say)
    ended(here, lot)
    other.join(PATIENCE)
    assert [recall.notice for recall in lots_recalled()] == ["RN-2"]
    assert Lot.objects.get(pk=lot).recall == "RN-2"
