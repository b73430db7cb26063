"""The theatre's day at a phone, by scanner: laid out, used, put back, closed, charged; and every page in two dressings."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import leads_to, turned
from tests.browser.wedge import WIDE, Gallery, context, rows, scan, sign_in
from tests.flows.site import GTIN, Site, site, soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_implants import take_out
from tests.makers import unique
from tests.web.theatre_world import theatre_samples
from yanji.flows.consign.models import LoanSet
from yanji.flows.models import Case
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.cards import Need, save_card
from yanji.flows.theatre.models import ChargeLine, EmergencyUse, Implant
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRESSINGS = [("en", 1920, "dark"), ("zh-hans", 390, "light")]


def label(epc: str, here: Site) -> str:
    """What a scanner sends for a unit of the small hospital."""
    serial = epc.rpartition("/")[2]
    return here.scan(serial, expiry=soon(300).strftime("%y%m%d"))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=False).first.click()


@WIDE
def test_a_case_by_scanner_alone(browser: Any, live_server: Any, width: int) -> None:
    here = site()
    room, h = Room(here), here.h
    h.item.implant, h.item.name_en = True, "Stent"
    h.item.save()
    room.code()
    save_card(
        actor=room.nurse, key=unique("k"), department_id=h.department.pk, procedure="PCI", needs=[Need(h.item.pk, 2)]
    )  # fmt: skip
    used, back, opened = room.units(3, expiry=soon(300))
    case = room.case(number="CASE-7", patient_token="PT-7")
    opened_page = context(browser, width)
    page = opened_page.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/theatre/cases")
    page.locator("#y-scan-input").focus()
    scan(page, "PT-7")
    leads_to(page, f"/theatre/cases/{case.pk}")
    page.get_by_role("link", name="Lay out").click()
    expect(page.locator(".y-turn li")).to_have_count(2)
    for number, epc in enumerate((used, back, opened), 1):
        scan(page, label(epc, here))
        rows(page, number)
    press(page, "Laid out for this case")
    leads_to(page, f"/theatre/cases/{case.pk}")
    expect(page.locator(".y-sum b").first).to_have_text("3")
    page.locator(".y-tasks").get_by_role("link", name="Use", exact=True).click()
    leads_to(page, f"/ward/use/{case.pk}")
    scan(page, label(used, here))
    rows(page, 1)
    scan(page, "PT-7")
    expect(page.get_by_text("1 thing is recorded")).to_be_visible()
    page.goto(f"{live_server.url}/theatre/cases/{case.pk}/after")
    scan(page, label(back, here))
    rows(page, 1)
    scan(page, label(opened, here))
    rows(page, 2)
    page.locator("[data-scan-row] select").first.select_option("dropped")
    press(page, "Record")
    leads_to(page, f"/theatre/cases/{case.pk}")
    expect(page.get_by_text("Balances")).to_be_visible()
    page.locator('input[name="site"]').fill("LAD")
    with turned(page):
        press(page, "Keep")
    for name in ("Ask for the charge", "Charged"):
        with turned(page):
            press(page, name)
    press(page, "Close the case")
    leads_to(page, "/theatre/cases")
    assert troubles == []
    assert Case.objects.get(pk=case.pk).state == "closed"
    assert [unit_view(epc).status for epc in (used, back, opened)] == ["used", "available", "scrapped"]
    assert Implant.objects.get().site == "LAD"
    assert ChargeLine.objects.get().state == "charged"
    opened_page.close()


@WIDE
def test_used_first_by_scanner(browser: Any, live_server: Any, width: int) -> None:
    here = site()
    room = Room(here)
    case = room.case(number="CASE-8", patient_token="PT-8")
    opened_page = context(browser, width)
    page = opened_page.new_page()
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/theatre/cases/{case.pk}/first")
    page.locator("#f-supplier").select_option(str(here.h.supplier.pk))
    page.locator("#y-scan-input").focus()
    scan(page, label(f"01/{GTIN}/21/NEVERSEEN", here))
    rows(page, 1)
    scan(page, "PT-8")
    leads_to(page, "/theatre/emergencies/#")
    assert EmergencyUse.objects.get().state == "awaiting"
    assert unit_view(f"01/{GTIN}/21/NEVERSEEN").status == "used"
    opened_page.close()


@WIDE
def test_a_loan_set_is_checked_in_sterilised_and_closed(browser: Any, live_server: Any, width: int) -> None:
    here = site()
    theatre_samples(here)
    loan = LoanSet.objects.get()
    opened_page = context(browser, width)
    page = opened_page.new_page()
    sign_in(page, live_server.url, here.storekeeper, "en")
    page.goto(f"{live_server.url}/storeroom/loans/{loan.pk}")
    scan(page, label(f"01/{GTIN}/21/LOAN1", here))
    rows(page, 1)
    press(page, "Check the set in")
    expect(page.get_by_text("is complete")).to_be_visible()
    page.locator('input[name="cycle"]').fill("CSSD-9")
    with turned(page):
        press(page, "Sterilised")
    with turned(page):
        page.locator('button[value="send"]').click()
    with turned(page):
        press(page, "Hand back all")
    press(page, "Close the set")
    expect(page.get_by_text("1 returned")).to_be_visible()
    assert LoanSet.objects.get().state == "closed"
    opened_page.close()


def shown(here: Site) -> dict[Any, list[tuple[str, str]]]:
    """Person -> (name, path) of the pages that they see."""
    made = theatre_samples(here)
    room = Room(here)
    case = Implant.objects.get(pk=made["implant_id"]).case_id
    room.out(Case.objects.get(pk=case), *room.units(2))
    other = room.case()
    lying = room.units(2)
    room.use(other, *lying, implants=[Implanted(epc, "LAD") for epc in lying])
    take_out(room, other, *lying)
    return {
        here.nurse: [
            ("home", "/"), ("cases", "/theatre/cases"), ("case", f"/theatre/cases/{case}"),
            ("cart", f"/theatre/cases/{case}/cart"), ("after", f"/theatre/cases/{case}/after"),
            ("first", f"/theatre/cases/{case}/first"), ("emergency", f"/theatre/emergencies/{made['emergency_id']}"),
            ("emergencies", "/theatre/emergencies"), ("explant", "/theatre/explant"), ("cards", "/theatre/cards"),
            ("explanted", "/theatre/explanted"), ("handover", f"/theatre/explanted/papers/{made['handover_id']}"),
            ("handover-print", f"/papers/handover/{made['handover_id']}/print"),
            ("import", "/masterdata/imports?kind=cards"),
            ("card", f"/theatre/cards/{made['card_id']}"), ("implants-print", f"/papers/implants/{case}/print"),
        ],
        here.storekeeper: [
            ("consigned", "/storeroom/consigned"), ("receive-consigned", "/storeroom/consigned/receive"),
            ("loans", "/storeroom/loans"), ("new-loan", "/storeroom/loans/new"),
            ("loan", f"/storeroom/loans/{made['loan_set_id']}"),
        ],
        here.buyer: [
            ("agreements", "/buyer/agreements"), ("agreement", f"/buyer/agreements/{made['agreement_id']}"),
            ("settlements", "/buyer/settlements"), ("settlement", f"/buyer/settlements/{made['settlement_id']}"),
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("language", "width", "theme"), DRESSINGS)
def test_every_page_fits_and_keeps_quiet(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    here, gallery = site(), Gallery(f"{language[:2]}-{width}-{theme}")
    opened_page = context(browser, width)
    page = opened_page.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    for person, pages in shown(here).items():
        sign_in(page, live_server.url, person, language, theme)
        for name, path in pages:
            answer = page.goto(live_server.url + path)
            assert answer is not None
            assert answer.status == 200, path
            gallery.take(page, f"theatre-{name}", whole=True)
    assert troubles == []
    opened_page.close()
