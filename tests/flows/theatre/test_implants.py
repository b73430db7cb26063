"""What stays in a patient: recorded with the use, shown by site and side, taken out again, never twice."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.flows.correction import take_back
from yanji.flows.putaway import put_away
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.implants import describe_implant, explant
from yanji.flows.theatre.models import Implant, Side
from yanji.flows.theatre.sheets import implant_sheet
from yanji.flows.things import Thing
from yanji.ledger.api import LotQuantity, Refused, unit_view


@pytest.fixture(autouse=True)
def _an_implant(room: Room) -> None:
    room.here.h.item.implant = True
    room.here.h.item.save()


def take_out(room: Room, case, *things: Thing, patient: str = "", reason: str = "infection"):
    return explant(
        actor=room.nurse, key=unique("k"), place_id=room.here.h.department.pk, case_number=case.number,
        patient_token=patient or case.patient_token, things=list(things), reason=reason,
    )  # fmt: skip


def test_an_implant_is_recorded_with_its_use(room: Room) -> None:
    placed, plain = room.units(2)
    case = room.case()
    done = room.use(case, placed, plain, implants=[Implanted(placed, "LAD", "left")])
    records = {each.unit.epc: each for each in Implant.objects.select_related("unit")}
    found = records[placed]
    assert (found.patient_token, found.site, found.side, found.surgeon) == (
        case.patient_token, "LAD", "left", "Dr. Chen",
    )  # fmt: skip
    # Nobody said where the other one is: it is recorded, and asked for.
    assert done.facts["site_missing"] == [plain]
    describe_implant(
        actor=room.nurse, key=unique("k"), implant_id=records[plain].pk, site="RCA", side="right"
    )
    assert Implant.objects.get(pk=records[plain].pk).site == "RCA"


def test_a_side_that_no_body_has_is_refused(room: Room) -> None:
    [epc] = room.units(1)
    case = room.case()
    refused("bad_side", lambda: room.use(case, epc, implants=[Implanted(epc, "LAD", "up")]))


def test_taking_the_use_back_takes_the_record_with_it(room: Room) -> None:
    [epc] = room.units(1)
    case = room.case()
    done = room.implanted(case, epc)
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_case")
    first = Implant.objects.get()
    assert first.voided_at is not None
    refused(
        "implant_voided",
        lambda: describe_implant(actor=room.nurse, key=unique("k"), implant_id=first.pk, site="LAD"),
    )
    room.implanted(room.case(), epc)
    assert Implant.objects.filter(voided_at__isnull=True).count() == 1


def test_what_came_out_never_goes_back_to_stock(room: Room) -> None:
    [epc] = room.units(1)
    case = room.case()
    room.implanted(case, epc)
    done = take_out(room, case, epc)
    assert unit_view(epc).status == "explanted"
    assert str(Implant.objects.get().explant_event_id) == done.events[0]
    refused("wrong_status", lambda: room.out(case, epc))


def test_an_explant_taken_back_is_in_the_patient_still(room: Room) -> None:
    [epc] = room.units(1)
    case = room.case()
    room.implanted(case, epc)
    done = take_out(room, case, epc)
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert Implant.objects.get().explant_event_id is None
    assert unit_view(epc).status == "used"


def test_a_case_of_another_patient_is_refused(room: Room) -> None:
    """The right wristband beside another patient's case: the life line would name both for ever."""
    [inside] = room.units(1)
    case, other = room.case(), room.case()
    room.implanted(case, inside)
    refused("other_patient", lambda: take_out(room, other, inside, patient=case.patient_token))
    assert unit_view(inside).status == "used"
    take_out(room, case, inside)


def test_only_what_is_in_this_patient_comes_out(room: Room) -> None:
    inside, never = room.units(2)
    case = room.case()
    room.implanted(case, inside)
    stranger = SimpleNamespace(number=unique("HIS"), patient_token="somebody else")
    refused("not_in_this_patient", lambda: take_out(room, stranger, inside))
    refused("not_in_this_patient", lambda: take_out(room, case, never))
    refused("reason_needed", lambda: take_out(room, case, inside, reason=""))
    take_out(room, case, inside)
    with pytest.raises(Refused) as again:
        take_out(room, case, inside)
    assert again.value.code == "not_in_this_patient"


def test_pieces_of_a_lot_that_stay_are_recorded_with_their_count(room: Room) -> None:
    h, screw, case = room.here.h, room.here.counted, room.case()
    screw.implant = True
    screw.save()
    lot = room.here.stocked_lot(10)
    put_away(
        actor=room.keeper, key=unique("k"), things=[LotQuantity(lot, Decimal(10), h.store.pk)],
        to_place_id=h.department.pk,
    )  # fmt: skip
    done = room.use(case, LotQuantity(lot, Decimal(3), h.department.pk))
    record = Implant.objects.get()
    assert (record.unit_id, record.lot_id, record.quantity, record.patient_token) == (
        None,
        lot,
        3,
        case.patient_token,
    )
    assert done.facts["site_missing"] == [f"lot {lot}"]
    describe_implant(actor=room.nurse, key=unique("k"), implant_id=record.pk, site="L4", side="left")
    [row] = implant_sheet(case).sections[0].rows
    assert {"3 ×", "B1", f"L4 · {Side.LEFT.label}"} <= set(row)
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert Implant.objects.get().voided_at is not None
