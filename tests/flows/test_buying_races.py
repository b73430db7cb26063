"""Two buyers draw on one contract, two invoices charge one unit, at one moment: one of them comes first."""

from collections.abc import Iterable
from decimal import Decimal
from threading import Barrier

import pytest

from tests.flows.buying import billed, contract, invoice
from tests.flows.site import Site
from tests.makers import unique
from tests.patience import PATIENCE
from tests.races.crowd import together
from yanji.flows.buying import placing, pricing
from yanji.flows.buying.models import Contract
from yanji.flows.invoices.models import InvoiceLine
from yanji.flows.models import PurchaseOrder
from yanji.flows.purchase import Ordered, place_order, send_order

pytestmark = pytest.mark.slow
WORTH = 4 * 90


def drafts(here: Site, count: int) -> list[int]:
    """Draft orders, each of which would use the contract up."""
    contract(here, maximum_value=Decimal(WORTH))
    return [
        place_order(
            actor=here.purchasing, key=unique("k"), supplier_id=here.h.supplier.pk, deliver_to_id=here.h.store.pk,
            lines=[Ordered(here.h.item.pk, 4)], draft=True,
        ).id
        for _ in range(count)
    ]  # fmt: skip


def send(here: Site, orders: list[int]) -> list[str]:
    buyer = here.purchasing
    answers = together(
        *[lambda order=order: send_order(actor=buyer, key=unique("s"), order_id=order) for order in orders]
    )
    return [answer if isinstance(answer, str) else answer.state for answer in answers]


def test_the_last_of_a_contract_goes_to_one(committed: Site) -> None:
    assert sorted(send(committed, drafts(committed, 4))) == ["contract_exhausted"] * 3 + ["placed"]
    assert pricing.called_off([Contract.objects.get().pk]) == {Contract.objects.get().pk: WORTH}


def test_control_without_the_lock_it_is_overdrawn(committed: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    orders, both = drafts(committed, 2), Barrier(2)

    def unlocked(ids: Iterable[int]) -> dict[int, Contract]:
        both.wait(PATIENCE)
        return Contract.objects.in_bulk(list(ids))

    read = pricing.called_off

    def called_off(ids: Iterable[int]) -> dict[int, Decimal]:
        found = read(ids)
        both.wait(PATIENCE)  # Both have looked before either writes.
        return found

    monkeypatch.setattr(placing, "locked", unlocked)
    monkeypatch.setattr(pricing, "called_off", called_off)
    assert send(committed, orders) == ["placed", "placed"]
    assert PurchaseOrder.objects.filter(state="placed").count() == 2


def test_a_unit_is_charged_by_one_of_two_invoices(committed: Site) -> None:
    here, h = committed, committed.h
    order = here.order((h.item, 1))
    here.receive(order, here.arrival(serial="RACE"))
    buyer = here.purchasing
    together(*[lambda: invoice(here, buyer, billed(order, "RACE", item=h.item)) for _ in range(4)])
    results = sorted(InvoiceLine.objects.values_list("result", flat=True))
    assert results == ["already_invoiced"] * 3 + ["matched"]
