"""The search box answers while somebody types: by keys and by finger, on a phone and on a wall, never with an older answer."""

import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.pages import PHONE, WALL, accessibility, leads_to, opened, overflow, settled
from tests.browser.wedge import Gallery, burst
from tests.web.world import World, world

pytestmark = pytest.mark.browser
BOX, LIST, OPTION = "#y-search-input", "#y-suggestions", "#y-suggestions [role=option]"


@pytest.fixture
def here(transactional_db: None) -> World:
    return world()


def typed(page: Page, text: str) -> None:
    page.locator(BOX).press_sequentially(text, delay=80)


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)
def test_what_fits_is_chosen_by_keys_or_by_finger(
    browser: Any, live_server: Any, here: World, size: dict[str, int], language: str, theme: str
) -> None:
    serial = here.stored.rsplit("/", 1)[-1]
    keeper = here.people["storekeeper"]
    with opened(browser, live_server.url, keeper, size=size, language=language, theme=theme) as page:
        settled(page, "/stock")
        typed(page, serial[:4])
        expect(page.locator(LIST)).to_be_visible()
        expect(page.locator(BOX)).to_have_attribute("aria-expanded", "true")
        expect(page.locator(OPTION).filter(has_text=serial[:4]).first).to_be_visible()
        Gallery(f"{language[:2]}-{size['width']}-{theme}").take(page, "suggestions")
        assert (overflow(page), accessibility(page)) == (0, [])
        page.keyboard.press("Escape")
        expect(page.locator(LIST)).to_be_hidden()
        typed(page, serial[4:])
        unit = page.locator(f"{LIST} a[href='/unit/{here.stored}']")
        expect(unit).to_be_visible()
        if size == PHONE:
            unit.tap()
        else:
            for _ in range(page.locator(OPTION).count()):
                page.keyboard.press("ArrowDown")
                if unit.get_attribute("aria-selected") == "true":
                    break
            expect(page.locator(BOX)).to_have_attribute("aria-activedescendant", re.compile("y-hit-"))
            page.keyboard.press("Enter")
        leads_to(page, f"/unit/{here.stored}")


def test_a_scan_is_not_held_up(browser: Any, live_server: Any, here: World) -> None:
    with opened(browser, live_server.url, here.people["storekeeper"]) as page:
        settled(page, "/stock")
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url) if "suggestions" in sent.url else None)
        # All keys at once, as fast as a scanner is: a busy machine must not make a slow typist of it.
        page.locator(BOX).evaluate(
            """(box, text) => {
                for (const letter of text) {
                    box.value += letter;
                    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
                }
                box.form.requestSubmit();
            }""",
            here.stored.rsplit("/", 1)[-1],
        )
        leads_to(page, f"/unit/{here.stored}")
        page.locator("h1").click()
        burst(page, here.used.rsplit("/", 1)[-1])
        leads_to(page, f"/unit/{here.used}")
        assert asked == []


def test_what_is_typed_on_forgets_what_was_chosen(browser: Any, live_server: Any, here: World) -> None:
    """Enter, and a scanner ends with it, asks for what stands in the box and opens nothing that was found before."""
    serial = here.stored.rsplit("/", 1)[-1]
    with opened(browser, live_server.url, here.people["storekeeper"]) as page:
        settled(page, "/stock")
        typed(page, serial[:4])
        expect(page.locator(OPTION).filter(has_text=serial[:4]).first).to_be_visible()
        page.locator(BOX).press("ArrowDown")
        expect(page.locator(OPTION).first).to_have_attribute("aria-selected", "true")
        page.route("**/search/suggestions?*", lambda route: None)  # never answered
        page.locator(BOX).evaluate(
            """(box, text) => {
                box.value = text;
                box.dispatchEvent(new InputEvent('input', { bubbles: true }));
            }""",
            here.used.rsplit("/", 1)[-1],
        )
        page.keyboard.press("Enter")
        leads_to(page, f"/unit/{here.used}")


# The first answer is heard although it was given up; of what is not the whole number, the rest of the answer never comes.
HEARD_LATE = """whole => {
    const quick = window.fetch;
    const stuck = async (address, how) => {
        const answer = await quick(address, how);
        if (!address.endsWith(whole)) answer.text = () => new Promise((_, gone) => {
            document.body.dataset.stuck = '';
            how.signal.addEventListener('abort', () => {
                document.body.dataset.cut = '';
                gone(how.signal.reason);
            });
        });
        return answer;
    };
    window.fetch = async (...asked) => {
        window.fetch = stuck;
        try {
            return await quick(...asked);
        } finally {
            setTimeout(() => { document.body.dataset.late = ''; }, 100);
        }
    };
}"""


def test_an_older_answer_does_not_come_back(browser: Any, live_server: Any, here: World) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    serial = here.stored.rsplit("/", 1)[-1]
    with opened(browser, live_server.url, here.people["storekeeper"]) as page:
        settled(page, "/stock")
        page.route("**/search/suggestions?*", hold_the_first)
        page.evaluate(HEARD_LATE, serial)
        with page.expect_request("**/search/suggestions?*"):
            typed(page, serial[:2])
        typed(page, serial[2:3])
        # Its head is there, and its text is waited for.
        expect(page.locator("body[data-stuck]")).to_have_count(1)
        typed(page, serial[3:])
        unit = page.locator(f"{LIST} a[href='/unit/{here.stored}']")
        expect(unit).to_be_visible()
        old = "<a role=option id=old href='/old'>old</a>"
        with suppress(Error):  # the page has given it up
            held[0].fulfill(status=200, content_type="text/html", body=old)
        expect(page.locator("body[data-late]")).to_have_count(1)
        expect(unit).to_be_visible()
        expect(page.locator("#old")).to_have_count(0)
        expect(page.locator("body[data-cut]")).to_have_count(1)  # and nobody complained of it
