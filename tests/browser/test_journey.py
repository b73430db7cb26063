"""The whole way of a unit, walked with a scanner alone: order, ship notice, receipt, shelf, requisition, pick, issue,
take-in, patient, back to the shelf or into the bin - and traced. Two languages, each looked at on a phone and at a desk."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import leads_to
from tests.browser.wedge import Gallery, context, rows, scan, sign_in, type_like_a_wedge
from tests.web.flows.world import PASSWORD, World, gtin, later, world
from yanji.flows.models import Issue, PurchaseOrder, Receipt, Requisition
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WALKS = [("zh-hans", 1920), ("en", 390)]
CONFIRM = "YANJI:OK"
TOKEN = "PT-20260812"


class Walk:
    """One person after the other at one browser."""

    def __init__(self, page: Page, base: str, hospital: World, language: str, gallery: Gallery) -> None:
        self.page, self.base, self.hospital, self.language, self.gallery = (
            page,
            base,
            hospital,
            language,
            gallery,
        )
        self.scans = {serial: hospital.scan(serial) for serial in ("S0417", "S0418", "S0419")}
        self.stranger = f"]d201{gtin()}17{later(300):%y%m%d}10LX\x1d21X77"
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.trouble(str(error)))
        page.on(
            "console", lambda message: self.troubles.append(message.text) if message.type == "error" else None
        )

    def enter(self, role: str, path: str) -> None:
        sign_in(self.page, self.base, self.hospital.people[role], self.language)
        self.go(path)

    def go(self, path: str) -> None:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)

    def said(self) -> None:
        """The page answers that it was done."""
        expect(self.page.locator("#messages .y-message.y-ok")).to_be_visible()

    def order(self) -> PurchaseOrder:
        self.enter("buyer", "/buyer/orders/new")
        page = self.page
        page.select_option("#f-supplier", str(self.hospital.supplier.pk))
        page.fill("#f-on", later(5).isoformat())
        page.focus("#y-picker-input")
        type_like_a_wedge(page, self.scans["S0417"])
        expect(page.locator("[data-line]")).to_have_count(1)
        page.keyboard.type("yl")
        expect(page.locator("[data-picker-found] button")).to_have_count(1)
        self.gallery.take(page, "01-new-order")
        page.keyboard.press("Enter")
        expect(page.locator("[data-line]")).to_have_count(2)
        page.locator("[data-line-quantity]").first.fill("3")
        page.locator("#order .btn-primary").press("Enter")
        self.said()
        return PurchaseOrder.objects.latest("id")

    def announce(self, order: PurchaseOrder) -> None:
        self.go(f"/buyer/orders/{order.pk}/notice")
        page = self.page
        page.locator("[data-row-next]").first.focus()
        for text in self.scans.values():
            type_like_a_wedge(page, text)
        expect(page.locator("[name=lot]").nth(2)).to_have_value("L2409A")
        expect(page.locator("[name=serial]").first).to_have_value("S0417")
        self.gallery.take(page, "02-ship-notice")
        page.locator("#notice .btn-primary").press("Enter")
        self.said()
        self.gallery.take(page, "03-order")

    def receive(self, order: PurchaseOrder) -> Receipt:
        self.enter("storekeeper", "/storeroom/receiving")
        page = self.page
        self.gallery.take(page, "04-receiving")
        scan(page, order.number)
        leads_to(page, f"/storeroom/receiving/{order.pk}")
        for text in self.scans.values():
            scan(page, text)
        scan(page, self.scans["S0417"])
        rows(page, 3)
        scan(page, self.hospital.scan("S0001", expiry=later(-19)))
        rows(page, 4)
        scan(page, "]d201069012")
        expect(page.locator("[data-scan-row][data-result=error]")).to_have_count(1)
        page.locator("[data-scan-remove]").first.press("Enter")
        scan(page, self.stranger)
        page.locator("[data-result=error] [hx-post]").press("Enter")
        rows(page, 5)
        self.gallery.take(page, "05-receive")
        scan(page, CONFIRM)
        leads_to(page, "/storeroom/receipts/#")
        self.said()
        self.gallery.take(page, "06-receipt")
        return Receipt.objects.latest("id")

    def put_away(self) -> None:
        self.go("/storeroom/put-away")
        page, shelf = self.page, self.hospital.bins[0]
        for text in self.scans.values():
            scan(page, text)
        rows(page, 3)
        scan(page, shelf.code)
        expect(page.locator("#chosen")).to_contain_text(shelf.code)
        self.gallery.take(page, "07-put-away")
        scan(page, shelf.code)
        self.said()

    def ask(self) -> Requisition:
        """All three: one will be used, one come back, one be opened in vain."""
        self.enter("nurse", "/ward/requisitions/new")
        page = self.page
        expect(page.locator("#y-picker-input")).to_be_focused()
        page.keyboard.type("ywxt")
        expect(page.locator("[data-picker-found] button")).to_have_count(1)
        self.gallery.take(page, "08-requisition")
        page.keyboard.press("Enter")
        expect(page.locator("[data-line]")).to_have_count(1)
        page.locator("[data-line-quantity]").fill("3")
        page.locator("#requisition .btn-primary").press("Enter")
        self.said()
        return Requisition.objects.latest("id")

    def pick_and_issue(self, requisition: Requisition) -> Issue:
        self.enter("storekeeper", "/storeroom/picking")
        page = self.page
        scan(page, requisition.number)
        leads_to(page, f"/storeroom/picking/{requisition.pk}")
        scan(page, self.scans["S0417"])
        self.gallery.take(page, "09-pick")
        for serial in ("S0418", "S0419"):
            scan(page, self.scans[serial])
        rows(page, 3)
        scan(page, CONFIRM)
        self.said()
        page.locator("#f-handed").fill("王静")
        page.locator("[data-issue]").press("Enter")
        leads_to(page, "/storeroom/issues/#")
        self.said()
        self.gallery.take(page, "10-issue")
        return Issue.objects.latest("id")

    def take_in(self, issue: Issue) -> None:
        self.enter("nurse", "/ward/take-in")
        page = self.page
        scan(page, self.scans["S0417"])
        leads_to(page, f"/ward/take-in/{issue.pk}")
        for text in self.scans.values():
            scan(page, text)
        rows(page, 3)
        self.gallery.take(page, "11-take-in")
        scan(page, CONFIRM)
        leads_to(page, "/ward/take-in")
        self.said()

    def use(self) -> None:
        self.go("/ward/use")
        page = self.page
        page.focus("#f-number")
        page.keyboard.type("CASE-812")
        page.keyboard.press("Enter")
        for text in (TOKEN, "PCI", "沈立"):
            page.keyboard.type(text)
            page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        leads_to(page, "/ward/use/#")
        scan(page, self.scans["S0417"])
        rows(page, 1)
        self.gallery.take(page, "12-use")
        scan(page, TOKEN)
        # The page before says something as well: what is waited for is the one whose list is empty again.
        rows(page, 0)
        self.said()
        scan(page, self.scans["S0417"])
        expect(page.locator("[data-scan-row][data-result=error]")).to_have_count(1)
        self.gallery.take(page, "13-used-already")

    def give_back(self) -> None:
        self.go("/ward/give-back")
        page = self.page
        scan(page, self.scans["S0418"])
        rows(page, 1)
        self.gallery.take(page, "14-give-back")
        scan(page, CONFIRM)
        rows(page, 0)
        self.said()

    def scrap(self) -> None:
        """Opened and not used: the storekeeper, who came along, is the second person."""
        self.go("/ward/scrap")
        page = self.page
        scan(page, self.scans["S0419"])
        rows(page, 1)
        page.select_option("#f-reason", index=1)
        page.fill("#f-witness", self.hospital.people["storekeeper"].username)
        self.gallery.take(page, "15-scrap")
        page.fill("#f-witness-password", PASSWORD)
        page.locator("#scrap .btn-primary").press("Enter")
        rows(page, 0)
        self.said()

    def inspect(self) -> None:
        self.enter("storekeeper", "/storeroom/returns")
        page = self.page
        expect(page.locator("[data-epc]")).to_have_count(1)
        scan(page, self.scans["S0418"])
        rows(page, 1)
        self.gallery.take(page, "16-returned")
        scan(page, CONFIRM)
        rows(page, 0)
        self.said()
        expect(page.locator("[data-epc]")).to_have_count(0)

    def trace(self) -> None:
        self.enter("nurse", "/")
        page = self.page
        page.focus("#y-search-input")
        type_like_a_wedge(page, self.scans["S0417"])
        page.wait_for_url("**/unit/**")
        expect(page.locator("body")).to_contain_text("CASE-812")
        self.gallery.take(page, "17-unit")
        view = unit_view(self.hospital.epc("S0417"))
        assert view is not None
        assert (view.status, view.case_number, view.patient_token) == ("used", "CASE-812", TOKEN)
        self.go(f"/lot/{view.lot_id}")
        self.gallery.take(page, "18-lot")


@pytest.fixture
def gallery(request: Any) -> Gallery:
    return Gallery(request.node.callspec.params["language"][:2], sizes=(390, 1920))


@pytest.fixture
def walk(browser: Any, live_server: Any, language: str, width: int, gallery: Gallery) -> Iterator[Walk]:
    opened = context(browser, width)
    yield Walk(opened.new_page(), live_server.url, world(), language, gallery)
    opened.close()


@pytest.mark.parametrize(("language", "width"), WALKS)
def test_from_the_order_to_the_patient_and_back(walk: Walk) -> None:
    order = walk.order()
    walk.announce(order)
    receipt = walk.receive(order)
    walk.put_away()
    requisition = walk.ask()
    issue = walk.pick_and_issue(requisition)
    walk.take_in(issue)
    walk.use()
    walk.give_back()
    walk.scrap()
    walk.inspect()
    walk.trace()
    order.refresh_from_db()
    issue.refresh_from_db()
    assert (order.state, issue.state) == ("partly_received", "taken_in")
    assert [(line.accepted, line.rejected) for line in receipt.lines.order_by("-accepted", "-rejected")] == [
        (3, 1),
        (0, 1),
        (0, 0),
    ]
    statuses = [
        unit_view(walk.hospital.epc(serial)).status for serial in ("S0417", "S0418", "S0419", "S0001")
    ]
    assert statuses == ["used", "available", "scrapped", "quarantined"]
    assert walk.troubles == []
