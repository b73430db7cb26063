"""A supplier's program announces units with what it knows of them: product, serial, lot, expiry."""

import pytest

from tests.exchange.client import ApiClient
from tests.flows.site import GTIN, Site, contents, soon
from yanji.ledger.api import unit_view


def test_di_and_serial_are_enough(committed: Site) -> None:
    here = committed
    buyer, order = ApiClient(here.buyer), here.order((here.h.item, 3))
    lines = [
        {"di": GTIN, "serial": "N1", "lot": "L1", "expiry": str(soon(400))},
        {"item_id": here.h.item.pk, "serial": "N2", "lot": "L1", "expiry": str(soon(400))},
        {"item_id": here.h.item.pk, "serial": "N3", "epc": f"01/{GTIN}/21/N3"},
    ]
    buyer.done(f"/orders/{order.id}/notices", lines=lines)
    assert [unit_view(f"01/{GTIN}/21/N{n}").status for n in (1, 2, 3)] == ["expected"] * 3


@pytest.mark.parametrize(
    ("line", "code", "status"),
    [
        ({"serial": "N1"}, "no_item", 422),
        ({"di": "NOSUCH", "serial": "N1"}, "unknown_di", 409),
        ({"di": GTIN, "serial": "N1", "epc": f"01/{GTIN}/21/N2"}, "epc_differs", 422),
        ({"di": GTIN, "serial": "N" * 21}, "bad_serial", 422),
        ({"di": "D" * 81, "serial": "N1"}, "bad_field", 422),
    ],
)
def test_what_cannot_be_meant_is_refused(committed: Site, line: dict, code: str, status: int) -> None:
    order = committed.order((committed.h.item, 3))
    before = contents()
    answer = ApiClient(committed.buyer).post(f"/orders/{order.id}/notices", lines=[line])
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert contents() == before
