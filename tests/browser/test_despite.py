"""What is in the patient already although it is on hold: the nurse says why and scans it, and somebody else approves it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, accessibility, leads_to, opened, overflow, settled, turned
from tests.browser.test_theatre import label
from tests.browser.wedge import Gallery, rows, scan
from tests.flows.site import person, site, soon
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.flows.hold import hold
from yanji.flows.theatre.models import EmergencyUse
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "en", "dark"), (WALL, "zh-hans", "light")],
    ids=["phone-en", "wall-zh"],
)
def test_a_held_unit_is_recorded_and_approved(
    browser: Any, live_server: Any, size: dict[str, int], language: str, theme: str
) -> None:
    room = Room(site())
    [epc], case = room.units(1, expiry=soon(300)), room.case()
    hold(actor=room.keeper, key=unique("h"), things=[epc], reason="suspected")
    gallery = Gallery(f"{size['width']}-{language[:2]}-{theme}")
    look = {"size": size, "language": language, "theme": theme}
    with opened(browser, live_server.url, room.here.nurse, **look) as page:
        settled(page, f"/ward/use/{case.pk}")
        scan(page, label(epc, room.here))
        expect(page.locator("[data-result=error]")).to_have_count(1)
        page.locator("[data-scan-remove]").click()
        page.locator("details:has(#f-despite) summary").click()
        page.select_option("#f-despite", "life")
        page.locator("#y-scan-input").focus()
        scan(page, label(epc, room.here))
        rows(page, 1)
        gallery.take(page, "despite-use", whole=True)
        assert (overflow(page), accessibility(page)) == (0, [])
        with turned(page):
            scan(page, case.patient_token)
        paper = EmergencyUse.objects.get()
        expect(page.locator(".y-message.y-warn, .y-message").filter(has_text=paper.number)).to_have_count(1)
    assert unit_view(epc).status == "used"
    chief = person("approver", room.here.h.campus)
    with opened(browser, live_server.url, chief, **look) as page:
        settled(page, "/manager/approvals")
        page.get_by_text(paper.number).first.click()
        leads_to(page, "/theatre/emergencies/#")
        gallery.take(page, "despite-paper", whole=True)
        assert (overflow(page), accessibility(page)) == (0, [])
        with turned(page):
            page.locator("button[value=approve]").click()
    paper.refresh_from_db()
    assert paper.state == "approved"
