"""Story: one unit from the order to the patient, another back to the shelf, a third into the bin, all by the API."""

from datetime import timedelta

from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, soon
from yanji.flows.models import OrderLine, Requisition
from yanji.ledger.api import unit_view
from yanji.ledger.models import Use


def test_from_order_to_patient_and_back(committed: Site) -> None:
    here, h = committed, committed.h
    buyer, keeper, nurse = ApiClient(here.buyer), ApiClient(here.storekeeper), ApiClient(here.nurse)

    order = buyer.done(
        "/orders",
        supplier_id=h.supplier.pk,
        deliver_to_id=h.store.pk,
        lines=[{"item_id": h.item.pk, "quantity": 5, "price": "1200.50"}],
    )
    assert order["number"].startswith("PO-")
    assert order["state"] == "placed"

    announced = [
        {
            "item_id": h.item.pk,
            "epc": f"01/06901234500011/21/J{n}",
            "serial": f"J{n}",
            "lot": "L1",
            "expiry": str(soon(400)),
        }
        for n in range(4)
    ]
    notice = buyer.done(f"/orders/{order['id']}/notices", lines=announced, carrier="SF", reference="DN-7")

    day = soon(400).strftime("%y%m%d")
    scans = [here.scan(f"J{n}", expiry=day) for n in range(4)]
    meanings = keeper.client.post(
        "/api/v1/scans", {"scans": scans, "flow": "receive", "order_id": order["id"], "place_id": h.store.pk},
        content_type="application/json", headers=keeper.headers,
    ).json()  # fmt: skip
    assert [meaning["ok"] for meaning in meanings] == [True] * 4, meanings
    arrivals = [
        {key: meaning[key] for key in ("item_id", "epc", "serial", "lot", "expiry")} for meaning in meanings
    ]
    arrivals[3]["rejected"] = "damaged"
    receipt = keeper.done(
        f"/orders/{order['id']}/receipts", dock_id=h.store.pk, arrivals=arrivals, notice_id=notice["id"]
    )
    [difference] = receipt["facts"]["differences"]
    assert (difference["accepted"], difference["rejected"], difference["short"]) == (3, 1, 1)
    assert receipt["state"] == "partly_received"
    line = OrderLine.objects.get(order_id=order["id"])
    assert (line.received, line.rejected, line.outstanding) == (3, 1, 2)

    epcs = [arrival["epc"] for arrival in arrivals[:3]]
    keeper.done("/putaways", things=epcs, to_place_id=h.bin.pk, from_place_id=h.store.pk)

    wanted = nurse.done(
        "/requisitions", department_id=h.department.pk, store_id=h.store.pk, case_number="C-1",
        lines=[{"item_id": h.item.pk, "quantity": 3}],
    )  # fmt: skip
    [line_] = keeper.get(f"/requisitions/{wanted['id']}/pick-list").json()
    assert [each["epc"] for each in line_["candidates"] if each["ok"]] == epcs
    keeper.done(f"/requisitions/{wanted['id']}/picks", things=epcs)
    issued = keeper.done(f"/requisitions/{wanted['id']}/issues", handed_to="运送员")
    assert Requisition.objects.get(pk=wanted["id"]).state == "issued"

    nurse.done(f"/issues/{issued['id']}/take-ins", to_place_id=h.cabinet.pk)
    used = {
        "department_id": h.department.pk,
        "case_number": "C-1",
        "patient_token": "T-9",
        "things": epcs[:1],
    }
    wrong = nurse.post("/uses", confirmed_by="T-8", **used)
    assert wrong.status_code == 409
    assert wrong.json()["code"] == "not_confirmed"
    nurse.done("/uses", confirmed_by="T-9", procedure="PCI", operator="D-12", **used)
    use = Use.objects.get(unit__epc=epcs[0])
    assert (use.case_number, use.patient_token, use.procedure, use.operator) == ("C-1", "T-9", "PCI", "D-12")

    nurse.done(
        "/returns", department_id=h.department.pk, store_id=h.store.pk, things=epcs[1:], reason="not_needed"
    )
    keeper.done(
        "/returns/inspections", store_id=h.store.pk, restock=epcs[1:2], hold=epcs[2:], hold_reason="opened"
    )
    witness = {"username": here.second.username, "password": "Zweite-Person-7"}
    keeper.done("/scraps", things=epcs[2:], reason="opened", witness=witness)

    states = [unit_view(epc).status for epc in epcs]
    assert states == ["used", "available", "scrapped"]
    line_of_life = nurse.get("/units/life-line", epc=epcs[0]).json()
    assert [each["step"] for each in line_of_life] == [
        "announce", "receive", "accept", "put_away", "pick", "issue", "take_in", "use",
    ]  # fmt: skip
    assert line_of_life[-1]["documents"]["patient"] == "T-9"
    hidden = keeper.get("/units/life-line", epc=epcs[0]).json()
    assert "patient" not in hidden[-1]["documents"]
    earlier = (timezone.now() - timedelta(days=1)).isoformat()
    assert keeper.get("/units/at", epc=epcs[0], as_of=earlier).status_code == 404

    trace = nurse.get(f"/lots/{unit_view(epcs[0]).lot_id}/trace").json()
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
