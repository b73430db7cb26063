"""A line is ordered in two deliveries, one of them to another place; its supplier sees both and confirms the line."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility
from tests.browser.wedge import Gallery, context, no_sideways_scrolling, sign_in
from tests.flows.site import person
from tests.web.flows.world import World, later, world
from yanji.access.models import Person
from yanji.flows.buying.models import DeliveryPart, LineAnswer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def supplier_of(hospital: World) -> Person:
    made = person("supplier", hospital.campus)
    made.supplier = hospital.supplier
    made.save(update_fields=["supplier"])
    return made


def looked_at(page: Page, gallery: Gallery, name: str) -> None:
    no_sideways_scrolling(page)
    assert accessibility(page) == []
    gallery.take(page, name, whole=True)


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "dark"), ("zh-hans", 390, "light")])
def test_a_line_is_ordered_in_deliveries_and_its_supplier_confirms_it(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    hospital, base = world(), live_server.url
    gallery = Gallery(f"{language[:2]}-{width}-{theme}")
    session = context(browser, width)
    page = session.new_page()
    sign_in(page, base, hospital.people["buyer"], language, theme)
    ordered(page, base, hospital, gallery)
    parts = [(part.quantity, part.place_id) for part in DeliveryPart.objects.order_by("due_on")]
    assert parts == [(4, None), (6, hospital.department.pk)]
    session.close()
    session = context(browser, width)
    page = session.new_page()
    sign_in(page, base, supplier_of(hospital), language, theme)
    answered(page, base, hospital, gallery)
    session.close()


def ordered(page: Page, base: str, hospital: World, gallery: Gallery) -> None:
    """Three deliveries are added, one is taken away again."""
    page.goto(f"{base}/buyer/orders/new")
    page.locator("#f-supplier").select_option(str(hospital.supplier.pk))
    page.locator("#f-to").select_option(str(hospital.store.pk))
    page.locator("input[type=search], .y-picker input").first.fill(hospital.item.code)
    page.locator("[data-add]").first.click()
    page.locator("[data-line-quantity]").fill("10")
    for _ in range(3):
        page.locator("[data-part-add]").click()
    rows = page.locator("[data-part]")
    rows.nth(1).locator("[data-part-remove]").click()
    expect(rows).to_have_count(2)
    for row, day, pieces, place in ((0, later(5), "4", ""), (1, later(9), "6", str(hospital.department.pk))):
        rows.nth(row).locator("input[type=date]").fill(str(day))
        rows.nth(row).locator("input[type=number]").fill(pieces)
        rows.nth(row).locator("select").select_option(place)
    looked_at(page, gallery, "schedule-0-order")
    page.locator("#order .btn-primary").click()
    page.wait_for_url("**/buyer/orders/*")
    looked_at(page, gallery, "schedule-1-ordered")


def answered(page: Page, base: str, hospital: World, gallery: Gallery) -> None:
    """The supplier sees day, place and pieces of each part, and promises the first day."""
    page.goto(f"{base}/supplier/orders/{order_id()}")
    schedule = page.locator("table tbody tr")
    expect(schedule).to_have_count(2)
    page.locator("select[name=verdict]").select_option("confirmed")
    days = page.locator("input[name^='day:']")
    expect(days).to_have_count(2)
    days.nth(1).fill(str(later(12)))
    looked_at(page, gallery, "schedule-2-supplier")
    page.locator("form[action*='answer'] button").click()
    expect(page.locator(".y-message").first).to_be_visible()
    said = LineAnswer.objects.get()
    assert (said.verdict, said.promised_on, said.by_supplier) == ("changed", later(12), True)
    assert sorted(said.days.values()) == [str(later(5)), str(later(12))]
    expect(page.locator("table tbody tr").nth(1)).to_contain_text(str(later(12)))
    looked_at(page, gallery, "schedule-3-answered")


def order_id() -> int:
    return DeliveryPart.objects.select_related("line").earliest("pk").line.order_id
