"""A quantity typed in packages is kept in pieces, and is shown in both wherever a counted item has packages."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site, soon
from tests.makers import unique
from tests.web.flows.acts import key, sentences
from yanji.access.models import Person
from yanji.catalog.models import Item, ItemCode
from yanji.flows.models import PurchaseOrder, Receipt, Requisition, ShipNotice


@pytest.fixture
def here(committed: Site) -> Site:
    """The counted item comes in tens and hundreds; the one with serial numbers in cartons of five."""
    for item, level, pieces in (
        (committed.counted, "inner", 10),
        (committed.counted, "case", 100),
        (committed.h.item, "case", 5),
    ):
        ItemCode.objects.create(item=item, issuer="LOCAL", code=unique("C"), level=level, quantity=pieces)
    return committed


def signed_in(who: Person) -> Client:
    who.language = "en"
    who.save(update_fields=["language"])
    client = Client()
    client.force_login(who)
    return client


def order_form(here: Site, **fields: str) -> dict[str, Any]:
    item = here.counted.pk
    return {
        "key": key("order"), "supplier_id": here.h.supplier.pk, "deliver_to_id": here.h.store.pk, "item": [item],
        f"quantity:{item}": "2", f"price:{item}": "3.50", f"reason:{item}": "new", "now": "1",
        **{f"{name}:{item}": value for name, value in fields.items()},
    }  # fmt: skip


def test_an_order_in_tens_is_kept_in_pieces_and_shown_in_both(here: Site) -> None:
    buyer = signed_in(here.buyer)
    page = sentences(buyer.post("/buyer/orders/new", order_form(here, per="10"), follow=True))
    order = PurchaseOrder.objects.get()
    assert [(line.quantity, str(line.price)) for line in order.lines.all()] == [(20, "3.50")]
    assert "20 2 × 10" in page
    assert "(2 × 10)" in sentences(buyer.get(f"/papers/order/{order.pk}/print"))


@pytest.mark.parametrize("per", ["7", "0", "-10", "ten", "9" * 30])
def test_a_package_that_the_item_has_not_is_refused(here: Site, per: str) -> None:
    buyer = signed_in(here.buyer)
    odd = buyer.post("/buyer/orders/new", order_form(here, per=per))
    assert (odd.status_code, "Counted in: this choice is not one" in sentences(odd)) == (409, True)
    assert not PurchaseOrder.objects.exists()


def test_a_refused_form_keeps_what_was_chosen(here: Site) -> None:
    odd = signed_in(here.buyer).post("/buyer/orders/new", order_form(here, per="10", quantity="two"))
    assert odd.status_code == 409
    assert 'value="10" selected' in odd.content.decode()
    assert not PurchaseOrder.objects.exists()


def test_a_requisition_in_hundreds(here: Site) -> None:
    here.stocked_lot(250, expiry=soon(90))
    nurse, item = signed_in(here.nurse), here.counted.pk
    line = nurse.get(f"/ward/requisitions/line?item={item}").content.decode()
    assert f'name="per:{item}"' in line
    assert (
        f'name="per:{here.h.item.pk}"'
        not in nurse.get(f"/ward/requisitions/line?item={here.h.item.pk}").content.decode()
    )  # what has a serial number is asked for one by one
    sent = {
        "key": key("requisition"), "department_id": here.h.department.pk, "store_id": here.h.store.pk, "item": [item],
        f"quantity:{item}": "1", f"per:{item}": "100",
    }  # fmt: skip
    page = sentences(nurse.post("/ward/requisitions/new", sent, follow=True))
    assert [line.quantity for line in Requisition.objects.get().lines.all()] == [100]
    assert "100 1 × 100" in page
    keeper = signed_in(here.storekeeper)
    assert "1 × 100" in sentences(keeper.get(f"/storeroom/picking/{Requisition.objects.get().pk}"))
    assert "250 2 × 100 + 5 × 10" in sentences(keeper.get(f"/stock?item={item}&by=lot"))


def test_a_ship_notice_in_tens(here: Site) -> None:
    order = here.order((here.counted, 100))
    buyer, path = signed_in(here.buyer), f"/buyer/orders/{order.id}/notice"
    assert "× 10" in sentences(buyer.get(path))
    row = {
        "key": key("notice"), "item": [here.counted.pk], "serial": [""], "lot": ["B7"], "expiry": [soon(90).isoformat()],
        "quantity": ["3"], "epc": [""], "box": [""], "pallet": [""],
    }  # fmt: skip
    odd = buyer.post(path, {**row, "per": ["7"]})
    assert (odd.status_code, "Counted in: this choice is not one" in sentences(odd)) == (409, True)
    assert not ShipNotice.objects.exists()
    buyer.post(path, {**row, "per": ["10"]})
    assert [line.quantity for line in ShipNotice.objects.get().lines.all()] == [30]


CARTON = "16901234500018"


@pytest.mark.parametrize("typed", [CARTON, "LOCAL-10", f"]d201{CARTON}17300101" + "10B7"])
def test_a_cartons_code_chooses_its_package(here: Site, typed: str) -> None:
    """Typed or scanned alone, or within a whole label; the code of a single piece chooses none."""
    for issuer, code, pieces in (("GS1", CARTON, 10), ("LOCAL", "LOCAL-10", 10), ("LOCAL", "ONE", 1)):
        ItemCode.objects.create(
            item=here.counted,
            issuer=issuer,
            code=code,
            level="inner" if pieces > 1 else "unit",
            quantity=pieces,
        )
    item = here.counted.pk
    for who, of in ((here.buyer, "buyer/orders"), (here.nurse, "ward/requisitions")):
        client = signed_in(who)
        found = client.get(f"/{of}/items", {"q": typed}).content.decode()
        assert (of, f"line?item={item}&amp;per=10" in found) == (of, True)
        for plain in (here.counted.code, "ONE", here.counted.name_zh):
            answer = client.get(f"/{of}/items", {"q": plain}).content.decode()
            assert (plain, f"line?item={item}" in answer, "per=" in answer) == (plain, True, False)
        line = client.get(f"/{of}/line", {"item": item, "per": "10"}).content.decode()
        assert (of, 'value="10" selected' in line) == (of, True)
        assert " selected" not in client.get(f"/{of}/line", {"item": item, "per": "7"}).content.decode()


def test_a_cartons_label_in_a_notice_is_entered_in_cartons(here: Site) -> None:
    ItemCode.objects.create(item=here.counted, issuer="GS1", code=CARTON, level="inner", quantity=10)
    order = here.order((here.counted, 100))
    path = f"/buyer/orders/{order.id}/notice/read"
    read = signed_in(here.buyer).post(path, {"scan": f"]d201{CARTON}17300101" + "3002\x1d10B7"}).json()
    assert {name: read["fields"][name] for name in ("quantity", "per", "lot")} == {
        "quantity": "2", "per": "10", "lot": "B7"
    }  # fmt: skip


def test_a_receipt_shows_the_packages(here: Site) -> None:
    here.stocked_lot(30, expiry=soon(90))
    page = signed_in(here.storekeeper).get(f"/storeroom/receipts/{Receipt.objects.get().pk}")
    assert "30 3 × 10" in sentences(page)


def test_one_statement_tells_the_packages_of_a_form(here: Site) -> None:
    """However many lines stand in a form that comes back, their packages are read at once."""
    buyer, counts = signed_in(here.buyer), []
    more = [Item.objects.create(code=unique("M"), name_zh="管", tracking="lot") for _ in range(5)]
    for items in ([here.counted], [here.counted, *more]):
        sent = order_form(here, quantity="two")
        sent["item"] = [item.pk for item in items]
        with CaptureQueriesContext(connection) as captured:
            assert buyer.post("/buyer/orders/new", sent).status_code == 409
        counts.append(sum("catalog_itemcode" in query["sql"] for query in captured))
    assert counts[0] == counts[1] == 1
