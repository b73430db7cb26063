"""A supplier's goods go to another campus only where an agreement with that supplier holds."""

from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.site import soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.flows.transferring import Way, way
from tests.makers import unique
from yanji.flows.consign.models import AgreementVersion
from yanji.flows.models import Requisition
from yanji.flows.pick_list import pick_list
from yanji.flows.receive import Arrival
from yanji.flows.transfer.arrive import arrive
from yanji.flows.transfer.pick import barred_here, pick_transfer
from yanji.flows.transfer.ship import ship
from yanji.ledger.api import LotQuantity, unit_view

CODE = "consigned_not_there"


@pytest.fixture
def to(room: Room) -> Way:
    room.agreement()
    room.price(900)
    return way(room.here)


def consigned(room: Room, count: int) -> list[str]:
    arrivals = [room.here.arrival(lot="L1", expiry=soon(200)) for _ in range(count)]
    room.receive_consigned(*arrivals)
    return [each.epc for each in arrivals]


def pick(to: Way, done, things):
    return pick_transfer(
        actor=to.sender,
        key=unique("p"),
        transfer_id=done.id,
        things=things,
        overrides=dict.fromkeys(map(str, things), "size_needed"),
    )


def test_what_may_not_lie_there_is_not_even_asked_for(room: Room, to: Way) -> None:
    epcs = consigned(room, 2)
    refusal = refused(CODE, lambda: to.asked((room.here.h.item, 2)))
    assert [(each.code, each.thing) for each in refusal.offences] == [(CODE, epc) for epc in epcs]
    assert refusal.offences[0].facts["supplier"] == room.here.h.supplier.name
    # The hospital owns some as well: those may go.
    ours = room.here.stocked(1, lot="L0", expiry=soon(100))
    done = to.asked((room.here.h.item, 1))
    refusal = refused(CODE, lambda: pick(to, done, epcs[:1]))
    assert [each.thing for each in refusal.offences if each.code == CODE] == epcs[:1]
    assert pick(to, done, ours).state == "picked"


def test_where_an_agreement_covers_both_ends_they_go(room: Room, to: Way) -> None:
    epcs = consigned(room, 2)
    there = room.agreement_at(to.store)
    done = to.asked((room.here.h.item, 2))
    pick(to, done, epcs)

    def send():
        return ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van 7")

    # It ended while they lay picked.
    AgreementVersion.objects.filter(agreement=there.id).update(valid_to=soon(-1))
    refusal = refused(CODE, send)
    assert sorted(each.thing for each in refusal.offences) == sorted(epcs)
    AgreementVersion.objects.filter(agreement=there.id).update(valid_to=None)
    assert send().state == "underway"
    arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk)
    assert [unit_view(epc).owner_id for epc in epcs] == [room.here.h.supplier.pk] * 2


def test_pieces_of_a_lot_are_looked_at_as_well(room: Room, to: Way) -> None:
    counted = room.here.counted
    room.receive_consigned(Arrival(counted.pk, lot="B9", expiry=soon(300), quantity=10))
    refused(CODE, lambda: to.asked((counted, 4)))
    there = room.agreement_at(to.store)
    done = to.asked((counted, 4))
    portion = LotQuantity(
        counted.lots.get(number="B9").pk, Decimal(4), room.here.h.store.pk, room.here.h.supplier.pk
    )
    AgreementVersion.objects.filter(agreement=there.id).update(valid_from=soon(1))
    refused(CODE, lambda: pick(to, done, [portion]))
    AgreementVersion.objects.filter(agreement=there.id).update(valid_from=timezone.localdate())
    assert pick(to, done, [portion]).state == "picked"


def test_what_may_not_go_there_is_not_in_turn_for_it(room: Room, to: Way) -> None:
    """It expires first, and is skipped with the reason; nobody has to say why it was not taken."""
    here = room.here
    theirs, ours = consigned(room, 1), here.stocked(1, lot="L0", expiry=soon(300))
    room.receive_consigned(Arrival(here.counted.pk, lot="B8", expiry=soon(200), quantity=10))
    lot = here.stocked_lot(5, lot="B9", expiry=soon(300))
    done = to.asked((here.h.item, 1), (here.counted, 2))
    transfer = to.transfer(done)
    barred = barred_here(transfer, timezone.localdate())
    assert barred == {(item, here.h.supplier.pk) for item in (here.h.item.pk, here.counted.pk)}
    units, pieces = pick_list(transfer, barred=barred)
    assert [(each.epc, each.reason) for each in units.candidates] == [(theirs[0], CODE), (ours[0], "")]
    assert [each.epc for each in units.proposed] == ours
    assert ([each.lot_id for each in pieces.lots], [each.reason for each in pieces.skipped_lots]) == (
        [lot],
        [CODE],
    )
    two = LotQuantity(lot, Decimal(2), here.h.store.pk)
    assert pick_transfer(
        actor=to.sender, key=unique("p"), transfer_id=done.id, things=[*ours, two]
    ).state == "picked"  # fmt: skip
    # A department of the same hospital may have them, and has them first.
    wanted = here.requisition((here.h.item, 1))
    assert [each.epc for each in pick_list(Requisition.objects.get(pk=wanted.id))[0].proposed] == theirs
