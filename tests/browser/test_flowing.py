"""A lot's way is played day by day, by button and by slider, on a phone and on a desk."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, opened, settled
from tests.flows.site import Site, person
from yanji.ledger.api import Step, unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "zh-hans"), (WALL, "en")], ids=["phone-zh", "wall-en"]
)
def test_a_lot_is_played_from_its_arrival_to_today(
    browser: Any, address: str, here: Site, size: dict[str, int], language: str
) -> None:
    epcs = here.h.stocked(3, ago=timedelta(days=3))
    here.h.do(Step.PUT_AWAY, epcs[0], to=here.h.cabinet)
    unit = unit_view(epcs[0])
    assert unit is not None
    with opened(browser, address, person("manager", here.h.campus), size=size, language=language) as page:
        settled(page, f"/lot/{unit.lot_id}")
        page.locator(f"a[href='/flow/lot/{unit.lot_id}']").click()
        page.wait_for_url("**/flow/lot/*")
        day, slider = page.locator("[data-voyage] output"), page.locator("[data-voyage-day]")
        expect(day).not_to_have_text("")
        last = day.text_content()
        picture = page.locator("#c-voyage")
        expect(picture).to_contain_text("2")
        slider.fill("0")
        expect(day).not_to_have_text(last)
        expect(picture).to_contain_text("3")
        play = page.locator("[data-voyage-play]")
        play.click()
        expect(day).to_have_text(last)
        expect(play).to_have_attribute("aria-pressed", "false")
        expect(page.locator("tbody tr")).to_have_count(2)
