"""A tag goes onto a unit by one scan on its page and comes off with a reason, at a phone and at a desk."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, accessibility, opened, overflow, settled
from tests.browser.wedge import type_like_a_wedge
from tests.flows.site import site
from yanji.ledger.api import find_units

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAG = "E2801160600002079BC0F9A1"


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh", "wall-en"],
)
def test_a_tag_is_put_on_and_taken_off(
    browser: Any, live_server: Any, size: dict[str, int], language: str, theme: str
) -> None:
    here = site()
    [epc] = here.stocked(1)
    with opened(
        browser, live_server.url, here.storekeeper, size=size, language=language, theme=theme
    ) as page:
        settled(page, f"/unit/{epc}")
        page.locator("#f-new-code").focus()
        type_like_a_wedge(page, TAG)
        card = page.locator("#codes")
        expect(card.locator(".y-code", has_text=TAG)).to_be_visible()
        assert find_units(TAG) == [epc]
        card.locator("summary").click()
        card.locator("select").select_option("came_off")
        assert overflow(page) == 0
        assert accessibility(page) == []
        card.locator(".btn-danger").click()
        expect(card.locator(".text-decoration-line-through", has_text=TAG)).to_be_visible()
        assert overflow(page) == 0
    assert find_units(TAG) == []
