"""A delivery at the dock: each scan judged, the whole taken in, nothing lost when it is refused."""

import json
import re
from html import unescape

import pytest

from tests.makers import unique
from yanji.catalog.models import Item, ItemCode, Licence, Quarantined
from yanji.flows.announced import Announced
from yanji.flows.models import Label, OrderLine, PurchaseOrder, Receipt
from yanji.flows.packing.models import Box
from yanji.flows.purchase import close_order
from yanji.flows.ship_notice import announce
from yanji.ledger.api import unit_view

from .acts import hidden_key, inside, key, listed, result, scanned, sentences
from .world import gtin, later


@pytest.fixture
def order_id(hospital):
    return hospital.order(3)


@pytest.fixture
def path(order_id):
    return f"/storeroom/receiving/{order_id}"


def take(client, path, world, *scans, **more):
    return client.post(
        path, {"key": key("receipt"), "dock_id": world.dock.pk, **listed(world, *scans), **more}
    )


def test_scan_and_take_in(hospital, signed_in, path):
    client = signed_in("storekeeper")
    answer = scanned(client, path, hospital.scan("S1"), dock_id=hospital.dock.pk)
    assert result(answer) == "ok"
    assert "Serial S1" in sentences(answer)
    assert "Lot L2409A" in sentences(answer)
    done = take(client, path, hospital, hospital.scan("S1"), hospital.scan("S2"))
    receipt = Receipt.objects.get()
    assert done.url == f"/storeroom/receipts/{receipt.pk}"
    assert unit_view(hospital.epc("S1")).status == "available"
    page = client.get(done.url)
    assert "1 short" in sentences(page)


def test_an_expired_unit_asks_to_be_rejected(hospital, signed_in, path):
    client, old = signed_in("storekeeper"), hospital.scan("S1", expiry=later(-3))
    answer = scanned(client, path, old, dock_id=hospital.dock.pk)
    assert result(answer) == "warn"
    assert re.search(r'value="expired"\s+selected', answer.content.decode())
    refused = take(client, path, hospital, old)
    assert refused.status_code == 409
    assert "expired on" in sentences(refused)
    assert "Serial S1" in sentences(refused)
    assert not Receipt.objects.exists()
    take(client, path, hospital, old, **{f"verdict:{hospital.epc('S1')}": "expired"})
    assert unit_view(hospital.epc("S1")).status == "quarantined"


def test_a_wrong_item_and_a_surplus_are_said_at_the_scan(hospital, signed_in, path):
    client = signed_in("storekeeper")
    answer = scanned(client, path, hospital.scan("S1", item=hospital.other), dock_id=hospital.dock.pk)
    assert "is not in order" in sentences(answer)
    assert re.search(r'value="wrong_item"\s+selected', answer.content.decode())
    held = listed(hospital, *(hospital.scan(f"S{n}") for n in range(3)))
    answer = scanned(client, path, hospital.scan("S9"), dock_id=hospital.dock.pk, **held)
    assert "only 0 outstanding" in sentences(answer)


def test_a_lapsed_licence_is_said_at_the_scan(hospital, signed_in, path):
    Licence.objects.filter(supplier=hospital.supplier).update(valid_to=later(-1))
    answer = scanned(signed_in("storekeeper"), path, hospital.scan("S1"), dock_id=hospital.dock.pk)
    assert result(answer) == "error"
    assert "licence" in sentences(answer)


def test_pressed_twice_it_is_one_receipt(hospital, signed_in, path):
    client = signed_in("storekeeper")
    sent = {
        "key": hidden_key(client.get(path), "receipt"),
        "dock_id": hospital.dock.pk,
        **listed(hospital, hospital.scan("S1")),
    }
    assert client.post(path, sent).url == client.post(path, sent).url
    assert Receipt.objects.count() == 1


def test_a_second_scan_of_a_row_is_only_pointed_at(hospital, signed_in, path):
    row = {"line": [hospital.scan("S1")], "row": [hospital.epc("S1")], "of": [hospital.item.pk]}
    answer = scanned(signed_in("storekeeper"), path, hospital.scan("S1"), dock_id=hospital.dock.pk, **row)
    assert result(answer) == "ok"
    assert f'data-key="{hospital.epc("S1")}"' in answer.content.decode()


def test_an_unknown_product_is_adopted_with_one_tap(hospital, signed_in, path):
    client, raw = signed_in("storekeeper"), f"]d201{gtin()}17991231\x1d21U1".replace("\x1d", "")
    answer = scanned(client, path, raw, dock_id=hospital.dock.pk)
    assert result(answer) == "error"
    assert "Adopt as a provisional item" in sentences(answer)
    answer = client.post(f"{path}/adopt", {"adopt": raw, "key": "receipt:x"}, headers={"HX-Request": "true"})
    assert Item.objects.filter(provisional=True).count() == 1
    assert Quarantined.objects.filter(source="scan").count() == 1
    assert result(answer) == "warn"
    item = Item.objects.get(provisional=True)
    assert f"In the catalogue as {item.code}" in sentences(answer), "it says what became of it"
    assert client.get(f"/masterdata/items/{item.pk}").status_code == 200, "and where that can be seen"
    client.post(f"{path}/adopt", {"adopt": raw}, headers={"HX-Request": "true"})
    assert Item.objects.filter(provisional=True).count() == 1


def test_units_without_serial_get_hospital_labels(hospital, signed_in, path):
    client = signed_in("storekeeper")
    raw = f"]d201{hospital.gtin()}17991231" + "10LX"
    answer = scanned(client, path, raw, dock_id=hospital.dock.pk)
    assert "Hospital labels" in sentences(answer)
    sent = {
        "label_item": hospital.item.pk,
        "label_lot": "LX",
        "label_expiry": "2099-12-31",
        "label_key": "labels:1",
        "count:labels:1": "2",
        "dock_id": hospital.dock.pk,
    }
    answer = client.post(f"{path}/labels", sent, headers={"HX-Request": "true"})
    assert Label.objects.count() == 2
    rows = answer.content.decode()
    assert rows.count("data-scan-row") == 2
    lines = re.findall(r'name="line" value="([^"]+)"', rows)
    done = take(client, path, hospital, *lines)
    assert done.status_code == 302, sentences(done)[:400]
    sheet = client.get(re.search(r'href="([^"]+\?form=pdf)"', rows).group(1))
    assert sheet.content.startswith(b"%PDF")


@pytest.mark.parametrize(
    "raw",
    [
        "nonsense",
        "]d201069012",
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE flows_receipt; --",
        "\x00",
        "\ufffd\ufffd",
        "9" * 400,
        "]d201",
        "A-01",
        "８８８８",
        "",
    ],
)
def test_what_is_no_unit_is_refused_with_a_sentence(hospital, signed_in, path, raw):
    answer = scanned(signed_in("storekeeper"), path, raw, dock_id=hospital.dock.pk)
    assert answer.status_code == 200
    assert result(answer) == "error"
    assert b"<img" not in answer.content
    assert len(sentences(answer)) > 20


def test_the_confirming_code_presses_the_button(hospital, signed_in, path):
    answer = scanned(signed_in("storekeeper"), path, "YANJI:OK")
    assert answer.headers["HX-Trigger"] == "yanji:confirm"


def test_a_closed_order_takes_nothing(hospital, signed_in, order_id, path):
    close_order(
        actor=hospital.actor("buyer"), key=unique("close"), order_id=order_id, reason="Not needed any more"
    )
    client = signed_in("storekeeper")
    assert "takes nothing any more" in sentences(client.get(path))
    answer = take(client, path, hospital, hospital.scan("S1"))
    assert answer.status_code == 409
    assert "Choose an open order" in sentences(answer)
    assert "Serial S1" in sentences(answer)


def test_a_future_arrival_is_refused(hospital, signed_in, path):
    answer = take(
        signed_in("storekeeper"), path, hospital, hospital.scan("S1"), arrived_at=f"{later(1)}T08:00"
    )
    assert answer.status_code == 409
    assert "lies in the future" in sentences(answer)
    assert not Receipt.objects.exists()


def test_too_many_lines_come_back_with_a_sentence(hospital, signed_in, path):
    scans = [hospital.scan(f"S{n}") for n in range(1001)]
    answer = take(signed_in("storekeeper"), path, hospital, *scans)
    assert answer.status_code == 409
    assert "are too many for one document" in sentences(answer)
    assert answer.content.decode().count("data-scan-row") >= 1001
    assert not Receipt.objects.exists()


def test_ten_thousand_lines_are_too_much_for_one_form(hospital, signed_in, path):
    answer = take(signed_in("storekeeper"), path, hospital, *(["x"] * 10_000))
    assert answer.status_code == 413
    assert not Receipt.objects.exists()


def test_received_before_it_is_already_here(hospital, signed_in, path):
    hospital.stocked("S1")
    answer = scanned(signed_in("storekeeper"), path, hospital.scan("S1"), dock_id=hospital.dock.pk)
    assert result(answer) == "error"
    assert "in the ledger already" in sentences(answer)


def test_the_order_is_found_by_its_number_or_a_unit(hospital, signed_in, order_id):
    client = signed_in("storekeeper")
    number = PurchaseOrder.objects.get(pk=order_id).number
    assert (
        scanned(client, "/storeroom/receiving", number).headers["HX-Redirect"]
        == f"/storeroom/receiving/{order_id}"
    )
    answer = scanned(client, "/storeroom/receiving", hospital.scan("S1"))
    assert answer.headers["HX-Redirect"] == f"/storeroom/receiving/{order_id}"
    assert "leads to no open order" in sentences(
        scanned(client, "/storeroom/receiving", hospital.scan("S1", item=hospital.other))
    )


def test_a_receipt_is_taken_back(hospital, signed_in, order_id, path):
    client = signed_in("storekeeper")
    done = take(client, path, hospital, hospital.scan("S1"))
    taken_back = client.post(f"{done.url}/void", {"key": key("void"), "reason": "wrong_scan"})
    assert taken_back.status_code == 302, sentences(taken_back)
    assert Receipt.objects.get().voided_at is not None
    assert PurchaseOrder.objects.get(pk=order_id).state == "placed"
    again = client.post(f"{done.url}/void", {"key": key("void"), "reason": "wrong_scan"})
    assert again.status_code == 409


def test_only_the_own_orders_code_counts(hospital, signed_in, path):
    """A code of another issuer for the same item is the same item."""
    ItemCode.objects.create(item=hospital.item, issuer="GS1", code=gtin(), level="case", quantity=10)
    code = ItemCode.objects.get(level="case").code
    answer = scanned(
        signed_in("storekeeper"), path, f"]d201{code}17991231" + "10L1", dock_id=hospital.dock.pk
    )
    assert "package of 10" in sentences(answer)


def test_two_symbols_of_one_label_are_one_scan(hospital, signed_in):
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{hospital.order(3)}"
    whole = hospital.scan("S1").removeprefix("]d2")
    product, production = whole[:16], whole[16:]
    first = scanned(client, path, f"]C1{product}", dock_id=hospital.dock.pk)
    assert result(first) == "error"
    assert "Scan the other code of the same label" in sentences(first)
    assert "hospital labels" not in sentences(first)
    second = scanned(client, path, f"]C1{production}", dock_id=hospital.dock.pk)
    assert result(second) == "ok"
    assert "data-paired" in second.content.decode()
    assert f'data-key="{hospital.epc("S1")}"' in second.content.decode()
    alone = scanned(client, path, f"]C1{production}", dock_id=hospital.dock.pk)
    assert result(alone) == "error"


def test_the_other_half_comes_in_time_and_to_the_same_page(hospital, signed_in, monkeypatch):
    client = signed_in("storekeeper")
    path, other = (f"/storeroom/receiving/{hospital.order(3)}" for _ in range(2))
    whole = hospital.scan("S1").removeprefix("]d2")
    scanned(client, path, f"]C1{whole[:16]}")
    assert result(scanned(client, other, f"]C1{whole[16:]}")) == "error"
    scanned(client, path, f"]C1{whole[:16]}")
    monkeypatch.setattr("yanji.web.scan.PAIR_SECONDS", -1)
    assert result(scanned(client, path, f"]C1{whole[16:]}")) == "error"


def test_a_number_that_is_no_orders_is_told_so(hospital, signed_in):
    answer = scanned(signed_in("storekeeper"), "/storeroom/receiving", "NOSUCH-PO")
    assert "NOSUCH-PO leads to no open order" in sentences(answer)
    assert "product code" not in sentences(answer)


def test_a_pallet_opens_its_order_and_is_counted_against_its_notice(hospital, signed_in):
    """Two items are owed, and three pieces of one are announced: nothing is short that was never announced."""
    order = hospital.order(5, hospital.item, hospital.other)
    serials = ("N1", "N2", "N3")
    lines = [
        Announced(hospital.item.pk, serial, "L1", later(400), epc=hospital.epc(serial), pallet="new")
        for serial in serials
    ]
    notice = announce(actor=hospital.actor("storekeeper"), key=unique("n"), order_id=order, lines=lines)
    pallet, client = Box.objects.get().code, signed_in("storekeeper")
    opened = scanned(client, "/storeroom/receiving", pallet)
    assert opened.headers["HX-Redirect"] == f"/storeroom/receiving/{order}"
    done = take(client, f"/storeroom/receiving/{order}", hospital, pallet, notice_id=notice.id)
    assert done.status_code == 302, sentences(done)
    assert [line.short for line in Receipt.objects.get().lines.order_by("id")] == [0, 0]
    shown = sentences(client.get(done.url))
    assert ("As announced" in shown, "Not announced" in shown, "As ordered" in shown) == (True, True, False)
    assert "leads to no open order" in sentences(scanned(client, "/storeroom/receiving", pallet))


def on_a_pallet(hospital, *serials: str) -> int:
    """An order of which everything comes on one pallet."""
    order = hospital.order(len(serials))
    lines = [
        Announced(hospital.item.pk, serial, "L2409A", later(400), epc=hospital.epc(serial), pallet="new")
        for serial in serials
    ]
    announce(actor=hospital.actor("storekeeper"), key=unique("n"), order_id=order, lines=lines)
    return order


def test_a_pallet_on_the_page_counts_once_with_what_is_scanned_beside_it(hospital, signed_in):
    """Whether one of its three is scanned before the pallet or after it: three come, and a fourth is one too many. A form that is
    shown again counts as it did."""
    order, item = on_a_pallet(hospital, "N1", "N2", "N3"), str(hospital.item.pk)
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{order}"
    code, beside = Box.objects.get().code, {"dock_id": hospital.dock.pk}
    alone = {"line": [hospital.scan("N1")], "row": [hospital.epc("N1")], "of": [item]}
    assert inside(scanned(client, path, hospital.scan("N1"), **beside)) == {}
    assert inside(scanned(client, path, code, **beside, **alone)) == {item: 2}
    pallet = scanned(client, path, code, **beside)
    sent = unescape(re.search(rf'name="inside:{code}" value="([^"]*)"', pallet.content.decode())[1])
    assert json.loads(sent) == {item: 3}
    listed_box = {"line": [code], "row": [code], "of": ["0"], f"inside:{code}": sent}
    of_it = scanned(client, path, hospital.scan("N2"), **beside, **listed_box)
    assert "outstanding" not in sentences(of_it)
    assert inside(of_it) == {item: 0}
    over = scanned(client, path, hospital.scan("N4"), **beside, **listed_box)
    assert "outstanding" in sentences(over)
    both = {name: alone[name] + listed_box[name] for name in alone} | {
        f"inside:{code}": json.dumps({item: 2})
    }
    again = client.post(path, {"key": key("receipt"), "dock_id": "", **both})
    assert (again.status_code, inside(again)) == (409, {item: 2})
    bad = client.post(path, {"key": key("receipt"), "dock_id": "", **both, f"inside:{code}": "[1, {"})
    assert (bad.status_code, inside(bad)) == (409, {item: 3})


def test_a_pallet_counts_what_has_not_come(hospital, signed_in):
    """One of its three was taken in alone: the pallet brings two, and two are ticked off as owed."""
    order = on_a_pallet(hospital, "N1", "N2", "N3")
    client, path = signed_in("storekeeper"), f"/storeroom/receiving/{order}"
    assert take(client, path, hospital, hospital.scan("N1")).status_code == 302
    row = scanned(client, path, Box.objects.get().code, dock_id=hospital.dock.pk)
    assert inside(row) == {str(hospital.item.pk): 2}


def test_a_blind_count_says_nothing_of_what_is_owed_until_the_delivery_is_in(hospital, signed_in, path):
    client = signed_in("storekeeper")
    assert "Count blind" in sentences(client.get(path))
    page = client.get(f"{path}?blind=1")
    assert "What is owed" not in sentences(page)
    assert "data-owed" not in page.content.decode()
    rows = listed(hospital, *(hospital.scan(f"S{n}") for n in range(3)))
    answer = scanned(client, path, hospital.scan("S9"), dock_id=hospital.dock.pk, blind="1", **rows)
    assert result(answer) == "ok"
    assert "outstanding" not in sentences(answer)
    done = take(client, path, hospital, hospital.scan("S1"), blind="1")
    assert Receipt.objects.get().blind
    shown = sentences(client.get(done.url))
    assert "Counted blind" in shown
    assert "2 short" in shown
    printed = sentences(client.get(f"/papers/receipt/{Receipt.objects.get().pk}/print"))
    assert "Counted blind" in printed


def test_a_surplus_of_a_blind_count_is_compared_before_it_is_booked(hospital, signed_in, path):
    client = signed_in("storekeeper")
    answer = take(client, path, hospital, *(hospital.scan(f"S{n}") for n in range(4)), blind="1")
    assert answer.status_code == 409
    assert 'name="blind" value="1"' in answer.content.decode()
    assert not Receipt.objects.exists()


def test_only_what_is_owed_is_counted_along(hospital, signed_in):
    """What came of one line makes up for nothing of another: the card and the page say what is still to come, and a line
    that is complete says so."""
    order = hospital.order(2, hospital.item, hospital.other)
    OrderLine.objects.filter(order=order, item=hospital.item).update(received=3, tolerance=1)
    PurchaseOrder.objects.filter(pk=order).update(state="partly_received")
    client = signed_in("storekeeper")
    assert "2 / 4" in " ".join(sentences(client.get("/storeroom/receiving")).split())
    said = " ".join(sentences(client.get(f"/storeroom/receiving/{order}")).split())
    assert ("0 / 0" in said, "0 / 2" in said) == (False, True)
    assert said.index(hospital.other.name_en) < said.index(hospital.item.name_en) < said.index("Complete")
