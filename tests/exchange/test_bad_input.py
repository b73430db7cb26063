"""Whatever is sent: a clear refusal in the reader's language, never a 500, and nothing written."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import GTIN, Site, contents, soon
from yanji.ledger.api import unit_view

HOSTILE = [
    "'; DROP TABLE ledger_unit; --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} %s %(x)s {0} {thing}",
    "\u202e\u200b\ufeff",
]
UNSTORABLE = ["a\x00b", "\ud800"]


@pytest.fixture
def keeper(committed: Site) -> ApiClient:
    return ApiClient(committed.storekeeper)


def refused(client: ApiClient, path: str, status: int, code: str, **payload: Any) -> dict[str, Any]:
    """The refusal of an act, after which the tables are as they were."""
    before = contents()
    response = client.post(path, **payload)
    assert (response.status_code, response.json()["code"]) == (status, code), response.content.decode()
    assert contents() == before
    content = response.json()
    assert content["sentences"]
    assert all("…" not in sentence for sentence in content["sentences"])
    return content


def arrival(here: Site, number: str, **fields: Any) -> dict[str, Any]:
    return {
        "item_id": here.h.item.pk, "epc": f"01/{GTIN}/21/{number}", "serial": number, "lot": "L1",
        "expiry": "2099-01-01", **fields,
    }  # fmt: skip


def test_receipt_refuses_what_inspection_may_not_pass(committed: Site, keeper: ApiClient) -> None:
    here, h = committed, committed.h
    order = here.order((h.item, 1))
    path, dock = f"/orders/{order.id}/receipts", h.store.pk
    expired = arrival(here, "E1", expiry=str(soon(-1)))
    refused(keeper, path, 409, "expired_on_arrival", dock_id=dock, arrivals=[expired])
    two = [arrival(here, "O1"), arrival(here, "O2")]
    said = refused(keeper, path, 409, "over_delivered", dock_id=dock, arrivals=two)
    assert "only 1 outstanding" in said["sentences"][0]
    other = arrival(here, "W1", item_id=here.counted.pk)
    refused(keeper, path, 409, "not_ordered", dock_id=dock, arrivals=[other])
    refused(keeper, path, 422, "empty", dock_id=dock, arrivals=[])
    refused(
        keeper,
        path,
        422,
        "scanned_twice",
        dock_id=dock,
        arrivals=[arrival(here, "T1"), arrival(here, "T1", rejected="damaged")],
    )
    refused(keeper, path, 422, "needs_label", dock_id=dock, arrivals=[arrival(here, "", epc="")])
    refused(keeper, path, 422, "bad_verdict", dock_id=dock, arrivals=[arrival(here, "V1", rejected="whim")])
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    refused(keeper, path, 422, "in_future", dock_id=dock, arrivals=[arrival(here, "F1")], arrived_at=tomorrow)


def test_a_day_that_is_over_is_no_day_to_need_things_on(committed: Site) -> None:
    h, over = committed.h, (timezone.now() - timedelta(days=2)).isoformat()
    lines = [{"item_id": h.item.pk, "quantity": 1}]
    nurse, asked = ApiClient(committed.nurse), {"department_id": h.department.pk, "store_id": h.store.pk}
    refused(nurse, "/requisitions", 422, "needed_past", **asked, lines=lines, needed_by=over)


def test_what_cannot_be_accepted_can_be_rejected(committed: Site, keeper: ApiClient) -> None:
    here = committed
    order = here.order((here.h.item, 1))
    arrivals = [
        arrival(here, "X1", expiry=str(soon(-1)), rejected="expired"),
        arrival(here, "X2", rejected="over_delivery"),
        arrival(here, "X3"),
    ]
    done = keeper.done(f"/orders/{order.id}/receipts", dock_id=here.h.store.pk, arrivals=arrivals)
    assert done["state"] == "received"
    assert [unit_view(each["epc"]).status for each in arrivals] == ["quarantined", "quarantined", "available"]


def test_lapsed_papers(committed: Site, keeper: ApiClient) -> None:
    here, h = committed, committed.h
    order = here.order((h.item, 3))
    papers = {"valid_from": soon(-400), "valid_to": soon(-1), "number": "R"}
    registration = h.item.registrations.create(**papers)
    path = f"/orders/{order.id}/receipts"
    refused(keeper, path, 409, "registration_lapsed", dock_id=h.store.pk, arrivals=[arrival(here, "P1")])
    registration.delete()
    h.supplier.licences.create(kind="business", **papers)
    refused(keeper, path, 409, "licence_lapsed", dock_id=h.store.pk, arrivals=[arrival(here, "P1")])


def test_a_closed_order_takes_nothing(committed: Site, keeper: ApiClient) -> None:
    order = committed.order()
    ApiClient(committed.buyer).done(f"/orders/{order.id}/close", reason="Not needed any more")
    path = f"/orders/{order.id}/receipts"
    refused(
        keeper, path, 409, "order_closed", dock_id=committed.h.store.pk, arrivals=[arrival(committed, "C1")]
    )


def test_a_unit_that_is_elsewhere_used_or_unknown(committed: Site, keeper: ApiClient, settings: Any) -> None:
    settings.ROOT_URLCONF = "yanji.host.urls"  # the way out leads to a page
    here, h = committed, committed.h
    epcs = here.stocked(3)
    keeper.done("/putaways", things=epcs[:1], to_place_id=h.bin.pk)
    said = refused(
        keeper,
        "/putaways",
        409,
        "elsewhere",
        things=epcs[:1],
        to_place_id=h.other_bin.pk,
        from_place_id=h.other_bin.pk,
    )
    assert h.bin.name in said["sentences"][0]
    way = said["ways_out"][0]
    assert (way["quantity"], way["href"]) == (
        2, f"/stock?item={h.item.pk}&place={h.store.pk}&right_there=1&status=available&by=unit",
    )  # fmt: skip
    refused(keeper, "/putaways", 409, "unknown_unit", things=[f"01/{GTIN}/21/NONE"], to_place_id=h.bin.pk)
    refused(keeper, "/putaways", 422, "scanned_twice", things=[epcs[1], epcs[1]], to_place_id=h.bin.pk)


def test_a_package_label_or_half_a_label_is_told_apart(committed: Site, keeper: ApiClient) -> None:
    here = committed
    order = here.order()
    before = contents()

    def meaning(scan: str) -> dict[str, Any]:
        answer = keeper.raw("/scans", json.dumps({"scans": [scan], "flow": "receive", "order_id": order.id}))
        assert answer.status_code == 200, answer.content
        return answer.json()[0]

    half = meaning("]d2" + "17491231" + "10L1")
    assert (half["kind"], half["ok"]) == ("unreadable", False)
    assert meaning(f"]d201{GTIN}17491231" + "10L1")["offences"][0]["code"] == "needs_label"
    unknown = meaning("]d201069012345012342" + "1S1")
    assert unknown["kind"] in ("unknown_product", "unreadable")
    assert meaning("nonsense")["kind"] == "unreadable"
    assert meaning("\x00")["kind"] == "unreadable"
    assert meaning("]d201" + GTIN[:-1] + "9" + "21X")["kind"] == "unreadable"
    assert contents() == before


def test_ten_thousand_lines(committed: Site, keeper: ApiClient) -> None:
    things = [f"01/{GTIN}/21/{n}" for n in range(10_000)]
    said = refused(keeper, "/putaways", 422, "too_many_lines", things=things, to_place_id=committed.h.bin.pk)
    assert "10000" in said["sentences"][0]
    order = committed.order()
    many = [arrival(committed, str(n)) for n in range(10_000)]
    path = f"/orders/{order.id}/receipts"
    refused(keeper, path, 422, "too_many_lines", dock_id=committed.h.store.pk, arrivals=many)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\xff\xfe{}", 400),
        (b'{"key": "k', 400),
        (b'{"key": NaN}', 400),
        (b"[" * 100_000, 400),
        (b'{"key": ' + b"9" * 10_000 + b"}", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'{"key": "k", "things": "x", "to_place_id": 1}', 422),
        (b'{"key": "k", "things": [], "to_place_id": 1, "more": 1}', 422),
        (b'{"key": "k", "things": [], "to_place_id": 99999999999999999999}', 422),
        (b'{"key": "", "things": [], "to_place_id": 1}', 422),
        (b'{"key": "\\ud800", "things": ["a"], "to_place_id": 1}', 422),
        (b'{"key": "k", "things": ["a"], "to_place_id": 1, "happened_at": "0001-01-01T00:00:00Z"}', 422),
        (b'{"key": "k", "things": ["a"], "to_place_id": 1, "happened_at": "2026-01-01T00:00:00"}', 422),
        (b'{"key": "k", "things": [{"lot_id": 1, "quantity": -1, "place_id": 1}], "to_place_id": 1}', 422),
        (b'{"key": "k", "things": [{"lot_id": 1, "quantity": 0.5, "place_id": 1}], "to_place_id": 1}', 422),
    ],
)  # fmt: skip
def test_broken_bodies(committed: Site, keeper: ApiClient, body: bytes, status: int) -> None:
    before = contents()
    response = keeper.raw("/putaways", body)
    assert response.status_code == status, response.content
    assert set(response.json()) >= {"code", "sentences", "offences"}
    assert contents() == before


def test_five_megabytes(committed: Site, keeper: ApiClient) -> None:
    before = contents()
    response = keeper.raw("/putaways", b'{"key": "' + b"x" * 5_000_000 + b'"}')
    assert response.status_code == 413
    assert contents() == before


def test_texts_that_cannot_be_stored(committed: Site, keeper: ApiClient) -> None:
    here, h = committed, committed.h
    order = here.order()
    base: dict[str, Any] = {"dock_id": h.store.pk, "arrivals": [arrival(here, "U1")]}
    for text in UNSTORABLE:
        for field in ("reference", "note"):
            before = contents()
            response = keeper.post(f"/orders/{order.id}/receipts", **{**base, field: text})
            assert response.status_code == 422, (field, text)
            assert contents() == before
        for field in ("lot", "serial", "epc", "rejected"):
            before = contents()
            bad = {**base, "arrivals": [arrival(here, "U1", **{field: text})]}
            assert keeper.post(f"/orders/{order.id}/receipts", **bad).status_code == 422, (field, text)
            assert contents() == before
    assert keeper.get("/units/search", code="a\x00").status_code == 422
    assert keeper.get("/items", text="\x00").status_code == 422
    assert keeper.get("/orders", text="%" * 80).json() == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_only_texts(committed: Site, text: str) -> None:
    here, h = committed, committed.h
    keeper, nurse, buyer = ApiClient(here.storekeeper), ApiClient(here.nurse), ApiClient(here.buyer)
    order = buyer.done(
        "/orders", supplier_id=h.supplier.pk, deliver_to_id=h.store.pk, note=text,
        lines=[{"item_id": h.item.pk, "quantity": 1, "price": "10"}],
    )  # fmt: skip
    one = arrival(here, "H1", lot=text)
    keeper.done(
        f"/orders/{order['id']}/receipts", dock_id=h.store.pk, arrivals=[one], reference=text, note=text
    )
    assert keeper.get(f"/orders/{order['id']}").json()["note"] == text
    shown = keeper.get("/units/view", epc=one["epc"]).json()
    assert shown["lot"] == text
    assert keeper.get("/units/search", code=text).json() == []
    assert nurse.get("/cases", text=text[:40]).json() == []
    refused(keeper, "/putaways", 409, "unknown_unit", things=[text], to_place_id=h.bin.pk)


def test_refusals_speak_the_readers_language(committed: Site) -> None:
    order = committed.order((committed.h.item, 1))
    payload = {
        "dock_id": committed.h.store.pk,
        "arrivals": [arrival(committed, "Z1"), arrival(committed, "Z2")],
    }
    sentences = {
        language: ApiClient(committed.storekeeper, language)
        .post(f"/orders/{order.id}/receipts", **payload)
        .json()["sentences"][0]
        for language in ("en", "zh-hans", "zh-CN")
    }
    assert sentences["en"].isascii() is False or "outstanding" in sentences["en"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in sentences["zh-hans"].replace("支架", ""))
    assert sentences["zh-hans"] == sentences["zh-CN"]


def test_a_csv_notice_names_every_bad_row(committed: Site) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    buyer, order = ApiClient(committed.buyer), committed.order()
    path = f"/api/v1/orders/{order.id}/notices/csv"

    def send(content: bytes, key: str) -> Any:
        file = SimpleUploadedFile("asn.csv", content, "text/csv")
        return buyer.client.post(path, {"key": key, "file": file}, headers=buyer.headers)

    before = contents()
    bad = send(
        f"code,serial,lot,expiry,quantity\n{GTIN},A,L,2099-13-01,1\nX,B,L,2099-01-01,1\n".encode(), "c1"
    )
    assert bad.status_code == 422
    assert [each["code"] for each in bad.json()["offences"]] == ["bad_row_day", "bad_row_code"]
    assert bad.json()["sentences"][0] == "Row 2: “2099-13-01” is not a date. Write it as 2027-01-31."
    for content in (b"", b"\x00", b"\xff\xff\xff", b"a,b\n1,2\n", "品名\n".encode()):
        assert send(content, "c2").status_code == 422
    assert contents() == before
    good = send(f"code,serial,lot,expiry\n{GTIN},A,L,2099-01-01\n".encode("gb18030"), "c3")
    assert good.status_code == 200, good.content
    assert unit_view(f"01/{GTIN}/21/A").status == "expected"


def test_refusals_call_things_by_their_names_and_fields_without_the_validators_words(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper, "zh-hans")
    lot = here.stocked_lot(5)
    much = {"lot_id": lot, "quantity": 31, "place_id": here.h.store.pk}
    refused = keeper.post("/putaways", things=[much], to_place_id=here.h.bin.pk).json()
    assert refused["code"] == "not_enough"
    assert f"lot {lot}" not in refused["sentences"][0]
    assert "缝线 · B1" in refused["sentences"][0]
    order = here.order()
    path = f"/orders/{order.id}/receipts"
    unknown = keeper.post(path, dock_id=here.h.store.pk, arrivals=[{"item_id": 99999999}]).json()
    assert "品种编号 99999999" in unknown["sentences"][0]
    wrong = keeper.post(path, dock_id="here", surprise=1).json()
    assert {each["sentence"] for each in wrong["offences"]} == {
        "字段“dock_id”无法使用：必须是整数。",
        "字段“surprise”无法使用：没有这个字段。",
    }
