"""A shared device goes on to the next badge from whatever page there is, and programs see and end it."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.flows.site import Site, site
from tests.makers import place
from tests.web.shared_world import BADGE, PASSWORD, PIN, administrator, badged, come_in, device, who
from yanji.access.actions import set_own_pin
from yanji.access.actor import Actor
from yanji.access.models import SharedDevice
from yanji.access.tokens import create_token
from yanji.places.models import Kind
from yanji.web.badge_in import HAND_OVERS, MOST_ASKED
from yanji.web.models import FailedSignIn


@pytest.fixture
def here(db: None) -> Site:
    return site()


@pytest.fixture
def boss(here: Site) -> Actor:
    return administrator(here)


def hand_over(client: Client, badge: str) -> dict[str, str]:
    answer: dict[str, str] = client.post("/badge", {"badge": badge, "hand_over": "1", "next": "/scan"}).json()
    return answer


def test_the_next_badge_takes_the_page_over_and_other_scans_are_none(here: Site, boss: Actor) -> None:
    first, second = badged(here, boss), badged(here, boss, code="0004711888")
    badged(here, boss, place(Kind.DEPARTMENT, here.h.campus), "0004711999")
    client = device(boss, here.h.department)
    assert hand_over(client, BADGE) == {}, "nobody is signed in whose page could be handed over"
    come_in(client, badge=BADGE)
    before = client.session.session_key
    assert hand_over(client, "A-01-02-03") == {}
    assert "已登录" in hand_over(client, BADGE)["says"]
    assert "这不能打开此设备" in hand_over(client, "0004711999")["says"]
    assert who(client) == first.pk
    assert hand_over(client, "0004711888") == {"goes": "/scan"}
    assert who(client) == second.pk
    assert not Session.objects.filter(session_key=before).exists()
    elsewhere = Client()
    elsewhere.force_login(first)
    assert hand_over(elsewhere, "0004711888") == {}, "no page is an oracle of badges"


def test_what_is_scanned_in_earnest_and_what_is_scanned_again_is_no_try(here: Site, boss: Actor) -> None:
    badged(here, boss)
    [unit] = here.stocked(1)
    client = device(boss, here.h.department)
    come_in(client, badge=BADGE)
    for code in (here.h.department.code, unit, "A-01-02-03", "A-01-02-03"):
        assert hand_over(client, code) == {}
    assert FailedSignIn.objects.values("username").distinct().count() == 1


def test_at_the_limit_a_possible_badge_is_answered_and_goods_go_on(here: Site, boss: Actor) -> None:
    badged(here, boss)
    badged(here, boss, code="0004711888")
    client = device(boss, here.h.department)
    come_in(client, badge=BADGE)
    hand_over(client, "A-01-02-03")
    asked = FailedSignIn.objects.get()
    tries = [FailedSignIn(username=f"{HAND_OVERS} {n}", address=asked.address) for n in range(MOST_ASKED - 1)]
    FailedSignIn.objects.bulk_create(tries)
    refused = hand_over(client, "0004711888")
    assert "请先退出登录" in refused["says"]
    assert hand_over(client, "0004711999") == refused, "whether it is a badge is not said"
    assert hand_over(client, here.h.department.code) == {}
    assert hand_over(client, "1728010110L2409A") == {}, "the other half of a label"
    assert come_in(client, badge="0004711888").status_code == 302, "the door itself is open"


def test_where_a_pin_is_asked_a_hand_over_ends_with_it(here: Site, boss: Actor) -> None:
    first, second = badged(here, boss), badged(here, boss, code="0004711888")
    for each in (first, second):
        set_own_pin(actor=here.actor(each), password=PASSWORD, pin=PIN)
    client = device(boss, here.h.department, rule="badge_pin")
    come_in(client, badge=BADGE, pin=PIN)
    assert hand_over(client, "0004711888") == {"goes": "/sign-in?next=/scan"}
    assert who(client) is None, "whoever was here is out"
    page = client.get("/sign-in?next=/scan").content.decode()
    assert "id_badge" not in page
    assert second.name not in page
    assert come_in(client, pin=PIN, next="/scan")["Location"] == "/scan"
    assert who(client) == second.pk
    hand_over(client, BADGE)
    assert come_in(client, pin="0000").status_code == 409
    assert come_in(client, pin=PIN).status_code == 409, "the badge is shown anew"


def test_programs_list_and_end_devices(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    client = device(boss, here.h.department)
    come_in(client, badge=BADGE)
    made = SharedDevice.objects.get()

    def bearer(actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {create_token(actor=actor, name='t')[1]}"}

    [row] = Client().get("/api/v1/devices", headers=bearer(boss)).json()
    assert (row["id"], row["name"], row["claimed"], row["last_person"]) == (
        made.pk,
        made.name,
        True,
        nurse.name,
    )
    assert Client().get("/api/v1/devices", headers=bearer(here.ward)).json() == []
    end = f"/api/v1/devices/{made.pk}/end"
    assert Client().post(end, headers=bearer(here.ward)).status_code == 404
    assert Client().post(end, headers=bearer(boss)).json() == {"ended": True}
    assert Client().post(end, headers=bearer(boss)).status_code == 404
    assert who(client) is None


def test_a_page_opened_by_badge_ends_no_token_through_the_interface(here: Site, boss: Actor) -> None:
    nurse = badged(here, boss)
    token, _secret = create_token(actor=here.actor(nurse), name="t")
    client = device(boss, here.h.department)
    come_in(client, badge=BADGE)
    csrf = {"X-CSRFToken": client.cookies["yanji_csrf"].value}
    answer = client.delete(f"/api/v1/tokens/{token.pk}", headers=csrf)
    assert (answer.status_code, answer.json()["code"]) == (403, "needs_password")
    token.refresh_from_db()
    assert token.revoked_at is None
