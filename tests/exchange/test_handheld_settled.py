"""What the scan page gives to the store, and what it may know without the server."""

from typing import Any

import pytest
from django.test import Client

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import scans
from tests.flows.site import Site, contents, person
from tests.makers import place, unique
from yanji.flows.handheld.models import SentAct
from yanji.flows.issue import issue
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.places.models import Kind


@pytest.fixture
def handed(committed: Site) -> str:
    """A nurse could not take something in, and gave it to the store; the act's key."""
    here, key = committed, unique("pwa")
    here.stocked(1, serial="HO1")
    act = {
        "key": key,
        "flow": "give_back",
        "scans": scans(here.scan("HO1")),
        "about": {"place_id": here.h.store.pk},
    }
    nurse = ApiClient(here.nurse)
    assert nurse.send("/handheld/acts", **act).json()["code"] == "not_yours"
    said = nurse.send(
        "/handheld/settlements", **act, way="handed_on", because="It lies here, and is not ours"
    )
    assert said.status_code == 200, said.content
    return key


def test_the_store_looks_into_it_and_says_what_it_found(committed: Site, handed: str) -> None:
    here = committed
    keeper, second = ApiClient(here.storekeeper), ApiClient(here.second)
    [found] = keeper.get("/handheld/handed-on").json()
    assert (found["key"], found["person"]) == (handed, here.nurse.name_en)
    assert found["because"] == "It lies here, and is not ours"
    assert found["sentences"]
    assert found["scans"] == [here.scan("HO1")]
    before = contents()
    silent = keeper.post("/handheld/handed-on", sent_key=handed, note=" ")
    assert (silent.status_code, silent.json()["code"]) == (422, "settled_why")
    assert contents() == before
    keeper.done("/handheld/handed-on", sent_key=handed, note="Fetched by hand")
    kept = SentAct.objects.get(pk=handed)
    assert (kept.state, kept.closed_by, kept.closed_because) == (
        "settled",
        here.storekeeper,
        "Fetched by hand",
    )
    late = second.post("/handheld/handed-on", sent_key=handed, note="Me too")
    assert (late.status_code, late.json()["code"]) == (409, "not_handed_on")


def test_another_campus_sees_nothing_of_it(committed: Site, handed: str) -> None:
    stranger = ApiClient(person("storekeeper", place(Kind.CAMPUS)))
    assert stranger.get("/handheld/handed-on").json() == []
    answers = [
        stranger.post("/handheld/handed-on", sent_key=each, note="x") for each in (handed, "no-such-act")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert ApiClient(committed.nurse).get("/handheld/handed-on").json() == []


def test_the_page_of_the_store_shows_and_settles(committed: Site, handed: str, settings: Any) -> None:
    settings.ROOT_URLCONF = "yanji.host.urls"
    client = Client()
    client.force_login(committed.storekeeper)
    assert "It lies here, and is not ours" in client.get("/scan/handed-on").content.decode()
    empty = client.post("/scan/handed-on", {"sent": handed, "note": ""})
    assert empty.status_code == 409
    assert SentAct.objects.get(pk=handed).state == "handed_on"
    done = client.post("/scan/handed-on", {"sent": handed, "note": "Fetched", "key": "handed_on:1"})
    assert done.status_code == 302
    assert SentAct.objects.get(pk=handed).closed_because == "Fetched"


def test_a_device_learns_what_changed_since(committed: Site) -> None:
    here = committed
    epcs = [here.stocked(1, serial=each)[0] for each in ("NB1", "NB2")]
    keeper = ApiClient(here.storekeeper)
    first = keeper.get("/handheld/units").json()
    assert first["whole"]
    assert {unit["epc"] for unit in first["units"]} == set(epcs)
    put_away(actor=here.keeper, key=unique("k"), things=[epcs[0]], to_place_id=here.h.bin.pk)
    second = keeper.get("/handheld/units", since=first["position"]).json()
    assert not second["whole"]
    assert [(unit["epc"], unit["place"], unit["here"]) for unit in second["units"]] == [
        (epcs[0], here.h.bin.name_en or here.h.bin.name_zh, True)
    ]
    wanted = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=[epcs[1]])
    issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    third = keeper.get("/handheld/units", since=second["position"]).json()
    assert [(unit["epc"], unit["here"]) for unit in third["units"]] == [(epcs[1], False)]
    assert keeper.get("/handheld/units", since=third["position"]).json()["units"] == []
    stranger = ApiClient(person("storekeeper", place(Kind.CAMPUS)))
    assert stranger.get("/handheld/units", since=first["position"]).json()["units"] == []
