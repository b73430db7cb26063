"""What is released onto a shelf stays with the store or department that keeps it: to any other it goes by a paper."""

from decimal import Decimal
from typing import Any

import pytest

from tests.flows.site import Site, contents, person
from tests.flows.transferring import way
from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.access.models import Grant
from yanji.flows.hold import hold, release
from yanji.ledger.api import LotQuantity, Refused, rebuild, unit_view
from yanji.ledger.models import Level
from yanji.places.models import Kind, Place


def held(here: Site, *things: Any) -> None:
    hold(actor=here.keeper, key=unique("h"), things=things, reason="suspected")


def released(actor: Actor, *things: Any, onto: Place) -> Any:
    return release(actor=actor, key=unique("r"), things=things, reason="inspected", to_place_id=onto.pk)


def refused(actor: Actor, *things: Any, onto: Place) -> Refused:
    before = contents()
    with pytest.raises(Refused) as refusal:
        released(actor, *things, onto=onto)
    assert contents() == before
    return refusal.value


def test_neither_another_campus_nor_a_ward_is_reached_by_a_release(committed: Site) -> None:
    """Though whoever releases may hold at all of them."""
    here, h, to = committed, committed.h, way(committed)
    [epc], lot = here.stocked(1), here.stocked_lot(3)
    two = LotQuantity(lot, Decimal(2), h.store.pk)
    held(here, epc, two)
    quality = person("quality", h.campus)
    Grant.objects.create(person=quality, role=quality.grants.get().role, place=to.store)
    both = here.actor(quality)
    for shelf in (to.shelf, h.cabinet):
        refusal = refused(both, epc, two, onto=shelf)
        assert {each.code for each in refusal.offences} == {"shelf_of_another"}
        assert {each.thing for each in refusal.offences} == {epc, f"lot {lot}"}
        assert h.store.name in refusal.offences[0].sentence()
    released(both, epc, two, onto=h.bin)
    assert (unit_view(epc).status, unit_view(epc).place_id) == ("available", h.bin.pk)
    assert Level.objects.get(lot_id=lot, place=h.bin, quantity__gt=0).quantity == 2
    assert rebuild() == []


def test_what_lies_beside_the_stores_goes_to_any_of_them(committed: Site) -> None:
    here, h, to = committed, committed.h, way(committed)
    aside = place(Kind.ROOM, h.campus, quarantine=True)
    arrivals = [here.arrival(doubtful="suspected") for _ in range(2)]
    here.receive(here.order((h.item, 2)), *arrivals)
    epcs = [each.epc for each in arrivals]
    assert {unit_view(epc).place_id for epc in epcs} == {aside.pk}
    for actor, shelf in ((here.keeper, h.cabinet), (to.receiver, to.shelf)):
        assert {each.code for each in refused(actor, *epcs, onto=shelf).offences} >= {"shelf_of_another"}
    released(here.keeper, *epcs, onto=h.bin)
    assert {(unit_view(epc).status, unit_view(epc).place_id) for epc in epcs} == {("available", h.bin.pk)}


def test_what_is_on_its_way_is_released_where_it_lands_whatever_shelf_is_named(committed: Site) -> None:
    here, to = committed, way(committed)
    [epc] = here.stocked(1)
    to.sent([epc])
    held(here, epc)
    refusal = refused(here.keeper, epc, onto=here.h.bin)
    assert [(each.code, each.thing) for each in refusal.offences] == [("lands_first", epc)]
