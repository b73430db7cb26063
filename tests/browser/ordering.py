"""A buyer writes an order on its page: for the walks that begin with one."""

from playwright.sync_api import expect

from tests.browser.pages import leads_to
from tests.browser.walk import Walk
from tests.flows.site import Site
from yanji.flows.models import PurchaseOrder


def begun(walk: Walk, here: Site, pieces: int) -> None:
    """The form of an order of the site's item, at no price of its own; not sent."""
    page = walk.as_(here.buyer, "/buyer/orders/new")
    page.locator("#f-supplier").select_option(str(here.h.supplier.pk))
    page.locator("#f-to").select_option(str(here.h.store.pk))
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-picker-found] button").first.click()
    expect(page.locator("[data-line]")).to_have_count(1)
    page.locator("[data-line-quantity]").fill(str(pieces))


def ordered(walk: Walk, here: Site, pieces: int) -> PurchaseOrder:
    """The order as it was kept; the walk stands on its page."""
    begun(walk, here, pieces)
    walk.press("Place the order")
    leads_to(walk.page, "/buyer/orders/#")
    return PurchaseOrder.objects.latest("pk")
