"""Ownership apart from custody: a supplier's goods in our cabinet, title at use, what is owed, and its settlement."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from tests.flows.buying import accountant
from tests.flows.site import person, soon
from tests.flows.theatre.room import Room, last_month
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.catalog.models import Item, Supplier
from yanji.flows.attempts import Attempt
from yanji.flows.consign.agreements import Kept, save_agreement
from yanji.flows.consign.models import (
    AgreementVersion,
    ConsignmentAgreement,
    ConsignmentReceipt,
    Payable,
    Settlement,
    TitleNote,
)
from yanji.flows.consign.settle import confirm_settlement, discard_settlement, draft_settlement
from yanji.flows.consign.title import Moved, Terms, what_is_owed
from yanji.flows.correction import take_back
from yanji.flows.receive import Arrival
from yanji.flows.theatre.cart import waste
from yanji.flows.theatre.models import ChargeLine
from yanji.ledger.api import LotQuantity, Refused, on_hand, rebuild, unit_view


def last_noon() -> datetime:
    return timezone.make_aware(datetime.combine(last_month(), datetime.min.time())) + timedelta(hours=12)


def test_consigned_goods_are_here_and_not_ours(room: Room) -> None:
    room.agreement()
    room.price(900)
    [epc] = room.consigned()
    unit = unit_view(epc)
    assert (unit.status, unit.owner_id, unit.cost) == ("available", room.here.h.supplier.pk, 900)
    assert ConsignmentReceipt.objects.get().pieces == 1
    assert not Payable.objects.exists()


def test_title_passes_at_use_with_receipt_issue_and_debt(room: Room) -> None:
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal("880.00"), 5)])
    room.price(900)
    epc, ours = *room.consigned(), *room.units(1)
    case = room.case()
    done = room.use(case, epc, ours)
    assert done.facts["title_passed"] == 1
    note = TitleNote.objects.get()
    [debt] = Payable.objects.all()
    assert (note.agreement.supplier_id, str(note.event_id), note.case_number) == (
        room.here.h.supplier.pk, done.events[0], case.number,
    )  # fmt: skip
    assert (debt.unit.epc, debt.price, debt.sign, debt.note_id) == (epc, 880, 1, note.pk)
    assert unit_view(epc).owner_id is None
    # The patient is charged what the hospital owes, without a mark-up.
    assert ChargeLine.objects.get(unit__epc=epc).amount == 880
    assert rebuild() == []


def test_without_a_contract_no_title_passes_and_the_attempt_is_kept(room: Room) -> None:
    agreement = room.agreement()
    room.price()
    [epc] = room.consigned()
    case = room.case()
    yesterday = timezone.localdate() - timedelta(days=1)
    AgreementVersion.objects.filter(agreement=agreement.id).update(valid_to=yesterday)
    refusal = refused("no_contract", lambda: room.use(case, epc))
    assert [offence.thing for offence in refusal.offences] == [epc]
    assert unit_view(epc).owner_id == room.here.h.supplier.pk
    kept = Attempt.objects.get(code="no_contract")
    assert (kept.thing, kept.actor_id, kept.verb) == (epc, room.nurse.person_id, "use")


def test_the_agreement_must_cover_the_item_and_the_place(room: Room) -> None:
    other = Item.objects.create(code=unique("I"), name_zh="别的")
    room.agreement(all_items=False, items=[Kept(other.pk)])
    refused("no_contract", lambda: room.receive_consigned(room.here.arrival()))
    room.agreement(place_id=room.here.h.department.pk)
    refused("no_contract", lambda: room.receive_consigned(room.here.arrival()))


def test_goods_without_a_price_are_not_used(room: Room) -> None:
    room.agreement()
    [epc] = room.consigned()
    case = room.case()
    refused("no_price_agreed", lambda: room.use(case, epc))


def test_what_is_owed_is_the_nearest_agreed_price() -> None:
    thing = Moved(1, 1, 7, ("x", ""), False, 2, Decimal(50), 3, "e")
    ours = Moved(2, 1, 7, ("x", ""), False, 1, Decimal(50), None, "o")
    terms = [Terms(11, 3, False, {7: None}), Terms(12, 3, True, {7: Decimal(20)})]
    day = date(2026, 1, 1)
    assert what_is_owed([thing, ours], terms, {}, {}, day) == [(thing, 11, Decimal("25.00"))]
    assert what_is_owed([thing], terms, {(7, 3): Decimal(30)}, {}, day) == [(thing, 11, Decimal(30))]
    assert what_is_owed([thing], terms[1:], {(7, 3): Decimal(30)}, {}, day) == [(thing, 12, Decimal(20))]
    with pytest.raises(Refused) as refusal:
        what_is_owed([thing], [Terms(11, 3, False, {8: None})], {}, {}, day)
    assert refusal.value.code == "no_contract"


def test_opened_and_wasted_is_owed_as_well_and_charged_to_nobody(room: Room) -> None:
    room.agreement()
    room.price()
    [epc] = room.consigned()
    case = room.case()
    done = waste(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[epc], reason="dropped")
    assert (done.facts["title_passed"], Payable.objects.get().unit.epc) == (1, epc)
    assert not ChargeLine.objects.exists()
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert sum(each.amount for each in Payable.objects.all()) == 0
    assert unit_view(epc).owner_id == room.here.h.supplier.pk


def test_counted_consigned_goods_pass_by_pieces(room: Room) -> None:
    room.agreement(items=[Kept(room.here.counted.pk, Decimal(3))])
    counted, h = room.here.counted, room.here.h
    room.receive_consigned(
        Arrival(counted.pk, lot="B9", expiry=soon(300), quantity=10), dock_id=h.department.pk
    )
    lot = counted.lots.get(number="B9").pk
    room.use(room.case(), LotQuantity(lot, Decimal(4), h.department.pk, h.supplier.pk))
    debt = Payable.objects.get()
    assert (debt.unit_id, debt.lot_id, debt.quantity, debt.amount) == (None, lot, 4, 12)
    left = on_hand(paths=[h.campus.path], by=("owner",), lot_id=lot)
    assert [(row.owner_id, row.quantity) for row in left] == [(h.supplier.pk, 6)]
    assert rebuild() == []


def test_taking_a_use_back_credits_what_was_owed(room: Room) -> None:
    room.agreement()
    room.price()
    [epc] = room.consigned()
    done = room.use(room.case(), epc)
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert sorted(each.sign for each in Payable.objects.all()) == [-1, 1]
    assert TitleNote.objects.get().voided_at is not None
    assert unit_view(epc).owner_id == room.here.h.supplier.pk
    room.use(room.case(), epc)
    assert sum(each.amount for each in Payable.objects.all()) == 1200


def settle(room: Room, agreement: int, month: date | None = None):
    return draft_settlement(
        actor=room.buyer, key=unique("s"), agreement_id=agreement, month=month or last_month()
    )


def test_a_month_is_settled_from_its_use(room: Room) -> None:
    agreement = room.agreement()
    room.price()
    before, now = room.consigned(2, ago=80)
    room.use(room.case(), before, happened_at=last_noon())
    room.use(room.case(), now)
    done = settle(room, agreement.id)
    assert done.facts == {"lines": 1, "total": "1200.00"}
    refused("settled_already", lambda: settle(room, agreement.id))
    discard_settlement(actor=room.buyer, key=unique("k"), settlement_id=done.id)
    assert not Settlement.objects.exists()
    done = settle(room, agreement.id)
    refused(
        "confirmed_by_drafter",
        lambda: confirm_settlement(actor=room.buyer, key=unique("k"), settlement_id=done.id),
    )
    # The page asks only those to confirm who may.
    another = person("accountant", room.here.h.campus)
    for who, confirms in ((room.here.buyer, False), (another, True)):
        pages = Client()
        pages.force_login(who)
        shown = pages.get(f"/buyer/settlements/{done.id}").content.decode()
        assert ('value="confirm"' in shown, 'value="discard"' in shown) == (confirms, True)
    confirm_settlement(actor=accountant(room.here), key=unique("k"), settlement_id=done.id)
    refused(
        "document_closed",
        lambda: discard_settlement(actor=room.buyer, key=unique("k"), settlement_id=done.id),
    )
    assert Settlement.objects.get().lines.get().unit.epc == before


def test_a_use_taken_back_after_its_settlement_is_credited_in_the_next(room: Room) -> None:
    agreement = room.agreement()
    room.price()
    [epc] = room.consigned(ago=80)
    used = room.use(room.case(), epc, happened_at=last_noon())
    done = settle(room, agreement.id)
    confirm_settlement(actor=accountant(room.here), key=unique("k"), settlement_id=done.id)
    take_back(actor=room.nurse, key=unique("k"), event_id=used.events[0], reason="wrong_scan")
    [credit] = Payable.objects.filter(settlement__isnull=True)
    assert credit.amount == -1200
    assert Settlement.objects.get().total == 1200


def test_settlements_that_cannot_be(room: Room) -> None:
    agreement = room.agreement()
    refused("month_not_over", lambda: settle(room, agreement.id, timezone.localdate()))
    refused("nothing_to_settle", lambda: settle(room, agreement.id))


def test_an_agreement_stays_with_its_supplier_and_place(room: Room) -> None:
    h, other = room.here.h, Supplier.objects.create(code=unique("SUP"), name_zh="另一家")
    room.price()
    agreement = room.agreement().id
    room.use(room.case(), *room.consigned())
    for change in ({"supplier_id": other.pk}, {"place_id": h.department.pk}):
        refused(
            "agreement_of_another", lambda change=change: room.agreement(agreement_id=agreement, **change)
        )
    room.agreement(agreement_id=agreement, settlement_day=9, valid_from=timezone.localdate())
    kept, last = ConsignmentAgreement.objects.get(), AgreementVersion.objects.get(number=2)
    assert (kept.supplier_id, kept.place_id, last.settlement_day) == (h.supplier.pk, h.campus.pk, 9)


def test_bad_agreements_are_refused(room: Room) -> None:
    def save(**fields):
        given = {
            "supplier_id": room.here.h.supplier.pk, "place_id": room.here.h.campus.pk, "valid_from": date(2026, 1, 1),
        }  # fmt: skip
        return save_agreement(actor=fields.pop("actor", room.buyer), key=unique("k"), **{**given, **fields})

    refused("dates_out_of_order", lambda: save(valid_to=date(2025, 1, 1)))
    refused("bad_settlement_day", lambda: save(settlement_day=31))
    refused("empty", lambda: save(all_items=False))
    refused("not_yours", lambda: save(actor=room.keeper))


def test_bad_deliveries_are_refused_and_doubtful_goods_held(room: Room) -> None:
    room.agreement()
    here = room.here
    refused("expired_on_arrival", lambda: room.receive_consigned(here.arrival(expiry=soon(-1))))
    refused("needs_label", lambda: room.receive_consigned(here.arrival(epc="")))
    refused("bad_verdict", lambda: room.receive_consigned(here.arrival(rejected="ugly")))
    refused("empty", room.receive_consigned)
    # Under another item's label, or a name of somebody's own: nobody who looks for it would find it.
    other = Item.objects.create(code=unique("I"), name_zh="球囊", temperature_class="room")
    refused("other_item", lambda: room.receive_consigned(here.arrival(item=other)))
    refused("epc_differs", lambda: room.receive_consigned(here.arrival(serial="S-1", epc="urn:own:S-1")))
    doubtful = here.arrival(rejected="damaged")
    room.receive_consigned(doubtful)
    assert unit_view(doubtful.epc).status == "quarantined"


def test_consigned_goods_go_back_and_ours_do_not(room: Room) -> None:
    room.agreement()
    room.price()
    theirs, ours = *room.consigned(), *room.units(1)

    def back(*epcs: str):
        place = room.here.h.campus.pk
        return room.hand_back(place, *epcs)

    refused("not_consigned", lambda: back(ours))
    back(theirs)
    assert unit_view(theirs).status == "returned"
    assert not Payable.objects.exists()
