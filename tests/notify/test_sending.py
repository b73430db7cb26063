"""What goes out reaches a real mail server and a real web server: once, signed, again after a failure, never in quiet hours."""

import json
from datetime import datetime, time, timedelta
from email.header import decode_header, make_header
from ipaddress import ip_address
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, person
from tests.makers import everything, unique
from tests.notify.post import ADDRESS, HELD, Mails, held, hooked, local, wishes
from yanji.access.models import Grant
from yanji.flows.hold import release
from yanji.ledger.api import Refused
from yanji.notify import hooks
from yanji.notify.inbox import acknowledge
from yanji.notify.look import look
from yanji.notify.models import Delivery, Hook, Notification, Wish
from yanji.notify.outbox import MOST_TRIES, send_due, wait
from yanji.notify.sending import NotSent, judged, signature


def test_an_email_is_sent_once_in_the_persons_language(here: Site, mails: Mails) -> None:
    wishes(here)
    here.storekeeper.language = "en"
    here.storekeeper.save()
    held(here)
    now = timezone.now()
    look(now, HELD)
    look(now, HELD)
    assert send_due(now) == 1
    assert send_due(now) == 0
    [(to, mail)] = mails.got
    assert to == [ADDRESS]
    assert str(make_header(decode_header(mail["Subject"]))) == "Yanji: On hold, waits for a decision"
    assert "1 piece on hold waits for a decision" in mail.get_payload(decode=True).decode()
    delivery = Delivery.objects.get()
    assert mail["Message-ID"] == f"<{delivery.pk}@yanji>"
    assert (delivery.state, delivery.person) == ("sent", here.storekeeper)


def test_a_server_that_refuses_is_tried_again_later_and_ever_later(here: Site, mails: Mails) -> None:
    wishes(here)
    held(here)
    now = timezone.now()
    look(now, HELD)
    mails.refusing = True
    send_due(now)
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.tries, waiting.next_at) == ("waiting", 1, now + timedelta(minutes=1))
    assert "later, please" in waiting.last_error
    assert send_due(now + timedelta(seconds=59)) == 0
    mails.refusing = False
    assert send_due(now + timedelta(seconds=61)) == 1
    assert (len(mails.got), Delivery.objects.get().state) == (1, "sent")
    assert [wait(tries) for tries in (1, 2, 3, 10)] == [timedelta(minutes=each) for each in (1, 2, 4, 60)]


def test_what_never_goes_out_is_kept_and_can_be_sent_again(here: Site, mails: Mails) -> None:
    wishes(here)
    held(here)
    now = timezone.now()
    look(now, HELD)
    Delivery.objects.update(tries=MOST_TRIES - 1)
    mails.refusing = True
    send_due(now)
    dead = Delivery.objects.get()
    assert dead.state == "dead"
    boss = everything(here.h.campus, person("administrator", here.h.campus))
    assert hooks.not_sent(boss) == [dead]
    mails.refusing = False
    hooks.send_again(actor=boss, key=unique("k"), delivery_id=str(dead.pk))
    send_due()
    assert len(mails.got) == 1


def test_one_that_was_taken_up_and_left_is_sent_again_under_the_same_id(here: Site, mails: Mails) -> None:
    wishes(here)
    held(here)
    now = timezone.now()
    look(now, HELD)
    # Whoever took it up died over it: tried once, its time moved ahead, nothing said of the outcome.
    Delivery.objects.update(tries=1, next_at=now + timedelta(minutes=5))
    assert send_due(now + timedelta(minutes=4)) == 0
    assert send_due(now + timedelta(minutes=6)) == 1
    assert mails.got[0][1]["Message-ID"] == f"<{Delivery.objects.get().pk}@yanji>"


@pytest.mark.parametrize(
    ("quiet", "now", "due"),
    [
        ((22, 7), local(23), local(7, 6)),
        ((22, 7), local(3), local(7)),
        ((22, 7), local(12), local(12)),
        ((12, 14), local(13), local(14)),
        ((12, 14), local(14), local(14)),
    ],
)
def test_quiet_hours_wait_for_their_end(
    here: Site, mails: Mails, quiet: tuple[int, int], now: datetime, due: datetime
) -> None:
    wishes(here, *(time(hour) for hour in quiet))
    held(here)
    look(now, HELD)
    assert Delivery.objects.get().next_at == due


def test_what_is_urgent_does_not_wait(here: Site, mails: Mails) -> None:
    wishes(here, time(22), time(7))
    held(here)
    look(local(23), HELD)
    Delivery.objects.all().delete()
    Notification.objects.update(severity="urgent")
    look(local(23), ())
    assert Delivery.objects.get().next_at == local(23)


@pytest.mark.parametrize("ends", ["acknowledged", "over", "not theirs"])
def test_what_needs_nobody_any_more_is_not_sent(here: Site, mails: Mails, ends: str) -> None:
    wishes(here, time(22), time(7))
    epcs = held(here)
    look(local(23), HELD)
    found = Notification.objects.get()
    if ends == "acknowledged":
        acknowledge(actor=here.actor(here.second), key=unique("k"), notification_ids=[found.pk])
    elif ends == "over":
        release(actor=here.keeper, key=unique("k"), things=epcs, reason="inspected")
    else:
        Grant.objects.filter(person=here.storekeeper).delete()
    look(local(6, 6), HELD)
    assert send_due(local(8, 6)) == 0
    assert (mails.got, Delivery.objects.get().state) == ([], "dropped")


def test_another_system_hears_what_opens_and_what_became_of_it_signed(here: Site, calls: Any) -> None:
    hook = hooked(here, calls, kinds=HELD, place_id=here.h.campus.pk)
    [epc] = held(here)
    here.requisition((here.h.item, 1))
    now = timezone.now()
    look(now, (*HELD, "requested"))
    send_due(now)
    acknowledge(
        actor=here.keeper, key=unique("k"), notification_ids=[Notification.objects.get(kind="on_hold").pk]
    )
    look(now + timedelta(seconds=1), ())
    release(actor=here.keeper, key=unique("k"), things=[epc], reason="inspected")
    later = now + timedelta(seconds=2)
    look(later, HELD)
    while send_due(later):
        pass
    told = [json.loads(content) for _headers, content in calls.got]
    assert [(each["kind"], each["state"]) for each in told] == [
        ("on_hold", "open"), ("on_hold", "acknowledged"), ("on_hold", "closed"),
    ]  # fmt: skip
    assert told[0]["words"]["en"]["sentence"] == "1 piece on hold waits for a decision"
    headers, content = calls.got[0]
    at = int(headers["Yanji-Timestamp"])
    assert headers["Yanji-Signature"] == f"v1={signature(hook.secret, at, content)}"
    assert headers["Yanji-Signature"] != f"v1={signature(hook.secret, at + 1, content)}"
    assert headers["Yanji-Delivery"] == told[0]["delivery"]


def test_a_message_that_breaks_stops_no_other(here: Site, calls: Any) -> None:
    good, bad = hooked(here, calls), hooked(here, calls)
    Hook.objects.filter(pk=bad.pk).update(url="https://a..b/")  # of a release that took it
    held(here)
    look(timezone.now(), HELD)
    while send_due(timezone.now()):
        pass
    assert {each.hook_id: bool(each.last_error) for each in Delivery.objects.all()} == {
        good.pk: False,
        bad.pk: True,
    }
    assert len(calls.got) == 1


def test_a_system_that_answers_badly_is_tried_again_and_later_news_wait(here: Site, calls: Any) -> None:
    hooked(here, calls, kinds=HELD)
    held(here)
    now = timezone.now()
    look(now, HELD)
    calls.answers = 503
    send_due(now)
    assert "503" in Delivery.objects.get().last_error
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[Notification.objects.get().pk])
    look(now + timedelta(seconds=5), ())
    assert send_due(now + timedelta(seconds=10)) == 0
    calls.answers = 204
    send_due(now + timedelta(seconds=61))
    send_due(now + timedelta(seconds=61))
    assert [json.loads(content)["state"] for _headers, content in calls.got] == [
        "open",
        "open",
        "acknowledged",
    ]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b::a9fe:a9fe",
        "2002:a00:1::",
        "::ffff:10.0.0.1",
        "::a00:1",
    ],
)
def test_nothing_inside_the_house_is_called_unless_the_site_says_so(settings: Any, host: str) -> None:
    settings.YANJI_HOOKS_INSIDE = False
    with pytest.raises(NotSent):
        judged(host, 443)
    settings.YANJI_HOOKS_INSIDE = True
    assert ip_address(judged(host, 443)) == ip_address(host)


def test_addresses_that_cannot_be_called_and_people_of_one_place_are_refused(
    here: Site, settings: Any
) -> None:
    settings.YANJI_HOOKS_INSIDE = False
    boss = everything(here.h.campus, person("administrator", here.h.campus))
    for address in (
        "http://example.org/",
        "example.org",
        "https://user:pw@example.org/",
        "ftp://example.org",
        "https://example.org/路径",
        "https://a..example.org/",
        "https://example.org/a b",
    ):
        with pytest.raises(Refused) as refused:
            hooks.add_hook(actor=boss, key=unique("k"), name="X", address=address)
        assert refused.value.code == "bad_hook_address"
    with pytest.raises(Refused) as refused:
        hooks.add_hook(actor=here.keeper, key=unique("k"), name="X", address="https://example.org/")
    assert refused.value.code == "rule_for_the_whole_house"
    assert hooks.hooks(here.keeper) == hooks.not_sent(here.keeper) == []


@pytest.mark.parametrize(
    "sent", [{"quiet_from": "22:00"}, {"quiet_from": "22:00", "quiet_to": "22:00"}, {"email": "nowhere"}]
)
def test_half_a_wish_is_refused_in_words(here: Site, client: Any, sent: dict[str, str]) -> None:
    client.force_login(here.storekeeper)
    answer = client.post("/masterdata/account", {"form": "wish", **sent})
    assert answer.status_code == 422
    assert ('role="alert"' in answer.content.decode()) or "invalid" in answer.content.decode()
    assert not Wish.objects.exists()
