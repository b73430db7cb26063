"""A confirmed settlement that was wrong is voided by two; what it gathered is settled anew. What is charged is not."""

from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.client import ApiClient
from tests.flows.buying import accountant
from tests.flows.consign.test_invoiced import charge, of, settled, used
from tests.flows.site import contents, person
from tests.flows.theatre.room import Room, last_month
from tests.makers import days_ago, unique
from yanji.access.models import Person
from yanji.flows.consign.models import Payable, Settlement
from yanji.flows.consign.queries import lines_of, settlements
from yanji.flows.consign.settle import draft_settlement
from yanji.flows.consign.void import void_settlement
from yanji.flows.correction import take_back
from yanji.flows.invoices.enter import void_invoice
from yanji.flows.invoices.payment import release_payment
from yanji.flows.theatre.sheets import settlement_sheet
from yanji.flows.witness import witness_of
from yanji.ledger.api import Refused

PASSWORD = "Zweite-Person-7"


@pytest.fixture
def agreement(room: Room) -> int:
    room.price(1200)
    return room.agreement().id


@pytest.fixture
def second(room: Room) -> Person:
    found = person("accountant", room.here.h.campus)
    found.set_password(PASSWORD)
    found.save()
    return found


def refused(code: str, room: Room, settlement: int, **fields: Any) -> None:
    given = {"actor": room.buyer, "settlement_id": settlement, "reason": "wrong_scan", **fields}
    before = contents()
    with pytest.raises(Refused) as refusal:
        void_settlement(key=unique("v"), **given)
    assert (refusal.value.code, contents()) == (code, before)


def voided(room: Room, settlement: int, second: Person) -> Any:
    return void_settlement(
        actor=room.buyer, key=unique("v"), settlement_id=settlement, witness=witness_of(second), reason="wrong_scan",
        note="of another ward",
    )  # fmt: skip


def test_it_stays_to_be_read_and_its_month_is_settled_anew(
    room: Room, agreement: int, second: Person
) -> None:
    used(room, 2)
    first = settled(room, agreement)
    done = voided(room, first, second)
    assert (done.state, done.facts["lines"]) == ("voided", 2)
    kept = Settlement.objects.get(pk=first)
    assert (len(lines_of(kept)), Payable.objects.filter(settlement=None).count()) == (2, 2)
    facts = dict(settlement_sheet(kept).facts)
    assert (second.name in str(facts["作废人"]), "of another ward" in str(facts["原因"])) == (True, True)
    again = settled(room, agreement)
    assert [(each.pk, each.pieces) for each in settlements(room.buyer)] == [(first, None), (again, 2)]
    with pytest.raises(Refused) as refusal:
        draft_settlement(actor=room.buyer, key=unique("s"), agreement_id=agreement, month=last_month())
    assert refusal.value.code == "settled_already"


def test_two_sign_who_keep_invoices_and_say_why(room: Room, agreement: int, second: Person) -> None:
    used(room, 1)
    settlement = settled(room, agreement)
    theirs = witness_of(second)
    refused("reason_needed", room, settlement, witness=theirs, reason="")
    refused("witness_is_actor", room, settlement, witness=witness_of(room.here.buyer))
    refused("witness_not_allowed", room, settlement, witness=witness_of(room.here.nurse))
    voided(room, settlement, second)
    refused("document_closed", room, settlement, witness=theirs)


def test_what_an_invoice_charges_is_not_voided_before_the_invoice(
    room: Room, agreement: int, second: Person
) -> None:
    serials, _events = used(room, 1)
    settlement = settled(room, agreement)
    charged = charge(room, of(room, settlement, *serials))
    refused("settlement_charged", room, settlement, witness=witness_of(second))
    void_invoice(actor=room.buyer, key=unique("v"), invoice_id=charged.id, reason="of another")
    assert voided(room, settlement, second).state == "voided"


def test_what_is_paid_is_not_voided_but_credited_by_the_next_one(
    room: Room, agreement: int, second: Person
) -> None:
    serials, events = used(room, 1)
    settlement = settled(room, agreement)
    charged = charge(room, of(room, settlement, *serials))
    release_payment(actor=accountant(room.here), key=unique("p"), invoice_id=charged.id)
    refused("settlement_paid", room, settlement, witness=witness_of(second))
    take_back(actor=room.nurse, key=unique("b"), event_id=events[0], reason="wrong_scan")
    credit = Payable.objects.filter(settlement=None)
    assert [each.amount for each in credit] == [-charged_for(settlement)]
    credit.update(at=days_ago(70))  # as if its month were over: this one is not
    done = draft_settlement(
        actor=room.buyer, key=unique("s"), agreement_id=agreement, month=days_ago(65).date()
    )
    assert Settlement.objects.get(pk=done.id).total == -charged_for(settlement)


def charged_for(settlement: int) -> Decimal:
    return Settlement.objects.get(pk=settlement).total


def test_programs_void_it_before_a_second_person(room: Room, agreement: int, second: Person) -> None:
    used(room, 1)
    settlement, buyer = settled(room, agreement), ApiClient(room.here.buyer)
    path = f"/consignment/settlements/{settlement}"
    assert buyer.post(f"{path}/void", reason="wrong_scan").json()["code"] == "witness_missing"
    given = {"username": second.username, "password": PASSWORD}
    assert buyer.done(f"{path}/void", reason="wrong_scan", **given)["facts"]["lines"] == 1
    read = buyer.get(path).json()
    assert (read["state"], len(read["lines"]), read["voided"]["second"]) == ("voided", 1, second.name_en)
