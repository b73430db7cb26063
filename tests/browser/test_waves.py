"""A storekeeper picks two requisitions in one walk, and sees for whom each scan is: on a phone and at a desk."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import leads_to, turned
from tests.browser.wedge import Gallery, context, rows, scan, sign_in
from tests.flows.site import person, site
from tests.makers import place, unique
from yanji.flows.requisition import Wanted, request
from yanji.flows.waves.models import Wave
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_walk_by_day_of_receipt_is_ended(page: Page) -> None:
    """Nothing was found on it: the requisitions stand open for another."""
    page.locator("select[name=policy]").select_option("fifo")
    page.locator("form:has([name=store_id]) button").click()
    leads_to(page, "/storeroom/waves/#")
    page.locator("form[action$='/close'] button").click()
    leads_to(page, "/storeroom/waves")
    expect(page.locator("[name=requisition]:checked")).to_have_count(2)


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "dark"), ("zh-hans", 390, "light")])
def test_two_requisitions_in_one_walk(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    here, gallery = site(), Gallery(f"{language[:2]}-{width}-{theme}")
    epcs = here.stocked(2)
    other = place(Kind.DEPARTMENT, here.h.campus)
    for department, nurse in ((here.h.department, here.nurse), (other, person("nurse", other))):
        request(
            actor=here.actor(nurse), key=unique("k"), department_id=department.pk, store_id=here.h.store.pk,
            lines=[Wanted(here.h.item.pk, 1)],
        )  # fmt: skip
    opened = context(browser, width)
    page = opened.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page, live_server.url, here.storekeeper, language, theme)
    page.goto(f"{live_server.url}/storeroom/picking")
    page.locator('a[href="/storeroom/waves"]').click()
    leads_to(page, "/storeroom/waves")
    gallery.take(page, "wave-choose", whole=True)
    a_walk_by_day_of_receipt_is_ended(page)
    page.locator("form:has([name=store_id]) button").click()
    leads_to(page, "/storeroom/waves/#")
    for epc in epcs:
        scan(page, here.scan(epc.rpartition("/")[2]))
    rows(page, 2)
    expect(page.locator("#scanned [data-scan-row] .y-note b")).to_have_count(2)
    assert {here.h.department.name_zh, other.name_zh} == set(
        page.locator("#scanned [data-scan-row] .y-note b").all_inner_texts()
    )
    gallery.take(page, "wave-walk", whole=True)
    with turned(page):
        page.locator("[data-scan-submit]").click()
    expect(page.locator("[data-scan-submit]")).to_have_count(0)
    assert list(Wave.objects.order_by("pk").values_list("policy", "state")) == [
        ("fifo", "closed"),
        ("fefo", "closed"),
    ]
    gallery.take(page, "wave-done", whole=True)
    assert troubles == []
    opened.close()
