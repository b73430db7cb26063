"""The network goes mid-flow, the server is stopped, the browser is killed and comes back an hour later: no scan is lost, none is
done twice, and what somebody else did meanwhile is shown and settled by a person."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.browser.test_handheld import begin, opened, place_of, scanned
from tests.browser.test_scanning import Answers
from tests.browser.wedge import brand_new, sign_in
from tests.conftest import QUIET_CHROMIUM
from tests.flows.site import person
from tests.patience import PATIENCE_MS
from tests.served import free_port, served
from tests.web.flows.world import World, world
from yanji.access.actor import Actor, actor_for
from yanji.access.models import Person
from yanji.flows.handheld.models import SentAct
from yanji.flows.handheld.reading import SLACK
from yanji.flows.putaway import put_away
from yanji.ledger.models import Event

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


@contextmanager
def device(
    browser: Any, folder: Path, server: str, who: Person, *, ahead: timedelta | None = None
) -> Iterator[Any]:
    """A browser of its own that keeps what it has in a folder; ``ahead``: by how much its clock is wrong."""
    made = browser.browser_type.launch_persistent_context(
        str(folder), executable_path=shutil.which("chromium"), args=list(QUIET_CHROMIUM),
        viewport={"width": 390, "height": 844},
    )  # fmt: skip
    made.set_default_timeout(PATIENCE_MS)
    if ahead:
        made.clock.install(time=timezone.now() + ahead)
    client = Client()
    client.force_login(who)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    made.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server}])
    try:
        yield made
    finally:
        with suppress(Exception):  # it may be dead already: that is what is tried
            made.close()


def kill(folder: Path) -> None:
    """As a battery does it."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            line = process.cmdline()
            if f"--user-data-dir={folder}" in line and not any(word.startswith("--type=") for word in line):
                os.kill(process.pid, signal.SIGKILL)
                process.wait()


def waiting(page: Page, count: int) -> None:
    expect(page.locator(f"button[data-state][data-waiting='{count}']")).to_have_count(1)


def colleague(hospital: World) -> Actor:
    return actor_for(person("storekeeper", hospital.campus), today=timezone.localdate())


def puts(who: Person) -> int:
    return Event.objects.filter(step="put_away", actor=who).count()


@pytest.mark.slow
def test_no_scan_is_lost(browser: Any, hospital: World, tmp_path: Path) -> None:
    units = hospital.stocked("O1", "O2", "O3", arrived_at=timezone.now() - HOUR)
    keeper, shelf, other = hospital.people["storekeeper"], *hospital.bins
    Person.objects.filter(pk=keeper.pk).update(language="en")
    port, folder = free_port(), tmp_path / "device"
    server = f"http://127.0.0.1:{port}"
    with device(browser, folder, server, keeper) as phone:
        with served(port):
            page = phone.pages[0]
            opened(page, server)
            page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
            page.wait_for_function("caches.open('yanji-hand-page').then(c => c.match('/scan')).then(Boolean)")
            begin(page, "put_away")
            scanned(page, hospital.scan("O1"), 1)
            phone.set_offline(True)
        # The server is gone, not only the network.
        scanned(page, hospital.scan("O2"), 2)
        scanned(page, shelf.code, 2)
        page.locator("[data-commit]").click()
        waiting(page, 1)
        scanned(page, hospital.scan("O3"), 1)
        made = timezone.now()
        kill(folder)
    with device(browser, folder, server, keeper) as phone:
        phone.set_offline(True)
        page = phone.pages[0]
        opened(page, server)
        waiting(page, 1)
        # What was being scanned lies in the basket again.
        expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(1)
        scanned(page, shelf.code, 1)
        page.locator("[data-commit]").click()
        waiting(page, 2)
        kill(folder)
    assert puts(keeper) == 0
    # Clocks that differ by less are taken as equal: what a colleague does in that time has not come between.
    time.sleep(SLACK.total_seconds())
    put_away(actor=colleague(hospital), key="meanwhile", things=[units[1]], to_place_id=other.pk)
    with served(port), device(browser, folder, server, keeper, ahead=HOUR) as phone:
        page = phone.pages[0]
        opened(page, server)
        waiting(page, 0)
        expect(page.locator("button[data-state][data-refused='1']")).to_have_count(1)
        assert [place_of(epc) for epc in units] == [shelf.pk, other.pk, shelf.pk]
        assert puts(keeper) == 2
        for event in Event.objects.filter(step="put_away", actor=keeper):
            assert abs(event.happened_at - made) < timedelta(minutes=5), (
                "when it was scanned, not when it was sent"
            )
        skews = SentAct.objects.filter(state="accepted").values_list("sent_skew_ms", flat=True)
        assert all(abs(skew + HOUR.total_seconds() * 1000) < 300_000 for skew in skews), list(skews)
        settle_by_hand(page, "Put there by a colleague")
        assert puts(keeper) == 2
    parted, dropped = SentAct.objects.filter(state="dropped").order_by("replaces")
    assert dropped.replaces == parted.key
    assert (dropped.settled_because, dropped.settled_by) == ("Put there by a colleague", keeper)
    assert {scan["text"] for scan in dropped.scans} >= {hospital.scan("O2")}


def settle_by_hand(page: Page, words: str) -> None:
    """The one that somebody else moved: it says by whom, and is dropped only with words."""
    page.locator("button[data-state]").click()
    card = page.locator("[data-act][data-state=refused]")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("was moved after you scanned it")
    card.locator("[data-dropped]").click()
    expect(card.locator("textarea")).to_be_focused()
    card.locator("textarea").fill(words)
    card.locator("[data-dropped]").click()
    expect(page.locator("[data-act][data-state=settled]")).to_have_count(1)


def test_an_answer_that_was_lost_does_nothing_twice(browser: Any, live_server: Any, hospital: World) -> None:
    """The server did it, and the network went before it could say so."""
    epc, next_one = hospital.stocked("O4", "O6")
    keeper, shelf = hospital.people["storekeeper"], hospital.bins[0]
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, keeper, "en")
    lost: list[int] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/handheld/acts", lose)
    opened(page, live_server.url)
    begin(page, "put_away")
    scanned(page, hospital.scan("O4"), 1)
    scanned(page, shelf.code, 1)
    with page.expect_event("requestfailed"):
        page.locator("[data-commit]").click()
    waiting(page, 1)
    assert lost == [200]
    page.locator("button[data-state]").click()
    page.locator("[data-send-now]").click()
    waiting(page, 0)
    expect(page.locator("[data-act][data-state=accepted]")).to_have_count(1)
    assert (puts(keeper), place_of(epc)) == (1, shelf.pk)
    page.unroute("**/handheld/acts")
    stumbles(page, hospital)
    assert (puts(keeper), place_of(next_one)) == (2, shelf.pk)
    session.close()


def stumbles(page: Page, hospital: World) -> None:
    """An act at which the server fails holds up no other, and what is scanned with the button's press is the next basket."""
    broken = {"code": "broken", "sentences": ["Something went wrong here."], "offences": []}
    page.route(
        "**/handheld/acts",
        lambda route: (
            route.fulfill(status=500, json=broken)
            if "21O4" in (route.request.post_data or "")
            else route.continue_()
        ),
    )
    page.locator("[data-home]").click()
    begin(page, "hold")
    # The answer to the reason comes late: the scan after it must not be taken back by it.
    page.evaluate(
        """() => {
            const quick = window.fetch;
            window.fetch = async (...asked) => {
                window.fetch = quick;
                const answer = await quick(...asked);
                await new Promise(done => setTimeout(done, 1000));
                setTimeout(() => { document.body.dataset.answered = ""; }, 100);
                return answer;
            };
        }"""
    )
    page.locator("[data-reason]").select_option("damaged")
    scanned(page, hospital.scan("O4"), 1)
    expect(page.locator("body[data-answered]")).to_have_count(1)
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(1)
    expect(page.locator("[data-commit]")).to_be_enabled()
    page.evaluate(
        """label => {
            document.querySelector('[data-commit]').click();
            const field = document.getElementById('y-scan-input');
            field.value = label;
            field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
        }""",
        hospital.scan("O6"),
    )
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(1)
    waiting(page, 1)
    page.locator("[data-basket] [data-out]").click()
    page.locator("[data-home]").click()
    begin(page, "put_away")
    scanned(page, hospital.scan("O6"), 1)
    scanned(page, hospital.bins[0].code, 1)
    scanned(page, hospital.bins[0].code, 0)
    page.locator("button[data-state]").click()
    for _ in range(2):
        with page.expect_response("**/handheld/today"):
            page.locator("[data-send-now]").click()
    waiting(page, 0)
    expect(page.locator("[data-act][data-state=refused]")).to_contain_text("Something went wrong here.")
    expect(page.locator("[data-act][data-state=refused] [data-choices]")).to_be_visible()


def test_a_basket_that_was_left_is_there_before_the_page_knows_anything(
    browser: Any, live_server: Any, hospital: World
) -> None:
    """What is scanned while the page still begins comes to what was left, and not in its place."""
    hospital.stocked("O7", "O8")
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    begin(page, "put_away")
    scanned(page, hospital.scan("O7"), 1)
    answers = Answers(page, "**/handheld/today*", "GET")
    page.reload()
    scanned(page, hospital.scan("O8"), 2)
    answers.asked()
    answers.come()
    expect(page.locator("[data-hand][data-ready]")).to_have_count(1)
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(2)
    session.close()


def test_nobody_sends_what_another_person_scanned(browser: Any, live_server: Any, hospital: World) -> None:
    """One device, two people: the second sees that something waits, not what, and it goes in the name of the first."""
    epc, _other = hospital.stocked("O5", "O9")
    first, second, shelf = hospital.people["storekeeper"], hospital.people["nurse"], hospital.bins[0]
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, first, "en")
    opened(page, live_server.url)
    begin(page, "put_away")
    scanned(page, hospital.scan("O5"), 1)
    scanned(page, shelf.code, 1)
    page.route("**/handheld/acts", lambda route: route.abort())
    page.locator("[data-commit]").click()
    waiting(page, 1)
    sign_in(page, live_server.url, second, "en")
    page.unroute("**/handheld/acts")
    # The page is still the first one's: its session is not.
    page.locator("button[data-state]").click()
    page.locator("[data-send-now]").click()
    expect(page.locator("[data-sign-in]")).to_be_visible()
    assert puts(first) == puts(second) == 0
    opened(page, live_server.url)
    page.locator("button[data-state]").click()
    expect(page.locator("[data-others]")).to_contain_text("1")
    expect(page.locator("[data-act]")).to_have_count(0)
    sign_in(page, live_server.url, first, "en")
    opened(page, live_server.url)
    waiting(page, 0)
    assert (puts(first), place_of(epc)) == (1, shelf.pk)
    # The session ended while something was in hand, as at a shared device: it goes once the same person is back.
    begin(page, "put_away")
    scanned(page, hospital.scan("O9"), 1)
    scanned(page, shelf.code, 1)
    Session.objects.all().delete()
    page.locator("[data-commit]").click()
    expect(page.locator("[data-sign-in]")).to_be_visible()
    waiting(page, 1)
    assert puts(first) == 1
    sign_in(page, live_server.url, first, "en")
    opened(page, live_server.url)
    waiting(page, 0)
    assert puts(first) == 2
    session.close()
