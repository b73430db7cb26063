"""A supplier's counted goods go to a ward as the hospital's do, and stay the supplier's on the way."""

from decimal import Decimal

import pytest

from tests.flows.site import Site, contents, soon
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.consign.agreements import Kept
from yanji.flows.differing.models import IssueDifference
from yanji.flows.differing.report import Doubtful
from yanji.flows.differing.settle import settle_difference
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue
from yanji.flows.pick import pick, unpick
from yanji.flows.queries import picked_for
from yanji.flows.receive import Arrival
from yanji.ledger.api import LotQuantity, Refused, on_hand, rebuild


def consigned(here: Site, pieces: int) -> int:
    """Pieces of a lot in the store that are the supplier's; the lot's id."""
    room = Room(here)
    room.agreement(items=[Kept(here.counted.pk, Decimal(5))])
    room.receive_consigned(Arrival(here.counted.pk, lot="B1", expiry=soon(90), quantity=pieces))
    return here.counted.lots.get().pk


def some(here: Site, lot: int, pieces: int, *, own: bool = False) -> LotQuantity:
    return LotQuantity(lot, Decimal(pieces), here.h.store.pk, None if own else here.h.supplier.pk)


def lying(here: Site, lot: int) -> dict[tuple[str, str], int]:
    """Pieces of the supplier's by place (store or department) and status."""
    rows = on_hand(paths=["/"], by=("place", "owner", "status"), lot_id=lot, statuses=ALL)
    assert {row.owner_id for row in rows} == {here.h.supplier.pk}
    at = {here.h.store.path: "store", here.h.department.path: "ward"}
    return {
        (
            next((name for path, name in at.items() if row.place_path.startswith(path)), "else"),
            row.status,
        ): int(row.quantity)
        for row in rows
    }


ALL = ("available", "picked", "in_transit", "quarantined", "lost")


def handed_over(here: Site, lot: int) -> Done:
    """Six were picked, one is put back, five go."""
    wanted = here.requisition((here.counted, 6))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[some(here, lot, 6)])
    unpick(actor=here.keeper, key=unique("u"), requisition_id=wanted.id, things=[some(here, lot, 1)])
    assert picked_for(wanted.id) == ([], {(lot, here.h.store.pk, here.h.supplier.pk): 5})
    return issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)


def test_a_suppliers_pieces_are_handed_over_and_taken_in(committed: Site) -> None:
    here, lot = committed, consigned(committed, 10)
    done = handed_over(here, lot)
    named = [some(here, lot, 3, own=True)]  # by the label alone: whose they are, the store's slip knows
    take_in(
        actor=here.ward, key=unique("t"), issue_id=done.id, to_place_id=here.h.cabinet.pk, things=named,
        damaged=[Doubtful(some(here, lot, 1), "damaged_on_way")], rest_is_missing=True,
    )  # fmt: skip
    assert lying(here, lot) == {
        ("store", "available"): 5, ("ward", "available"): 3, ("ward", "quarantined"): 1, ("else", "in_transit"): 1,
    }  # fmt: skip
    for kind, outcome in (("missing", "back"), ("damaged", "back")):
        open_ = IssueDifference.objects.get(kind=kind)
        settle_difference(actor=here.keeper, key=unique("s"), difference_id=open_.pk, outcome=outcome)
    assert Issue.objects.get().state == "taken_in"
    assert lying(here, lot)["ward", "available"] == 3
    assert rebuild() == []


def test_all_of_it_is_taken_in_without_a_word(committed: Site) -> None:
    here, lot = committed, consigned(committed, 10)
    done = handed_over(here, lot)
    take_in(actor=here.ward, key=unique("t"), issue_id=done.id, to_place_id=here.h.cabinet.pk)
    assert lying(here, lot) == {("store", "available"): 5, ("ward", "available"): 5}


def test_two_owners_pieces_of_a_lot_do_not_go_together(committed: Site) -> None:
    here, lot = committed, consigned(committed, 10)
    assert here.stocked_lot(4, lot="B1", expiry=soon(90)) == lot
    wanted = here.requisition((here.counted, 3))
    both = [some(here, lot, 2), some(here, lot, 1, own=True)]
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=both)
    before = contents()
    with pytest.raises(Refused) as refused:
        issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    assert (refused.value.code, contents()) == ("two_owners", before)
    assert "B1" in refused.value.offences[0].sentence()
    unpick(actor=here.keeper, key=unique("u"), requisition_id=wanted.id, things=both[1:])
    assert issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id).state == "underway"
    assert rebuild() == []
