"""No read of the interface tells of a patient, or of a place, to who may not know there."""

import re
from typing import Any

import pytest

from tests.exchange.client import ApiClient
from tests.flows.site import GTIN, Site, person
from tests.makers import place, unique
from yanji.access.models import Grant, Role
from yanji.exchange.api import api
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.implants import explant
from yanji.flows.use import use
from yanji.ledger.api import Step
from yanji.ledger.models import Unit
from yanji.places.models import Kind

SECRETS = {
    "patient_token": "PAT-4711",
    "case_number": "CASE-4711",
    "procedure": "PROC-4711",
    "operator": "OPER-4711",
}


def used(here: Site, site: str = "") -> str:
    """A unit that went through the department and was used there on a patient; ``site``: where it was left in the body."""
    [epc] = here.stocked(1)
    h = here.h
    h.do(Step.PICK, epc)
    h.do(Step.ISSUE, epc)
    h.do(Step.TAKE_IN, epc)
    use(
        actor=here.ward, key=unique("k"), department_id=h.department.pk, confirmed_by="PAT-4711", things=[epc],
        implants=[Implanted(epc, site)] if site else [], **SECRETS,
    )  # fmt: skip
    return epc


def grant(who: Any, role: str, at: Any) -> None:
    Grant.objects.create(person=who, role=Role.objects.get(code=role), place=at)


@pytest.fixture
def outsider(committed: Site) -> ApiClient:
    """Sees the stock of this campus, and the patients of a department elsewhere."""
    elsewhere = place(Kind.DEPARTMENT, place(Kind.CAMPUS))
    who = person("storekeeper", committed.h.campus)
    grant(who, "nurse", elsewhere)
    return ApiClient(who)


def reads(here: Site, epc: str) -> list[tuple[str, dict[str, Any]]]:
    """Every read of the description with all parameters that this world can fill."""
    unit, h = Unit.objects.get(epc=epc), here.h
    values = {
        "epc": epc, "code": unit.serial, "lot_id": unit.lot_id, "place_id": h.campus.pk, "item_id": h.item.pk,
        "text": SECRETS["patient_token"], "q": SECRETS["case_number"], "as_of": "2099-01-01T00:00:00Z", "kind": "case",
        "by": "item,lot,place,status", "status": "", "department_id": h.department.pk, "store_id": h.store.pk,
    }  # fmt: skip
    found = []
    for path, verbs in api.get_openapi_schema(path_prefix="")["paths"].items():
        if "get" not in verbs:
            continue
        names = {each["name"]: each["in"] for each in verbs["get"].get("parameters", ())}
        asked = {name: values[name] for name, where in names.items() if where == "query" and values.get(name)}
        found.append((re.sub(r"\{(\w+)\}", lambda name: str(values.get(name[1], 1)), path), asked))
    return found


def test_no_read_tells_of_a_patient_treated_elsewhere(committed: Site, outsider: ApiClient) -> None:
    epc = used(committed)
    paths = reads(committed, epc)
    assert {path for path, _asked in paths} >= {"/units/view", "/units/search", "/units/life-line", "/cases"}
    for path, asked in paths:
        text = outsider.get(path, **asked).content.decode()
        assert not [secret for secret in SECRETS.values() if secret in text], (path, asked, text)
    for scan in (epc, f"]d201{GTIN}21{Unit.objects.get(epc=epc).serial}"):
        text = outsider.post("/scans", scans=[scan], flow="look").content.decode()
        assert not [secret for secret in SECRETS.values() if secret in text]


def test_whose_a_device_was_that_came_out_is_told_to_who_cares_for_the_patient(committed: Site) -> None:
    epc = used(committed, site="LAD")
    explant(
        actor=committed.ward, key=unique("k"), place_id=committed.h.department.pk, things=[epc], reason="infection",
        patient_token=SECRETS["patient_token"], case_number=SECRETS["case_number"],
    )  # fmt: skip
    whose = [
        (each["epc"], each["patient_token"], each["case_number"])
        for who in (committed.storekeeper, committed.nurse)
        for each in ApiClient(who).get("/explants").json()
    ]
    assert whose == [(epc, "", ""), (epc, SECRETS["patient_token"], SECRETS["case_number"])]


def test_who_cares_for_the_patient_is_told(committed: Site) -> None:
    epc, nurse = used(committed), ApiClient(committed.nurse)
    unit = nurse.get("/units/view", epc=epc).json()
    assert (unit["patient_token"], unit["case_number"]) == ("PAT-4711", "CASE-4711")
    stops = nurse.get("/units/life-line", epc=epc).json()
    assert {"case": "CASE-4711", "patient": "PAT-4711"}.items() <= stops[-1]["documents"].items()
    lot = Unit.objects.get(epc=epc).lot_id
    assert nurse.get(f"/lots/{lot}/trace").json()["patients"] == [["PAT-4711", "CASE-4711"]]


def test_trace_shows_what_lies_or_passed_in_sight(committed: Site) -> None:
    here, h = committed, committed.h
    epc = used(here)
    here.stocked(2)
    lot = Unit.objects.get(epc=epc).lot_id
    nurse = ApiClient(here.nurse).get(f"/lots/{lot}/trace").json()
    assert {each["place_id"] for each in nurse["departments"]} == {h.department.pk}
    assert [(each["status"], float(each["quantity"])) for each in nurse["departments"]] == [("used", 1)]
    assert h.store.pk not in {each["place_id"] for each in nurse["holdings"]}
    assert here.storekeeper.pk not in {each["person_id"] for each in nurse["people"]}
    whole = ApiClient(here.storekeeper).get(f"/lots/{lot}/trace").json()
    assert {each["place_id"] for each in whole["departments"]} == {h.department.pk, h.store.pk}
    assert whole["unit_count"] == 3
    stranger = ApiClient(person("storekeeper", place(Kind.CAMPUS)))
    assert stranger.get(f"/lots/{lot}/trace").status_code == 404
