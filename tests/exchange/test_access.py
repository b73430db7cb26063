"""Who may not, gets no further: hidden and absent alike, seen but not allowed refused, and nothing written."""

from typing import Any

import pytest

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents, person
from tests.makers import place
from yanji.access.models import ApiToken
from yanji.access.tokens import digest
from yanji.places.models import Kind


def test_without_a_valid_token(committed: Site) -> None:
    assert ApiClient(None).get("/me").status_code == 401
    stranger = ApiClient(None)
    for token in ("", "x", "yj_" + "a" * 43, "\u00e9", "Bearer"):
        stranger.headers["Authorization"] = f"Bearer {token}"
        response = stranger.get("/stock")
        assert response.status_code == 401
        assert response.json()["code"] == "not_signed_in"
    known = ApiClient(committed.nurse)
    assert known.get("/me").status_code == 200
    ApiToken.objects.update(revoked_at="2020-01-01T00:00:00Z")
    assert known.get("/me").status_code == 401


def test_tokens_are_given_for_a_password_and_kept_as_digests(committed: Site) -> None:
    visitor = ApiClient(None)
    login = {"username": committed.second.username, "password": "Zweite-Person-7"}
    given = visitor.raw("/tokens", _json(login)).json()
    assert ApiToken.objects.filter(digest=digest(given["token"])).exists()
    assert not ApiToken.objects.filter(digest=given["token"]).exists()
    for _attempt in range(5):
        assert visitor.raw("/tokens", _json({**login, "password": "wrong"})).status_code == 403
    assert visitor.raw("/tokens", _json(login)).status_code == 429


def _json(content: dict[str, Any]) -> str:
    import json

    return json.dumps(content)


@pytest.fixture
def elsewhere(committed: Site) -> ApiClient:
    """A storekeeper of another campus."""
    return ApiClient(person("storekeeper", place(Kind.CAMPUS)))


def test_another_campus_sees_nothing(committed: Site, elsewhere: ApiClient) -> None:
    here, h = committed, committed.h
    [epc] = here.stocked(1)
    order, wanted = here.order(), here.requisition()
    before = contents()
    for path in (
        f"/orders/{order.id}",
        f"/requisitions/{wanted.id}",
        f"/stock/at?place_id={h.store.pk}&as_of=2026-01-01T00:00:00Z",
    ):
        assert elsewhere.get(path).status_code == 404, path
    assert elsewhere.get("/units/view", epc=epc).status_code == 404
    assert elsewhere.get("/units/life-line", epc=epc).status_code == 404
    assert elsewhere.get("/units/search", code=epc).json() == []
    assert elsewhere.get("/stock").json() == []
    assert elsewhere.get("/orders").json() == []
    acts: list[tuple[str, dict[str, Any]]] = [
        (f"/orders/{order.id}/receipts", {"dock_id": h.store.pk, "arrivals": []}),
        (f"/requisitions/{wanted.id}/picks", {"things": [epc]}),
        ("/putaways", {"things": [epc], "to_place_id": h.bin.pk}),
    ]
    for path, payload in acts:
        absent = path.replace(str(order.id), "999999") if "orders" in path else path
        answers = [elsewhere.post(path, **payload), elsewhere.post(absent, **payload)]
        assert [answer.status_code for answer in answers] == [404, 404], path
        assert answers[0].json() == answers[1].json()
    scan = elsewhere.raw("/scans", _json({"scans": [epc], "flow": "look"})).json()[0]
    assert scan["unit"] is None
    assert contents() == before


@pytest.mark.parametrize(
    ("who", "path", "payload"),
    [
        ("nurse", "/orders", {"supplier_id": 1, "deliver_to_id": "department", "lines": [{"item_id": 1, "quantity": 1}]}),
        ("storekeeper", "/orders", {"supplier_id": 1, "deliver_to_id": "store", "lines": [{"item_id": 1, "quantity": 1}]}),
        ("buyer", "/orders/{order}/receipts", {"dock_id": "store", "arrivals": []}),
        ("nurse", "/requisitions/{requisition}/picks", {"things": []}),
        ("nurse", "/requisitions/{requisition}/issues", {}),
        ("buyer", "/putaways", {"things": ["{epc}"], "to_place_id": "bin"}),
        ("storekeeper", "/uses", {"department_id": "department", "case_number": "C", "patient_token": "P",
         "confirmed_by": "P", "things": ["{epc}"]}),
        ("buyer", "/labels", {"place_id": "store", "item_id": 1, "count": 1}),
        ("buyer", "/corrections", {"event_id": "{event}", "reason": "other"}),
    ],
)  # fmt: skip
def test_without_the_operation(committed: Site, who: str, path: str, payload: dict[str, Any]) -> None:
    here = committed
    order = here.order()
    [epc] = here.stocked(1)
    wanted = here.requisition()
    from yanji.ledger.models import Event

    event = str(Event.objects.order_by("recorded_at").last().pk)
    names = {
        "{epc}": epc,
        "{event}": event,
        "store": here.h.store.pk,
        "bin": here.h.bin.pk,
        "department": here.h.department.pk,
    }
    filled = {
        key: [names.get(each, each) for each in value]
        if isinstance(value, list) and value and isinstance(value[0], str)
        else names.get(value, value)
        if isinstance(value, str)
        else value
        for key, value in payload.items()
    }
    before = contents()
    client = ApiClient(getattr(here, who))
    response = client.post(path.format(order=order.id, requisition=wanted.id), **filled)
    assert response.status_code in (403, 404), response.content
    assert contents() == before


def test_a_witness_must_prove_to_be_one(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    keeper = ApiClient(here.storekeeper)
    stranger = person("storekeeper", place(Kind.CAMPUS), password="Fremd-9876")
    cases = [
        ({"username": here.second.username, "password": "wrong"}, 403, "wrong_password"),
        ({"username": "nobody", "password": "wrong"}, 403, "wrong_password"),
        ({"username": stranger.username, "password": "Fremd-9876"}, 403, "witness_not_allowed"),
    ]
    here.storekeeper.set_password("Selbst-1234")
    here.storekeeper.save()
    cases.append(
        ({"username": here.storekeeper.username, "password": "Selbst-1234"}, 422, "witness_is_actor")
    )
    for witness, status, code in cases:
        before = contents()
        response = keeper.post("/scraps", things=[epc], reason="damaged", witness=witness)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert contents() == before
