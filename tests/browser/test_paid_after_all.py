"""What stands between a delivery and its payment: the maker's own invoice, verified by a second person, its costs, a hold."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, Gallery
from tests.flows.buying import billed, invoice
from tests.flows.site import Site, person, site, soon
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.buying.rules import set_two_invoice
from yanji.flows.invoices.models import FirstInvoice, Invoice
from yanji.flows.landed.models import LandedCost

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERIALS = ("K-1", "K-2")


@WIDE
def test_a_delivery_is_paid_when_its_papers_agree(browser: Any, live_server: Any, width: int) -> None:
    here = site()
    set_two_invoice(actor=here.purchasing, key=unique("k"), family="", needed=True)
    order = here.order((here.h.item, 2))
    receipt = here.receive(order, *(here.arrival(serial=serial) for serial in SERIALS))
    bill = Invoice.objects.get(
        pk=invoice(here, here.purchasing, billed(order, *SERIALS, item=here.h.item)).id
    )
    with walking(browser, live_server.url, width) as walk:
        its_costs_are_spread(walk, here, receipt)
        payer = person("accountant", here.h.campus)
        walk.as_(payer, f"/buyer/invoices/{bill.pk}")
        expect(walk.page.get_by_role("button", name="Release for payment")).to_be_disabled()
        walk.look("paid-1-not-yet")
        the_makers_invoice_is_verified(walk, here, receipt)
        walk.as_(payer, f"/buyer/invoices/{bill.pk}")
        with turned(walk.page):
            walk.press("Compare again")
        walk.says("was compared anew")
        it_is_held_and_lifted(walk)
        walk.press("Release for payment")
        walk.says("is released for payment")
    bill.refresh_from_db()
    assert (bill.state, bill.released_by_id) == ("released", payer.pk)


def its_costs_are_spread(walk: Walk, here: Site, receipt: Done) -> None:
    """One was too much: taken back, and spread anew; each unit bears its half."""
    page = walk.as_(here.buyer, f"/storeroom/receipts/{receipt.id}")
    page.get_by_role("link", name="Costs, maker's invoice, import papers").click()
    leads_to(page, f"/buyer/deliveries/{receipt.id}")
    for amount in ("90", "9"):
        page.get_by_label("Amount (CNY)").fill(amount)
        with turned(page):
            walk.press("Spread it")
        if amount == "90":
            page.locator("summary", has_text="Take back").click()
            page.get_by_label("Reason").last.fill("A digit too many")
            with turned(page):
                page.locator("form[action$='/cost/void'] button").click()
            walk.says("The cost is taken back")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").first).to_contain_text("4.50")
    [cost] = LandedCost.objects.filter(voided_at=None)
    assert cost.amount == Decimal(9)
    # A document of its own, with a print and remarks.
    page.get_by_role("link", name=cost.number).click()
    leads_to(page, f"/buyer/costs/{cost.pk}")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator(f"a[href='/papers/landed_cost/{cost.pk}/print']")).to_be_visible()
    expect(page.locator("form[action*='/papers/landed_cost/']").first).to_be_attached()
    Gallery(str(page.viewport_size["width"] if page.viewport_size else "")).take(
        page, "landed-cost", whole=True
    )


def the_makers_invoice_is_verified(walk: Walk, here: Site, receipt: Done) -> None:
    """Who enters it does not verify it; a first one was of another delivery, and is voided."""
    page = walk.as_(here.storekeeper, f"/buyer/deliveries/{receipt.id}")
    for number in ("0331-1", "0331-2"):
        page.get_by_label("Maker or importer").fill("Ruian Medical")
        page.locator("form[action$='/first']").get_by_label("Number", exact=True).fill(number)
        page.get_by_label("Invoice date").fill(soon(-3).isoformat())
        with turned(page):
            page.locator("form[action$='/first'] button").click()
        walk.says("The maker's invoice is kept")
        if number == "0331-1":
            with turned(page):
                walk.because("Void", "Of another delivery")
            walk.says("The maker's invoice is voided. Enter the right one.")
            expect(page.locator("form[action$='/first/void']")).to_have_count(0)
    expect(page.get_by_role("button", name="Goods and paper agree")).to_have_count(0)
    page = walk.as_(here.second, f"/buyer/deliveries/{receipt.id}")
    walk.look("paid-2-to-verify")
    with turned(page):
        walk.press("Goods and paper agree")
    walk.says("The maker's invoice is verified")
    shown = FirstInvoice.objects.order_by("pk").values_list("number", "verified_by", "voided_because")
    assert list(shown) == [("0331-1", None, "Of another delivery"), ("0331-2", here.second.pk, "")]


def it_is_held_and_lifted(walk: Walk) -> None:
    page = walk.page
    with turned(page):
        walk.because("Hold the payment", "The credit note is on its way")
    walk.says("is held")
    expect(page.get_by_role("button", name="Release for payment")).to_be_disabled()
    walk.look("paid-3-held")
    with turned(page):
        walk.because("Lift the hold", "It came")
    walk.says("is lifted")
