"""A nurse on the scan page: what a case still needs; a vial is opened, used in a case without the network, and thrown away."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_handheld import begin, opened, says, scanned
from tests.browser.test_handheld_flows import connected, cut_off
from tests.browser.test_handheld_offline import waiting
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE
from tests.flows.site import Site, site, soon
from tests.flows.theatre.room import Room
from tests.flows.vials import ward_lot
from tests.makers import place
from yanji.catalog.models import ItemCode
from yanji.flows.models import Case
from yanji.flows.opened.models import OpenedPiece
from yanji.flows.reasons import known
from yanji.flows.theatre.models import CaseNeed, EmergencyUse, Handover
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GTIN = "06901234500028"
VIAL = f"]d201{GTIN}17{soon(90):%y%m%d}10B1"


@pytest.fixture
def room(transactional_db: None) -> Room:
    here: Site = site()
    ItemCode.objects.create(issuer="GS1", code=GTIN, item=here.counted)
    return Room(here)


def done(walk: Walk, number: str) -> None:
    says(walk.page, walk.words("Done. {number}").format(number=number))


def left(page: Page, lines: int, said: str) -> None:
    expect(page.locator("[data-todo-list] li")).to_have_count(lines)
    expect(page.locator("[data-todo-said]")).to_have_text(said)


@WIDE
def test_a_case_says_what_it_still_needs_and_ticks_it_off(
    browser: Any, live_server: Any, room: Room, width: int
) -> None:
    here, case = room.here, room.case()
    room.units(1, serial="N1")
    CaseNeed.objects.create(case=case, item=here.h.item, quantity=2)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.nurse, "/scan")
        opened(page, live_server.url)
        begin(page, "set_out")
        scanned(page, case.patient_token, 0)
        left(page, 2, walk.words("{n} of {all}").format(n=0, all=2))
        expect(page.locator("[data-todo-list] li").first).to_contain_text("N1")
        expect(page.locator("[data-todo-list] li").first).to_contain_text(str(here.h.cabinet))
        walk.look("needs-1-set-out")
        scanned(page, here.scan("N1"), 1)
        left(page, 1, walk.words("{n} of {all}").format(n=1, all=2))
        scanned(page, case.patient_token, 0)
        done(walk, case.number)
        page.locator("[data-home]").click()
        begin(page, "use")
        scanned(page, case.patient_token, 0)
        left(page, 2, walk.words("{n} of {all}").format(n=0, all=2))
        ready = walk.words("Ready: {place}").format(place=here.h.department)
        expect(page.locator("[data-todo-list] li").first).to_contain_text(ready)
        walk.look("needs-2-use")


@WIDE
def test_a_vial_is_opened_used_and_thrown_away_by_scanning_alone(
    browser: Any, live_server: Any, room: Room, width: int
) -> None:
    here, case = room.here, room.case()
    ward_lot(here)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.nurse, "/scan")
        opened(page, live_server.url)
        begin(page, "open_piece")
        scanned(page, VIAL, 1)
        walk.look("opened-1-open")
        scanned(page, "YANJI:OK", 0)
        done(walk, "OP-")
        piece = OpenedPiece.objects.get()
        page.locator("[data-home]").click()
        used_in_a_case(page, walk, piece, case)
        used_without_the_network(page, piece)
        thrown_away(page, walk, piece)
    assert [part.amount for part in piece.taken.order_by("pk")] == [Decimal("1.5"), Decimal(2)]
    assert piece.taken.filter(case=case).count() == 1


def used_in_a_case(page: Page, walk: Walk, piece: OpenedPiece, case: Case) -> None:
    """It waits on the first page; its label, the wristband, and the amount typed with a comma; its label does it."""
    page.locator(f"[data-tasks] .h-task:has-text('{piece.number}')").click()
    expect(page.locator("[data-view=act]")).to_be_visible()
    scanned(page, case.patient_token, 0)
    expect(page.locator("[data-about]")).to_contain_text(case.patient_token)
    expect(page.locator("[data-about]")).to_contain_text("5 mL")
    expect(page.locator("[data-commit]")).to_be_disabled()
    amount = page.locator("[data-fact=amount]")
    amount.fill("1,5")
    amount.press("Enter")
    expect(page.locator("[data-commit]")).to_be_enabled()
    walk.look("opened-2-take")
    scanned(page, VIAL, 0)
    done(walk, piece.number)
    page.locator("[data-home]").click()


def used_without_the_network(page: Page, piece: OpenedPiece) -> None:
    cut_off(page)
    page.locator(f"[data-tasks] .h-task:has-text('{piece.number}')").click()
    expect(page.locator("[data-view=act]")).to_be_visible()
    scanned(page, "YANJI:AMOUNT:2", 0)
    page.locator("[data-commit]").click()
    waiting(page, 1)
    page.locator("[data-home]").click()
    connected(page)
    waiting(page, 0)
    expect(page.locator("[data-act][data-state=accepted]")).to_have_count(2 + 1)
    page.locator("[data-home]").click()


def thrown_away(page: Page, walk: Walk, piece: OpenedPiece) -> None:
    begin(page, "discard")
    scanned(page, piece.number, 0)
    expect(page.locator("[data-about]")).to_contain_text("1.5 mL")
    scanned(page, f"YANJI:REASON:waste:{min(known('waste'))}", 0)
    expect(page.locator("[data-commit]")).to_be_enabled()
    walk.look("opened-3-discard")
    scanned(page, piece.number, 0)
    done(walk, piece.number)
    piece.refresh_from_db()
    assert piece.state == "discarded"


def reason(group: str) -> str:
    return f"YANJI:REASON:{group}:{min(known(group))}"


@WIDE
def test_a_device_comes_out_and_is_handed_on_by_scanning_alone(
    browser: Any, live_server: Any, room: Room, width: int
) -> None:
    here, case, other = room.here, room.case(), room.case()
    pathology = place(Kind.DEPARTMENT, here.h.campus, name_en="Pathology")
    [epc] = room.units(1, serial="EX1")
    room.implanted(case, epc)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.nurse, "/scan")
        opened(page, live_server.url)
        begin(page, "explant")
        scanned(page, other.patient_token, 0)
        scanned(page, here.scan("EX1"), 1)
        # Another patient has it: that is said before anything is done.
        expect(page.locator("[data-scan-row][data-result=error]")).to_have_count(1)
        walk.look("theatre-1-not-in-this-patient")
        page.locator("[data-out]").click()
        expect(page.locator("[data-scan-row]")).to_have_count(0)
        page.locator("[data-home]").click()
        begin(page, "explant")
        scanned(page, case.patient_token, 0)
        scanned(page, here.scan("EX1"), 1)
        scanned(page, reason("explant"), 1)
        expect(page.locator("[data-commit]")).to_be_enabled()
        walk.look("theatre-2-explant")
        scanned(page, case.patient_token, 0)
        done(walk, case.number)
        page.locator("[data-home]").click()
        begin(page, "hand_on")
        scanned(page, here.scan("EX1"), 1)
        scanned(page, pathology.code, 1)
        carrier = page.locator("[data-fact=handed_to]")
        carrier.fill("Dr. Lin")
        carrier.press("Enter")
        expect(page.locator("[data-commit]")).to_be_enabled()
        walk.look("theatre-3-hand-on")
        scanned(page, pathology.code, 0)
        done(walk, "EX-")
    assert Handover.objects.get().to_place_id == pathology.pk


@WIDE
def test_what_nobody_received_is_used_first_by_scanning_alone(
    browser: Any, live_server: Any, room: Room, width: int
) -> None:
    here, case = room.here, room.case()
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.nurse, "/scan")
        opened(page, live_server.url)
        begin(page, "use_first")
        scanned(page, case.patient_token, 0)
        scanned(page, here.scan("EU1"), 1)
        scanned(page, reason("emergency"), 1)
        # Nobody has said a price: of whom it is, is one touch.
        expect(page.locator("[data-commit]")).to_be_disabled()
        page.locator("[data-seller]").select_option(str(here.h.supplier.pk))
        expect(page.locator("[data-commit]")).to_be_enabled()
        walk.look("theatre-4-first")
        scanned(page, case.patient_token, 0)
        done(walk, "EU-")
        room.price()
        # Where one alone sells it, nothing is to be chosen; without the network it is kept, and done once.
        cut_off(page)
        scanned(page, case.patient_token, 0)
        scanned(page, here.scan("EU2"), 1)
        scanned(page, reason("emergency"), 1)
        scanned(page, case.patient_token, 0)
        waiting(page, 1)
        connected(page)
        waiting(page, 0)
    assert EmergencyUse.objects.filter(case=case, order__supplier=here.h.supplier).count() == 2
