"""A buyer writes a framework contract on its page, mends it, puts it in force; the next order goes by its price."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.ordering import begun
from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE
from tests.flows.site import Site, site, soon
from yanji.catalog.models import Price
from yanji.flows.buying.models import Contract
from yanji.flows.models import PurchaseOrder

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_a_contract_is_written_and_an_order_goes_by_its_price(
    browser: Any, live_server: Any, width: int
) -> None:
    here = site()
    Price.objects.create(item=here.h.item, supplier=here.h.supplier, amount=100, valid_from=soon(-9))
    with walking(browser, live_server.url, width) as walk:
        contract = it_is_written(walk, here)
        it_is_mended_and_put_in_force(walk, contract)
        order = an_order_takes_its_price(walk, here, contract)
        what_is_called_off_stands_on_it(walk, here, contract, order)


def it_is_written(walk: Walk, here: Site) -> Contract:
    """From the list; the end before the beginning is refused, and what was typed stands there still."""
    page = walk.as_(here.buyer, "/buyer/contracts")
    page.get_by_role("link", name="New contract").first.click()
    leads_to(page, "/buyer/contracts/new")
    page.get_by_label("Supplier", exact=True).select_option(str(here.h.supplier.pk))
    page.get_by_label("Holds at").select_option(str(here.h.campus.pk))
    page.get_by_label("Contract number").fill("HT-2027-3")
    page.get_by_label("Valid from").fill(soon(-1).isoformat())
    page.get_by_label("Valid to").fill(soon(-5).isoformat())
    page.get_by_label("At most ¥").fill("5000")
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-picker-found] button").first.click()
    page.get_by_label("Price ¥").fill("87.50")
    with turned(page):
        walk.press("Keep as a draft")
    expect(page.locator(".y-refusal")).to_be_visible()
    assert not Contract.objects.exists()
    expect(page.get_by_label("Price ¥")).to_have_value("87.50")
    page.get_by_label("Valid to").fill(soon(300).isoformat())
    walk.look("contract-1-form")
    walk.press("Keep as a draft")
    leads_to(page, "/buyer/contracts/#")
    walk.says("is written as a draft")
    return Contract.objects.get()


def it_is_mended_and_put_in_force(walk: Walk, contract: Contract) -> None:
    page = walk.page
    page.get_by_role("link", name="Edit").click()
    leads_to(page, f"/buyer/contracts/{contract.pk}/edit")
    page.get_by_label("Price ¥").fill("85")
    walk.press("Keep as a draft")
    leads_to(page, f"/buyer/contracts/{contract.pk}")
    expect(page.locator("table")).to_contain_text("85.00")
    with turned(page):
        walk.press("Put in force")
    walk.look("contract-2-in-force")
    contract.refresh_from_db()
    assert contract.state == "active"
    assert [line.price for line in contract.items.all()] == [85]


def an_order_takes_its_price(walk: Walk, here: Site, contract: Contract) -> PurchaseOrder:
    """The contract stands by the line before the order is placed; the catalogue's price is dearer and is not taken."""
    begun(walk, here, 10)
    expect(walk.page.locator("[data-line]")).to_contain_text(contract.number)
    walk.press("Place the order")
    leads_to(walk.page, "/buyer/orders/#")
    expect(walk.page.locator("tbody")).to_contain_text(contract.number)
    order = PurchaseOrder.objects.get()
    [line] = order.lines.all()
    assert (line.price, line.contract_item.contract_id) == (Decimal(85), contract.pk)
    return order


def what_is_called_off_stands_on_it(walk: Walk, here: Site, contract: Contract, order: PurchaseOrder) -> None:
    """What would go over its largest value is refused by the next order."""
    page = walk.go(f"/buyer/contracts/{contract.pk}")
    expect(page.locator(".y-tiles")).to_contain_text("850")
    walk.look("contract-4-called-off")
    begun(walk, here, 50)
    with turned(walk.page):
        walk.press("Place the order")
    expect(walk.page.locator(".y-refusal")).to_contain_text(contract.number)
    assert PurchaseOrder.objects.get() == order
