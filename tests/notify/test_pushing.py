"""A phone is told while Yanji is closed: by a real push service, in words that only this browser can read, and never of what
is another's."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from tests.flows.site import Site
from tests.notify.browser import Browser
from tests.notify.post import HELD, Calls, Mails, held, local, wishes
from tests.web.world import supplier_person
from yanji.access.gates import NotFound
from yanji.access.models import Person
from yanji.ledger.api import Refused
from yanji.notify import pushing
from yanji.notify.look import look
from yanji.notify.models import Delivery, PushSubscription, Rule
from yanji.notify.outbox import send_due
from yanji.notify.pushing import MOST_BROWSERS, notify_here, notify_no_more, public_key
from yanji.notify.wishes import keep_wish

ACCOUNT = "/masterdata/account"


def let(here: Site, server: Any, number: int = 1) -> Browser:
    """The storekeeper lets a browser be notified."""
    browser = Browser(f"http://127.0.0.1:{server.server_port}/push/{number}")
    notify_here(actor=here.keeper, **browser.said)
    return browser


def came_to(server: Any, browser: Browser) -> list[tuple[dict[str, str], bytes]]:
    path = browser.endpoint.partition("/push/")[2]
    return [(headers, content) for headers, content, at in server.got if at.endswith(f"/{path}")]


@pytest.fixture
def service(calls: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A push service; ``answers``: what it answers, or what it answers at each address."""

    class Pushes(Calls):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.got.append(
                ({name.lower(): said for name, said in self.headers.items()}, content, self.path)
            )
            answers = self.server.answers
            self.send_response(answers.get(self.path, 201) if isinstance(answers, dict) else answers)
            self.end_headers()

    calls.RequestHandlerClass, calls.answers = Pushes, 201
    at = f"http://127.0.0.1:{calls.server_port}/"
    monkeypatch.setattr(pushing, "_is_service", lambda endpoint: endpoint.startswith(at))
    monkeypatch.setattr(pushing, "_silent_until", {})
    return calls


def test_only_the_browser_can_read_it_and_it_knows_from_whom_it_is(here: Site, service: Any) -> None:
    Person.objects.filter(pk=here.storekeeper.pk).update(language="en")
    browser = let(here, service)
    held(here)
    now = timezone.now()
    look(now, HELD)
    look(now, HELD)
    assert (send_due(now), send_due(now)) == (1, 0)
    [(headers, content)] = came_to(service, browser)
    said = browser.reads(content)
    assert said["title"] == "Yanji: On hold, waits for a decision"
    assert said["body"].endswith("1 piece on hold waits for a decision")
    assert (headers["content-encoding"], headers["urgency"]) == ("aes128gcm", "normal")
    with pytest.raises(InvalidTag):
        Browser(browser.endpoint, browser.private).reads(content)
    token, _, key = headers["authorization"].removeprefix("vapid t=").partition(", k=")
    assert key == public_key()
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), jwt.utils.base64url_decode(key))
    claims = jwt.decode(token, point, algorithms=["ES256"], audience="http://127.0.0.1")
    assert claims["sub"].startswith("mailto:")
    assert Delivery.objects.get().state == "sent"


def test_what_one_browser_took_is_not_told_again_because_another_failed(here: Site, service: Any) -> None:
    first, second = let(here, service, 1), let(here, service, 2)
    service.answers = {"/push/1": 503}
    held(here)
    now = timezone.now()
    look(now, HELD)
    send_due(now)
    assert send_due(now + timedelta(hours=1)) == 0
    assert (len(came_to(service, first)), len(came_to(service, second))) == (1, 1)
    assert PushSubscription.objects.count() == 2


def test_what_no_browser_took_is_tried_again(here: Site, service: Any) -> None:
    browser = let(here, service)
    service.answers = 503
    held(here)
    now = timezone.now()
    look(now, HELD)
    send_due(now)
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.why, waiting.last_error) == ("waiting", "answered", "503")
    service.answers = 201
    assert send_due(now + timedelta(minutes=1)) == 1
    assert len(came_to(service, browser)) == 2
    assert Delivery.objects.get().state == "sent"


def test_a_silent_service_is_asked_once_a_minute_whoever_waits(
    here: Site, service: Any, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the firewall lets nothing out, a mail does not wait for the calls of sixty people."""
    wishes(here)
    asked: list[str] = []

    def nobody(url: str, _content: bytes, _headers: Any) -> int:
        asked.append(url)
        raise OSError("no route")

    monkeypatch.setattr(pushing, "post", nobody)
    for number in (1, 2, 3):
        let(here, service, number)
    held(here)
    look(timezone.now(), HELD)
    send_due()
    assert (len(asked), len(mails.got)) == (1, 1)
    waiting = Delivery.objects.get(channel="push")
    assert (waiting.state, waiting.why) == ("waiting", "no_answer")
    monkeypatch.setattr(pushing, "SILENT_SECONDS", 0)
    monkeypatch.setattr(pushing, "_silent_until", {})
    send_due(timezone.now() + timedelta(minutes=5))
    assert len(asked) > 1


def test_a_browser_that_is_no_more_is_forgotten(here: Site, service: Any) -> None:
    let(here, service)
    service.answers = 410
    held(here)
    now = timezone.now()
    look(now, HELD)
    send_due(now)
    assert not PushSubscription.objects.exists()
    assert Delivery.objects.get().state == "dropped"


def test_what_was_open_before_is_not_told_there(here: Site, service: Any) -> None:
    held(here)
    look(timezone.now(), HELD)
    let(here, service)
    look(timezone.now(), HELD)
    assert not Delivery.objects.exists()


def test_quiet_hours_hold_without_an_address(here: Site, service: Any) -> None:
    keep_wish(actor=here.keeper, email="", quiet_from=local(22).time(), quiet_to=local(6).time())
    let(here, service)
    PushSubscription.objects.update(since=local(0))
    held(here)
    look(local(23), HELD)
    send_due(local(23))
    assert (service.got, Delivery.objects.get().next_at) == ([], local(6, day=6))
    send_due(local(6, day=6))
    assert len(service.got) == 1


def test_a_rule_that_does_not_name_it_tells_nobody_there(here: Site, service: Any) -> None:
    Rule.objects.update(channels=["email"])
    let(here, service)
    held(here)
    look(timezone.now(), HELD)
    assert not Delivery.objects.exists()


def test_a_browser_tells_one_person_and_a_person_has_not_too_many(here: Site, service: Any) -> None:
    browser = let(here, service, 0)
    notify_here(actor=here.ward, **browser.said)
    assert [each.person_id for each in PushSubscription.objects.all()] == [here.nurse.pk]
    for number in range(1, MOST_BROWSERS + 2):
        let(here, service, number)
    mine = PushSubscription.objects.filter(person=here.storekeeper).values_list("endpoint", flat=True)
    assert sorted(each.rpartition("/")[2] for each in mine) == ["2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://fcm.googleapis.com/fcm/send/1"},
        {"endpoint": "https://fcm.googleapis.com:9200/fcm/send/1"},
        {"endpoint": "https://fcm.googleapis.com.example.org/1"},
        {"endpoint": "https://10.0.0.5/_search"},
        {"endpoint": "https://fcm.googleapis.com@10.0.0.5/"},
        {"endpoint": "https://"},
        {"endpoint": "https://fcm.googleapis.com/a b"},
        {"p256dh": "A" * 87},
        {"p256dh": ""},
        {"auth": "AAAA"},
        {"auth": "!!!!!!!!!!!!!!!!!!!!!!"},
    ],
)
def test_what_no_browser_would_say_is_refused(here: Site, wrong: dict[str, str]) -> None:
    said = Browser("https://fcm.googleapis.com/fcm/send/1").said
    with pytest.raises(Refused) as refused:
        notify_here(actor=here.keeper, **(said | wrong))
    assert refused.value.code == "bad_push_subscription"
    assert not PushSubscription.objects.exists()
    assert notify_here(actor=here.keeper, **said).person_id == here.storekeeper.pk


def test_nobody_else_s_and_no_supplier_s(here: Site, service: Any) -> None:
    let(here, service)
    mine = PushSubscription.objects.get()
    with pytest.raises(NotFound):
        notify_no_more(actor=here.ward, subscription_id=mine.pk)
    theirs = here.actor(supplier_person(here))
    with pytest.raises(NotFound):
        notify_here(actor=theirs, **Browser("https://fcm.googleapis.com/fcm/send/1").said)
    notify_no_more(actor=here.keeper, subscription_id=mine.pk)
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(("then", "left"), [("out", 0), ("another", 0), ("same", 1), ("elsewhere", 1)])
def test_whoever_leaves_the_browser_is_not_notified_there(here: Site, then: str, left: int) -> None:
    page = Client()
    page.force_login(here.second if then == "same" else here.storekeeper)
    answer = page.post("/notifications/here", Browser("https://fcm.googleapis.com/fcm/send/1").said)
    assert answer["Location"] == f"{ACCOUNT}#told"
    assert PushSubscription.objects.count() == 1
    assert page.cookies["yanji_notified"]["httponly"]
    if then == "out":
        page.post("/sign-out")
    else:
        at = Client() if then == "elsewhere" else page
        del page.cookies["yanji_session"]  # the session lapsed, nobody signed out
        signed_in = at.post("/sign-in", {"username": here.second.username, "password": "Zweite-Person-7"})
        assert signed_in.status_code == 302
    assert PushSubscription.objects.count() == left
