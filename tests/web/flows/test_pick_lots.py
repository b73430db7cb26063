"""Counted lots on the pick page: proposed in turn by the chosen policy, taken out of turn with a reason."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.models import Override
from yanji.flows.pick import pick
from yanji.flows.queries import picked_for
from yanji.flows.receive import Arrival, receive
from yanji.flows.requisition import Wanted, request
from yanji.ledger.api import LotQuantity

from .acts import key, result, scanned, sentences
from .world import World, item, later


@pytest.fixture
def suture(hospital: World) -> Item:
    """Two lots of a counted item: OLD came first and expires late, NEW came later and expires soon."""
    made = item("缝线", "Suture", "4-0", hospital.supplier, tracking="lot")
    for lot, days_ago, expiry in (("OLD", 20, 900), ("NEW", 2, 90)):
        receive(
            actor=hospital.actor("storekeeper"), key=unique("r"), order_id=hospital.order(5, made),
            dock_id=hospital.dock.pk, arrivals=[Arrival(made.pk, lot=lot, expiry=later(expiry), quantity=5)],
            arrived_at=timezone.now() - timedelta(days=days_ago),
        )  # fmt: skip
    return made


@pytest.fixture
def path(hospital: World, suture: Item) -> str:
    done = request(
        actor=hospital.actor("nurse"), key=unique("rq"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, lines=[Wanted(suture.pk, 3)],
    )  # fmt: skip
    return f"/storeroom/picking/{done.id}"


def label(hospital: World, suture: Item, lot: str, expiry: int) -> str:
    return f"]d201{hospital.gtin(suture)}17{later(expiry):%y%m%d}10{lot}"


def test_the_list_follows_the_policy_and_says_why(hospital, signed_in, path):
    client = signed_in("storekeeper")
    fefo = sentences(client.get(path))
    assert fefo.index("Lot NEW") < fefo.index("Lot OLD")
    assert f"received {later(-20)}" not in fefo
    fifo = sentences(client.get(f"{path}?policy=fifo"))
    assert fifo.index("Lot OLD") < fifo.index("Lot NEW")
    assert f"received {later(-20)}" in fifo


def test_a_lot_out_of_turn_is_taken_with_a_reason(hospital, signed_in, suture, path):
    client, raw = signed_in("storekeeper"), label(hospital, suture, "NEW", 90)
    answer = scanned(client, path, raw, policy="fifo")
    assert result(answer) == "warn"
    assert f"Lot NEW is not the next in turn: Lot OLD (received on {later(-20)})" in sentences(answer)
    assert result(scanned(client, path, raw, policy="fefo")) == "ok"
    row = f"lot:{suture.pk}:NEW:{later(90)}"
    sent = {
        "key": key("pick"), "policy": "fifo", "line": raw, "row": row, "of": suture.pk, f"quantity:{row}": "2",
        f"from:{row}": hospital.dock.pk,
    }  # fmt: skip
    refused = client.post(path, sent)
    assert refused.status_code == 409
    assert f'name="override:{row}"' in refused.content.decode()
    number = int(path.rsplit("/", 1)[1])
    assert picked_for(number) == ([], {})
    done = client.post(path, {**sent, "key": key("pick"), f"override:{row}": "same_lot"})
    assert done.status_code == 302, sentences(done)
    lot = suture.lots.get(number="NEW")
    assert picked_for(number) == ([], {(lot.pk, hospital.dock.pk, None): 2})
    assert Override.objects.get().epc == f"lot {lot.pk}"


def test_pieces_are_put_back_as_many_as_are_named(hospital, signed_in, suture, path):
    number, lot, client = int(path.rsplit("/", 1)[1]), suture.lots.get(number="NEW"), signed_in("storekeeper")
    pieces = LotQuantity(lot.pk, Decimal(3), hospital.dock.pk)
    pick(actor=hospital.actor("storekeeper"), key=unique("p"), requisition_id=number, things=[pieces])
    spot = f"{lot.pk}:{hospital.dock.pk}:"
    assert f'name="lot" value="{spot}"' in client.get(path).content.decode()
    for sent in ({"lot": spot, "pieces": "4"}, {"lot": spot, "pieces": "0"}, {"lot": "x", "pieces": "1"}, {}):
        refused = client.post(f"{path}/put-back", {"key": key("unpick"), **sent})
        assert refused.status_code == 409, sent
        assert picked_for(number) == ([], {(lot.pk, hospital.dock.pk, None): 3})
    done = client.post(f"{path}/put-back", {"key": key("unpick"), "lot": spot, "pieces": "2"}, follow=True)
    assert "2 things are put back." in sentences(done)
    assert picked_for(number) == ([], {(lot.pk, hospital.dock.pk, None): 1})
