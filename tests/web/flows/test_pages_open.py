"""Every flow page opens for who may, and is closed for who may not."""

import pytest

CLOSED = {
    "storekeeper": [
        "/buyer/orders/new",
        "/ward/requisitions",
        "/ward/use",
        "/ward/give-back",
        "/ward/take-in",
    ],
    "nurse": [
        "/buyer/orders",
        "/storeroom/receiving",
        "/storeroom/put-away",
        "/storeroom/picking",
        "/storeroom/returns",
        "/storeroom/hold",
    ],
    "buyer": [
        "/storeroom/receiving",
        "/storeroom/put-away",
        "/storeroom/scrap",
        "/storeroom/labels",
        "/ward/use",
    ],
    "manager": ["/buyer/orders", "/storeroom/receiving", "/ward/requisitions", "/ward/use", "/ward/scrap"],
}
OPEN = {
    "buyer": ["/buyer/orders", "/buyer/orders/new"],
    "storekeeper": [
        "/buyer/orders", "/storeroom/receiving", "/storeroom/put-away", "/storeroom/picking", "/storeroom/returns",
        "/storeroom/hold", "/storeroom/hold?do=release", "/storeroom/scrap", "/storeroom/labels",
    ],
    "nurse": ["/ward/requisitions", "/ward/requisitions/new", "/ward/take-in", "/ward/use", "/ward/give-back", "/ward/scrap"],
}  # fmt: skip


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in OPEN.items() for path in paths])
def test_open_to_who_may(signed_in, role, path):
    answer = signed_in(role).get(path)
    assert answer.status_code == 200
    assert b"<h1" in answer.content


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in CLOSED.items() for path in paths])
def test_closed_to_who_may_not(signed_in, role, path):
    assert signed_in(role).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/buyer/orders", "/storeroom/receiving", "/ward/use"])
def test_a_visitor_signs_in_first(client, db, path):
    assert client.get(path).status_code == 302
