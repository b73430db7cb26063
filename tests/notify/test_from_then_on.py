"""Nobody is mailed what was open long before; what flickers is told once; what was told long ago is removed; roles stay."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.flows.site import Site, person
from tests.makers import everything, unique
from tests.notify.post import ADDRESS, HELD, Mails, held, hooked, local
from yanji.access.actions import delete_role
from yanji.access.models import Role
from yanji.flows.rfid.models import Reader
from yanji.host.given import notification_days
from yanji.host.home import HostError
from yanji.notify.forgetting import forget
from yanji.notify.inbox import acknowledge, listed
from yanji.notify.look import MAILED_WITHIN, look
from yanji.notify.models import Delivery, Notification, Rule, Told, Wish
from yanji.notify.outbox import send_due
from yanji.notify.wishes import keep_wish


def test_an_address_is_mailed_what_opens_from_then_on(here: Site, mails: Mails) -> None:
    held(here)
    now = timezone.now()
    look(now, HELD)
    keep_wish(actor=here.keeper, email=ADDRESS, quiet_from=None, quiet_to=None)
    since = Wish.objects.get().since
    look(since + timedelta(seconds=15), HELD)
    assert not Delivery.objects.exists()
    keep_wish(actor=here.keeper, email=ADDRESS, quiet_from=None, quiet_to=None)
    assert Wish.objects.get().since == since
    [found] = listed(here.keeper)
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[found.pk])
    held(here)  # there is more of it: opened anew
    look(since + timedelta(seconds=30), HELD)
    assert Delivery.objects.get().person == here.storekeeper
    keep_wish(actor=here.keeper, email="new@example.org", quiet_from=None, quiet_to=None)
    assert Wish.objects.get().since > since


@pytest.mark.parametrize(("minutes", "mails_sent"), [(MAILED_WITHIN - 1, 1), (MAILED_WITHIN + 1, 0)])
def test_a_mail_server_that_is_switched_on_mails_nothing_old(
    here: Site, mails: Mails, settings: Any, minutes: int, mails_sent: int
) -> None:
    keep_wish(actor=here.keeper, email=ADDRESS, quiet_from=None, quiet_to=None)
    Wish.objects.update(since=local(0))
    held(here)
    now = timezone.now()
    host, settings.EMAIL_HOST = settings.EMAIL_HOST, ""
    look(now, HELD)
    settings.EMAIL_HOST = host
    later = now + timedelta(minutes=minutes)
    look(later, HELD)
    assert send_due(later) == mails_sent
    assert len(listed(here.keeper)) == 1


@pytest.fixture
def gate(here: Site) -> Reader:
    Rule.objects.create(
        kind="reader_silent",
        role=here.storekeeper.grants.get().role,
        channels=["email"],
        edited_by=here.buyer,
    )
    return Reader.objects.create(
        name="Gate",
        kind="gate",
        protocol="llrp",
        address="10.0.3.7:5084",
        place=here.h.store,
        edited_by=here.buyer,
    )


SILENT = ("reader_silent",)


def test_a_reader_that_flickers_is_told_once(here: Site, gate: Reader, mails: Mails, calls: Any) -> None:
    hooked(here, calls, kinds=SILENT)
    keep_wish(actor=here.keeper, email=ADDRESS, quiet_from=None, quiet_to=None)
    Wish.objects.update(since=local(0))
    now = begun = timezone.now()
    for _ in range(4):  # silent, heard, silent ...
        look(now, SILENT)
        Reader.objects.filter(pk=gate.pk).update(heard_at=now)
        look(now + timedelta(minutes=1), SILENT)
        assert Notification.objects.get().state == "closed"
        now += timedelta(minutes=20)
    look(now, SILENT)
    found = Notification.objects.get()
    assert (found.state, found.times, found.opened_at) == ("open", 1, begun)
    while send_due(now):
        pass
    assert (len(mails.got), len(calls.got)) == (1, 1)
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[found.pk])
    Reader.objects.filter(pk=gate.pk).update(heard_at=now)
    look(now + timedelta(minutes=1), SILENT)
    look(now + timedelta(minutes=20), SILENT)
    assert Notification.objects.get().state == "acknowledged"


def heard(gate: Reader, at: datetime) -> None:
    Reader.objects.filter(pk=gate.pk).update(heard_at=at)
    look(at, SILENT)


def test_who_acknowledged_a_flicker_is_told_of_the_outage(here: Site, gate: Reader, mails: Mails) -> None:
    keep_wish(actor=here.keeper, email=ADDRESS, quiet_from=None, quiet_to=None)
    Wish.objects.update(since=local(0))
    now = timezone.now()
    look(now, SILENT)
    send_due(now)
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[Notification.objects.get().pk])
    heard(gate, now + timedelta(minutes=10))
    back = now + timedelta(minutes=110)
    look(back, SILENT)
    look(back + timedelta(minutes=59), SILENT)
    assert Notification.objects.get().state == "acknowledged"
    told = back + timedelta(minutes=60)
    look(told, SILENT)
    send_due(told)
    found = Notification.objects.get()
    assert (found.state, found.times, found.opened_at, found.back_at) == ("open", 2, told, None)
    assert (found.acknowledged_by, len(mails.got)) == (None, 2)
    look(told + timedelta(minutes=1), SILENT)
    assert Notification.objects.get().times == 2


def test_who_acknowledged_what_came_back_is_told_no_more(here: Site, gate: Reader) -> None:
    now = timezone.now()
    look(now, SILENT)
    heard(gate, now + timedelta(minutes=10))
    back = now + timedelta(minutes=20)
    look(back, SILENT)
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[Notification.objects.get().pk])
    Notification.objects.update(acknowledged_at=back + timedelta(minutes=1))
    look(back + timedelta(days=2), SILENT)
    assert Notification.objects.get().state == "acknowledged"


def test_what_came_back_is_escalated_by_how_long_it_has_been_so_now(here: Site, gate: Reader) -> None:
    manager = Role.objects.create(code="lead", name_zh="主管", operations=["view"])
    Rule.objects.filter(kind="reader_silent").update(escalate_after=60, escalate_to=manager)
    now = timezone.now()
    look(now, SILENT)
    heard(gate, now + timedelta(minutes=2))
    back = now + timedelta(minutes=90)
    look(back, SILENT)
    look(back + timedelta(minutes=59), SILENT)
    assert Notification.objects.get().escalated_to is None
    look(back + timedelta(minutes=60), SILENT)
    assert Notification.objects.get().escalated_to == manager


def test_what_comes_back_much_later_or_cannot_flicker_is_opened_anew(
    here: Site, gate: Reader, calls: Any
) -> None:
    hooked(here, calls, kinds=SILENT)
    now = timezone.now()
    look(now, SILENT)
    send_due(now)
    Reader.objects.filter(pk=gate.pk).update(heard_at=now)
    look(now + timedelta(minutes=1), SILENT)
    over = now + timedelta(minutes=121)
    Reader.objects.filter(pk=gate.pk).update(heard_at=over)
    look(over, SILENT)
    send_due(over)
    assert len(calls.got) == 2  # that it is over is said when it stayed away
    look(over + timedelta(minutes=10), SILENT)
    found = Notification.objects.get()
    assert (found.state, found.times) == ("open", 2)


def test_old_messages_and_matters_that_are_over_are_removed(here: Site, mails: Mails, settings: Any) -> None:
    settings.YANJI_NOTIFICATION_DAYS = 30
    keep_wish(actor=here.keeper, email=ADDRESS, quiet_from=None, quiet_to=None)
    Wish.objects.update(since=local(0))
    held(here)
    now = timezone.now()
    look(now, HELD)
    send_due(now)
    later = now + timedelta(days=31)
    assert not forget(later)
    assert (Notification.objects.count(), Delivery.objects.count()) == (1, 1)  # it is open still
    [found] = listed(here.keeper)
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[found.pk])
    held(here)
    look(later, HELD)  # opened anew: of the first time nothing is needed
    forget(later)
    assert [each.times for each in Delivery.objects.all()] == [2]
    Notification.objects.update(state="closed", closed_at=later)
    forget(later + timedelta(days=29))
    assert Notification.objects.exists()
    forget(later + timedelta(days=31))
    assert [model.objects.count() for model in (Notification, Delivery, Told)] == [0, 0, 0]


def test_how_long_they_are_kept_is_a_number_of_days(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("6", "0", "a year", "-1", "99999999"):
        monkeypatch.setenv("YANJI_NOTIFICATION_DAYS", given)
        with pytest.raises(HostError, match="YANJI_NOTIFICATION_DAYS"):
            notification_days()
    monkeypatch.setenv("YANJI_NOTIFICATION_DAYS", "90")
    assert notification_days() == 90
    monkeypatch.delenv("YANJI_NOTIFICATION_DAYS")
    assert notification_days() == 365


@pytest.mark.parametrize("by", ["rule", "escalates", "notification", "escalated"])
def test_a_role_that_notifications_name_takes_none_of_them_away(here: Site, by: str) -> None:
    keeps = everything(here.h.campus, person("administrator", here.h.campus))
    role = Role.objects.create(code="night", name_zh="夜班", operations=["view"])
    now = timezone.now()
    if by == "rule":
        Rule.objects.create(kind="expired", role=role, edited_by=here.buyer)
    elif by == "escalates":
        Rule.objects.create(kind="expired", escalate_after=5, escalate_to=role, edited_by=here.buyer)
    else:
        held(here)
        look(now, HELD)
        named = {"role": role} if by == "notification" else {"escalated_to": role, "escalated_at": now}
        Notification.objects.update(**named)
    kept = (Rule.objects.count(), Notification.objects.count())
    with pytest.raises(ValidationError) as refused:
        delete_role(actor=keeps, role_id=role.pk)
    assert refused.value.code == "role_in_rules"
    assert (Rule.objects.count(), Notification.objects.count()) == kept
