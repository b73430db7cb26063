"""The ways around a case, as their users walk them: cards from a table, what becomes of an explanted device, what
goes back one by one."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import leads_to
from tests.browser.test_theatre import label
from tests.browser.wedge import WIDE, context, no_sideways_scrolling, rows, scan, sign_in
from tests.flows.site import Site, soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_implants import take_out
from tests.makers import place
from yanji.access.models import Grant, Role
from yanji.catalog.models import Quarantined
from yanji.flows.models import Case
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.theatre.cards import Need, needs_on
from yanji.flows.theatre.models import PreferenceCard
from yanji.ledger.api import unit_view, virtual_places
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEAD = "科室编码,术式,术者,品种编码,数量\n"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=False).first.click()


@WIDE
def test_cards_come_from_a_table(browser: Any, live_server: Any, here: Site, width: int) -> None:
    h = here.h
    rows = f"{h.department.code},PCI,陈,{h.item.code},2\n{h.department.code},CAG,,NO-SUCH,1\n"
    opened = context(browser, width)
    page = opened.new_page()
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/theatre/cards")
    page.get_by_role("link", name="Import a table").click()
    expect(page.get_by_role("radio", name="Preference cards")).to_be_checked()
    table = {"name": "备货卡.csv", "mimeType": "text/csv", "buffer": (HEAD + rows).encode("gb18030")}
    page.locator("#f-file").set_input_files(table)
    press(page, "Show what would be imported")
    expect(page.get_by_text("There is no item with the code “NO-SUCH”")).to_be_visible()
    no_sideways_scrolling(page)
    assert not PreferenceCard.objects.exists()
    press(page, "Import 1 good row")
    expect(page.get_by_text("1 row was imported")).to_be_visible()
    page.goto(f"{live_server.url}/theatre/cards")
    expect(page.get_by_text("PCI")).to_be_visible()
    [card] = PreferenceCard.objects.all()
    assert (card.procedure, card.surgeon, needs_on(card)) == ("PCI", "陈", [Need(h.item.pk, 2)])
    assert not Quarantined.objects.exists()
    opened.close()


@WIDE
def test_what_came_out_goes_to_the_maker_to_pathology_and_to_the_patient(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    h, room = here.h, Room(here)
    pathology = place(Kind.DEPARTMENT, h.campus, name_en="Pathology")
    person = here.nurse
    Grant.objects.create(person=person, role=Role.objects.get(code="storekeeper"), place=h.department)
    case = room.case(patient_token="PT-9")
    epcs = room.units(3)
    for epc in epcs:
        room.implanted(case, epc)
    take_out(room, case, *epcs)
    opened = context(browser, width)
    page = opened.new_page()
    sign_in(page, live_server.url, person, "en")

    def ticked(epc: str, way: str) -> None:
        page.goto(f"{live_server.url}/theatre/explant")
        page.get_by_role("link", name="Explanted devices").click()
        leads_to(page, "/theatre/explanted")
        no_sideways_scrolling(page)
        page.locator(f'input[name="thing"][value="{epc}"]').check()
        panel = page.locator("details").filter(has_text=way)
        if panel.get_attribute("open") is None:
            panel.locator("summary").click()

    ticked(epcs[0], "To pathology")
    page.locator('[name="to_place_id"]').select_option(str(pathology.pk))
    page.locator('[name="examiner"]').fill("Dr. Wu")
    press(page, "Hand to pathology")
    leads_to(page, "/theatre/explanted/papers/#")
    expect(page.get_by_text("Dr. Wu")).to_be_visible()
    no_sideways_scrolling(page)
    ticked(epcs[1], "To the patient")
    page.locator('[name="patient_token"]').fill("PT-0")
    page.locator('[name="receiver"]').fill("Mr. Li")
    press(page, "Hand to the patient")
    expect(page.get_by_text("came out of this patient")).to_be_visible()
    page.locator('[name="patient_token"]').fill("PT-9")
    press(page, "Hand to the patient")
    leads_to(page, "/theatre/explanted/papers/#")
    ticked(epcs[2], "To the maker's laboratory")
    press(page, "Write the return")
    leads_to(page, "/buyer/returns/#")
    places = [unit_view(epc).place_id for epc in epcs]
    assert places == [pathology.pk, virtual_places().patient, h.department.pk]
    assert SupplierReturn.objects.get().expected == 0
    opened.close()


@WIDE
def test_what_was_not_used_goes_back_one_by_one(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    """By scanner alone: one to its shelf, one to the store; the account of the case says so, and the case closes."""
    room = Room(here)
    shelved, stored = room.units(2, expiry=soon(300))
    case = room.case(number="CASE-5")
    room.out(case, shelved, stored)
    opened = context(browser, width)
    page = opened.new_page()
    sign_in(page, live_server.url, here.nurse, "en")
    page.goto(f"{live_server.url}/theatre/cases/{case.pk}")
    expect(page.get_by_text("2 open")).to_be_visible()
    page.get_by_role("link", name="After the case").click()
    scan(page, label(shelved, here))
    rows(page, 1)
    press(page, "Record")
    leads_to(page, f"/theatre/cases/{case.pk}")
    expect(page.get_by_text("1 open")).to_be_visible()
    page.goto(f"{live_server.url}/ward/give-back")
    scan(page, label(stored, here))
    rows(page, 1)
    page.locator("form[data-scanned] button.btn-primary").last.click()
    expect(page.get_by_text("is on its way to the store")).to_be_visible()
    page.goto(f"{live_server.url}/theatre/cases/{case.pk}")
    expect(page.get_by_text("Balances")).to_be_visible()
    expect(page.locator(".y-sum b")).to_have_text(["2", "0", "2", "0"])
    press(page, "Close the case")
    leads_to(page, "/theatre/cases")
    assert Case.objects.get(pk=case.pk).state == "closed"
    assert [unit_view(epc).status for epc in (shelved, stored)] == ["available", "returned"]
    opened.close()
