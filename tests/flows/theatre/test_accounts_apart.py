"""Two cases, one lot or one unit: each accounts for its own, and nobody is asked about what another one did."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.flows.giveback import give_back
from yanji.flows.models import Case
from yanji.flows.putaway import put_away
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return
from yanji.flows.sendback.send import send_return
from yanji.flows.theatre.account import account_of
from yanji.flows.theatre.cards import Need, retire_card, save_card
from yanji.flows.theatre.cart import set_back, waste
from yanji.flows.theatre.closing import close_case
from yanji.flows.theatre.queries import open_differences
from yanji.ledger.api import LotQuantity, unit_view


def pieces_here(room: Room, count: int = 10):
    """Our own pieces in the theatre, and how to speak of some of them."""
    h = room.here.h
    lot = room.here.stocked_lot(count)
    everything = LotQuantity(lot, Decimal(count), h.store.pk)
    put_away(actor=room.keeper, key=unique("k"), things=[everything], to_place_id=h.department.pk)
    return lambda n: LotQuantity(lot, Decimal(n), h.department.pk)


def fates(case: Case) -> dict[str, int]:
    return {
        fate: count for each in account_of(case.pk).things for fate, count in each.pieces.items() if count
    }


def close(room: Room, case: Case) -> None:
    close_case(actor=room.nurse, key=unique("k"), case_id=case.pk)


def forgotten(room: Room) -> dict[int, int]:
    """Case -> pieces of which nobody has said anything, hours later."""
    later = timezone.now() + timedelta(hours=5)
    return {each.case_id: each.pieces for each in open_differences([room.here.h.campus.path], now=later)}


def test_pieces_given_back_to_the_store_are_not_open(room: Room) -> None:
    h, some, case = room.here.h, pieces_here(room), room.case()
    room.out(case, some(10))
    give_back(
        actor=room.nurse,
        key=unique("k"),
        department_id=h.department.pk,
        store_id=h.store.pk,
        things=[some(4)],
    )
    assert fates(case) == {"open": 6, "elsewhere": 4}
    set_back(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[some(6)])
    assert fates(case) == {"returned": 6, "elsewhere": 4}
    close(room, case)


def test_pieces_laid_out_for_one_case_and_used_in_another(room: Room) -> None:
    some, first, second = pieces_here(room, 6), room.case(), room.case()
    room.out(first, some(6))
    room.use(second, some(5))
    assert fates(second) == {"used": 5}
    assert fates(first) == {"open": 1, "elsewhere": 5}
    # What the second one has too many does not hide what the first one still has to say.
    assert forgotten(room) == {first.pk: 1}
    close(room, second)
    set_back(actor=room.nurse, key=unique("k"), case_id=first.pk, things=[some(1)])
    close(room, first)


def test_a_unit_laid_out_for_one_case_and_opened_in_another_is_wasted_once(room: Room) -> None:
    [epc], first, second = room.units(1), room.case(), room.case()
    room.out(first, epc)
    waste(actor=room.nurse, key=unique("k"), case_id=second.pk, things=[epc], reason="dropped")
    assert (fates(first), fates(second)) == ({"elsewhere": 1}, {"wasted": 1})


def test_what_went_back_and_was_laid_out_again_is_asked_of_its_new_case_alone(room: Room) -> None:
    [epc], first, second = room.units(1), room.case(), room.case()
    room.out(first, epc)
    assert forgotten(room) == {first.pk: 1}
    set_back(actor=room.nurse, key=unique("k"), case_id=first.pk, things=[epc])
    room.out(second, epc)
    assert forgotten(room) == {second.pk: 1}
    assert (fates(first), fates(second)) == ({"returned": 1}, {"open": 1})


def test_a_procedure_whose_card_was_retired_gets_a_new_one(room: Room) -> None:
    h = room.here.h
    given = {"department_id": h.department.pk, "procedure": "PCI", "needs": [Need(h.item.pk, 1)]}
    first = save_card(actor=room.nurse, key=unique("k"), **given)
    retire_card(actor=room.nurse, key=unique("k"), card_id=first.id)
    second = save_card(actor=room.nurse, key=unique("k"), **given)
    assert second.id != first.id
    assert room.case().needs.count() == 1


def test_what_was_not_needed_goes_back_one_by_one_by_whichever_way(room: Room) -> None:
    """To its shelf, to the store, or to the supplier whose it is: each piece counts as returned, and the account closes."""
    h, case = room.here.h, room.case()
    room.agreement()
    used, shelved, stored, opened = room.units(4)
    [theirs] = room.consigned(lot="LC")
    room.out(case, used, shelved, stored, opened, theirs)
    room.use(case, used)
    assert (account_of(case.pk).taken, len(account_of(case.pk).open)) == (5, 4)
    set_back(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[shelved])
    waste(actor=room.nurse, key=unique("k"), case_id=case.pk, things=[opened], reason="dropped")
    give_back(
        actor=room.nurse, key=unique("k"), department_id=h.department.pk, store_id=h.store.pk, things=[stored]
    )
    assert [each.epc for each in account_of(case.pk).open] == [theirs]
    assert forgotten(room) == {case.pk: 1}
    back = ask_supplier_return(
        actor=room.keeper, key=unique("k"), place_id=unit_view(theirs).place_id, supplier_id=h.supplier.pk,
        things=[theirs], reason="not_needed",
    )  # fmt: skip
    assert [each.epc for each in account_of(case.pk).open] == [theirs]
    authorise_return(actor=room.keeper, key=unique("k"), return_id=back.id, authorisation="RMA-1")
    send_return(actor=room.keeper, key=unique("k"), return_id=back.id, handed_to="Courier")
    account = account_of(case.pk)
    assert (account.taken, account.used, account.returned, account.wasted) == (5, 1, 3, 1)
    assert account.balances
    assert forgotten(room) == {}
    close(room, case)
    assert Case.objects.get(pk=case.pk).state == "closed"
