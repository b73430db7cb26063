"""Two people, two browsers: what one does stands on the other's page, which nobody loads again."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, opened, settled
from tests.browser.wedge import Gallery, rows, scan
from tests.flows.site import Site, person, site
from tests.served import served
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIGN = ".y-live[data-live-sign=on]"


@pytest.fixture
def here(transactional_db: None) -> Site:
    return site()


@pytest.fixture
def address(here: Site) -> Iterator[str]:
    with served() as port:
        yield f"http://127.0.0.1:{port}"


def manager(here: Site) -> Any:
    return person("manager", here.h.campus)


@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "zh-hans"), (WALL, "en")], ids=["phone-zh", "wall-en"]
)
def test_a_scan_made_in_one_browser_stands_on_the_board_of_the_other(
    browser: Any, address: str, here: Site, size: dict[str, int], language: str
) -> None:
    [epc] = here.stocked(1)
    with (
        opened(browser, address, manager(here), size=size, language=language) as board,
        opened(browser, address, here.storekeeper, language="en") as desk,
    ):
        settled(desk, "/storeroom/hold")
        unit = board.context.new_page()
        for page, address_of in ((board, "/?as=manager"), (unit, f"/unit/{epc}")):
            page.goto(address_of)
            expect(page.locator(SIGN).first).to_be_visible()
            page.evaluate("window.loadedOnce = true")
        held = board.locator("#tiles .y-num").nth(4)
        expect(held).to_have_text("0")
        scan(desk, here.scan(epc.rpartition("/")[2]))
        rows(desk, 1)
        desk.select_option("#f-reason", "suspected")
        desk.locator("[data-scan-submit]").click()
        first = board.locator(".y-ticker li").first
        expect(first.locator(".y-tick-bad")).to_be_visible()
        expect(held).to_have_text("1")
        expect(unit.locator(".y-pill.y-bad").first).to_be_visible()
        for page in (board, unit):
            assert page.evaluate("window.loadedOnce"), "nobody loaded it again"
        Gallery(f"{size['width']}-{language[:2]}").take(board, "live-board", whole=True)
        unit.close()
        entry = unit_view(epc)
        assert entry is not None
        first.locator("a").click()
        board.wait_for_url("**/event/*")
        assert entry.status == "quarantined"
