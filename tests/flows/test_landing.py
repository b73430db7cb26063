"""What is sent to a place that does not keep it cold lies in the first place below that does, and where it may be used."""

import pytest
from django.utils import timezone

from tests.flows.site import Site, contents
from tests.flows.test_budgets import at_the_ward
from tests.makers import place, unique
from yanji.access.models import Person
from yanji.catalog.models import Item
from yanji.flows.attempts import Attempt
from yanji.flows.cabinets.judge import taker_of
from yanji.flows.correction import take_back
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.landing import landing
from yanji.flows.preview import interpret
from yanji.flows.use import use
from yanji.ledger.api import Refused, unit_view
from yanji.places.models import Kind, Place


def test_what_may_be_used_lands_in_no_quarantine_place(committed: Site) -> None:
    here, ward = committed, committed.h.department
    [epc] = here.stocked(1)
    Item.objects.filter(pk=here.h.item.pk).update(temperature_class="refrigerated")
    place(Kind.CABINET, ward, temperature_class="refrigerated", quarantine=True)
    Person.objects.filter(pk=here.nurse.pk).update(department=ward)

    def places() -> tuple[int | None, int | None]:
        taker = taker_of(Person.objects.get(pk=here.nurse.pk), today=timezone.localdate(), device="")
        shelf = taker.shelf_for("refrigerated")
        return landing([epc], ward)[0].to_place_id, shelf and shelf.pk

    assert places() == (ward.pk, None)  # nothing there keeps it: the ledger refuses the department itself
    fridge = place(Kind.CABINET, ward, temperature_class="refrigerated")
    assert places() == (fridge.pk, fridge.pk)


def where(epc: str) -> tuple[int, str]:
    unit = unit_view(epc)
    assert unit is not None
    return unit.place_id, unit.status


def cold_at_the_ward(here: Site) -> list[str]:
    """Two units in a fridge of the ward."""
    epcs = at_the_ward(here, 2)
    Item.objects.filter(pk=here.h.item.pk).update(temperature_class="refrigerated")
    Place.objects.filter(pk=here.h.cabinet.pk).update(temperature_class="refrigerated")
    return epcs


def test_cold_things_given_back_lie_in_the_stores_fridge(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = cold_at_the_ward(here)
    fridge = place(Kind.BIN, h.store, temperature_class="refrigerated")
    scanned = interpret(
        epcs[0], actor=here.ward, flow="give_back", from_place_id=h.department.pk, place_id=h.store.pk
    )
    assert scanned.offences == ()
    asked = {"department_id": h.department.pk, "store_id": h.store.pk, "reason": "not_needed"}
    done = give_back(actor=here.ward, key=unique("g"), things=epcs, **asked)
    assert [where(epc) for epc in epcs] == [(fridge.pk, "returned")] * 2
    inspect_return(actor=here.keeper, key=unique("i"), store_id=h.store.pk, restock=epcs[:1])
    assert where(epcs[0]) == (fridge.pk, "available")
    with pytest.raises(Refused) as moved:
        take_back(actor=here.ward, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    assert [(each.code, each.thing) for each in moved.value.offences] == [("moved_on", epcs[0])]


def test_of_what_is_in_a_patient_it_is_not_said_how_to_keep_it(committed: Site) -> None:
    here, h = committed, committed.h
    [epc] = at_the_ward(here, 1)
    use(
        actor=here.ward, key=unique("u"), department_id=h.department.pk, case_number="C", patient_token="T",
        confirmed_by="T", things=[epc],
    )  # fmt: skip
    Item.objects.filter(pk=h.item.pk).update(temperature_class="refrigerated")
    scanned = interpret(epc, actor=here.keeper, flow="restock", from_place_id=h.store.pk)
    assert [each.code for each in scanned.offences] == ["used_on_a_patient"]
    before = contents()
    with pytest.raises(Refused) as refused:
        inspect_return(actor=here.keeper, key=unique("i"), store_id=h.store.pk, restock=[epc])
    assert [each.code for each in refused.value.offences] == ["already_used"]
    assert contents() == before


def test_what_no_shelf_of_a_store_keeps_is_refused_with_the_stores_that_do(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = cold_at_the_ward(here)
    asked = {"department_id": h.department.pk, "store_id": h.store.pk, "reason": "not_needed"}

    def refusal() -> Refused:
        before = contents()
        with pytest.raises(Refused) as refused:
            give_back(actor=here.ward, key=unique("g"), things=epcs, **asked)
        assert contents() == before
        scanned = interpret(
            epcs[0], actor=here.ward, flow="give_back", from_place_id=h.department.pk, place_id=h.store.pk
        )
        assert [each.code for each in scanned.offences] == [refused.value.code]
        return refused.value

    assert (refusal().code, len(refusal().offences)) == ("no_store_keeps", 2)
    near, far = place(Kind.STORE, h.campus), place(Kind.STORE, place(Kind.CAMPUS))
    for store in (far, near):
        place(Kind.BIN, store, temperature_class="refrigerated")
    found = refusal()
    assert found.code == "store_keeps_none"
    assert found.offences[0].facts["others"] == f"{near.name}, {far.name}"
    assert near.name in found.sentences()[0]
    assert Attempt.objects.filter(code="store_keeps_none", thing=epcs[0]).exists()
