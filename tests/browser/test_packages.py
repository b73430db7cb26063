"""A buyer orders in tens and announces in tens, a nurse asks in hundreds: typed in packages, kept in pieces, shown in both."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility, leads_to, overflow
from tests.browser.wedge import WIDE, Gallery, context, sign_in
from tests.flows.site import Site, site, soon
from tests.makers import unique
from yanji.catalog.models import ItemCode, Price, Supplier
from yanji.flows.models import PurchaseOrder, Requisition, ShipNotice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def packed_site() -> Site:
    """The counted item comes in tens and hundreds."""
    here = site()
    for level, pieces in (("inner", 10), ("case", 100)):
        code = f"PACK-{pieces}"
        ItemCode.objects.create(item=here.counted, issuer="LOCAL", code=code, level=level, quantity=pieces)
    Price.objects.create(item=here.counted, supplier=here.h.supplier, amount=3, valid_from=soon(-9))
    return here


def add_in(page: Page, here: Site, quantity: str, size: str) -> None:
    """The counted item as a line of the form, so many packages of a size."""
    page.locator("#y-picker-input").fill(here.counted.code)
    page.locator("[data-add]").first.click()
    page.locator(f'[name="quantity:{here.counted.pk}"]').fill(quantity)
    page.get_by_label("Counted in").select_option(size)


@pytest.mark.parametrize(("width", "theme"), [(1920, "light"), (390, "dark")])
def test_an_order_is_typed_and_announced_in_packages(
    browser: Any, live_server: Any, width: int, theme: str
) -> None:
    here, gallery = packed_site(), Gallery(f"en-{width}-{theme}")
    other = Supplier.objects.create(code=unique("OTHER"), name_zh="另一家")
    window = context(browser, width)
    page = window.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page, live_server.url, here.buyer, "en", theme)
    page.goto(f"{live_server.url}/buyer/orders/new")
    page.locator('[name="supplier_id"]').select_option(str(here.h.supplier.pk))
    page.locator('[name="deliver_to_id"]').select_option(str(here.h.store.pk))
    add_in(page, here, "2", "10")
    price = page.locator(f'[name="price:{here.counted.pk}"]')
    fitting = price.input_value()
    price.fill("9.50")
    page.locator('[name="supplier_id"]').select_option(str(other.pk))
    expect(price).to_have_value("")
    expect(page.locator("#emptied")).to_be_visible()
    assert overflow(page) <= 0
    gallery.take(page, "prices-emptied", whole=True)
    page.locator('[name="supplier_id"]').select_option(str(here.h.supplier.pk))
    price.fill(fitting)
    gallery.take(page, "order-in-packages", whole=True)
    assert accessibility(page) == []
    page.get_by_role("button", name="Place the order").click()
    leads_to(page, "/buyer/orders/#")
    expect(page.get_by_text("2 × 10")).to_be_visible()
    gallery.take(page, "ordered-in-packages", whole=True)
    order = PurchaseOrder.objects.get()
    assert [line.quantity for line in order.lines.all()] == [20]
    page.goto(f"{live_server.url}/buyer/orders/{order.pk}/notice")
    row = page.locator(".y-notice-row").first
    row.locator('[name="lot"]').fill("B7")
    row.locator('[name="expiry"]').fill(soon(90).isoformat())
    row.locator('[name="quantity"]').fill("2")
    row.get_by_label("Counted in").select_option("10")
    gallery.take(page, "notice-in-packages", whole=True)
    assert accessibility(page) == []
    page.get_by_role("button", name="Announce").click()
    expect(page.get_by_text("receiving will compare against it")).to_be_visible()
    assert [line.quantity for line in ShipNotice.objects.get().lines.all()] == [20]
    assert troubles == []
    window.close()


@WIDE
def test_a_carton_scanned_twice_is_two_cartons(browser: Any, live_server: Any, width: int) -> None:
    """And a piece that is scanned after them makes them pieces, all of them."""
    here = packed_site()
    ItemCode.objects.create(item=here.counted, issuer="LOCAL", code="ONE-PIECE", level="unit", quantity=1)
    window = context(browser, width)
    page = window.new_page()
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/ward/requisitions/new")
    quantity = page.locator(f'[name="quantity:{here.counted.pk}"]')
    for scans, counted, per in (("PACK-10", "1", "10"), ("PACK-10", "2", "10"), ("ONE-PIECE", "21", "1")):
        page.locator("#y-picker-input").fill(scans)
        page.keyboard.press("Enter")
        expect(quantity).to_have_value(counted)
        expect(page.get_by_label("Counted in")).to_have_value(per)
    page.get_by_role("button", name="Ask the store").click()
    leads_to(page, "/ward/requisitions/#")
    assert [line.quantity for line in Requisition.objects.get().lines.all()] == [21]
    window.close()


@WIDE
def test_a_ward_asks_in_packages(browser: Any, live_server: Any, width: int) -> None:
    here = packed_site()
    window = context(browser, width)
    page = window.new_page()
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/ward/requisitions/new")
    add_in(page, here, "1", "100")
    page.get_by_role("button", name="Ask the store").click()
    leads_to(page, "/ward/requisitions/#")
    expect(page.get_by_text("1 × 100")).to_be_visible()
    assert [line.quantity for line in Requisition.objects.get().lines.all()] == [100]
    window.close()
