"""What may be ordered at all, judged when it is ordered: a price, a contract in force, papers, people and things still in use."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.buying import chief, contract, line_of, today, waiting
from tests.flows.site import Site
from tests.flows.test_buying import change, place, refused, say
from tests.makers import unique
from yanji.catalog.models import Item, Licence, Supplier
from yanji.flows.buying.contracts import end_contract
from yanji.flows.models import PurchaseOrder
from yanji.flows.purchase import Ordered, send_order

NOTHING = Decimal("0.00")


def send(here: Site, order, **fields):
    return send_order(actor=here.purchasing, key=unique("k"), order_id=order.id, **fields)


def lapse(here: Site) -> None:
    Licence.objects.filter(supplier=here.h.supplier).delete()
    Licence.objects.create(
        supplier=here.h.supplier, kind="business", number="B1", valid_from=date(2020, 1, 1),
        valid_to=today() - timedelta(days=10),
    )  # fmt: skip


# A price


@pytest.mark.parametrize("price", [None, NOTHING])
def test_what_has_no_price_is_not_ordered(committed: Site, price):
    item = committed.h.item.pk
    refused("no_price", lambda: place(committed, Ordered(item, 5, price)), committed)
    draft = place(committed, Ordered(item, 5, price), draft=True)
    refused("no_price", lambda: send(committed, draft), committed)
    change(committed, draft, Ordered(item, 5, Decimal(10)))
    assert send(committed, draft).state == "placed"


def test_what_is_free_says_why(committed: Site):
    order = place(committed, Ordered(committed.h.item.pk, 5, NOTHING, "Replaces what was recalled"))
    assert (order.state, line_of(order).price_reason) == ("placed", "Replaces what was recalled")


def test_what_a_contract_gives_for_nothing_needs_no_reason(committed: Site):
    contract(committed, (committed.h.item, "0"))
    assert place(committed, Ordered(committed.h.item.pk, 5)).state == "placed"


def test_a_change_cannot_take_the_price_away(committed: Site):
    chief(committed, "order", from_amount=10000)
    order = place(committed, Ordered(committed.h.item.pk, 5, Decimal(10)))
    refused("no_price", lambda: change(committed, order, Ordered(committed.h.item.pk, 5, NOTHING)), committed)
    assert line_of(order).price == 10


# Contracts


def test_a_draft_by_a_contract_that_ended_is_not_placed(committed: Site):
    agreed = contract(committed)
    item = committed.h.item.pk
    draft = place(committed, Ordered(item, 5), draft=True)
    end_contract(actor=committed.purchasing, key=unique("k"), contract_id=agreed.id, reason="New tender")
    said = refused("contract_price_over", lambda: send(committed, draft), committed)
    assert said.offences[0].facts["contract"] == agreed.number
    change(committed, draft, Ordered(item, 5, Decimal(80)))
    assert send(committed, draft).state == "placed"


def test_an_order_that_waited_is_not_placed_by_a_contract_that_ended_meanwhile(committed: Site):
    head, agreed = chief(committed, "order"), contract(committed)
    order = place(committed, Ordered(committed.h.item.pk, 5))
    end_contract(actor=committed.purchasing, key=unique("k"), contract_id=agreed.id, reason="New tender")
    refused("contract_price_over", lambda: say(head, waiting("order", order)), committed)
    say(head, waiting("order", order), approve=False)
    assert PurchaseOrder.objects.get(pk=order.id).state == "draft"


def test_an_order_that_waited_counts_once_of_its_contract(committed: Site):
    head = chief(committed, "order")
    contract(committed, maximum_value=Decimal(450))
    order = place(committed, Ordered(committed.h.item.pk, 5))
    say(head, waiting("order", order))
    assert PurchaseOrder.objects.get(pk=order.id).state == "placed"


# Who delivers, and what


def test_a_draft_of_what_is_no_longer_in_use_is_not_placed(committed: Site):
    draft = place(committed, Ordered(committed.h.item.pk, 5, Decimal(10)), draft=True)
    Supplier.objects.filter(pk=committed.h.supplier.pk).update(active=False)
    refused("not_for_sale", lambda: send(committed, draft), committed)
    Supplier.objects.filter(pk=committed.h.supplier.pk).update(active=True)
    Item.objects.filter(pk=committed.h.item.pk).update(active=False)
    refused("not_for_sale", lambda: send(committed, draft), committed)


# Papers


def test_an_earlier_day_does_not_revive_papers_that_lapsed(committed: Site):
    item, before = committed.h.item.pk, timezone.now() - timedelta(days=30)
    draft = place(committed, Ordered(item, 5, Decimal(10)), draft=True)
    lapse(committed)
    code = "supplier_licence_lapsed"
    refused(code, lambda: place(committed, Ordered(item, 5, Decimal(10)), happened_at=before), committed)
    refused(code, lambda: send(committed, draft, happened_at=before), committed)


def test_papers_that_lapsed_stop_what_a_change_adds_and_nothing_that_it_takes_away(committed: Site):
    item = committed.h.item.pk
    order = place(committed, Ordered(item, 5, Decimal(10)))
    lapse(committed)
    refused(
        "supplier_licence_lapsed", lambda: change(committed, order, Ordered(item, 6, Decimal(10))), committed
    )
    change(committed, order, Ordered(item, 4, Decimal(10)))
    assert line_of(order).quantity == 4


def test_an_earlier_day_does_not_revive_a_price(committed: Site):
    agreed = contract(committed, (committed.h.item, "90"))
    end_contract(actor=committed.purchasing, key=unique("k"), contract_id=agreed.id, reason="New tender")
    contract(committed, (committed.h.item, "70"), valid_from=today())
    order = place(committed, Ordered(committed.h.item.pk, 1), happened_at=timezone.now() - timedelta(days=3))
    assert line_of(order).price == 70
