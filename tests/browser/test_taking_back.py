"""What was entered wrongly is taken back on the page where it is seen: a receipt, an issue, an entry of one unit."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.site import Site
from tests.makers import unique
from yanji.flows.issue import issue
from yanji.flows.models import Issue, OrderLine, Receipt
from yanji.flows.pick import pick
from yanji.ledger.api import rebuild, unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def statuses(epcs: list[str]) -> list[str]:
    return [unit_view(epc).status for epc in epcs]


@WIDE
def test_a_receipt_is_taken_back_and_comes_again(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    order, arrival = here.order((here.h.item, 1)), here.arrival()
    done = here.receive(order, arrival)
    with walking(browser, live_server.url, width) as walk:
        page = walk.as_(here.storekeeper, f"/storeroom/receipts/{done.id}")
        page.get_by_text("Take this receipt back").click()
        page.get_by_label("Reason").select_option("wrong_scan")
        with turned(page):
            walk.press("Take back")
        expect(page.locator(".y-heading .y-pill")).to_have_text("Taken back")
        assert Receipt.objects.get().voided_at is not None
        assert OrderLine.objects.get().received == 0
        walk.look("back-1-receipt")
        walk.go(f"/storeroom/receiving/{order.id}")
        scan(page, here.scan(arrival.serial))
        rows(page, 1)
        walk.press("Take the delivery in")
        leads_to(page, "/storeroom/receipts/#")
    assert statuses([arrival.epc]) == ["available"]
    assert Receipt.objects.filter(voided_at=None).count() == 1
    assert rebuild() == []


@WIDE
def test_a_ward_takes_its_entry_back_and_then_the_store_its_issue(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    epcs = here.stocked(2)
    asked = here.requisition((here.h.item, 2))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=epcs)
    sent = Issue.objects.get(pk=issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id).id)
    with walking(browser, live_server.url, width) as walk:
        the_ward_takes_one_in(walk, here, sent, epcs)
        the_store_can_not_take_back_what_is_there(walk, here, sent)
        the_ward_takes_it_back_from_the_units_page(walk, here, epcs)
        the_store_takes_all_of_it_back(walk, here, sent)
        assert statuses(epcs) == ["picked", "picked"]
        page = walk.as_(here.nurse, f"/ward/take-in/{sent.pk}")
        expect(page.get_by_text("The store has taken this issue back")).to_be_visible()
    assert rebuild() == []


def the_ward_takes_one_in(walk: Walk, here: Site, sent: Issue, epcs: list[str]) -> None:
    page = walk.as_(here.nurse, f"/ward/take-in/{sent.pk}")
    scan(page, here.scan(epcs[0].rpartition("/")[2]))
    rows(page, 1)
    walk.press("Take in what was scanned")
    expect(page.locator("#messages .y-message.y-ok")).to_be_visible()
    assert statuses(epcs) == ["available", "in_transit"]


def the_store_can_not_take_back_what_is_there(walk: Walk, here: Site, sent: Issue) -> None:
    """The page does not offer it; the entry of the ledger does, and says what stands in the way."""
    page = walk.as_(here.storekeeper, f"/storeroom/issues/{sent.pk}")
    expect(page.get_by_text("Take this issue back")).to_have_count(0)
    walk.go(f"/event/{sent.event_id}")
    page.get_by_label("Reason").select_option("wrong_scan")
    with turned(page):
        walk.press("Take this entry back")
    expect(page.locator(".y-refusal")).to_be_visible()
    walk.look("back-2-not-yet")
    sent.refresh_from_db()
    assert sent.state == "partly_taken_in"


def the_ward_takes_it_back_from_the_units_page(walk: Walk, here: Site, epcs: list[str]) -> None:
    page = walk.as_(here.nurse, f"/unit/{epcs[0]}")
    page.get_by_role("link", name="Receipt at department").first.click()
    page.wait_for_url("**/event/*")
    page.get_by_label("Reason").select_option("wrong_scan")
    page.get_by_label("Note").fill("Scanned for the neighbour's cabinet")
    walk.look("back-3-entry")
    walk.press("Take this entry back")
    walk.says("is taken back")
    walk.go(f"/unit/{epcs[0]}")
    expect(page.locator(".y-undone").first).to_contain_text("Receipt at department")
    assert statuses(epcs) == ["in_transit", "in_transit"]


def the_store_takes_all_of_it_back(walk: Walk, here: Site, sent: Issue) -> None:
    page = walk.as_(here.storekeeper, f"/storeroom/issues/{sent.pk}")
    page.locator("summary", has_text="Take this issue back").click()
    page.get_by_label("Reason").select_option("wrong_scan")
    walk.look("back-5-issue")
    page.locator("details form").get_by_role("button", name="Take this issue back").click()
    page.wait_for_url("**/event/*")
    walk.says("is taken back")
    sent.refresh_from_db()
    assert sent.state == "voided"
    walk.go(f"/storeroom/issues/{sent.pk}")
    walk.look("back-6-voided")
