"""Whose case it is: who may work at its department, and what a later scan may say of it."""

import pytest

from tests.flows.site import contents, person
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.access.models import Grant
from yanji.flows.models import Case
from yanji.flows.theatre.cart import set_back
from yanji.flows.use import plan_case, use
from yanji.ledger.api import unit_view


def elsewhere(room: Room):
    """A nurse of another department, and that department."""
    other = place("department", room.here.h.campus)
    return person("nurse", other), other


def test_another_department_neither_uses_for_a_case_nor_plans_it(room: Room) -> None:
    nurse, other = elsewhere(room)
    case, [epc] = room.case(), room.units(1)
    actor = room.here.actor(nurse)
    given = {"department_id": other.pk, "patient_token": case.patient_token, "operator": "Dr. Other"}
    refused(
        "not_yours",
        lambda: use(
            actor=actor,
            key=unique("u"),
            case_number=case.number,
            confirmed_by=case.number,
            things=[epc],
            **given,
        ),
    )
    refused("not_yours", lambda: plan_case(actor=actor, key=unique("c"), number=case.number, **given))
    # Control: somebody who works in both departments may.
    Grant.objects.create(
        person=nurse, role=Grant.objects.get(person=room.here.nurse).role, place=room.here.h.department
    )
    given["department_id"] = room.here.h.department.pk
    use(
        actor=room.here.actor(nurse), key=unique("u"), case_number=case.number, confirmed_by=case.number,
        things=[epc], **given,
    )  # fmt: skip
    assert unit_view(epc).status == "used"


def test_the_department_says_with_a_use_who_operated_after_all(room: Room) -> None:
    case, epcs = room.case(), room.units(2)
    room.use(case, epcs[0])
    assert Case.objects.get().operator == "Dr. Chen"
    room.use(case, epcs[1], operator="Dr. Other")
    said = Case.objects.get()
    assert (said.procedure, said.operator) == ("PCI", "Dr. Other")


def test_things_go_back_to_their_shelf_or_where_the_nurse_works(room: Room) -> None:
    h, case = room.here.h, room.case()
    epcs = room.units(2)
    room.out(case, *epcs)
    given = {"actor": room.nurse, "case_id": case.pk}
    before = contents()
    with pytest.raises(NotFound):
        set_back(key=unique("b"), things=epcs, to_place_id=h.bin.pk, **given)
    assert contents() == before
    set_back(key=unique("b"), things=epcs[:1], to_place_id=h.cabinet.pk, **given)
    set_back(key=unique("b"), things=epcs[1:], to_place_id=h.department.pk, **given)
    assert [unit_view(epc).place_id for epc in epcs] == [h.cabinet.pk, h.department.pk]
