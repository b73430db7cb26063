"""Held by scan and by lot, released from the refusal that says so; a shelf said by its short name."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import leads_to
from tests.browser.wedge import Gallery, context, no_sideways_scrolling, rows, scan, sign_in
from tests.browser.windows import Window
from tests.makers import unique
from tests.web.flows.world import World, later, named, world
from yanji.flows.requisition import Wanted, request
from yanji.ledger.api import unit_view
from yanji.ledger.models import Lot
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WALKS = [("zh-hans", 390, "light"), ("en", 1920, "dark")]
CONFIRM = "YANJI:OK"


def opened(
    browser: Any, base: str, hospital: World, language: str, width: int, theme: str
) -> tuple[Window, Page, list[str]]:
    window = context(browser, width)
    page = window.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    sign_in(page, base, hospital.people["storekeeper"], language, theme)
    return window, page, troubles


def said(page: Page) -> None:
    expect(page.locator("#messages .y-message.y-ok")).to_be_visible()


@pytest.mark.parametrize(("language", "width", "theme"), WALKS)
def test_held_by_lot_and_released_from_the_refusal(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    hospital, gallery = world(), Gallery(f"{language[:2]}-{width}-{theme}")
    hospital.stocked("S1", "S2", lot="BAD-1", expiry=later(300))
    hospital.stocked("S3", lot="GOOD-1", expiry=later(400))
    window, page, troubles = opened(browser, live_server.url, hospital, language, width, theme)

    page.goto(f"{live_server.url}/storeroom/hold")
    scan(page, "BAD-1")
    scan(page, hospital.scan("S3", lot="GOOD-1", expiry=later(400)))
    scan(page, "NO-SUCH-LOT")
    rows(page, 2)
    page.select_option("#f-reason", "suspected")
    gallery.take(page, "hold")
    page.locator("#y-scan-input").focus()
    scan(page, CONFIRM)
    said(page)
    assert {str(unit_view(hospital.epc(serial)).status) for serial in ("S1", "S2", "S3")} == {"quarantined"}

    wanted = request(
        actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 1)],
    ).id  # fmt: skip
    page.goto(f"{live_server.url}/storeroom/picking/{wanted}")
    scan(page, hospital.scan("S1", lot="BAD-1", expiry=later(300)))
    page.locator("[data-scan-row] a[href*='do=release']").click()
    leads_to(page, "/storeroom/hold?do=release")
    rows(page, 1)
    page.reload()  # scanned once, not with every look at the page
    rows(page, 0)
    page.locator(f"[data-epc='{hospital.epc('S1')}'] button").click()
    rows(page, 1)
    page.select_option("#f-reason", "inspected")
    no_sideways_scrolling(page)
    gallery.take(page, "release")
    page.locator("[data-scan-submit]").click()
    said(page)
    assert [str(unit_view(hospital.epc(serial)).status) for serial in ("S1", "S2")] == [
        "available",
        "quarantined",
    ]
    window.close()
    assert troubles == []


@pytest.mark.parametrize(("language", "width", "theme"), WALKS)
def test_a_shelf_by_its_short_name(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    hospital, gallery = world(), Gallery(f"{language[:2]}-{width}-{theme}")
    hospital.stocked("S1")
    store = named(Kind.STORE, hospital.campus, "东湖库", "East Store")
    twin = named(Kind.BIN, store, "A-01", "A-01", code="EAST-A-01")
    window, page, troubles = opened(browser, live_server.url, hospital, language, width, theme)
    page.goto(f"{live_server.url}/storeroom/put-away")
    scan(page, hospital.scan("S1"))
    scan(page, "A-02")
    expect(page.locator("#chosen input")).to_have_value(str(hospital.bins[1].pk))
    named_twice = hospital.bins[0]
    named_twice.code = "MAIN-A-01"
    named_twice.save(update_fields=["code"])
    scan(page, "a-01")
    choices = page.locator("[data-choices] button").filter(has_text="A-01")
    expect(choices.filter(has_text=store.name_en if language == "en" else store.name_zh)).to_have_count(1)
    gallery.take(page, "put-away-which")
    choices.filter(has_text=store.name_en if language == "en" else store.name_zh).click()
    expect(page.locator("#chosen input")).to_have_value(str(twin.pk))
    expect(page.locator("[data-scan-row]")).to_have_count(1)  # the question is answered
    scan(page, "A-01")
    said(page)
    assert unit_view(hospital.epc("S1")).place_id == twin.pk
    window.close()
    assert troubles == []


@pytest.mark.parametrize(("language", "width", "theme"), WALKS)
def test_recalled_by_its_notice_and_marked_when_its_day_is_past(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    hospital, gallery = world(), Gallery(f"{language[:2]}-{width}-{theme}")
    hospital.stocked("S1", "S2", lot="BAD-1", expiry=later(300))
    hospital.stocked("S3", lot="OLD-1", expiry=later(300))
    window, page, troubles = opened(browser, live_server.url, hospital, language, width, theme)
    page.goto(f"{live_server.url}/storeroom/hold?do=recall")
    scan(page, "BAD-1")
    rows(page, 1)
    page.locator('[name="notice"]').fill("RN-2026-7")
    no_sideways_scrolling(page)
    gallery.take(page, "recall")
    page.locator("[data-scan-submit]").click()
    said(page)
    assert [str(unit_view(hospital.epc(each)).status) for each in ("S1", "S2")] == ["recalled"] * 2

    Lot.objects.filter(number="OLD-1").update(expiry=later(-1))
    page.goto(f"{live_server.url}/storeroom/hold?do=expire")
    no_sideways_scrolling(page)
    gallery.take(page, "expire")
    page.locator('form[action="?do=expire"] button').click()
    said(page)
    assert str(unit_view(hospital.epc("S3")).status) == "expired"
    expect(page.locator('form[action="?do=expire"] button')).to_be_disabled()
    page.goto(f"{live_server.url}/storeroom/hold?do=release")
    gallery.take(page, "release")
    window.close()
    assert troubles == []
