"""Freight, duty and insurance spread over what a delivery brought, to the cent."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.buying import today
from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.flows.invoices.first import enter_first_invoice, void_first_invoice
from yanji.flows.landed.models import LandedShare
from yanji.flows.landed.spread import add_cost, by_thing, landed_of, shares, void_cost
from yanji.flows.papers import sheet_of
from yanji.ledger.api import Refused
from yanji.ledger.models import Unit

CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)


@given(amount=CENTS, weights=st.lists(st.integers(0, 10**7).map(Decimal), min_size=1, max_size=60))
def test_shares_add_up_and_none_is_a_cent_off_its_proportion(amount, weights):
    found = shares(amount, weights)
    assert sum(found) == amount
    total = sum(weights) or Decimal(len(weights))
    for share, weight in zip(found, weights if sum(weights) else [Decimal(1)] * len(weights), strict=True):
        assert abs(share - amount * weight / total) < Decimal("0.01")


def spread(here: Site, receipt, amount="10.00", basis="count", kind="freight"):
    return add_cost(
        actor=here.purchasing,
        key=unique("k"),
        receipt_id=receipt.id,
        kind=kind,
        basis=basis,
        amount=Decimal(amount),
    )


def test_each_unit_bears_its_share_and_its_own_cost_stays(committed: Site):
    order = committed.order((committed.h.item, 3))
    arrivals = [committed.arrival() for _ in range(3)]
    receipt = committed.receive(order, *arrivals)
    spread(committed, receipt)
    taken_back = spread(committed, receipt, "6.00", "value", "duty")
    unit = Unit.objects.get(epc=arrivals[0].epc)
    assert landed_of(unit.pk) == {"freight": Decimal("3.34"), "duty": Decimal("2.00")}
    assert unit.cost == 100
    void_cost(actor=committed.purchasing, key=unique("k"), cost_id=taken_back.id, reason="Wrong bill")
    assert landed_of(unit.pk) == {"freight": Decimal("3.34")}
    assert sum(row["bears"] for row in by_thing(receipt.id)) == Decimal("10.00")
    before = contents()
    with pytest.raises(Refused) as found:
        void_cost(actor=committed.purchasing, key=unique("k"), cost_id=taken_back.id, reason="again")
    assert found.value.code == "already_corrected"
    assert contents() == before


def test_a_cost_has_a_paper_of_its_own_and_stands_on_the_receipts_for_who_sees_figures(committed: Site):
    receipt = committed.receive(
        committed.order((committed.h.item, 2)), committed.arrival(), committed.arrival()
    )
    first = enter_first_invoice(
        actor=committed.keeper,
        key=unique("k"),
        receipt_id=receipt.id,
        seller="Maker",
        number="M-1",
        issued_on=today(),
    )
    wrong, right = spread(committed, receipt, "6.00"), spread(committed, receipt)
    assert (wrong.number[:3], wrong.number != right.number) == ("LC-", True)
    void_cost(actor=committed.purchasing, key=unique("k"), cost_id=wrong.id, reason="Wrong bill")
    buyer = committed.purchasing
    void_first_invoice(actor=buyer, key=unique("k"), first_invoice_id=first.id, reason="Of another delivery")
    sheet = sheet_of(buyer, "landed_cost", wrong.id)
    assert (sheet.number, sheet.state != "") == (wrong.number, True)
    [[*_, borne]] = [section.total for section in sheet.sections]
    assert (borne, [row[-1] for row in sheet.sections[0].rows]) == (6, [3, 3])
    *_, shown, costs = sheet_of(buyer, "receipt", receipt.id).sections
    assert [(row[0], "Of another delivery" in row[-1]) for row in shown.rows] == [("M-1", True)]
    assert [row[0] for row in costs.rows] == [wrong.number, right.number]
    assert ("Wrong bill" in costs.rows[0][-2], costs.total[-1]) == (True, 10)
    # Who takes goods in without a sight of figures reads the receipt, and no cost of it.
    blind = replace(committed.keeper, scopes={**committed.keeper.scopes, "see_figures": ()})
    assert sheet_of(blind, "receipt", receipt.id).sections[-1].rows == shown.rows
    with pytest.raises(NotFound):
        sheet_of(blind, "landed_cost", right.id)


@pytest.mark.parametrize(
    "wrong", [{"amount": "0"}, {"amount": "1.001"}, {"amount": "NaN"}, {"basis": "weight"}, {"kind": "bribe"}]
)
def test_costs_that_cannot_be(committed: Site, wrong):
    receipt = committed.receive(committed.order((committed.h.item, 1)), committed.arrival())
    before = contents()
    with pytest.raises(Refused) as found:
        spread(committed, receipt, **wrong)
    assert found.value.code == "bad_landed_cost"
    assert contents() == before


def test_a_delivery_that_was_rejected_bears_nothing(committed: Site):
    receipt = committed.receive(committed.order((committed.h.item, 1)), committed.arrival(rejected="damaged"))
    with pytest.raises(Refused) as found:
        spread(committed, receipt)
    assert found.value.code == "nothing_to_bear"
    assert not LandedShare.objects.exists()
