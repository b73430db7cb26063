"""A case asks the store for what its theatre lacks; what the store picks for it comes and is laid out."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan, type_like_a_wedge
from tests.flows.site import Site, site, soon
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.flows.models import Case, Issue, Requisition
from yanji.flows.theatre.cards import Need, save_card
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def label(here: Site, epc: str) -> str:
    return here.scan(epc.rpartition("/")[2], expiry=f"{soon(300):%y%m%d}")


@WIDE
def test_a_case_asks_the_store_for_what_is_short(browser: Any, live_server: Any, width: int) -> None:
    here = site()
    room, h = Room(here), here.h
    save_card(
        actor=room.nurse, key=unique("k"), department_id=h.department.pk, procedure="PCI", needs=[Need(h.item.pk, 3)]
    )  # fmt: skip
    [there] = room.units(1, expiry=soon(300))
    lying = here.stocked(4, expiry=soon(300))
    case = room.case(number="CASE-3", patient_token="PT-3")
    with walking(browser, live_server.url, width) as walk:
        asked = the_theatre_asks(walk, here, case)
        sent = the_store_sends_two(walk, here, asked, lying[:2])
        they_come_and_are_laid_out(walk, here, case, sent, [there, *lying[:2]])
    assert [unit_view(epc).status for epc in lying[2:]] == ["available"] * 2


def the_theatre_asks(walk: Walk, here: Site, case: Case) -> Requisition:
    """Two of three: one lies in its own cabinet."""
    page = walk.as_(here.nurse, f"/theatre/cases/{case.pk}")
    expect(page.get_by_text("2 short, 4 in the stores")).to_be_visible()
    page.get_by_label("Store", exact=True).select_option(str(here.h.store.pk))
    walk.press("Ask the store for what is short")
    expect(page.locator("#messages .y-message.y-ok")).to_contain_text("went to the store")
    asked = Requisition.objects.latest("pk")
    walk.look("case-1-asked")
    assert (asked.case_number, [line.quantity for line in asked.lines.all()]) == ("CASE-3", [2])
    return asked


def the_store_sends_two(walk: Walk, here: Site, asked: Requisition, epcs: list[str]) -> Issue:
    page = walk.as_(here.storekeeper, "/storeroom/picking")
    page.locator(f"a[href='/storeroom/picking/{asked.pk}']").first.click()
    leads_to(page, f"/storeroom/picking/{asked.pk}")
    expect(page.locator("main")).to_contain_text("CASE-3")
    for number, epc in enumerate(epcs, 1):
        scan(page, label(here, epc))
        rows(page, number)
    type_like_a_wedge(page, "YANJI:OK")
    walk.says("2 things are picked")
    walk.press("Issue 2 things")
    leads_to(page, "/storeroom/issues/#")
    return Issue.objects.get(requisition=asked)


def they_come_and_are_laid_out(walk: Walk, here: Site, case: Case, sent: Issue, epcs: list[str]) -> None:
    page = walk.as_(here.nurse, f"/ward/take-in/{sent.pk}")
    walk.press("All 2 arrived")
    leads_to(page, "/ward/take-in")
    walk.go(f"/theatre/cases/{case.pk}")
    expect(page.get_by_text("short, ")).to_have_count(0)
    expect(page.get_by_text("Ask the store for what is short")).to_have_count(0)
    page.get_by_role("link", name="Lay out").click()
    expect(page.locator(".y-turn li")).to_have_count(3)
    for number, epc in enumerate(epcs, 1):
        scan(page, label(here, epc))
        rows(page, number)
    walk.press("Laid out for this case")
    leads_to(page, f"/theatre/cases/{case.pk}")
    walk.look("case-2-laid-out")
    expect(page.locator(".y-sum b").first).to_have_text("3")
