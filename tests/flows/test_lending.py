"""One department lends to another: both sides confirm, any unit pays the debt, or the store does at a charge."""

from decimal import Decimal
from typing import Any

import pytest

from tests.flows.site import Site, contents, person, show_papers
from tests.flows.test_budgets import at_the_ward
from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.correction import take_back
from yanji.flows.lending.lend import (
    confirm_lending,
    confirm_settlement,
    give_back_lent,
    lend,
    replace_lent,
)
from yanji.flows.lending.models import Lending, SettleUp
from yanji.flows.lending.queries import debts, lendings
from yanji.flows.lending.sheet import lending_sheet
from yanji.flows.lending.undo import decline_lending, refuse_settlement
from yanji.ledger.api import Refused, Step, rebuild, unit_view
from yanji.ledger.models import Event
from yanji.places.models import Kind, Place


class Wards:
    """Two departments: the site's own lends; a nurse of the other borrows."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.other: Place = place(Kind.DEPARTMENT, here.h.campus)
        self.borrower: Actor = here.actor(person("nurse", self.other))
        self.lender = here.ward

    def lent(self, things: list[str]) -> Any:
        return lend(
            actor=self.lender, key=unique("l"), lender_id=self.here.h.department.pk, borrower_id=self.other.pk, things=things
        )  # fmt: skip

    def owed(self, things: list[str]) -> Any:
        done = self.lent(things)
        confirm_lending(actor=self.borrower, key=unique("c"), lending_id=done.id)
        return done


@pytest.fixture
def wards(committed: Site) -> Wards:
    return Wards(committed)


def where(epc: str) -> int:
    unit = unit_view(epc)
    assert unit is not None
    return unit.place_id


def test_lent_confirmed_and_given_back_in_kind(wards: Wards) -> None:
    epcs = at_the_ward(wards.here, 3)
    done = wards.lent(epcs[:2])
    assert (done.state, done.number[:3], where(epcs[0])) == ("lent", "LN-", wards.other.pk)
    before = contents()
    with pytest.raises(Refused) as refused:
        confirm_lending(actor=wards.lender, key=unique("c"), lending_id=done.id)
    assert refused.value.code == "not_yours"
    assert contents() == before
    assert confirm_lending(actor=wards.borrower, key=unique("c"), lending_id=done.id).state == "owed"
    [debt] = debts(wards.borrower)
    assert (debt.pieces, debt.value) == (2, Decimal(200))
    back = give_back_lent(actor=wards.borrower, key=unique("b"), lending_id=done.id, things=epcs[:1])
    assert (back.state, debts(wards.lender)[0].pieces) == ("owed", 2)
    settled = confirm_settlement(actor=wards.lender, key=unique("s"), settlement_id=SettleUp.objects.get().pk)
    assert (settled.state, debts(wards.lender)[0].pieces) == ("owed", 1)
    give_back_lent(actor=wards.borrower, key=unique("b"), lending_id=done.id, things=epcs[1:2])
    even = confirm_settlement(
        actor=wards.lender, key=unique("s"), settlement_id=SettleUp.objects.latest("id").pk
    )
    assert (even.state, debts(wards.lender)) == ("settled", [])
    assert {where(epc) for epc in epcs[:2]} == {wards.here.h.department.pk}
    assert len(lending_sheet(Lending.objects.get()).sections[1].rows) == 2
    assert rebuild() == []


def test_any_unit_pays_but_no_more_than_is_owed(wards: Wards) -> None:
    epcs = at_the_ward(wards.here, 2)
    done = wards.owed(epcs[:1])
    other = wards.owed(epcs[1:])
    give_back_lent(actor=wards.borrower, key=unique("b"), lending_id=done.id, things=epcs[1:])
    before = contents()
    with pytest.raises(Refused) as refused:
        give_back_lent(actor=wards.borrower, key=unique("b"), lending_id=done.id, things=epcs[:1])
    assert refused.value.code == "over_owed"
    assert contents() == before
    assert [each.number for each in lendings(wards.lender, states=["owed"])] == [other.number, done.number]


def test_the_store_replaces_it_at_the_borrowers_charge(wards: Wards) -> None:
    here = wards.here
    show_papers(here)
    epcs = at_the_ward(here, 1)
    done = wards.owed(epcs)
    here.h.do(Step.USE, epcs[0])
    new = here.stocked(1)
    sent = replace_lent(
        actor=here.keeper, key=unique("r"), lending_id=done.id, store_id=here.h.store.pk, things=new
    )
    assert (sent.facts, unit_view(new[0]).status) == ({"charged": "100.00"}, "in_transit")
    event = Event.objects.get(pk=sent.events[-1])
    assert event.documents == {"lending": done.number, "charged_to": wards.other.code}
    even = confirm_settlement(actor=wards.lender, key=unique("s"), settlement_id=SettleUp.objects.get().pk)
    assert (even.state, where(new[0])) == ("settled", here.h.department.pk)
    before = contents()
    with pytest.raises(Refused) as refused:
        confirm_settlement(actor=wards.lender, key=unique("s"), settlement_id=SettleUp.objects.get().pk)
    assert refused.value.code == "document_closed"
    assert contents() == before
    assert rebuild() == []


def test_both_sides_are_two_people(wards: Wards) -> None:
    """Somebody who works in both departments still cannot play both sides."""
    here = wards.here
    both = here.actor(person("nurse", here.h.campus))
    epcs = at_the_ward(here, 1)
    done = lend(
        actor=both, key=unique("l"), lender_id=here.h.department.pk, borrower_id=wards.other.pk, things=epcs
    )
    before = contents()
    with pytest.raises(Refused) as refused:
        confirm_lending(actor=both, key=unique("c"), lending_id=done.id)
    assert refused.value.code == "both_sides"
    for fields, code in (
        ({"borrower_id": here.h.department.pk}, "same_two_places"),
        ({"things": ["01/06901234500011/21/NOBODY"]}, "unknown_unit"),
        ({"things": []}, "empty"),
    ):
        given = {"lender_id": here.h.department.pk, "borrower_id": wards.other.pk, "things": epcs, **fields}
        with pytest.raises(Refused) as refused:
            lend(actor=wards.lender, key=unique("l"), **given)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        confirm_lending(
            actor=here.actor(person("nurse", place(Kind.DEPARTMENT))), key=unique("c"), lending_id=done.id
        )
    assert contents() == before


def test_what_was_lent_is_declined_and_lies_at_the_lender_again(wards: Wards) -> None:
    here, [epc] = wards.here, at_the_ward(wards.here, 1)
    done = wards.lent([epc])
    before = contents()
    with pytest.raises(Refused):
        decline_lending(actor=wards.lender, key=unique("d"), lending_id=done.id)  # the borrower's to say
    assert contents() == before
    assert decline_lending(actor=wards.borrower, key=unique("d"), lending_id=done.id).state == "declined"
    assert (where(epc), debts(wards.lender)) == (here.h.department.pk, [])
    before = contents()
    with pytest.raises(Refused) as refused:
        confirm_lending(actor=wards.borrower, key=unique("c"), lending_id=done.id)
    assert (refused.value.code, contents()) == ("document_closed", before)
    assert rebuild() == []


def test_a_settling_that_is_not_accepted_is_owed_still(wards: Wards) -> None:
    epcs = at_the_ward(wards.here, 1)
    done = wards.owed(epcs)
    give_back_lent(actor=wards.borrower, key=unique("g"), lending_id=done.id, things=epcs)
    [back] = SettleUp.objects.all()
    refuse_settlement(actor=wards.lender, key=unique("r"), settlement_id=back.pk)
    assert where(epcs[0]) == wards.other.pk
    before = contents()
    with pytest.raises(Refused) as refused:
        confirm_settlement(actor=wards.lender, key=unique("c"), settlement_id=back.pk)
    assert (refused.value.code, contents()) == ("document_closed", before)
    give_back_lent(
        actor=wards.borrower, key=unique("g"), lending_id=done.id, things=epcs
    )  # nothing is blocked
    confirm_settlement(actor=wards.lender, key=unique("c"), settlement_id=SettleUp.objects.latest("pk").pk)
    assert Lending.objects.get().state == "settled"


def test_an_entry_that_is_taken_back_takes_its_debt_along(wards: Wards) -> None:
    epcs = at_the_ward(wards.here, 1)
    done = wards.lent(epcs)
    take_back(actor=wards.lender, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    assert (Lending.objects.get().state, debts(wards.lender)) == ("cancelled", [])
    again = wards.owed(epcs)
    before = contents()
    with pytest.raises(Refused) as refused:  # confirmed: it is to be settled
        take_back(actor=wards.lender, key=unique("t"), event_id=again.events[0], reason="wrong_scan")
    assert (refused.value.code, contents()) == ("document_closed", before)
    back = give_back_lent(actor=wards.borrower, key=unique("g"), lending_id=again.id, things=epcs)
    take_back(actor=wards.borrower, key=unique("t"), event_id=back.events[0], reason="wrong_scan")
    before = contents()
    with pytest.raises(Refused):
        confirm_settlement(actor=wards.lender, key=unique("c"), settlement_id=SettleUp.objects.get().pk)
    assert contents() == before
    assert [debt.pieces for debt in debts(wards.lender)] == [1]


def test_what_the_store_sends_is_the_stores_to_take_back(wards: Wards) -> None:
    here = wards.here
    done = wards.owed(at_the_ward(here, 1))
    sent = replace_lent(
        actor=here.keeper,
        key=unique("s"),
        lending_id=done.id,
        store_id=here.h.store.pk,
        things=here.stocked(1),
    )
    settlement = SettleUp.objects.get()
    before = contents()
    with pytest.raises(Refused) as refused:
        refuse_settlement(actor=wards.lender, key=unique("r"), settlement_id=settlement.pk)
    assert (refused.value.code, contents()) == ("store_takes_back", before)
    take_back(actor=here.keeper, key=unique("t"), event_id=sent.events[-1], reason="wrong_scan")
    settlement.refresh_from_db()
    assert settlement.voided_at is not None


def test_cold_things_lie_in_a_cabinet_that_keeps_them_at_either_department(wards: Wards) -> None:
    here = wards.here
    epcs, [new] = at_the_ward(here, 2), here.stocked(1)
    here.h.item.__class__.objects.filter(pk=here.h.item.pk).update(temperature_class="refrigerated")
    before = contents()
    with pytest.raises(Refused) as refused:
        wards.lent(epcs)  # nothing there keeps it cold
    assert (refused.value.code, contents()) == ("wrong_temperature", before)
    fridge, own = (
        place(Kind.CABINET, at, temperature_class="refrigerated") for at in (wards.other, here.h.department)
    )
    done = wards.owed(epcs)
    assert {where(epc) for epc in epcs} == {fridge.pk}
    give_back_lent(actor=wards.borrower, key=unique("g"), lending_id=done.id, things=epcs[:1])
    assert where(epcs[0]) == own.pk
    confirm_settlement(actor=wards.lender, key=unique("s"), settlement_id=SettleUp.objects.get().pk)
    replace_lent(
        actor=here.keeper, key=unique("r"), lending_id=done.id, store_id=here.h.store.pk, things=[new]
    )
    last = SettleUp.objects.latest("pk").pk
    assert confirm_settlement(actor=wards.lender, key=unique("s"), settlement_id=last).state == "settled"
    assert where(new) == own.pk
    assert rebuild() == []


def test_what_a_side_said_is_not_taken_back(wards: Wards) -> None:
    epcs = at_the_ward(wards.here, 2)
    declined = decline_lending(actor=wards.borrower, key=unique("d"), lending_id=wards.lent(epcs[:1]).id)
    owed = wards.owed(epcs[1:])
    give_back_lent(actor=wards.borrower, key=unique("g"), lending_id=owed.id, things=epcs[1:])
    [back] = SettleUp.objects.all()
    not_accepted = refuse_settlement(actor=wards.lender, key=unique("r"), settlement_id=back.pk)
    replace_lent(
        actor=wards.here.keeper, key=unique("s"), lending_id=owed.id, store_id=wards.here.h.store.pk,
        things=wards.here.stocked(1),
    )  # fmt: skip
    sent = SettleUp.objects.latest("pk")
    taken_in = confirm_settlement(actor=wards.lender, key=unique("c"), settlement_id=sent.pk)
    for done in (declined, not_accepted, taken_in):
        before = contents()
        with pytest.raises(Refused) as refused:
            take_back(actor=wards.here.ward, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
        assert (refused.value.code, contents()) == ("document_closed", before)
