"""First in, first out: units by their receipt, counted lots by the day the hospital first received them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.flows.site import Site, contents, soon
from tests.makers import place, unique
from yanji.flows.correction import void_receipt
from yanji.flows.models import Override, Requisition
from yanji.flows.pick import pick
from yanji.flows.pick_list import pick_list
from yanji.flows.preview import interpret
from yanji.flows.receive import Arrival
from yanji.flows.turn import first_left
from yanji.ledger.api import LotQuantity, Refused, first_received
from yanji.places.models import Kind


def came(here: Site, lot: str, days_ago: int, *, expiry: int, pieces: int = 5, at: int | None = None) -> int:
    """Pieces of a lot received some days ago; the lot's id."""
    order = here.order((here.counted, pieces))
    from yanji.flows.receive import receive

    receive(
        actor=here.keeper, key=unique("r"), order_id=order.id, dock_id=at or here.h.store.pk,
        arrivals=[Arrival(here.counted.pk, lot=lot, expiry=soon(expiry), quantity=pieces)],
        arrived_at=timezone.now() - timedelta(days=days_ago),
    )  # fmt: skip
    return here.counted.lots.get(number=lot).pk


def some(here: Site, lot: int, pieces: int = 2) -> list[LotQuantity]:
    return [LotQuantity(lot, Decimal(pieces), here.h.store.pk)]


def refused(act: Callable[[], object]) -> str:
    before = contents()
    with pytest.raises(Refused) as refusal:
        act()
    assert refusal.value.code == "override_reason_needed"
    assert contents() == before
    return str(refusal.value)


def in_english(act: Callable[[], object]) -> str:
    with translation.override("en"):
        return refused(act)


def test_the_lot_that_came_first_goes_first_whatever_it_says_on_it(committed: Site) -> None:
    here = committed
    old = came(here, "OLD", 30, expiry=500)
    new = came(here, "NEW", 3, expiry=50)
    wanted = here.requisition((here.counted, 4))
    requisition = Requisition.objects.get(pk=wanted.id)

    def take(lot: int, policy: str, **more: object) -> object:
        return pick(
            actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=some(here, lot), policy=policy, **more
        )  # fmt: skip

    turns = {
        policy: [left.lot for left in pick_list(requisition, policy=policy)[0].lots]
        for policy in ("fefo", "fifo")
    }
    assert turns == {"fefo": ["NEW", "OLD"], "fifo": ["OLD", "NEW"]}
    said = in_english(lambda: take(new, "fifo"))
    day = timezone.localdate() - timedelta(days=30)
    assert said == (
        f"Lot NEW is not the next in turn: Lot OLD (received on {day}) lies in {here.h.store.name}. "
        "Take that one, or give a reason."
    )
    assert f"Lot NEW (valid to {soon(50)})" in in_english(lambda: take(old, "fefo"))
    with translation.override("zh-hans"):
        assert f"{day} 入库" in refused(lambda: take(new, "fifo"))
    take(old, "fifo")
    take(new, "fifo", overrides={f"lot {new}": "same_lot"})
    assert [(each.epc, each.instead_of) for each in Override.objects.all()] == [(f"lot {new}", f"lot {old}")]


def test_what_counts_is_the_first_receipt_at_any_place_that_stands(committed: Site) -> None:
    here = committed
    elsewhere = place(Kind.STORE, here.h.campus).pk
    first = came(here, "A", 9, expiry=90, at=elsewhere)
    came(here, "A", 2, expiry=90)
    later = came(here, "B", 5, expiry=80)
    found = first_received([first, later])
    today = timezone.localdate()
    assert {key: (today - timezone.localdate(at)).days for key, at in found.items()} == {first: 9, later: 5}
    [line] = pick_list(Requisition.objects.get(pk=here.requisition((here.counted, 1)).id), policy="fifo")
    assert [left.lot for left in line.lots] == ["A", "B"]
    from yanji.flows.models import Receipt

    earliest = Receipt.objects.order_by("arrived_at").first()
    assert earliest is not None
    void_receipt(actor=here.keeper, key=unique("v"), receipt_id=earliest.pk, reason="wrong_scan")
    assert (today - timezone.localdate(first_received([first])[first])).days == 2
    assert first_received([]) == {}


def test_lots_of_one_day_are_fair_and_what_is_used_up_is_not_in_turn(committed: Site) -> None:
    here = committed
    morning, evening = came(here, "M", 4, expiry=90), came(here, "E", 4, expiry=80)
    wanted = here.requisition((here.counted, 12))

    def take(*things: LotQuantity) -> object:
        return pick(
            actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=things, policy="fifo",
        )  # fmt: skip

    take(*some(here, morning))  # although E expires first: they came on one day
    late = came(here, "L", 1, expiry=10)
    assert "Lot E" in in_english(lambda: take(*some(here, late)))
    # What is taken along counts as gone: only what is left would be passed over.
    assert "Lot M" in in_english(lambda: take(*some(here, evening, 5), *some(here, late, 1)))
    take(*some(here, evening, 5), *some(here, morning, 3), *some(here, late, 1))


def test_a_scan_is_judged_by_the_policy_of_the_page(committed: Site) -> None:
    here, h = committed, committed.h
    [old] = here.stocked(1, lot="O", expiry=soon(500))
    from yanji.ledger.models import Unit

    Unit.objects.filter(epc=old).update(received_at=timezone.now() - timedelta(days=20))
    [new] = here.stocked(1, lot="N", expiry=soon(50))
    wanted = here.requisition((h.item, 1))

    def codes(epc: str, policy: str) -> list[str]:
        meaning = interpret(epc, actor=here.keeper, flow="pick", requisition_id=wanted.id, policy=policy)
        return [offence.code for offence in meaning.offences]

    assert (codes(old, "fefo"), codes(new, "fefo")) == (["override_reason_needed"], [])
    assert (codes(old, "fifo"), codes(new, "fifo")) == ([], ["override_reason_needed"])


@pytest.mark.parametrize(("policy", "statements"), [("fefo", 2), ("fifo", 3)])
def test_whose_turn_costs_the_same_for_one_item_and_for_many(
    committed: Site, policy: str, statements: int
) -> None:
    here = committed
    for number in range(8):
        came(here, f"L{number}", number + 1, expiry=90 + number)
    here.stocked(3)
    spent = []
    for items in ([here.counted.pk], [here.counted.pk, here.h.item.pk]):
        with CaptureQueriesContext(connection) as asked:
            first_left(items, path="/", policy=policy, today=timezone.localdate(), now=timezone.now())
        spent.append(len(asked))
    assert spent == [statements, statements]
