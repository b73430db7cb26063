"""What a case lacks is asked of the store from its page, with the alternative that lies there; then it is coming."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to
from tests.browser.wedge import Gallery, context, no_sideways_scrolling, sign_in
from tests.flows.site import site
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_asking import needing
from yanji.flows.models import Requisition

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "width", "theme"), [("zh-hans", 390, "light"), ("en", 1920, "dark")])
def test_the_alternative_is_asked_for_and_comes(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    here, gallery = site(), Gallery(f"{language[:2]}-{width}-{theme}")
    here.h.item.name_en, here.counted.name_en = "Stent", "Other stent"
    here.h.item.save()
    here.counted.save()
    here.stocked_lot(4)
    case = needing(Room(here))
    window = context(browser, width)
    page = window.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page, live_server.url, here.nurse, language, theme)
    page.goto(f"{live_server.url}/theatre/cases/{case.pk}")
    chosen = page.locator(f"input[name='ask:{here.h.item.pk}:{here.counted.pk}']")
    expect(chosen).to_have_value("3")
    expect(page.locator(f"input[name='ask:{here.h.item.pk}:{here.h.item.pk}']")).to_have_value("0")
    page.locator("select[name='store_id']").select_option(str(here.h.store.pk))
    chosen.scroll_into_view_if_needed()
    no_sideways_scrolling(page)
    gallery.take(page, "case-short", whole=True)
    page.locator("form[action$='/ask'] button").click()
    leads_to(page, f"/theatre/cases/{case.pk}")
    expect(page.locator("#messages .y-message.y-ok")).to_be_visible()
    expect(page.locator("form[action$='/ask']")).to_have_count(0)
    gallery.take(page, "case-coming", whole=True)
    [made] = Requisition.objects.all()
    assert (made.case_number, made.lines.get().item_id) == (case.number, here.counted.pk)
    window.close()
    assert troubles == []
