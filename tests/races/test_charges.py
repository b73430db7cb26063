"""Two cashiers charge one unit at one moment: it is charged once; and the database says so even without the lock."""

import pytest

from tests.flows.site import Site, site
from tests.flows.theatre.room import Room
from tests.makers import unique
from tests.races.crowd import all_read_first, together
from yanji.flows.consign.models import Payable, TitleNote
from yanji.flows.theatre import charge
from yanji.flows.theatre.charge import confirm_charges, request_charges
from yanji.flows.theatre.models import ChargeEntry, ChargeLine

pytestmark = pytest.mark.slow


@pytest.fixture
def room(transactional_db) -> Room:
    here: Site = site()
    return Room(here)


def pending(room: Room):
    [epc] = room.units(1)
    case = room.case()
    room.use(case, epc)
    room.code()
    request_charges(actor=room.nurse, key=unique("k"), case_id=case.pk)
    return case, ChargeLine.objects.get(case=case)


def confirm_by(room: Room, case, line, hands: int) -> list:
    nurse = room.nurse

    def act():
        return confirm_charges(actor=nurse, key=unique("c"), case_id=case.pk, line_ids=[line.pk])

    return together(*[act] * hands)


def test_one_unit_is_charged_once(room: Room) -> None:
    case, line = pending(room)
    answers = confirm_by(room, case, line, 6)
    assert sorted(type(answer).__name__ for answer in answers) == ["Done"] + ["str"] * 5
    assert {answer for answer in answers if isinstance(answer, str)} == {"charged_already"}
    assert list(ChargeEntry.objects.values_list("sign", flat=True)) == [1]


def test_control_without_the_lock_only_the_database_stops_the_second(room: Room, monkeypatch) -> None:
    """The lock is what lets the second see the first; without it they meet at the constraint, which holds alone."""
    case, line = pending(room)
    met = []

    def unlocked(of):
        found = list(ChargeLine.objects.select_related("item").filter(case=of).order_by("id"))
        met.append([each.state for each in found])
        return found

    monkeypatch.setattr(charge, "_locked", all_read_first(4, unlocked))
    answers = confirm_by(room, case, line, 4)
    assert met == [["charge_pending"]] * 4, "without the lock every one of them believes to be the first"
    assert sorted(type(answer).__name__ for answer in answers) == ["Done"] + ["str"] * 3
    assert list(ChargeEntry.objects.values_list("sign", flat=True)) == [1]


def test_two_uses_of_a_suppliers_unit_owe_it_once(room: Room) -> None:
    room.agreement()
    room.price()
    [epc] = room.consigned()
    cases = [room.case() for _ in range(4)]
    nurse_room = Room(room.here)
    answers = together(*[lambda case=case: nurse_room.use(case, epc) for case in cases])
    assert sorted(type(answer).__name__ for answer in answers) == ["Done"] + ["str"] * 3
    assert (Payable.objects.count(), TitleNote.objects.count()) == (1, 1)
