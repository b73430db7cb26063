"""A consignment agreement ends: nothing more comes under it, what lies here is used up; an ending by mistake is taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import contents, soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.flows.transferring import way
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.flows.acts import Done
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.ending import end_agreement, take_ending_back
from yanji.flows.consign.models import AgreementEnding, ConsignmentAgreement, ConsignmentReceipt, Payable
from yanji.flows.consign.queries import agreements, refills
from yanji.flows.papers import sheet_of
from yanji.ledger.api import unit_view


def end(room: Room, agreement: int, **fields: Any) -> Done:
    given = {"actor": room.buyer, "last_day": timezone.localdate(), "reason": "Too slow to bring", **fields}
    return end_agreement(key=unique("e"), agreement_id=agreement, **given)


def take_back(room: Room, agreement: int, **fields: Any) -> Done:
    given = {"actor": room.buyer, "reason": "wrong_scan", **fields}
    return take_ending_back(key=unique("b"), agreement_id=agreement, **given)


def over(room: Room, agreement: int) -> None:
    """It ended yesterday."""
    end(room, agreement)
    AgreementEnding.objects.filter(agreement=agreement, taken_back_at=None).update(last_day=soon(-1))


def test_nothing_more_comes_and_what_lies_here_is_used_settled_or_handed_back(room: Room) -> None:
    agreement = room.agreement(items=[Kept(room.here.h.item.pk, 700, 4)])
    used, back = room.consigned(2)
    assert end(room, agreement.id).state == "ended"
    # Its last day is not over: goods still come.
    room.receive_consigned(room.here.arrival())
    assert [each.keep for each in refills(room.keeper)] == [4]
    AgreementEnding.objects.update(last_day=soon(-1))
    refusal = refused("agreement_ended", lambda: room.receive_consigned(room.here.arrival()))
    facts = refusal.offences[0].facts
    assert (facts["agreement"], facts["day"]) == (agreement.number, soon(-1))
    assert refills(room.keeper) == []
    room.use(room.case(), used)
    [debt] = Payable.objects.all()
    assert (debt.price, debt.note.agreement_id, unit_view(used).owner_id) == (700, agreement.id, None)
    room.hand_back(
        room.here.h.cabinet.pk, back, reason="consignment_end", actor=room.here.actor(room.here.storekeeper)
    )
    assert unit_view(back).status == "returned"


def test_what_was_delivered_before_its_end_is_entered_afterwards(room: Room) -> None:
    agreement = room.agreement()
    over(room, agreement.id)
    before = timezone.now() - timedelta(days=1)
    room.receive_consigned(room.here.arrival(), arrived_at=before)
    assert ConsignmentReceipt.objects.get().agreement_id == agreement.id


def test_nothing_comes_from_another_campus_either(room: Room) -> None:
    room.agreement()
    room.price(900)
    to = way(room.here)
    there = room.agreement_at(to.store)
    room.receive_consigned(room.here.arrival(expiry=soon(200)))
    AgreementEnding.objects.create(
        agreement_id=there.id, last_day=soon(-1), reason="Closed", actor=room.here.buyer
    )
    refused("consigned_not_there", lambda: to.asked((room.here.h.item, 1)))
    AgreementEnding.objects.update(last_day=soon(0))
    assert to.asked((room.here.h.item, 1)).state == "requested"


def test_an_agreement_in_its_place_is_the_one_under_which_things_are_used(room: Room) -> None:
    item = room.here.h.item.pk
    first = room.agreement(items=[Kept(item, 700)]).id
    [epc] = room.consigned()
    over(room, first)
    second = room.agreement(items=[Kept(item, 650)])
    [came] = room.consigned()
    room.use(room.case(), epc, came)
    assert {(each.price, each.note.agreement_id) for each in Payable.objects.all()} == {(650, second.id)}
    refusal = refused("agreement_followed", lambda: take_back(room, first))
    assert refusal.offences[0].facts["agreement"] == second.number
    end(room, second.id)
    assert take_back(room, first).state == "running"


def test_what_may_not_be_ended_or_taken_back(room: Room) -> None:
    agreement = room.agreement().id
    refused("reason_needed", lambda: end(room, agreement, reason=" "))
    refused("agreement_ends_later", lambda: end(room, agreement, last_day=soon(-1)))
    refused("not_yours", lambda: end(room, agreement, actor=room.keeper))
    refused("document_closed", lambda: take_back(room, agreement))
    before = contents()
    with pytest.raises(NotFound):
        end(room, agreement + 1000)
    assert contents() == before
    end(room, agreement)
    refused("document_closed", lambda: end(room, agreement))
    refused("document_closed", lambda: room.agreement(agreement_id=agreement, settlement_day=9))
    refused("reason_needed", lambda: take_back(room, agreement, reason=""))
    refused("not_yours", lambda: take_back(room, agreement, actor=room.keeper))
    future = room.agreement(place_id=room.here.h.department.pk, valid_from=soon(5)).id
    refused("agreement_ends_later", lambda: end(room, future, last_day=soon(4)))


def test_an_ending_by_mistake_stays_to_be_read(room: Room) -> None:
    agreement = room.agreement().id
    over(room, agreement)
    told = sheet_of(room.buyer, "consignment_agreement", agreement)
    assert (bool(told.state), "Too slow to bring" in repr(told.facts)) == (True, True)
    take_back(room, agreement)
    room.receive_consigned(room.here.arrival())
    [kept] = AgreementEnding.objects.all()
    assert (kept.taken_back_by_id, kept.taken_back_because) == (room.buyer.person_id, "wrong_scan")
    assert sheet_of(room.buyer, "consignment_agreement", agreement).state == ""
    end(room, agreement, last_day=soon(3))
    [listed] = agreements(room.buyer)
    assert (listed.agreement.state, listed.last_day, listed.ended_because) == (
        "ended",
        soon(3),
        "Too slow to bring",
    )
    assert agreements(room.buyer, valid_on=soon(3)) == [listed]
    assert agreements(room.buyer, valid_on=soon(4)) == []


def test_the_api_ends_it_and_tells_why(room: Room) -> None:
    agreement, buyer = room.agreement().id, ApiClient(room.here.buyer)
    path = f"/consignment/agreements/{agreement}"
    assert buyer.post(f"{path}/end", last_day=soon(-1), reason="x").json()["code"] == "agreement_ends_later"
    assert buyer.done(f"{path}/end", last_day=soon(0), reason="Too dear")["state"] == "ended"
    [told] = buyer.get("/consignment/agreements").json()
    assert (told["state"], told["last_day"], told["ended_because"]) == ("ended", str(soon(0)), "Too dear")
    assert buyer.done(f"{path}/end/take-back", reason="wrong_scan")["state"] == "running"
    [told] = buyer.get(f"{path}/endings").json()
    assert (told["reason"], bool(told["taken_back_at"])) == ("Too dear", True)
    assert ConsignmentAgreement.objects.get().state == "running"
