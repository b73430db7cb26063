"""A case from its card to its closing: needs, cart, use, waste, what goes back, and the account that must balance."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.site import contents, person, soon
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.correction import take_back
from yanji.flows.giveback import give_back
from yanji.flows.models import Case
from yanji.flows.putaway import put_away
from yanji.flows.theatre.account import account_of, fate_of, fold_lots
from yanji.flows.theatre.cards import Need, plan_needs, retire_card, save_card
from yanji.flows.theatre.cart import set_back, waste
from yanji.flows.theatre.closing import close_case
from yanji.flows.theatre.models import CaseDifference, CaseNeed
from yanji.ledger.api import LotQuantity, Refused, rebuild, unit_view


def refused(code: str, act) -> Refused:
    """The act is refused with this code alone, and nothing at all was written."""
    before = contents()
    with pytest.raises(Refused) as refusal:
        act()
    assert {offence.code for offence in refusal.value.offences} == {code}
    assert contents() == before
    return refusal.value


def pieces(lot: int, count: int, place_id: int) -> LotQuantity:
    return LotQuantity(lot, Decimal(count), place_id)


def card(room: Room, *needs: Need, **fields):
    given = {"procedure": "PCI", "department_id": room.here.h.department.pk}
    return save_card(actor=room.nurse, key=unique("k"), needs=list(needs), **{**given, **fields})


def test_a_case_needs_what_its_surgeons_card_says(room: Room) -> None:
    item, other = room.here.h.item, Item.objects.create(code=unique("I"), name_zh="支架 3.0")
    card(room, Need(item.pk, 1))
    card(room, Need(item.pk, 2, (other.pk,)), surgeon="Dr. Chen")
    own, anybody = room.case(), room.case(operator="Dr. Wu")
    [need] = CaseNeed.objects.filter(case=own)
    assert (need.item_id, need.quantity, [each.pk for each in need.alternatives.all()]) == (
        item.pk,
        2,
        [other.pk],
    )
    assert [need.quantity for need in CaseNeed.objects.filter(case=anybody)] == [1]
    assert not CaseNeed.objects.filter(case=room.case(procedure="TAVI")).exists()


def test_a_change_of_the_card_alters_no_case_that_was_planned(room: Room) -> None:
    item = room.here.h.item
    first = card(room, Need(item.pk, 1))
    case = room.case()
    card(room, Need(item.pk, 9), card_id=first.id)
    assert [need.quantity for need in case.needs.all()] == [1]
    plan_needs(actor=room.nurse, key=unique("k"), case_id=case.pk, card_id=first.id)
    assert [need.quantity for need in case.needs.all()] == [9]
    retire_card(actor=room.nurse, key=unique("k"), card_id=first.id)
    assert not room.case().needs.exists()


def test_bad_cards_are_refused(room: Room) -> None:
    item = room.here.h.item
    card(room, Need(item.pk, 1))
    refused("card_twice", lambda: card(room, Need(item.pk, 1)))
    refused("line_twice", lambda: card(room, Need(item.pk, 1), Need(item.pk, 2), procedure="X"))
    refused("alternative_twice", lambda: card(room, Need(item.pk, 1, (item.pk,)), procedure="X"))
    refused("procedure_needed", lambda: card(room, Need(item.pk, 1), procedure=" "))
    refused("empty", lambda: card(room, procedure="X"))
    refused("unknown_item", lambda: card(room, Need(10**9, 1), procedure="X"))
    refused("bad_pieces", lambda: card(room, Need(item.pk, 0), procedure="X"))


def test_taken_is_used_plus_returned_plus_wasted(room: Room) -> None:
    used, back, opened = room.units(3)
    case = room.case()
    room.out(case, used, back, opened)
    assert unit_view(back).status == "in_use"
    assert unit_view(back).place_id == room.here.h.department.pk
    room.use(case, used)
    set_back(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[back])
    waste(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[opened], reason="wrong_size")
    account = account_of(case.pk)
    assert (account.taken, account.used, account.returned, account.wasted) == (3, 1, 1, 1)
    assert account.balances
    # Back on the very shelf that it was taken from.
    assert unit_view(back).place_id == room.here.h.cabinet.pk
    assert unit_view(opened).status == "scrapped"
    close_case(actor=room.nurse, key=unique("k"), case_id=case.pk)
    assert Case.objects.get(pk=case.pk).state == "closed"
    assert not CaseDifference.objects.exists()
    assert rebuild() == []


def test_an_open_difference_keeps_a_case_open_until_somebody_who_may_says_why(room: Room) -> None:
    [epc] = room.units(1)
    case = room.case()
    room.out(case, epc)
    refusal = refused(
        "case_difference", lambda: close_case(actor=room.nurse, key=unique("k"), case_id=case.pk)
    )
    assert [offence.thing for offence in refusal.offences] == [epc]
    refused(
        "reason_needed",
        lambda: close_case(actor=room.nurse, key=unique("k"), case_id=case.pk, difference="because"),
    )
    close_case(actor=room.nurse, key=unique("k"), case_id=case.pk, difference="searched")
    difference = CaseDifference.objects.get(case=case)
    assert (difference.reason, difference.things) == ("searched", [[epc, 1]])
    assert difference.actor_id == room.nurse.person_id


def test_who_may_not_correct_does_not_take_a_difference_on(room: Room) -> None:
    [epc] = room.units(1)
    case = room.case()
    room.out(case, epc)
    who = person("nurse", room.here.h.department)
    role = who.grants.get().role
    role.operations = [each for each in role.operations if each != "correct"]
    role.save()
    actor = room.here.actor(who)
    refused(
        "not_yours", lambda: close_case(actor=actor, key=unique("k"), case_id=case.pk, difference="searched")
    )


def test_what_went_another_way_is_accounted_for(room: Room) -> None:
    """A unit given back to the store, not to its shelf, is a return as well."""
    [epc] = room.units(1)
    case = room.case()
    room.out(case, epc)
    h = room.here.h
    give_back(
        actor=room.nurse, key=unique("k"), department_id=h.department.pk, store_id=h.store.pk, things=[epc]
    )
    assert account_of(case.pk).balances
    assert fate_of("set_out", "quarantined") == "elsewhere"


def test_only_what_lies_open_goes_back(room: Room) -> None:
    mine, other = room.units(2)
    case = room.case()
    room.out(case, mine)
    refused(
        "not_set_out",
        lambda: set_back(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[mine, other]),
    )
    room.use(case, mine)
    refused(
        "not_set_out", lambda: set_back(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[mine])
    )
    refused(
        "reason_needed",
        lambda: waste(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[other], reason="x"),
    )


def test_counted_things_balance_by_pieces(room: Room) -> None:
    lot = room.here.stocked_lot(10)
    h, case = room.here.h, room.case()
    put_away(
        actor=room.keeper, key=unique("k"), things=[pieces(lot, 10, h.store.pk)], to_place_id=h.cabinet.pk
    )
    room.out(case, pieces(lot, 6, h.cabinet.pk))
    room.use(case, pieces(lot, 2, h.department.pk))
    waste(
        actor=room.nurse, key=unique("k"), case_id=case.pk, things=[pieces(lot, 1, h.department.pk)],
        reason="dropped",
    )  # fmt: skip
    assert [each.open for each in account_of(case.pk).open] == [3]
    refused(
        "not_set_out",
        lambda: set_back(
            actor=room.nurse, key=unique("k"), case_id=case.pk, things=[pieces(lot, 4, h.department.pk)]
        ),
    )
    set_back(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[pieces(lot, 3, h.department.pk)])
    account = account_of(case.pk)
    assert (account.taken, account.used, account.returned, account.wasted) == (6, 2, 3, 1)
    assert account.balances


def test_pieces_used_straight_from_the_shelf_were_taken_by_that() -> None:
    rows = [
        (1, "L", None, 7, ("线", ""), "use", "available", None, 5, None, 2, 2),
        (1, "L", None, 7, ("线", ""), "set_out", "available", None, 9, 5, 3, 2),
        (1, "L", None, 7, ("线", ""), "use", "in_use", None, 9, None, 1, 2),
    ]
    [taken] = fold_lots(rows)
    assert (taken.taken, taken.open, taken.home_id) == (5, 2, 5)


def test_taking_back_a_use_opens_its_closed_case(room: Room) -> None:
    [epc] = room.units(1)
    case = room.case()
    room.out(case, epc)
    done = room.use(case, epc)
    close_case(actor=room.nurse, key=unique("k"), case_id=case.pk)
    take_back(actor=room.nurse, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert Case.objects.get(pk=case.pk).state == "open"
    assert [each.epc for each in account_of(case.pk).open] == [epc]


def test_expired_held_and_reserved_things_are_not_set_out(room: Room) -> None:
    case = room.case()
    [old] = room.units(1, expiry=soon(0))
    # A cart laid out for tomorrow may not hold what expires today.
    with pytest.raises(Refused):
        room.out(case, old, happened_at=timezone.now() + timedelta(days=1))
    [used] = room.units(1)
    room.use(case, used)
    refused("already_used", lambda: room.out(case, used))
