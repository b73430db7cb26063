"""A store asks another campus for goods on its page; who must sign does, or refuses; only then may they be picked."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.approving import role, rule, signer
from tests.flows.site import site
from tests.flows.transferring import Way, way
from yanji.access.models import Grant, Person, Role
from yanji.flows.transfer.models import Transfer
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_a_transfer_is_asked_for_signed_and_sent(browser: Any, live_server: Any, width: int) -> None:
    to = way(site())
    head = role("科主任", "Head")
    rule(to.here.h.campus, head, kind="transfer")
    chief = signer(head, to.here.h.campus)
    Grant.objects.create(person=to.far, role=Role.objects.get(code="storekeeper"), place=to.here.h.store)
    [epc] = to.here.stocked(1)
    with walking(browser, live_server.url, width) as walk:
        first = the_far_store_asks(walk, to)
        the_chief_says(walk, chief, "Refuse", "Ask the supplier")
        first.refresh_from_db()
        assert first.state == "refused"
        second = the_far_store_asks(walk, to)
        the_chief_says(walk, chief, "Approve", "")
        the_store_sends_it(walk, to, second, to.here.scan(epc.rpartition("/")[2]))
    assert unit_view(epc).status == "in_transit"


def the_far_store_asks(walk: Walk, to: Way) -> Transfer:
    page = walk.as_(to.far, "/storeroom/transfers")
    page.get_by_role("link", name="New transfer").first.click()
    leads_to(page, "/storeroom/transfers/new")
    page.locator("#y-picker-input").fill(to.here.h.item.code)
    page.locator("[data-picker-found] button").first.click()
    page.get_by_label("From").select_option(str(to.here.h.store.pk))
    page.get_by_label("To", exact=True).select_option(str(to.store.pk))
    walk.press("Ask for the transfer")
    leads_to(page, "/storeroom/transfers/#")
    walk.says("waits for approval")
    walk.look("asked-1-waits")
    return Transfer.objects.latest("pk")


def the_chief_says(walk: Walk, chief: Person, verdict: str, comment: str) -> None:
    page = walk.as_(chief, "/manager/approvals")
    page.get_by_placeholder("Comment; needed to refuse").fill(comment)
    walk.press(verdict)
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()


def the_store_sends_it(walk: Walk, to: Way, done: Transfer, label: str) -> None:
    page = walk.as_(to.here.storekeeper, f"/storeroom/transfers/{done.pk}")
    page.get_by_role("link", name="Pick and send").click()
    leads_to(page, f"/storeroom/transfers/{done.pk}/pick")
    scan(page, label)
    rows(page, 1)
    with turned(page):
        page.locator("[data-scan-submit]").click()
    page.get_by_label("Handed to").fill("Van 7")
    walk.press("Send 1 piece")
    walk.says("is on its way")
    walk.look("asked-2-sent")
