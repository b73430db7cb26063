"""A ward says what it keeps, asks for what is missing with one press, and keeps a list: on a phone and at a desk."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import leads_to
from tests.browser.wedge import WIDE, Gallery, context, sign_in, type_like_a_wedge
from tests.flows.site import Site, person, site
from tests.makers import unique
from yanji.flows.models import Issue, Requisition
from yanji.flows.pick import pick
from yanji.flows.requisition import Wanted
from yanji.flows.supply.levels import Kept, set_levels
from yanji.flows.supply.lists import save_list
from yanji.flows.supply.models import ParLevel, RequisitionList

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_what_is_missing_is_asked_for(browser: Any, live_server: Any, width: int) -> None:
    here = site()
    opened = context(browser, width)
    page = opened.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/ward/levels")
    page.locator("#f-place").select_option(str(here.h.cabinet.pk))
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-add]").first.click()
    page.locator(f'[name="minimum:{here.h.item.pk}"]').fill("1")
    page.locator(f'[name="maximum:{here.h.item.pk}"]').fill("4")
    page.get_by_role("button", name="Keep so").click()
    page.get_by_role("link", name="Request 1 item now").click()
    expect(page.locator(f'[name="quantity:{here.h.item.pk}"]')).to_have_value("4")
    expect(page.get_by_text("0 there, kept between 1 and 4")).to_be_visible()
    page.get_by_role("button", name="Ask the store").click()
    leads_to(page, "/ward/requisitions/#")
    assert [line.quantity for line in Requisition.objects.get().lines.all()] == [4]
    page.goto(f"{live_server.url}/ward/lists/new")
    page.locator("#f-name").fill("Monday")
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-add]").first.click()
    page.locator("[data-line-quantity]").fill("3")
    page.get_by_role("button", name="Keep the list").click()
    expect(page.get_by_text("List “Monday” is kept.")).to_be_visible()
    it_is_asked_for_by_the_list(page, here)
    list_and_level_are_dropped(page, live_server.url)
    assert troubles == []
    opened.close()


def it_is_asked_for_by_the_list(page: Page, here: Site) -> None:
    """One press on the list fills the requisition with what stands in it."""
    page.locator(".y-cards a[href*='?list=']").click()
    leads_to(page, f"/ward/requisitions/new?list={RequisitionList.objects.get().pk}")
    expect(page.locator(f'[name="quantity:{here.h.item.pk}"]')).to_have_value("3")
    page.get_by_role("button", name="Ask the store").click()
    leads_to(page, "/ward/requisitions/#")
    lines = Requisition.objects.latest("pk").lines.values_list("item_id", "quantity")
    assert list(lines) == [(here.h.item.pk, 3)]


def list_and_level_are_dropped(page: Page, server: str) -> None:
    """What was asked for by them stays as it was."""
    page.goto(f"{server}/ward/lists")
    page.locator(".y-cards").get_by_role("link", name="Change").click()
    page.get_by_role("button", name="Not used any more").click()
    expect(page.get_by_text("List “Monday” is not used any more.")).to_be_visible()
    page.goto(f"{server}/ward/levels")
    page.locator("form[action$='/drop'] button").click()
    expect(page.get_by_text("is not kept there any more")).to_be_visible()
    kept = (RequisitionList.objects.count(), ParLevel.objects.count(), Requisition.objects.count())
    assert kept == (0, 0, 2)


def kept(here: Site) -> int:
    """Something kept in two places, and a list."""
    for place, low, high in ((here.h.department, 6, 12), (here.h.cabinet, 1, 4)):
        levels = [Kept(here.h.item.pk, low, high), Kept(here.counted.pk, 0, 3)]
        set_levels(actor=here.ward, key=unique("k"), place_id=place.pk, levels=levels)
    here.requisition((here.counted, 9))
    lines = [Wanted(here.h.item.pk, 3), Wanted(here.counted.pk, 2)]
    return save_list(
        actor=here.ward,
        key=unique("k"),
        department_id=here.h.department.pk,
        list_name="周一补货",
        lines=lines,
    ).id


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "dark"), ("zh-hans", 390, "light")])
def test_every_page_fits(browser: Any, live_server: Any, language: str, width: int, theme: str) -> None:
    here, gallery = site(), Gallery(f"{language[:2]}-{width}-{theme}")
    number = kept(here)
    opened = context(browser, width)
    page = opened.new_page()
    sign_in(page, live_server.url, here.nurse, language, theme)
    for name, path in (
        ("levels", "/ward/levels"),
        ("filled", "/ward/requisitions/new?fill=levels"),
        ("lists", "/ward/lists"),
        ("list", f"/ward/lists/{number}"),
        ("requisitions", "/ward/requisitions"),
    ):
        answer = page.goto(live_server.url + path)
        assert answer is not None
        assert answer.status == 200
        gallery.take(page, f"supply-{name}", whole=True)
    opened.close()


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "dark"), ("zh-hans", 390, "light")])
def test_a_hand_over_is_signed_by_two(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    here, gallery = site(), Gallery(f"{language[:2]}-{width}-{theme}")
    taker = person("nurse", here.h.department, password="Empfang-9-Station")
    epcs = here.stocked(2)
    asked = here.requisition((here.h.item, 2))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=epcs[:1])
    opened = context(browser, width)
    page = opened.new_page()
    sign_in(page, live_server.url, here.storekeeper, language, theme)
    page.goto(f"{live_server.url}/storeroom/picking/{asked.id}")
    page.locator("#f-receiver").fill(taker.username)
    page.keyboard.press("Enter")
    expect(page.locator("#f-receiver-password")).to_be_focused()
    page.keyboard.type("Empfang-9-Station")
    gallery.take(page, "supply-hand-over", whole=True)
    page.locator("[data-issue]").click()
    leads_to(page, "/storeroom/issues/#")
    assert Issue.objects.get().taken_over_by == taker
    gallery.take(page, "supply-signed", whole=True)
    opened.close()


@pytest.mark.parametrize(("language", "width", "theme"), [("en", 1920, "light"), ("zh-hans", 390, "dark")])
def test_a_badge_signs_in_place_of_a_password(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    """The nurse binds a badge once; from then on one scan at the store's counter is the whole signature."""
    here, gallery = site(), Gallery(f"{language[:2]}-{width}-{theme}")
    taker = person("nurse", here.h.department, password="Empfang-9-Station")
    asked = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=here.stocked(1))
    opened = context(browser, width)
    page = opened.new_page()
    sign_in(page, live_server.url, taker, language, theme)
    page.goto(f"{live_server.url}/masterdata/account")
    form = page.locator('form:has([name="form"][value="badge"])')
    form.locator('[name="code"]').fill("0004711815")
    form.locator('[name="password"]').fill("Empfang-9-Station")
    form.locator("button").click()
    expect(page.locator('[action$="/badge/end"]')).to_be_visible()
    gallery.take(page, "supply-own-badge", whole=True)
    sign_in(page, live_server.url, here.storekeeper, language, theme)
    page.goto(f"{live_server.url}/storeroom/picking/{asked.id}")
    page.locator("#f-receiver-badge").focus()
    type_like_a_wedge(page, "0004711815")
    expect(page.locator("[data-issue]")).to_be_focused()
    gallery.take(page, "supply-badge-scanned", whole=True)
    page.keyboard.press("Enter")
    leads_to(page, "/storeroom/issues/#")
    assert Issue.objects.get().taken_over_by == taker
    opened.close()
