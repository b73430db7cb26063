"""Several people do the same at once: it happens once, numbers differ, and the last piece goes to one of them."""

from typing import Any

import pytest

from tests.flows.site import Site, counts
from tests.makers import unique
from tests.races.crowd import all_read_first, together
from yanji.flows.adopt import adopt_unknown
from yanji.flows.hold import hold
from yanji.flows.models import OrderLine, PurchaseOrder, Requisition
from yanji.flows.pick import pick
from yanji.flows.queries import picked_for
from yanji.flows.receive import receive
from yanji.identity import gs1_mod10
from yanji.ledger.api import rebuild, unit_views

pytestmark = pytest.mark.slow


def test_one_key_by_many_hands_happens_once(committed: Site) -> None:
    here = committed
    order, arrivals, keeper = here.order((here.h.item, 3)), [here.arrival()], here.keeper
    before = counts()

    def act() -> Any:
        return receive(
            actor=keeper, key="same", order_id=order.id, dock_id=here.h.store.pk, arrivals=arrivals
        )

    answers = together(*[act] * 6)
    assert len({answer.number for answer in answers}) == 1
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 5
    after = counts()
    assert (after[0] - before[0], after[2] - before[2]) == (2, 1)
    assert OrderLine.objects.get(order_id=order.id).received == 1


def test_the_last_outstanding_piece_is_received_once(committed: Site) -> None:
    here = committed
    order, keeper = here.order((here.h.item, 1)), here.keeper

    def act() -> Any:
        return receive(
            actor=keeper,
            key=unique("r"),
            order_id=order.id,
            dock_id=here.h.store.pk,
            arrivals=[here.arrival()],
        )

    answers = together(*[act] * 5)
    refused = [answer for answer in answers if isinstance(answer, str)]
    assert len(refused) == 4
    assert set(refused) == {"order_closed"}
    assert OrderLine.objects.get(order_id=order.id).received == 1
    assert rebuild() == []


def test_one_unit_is_picked_for_one_requisition(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    wanted = [here.requisition((here.h.item, 1)) for _ in range(5)]
    keeper = here.keeper
    acts = [
        lambda w=w: pick(actor=keeper, key=unique("p"), requisition_id=w.id, things=[epc]) for w in wanted
    ]
    answers = together(*acts)
    assert sorted(type(answer).__name__ for answer in answers) == ["Done"] + ["str"] * 4
    assert {answer for answer in answers if isinstance(answer, str)} == {"wrong_status"}
    assert rebuild() == []


def test_one_product_is_adopted_once(committed: Site) -> None:
    keeper, body = committed.keeper, "0695555500001"
    scan = f"]d201{body}{gs1_mod10(body)}21S1"
    answers = together(*[lambda: adopt_unknown(actor=keeper, key=unique("a"), scan=scan)] * 5)
    assert len({answer.id for answer in answers}) == 1


def test_numbers_differ(committed: Site) -> None:
    answers = together(*[committed.order] * 8)
    assert len({answer.number for answer in answers}) == 8
    assert PurchaseOrder.objects.count() == 8


def test_control_without_the_counters_lock_numbers_collide(committed: Site, monkeypatch) -> None:
    """The test above is worth something only if it fails when the lock is off."""

    def counted(series: str, *, path: str, at: Any) -> str:
        return f"{series}-{PurchaseOrder.objects.count() + 1:04d}"

    monkeypatch.setattr("yanji.flows.purchase.next_number", all_read_first(8, counted))
    answers = together(*[committed.order] * 8)
    assert answers.count("taken_meanwhile") == 7
    assert PurchaseOrder.objects.count() == 1


def test_held_and_picked_at_once_is_one_after_the_other(committed: Site) -> None:
    """Whoever comes first: the requisition counts what lies picked for it, and nothing that is on hold."""
    here = committed

    def at_once(epcs: list[str], wanted: int) -> None:
        picked, held = together(
            lambda: pick(actor=here.keeper, key=unique("p"), requisition_id=wanted, things=epcs),
            lambda: hold(actor=here.keeper, key=unique("h"), things=epcs, reason="suspected"),
        )
        assert not isinstance(held, str), (picked, held)
        [line] = Requisition.objects.get(pk=wanted).lines.all()
        statuses = {str(unit.status) for unit in unit_views(epcs).values()}
        assert (statuses, line.picked, picked_for(wanted)) == ({"quarantined"}, 0, ([], {}))

    for _ in range(6):
        at_once(here.stocked(3), here.requisition((here.h.item, 3)).id)
    assert rebuild() == []


def test_what_is_picked_while_it_is_being_held_is_looked_at_again(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst moment, every time: picked after the hold looked for whom things lie, before it posts."""
    from yanji.flows import hold as holding

    here, looks = committed, []
    epcs, wanted = here.stocked(3), here.requisition((here.h.item, 3)).id
    look = holding.set_aside_of

    def and_then_somebody_picks(things: Any) -> Any:
        found = look(things)
        looks.append(len(found.claims))
        if len(looks) == 2:
            together(lambda: pick(actor=here.keeper, key="meanwhile", requisition_id=wanted, things=epcs))
        return found

    monkeypatch.setattr(holding, "set_aside_of", and_then_somebody_picks)
    hold(actor=here.keeper, key=unique("h"), things=epcs, reason="suspected")
    assert len(looks) == 4  # twice, and twice again
    [line] = Requisition.objects.get(pk=wanted).lines.all()
    assert (line.picked, picked_for(wanted)) == (0, ([], {}))
    assert {str(unit.status) for unit in unit_views(epcs).values()} == {"quarantined"}
    assert rebuild() == []
