"""A supplier's program: its own orders, notices, invoices, goods and papers; another's answer as what does not exist."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.exchange.client import BASE, ApiClient
from tests.flows.buying import line_of, supplier_person, today
from tests.flows.files import png
from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.catalog.models import Supplier
from yanji.flows.attempts import Attempt
from yanji.flows.models import PurchaseOrder
from yanji.flows.purchase import Ordered, Part, place_order
from yanji.places.models import Place


@pytest.fixture
def theirs(committed: Site) -> ApiClient:
    return ApiClient(supplier_person(committed))


@pytest.fixture
def rival(committed: Site) -> ApiClient:
    other = Supplier.objects.create(code=unique("R"), name_zh="对手")
    return ApiClient(supplier_person(committed, other.pk))


def got(client: ApiClient, path: str, **query: Any) -> Any:
    answer = client.get(path, **query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def invoice(here: Site, order_id: int, *serials: str, **fields: Any) -> dict[str, Any]:
    lines = [
        {"order_id": order_id, "item_id": here.h.item.pk, "price": "100", "serial": serial}
        for serial in serials
    ]
    plain = {
        "place_id": here.h.campus.pk, "reference": unique("F"), "invoiced_on": str(today()),
        "total": str(100 * len(serials)), "lines": lines,
    }  # fmt: skip
    return {**plain, **fields}


def test_from_order_to_statement(committed: Site, theirs: ApiClient) -> None:
    here = committed
    order = here.order((here.h.item, 3))
    line = line_of(order)
    [seen] = got(theirs, "/supplier/orders", state="placed")
    assert (seen["number"], seen["lines"][0]["answer"]) == (order.number, None)
    theirs.done(
        f"/supplier/orders/{order.id}/lines/{line.pk}/answers", verdict="confirmed", promised_on=str(soon(3))
    )
    assert got(theirs, f"/supplier/orders/{order.id}")["lines"][0]["answer"]["verdict"] == "confirmed"
    sent = {"item_id": here.h.item.pk, "lot": "L1", "expiry": str(soon(400))}
    theirs.done(
        f"/supplier/orders/{order.id}/notices", lines=[{**sent, "serial": "A"}, {**sent, "serial": "B"}]
    )
    assert [each["pieces"] for each in got(theirs, "/supplier/notices", order_id=order.id)] == [2]
    assert got(theirs, f"/supplier/orders/{order.id}/uncharged") == []
    here.receive(order, here.arrival(serial="A"), here.arrival(serial="B"))
    serials = [each["serial"] for each in got(theirs, f"/supplier/orders/{order.id}/uncharged")]
    assert serials == ["A", "B"]
    assert here.h.campus.pk in [each["id"] for each in got(theirs, "/supplier/billed-to")]
    kept = theirs.done("/supplier/invoices", **invoice(here, order.id, *serials))
    assert kept["facts"]["results"] == {"matched": 2}
    one = got(theirs, f"/supplier/invoices/{kept['id']}")
    assert (one["state"], one["held"], {each["result"] for each in one["lines"]}) == (
        "matched",
        [],
        {"matched"},
    )
    assert [each["number"] for each in got(theirs, "/supplier/invoices")] == [kept["number"]]
    statement = got(theirs, "/supplier/statement", month=str(today()))
    assert Decimal(statement["invoiced_total"]) == Decimal(statement["open_invoices"]) == 200


def test_goods_and_papers(committed: Site, theirs: ApiClient, rival: ApiClient) -> None:
    committed.h.stocked(2, owner_id=committed.h.supplier.pk)
    committed.h.stocked(1)
    assert sum(Decimal(row["quantity"]) for row in got(theirs, "/supplier/consignment")) == 2
    assert got(rival, "/supplier/consignment") == []
    form = {
        "key": unique("k"),
        "kind": "business",
        "reference": "BL-1",
        "valid_from": str(soon(0)),
        "endless": "true",
    }
    form["file"] = SimpleUploadedFile("scan.png", png(), "image/png")
    answer = theirs.client.post(BASE + "/supplier/papers", form, headers=theirs.headers)
    assert answer.status_code == 200, answer.content
    assert [(each["reference"], each["state"]) for each in got(theirs, "/supplier/papers")] == [
        ("BL-1", "offered")
    ]
    assert got(rival, "/supplier/papers") == []


def test_anothers_answers_as_what_does_not_exist(
    committed: Site, theirs: ApiClient, rival: ApiClient
) -> None:
    """Same status, same body; nothing written but the attempt."""
    here = committed
    order = here.order((here.h.item, 2))
    here.receive(order, here.arrival(serial="A"))
    kept = theirs.done("/supplier/invoices", **invoice(here, order.id, "A"))
    line = line_of(order)
    nowhere = 999_999_999
    before = contents()

    def alike(there: Any, absent: Any) -> None:
        assert (there.status_code, there.content) == (absent.status_code, absent.content)
        assert there.status_code in {404, 409}

    for path, real in (("/supplier/orders/{}", order.id), ("/supplier/orders/{}/uncharged", order.id),
                       ("/supplier/invoices/{}", kept["id"]), ("/invoices/{}", kept["id"])):  # fmt: skip
        alike(rival.get(path.format(real)), rival.get(path.format(nowhere)))
    answer = {"verdict": "confirmed"}
    path = "/supplier/orders/{}/lines/{}/answers"
    alike(
        rival.post(path.format(order.id, line.pk), **answer),
        rival.post(path.format(nowhere, nowhere), **answer),
    )
    alike(
        rival.post(f"/order-lines/{line.pk}/answers", **answer),
        rival.post(f"/order-lines/{nowhere}/answers", **answer),
    )
    for path in ("/supplier/orders/{}/answers", "/orders/{}/answers"):
        alike(rival.post(path.format(order.id), lines=[line.pk]), rival.post(path.format(nowhere), lines=[1]))
    notice = {"lines": [{"item_id": here.h.item.pk, "serial": "N1"}]}
    path = "/supplier/orders/{}/notices"
    alike(rival.post(path.format(order.id), **notice), rival.post(path.format(nowhere), **notice))
    alike(rival.post("/supplier/invoices", **invoice(here, order.id, "A")),
          rival.post("/supplier/invoices", **invoice(here, order.id, "A", place_id=nowhere)))  # fmt: skip
    assert contents() == before
    assert order.number in set(Attempt.objects.filter(code="others").values_list("thing", flat=True))


def test_lines_are_confirmed_as_asked_in_one_act(committed: Site, theirs: ApiClient) -> None:
    order = committed.order((committed.h.item, 2), (committed.counted, 5), expected_on=soon(4))
    lines = [line["id"] for line in got(theirs, f"/supplier/orders/{order.id}")["lines"]]
    assert theirs.done(f"/supplier/orders/{order.id}/answers", lines=lines)["facts"]["confirmed"] == 2
    answers = [line["answer"] for line in got(theirs, f"/supplier/orders/{order.id}")["lines"]]
    assert [(each["verdict"], each["pieces"], each["promised_on"]) for each in answers] == [
        ("confirmed", 2, str(soon(4))), ("confirmed", 5, str(soon(4))),
    ]  # fmt: skip
    again = theirs.post(f"/supplier/orders/{order.id}/answers", lines=lines)
    assert (again.status_code, again.json()["code"]) == (409, "line_answered")
    assert theirs.post(f"/supplier/orders/{order.id}/answers", lines=[]).status_code == 422


def test_a_supplier_bills_whom_it_delivers_to(committed: Site, theirs: ApiClient) -> None:
    here = committed
    order = here.order((here.h.item, 1))
    here.receive(order, here.arrival(serial="A"))
    elsewhere = Place.objects.create(
        kind="campus", code=unique("C"), name_zh="别处", parent=here.h.campus.parent
    )
    before = contents()
    for place_id in (elsewhere.pk, here.h.department.pk, 999_999_999):
        refused = theirs.post("/supplier/invoices", **invoice(here, order.id, "A", place_id=place_id))
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert contents() == before


def test_the_hospitals_people_have_no_suppliers_addresses(committed: Site) -> None:
    buyer = ApiClient(committed.buyer)
    order = committed.order()
    paths = [f"/supplier/orders/{order.id}", "/supplier/orders", "/supplier/notices", "/supplier/invoices",
             "/supplier/consignment", "/supplier/papers", "/supplier/billed-to"]  # fmt: skip
    assert {buyer.get(path).status_code for path in paths} == {404}
    assert buyer.get("/supplier/statement", month=str(today())).status_code == 404
    told = buyer.post(
        f"/supplier/orders/{order.id}/notices", lines=[{"item_id": committed.h.item.pk, "serial": "N"}]
    )
    assert told.status_code == 404
    assert PurchaseOrder.objects.get(pk=order.id).notices.count() == 0


def test_an_order_not_placed_is_not_there(committed: Site, theirs: ApiClient) -> None:
    order = committed.order()
    PurchaseOrder.objects.filter(pk=order.id).update(state="draft", placed_at=None)
    assert theirs.get(f"/supplier/orders/{order.id}").status_code == 404
    assert json.loads(theirs.get("/supplier/orders").content) == []


def test_the_supplier_sees_when_and_where_each_part_is_due_and_what_of_it_came(
    committed: Site, theirs: ApiClient, rival: ApiClient
) -> None:
    here = committed
    far = here.h.department
    order = place_order(
        actor=here.purchasing, key=unique("k"), supplier_id=here.h.supplier.pk, deliver_to_id=here.h.store.pk,
        lines=[Ordered(here.h.item.pk, 3, Decimal(100), parts=(Part(soon(9), 1, far.pk), Part(soon(3), 2)))],
    )  # fmt: skip
    here.receive(order, here.arrival())
    planned = [(str(soon(3)), 2, 1, here.h.store.name), (str(soon(9)), 1, 0, far.name)]
    for seen in (*got(theirs, "/supplier/orders"), got(theirs, f"/supplier/orders/{order.id}")):
        [line] = seen["lines"]
        assert [(p["due_on"], p["quantity"], p["came"], p["place"]) for p in line["parts"]] == planned
    hospital = ApiClient(here.buyer)
    for seen in (*got(hospital, "/orders"), got(hospital, f"/orders/{order.id}")):
        assert [part["place"] for part in seen["lines"][0]["parts"]] == [here.h.store.name, far.name]
    assert rival.get(f"/supplier/orders/{order.id}").status_code == 404
    sheet = got(theirs, f"/papers/order/{order.id}")
    [schedule] = [part for part in sheet["sections"] if part["title"] == "Delivery schedule"]
    assert [row[-2:] for row in schedule["rows"]] == [[2, 1], [1, 0]]
    assert ApiClient(here.buyer).get(f"/supplier/orders/{order.id}").status_code == 404


def test_a_suppliers_program_prints_the_labels_of_its_boxes(
    committed: Site, theirs: ApiClient, rival: ApiClient
) -> None:
    here = committed
    order = here.order((here.h.item, 3))
    sent = {"item_id": here.h.item.pk, "lot": "L1", "expiry": str(soon(400))}
    boxed = [
        {**sent, "serial": "A", "box": "new"},
        {**sent, "serial": "B", "box": "new 2"},
        {**sent, "serial": "C"},
    ]
    theirs.done(f"/supplier/orders/{order.id}/notices", lines=boxed)
    [notice] = got(theirs, "/supplier/notices", order_id=order.id)
    path = f"/supplier/notices/{notice['id']}/labels.pdf"
    answer = theirs.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert len(re.findall(rb"/Type /Page\b", answer.content)) == 2
    hidden, absent = rival.get(path), theirs.get("/supplier/notices/999999999/labels.pdf")
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert hidden.status_code == 404
