"""The ways around a case, as their users walk them: cards from a table."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.wedge import context, no_sideways_scrolling, sign_in
from tests.flows.site import Site, site
from yanji.catalog.models import Quarantined
from yanji.flows.theatre.cards import Need, needs_on
from yanji.flows.theatre.models import PreferenceCard

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEAD = "科室编码,术式,术者,品种编码,数量\n"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=False).first.click()


@pytest.fixture
def here() -> Site:
    return site()


@pytest.mark.parametrize("width", [390, 1920])
def test_cards_come_from_a_table(browser: Any, live_server: Any, here: Site, width: int) -> None:
    h = here.h
    rows = f"{h.department.code},PCI,陈,{h.item.code},2\n{h.department.code},CAG,,NO-SUCH,1\n"
    opened = context(browser, width)
    page = opened.new_page()
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/theatre/cards")
    page.get_by_role("link", name="Import a table").click()
    expect(page.get_by_role("radio", name="Preference cards")).to_be_checked()
    table = {"name": "备货卡.csv", "mimeType": "text/csv", "buffer": (HEAD + rows).encode("gb18030")}
    page.locator("#f-file").set_input_files(table)
    press(page, "Show what would be imported")
    expect(page.get_by_text("There is no item with the code “NO-SUCH”")).to_be_visible()
    no_sideways_scrolling(page)
    assert not PreferenceCard.objects.exists()
    press(page, "Import 1 good row")
    expect(page.get_by_text("1 row was imported")).to_be_visible()
    page.goto(f"{live_server.url}/theatre/cards")
    expect(page.get_by_text("PCI")).to_be_visible()
    [card] = PreferenceCard.objects.all()
    assert (card.procedure, card.surgeon, needs_on(card)) == ("PCI", "陈", [Need(h.item.pk, 2)])
    assert not Quarantined.objects.exists()
    opened.close()
