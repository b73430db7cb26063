"""Request, take in, use on a patient, give back, scrap: as a nurse does it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.makers import unique
from yanji.flows.alternatives import of_units
from yanji.flows.attempts import Attempt
from yanji.flows.differing.models import IssueDifference
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Case, Issue, Requisition
from yanji.flows.pick import pick
from yanji.flows.requisition import Wanted, request
from yanji.flows.use import plan_case
from yanji.ledger.api import unit_view
from yanji.ledger.models import Unit
from yanji.places.models import Kind

from .acts import key, listed, result, scanned, sentences
from .world import later, named

TOKEN = "PT-1"


@pytest.fixture
def under_way(hospital):
    """Two units on their way to the department; the id of their issue."""
    hospital.stocked("S1", "S2")
    done = request(
        actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk, store_id=hospital.store.pk,
        lines=[Wanted(hospital.item.pk, 2)],
    )  # fmt: skip
    keeper = hospital.actor("storekeeper")
    pick(
        actor=keeper, key=unique("p"), requisition_id=done.id, things=[hospital.epc("S1"), hospital.epc("S2")]
    )
    return issue(actor=keeper, key=unique("i"), requisition_id=done.id).id


@pytest.fixture
def on_ward(hospital, under_way):
    take_in(
        actor=hospital.actor("nurse"), key=unique("t"), issue_id=under_way, to_place_id=hospital.cabinet.pk
    )


@pytest.fixture
def case(hospital):
    done = plan_case(
        actor=hospital.actor("nurse"),
        key=unique("case"),
        number="C1",
        patient_token=TOKEN,
        department_id=hospital.department.pk,
    )
    return done.id


def test_a_requisition_goes_to_the_store(hospital, signed_in):
    hospital.stocked("S1")
    client, item = signed_in("nurse"), hospital.item.pk
    found = client.get("/ward/requisitions/items", {"q": "ywxt", "store_id": hospital.store.pk})
    assert hospital.item.code in sentences(found)
    sent = {
        "key": key("requisition"), "department_id": hospital.department.pk, "store_id": hospital.store.pk, "item": [item],
        f"quantity:{item}": "2", "needed_by": f"{later(1)}T08:00", "case_number": "C1",
    }  # fmt: skip
    done = client.post("/ward/requisitions/new", sent)
    made = Requisition.objects.get()
    assert done.url == f"/ward/requisitions/{made.pk}"
    assert made.case_number == "C1"
    assert made.number in sentences(client.get("/ward/requisitions"))
    assert client.post("/ward/requisitions/new", sent).url == done.url
    assert Requisition.objects.count() == 1
    wrong = client.post("/ward/requisitions/new", sent | {"key": key("requisition"), "needed_by": "tomorrow"})
    assert wrong.status_code == 409
    assert "is not a date" in sentences(wrong)


def test_a_scan_finds_its_issue_by_as_many_statements_among_many_as_alone(hospital, signed_in, under_way):
    """Also one that is on its way with none of them, for which all would have to be looked through."""
    client, keeper = signed_in("nurse"), hospital.actor("storekeeper")
    strange = hospital.scan("NOWHERE")
    scanned(client, "/ward/take-in", strange)  # whatever is read only once

    def asked(text):
        with CaptureQueriesContext(connection) as statements:
            answer = scanned(client, "/ward/take-in", text)
        return answer.headers.get("HX-Redirect"), len(statements)

    alone = asked(hospital.scan("S1")), asked(strange)
    for number in range(5):
        hospital.stocked(f"M{number}")
        done = request(
            actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk,
            store_id=hospital.store.pk, lines=[Wanted(hospital.item.pk, 1)],
        )  # fmt: skip
        pick(actor=keeper, key=unique("p"), requisition_id=done.id, things=[hospital.epc(f"M{number}")])
        issue(actor=keeper, key=unique("i"), requisition_id=done.id)
    assert (asked(hospital.scan("S1")), asked(strange)) == alone
    assert alone[0][0] == f"/ward/take-in/{under_way}"


def test_scan_everything_that_arrived(hospital, signed_in, under_way):
    client = signed_in("nurse")
    answer = scanned(client, "/ward/take-in", hospital.scan("S1"))
    assert answer.headers["HX-Redirect"] == f"/ward/take-in/{under_way}"
    path = f"/ward/take-in/{under_way}"
    answer = scanned(client, path, hospital.scan("S1"), to_place_id=hospital.cabinet.pk)
    assert result(answer) == "ok"
    # What is in the hand was loaded, was not lost, and was sent.
    offered = re.findall(r'<option value="(\w+)"', answer.content.decode())
    assert "damaged_on_way" in offered
    assert not {"not_loaded", "lost_on_way", "surplus"} & {*offered}
    sent = {
        "key": key("take_in"),
        "to_place_id": hospital.cabinet.pk,
        **listed(hospital, hospital.scan("S1")),
    }
    client.post(path, sent)
    assert Issue.objects.get().state == "partly_taken_in"
    assert unit_view(hospital.epc("S1")).place_id == hospital.cabinet.pk


def test_all_of_it_arrived(hospital, signed_in, under_way):
    client = signed_in("nurse")
    page = sentences(client.get(f"/ward/take-in/{under_way}"))
    assert "All 2 arrived" in page
    client.post(
        f"/ward/take-in/{under_way}", {"key": key("take_in"), "to_place_id": hospital.cabinet.pk, "all": "1"}
    )
    assert Issue.objects.get().state == "taken_in"


def test_what_is_not_part_of_the_issue_is_named_and_stays_where_it_is(hospital, signed_in, under_way):
    hospital.stocked("S9")
    lay = Unit.objects.get(epc=hospital.epc("S9")).place_id
    client, path = signed_in("nurse"), f"/ward/take-in/{under_way}"
    answer = scanned(client, path, hospital.scan("S9"), to_place_id=hospital.cabinet.pk)
    assert result(answer) == "warn"
    offered = re.findall(r'<option value="(\w+)"', answer.content.decode())
    assert ("surplus" in offered, "lost_on_way" in offered) == (True, False)
    sent = {
        "key": key("take_in"),
        "to_place_id": hospital.cabinet.pk,
        **listed(hospital, hospital.scan("S9")),
    }
    answer = client.post(path, sent, follow=True)
    assert "1 difference is reported to the store" in sentences(answer)
    [difference] = IssueDifference.objects.all()
    assert (difference.kind, difference.thing) == ("unexpected", hospital.epc("S9"))
    assert Issue.objects.get().state == "underway"
    assert Unit.objects.get(epc=hospital.epc("S9")).place_id == lay
    assert result(scanned(client, "/ward/take-in", hospital.scan("S9"))) == "error"


def test_what_is_hidden_from_a_department_reads_like_what_is_nowhere(hospital, signed_in, under_way):
    hospital.stocked("S9")
    client = signed_in("nurse")
    for path in ("/ward/take-in", f"/ward/take-in/{under_way}"):
        hidden, absent = (
            re.sub(r"[0-9a-f]{32}", "", scanned(client, path, hospital.scan(serial)).content.decode())
            for serial in ("S9", "S8")
        )
        assert hidden.replace("S9", "S8") == absent, path
        assert "S8" in absent
        assert "See the unit" not in hidden


def test_units_then_the_wristband(hospital, signed_in, on_ward, case):
    client, path = signed_in("nurse"), f"/ward/use/{case}"
    assert scanned(client, "/ward/use", TOKEN).headers["HX-Redirect"] == path
    assert scanned(client, "/ward/use", "C1").headers["HX-Redirect"] == path
    assert "Scan the case or the wristband first" in sentences(
        scanned(client, "/ward/use", hospital.scan("S1"))
    )
    assert result(scanned(client, path, hospital.scan("S1"))) == "ok"
    early = scanned(client, path, TOKEN)
    assert "This is the right patient" in sentences(early)
    second = scanned(client, path, TOKEN, row=["x"])
    assert second.headers["HX-Trigger-After-Swap"] == "yanji:confirm"
    sent = {
        "key": key("use"),
        "procedure": "PCI",
        "operator": "Shen",
        "confirmed_by": TOKEN,
        **listed(hospital, hospital.scan("S1")),
    }
    assert client.post(path, sent).url == path
    unit = unit_view(hospital.epc("S1"))
    assert (unit.status, unit.case_number, unit.patient_token) == ("used", "C1", TOKEN)
    assert client.post(path, sent).url == path
    assert "S1" in sentences(client.get(path))


def test_without_the_second_scan_nothing_is_used(hospital, signed_in, on_ward, case):
    client, path = signed_in("nurse"), f"/ward/use/{case}"
    for confirmed_by in ("", "PT-2"):
        sent = {"key": key("use"), "confirmed_by": confirmed_by, **listed(hospital, hospital.scan("S1"))}
        answer = client.post(path, sent)
        assert answer.status_code == 409
        assert "second scan must be the wristband" in sentences(answer)
        assert "Serial S1" in sentences(answer)
    assert unit_view(hospital.epc("S1")).status == "available"


def test_an_unknown_wristband_as_the_second_scan_is_told_so(hospital, signed_in, on_ward, case):
    client, path = signed_in("nurse"), f"/ward/use/{case}"
    unknown = scanned(client, path, "PT-NOBODY", row=["x"])
    assert result(unknown) == "error"
    assert "second scan must be the wristband" in sentences(unknown)
    # Meant as a wristband, it is not told how the code of a product reads.
    assert "not a product code" not in sentences(unknown)
    unread = sentences(scanned(client, path, "PT-NOBODY"))
    assert "second scan must be the wristband" not in unread
    assert "not a product code" in unread


def test_a_unit_elsewhere_is_refused_with_a_way_out(hospital, signed_in, case):
    hospital.stocked("S1")
    answer = scanned(signed_in("nurse"), f"/ward/use/{case}", hospital.scan("S1"))
    assert result(answer) == "error"
    assert unit_view(hospital.epc("S1")).status == "available"


def test_a_refusal_leads_to_where_another_one_lies(hospital, signed_in, on_ward, case):
    """In the row and on the page that was refused: the cabinet that others lie in; of a store the list of what is free there."""
    Unit.objects.filter(epc=hospital.epc("S1")).update(status="quarantined")
    client, path = signed_in("nurse"), f"/ward/use/{case}"
    cabinet = f'href="/cabinet/{hospital.cabinet.pk}"'
    assert cabinet in scanned(client, path, hospital.scan("S1")).content.decode()
    sent = {"key": key("use"), "confirmed_by": TOKEN, **listed(hospital, hospital.scan("S1"))}
    refused = client.post(path, sent)
    assert (refused.status_code, refused.content.decode().count(cabinet)) == (409, 1)
    hospital.stocked("S3")
    [way] = of_units([hospital.epc("S3")], paths=[hospital.store.path])[hospital.epc("S3")]
    total = signed_in("storekeeper").get(way.href).context["total"].quantity
    assert (way.quantity, total) == (1, 1)


def test_another_patients_wristband_is_said_and_kept(hospital, signed_in, on_ward, case):
    plan_case(
        actor=hospital.actor("nurse"), key=unique("case"), number="C2", patient_token="PT-2",
        department_id=hospital.department.pk,
    )  # fmt: skip
    client, path = signed_in("nurse"), f"/ward/use/{case}"
    for raw in ("PT-2", "C2", "PT-2"):
        answer = scanned(client, path, raw, row=[hospital.epc("S1")])
        assert (result(answer), "another patient's wristband" in sentences(answer)) == ("error", True)
    assert result(scanned(client, path, "no wristband", row=[hospital.epc("S1")])) == "error"
    [kept] = Attempt.objects.all()
    assert (kept.code, kept.thing, kept.actor_id) == (
        "other_wristband", "C1", hospital.people["nurse"].pk,
    )  # fmt: skip
    sent = {"key": key("use"), "confirmed_by": "PT-2", **listed(hospital, hospital.scan("S1"))}
    assert client.post(path, sent).status_code == 409
    assert unit_view(hospital.epc("S1")).status == "available"


def test_a_case_is_opened_and_closed(hospital, signed_in, on_ward):
    client = signed_in("nurse")
    sent = {
        "key": key("case"),
        "department_id": hospital.department.pk,
        "case_number": "C7",
        "patient_token": "PT-7",
        "procedure": "PCI",
        "operator": "",
    }
    done = client.post("/ward/use/open", sent)
    case = Case.objects.get()
    assert done.url == f"/ward/use/{case.pk}"
    missing = client.post("/ward/use/open", sent | {"key": key("case"), "patient_token": ""})
    assert missing.status_code == 409
    assert "“Wristband” is empty" in sentences(missing)
    other = client.post("/ward/use/open", sent | {"key": key("case"), "patient_token": "PT-8"})
    assert other.status_code == 409
    assert "belongs to another patient" in sentences(other)
    client.post(f"/ward/use/{case.pk}/close", {"key": key("close")})
    case.refresh_from_db()
    assert case.state == "closed"
    use = {"key": key("use"), "confirmed_by": "PT-7", **listed(hospital, hospital.scan("S1"))}
    answer = client.post(f"/ward/use/{case.pk}", use)
    assert answer.status_code == 409
    assert "is closed" in sentences(answer)


def test_give_back(hospital, signed_in, on_ward):
    client = signed_in("nurse")
    ends = {"department_id": hospital.department.pk, "store_id": hospital.store.pk}
    assert result(scanned(client, "/ward/give-back", hospital.scan("S1"), **ends)) == "ok"
    sent = {"key": key("give_back"), "reason": "not_needed", **ends, **listed(hospital, hospital.scan("S1"))}
    assert client.post("/ward/give-back", sent).status_code == 302
    assert unit_view(hospital.epc("S1")).status == "returned"
    again = client.post("/ward/give-back", sent | {"key": key("give_back")})
    assert again.status_code == 409


def test_patients_are_for_those_who_may_see_them(hospital, signed_in, case):
    assert signed_in("storekeeper").get(f"/ward/use/{case}").status_code == 403
    assert TOKEN.encode() not in signed_in("manager").get("/").content


def test_the_own_department_only(hospital, signed_in, under_way):
    from .world import named, someone

    elsewhere = named("department", hospital.campus, "骨科", "Orthopaedics")
    hospital.people["nurse"] = someone("nurse", "陈", "Chen", elsewhere)
    assert signed_in("nurse").get(f"/ward/take-in/{under_way}").status_code == 404


def test_a_wristband_of_another_department_is_no_wristband_at_all(hospital, signed_in, on_ward, case):
    """Whoever may not see a patient does not learn by a scan that there is one."""
    other = named(Kind.DEPARTMENT, hospital.campus, "骨科", "Orthopaedics")
    Case.objects.create(number="C9", patient_token="PT-9", department=other)
    client, path = signed_in("nurse"), f"/ward/use/{case}"
    said = [
        sentences(scanned(client, path, raw, row=[hospital.epc("S1")])).replace(raw, "X")
        for raw in ("PT-9", "C9", "PT-8")
    ]
    assert said[0] == said[1] == said[2]
    for raw in ("PT-9", "PT-8"):
        form = {"key": key("use"), "confirmed_by": raw, **listed(hospital, hospital.scan("S1"))}
        answer = client.post(path, form)
        assert (answer.status_code, "another patient's" in sentences(answer)) == (409, False)
    assert not Attempt.objects.exists()
    assert unit_view(hospital.epc("S1")).status == "available"
