"""A count on a phone, with a scanner alone, while the store works: shelf by shelf, surprises, an undo, the variances, the
posting - and the look of every page on the way, on a wall as on a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility, leads_to, turned
from tests.browser.walk import spoken, walking
from tests.browser.wedge import WIDE, Gallery, context, rows, scan, sign_in
from tests.flows.site import site
from tests.flows.theatre.room import Room
from tests.makers import unique
from tests.web.flows.world import World, later, world
from yanji.flows.counting.abc import classify
from yanji.flows.counting.models import Count, ItemClass
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted, request
from yanji.ledger.api import rebuild, unit_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WALKS = [("en", 390, "light"), ("zh-hans", 1920, "dark")]
SERIALS = [f"S{number:02d}" for number in range(1, 13)]


class Counting:
    """One storekeeper with a phone."""

    def __init__(self, page: Page, base: str, language: str, width: int, theme: str) -> None:
        self.page, self.base, self.hospital = page, base, world()
        self.language, self.theme = language, theme
        self.gallery = Gallery(f"count-{language[:2]}-{width}")
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        self.stock(self.hospital)

    def stock(self, hospital: World) -> None:
        hospital.stocked(*SERIALS, expiry=later(20))
        keeper = hospital.actor("storekeeper")
        shelved = [hospital.epc(serial) for serial in SERIALS]
        put_away(actor=keeper, key=unique("k"), things=shelved, to_place_id=hospital.bins[0].pk)
        classify(actor=keeper, key=unique("k"), campus_id=hospital.campus.pk)

    def look(self, name: str) -> None:
        """Finished to look at, for everybody."""
        self.gallery.take(self.page, name, whole=True)
        assert accessibility(self.page) == []

    def go(self, path: str) -> None:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)

    def label(self, serial: str) -> str:
        return self.hospital.scan(serial, expiry=later(20))


@pytest.fixture
def counting(browser: Any, live_server: Any, language: str, width: int, theme: str) -> Iterator[Counting]:
    opened = context(browser, width)
    yield Counting(opened.new_page(), live_server.url, language, width, theme)
    opened.close()


@pytest.mark.parametrize(("language", "width", "theme"), WALKS)
def test_a_store_is_counted_while_it_works(counting: Counting) -> None:
    sign_in(
        counting.page,
        counting.base,
        counting.hospital.people["storekeeper"],
        counting.language,
        counting.theme,
    )
    count = started(counting)
    one_shelf_is_scanned(counting)
    the_next_one_has_surprises(counting)
    the_differences_are_decided(counting)
    the_manager_looks_at_the_accuracy(counting)
    what_was_counted_is_so(counting, count)
    assert counting.troubles == []


def started(counting: Counting) -> Count:
    """From the plan to a count of the whole store."""
    page = counting.page
    counting.go("/storeroom/count/plan")
    expect(page.locator(".y-variances li")).to_have_count(1)
    counting.look("1-plan")
    counting.go("/storeroom/count")
    page.select_option("#f-place", str(counting.hospital.store.pk))
    counting.look("2-counts")
    page.locator("form .btn-primary").press("Enter")
    leads_to(page, "/storeroom/count/#")
    return Count.objects.latest("pk")


def one_shelf_is_scanned(counting: Counting) -> None:
    """Nine of its twelve; one of them twice, then taken back and scanned again."""
    page, shelf = counting.page, counting.hospital.bins[0].code
    scan(page, shelf)
    expect(page.locator("#chosen")).to_contain_text(shelf)
    for serial in SERIALS[:9]:
        scan(page, counting.label(serial))
    # However many are scanned, a few rows are enough.
    rows(page, 6)
    expect(page.locator(".y-count-number")).to_have_text("9")
    scan(page, counting.label(SERIALS[8]))
    expect(page.locator("[data-scan-says]")).not_to_be_empty()
    expect(page.locator(".y-count-number")).to_have_text("9")
    take_back = "Take the last one back" if counting.language == "en" else "撤回上一条"
    page.get_by_role("button", name=take_back).press("Enter")
    expect(page.locator(".y-count-number")).to_have_text("8")
    scan(page, counting.label(SERIALS[8]))
    page.locator("details summary").first.press("Enter")
    expect(page.locator("#totals .y-rows li")).to_have_count(1)


def the_next_one_has_surprises(counting: Counting) -> None:
    """One is picked meanwhile, one lies on the wrong shelf, and one code means nothing."""
    page = counting.page
    issue_one(counting.hospital, SERIALS[9])
    scan(page, counting.hospital.bins[1].code)
    scan(page, counting.label(SERIALS[10]))
    scan(page, "]d2not-a-code")
    expect(page.locator("[data-scan-row][data-result=error]")).to_have_count(1)
    expect(page.locator("[data-scan-row][data-result=warn]")).to_have_count(1)
    counting.look("3-scanning")
    page.locator("form[action$='/close'] button").press("Enter")
    leads_to(page, "/storeroom/count/#/variances")


def the_differences_are_decided(counting: Counting) -> None:
    page = counting.page
    # The one that was picked meanwhile is no variance; the one on the other shelf, the unknown code and the lost one are.
    expect(page.locator(".y-variances li")).to_have_count(3)
    counting.look("4-variances")
    page.locator("[data-tick-all]").check()
    page.select_option("#f-reason", "missing")
    with turned(page):
        page.locator("button[value=accept]").press("Enter")
    expect(page.locator("#messages .y-message.y-ok")).to_be_visible()
    page.locator("input[name=variance]:not([data-open])").last.check()
    with turned(page):
        page.locator("form[action$='/submit'] button").press("Enter")
    expect(page.locator("#messages .y-message.y-ok")).to_be_visible()
    counting.look("5-posted")


def the_manager_looks_at_the_accuracy(counting: Counting) -> None:
    sign_in(
        counting.page, counting.base, counting.hospital.people["manager"], counting.language, counting.theme
    )
    counting.go("/storeroom/count/accuracy")
    expect(counting.page.locator(".y-chart svg")).to_be_visible()
    counting.look("6-accuracy")


def what_was_counted_is_so(counting: Counting, count: Count) -> None:
    hospital = counting.hospital
    count.refresh_from_db()
    assert count.state == "posted"
    states = [unit_view(hospital.epc(serial)) for serial in SERIALS]
    assert [view.status for view in states] == ["available"] * 9 + ["picked", "available", "lost"]
    assert states[10].place_id == hospital.bins[1].pk
    assert rebuild() == []


@WIDE
def test_what_is_due_is_counted_by_the_class_of_its_item(browser: Any, live_server: Any, width: int) -> None:
    """What was used makes its item an A, which the plan says is due; once counted it is not due any more."""
    here = site()
    room = Room(here)
    room.use(room.case(), *room.units(1))
    epcs = here.stocked(3)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(here.storekeeper, f"/storeroom/count/plan?place_id={here.h.store.pk}")
        with turned(page):
            walk.press("Compute classes anew")
        said = "Classes computed: %(a)s in A, %(b)s in B, %(c)s in C; what was never used is C."
        walk.says(said, a=1, b=0, c=0)
        assert ItemClass.objects.get().abc == "A"
        due = page.locator(".y-variances li", has_text=here.h.item.code)
        expect(due.locator(".y-pill").first).to_have_text("A")
        expect(due.locator(".y-why")).to_contain_text(walk.words("Never counted here"))
        expect(due.get_by_role("checkbox")).to_be_checked()
        walk.look("due-1-classes")
        walk.press("Count what is ticked")
        leads_to(page, "/storeroom/count/#")
        for number, epc in enumerate(epcs, 1):
            scan(page, here.scan(epc.rpartition("/")[2]))
            rows(page, number)
        walk.press("All is counted")
        leads_to(page, "/storeroom/count/#/variances")
        with turned(page):
            walk.press("Finish and post")
        count = Count.objects.get()
        assert (count.mode, count.state, count.item_ids) == ("cycle", "posted", [here.h.item.pk])
        walk.go(f"/storeroom/count/plan?place_id={here.h.store.pk}")
        expect(due.get_by_role("checkbox")).not_to_be_checked()
        walk.look("due-2-counted")


def issue_one(hospital: World, serial: str) -> None:
    """The store goes on working: somebody picks one that has not been counted yet."""
    wanted = request(
        actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 1)],
    )  # fmt: skip
    pick(
        actor=hospital.actor("storekeeper"), key=unique("p"), requisition_id=wanted.id,
        things=[hospital.epc(serial)],
    )  # fmt: skip
