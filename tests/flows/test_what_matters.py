"""What a refused scan says: the one order that matters, in the words of its flow, and with the ranking of the pick list."""

from typing import Any

import pytest
from django.utils import translation

from tests.flows.site import Site, person, soon
from tests.flows.test_budgets import at_the_ward
from tests.flows.test_reserving import kept, pieces
from tests.makers import place, unique
from yanji.flows.alternatives import alternatives
from yanji.flows.models import Override, Requisition
from yanji.flows.papers import sheet_of
from yanji.flows.pick import pick
from yanji.flows.pick_list import pick_list
from yanji.flows.preview import interpret
from yanji.flows.scanning import Meaning
from yanji.flows.use import use
from yanji.ledger.api import Refused, Step
from yanji.ledger.models import Lot, Unit
from yanji.places.models import Kind


def said(meaning: Meaning) -> list[str]:
    return [offence.code for offence in meaning.offences]


def test_a_ward_learns_where_a_stores_unit_is_recorded_and_whom_to_call(committed: Site) -> None:
    here, h = committed, committed.h
    [epc] = here.stocked(1)
    found = interpret(epc, actor=here.ward, flow="use", from_place_id=h.department.pk)
    assert said(found) == ["recorded_elsewhere"]
    with translation.override("en"):
        assert f"is recorded at {h.store.name}" in found.offences[0].sentence()
    # Of another campus nobody learns anything, nor where what was sent is compared with what came.
    campus = place(Kind.CAMPUS)
    strange = place(Kind.DEPARTMENT, campus)
    nurse = here.actor(person("nurse", strange))
    assert said(interpret(epc, actor=nurse, flow="use", from_place_id=strange.pk)) == ["not_yours"]
    assert said(interpret(epc, actor=here.ward, flow="take_in", from_place_id=h.department.pk)) == [
        "not_yours"
    ]


def test_the_lot_named_first_is_the_first_of_the_list(committed: Site) -> None:
    here = committed
    here.stocked_lot(1, lot="SOON", expiry=soon(40))
    late, own = (
        here.stocked_lot(4, lot=lot, expiry=soon(days)) for lot, days in (("LATE", 90), ("OWN", 400))
    )
    wanted = here.requisition((here.counted, 4))
    kept(here, [pieces(here, own, 2)], requisition_id=wanted.id)
    [line] = pick_list(Requisition.objects.get(pk=wanted.id))
    assert [each.thing.lot for each in line.proposals] == ["OWN", "SOON", "LATE"]
    with pytest.raises(Refused) as refusal, translation.override("en"):
        pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[pieces(here, late, 1)])
    with translation.override("en"):
        assert "Lot OWN (kept for this)" in str(refusal.value)
    # Once that is taken along, the next of the list is named.
    both = [pieces(here, own, 2), pieces(here, late, 1)]
    why = {f"lot {late}": "damaged"}
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=both, overrides=why)
    assert Override.objects.get().instead_of == f"lot {Lot.objects.get(number='SOON').pk}"


def test_the_unit_named_first_is_the_first_of_the_list(committed: Site) -> None:
    here = committed
    here.stocked(1, lot="SOON", expiry=soon(40))
    [late], [own] = (
        here.stocked(1, lot=lot, expiry=soon(days)) for lot, days in (("LATE", 90), ("OWN", 400))
    )
    wanted = here.requisition((here.h.item, 3))
    kept(here, [own], requisition_id=wanted.id)
    found = interpret(
        late, actor=here.keeper, flow="pick", requisition_id=wanted.id, from_place_id=here.h.store.pk
    )
    assert said(found) == ["override_reason_needed"]
    assert found.offences[0].facts["instead_of"] == own
    assert found.ways_out == ()


def test_another_one_is_looked_for_in_the_store_of_the_list_alone(committed: Site) -> None:
    here, h = committed, committed.h
    bad, good = here.stocked(2)
    Unit.objects.filter(epc=bad).update(status="quarantined")
    wanted = here.requisition((h.item, 1))
    given: dict[str, Any] = {"actor": here.keeper, "flow": "pick", "requisition_id": wanted.id}
    [way] = interpret(bad, from_place_id=h.store.pk, **given).ways_out
    assert way.place_id == Unit.objects.get(epc=good).place_id
    assert interpret(bad, from_place_id=place(Kind.STORE, h.store.parent).pk, **given).ways_out == ()


def test_a_cabinet_that_one_may_not_see_is_no_way_out(committed: Site) -> None:
    """Its page would answer that there is none: the list of what is free at the shelf itself."""
    h = committed.h
    shelf = place(Kind.BIN, h.cabinet)
    h.do(Step.PUT_AWAY, *h.stocked(1), to=shelf)
    [[inside]] = alternatives([h.item.pk], paths=[shelf.path]).values()
    assert (inside.cabinet_id, inside.href.partition("?")[0]) == (None, "/stock")
    [[whole]] = alternatives([h.item.pk], paths=[h.department.path]).values()
    assert whole.cabinet_id == h.cabinet.pk


@pytest.mark.parametrize(("status", "code"), [("quarantined", "on_hold"), ("available", "not_requested")])
def test_of_a_wrong_thing_only_what_matters_is_said(committed: Site, status: str, code: str) -> None:
    here, h = committed, committed.h
    bad, _other = here.stocked(2)
    Unit.objects.filter(epc=bad).update(status=status)
    wanted = here.requisition((here.counted, 1))
    found = interpret(bad, actor=here.keeper, flow="pick", requisition_id=wanted.id, from_place_id=h.store.pk)
    assert (said(found), found.ways_out) == ([code], ())


def test_giving_back_what_was_used_asks_for_no_other_one(committed: Site) -> None:
    here, h = committed, committed.h
    used, _other = at_the_ward(here, 2)
    use(
        actor=here.ward, key=unique("u"), department_id=h.department.pk, case_number="C1", patient_token="T1",
        confirmed_by="T1", things=[used],
    )  # fmt: skip
    given: dict[str, Any] = {"actor": here.ward, "from_place_id": h.department.pk}
    found = interpret(used, flow="give_back", place_id=h.store.pk, **given)
    assert (said(found), found.ways_out) == (["used_on_a_patient"], ())
    assert said(interpret(used, flow="use", **given)) == ["already_used"]


def test_the_printed_list_names_the_units_and_counts_turns_where_there_are_several(committed: Site) -> None:
    here = committed
    [one] = here.stocked(1, lot="SOON", expiry=soon(40))
    [two] = here.stocked(1, lot="LATE", expiry=soon(90))
    here.stocked_lot(3)
    wanted = here.requisition((here.h.item, 2), (here.counted, 1))
    rows = sheet_of(here.keeper, "requisition", wanted.id, "fefo").sections[1].rows
    found = {str(row[3]): str(row[7])[:3] for row in rows}
    serials = [Unit.objects.get(epc=epc).serial for epc in (one, two)]
    assert (found[serials[0]], found[serials[1]]) == ("1. ", "2. ")
    assert not found["–"].startswith("1.")
