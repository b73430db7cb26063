"""Story: one unit from the order to the patient, another back to the shelf, a third into the bin, all by the API."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, soon
from yanji.flows.models import OrderLine, Requisition
from yanji.ledger.api import unit_view
from yanji.ledger.models import Use


def test_from_order_to_patient_and_back(committed: Site) -> None:
    story = Story(committed)
    order = story.ordered()
    notice = story.announced(order)
    arrivals = story.scanned(order)
    story.received_with_one_damaged(order, notice, arrivals)
    used, back, opened = epcs = [arrival["epc"] for arrival in arrivals[:3]]
    story.issued(epcs)
    story.used_on_the_patient(used)
    story.given_back(back, opened)
    assert [unit_view(epc).status for epc in epcs] == ["used", "available", "scrapped"]
    story.its_life_is_told(used)
    story.its_lot_is_traced(used, order)


class Story:
    """Three people of one hospital, each with a client of their own."""

    def __init__(self, here: Site) -> None:
        self.here, self.h = here, here.h
        self.buyer, self.keeper, self.nurse = (
            ApiClient(who) for who in (here.buyer, here.storekeeper, here.nurse)
        )

    def ordered(self) -> dict[str, Any]:
        order = self.buyer.done(
            "/orders", supplier_id=self.h.supplier.pk, deliver_to_id=self.h.store.pk,
            lines=[{"item_id": self.h.item.pk, "quantity": 5, "price": "1200.50"}],
        )  # fmt: skip
        assert order["number"].startswith("PO-")
        assert order["state"] == "placed"
        return order

    def announced(self, order: dict[str, Any]) -> dict[str, Any]:
        lines = [
            {
                "item_id": self.h.item.pk, "epc": f"01/06901234500011/21/J{n}", "serial": f"J{n}", "lot": "L1",
                "expiry": str(soon(400)),
            }
            for n in range(4)
        ]  # fmt: skip
        return self.buyer.done(f"/orders/{order['id']}/notices", lines=lines, carrier="SF", reference="DN-7")

    def scanned(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """What the labels of the four say, before anything is received."""
        day = soon(400).strftime("%y%m%d")
        meanings = self.keeper.send(
            "/scans", scans=[self.here.scan(f"J{n}", expiry=day) for n in range(4)], flow="receive",
            order_id=order["id"], place_id=self.h.store.pk,
        ).json()  # fmt: skip
        assert [meaning["ok"] for meaning in meanings] == [True] * 4, meanings
        told = ("item_id", "epc", "serial", "lot", "expiry")
        return [{key: meaning[key] for key in told} for meaning in meanings]

    def received_with_one_damaged(
        self, order: dict[str, Any], notice: dict[str, Any], arrivals: list[dict[str, Any]]
    ) -> None:
        *good, last = arrivals
        receipt = self.keeper.done(
            f"/orders/{order['id']}/receipts", dock_id=self.h.store.pk, notice_id=notice["id"],
            arrivals=[*good, {**last, "rejected": "damaged"}],
        )  # fmt: skip
        [difference] = receipt["facts"]["differences"]
        assert (difference["accepted"], difference["rejected"], difference["short"]) == (3, 1, 1)
        assert receipt["state"] == "partly_received"
        line = OrderLine.objects.get(order_id=order["id"])
        assert (line.received, line.rejected, line.outstanding) == (3, 1, 2)

    def issued(self, epcs: list[str]) -> None:
        """From the shelf to the ward's cabinet, on its requisition."""
        h, keeper = self.h, self.keeper
        keeper.done("/putaways", things=epcs, to_place_id=h.bin.pk, from_place_id=h.store.pk)
        wanted = self.nurse.done(
            "/requisitions", department_id=h.department.pk, store_id=h.store.pk, case_number="C-1",
            lines=[{"item_id": h.item.pk, "quantity": 3}],
        )  # fmt: skip
        [line] = keeper.get(f"/requisitions/{wanted['id']}/pick-list").json()
        assert [each["epc"] for each in line["candidates"] if each["ok"]] == epcs
        keeper.done(f"/requisitions/{wanted['id']}/picks", things=epcs)
        issued = keeper.done(f"/requisitions/{wanted['id']}/issues", handed_to="运送员")
        assert Requisition.objects.get(pk=wanted["id"]).state == "issued"
        self.nurse.done(f"/issues/{issued['id']}/take-ins", to_place_id=h.cabinet.pk)

    def used_on_the_patient(self, epc: str) -> None:
        """After the wrong wristband was refused."""
        used = {
            "department_id": self.h.department.pk,
            "case_number": "C-1",
            "patient_token": "T-9",
            "things": [epc],
        }
        wrong = self.nurse.post("/uses", confirmed_by="T-8", **used)
        assert wrong.status_code == 409
        assert wrong.json()["code"] == "not_confirmed"
        self.nurse.done("/uses", confirmed_by="T-9", procedure="PCI", operator="D-12", **used)
        use = Use.objects.get(unit__epc=epc)
        told = (use.case_number, use.patient_token, use.procedure, use.operator)
        assert told == ("C-1", "T-9", "PCI", "D-12")

    def given_back(self, back: str, opened: str) -> None:
        """One to the shelf; one was opened, and is scrapped before a witness."""
        h, keeper = self.h, self.keeper
        self.nurse.done(
            "/returns", department_id=h.department.pk, store_id=h.store.pk, things=[back, opened],
            reason="not_needed",
        )  # fmt: skip
        keeper.done(
            "/returns/inspections", store_id=h.store.pk, restock=[back], hold=[opened], hold_reason="opened"
        )
        witness = {"username": self.here.second.username, "password": "Zweite-Person-7"}
        keeper.done("/scraps", things=[opened], reason="opened", witness=witness)

    def its_life_is_told(self, epc: str) -> None:
        """To the ward with its patient, to the store without; and nobody knew of it the day before."""
        life = self.nurse.get("/units/life-line", epc=epc).json()
        assert [each["step"] for each in life] == [
            "announce", "receive", "accept", "put_away", "pick", "issue", "take_in", "use",
        ]  # fmt: skip
        assert life[-1]["documents"]["patient"] == "T-9"
        hidden = self.keeper.get("/units/life-line", epc=epc).json()
        assert "patient" not in hidden[-1]["documents"]
        earlier = (timezone.now() - timedelta(days=1)).isoformat()
        assert self.keeper.get("/units/at", epc=epc, as_of=earlier).status_code == 404

    def its_lot_is_traced(self, epc: str, order: dict[str, Any]) -> None:
        trace = self.nurse.get(f"/lots/{unit_view(epc).lot_id}/trace").json()
        assert trace["patients"] == [["T-9", "C-1"]]
        assert {unit["status"] for unit in trace["units"]} >= {"used"}
        assert trace["sources"][0]["documents"]["order"] == order["number"]


def test_the_same_key_gives_the_first_answer(committed: Site) -> None:
    here, h = committed, committed.h
    keeper = ApiClient(here.storekeeper)
    order = here.order((h.item, 2))
    arrival = {
        "item_id": h.item.pk,
        "epc": "01/06901234500011/21/K1",
        "serial": "K1",
        "lot": "L",
        "expiry": "2099-01-01",
    }
    first = keeper.done(f"/orders/{order.id}/receipts", key="again", dock_id=h.store.pk, arrivals=[arrival])
    again = keeper.done(f"/orders/{order.id}/receipts", key="again", dock_id=h.store.pk, arrivals=[arrival])
    assert again == {**first, "repeated": True}
    assert OrderLine.objects.get(order_id=order.id).received == 1
    other = keeper.post(
        f"/orders/{order.id}/receipts", key="again", dock_id=h.store.pk, arrivals=[{**arrival, "lot": "M"}]
    )
    assert other.status_code == 409
    assert other.json()["code"] == "key_reused"
