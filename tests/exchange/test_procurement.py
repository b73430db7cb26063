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
from yanji.flows.buying.models import DeliveryPart
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
    story = Story(committed)
    asked = story.asked_under_a_contract()
    story.no_price_of_ones_own()
    story.ordered_by_mistake()
    order, line = story.ordered_and_signed(asked)
    story.answered_with_less(line)
    receipt, serials = story.received_up_to_the_tolerance(order)
    story.freight_is_spread(receipt)
    story.charged_for_a_ghost(order, serials)
    story.charged_right_and_paid(order, serials, receipt)


class Story:
    """Six people around one purchase, each with a client of their own."""

    def __init__(self, here: Site) -> None:
        self.here, self.h = here, here.h
        self.buyer, self.nurse, self.keeper = (
            ApiClient(who) for who in (here.buyer, here.nurse, here.storekeeper)
        )
        self.chief = signer(role("科主任", "Head"), here.h.campus)
        rule(here.h.campus, self.chief.grants.get().role, kind="order", from_amount=900)
        self.head, self.supplier = ApiClient(self.chief), ApiClient(supplier_person(here))
        self.payer = ApiClient(person("accountant", here.h.campus))
        self.soon, self.late = (str(today() + timedelta(days=days)) for days in (3, -2))
        self.invoice = {
            "supplier_id": here.h.supplier.pk,
            "place_id": here.h.campus.pk,
            "reference": "F-1",
            "invoiced_on": str(today()),
        }

    def asked_under_a_contract(self) -> dict:
        agreed = contract(self.buyer, self.here)
        self.buyer.done(f"/contracts/{agreed['id']}/start")
        asked = self.nurse.done(
            "/purchase-requests", place_id=self.h.department.pk, reason="Cases of next week",
            lines=[{"item_id": self.h.item.pk, "quantity": 20}],
        )  # fmt: skip
        assert self.nurse.get(f"/purchase-requests/{asked['id']}").json()["amount"] == "1800.00"
        return asked

    def order(self, line: dict) -> dict:
        """What an order of one line to the store says."""
        to = {"supplier_id": self.h.supplier.pk, "deliver_to_id": self.h.store.pk}
        return {**to, "lines": [{"item_id": self.h.item.pk, "quantity": 10, **line}]}

    def no_price_of_ones_own(self) -> None:
        refused = self.buyer.post("/orders", **self.order({"price": "95.00"}))
        assert (refused.status_code, refused.json()["code"]) == (422, "price_off_contract")

    def ordered_by_mistake(self) -> None:
        """Taken back while it waits, with a reason; nobody is asked to approve it any more."""
        order = self.buyer.done("/orders", **self.order({}))
        path = f"/orders/{order['id']}"
        unsaid = self.buyer.post(f"{path}/cancel")
        assert (unsaid.status_code, self.buyer.get(path).json()["state"]) == (422, "waiting")
        assert self.buyer.done(f"{path}/cancel", reason="Ordered twice")["state"] == "cancelled"
        assert waiting_for(self.here.actor(self.chief)) == []

    def ordered_and_signed(self, asked: dict) -> tuple[dict, dict]:
        """Half of what was asked, in two parts of which one is late by now; the order and its line."""
        parts = [{"due_on": self.soon, "quantity": 4}, {"due_on": self.late, "quantity": 6}]
        refused = self.buyer.post("/orders", **self.order({"parts": parts}), request_id=asked["id"])
        assert (refused.status_code, refused.json()["code"]) == (409, "part_past")
        parts[1]["due_on"] = str(today())
        order = self.buyer.done("/orders", **self.order({"parts": parts}), request_id=asked["id"])
        assert order["state"] == "waiting"
        DeliveryPart.objects.filter(due_on=today()).update(due_on=self.late)  # two days have passed
        [step] = waiting_for(self.here.actor(self.chief))
        self.head.done(f"/approvals/{step.pk}/decisions", approve=True)
        assert PurchaseOrder.objects.get(pk=order["id"]).state == "placed"
        [line] = self.buyer.get(f"/orders/{order['id']}").json()["lines"]
        assert (line["price"], line["contract_price"]) == ("90.00", "90.00")
        assert self.buyer.get(f"/purchase-requests/{asked['id']}").json()["lines"][0]["open"] == 10
        return order, line

    def answered_with_less(self, line: dict) -> None:
        """One piece less than was ordered, and the buyer agrees."""
        answers = f"/order-lines/{line['id']}/answers"
        one_day = self.supplier.post(answers, verdict="changed", pieces=9, promised_on=self.soon)
        assert one_day.json()["code"] == "promise_each_delivery"
        promises = [{"part_id": part["id"], "promised_on": self.soon} for part in line["parts"]]
        answer = self.supplier.done(answers, verdict="changed", pieces=9, promises=promises)
        assert answer["facts"]["settled"] == "open"
        owed = self.buyer.get("/back-orders", late_only=True).json()
        assert [(due["pieces"], due["days_late"], due["promised_on"]) for due in owed] == [(6, 2, self.soon)]
        self.buyer.done(f"/answers/{answer['id']}/settle", accept=True)
        assert OrderLine.objects.get(pk=line["id"]).outstanding == 9

    def received_up_to_the_tolerance(self, order: dict) -> tuple[dict, list[str]]:
        """Nine are owed; the contract lets one more in, a second one not."""
        path, serials = f"/orders/{order['id']}/receipts", [f"N{n}" for n in range(11)]
        over = self.keeper.post(path, dock_id=self.h.store.pk, arrivals=arrivals(self.here, *serials))
        assert over.json()["code"] == "over_delivered"
        receipt = self.keeper.done(path, dock_id=self.h.store.pk, arrivals=arrivals(self.here, *serials[:10]))
        assert receipt["state"] == "received"
        return receipt, serials

    def freight_is_spread(self, receipt: dict) -> None:
        costs = f"/receipts/{receipt['id']}/costs"
        self.buyer.done(costs, kind="freight", basis="count", amount="10.05")
        shares = self.buyer.get(costs).json()
        assert sum(Decimal(share["bears"]) for share in shares) == Decimal("10.05")
        landed = self.buyer.get("/units/landed-cost", epc=shares[0]["epc"]).json()
        assert Decimal(landed["total"]) == Decimal(landed["cost"]) + Decimal(landed["landed"]["freight"])
        assert self.nurse.get("/units/landed-cost", epc=shares[0]["epc"]).status_code == 404

    def billed(self, order: dict, *serials: str) -> list[dict]:
        return [
            {"order_id": order["id"], "item_id": self.h.item.pk, "serial": serial, "price": "90.00"}
            for serial in serials
        ]

    def charged_for_a_ghost(self, order: dict, serials: list[str]) -> None:
        """A wrong total is refused; a unit that never came holds the payment until the invoice is void."""
        billed = self.billed(order, *serials[:9], "GHOST")
        wrong = self.buyer.post("/invoices", **self.invoice, total="899.00", lines=billed)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "total_differs")
        first = self.supplier.done("/invoices", **self.invoice, total="900.00", lines=billed)
        assert (first["state"], first["facts"]["results"]) == ("differs", {"matched": 9, "not_received": 1})
        assert [each["reference"] for each in self.supplier.get("/invoices").json()] == ["F-1"]
        assert self.payer.post(f"/invoices/{first['id']}/release").json()["code"] == "payment_held"
        self.buyer.done(f"/invoices/{first['id']}/void", reason="One unit too many")

    def charged_right_and_paid(self, order: dict, serials: list[str], receipt: dict) -> None:
        """Held for the maker's own invoice until that is verified; paid by who did not buy."""
        billed = self.billed(order, *serials[:9])
        again = self.buyer.done("/invoices", **self.invoice, total="810.00", lines=billed)
        assert again["state"] == "matched"
        path = f"/invoices/{again['id']}"
        assert [hold["code"] for hold in self.payer.get(path).json()["holds"]] == ["two_invoice"]
        made = {"seller": "Maker", "number": "M-7", "issued_on": str(today())}
        shown = self.keeper.done(f"/receipts/{receipt['id']}/first-invoices", **made)
        alone = self.keeper.post(f"/first-invoices/{shown['id']}/verify")
        assert (alone.status_code, alone.json()["code"]) == (403, "first_invoice_verified_by_enterer")
        self.buyer.done(f"/first-invoices/{shown['id']}/verify")
        customs = {"kind": "customs", "number": "2202-77", "issued_on": made["issued_on"]}
        proof = self.keeper.done(f"/receipts/{receipt['id']}/import-papers", **customs)
        twice = self.keeper.post(f"/receipts/{receipt['id']}/import-papers", **customs)
        assert (twice.status_code, twice.json()["code"]) == (409, "import_paper_known")
        self.keeper.done(f"/import-papers/{proof['id']}/void", reason="Of another delivery")
        [kept] = self.buyer.get(f"/receipts/{receipt['id']}/import-papers").json()
        assert (kept["state"], kept["number"]) == ("voided", "2202-77")
        assert self.buyer.post(f"{path}/release").status_code == 403
        assert self.payer.done(f"{path}/release")["state"] == "released"
        full = self.payer.get(path).json()
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
    payer, theirs = (ApiClient(each) for each in (person("accountant", here.h.campus), supplier_person(here)))
    payer.done(f"/invoices/{invoice['id']}/hold", reason="we doubt them")
    for reader, said in ((payer, "we doubt them"), (theirs, "")):
        [hold] = reader.get(f"/invoices/{invoice['id']}").json()["holds"]
        assert (hold["code"], hold["reason"]) == ("manual", said)
    payer.done(f"/invoices/{invoice['id']}/lift", reason="not any more")
    [hold] = theirs.get(f"/invoices/{invoice['id']}").json()["holds"]
    assert (hold["lifted_at"] is not None, hold["lifted_because"]) == (True, "")
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
