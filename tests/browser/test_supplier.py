"""A supplier at its desk: an invoice from what came, its scan, a renewed licence, the month; and the buyer who enters it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility, leads_to, turned
from tests.browser.wedge import Gallery, context, no_sideways_scrolling, sign_in
from tests.flows.buying import supplier_person
from tests.flows.files import png
from tests.flows.site import soon
from tests.web.world import World, world
from yanji.catalog.models import Licence
from yanji.flows.invoices.models import Invoice
from yanji.flows.portal.models import OfferedPaper

pytestmark = pytest.mark.browser


@pytest.fixture
def here(transactional_db: None) -> World:
    return world()


def looked_at(page: Page, gallery: Gallery, name: str) -> None:
    page.wait_for_load_state("networkidle")
    no_sideways_scrolling(page)
    assert accessibility(page) == []
    gallery.take(page, name, whole=True)


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("en", 1920, "dark"), ("zh-hans", 390, "light")],
)
def test_a_suppliers_month(
    browser: Any, live_server: Any, here: World, tmp_path: Path, language: str, width: int, theme: str
) -> None:
    scan = tmp_path / "许可证.png"
    scan.write_bytes(png())
    gallery, base = Gallery(f"{language[:2]}-{width}-{theme}"), live_server.url
    session = context(browser, width)
    page = session.new_page()
    sign_in(page, base, supplier_person(here.site), language, theme)
    invoiced(page, base, here, scan, gallery)
    page.goto(f"{base}/supplier/papers")
    page.locator("#f-kind").select_option("device_trade")
    page.locator("#f-ref").fill("XK-2027-118")
    page.locator("#f-from").fill(soon(0).isoformat())
    page.locator("#f-to").fill(soon(900).isoformat())
    page.locator("#f-file").set_input_files(scan)
    looked_at(page, gallery, "supplier-3-papers")
    page.locator("form[enctype] .btn-primary").click()
    expect(page.locator(".y-trail-file a")).to_have_text("许可证.png")
    looked_at(page, gallery, "supplier-4-sent")
    page.goto(f"{base}/supplier/statement")
    looked_at(page, gallery, "supplier-5-statement")
    printed = page.locator("a[href*='statement/print?']")
    address = str(printed.get_attribute("href"))
    printed.click()
    leads_to(page, address)
    looked_at(page, gallery, "supplier-6-print")
    session.close()
    entered(browser, base, here, gallery, (language, width, theme))


def invoiced(page: Page, base: str, here: World, scan: Path, gallery: Gallery) -> None:
    """From the order's page: what came stands there; one row is left, sent, and the scan attached."""
    page.goto(f"{base}/supplier/orders/{here.samples['order_id']}")
    looked_at(page, gallery, "supplier-0-order")
    sheet = page.locator("a[href*='invoices/new']")
    address = str(sheet.get_attribute("href"))
    sheet.click()
    leads_to(page, address)
    page.locator("#f-ref").fill("FP-2026-0007")
    looked_at(page, gallery, "supplier-1-invoice")
    page.locator("#invoice .btn-primary").click()
    expect(page.locator(".y-chip-group").first).to_be_visible()
    page.locator(".y-trail input[type=file]").last.set_input_files(scan)
    expect(page.locator(".y-trail-file a")).to_have_text("许可证.png")
    looked_at(page, gallery, "supplier-2-kept")
    kept = Invoice.objects.get(reference="FP-2026-0007")
    assert (kept.state, kept.total) == ("matched", Decimal(500))
    page.goto(f"{base}/supplier/invoices")
    expect(page.get_by_text("FP-2026-0007")).to_be_visible()


def entered(browser: Any, base: str, here: World, gallery: Gallery, dressing: tuple[str, int, str]) -> None:
    """The buyer finds the paper among those to renew, compares it and enters it."""
    language, width, theme = dressing
    session = context(browser, width)
    page = session.new_page()
    sign_in(page, base, here.site.buyer, language, theme)
    page.goto(f"{base}/buyer/papers")
    looked_at(page, gallery, "supplier-7-to-check")
    page.locator("a[href*='papers/offered']", has_text="XK-2027-118").click()
    expect(page.locator(".y-trail-file a")).to_have_text("许可证.png")
    looked_at(page, gallery, "supplier-8-decide")
    with turned(page):
        page.locator("button[value=enter]").click()
    expect(page.locator("button[value=enter]")).to_have_count(0)
    paper = OfferedPaper.objects.get(reference="XK-2027-118")
    assert paper.state == "entered"
    assert Licence.objects.get(number="XK-2027-118").pk == paper.licence_id
    session.close()
