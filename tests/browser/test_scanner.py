"""A scanner that replaces separators is set up at a computer: the test symbol, what it shows, and every scan after."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import accessibility
from tests.browser.wedge import Gallery, context, no_sideways_scrolling, rows, scan, sign_in
from tests.flows.site import GTIN
from tests.web.world import World, world
from yanji.identity import TEST_BARCODE

pytestmark = pytest.mark.browser
GS = "\x1d"


def damaged(text: str) -> str:
    """With ~ in place of the separator, and no AIM identifier."""
    return text.removeprefix("]d2").replace(GS, "~")


@pytest.fixture
def here(transactional_db: None) -> World:
    return world()


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("en", 1920, "dark"), ("zh-hans", 390, "light"), ("zh-hans", 1920, "light"), ("en", 390, "dark")],
)
def test_a_damaged_scanner_is_learnt_and_read(
    browser: Any, live_server: Any, here: World, language: str, width: int, theme: str
) -> None:
    gallery = Gallery(f"{language[:2]}-{width}-{theme}")
    session = context(browser, width)
    page = session.new_page()
    sign_in(page, live_server.url, here.site.storekeeper, language, theme)
    page.goto(f"{live_server.url}/scanner")
    gallery.take(page, "scanner-1-new", whole=True)
    label = f"]d201{GTIN}10LOT-7{GS}21SN42"
    scan(page, TEST_BARCODE.swapcase())
    expect(page.locator("[data-scan-row][data-result=error]")).to_have_count(1)
    scan(page, damaged(TEST_BARCODE))
    rows(page, 1)
    no_sideways_scrolling(page)
    assert accessibility(page) == []
    gallery.take(page, "scanner-2-found", whole=True)
    page.locator("[data-scan-row][data-result=warn] .btn-primary").click()
    expect(page.locator("form [name=forget]")).to_be_visible()
    scan(page, damaged(label))
    rows(page, 1)
    expect(page.locator("[data-scan-row]").first).to_contain_text("(10) LOT-7 (21) SN42")
    assert accessibility(page) == []
    gallery.take(page, "scanner-3-kept", whole=True)
    page.locator("form [name=forget]").click()
    expect(page.locator("form [name=forget]")).to_have_count(0)
    session.close()
