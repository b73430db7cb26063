"""What the scan page gives to the store, and what it may know without the server."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import scans
from tests.flows.site import GTIN, Site, contents, person
from tests.makers import place, unique
from yanji.access.models import Grant, Role
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.handheld import nearby, today, whereabouts
from yanji.flows.handheld.handed_on import handed_on
from yanji.flows.handheld.models import SentAct
from yanji.flows.issue import issue, take_in
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted, request
from yanji.flows.use import plan_case
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
    assert any(f"{here.h.item.name} · HO1" in said for said in found["sentences"]), found["sentences"]
    assert f"01/{GTIN}/21/HO1" not in str(found["sentences"])
    # It was refused in the nurse's language, and is read in the keeper's.
    said = {}
    for language in ("zh-hans", "en"):
        with override(language):
            [shown] = handed_on(here.keeper)
            said[language] = shown.sentences
    assert said["zh-hans"] != said["en"]
    assert any("HO1" in each for each in said["zh-hans"])
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


@pytest.mark.parametrize("about", ["unit", "nothing", "campus_is_root"])
def test_somebody_always_sees_what_was_given_to_the_store(committed: Site, about: str) -> None:
    """Whoever keeps the store of what it is about; the person's own rights may have ended, or lie above or elsewhere."""
    here = committed
    store = here.h.store
    here.stocked(1, serial="HO2")
    elsewhere = place(Kind.CAMPUS)
    if about == "campus_is_root":
        campus = elsewhere
        ward, store = place(Kind.DEPARTMENT, campus), place(Kind.STORE, campus)
        sender = person("nurse", ward)
    else:
        sender = person("nurse", elsewhere)
    keeper = ApiClient(person("storekeeper", store))
    key = unique("pwa")
    texts = [here.scan("HO2")] if about == "unit" else ["?"]
    client = ApiClient(sender)
    if about == "nothing":
        Grant.objects.filter(person=sender).delete()
    said = client.send(
        "/handheld/settlements",
        key=key,
        flow="give_back",
        scans=scans(*texts),
        way="handed_on",
        because="Whose is it?",
    )
    assert said.status_code == 200, said.content
    assert [each["key"] for each in keeper.get("/handheld/handed-on").json()] == [key]


def test_a_patient_is_not_shown_to_who_may_not_see_one(committed: Site) -> None:
    here = committed
    case, token = unique("CASE"), unique("PT")
    planned = plan_case(
        actor=here.ward, key=unique("k"), number=case, patient_token=token, department_id=here.h.department.pk
    )
    here.stocked(1, serial="HO3")
    nurse, keeper = ApiClient(here.nurse), ApiClient(here.storekeeper)
    act = {
        "key": unique("pwa"), "flow": "use", "scans": scans(token, here.scan("HO3"), "PT-UNKNOWN"),
        "about": {"case_id": planned.id},
    }  # fmt: skip
    assert nurse.send("/handheld/acts", **act).status_code == 409
    said = nurse.send("/handheld/settlements", **act, way="handed_on", because=f"For {case}, it is not ours.")
    assert said.status_code == 200, said.content
    answer = keeper.get("/handheld/handed-on")
    [found] = answer.json()
    assert (found["scans"], found["left_out"]) == ([here.scan("HO3")], 2)
    assert not [secret for secret in (case, token, "PT-UNKNOWN") if secret in answer.content.decode()]
    Grant.objects.create(
        person=here.storekeeper, role=Role.objects.get(code="nurse"), place=here.h.department
    )
    [found] = keeper.get("/handheld/handed-on").json()
    assert found["left_out"] == 0
    assert case in found["because"]


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


def test_what_changed_more_than_is_told_at_once_is_told_whole(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    before = keeper.get("/handheld/units").json()["position"] or 1
    here.stocked(3)
    monkeypatch.setattr(nearby, "MOST_UNITS", 2)
    assert keeper.get("/handheld/units", since=before).json()["whole"]


def test_own_work_is_not_hidden_by_what_is_only_seen(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sees a whole campus and works in one ward: the limit counts what waits for them."""
    here = committed
    other = place(Kind.DEPARTMENT, here.h.campus)
    for number, at in (("T-OWN", here.h.department), ("T-OTHER", other)):
        who = here.actor(person("nurse", at))
        plan_case(actor=who, key=unique("k"), number=number, patient_token=unique("PT"), department_id=at.pk)
    role = Role.objects.create(code=unique("r"), name_zh="看", operations=["view", "view_patient"])
    Grant.objects.create(person=here.nurse, role=role, place=here.h.campus)
    monkeypatch.setattr(today, "MOST_TASKS", 1)
    tasks = ApiClient(here.nurse).get("/handheld/today").json()["tasks"]
    assert [task["number"] for task in tasks if task["flow"] == "use"] == ["T-OWN"]


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
    [gone] = third["units"]
    assert (gone["epc"], gone["here"]) == (epcs[1], False)
    assert not any(gone[field] for field in ("name", "serial", "lot", "expiry", "status", "place"))
    assert not keeper.get("/handheld/units", since=third["position"], area=third["area"]).json()["whole"]
    Grant.objects.create(
        person=here.storekeeper, role=Role.objects.get(code="storekeeper"), place=place(Kind.CAMPUS)
    )
    assert keeper.get("/handheld/units", since=third["position"], area=third["area"]).json()["whole"]
    assert keeper.get("/handheld/units", since=third["position"]).json()["units"] == []
    stranger = ApiClient(person("storekeeper", place(Kind.CAMPUS)))
    assert stranger.get("/handheld/units", since=first["position"]).json()["units"] == []


def test_what_comes_and_what_came_is_known_before_what_lies(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store of ten thousand units: what is scanned next is not among those that expire first."""
    here, keeper, nurse = committed, ApiClient(committed.storekeeper), ApiClient(committed.nurse)
    [lying] = here.stocked(1, serial="LY1", expiry=date(2030, 1, 1))
    put_away(actor=here.keeper, key=unique("k"), things=[lying], to_place_id=here.h.bin.pk)
    [fresh] = here.stocked(1, serial="FR1")
    before = nurse.get("/handheld/units").json()["position"]
    wanted = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=[lying])
    issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    told = nurse.get("/handheld/units", since=before).json()["units"]
    assert [(unit["epc"], unit["status"], unit["here"]) for unit in told] == [(lying, "in_transit", True)]
    assert [unit["epc"] for unit in nurse.get("/handheld/units").json()["units"]] == [lying]
    [old] = here.stocked(1, serial="LY2", expiry=date(2030, 1, 1))
    put_away(actor=here.keeper, key=unique("k"), things=[old], to_place_id=here.h.bin.pk)
    monkeypatch.setattr(nearby, "MOST_UNITS", 1)
    assert [unit["epc"] for unit in keeper.get("/handheld/units").json()["units"]] == [fresh]


def test_what_was_sent_on_to_somebody_else_is_not_coming(committed: Site) -> None:
    """Taken in, given back and issued to another ward while the rest of the first issue is still on its way."""
    here, h, nurse = committed, committed.h, ApiClient(committed.nurse)
    epcs = [here.stocked(1, serial=f"SO{number}")[0] for number in range(2)]
    wanted = here.requisition((h.item, 2))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    sent = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    take_in(actor=here.ward, key=unique("k"), issue_id=sent.id, things=epcs[:1], to_place_id=h.department.pk)
    give_back(
        actor=here.ward, key=unique("k"), department_id=h.department.pk, store_id=h.store.pk, things=epcs[:1]
    )
    inspect_return(actor=here.keeper, key=unique("k"), store_id=h.store.pk, restock=epcs[:1])
    other = place(Kind.DEPARTMENT, h.campus)
    theirs = person("nurse", other)
    asked = request(
        actor=here.actor(theirs), key=unique("k"), department_id=other.pk, store_id=h.store.pk,
        lines=[Wanted(h.item.pk, 1)],
    )  # fmt: skip
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=epcs[:1])
    before = nurse.get("/handheld/units").json()["position"]
    issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    assert [unit["epc"] for unit in nurse.get("/handheld/units").json()["units"]] == epcs[1:]
    assert [unit["here"] for unit in nurse.get("/handheld/units", since=before).json()["units"]] == [False]
    assert [unit["epc"] for unit in ApiClient(theirs).get("/handheld/units").json()["units"]] == epcs[:1]


def test_the_names_of_what_open_orders_bring_are_known(committed: Site) -> None:
    here = committed
    here.order((here.h.item, 1))
    found = ApiClient(here.storekeeper).get("/handheld/today").json()
    assert {"code": GTIN, "name": here.h.item.name, "pieces": 1} in found["products"]
    shelf = next(place for place in found["places"] if place["id"] == here.h.bin.pk)
    assert here.h.bin.name_zh in shelf["called"]
    assert ApiClient(here.nurse).get("/handheld/today").json()["products"] == []


def test_a_device_with_little_room_keeps_what_acts_ask_for(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Homes first, then the shelves that an act asks for: what comes first by its number alone is left out."""
    here = committed
    shown = ApiClient(here.storekeeper).get("/handheld/today").json()
    assert len(shown["places"]) > 2
    monkeypatch.setattr(whereabouts, "MOST_PLACES", 2)
    found = ApiClient(here.storekeeper).get("/handheld/today").json()
    assert found["homes"] == shown["homes"]
    assert {each["id"] for each in found["homes"]} == {here.h.store.pk, here.h.department.pk}


@pytest.mark.parametrize(
    ("flow", "about", "shown"),
    [
        ("take_in", {}, False),
        ("unreserve", {}, False),
        ("adopt", {"reason": "use"}, False),
        ("adopt", {"reason": "receive"}, True),
        ("hold", {}, True),
    ],
)
def test_what_may_be_a_wristband_is_told_to_nobody_who_sees_no_patients(
    committed: Site, flow: str, about: dict[str, str], shown: bool
) -> None:
    """Known here or not: whatever act it was scanned for, beside a patient."""
    token, key = unique("NOBODY"), unique("hd")
    act = {"key": key, "flow": flow, "scans": [{"text": token}], "about": about}
    asked = person("nurse", committed.h.campus)
    said = ApiClient(asked).send("/handheld/settlements", **act, way="handed_on", because="It is not ours")
    assert said.status_code == 200, said.content
    [found] = ApiClient(committed.storekeeper).get("/handheld/handed-on").json()
    assert (found["scans"], found["left_out"]) == (([token], 0) if shown else ([], 1))
