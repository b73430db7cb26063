"""A storekeeper counts, sends, takes in and scraps by scanning alone, on a phone, with the network gone in between: each scan is
kept once."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility
from tests.browser.test_handheld import begin, opened, place_of, says, scanned
from tests.browser.test_handheld_offline import waiting
from tests.browser.wedge import Gallery, brand_new, burst, no_sideways_scrolling, sign_in, type_like_a_wedge
from tests.makers import place, unique
from tests.web.flows.world import World, world
from yanji.flows.counting.count import close_count, start_count
from yanji.flows.counting.models import CountScan
from yanji.flows.disposal.models import Disposal
from yanji.flows.handheld.models import SentAct
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted
from yanji.flows.transfer.models import Transfer, TransferDifference
from yanji.flows.transfer.request import ask_transfer
from yanji.places.models import Kind, Place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


def cut_off(page: Page) -> None:
    page.route("**/api/v1/handheld/**", lambda route: route.abort())


def connected(page: Page) -> None:
    """The network is back, and what waits goes."""
    page.unroute("**/api/v1/handheld/**")
    page.locator("button[data-state]").click()
    page.locator("[data-send-now]").click()


def looked_at(page: Page, gallery: Gallery, name: str) -> None:
    assert accessibility(page) == []
    no_sideways_scrolling(page)
    gallery.take(page, name, whole=True)


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_a_storekeeper_counts_by_scanning_alone(
    browser: Any, live_server: Any, hospital: World, language: str, theme: str
) -> None:
    [shelved, _away] = hospital.stocked("C1", "C2")
    shelf, other = hospital.bins
    keeper, key = hospital.actor("storekeeper"), unique
    put_away(actor=keeper, key=key("k"), things=[shelved], to_place_id=shelf.pk)
    first, second = (start_count(actor=keeper, key=key("k"), place_id=hospital.store.pk) for _ in range(2))
    gallery = Gallery(f"{language[:2]}-390-{theme}")
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], language, theme)
    opened(page, live_server.url)
    looked_at(page, gallery, "flows-1-home")
    type_like_a_wedge(page, first.number)
    scanned(page, shelf.code, 0)
    scanned(page, hospital.scan("C1"), 1)
    scanned(page, hospital.scan("C2"), 2)
    # Carried to where it belongs, and scanned there: it lies there.
    scanned(page, other.code, 2)
    scanned(page, hospital.scan("C2"), 2)
    expect(page.locator("[data-scan-row] [data-where]").first).to_have_text(other.name)
    expect(page.locator("[data-scan-row][data-result=warn]")).to_have_count(1)
    scanned(page, "NOBODY-KNOWS-IT", 3)
    looked_at(page, gallery, "flows-2-count")
    scanned(page, other.code, 0)
    says(page, first.number)
    kept = CountScan.objects.filter(count_id=first.id).order_by("pk")
    assert [(row.verdict, row.place_id) for row in kept] == [
        ("right", shelf.pk), ("shelf", other.pk), ("unknown", other.pk)
    ]  # fmt: skip
    page.locator("[data-home]").click()
    # Without the network: what is scanned is kept, and goes once; one count was closed meanwhile, and says so.
    cut_off(page)
    for count in (first, second):
        page.locator(f"[data-tasks] .h-task:has-text('{count.number}')").click()
        expect(page.locator("[data-view=act]")).to_be_visible()
        scanned(page, shelf.code, 0)
        scanned(page, hospital.scan("C2" if count is first else "C1"), 1)
        page.locator("[data-commit]").click()
        # Kept before it is left: a basket with something in it stays open behind the first page.
        expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(0)
        page.locator("[data-home]").click()
    waiting(page, 2)
    close_count(actor=keeper, key=key("k"), count_id=second.id)
    connected(page)
    waiting(page, 0)
    card = page.locator("[data-act][data-state=refused]")
    expect(card).to_have_count(1)
    expect(card).to_contain_text(second.number)
    looked_at(page, gallery, "flows-3-sent")
    assert [scan.place_id for scan in kept.all()][3:] == [shelf.pk]
    assert not CountScan.objects.filter(count_id=second.id).exists()
    session.close()


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_a_load_is_sent_taken_in_and_scrapped_by_scanning_alone(
    browser: Any, live_server: Any, hospital: World, language: str, theme: str
) -> None:
    epcs = hospital.stocked("T1", "T2", "T3")
    far = place(Kind.STORE, hospital.campus)
    shelf = place(Kind.BIN, far)
    keeper = hospital.actor("storekeeper")
    gallery = Gallery(f"{language[:2]}-390-{theme}")
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], language, theme)
    opened(page, live_server.url)
    # Asked for since the page was opened: a number that it does not list opens its act all the same.
    asked = ask_transfer(
        actor=keeper, key=unique("k"), source_id=hospital.store.pk, destination_id=far.pk,
        lines=[Wanted(hospital.item.pk, 2)],
    )  # fmt: skip
    transfer = Transfer.objects.get(pk=asked.id)
    picks(page, hospital, transfer, gallery, "1 / 2" if language == "zh-hans" else "1 of 2")
    page.locator("[data-home]").click()
    expect(page.locator("#y-scan-input")).to_be_focused()
    comes_up(page, transfer.number, "ship")
    type_like_a_wedge(page, transfer.number)
    carrier = page.locator("[data-fact=handed_to]")
    carrier.click()
    page.keyboard.type("Van 7", delay=100)
    page.wait_for_timeout(100)
    # The scanner comes into the hand with the carrier's field still open: nothing that is scanned becomes the carrier.
    for number, text in enumerate((hospital.scan("T1"), "NOBODY-KNOWS-IT"), 1):
        carrier.focus()
        burst(page, text, halfway="document.activeElement.value += text")
        expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(number)
    page.locator("[data-out]").first.click()
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(1)
    expect(carrier).to_have_value("Van 7")
    scanned(page, hospital.scan("T2"), 2)
    expect(page.locator("[data-commit]")).to_be_enabled()
    looked_at(page, gallery, "flows-4-send")
    page.locator("[data-commit]").click()
    says(page, transfer.number)
    assert transfer.shipments.get().handed_to == "Van 7"
    page.locator("[data-home]").click()
    expect(page.locator("#y-scan-input")).to_be_focused()
    takes_in(page, hospital, transfer, shelf, gallery)
    assert [place_of(epc) for epc in epcs[:2]] == [shelf.pk, far.pk]
    kinds = TransferDifference.objects.filter(transfer=transfer).values_list("kind", "thing")
    assert sorted(kinds) == [("held", epcs[1]), ("unexpected", epcs[2])]
    scraps(page, hospital, gallery)
    paper = Disposal.objects.get()
    assert [line.unit.epc for line in paper.lines.all()] == [epcs[2]]
    assert SentAct.objects.exclude(state="accepted").count() == 0
    session.close()


def picks(page: Page, hospital: World, transfer: Transfer, gallery: Gallery, one_of_two: str) -> None:
    """The paper says what to take where, and how much of it is done; it stays in hand until nothing is left."""
    type_like_a_wedge(page, transfer.number)
    left = page.locator("[data-todo-list] li")
    expect(left.locator("[data-left]")).to_have_text("× 2")
    expect(left.locator("[data-place]")).not_to_be_empty()
    scanned(page, hospital.scan("T1"), 1)
    expect(left.locator("[data-left]")).to_have_text("× 1")
    looked_at(page, gallery, "flows-7-pick")
    # Without the network as well: what waits to be sent is not picked once more.
    page.route("**/handheld/acts", lambda route: route.abort())
    scanned(page, transfer.number, 0)
    waiting(page, 1)
    expect(page.locator("[data-todo-said]")).to_contain_text(one_of_two)
    expect(left.locator("[data-left]")).to_have_text("× 1")
    # One is left: the paper stays in hand, when the page is opened again, too, and its list says which.
    page.reload()
    expect(page.locator("[data-hand][data-ready]")).to_have_count(1)
    expect(page.locator("[data-todo-said]")).to_contain_text(one_of_two)
    scanned(page, hospital.scan("T2"), 1)
    expect(left).to_have_count(0)
    scanned(page, transfer.number, 0)
    waiting(page, 2)
    expect(page.locator("[data-todo]")).to_be_hidden()
    page.unroute("**/handheld/acts")
    page.locator("button[data-state]").click()
    page.locator("[data-send-now]").click()
    waiting(page, 0)
    expect(page.locator("[data-act][data-state=accepted]")).to_have_count(2)


def comes_up(page: Page, number: str, flow: str) -> None:
    """What is to be done next with a paper stands in the list, which comes after the answer to the act before."""
    label = page.locator(f'[data-flow="{flow}"]').get_attribute("data-label") or ""
    task = page.locator("[data-tasks] .h-task", has_text=number)
    expect(task.locator("[data-kind]")).to_have_text([label])


def takes_in(page: Page, hospital: World, transfer: Transfer, shelf: Place, gallery: Gallery) -> None:
    """What came sound with one thing that nobody sent, and what is damaged; both without the network, and sent once."""
    comes_up(page, transfer.number, "arrive")
    type_like_a_wedge(page, transfer.number)
    scanned(page, shelf.code, 0)
    scanned(page, hospital.scan("T1"), 1)
    scanned(page, hospital.scan("T3"), 2)
    expect(page.locator("[data-scan-row][data-result=warn]")).to_have_count(1)
    looked_at(page, gallery, "flows-5-take-in")
    cut_off(page)
    page.locator("[data-commit]").click()
    waiting(page, 1)
    page.locator("[data-home]").click()
    expect(page.locator("#y-scan-input")).to_be_focused()
    type_like_a_wedge(page, transfer.number)
    page.locator("[data-reason]").select_option("damaged_on_way")
    scanned(page, hospital.scan("T2"), 1)
    page.locator("[data-commit]").click()
    waiting(page, 2)
    connected(page)
    waiting(page, 0)
    expect(page.locator("[data-act][data-state=accepted]")).to_have_count(5)
    page.locator("[data-home]").click()


def scraps(page: Page, hospital: World, gallery: Gallery) -> None:
    begin(page, "scrap")
    page.locator("[data-reason]").select_option(index=1)
    scanned(page, hospital.scan("T3"), 1)
    expect(page.locator("[data-commit]")).to_be_enabled()
    looked_at(page, gallery, "flows-6-scrap")
    page.locator("[data-commit]").click()
    says(page, "SC-")
