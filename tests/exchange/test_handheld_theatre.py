"""By scanning alone: a device comes out of a patient and goes on, and what nobody received is used first."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld_opened import codes, done, read
from tests.exchange.test_handheld_said import scans, status
from tests.flows.counting import LOT_EXPIRY, LOT_GTIN, LOT_LABEL
from tests.flows.site import Site
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_explanted_lots import screws_in_theatre
from tests.makers import place, unique
from yanji.catalog.models import ItemCode, Quarantined, Supplier
from yanji.flows.models import PurchaseOrder
from yanji.flows.reasons import known
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.theatre.models import EmergencyUse, Handover, HandoverLine, Implant
from yanji.ledger.api import LotQuantity, unit_view
from yanji.places.models import Kind


@pytest.fixture
def room(committed: Site) -> Room:
    return Room(committed)


def reason(group: str) -> str:
    return f"YANJI:REASON:{group}:{min(known(group))}"


def implanted(room: Room, serial: str) -> tuple[Any, str]:
    [epc] = room.units(1, serial=serial)
    case = room.case()
    room.implanted(case, epc)
    return case, epc


def test_a_device_comes_out_and_goes_to_pathology(room: Room) -> None:
    here, nurse = room.here, ApiClient(room.here.nurse)
    case, epc = implanted(room, "EX1")
    label, why = here.scan("EX1"), reason("explant")
    assert codes(read(nurse, "explant", case.patient_token, label)) == ["scan_reason"]
    # Out of another patient it cannot come.
    other = room.case()
    assert codes(read(nurse, "explant", other.patient_token, label, why)) == ["not_in_this_patient"]
    refused = nurse.send(
        "/handheld/acts", key=unique("k"), flow="explant", scans=scans(other.patient_token, label, why)
    )
    assert refused.json()["code"] == "not_in_this_patient"
    # A shelf is none of the things, and no patient.
    shelf = read(nurse, "use", case.patient_token, here.h.bin.code)
    assert codes(shelf) == ["place_beside_patient"]
    given = [case.patient_token, label, why, case.patient_token]
    said = read(nurse, "explant", *given)
    assert (codes(said), said["ready"], said["confirmed"]) == ([], True, True)
    key = unique("k")
    for _twice in range(2):
        assert done(nurse, "explant", *given, key=key)["number"] == case.number
    assert (status(epc), Implant.objects.get().explant_event is not None) == ("explanted", True)
    # On to where it is examined: the place by its code, who takes it along by name; a place or a patient, not both.
    pathology = place(Kind.DEPARTMENT, here.h.campus, name_en="Pathology")
    assert codes(read(nurse, "hand_on", label)) == ["scan_carrier", "where_to"]
    assert codes(read(nurse, "hand_on", label, pathology.code, case.patient_token)) == [
        "scan_carrier",
        "where_to",
    ]
    given = scans(label, pathology.code)
    about = {"handed_to": "Dr. Lin"}
    said = nurse.send("/handheld/readings", flow="hand_on", scans=given, about=about).json()
    assert (codes(said), said["named"]["place_id"]) == ([], "Pathology")
    answer = nurse.send("/handheld/acts", key=unique("k"), flow="hand_on", scans=given, about=about)
    assert answer.status_code == 200, answer.content
    paper = Handover.objects.get(number=answer.json()["number"])
    assert (paper.to_place_id, paper.handed_to) == (pathology.pk, "Dr. Lin")
    view = unit_view(epc)
    assert view is not None
    assert view.place_id == pathology.pk


def test_a_device_goes_back_to_its_patient_or_to_its_maker(room: Room) -> None:
    here, nurse, keeper = room.here, ApiClient(room.here.nurse), ApiClient(room.here.storekeeper)
    pieces = [implanted(room, serial) for serial in ("EX2", "EX3")]
    for (case, _epc), serial in zip(pieces, ("EX2", "EX3"), strict=True):
        done(nurse, "explant", case.patient_token, here.scan(serial), reason("explant"))
    (first, _), (_, other) = pieces
    about = {"handed_to": "The patient"}
    given = scans(here.scan("EX2"), first.patient_token)
    answer = nurse.send("/handheld/acts", key=unique("k"), flow="hand_on", scans=given, about=about)
    assert answer.status_code == 200, answer.content
    assert Handover.objects.get().to_place is None
    # What came out of somebody else is not given to this one.
    wrong = scans(here.scan("EX3"), first.patient_token)
    answer = nurse.send("/handheld/acts", key=unique("k"), flow="hand_on", scans=wrong, about=about)
    assert answer.json()["code"] == "of_other_patient"
    # The storekeeper, who sees no patient, asks the supplier to take it back.
    given = [here.scan("EX3"), reason("supplier_return")]
    assert codes(read(keeper, "return_explanted", *given)) == []
    number = done(keeper, "return_explanted", *given)["number"]
    assert SupplierReturn.objects.get(number=number).supplier == here.h.supplier
    assert status(other) == "explanted"
    here.stocked(1, serial="EX4")
    assert codes(read(keeper, "return_explanted", here.scan("EX4"), given[1])) == ["not_explanted"]
    assert "return_explanted" not in nurse.get("/handheld/today").json()["ways"]
    assert "explant" not in keeper.get("/handheld/today").json()["ways"]


def test_what_nobody_received_is_used_first_of_the_one_who_sells_it(room: Room) -> None:
    here, nurse, case = room.here, ApiClient(room.here.nurse), room.case()
    room.price()
    label, why = here.scan("EU1"), reason("emergency")
    said = read(nurse, "use_first", case.patient_token, label)
    assert codes(said) == ["scan_reason"]
    assert said["about"]["supplier_id"] == here.h.supplier.pk
    assert said["named"]["supplier_id"] == here.h.supplier.name
    given = [case.patient_token, label, why, case.patient_token]
    assert read(nurse, "use_first", *given)["confirmed"]
    key = unique("k")
    for _twice in range(2):
        number = done(nurse, "use_first", *given, key=key)["number"]
    paper = EmergencyUse.objects.get()
    assert (paper.number, paper.case_id, paper.amount) == (number, case.pk, Decimal(1200))
    assert PurchaseOrder.objects.get().supplier == here.h.supplier
    # What lies in the hospital is used, and not used first.
    here.stocked(1, serial="EU2")
    assert codes(read(nurse, "use_first", case.patient_token, here.scan("EU2"), why))
    unknown = read(nurse, "use_first", case.patient_token, "]d2010690123450002817491231")
    assert unknown["sights"][1]["meaning"]["kind"] == "unknown_product"
    assert codes(unknown)


def test_of_several_sellers_one_is_chosen(room: Room) -> None:
    here, nurse, case = room.here, ApiClient(room.here.nurse), room.case()
    other = Supplier.objects.create(code=unique("SUP"), name_zh="另一家", name_en="Another")
    given = scans(case.patient_token, here.scan("EU3"), reason("emergency"), case.patient_token)
    said = nurse.send("/handheld/readings", flow="use_first", scans=given).json()
    # Nobody has said a price: all who sell may be chosen, and nobody is meant.
    assert codes(said) == ["scan_supplier"]
    assert {each["id"] for each in said["sellers"]} >= {other.pk, here.h.supplier.pk}
    refused = nurse.send("/handheld/acts", key=unique("k"), flow="use_first", scans=given)
    assert refused.json()["code"] == "scan_supplier"
    about = {"supplier_id": here.h.supplier.pk}
    said = nurse.send("/handheld/readings", flow="use_first", scans=given, about=about).json()
    assert (codes(said), said["ready"]) == ([], True)
    many = [given[0], *scans(*(here.scan(f"EM{n}") for n in range(6))), *given[2:]]
    assert nurse.send("/handheld/readings", flow="use_first", scans=many, about=about).json()["ready"]
    answer = nurse.send("/handheld/acts", key=unique("k"), flow="use_first", scans=many, about=about)
    assert answer.status_code == 200, answer.content


def test_screws_come_out_by_their_lot_and_no_more_than_went_in(room: Room) -> None:
    here, nurse, case = room.here, ApiClient(room.here.nurse), room.case()
    lot = screws_in_theatre(room, 9, LOT_EXPIRY)
    ItemCode.objects.create(issuer="GS1", code=LOT_GTIN, item=here.counted)
    label, why = LOT_LABEL, reason("explant")
    # A lot that nobody has is in nobody.
    strange = read(nurse, "explant", case.patient_token, LOT_LABEL.replace("10B1", "10NONE"), why)
    assert codes(strange) == ["not_in_this_patient"]
    room.use(case, LotQuantity(lot, Decimal(4), here.h.department.pk))
    other = room.case()
    room.use(other, LotQuantity(lot, Decimal(5), here.h.department.pk))
    many = scans(case.patient_token, (label, 5), why)
    said = nurse.send("/handheld/readings", flow="explant", scans=many).json()
    assert codes(said) == ["fewer_in_this_patient"]
    assert "B1" in said["sights"][1]["meaning"]["offences"][0]["sentence"]
    given = scans(case.patient_token, (label, 3), why, case.patient_token)
    assert nurse.send("/handheld/readings", flow="explant", scans=given).json()["confirmed"]
    answer = nurse.send("/handheld/acts", key=unique("k"), flow="explant", scans=given)
    assert answer.status_code == 200, answer.content
    assert codes(read(nurse, "hand_on", (label, 4), case.patient_token))[0] == "not_enough"
    back = scans((label, 2), case.patient_token)
    about = {"handed_to": "The patient"}
    answer = nurse.send("/handheld/acts", key=unique("k"), flow="hand_on", scans=back, about=about)
    assert answer.status_code == 200, answer.content
    assert [line.quantity for line in HandoverLine.objects.all()] == [2]


def test_of_pieces_that_came_out_in_several_places_somebody_says_from_which(room: Room) -> None:
    here, nurse, case = room.here, ApiClient(room.here.nurse), room.case()
    lot = screws_in_theatre(room, 6, LOT_EXPIRY)
    ItemCode.objects.create(issuer="GS1", code=LOT_GTIN, item=here.counted)
    room.use(case, LotQuantity(lot, Decimal(6), here.h.department.pk))
    for where in ((), (here.h.cabinet.code,)):
        done(nurse, "explant", case.patient_token, *where, (LOT_LABEL, 2), reason("explant"))
    given = scans((LOT_LABEL, 2), case.patient_token)
    about: dict[str, Any] = {"handed_to": "The patient"}
    said = nurse.send("/handheld/readings", flow="hand_on", scans=given, about=about).json()
    assert codes(said) == ["scan_from"]
    assert {each["id"]: each["pieces"] for each in said["sources"]} == {
        here.h.department.pk: 2,
        here.h.cabinet.pk: 2,
    }
    refused = nurse.send("/handheld/acts", key=unique("k"), flow="hand_on", scans=given, about=about)
    assert refused.json()["code"] == "scan_from"
    about["from_place_id"] = here.h.cabinet.pk
    answer = nurse.send("/handheld/acts", key=unique("k"), flow="hand_on", scans=given, about=about)
    assert answer.status_code == 200, answer.content
    assert Handover.objects.get().place_id == here.h.cabinet.pk
    # Where one place alone is left, it is meant.
    del about["from_place_id"]
    answer = nurse.send("/handheld/acts", key=unique("k"), flow="hand_on", scans=given, about=about)
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("flow", ["explant", "use_first", "set_out", "take", "hand_on", "discard"])
def test_a_wristband_of_nobody_known_is_kept_nowhere_and_told_to_no_store(room: Room, flow: str) -> None:
    nurse, keeper = ApiClient(room.here.nurse), ApiClient(room.here.storekeeper)
    band = unique("PT-NOBODY")
    read(nurse, flow, band)
    assert not Quarantined.objects.exists()
    act = {"key": unique("k"), "flow": flow, "scans": scans(band)}
    assert nurse.send("/handheld/acts", **act).status_code in (404, 409, 422)
    said = nurse.send("/handheld/settlements", **act, way="handed_on", because=f"For {band}, look")
    assert said.status_code == 200, said.content
    told = json.dumps(keeper.get("/handheld/handed-on").json())
    assert '"left_out": 1' in told
    assert band not in told


@pytest.mark.parametrize("flow", ["explant", "hand_on", "use_first"])
def test_many_things_cost_what_few_do(room: Room, flow: str) -> None:
    here, nurse, case = room.here, ApiClient(room.here.nurse), room.case()
    serials = [f"MC{flow[:2]}{number}" for number in range(6)]
    if flow != "use_first":
        for serial in serials:
            [epc] = room.units(1, serial=serial)
            room.implanted(case, epc)
        if flow == "hand_on":
            done(nurse, "explant", case.patient_token, *map(here.scan, serials), reason("explant"))
    room.price()
    spent = []
    for count in (2, 2, 6):
        with CaptureQueriesContext(connection) as asked:
            said = read(nurse, flow, case.patient_token, *map(here.scan, serials[:count]))
        spent.append(len(asked))
        assert not [sight for sight in said["sights"] if sight["meaning"]["offences"]]
    assert spent[1] >= spent[2], spent
