"""At a shared device: what is one's own stays so, and ends with what opened it."""

import pytest
from django.test import Client

from tests.flows.site import Site, site
from tests.notify.browser import Browser
from tests.web.shared_world import BADGE, PASSWORD, PIN, administrator, badged, come_in, device, who
from yanji.access.actions import end_device, set_own_pin
from yanji.access.actor import Actor
from yanji.access.models import Person, SharedDevice
from yanji.notify.models import PushSubscription
from yanji.notify.wishes import wish_of

NEW = "Graugans-auf-Reisen-8"


@pytest.fixture
def here(db: None) -> Site:
    return site()


@pytest.fixture
def boss(here: Site) -> Actor:
    return administrator(here)


def by_password(boss: Actor, here: Site, nurse: Person) -> Client:
    client = device(boss, here.h.department)
    client.post("/sign-in", {"username": nurse.username, "password": PASSWORD})
    assert who(client) == nurse.pk
    return client


def test_the_device_holds_a_session_whose_person_changed_the_password(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    client = by_password(boss, here, nurse)
    client.post("/masterdata/account", {"form": "password", "old": PASSWORD, "new": NEW})
    nurse.refresh_from_db()
    assert nurse.check_password(NEW)
    assert who(client) == nurse.pk, "this session goes on"
    end_device(actor=boss, device_id=SharedDevice.objects.get().pk)
    assert who(client) is None


def test_a_lent_badge_sends_nobodys_messages_elsewhere(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    own = Client()
    own.force_login(nurse)
    own.post("/notifications/here", Browser("https://fcm.googleapis.com/fcm/send/1").said)
    own.post("/masterdata/account", {"form": "wish", "email": "own@example.org"})
    client = device(boss, here.h.department)
    come_in(client, badge=BADGE)
    taken = client.post("/masterdata/account", {"form": "wish", "email": "finder@example.org"})
    assert taken.status_code == 422
    assert wish_of(nurse.pk).email == "own@example.org"
    quiet = {"form": "wish", "email": "own@example.org", "quiet_from": "22:00", "quiet_to": "06:00"}
    assert client.post("/masterdata/account", quiet).status_code == 302, "the hours alone"
    told = PushSubscription.objects.get()
    client.post(f"/notifications/browsers/{told.pk}/end")
    assert PushSubscription.objects.exists()
    assert own.post(f"/notifications/browsers/{told.pk}/end").status_code == 302
    assert not PushSubscription.objects.exists()


def test_a_changed_pin_ends_what_the_one_before_opened(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    set_own_pin(actor=here.actor(nurse), password=PASSWORD, pin="7391")
    seen = device(boss, here.h.department)
    come_in(seen, username=nurse.username, pin="7391")
    client = by_password(boss, here, nurse)
    assert who(seen) == nurse.pk
    client.post("/masterdata/account", {"form": "pin", "pin": PIN, "password": PASSWORD})
    assert who(seen) is None
    assert who(client) == nurse.pk, "who proved to be it goes on"


def test_nobody_begins_where_another_had_stopped(here: Site, boss: Actor) -> None:
    badged(here, boss)
    client = device(boss, here.h.department)
    assert come_in(client, badge=BADGE, next="/theatre/case/17")["Location"] == "/"
    assert come_in(client, badge=BADGE, next="/scan")["Location"] == "/scan"


def test_a_browser_that_becomes_a_shared_device_is_notified_no_more(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    browser = Client()
    browser.force_login(nurse)
    browser.post("/notifications/here", Browser("https://fcm.googleapis.com/fcm/send/1").said)
    assert PushSubscription.objects.exists()
    del browser.cookies["yanji_session"]  # lapsed
    made = device(boss, here.h.department, client=browser)
    assert not PushSubscription.objects.exists()
    come_in(made, badge=BADGE)
