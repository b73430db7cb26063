"""Kept for a requisition by scan and from an item's stock, seen by the ward, given free again, and picked by whose it is."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import accessibility
from tests.browser.test_hold_and_shelves import CONFIRM, WALKS, opened, said
from tests.browser.wedge import Gallery, no_sideways_scrolling, rows, scan
from tests.makers import unique
from tests.web.flows.world import World, item, later, world
from yanji.catalog.models import Item
from yanji.flows.acts import Done
from yanji.flows.receive import Arrival, receive
from yanji.flows.requisition import Wanted, request
from yanji.flows.reserving.models import Reservation
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def asked_for(hospital: World) -> tuple[Item, Done]:
    """Four stents of two lots and twelve sutures lie in the store; a requisition asks for two and four."""
    hospital.stocked("S1", "S2", "S3", lot="L1", expiry=later(300))
    hospital.stocked("S4", lot="L2", expiry=later(500))
    suture = item("缝线", "Suture", "4-0", hospital.supplier, tracking="lot")
    receive(
        actor=hospital.actor("storekeeper"), key=unique("r"), order_id=hospital.order(6, suture),
        dock_id=hospital.dock.pk, arrivals=[Arrival(suture.pk, lot="B7", expiry=later(90), quantity=6)],
    )  # fmt: skip
    receive(
        actor=hospital.actor("storekeeper"), key=unique("r"), order_id=hospital.order(6, suture),
        dock_id=hospital.dock.pk, arrivals=[Arrival(suture.pk, lot="B8", expiry=later(190), quantity=6)],
    )  # fmt: skip
    wanted = request(
        actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 2), Wanted(suture.pk, 4)],
    )  # fmt: skip
    return suture, wanted


def status(hospital: World, serial: str) -> str:
    view = unit_view(hospital.epc(serial))
    assert view is not None
    return str(view.status)


def leads_to_its_paper(page: Any, gallery: Gallery, wanted: Done) -> None:
    """What was kept in one go is a document: the green line leads to it."""
    gallery.take(page, "kept")
    kept = Reservation.objects.get()
    page.locator("#messages a", has_text=kept.number).click()
    expect(page.locator("h1")).to_contain_text(kept.number)
    expect(page.locator("dl.y-facts")).to_contain_text(wanted.number)
    expect(page.locator(".y-rows").first).to_contain_text("3 / 3")
    expect(page.locator(f"a[href='/papers/reservation/{kept.pk}/print']")).to_be_visible()
    gallery.take(page, "reservation", whole=True)


def says_why(page: Any, first: str) -> None:
    """Below each proposal, in view without a pointer; the next lot is named only as the next."""
    expect(page.locator(".y-turn li").first).to_have_attribute("data-epc", first)
    whys = page.locator(".y-turn li .y-why")
    expect(whys).to_have_count(page.locator(".y-turn li").count())
    expect(page.locator(".y-turn li:not(.y-after) .y-why", has_text="B8")).to_contain_text(f"{later(190)}")
    expect(page.locator(".y-turn li.y-after")).to_have_count(1)
    assert accessibility(page) == []


@pytest.mark.parametrize(("language", "width", "theme"), WALKS)
def test_kept_given_free_and_picked(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    hospital, gallery = world(), Gallery(f"{language[:2]}-{width}-{theme}")
    suture, wanted = asked_for(hospital)
    window, page, troubles = opened(browser, live_server.url, hospital, language, width, theme)
    # From the pick list, by scan.
    page.goto(f"{live_server.url}/storeroom/picking/{wanted.id}")
    page.locator("a[href*='/storeroom/reservations?requisition=']").click()
    expect(page.locator("#f-requisition")).to_have_value(str(wanted.id))
    scan(page, hospital.scan("S1", lot="L1", expiry=later(300)))
    rows(page, 1)
    scan(page, f"]d201{hospital.gtin(suture)}17{later(90):%y%m%d}10B7")
    rows(page, 2)
    page.locator("[data-scan-quantity]").fill("3")
    no_sideways_scrolling(page)
    gallery.take(page, "reserve")
    page.locator("[data-scan-submit]").click()
    said(page)
    assert status(hospital, "S1") == "reserved"
    expect(page.locator("a[href*='&kept=']")).to_have_count(2)
    leads_to_its_paper(page, gallery, wanted)

    # From what lies of the item.
    page.goto(f"{live_server.url}/stock?item={hospital.item.pk}&by=lot")
    page.locator("a[href*='/storeroom/reservations?item=']").click()
    page.locator(f"[data-epc='{hospital.epc('S2')}'] button").click()
    rows(page, 1)
    page.select_option("#f-requisition", str(wanted.id))
    page.locator("#y-scan-input").focus()
    scan(page, CONFIRM)
    said(page)
    assert status(hospital, "S2") == "reserved"

    # The unit says so and offers the end; it is given free with a reason.
    page.goto(f"{live_server.url}/unit/{hospital.epc('S2')}")
    expect(page.locator("dl.y-facts")).to_contain_text(wanted.number)
    gallery.take(page, "reserved-unit")
    page.locator("a[href*='/storeroom/reservations/end?scan=']").click()
    rows(page, 1)
    page.locator("input[name='kept'][value^='lot:']").check()
    page.select_option("#f-reason", "not_needed")
    no_sideways_scrolling(page)
    gallery.take(page, "unreserve")
    page.locator("[data-scan-submit]", has_text="2").click()
    said(page)
    assert (status(hospital, "S1"), status(hospital, "S2")) == ("reserved", "available")
    expect(page.locator("input[name='kept']")).to_have_count(1)

    # The pick list names it first.
    page.goto(f"{live_server.url}/storeroom/picking/{wanted.id}")
    says_why(page, hospital.epc("S1"))
    scan(page, hospital.scan("S1", lot="L1", expiry=later(300)))
    rows(page, 1)
    gallery.take(page, "pick-kept", whole=True)
    page.locator("[data-scan-submit]").click()
    said(page)
    assert status(hospital, "S1") == "picked"
    window.close()
    assert troubles == []
