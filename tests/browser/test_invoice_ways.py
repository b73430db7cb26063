"""Invoices that do not agree at once: a price accepted, a wrong serial voided and charged anew by its supplier, whose sum is
refused first; and a settlement taken back by two, with the title notes of what it gathered."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE
from tests.flows.buying import supplier_person
from tests.flows.site import Site, person
from tests.flows.theatre.room import Room, last_month
from tests.makers import unique
from yanji.access.models import Person
from yanji.flows.acts import Done
from yanji.flows.consign.models import Settlement
from yanji.flows.consign.settle import confirm_settlement, draft_settlement
from yanji.flows.invoices.models import Invoice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Zweite-Person-7"
SERIALS = ("K-1", "K-2", "K-3")


def results(invoice: Invoice) -> list[str]:
    return sorted(invoice.lines.values_list("result", flat=True))


@WIDE
def test_what_differs_is_accepted_voided_and_charged_anew(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    order, payer = here.order((here.h.item, 3)), person("accountant", here.h.campus)
    here.receive(order, *(here.arrival(serial=serial) for serial in SERIALS))
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        invoice = it_is_entered_wrongly(walk, here, order)
        the_price_is_accepted(walk, payer, invoice)
        walk.as_(here.buyer, f"/buyer/invoices/{invoice.pk}")
        with turned(walk.page):
            walk.because("Void the invoice", "K-9 is another hospital's")
        walk.says("Invoice %(number)s is voided: its things can be charged again.", number=invoice.number)
        invoice.refresh_from_db()
        assert (invoice.state, invoice.voided_because) == ("voided", "K-9 is another hospital's")
        its_supplier_charges_it_anew(walk, here, order)
        second = Invoice.objects.latest("pk")
        walk.as_(payer, f"/buyer/invoices/{second.pk}")
        walk.press("Release for payment")
        walk.says("%(number)s is released for payment.", number=second.number)
    second.refresh_from_db()
    assert (second.state, second.total, results(second)) == ("released", 300, ["matched"] * 3)
    assert second.released_by == payer


def it_is_entered_wrongly(walk: Walk, here: Site, order: Done) -> Invoice:
    """The first is charged dearer than ordered, the last under a serial that never came."""
    page = walk.as_(here.buyer, f"/buyer/orders/{order.id}")
    walk.follow("Enter its invoice")
    expect(page.locator("input[name=serial]")).to_have_count(3)
    page.locator("#f-ref").fill("F-1")
    page.locator("input[name=price]").first.fill("110")
    page.locator("input[name=serial]").last.fill("K-9")
    page.locator("#f-total").fill("310")
    walk.press("Keep and compare")
    leads_to(page, "/buyer/invoices/#")
    invoice = Invoice.objects.get()
    walk.says("Invoice %(number)s is kept and compared.", number=invoice.number)
    expect(page.locator(".y-tiles")).to_contain_text(walk.words("Some things differ"))
    assert results(invoice) == ["matched", "not_received", "price_differs"]
    return invoice


def the_price_is_accepted(walk: Walk, payer: Person, invoice: Invoice) -> None:
    """What never came is not accepted with it, and nothing is paid."""
    page = walk.as_(payer, f"/buyer/invoices/{invoice.pk}")
    with turned(page):
        walk.because("Accept the prices", "Agreed by telephone")
    walk.says("The prices of %(number)s are accepted.", number=invoice.number)
    walk.look("invoice-1-price-accepted")
    assert results(invoice) == ["matched", "not_received", "price_accepted"]
    expect(page.locator("form[action$='/release'] button:not([disabled])")).to_have_count(0)


def its_supplier_charges_it_anew(walk: Walk, here: Site, order: Done) -> None:
    """A total that is not the sum of the rows is refused, and what was typed stands there still."""
    page = walk.as_(supplier_person(here), f"/supplier/invoices/new?order={order.id}")
    expect(page.locator("input[name=serial]")).to_have_count(3)
    page.locator("#f-ref").fill("F-2")
    page.locator("#f-total").fill("330")
    with turned(page):
        walk.press("Keep and compare")
    expect(page.locator(".y-refusal")).to_contain_text("330")
    assert Invoice.objects.count() == 1
    expect(page.locator("#f-ref")).to_have_value("F-2")
    walk.look("invoice-2-sum-refused")
    page.locator("#f-total").fill("300")
    walk.press("Keep and compare")
    leads_to(page, "/supplier/invoices/#")
    expect(page.locator(".y-tiles")).to_contain_text(walk.words("Order, receipt and invoice agree"))
    page = walk.go("/supplier/invoices")
    expect(page.locator("main")).to_contain_text(walk.words("Voided"))
    walk.look("invoice-3-supplier")


@WIDE
def test_a_settlement_is_taken_back_by_two(browser: Any, live_server: Any, here: Site, width: int) -> None:
    payer, second = (person("accountant", here.h.campus, password=PASSWORD) for _ in range(2))
    settlement = settled(Room(here), payer)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(payer, f"/buyer/settlements/{settlement.pk}")
        a_title_note_is_read(walk, settlement)
        walk.go(f"/buyer/settlements/{settlement.pk}")
        for password, outcome in (("wrong", "confirmed"), (PASSWORD, "voided")):
            if not page.locator("[name=reason]").is_visible():
                walk.unfold("Void the settlement")
            page.locator("[name=reason]").select_option("wrong_case")
            page.locator("[name=witness]").fill(second.username)
            page.locator("[name=witness_password]").fill(password)
            with turned(page):
                page.locator("form[action$='/void'] .btn-danger").click()
            settlement.refresh_from_db()
            assert settlement.state == outcome
            expect(page.locator(".y-refusal")).to_have_count(int(outcome == "confirmed"))
        said = "Settlement %(number)s is voided. What it gathered can be settled anew."
        walk.says(said, number=settlement.number)
        walk.look("invoice-4-settlement-voided")
        walk.go("/buyer/settlements")
        expect(page.locator("form:has([name=month])")).to_have_count(1)
    assert settlement.voided_second == second


def settled(room: Room, payer: Person) -> Settlement:
    """Two of a supplier's units, used last month, on a statement that somebody else confirmed."""
    room.price(1200)
    agreement = room.agreement()
    noon = timezone.make_aware(datetime.combine(last_month(), datetime.min.time())) + timedelta(hours=12)
    room.use(room.case(), *room.consigned(2, ago=80), happened_at=noon)
    drawn = draft_settlement(actor=room.buyer, key=unique("s"), agreement_id=agreement.id, month=last_month())
    confirm_settlement(actor=room.here.actor(payer), key=unique("s"), settlement_id=drawn.id)
    return Settlement.objects.get(pk=drawn.id)


def a_title_note_is_read(walk: Walk, settlement: Settlement) -> None:
    """Each use made the hospital the owner; its note says of what."""
    notes = walk.page.locator("a[href*='/papers/title_note/']")
    expect(notes).to_have_count(2)
    address, number = notes.first.get_attribute("href"), notes.first.text_content()
    assert address
    assert number
    page = walk.go(address)
    expect(page.locator(".p-number")).to_contain_text(number)
    expect(page.locator("main")).to_contain_text(settlement.agreement.number)
    walk.look("invoice-5-title-note")
