"""Units without a serial number get the hospital's labels at the dock: numbered, printed, scanned, received, put away."""

from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.pages import leads_to
from tests.browser.printed import printed_at
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan, type_like_a_wedge
from tests.flows.site import GTIN, Site, site, soon
from yanji.flows.acts import Done
from yanji.flows.models import Label
from yanji.ledger.models import Unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_units_without_a_serial_number_are_labelled_at_the_dock(
    browser: Any, live_server: Any, settings: Any, width: int
) -> None:
    settings.YANJI_GS1_PREFIX = "6901234"
    here = site()
    order = here.order((here.h.item, 2))
    with walking(browser, live_server.url, width) as walk:
        printed = two_are_labelled(walk, here, order)
        they_are_received(walk)
        one_is_put_away_by_its_label(walk, here, printed[0])
    units = Unit.objects.order_by("pk")
    assert [(unit.status, unit.lot.number) for unit in units] == [("available", "L-77")] * 2
    assert [unit.place_id for unit in units] == [here.h.bin.pk, here.h.store.pk]


@WIDE
def test_labels_are_numbered_beforehand_and_stuck_on_at_the_dock(
    browser: Any, live_server: Any, settings: Any, width: int
) -> None:
    """From their own page, for what is still to come: the scan of a printed one says item, lot and day at the dock."""
    settings.YANJI_GS1_PREFIX = "6901234"
    here = site()
    order = here.order((here.h.item, 2))
    with walking(browser, live_server.url, width) as walk:
        printed = two_are_numbered(walk, here)
        page = walk.go(f"/storeroom/receiving/{order.id}")
        for number, label in enumerate(printed, 1):
            scan(page, label)
            rows(page, number)
        they_are_received(walk)
    units = Unit.objects.order_by("pk")
    assert [(unit.status, unit.lot.number, unit.lot.expiry) for unit in units] == [
        ("available", "L-78", soon(400))
    ] * 2


def two_are_numbered(walk: Walk, here: Site) -> list[str]:
    """What the labels of the sheet say."""
    page = walk.as_(here.storekeeper, "/storeroom/labels")
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-picker-found] button").first.click()
    page.locator("[data-line-quantity]").fill("2")
    page.locator("#f-place").select_option(str(here.h.store.pk))
    page.locator("#f-lot").fill("L-78")
    page.locator("#f-expiry").fill(soon(400).isoformat())
    walk.press("Number the labels")
    walk.says("2 labels are numbered")
    expect(page.locator("main .y-rows li")).to_have_count(2)
    walk.look("dock-0-numbered")
    printed = labels_of(walk, page.get_by_role("link", name="PDF"))
    assert Label.objects.filter(lot="L-78").count() == len(printed) == 2
    return printed


def labels_of(walk: Walk, link: Locator) -> list[str]:
    """What a scanner sends for the labels of a sheet, one symbol each."""
    return [
        symbol for [symbol] in printed_at(walk.page, urljoin(walk.page.url, str(link.get_attribute("href"))))
    ]


def two_are_labelled(walk: Walk, here: Site, order: Done) -> list[str]:
    """The scan of the carton says item and lot; how many lie in it, the storekeeper says. What the labels say."""
    page = walk.as_(here.storekeeper, f"/storeroom/receiving/{order.id}")
    scan(page, f"]d201{GTIN}17{soon(400):%y%m%d}10L-77")
    row = page.locator("[data-scan-row][data-result=error]")
    row.get_by_label("Labels").fill("2")
    walk.look("dock-1-no-serial")
    row.get_by_role("button", name="Hospital labels").click()
    rows(page, 2)
    expect(page.get_by_text("2 labels are numbered")).to_be_visible()
    walk.look("dock-2-labelled")
    printed = labels_of(walk, page.get_by_role("link", name="PDF"))
    assert len(set(printed)) == Label.objects.count() == 2
    return printed


def they_are_received(walk: Walk) -> None:
    type_like_a_wedge(walk.page, "YANJI:OK")
    leads_to(walk.page, "/storeroom/receipts/#")
    walk.says("the delivery is in")


def one_is_put_away_by_its_label(walk: Walk, here: Site, label: str) -> None:
    page = walk.go("/storeroom/put-away")
    scan(page, label)
    rows(page, 1)
    scan(page, here.h.bin.code)
    expect(page.locator("#chosen")).to_contain_text(here.h.bin.code)
    scan(page, here.h.bin.code)
    walk.says(here.h.bin.code)
