"""Orders that do not go as they were written: changed, delivered in parts and beyond, closed with what is owed, cancelled; a
request refused or given up, a contract ended; and the rules by which all this is judged, edited on their page."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.ordering import begun
from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.approving import role, rule, signer
from tests.flows.buying import contract
from tests.flows.site import Site
from tests.makers import unique
from yanji.access.models import Person
from yanji.flows.buying.models import Contract, OrderChange, PurchaseRequest, TwoInvoiceRule
from yanji.flows.buying.pricing import rules
from yanji.flows.models import OrderLine, PurchaseOrder, Receipt
from yanji.flows.validity import Rule, answers
from yanji.ledger.models import Unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_an_order_is_changed_and_comes_in_parts_with_one_too_many(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    head = role("科主任", "Head")
    rule(here.h.campus, head, kind="order", from_amount=350)
    chief = signer(head, here.h.campus)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        the_rules_are_edited(walk, here)
        order = an_order_is_changed(walk, here, chief)
        for pieces, owed in ((2, 2), (3, 0)):
            a_part_comes(walk, here, order, pieces)
            assert OrderLine.objects.get().outstanding == owed
        page = walk.as_(here.buyer, f"/buyer/orders/{order.pk}")
        expect(page.locator("tbody")).to_contain_text(walk.words("Complete"))
        expect(page.locator("a[href*='/storeroom/receipts/']")).to_have_count(2)
        walk.look("order-2-complete")
    order.refresh_from_db()
    assert (order.state, OrderLine.objects.get().received, Unit.objects.count()) == ("received", 5, 5)


def the_rules_are_edited(walk: Walk, here: Site) -> None:
    """A quarter more may come; a lapsed licence is said at an order, one that was never shown stops no receipt; a
    family needs two invoices, and then does not."""
    page = walk.as_(here.buyer, "/buyer/rules")
    page.locator("#f-over").fill("25")
    page.locator("[name='paper-order:licence']").select_option("warn")
    page.locator("[name='missing-receipt:licence']").select_option("ignore")
    with turned(page):
        walk.press("Keep the rules")
    walk.says("The rules hold from now on.")
    said = answers()
    assert (rules().over_delivery_percent, said["order", "licence"]) == (25, Rule("warn", "warn"))
    assert said["receipt", "licence"] == Rule("refuse", "ignore")
    for family, needed in (("骨科", "yes"), ("", "no")):
        page.locator("select[name=campus]").select_option(str(here.h.campus.pk) if family else "")
        page.locator("input[name=family]:not([type=hidden])").fill(family)
        with turned(page):
            page.locator(f"button[name=needed][value={needed}]").click()
        walk.says("The rule for %(family)s holds from now on.", family=family or walk.words("All others"))
    walk.look("order-1-rules")
    kept = set(TwoInvoiceRule.objects.values_list("campus__code", "family", "needed"))
    assert kept == {(here.h.campus.code, "骨科", True), (None, "", False)}
    with turned(page):
        page.locator(".y-row", has_text="骨科").locator("button[value=drop]").click()
    assert list(TwoInvoiceRule.objects.values_list("family", flat=True)) == [""]


def an_order_is_changed(walk: Walk, here: Site, chief: Person) -> PurchaseOrder:
    """Three pieces become four once the chief agrees; what was sent off first is withdrawn."""
    begun(walk, here, 3)
    walk.page.locator("[name^='price:']").fill("100")
    walk.press("Place the order")
    leads_to(walk.page, "/buyer/orders/#")
    order = PurchaseOrder.objects.get()
    for pieces in ("9", "4"):
        walk.go(f"/buyer/orders/{order.pk}")
        walk.follow("Change")
        leads_to(walk.page, f"/buyer/orders/{order.pk}/change")
        walk.page.locator("[data-line-quantity]").fill(pieces)
        walk.page.locator("#f-why").fill("One more case")
        walk.press("Send the change off")
        leads_to(walk.page, f"/buyer/orders/{order.pk}")
        walk.says("The change of %(number)s waits for approval.", number=order.number)
        assert OrderLine.objects.get().quantity == 3
        if pieces == "9":
            walk.look("order-1-change-waits")
            with turned(walk.page):
                walk.press("Withdraw the change")
            walk.says("The change of %(number)s is withdrawn.", number=order.number)
    walk.decide(chief, "approve")
    assert list(OrderChange.objects.order_by("pk").values_list("state", flat=True)) == [
        "withdrawn",
        "applied",
    ]
    assert [(line.quantity, line.tolerance) for line in order.lines.all()] == [(4, 1)]
    return order


def a_part_comes(walk: Walk, here: Site, order: PurchaseOrder, pieces: int) -> None:
    page = walk.as_(here.storekeeper, f"/storeroom/receiving/{order.pk}")
    for number in range(1, pieces + 1):
        scan(page, here.scan(unique("P")))
        rows(page, number)
    page.locator("[data-scan-submit]").click()
    leads_to(page, "/storeroom/receipts/#")
    assert Receipt.objects.latest("pk").order_id == order.pk


@WIDE
def test_what_will_not_come_is_closed_and_cancelled(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    partly, cancelled = here.order((here.h.item, 3)), here.order((here.h.item, 2))
    here.receive(partly, here.arrival())
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.buyer, "/buyer/orders/owed")
        expect(page.locator(".y-tile .y-num").first).to_have_text("4")
        walk.look("ended-1-owed")
        walk.follow(partly.number)
        leads_to(page, f"/buyer/orders/{partly.id}")
        with turned(page):
            walk.because("Close the order", "The rest is bought elsewhere")
        walk.says("Order %(number)s is closed: nothing more is expected.", number=partly.number)
        walk.go(f"/buyer/orders/{cancelled.id}")
        with turned(page):
            walk.because("Cancel the order", "Ordered twice")
        walk.says("Order %(number)s is cancelled.", number=cancelled.number)
        walk.look("ended-2-cancelled")
        walk.go("/buyer/orders/owed")
        expect(page.get_by_text(walk.words("Nothing is owed"))).to_be_visible()
        a_contract_is_ended(walk, here)
    states = PurchaseOrder.objects.order_by("pk").values_list("state", "ended_because")
    assert list(states[:2]) == [("closed", "The rest is bought elsewhere"), ("cancelled", "Ordered twice")]


def a_contract_is_ended(walk: Walk, here: Site) -> None:
    """The next order does not find it any more."""
    done = contract(here, (here.h.item, "90"))
    page = walk.go(f"/buyer/contracts/{done.id}")
    with turned(page):
        walk.because("End the contract", "The price has doubled")
    walk.says("Contract %(number)s is ended.", number=done.number)
    expect(page.locator(".y-facts").last).to_contain_text("The price has doubled")
    assert Contract.objects.get().state == "ended"
    begun(walk, here, 1)
    expect(walk.page.locator("[data-line]")).not_to_contain_text(done.number)


@WIDE
def test_a_request_is_refused_and_another_closed(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    head = role("科主任", "Head")
    rule(here.h.campus, head, kind="purchase_request")
    chief = signer(head, here.h.campus)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        refused = the_ward_asks(walk, here)
        walk.decide(chief, "refuse", "Use what is in the store")
        page = walk.as_(here.nurse, f"/buyer/requests/{refused.pk}")
        expect(page.locator(".y-signatures")).to_contain_text("Use what is in the store")
        walk.look("request-1-refused")
        closed = the_ward_asks(walk, here)
        walk.decide(chief, "approve")
        page = walk.as_(here.buyer, f"/buyer/requests/{closed.pk}")
        expect(page.locator(f"a[href$='request={closed.pk}']")).to_be_visible()
        with turned(page):
            walk.because("Close the request", "The ward has moved")
        walk.says("Purchase request %(number)s is closed.", number=closed.number)
        expect(page.locator(f"a[href$='request={closed.pk}']")).to_have_count(0)
        walk.look("request-2-closed")
    states = PurchaseRequest.objects.order_by("pk").values_list("state", "closed_because")
    assert list(states) == [("refused", ""), ("closed", "The ward has moved")]


def the_ward_asks(walk: Walk, here: Site) -> PurchaseRequest:
    page = walk.as_(here.nurse, "/buyer/requests")
    walk.follow("New purchase request")
    leads_to(page, "/buyer/requests/new")
    page.locator("#f-why").fill("For the next month")
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-picker-found] button").first.click()
    page.locator("[data-line-quantity]").fill("5")
    walk.press("Ask for it")
    leads_to(page, "/buyer/requests/#")
    asked = PurchaseRequest.objects.latest("pk")
    walk.says("Purchase request %(number)s waits for approval.", number=asked.number)
    return asked
