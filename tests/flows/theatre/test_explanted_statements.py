"""What came out by lot costs as many statements however many lines, pieces, patients and places there are."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import person, soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_budgets import Meter
from tests.makers import everything, place, unique
from yanji.access.actor import Actor
from yanji.flows.correction import take_back
from yanji.flows.models import Case
from yanji.flows.putaway import put_away
from yanji.flows.scrap import scrap
from yanji.flows.theatre.explanted import explanted_lots, hand_on, return_explanted
from yanji.flows.theatre.implants import explant
from yanji.flows.witness import witness_of
from yanji.ledger.api import LotQuantity, rebuild
from yanji.places.models import Kind, Place

# Of each of so many lots each of the four ways takes so many pieces, of so many patients.
FEW, MANY = (1, 1, 1), (4, 3, 2)
WAYS = 4


@pytest.fixture
def lots(room: Room) -> list[int]:
    """Screws of several lots in the theatre, which are recorded where they are used."""
    h, screw = room.here.h, room.here.counted
    screw.implant = True
    screw.save()
    made = [room.here.stocked_lot(200, lot=f"S{number}", expiry=soon(400)) for number in range(MANY[0])]
    put_away(
        actor=room.keeper, key=unique("k"), things=of(h.store, made, 200), to_place_id=h.department.pk,
    )  # fmt: skip
    return made


def of(at: Place, lots: list[int], pieces: int, status: str = "") -> list[LotQuantity]:
    return [LotQuantity(lot, Decimal(pieces), at.pk, None, status) for lot in lots]


def used(room: Room, lots: list[int], pieces: int, patients: int) -> list[Case]:
    cases = [room.case() for _ in range(patients)]
    for case in cases:
        room.use(case, *of(room.here.h.department, lots, pieces))
    return cases


def spent(room: Room, actor: Actor, lots: list[int], pieces: int, patients: int) -> dict[str, int]:
    """Statements of each way that explanted pieces of lots go, and of taking it back."""
    theatre, meter = room.here.h.department, Meter()
    examined: Place = place(Kind.DEPARTMENT, room.here.h.campus)
    for case in used(room, lots, WAYS * pieces, patients):
        out: Any = meter("explant", lambda case=case: explant(
            actor=actor, key=unique("x"), place_id=theatre.pk, case_number=case.number, patient_token=case.patient_token,
            things=of(theatre, lots, WAYS * pieces), reason="infection",
        ))  # fmt: skip
        given = {"actor": actor, "place_id": theatre.pk, "things": of(theatre, lots, pieces)}
        meter("hand_on patient", lambda case=case, given=given: hand_on(
            key=unique("h"), handed_to="Mr. Li", patient_token=case.patient_token, **given
        ))  # fmt: skip
        assert out.events
    given = {"actor": actor, "place_id": theatre.pk, "things": of(theatre, lots, pieces * patients)}
    there: Any = meter("hand_on examined", lambda: hand_on(
        key=unique("h"), handed_to="Dr. Wang", to_place_id=examined.pk, **given
    ))  # fmt: skip
    meter("return_explanted", lambda: return_explanted(key=unique("r"), reason="explanted", **given))
    witness = witness_of(person("nurse", theatre))
    meter("scrap", lambda: scrap(
        actor=actor, key=unique("s"), things=of(theatre, lots, pieces * patients, "explanted"), reason="damaged",
        witness=witness,
    ))  # fmt: skip
    meter("explanted_lots", lambda: explanted_lots(actor))
    client = Client()
    client.force_login(room.here.nurse)
    meter("page", lambda: client.get("/theatre/explanted"))
    meter("take_back", lambda: take_back(
        actor=actor, key=unique("b"), event_id=there.events[0], reason="wrong_scan"
    ))  # fmt: skip
    return meter.spent


def test_many_lines_pieces_and_patients_cost_as_one(room: Room, lots: list[int]) -> None:
    actor = everything(room.here.h.campus, room.here.nurse)
    spent(room, actor, lots[:1], *FEW[1:])  # warms what is looked up once a process
    few = spent(room, actor, lots[: FEW[0]], *FEW[1:])
    many = spent(room, actor, lots[: MANY[0]], *MANY[1:])
    assert many == few
    assert max(few.values()) <= 30, few
    assert rebuild() == []
