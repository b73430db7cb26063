"""Both ends sign a handing-over: at the store by password, or at the department's door."""

from typing import Any

import pytest
from django.test import Client

from tests.flows.site import Site, contents, person
from tests.makers import unique
from tests.web.flows.acts import key, sentences
from yanji.access.models import Person
from yanji.access.tokens import create_token
from yanji.flows.acts import Done
from yanji.flows.handover import take_over
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue, WrongPassword
from yanji.flows.pick import pick
from yanji.flows.sheets import issue_sheet
from yanji.flows.witness import witness_by_password, witness_of
from yanji.ledger.api import Refused
from yanji.ledger.models import Event

PASSWORD = "Empfang-9-Station"


@pytest.fixture
def receiver(committed: Site) -> Person:
    return person("nurse", committed.h.department, password=PASSWORD)


def picked(here: Site, count: int = 2) -> Done:
    epcs = here.stocked(count)
    asked = here.requisition((here.h.item, count))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=epcs)
    return asked


def handed(here: Site, asked: Done, **fields: Any) -> Issue:
    done = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id, **fields)
    return Issue.objects.get(pk=done.id)


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == code
    assert contents() == before


def test_a_note_of_what_nobody_signed_for_names_who_took_it_in(committed: Site) -> None:
    here = committed
    found = handed(here, picked(here))
    facts = {str(label): value for label, value in issue_sheet(found).told}
    assert here.nurse.name not in facts.values()
    take_in(actor=here.ward, key=unique("t"), issue_id=found.pk, to_place_id=here.h.cabinet.pk)
    assert here.nurse.name in [value for _label, value in issue_sheet(found).told]


def test_who_takes_over_at_the_store_signs_with_a_password(committed: Site, receiver: Person) -> None:
    here = committed
    signed = witness_by_password(receiver.username, PASSWORD, actor=here.keeper)
    found = handed(here, picked(here), receiver=signed)
    assert (found.taken_over_by, found.taken_over_at) == (receiver, found.issued_at)
    assert found.handed_to == ""
    event = Event.objects.get(pk=found.event_id)
    assert (event.actor_id, event.witness_id) == (here.storekeeper.pk, receiver.pk)
    assert receiver.name in [value for _label, value in issue_sheet(found).facts]
    refused("taken_over_already", lambda: take_over(actor=here.ward, key=unique("k"), issue_id=found.pk))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_signed_is_named_in_the_readers_language(
    committed: Site, receiver: Person, language: str
) -> None:
    """Whatever the store speaks: the name is the person's, not what was typed."""
    here = committed
    found = handed(here, picked(here), receiver=witness_of(receiver))
    wanted, other = (
        (receiver.name_en, receiver.name_zh) if language == "en" else (receiver.name_zh, receiver.name_en)
    )
    for reader, address in (
        (here.nurse, "/ward/take-in"),
        (here.storekeeper, f"/storeroom/issues/{found.pk}"),
        (here.storekeeper, f"/papers/issue/{found.pk}/print"),
    ):
        Person.objects.filter(pk=reader.pk).update(language=language)
        client = Client()
        client.force_login(reader)
        page = client.get(address).content.decode()
        assert wanted in page, address
        assert other not in page, address


def test_at_the_door_somebody_of_the_department_signs_once(committed: Site) -> None:
    here = committed
    found, again = handed(here, picked(here)), unique("k")
    assert found.taken_over_by is None
    for _ in range(2):
        done = take_over(actor=here.ward, key=again, issue_id=found.pk)
    assert (done.repeated, done.state) == (True, "underway")
    found.refresh_from_db()
    assert found.taken_over_by == here.nurse
    take_in(actor=here.ward, key=unique("k"), issue_id=found.pk, to_place_id=here.h.cabinet.pk)
    other = here.actor(person("nurse", here.h.department))
    refused("taken_over_already", lambda: take_over(actor=other, key=unique("k"), issue_id=found.pk))


def test_nobody_signs_for_both_ends_or_for_another_department(committed: Site) -> None:
    here = committed
    asked = picked(here)
    act = {"actor": here.keeper, "requisition_id": asked.id}
    for witness, code in (
        (witness_of(here.storekeeper), "taken_over_by_giver"),
        (witness_of(here.second), "receiver_not_allowed"),  # a storekeeper takes nothing in
    ):
        refused(code, lambda signed=witness: issue(key=unique("k"), receiver=signed, **act))
    found = handed(here, asked)
    refused("not_yours", lambda: take_over(actor=here.keeper, key=unique("k"), issue_id=found.pk))


def signed_in(who: Person) -> Client:
    who.language = "en"
    who.save(update_fields=["language"])
    client = Client()
    client.force_login(who)
    return client


def test_the_pages_take_both_signatures(committed: Site, receiver: Person) -> None:
    here = committed
    asked = picked(here)
    store, path = signed_in(here.storekeeper), f"/storeroom/picking/{asked.id}/issue"
    form = {"key": key("issue"), "receiver": receiver.username, "receiver_password": "wrong"}
    before = contents()
    answer = store.post(path, form)
    assert answer.status_code == 409
    assert WrongPassword.objects.count() == 1
    assert contents() == before
    answer = store.post(path, {**form, "key": key("issue"), "receiver_password": PASSWORD}, follow=True)
    assert f"Taken over by {receiver.name_en}" in sentences(answer)
    assert "I have taken it over" not in sentences(answer)


def test_the_ward_signs_on_the_page_of_the_issue(committed: Site) -> None:
    here = committed
    found = handed(here, picked(here))
    ward, path = signed_in(here.nurse), f"/storeroom/issues/{found.pk}"
    page = sentences(ward.get(path))
    assert "Nobody has signed yet" in page
    assert "I have taken it over" in page
    assert "I have taken it over" not in sentences(signed_in(here.storekeeper).get(path))
    answer = ward.post(f"{path}/take-over", {"key": key("take_over")}, follow=True)
    assert f"You have taken over {found.number}" in sentences(answer)
    assert f"Taken over by {here.nurse.name_en}" in sentences(answer)
    assert ward.post(f"{path}/take-over", {"key": key("take_over")}).status_code == 409


def test_programs_sign_as_well(committed: Site, receiver: Person) -> None:
    here = committed
    asked = picked(here)
    token = create_token(actor=here.keeper, name="t")[1]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"key": unique("k"), "receiver": {"username": receiver.username, "password": "no"}}
    address = f"/api/v1/requisitions/{asked.id}/issues"
    wrong = Client().post(address, body, content_type="application/json", headers=headers)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    body["receiver"]["password"] = PASSWORD
    assert Client().post(address, body, content_type="application/json", headers=headers).status_code == 200
    [shown] = Client().get("/api/v1/issues", headers=headers).json()
    assert shown["taken_over_at"]
    assert Issue.objects.get().taken_over_by == receiver
