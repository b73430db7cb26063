"""Several people do the same at once: it happens once, numbers differ, and the last piece goes to one of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tests.flows.site import Site, counts
from tests.makers import unique
from yanji.flows import numbers
from yanji.flows.adopt import adopt_unknown
from yanji.flows.models import OrderLine, PurchaseOrder
from yanji.flows.pick import pick
from yanji.flows.receive import receive
from yanji.identity import gs1_mod10
from yanji.ledger.api import Refused, rebuild

pytestmark = pytest.mark.slow


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answers, or how it was refused, when all start at one moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return act()
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


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
    unlocked = """
        SELECT concat_ws('-', %(series)s, (
                   SELECT left(upper(ca.code), 12) FROM places_place ca
                    WHERE ca.kind = 'campus' AND starts_with(%(path)s, ca.path) LIMIT 1), %(month)s),
               (SELECT count(*) FROM flows_purchaseorder) + %(count)s, pg_sleep(0.2)::text IS NULL
    """

    def next_number(series: str, *, path: str, at: Any) -> str:
        with connection.cursor() as cursor:
            cursor.execute(unlocked, {"series": series, "path": path, "month": "2601", "count": 1})
            prefix, last, _slept = cursor.fetchone()
        return f"{prefix}-{last:04d}"

    monkeypatch.setattr("yanji.flows.purchase.next_number", next_number)
    assert numbers.next_number is not next_number
    with pytest.raises(Exception, match="number"):
        together(*[committed.order] * 8)
