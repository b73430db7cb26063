"""What the scan page tells where one looks: of an open basket, of rows that stand in the way, of what a device alone knows to be
missing, of a case without a list."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility
from tests.browser.test_handheld import begin, opened, scanned
from tests.browser.test_handheld_flows import cut_off
from tests.browser.test_handheld_meant import takes, typed, vial
from tests.browser.test_handheld_offline import waiting
from tests.browser.test_scanning import Answers
from tests.browser.walk import Walk, spoken, walking
from tests.browser.wedge import WIDE, a_breath_later, type_like_a_wedge
from tests.flows.site import site
from tests.flows.theatre.room import Room
from tests.web.flows.world import World, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


@WIDE
def test_an_open_basket_and_a_red_row_are_told_where_one_looks(
    browser: Any, live_server: Any, hospital: World, width: int
) -> None:
    hospital.stocked("T1", "T2")
    shelf = hospital.bins[0].code
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(hospital.people["storekeeper"], "/scan")
        opened(page, live_server.url)
        name = page.locator("[data-flow=put_away]").inner_text()
        begin(page, "put_away")
        scanned(page, hospital.scan("T1"), 1)
        page.locator("[data-home]").click()
        expect(page.locator("[data-open-text]")).to_have_text(
            walk.words("{act}: one row in the basket").format(act=name)
        )
        # Below the tiles nothing is out of sight, and what comes next says where it went.
        page.locator("[data-leave] button").scroll_into_view_if_needed()
        page.locator("[data-flow=look]").click()
        expect(page.locator(".h-toast.y-warn")).to_contain_text(name)
        expect(page.locator(".h-toast.y-warn")).to_be_in_viewport(ratio=1)
        expect(page.locator("[data-open-basket]")).to_be_in_viewport(ratio=1)
        walk.look("told-1-basket-first")
        a_breath_later(page)
        type_like_a_wedge(page, hospital.scan("T2"))
        said = walk.words("Into “{act}”: {said}").format(act=name, said="")
        expect(page.locator(".h-toast.y-ok")).to_contain_text(said)
        red_row(page, walk, shelf)
        emptied(page, walk)


def red_row(page: Page, walk: Walk, shelf: str) -> None:
    """Two good ones are two, and the shelf twice says why nothing comes of it."""
    button, rows = page.locator("[data-commit]"), page.locator("[data-basket] [data-scan-row]")
    expect(rows).to_have_count(2)
    for _twice in range(2):  # and what nobody can read is one row, too
        scanned(page, "NOBODY-KNOWS-IT", 3)
    expect(page.locator(".h-toast.y-warn")).to_be_visible()
    scanned(page, shelf, 3)
    expect(page.locator("[data-about]")).to_contain_text(shelf)
    in_the_way = walk.words("One row cannot be done: take it out, or put it right.")
    expect(page.locator("[data-says]")).to_have_text(in_the_way)
    scanned(page, shelf, 3)
    expect(page.locator(".h-toast.y-error")).to_have_text(in_the_way)
    expect(button).to_contain_text("2")
    expect(button).to_be_disabled()
    assert accessibility(page) == []
    walk.look("told-2-red-row")


def emptied(page: Page, walk: Walk) -> None:
    """Asked on the page; of what was emptied nothing is left on the view behind."""
    page.locator("[data-home]").click()
    page.locator("[data-empty-basket]").click()
    expect(page.locator("[data-question-text]")).to_contain_text("3")
    expect(page.locator("[data-question]")).to_be_in_viewport(ratio=1)
    assert accessibility(page) == []
    walk.look("told-3-emptying")
    page.locator("[data-question] button").first.click()
    expect(page.locator("[data-open-basket]")).to_be_hidden()
    expect(page.locator("[data-about] span")).to_have_count(0)
    expect(page.locator("[data-basket] li")).to_have_count(0)


@pytest.fixture
def room(transactional_db: None) -> Room:
    return Room(site())


def test_a_device_alone_asks_for_what_an_act_must_be_told(browser: Any, live_server: Any, room: Room) -> None:
    """Hours later it could only be refused. What was taken is told with what is left."""
    piece = vial(room.here)
    with walking(browser, live_server.url, 390, "en") as walk:
        page = walk.as_(room.here.nurse, "/scan")
        opened(page, live_server.url)
        takes(page, piece)
        typed(page, "1.5")
        expect(page.locator("[data-commit]")).to_be_enabled()
        scanned(page, piece.number, 0)
        expect(page.locator(".h-toast.y-ok")).to_contain_text("Taken: 1.5 mL; left: 3.5 mL")
        page.locator("button[data-state]").click()
        expect(page.locator("[data-act] [data-became]").first).to_contain_text("Taken: 1.5 mL")
        walk.look("told-4-taken")
        page.locator("[data-home]").click()
        expect(page.locator("[data-view=home]")).to_be_visible()
        cut_off(page)
        for flow, asked in (("take", "Type how much is taken"), ("discard", "Choose why")):
            begin(page, flow)
            scanned(page, piece.number, 0)
            expect(page.locator("[data-says]")).to_contain_text(asked)
            scanned(page, piece.number, 0)
            expect(page.locator(".h-toast.y-warn")).to_contain_text(asked)
            expect(page.locator("[data-commit]")).to_be_disabled()
            waiting(page, 0)
            page.locator("[data-home]").click()


def test_a_case_without_a_list_says_that_there_is_none(browser: Any, live_server: Any, room: Room) -> None:
    case = room.case()
    with walking(browser, live_server.url, 390, "zh-hans") as walk:
        page = walk.as_(room.here.nurse, "/scan")
        opened(page, live_server.url)
        begin(page, "use")
        scanned(page, case.patient_token, 0)
        expect(page.locator("[data-todo-said]")).to_have_text(
            walk.words("No list of needs was made for this case.")
        )
        walk.look("told-5-no-list")


def test_what_waits_breathes_where_it_will_stand_until_it_is_known(
    browser: Any, live_server: Any, hospital: World
) -> None:
    hospital.order(3)
    with walking(browser, live_server.url, 390, "en") as walk:
        page = walk.as_(hospital.people["storekeeper"], "/scan")
        opened(page, live_server.url)
        answers = Answers(page, "**/handheld/today", "GET")
        page.reload(wait_until="commit")
        waits = page.locator("[data-tasks]")
        expect(waits.locator(".y-skeleton:visible")).to_have_count(3)
        expect(waits).to_have_attribute("aria-busy", "true")
        answers.asked()
        answers.come()
        expect(waits.locator(".h-task:visible")).to_have_count(1)
        expect(page.locator("[data-tasks][aria-busy], [data-tasks] .y-skeleton")).to_have_count(0)
