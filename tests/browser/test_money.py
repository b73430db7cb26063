"""Money that follows goods, as its people walk it: a return and its credit, a lending, a settlement and its invoice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.pages import PHONE, WALL, accessibility, drawn, leads_to, opened, overflow, settled, turned
from tests.browser.wedge import Gallery, rows, scan
from tests.flows.buying import supplier_person
from tests.flows.site import Site, person
from tests.flows.theatre.room import Room, last_month
from tests.makers import place
from yanji.flows.consign.models import Settlement
from yanji.flows.invoices.models import Invoice
from yanji.flows.lending.models import Lending
from yanji.flows.sendback.models import SupplierReturn
from yanji.ledger.api import unit_view
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRESSINGS = pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)


def label(here: Site, epc: str) -> str:
    return here.scan(epc.rpartition("/")[2])


def looked_at(page: Page, name: str) -> None:
    """Nothing sticks out, and everybody can use it."""
    drawn(page)
    assert overflow(page) == 0
    assert accessibility(page) == []
    Gallery(str(page.viewport_size["width"])).take(page, f"money-{name}", whole=True)


def press(page: Page, inside: str) -> None:
    page.locator(f"{inside} button").first.click()


@DRESSINGS
def test_goods_go_back_and_their_credit_comes(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    epcs = here.stocked(2)
    with opened(
        browser, live_server.url, here.storekeeper, size=size, language=language, theme=theme
    ) as page:
        settled(page, "/buyer/returns/new")
        for epc in epcs:
            scan(page, label(here, epc))
        rows(page, 2)
        page.locator("#f-supplier").select_option(str(here.h.supplier.pk))
        page.locator("#f-place").select_option(str(here.h.store.pk))
        page.locator("#f-reason").select_option("quality")
        looked_at(page, "return-new")
        page.locator("[data-scan-submit]").click()
        leads_to(page, "/buyer/returns/#")
        page.locator("#f-rma").fill("RMA-2026-7")
        with turned(page):
            press(page, "form[action$='/authorise']")
        page.locator("#f-handed").fill("Courier")
        with turned(page):
            press(page, "form[action$='/send']")
        # The note of another return was entered first: it is voided, and the right one closes this.
        page.locator("#f-number").fill("CN-1")
        page.locator("#f-amount").fill("150.00")
        with turned(page):
            press(page, "form[action$='/credit']")
        page.locator(".y-because > summary").click()
        page.locator(".y-because input[name=reason]").fill("of another return")
        looked_at(page, "return-credit")
        with turned(page):
            press(page, ".y-because form")
        page.locator("#f-number").fill("CN-2")
        page.locator("#f-amount").fill("200.00")
        with turned(page):
            press(page, "form[action$='/credit']")
        expect(page.locator("#f-number")).to_have_count(0)
        looked_at(page, "return-closed")
    back = SupplierReturn.objects.get()
    assert (back.state, [note.state for note in back.credits.order_by("id")]) == (
        "closed",
        ["voided", "entered"],
    )
    assert [unit_view(epc).status for epc in epcs] == ["returned"] * 2


@DRESSINGS
def test_a_neighbour_borrows_and_gives_back(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    [epc] = Room(here).units(1)
    neighbour = place(Kind.DEPARTMENT, here.h.campus)
    other = person("nurse", neighbour)
    dressed = {"size": size, "language": language, "theme": theme}
    with opened(browser, live_server.url, here.nurse, **dressed) as page:
        settled(page, "/ward/lending/new")
        scan(page, label(here, epc))
        rows(page, 1)
        page.locator("#f-borrower").select_option(str(neighbour.pk))
        looked_at(page, "lend")
        page.locator("[data-scan-submit]").click()
        leads_to(page, "/ward/lending/#")
        looked_at(page, "lent")
    address = f"/ward/lending/{Lending.objects.get().pk}"
    with opened(browser, live_server.url, other, **dressed) as page:
        settled(page, address)
        with turned(page):
            press(page, "form[action$='/confirm']")
        page.locator("#y-scan-input").click()
        scan(page, label(here, epc))
        rows(page, 1)
        looked_at(page, "give-back")
        with turned(page):
            page.locator("[data-scan-submit]").click()
        rows(page, 0)
    assert Lending.objects.get().state == "owed"
    with opened(browser, live_server.url, here.nurse, **dressed) as page:
        settled(page, address)
        with turned(page):
            press(page, "form[action$='/confirm-back']")
        expect(page.locator("form[action$='/confirm-back']")).to_have_count(0)
        looked_at(page, "given-back")
    assert Lending.objects.get().state == "settled"
    assert unit_view(epc).place_id == here.h.department.pk


@DRESSINGS
def test_what_was_used_is_settled_charged_and_released(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    room = Room(here)
    room.price(1200)
    room.agreement()
    noon = timezone.make_aware(datetime.combine(last_month(), datetime.min.time())) + timedelta(hours=12)
    room.use(room.case(), *room.consigned(2, ago=80), happened_at=noon)
    accountant, dressed = (
        person("accountant", here.h.campus),
        {"size": size, "language": language, "theme": theme},
    )
    with opened(browser, live_server.url, here.buyer, **dressed) as page:
        settled(page, "/buyer/settlements")
        looked_at(page, "unsettled")
        press(page, "form:has([name=month])")
        leads_to(page, "/buyer/settlements/#")
        # Who drew it up is told that somebody else confirms.
        expect(page.locator("button[value=discard]")).to_be_visible()
        expect(page.locator("button[value=confirm]")).to_have_count(0)
        # The first draft is thrown away: what it gathered can be settled again.
        page.locator("button[value=discard]").click()
        leads_to(page, "/buyer/settlements")
        assert not Settlement.objects.exists()
        press(page, "form:has([name=month])")
        leads_to(page, "/buyer/settlements/#")
        looked_at(page, "settlement-drafted")
    address = f"/buyer/settlements/{Settlement.objects.get().pk}"
    with opened(browser, live_server.url, accountant, **dressed) as page:
        settled(page, address)
        with turned(page):
            page.locator("button[value=confirm]").click()
        expect(page.locator("a[href$='/invoice']")).to_be_visible()
        looked_at(page, "settlement-confirmed")
        page.locator("details.y-because summary").click()
        looked_at(page, "settlement-to-void")
    with opened(browser, live_server.url, supplier_person(here), **dressed) as page:
        settled(page, "/supplier/consignment")
        looked_at(page, "consignment")
        page.locator("a[href$='/invoice']").click()
        leads_to(page, f"/supplier/settlements/{Settlement.objects.get().pk}/invoice")
        page.locator("#f-ref").fill("FP-2026-0901")
        looked_at(page, "settlement-invoice")
        page.locator("#invoice .btn-primary").click()
        expect(page.locator(".y-chip-group").first).to_be_visible()
        looked_at(page, "settlement-charged")
    kept = Invoice.objects.get()
    assert (kept.state, kept.total) == ("matched", 2400)
    with opened(browser, live_server.url, accountant, **dressed) as page:
        settled(page, f"/buyer/invoices/{kept.pk}")
        looked_at(page, "settlement-matched")
        with turned(page):
            press(page, "form[action$='/release']")
        expect(page.locator("form[action$='/release']")).to_have_count(0)
    assert Invoice.objects.get().state == "released"
