"""Which pieces of a delivery to look at, on the page; plans that the hospital edits; what was found, with its photos."""

import re
from decimal import Decimal

import pytest

from tests.makers import place
from yanji.access.models import Grant, Person, Role
from yanji.flows.inspecting.models import Finding, InspectionPlan, LotInspection
from yanji.flows.models import Receipt
from yanji.ledger.api import unit_view
from yanji.places.models import Kind

from .acts import hidden_key, listed, sentences
from .world import someone

PLANS = "/masterdata/inspection-plans"


@pytest.fixture
def boss(hospital):
    """Who edits the rules of the whole hospital."""
    hospital.people["administrator"] = someone("administrator", "陈规", "Chen Gui", hospital.campus.parent)
    return hospital.people["administrator"]


@pytest.fixture
def plan(hospital, boss):
    """Samples of whatever comes: of up to 15 pieces, three are looked at and none may be faulty."""
    return InspectionPlan.objects.create(
        method="sampling", aql=Decimal("4.0"), points=["packaging", "label"], edited_by=boss
    )


def taken(client, path, hospital, serials, **more):
    """The form as a browser sends it after so many scans."""
    key = hidden_key(client.get(path), "receipt")
    rows = listed(hospital, *(hospital.scan(serial) for serial in serials))
    return {"key": key, "dock_id": hospital.dock.pk, **rows, **more}


def drawn(answer) -> list[str]:
    """The units that the page asks to look at."""
    return list(dict.fromkeys(re.findall(r'name="fault:([^"]+)"', answer.content.decode())))


def looked_key(answer) -> str:
    found = re.search(r'name="(looked:[^"]+)"', answer.content.decode())
    assert found
    return found.group(1)


@pytest.mark.django_db(transaction=True)
def test_a_delivery_is_looked_at_before_it_is_taken_in(hospital, signed_in, plan):
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{hospital.order(12)}"
    form = taken(client, path, hospital, [f"S{n}" for n in range(12)])
    shown = client.post(f"{path}/samples", form, headers={"HX-Request": "true"})
    units = drawn(shown)
    assert len(units) == 3
    assert "Look at these 3. With more than 0 faulty ones the whole lot is rejected." in sentences(shown)
    refused = client.post(path, form)
    assert refused.status_code == 409
    assert "3 of the sample of 3 have not been looked at" in sentences(refused)
    assert drawn(refused) == units
    assert not Receipt.objects.exists()
    done = client.post(path, {**form, looked_key(shown): "1"})
    assert done.status_code == 302, sentences(done)
    inspection = LotInspection.objects.get()
    assert (inspection.sample, inspection.faulty, inspection.accepted) == (3, 0, True)
    assert {look.epc for look in inspection.looks.all()} == set(units)
    assert "Lot accepted" in sentences(client.get(done.url))


def test_a_faulty_sample_turns_the_lot_down_and_each_piece_has_its_page(hospital, signed_in, plan):
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{hospital.order(12)}"
    form = taken(client, path, hospital, [f"S{n}" for n in range(12)])
    shown = client.post(f"{path}/samples", form, headers={"HX-Request": "true"})
    torn = drawn(shown)[0]
    done = client.post(path, {**form, looked_key(shown): "1", f"fault:{torn}": ["packaging"]})
    assert done.status_code == 302, sentences(done)
    page = client.get(done.url)
    assert "Lot rejected" in sentences(page)
    assert "1 × Packaging intact" in sentences(page)
    assert page.content.decode().count("/storeroom/findings/") == 12
    assert unit_view(torn).status == "quarantined"
    finding = client.get(f"/storeroom/findings/{Finding.objects.get(epc=torn).pk}")
    assert finding.status_code == 200
    assert f"/papers/finding/{Finding.objects.get(epc=torn).pk}" in finding.content.decode()
    printed = client.get(f"/papers/finding/{Finding.objects.get(epc=torn).pk}/print")
    assert printed.status_code == 200


def test_what_was_ticked_stays_when_the_form_comes_back(hospital, signed_in, plan):
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{hospital.order(12)}"
    form = taken(client, path, hospital, [f"S{n}" for n in range(12)])
    shown = client.post(f"{path}/samples", form, headers={"HX-Request": "true"})
    torn = drawn(shown)[0]
    refused = client.post(path, {**form, f"fault:{torn}": ["label"]})
    assert "2 of the sample of 3" in sentences(refused)
    assert re.search(rf'name="fault:{torn}" value="label"\s+checked', refused.content.decode())


def test_without_a_plan_there_is_nothing_to_look_at(hospital, signed_in):
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{hospital.order(2)}"
    assert "What to look at" not in sentences(client.get(path))
    form = taken(client, path, hospital, ["S1"])
    assert "No plan asks" in sentences(client.post(f"{path}/samples", form, headers={"HX-Request": "true"}))
    assert client.post(path, form).status_code == 302
    assert not LotInspection.objects.exists()


def test_a_doubtful_unit_is_set_aside_and_counts_as_received(hospital, signed_in):
    aside = place(Kind.ROOM, hospital.store, quarantine=True)
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{hospital.order(2)}"
    epc = hospital.epc("S1")
    form = taken(client, path, hospital, ["S1", "S2"], **{f"verdict:{epc}": "hold:storage"})
    done = client.post(path, form)
    assert done.status_code == 302, sentences(done)
    assert (unit_view(epc).status, unit_view(epc).place_id) == ("quarantined", aside.pk)
    page = sentences(client.get(done.url))
    assert "1 in doubt: Storage outside the store not proven" in page
    assert "In doubt: Storage outside the store not proven" in page


def test_a_quarantine_place_is_refused_as_a_shelf_at_once(hospital, signed_in):
    aside = place(Kind.BIN, hospital.bins[0].parent, code="QU-1", quarantine=True)
    hospital.stocked("S1")
    client = signed_in("storekeeper")
    answer = client.post("/storeroom/put-away/scan", {"scan": "QU-1"}, headers={"HX-Request": "true"})
    assert "is a quarantine place" in sentences(answer)
    form = {"key": "put_away:1", "to_place_id": aside.pk, **listed(hospital, hospital.scan("S1"))}
    refused = client.post("/storeroom/put-away", form)
    assert refused.status_code == 409
    assert unit_view(hospital.epc("S1")).place_id == hospital.dock.pk


# Plans


def filled(client, path, **fields):
    key = hidden_key(client.get(path), "plan")
    given = {
        "method": "sampling",
        "aql": "1.0",
        "severity": "normal",
        "points": ["label", "papers"],
        **fields,
    }
    return client.post(path, {"key": key, **given})


def test_a_plan_is_written_changed_and_ended(hospital, signed_in, boss):
    client = signed_in("administrator")
    assert "No plan yet" in sentences(client.get(PLANS))
    made = filled(client, f"{PLANS}/new", item=hospital.item.code)
    assert made.status_code == 302, sentences(made)
    plan = InspectionPlan.objects.get()
    assert (plan.item, plan.aql, plan.points) == (hospital.item, Decimal("1.0"), ["label", "papers"])
    page = sentences(client.get(f"{PLANS}/{plan.pk}"))
    assert "151 – 500 50 1" in page
    assert "501 – 1,200 80 2" in page
    changed = filled(client, f"{PLANS}/{plan.pk}", item=hospital.item.code, method="full", aql="")
    assert changed.status_code == 302, sentences(changed)
    plan.refresh_from_db()
    assert (plan.method, plan.aql) == ("full", None)
    client.post(f"{PLANS}/{plan.pk}/active", {})
    plan.refresh_from_db()
    assert not plan.active
    refused = filled(client, f"{PLANS}/{plan.pk}", item=hospital.item.code)
    assert (refused.status_code, "This plan has ended" in sentences(refused)) == (409, True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"aql": ""}, "needs one of the acceptance limits"),
        ({"aql": "3.3"}, "Select a valid choice"),
        ({"points": []}, "This field is required"),
        ({"item": "NOSUCH"}, "No item has this code"),
        ({"points": ["nonsense"]}, "Select a valid choice"),
    ],
)
def test_a_plan_that_makes_no_sense_comes_back(hospital, signed_in, boss, fields, said):
    answer = filled(signed_in("administrator"), f"{PLANS}/new", **fields)
    assert answer.status_code in {409, 422}
    assert said in sentences(answer)
    assert not InspectionPlan.objects.exists()


def test_who_edits_the_rules_of_one_campus_reads_only(hospital, signed_in, plan):
    person = Person.objects.create(username="local", name_zh="本地", name_en="Local")
    Grant.objects.create(person=person, role=Role.objects.get(code="administrator"), place=hospital.store)
    hospital.people["local"] = person
    client = signed_in("local")
    assert "only who edits rules at every place" in sentences(client.get(PLANS))
    assert filled(client, f"{PLANS}/{plan.pk}").status_code == 409
    plan.refresh_from_db()
    assert plan.aql == Decimal("4.0")
    assert signed_in("storekeeper").get(PLANS).status_code == 403
