"""The maps of the house in the browser: from a number to what it counts, by mouse and by keyboard, at any size."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, accessibility, leads_to, opened, overflow, settled
from tests.flows.site import Site, person, site
from tests.makers import place
from tests.served import served
from yanji.flows.putaway import put_away
from yanji.flows.supply.levels import Kept, set_levels
from yanji.places.models import Kind

pytestmark = pytest.mark.browser
TWO_LOOKS = pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)


# An answer has been dealt with, all that follows from it included: its headers alone come before that.
ANSWERED = "body => document.addEventListener('htmx:afterRequest', () => { body.dataset.answered = ''; })"


@pytest.fixture
def here(transactional_db: None) -> Site:
    made = site()
    today = timezone.localdate()
    made.stocked(2, ago=20, expiry=today - timedelta(days=1), lot="GONE")
    made.stocked(3, expiry=today + timedelta(days=100), lot="SOON")
    return made


@TWO_LOOKS
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


@TWO_LOOKS
def test_the_stock_map_fits_leads_down_by_keys_and_moves_as_things_do(
    browser: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    """Down to the store by the keyboard alone; what is put on a shelf elsewhere darkens it a moment later; the list says it."""
    keeper, shelf = here.storekeeper, here.h.bin
    type(shelf).objects.filter(pk=shelf.pk).update(capacity=2)
    things = here.stocked(2, lot="PUT")
    with (
        served() as port,
        opened(
            browser, f"http://127.0.0.1:{port}", keeper, size=size, language=language, theme=theme
        ) as page,
    ):
        settled(page, "/map")
        assert (overflow(page), accessibility(page)) == (0, [])
        page.locator(".y-spot-store a").press("Enter")
        expect(page.locator(".y-path b")).to_have_text(here.h.store.name)
        expect(page.locator(".y-live[data-live-sign=on]")).to_be_visible()
        drawn = page.locator(".y-spot", has_text=shelf.name)
        expect(drawn.locator("b")).to_have_text("0")
        put_away(actor=here.keeper, key="put", things=things, to_place_id=shelf.pk)
        expect(drawn.locator("b")).to_have_text("2")
        assert (overflow(page), accessibility(page)) == (0, [])
        page.locator(".y-plan-bar a[href*='measure=full']").click()
        expect(drawn.locator("b")).to_have_text("100 %")
        page.locator(".y-plan-bar a[href*='view=table']").click()
        expect(page.locator("tbody tr", has_text=shelf.name)).to_contain_text("2 / 2")
        assert (overflow(page), accessibility(page)) == (0, [])
        page.go_back()
        page.locator(".y-spot", has_text=here.h.other_bin.name).locator("a").focus()
        page.keyboard.press("ArrowLeft")
        expect(drawn.locator("a")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/stock?**")
        expect(page.locator("tbody tr")).to_contain_text("PUT")


def test_a_part_that_somebody_came_into_is_not_taken_from_under_them(browser: Any, here: Site) -> None:
    """What moves while its answer is on the way leaves the keyboard where it is, and stands there once it has left."""
    with (
        served() as port,
        opened(browser, f"http://127.0.0.1:{port}", here.storekeeper, language="en") as page,
    ):
        waiting: list[Any] = []
        settled(page, f"/map?place={here.h.store.pk}")
        expect(page.locator(".y-live[data-live-sign=on]")).to_be_visible()

        def keep(route: Any) -> None:
            waiting.append(route)

        page.route("**/map?**", keep)
        shelf = page.locator(".y-spot", has_text=here.h.bin.name)
        with page.expect_request("**/map?**"):
            put_away(actor=here.keeper, key="put", things=here.stocked(2), to_place_id=here.h.bin.pk)
        shelf.locator("a").focus()
        page.locator("body").evaluate(ANSWERED)
        waiting.pop().continue_()
        # By now what was fetched has been put in its place, or has been left out.
        expect(page.locator("body[data-answered]")).to_have_count(1)
        page.unroute_all()
        expect(shelf.locator("a")).to_be_focused()
        expect(shelf.locator("b")).to_have_text("0")
        with page.expect_request("**/map?**"):
            shelf.locator("a").blur()
        expect(shelf.locator("b")).to_have_text("2")


def test_an_empty_expiry_map_says_what_it_would_show(browser: Any, live_server: Any, here: Site) -> None:
    with opened(browser, live_server.url, here.nurse, language="en", size=PHONE) as page:
        settled(page, "/expiry")
        expect(page.get_by_text("Each row is a place, each column a month")).to_be_visible()
        page.get_by_role("link", name="All stock").click()
        leads_to(page, "/stock")


@TWO_LOOKS
def test_a_cabinet_stands_as_it_is_while_somebody_looks(
    browser: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    """What is put on its shelf elsewhere lies there a moment later, and what was missing is missing no more."""
    cabinet, keeper = here.h.cabinet, here.storekeeper
    shelf = place(Kind.BIN, cabinet, capacity=4)
    set_levels(actor=here.ward, key="levels", place_id=cabinet.pk, levels=[Kept(here.h.item.pk, 1, 3)])
    things = here.stocked(2, expiry=timezone.localdate() + timedelta(days=20), lot="NEAR")
    with (
        served() as port,
        opened(
            browser, f"http://127.0.0.1:{port}", keeper, size=size, language=language, theme=theme
        ) as page,
    ):
        settled(page, f"/cabinet/{cabinet.pk}")
        expect(page.locator(".y-live[data-live-sign=on]")).to_be_visible()
        expect(page.locator(".y-mark-missing")).to_have_count(3)
        assert (overflow(page), accessibility(page)) == (0, [])
        put_away(actor=here.keeper, key="put", things=things, to_place_id=shelf.pk)
        expect(page.locator(".y-cabinet .y-mark-soon")).to_have_count(2)
        expect(page.locator(".y-mark-missing")).to_have_count(1)
        expect(page.locator(".y-slot-said .y-tick-soon").first).to_be_visible()
        assert (overflow(page), accessibility(page)) == (0, [])
        page.locator(".y-slot a").first.press("Enter")
        page.wait_for_url("**/stock?**")
        expect(page.locator("tbody tr")).to_contain_text("NEAR")
