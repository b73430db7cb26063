"""No scan is lost: whatever the server's pace, whoever has the focus, and though the page goes away.

The server answers when it is told to, so that each moment is met on every machine.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.pages import leads_to
from tests.browser.wedge import brand_new, burst, context, rows, scan, sign_in, type_like_a_wedge
from tests.patience import PATIENCE_MS
from tests.web.flows.world import World, gtin, later, world
from yanji.catalog.models import Item
from yanji.flows.models import Receipt, ShipNotice
from yanji.ledger.api import unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIELD = "#y-scan-input"
UNSENT = "[data-scan-row][data-unsent]"


class Answers:
    """Requests to one address, which wait until they are let through."""

    def __init__(self, page: Page, address: str, method: str = "POST") -> None:
        self.page, self.method, self.waiting, self.free = page, method, list[Route](), False
        page.route(address, self._take)

    def _take(self, route: Route) -> None:
        if self.free or route.request.method != self.method:
            route.continue_()
        else:
            self.waiting.append(route)

    def come(self) -> None:
        """Let them through, and all that follow."""
        self.free = True
        for route in self.waiting:
            route.continue_()

    def asked(self, count: int = 1) -> None:
        """Wait until so many are waiting."""
        for _ in range(PATIENCE_MS // 10):
            if len(self.waiting) >= count:
                return
            self.page.wait_for_timeout(10)
        raise AssertionError(f"{len(self.waiting)} of {count} requests came")


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


@pytest.fixture
def page(browser: Any, live_server: Any, hospital: World) -> Iterator[Page]:
    opened = context(browser, 1920)
    page = opened.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    yield page
    opened.close()


@pytest.fixture
def clocked(browser: Any, live_server: Any, hospital: World) -> Iterator[Page]:
    """A page whose clock a test may stop; a clock stays with its context for good."""
    opened = brand_new(browser, 1920)
    page = opened.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    yield page
    opened.close()


@pytest.fixture
def receiving(page: Page, live_server: Any, hospital: World) -> int:
    """The page of an open order; its number."""
    order = hospital.order(9)
    page.goto(f"{live_server.url}/storeroom/receiving/{order}")
    return order


def serials(page: Page) -> list[str]:
    """The serials of the good rows, the latest first."""
    found = page.locator("[data-scan-row]:not([data-result=error])")
    return [
        str(key).rsplit("/", 1)[1] for key in found.evaluate_all("rows => rows.map(row => row.dataset.key)")
    ]


def test_scans_that_come_faster_than_the_answers(page: Page, receiving: int, hospital: World) -> None:
    answers = Answers(page, "**/scan")
    for serial in ("S1", "S2", "S3", "S4"):
        type_like_a_wedge(page, hospital.scan(serial))
    answers.asked()
    rows(page, 0)
    answers.come()
    rows(page, 4)
    assert serials(page) == ["S4", "S3", "S2", "S1"]


def test_scans_that_come_before_the_scripts(page: Page, live_server: Any, hospital: World) -> None:
    scripts = Answers(page, "**/scan*.js", "GET")
    page.goto(f"{live_server.url}/storeroom/receiving/{hospital.order(9)}", wait_until="commit")
    expect(page.locator(FIELD)).to_be_focused()
    for serial in ("S1", "S2"):
        type_like_a_wedge(page, hospital.scan(serial))
    scripts.come()
    rows(page, 2)
    expect(page.locator(FIELD)).to_have_value("")


def test_a_key_pressed_right_after_an_answer_is_meant_for_what_has_the_focus(
    clocked: Page, live_server: Any, hospital: World
) -> None:
    """With the page's clock stopped: nothing that is still to come may take the focus or make the button work."""
    page = clocked
    page.clock.install()
    page.goto(f"{live_server.url}/storeroom/receiving/{hospital.order(9)}")
    page.clock.pause_at("2100-01-01")
    scan(page, f"]d201{gtin()}17{later(300):%y%m%d}10LX\x1d21X77")
    adopt = page.locator("[data-result=error] [hx-post]")
    adopt.focus()
    page.keyboard.press("Enter")
    rows(page, 1)
    scan(page, f"]d201{gtin()}17{later(300):%y%m%d}10LX\x1d21X78")
    adopt.focus()
    page.clock.run_for(5_000)
    expect(adopt).to_be_focused()
    page.keyboard.press("Enter")
    rows(page, 2)
    expect(page.locator(FIELD)).to_be_focused()


def test_a_scan_that_begins_beside_the_field_stays_whole(page: Page, receiving: int, hospital: World) -> None:
    """The field must not take the second half."""
    page.locator("[data-scan-sound]").focus()
    burst(page, hospital.scan("S1"), halfway="document.querySelector('h1').click()")
    rows(page, 1)
    assert serials(page) == ["S1"]
    expect(page.locator(FIELD)).to_be_focused()


def test_a_busy_page_cuts_no_scan_in_two(page: Page, receiving: int, hospital: World) -> None:
    """Keys that were pressed quickly are one scan, however late the page gets round to the second half."""
    page.locator("[data-scan-sound]").focus()
    idle = "for (const end = performance.now() + 300; performance.now() < end;)"
    burst(page, hospital.scan("S1"), halfway=idle)
    rows(page, 1)
    assert serials(page) == ["S1"]


def test_a_scan_into_a_quantity_is_a_scan(page: Page, live_server: Any, hospital: World) -> None:
    counted = hospital.other
    Item.objects.filter(pk=counted.pk).update(tracking=Item.Tracking.LOT)
    page.goto(f"{live_server.url}/storeroom/receiving/{hospital.order(9, counted, hospital.item)}")
    scan(page, f"]d201{hospital.gtin(counted)}17{later(300):%y%m%d}10L77")
    quantity = page.locator("[data-scan-quantity]")
    quantity.fill("3")
    # The half that was typed into it is taken out again.
    burst(page, hospital.scan("S1"), halfway="document.activeElement.value = '301069'")
    rows(page, 2)
    expect(quantity).to_have_value("3")
    expect(page.locator(FIELD)).to_be_focused()


def test_a_scan_while_a_choice_or_a_note_has_the_focus_is_a_scan(
    page: Page, receiving: int, hospital: World
) -> None:
    scan(page, hospital.scan("S1"))
    verdict, note = page.locator("[data-scan-row] select").first, page.locator("input[name=reference]")
    verdict.focus()
    chosen = verdict.input_value()
    burst(page, hospital.scan("S2"))
    rows(page, 2)
    expect(verdict).to_have_value(chosen)
    note.fill("DN 7")
    note.focus()
    burst(page, hospital.scan("S3"), halfway="document.activeElement.value += '4930107'")
    rows(page, 3)
    expect(note).to_have_value("DN 7")
    assert sorted(serials(page)) == ["S1", "S2", "S3"]
    # The number of the delivery note itself is meant for its field.
    note.focus()
    burst(page, "DN20260042")
    assert page.locator(".y-scan.y-busy").count() == 0, "nothing is asked"


def test_a_form_waits_for_what_was_scanned(page: Page, receiving: int, hospital: World) -> None:
    scan(page, hospital.scan("S1"))
    answers = Answers(page, "**/scan")
    for serial in ("S2", "S3"):
        type_like_a_wedge(page, hospital.scan(serial))
    answers.asked()
    page.locator("[data-scan-submit]").press("Enter")
    answers.come()
    leads_to(page, "/storeroom/receipts/#")
    assert [line.accepted for line in Receipt.objects.get().lines.all()] == [3]


def test_a_form_is_not_sent_when_a_scan_it_waited_for_is_refused(
    page: Page, receiving: int, hospital: World
) -> None:
    scan(page, hospital.scan("S1"))
    answers = Answers(page, "**/scan")
    type_like_a_wedge(page, "]d201069012")
    answers.asked()
    page.locator("[data-scan-submit]").press("Enter")
    answers.come()
    expect(page.locator("[data-scan-row][data-result=error]")).to_have_count(1)
    expect(page.locator("[data-scan-submit]:not(.btn-loading)")).to_have_count(1)
    assert not Receipt.objects.exists()
    page.locator("[data-scan-remove]").first.press("Enter")
    page.locator("[data-scan-submit]").press("Enter")
    leads_to(page, "/storeroom/receipts/#")


def test_what_is_scanned_while_the_form_is_on_its_way_is_taken_by_the_next_page(
    page: Page, live_server: Any, hospital: World
) -> None:
    hospital.stocked("S1", "S2", "S3")
    page.goto(f"{live_server.url}/storeroom/put-away")
    scan(page, hospital.bins[0].code)
    scan(page, hospital.scan("S1"))
    form = Answers(page, "**/storeroom/put-away")
    for text in ("YANJI:OK", hospital.scan("S2"), hospital.scan("S3")):
        type_like_a_wedge(page, text)
    form.asked()
    form.come()
    rows(page, 2)
    assert serials(page) == ["S3", "S2"]
    assert unit_view(hospital.epc("S1")).place_id == hospital.bins[0].pk
    assert unit_view(hospital.epc("S2")).place_id == hospital.dock.pk


def test_what_a_page_left_unsent_is_offered_by_the_next(
    page: Page, live_server: Any, hospital: World
) -> None:
    hospital.stocked("S1", "S2")
    page.goto(f"{live_server.url}/storeroom/put-away")
    answers = Answers(page, "**/put-away/scan")
    for serial in ("S1", "S2"):
        type_like_a_wedge(page, hospital.scan(serial))
    answers.asked()
    page.goto(f"{live_server.url}/stock")
    page.goto(f"{live_server.url}/storeroom/put-away")
    expect(page.locator(UNSENT)).to_have_count(2)
    rows(page, 0)
    answers.come()
    for left in (1, 0):
        page.locator(f"{UNSENT} [data-scan-again]").last.press("Enter")
        expect(page.locator(UNSENT)).to_have_count(left)
        rows(page, 2 - left)
    assert serials(page) == ["S2", "S1"]


def test_what_one_person_left_unsent_is_not_shown_to_the_next(
    page: Page, live_server: Any, hospital: World
) -> None:
    page.goto(f"{live_server.url}/storeroom/put-away")
    Answers(page, "**/put-away/scan")
    type_like_a_wedge(page, "PT-20260812")
    sign_in(page, live_server.url, hospital.people["nurse"], "en")
    page.goto(f"{live_server.url}/ward/use")
    expect(page.locator(FIELD)).to_be_focused()
    expect(page.locator(UNSENT)).to_have_count(0)


@pytest.mark.parametrize("failure", [{"status": 500}, {"status": 403, "body": "stale"}, None])
def test_a_scan_that_the_server_did_not_take_is_kept(
    page: Page, receiving: int, hospital: World, failure: dict[str, Any] | None
) -> None:
    page.route("**/scan", lambda route: route.fulfill(**failure) if failure else route.abort())
    scan(page, hospital.scan("S1"))
    expect(page.locator(UNSENT)).to_have_count(1)
    page.unroute("**/scan")
    scan(page, hospital.scan("S2"))
    page.locator(f"{UNSENT} [data-scan-again]").press("Enter")
    rows(page, 2)
    expect(page.locator(UNSENT)).to_have_count(0)


def test_a_mistake_of_ours_over_one_scan_does_not_stop_the_next(
    page: Page, receiving: int, hospital: World
) -> None:
    page.evaluate(
        "() => { window.flash = Element.prototype.scrollIntoView; Element.prototype.scrollIntoView = null; }"
    )
    type_like_a_wedge(page, hospital.scan("S1"))
    expect(page.locator(UNSENT)).to_have_count(1)
    page.evaluate("() => { Element.prototype.scrollIntoView = window.flash; }")
    scan(page, hospital.scan("S2"))
    expect(page.locator("[data-scan-row]:not([data-result=error])[data-key$='/S2']")).to_have_count(1)


def test_items_scanned_faster_than_they_are_found(page: Page, live_server: Any, hospital: World) -> None:
    sign_in(page, live_server.url, hospital.people["buyer"], "en")
    page.goto(f"{live_server.url}/buyer/orders/new")
    page.focus("#y-picker-input")
    answers = Answers(page, "**/items*", "GET")
    for text in (hospital.gtin(), "no such item", hospital.gtin(hospital.other), hospital.gtin()):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    answers.asked()
    answers.come()
    expect(page.locator("[data-line]")).to_have_count(2)
    expect(page.locator("[data-line-quantity]").first).to_have_value("2")
    expect(page.locator("[data-picker-found]")).to_contain_text("no such item")


def test_a_ship_notice_waits_for_the_labels_being_read(page: Page, live_server: Any, hospital: World) -> None:
    sign_in(page, live_server.url, hospital.people["buyer"], "en")
    page.goto(f"{live_server.url}/buyer/orders/{hospital.order(3)}/notice")
    answers = Answers(page, "**/notice/read")
    page.locator("[data-row-next]").first.focus()
    for serial in ("S1", "S2"):
        type_like_a_wedge(page, hospital.scan(serial))
    answers.asked(2)
    page.locator("#notice .btn-primary").press("Enter")
    answers.come()
    expect(page.locator("#messages .y-message.y-ok")).to_be_visible()
    assert sorted(ShipNotice.objects.get().lines.values_list("serial", "lot")) == [
        ("S1", "L2409A"),
        ("S2", "L2409A"),
    ]


def test_a_slash_in_a_scan_is_no_command(page: Page, live_server: Any, hospital: World) -> None:
    """HIBC writes one between its halves."""
    page.goto(f"{live_server.url}/")
    burst(page, "+H123ABC01/$$3260101L1")
    page.wait_for_url("**/search?q=*")
    expect(page.locator("#y-search-input")).to_have_value("+H123ABC01/$$3260101L1")
