"""Stories by the API: a case from its card to its charge and refund; a supplier's stent; a loan set; an emergency."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, person, show_papers, soon
from tests.flows.theatre.room import Room, last_month
from tests.makers import days_ago
from yanji.access.models import Person
from yanji.flows.consign.models import ConsignmentAgreement
from yanji.ledger.api import rebuild, unit_view


def arrival(here: Site, **fields) -> dict:
    made = here.arrival(expiry=soon(300), **fields)
    return {
        "item_id": made.item_id, "epc": made.epc, "serial": made.serial, "lot": made.lot, "expiry": str(made.expiry),
    }  # fmt: skip


def test_a_case_from_its_card_to_its_refund(committed: Site) -> None:
    here, h, room = committed, committed.h, Room(committed)
    nurse = ApiClient(here.nurse)
    h.item.implant = True
    h.item.save()
    early, late, spare = (room.units(1, expiry=soon(days))[0] for days in (40, 80, 120))
    room.code(code="HIS-330")
    nurse.done(
        "/cards", department_id=h.department.pk, procedure="PCI", surgeon="Dr. Chen",
        needs=[{"item_id": h.item.pk, "quantity": 2}],
    )  # fmt: skip
    case = nurse.done(
        "/cases", number="CASE-77", patient_token="PT-77", department_id=h.department.pk, procedure="PCI",
        operator="Dr. Chen",
    )  # fmt: skip
    assert case["facts"] == {"needs": 1}
    account = nurse.get(f"/cases/{case['id']}/account").json()
    assert [each["epc"] for each in account["needs"][0]["take"]] == [early, late]

    nurse.done(f"/cases/{case['id']}/set-outs", things=[early, late, spare])
    used = nurse.done(
        "/uses", department_id=h.department.pk, case_number="CASE-77", patient_token="PT-77", confirmed_by="PT-77",
        things=[early], implants=[{"epc": early, "site": "LAD", "side": "left"}],
    )  # fmt: skip
    nurse.done(f"/cases/{case['id']}/wastes", things=[late], reason="dropped")
    refused = nurse.post(f"/cases/{case['id']}/close")
    assert (refused.status_code, refused.json()["code"]) == (409, "case_difference")
    nurse.done(f"/cases/{case['id']}/set-backs", things=[spare])
    closed = nurse.done(f"/cases/{case['id']}/close")
    assert closed["facts"] == {"taken": 3, "used": 1, "returned": 1, "wasted": 1, "elsewhere": 0, "open": 0}
    it_is_charged_kept_and_refunded(nurse, case["id"], early, used["events"][0])

    [implant] = nurse.get("/implants", patient_token="PT-77").json()
    assert (implant["epc"], implant["site"], implant["side"]) == (early, "LAD", "left")
    unsaid = nurse.post(f"/implants/{implant['id']}", site=" ")
    assert (unsaid.status_code, nurse.get("/implants", patient_token="PT-77").json()) == (422, [implant])
    mended = {"site": "RCA", "side": "right", "surgeon": "Dr. Wu"}
    nurse.done(f"/implants/{implant['id']}", **mended)
    assert nurse.get("/implants", patient_token="PT-77").json() == [implant | mended]
    nurse.done(
        "/explants", place_id=h.department.pk, patient_token="PT-77", case_number="CASE-78", things=[early],
        reason="infection",
    )  # fmt: skip
    assert nurse.get("/implants", patient_token="PT-77").json()[0]["explanted"] is True
    assert [unit["epc"] for unit in nurse.get("/explants").json()] == [early]
    handed = nurse.done(
        "/explants/hand-overs", place_id=h.department.pk, things=[early], handed_to="Mr. Li", patient_token="PT-77"
    )  # fmt: skip
    [paper] = nurse.get("/explants/hand-overs").json()
    assert (paper["number"], paper["to_place_id"]) == (handed["number"], None)
    assert nurse.get("/explants").json() == []
    assert rebuild() == []


def it_is_charged_kept_and_refunded(nurse: ApiClient, case_id: int, epc: str, used: str) -> None:
    """A first refund is not granted, a second one is; the use cannot be taken back meanwhile."""
    charges = f"/cases/{case_id}/charges"
    nurse.done(f"{charges}/request")
    nurse.done(f"{charges}/confirm")
    [line] = nurse.get(charges).json()
    assert (line["state"], line["charge_code"], line["epc"]) == ("charged", "HIS-330", epc)
    blocked = nurse.post("/corrections", event_id=used, reason="wrong_scan")
    assert (blocked.status_code, blocked.json()["code"]) == (409, "charge_stands"), blocked.content
    refund = {"lines": [line["id"]], "reason": "wrong_item"}
    nurse.done(f"{charges}/ask-refund", **refund)
    nurse.done(f"{charges}/keep", lines=[line["id"]])
    assert nurse.get(charges).json() == [line]
    nurse.done(f"{charges}/ask-refund", **refund)
    nurse.done(f"{charges}/refund", lines=[line["id"]])
    assert nurse.get(charges).json()[0]["state"] == "refunded"
    assert unit_view(epc).status == "used"


def test_a_suppliers_stent_from_its_receipt_to_the_settlement(committed: Site) -> None:
    here, h = committed, committed.h
    buyer, keeper, nurse = ApiClient(here.buyer), ApiClient(here.storekeeper), ApiClient(here.nurse)
    goods = [arrival(here) for _ in range(2)]
    delivery = {"supplier_id": h.supplier.pk, "dock_id": h.store.pk, "arrivals": goods}
    delivery["arrived_at"] = days_ago(80).isoformat()
    refused = keeper.post("/consignment/receipts", **delivery)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_contract")
    agreement = buyer.done(
        "/consignment/agreements", supplier_id=h.supplier.pk, place_id=h.campus.pk,
        valid_from=str(timezone.localdate() - timedelta(days=90)),
        items=[{"item_id": h.item.pk, "price": "980.00", "keep": 4}],
    )  # fmt: skip
    keeper.done("/consignment/receipts", **delivery)
    [row] = keeper.get("/consignment/stock").json()
    assert (row["owner_id"], row["quantity"]) == (h.supplier.pk, "2.000")
    [refill] = keeper.get("/consignment/refills").json()
    assert (refill["keep"], refill["here"], refill["wanted"]) == (4, 2, 2)
    epc, other = (each["epc"] for each in goods)
    keeper.done("/putaways", things=[epc], to_place_id=h.cabinet.pk)
    at = timezone.now().replace(year=last_month().year, month=last_month().month, day=15)
    done = nurse.done(
        "/uses", department_id=h.department.pk, case_number="C-9", patient_token="P-9", confirmed_by="P-9",
        things=[epc], happened_at=at.isoformat(),
    )  # fmt: skip
    assert done["facts"]["title_passed"] == 1
    gone = keeper.done(
        "/consignment/hand-backs", place_id=h.campus.pk, things=[other], reason="short_dated", authorisation="RMA-1",
        handed_to="Courier",
    )  # fmt: skip
    paper = keeper.get(f"/supplier-returns/{gone['id']}").json()
    assert (paper["number"], paper["state"], paper["authorisation"]) == (gone["number"], "closed", "RMA-1")
    month = {"agreement_id": agreement["id"], "month": str(last_month())}
    first = buyer.done("/consignment/settlements", **month)
    assert buyer.done(f"/consignment/settlements/{first['id']}/discard")["state"] == "discarded"
    assert buyer.get("/consignment/settlements").json() == []
    settled = buyer.done("/consignment/settlements", **month)
    statement = buyer.get(f"/consignment/settlements/{settled['id']}").json()
    assert [(line["epc"], line["amount"]) for line in statement["lines"]] == [(epc, "980.00")]
    alone = buyer.post(f"/consignment/settlements/{settled['id']}/confirm")
    assert (alone.status_code, alone.json()["code"]) == (409, "confirmed_by_drafter")
    ApiClient(person("accountant", h.campus)).done(f"/consignment/settlements/{settled['id']}/confirm")
    assert nurse.get(f"/consignment/settlements/{settled['id']}").status_code == 404
    assert nurse.get("/consignment/settlements").json() == []
    assert buyer.get("/consignment/settlements").json()[0]["state"] == "confirmed"


def test_a_loan_set_from_its_list_to_its_closure(committed: Site) -> None:
    here, h, room = committed, committed.h, Room(committed)
    keeper, nurse = ApiClient(here.storekeeper), ApiClient(here.nurse)
    show_papers(here)
    room.agreement()
    room.price(500)
    case = room.case(number="CASE-5")
    loan = keeper.done(
        "/loan-sets", supplier_id=h.supplier.pk, department_id=h.department.pk, set_name="Hip set",
        due_on=str(timezone.localdate()), listed=[{"item_id": h.item.pk, "quantity": 3}], case_number="CASE-5",
    )  # fmt: skip
    path = f"/loan-sets/{loan['id']}"
    goods = [arrival(here) for _ in range(2)]
    arrived = keeper.done(f"{path}/arrive", dock_id=h.store.pk, arrivals=goods)
    assert arrived["facts"] == {"missing": [[h.item.pk, 1]], "extra": []}
    early = keeper.post(f"{path}/send")
    assert (early.status_code, early.json()["code"]) == (409, "not_sterilised")
    keeper.done(f"{path}/sterilise", cycle="A-12")
    keeper.done(f"{path}/send")
    nurse.done(f"/cases/{case.pk}/set-outs", things=[goods[0]["epc"]])
    room.use(case, goods[0]["epc"])
    assert keeper.post(f"{path}/close").json()["code"] == "loan_set_open"
    keeper.done(f"{path}/hand-back")
    keeper.done(f"{path}/close")
    found = keeper.get(path).json()
    assert (found["state"], found["used"], found["returned"], found["open"]) == ("closed", 1, 1, 0)
    assert keeper.get("/loan-sets", open_only=True).json() == []


def test_an_emergency_is_approved_afterwards(committed: Site) -> None:
    here, h, room = committed, committed.h, Room(committed)
    nurse, approver = ApiClient(here.nurse), ApiClient(person("approver", h.campus))
    room.price(800)
    done = nurse.done(
        "/emergency-uses", department_id=h.department.pk, case_number="E-1", patient_token="P-1", confirmed_by="P-1",
        supplier_id=h.supplier.pk, arrivals=[arrival(here)], reason="life",
    )  # fmt: skip
    [waiting] = nurse.get("/emergency-uses", state="awaiting").json()
    assert (waiting["number"], Decimal(waiting["amount"])) == (done["number"], 800)
    path = f"/emergency-uses/{done['id']}/decide"
    assert nurse.post(path, approve=True).status_code == 403
    approver.done(path, approve=True)
    assert nurse.get("/emergency-uses", state="awaiting").json() == []


def test_a_refused_emergency_is_paid_where_an_approver_says_why(committed: Site) -> None:
    here, h, room = committed, committed.h, Room(committed)
    nurse, approver = ApiClient(here.nurse), ApiClient(person("approver", h.campus))
    room.price(800)
    done = nurse.done(
        "/emergency-uses", department_id=h.department.pk, case_number="E-1", patient_token="P-1", confirmed_by="P-1",
        supplier_id=h.supplier.pk, arrivals=[arrival(here)], reason="life",
    )  # fmt: skip
    path = f"/emergency-uses/{done['id']}"
    approver.done(f"{path}/decide", approve=False)
    assert approver.post(f"{path}/accept", reason="").json()["code"] == "reason_needed"
    assert approver.done(f"{path}/accept", reason="it is in the patient")["state"] == "accepted"


def test_a_cases_number_is_shown_to_those_alone_who_see_its_patients(committed: Site) -> None:
    here, h, room = committed, committed.h, Room(committed)
    room.agreement()
    room.price(500)
    case = room.case(number="CASE-5")
    given = {"supplier_id": h.supplier.pk, "department_id": h.department.pk, "case_number": case.number}
    ApiClient(here.nurse).done(
        "/emergency-uses", **given, patient_token=case.patient_token, confirmed_by=case.number,
        arrivals=[arrival(here)], reason="life",
    )  # fmt: skip
    loan = ApiClient(here.storekeeper).done(
        "/loan-sets", **given, set_name="Hip", due_on=str(timezone.localdate()),
        listed=[{"item_id": h.item.pk, "quantity": 1}],
    )  # fmt: skip
    at = timezone.now().replace(year=last_month().year, month=last_month().month, day=15)
    room.use(case, *room.consigned(ago=80), happened_at=at)
    agreement = ConsignmentAgreement.objects.get().pk
    settled = ApiClient(here.buyer).done(
        "/consignment/settlements", agreement_id=agreement, month=str(last_month())
    )

    def seen(who: Person) -> set[str]:
        api = ApiClient(who)
        found = [
            *api.get("/emergency-uses").json(),
            *api.get("/loan-sets").json(),
            api.get(f"/loan-sets/{loan['id']}").json(),
        ]
        statement = api.get(f"/consignment/settlements/{settled['id']}")
        found += statement.json()["lines"] if statement.status_code == 200 else []
        return {each["case_number"] for each in found}

    assert seen(here.nurse) == {case.number}
    for who in (here.storekeeper, here.buyer, person("accountant", h.campus)):
        assert seen(who) == {""}
