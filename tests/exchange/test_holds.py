"""A quality system holds and releases by the API: units, quantities, whole lots."""

import pytest

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents, soon
from yanji.ledger.api import on_hand, unit_view


def test_units_and_a_whole_lot_are_held_and_released(committed: Site) -> None:
    here, h = committed, committed.h
    keeper = ApiClient(here.storekeeper)
    one, *rest = here.stocked(4, lot="BAD")
    lot = unit_view(one).lot_id
    done = keeper.done("/holds", things=[one], reason="damaged", note="wet")
    assert (done["facts"], len(done["events"])) == ({"count": 1}, 1)
    [row] = keeper.get("/holds", place_id=h.store.pk).json()
    assert (row["epc"], row["reason"], row["step"], row["pieces"]) == (one, "damaged", "hold", 1)
    assert keeper.done("/holds", lots=[{"lot_id": lot, "place_id": h.campus.pk}], reason="suspected")[
        "facts"
    ] == {"count": 3}
    assert len(keeper.get("/holds").json()) == 4
    keeper.done("/releases", lots=[{"lot_id": lot, "place_id": h.store.pk}], reason="inspected")
    assert {str(unit_view(epc).status) for epc in (one, *rest)} == {"available"}
    assert keeper.get("/holds").json() == []


def test_a_quantity_is_held_where_it_lies(committed: Site) -> None:
    here, h = committed, committed.h
    keeper, lot = ApiClient(here.storekeeper), here.stocked_lot(5, expiry=soon(90))
    some = [{"lot_id": lot, "quantity": 2, "place_id": h.store.pk}]
    keeper.done("/holds", things=some, reason="storage")
    rows = on_hand(paths=["/"], by=("status",), lot_id=lot)
    assert {row.status: int(row.quantity) for row in rows} == {"available": 3, "quarantined": 2}
    [row] = keeper.get("/holds").json()
    assert (row["epc"], row["lot_id"], row["pieces"]) == ("", lot, 2)


def test_a_recall_is_listed_and_ended(committed: Site) -> None:
    here, h = committed, committed.h
    keeper, lot = ApiClient(here.storekeeper), here.stocked_lot(5)
    done = keeper.done("/recalls", lots=[{"lot_id": lot, "place_id": h.campus.pk}], notice="RN-7")
    [row] = keeper.get("/recalls").json()
    assert (row["lot_id"], row["lot"], row["notice"]) == (lot, "B1", "RN-7")
    assert [float(row[name]) for name in ("to_find", "set_apart", "used", "patients")] == [0, 5, 0, 0]
    sheet = keeper.get(f"/papers/recall/{row['report']}").json()
    assert (sheet["number"], [len(each["rows"]) for each in sheet["sections"]]) == ("RN-7", [1, 0, 1])
    [lying] = sheet["sections"][2]["rows"]
    assert lying[2] == 5, "pieces that are counted lie there as well"
    assert ApiClient(here.nurse).get("/recalls").json() == []
    keeper.done("/corrections", event_id=done["events"][0], reason="wrong_quantity")
    before = contents()
    answer = keeper.send(f"/recalls/{lot}/end", key="end-2", reason="withdrawn")
    assert (answer.status_code, answer.json()["code"], contents()) == (409, "lot_not_recalled", before)
    things = [{"lot_id": lot, "quantity": 2, "place_id": h.store.pk}]
    keeper.done("/holds", things=things, reason="storage")
    keeper.done("/recalls", lots=[{"lot_id": lot, "place_id": h.campus.pk}], notice="RN-8")
    assert keeper.done(f"/recalls/{lot}/end", reason="withdrawn", note="letter 9")["facts"] == {
        "notices": ["RN-8"], "count": 3
    }  # fmt: skip
    [row] = keeper.get("/holds").json()
    assert (row["lot_id"], row["pieces"]) == (lot, 5)
    assert keeper.get("/recalls").json() == []


@pytest.mark.parametrize(
    ("path", "payload", "code", "status"),
    [
        ("/holds", {"reason": "damaged"}, "empty", 422),
        ("/holds", {"things": ["01/0/21/NONE"], "reason": "nonsense"}, "unknown_reason", 422),
        ("/holds", {"things": ["01/0/21/NONE"], "reason": "damaged"}, "unknown_unit", 409),
        ("/holds", {"lots": [{"lot_id": 999999999, "place_id": 1}], "reason": "damaged"}, "not_found", 404),
        ("/releases", {"things": ["01/0/21/NONE"], "reason": "damaged"}, "unknown_reason", 422),
        ("/releases", {"things": ["01/0/21/NONE"]}, "bad_field", 422),
    ],
)
def test_what_is_refused_writes_nothing(
    committed: Site, path: str, payload: dict, code: str, status: int
) -> None:
    committed.stocked(1)
    before = contents()
    answer = ApiClient(committed.storekeeper).post(path, **payload)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert contents() == before


def test_a_ward_neither_holds_nor_sees_what_is_held(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    nurse = ApiClient(here.nurse)
    assert nurse.post("/holds", things=[epc], reason="damaged").status_code == 404
    assert nurse.get("/holds").json() == []
    assert nurse.get("/holds", place_id=here.h.store.pk).status_code == 404
    assert str(unit_view(epc).status) == "available"
