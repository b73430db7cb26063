"""Freight, duty and insurance spread over what a delivery brought, to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.flows.landed.models import LandedShare
from yanji.flows.landed.spread import add_cost, by_thing, landed_of, shares, void_cost
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
