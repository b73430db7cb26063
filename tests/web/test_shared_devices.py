"""A shared device: who comes in, for how long, what they may not do, and what is left of it when they go."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from tests.flows.site import Site, person, site
from tests.makers import place, unique
from tests.notify.browser import Browser
from tests.races.crowd import together
from tests.web.shared_world import BADGE, PASSWORD, PIN, administrator, badged, come_in, device, who
from yanji.access.actions import DeviceFields, edit_device, end_device, new_code, register_device, set_own_pin
from yanji.access.actor import Actor, actor_for
from yanji.access.badges import give_badge
from yanji.access.models import DeviceSession, Person, SharedDevice
from yanji.access.tokens import create_token
from yanji.ledger.models import Event
from yanji.notify.models import PushSubscription
from yanji.places.models import Kind
from yanji.watch.stream import Listener
from yanji.web import live
from yanji.web.badge_in import LOCK_DEVICE_AFTER
from yanji.web.live import LedgerLog
from yanji.web.lockout import LOCK_AFTER_FAILURES
from yanji.web.shared import COOKIE, KEPT, LONGEST

PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def here(db: None) -> Site:
    return site()


@pytest.fixture
def boss(here: Site) -> Actor:
    return administrator(here)


def lapse(client: Client, minutes: float) -> None:
    """As if so much time had passed: everything the session knows lies so much earlier."""
    store = client.session
    kept = store[KEPT]
    kept[3] -= minutes * 60
    store[KEPT] = kept
    store.set_expiry(store.get_expiry_date() - timedelta(minutes=minutes))
    store.save()


def test_a_badge_opens_a_registered_device_and_nothing_else(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    assert come_in(Client(), badge=BADGE)["Location"] == "/sign-in"
    client = device(boss, here.h.department)
    assert "data-badge-page" in client.get("/sign-in").content.decode()
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert not SharedDevice.objects.filter(digest=cookie.value).exists(), "only a digest is kept"
    assert come_in(client, badge=f" {BADGE}\r")["Location"] == "/"
    assert who(client) == nurse.pk
    # The cookie of the session alone, in another browser, ends it.
    thief = Client()
    thief.cookies["yanji_session"] = client.cookies["yanji_session"].value
    assert who(thief) is None
    assert who(client) is None


@pytest.mark.parametrize(
    ("at", "opens"), [("department", True), ("campus", True), ("cabinet", True), ("elsewhere", False)]
)
def test_a_role_at_its_place_above_or_below_opens_it(here: Site, boss: Actor, at: str, opens: bool) -> None:
    where = place(Kind.DEPARTMENT, here.h.campus) if at == "elsewhere" else getattr(here.h, at)
    badged(here, boss, where)
    client = device(boss, here.h.department)
    answer = come_in(client, badge=BADGE)
    assert answer.status_code == (302 if opens else 409)
    if not opens:
        unknown = come_in(client, badge="0009999999")
        assert "这不能打开此设备" in answer.content.decode()
        assert answer.context["refused_because"] == unknown.context["refused_because"], "no hint who exists"


def test_idle_minutes_end_it_and_only_a_hand_puts_that_off(here: Site, boss: Actor) -> None:
    badged(here, boss)
    client = device(boss, here.h.department, idle_minutes=3)
    come_in(client, badge=BADGE)
    lapse(client, 2)
    for poll in ("/notifications/bell", "/live", "/search/suggestions?q=S0"):
        client.get(poll, headers={"Accept": "*/*"})
    assert client.session.get_expiry_age() <= 60
    client.get("/", headers={**PAGE, "HX-Request": "true"})
    assert client.session.get_expiry_age() <= 60
    client.get("/", headers=PAGE)
    assert client.session.get_expiry_age() > 170
    lapse(client, 2)
    assert client.post("/stay").status_code == 204
    assert client.session.get_expiry_age() > 170
    lapse(client, 3.1)
    assert who(client) is None
    assert client.post("/stay").status_code == 302


def test_no_hand_puts_it_off_beyond_a_shift(here: Site, boss: Actor) -> None:
    badged(here, boss)
    client = device(boss, here.h.department)
    come_in(client, badge=BADGE)
    store = client.session
    store[KEPT] = [
        *store[KEPT][:3],
        timezone.now().timestamp() - LONGEST.total_seconds() + 60,
        store[KEPT][4],
    ]
    store.set_expiry(timezone.now() + timedelta(seconds=30))
    store.save()
    client.get("/", headers=PAGE)
    assert 30 < client.session.get_expiry_age() <= 60


def test_a_password_at_a_shared_device_opens_a_short_session_too(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    client = device(boss, here.h.department)
    client.post("/sign-in?password=1", {"username": nurse.username, "password": PASSWORD})
    assert who(client) == nurse.pk
    assert client.session.get_expiry_age() <= 180
    sent = {"form": "password", "old": PASSWORD, "new": "Graugans-auf-Reisen-8"}
    assert client.post("/masterdata/account", sent).status_code == 302


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> LedgerLog:
    """As the stream asks it, but in the test's own transaction, whose connection stays."""
    monkeypatch.setattr(live, "connection", SimpleNamespace(close=lambda: None))
    return LedgerLog()


def test_the_end_of_a_device_is_the_end_of_its_session_and_streams(
    here: Site, boss: Actor, log: LedgerLog
) -> None:
    nurse = badged(here, boss)
    client = device(boss, here.h.department)
    come_in(client, badge=BADGE)
    listening = listener(client, nurse)
    assert log.leaving([listening]) == []
    end_device(actor=boss, device_id=SharedDevice.objects.get().pk)
    assert log.leaving([listening]) == [listening]
    assert who(client) is None
    assert come_in(client, badge=BADGE)["Location"] == "/sign-in"
    assert "data-badge-page" not in client.get("/sign-in").content.decode()


def listener(client: Client, who: Person) -> Listener:
    scope = actor_for(who, today=timezone.localdate()).scopes["view"]
    proof = who.get_session_auth_hash()
    return Listener(
        person_id=who.pk, session=client.session.session_key or "", proof=proof, scope=scope, may="view",
        language="en", unit=None, within="",
    )  # fmt: skip


def test_idle_time_ends_the_stream_of_a_page_that_does_nothing(
    here: Site, boss: Actor, log: LedgerLog
) -> None:
    nurse = badged(here, boss)
    client = device(boss, here.h.department)
    come_in(client, badge=BADGE)
    listening = listener(client, nurse)
    lapse(client, 3.1)
    assert log.leaving([listening]) == [listening]


def test_what_wants_a_password_says_so(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    give_badge(actor=boss, person_id=here.buyer.pk, code="0004711777")
    client = device(boss, here.h.campus)
    come_in(client, badge=BADGE)
    sentence = "您是凭工牌或 PIN 码进入的"
    sent: list[dict[str, str]] = [
        {"form": "password", "old": PASSWORD, "new": "Graugans-auf-Reisen-8"},
        {"form": "badge", "code": "0004711999", "password": PASSWORD},
        {"form": "pin", "pin": PIN, "password": PASSWORD},
        {"form": "token", "name": "Robot", "days": "30"},
        {"form": "wish", "email": "finder@example.org"},
    ]
    for form in sent:
        answer = client.post("/masterdata/account", form)
        assert answer.status_code == 422, form
        assert sentence in answer.content.decode(), form
    assert nurse.tokens.count() == 0
    client.post("/masterdata/account/badge/end")
    client.post("/masterdata/account/pin/end")
    nurse.refresh_from_db()
    assert nurse.badge is not None
    assert nurse.check_password(PASSWORD)


def test_people_and_grants_want_a_password(here: Site, boss: Actor) -> None:
    chief = person("administrator", here.h.campus, PASSWORD)
    give_badge(actor=boss, person_id=chief.pk, code=BADGE)
    client = device(boss, here.h.campus)
    come_in(client, badge=BADGE)
    for address in ("/masterdata/people", f"/masterdata/people/{here.nurse.pk}", "/masterdata/devices"):
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert "您是凭工牌或 PIN 码进入的" in answer.content.decode()
    client.post("/sign-out")
    client.post("/sign-in?password=1", {"username": chief.username, "password": PASSWORD})
    assert client.get("/masterdata/people").status_code == 200


def test_the_device_stands_on_what_is_done_there(here: Site, boss: Actor) -> None:
    keeper = person("storekeeper", here.h.campus)
    give_badge(actor=boss, person_id=keeper.pk, code=BADGE)
    [epc] = here.stocked(1)
    client = device(boss, here.h.store)
    client.cookies["yanji_device"] = "something%20else"
    come_in(client, badge=BADGE)
    body = {
        "key": unique("k"),
        "flow": "put_away",
        "scans": [{"text": epc}],
        "about": {"place_id": here.h.bin.pk},
    }
    token = client.get("/scan").cookies.get("yanji_csrf") or client.cookies["yanji_csrf"]
    answer = client.post(
        "/api/v1/handheld/acts", json.dumps({**body, "scanned_at": timezone.now().isoformat()}),
        content_type="application/json", headers={"X-CSRFToken": token.value, "X-Person": str(keeper.pk)},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    assert Event.objects.latest("pk").device == SharedDevice.objects.get().name


def test_badge_and_pin_together(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    set_own_pin(actor=here.actor(nurse), password=PASSWORD, pin=PIN)
    client = device(boss, here.h.department, rule="badge_pin")
    wrong = [
        {"badge": BADGE}, {"badge": BADGE, "pin": "9999"}, {"username": nurse.username, "pin": PIN},
        {"badge": "0009999999", "pin": PIN}, {},
    ]  # fmt: skip
    said = {come_in(client, **each).context["refused_because"] for each in wrong}
    assert len(said) == 1, "no hint which of the two was wrong, or who exists"
    assert come_in(client, badge=BADGE, pin=PIN).status_code == 302
    assert who(client) == nurse.pk


def test_name_and_pin_where_a_badge_alone_would_do(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    client = device(boss, here.h.department)
    assert come_in(client, username=nurse.username, pin="").status_code == 409, "no PIN is no PIN"
    set_own_pin(actor=here.actor(nurse), password=PASSWORD, pin=PIN)
    assert come_in(client, username=nurse.username, pin=PIN).status_code == 302
    assert who(client) == nurse.pk


def test_guessing_a_pin_closes_it_wherever_and_however(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    set_own_pin(actor=here.actor(nurse), password=PASSWORD, pin=PIN)
    one, other = (device(boss, here.h.department) for _ in range(2))
    for _attempt in range(LOCK_AFTER_FAILURES):
        assert come_in(one, username=nurse.username, pin="0001").status_code == 409
    for client in (one, other):
        locked = come_in(client, username=nurse.username, pin=PIN)
        assert "错误次数过多" in locked.context["refused_because"]
    # Whoever does not exist is locked alike.
    for _attempt in range(LOCK_AFTER_FAILURES):
        come_in(other, username="nobody", pin="0001")
    assert "错误次数过多" in come_in(other, username="nobody", pin="0001").context["refused_because"]
    # The password still opens it.
    one.post("/sign-in?password=1", {"username": nurse.username, "password": PASSWORD})
    assert who(one) == nurse.pk


def test_a_device_that_hears_only_unknown_badges_stops_listening(here: Site, boss: Actor) -> None:
    badged(here, boss)
    client, beside = device(boss, here.h.department), device(boss, here.h.department)
    for number in range(LOCK_DEVICE_AFTER):
        assert come_in(client, badge=f"00099{number:05}").status_code == 409
    assert "错误次数过多" in come_in(client, badge=BADGE).context["refused_because"]
    assert come_in(beside, badge=BADGE).status_code == 302


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "1234", "7777", "98765", "４８０６"])
def test_a_pin_that_is_none_or_too_easy(here: Site, boss: Actor, pin: str) -> None:
    nurse = badged(here, boss)
    with pytest.raises(ValidationError):
        set_own_pin(actor=here.actor(nurse), password=PASSWORD, pin=pin)


def test_a_code_is_for_one_browser_once_and_for_a_while(here: Site, boss: Actor) -> None:
    made, code = register_device(actor=boss, fields=DeviceFields("Cart 1", here.h.department.pk))
    wrong = Client(REMOTE_ADDR="10.0.0.1")
    for _attempt in range(LOCK_AFTER_FAILURES):
        assert wrong.post("/device", {"code": "00000000"}).status_code == 409
    assert "错误次数过多" in wrong.post("/device", {"code": code}).content.decode()
    first, second = Client(), Client()
    assert first.post("/device", {"code": code}).status_code == 302
    assert second.post("/device", {"code": code}).status_code == 409
    again = new_code(actor=boss, device_id=made.pk)
    SharedDevice.objects.update(code_until=timezone.now() - timedelta(seconds=1))
    assert second.post("/device", {"code": again}).status_code == 409
    assert second.post("/device", {"code": new_code(actor=boss, device_id=made.pk)}).status_code == 302
    assert "data-badge-page" not in first.get("/sign-in").content.decode(), "the first is it no more"


def test_only_who_administers_a_place_registers_a_device_there(here: Site, boss: Actor) -> None:
    elsewhere = place(Kind.CAMPUS)
    for fields in (
        DeviceFields("A", elsewhere.pk), DeviceFields("A", None), DeviceFields("A", here.h.store.pk, 0),
        DeviceFields("A", here.h.store.pk, 16),
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            register_device(actor=boss, fields=fields)
    made, _code = register_device(actor=boss, fields=DeviceFields("A", here.h.store.pk))
    with pytest.raises(ValidationError):
        register_device(actor=boss, fields=DeviceFields("A", here.h.store.pk))
    edit_device(actor=boss, device_id=made.pk, fields=DeviceFields("A", here.h.store.pk, 15))
    stranger = actor_for(person("administrator", elsewhere), today=timezone.localdate())
    for act in (end_device, new_code):
        with pytest.raises(PermissionDenied):
            act(actor=stranger, device_id=made.pk)


def test_the_pages_of_an_administrator(here: Site) -> None:
    client = Client()
    client.force_login(person("administrator", here.h.campus))
    assert "还没有共用设备" in client.get("/masterdata/devices").content.decode()
    sent = {"name": "Cart 7", "place_id": here.h.department.pk, "idle_minutes": 5, "rule": "badge"}
    shown = client.post("/masterdata/devices/new", sent, follow=True)
    code = shown.context["code"]
    assert code in shown.content.decode()
    assert client.get(shown.redirect_chain[-1][0]).context["code"] == "", "shown once"
    assert "Cart 7" in client.get("/masterdata/devices").content.decode()
    assert Client().post("/device", {"code": code}).status_code == 302
    made = SharedDevice.objects.get()
    client.post(f"/masterdata/devices/{made.pk}", {**sent, "idle_minutes": 2})
    made.refresh_from_db()
    assert made.idle_minutes == 2
    assert client.post(f"/masterdata/devices/{made.pk}/code", follow=True).context["code"] not in ("", code)
    client.post(f"/masterdata/devices/{made.pk}/end")
    made.refresh_from_db()
    assert made.ended_at is not None


def test_pages_are_not_kept_by_the_browser(here: Site) -> None:
    client = Client()
    client.force_login(here.nurse)
    for address in ("/", "/stock", "/notifications/bell", "/scan", "/sign-in"):
        assert "no-store" in client.get(address)["Cache-Control"], address
    for address in ("/scan/worker.js", "/scan/manifest.webmanifest"):
        assert "no-store" not in client.get(address).headers.get("Cache-Control", ""), address
    secret = create_token(actor=here.ward, name="t")[1]
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db(transaction=True)
def test_two_badges_at_once_leave_one_session() -> None:
    here = site()
    boss = actor_for(person("administrator", here.h.campus), today=timezone.localdate())
    people = [badged(here, boss, code=f"000471181{number}") for number in range(4)]
    client = device(boss, here.h.department)

    def scan(number: int) -> int:
        hand = Client()
        hand.cookies[COOKIE] = client.cookies[COOKIE].value
        return int(come_in(hand, badge=f"000471181{number}").status_code)

    codes = together(*[lambda number=number: scan(number) for number in range(4)])
    assert set(codes) <= {302, 400}
    assert 302 in codes
    [kept] = DeviceSession.objects.all()
    [opened] = Session.objects.filter(expire_date__gt=timezone.now())
    assert opened.session_key == kept.session_key
    assert opened.get_decoded()["_auth_user_id"] == str(kept.person_id)
    assert kept.person_id in {each.pk for each in people}
    assert settings.SESSION_COOKIE_NAME == "yanji_session"


def test_nobody_is_notified_at_a_device_of_all(here: Site, boss: Actor) -> None:
    badged(here, boss)
    shared = device(boss, here.h.department)
    come_in(shared, badge=BADGE)
    assert "data-notify-here" not in shared.get("/masterdata/account").content.decode()
    shared.post("/notifications/here", Browser("https://fcm.googleapis.com/fcm/send/1").said)
    assert not PushSubscription.objects.exists()
    own = Client()
    own.force_login(here.storekeeper)
    assert "data-notify-here" in own.get("/masterdata/account").content.decode()
