"""A device that goes from hand to hand: registered, opened by badge, scanned at, handed over, left alone, and empty then."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.pages import accessibility
from tests.browser.test_handheld import begin, opened, place_of, scanned
from tests.browser.wedge import Gallery, a_breath_later, brand_new, burst, sign_in, type_like_a_wedge
from tests.web.flows.world import World, someone, world
from yanji.access.actions import DeviceFields, register_device
from yanji.access.actor import actor_for
from yanji.access.badges import give_badge
from yanji.access.models import Person, SharedDevice
from yanji.ledger.models import Event

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LI, SUN = "0004711815", "0004711816"


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


def registered(page: Page, server: str, chief: Person, place_id: int, gallery: Gallery) -> str:
    """The code that an administrator is shown at a desk."""
    sign_in(page, server, chief, "zh-hans")
    page.goto(f"{server}/masterdata/devices")
    gallery.take(page, "shared-1-none", whole=True)
    page.goto(f"{server}/masterdata/devices/new")
    page.locator("#id_name").fill("库房手持机 2")
    page.locator("#id_place_id").select_option(str(place_id))
    page.locator("main form button.btn-primary").click()
    code = page.locator("[data-device-code]").get_attribute("data-device-code")
    assert code is not None
    assert accessibility(page) == []
    gallery.take(page, "shared-2-code", whole=True)
    return code


def badge(page: Page, code: str) -> None:
    """At the door, wherever the focus is."""
    page.locator("h1").click()
    burst(page, code)
    expect(page.locator("html:not([data-y-person=''])")).to_have_count(1)


def handed_to(page: Page, code: str, person: Person) -> None:
    """Scanned on whatever page there is, beside its fields."""
    page.evaluate("document.activeElement?.blur()")
    burst(page, code)
    expect(page.locator(f"html[data-y-person='{person.pk}'] [data-hand][data-ready]")).to_have_count(1)


def waiting(page: Page, count: int) -> None:
    expect(page.locator(f"button[data-state][data-waiting='{count}']")).to_have_count(1)


def test_a_device_goes_from_hand_to_hand_and_shows_nothing_when_left(
    browser: Any, live_server: Any, hospital: World
) -> None:
    server, gallery = live_server.url, Gallery("zh-390")
    [first] = hospital.stocked("T1")
    chief = someone("administrator", "陈静", "Chen Jing", hospital.campus.parent or hospital.campus)
    sun = someone("storekeeper", "孙可", "Sun Ke", hospital.store)
    li = hospital.people["storekeeper"]
    for who, code in ((li, LI), (sun, SUN)):
        give_badge(actor=actor_for(chief, today=timezone.localdate()), person_id=who.pk, code=code)
    desk, phone = brand_new(browser, 1920), brand_new(browser, 390)
    troubles: list[str] = []
    phone.on("weberror", lambda error: troubles.append(str(error.error)))
    code = registered(desk.new_page(), server, chief, hospital.store.pk, Gallery("zh-1920"))
    desk.close()
    page = phone.new_page()
    come_in(page, server, code, gallery)
    hand_over(page, hospital, server, (li, sun), first)
    left_alone(phone, server, first, gallery)
    phone.close()
    assert troubles == []


CAMERA = """
HTMLMediaElement.prototype.play = async () => undefined;
navigator.mediaDevices.getUserMedia = async () => {
  window.film = document.createElement("canvas").captureStream();
  return window.film;
};
"""
KEPT = """new Promise(done => { const asked = indexedDB.open("yanji-hand"); asked.onsuccess = () => {
  const all = asked.result.transaction("drafts").objectStore("drafts").getAll();
  all.onsuccess = () => done(JSON.stringify(all.result)); }; })"""


def starting(page: Page, address: str) -> list[str]:
    """The server is being started, and the proxy before it says so; what it was asked."""
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(status=502, body="Bad Gateway")

    page.route(address, answer)
    return asked


def test_what_is_scanned_at_a_covered_page_is_nobodys(
    browser: Any, live_server: Any, hospital: World
) -> None:
    """Without a network the page of who left stays, covered: it hears nothing and sees nothing."""
    chief = someone("administrator", "陈静", "Chen Jing", hospital.campus.parent or hospital.campus)
    actor = actor_for(chief, today=timezone.localdate())
    give_badge(actor=actor, person_id=hospital.people["storekeeper"].pk, code=LI)
    fields = DeviceFields("手持机 3", hospital.store.pk)
    _made, code = register_device(actor=actor, fields=fields)
    phone = brand_new(browser, 390)
    phone.add_init_script(CAMERA)
    page = phone.new_page()
    come_in(page, live_server.url, code, Gallery("zh-390"))
    page.clock.install()
    opened(page, live_server.url)
    begin(page, "put_away")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/badge") else None)
    scanned(page, "8004690123400000001", 1)
    page.route("**/badge", lambda route: route.abort())
    type_like_a_wedge(page, "8004690123400000001")
    scanned(page, "8004690123400000003", 2)
    scanned(page, "8004690123400000004", 3)
    assert len(asked) == 2, "once a code, and after a silence not at all"
    page.locator("[data-camera]").click()
    expect(page.locator("[data-camera]")).to_have_attribute("aria-pressed", "true")
    before = page.evaluate(KEPT)
    assert "8004690123400000001" in before
    stays = starting(page, "**/stay")
    page.mouse.click(5, 5)
    page.clock.fast_forward(11_000)
    page.clock.run_for(1_000)
    assert stays
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(3)
    starting(page, "**/sign-out")
    page.clock.fast_forward(181_000)
    expect(page.locator("[data-lock-offline]")).to_be_visible()
    phone.set_offline(True)
    assert page.evaluate("window.film.getTracks().some(track => track.readyState === 'live')") is False
    burst(page, SUN)
    burst(page, "8004690123400000002")
    page.clock.run_for(5_000)
    assert page.evaluate(KEPT) == before
    phone.close()


def come_in(page: Page, server: str, code: str, gallery: Gallery) -> None:
    page.goto(f"{server}/sign-in")
    page.locator("a[href='/device']").click()
    expect(page.locator("main input[name=code]")).to_be_focused()
    type_like_a_wedge(page, code)
    expect(page.locator("[data-badge-page]")).to_be_visible()
    assert accessibility(page) == []
    gallery.take(page, "shared-3-badge", whole=True)
    badge(page, LI)


def hand_over(page: Page, hospital: World, server: str, people: tuple[Person, Person], epc: str) -> None:
    """What one scanned while the server was away goes when they come back, and is nothing that the other sees."""
    li, sun = people
    opened(page, server)
    begin(page, "put_away")
    scanned(page, hospital.scan("T1"), 1)
    shelf = hospital.bins[0].code
    scanned(page, shelf, 1)
    page.route("**/api/v1/handheld/acts", lambda route: route.abort())
    a_breath_later(page)
    type_like_a_wedge(page, shelf)
    waiting(page, 1)
    handed_to(page, SUN, sun)
    page.locator("button[data-state]").click()
    expect(page.locator("[data-act]")).to_have_count(0)
    expect(page.locator("[data-others]")).to_be_visible()
    page.unroute("**/api/v1/handheld/acts")
    page.locator("[data-send-now]").click()
    waiting(page, 0)
    before = Event.objects.count()
    handed_to(page, LI, li)
    waiting(page, 0)
    page.locator("button[data-state]").click()
    expect(page.locator("[data-act][data-state=accepted]")).to_have_count(1)
    assert place_of(epc) == hospital.bins[0].pk
    done = Event.objects.latest("pk")
    assert Event.objects.count() == before + 1
    assert (done.actor_id, done.device) == (li.pk, SharedDevice.objects.get().name)


def left_alone(phone: BrowserContext, server: str, epc: str, gallery: Gallery) -> None:
    for page in phone.pages:
        page.close()
    page = phone.new_page()
    page.clock.install()
    page.goto(f"{server}/stock")
    page.goto(f"{server}/unit/{epc}")
    expect(page.locator("#unit")).to_be_visible()
    page.clock.fast_forward(155_000)
    expect(page.locator("[data-idle]")).to_be_visible()
    gallery.take(page, "shared-4-nobody")
    page.locator("[data-idle-stay]").click()
    expect(page.locator("[data-idle]")).to_be_hidden()
    page.clock.fast_forward(181_000)
    expect(page.locator("[data-badge-page]")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-badge-page]")).to_be_visible()
    expect(page.locator("#unit")).to_have_count(0)
    page.goto(f"{server}/unit/{epc}")
    expect(page.locator("[data-badge-page]")).to_be_visible()
