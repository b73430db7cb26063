"""What the basket of the scan page keeps, and what it does not carry on: scans that came while the server was silent, numbers
that no label stands for, reasons whose thing is gone, and each of what was parted by itself."""

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility
from tests.browser.test_handheld import DRAFTS, begin, opened, place_of, scanned
from tests.browser.test_handheld_flows import connected, cut_off
from tests.browser.test_handheld_offline import waiting
from tests.browser.test_scanning import Answers
from tests.browser.walk import spoken, walking
from tests.browser.wedge import (
    WIDE,
    Gallery,
    brand_new,
    burst,
    no_sideways_scrolling,
    sign_in,
    type_like_a_wedge,
)
from tests.flows.site import Site, site
from tests.makers import place, unique
from tests.web.flows.world import World, world
from yanji.catalog.models import ItemCode
from yanji.flows.counting.count import start_count
from yanji.flows.counting.models import CountScan
from yanji.flows.models import PurchaseOrder
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted, request
from yanji.ledger.api import on_hand
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PIECE, BOX, EXPIRY = "06901234500028", "16901234500025", date(2049, 12, 31)


def label(code: str) -> str:
    return f"]d201{code}17{EXPIRY:%y%m%d}10B1"


@pytest.fixture
def boxed(transactional_db: None) -> Site:
    """Forty pieces of a counted lot, with a label on each piece and one on each box of ten."""
    here = site()
    for code, level, pieces in ((PIECE, "unit", 1), (BOX, "case", 10)):
        ItemCode.objects.create(issuer="GS1", code=code, item=here.counted, level=level, quantity=pieces)
    here.stocked_lot(40, expiry=EXPIRY)
    return here


@WIDE
def test_a_number_that_no_label_stands_for_is_refused(
    browser: Any, live_server: Any, boxed: Site, width: int
) -> None:
    """Boxes and pieces of one lot are rows of their own; fifteen are no boxes of ten, and nothing is booked so."""
    shelf = place(Kind.BIN, boxed.h.store)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(boxed.storekeeper, "/scan")
        opened(page, live_server.url)
        begin(page, "put_away")
        scanned(page, label(BOX), 1)
        scanned(page, label(PIECE), 2)
        scanned(page, label(BOX), 2)
        expect(pieces_of(page)).to_have_count(2)
        boxes, single = pieces_of(page).nth(0), pieces_of(page).nth(1)
        expect(boxes).to_have_value("20")
        expect(single).to_have_value("1")
        # Still being written when the shelf is scanned: the shelf is kept, and the number stands in the way.
        boxes.click()
        boxes.fill("15")
        burst(page, shelf.code)
        expect(page.locator("[data-about]")).to_contain_text(shelf.code)
        it_says(page, "15", "10", "20")
        scanned(page, shelf.code, 2)
        it_says(page, "15", "10", "20")
        assert accessibility(page) == []
        no_sideways_scrolling(page)
        walk.look("basket-1-no-boxes")
        single.click()
        single.fill("0")
        single.press("Enter")
        expect(page.locator("[data-pieces][aria-invalid]")).to_have_count(2)
        single.fill("3")
        single.press("Enter")
        boxes.fill("30")
        boxes.press("Enter")
        expect(page.locator("[data-pieces][aria-invalid]")).to_have_count(0)
        expect(page.locator("[data-commit]")).to_contain_text("33")
        page.locator("[data-commit]").click()
        expect(page.locator(".h-toast.y-ok")).to_be_visible()
    left = {row.place_id: int(row.quantity) for row in on_hand(paths=["/"], by=("place",))}
    assert left == {boxed.h.store.pk: 7, shelf.pk: 33}


def test_a_box_of_an_open_order_is_a_box_without_a_network_too(
    browser: Any, live_server: Any, boxed: Site
) -> None:
    """Fifteen that are written of it would be fifteen boxes to the server."""
    boxed.order((boxed.counted, 40))
    with walking(browser, live_server.url, 390, "en") as walk:
        page = walk.as_(boxed.storekeeper, "/scan")
        opened(page, live_server.url)
        begin(page, "receive")
        cut_off(page)
        scanned(page, label(BOX), 1)
        expect(pieces_of(page)).to_have_value("10")
        pieces_of(page).click()
        pieces_of(page).fill("15")
        pieces_of(page).press("Enter")
        it_says(page, "15", "10", "20")
        pieces_of(page).fill("20")
        pieces_of(page).press("Enter")
        expect(page.locator("[data-commit]")).to_contain_text("20")
        expect(page.locator("[data-pieces][aria-invalid]")).to_have_count(0)


def pieces_of(page: Page) -> Any:
    return page.locator("[data-pieces]:visible")


def it_says(page: Page, *numbers: str) -> None:
    """What was written, and what may be, beside its row and above the button, which books nothing."""
    for said in (
        page.locator("[data-scan-row][data-result=error] [data-notes]"),
        page.locator("[data-says]"),
    ):
        for number in numbers:
            expect(said).to_contain_text(number)
    expect(page.locator("[data-commit]")).to_be_disabled()


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


def in_basket(page: Page) -> list[str]:
    """What lies in the basket as the device keeps it."""
    return [scan["text"] for draft in page.evaluate(DRAFTS) for scan in draft["scans"]]


def test_a_scan_beside_an_open_basket_is_kept_before_it_is_asked(
    browser: Any, live_server: Any, hospital: World
) -> None:
    """On the first view it may be another paper's number, which only the server knows: the page may go away before it says so."""
    hospital.stocked("P1")
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    begin(page, "put_away")
    scanned(page, hospital.scan("P1"), 1)
    page.locator("[data-home]").click()
    expect(page.locator("[data-open-basket]")).to_be_visible()
    answers = Answers(page, "**/handheld/tasks")
    type_like_a_wedge(page, "WHAT-IS-THIS")
    answers.asked()
    page.close()
    page = session.new_page()
    opened(page, live_server.url)
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(2)
    assert in_basket(page) == [hospital.scan("P1"), "WHAT-IS-THIS"]
    session.close()


def test_a_paper_without_things_is_no_open_basket(browser: Any, live_server: Any, hospital: World) -> None:
    """Nothing would be lost with it, nor with what was only looked up: the next paper is begun without a question."""
    hospital.stocked("N1")
    hospital.order()
    hospital.order()
    first, second = [
        request(
            actor=hospital.actor("nurse"), key=unique("k"), department_id=hospital.department.pk,
            store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 1)],
        )
        for _ in range(2)
    ]  # fmt: skip
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    the_most_urgent_first(page)
    begin(page, "look")
    scanned(page, hospital.scan("N1"), 1)
    page.locator("[data-home]").click()
    begin(page, "pick")
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(0)
    scanned(page, first.number, 0)
    expect(page.locator("[data-about]")).to_contain_text(first.number)
    page.locator("[data-home]").click()
    expect(page.locator("[data-view=home]")).to_be_visible()
    expect(page.locator("[data-open-basket]")).to_be_hidden()
    type_like_a_wedge(page, second.number)
    expect(page.locator("[data-about]")).to_contain_text(second.number)
    expect(page.locator("[data-question]")).to_be_hidden()
    # The arrow in the same breath as a thing: the thing is kept, and the basket is open.
    answers = Answers(page, "**/handheld/readings")
    type_like_a_wedge(page, hospital.scan("N1"))
    answers.asked()
    page.locator("[data-home]").click()
    answers.come()
    expect(page.locator("[data-open-basket]")).to_be_visible()
    assert in_basket(page) == [hospital.scan("N1")]
    session.close()


def the_most_urgent_first(page: Page) -> None:
    """What waits stands above the acts, three of it, the picks before the orders; one touch shows the rest."""
    tasks, acts = page.locator("[data-tasks] .h-task"), page.locator("[data-flow=pick]")
    label = acts.get_attribute("data-label") or ""
    expect(tasks.locator("[data-kind]:visible")).to_have_text([label, label, "Receive"])
    Gallery("en-390-light").take(page, "basket-2-waits", whole=True)
    where = [found.bounding_box() for found in (tasks.first, acts)]
    assert all(where)
    first, act = (box["y"] for box in where if box)
    assert first < act
    page.locator("[data-tasks-more]").click()
    expect(page.locator("[data-tasks] .h-task:visible")).to_have_count(4)
    expect(page.locator("[data-tasks-more]")).to_be_hidden()


def test_a_reason_goes_with_its_thing(browser: Any, live_server: Any, hospital: World) -> None:
    """Said of a row that is taken out in the same breath, before or after, it is never said of another."""
    ordered = PurchaseOrder.objects.get(pk=hospital.order())
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    begin(page, "receive")
    scanned(page, ordered.number, 0)
    for number, serial in enumerate(("R1", "R2", "R3"), 1):
        scanned(page, hospital.scan(serial), number)
    rows = page.locator("[data-basket] [data-scan-row]")
    for serial, first in (("R2", "reason"), ("R3", "out")):
        row = rows.filter(has_text=f"Serial {serial}")
        row.locator("[data-reasons] summary").first.click()
        touches = {"reason": row.locator("[data-choices] .btn").first, "out": row.locator("[data-out]")}
        answers = Answers(page, "**/handheld/readings")
        touches.pop(first).click()
        answers.asked()
        [then] = touches.values()
        then.click()
        answers.come()
        expect(row).to_have_count(0)
    expect(rows).to_have_count(1)
    expect(rows.locator("[data-said]")).to_be_hidden()
    expect(page.locator("[data-commit]")).to_be_enabled()
    assert in_basket(page) == [ordered.number, hospital.scan("R1")]
    session.close()


def test_shelves_go_on_being_ticked_off_without_a_network(
    browser: Any, live_server: Any, hospital: World
) -> None:
    """What was counted and waits is counted, also after the page was opened again; sent, it is no more and no less."""
    units, shelves = hospital.stocked("S1", "S2"), hospital.bins
    keeper = hospital.actor("storekeeper")
    for epc, shelf in zip(units, shelves, strict=True):
        put_away(actor=keeper, key=unique("k"), things=[epc], to_place_id=shelf.pk)
    count = start_count(actor=keeper, key=unique("k"), place_id=hospital.store.pk)
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    type_like_a_wedge(page, count.number)
    ticked(page, 0)
    cut_off(page)
    for number, (serial, shelf) in enumerate(zip(("S1", "S2"), shelves, strict=True), 1):
        scanned(page, shelf.code, 0)
        scanned(page, hospital.scan(serial), 1)
        ticked(page, number)
        page.locator("[data-commit]").click()
        waiting(page, number)
        ticked(page, number)
    page.reload()
    expect(page.locator("[data-hand][data-ready]")).to_have_count(1)
    ticked(page, 2)
    connected(page)
    waiting(page, 0)
    assert CountScan.objects.filter(count_id=count.id, verdict="right").count() == 2
    session.close()


def ticked(page: Page, shelves: int) -> None:
    expect(page.locator("[data-todo-said]")).to_have_text(re.compile(rf"^{shelves} of \d+ shelves$"))


def test_each_of_what_was_parted_waits_by_itself(browser: Any, live_server: Any, hospital: World) -> None:
    """What nothing stands against is done together; of the rest each says what it is and why, and is settled alone."""
    units, shelf = hospital.stocked("Q1", "Q2"), hospital.bins[0]
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    begin(page, "put_away")
    cut_off(page)
    given = [hospital.scan("Q1"), "NOBODY-1", hospital.scan("Q2"), "NOBODY-2"]
    for number, text in enumerate(given, 1):
        scanned(page, text, number)
    scanned(page, shelf.code, 4)
    page.locator("[data-commit]").click()
    waiting(page, 1)
    connected(page)
    waiting(page, 0)
    expect(page.locator("button[data-state][data-refused='2']")).to_have_count(1)
    cards = page.locator("[data-act]")
    expect(cards).to_have_count(3)
    done = page.locator("[data-act][data-state=accepted] [data-what]").first
    expect(done).to_have_text(re.compile(r"Q1\s.*Q2$", re.DOTALL))
    for own, other in (("NOBODY-1", "NOBODY-2"), ("NOBODY-2", "NOBODY-1")):
        card = page.locator("[data-act][data-state=refused]").filter(has_text=own)
        expect(card).to_have_count(1)
        expect(card).not_to_contain_text(other)
        expect(card.locator("[data-why]")).not_to_be_empty()
    first = page.locator("[data-act][data-state=refused]").filter(has_text="NOBODY-1")
    first.locator("textarea").fill("Somebody's lunch box")
    first.locator("[data-dropped]").click()
    expect(page.locator("[data-act][data-state=settled]")).to_contain_text("NOBODY-1")
    expect(page.locator("[data-act][data-state=refused]")).to_contain_text("NOBODY-2")
    assert [place_of(epc) for epc in units] == [shelf.pk, shelf.pk]
    session.close()
