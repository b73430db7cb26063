"""The stream as a client hears it from the real server: what is theirs, soon after it was posted, and until they leave."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.flows.buying import supplier_person
from tests.flows.site import Site, person, site
from tests.makers import unique
from tests.served import POOL, get, served
from yanji.access.models import Grant, Person
from yanji.flows.issue import issue, take_in
from yanji.flows.pick import pick
from yanji.ledger.api import Step

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Heard:
    """A connection to the stream: `next` waits for what is sent."""

    def __init__(self, answer: HTTPResponse) -> None:
        self.answer = answer
        self.position = ""

    def event(self) -> dict[str, str]:
        """The next event, by the names of its fields; empty when the stream has ended."""
        found: dict[str, str] = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            found[name] = value
        self.position = found.get("id", self.position)
        return found

    def happened(self) -> list[dict[str, str]]:
        """The next entries; beats are passed over."""
        while True:
            event = self.event()
            assert event, "the stream ended"
            if "event" not in event:
                return json.loads(event["data"])["happened"]


def cookie(who: Person) -> dict[str, str]:
    client = Client()
    client.force_login(who)
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


@pytest.fixture
def here(transactional_db: None) -> Site:
    return site()


@pytest.fixture
def port(here: Site) -> Iterator[int]:
    with served() as port:
        yield port


@contextmanager
def listening(port: int, headers: dict[str, str], query: str = "") -> Iterator[Heard]:
    connection, answer = get(port, f"/live{query}", headers)
    assert answer.status == 200, answer.read()
    assert answer.getheader("Content-Type") == "text/event-stream"
    heard = Heard(answer)
    assert heard.event()["event"] == "still"
    try:
        yield heard
    finally:
        connection.close()


def taken_in(here: Site) -> tuple[str, str]:
    """A unit that came to the store and on to the department: its identity, and the event of its arrival there."""
    [epc] = here.h.stocked(1)
    here.h.do(Step.PICK, epc)
    here.h.do(Step.ISSUE, epc)
    return epc, here.h.do(Step.TAKE_IN, epc).event_id


def test_a_post_is_heard_by_who_may_see_it_in_their_language(here: Site, port: int) -> None:
    Person.objects.filter(pk=here.nurse.pk).update(language="en")
    with (
        listening(port, cookie(here.storekeeper)) as keeper,
        listening(port, cookie(here.nurse)) as nurse,
    ):
        _epc, arrived = taken_in(here)
        heard = list(keeper.happened())
        while heard[-1]["id"] != arrived:
            heard += keeper.happened()
        assert [one["step"] for one in heard] == ["receive", "accept", "pick", "issue", "take_in"]
        assert {one["what"] for one in heard} == {here.h.item.name_zh}
        [only] = nurse.happened()
        assert (only["id"], only["what"]) == (arrived, here.h.item.name_en or here.h.item.name_zh)


def test_the_last_position_is_where_a_client_goes_on(here: Site, port: int) -> None:
    with listening(port, cookie(here.storekeeper)) as first:
        [epc] = here.h.stocked(1)
        heard = first.happened()
        while heard[-1]["step"] != "accept":
            heard += first.happened()
    moved = [here.h.do(step, epc).event_id for step in (Step.PICK, Step.UNPICK, Step.PUT_AWAY)]
    again = {**cookie(here.storekeeper), "Last-Event-ID": first.position}
    for headers, query in ((again, ""), (cookie(here.storekeeper), f"?after={first.position}")):
        with listening(port, headers, query) as heard_again:
            came = heard_again.happened()
            while len(came) < len(moved):
                came += heard_again.happened()
            assert [one["id"] for one in came] == moved


def test_streams_keep_no_connection_to_the_database(here: Site, port: int) -> None:
    mine = cookie(here.storekeeper)
    with ExitStack() as open_streams:
        streams = [open_streams.enter_context(listening(port, mine)) for _ in range(POOL * 2)]
        here.h.stocked(1)
        for heard in streams:
            assert heard.happened()[0]["step"] == "receive"


def test_one_unit_alone(here: Site, port: int) -> None:
    mine, other = here.h.stocked(2)
    with listening(port, cookie(here.storekeeper), f"?unit={mine}") as heard:
        here.h.do(Step.PICK, other)
        picked = here.h.do(Step.PICK, mine).event_id
        assert [one["id"] for one in heard.happened()] == [picked]
    connection, answer = get(port, f"/live?unit={mine}", cookie(here.nurse))
    assert answer.status == 404, "a unit that was never in the department"
    connection.close()


def test_who_signs_out_or_may_see_something_else_is_sent_away(here: Site, port: int) -> None:
    leaving, moving = cookie(here.second), cookie(here.nurse)
    with (
        listening(port, leaving) as left,
        listening(port, moving) as moved,
        listening(port, cookie(here.buyer)) as known,
        listening(port, cookie(here.storekeeper)) as stays,
    ):
        connection, answer = get(port, "/live", {})
        assert answer.status == 302, "who is not signed in hears nothing"
        connection.close()
        Session.objects.filter(session_key=leaving["Cookie"].partition("=")[2]).delete()
        Grant.objects.filter(person=here.nurse).update(place=here.h.store)
        here.buyer.set_password("Ganz-anders-42")
        here.buyer.save()
        for heard in (left, moved, known):
            while event := heard.event():
                assert event["event"] == "still"
        here.h.stocked(1)
        assert stays.happened()[0]["step"] == "receive", "whose rights are as they were stays"
    connection, answer = get(port, "/live", leaving)
    assert answer.status == 302
    connection.close()
    with listening(port, moving) as again:
        here.h.stocked(1)
        assert again.happened()[0]["step"] == "receive"


def test_the_numbers_of_the_board_come_with_what_changed_them(here: Site, port: int) -> None:
    """In the words of the language, of the family that is looked at, and to who may see figures alone."""
    here.h.item.family = "stents"
    here.h.item.save()
    boss = person("manager", here.h.campus)
    Person.objects.filter(pk=boss.pk).update(language="en")
    with listening(port, cookie(boss), "?figures=1&numbers=1&family=stents") as heard:
        here.stocked_lot(1)
        here.h.stocked(3)
        while (event := heard.event()).get("event") != "numbers" or '"on-hand": ["3"' not in event["data"]:
            assert event
        told = json.loads(event["data"])["numbers"]
        assert told["moved"][1].startswith("In 3")
        assert told[f"campus-{here.h.campus.pk}"][0] == told[f"place-{here.h.store.pk}"][0] == "3"
    connection, answer = get(port, "/live?figures=1&numbers=1", cookie(here.storekeeper))
    assert answer.status == 404
    connection.close()


def test_a_department_is_told_what_sets_out_to_it_and_the_store_what_arrived(here: Site, port: int) -> None:
    """The boards of both ends: an entry names one of them alone."""
    boss = cookie(person("manager", here.h.campus))
    epcs = here.stocked(2)
    asked = here.requisition((here.h.item, 2))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=epcs)
    ends = here.h.department.pk, here.h.store.pk
    with (
        listening(port, boss, f"?figures=1&numbers=1&place={ends[0]}") as ward,
        listening(port, boss, f"?figures=1&numbers=1&place={ends[1]}") as store,
    ):
        done = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
        assert under_way(ward, "2")["moved"][0] == "2"
        under_way(store, "2")
        take_in(actor=here.ward, key=unique("k"), issue_id=done.id, to_place_id=here.h.cabinet.pk)
        under_way(store, "0")


def under_way(heard: Heard, pieces: str) -> dict[str, list[str]]:
    """The first numbers that say so many are under way."""
    while event := heard.event():
        found = json.loads(event["data"]).get("numbers")
        if found and found["under-way"][0] == pieces:
            return found
    raise AssertionError("the stream ended")


def test_a_supplier_hears_nothing_of_the_house(here: Site, port: int) -> None:
    connection, answer = get(port, "/live", cookie(supplier_person(here)))
    assert answer.status == 404
    connection.close()


def test_a_server_that_cannot_stream_says_that_there_is_nothing_to_hear(here: Site) -> None:
    client = Client()
    client.force_login(here.storekeeper)
    assert client.get("/live").status_code == 204
