"""Screws come out of patients again, by lot and number of pieces: a part of a record, out of nobody else, never to stock."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tests.flows.counting import LOT_EXPIRY, LOT_GTIN, LOT_LABEL, Counted
from tests.flows.site import contents, person
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.flows.theatre.test_implants import take_out
from tests.makers import everything, place, unique
from yanji.catalog.models import ItemCode
from yanji.flows.acts import Done
from yanji.flows.correction import take_back
from yanji.flows.disposal.models import Disposal
from yanji.flows.models import Case
from yanji.flows.papers import sheet_of
from yanji.flows.putaway import put_away
from yanji.flows.scrap import scrap
from yanji.flows.sendback.ask import authorise_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.send import send_return
from yanji.flows.theatre.explanted import devices_of, explanted_lots, hand_on, return_explanted
from yanji.flows.theatre.implants import explant
from yanji.flows.theatre.models import Handover, Implant
from yanji.flows.theatre.sheets import handover_sheet, implant_sheet
from yanji.flows.witness import witness_of
from yanji.ledger.api import LotQuantity, virtual_places
from yanji.ledger.models import Level
from yanji.ledger.rebuild import rebuild
from yanji.places.models import Kind, Place


@pytest.fixture
def lot(room: Room) -> int:
    return screws_in_theatre(room, 20)


def screws_in_theatre(room: Room, pieces: int, expiry: date = date(2099, 1, 1)) -> int:
    """Screws of one lot in the theatre, which are recorded where they are used."""
    h, screw = room.here.h, room.here.counted
    screw.implant = True
    screw.save()
    made = room.here.stocked_lot(pieces, expiry=expiry)
    put_away(
        actor=room.keeper, key=unique("k"), things=[LotQuantity(made, Decimal(pieces), h.store.pk)],
        to_place_id=h.department.pk,
    )  # fmt: skip
    return made


def of(room: Room, lot: int, pieces: int | str, status: str = "") -> LotQuantity:
    return LotQuantity(lot, Decimal(pieces), room.here.h.department.pk, None, status)


def screwed(room: Room, lot: int, pieces: int = 4) -> tuple[Case, Done]:
    case = room.case()
    return case, room.use(case, of(room, lot, pieces))


def came_out(room: Room, lot: int, pieces: int = 2) -> tuple[Case, Done]:
    case, _used = screwed(room, lot)
    return case, take_out(room, case, of(room, lot, pieces))


def handed(room: Room, *things: Any, **given: Any) -> Done:
    given = {"place_id": room.here.h.department.pk, "handed_to": "王医师", **given}
    return hand_on(actor=room.nurse, key=unique("k"), things=list(things), **given)


def records(case: Case) -> list[tuple[int, str]]:
    standing = Implant.objects.filter(case=case, voided_at=None).order_by("pk")
    return [(each.quantity, each.state.value) for each in standing]


def lies(room: Room, lot: int) -> dict[str, int]:
    there = Level.objects.filter(lot=lot, place=room.here.h.department, quantity__gt=0)
    return {status: int(pieces) for status, pieces in there.values_list("status", "quantity")}


def test_a_part_comes_out_and_the_rest_stays(room: Room, lot: int) -> None:
    case, _done = came_out(room, lot)
    assert records(case) == [(2, "implanted"), (2, "explanted")]
    assert lies(room, lot) == {"available": 16, "explanted": 2}
    assert [row[2] for row in implant_sheet(case).sections[0].rows] == ["2 ×", "2 ×"]
    before = contents()
    refused("fewer_in_this_patient", lambda: take_out(room, case, of(room, lot, 3)))
    refused("other_patient", lambda: take_out(room, case, of(room, lot, 1), patient="somebody else"))
    stranger = SimpleNamespace(number=unique("HIS"), patient_token="somebody else")
    refused("not_in_this_patient", lambda: take_out(room, stranger, of(room, lot, 1)))
    refused("bad_pieces", lambda: take_out(room, case, of(room, lot, 0)))
    refused("bad_pieces", lambda: take_out(room, case, of(room, lot, "0.5")))
    # Named twice is as much as both say.
    refused("fewer_in_this_patient", lambda: take_out(room, case, of(room, lot, 1), of(room, lot, 2)))
    assert contents() == before
    take_out(room, case, of(room, lot, 1), of(room, lot, 1))
    assert records(case) == [(2, "explanted"), (2, "explanted")]
    [level] = explanted_lots(room.nurse)
    assert (level.lot_id, level.quantity, level.place_id) == (lot, 4, room.here.h.department.pk)
    assert explanted_lots(room.here.actor(person("nurse", place(Kind.CAMPUS)))) == []
    assert rebuild() == []


def test_several_records_of_one_patient_give_what_they_have(room: Room, lot: int) -> None:
    case, _used = screwed(room, lot)
    room.use(case, of(room, lot, 3))
    take_out(room, case, of(room, lot, 5))
    assert records(case) == [(4, "explanted"), (2, "implanted"), (1, "explanted")]


def test_an_entry_taken_back_takes_back_no_other_patients(room: Room, lot: int) -> None:
    case, used = screwed(room, lot)
    other, _used = screwed(room, lot)
    done = take_out(room, case, of(room, lot, 2))
    before = contents()
    back = {"actor": room.nurse, "reason": "wrong_scan"}
    refused("moved_on", lambda: take_back(key=unique("k"), event_id=used.events[0], **back))
    assert contents() == before
    take_back(key=unique("k"), event_id=done.events[0], **back)
    assert records(case) == [(2, "implanted"), (2, "implanted")]
    assert lies(room, lot) == {"available": 12}
    take_back(key=unique("k"), event_id=used.events[0], **back)
    assert (records(case), records(other)) == ([], [(4, "implanted")])
    assert rebuild() == []


def test_to_the_patient_goes_what_came_out_of_that_patient(room: Room, lot: int) -> None:
    stranger, _theirs = came_out(room, lot)
    case, out = came_out(room, lot)
    before = contents()
    refused("fewer_of_this_patient", lambda: handed(room, of(room, lot, 3), patient_token=case.patient_token))
    refused("of_other_patient", lambda: handed(room, of(room, lot, 1), patient_token="PT-NOBODY"))
    refused("not_enough", lambda: handed(room, of(room, lot, 5), patient_token=case.patient_token))
    assert contents() == before
    done = handed(room, of(room, lot, 2), patient_token=case.patient_token)
    # The other two lie there still, and are not theirs.
    refused("of_other_patient", lambda: handed(room, of(room, lot, 1), patient_token=case.patient_token))
    paper = Handover.objects.get(pk=done.id)
    assert [(each.implant.patient_token, each.quantity) for each in devices_of(paper)] == [
        (case.patient_token, 2)
    ]
    assert {"2 ×", "B1", case.patient_token} <= set(handover_sheet(paper).sections[0].rows[0])
    back = {"actor": room.nurse, "reason": "wrong_scan"}
    refused("moved_on", lambda: take_back(key=unique("k"), event_id=out.events[0], **back))
    take_back(key=unique("k"), event_id=done.events[0], **back)
    take_back(key=unique("k"), event_id=out.events[0], **back)
    assert records(case) == [(2, "implanted"), (2, "implanted")]
    assert records(stranger) == [(2, "implanted"), (2, "explanted")]
    assert rebuild() == []


def test_to_pathology_and_from_there_to_the_patient(room: Room, lot: int) -> None:
    pathology: Place = place(Kind.DEPARTMENT, room.here.h.campus)
    case, _out = came_out(room, lot)
    handed(room, of(room, lot, 2), to_place_id=pathology.pk)
    refused("not_explanted", lambda: handed(room, of(room, lot, 1), to_place_id=pathology.pk))
    examiner = room.here.actor(person("nurse", pathology))
    given = {"place_id": pathology.pk, "handed_to": "Mr. Li", "things": [of(room, lot, 2)]}
    hand_on(actor=examiner, key=unique("k"), patient_token=case.patient_token, **given)
    assert explanted_lots(examiner) == []
    with_patient = Level.objects.get(lot=lot, place=virtual_places().patient, status="explanted")
    assert with_patient.quantity == 2
    assert Handover.objects.count() == 2
    assert rebuild() == []


def test_to_the_maker_without_credit_and_not_off_the_shelf(room: Room, lot: int) -> None:
    came_out(room, lot)
    given = {"place_id": room.here.h.department.pk, "reason": "explanted"}
    asking = {"actor": room.keeper, **given}
    before = contents()
    refused("not_enough", lambda: return_explanted(key=unique("k"), things=[of(room, lot, 3)], **asking))
    assert contents() == before
    asked = return_explanted(key=unique("k"), things=[of(room, lot, 2)], **asking)
    back = SupplierReturn.objects.get(pk=asked.id)
    line = back.lines.get()
    assert (back.supplier, back.expected, line.value, line.quantity) == (room.here.h.supplier, 0, 0, 2)
    authorise_return(actor=room.keeper, key=unique("k"), return_id=back.pk, authorisation="RMA-7")
    sent = send_return(actor=room.keeper, key=unique("k"), return_id=back.pk, handed_to="Courier")
    assert (sent.state, lies(room, lot)) == ("closed", {"available": 16})
    assert rebuild() == []


def test_scrapped_by_name_alone_and_no_loss(room: Room, lot: int) -> None:
    came_out(room, lot)
    witness = witness_of(person("nurse", room.here.h.department))
    given = {"actor": room.nurse, "reason": "damaged", "witness": witness}
    done = scrap(key=unique("k"), things=[of(room, lot, 2, "explanted")], **given)
    assert Disposal.objects.get(pk=done.id).amount == 0
    assert lies(room, lot) == {"available": 16}
    came_out(room, lot, 4)
    # Nobody means what came out who does not say so, though nothing else lay there.
    scrap(key=unique("k"), things=[of(room, lot, 12)], **given)
    assert lies(room, lot) == {"explanted": 4}
    refused("not_enough", lambda: scrap(key=unique("k"), things=[of(room, lot, 1)], **given))
    assert lies(room, lot) == {"explanted": 4}


def test_what_a_paper_brought_is_not_what_never_came(room: Room, lot: int) -> None:
    pathology: Place = place(Kind.DEPARTMENT, room.here.h.campus)
    case, _out = came_out(room, lot)
    other, _theirs = came_out(room, lot)
    handed(room, of(room, lot, 2), to_place_id=pathology.pk)
    examiner = room.here.actor(person("nurse", pathology))
    given = {"place_id": pathology.pk, "handed_to": "Mr. Li", "things": [of(room, lot, 2)]}
    before = contents()
    refused(
        "of_other_patient",
        lambda: hand_on(actor=examiner, key=unique("k"), patient_token=other.patient_token, **given),
    )
    assert contents() == before
    hand_on(actor=examiner, key=unique("k"), patient_token=case.patient_token, **given)
    handed(room, of(room, lot, 2), patient_token=other.patient_token)
    assert rebuild() == []


def test_no_paper_is_taken_back_past_a_later_one(room: Room, lot: int) -> None:
    pathology: Place = place(Kind.DEPARTMENT, room.here.h.campus)
    case, _out = came_out(room, lot)
    came_out(room, lot)
    first = handed(room, of(room, lot, 2), to_place_id=pathology.pk)
    handed(room, of(room, lot, 2), to_place_id=pathology.pk)
    examiner = room.here.actor(person("nurse", pathology))
    given = {"place_id": pathology.pk, "handed_to": "Mr. Li", "things": [of(room, lot, 2)]}
    later = hand_on(actor=examiner, key=unique("k"), patient_token=case.patient_token, **given)
    before = contents()
    back = {"reason": "wrong_scan"}
    # Two lie there still, and are another patient's.
    refused(
        "moved_on",
        lambda: take_back(actor=room.nurse, key=unique("k"), event_id=first.events[0], **back),
    )
    assert contents() == before
    take_back(actor=examiner, key=unique("k"), event_id=later.events[0], **back)
    take_back(actor=room.nurse, key=unique("k"), event_id=first.events[0], **back)
    assert lies(room, lot)["explanted"] == 2
    assert rebuild() == []


def test_what_came_out_is_not_counted_with_the_sterile_ones(room: Room) -> None:
    lot = screws_in_theatre(room, 20, expiry=LOT_EXPIRY)
    ItemCode.objects.get_or_create(issuer="GS1", code=LOT_GTIN, defaults={"item": room.here.counted})
    came_out(room, lot)
    count = Counted(room.here, place_id=room.here.h.department.pk)
    pieces = [row[5] for row in sheet_of(room.keeper, "count", count.id).sections[0].rows]
    assert pieces == [16]
    count.scan(LOT_LABEL, quantity=16)
    assert count.close() == {}
    assert lies(room, lot) == {"available": 16, "explanted": 2}
    missed = Counted(room.here, place_id=room.here.h.department.pk)
    missed.scan(LOT_LABEL, quantity=15)
    assert missed.close() == {"lot_short": 1}


def test_no_paper_is_taken_back_before_the_one_that_brought_it_back(room: Room, lot: int) -> None:
    pathology: Place = place(Kind.DEPARTMENT, room.here.h.campus)
    came_out(room, lot)
    there = {"to_place_id": pathology.pk}
    first = handed(room, of(room, lot, 2), **there)
    examiner = room.here.actor(person("nurse", pathology))
    home = {"place_id": pathology.pk, "handed_to": "Mr. Li", "to_place_id": room.here.h.department.pk}
    hand_on(actor=examiner, key=unique("k"), things=[of(room, lot, 2)], **home)
    handed(room, of(room, lot, 2), **there)
    back = {"actor": room.nurse, "event_id": first.events[0], "reason": "wrong_scan"}
    refused("moved_on", lambda: take_back(key=unique("k"), **back))
    assert rebuild() == []


def test_two_theatres_each_have_their_own(room: Room, lot: int) -> None:
    second: Place = place(Kind.DEPARTMENT, room.here.h.campus)
    surgeon = everything(room.here.h.campus, room.here.storekeeper)
    case, _out = came_out(room, lot)
    other, _used = screwed(room, lot)
    explant(
        actor=surgeon, key=unique("x"), place_id=second.pk, case_number=other.number,
        patient_token=other.patient_token, things=[of(room, lot, 2)], reason="infection",
    )  # fmt: skip
    there = {"actor": surgeon, "place_id": second.pk, "handed_to": "Mr. Li", "things": [of(room, lot, 2)]}
    before = contents()
    refused("of_other_patient", lambda: hand_on(key=unique("k"), patient_token=case.patient_token, **there))
    assert contents() == before
    hand_on(key=unique("k"), patient_token=other.patient_token, **there)
    handed(room, of(room, lot, 2), patient_token=case.patient_token)
    assert rebuild() == []
