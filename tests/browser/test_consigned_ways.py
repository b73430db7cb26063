"""A supplier's goods that do not stay: a receipt taken back, a unit handed back; and a loan set of which a part comes late and a
part is used."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.site import Site, site
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.contents import contents_of
from yanji.flows.consign.models import ConsignmentReceipt, LoanSet, TitleNote
from yanji.flows.models import Case
from yanji.flows.sendback.models import SupplierReturn
from yanji.ledger.api import life_line, rebuild, unit_view, virtual_places

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def room() -> Room:
    made = Room(site())
    made.agreement(items=[Kept(made.here.h.item.pk, Decimal(700))])
    return made


def label(here: Site, epc: str) -> str:
    return here.scan(epc.rpartition("/")[2])


@WIDE
def test_a_suppliers_goods_are_taken_back_and_handed_back(
    browser: Any, live_server: Any, room: Room, width: int
) -> None:
    here, [wrong, right] = room.here, [room.here.arrival() for _ in range(2)]
    mistaken = room.receive_consigned(wrong)
    room.receive_consigned(right)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.storekeeper, "/storeroom/consigned")
        walk.follow(mistaken.number)
        leads_to(page, f"/storeroom/consigned/receipts/{mistaken.id}")
        walk.unfold("Take this receipt back")
        page.locator("details [name=reason]").select_option("wrong_scan")
        with turned(page):
            page.locator("details form .btn-danger").click()
        expect(page.locator(".y-heading .y-pill")).to_have_text(walk.words("Taken back"))
        walk.look("consigned-1-taken-back")
        assert [each.pk for each in ConsignmentReceipt.objects.exclude(voided_at=None)] == [mistaken.id]
        it_is_handed_back(walk, here, right.epc)
    assert unit_view(right.epc).place_id == virtual_places().supplier
    assert [each.step for each in life_line(right.epc)][-1] == "hand_back"
    assert rebuild() == []


def it_is_handed_back(walk: Walk, here: Site, epc: str) -> None:
    """No credit is due for what was never the hospital's: the return ends when it is sent."""
    page = walk.as_(here.storekeeper, "/buyer/returns/new")
    scan(page, label(here, epc))
    rows(page, 1)
    page.locator("#f-supplier").select_option(f"{here.h.supplier.pk}")
    page.locator("#f-place").select_option(f"{here.h.store.pk}")
    page.locator("#f-reason").select_option("quality")
    page.locator("[data-scan-submit]").click()
    leads_to(page, "/buyer/returns/#")
    page.locator("#f-rma").fill("RMA-3")
    with turned(page):
        walk.press("The supplier agreed")
    page.locator("#f-handed").fill("Courier")
    with turned(page):
        walk.press("Send it back")
    walk.look("consigned-2-handed-back")
    expect(page.locator("#f-amount")).to_have_count(0)
    back = SupplierReturn.objects.get()
    assert (back.state, back.expected) == ("closed", 0)


@WIDE
def test_a_part_of_a_set_comes_late_and_a_part_is_used(
    browser: Any, live_server: Any, room: Room, width: int
) -> None:
    here, first, late = room.here, unique("LN"), unique("LN")
    case = room.case()
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        loan = it_is_expected(walk, here, case)
        for serial, came in ((first, 1), (late, 2)):
            scan(walk.page, here.scan(serial))
            rows(walk.page, 1)
            walk.page.locator("#f-dock").select_option(f"{here.h.store.pk}")
            with turned(walk.page):
                walk.page.locator("[data-scan-submit]").click()
            assert [line.arrived for line in loan.lines.all()] == [came]
            if serial == first:
                walk.says("Set %(number)s differs from its list: see below.", number=loan.number)
                walk.look("loan-1-differs")
        walk.says("Set %(number)s is complete.", number=loan.number)
        sterilised(walk, "CSSD-30")
        # Another set's: voided, and the right one is entered.
        with turned(walk.page):
            walk.because("Void this sterilisation", "Another set's")
        expect(walk.page.locator("main")).to_contain_text("Another set's")
        expect(walk.page.locator("button[value=send]")).to_have_count(0)
        walk.look("loan-2-voided")
        sterilised(walk, "CSSD-3")
        with turned(walk.page):
            walk.page.locator("button[value=send]").click()
        one_is_used(walk, here, case, first)
        walk.as_(here.storekeeper, f"/storeroom/loans/{loan.pk}")
        for step in ("hand_back", "close"):
            with turned(walk.page):
                walk.page.locator(f"button[value={step}]").click()
        said = "%(used)s used, %(wasted)s wasted, %(returned)s returned"
        expect(walk.page.locator("main")).to_contain_text(walk.words(said, used=1, wasted=0, returned=1))
        walk.look("loan-3-closed")
    loan.refresh_from_db()
    account = contents_of(loan)
    assert (loan.state, account.used, account.returned, account.open) == ("closed", 1, 1, ())
    assert TitleNote.objects.get().agreement_id == loan.agreement_id
    assert rebuild() == []


def it_is_expected(walk: Walk, here: Site, case: Case) -> LoanSet:
    page = walk.as_(here.storekeeper, "/storeroom/loans/new")
    page.locator("#f-name").fill("Hip")
    page.locator("#f-department").select_option(f"{here.h.department.pk}")
    page.locator("#f-case").fill(case.number)
    page.locator("#y-picker-input").fill(here.h.item.code)
    page.locator("[data-picker-found] button").first.click()
    page.locator("[data-line-quantity]").fill("2")
    walk.press("Expect this set")
    leads_to(page, "/storeroom/loans/#")
    return LoanSet.objects.get()


def sterilised(walk: Walk, cycle: str) -> None:
    walk.page.locator("[name=cycle]").fill(cycle)
    with turned(walk.page):
        walk.page.locator("button[value=sterilise]").click()


def one_is_used(walk: Walk, here: Site, case: Case, serial: str) -> None:
    """The use makes the hospital its owner, and the supplier's title note says so."""
    page = walk.as_(here.nurse, f"/ward/use/{case.pk}")
    scan(page, here.scan(serial))
    rows(page, 1)
    with turned(page):
        scan(page, case.patient_token)
    walk.go(f"/theatre/cases/{case.pk}")
    expect(page.locator(".y-sum b").nth(1)).to_have_text("1")
