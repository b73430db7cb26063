"""The maps of the house in the browser: from a number to what it counts, by mouse and by keyboard, at any size."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, accessibility, leads_to, opened, overflow, settled
from tests.flows.site import Site, person, site

pytestmark = pytest.mark.browser
EVERY_LOOK = pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (PHONE, "en", "dark"), (WALL, "zh-hans", "dark"), (WALL, "en", "light")],
    ids=["phone-zh-light", "phone-en-dark", "wall-zh-dark", "wall-en-light"],
)


@pytest.fixture
def here(transactional_db: None) -> Site:
    made = site()
    today = timezone.localdate()
    made.stocked(2, ago=20, expiry=today - timedelta(days=1), lot="GONE")
    made.stocked(3, expiry=today + timedelta(days=100), lot="SOON")
    return made


@EVERY_LOOK
def test_the_expiry_map_fits_and_leads_to_what_it_counts(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    manager = person("manager", here.h.campus)
    with opened(browser, live_server.url, manager, size=size, language=language, theme=theme) as page:
        settled(page, "/expiry")
        assert (overflow(page), accessibility(page)) == (0, [])
        table = page.locator("table.y-map")
        expect(table.locator("td a")).to_have_text(["2", "3", "5"])
        table.get_by_role("link", name=here.h.store.name).press("Enter")
        expect(page.locator(".y-path b")).to_have_text(here.h.store.name)
        assert (overflow(page), accessibility(page)) == (0, [])
        # Right at the store itself: the cell leads on with the keyboard alone.
        table.locator("td a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/stock?**")
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody tr")).to_contain_text("GONE")


def test_an_empty_expiry_map_says_what_it_would_show(browser: Any, live_server: Any, here: Site) -> None:
    with opened(browser, live_server.url, here.nurse, language="en", size=PHONE) as page:
        settled(page, "/expiry")
        expect(page.get_by_text("Each row is a place, each column a month")).to_be_visible()
        page.get_by_role("link", name="All stock").click()
        leads_to(page, "/stock")
