"""A recall of which nothing is marked any more is ended, with a reason, by who may hold at every place."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.flows.site import Site, contents
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.attempts import Attempt
from yanji.flows.correction import take_back
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold, release
from yanji.flows.models_recall import LotRecall
from yanji.flows.recall import end_recall, recall
from yanji.flows.recalled import lots_recalled, recalls_said
from yanji.flows.scrap import scrap
from yanji.flows.witness import witness_of
from yanji.ledger.api import LotQuantity, Refused, unit_view
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
    assert (done.number, done.state, done.facts) == ("GONE", "ended", {"notices": ["RN-7", "RN-8"]})
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


def test_what_is_marked_still_goes_first(committed: Site) -> None:
    here = committed
    one, two = here.stocked(2, lot="BAD")
    lot = unit_view(one).lot_id
    done = recalled(here, lot)
    offence = refused(here, lot).offences[0]
    assert (offence.code, offence.facts) == ("recall_marked", {"pieces": 2})
    assert "BAD" in offence.sentence()
    _scrapped(here, one)
    with pytest.raises(Refused):  # what has moved on is not taken back any more
        take_back(actor=here.keeper, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    assert refused(here, lot).offences[0].facts == {"pieces": 1}
    _scrapped(here, two)
    assert ended(here, lot, reason="all_gone").facts == {"notices": ["RN-7"]}


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


def test_only_who_may_hold_at_every_place_ends_it(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1, lot="GONE")
    lot = unit_view(epc).lot_id
    _scrapped(here, epc)
    recalled(here, lot)
    with pytest.raises(NotFound):
        ended(here, lot, actor=here.ward)
    with pytest.raises(NotFound):
        ended(here, 10**9)
    assert refused(here, lot, reason="").code == "reason_needed"
    assert refused(here, lot, reason="damaged").code == "unknown_reason"
    place(Kind.CAMPUS)  # where the keeper may do nothing
    for unknown in (lot, 10**9):
        assert refused(here, unknown).code == "recall_held_everywhere"
    assert Attempt.objects.filter(code="recall_held_everywhere", verb="end_recall").count() == 2
    assert [each.lot_id for each in lots_recalled()] == [lot]


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
