"""Stories by the API of what somebody decides later: a case's needs and difference, an order's change, a price, a rule."""

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.exchange.client import ApiClient
from tests.flows.approving import role, rule, signer
from tests.flows.buying import today
from tests.flows.site import Site, contents, person
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_explanted_lots import screws_in_theatre
from tests.makers import place
from yanji.flows.buying.models import OrderChange
from yanji.flows.disposal.models import DisposalLine
from yanji.flows.models import OrderLine
from yanji.ledger.api import LotQuantity
from yanji.places.models import Kind


def test_what_a_case_needs_is_written_and_its_difference_told(committed: Site) -> None:
    here, h, room = committed, committed.h, Room(committed)
    nurse, keeper = ApiClient(here.nurse), ApiClient(here.storekeeper)
    [epc] = room.units(1)
    need = {"item_id": h.item.pk, "quantity": 2, "alternatives": [here.counted.pk]}
    card = nurse.done("/cards", department_id=h.department.pk, procedure="TAVI", needs=[need])
    [written] = nurse.get("/cards", department_id=h.department.pk).json()
    assert written["needs"][0]["alternatives"] == [here.counted.pk]
    nurse.done(f"/cards/{card['id']}/retire")
    assert nurse.get("/cards").json() == []
    case = room.case(procedure="TAVI")
    nurse.done(f"/cases/{case.pk}/needs", needs=[need])
    nurse.done(f"/cases/{case.pk}/needs", needs=[{**need, "quantity": 1, "alternatives": []}])
    account = f"/cases/{case.pk}/account"
    assert [(each["quantity"], each["done"]) for each in nurse.get(account).json()["needs"]] == [(1, 0)]
    room.out(case, epc)
    nurse.done(f"/cases/{case.pk}/close", difference="searched")
    [told] = nurse.get("/case-differences").json()
    assert (told["number"], told["pieces"], told["reason"]) == (case.number, 1, "searched")
    assert keeper.get("/case-differences").json() == []
    before = contents()
    late = nurse.post(f"/cases/{case.pk}/needs", needs=[need])
    assert (late.status_code, keeper.post(f"/cards/{card['id']}/retire").status_code) == (409, 403)
    assert contents() == before


def test_an_explanted_device_goes_to_its_maker(committed: Site) -> None:
    here, h, room = committed, committed.h, Room(committed)
    nurse, keeper = ApiClient(here.nurse), ApiClient(here.storekeeper)
    [epc] = room.units(1)
    h.item.implant = True
    h.item.save()
    case = room.case()
    room.implanted(case, epc)
    nurse.done(
        "/explants", place_id=h.department.pk, patient_token=case.patient_token, case_number=case.number,
        things=[epc], reason="infection",
    )  # fmt: skip
    back = keeper.done("/explants/returns", place_id=h.department.pk, things=[epc], reason="quality")
    found = keeper.get(f"/supplier-returns/{back['id']}").json()
    assert (found["number"], found["state"]) == (back["number"], "requested")
    before = contents()
    twice = keeper.post("/explants/returns", place_id=h.department.pk, things=[epc], reason="quality")
    assert twice.status_code == 409
    assert contents() == before


def test_screws_that_came_out_are_handed_on_sent_back_and_scrapped_by_lot(committed: Site) -> None:
    here, h, room = committed, committed.h, Room(committed)
    nurse, keeper = ApiClient(here.nurse), ApiClient(here.storekeeper)
    lot = screws_in_theatre(room, 9)
    case, place_id = room.case(), h.department.pk
    room.use(case, LotQuantity(lot, Decimal(5), place_id))
    said = {"place_id": place_id, "patient_token": case.patient_token}
    told = {**said, "case_number": case.number, "reason": "infection"}
    nurse.done("/explants", things=[{"lot_id": lot, "quantity": 4}], **told)
    states = [
        (each["quantity"], each["explanted"]) for each in nurse.get("/implants", case_id=case.pk).json()
    ]
    assert states == [(1, False), (4, True)]
    before = contents()
    more = nurse.post("/explants", things=[{"lot_id": lot, "quantity": 2}], **told)
    assert (more.status_code, more.json()["code"]) == (409, "fewer_in_this_patient")
    assert contents() == before
    nurse.done("/explants/hand-overs", things=[{"lot_id": lot, "quantity": 1}], handed_to="Mr. Li", **said)
    keeper.done(
        "/explants/returns", place_id=place_id, things=[{"lot_id": lot, "quantity": 1}], reason="quality"
    )
    [there] = nurse.get("/explants/lots").json()
    assert (there["lot_id"], there["place_id"], there["pieces"]) == (lot, place_id, 3)
    scrapped = {"lot_id": lot, "quantity": 2, "place_id": place_id, "explanted": True}
    before = contents()
    held = keeper.post("/holds", things=[scrapped], reason="damaged")
    assert held.status_code == 422, (
        "what came out is not held, and the sterile ones are not held in its stead"
    )
    assert contents() == before
    nurse.done("/disposals", things=[scrapped], reason="damaged")
    assert [line["status"] for line in DisposalLine.objects.values("status")] == ["explanted"]


def test_a_change_of_an_order_waits_and_is_dropped(committed: Site) -> None:
    here, buyer = committed, ApiClient(committed.buyer)
    head = signer(role("科主任", "Head"), here.h.campus)
    rule(here.h.campus, head.grants.get().role, kind="order", from_amount=1200)
    order = here.order((here.h.item, 10))
    path = f"/orders/{order.id}/changes"
    lines = [{"item_id": here.h.item.pk, "quantity": 20, "price": "100.00"}]
    assert buyer.done(path, lines=lines, reason="More cases")["facts"]["waits"] is True
    before = contents()
    assert ApiClient(here.storekeeper).post(f"{path}/drop").status_code == 403
    assert contents() == before
    buyer.done(f"{path}/drop")
    assert (OrderChange.objects.get().state, OrderLine.objects.get(order_id=order.id).quantity) == (
        "withdrawn",
        10,
    )
    again = buyer.post(f"{path}/drop")
    assert (again.status_code, again.json()["code"]) == (409, "no_change_waits")


class Charged:
    """A delivery of three, and the buyer who enters one invoice a piece."""

    def __init__(self, here: Site) -> None:
        self.here, self.buyer = here, ApiClient(here.buyer)
        self.payer = ApiClient(person("accountant", here.h.campus))
        self.order = here.order((here.h.item, 3))
        here.receive(self.order, *(here.arrival(serial=serial) for serial in "ABC"))

    def invoice(self, serial: str, price: str = "100.00") -> str:
        line = {"order_id": self.order.id, "item_id": self.here.h.item.pk, "serial": serial, "price": price}
        made = self.buyer.done(
            "/invoices", supplier_id=self.here.h.supplier.pk, place_id=self.here.h.campus.pk,
            reference=f"F-{serial}", invoiced_on=str(today()), total=price, lines=[line],
        )  # fmt: skip
        return f"/invoices/{made['id']}"

    def holds(self, path: str) -> list[str]:
        return [hold["code"] for hold in self.payer.get(path).json()["holds"] if not hold["lifted_at"]]


def test_a_price_that_differs_is_accepted_by_who_pays(committed: Site) -> None:
    story = Charged(committed)
    path = story.invoice("A", "105.00")
    assert story.holds(path) == ["differs"]
    before = contents()
    assert story.buyer.post(f"{path}/accept-prices", reason="Agreed").status_code == 403
    assert contents() == before
    story.payer.done(f"{path}/accept-prices", reason="Agreed surcharge")
    assert ([line["result"] for line in story.payer.get(path).json()["lines"]], story.holds(path)) == (
        ["price_accepted"], [],
    )  # fmt: skip


def test_a_family_has_a_rule_of_its_own_until_it_is_dropped(committed: Site) -> None:
    story = Charged(committed)
    committed.h.item.family = "stents"
    committed.h.item.save()
    rules = "/buying-rules/two-invoice"
    story.buyer.done(rules, family="", needed=True)
    story.buyer.done(rules, family="stents", needed=False)
    assert story.holds(story.invoice("A")) == []
    before = contents()
    assert ApiClient(committed.storekeeper).post(f"{rules}/drop", family="stents").status_code == 404
    assert contents() == before
    story.buyer.done(f"{rules}/drop", family="stents")
    assert story.holds(story.invoice("B")) == ["two_invoice"]
    assert story.buyer.post(f"{rules}/drop", family="stents").status_code == 404


def test_a_campus_has_a_rule_of_its_own(committed: Site) -> None:
    story = Charged(committed)
    rules = "/buying-rules/two-invoice"
    campus = committed.h.campus.pk
    story.buyer.done(rules, family="", needed=True)
    story.buyer.done(rules, family="", needed=False, campus_id=campus)
    assert story.holds(story.invoice("A")) == []
    before = contents()
    assert story.buyer.post(rules, family="", needed=True, campus_id=committed.h.store.pk).status_code == 409
    assert contents() == before
    elsewhere = ApiClient(person("buyer", place(Kind.CAMPUS)))
    for path in (rules, f"{rules}/drop"):
        more = {"needed": True} if path == rules else {}
        assert elsewhere.post(path, family="", campus_id=campus, **more).status_code == 404
    assert contents() == before
    story.buyer.done(f"{rules}/drop", family="", campus_id=campus)
    assert story.holds(story.invoice("B")) == ["two_invoice"]


def test_the_rules_of_buying_are_read_as_they_are_set(committed: Site) -> None:
    buyer = ApiClient(committed.buyer)
    before = buyer.get("/buying-rules").json()
    assert (len(before["answers"]), before["answers"]["order:licence"], before["two_invoice"]) == (
        9,
        "refuse",
        [],
    )
    said = {"over_delivery_percent": "5.00", "price_tolerance_percent": "1.50", "made_decides": False}
    buyer.done(
        "/buying-rules", **said, answers={"order:licence": "warn"}, missing={"issue:licence": "refuse"}
    )
    buyer.done("/buying-rules/two-invoice", family="stents", needed=True)
    after = buyer.get("/buying-rules").json()
    assert {name: after[name] for name in said} == said
    assert after["answers"] == {**before["answers"], "order:licence": "warn"}
    assert after["missing"] == {**before["missing"], "issue:licence": "refuse"}
    assert after["two_invoice"] == [{"campus_id": None, "family": "stents", "needed": True}]
    # What is read can be sent again.
    buyer.done("/buying-rules", **{name: after[name] for name in (*said, "answers", "missing")})
    assert buyer.get("/buying-rules").json() == after
    with CaptureQueriesContext(connection) as asked:
        buyer.get("/buying-rules")
    assert len(asked) <= 8
    assert ApiClient(committed.storekeeper).get("/buying-rules").status_code == 404
