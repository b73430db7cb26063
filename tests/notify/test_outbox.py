"""The outbox under strain: two senders at once, systems that are slow, hours that became quiet, addresses that are gone."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import time, timedelta
from threading import Barrier, BrokenBarrierError, Thread
from threading import local as local_to_thread
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone, translation

from tests.flows.site import Site, person, site
from tests.makers import everything, unique
from tests.notify.post import HELD, Mails, held, hooked, local, wishes
from yanji.ledger.api import Refused
from yanji.notify import hooks, outbox, sending
from yanji.notify.inbox import acknowledge
from yanji.notify.look import look
from yanji.notify.models import Delivery, Hook, Notification, Rule, Wish
from yanji.notify.outbox import AT_ONCE, TAKE_UP, send_due, wait
from yanji.notify.sending import NotSent, host_header, why_not


def boss(here: Site) -> Any:
    return everything(here.h.campus, person("administrator", here.h.campus))


# Takes up without saying so: what TAKE_UP would be without its UPDATE.
UNMARKED = "SELECT id FROM notify_delivery WHERE state = 'waiting' AND next_at <= %(now)s ORDER BY id LIMIT %(limit)s"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("sql", "twice"), [(TAKE_UP, 0), (UNMARKED, AT_ONCE)], ids=["as it is", "control"])
def test_two_senders_at_once_send_each_message_once(
    monkeypatch: pytest.MonkeyPatch, sql: str, twice: int
) -> None:
    here = site()
    hook = Hook.objects.create(name="D", url="https://example.org/", secret="s", edited_by=here.buyer)
    for _ in range(2 * AT_ONCE):
        here.requisition((here.h.item, 1))
    look(timezone.now(), ("requested",))
    assert Delivery.objects.filter(hook=hook).count() == 2 * AT_ONCE
    both, sent, mine = Barrier(2, timeout=20), list[Any](), local_to_thread()

    def call(delivery: Delivery, _now: Any) -> None:
        if not hasattr(mine, "begun"):
            mine.begun = True
            with_other(both)  # neither begins before both have taken up theirs
        sent.append(delivery.pk)

    monkeypatch.setattr(outbox, "TAKE_UP", sql)
    monkeypatch.setattr(outbox, "by_webhook", call)
    workers = [Thread(target=_sender) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    times = Counter(sent)
    assert sum(1 for count in times.values() if count > 1) == twice
    assert twice or len(times) == 2 * AT_ONCE


def with_other(both: Barrier) -> None:
    try:
        both.wait()
    except BrokenBarrierError:
        pytest.fail("the other sender took up nothing")


def _sender() -> None:
    try:
        send_due()
    finally:
        connection.close()


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which each caller is answered so."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    link, _address = server.accept()
                except OSError:
                    return
                Thread(target=answer, args=(link,), daemon=True).start()

        Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def dripping(link: socket.socket) -> None:
    """Says something each moment, and never comes to an end."""
    with link, suppress(OSError):
        link.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while True:
            link.sendall(b"1")
            sleep(0.05)


def mute(link: socket.socket) -> None:
    """Takes what is said, and says nothing."""
    with link, suppress(OSError):
        while link.recv(1000):
            pass


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_call_has_one_deadline_whatever_drips(
    settings: Any, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    settings.YANJI_HOOKS_INSIDE = True
    monkeypatch.setattr(sending, "SECONDS", 0.6)
    answer = dripping if scheme == "http" else mute
    begun = monotonic()
    with serving(answer) as port, pytest.raises(NotSent) as why:
        sending.post(f"{scheme}://127.0.0.1:{port}/", b"{}", {})
    assert monotonic() - begun < 5
    assert why.value.code == "slow"


def test_a_read_that_waited_as_long_is_slow_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def timed_out(_call: Any) -> int:
        raise TimeoutError("The handshake operation timed out")

    monkeypatch.setattr(sending._Call, "_called", timed_out)
    with pytest.raises(NotSent) as why:
        sending.post("https://systems.example/", b"{}", {})
    assert why.value.code == "slow"


def test_one_system_that_does_not_answer_is_asked_once_a_round(
    here: Site, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked(here, calls)
    for _ in range(AT_ONCE + 2):
        here.requisition((here.h.item, 1))
    now = timezone.now()
    look(now, ("requested",))
    asked: list[Any] = []

    def silent(delivery: Delivery, _now: Any) -> None:
        asked.append(delivery.pk)
        raise NotSent("slow", "10")

    monkeypatch.setattr(outbox, "by_webhook", silent)
    assert send_due(now) == AT_ONCE
    assert send_due(now + timedelta(seconds=59)) == 0
    assert len(asked) == 1
    tries = Counter(Delivery.objects.values_list("tries", "next_at"))
    assert tries == {(1, now + wait(1)): 1, (0, now + wait(1)): AT_ONCE + 1}


def test_send_again_while_a_system_does_not_answer_holds_up_no_round(
    here: Site, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked(here, calls)
    for _ in range(2):
        here.requisition((here.h.item, 1))
    now, keeps = timezone.now(), boss(here)
    look(now, ("requested",))

    def silent(_delivery: Delivery, _now: Any) -> None:
        for each in Delivery.objects.all():
            hooks.send_again(actor=keeps, key=unique("k"), delivery_id=str(each.pk))
        raise NotSent("slow", "10")

    monkeypatch.setattr(outbox, "by_webhook", silent)
    assert send_due(now) == 2
    assert [each.tries for each in Delivery.objects.all()] == [0, 0]


def test_what_was_answered_holds_up_no_other_message(here: Site, calls: Any) -> None:
    hooked(here, calls)
    for _ in range(2):
        here.requisition((here.h.item, 1))
    now = timezone.now()
    look(now, ("requested",))
    calls.answers = 400
    send_due(now)
    assert len(calls.got) == 2


def test_urgent_ones_and_people_go_first(here: Site, mails: Mails, calls: Any) -> None:
    hooked(here, calls)
    for _ in range(2):
        here.requisition((here.h.item, 1))
    wishes(here)
    held(here)
    now = timezone.now()
    look(now, (*HELD, "requested"))
    last = Notification.objects.filter(kind="requested").latest("pk")
    Notification.objects.filter(pk=last.pk).update(severity="urgent")
    order = [each.pk for each in outbox._whole(Delivery.objects.values_list("pk", flat=True))]
    assert order[0] == Delivery.objects.get(person=here.storekeeper).pk
    assert order[1] == Delivery.objects.get(notification=last).pk


def test_hours_that_became_quiet_since_are_kept(here: Site, mails: Mails) -> None:
    wishes(here)
    held(here)
    look(local(21), HELD)
    wishes(here, time(22), time(7))
    assert send_due(local(23)) == 0
    assert Delivery.objects.get().next_at == local(7, 6)
    assert Delivery.objects.get().tries == 0
    assert send_due(local(7, 6)) == 1
    assert len(mails.got) == 1


def test_an_address_that_was_taken_away_gets_nothing_and_nothing_is_said_to_be_sent(
    here: Site, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes(here)
    held(here)
    now = timezone.now()
    look(now, HELD)
    Wish.objects.update(email="")
    assert send_due(now) == 0
    assert (mails.got, Delivery.objects.get().state) == ([], "dropped")
    Delivery.objects.update(state="waiting")  # it was taken away between taking up and sending
    [delivery] = outbox._whole([Delivery.objects.get().pk])
    outbox._send(delivery, now)
    assert Delivery.objects.get().state == "dropped"


def test_why_it_was_not_sent_is_said_in_the_readers_language(here: Site, calls: Any, client: Any) -> None:
    hooked(here, calls)
    held(here)
    now = timezone.now()
    look(now, HELD)
    calls.answers = 503
    with translation.override("zh-hans"):
        send_due(now)
    found = Delivery.objects.get()
    assert (found.why, found.last_error) == ("answered", "503")
    with translation.override("en"):
        assert why_not(found) == "The other system answered 503."
    with translation.override("zh-hans"):
        assert why_not(found) == "对方系统返回 503。"
    found.why, found.last_error = "", "as an earlier release said"
    assert why_not(found) == "as an earlier release said"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a", "example.org"),
        ("https://example.org:443/a", "example.org"),
        ("https://example.org:8443/a", "example.org:8443"),
        ("http://example.org:80/", "example.org"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"),
    ],
)
def test_a_host_is_named_with_its_port_only_where_that_is_unusual(url: str, host: str) -> None:
    assert host_header(url) == host


def test_the_call_names_its_host_once(here: Site, calls: Any) -> None:
    hooked(here, calls)
    held(here)
    look(timezone.now(), HELD)
    send_due()
    [(headers, _content)] = calls.got
    assert headers["Host"] == f"127.0.0.1:{calls.server_port}"


def test_a_system_told_again_hears_what_is_open_and_not_what_came_and_went(here: Site, calls: Any) -> None:
    hook = hooked(here, calls)
    keeps = boss(here)
    held(here)
    now = timezone.now()
    look(now, HELD)
    hooks.set_hook_active(actor=keeps, key=unique("k"), hook_id=hook.pk, active=False)
    here.requisition((here.h.item, 1))
    look(now, ("requested",))
    send_due(now)
    assert calls.got == []
    Notification.objects.filter(kind="requested").update(state="closed", closed_at=now)
    hooks.set_hook_active(actor=keeps, key=unique("k"), hook_id=hook.pk, active=True)
    look(now, ())
    send_due(timezone.now())
    assert len(calls.got) == 1
    assert b'"kind":"on_hold"' in calls.got[0][1]


def test_what_waits_for_a_system_that_has_ended_is_dropped_and_not_sent_again(here: Site, calls: Any) -> None:
    hook = hooked(here, calls)
    held(here)
    look(timezone.now(), HELD)
    found = Delivery.objects.get()
    Hook.objects.update(active=False)  # ended while it was being written
    send_due()
    assert (Delivery.objects.get().state, calls.got) == ("dropped", [])
    Delivery.objects.update(state="dead")
    with pytest.raises(Refused) as refused:
        hooks.send_again(actor=boss(here), key=unique("k"), delivery_id=str(found.pk))
    assert (refused.value.code, hook.pk) == ("hook_has_ended", found.hook_id)


def test_a_new_key_signs_from_then_on(here: Site, calls: Any) -> None:
    hook, keeps = hooked(here, calls), boss(here)
    hooks.new_secret(actor=keeps, key=unique("k"), hook_id=hook.pk)
    fresh = hooks.secret_of(keeps, hook.pk)
    assert fresh != hook.secret
    held(here)
    look(timezone.now(), HELD)
    send_due()
    [(headers, content)] = calls.got
    signed = sending.signature(fresh, int(headers["Yanji-Timestamp"]), content)
    assert headers["Yanji-Signature"] == f"v1={signed}"
    with pytest.raises(Refused):
        hooks.new_secret(actor=here.keeper, key=unique("k"), hook_id=hook.pk)


def test_who_is_told_again_is_mailed_after_all(here: Site, mails: Mails) -> None:
    """A grant that is replaced takes a matter away for a moment."""
    wishes(here)
    held(here)
    now = timezone.now()
    look(now, HELD)
    Delivery.objects.update(state="dropped")
    acknowledged = Notification.objects.get()
    look(now + timedelta(hours=5), HELD)
    assert send_due(now + timedelta(hours=5)) == 1
    assert len(mails.got) == 1
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[acknowledged.pk])
    assert Rule.objects.filter(kind="on_hold").exists()
