"""A badge in place of a password: given by who administers or by oneself, one to a person, kept as a digest only."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from tests.flows.site import Site, contents, person, site
from tests.makers import unique
from yanji.access.actions import give_badge, set_own_badge, take_badge
from yanji.access.actor import Actor
from yanji.access.badges import badge_of, person_by_badge
from yanji.access.models import Badge, Person
from yanji.flows.issue import issue
from yanji.flows.models import Issue, WrongPassword
from yanji.flows.pick import pick
from yanji.flows.witness import TRIES, witness_by_badge, witness_given
from yanji.ledger.api import Refused
from yanji.ledger.models import Event

PASSWORD = "Empfang-9-Station"


@pytest.fixture
def here(transactional_db: Any) -> Site:
    return site()


@pytest.fixture
def administrator(here: Site) -> Person:
    return person("administrator", here.h.campus)


@pytest.fixture
def taker(here: Site) -> Person:
    return person("nurse", here.h.department, password=PASSWORD)


def acting(here: Site, who: Person) -> Actor:
    return here.actor(who)


def refused(code: str, act: Any) -> None:
    before = (contents(), list(Badge.objects.order_by("pk").values()))
    with pytest.raises(ValidationError) as found:
        act()
    errors = found.value.error_dict.values() if hasattr(found.value, "error_dict") else [[found.value]]
    assert code in {error.code for each in errors for error in each}
    assert (contents(), list(Badge.objects.order_by("pk").values())) == before


def test_who_administers_gives_a_badge_and_takes_it(here: Site, administrator: Person, taker: Person) -> None:
    give_badge(actor=acting(here, administrator), person_id=taker.pk, code=" 0004711815 \r")
    assert person_by_badge("0004711815") == taker
    assert "4711" not in str(list(Badge.objects.values()))
    held = badge_of(taker.pk)
    assert held is not None
    assert held.given_by == administrator
    give_badge(actor=acting(here, administrator), person_id=taker.pk, code="0004711999")
    assert (person_by_badge("0004711815"), person_by_badge("0004711999")) == (None, taker)
    take_badge(actor=acting(here, administrator), person_id=taker.pk)
    assert person_by_badge("0004711999") is None


def test_a_badge_is_nobody_elses_and_long_enough(here: Site, administrator: Person, taker: Person) -> None:
    boss = acting(here, administrator)
    give_badge(actor=boss, person_id=taker.pk, code="0004711815")
    refused("badge_taken", lambda: give_badge(actor=boss, person_id=here.nurse.pk, code="0004711815"))
    refused("bad_badge", lambda: give_badge(actor=boss, person_id=here.nurse.pk, code="12345"))
    refused("oneself", lambda: give_badge(actor=boss, person_id=administrator.pk, code="0004711111"))
    with pytest.raises(PermissionDenied):
        give_badge(actor=here.ward, person_id=here.storekeeper.pk, code="0004711222")
    with pytest.raises(PermissionDenied):
        take_badge(actor=here.ward, person_id=taker.pk)
    assert Badge.objects.count() == 1


def test_ones_own_badge_needs_ones_password(here: Site, taker: Person) -> None:
    mine = acting(here, taker)
    refused("wrong_password", lambda: set_own_badge(actor=mine, password="no", code="0004711815"))
    set_own_badge(actor=mine, password=PASSWORD, code="0004711815")
    assert person_by_badge("0004711815") == taker
    Person.objects.filter(pk=taker.pk).update(is_active=False)
    assert person_by_badge("0004711815") is None


def handed(here: Site, badge: str) -> Issue:
    asked = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=here.stocked(1))
    signed = witness_given("", "", badge, actor=here.keeper)
    done = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id, receiver=signed)
    return Issue.objects.get(pk=done.id)


def test_a_scanned_badge_signs_for_taking_over(here: Site, taker: Person) -> None:
    set_own_badge(actor=acting(here, taker), password=PASSWORD, code="0004711815")
    found = handed(here, "0004711815")
    assert found.taken_over_by == taker
    assert Event.objects.get(pk=found.event_id).witness_id == taker.pk


def test_nobody_signs_with_a_wrong_badge_or_their_own(here: Site, taker: Person) -> None:
    set_own_badge(actor=acting(here, taker), password=PASSWORD, code="0004711815")
    for badge, actor, code in (
        ("0004711816", here.keeper, "unknown_badge"),
        ("0004711815", acting(here, taker), "witness_is_actor"),
    ):
        before = contents()
        with pytest.raises(Refused) as found:
            witness_by_badge(badge, actor=actor)
        assert found.value.code == code
        assert contents() == before


def test_guessing_badges_ends_soon(here: Site, taker: Person) -> None:
    """Wrong badges lock whoever tries them, and nobody else; a right one does not help any more."""
    set_own_badge(actor=acting(here, taker), password=PASSWORD, code="0004711815")
    for number in range(TRIES):
        with pytest.raises(Refused):
            witness_by_badge(f"000000{number}", actor=here.keeper)
    with pytest.raises(Refused) as found:
        witness_by_badge("0004711815", actor=here.keeper)
    assert found.value.code == "too_many_passwords"
    assert WrongPassword.objects.count() == TRIES
    assert witness_by_badge("0004711815", actor=acting(here, here.second)).person_id == taker.pk


def signed_in(who: Person) -> Client:
    Person.objects.filter(pk=who.pk).update(language="en")
    client = Client()
    client.force_login(who)
    return client


def test_badges_are_given_on_the_pages(here: Site, administrator: Person, taker: Person) -> None:
    path = f"/masterdata/people/{taker.pk}"
    answer = signed_in(administrator).post(path, {"form": "badge", "code": "0004711815"}, follow=True)
    assert "It was saved." in answer.content.decode()
    assert person_by_badge("0004711815") == taker
    own = signed_in(taker)
    answer = own.post("/masterdata/account", {"form": "badge", "code": "0004711999", "password": "no"})
    assert (answer.status_code, person_by_badge("0004711999")) == (422, None)
    own.post("/masterdata/account", {"form": "badge", "code": "0004711999", "password": PASSWORD})
    assert person_by_badge("0004711999") == taker
    assert "0004711999" not in own.get("/masterdata/account").content.decode()
    own.post("/masterdata/account/badge/end")
    assert badge_of(taker.pk) is None
    assert signed_in(here.nurse).post(f"{path}/badge/end").status_code == 403


def test_programs_sign_with_a_badge(here: Site, taker: Person) -> None:
    from yanji.access.tokens import create_token

    set_own_badge(actor=acting(here, taker), password=PASSWORD, code="0004711815")
    headers = {"Authorization": f"Bearer {create_token(actor=here.keeper, name='t')[1]}"}
    asked = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=here.stocked(1))
    address = f"/api/v1/requisitions/{asked.id}/issues"
    for badge, status in (("0004711810", 403), ("", 409), ("0004711815", 200)):
        body = {"key": unique("k"), "receiver": {"badge": badge}}
        answer = Client().post(address, body, content_type="application/json", headers=headers)
        assert answer.status_code == status, answer.content
    assert Issue.objects.get().taken_over_by == taker
