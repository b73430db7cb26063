"""What is counted, not serialised, goes the same way by lot and quantity."""

from decimal import Decimal

import pytest

from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue, Requisition
from yanji.flows.pick import pick, unpick
from yanji.flows.pick_list import pick_list
from yanji.flows.putaway import put_away
from yanji.flows.queries import picked_for
from yanji.flows.scrap import scrap
from yanji.flows.use import use
from yanji.flows.witness import witness_of
from yanji.ledger.api import LotQuantity, Refused, on_hand, rebuild


def pieces(here: Site) -> dict[tuple[str, str], int]:
    rows = on_hand(
        paths=["/"],
        by=("place", "status"),
        item_id=here.counted.pk,
        statuses=("available", "picked", "in_transit", "used", "returned", "scrapped"),
    )
    return {(row.place_path.split("/")[-2], row.status): int(row.quantity) for row in rows}


def test_a_lot_goes_the_whole_way(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(20, expiry=soon(90))
    keeper, ward = here.keeper, here.ward

    def some(count: int, at: object) -> list[LotQuantity]:
        return [LotQuantity(lot, Decimal(count), at.pk)]

    put_away(actor=keeper, key=unique("l"), things=some(20, h.store), to_place_id=h.bin.pk)
    wanted = here.requisition((here.counted, 8))
    [line] = pick_list(Requisition.objects.get(pk=wanted.id))
    assert [(left.lot_id, left.quantity) for left in line.lots] == [(lot, 20)]
    pick(actor=keeper, key=unique("l"), requisition_id=wanted.id, things=some(9 - 1, h.bin))
    unpick(actor=keeper, key=unique("l"), requisition_id=wanted.id, things=some(2, h.bin))
    assert picked_for(wanted.id) == ([], {(lot, h.bin.pk, None): 6})
    issued = issue(actor=keeper, key=unique("l"), requisition_id=wanted.id)
    assert picked_for(wanted.id) == ([], {})
    take_in(
        actor=ward, key=unique("l"), issue_id=issued.id, to_place_id=h.cabinet.pk, things=some(4, h.store)
    )
    before = contents()
    with pytest.raises(Refused) as refusal:
        take_in(
            actor=ward, key=unique("l"), issue_id=issued.id, to_place_id=h.cabinet.pk, things=some(3, h.store)
        )
    assert refusal.value.code == "over_taken_in"
    assert contents() == before
    take_in(actor=ward, key=unique("l"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    assert Issue.objects.get(pk=issued.id).state == "taken_in"

    papers = {"case_number": "C", "patient_token": "T", "confirmed_by": "C"}
    use(actor=ward, key=unique("l"), department_id=h.department.pk, things=some(3, h.cabinet), **papers)
    give_back(
        actor=ward,
        key=unique("l"),
        department_id=h.department.pk,
        store_id=h.store.pk,
        things=some(2, h.cabinet),
    )
    inspect_return(actor=keeper, key=unique("l"), store_id=h.store.pk, restock=some(2, h.store))
    scrap(
        actor=keeper,
        key=unique("l"),
        things=some(1, h.store),
        reason="damaged",
        witness=witness_of(here.second),
    )
    found = pieces(here)
    assert found[str(h.bin.pk), "available"] == 14
    assert found[str(h.cabinet.pk), "available"] == 1
    assert found[str(h.store.pk), "available"] == 1
    assert sum(found.values()) == 20 - 3 - 1 or sum(found.values()) == 20
    assert rebuild() == []


def test_the_older_lot_goes_first(committed: Site) -> None:
    here, h = committed, committed.h
    late = here.stocked_lot(5, lot="LATE", expiry=soon(500))
    here.stocked_lot(5, lot="SOON", expiry=soon(50))
    wanted = here.requisition((here.counted, 2))
    things = [LotQuantity(late, Decimal(2), h.store.pk)]
    with pytest.raises(Refused) as refusal:
        pick(actor=here.keeper, key=unique("l"), requisition_id=wanted.id, things=things)
    assert refusal.value.code == "override_reason_needed"
    pick(
        actor=here.keeper,
        key=unique("l"),
        requisition_id=wanted.id,
        things=things,
        overrides={f"lot {late}": "same_lot"},
    )


def test_a_lot_may_be_accepted_in_part(committed: Site) -> None:
    from yanji.flows.receive import Arrival

    here = committed
    order = here.order((here.counted, 10))
    same = {"lot": "P", "expiry": soon(60)}
    done = here.receive(
        order,
        Arrival(here.counted.pk, quantity=7, **same),
        Arrival(here.counted.pk, quantity=2, rejected="damaged", **same),
        Arrival(here.counted.pk, quantity=1, rejected="label", **same),
    )
    [difference] = done.facts["differences"]
    assert (difference["accepted"], difference["rejected"], difference["short"]) == (7, 3, 3)
    assert difference["reasons"] == {"damaged": 2, "label": 1}
    assert len(done.events) == 4
    assert rebuild() == []
