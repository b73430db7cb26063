"""Requests, contracts, changed orders, invoices and papers through their pages."""

from decimal import Decimal
from unittest.mock import ANY

import pytest
from django.test import Client

from tests.flows.approving import role, rule, signer
from tests.flows.site import person
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.catalog.models import Licence
from yanji.flows.approval import decide
from yanji.flows.buying.contracts import Agreed, Terms, start_contract, write_contract
from yanji.flows.buying.models import (
    Contract,
    DeliveryPart,
    LineAnswer,
    OrderChange,
    PaperRule,
    PurchaseRequest,
)
from yanji.flows.invoices.models import FirstInvoice, Hold, Invoice, InvoiceLine
from yanji.flows.landed.models import LandedCost
from yanji.flows.models import OrderLine, PurchaseOrder, Receipt
from yanji.flows.models_approval import Approval
from yanji.web.buyer.invoices import MOST_SERIALS, by_result

from .acts import key, sentences
from .world import later


@pytest.fixture
def accountant(hospital):
    hospital.people["accountant"] = person("accountant", hospital.campus)
    return hospital.people["accountant"]


def contract(hospital, price="6000", **terms):
    done = write_contract(
        actor=hospital.actor("buyer"), key=unique("k"), supplier_id=hospital.supplier.pk, place_id=hospital.campus.pk,
        terms=Terms(later(-10), later(300), **terms), prices=[Agreed(hospital.item.pk, Decimal(price))],
    )  # fmt: skip
    start_contract(actor=hospital.actor("buyer"), key=unique("k"), contract_id=done.id)
    return Contract.objects.get(pk=done.id)


def order_form(hospital, **more):
    item = hospital.item.pk
    plain = {
        "key": key("order"),
        "supplier_id": hospital.supplier.pk,
        "deliver_to_id": hospital.store.pk,
        "item": [item],
    }
    return {**plain, f"quantity:{item}": "3", **more}


# Requests


def test_a_ward_asks_and_the_buyer_orders_what_is_open(hospital, signed_in):
    nurse, item = signed_in("nurse"), hospital.item.pk
    sent = {"key": key("request"), "place_id": hospital.department.pk, "why": "More cases", "item": [item]}
    asked = nurse.post(
        "/buyer/requests/new", {**sent, "needed_by": later(9).isoformat(), f"quantity:{item}": "5"}
    )
    found = PurchaseRequest.objects.get()
    assert asked.url == f"/buyer/requests/{found.pk}"
    assert "More cases" in sentences(nurse.get(asked.url))
    buyer = signed_in("buyer")
    listed = buyer.get("/buyer/requests")
    assert found.number in sentences(listed)
    assert "<th>Purchase request</th>" in listed.content.decode(), "a request is what a ward asks of a store"
    form = buyer.get(f"/buyer/orders/new?request={found.pk}")
    assert f'name="quantity:{item}" value="5"' in form.content.decode()
    sent = order_form(
        hospital, request_id=found.pk, deliver_to_id=hospital.department.pk, **{f"quantity:{item}": "4"}
    )
    buyer.post("/buyer/orders/new", sent)
    found.refresh_from_db()
    assert found.state == "partly_ordered"
    assert PurchaseOrder.objects.get().number in sentences(buyer.get(asked.url))


def test_a_request_without_reason_comes_back(hospital, signed_in):
    item = hospital.item.pk
    sent = {
        "key": key("request"),
        "place_id": hospital.department.pk,
        "why": " ",
        "item": [item],
        f"quantity:{item}": "5",
    }
    answer = signed_in("nurse").post("/buyer/requests/new", sent)
    assert answer.status_code == 409
    assert "“Reason” is empty" in sentences(answer)
    assert not PurchaseRequest.objects.exists()


# Contract prices in the order's form


def test_an_empty_price_is_the_contracts_and_another_needs_a_reason(hospital, signed_in):
    agreed, buyer, item = contract(hospital), signed_in("buyer"), hospital.item.pk
    line = buyer.get(
        "/buyer/orders/line",
        {"item": item, "supplier_id": hospital.supplier.pk, "deliver_to_id": hospital.store.pk},
    )
    assert 'value="6000.00"' in line.content.decode()
    assert agreed.number in sentences(line)
    refused = buyer.post("/buyer/orders/new", order_form(hospital, **{f"price:{item}": "6100"}))
    assert refused.status_code == 409
    assert "difference +100.00" in sentences(refused)
    assert not PurchaseOrder.objects.exists()
    buyer.post(
        "/buyer/orders/new", order_form(hospital, **{f"price:{item}": "6100", f"reason:{item}": "Rush"})
    )
    assert "off the contract: Rush" in sentences(buyer.get(f"/buyer/orders/{PurchaseOrder.objects.get().pk}"))
    buyer.post("/buyer/orders/new", order_form(hospital))
    assert OrderLine.objects.latest("pk").price == 6000


def parts(item, *rows):
    """The rows of a line's deliveries as the form sends them: day, pieces, place."""
    return {
        f"{name}:{item}": [row[position] for row in rows]
        for position, name in enumerate(("due", "pieces", "place"))
    }


def test_deliveries_are_typed_as_days_pieces_and_places(hospital, signed_in):
    buyer, item, there = signed_in("buyer"), hospital.item.pk, hospital.department
    rows = [(later(5), "1", ""), ("", "", ""), (later(9), "2", there.pk)]
    buyer.post("/buyer/orders/new", order_form(hospital, **parts(item, *rows)))
    written = [(part.quantity, part.place_id) for part in DeliveryPart.objects.order_by("due_on")]
    assert written == [(1, None), (2, there.pk)]
    order = PurchaseOrder.objects.get()
    assert there.name_en in sentences(buyer.get(f"/buyer/orders/{order.pk}"))
    outside = person("supplier", hospital.campus)
    outside.supplier = hospital.supplier
    outside.save(update_fields=["supplier"])
    supplier = Client()
    supplier.force_login(outside)
    shown = sentences(supplier.get(f"/supplier/orders/{order.pk}"))
    assert there.name in shown
    assert "应到日期" in shown
    for bad in [("", "3", ""), (later(5), "0", ""), (later(5), "", "")]:
        wrong = buyer.post("/buyer/orders/new", order_form(hospital, **parts(item, bad)))
        assert "a delivery needs its day and its pieces" in sentences(wrong)
    elsewhere = buyer.post("/buyer/orders/new", order_form(hospital, **parts(item, (later(5), "3", "x"))))
    assert "Choose again" in sentences(elsewhere)
    past = buyer.post("/buyer/orders/new", order_form(hospital, **parts(item, (later(-2), "3", ""))))
    assert f"a delivery is due on {later(-2)}, and today is {later(0)}" in sentences(past)
    assert f'value="{later(-2)}"' in past.content.decode()
    assert (past.status_code, PurchaseOrder.objects.count()) == (409, 1)
    buyer.post("/buyer/orders/new", order_form(hospital, **parts(item, (later(0), "3", ""))))
    DeliveryPart.objects.filter(due_on=later(0)).update(due_on=later(-2))
    assert "2 days late" in sentences(buyer.get("/buyer/orders/owed"))


def test_a_change_keeps_the_places_of_deliveries_and_gives_them_others(hospital, signed_in):
    buyer, item, there = signed_in("buyer"), hospital.item.pk, hospital.department
    buyer.post("/buyer/orders/new", order_form(hospital, **parts(item, (later(5), "3", there.pk))))
    order = PurchaseOrder.objects.get()
    form = buyer.get(f"/buyer/orders/{order.pk}/change").content.decode()
    assert f'<option value="{there.pk}" selected>' in form
    moved = parts(item, (later(5), "1", there.pk), (later(6), "2", ""))
    sent = {"key": key("change"), "item": [item], f"quantity:{item}": "3", f"price:{item}": "6980", **moved}
    assert buyer.post(f"/buyer/orders/{order.pk}/change", {**sent, "reason": "Half later"}).status_code == 302
    kept = [(part.quantity, part.place_id) for part in DeliveryPart.objects.order_by("due_on")]
    assert kept == [(1, there.pk), (2, None)]


# Orders after they were written


def test_a_change_waits_shows_and_is_withdrawn(hospital, signed_in):
    head = role("科主任", "Head")
    order_id = hospital.order(2)
    rule(hospital.campus, head, kind="order")
    buyer, item = signed_in("buyer"), hospital.item.pk
    form = buyer.get(f"/buyer/orders/{order_id}/change")
    assert f'name="quantity:{item}" value="2"' in form.content.decode()
    sent = {
        "key": key("change"),
        "item": [item],
        f"quantity:{item}": "4",
        f"price:{item}": "6980",
        "reason": "Bigger packs",
    }
    buyer.post(f"/buyer/orders/{order_id}/change", sent)
    shown = sentences(buyer.get(f"/buyer/orders/{order_id}"))
    assert "A change waits" in shown
    assert "Bigger packs" in shown
    buyer.post(f"/buyer/orders/{order_id}/change/drop", {"key": key("drop")})
    assert OrderChange.objects.get().state == "withdrawn"
    buyer.post(f"/buyer/orders/{order_id}/change", {**sent, "key": key("change")})
    decide(
        actor=Actor(signer(head, hospital.campus).pk, "x", {"approve": ("/",), "view": ("/",)}),
        key=unique("k"), approval_id=Approval.objects.get(state="waiting").pk, approve=True,
    )  # fmt: skip
    assert OrderLine.objects.get(order_id=order_id).quantity == 4


def test_an_order_is_withdrawn_and_cancelled(hospital, signed_in):
    rule(hospital.campus, role("科主任", "Head"), kind="order")
    buyer, order_id = signed_in("buyer"), hospital.order(2)
    page = sentences(buyer.get(f"/buyer/orders/{order_id}"))
    assert "Waiting for approval" in page
    buyer.post(f"/buyer/orders/{order_id}/withdraw", {"key": key("withdraw")})
    assert PurchaseOrder.objects.get().state == "draft"
    without = buyer.post(f"/buyer/orders/{order_id}/cancel", {"key": key("cancel"), "reason": ""})
    assert without.status_code == 409
    buyer.post(f"/buyer/orders/{order_id}/cancel", {"key": key("cancel"), "reason": "Not needed"})
    assert PurchaseOrder.objects.get().state == "cancelled"


def test_the_suppliers_answer_is_kept_and_settled(hospital, signed_in):
    buyer, order_id = signed_in("buyer"), hospital.order(5)
    line = OrderLine.objects.get()
    sent = {
        "key": key("answer"),
        "line_id": line.pk,
        "verdict": "changed",
        "pieces": "3",
        "promised_on": later(4).isoformat(),
    }
    buyer.post(f"/buyer/orders/{order_id}/answer", sent)
    shown = sentences(buyer.get(f"/buyer/orders/{order_id}"))
    assert "Supplier: 3 will come" in shown
    assert f"promised for {later(4)}" in shown
    answer = LineAnswer.objects.get()
    buyer.post(f"/buyer/answers/{answer.pk}/settle", {"key": key("settle"), "accept": "yes"})
    assert OrderLine.objects.get().given_up == 2
    other = hospital.order(1)
    assert buyer.post(f"/buyer/orders/{other}/answer", {**sent, "key": key("answer")}).status_code == 409


# Contracts


def test_a_contract_is_written_put_in_force_and_ended(hospital, signed_in):
    buyer, item = signed_in("buyer"), hospital.item.pk
    sent = {
        "key": key("contract"), "supplier_id": hospital.supplier.pk, "place_id": hospital.campus.pk, "reference": "HT-9",
        "valid_from": later(-1).isoformat(), "valid_to": later(300).isoformat(), "maximum_value": "50,000", "two_invoice": "yes",
        "over_delivery_percent": "5", "item": [item], f"price:{item}": "6000",
    }  # fmt: skip
    bad = buyer.post("/buyer/contracts/new", {**sent, "valid_to": "", "over_delivery_percent": "many"})
    assert "“Valid to” is empty" in sentences(bad)
    doubtful = buyer.post("/buyer/contracts/new", {**sent, "maximum_value": "1,5"})
    assert "“1,5”" in sentences(doubtful), "it may be 15 or 1.5"
    assert not Contract.objects.exists()
    made = buyer.post("/buyer/contracts/new", sent)
    found = Contract.objects.get()
    assert (found.maximum_value, found.two_invoice, found.state) == (50000, True, "draft")
    buyer.post(f"{made.url}/edit", {**sent, "key": key("contract"), "reference": "HT-10"})
    buyer.post(f"{made.url}/start", {"key": key("start")})
    found.refresh_from_db()
    assert (found.reference, found.state) == ("HT-10", "active")
    buyer.post("/buyer/orders/new", order_form(hospital))
    assert "¥ 18.0 K" in sentences(buyer.get(made.url))
    buyer.post(f"{made.url}/end", {"key": key("end"), "reason": "New tender"})
    found.refresh_from_db()
    assert found.state == "ended"


# Invoices


def test_pieces_are_counted_and_rows_are_cut():
    whole = by_result([InvoiceLine(result="matched", quantity=10)])
    assert [(rows, pieces, more) for *_, rows, pieces, more in whole] == [([ANY], 10, False)]
    long = by_result([InvoiceLine(result="matched", quantity=1)] * (MOST_SERIALS + 1))
    assert [(len(rows), pieces, more) for *_, rows, pieces, more in long] == [
        (MOST_SERIALS, MOST_SERIALS + 1, True)
    ]


def delivered(hospital, *serials):
    hospital.stocked(*serials)
    return PurchaseOrder.objects.get()


def invoice_form(hospital, order, *serials, price="6980", total=None, **more):
    count = len(serials)
    rows = {
        "of": [f"{order.pk}:{hospital.item.pk}"] * count, "serial": list(serials), "lot": [""] * count,
        "quantity": ["1"] * count, "price": [price] * count,
    }  # fmt: skip
    return {
        "key": key("invoice"), "supplier_id": hospital.supplier.pk, "place_id": hospital.campus.pk,
        "reference": unique("F"), "invoiced_on": later(0).isoformat(), "total": total or str(Decimal(price) * count),
        **rows, **more,
    }  # fmt: skip


def test_what_came_is_filled_in_and_matches(hospital, signed_in, accountant):
    order = delivered(hospital, "S1", "S2")
    buyer = signed_in("buyer")
    form = buyer.get(f"/buyer/invoices/new?supplier={hospital.supplier.pk}&order={order.pk}").content.decode()
    assert 'name="serial" maxlength="300" value="S1"' in form
    assert 'value="13960.00"' in form
    made = buyer.post("/buyer/invoices/new", invoice_form(hospital, order, "S1", hospital.scan("S2")))
    shown = sentences(buyer.get(made.url))
    assert "Order, receipt and invoice agree" in shown
    assert "2 / 2" in shown
    payer = signed_in("accountant")
    assert "Ready for me to release" in sentences(payer.get("/"))
    payer.post(f"{made.url}/release", {"key": key("release")})
    assert Invoice.objects.get().state == "released"
    assert "Released for payment" in sentences(payer.get("/buyer/invoices?state=all"))


def test_differences_are_shown_and_hold_the_money(hospital, signed_in, accountant):
    order = delivered(hospital, "S1")
    buyer = signed_in("buyer")
    made = buyer.post("/buyer/invoices/new", invoice_form(hospital, order, "S1", "GHOST", price="7000"))
    shown = sentences(buyer.get(made.url))
    assert "Goods or prices differ" in shown
    assert "Not received" in shown
    assert "+20.00" in shown
    payer = signed_in("accountant")
    held = payer.post(f"{made.url}/release", {"key": key("release")})
    assert held.status_code == 409
    assert "is held" in sentences(held)
    payer.post(f"{made.url}/accept", {"key": key("accept"), "reason": "Agreed"})
    assert Invoice.objects.get().state == "differs"
    buyer.post(f"{made.url}/void", {"key": key("void"), "reason": "Wrong"})
    assert Invoice.objects.get().state == "voided"


def test_a_total_that_does_not_add_up_comes_back_as_typed(hospital, signed_in):
    order = delivered(hospital, "S1")
    answer = signed_in("buyer").post(
        "/buyer/invoices/new", invoice_form(hospital, order, "S1", total="1", note="keep this")
    )
    assert answer.status_code == 409
    assert "The lines add up to 6980.00" in sentences(answer)
    assert b"keep this" in answer.content
    assert not Invoice.objects.exists()


def test_payment_is_held_and_let_go_by_hand(hospital, signed_in, accountant):
    order = delivered(hospital, "S1")
    made = signed_in("buyer").post("/buyer/invoices/new", invoice_form(hospital, order, "S1"))
    payer = signed_in("accountant")
    payer.post(f"{made.url}/hold", {"key": key("hold"), "reason": "Recall"})
    assert "Held by hand" in sentences(payer.get(made.url))
    payer.post(f"{made.url}/lift", {"key": key("lift"), "reason": "Settled"})
    assert Hold.objects.get().lifted_because == "Settled"
    assert signed_in("nurse").get(made.url).status_code == 403
    assert payer.get("/buyer/invoices/999999999").status_code == 404


def test_the_makers_invoice_and_costs_of_a_delivery(hospital, signed_in):
    delivered(hospital, "S1", "S2")
    receipt = Receipt.objects.get()
    page, buyer = f"/buyer/deliveries/{receipt.pk}", signed_in("buyer")
    buyer.post("/buyer/rules/two-invoice", {"key": key("two"), "family": "", "needed": "yes"})
    assert "Needed for payment" in sentences(buyer.get(page))
    keeper = signed_in("storekeeper")
    sent = {"key": key("first"), "seller": "Maker", "number": "M-1", "issued_on": later(-3).isoformat()}
    assert keeper.post(f"{page}/first", {**sent, "issued_on": "soon"}).status_code == 409
    keeper.post(f"{page}/first", sent)
    first = FirstInvoice.objects.get()
    assert f"{page}/verify" not in keeper.get(page).content.decode()
    assert (
        keeper.post(f"{page}/verify", {"key": key("alone"), "first_invoice_id": first.pk}).status_code == 409
    )
    buyer.post(f"{page}/verify", {"key": key("verify"), "first_invoice_id": first.pk})
    assert "verified by" in sentences(keeper.get(page))
    buyer.post(f"{page}/cost", {"key": key("cost"), "kind": "freight", "basis": "count", "amount": "10"})
    shown = sentences(buyer.get(page))
    assert "What each unit bears" in shown
    assert "¥ 5.00" in shown
    assert "¥ 6,985.00" in sentences(buyer.get(f"/unit/{hospital.epc('S1')}"))
    assert "What each unit bears" not in sentences(keeper.get(page))
    cost = LandedCost.objects.get()
    buyer.post(f"{page}/cost/void", {"key": key("void"), "cost_id": cost.pk, "reason": "Wrong bill"})
    assert LandedCost.objects.get().voided_because == "Wrong bill"
    assert keeper.post(f"{page}/cost", {"key": key("cost")}).status_code == 403


# Papers and rules


def test_papers_to_renew_are_listed_and_counted_at_home(hospital, signed_in):
    Licence.objects.create(
        supplier=hospital.supplier, kind="authorisation", number="AUTH-7", maker=hospital.item.maker,
        valid_from=later(-300), valid_to=later(12),
    )  # fmt: skip
    buyer = signed_in("buyer")
    shown = sentences(buyer.get("/buyer/papers"))
    assert "AUTH-7" in shown
    assert "12 days left" in shown
    assert "AUTH-7" not in sentences(buyer.get("/buyer/papers?level=0"))
    assert "AUTH-7" not in sentences(buyer.get("/buyer/papers?kind=registration"))
    assert "Papers to renew" in sentences(buyer.get("/"))
    assert signed_in("nurse").get("/buyer/papers").status_code == 403


def test_rules_are_kept_and_warn_at_the_order(hospital, signed_in):
    buyer = signed_in("buyer")
    sent = {
        "key": key("rules"),
        "over_delivery_percent": "2.5",
        "price_tolerance_percent": "1",
        "paper-order:authorisation": "warn",
    }
    buyer.post("/buyer/rules", sent)
    assert PaperRule.objects.get(stage="order", paper="authorisation").answer == "warn"
    Licence.objects.filter(kind="authorisation").update(valid_to=later(-2))
    placed = buyer.post("/buyer/orders/new", order_form(hospital), follow=True)
    assert "is not authorised by" in sentences(placed)
    wrong = buyer.post("/buyer/rules", {**sent, "key": key("rules"), "over_delivery_percent": "many"})
    assert wrong.status_code == 409
    assert "is not a percentage" in sentences(wrong)
