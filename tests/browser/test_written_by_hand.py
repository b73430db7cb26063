"""Data that the hospital writes itself, on its pages: a plan of inspection that holds from then on and is ended, and what
belongs in a kit, changed with a reason."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE
from tests.flows.site import Site, person
from yanji.flows.inspecting.models import InspectionPlan
from yanji.flows.packing.bill import bill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_a_plan_holds_from_now_on_and_a_kit_gets_other_contents(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    order = here.order((here.h.item, 12))
    receiving = f"/storeroom/receiving/{order.id}"
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        expect_samples(walk, here, receiving, 0)
        administrator = person("administrator", here.h.campus)
        a_plan_is_written(walk, here, administrator)
        expect_samples(walk, here, receiving, 1)
        walk.as_(administrator, "/masterdata/inspection-plans")
        with turned(walk.page):
            walk.press("End")
        walk.says("The plan has ended.")
        assert not InspectionPlan.objects.get().active
        expect_samples(walk, here, receiving, 0)
        a_kit_is_changed(walk, here)


def expect_samples(walk: Walk, here: Site, receiving: str, shown: int) -> None:
    page = walk.as_(here.storekeeper, receiving)
    samples = page.get_by_role("button", name=walk.words("Show the samples"))
    expect(samples).to_have_count(shown)


def a_plan_is_written(walk: Walk, here: Site, administrator: Any) -> None:
    """Of a sample it must be said how much may be faulty."""
    page = walk.as_(administrator, "/masterdata/inspection-plans")
    walk.follow("New plan")
    leads_to(page, "/masterdata/inspection-plans/new")
    page.locator("[name=item]").fill(here.h.item.code)
    page.locator("[name=method]").select_option("sampling")
    page.locator("[name=points][value=packaging]").check()
    with turned(page):
        walk.press("Save")
    assert not InspectionPlan.objects.exists()
    walk.look("written-1-plan")
    page.locator("[name=aql]").select_option("4.0")
    walk.press("Save")
    leads_to(page, "/masterdata/inspection-plans")
    walk.says("From now on such goods are looked at like this.")
    walk.look("written-2-plans")
    kept = InspectionPlan.objects.get()
    assert (kept.item, kept.aql, kept.points) == (here.h.item, 4, ["packaging"])


def a_kit_is_changed(walk: Walk, here: Site) -> None:
    """First one suture, then three, for a reason; both stand below, the later on top."""
    kit, suture = here.h.item, here.counted
    page = walk.as_(here.buyer, f"/masterdata/items/{kit.pk}/kit")
    page.locator("#y-picker-input").fill(suture.code)
    page.locator("[data-picker-found] button").first.click()
    expect(page.locator("[data-line]")).to_have_count(1)
    for pieces, why in (("1", ""), ("3", "Dr. Chen sews more")):
        page.locator("[data-line-quantity]").fill(pieces)
        page.locator("#f-note").fill(why)
        with turned(page):
            walk.press("Save the contents")
        walk.says("The contents of the kit were changed.")
    expect(page.locator("section").last.locator("li")).to_have_count(2)
    expect(page.locator("section").last.locator("li").first).to_contain_text("1 → 3")
    expect(page.locator("section").last.locator("li").first).to_contain_text("Dr. Chen sews more")
    walk.look("written-3-kit")
    assert [(row.item, row.quantity) for row in bill(kit.pk)] == [(suture, 3)]
