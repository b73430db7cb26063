"""The reading pages as people see them: no overflow, no complaint in the console, nothing serious to axe."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, accessibility, leads_to, opened, overflow, settled
from tests.browser.wedge import burst
from tests.web.world import World, world

pytestmark = pytest.mark.browser


@pytest.fixture
def here(transactional_db: None) -> World:
    return world()


def addresses(here: World) -> dict[str, list[str]]:
    """What they show when something is asked of them, or to somebody else; the rest is in `test_every_page`."""
    return {
        "storekeeper": ["/stock?by=all", "/stock?by=unit", "/search?q=nothing"],
        "manager": ["/board?wall=1"],
        "nurse": [f"/unit/{here.samples['epc']}"],
    }


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)
def test_pages_fit_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: World, size: dict[str, int], language: str, theme: str
) -> None:
    wrong = []
    for who, places in addresses(here).items():
        with opened(
            browser, live_server.url, here.people[who], size=size, language=language, theme=theme
        ) as page:
            # What fades in is half seen for a moment, and axe would judge it as that.
            page.emulate_media(reduced_motion="reduce")
            for address in places:
                settled(page, address)
                wrong += [f"{who} {address}: {overflow(page)} px too wide"] if overflow(page) else []
                wrong += [f"{who} {address}: {finding}" for finding in accessibility(page)]
    assert wrong == []


def test_sign_in_with_the_keyboard_alone(browser: Any, live_server: Any, here: World) -> None:
    with opened(browser, live_server.url) as page:
        settled(page, "/stock")
        assert accessibility(page) == []
        page.keyboard.type(here.site.second.username)
        page.keyboard.press("Tab")
        page.keyboard.type("Zweite-Person-7")
        page.keyboard.press("Enter")
        leads_to(page, "/stock")


def test_slash_finds_the_search_box_and_a_scan_anywhere_finds_the_unit(
    browser: Any, live_server: Any, here: World
) -> None:
    with opened(browser, live_server.url, here.site.storekeeper) as page:
        settled(page, "/")
        page.keyboard.press("/")
        expect(page.locator("#y-search-input")).to_be_focused()
        page.evaluate("document.activeElement.blur()")
        serial = here.stored.rsplit("/", 1)[1]
        burst(page, f"]d201{here.stored.split('/')[1]}21{serial}")
        leads_to(page, f"/unit/{here.stored}")


def test_the_separator_of_a_scanner_survives(browser: Any, live_server: Any, here: World) -> None:
    """GS typed as Ctrl+] in the middle of a burst."""
    serial = here.stored.rsplit("/", 1)[1]
    with opened(browser, live_server.url, here.site.storekeeper) as page:
        settled(page, "/")
        burst(page, f"]d201{here.stored.split('/')[1]}10L1\x1d21{serial}")
        leads_to(page, f"/unit/{here.stored}")


def test_looking_back_along_the_life_line(browser: Any, live_server: Any, here: World) -> None:
    with opened(browser, live_server.url, here.site.nurse, language="en") as page:
        settled(page, f"/unit/{here.used}")
        slider, moved = (
            page.locator("#y-moment"),
            "slider => { slider.value = 0; slider.dispatchEvent(new Event('%s', {bubbles: true})); }",
        )
        slider.evaluate(moved % "input")
        expect(page.locator("output[for=y-moment]")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d$"))
        slider.evaluate(moved % "change")
        page.get_by_role("link", name="Back to now").wait_for()
        page.wait_for_url(re.compile(r"\?at="))
        expect(page.locator(".y-stop.y-now")).to_have_count(1)


def test_no_stop_of_the_life_line_is_printed_over_another(
    browser: Any, live_server: Any, here: World
) -> None:
    """Place, time and temperature of every stop, each on paper of its own, at a phone."""
    over = """() => {
        const boxes = [...document.querySelectorAll('.y-stop b, .y-stop small')].map(one => one.getBoundingClientRect());
        return boxes.filter((a, n) => boxes.some((b, m) => m > n && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)).length; }"""
    with opened(browser, live_server.url, here.site.nurse, size=PHONE) as page:
        settled(page, f"/unit/{here.used}")
        assert page.locator(".y-stop .y-kept").count() >= 2
        assert page.evaluate(over) == 0


def test_light_and_dark_are_remembered(browser: Any, live_server: Any, here: World) -> None:
    with opened(browser, live_server.url, here.site.nurse, theme="light") as page:
        settled(page, "/")
        with page.expect_response("**/preferences"):
            page.locator("[data-theme-switch]").click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        settled(page, "/stock")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
