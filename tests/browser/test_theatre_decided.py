"""After the theatre: what was used first is decided by somebody else, and a device that came out is recorded by scan."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, rows, scan
from tests.flows.site import Site, person, soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_explanted_lots import screws_in_theatre
from yanji.access.models import Person
from yanji.catalog.models import ItemCode
from yanji.flows.theatre.models import EmergencyUse
from yanji.ledger.api import LotQuantity, unit_view
from yanji.ledger.models import Level

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREW, PASSWORD = "06901234500028", "Zweite-Person-7"


@WIDE
def test_what_was_used_first_is_refused_and_paid_all_the_same(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    case, unit = Room(here).case(number="CASE-4", patient_token="PT-4"), here.arrival()
    approver = person("approver", here.h.campus)
    with walking(browser, live_server.url, width) as walk:
        page = walk.as_(here.nurse, f"/theatre/cases/{case.pk}")
        page.get_by_role("link", name="Use first, order later").click()
        leads_to(page, f"/theatre/cases/{case.pk}/first")
        page.get_by_label("Supplier").select_option(str(here.h.supplier.pk))
        scan(page, here.scan(unit.serial))
        rows(page, 1)
        walk.look("decided-1-first")
        scan(page, "PT-4")
        leads_to(page, "/theatre/emergencies/#")
        expect(page.get_by_role("button", name="Approve afterwards")).to_have_count(0)
        it_is_decided(walk, approver, EmergencyUse.objects.get())
    kept = EmergencyUse.objects.get()
    assert (kept.accepted_by_id, kept.accepted_because) == (approver.pk, "It is in the patient")
    assert unit_view(unit.epc).status == "used"


def it_is_decided(walk: Walk, approver: Person, emergency: EmergencyUse) -> None:
    """From the inbox of approvals: refused, and accepted for a reason afterwards."""
    page = walk.as_(approver, "/manager/approvals")
    page.locator(f"a[href='/theatre/emergencies/{emergency.pk}']").click()
    leads_to(page, f"/theatre/emergencies/{emergency.pk}")
    walk.look("decided-2-to-decide")
    with turned(page):
        walk.press("Refuse")
    emergency.refresh_from_db()
    assert emergency.state == "refused"
    page.get_by_label("Why it is paid although it was refused").fill("It is in the patient")
    with turned(page):
        walk.press("To be paid all the same")
    expect(page.get_by_text("It is in the patient")).to_be_visible()
    walk.look("decided-3-accepted")


@WIDE
def test_a_device_that_came_out_is_recorded_by_scan(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    """The wristband of another patient is refused; of the right one it is taken."""
    room = Room(here)
    case = room.case(number="CASE-5", patient_token="PT-5")
    [epc] = room.units(1)
    room.implanted(case, epc)
    with walking(browser, live_server.url, width) as walk:
        page = walk.as_(here.nurse, "/theatre/explant")
        scan(page, here.scan(epc.rpartition("/")[2]))
        rows(page, 1)
        page.get_by_label("Case number").fill("CASE-6")
        page.get_by_label("Reason").select_option("infection")
        for token in ("PT-6", "PT-5"):
            page.get_by_label("Wristband").fill(token)
            with turned(page):
                walk.press("Record the explant")
            if token == "PT-6":
                expect(page.locator(".y-refusal")).to_be_visible()
                assert unit_view(epc).status == "used"
                walk.look("decided-4-other-patient")
        walk.says("1 explanted piece is recorded")
        page = walk.go("/theatre/explanted")
        expect(page.locator(f'input[name="thing"][value="{epc}"]')).to_be_visible()
    assert unit_view(epc).status == "explanted"


@WIDE
def test_screws_that_came_out_are_recorded_handed_back_and_scrapped_by_lot(
    browser: Any, live_server: Any, here: Site, width: int
) -> None:
    """Two of three come out by the label of their lot; one goes to the patient, one to the scrap bin, none off the shelf."""
    room, second = Room(here), person("nurse", here.h.department)
    second.set_password(PASSWORD)
    second.save()
    ItemCode.objects.create(item=here.counted, issuer="GS1", code=SCREW)
    lot, label = screws_in_theatre(room, 9, soon(400)), f"]d201{SCREW}17{soon(400):%y%m%d}10B1"
    case = room.case(number="CASE-7", patient_token="PT-7")
    room.use(case, LotQuantity(lot, Decimal(3), here.h.department.pk))
    with walking(browser, live_server.url, width) as walk:
        page = walk.as_(here.nurse, "/theatre/explant")
        scan(page, label)
        rows(page, 1)
        walk.field("Wristband").fill("PT-7")
        walk.field("Case number").fill("CASE-8")
        walk.field("Reason").select_option("infection")
        for pieces in ("4", "2"):
            page.locator("[data-scan-quantity]").fill(pieces)
            with turned(page):
                walk.press("Record the explant")
            walk.look(f"decided-5-screws-{pieces}")
        walk.says("%(n)s explanted piece is recorded.", "%(n)s explanted pieces are recorded.", n=2)
        page = walk.go("/theatre/explanted")
        walk.look("decided-6-screws-here")
        page.locator(f'input[name="quantity:lot {lot}"]').fill("1")
        walk.unfold("To the patient")
        page.locator('[name="patient_token"]').fill("PT-7")
        page.locator('[name="receiver"]').fill("Mr. Li")
        walk.press("Hand to the patient")
        leads_to(page, "/theatre/explanted/papers/#")
        expect(page.get_by_text("1 × B1")).to_be_visible()
        walk.look("decided-7-screw-handed")
        page = walk.go("/theatre/explanted")
        page.locator('a[href*="explanted="]').click()
        expect(page.locator('input[name="explanted"]')).to_have_count(1)
        scan(page, label)
        rows(page, 1)
        page.locator("#f-reason").select_option("damaged")
        page.locator("#f-witness").fill(second.username)
        page.locator("#f-witness-password").fill(PASSWORD)
        with turned(page):
            walk.press("Scrap")
        walk.look("decided-8-screw-scrapped")
    there = Level.objects.filter(lot=lot, place=here.h.department, quantity__gt=0)
    assert dict(there.values_list("status", "quantity")) == {"available": 6}
