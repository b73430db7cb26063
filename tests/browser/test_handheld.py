"""The scan page as a storekeeper and a nurse have it in hand: every act by scanning alone, and what it says on the way."""

import io
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility
from tests.browser.wedge import (
    Gallery,
    a_breath_later,
    brand_new,
    no_sideways_scrolling,
    sign_in,
    type_like_a_wedge,
)
from tests.flows.site import person
from tests.makers import place, unique
from tests.web.flows.world import World, gtin, later, world
from yanji.access.actor import actor_for
from yanji.catalog.models import ItemCode, Quarantined
from yanji.flows.handheld.models import SentAct
from yanji.flows.issue import issue
from yanji.flows.models import PurchaseOrder
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted, request
from yanji.flows.use import plan_case
from yanji.ledger.api import unit_view
from yanji.ledger.models import Event, Unit
from yanji.places.models import Kind, Place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_SCRIPT = 200_000


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


def opened(page: Page, server: str) -> None:
    page.goto(f"{server}/scan")
    expect(page.locator("[data-hand][data-ready]")).to_have_count(1)


def begin(page: Page, flow: str) -> None:
    page.locator(f"[data-flow={flow}]").click()
    expect(page.locator("[data-view=act]")).to_be_visible()


def scanned(page: Page, text: str, things: int) -> None:
    """One scan, wherever the focus is; waits until so many things lie in the basket."""
    a_breath_later(page)
    type_like_a_wedge(page, text)
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(things)


def says(page: Page, text: str, look: str = "ok") -> None:
    expect(page.locator(f".h-toast.y-{look}")).to_contain_text(text)


def place_of(epc: str) -> int:
    view = unit_view(epc)
    assert view is not None
    return view.place_id


# What the device is made to do, written down: a browser of a test has neither a motor nor a loudspeaker.
FELT_AND_HEARD = """
const told = (name, what) => { document.documentElement.dataset[name] = what; };
navigator.vibrate = (pattern) => { told('felt', pattern.join(' ')); return true; };
window.AudioContext = class {
    currentTime = 0; destination = {};
    resume() { return Promise.resolve(); }
    createOscillator() {
        const frequency = {};
        return { frequency, connect: (next) => next, start: () => told('heard', frequency.value), stop: () => {} };
    }
    createGain() {
        const gain = { setValueAtTime: () => {}, exponentialRampToValueAtTime: () => {} };
        return { gain, connect: (next) => next };
    }
};
"""


def feels(page: Page, pattern: str, tone: int) -> None:
    """What the device did last: waited for, since a scan that changes nothing on the page is told alone."""
    expect(page.locator("html")).to_have_attribute("data-felt", pattern)
    expect(page.locator("html")).to_have_attribute("data-heard", str(tone))


def too_small(page: Page) -> list[str]:
    """What a thumb in a glove would miss: the style sheet of the page asks for three rem."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.h-app button, .h-app a.btn, .h-app select')]
            .filter((each) => each.checkVisibility())
            .filter((each) => Math.min(each.offsetWidth, each.offsetHeight) < 48)
            .map((each) => `${each.offsetWidth} x ${each.offsetHeight}: ${each.outerHTML.slice(0, 120)}`)"""
    )


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("en", 390, "light"), ("zh-hans", 390, "dark"), ("en", 1920, "dark"), ("zh-hans", 1920, "light")],
)
def test_units_are_put_away_by_scanning_alone(
    browser: Any, live_server: Any, hospital: World, language: str, width: int, theme: str
) -> None:
    first, second = hospital.stocked("H1", "H2")
    gallery = Gallery(f"{language[:2]}-{width}-{theme}")
    session = brand_new(browser, width)
    page = session.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.add_init_script(FELT_AND_HEARD)
    sign_in(page, live_server.url, hospital.people["storekeeper"], language, theme)
    opened(page, live_server.url)
    assert accessibility(page) == too_small(page) == []
    gallery.take(page, "hand-1-home", whole=True)
    begin(page, "put_away")
    # Done, scanned already, refused: told apart without looking.
    scanned(page, hospital.scan("H1"), 1)
    scanned(page, hospital.scan("H2"), 2)
    feels(page, "30", 1320)
    scanned(page, hospital.scan("H2"), 2)
    feels(page, "60 60 60", 660)
    scanned(page, hospital.scan("NOBODY"), 3)
    feels(page, "220", 196)
    expect(page.locator("[data-scan-row][data-result=error]")).to_have_count(1)
    assert accessibility(page) == []
    page.locator("[data-result=error] [data-unknown]").click()
    assert too_small(page) == []
    gallery.take(page, "hand-2-basket", whole=True)
    page.locator("[data-result=error] [data-out]").click()
    expect(page.locator("#y-scan-input")).to_be_focused()
    shelf = hospital.bins[0]
    scanned(page, shelf.code, 2)
    expect(page.locator("[data-about]")).to_contain_text(shelf.code)
    gallery.take(page, "hand-3-shelf", whole=True)
    before = Event.objects.count()
    scanned(page, shelf.code, 0)
    expect(page.locator(".h-toast.y-ok")).to_be_visible()
    assert (place_of(first), place_of(second)) == (shelf.pk, shelf.pk)
    assert Event.objects.count() == before + 1
    page.locator("button[data-state]").click()
    sent = page.locator("[data-act][data-state=accepted]")
    expect(sent).to_contain_text("H2")
    expect(sent.locator("[data-whither-sent]")).to_contain_text(shelf.code)
    no_sideways_scrolling(page)
    assert accessibility(page) == []
    assert too_small(page) == []
    gallery.take(page, "hand-4-sent", whole=True)
    session.close()
    assert troubles == []


# What a browser leaves out where the page came without TLS.
WITHOUT_TLS = """
delete Crypto.prototype.randomUUID;
delete Navigator.prototype.locks;
Object.defineProperty(window, 'isSecureContext', { value: false });
"""


def test_a_nurse_uses_a_unit_by_scanning_alone(browser: Any, live_server: Any, hospital: World) -> None:
    [epc] = hospital.stocked("N1")
    keeper, nurse, key = hospital.actor("storekeeper"), hospital.actor("nurse"), unique
    wanted = request(
        actor=nurse, key=key("k"), department_id=hospital.department.pk, store_id=hospital.store.pk,
        lines=[Wanted(hospital.item.pk, 1)],
    )  # fmt: skip
    pick(actor=keeper, key=key("k"), requisition_id=wanted.id, things=[epc])
    issued = issue(actor=keeper, key=key("k"), requisition_id=wanted.id)
    case, token, other = unique("CASE"), unique("PT"), place(Kind.STORE, hospital.campus)
    plan_case(
        actor=nurse, key=key("k"), number=case, patient_token=token, department_id=hospital.department.pk
    )
    session = brand_new(browser, 390)
    page = session.new_page()
    page.add_init_script(WITHOUT_TLS)
    sign_in(page, live_server.url, hospital.people["nurse"], "en")
    opened(page, live_server.url)
    expect(page.locator("[data-insecure]")).to_contain_text("https")
    # Without choosing anything: the number of what waits says what it is for.
    type_like_a_wedge(page, issued.number)
    expect(page.locator("[data-view=act]")).to_contain_text("Take in")
    expect(page.locator("[data-todo-said]")).to_have_text("0 of 1")
    expect(page.locator("[data-commit]")).to_contain_text("Take in all 1: ")
    scanned(page, hospital.scan("N1"), 1)
    page.locator("[data-commit]").click()
    says(page, issued.number)
    page.locator("[data-home]").click()
    gives_back(page, hospital, other)
    page.locator("[data-home]").click()
    expect(page.locator("#y-scan-input")).to_be_focused()
    type_like_a_wedge(page, token)
    scanned(page, hospital.scan("N1"), 1)
    scanned(page, "PT-SOMEBODY-ELSE", 2)
    expect(page.locator("[data-commit]")).to_be_disabled()
    page.locator("[data-result=error] [data-out]").click()
    expect(page.locator("#y-scan-input")).to_be_focused()
    scanned(page, token, 0)
    says(page, case)
    view = unit_view(epc)
    assert view is not None
    assert (view.status, view.case_number) == ("used", case)
    session.close()


def gives_back(page: Page, hospital: World, other: Place) -> None:
    """A store that was chosen stays with what was refused; only proposed, it is named by its first scan, and not confirmed."""
    begin(page, "give_back")
    store, rows = page.locator("[data-store]"), page.locator("[data-basket] [data-scan-row]")
    expect(store).to_have_value(str(hospital.store.pk))
    scanned(page, hospital.scan("N1"), 1)
    expect(page.locator("[data-commit]")).to_be_enabled()
    store.select_option(str(other.pk))
    expect(page.locator("[data-about]")).to_contain_text(other.name)
    refusal = {"code": "refused", "sentences": ["Not today."], "offences": []}
    page.route("**/handheld/acts", lambda route: route.fulfill(status=409, json=refusal))
    page.locator("[data-commit]").click()
    says(page, "Not today.", "error")
    page.unroute("**/handheld/acts")
    page.locator("button[data-state]").click()
    card = page.locator("[data-act][data-state=refused]")
    card.locator("[data-anew]").click()
    expect(rows).to_have_count(1)
    expect(store).to_have_value(str(other.pk))
    type_like_a_wedge(page, other.code)
    scanned(page, "NOBODY-N", 2)
    page.locator("[data-home]").click()
    page.locator("[data-empty-basket]").click()
    page.locator("[data-question] button").first.click()
    expect(page.locator("[data-open-basket]")).to_be_hidden()
    page.locator("button[data-state]").click()
    card.locator("textarea").fill("Given back tomorrow")
    card.locator("[data-dropped]").click()
    expect(page.locator("[data-act][data-state=settled]")).to_have_count(1)


def test_what_was_refused_is_looked_at_and_done_otherwise(
    browser: Any, live_server: Any, hospital: World
) -> None:
    [epc] = hospital.stocked("R1")
    shelf, other = hospital.bins
    keeper = hospital.people["storekeeper"]
    gallery = Gallery("en-390")
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, keeper, "en")
    opened(page, live_server.url)
    begin(page, "put_away")
    scanned(page, hospital.scan("R1"), 1)
    scanned(page, shelf.code, 1)
    page.route("**/handheld/acts", lambda route: route.abort())
    scanned(page, shelf.code, 0)
    page.wait_for_timeout(2_500)  # clocks are believed to two seconds
    colleague = person("storekeeper", hospital.campus)
    who = actor_for(colleague, today=timezone.localdate())
    put_away(actor=who, key=unique("k"), things=[epc], to_place_id=other.pk)
    page.unroute("**/handheld/acts")
    page.locator("button[data-state]").click()
    page.locator("[data-send-now]").click()
    says(page, "was moved after you scanned it", "error")
    card = page.locator("[data-act][data-state=refused]")
    expect(card).to_contain_text(colleague.name_en)
    assert accessibility(page) == []
    gallery.take(page, "hand-5-refused", whole=True)
    card.locator("[data-anew]").click()
    expect(page.locator("[data-basket] [data-scan-row][data-result=ok]")).to_have_count(1)
    expect(page.locator("[data-commit]")).to_be_enabled()
    stays_open(page, hospital, gallery)
    assert place_of(epc) == other.pk, "what confirmed it once does not confirm it again"
    scanned(page, shelf.code, 0)
    expect(page.locator(".h-toast.y-ok")).to_be_visible()
    assert place_of(epc) == shelf.pk
    given_up, done = SentAct.objects.order_by("first_at")
    assert (given_up.state, done.state, done.replaces) == ("dropped", "accepted", given_up.key)
    assert given_up.settled_because
    session.close()


def stays_open(page: Page, hospital: World, gallery: Gallery) -> None:
    """A basket is left by the arrow or the queue, and nothing in it is lost; a paper's number is no part of it unasked."""
    wanted = request(
        actor=hospital.actor("nurse"), key=unique("k"), department_id=hospital.department.pk, store_id=hospital.store.pk,
        lines=[Wanted(hospital.item.pk, 1)],
    )  # fmt: skip
    page.locator("button[data-state]").click()
    card = page.locator("[data-act][data-state=refused]")
    expect(card).to_contain_text("in the basket again")
    expect(card.locator("[data-choices]")).to_be_hidden()
    page.locator("[data-home]").click()
    expect(page.locator("[data-view=act]")).to_be_visible()
    page.locator("[data-home]").click()
    expect(page.locator("[data-open-basket]")).to_contain_text("Put away: one row")
    gallery.take(page, "hand-6-open-basket", whole=True)
    page.locator("[data-flow=hold]").click()
    says(page, "Something lies in the basket", "warn")
    type_like_a_wedge(page, wanted.number)
    expect(page.locator("[data-question]")).to_contain_text("Drop the one row, and begin “Pick”")
    assert accessibility(page) == []
    gallery.take(page, "hand-7-asked", whole=True)
    page.locator("[data-question] button").last.click()
    expect(page.locator("[data-question]")).to_be_hidden()
    page.locator("[data-empty-basket]").click()
    expect(page.locator("[data-question-text]")).to_contain_text("Its one row was not booked")
    page.locator("[data-go-on]").click()
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(1)


def test_what_nobody_knows_becomes_a_provisional_item_or_unit(
    browser: Any, live_server: Any, hospital: World
) -> None:
    """The work goes on, and master data has a task: at the dock an item, anywhere else a unit on hold, offline too."""
    session = brand_new(browser, 390)
    page = session.new_page()
    [known] = hospital.stocked("K1")
    Place.objects.filter(pk=hospital.bins[0].pk).update(code="MAIN-CS-A-01")
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    code = gtin()
    begin(page, "receive")
    scanned(page, f"]d201{code}17{later(300):%y%m%d}10LX\x1d21X1", 1)
    # More than the server takes is not kept: it could not even be dropped there.
    page.evaluate(
        """() => {
            const field = document.getElementById('y-scan-input');
            field.value = 'X'.repeat(5000);
            field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
        }"""
    )
    says(page, "longer than any label", "error")
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(1)
    page.locator("[data-adopt]").click()
    page.locator("[data-question] button").first.click()
    expect(page.locator("[data-adopt]:visible")).to_have_count(0)
    expect(page.locator("#y-scan-input")).to_be_focused()
    born = ItemCode.objects.get(code=code).item
    assert born.provisional
    assert Quarantined.objects.filter(content__item_id=born.pk).exists()
    rejects(page, hospital)
    page.locator("[data-home]").click()
    kept_aside(page, live_server.url, hospital, known)
    session.close()


def rejects(page: Page, hospital: World) -> None:
    """What was not ordered is rejected by one touch, with the reason that stands in its way."""
    ordered = PurchaseOrder.objects.get(pk=hospital.order())
    scanned(page, ordered.number, 1)
    expect(page.locator("[data-todo-said]")).to_have_text("0 of 10")
    row = page.locator("[data-scan-row]")
    expect(page.locator("[data-commit]")).to_be_disabled()
    Gallery("en-390-light").take(page, "hand-8-why", whole=True)
    row.locator("[data-reasons] .btn-primary").click()
    expect(row.locator("[data-said]")).to_have_text("Rejected: Wrong item")
    expect(page.locator("[data-commit]")).to_be_enabled()
    assert accessibility(page) == []
    Gallery("en-390-light").take(page, "hand-9-rejected", whole=True)
    scanned(page, ordered.number, 0)
    says(page, "GR-")


# The device has no room for the act: then the label it is about is still in the basket.
FULL_ONCE = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (what) {
        if (this.name !== 'acts') return put.call(this, what);
        IDBObjectStore.prototype.put = put;
        document.documentElement.dataset.full = '';
        throw new DOMException('full', 'QuotaExceededError');
    };
}"""
DRAFTS = """new Promise(done => {
    indexedDB.open('yanji-hand').onsuccess = ({ target: { result } }) => {
        result.transaction('drafts').objectStore('drafts').getAll().onsuccess = found => done(found.target.result);
    };
})"""


def kept_aside(page: Page, server: str, hospital: World, known: str) -> None:
    """A question before it is done; kept while there is no network, and sent once."""
    code, session = gtin(), page.context
    session.set_offline(True)
    begin(page, "put_away")
    scanned(page, f"]d201{code}17{later(300):%y%m%d}10LX\x1d21X9", 1)
    page.locator("[data-unknown]").click()
    expect(page.locator("[data-keep-aside]")).to_be_disabled()
    page.locator("[data-home-of]").select_option(str(hospital.store.pk))
    assert accessibility(page) == []
    Gallery("en-390-light").take(page, "hand-7-nobody-knows-it", whole=True)
    page.evaluate(FULL_ONCE)
    page.locator("[data-keep-aside]").click()
    expect(page.locator("html[data-full]")).to_have_count(1)
    says(page, "could not keep", "error")
    [left] = page.evaluate(DRAFTS)
    assert [scan["text"] for scan in left["scans"]] == [f"]d201{code}17{later(300):%y%m%d}10LX\x1d21X9"]
    page.locator("[data-keep-aside]").click()
    expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(0)
    expect(page.locator("button[data-state][data-waiting='1']")).to_have_count(1)
    # A label as it is typed, a shelf by its short name, and the same once more presses: as with a server.
    _01, product, _21, serial = known.split("/")
    scanned(page, f"(01){product}(21){serial}", 1)
    expect(page.locator("[data-basket] [data-name]")).to_have_text(hospital.item.name_en)
    shelf = hospital.bins[0]
    scanned(page, shelf.name_en, 1)
    expect(page.locator("[data-about]")).to_contain_text(shelf.name_en)
    scanned(page, shelf.name_en, 0)
    expect(page.locator("button[data-state][data-waiting='2']")).to_have_count(1)
    session.set_offline(False)
    page.locator("[data-home]").click()
    page.locator("button[data-state]").click()
    page.locator("[data-send-now]").click()
    expect(page.locator("[data-act][data-state=accepted]")).to_have_count(3)
    expect(page.locator("[data-act]").nth(1)).to_contain_text("Kept aside")
    assert place_of(known) == shelf.pk
    unit = Unit.objects.get(epc=f"01/{code}/21/X9")
    assert (unit.status, unit.place_id, unit.item.provisional) == ("quarantined", hospital.store.pk, True)
    assert Quarantined.objects.filter(content__epc=unit.epc).count() == 1
    assert page.request.get(f"{server}/unit/{unit.epc}").ok


def test_the_first_page_is_light_and_can_be_installed(
    browser: Any, live_server: Any, hospital: World
) -> None:
    session = brand_new(browser, 390)
    page = session.new_page()
    sizes: list[int] = []
    page.on(
        "response",
        lambda answer: sizes.append(len(answer.body())) if answer.request.resource_type == "script" else None,
    )
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    assert 5_000 < sum(sizes) < MOST_SCRIPT
    page.evaluate("navigator.serviceWorker.ready")
    assert page.evaluate("navigator.serviceWorker.ready.then(found => found.scope)").endswith("/scan")
    found = page.request.get(f"{live_server.url}/scan/manifest.webmanifest").json()
    assert (found["start_url"], found["scope"], found["display"]) == ("/scan", "/scan", "standalone")
    for icon in found["icons"]:
        drawn = page.request.get(live_server.url + icon["src"])
        assert drawn.headers["content-type"] == icon["type"]
        if icon["sizes"] != "any":
            assert "{}x{}".format(*Image.open(io.BytesIO(drawn.body())).size) == icon["sizes"]
    phone = page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    assert page.request.get(f"{live_server.url}{phone}").ok
    session.close()


SENT = """new Promise(done => {
    indexedDB.open('yanji-hand').onsuccess = ({ target: { result } }) => {
        result.transaction('acts').objectStore('acts').getAll().onsuccess = found => done(found.target.result);
    };
})"""
KNOWN = """new Promise(done => {
    indexedDB.open('yanji-hand').onsuccess = ({ target: { result } }) => {
        result.transaction('known').objectStore('known').getAllKeys().onsuccess = found => done(found.target.result);
    };
})"""


@pytest.mark.parametrize("leaving", ["/scan", "/"])
def test_who_leaves_leaves_nothing_of_what_they_saw(
    browser: Any, live_server: Any, hospital: World, leaving: str
) -> None:
    """On whichever page they sign out. What was done is gone; what waits stays as it was scanned."""
    hospital.stocked("L1", "L2")
    session = brand_new(browser, 390)
    page = session.new_page()
    sign_in(page, live_server.url, hospital.people["storekeeper"], "en")
    opened(page, live_server.url)
    kept = "caches.open('yanji-hand-page').then(found => found.match('/scan')).then(Boolean)"
    page.wait_for_function(kept)
    assert "today" in page.evaluate(KNOWN)
    begin(page, "put_away")
    for serial, left in (("L1", 0), ("L2", 1)):
        scanned(page, hospital.scan(serial), 1)
        scanned(page, hospital.bins[0].code, 1)
        scanned(page, hospital.bins[0].code, 0)
        expect(page.locator(f"button[data-state][data-waiting='{left}']")).to_have_count(1)
        says(page, "Kept" if left else "Done", "warn" if left else "ok")
        page.route("**/handheld/acts", lambda route: route.abort())
    assert len(page.evaluate(SENT)) == 2
    page.goto(f"{live_server.url}{leaving}")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()")
    page.wait_for_url("**/sign-in")
    page.wait_for_function(f"{kept}.then(is => !is)")
    page.wait_for_load_state("networkidle")
    assert not {"today", "nearby"} & set(page.evaluate(KNOWN))
    [waits] = page.evaluate(SENT)
    assert (waits["state"], waits["things"]) == ("waiting", [])
    assert waits["scans"][0]["text"] == hospital.scan("L2")
    session.close()
