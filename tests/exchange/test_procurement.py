"""Story: what a ward needs is approved, ordered by contract, answered, received in parts, charged, held and paid; by the API."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.exchange.client import ApiClient
from tests.flows.approving import role, rule, signer
from tests.flows.buying import supplier_person, today
from tests.flows.site import Site, contents, person
from yanji.catalog.models import Licence, Supplier
from yanji.flows.approval import waiting_for
from yanji.flows.models import OrderLine, PurchaseOrder

YEAR = timedelta(days=300)


def contract(buyer: ApiClient, here: Site, **more) -> dict:
    return buyer.done(
        "/contracts", supplier_id=here.h.supplier.pk, place_id=here.h.campus.pk, valid_from=today() - YEAR,
        valid_to=today() + YEAR, prices=[{"item_id": here.h.item.pk, "price": "90.00"}],
        **{"over_delivery_percent": "10", "maximum_value": "100000", "two_invoice": True, **more},
    )  # fmt: skip


def arrivals(here: Site, *serials: str) -> list[dict]:
    return [
        {
            "item_id": here.h.item.pk,
            "epc": f"01/06901234500011/21/{s}",
            "serial": s,
            "lot": "L1",
            "expiry": "2099-01-01",
        }
        for s in serials
    ]


def test_from_a_need_to_its_payment(committed: Site) -> None:
    here, h = committed, committed.h
    buyer, nurse, keeper = ApiClient(here.buyer), ApiClient(here.nurse), ApiClient(here.storekeeper)
    chief = signer(role("科主任", "Head"), h.campus)
    rule(h.campus, chief.grants.get().role, kind="order", from_amount=900)
    head, supplier = ApiClient(chief), ApiClient(supplier_person(here))
    payer = ApiClient(person("accountant", h.campus))

    agreed = contract(buyer, here)
    buyer.done(f"/contracts/{agreed['id']}/start")
    asked = nurse.done(
        "/purchase-requests", place_id=h.department.pk, reason="Cases of next week",
        lines=[{"item_id": h.item.pk, "quantity": 20}],
    )  # fmt: skip
    assert nurse.get(f"/purchase-requests/{asked['id']}").json()["amount"] == "1800.00"

    off = {"item_id": h.item.pk, "quantity": 10, "price": "95.00"}
    refused = buyer.post("/orders", supplier_id=h.supplier.pk, deliver_to_id=h.store.pk, lines=[off])
    assert (refused.status_code, refused.json()["code"]) == (422, "price_off_contract")
    soon = str(today() + timedelta(days=3))
    late = str(today() - timedelta(days=2))
    parts = [{"due_on": soon, "quantity": 4}, {"due_on": late, "quantity": 6}]
    line = {"item_id": h.item.pk, "quantity": 10, "parts": parts}
    order = buyer.done(
        "/orders", supplier_id=h.supplier.pk, deliver_to_id=h.store.pk, lines=[line], request_id=asked["id"]
    )
    assert order["state"] == "waiting"
    [step] = waiting_for(here.actor(chief))
    head.done(f"/approvals/{step.pk}/decisions", approve=True)
    assert PurchaseOrder.objects.get(pk=order["id"]).state == "placed"
    [kept] = buyer.get(f"/orders/{order['id']}").json()["lines"]
    assert (kept["price"], kept["contract_price"]) == ("90.00", "90.00")
    assert buyer.get(f"/purchase-requests/{asked['id']}").json()["lines"][0]["open"] == 10

    answer = supplier.done(
        f"/order-lines/{kept['id']}/answers", verdict="changed", pieces=9, promised_on=soon
    )
    assert answer["facts"]["settled"] == "open"
    owed = buyer.get("/back-orders", late_only=True).json()
    assert [(due["pieces"], due["days_late"], due["promised_on"]) for due in owed] == [(6, 2, soon)]
    buyer.done(f"/answers/{answer['id']}/settle", accept=True)
    assert OrderLine.objects.get(pk=kept["id"]).outstanding == 9

    # Nine are owed; the contract lets one more in, a second one not.
    serials = [f"N{n}" for n in range(11)]
    path = f"/orders/{order['id']}/receipts"
    over = keeper.post(path, dock_id=h.store.pk, arrivals=arrivals(here, *serials))
    assert over.json()["code"] == "over_delivered"
    receipt = keeper.done(path, dock_id=h.store.pk, arrivals=arrivals(here, *serials[:10]))
    assert receipt["state"] == "received"

    buyer.done(f"/receipts/{receipt['id']}/costs", kind="freight", basis="count", amount="10.05")
    shares = buyer.get(f"/receipts/{receipt['id']}/costs").json()
    assert sum(Decimal(share["bears"]) for share in shares) == Decimal("10.05")
    landed = buyer.get("/units/landed-cost", epc=shares[0]["epc"]).json()
    assert Decimal(landed["total"]) == Decimal(landed["cost"]) + Decimal(landed["landed"]["freight"])
    assert nurse.get("/units/landed-cost", epc=shares[0]["epc"]).status_code == 404

    billed = [
        {"order_id": order["id"], "item_id": h.item.pk, "serial": s, "price": "90.00"} for s in serials[:9]
    ]
    billed.append({"order_id": order["id"], "item_id": h.item.pk, "serial": "GHOST", "price": "90.00"})
    sent = {
        "supplier_id": h.supplier.pk,
        "place_id": h.campus.pk,
        "reference": "F-1",
        "invoiced_on": str(today()),
    }
    wrong = buyer.post("/invoices", **sent, total="899.00", lines=billed)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "total_differs")
    first = supplier.done("/invoices", **sent, total="900.00", lines=billed)
    assert (first["state"], first["facts"]["results"]) == ("differs", {"matched": 9, "not_received": 1})
    assert [each["reference"] for each in supplier.get("/invoices").json()] == ["F-1"]
    payer_says = payer.post(f"/invoices/{first['id']}/release")
    assert payer_says.json()["code"] == "payment_held"
    buyer.done(f"/invoices/{first['id']}/void", reason="One unit too many")

    again = buyer.done("/invoices", **sent, total="810.00", lines=billed[:9])
    assert again["state"] == "matched"
    held = payer.get(f"/invoices/{again['id']}").json()["holds"]
    assert [hold["code"] for hold in held] == ["two_invoice"]
    made = {"seller": "Maker", "number": "M-7", "issued_on": str(today())}
    shown = keeper.done(f"/receipts/{receipt['id']}/first-invoices", **made)
    keeper.done(f"/first-invoices/{shown['id']}/verify")
    mine = buyer.post(f"/invoices/{again['id']}/release")
    assert mine.status_code == 403
    assert payer.done(f"/invoices/{again['id']}/release")["state"] == "released"
    full = payer.get(f"/invoices/{again['id']}").json()
    assert {line["result"] for line in full["lines"]} == {"matched"}
    assert all(hold["lifted_at"] for hold in full["holds"])


def test_lapsing_papers_are_listed_by_urgency(committed: Site) -> None:
    for kind, days in (("business", -1), ("device_trade", 25), ("authorisation", 61)):
        Licence.objects.create(
            supplier=committed.h.supplier, kind=kind, number=kind, valid_from=today() - YEAR,
            valid_to=today() + timedelta(days=days),
        )  # fmt: skip
    # Renewed: the older row says nothing any more.
    Licence.objects.create(
        supplier=committed.h.supplier, kind="device_trade", number="new", valid_from=today() + timedelta(days=26),
        valid_to=today() + timedelta(days=85),
    )  # fmt: skip
    found = ApiClient(committed.buyer).get("/papers/due").json()
    assert [(paper["kind"], paper["days_left"], paper["level"]) for paper in found] == [
        ("business", -1, 0), ("authorisation", 61, 90), ("device_trade", 85, 90),
    ]  # fmt: skip
    assert len(ApiClient(committed.buyer).get("/papers/due", days=30).json()) == 1
    other = Supplier.objects.create(code="OTHER", name_zh="别家")
    assert ApiClient(supplier_person(committed, other.pk)).get("/papers/due").json() == []


def test_a_supplier_reads_no_invoice_and_answers_no_line_of_another(committed: Site) -> None:
    here = committed
    order = here.order()
    here.receive(order, here.arrival(serial="Z1"))
    buyer = ApiClient(here.buyer)
    line = OrderLine.objects.get(order_id=order.id)
    sent = {
        "supplier_id": here.h.supplier.pk,
        "place_id": here.h.campus.pk,
        "reference": "F",
        "invoiced_on": str(today()),
    }
    charged = {"order_id": order.id, "item_id": here.h.item.pk, "serial": "Z1", "price": "100"}
    invoice = buyer.done("/invoices", **sent, total="100", lines=[charged])
    other = Supplier.objects.create(code="ELSE", name_zh="别家")
    stranger = ApiClient(supplier_person(here, other.pk))
    before = contents()
    assert stranger.get(f"/invoices/{invoice['id']}").status_code == 404
    assert stranger.get("/invoices").json() == []
    assert stranger.post(f"/order-lines/{line.pk}/answers", verdict="confirmed").status_code == 404
    assert stranger.post("/invoices", **sent, total="0", lines=[]).status_code == 404
    assert contents() == before


@pytest.mark.parametrize(
    ("path", "payload", "status", "code"),
    [
        ("/purchase-requests", {"place_id": 10**9, "reason": "x", "lines": []}, 404, "not_found"),
        ("/contracts/999999999/start", {}, 404, "not_found"),
        ("/answers/999999999/settle", {"accept": True}, 404, "not_found"),
        ("/orders/999999999/changes", {"lines": []}, 404, "not_found"),
        ("/invoices/999999999/match", {}, 404, "not_found"),
        ("/costs/999999999/void", {"reason": "x"}, 404, "not_found"),
        ("/buying-rules", {"over_delivery_percent": "101"}, 422, "bad_field"),
    ],
)  # fmt: skip
def test_what_is_absent_or_absurd(committed: Site, path, payload, status, code) -> None:
    before = contents()
    answer = ApiClient(committed.buyer).post(path, **payload)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert contents() == before
