"""Orders and ship notices through their pages."""

import io

import pytest

from yanji.catalog.models import ItemCode
from yanji.flows.models import OrderLine, PurchaseOrder, ShipNotice
from yanji.ledger.api import unit_view

from .acts import key, sentences
from .world import gtin, later

NEW = "/buyer/orders/new"


def order_form(world, **more):
    item = world.item.pk
    return {
        "key": key("order"), "supplier_id": world.supplier.pk, "deliver_to_id": world.store.pk, "item": [item],
        f"quantity:{item}": "3", f"price:{item}": "6980.50", **more,
    }  # fmt: skip


def test_an_order_is_placed(hospital, signed_in):
    answer = signed_in("buyer").post(
        NEW, order_form(hospital, expected_on=later(5).isoformat(), note="urgent")
    )
    order = PurchaseOrder.objects.get()
    assert answer.url == f"/buyer/orders/{order.pk}"
    assert (order.state, order.note, order.expected_on) == ("placed", "urgent", later(5))
    assert [(line.quantity, str(line.price)) for line in order.lines.all()] == [(3, "6980.50")]


def test_sent_twice_it_is_one_order(hospital, signed_in):
    client, sent = signed_in("buyer"), order_form(hospital)
    first, second = client.post(NEW, sent), client.post(NEW, sent)
    assert first.url == second.url
    assert PurchaseOrder.objects.count() == 1


def test_a_draft_is_sent_later_and_closed(hospital, signed_in):
    client = signed_in("buyer")
    client.post(NEW, order_form(hospital, draft="1"))
    order = PurchaseOrder.objects.get()
    assert order.state == "draft"
    client.post(f"/buyer/orders/{order.pk}/send", {"key": key("send")})
    order.refresh_from_db()
    assert order.state == "placed"
    answer = client.post(f"/buyer/orders/{order.pk}/close", {"key": key("close")})
    assert "Say why nothing more is expected" in sentences(answer)
    client.post(f"/buyer/orders/{order.pk}/close", {"key": key("close"), "reason": "Out of production"})
    order.refresh_from_db()
    assert (order.state, order.ended_because) == ("closed", "Out of production")
    answer = client.post(f"/buyer/orders/{order.pk}/close", {"key": key("close"), "reason": "again"})
    assert answer.status_code == 409
    assert "takes nothing any more" in sentences(answer)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"quantity": "0"}, "is not a whole number from 1"),
        ({"quantity": "two"}, "is not a whole number from 1"),
        ({"price": "1e400"}, "is not an amount"),
        ({"price": "-1"}, "is not an amount"),
        ({"expected_on": "2027-02-30"}, "is not a date"),
        ({"expected_on": "2020-01-01"}, "Choose today or a later day"),
        ({"supplier_id": ""}, "“Supplier” is empty"),
        ({"supplier_id": "1; DROP TABLE"}, "Choose again"),
        ({"item": []}, "Nothing was scanned"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_comes_back(hospital, signed_in, change, sentence):
    renamed = {
        {"quantity": f"quantity:{hospital.item.pk}", "price": f"price:{hospital.item.pk}"}.get(
            name, name
        ): value
        for name, value in change.items()
    }
    answer = signed_in("buyer").post(NEW, order_form(hospital, note="keep this", **renamed))
    assert answer.status_code == 409
    assert sentence in sentences(answer)
    assert b"keep this" in answer.content
    assert not PurchaseOrder.objects.exists()
    if change.get("item") is None:
        assert f'name="quantity:{hospital.item.pk}"'.encode() in answer.content


def test_items_are_found_by_initials_name_and_scan(hospital, signed_in):
    client = signed_in("buyer")
    for text in ("ywxt", "洗脱", "coronary", hospital.gtin(), hospital.scan("S1")):
        answer = client.get("/buyer/orders/items", {"q": text})
        assert hospital.item.code in sentences(answer), text
    assert "No item fits" in sentences(client.get("/buyer/orders/items", {"q": "<script>"}))
    line = client.get("/buyer/orders/line", {"item": hospital.item.pk, "supplier_id": hospital.supplier.pk})
    assert b'value="6980.00"' in line.content
    assert client.get("/buyer/orders/line", {"item": "x"}).status_code == 204


def test_a_ship_notice_is_scanned_and_announced(hospital, signed_in):
    order_id = hospital.order(5)
    client = signed_in("buyer")
    read = client.post(f"/buyer/orders/{order_id}/notice/read", {"scan": hospital.scan("S1")}).json()
    assert read["fields"]["serial"] == "S1"
    assert read["fields"]["lot"] == "L2409A"
    sent = {name: [value, ""] for name, value in read["fields"].items()} | {
        "key": key("notice"),
        "reference": "DN-1",
    }
    sent["quantity"] = ["1", "1"]
    answer = client.post(f"/buyer/orders/{order_id}/notice", sent)
    assert answer.url == f"/buyer/orders/{order_id}"
    notice = ShipNotice.objects.get()
    assert notice.reference == "DN-1"
    for page in (answer.url, f"/buyer/notices/{notice.pk}"):
        assert "The supplier reads this reason." in client.get(page).content.decode(), page
    assert unit_view(hospital.epc("S1")).status == "expected"


def test_a_typed_serial_is_named_by_the_items_gtin(hospital, signed_in):
    order_id = hospital.order(5)
    row = {
        "item": hospital.item.pk,
        "serial": "S9",
        "lot": "L9",
        "expiry": later(90).isoformat(),
        "quantity": "1",
        "epc": "",
    }
    signed_in("buyer").post(f"/buyer/orders/{order_id}/notice", {**row, "key": key("notice")})
    assert unit_view(hospital.epc("S9")).lot == "L9"


def test_a_file_is_looked_at_before_it_counts(hospital, signed_in):
    order_id = hospital.order(5)
    client = signed_in("buyer")
    good = f"code,serial,lot,expiry,quantity\n{hospital.gtin()},S1,L1,2099-01-31,1\n{hospital.item.code},S2,L1,,1\n"
    answer = client.post(
        f"/buyer/orders/{order_id}/notice", {"file": io.BytesIO(good.encode()), "key": key("notice")}
    )
    assert answer.status_code == 200
    assert "2 rows were read" in sentences(answer)
    assert b'value="S2"' in answer.content
    assert not ShipNotice.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"code,serial\nNOSUCH,1\nALSO-NOT,2\n", "Row 3"),
        (b"", "holds no rows"),
        (b"code,expiry\nX,\xff\xfe\x00\n", "characters that cannot be stored"),
    ],
)
def test_every_bad_row_is_shown(hospital, signed_in, content, sentence):
    order_id = hospital.order(5)
    answer = signed_in("buyer").post(
        f"/buyer/orders/{order_id}/notice", {"file": io.BytesIO(content), "key": key("notice")}
    )
    assert answer.status_code in (200, 409)
    if content:
        assert sentence in sentences(answer)
    assert not ShipNotice.objects.exists()


def test_order_page_shows_what_is_owed(hospital, signed_in):
    order_id = hospital.order(4, hospital.item, hospital.other)
    answer = signed_in("buyer").get(f"/buyer/orders/{order_id}")
    assert answer.status_code == 200
    assert OrderLine.objects.filter(order_id=order_id).count() == 2
    assert "Outstanding" in sentences(answer)
    assert signed_in("nurse").get(f"/buyer/orders/{order_id}").status_code == 403
    assert signed_in("buyer").get("/buyer/orders/999999999").status_code == 404


def test_a_serial_that_says_nothing_alone_comes_back_with_the_way_out(hospital, signed_in):
    ItemCode.objects.create(item=hospital.item, issuer="GS1", code=gtin())
    order_id = hospital.order(5)
    row = {"item": hospital.item.pk, "serial": "S9", "lot": "L9", "expiry": "", "quantity": "1", "epc": ""}
    client, path = signed_in("buyer"), f"/buyer/orders/{order_id}/notice"
    answer = client.post(path, {**row, "key": key("notice")})
    assert answer.status_code == 409
    assert "Scan its whole label" in sentences(answer)
    assert b'value="S9"' in answer.content
    assert not ShipNotice.objects.exists()
    code = hospital.item.codes.first().code
    answer = client.post(path, {**row, "key": key("notice"), "epc": f"01/{code}/21/S9"})
    assert answer.status_code == 302
    assert unit_view(f"01/{code}/21/S9").status == "expected"
