"""Two people, two browsers: what one does stands on the other's page, which nobody loads again."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, opened, settled
from tests.browser.wedge import Gallery, rows, scan
from tests.flows.site import Site, person
from tests.makers import place, unique
from yanji.flows.hold import hold
from yanji.ledger.api import Step, unit_view
from yanji.places.models import Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOLD = {"zh-hans": "已冻结", "en": "On hold"}
SIGN = ".y-live[data-live-sign=on]"


def manager(here: Site) -> Any:
    return person("manager", here.h.campus)


def fits(board: Any) -> None:
    """The whole page is on the wall: nothing of it runs over."""
    whole = board.locator("html")
    expect(whole).to_have_js_property("scrollHeight", WALL["height"])
    expect(whole).to_have_js_property("scrollWidth", WALL["width"])


@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "zh-hans"), (WALL, "en")], ids=["phone-zh", "wall-en"]
)
def test_a_scan_made_in_one_browser_stands_on_the_board_of_the_other(
    browser: Any, address: str, here: Site, size: dict[str, int], language: str
) -> None:
    [epc] = here.stocked(1)
    with (
        opened(browser, address, manager(here), size=size, language=language) as board,
        opened(browser, address, here.storekeeper, language="en") as desk,
    ):
        settled(desk, "/storeroom/hold")
        unit = board.context.new_page()
        for page, address_of in ((board, "/board"), (unit, f"/unit/{epc}")):
            page.goto(address_of)
            expect(page.locator(SIGN).first).to_be_visible()
            page.evaluate("window.loadedOnce = true")
        held = board.locator("#board .y-num").nth(5)
        picture = board.locator("#c-network[_echarts_instance_]")
        drawn = picture.get_attribute("_echarts_instance_")
        statuses = board.locator("#c-status")
        expect(statuses).not_to_contain_text(HOLD[language])
        expect(held).to_have_text("0")
        scan(desk, here.scan(epc.rpartition("/")[2]))
        rows(desk, 1)
        desk.select_option("#f-reason", "suspected")
        desk.locator("[data-scan-submit]").click()
        first = board.locator(".y-ticker li").first
        expect(first.locator(".y-tick-bad")).to_be_visible()
        expect(held).to_have_text("1")
        expect(unit.locator(".y-pill.y-bad").first).to_be_visible()
        expect(statuses).to_contain_text(HOLD[language])
        assert picture.get_attribute("_echarts_instance_") == drawn, (
            "it takes the new data, and is not drawn anew"
        )
        for page in (board, unit):
            assert page.evaluate("window.loadedOnce"), "nobody loaded it again"
        Gallery(f"{size['width']}-{language[:2]}").take(board, "live-board", whole=True)
        unit.close()
        entry = unit_view(epc)
        assert entry is not None
        first.locator("a").click()
        board.wait_for_url("**/event/*")
        assert entry.status == "quarantined"


def test_the_board_of_one_store_does_not_tell_of_another(browser: Any, address: str, here: Site) -> None:
    """The ticker of a board keeps to the place that the board looks at, and the wall screen shows nothing else."""
    far = place(Kind.STORE, here.h.campus)
    [epc] = here.stocked(1)
    with opened(browser, address, manager(here), size=WALL, language="en") as board:
        board.goto(f"/board?place={far.pk}&wall=1")
        expect(board.locator(SIGN).first).to_be_visible()
        board.get_by_role(
            "button", name="Network"
        ).click()  # and it stays: no view has its turn while this is looked at
        expect(board.locator(".y-side")).to_be_hidden()
        expect(board.locator("[data-live-ticker] [data-empty]")).to_be_visible()
        # Numbers are told, not fetched: they follow although what is fetched brings nothing.
        board.route("**/board?*", lambda route: route.fulfill(status=204))
        expect(board.locator("[data-figure=on-hand] .y-num")).to_have_text("0")
        hold(actor=here.keeper, key=unique("k"), things=[epc], reason="suspected")
        here.h.do(Step.PUT_AWAY, *here.stocked(1), to=far)
        expect(board.locator("[data-live-ticker] li")).to_have_count(1)
        expect(board.locator("[data-live-ticker] li").first).to_contain_text("Put away")
        expect(board.locator("[data-figure=on-hand] .y-num")).to_have_text("1")
        board.unroute("**/board?*")
        # All of it is on the screen, or has its turn.
        fits(board)
        network, short = board.locator("#c-network"), board.locator("#board-short")
        expect(network).to_be_visible()
        expect(short).to_be_hidden()
        for chosen, shown in (
            ("To be seen to", short),
            ("By campus and department", board.locator(".y-b-places")),
        ):
            board.get_by_role("button", name=chosen).click()
            expect(shown).to_be_visible()
            expect(network).to_be_hidden()
            fits(board)
        board.set_viewport_size(PHONE)
        expect(network).to_be_visible()
        expect(short).to_be_visible()
        board.set_viewport_size(WALL)
        board.get_by_text("Leave the wall screen").click()
        expect(board.locator(".y-side")).to_be_visible()


# A stream that says what the test tells it, and nothing else.
TOLD = """window.EventSource = class extends EventTarget {
    constructor() { super(); this.readyState = 1; window.stream = this; }
    close() {}
}"""
TELL = "([name, said]) => stream.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(said) }))"


def test_numbers_older_than_the_page_are_let_be_and_a_place_that_is_no_more_among_them_has_none(
    browser: Any, address: str, here: Site
) -> None:
    here.stocked(3)
    with opened(browser, address, manager(here), language="en") as board:
        board.add_init_script(TOLD)
        settled(board, "/board")
        on_hand = board.locator("[data-figure=on-hand] .y-num")
        store = board.locator(f"[data-figure=place-{here.h.store.pk}] b")
        expect(on_hand).to_have_text("3")
        newer = {"on-hand": ["7", "¥ 7"], "none": ["0", "¥ 0"]}
        board.evaluate(TELL, ["numbers", {"at": 10**9, "numbers": newer}])
        expect(on_hand).to_have_text("7")
        expect(store).to_have_text(["0", "¥ 0"])
        older = {**newer, "on-hand": ["1", "¥ 1"]}
        board.evaluate(TELL, ["numbers", {"at": -1, "numbers": older}])
        expect(on_hand).to_have_text("7")
        # After a pause the rest is fetched at once, however seldom it may be asked for.
        with board.expect_request(lambda sent: "y-live" in sent.headers):
            board.evaluate(TELL, ["message", {"lag": 0, "ease": 3600, "happened": []}])


@pytest.mark.parametrize("size", [PHONE, WALL], ids=["phone", "wall"])
def test_the_board_leads_to_the_units_behind_its_numbers(
    browser: Any, address: str, here: Site, size: dict[str, int]
) -> None:
    here.stocked(3)
    here.h.store.name_en = f"Central store of {'consumables and implants ' * 3}for the operating theatres"
    here.h.store.save()
    with opened(browser, address, manager(here), size=size, language="en") as board:
        settled(board, "/board")
        expect(board.locator("#board-short [aria-busy]")).to_have_count(0)
        for chart in ("c-network", "c-expiry", "c-status", "c-day"):
            expect(board.locator(f"#{chart} svg")).to_be_visible()
        # Of a long name a part is left out, never how much lies there.
        names = board.locator("#c-network text")
        expect(names.filter(has_text="…").first).to_be_visible()
        how_much = r"^Central store.*…\s+3$" if size == WALL else "^3$"
        expect(names.filter(has_text=re.compile(how_much)).first).to_be_visible()
        board.select_option("#f-place", label=f"\u2003{here.h.store.name_en}")
        board.wait_for_url("**/board?place=*")
        expect(board.locator("#c-network svg path[stroke-linejoin]")).not_to_have_count(
            0
        )  # level, so without height
        board.get_by_role("link", name="Moved today").click()
        board.wait_for_url("**/board/moved?*")
        expect(board.locator("tbody tr")).to_have_count(3)
        board.locator("tbody tr .y-code").first.click()
        board.wait_for_url("**/unit/**")
