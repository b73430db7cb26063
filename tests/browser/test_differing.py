"""A nurse says by scan what came otherwise than the slip says; the storekeeper settles it: on a phone and at a desk."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to
from tests.browser.wedge import Gallery, context, rows, scan, sign_in
from tests.flows.site import Site, site
from tests.makers import unique
from yanji.flows.differing.models import IssueDifference
from yanji.flows.issue import issue
from yanji.flows.pick import pick

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def handed(here: Site) -> tuple[int, list[str]]:
    """Three units on their way; the issue, and their serial numbers."""
    epcs = here.stocked(3)
    asked = here.requisition((here.h.item, 3))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=epcs)
    done = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    return done.id, [epc.rpartition("/")[2] for epc in epcs]


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "light"), ("zh-hans", 390, "dark")])
def test_what_differs_is_said_and_settled(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    here, gallery = site(), Gallery(f"{language[:2]}-{width}-{theme}")
    number, (good, broken, _missing) = handed(here)
    [strange] = here.stocked(1)
    opened = context(browser, width)
    page = opened.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page, live_server.url, here.nurse, language, theme)
    page.goto(f"{live_server.url}/ward/take-in/{number}")
    for serial in (good, broken, strange.rpartition("/")[2]):
        scan(page, here.scan(serial))
    rows(page, 3)
    page.locator("[data-scan-row]", has_text=broken).locator("[data-verdict]").select_option("damaged_on_way")
    gallery.take(page, "differing-said", whole=True)
    page.locator('[name="missing"]').click()
    leads_to(page, "/ward/take-in")
    kinds = IssueDifference.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["damaged", "missing", "unexpected"]
    sign_in(page, live_server.url, here.storekeeper, language, theme)
    page.goto(f"{live_server.url}/storeroom/picking")
    page.locator('a[href$="/issues/differences"]').click()
    leads_to(page, "/storeroom/issues/differences")
    row = page.locator("li", has=page.locator('[name="outcome"] option[value="lost"]'))
    row.locator("summary").click()
    row.locator('[name="outcome"]').select_option("lost")
    gallery.take(page, "differing-settling", whole=True)
    row.locator("button").click()
    expect(page.locator(".y-message.y-bad, .y-error, [role=alert]").first).to_be_visible()
    row.locator('[name="outcome"]').select_option("lost")
    row.locator('[name="reason"]').select_option("lost_on_way")
    row.locator("button").click()
    expect(page.locator('[name="outcome"]')).to_have_count(2)
    assert IssueDifference.objects.get(kind="missing").outcome == "lost"
    page.goto(f"{live_server.url}/storeroom/issues/{number}")
    gallery.take(page, "differing-issue", whole=True)
    assert troubles == []
    opened.close()
