"""A storekeeper looks into what a smart cabinet could not enter: on a phone and at a desk."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import turned
from tests.browser.wedge import Gallery, context, sign_in
from tests.flows.test_cabinets import BADGE, Cabinets
from yanji.flows.cabinets.models import CabinetCase
from yanji.ledger.models import Unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "light"), ("zh-hans", 390, "dark")])
def test_a_case_is_looked_into(browser: Any, live_server: Any, language: str, width: int, theme: str) -> None:
    cabinets, gallery = Cabinets(), Gallery(f"{language[:2]}-{width}-{theme}")
    first, _second = cabinets.filled(2)
    cabinets.opened(badge="")
    cabinets.closed(["E28011700000020CE4D3A1B2"])
    cabinets.opened(badge=BADGE)
    cabinets.closed([first, "E28011700000020CE4D3A1B2"])
    opened = context(browser, width)
    page = opened.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page, live_server.url, cabinets.here.storekeeper, language, theme)
    page.goto(f"{live_server.url}/storeroom/cabinets")
    row = page.locator("li", has=page.locator('[name="username"]'))
    expect(row).to_have_count(1)
    row.locator("summary").click()
    row.locator('[name="username"]').fill(cabinets.nurse.username)
    gallery.take(page, "cabinet-cases", whole=True)
    row.locator("form button").click()
    expect(row).to_have_count(0)
    case = CabinetCase.objects.get(outcome="credited")
    assert Unit.objects.get(epc=case.thing).place_id == cabinets.here.h.department.pk
    expect(page.locator('[name="note"]')).to_have_count(1)  # the tag of nothing is left
    gallery.take(page, "cabinet-settled", whole=True)
    what_it_was_is_found_out(page)
    assert troubles == []
    opened.close()


def what_it_was_is_found_out(page: Page) -> None:
    """The tag belongs to nothing that is known here; without a word of it the case stays open."""
    for found in ("", "A tag of the linen"):
        row = page.locator("li", has=page.locator('[name="note"]'))
        if not row.locator("details[open]").count():
            row.locator("summary").click()
        row.locator('[name="note"]').fill(found)
        with turned(page):
            row.locator("form button").click()
        expect(page.locator(".y-refusal")).to_have_count(0 if found else 1)
    expect(page.locator('[name="note"]')).to_have_count(0)
    assert CabinetCase.objects.latest("settled_at").note == "A tag of the linen"
    assert not CabinetCase.objects.filter(outcome="").exists()
