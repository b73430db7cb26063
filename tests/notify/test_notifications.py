"""An open matter is told once to whom the rules name and who may see it; acknowledged, escalated, over, and opened again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, person, site
from tests.makers import place, unique
from yanji.access.models import Grant, Person, Role
from yanji.flows.hold import hold, release
from yanji.ledger.api import Refused
from yanji.notify.inbox import acknowledge, listed, waiting
from yanji.notify.look import look
from yanji.notify.models import Notification, Rule
from yanji.notify.rules import add_rule, set_rule_active
from yanji.places.models import Kind

HELD = ("on_hold",)


@pytest.fixture
def here(db: None) -> Site:
    return site()


def held(here: Site, count: int = 1) -> list[str]:
    epcs = here.stocked(count)
    hold(actor=here.keeper, key=unique("k"), things=epcs, reason="suspected")
    return epcs


def seen_by(here: Site, who: Person) -> int:
    return waiting(here.actor(who)).open


def test_it_is_told_to_the_role_at_the_place_and_to_nobody_else(here: Site) -> None:
    elsewhere = person("storekeeper", place(Kind.CAMPUS))
    look(timezone.now(), HELD)
    assert seen_by(here, here.storekeeper) == 0
    held(here, 2)
    look(timezone.now(), HELD)
    [found] = listed(here.keeper)
    assert (found.kind, found.count, found.place, found.severity) == ("on_hold", 2, here.h.store, "soon")
    others = {"second": here.second, "nurse": here.nurse, "elsewhere": elsewhere}
    heard = {who: seen_by(here, each) for who, each in others.items()}
    assert heard == {"second": 1, "nurse": 0, "elsewhere": 0}


def test_looking_again_tells_nothing_twice_and_follows_the_count(here: Site) -> None:
    held(here)
    look(timezone.now(), HELD)
    look(timezone.now(), HELD)
    held(here)
    look(timezone.now(), HELD)
    found = Notification.objects.get()
    assert (found.count, found.times) == (2, 1)
    assert found.told.filter(person=here.second).count() == 1


def test_one_acknowledges_and_it_rings_for_nobody_until_there_is_more(here: Site) -> None:
    held(here)
    look(timezone.now(), HELD)
    [found] = listed(here.keeper)
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[found.pk], note=" I look ")
    assert (seen_by(here, here.second), seen_by(here, here.storekeeper)) == (0, 0)
    [kept] = listed(here.actor(here.second), states=("acknowledged",))
    assert (kept.acknowledged_by, kept.note, kept.acknowledged_count) == (here.storekeeper, "I look", 1)
    look(timezone.now(), HELD)
    assert seen_by(here, here.second) == 0
    held(here)
    look(timezone.now(), HELD)
    assert seen_by(here, here.second) == 1
    [again] = listed(here.keeper)
    assert (again.times, again.acknowledged_by, again.note) == (2, None, "")


def test_it_is_over_by_itself_and_comes_again(here: Site) -> None:
    [epc] = held(here)
    look(timezone.now(), HELD)
    release(actor=here.keeper, key=unique("k"), things=[epc], reason="inspected")
    look(timezone.now(), HELD)
    [over] = listed(here.keeper, states=("closed",))
    assert over.closed_at
    assert seen_by(here, here.second) == 0
    hold(actor=here.keeper, key=unique("k"), things=[epc], reason="suspected")
    look(timezone.now(), HELD)
    [found] = listed(here.keeper)
    assert (found.pk, found.times, found.closed_at) == (over.pk, 2, None)


def test_nobody_acknowledges_what_is_not_theirs_or_not_open(here: Site) -> None:
    held(here)
    look(timezone.now(), HELD)
    found = Notification.objects.get()
    for who in (here.nurse, person("storekeeper", place(Kind.CAMPUS))):
        with pytest.raises(Refused, match="待确认"):
            acknowledge(actor=here.actor(who), key=unique("k"), notification_ids=[found.pk])
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[found.pk])
    with pytest.raises(Refused):
        acknowledge(actor=here.actor(here.second), key=unique("k"), notification_ids=[found.pk])
    assert Notification.objects.get().acknowledged_by == here.storekeeper


def test_whose_grant_ends_hears_no_more(here: Site) -> None:
    held(here)
    look(timezone.now(), HELD)
    Grant.objects.filter(person=here.second).delete()
    assert seen_by(here, here.second) == 0
    look(timezone.now(), HELD)
    assert not Notification.objects.get().told.filter(person=here.second).exists()


def ruling(here: Site, **fields: Any) -> Any:
    return add_rule(
        actor=here.actor(person("administrator", here.h.campus)), key=unique("k"), kind="on_hold", **fields
    )


def test_a_rule_of_a_deeper_place_holds_alone(here: Site) -> None:
    nurse = Role.objects.get(code="nurse")
    Grant.objects.create(person=here.nurse, role=nurse, place=here.h.campus)
    made = ruling(here, place_id=here.h.store.pk, role_id=nurse.pk)
    held(here)
    look(timezone.now(), HELD)
    assert (seen_by(here, here.nurse), seen_by(here, here.storekeeper)) == (1, 0)
    rule = Rule.objects.get(pk=made.id)
    set_rule_active(actor=here.actor(rule.edited_by), key=unique("k"), rule_id=rule.pk, active=False)
    look(timezone.now(), HELD)
    assert (seen_by(here, here.nurse), seen_by(here, here.storekeeper)) == (0, 1)


def test_a_rule_gives_nobody_more_than_they_may_see(here: Site) -> None:
    stranger = person("accountant", place(Kind.CAMPUS))
    ruling(here, place_id=here.h.store.pk, person_id=stranger.pk)
    held(here)
    look(timezone.now(), HELD)
    assert seen_by(here, stranger) == 0
    assert not Notification.objects.get().told.exists()


def test_what_nobody_acknowledges_is_escalated_once(here: Site) -> None:
    head = person("manager", here.h.campus)
    keeper, manager = (Role.objects.get(code=code) for code in ("storekeeper", "manager"))
    ruling(here, place_id=here.h.store.pk, role_id=keeper.pk, escalate_after=60, escalate_to_id=manager.pk)
    held(here)
    now = timezone.now()
    look(now, HELD)
    assert seen_by(here, head) == 0
    look(now + timedelta(minutes=59), ())
    assert seen_by(here, head) == 0
    look(now + timedelta(minutes=61), ())
    [found] = listed(here.actor(head))
    assert (found.escalated_to, found.escalated_at) == (manager, now + timedelta(minutes=61))
    look(now + timedelta(minutes=90), ())
    assert Notification.objects.get().escalated_at == found.escalated_at


def test_what_is_acknowledged_in_time_is_not_escalated(here: Site) -> None:
    keeper, manager = (
        Role.objects.get_or_create(code=code, defaults={"name_zh": code})[0]
        for code in ("storekeeper", "manager")
    )
    ruling(here, place_id=here.h.store.pk, role_id=keeper.pk, escalate_after=60, escalate_to_id=manager.pk)
    held(here)
    now = timezone.now()
    look(now, HELD)
    acknowledge(actor=here.keeper, key=unique("k"), notification_ids=[Notification.objects.get().pk])
    look(now + timedelta(hours=2), ())
    assert Notification.objects.get().escalated_at is None


def test_rules_that_make_no_sense_are_refused(here: Site) -> None:
    keeper = Role.objects.get(code="storekeeper")
    at = here.h.store.pk
    for code, fields in {
        "notification_rule_for_two": {"place_id": at, "role_id": keeper.pk, "person_id": here.nurse.pk},
        "notification_escalation_half": {"place_id": at, "escalate_after": 5},
        "unknown_channel": {"place_id": at, "channels": ["pigeon"]},
        "rule_for_the_whole_house": {"place_id": None},
    }.items():
        if code == "rule_for_the_whole_house":
            place(Kind.CAMPUS)  # beyond the administrator's reach
        with pytest.raises(Refused) as refused:
            ruling(here, **fields)
        assert refused.value.code == code
    ruling(here, place_id=at, role_id=keeper.pk)
    with pytest.raises(Refused) as refused:
        ruling(here, place_id=at, role_id=keeper.pk)
    assert refused.value.code == "notification_rule_twice"


def test_the_shipped_rules_are_given_once(here: Site) -> None:
    look(timezone.now(), ())
    given = Rule.objects.count()
    assert given > 10
    Rule.objects.filter(kind="on_hold").update(active=False)
    look(timezone.now(), ())
    assert (Rule.objects.count(), Rule.objects.filter(kind="on_hold", active=True).count()) == (given, 0)


def test_statements_do_not_grow_with_matters_and_people(here: Site, django_assert_num_queries: Any) -> None:
    held(here, 3)
    for _ in range(5):
        person("storekeeper", here.h.campus)
    with django_assert_num_queries(5):
        look(timezone.now(), HELD)
    keeper = here.keeper
    with django_assert_num_queries(1):
        assert waiting(keeper).open == 1
    with django_assert_num_queries(1):
        listed(keeper)
