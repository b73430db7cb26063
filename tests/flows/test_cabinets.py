"""A smart cabinet reports: what is gone was taken, what is new was brought, and what cannot be entered is not lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.flows.site import Site, contents, person, show_papers, site, soon
from tests.makers import place, unique
from yanji.access.actions import set_own_badge
from yanji.access.gates import NotFound
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import Operation
from yanji.access.tokens import create_token
from yanji.catalog.models import ItemCode
from yanji.flows.acts import Done
from yanji.flows.cabinets.models import CabinetCase, DoorEvent
from yanji.flows.cabinets.report import door_closed, door_opened
from yanji.flows.cabinets.settle import open_cases, settle_case
from yanji.flows.correction import take_back
from yanji.flows.hold import hold
from yanji.flows.models_return import DepartmentReturn
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.states import CabinetCaseState
from yanji.ledger.api import Refused, rebuild
from yanji.ledger.models import Event, Unit
from yanji.places.models import Kind, Place

PASSWORD = "Schrank-7-Station"
BADGE = "0004711815"


class Cabinets:
    """A store's cabinet and its device account; a nurse of the department with a badge."""

    def __init__(self) -> None:
        self.here: Site = site()
        self.cabinet = place(Kind.CABINET, self.here.h.store)
        self.device = Person.objects.create(username=unique("cabinet"), name_zh="智能柜一")
        role = Role.objects.create(code=unique("r"), name_zh="智能柜", operations=[Operation.SENSE])
        Grant.objects.create(person=self.device, role=role, place=self.here.h.campus)
        self.nurse = person("nurse", self.here.h.department, password=PASSWORD)
        Person.objects.filter(pk=self.nurse.pk).update(department=self.here.h.department)
        set_own_badge(actor=self.here.actor(self.nurse), password=PASSWORD, code=BADGE)

    def filled(self, count: int, into: Place | None = None, **fields: Any) -> list[str]:
        epcs = self.here.stocked(count, **fields)
        to = (into or self.cabinet).pk
        put_away(actor=self.here.keeper, key=unique("k"), things=epcs, to_place_id=to)
        return epcs

    def opened(self, badge: str = BADGE, **fields: Any) -> Done:
        return door_opened(
            actor=self.here.actor(self.device),
            key=unique("k"),
            cabinet_id=self.cabinet.pk,
            badge=badge,
            **fields,
        )

    def closed(self, tags: list[str], **fields: Any) -> Done:
        given = {"key": unique("k"), "cabinet_id": self.cabinet.pk, **fields}
        return door_closed(actor=self.here.actor(self.device), tags=tags, **given)


@pytest.fixture
def cabinets(transactional_db: Any) -> Cabinets:
    return Cabinets()


def where(epc: str) -> tuple[str, int]:
    unit = Unit.objects.get(epc=epc)
    return unit.status, unit.place_id


def test_what_was_taken_is_issued_to_the_persons_department(cabinets: Cabinets) -> None:
    here, (stays, taken) = cabinets.here, cabinets.filled(2)
    show_papers(here)
    cabinets.opened()
    done = cabinets.closed([stays])
    assert done.facts == {"taken": 1, "put_back": 0, "cases": 0, "person": cabinets.nurse.name}
    assert where(taken) == ("available", here.h.department.pk)
    assert where(stays) == ("available", cabinets.cabinet.pk)
    entries = Event.objects.filter(pk__in=done.events).order_by("recorded_at")
    assert {entry.actor_id for entry in entries} == {cabinets.nurse.pk}
    assert sorted(entry.step for entry in entries) == ["issue", "pick", "take_in"]
    assert {entry.device for entry in entries} == {cabinets.device.name_zh}
    assert Unit.objects.get(epc=taken).custodian_id == cabinets.nurse.pk
    assert not rebuild()


def test_what_is_put_back_is_returned_to_the_store_and_waits_for_inspection(cabinets: Cabinets) -> None:
    here, [epc] = cabinets.here, cabinets.filled(1)
    cabinets.closed([], badge=BADGE)
    done = cabinets.closed([epc, epc], badge=BADGE)
    assert done.facts["put_back"] == 1
    assert where(epc) == ("returned", cabinets.cabinet.pk)
    back = DepartmentReturn.objects.get()
    assert (back.department, back.actor) == (here.h.department, cabinets.nurse)
    assert cabinets.closed([epc]).facts == {"taken": 0, "put_back": 0, "cases": 0, "person": ""}


def test_the_departments_own_cabinet_sets_out_and_takes_back(cabinets: Cabinets) -> None:
    here = cabinets.here
    [epc] = cabinets.filled(1)
    cabinets.closed([], badge=BADGE)
    cabinets.cabinet = here.h.cabinet
    assert cabinets.closed([epc], badge=BADGE).facts["put_back"] == 1
    assert where(epc) == ("available", here.h.cabinet.pk)
    assert cabinets.closed([], badge=BADGE).facts["taken"] == 1
    assert where(epc) == ("in_use", here.h.department.pk)
    assert cabinets.closed([epc], badge=BADGE).facts["put_back"] == 1
    assert where(epc) == ("available", here.h.cabinet.pk)
    assert not rebuild()


def codes(cabinets: Cabinets) -> dict[str, str]:
    return {each.thing: each.code for each in open_cases(cabinets.here.keeper)}


def test_the_tag_of_a_counted_lot_says_so_and_what_to_do(cabinets: Cabinets) -> None:
    here, code = cabinets.here, "06909876500017"
    ItemCode.objects.create(item=here.counted, issuer="GS1", code=code)
    here.stocked_lot(5, lot="B7", expiry=soon(90))
    tag = f"]d201{code}10B7"
    assert cabinets.closed([tag], badge=BADGE).facts["cases"] == 1
    [case] = open_cases(here.keeper)
    assert (case.code, case.item, case.facts["lot"]) == ("cabinet_lot_tag", here.counted, "B7")
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert "B7" in case.why
    assert cabinets.closed([tag], badge=BADGE).facts["cases"] == 0  # known, and not asked twice
    before = contents()
    with pytest.raises(Refused) as refused:
        settle_case(actor=here.keeper, key=unique("k"), case_id=case.pk, username=cabinets.nurse.username)
    assert (refused.value.code, contents()) == ("cabinet_lot_tag", before)
    settle_case(actor=here.keeper, key=unique("k"), case_id=case.pk, note="five counted by hand")
    assert codes(cabinets) == {}


def test_what_cannot_be_entered_is_kept_and_nothing_of_it_moves(cabinets: Cabinets) -> None:
    here = cabinets.here
    held, good, stays = cabinets.filled(3)
    hold(actor=here.keeper, key=unique("k"), things=[held], reason="suspected")
    cabinets.opened()
    done = cabinets.closed([stays, "E28011700000020CE4D3A1B2", "01/06901234500011/21/NOBODYS"])
    assert (done.facts["taken"], done.facts["cases"]) == (1, 3)
    assert codes(cabinets)[held] in {"on_hold", "wrong_status"}
    assert codes(cabinets)["E28011700000020CE4D3A1B2"] == "cabinet_unknown_tag"
    assert (where(held)[0], where(good)[0]) == ("quarantined", "available")
    again = cabinets.closed([stays, "E28011700000020CE4D3A1B2"], badge=BADGE)
    assert again.facts["cases"] == 0
    assert len(codes(cabinets)) == 2  # one tag is gone again, and its case with it
    assert cabinets.closed([stays, held], badge=BADGE).facts["cases"] == 0
    assert codes(cabinets) == {}
    outcomes = set(CabinetCase.objects.values_list("outcome", flat=True))
    assert outcomes == {CabinetCaseState.CAME_BACK}


def test_nobody_known_is_a_case_and_is_not_put_on_the_next_person(cabinets: Cabinets) -> None:
    first, second = cabinets.filled(2)
    cabinets.opened(badge="")
    assert cabinets.closed([second]).facts["cases"] == 1
    assert codes(cabinets) == {first: "cabinet_nobody"}
    done = cabinets.closed([], badge=BADGE)
    assert (done.facts["taken"], done.facts["cases"]) == (1, 0)
    assert where(first) == ("available", cabinets.cabinet.pk)
    assert where(second) == ("available", cabinets.here.h.department.pk)


def test_who_may_take_nothing_there_is_a_case(cabinets: Cabinets) -> None:
    here, [epc] = cabinets.here, cabinets.filled(1)
    Person.objects.filter(pk=cabinets.nurse.pk).update(department=None)
    cabinets.closed([], badge=BADGE)
    assert codes(cabinets) == {epc: "cabinet_no_department"}
    cabinets.closed([epc], badge=BADGE)
    other = place(Kind.DEPARTMENT, here.h.campus)
    Person.objects.filter(pk=cabinets.nurse.pk).update(department=other)
    cabinets.closed([], badge=BADGE)
    assert codes(cabinets) == {epc: "cabinet_not_allowed"}
    assert where(epc) == ("available", cabinets.cabinet.pk)


def test_the_same_report_is_entered_once_and_an_opening_ends_with_its_closing(cabinets: Cabinets) -> None:
    cabinets.filled(2)
    key = unique("k")
    cabinets.opened(happened_at=timezone.now() - timedelta(minutes=2))
    first = cabinets.closed([], key=key)
    before = contents()
    again = cabinets.closed([], key=key)
    assert (again.repeated, again.events) == (True, first.events)
    assert contents() == before
    assert DoorEvent.objects.filter(kind="closed").count() == 1
    with pytest.raises(Refused) as found:
        cabinets.closed(["01/06901234500011/21/OTHER"], key=key)
    assert found.value.code == "key_reused"
    [later] = cabinets.filled(1)
    assert cabinets.closed([]).facts["person"] == ""
    assert codes(cabinets) == {later: "cabinet_nobody"}


def test_what_is_picked_and_lies_in_its_cabinet_still_was_not_brought(cabinets: Cabinets) -> None:
    here, [epc] = cabinets.here, cabinets.filled(1)
    asked = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=[epc])
    assert where(epc) == ("picked", cabinets.cabinet.pk)
    assert cabinets.closed([epc], badge=BADGE).facts["cases"] == 0
    assert cabinets.closed([], badge=BADGE).facts["cases"] == 0
    cabinets.cabinet = place(Kind.CABINET, here.h.store)
    assert cabinets.closed([epc], badge=BADGE).facts["cases"] == 1
    assert codes(cabinets) == {epc: "cabinet_from_elsewhere"}


def settled(cabinets: Cabinets, case: CabinetCase, **fields: Any) -> Done:
    return settle_case(actor=cabinets.here.keeper, key=unique("k"), case_id=case.pk, **fields)


def test_a_case_is_entered_for_somebody_or_explained(cabinets: Cabinets) -> None:
    here = cabinets.here
    first, second = cabinets.filled(2)
    cabinets.closed([])
    one, two = open_cases(here.keeper)
    before = contents()
    for code, fields in (
        ("explanation_needed", {}),
        ("cabinet_no_such_person", {"username": "nobody-at-all"}),
        ("cabinet_no_department", {"username": here.nurse.username}),
    ):
        with pytest.raises(Refused) as found:
            settled(cabinets, one, **fields)
        assert found.value.code == code
        assert contents() == before
    stranger = here.actor(person("storekeeper", place(Kind.CAMPUS)))
    with pytest.raises(NotFound):
        settle_case(actor=stranger, key=unique("k"), case_id=one.pk, note="x")
    assert settled(cabinets, one, username=cabinets.nurse.username).state == "credited"
    assert where(first) == ("available", here.h.department.pk)
    assert settled(cabinets, two, note="behind the drawer").state == "explained"
    assert where(second) == ("available", cabinets.cabinet.pk)
    with pytest.raises(Refused):
        settled(cabinets, two, note="again")


def test_an_entry_for_somebody_taken_back_is_to_be_looked_into_again(cabinets: Cabinets) -> None:
    here, [epc] = cabinets.here, cabinets.filled(1)
    cabinets.closed([])
    [case] = open_cases(here.keeper)
    done = settled(cabinets, case, username=cabinets.nurse.username, note="she said so")
    assert case not in open_cases(here.keeper)
    for event in reversed(done.events):
        take_back(actor=here.keeper, key=unique("t"), event_id=event, reason="wrong_scan")
        case.refresh_from_db()
        assert (case.state, case.settled_by, case.note, case.events) == ("open", None, "", [])
    assert where(epc) == ("available", cabinets.cabinet.pk)
    assert cabinets.closed([]).facts["cases"] == 0  # known, and not asked twice
    again = settled(cabinets, case, username=cabinets.nurse.username)
    case.refresh_from_db()
    assert (case.state, case.events) == ("credited", list(again.events))
    assert not rebuild()


def test_what_was_explained_is_asked_again_only_after_it_was_right(cabinets: Cabinets) -> None:
    [epc], tag = cabinets.filled(1), "E28011700000020CE4D3A1B2"
    assert cabinets.closed([tag]).facts["cases"] == 2
    for case in open_cases(cabinets.here.keeper):
        settled(cabinets, case, note="lent to the workshop")
    before = where(epc)
    assert cabinets.closed([tag]).facts["cases"] == 0
    assert cabinets.closed([tag], badge=BADGE).facts == {
        "taken": 0, "put_back": 0, "cases": 0, "person": cabinets.nurse.name,
    }  # fmt: skip
    assert where(epc) == before
    assert cabinets.closed([epc]).facts["cases"] == 0
    assert set(CabinetCase.objects.values_list("outcome", flat=True)) == {"explained"}
    assert cabinets.closed([tag]).facts["cases"] == 2
    assert codes(cabinets) == {epc: "cabinet_nobody", tag: "cabinet_unknown_tag"}


def test_more_units_cost_no_more_statements(cabinets: Cabinets) -> None:
    spent = []
    for count in (1, 40):
        cabinets.filled(count)
        with CaptureQueriesContext(connection) as asked:
            assert cabinets.closed([], badge=BADGE).facts["taken"] == count
        spent.append(len(asked))
    assert spent[0] == spent[1]


def test_a_device_reports_through_the_interface_and_the_storekeeper_sees_it(cabinets: Cabinets) -> None:
    here, [epc] = cabinets.here, cabinets.filled(1)
    token = create_token(actor=here.actor(cabinets.device), name="cabinet")[1]
    sent = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {token}"}}
    address = f"/api/v1/cabinets/{cabinets.cabinet.pk}"
    assert Client().post(f"{address}/opened", {"key": unique("k")}, **sent).status_code == 200
    answer = Client().post(f"{address}/closed", {"key": unique("k"), "tags": []}, **sent)
    assert answer.json()["facts"]["cases"] == 1
    keeper = create_token(actor=here.keeper, name="t")[1]
    shown = Client().get("/api/v1/cabinet-cases", headers={"Authorization": f"Bearer {keeper}"}).json()
    assert [(each["thing"], each["code"]) for each in shown] == [(epc, "cabinet_nobody")]
    refused = {**sent, "headers": {"Authorization": f"Bearer {keeper}"}}
    assert Client().post(f"{address}/opened", {"key": unique("k")}, **refused).status_code == 403
    Person.objects.filter(pk=here.storekeeper.pk).update(language="en")
    client = Client()
    client.force_login(here.storekeeper)
    page = client.get("/storeroom/cabinets").content.decode()
    assert "Nobody is known who opened the door" in page
    case = CabinetCase.objects.get()
    path, form = f"/storeroom/cabinets/cases/{case.pk}", {"key": f"cabinet:{unique('k')}"}
    assert client.post(path, form).status_code == 409
    assert client.post(path, {**form, "note": "found behind the drawer"}).status_code == 302
    case.refresh_from_db()
    assert case.outcome == "explained"
