"""Where devices go that came out of patients: to the maker under its number, to pathology, to the patient, or away."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from tests.flows.site import contents, person
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.flows.theatre.test_implants import take_out
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.acts import Done
from yanji.flows.correction import take_back
from yanji.flows.disposal.models import Disposal
from yanji.flows.models import Case
from yanji.flows.scrap import scrap
from yanji.flows.sendback.ask import authorise_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.send import send_return
from yanji.flows.theatre.explanted import (
    devices_of,
    explanted_units,
    hand_on,
    handover_for,
    handovers,
    return_explanted,
)
from yanji.flows.theatre.models import Handover, HandoverLine
from yanji.flows.theatre.sheets import handover_sheet
from yanji.flows.things import Thing
from yanji.flows.witness import witness_of
from yanji.ledger.api import Refused, unit_view, virtual_places
from yanji.ledger.rebuild import rebuild
from yanji.places.models import Kind, Place


@pytest.fixture
def pathology(room: Room) -> Place:
    return place(Kind.DEPARTMENT, room.here.h.campus, name_en="Pathology")


def came_out(room: Room, count: int = 1) -> tuple[Case, list[str]]:
    """Devices that were implanted in one patient, and lie explanted in the theatre."""
    epcs = room.units(count)
    case = room.case()
    for epc in epcs:
        room.implanted(case, epc)
    take_out(room, case, *epcs)
    return case, epcs


def handed(room: Room, *things: Thing, **given: Any) -> Done:
    given = {"place_id": room.here.h.department.pk, "handed_to": "王医师", **given}
    return hand_on(actor=room.nurse, key=unique("k"), things=list(things), **given)


def test_to_the_maker_under_its_own_number_and_without_credit(room: Room) -> None:
    _case, [epc] = came_out(room)
    given = {"place_id": room.here.h.department.pk, "things": [epc], "reason": "explanted"}
    asked = return_explanted(actor=room.keeper, key=unique("k"), **given)
    back = SupplierReturn.objects.get(pk=asked.id)
    assert (back.expected, back.supplier, back.lines.get().value) == (0, room.here.h.supplier, 0)
    assert unit_view(epc).status == "explanted"
    refused("on_other_paper", lambda: return_explanted(actor=room.keeper, key=unique("k"), **given))
    authorise_return(actor=room.keeper, key=unique("k"), return_id=back.pk, authorisation="RMA-7")
    sent = send_return(actor=room.keeper, key=unique("k"), return_id=back.pk, handed_to="Courier")
    assert (unit_view(epc).status, sent.state) == ("returned", "closed")
    assert explanted_units(room.keeper) == []
    assert rebuild() == []


def test_to_pathology_with_a_paper_and_back(room: Room, pathology: Place) -> None:
    case, [epc, other] = came_out(room, 2)
    assert [unit.epc for unit in explanted_units(room.nurse)] == [epc, other]
    done = handed(room, epc, to_place_id=pathology.pk)
    assert (unit_view(epc).status, unit_view(epc).place_id) == ("explanted", pathology.pk)
    paper = handover_for(room.nurse, done.id)
    assert [line.implant.patient_token for line in devices_of(paper)] == [case.patient_token]
    sheet = handover_sheet(paper)
    assert {unit_view(epc).serial, case.patient_token, case.number} <= set(sheet.sections[0].rows[0])
    assert (sheet.number, len(sheet.signatures)) == (done.number, 2)
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert unit_view(epc).place_id == room.here.h.department.pk
    assert Handover.objects.get().state == "voided"
    assert handed(room, epc, to_place_id=pathology.pk).number != done.number


def test_to_the_patient_whose_it_was_and_nobody_else(room: Room) -> None:
    case, [epc] = came_out(room)
    stranger, [theirs] = came_out(room)
    before = contents()
    refused("of_other_patient", lambda: handed(room, epc, theirs, patient_token=case.patient_token))
    refused("of_other_patient", lambda: handed(room, epc, patient_token=stranger.patient_token))
    assert contents() == before
    handed(room, epc, patient_token=case.patient_token)
    view = unit_view(epc)
    assert (view.status, view.place_id) == ("explanted", virtual_places().patient)
    assert [unit.epc for unit in explanted_units(room.nurse)] == [theirs]
    # What is with its patient is out of the hospital's hands.
    with pytest.raises(Refused) as again:
        handed(room, epc, patient_token=case.patient_token)
    assert "wrong_place" in {offence.code for offence in again.value.offences}
    assert Handover.objects.count() == 1
    assert rebuild() == []


def test_what_is_missing_or_never_came_out_is_refused(room: Room, pathology: Place) -> None:
    _case, [epc] = came_out(room)
    [plain] = room.units(1)
    before = contents()
    to = {"to_place_id": pathology.pk}
    refused("not_explanted", lambda: handed(room, plain, **to))
    refused("empty", lambda: handed(room, **to))
    refused("receiver_needed", lambda: handed(room, epc, handed_to=" ", **to))
    refused("where_to", lambda: handed(room, epc))
    refused("where_to", lambda: handed(room, epc, patient_token="PT", **to))
    refused("same_place", lambda: handed(room, epc, to_place_id=room.here.h.department.pk))
    refused("bad_document_place", lambda: handed(room, epc, to_place_id=room.here.h.store.pk))
    given = {"place_id": room.here.h.department.pk, "reason": "explanted"}
    asking = {"actor": room.keeper, **given}
    refused("not_explanted", lambda: return_explanted(key=unique("k"), things=[plain], **asking))
    refused("empty", lambda: return_explanted(key=unique("k"), things=[], **asking))
    with pytest.raises(NotFound):
        hand_on(
            actor=room.here.actor(person("nurse", place(Kind.CAMPUS))), key=unique("k"), things=[epc],
            place_id=room.here.h.department.pk, handed_to="x", **to,
        )  # fmt: skip
    assert contents() == before
    assert not Handover.objects.exists()


def test_who_sees_no_patients_there_sees_no_paper(room: Room, pathology: Place) -> None:
    _case, [epc] = came_out(room)
    done = handed(room, epc, to_place_id=pathology.pk)
    for actor in (room.keeper, room.here.actor(person("nurse", place(Kind.CAMPUS)))):
        with pytest.raises((NotFound, Refused)):
            handover_for(actor, done.id)
        assert handovers(actor) == []
    examiner = room.here.actor(person("nurse", pathology))
    assert [paper.pk for paper in handovers(examiner)] == [done.id]
    assert handover_for(examiner, done.id).number == done.number


@pytest.mark.parametrize("with_its_patient", [False, True])
def test_who_may_do_nothing_there_learns_not_whose_it_was(room: Room, with_its_patient: bool) -> None:
    case, [epc] = came_out(room)
    if with_its_patient:
        handed(room, epc, patient_token=case.patient_token)
    ward = place(Kind.DEPARTMENT, place(Kind.CAMPUS))
    stranger, before = room.here.actor(person("nurse", ward)), contents()
    answers = []
    for token in (case.patient_token, "PT-NOBODY"):
        with pytest.raises(Refused) as told:
            hand_on(
                actor=stranger, key=unique("k"), place_id=ward.pk, things=[epc], handed_to="x", patient_token=token
            )  # fmt: skip
        answers.append([(each.code, each.thing) for each in told.value.offences])
    assert answers == [[("wrong_place" if with_its_patient else "not_yours", epc)]] * 2
    assert contents() == before


def test_a_device_elsewhere_answers_as_any_other_thing_there(room: Room) -> None:
    _case, [epc] = came_out(room)
    [plain] = room.units(1)
    campus = place(Kind.CAMPUS)
    stranger = room.here.actor(person("storekeeper", campus))
    for each in (epc, plain):
        given = {"place_id": place(Kind.STORE, campus).pk, "things": [each], "reason": "explanted"}
        refused("not_yours", lambda given=given: return_explanted(actor=stranger, key=unique("k"), **given))


def test_what_is_scrapped_is_no_loss(room: Room) -> None:
    _case, [epc] = came_out(room)
    witness = witness_of(person("nurse", room.here.h.department))
    done = scrap(actor=room.nurse, key=unique("k"), things=[epc], reason="damaged", witness=witness)
    assert (unit_view(epc).status, done.state) == ("scrapped", "destroyed")
    assert explanted_units(room.nurse) == []
    assert Disposal.objects.get(pk=done.id).amount == 0


def test_papers_of_before_are_given_the_lines_that_a_new_one_has(room: Room, pathology: Place) -> None:
    """The migration finds of what was handed on the records by which it came out."""
    _case, epcs = came_out(room, 2)
    came_out(room)
    first, second = (
        handed(room, epcs[0], to_place_id=pathology.pk),
        handed(room, epcs[1], to_place_id=pathology.pk),
    )
    written = list(HandoverLine.objects.order_by("pk").values_list("handover", "implant", "quantity"))
    assert [line[0] for line in written] == [first.id, second.id]
    HandoverLine.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("yanji.flows.migrations.0085_handed_on_by_record").FILL)
    assert sorted(HandoverLine.objects.values_list("handover", "implant", "quantity")) == written
