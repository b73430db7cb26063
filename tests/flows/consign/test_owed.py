"""What a supplier owned is owed wherever it ends: opened bit by bit, lost on its way, free of charge, beside our own."""

from decimal import Decimal

from tests.flows.site import soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.flows.transferring import way
from tests.makers import unique
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.models import Payable, TitleNote
from yanji.flows.differing.models import IssueDifference
from yanji.flows.differing.settle import settle_difference
from yanji.flows.issue import issue, take_in
from yanji.flows.opened.models import OpenedPiece, Opening
from yanji.flows.opened.piece import discard, open_piece, take
from yanji.flows.opened.undo import take_part_back
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.receive import Arrival
from yanji.flows.theatre.models import ChargeLine
from yanji.flows.transfer.arrive import give_up
from yanji.ledger.api import LotQuantity, rebuild, unit_view


def opened_piece(room: Room):
    """A supplier's piece in the theatre, opened."""
    h, counted = room.here.h, room.here.counted
    Opening.objects.create(item=counted, content=10, measure="mL", hours=24)
    room.receive_consigned(Arrival(counted.pk, lot="B1", expiry=soon(90), quantity=10))
    lot = counted.lots.get()
    shelf = LotQuantity(lot.pk, Decimal(10), h.store.pk, h.supplier.pk)
    put_away(actor=room.keeper, key=unique("k"), things=[shelf], to_place_id=h.department.pk)
    return open_piece(
        actor=room.nurse, key=unique("k"), place_id=h.department.pk, lot_id=lot.pk, owner_id=h.supplier.pk
    )


def test_an_opened_piece_of_a_supplier_is_owed_when_it_ends(room: Room) -> None:
    terms = [Kept(room.here.counted.pk, Decimal(5))]
    agreement = room.agreement(items=terms)
    piece = opened_piece(room)
    room.end(agreement.id)
    for act in (
        lambda: take(actor=room.nurse, key=unique("k"), piece_id=piece.id, amount=Decimal(10)),
        lambda: discard(actor=room.nurse, key=unique("k"), piece_id=piece.id, reason="dropped"),
    ):
        refused("no_contract", act)
        assert OpenedPiece.objects.get().left == 10
    room.agreement(items=terms)
    take(actor=room.nurse, key=unique("k"), piece_id=piece.id, amount=Decimal(4))
    assert not Payable.objects.exists()
    take(actor=room.nurse, key=unique("k"), piece_id=piece.id, amount=Decimal(6))
    assert [(owed.quantity, owed.price) for owed in Payable.objects.all()] == [(1, Decimal(5))]
    wrong = OpenedPiece.objects.get().taken.latest("pk")
    take_part_back(
        actor=room.nurse, key=unique("k"), piece_id=piece.id, part_id=wrong.pk, reason="wrong_scan"
    )
    assert [owed.sign for owed in Payable.objects.order_by("pk")] == [1, -1]
    assert (TitleNote.objects.get().voided_at is None, rebuild()) == (False, [])


def test_what_is_lost_on_its_way_is_owed(room: Room) -> None:
    agreement = room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700))])
    to = way(room.here)
    coming = room.here.arrival()
    room.receive_consigned(coming)
    there = room.agreement_at(to.store)
    sent = to.sent([coming.epc])
    given = {"transfer_id": sent.id, "things": [coming.epc], "reason": "lost_on_way"}
    room.end(agreement.id)
    room.end(there.id)
    refused("no_contract", lambda: give_up(actor=to.receiver, key=unique("k"), **given))
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700))])
    give_up(actor=to.receiver, key=unique("k"), **given)
    unit = unit_view(coming.epc)
    assert (unit.status, unit.owner_id) == ("lost", None)
    assert [owed.price for owed in Payable.objects.all()] == [Decimal(700)]
    assert rebuild() == []


def test_what_is_lost_on_the_way_to_a_department_is_owed(room: Room) -> None:
    agreement = room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700))])
    coming = room.here.arrival()
    room.receive_consigned(coming)
    asked = room.here.requisition((room.here.h.item, 1))
    pick(actor=room.keeper, key=unique("k"), requisition_id=asked.id, things=[coming.epc])
    handed = issue(actor=room.keeper, key=unique("k"), requisition_id=asked.id)
    take_in(
        actor=room.here.ward, key=unique("k"), issue_id=handed.id, to_place_id=room.here.h.cabinet.pk, things=[],
        rest_is_missing=True,
    )  # fmt: skip
    missing = IssueDifference.objects.get().pk
    lost = {"difference_id": missing, "outcome": "lost", "reason": "lost_on_way"}
    room.end(agreement.id)
    refused("no_contract", lambda: settle_difference(actor=room.keeper, key=unique("k"), **lost))
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700))])
    settle_difference(actor=room.keeper, key=unique("k"), **lost)
    unit = unit_view(coming.epc)
    assert (unit.status, unit.owner_id) == ("lost", None)
    assert [owed.price for owed in Payable.objects.all()] == [Decimal(700)]
    assert rebuild() == []


def test_a_charge_tells_the_owners_of_one_lot_apart(room: Room) -> None:
    """Two pieces are the hospital's, bought at 100; three are the supplier's, agreed at 5."""
    h, counted = room.here.h, room.here.counted
    room.agreement(items=[Kept(counted.pk, Decimal(5))])
    lot = room.here.stocked_lot(2, expiry=soon(90))
    room.receive_consigned(Arrival(counted.pk, lot="B1", expiry=soon(90), quantity=3))
    ours, theirs = (
        LotQuantity(lot, Decimal(2), h.store.pk), LotQuantity(lot, Decimal(3), h.store.pk, h.supplier.pk)
    )  # fmt: skip
    put_away(actor=room.keeper, key=unique("k"), things=[ours, theirs], to_place_id=h.cabinet.pk)
    used = (
        LotQuantity(lot, Decimal(2), h.cabinet.pk), LotQuantity(lot, Decimal(3), h.cabinet.pk, h.supplier.pk)
    )  # fmt: skip
    room.use(room.case(), *used)
    found = {line.quantity: line.amount for line in ChargeLine.objects.all()}
    assert found == {2: Decimal(200), 3: Decimal(15)}


def test_what_is_agreed_to_be_free_is_owed_at_nothing_and_not_charged(room: Room) -> None:
    room.price(1200)
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(0))])
    [epc] = room.consigned()
    room.use(room.case(), epc)
    assert [owed.price for owed in Payable.objects.all()] == [Decimal(0)]
    assert TitleNote.objects.count() == 1
    assert not ChargeLine.objects.exists()


def test_what_has_no_price_at_all_is_refused(room: Room) -> None:
    room.agreement()
    case, [epc] = room.case(), room.consigned()
    refused("no_price_agreed", lambda: room.use(case, epc))


def test_the_agreement_is_that_of_the_place_where_a_thing_lay(room: Room) -> None:
    """One holds for the store that received it, one for the cabinet alone; none for the department of the case."""
    h, item = room.here.h, room.here.h.item.pk
    room.agreement(items=[Kept(item, Decimal(1))], place_id=h.store.pk)
    cabinet = room.agreement(items=[Kept(item, Decimal(700))], place_id=h.cabinet.pk)
    room.use(room.case(), *room.consigned())
    note = TitleNote.objects.get()
    assert (note.agreement_id, note.payables.get().price) == (cabinet.id, Decimal(700))
