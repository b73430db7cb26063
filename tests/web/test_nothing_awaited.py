"""Of an order or a request that is over nobody waits for anything: neither pages, lists, prints nor the API say otherwise."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.exchange.client import ApiClient
from tests.flows.buying import chief, supplier_person, waiting
from tests.flows.site import site
from tests.makers import unique
from yanji.access.models import Person
from yanji.flows.approval import decide
from yanji.flows.buying.requests import Needed, ask_for_purchase, close_request
from yanji.flows.models import Requisition
from yanji.flows.purchase import cancel_order, close_order
from yanji.flows.requisition import close_requisition
from yanji.flows.sheets import requisition_sheet

pytestmark = pytest.mark.django_db
PIECES = 7
ORDER, REQUEST = "Not awaited any more", "Not to be ordered any more"


def reads(person: Person, address: str) -> Any:
    Person.objects.filter(pk=person.pk).update(language="en")
    client = Client()
    client.force_login(person)
    return client.get(address)


def api_line(person: Person, path: str) -> dict[str, Any]:
    [line] = ApiClient(person).get(path).json()["lines"]
    return line


@pytest.mark.parametrize("over", ["running", "cancelled", "closed"])
def test_an_order_that_is_over_awaits_nothing(over: str) -> None:
    here = site()
    order = here.order((here.h.item, PIECES)).id
    act = {"actor": here.purchasing, "key": unique("k"), "order_id": order, "reason": "Not needed"}
    if over != "running":
        {"cancelled": cancel_order, "closed": close_order}[over](**act)
    expected = PIECES if over == "running" else 0
    page = reads(here.buyer, f"/buyer/orders/{order}")
    [line] = page.context["lines"]
    assert (line.awaited, sum(due.pieces for due in line.owed)) == (expected, expected)
    assert (ORDER in page.content.decode()) == (over != "running")
    assert api_line(here.buyer, f"/orders/{order}")["outstanding"] == expected
    assert api_line(supplier_person(here), f"/supplier/orders/{order}")["outstanding"] == expected


@pytest.mark.parametrize("over", ["waiting", "refused", "closed"])
def test_a_request_that_is_over_is_not_to_be_ordered(over: str) -> None:
    here = site()
    signer = chief(here, "purchase_request")
    asked = ask_for_purchase(
        actor=here.ward, key=unique("k"), place_id=here.h.department.pk, reason="More",
        lines=[Needed(here.h.item.pk, PIECES)],
    )  # fmt: skip
    if over == "refused":
        step = waiting("purchase_request", asked).pk
        decide(actor=signer, key=unique("k"), approval_id=step, approve=False, comment="Too dear")
    if over == "closed":
        close_request(actor=here.ward, key=unique("k"), request_id=asked.id, reason="Not needed")
    expected = PIECES if over == "waiting" else 0
    page = reads(here.buyer, f"/buyer/requests/{asked.id}")
    assert [line.to_order for line in page.context["lines"]] == [expected]
    assert (REQUEST in page.content.decode()) == (over != "waiting")
    [row] = reads(here.buyer, "/buyer/requests?state=all").context["rows"]
    assert row.open == expected
    assert api_line(here.buyer, f"/purchase-requests/{asked.id}")["open"] == expected
    assert len(reads(here.buyer, f"/buyer/orders/new?request={asked.id}").context["lines"]) == bool(expected)


@pytest.mark.parametrize("over", [False, True])
def test_of_a_closed_requisition_nothing_is_to_be_taken(over: bool) -> None:
    here = site()
    wanted = here.requisition((here.h.item, PIECES)).id
    if over:
        close_requisition(actor=here.ward, key=unique("k"), requisition_id=wanted)
    with translation.override("en"):
        [lines, _walk] = requisition_sheet(Requisition.objects.get(pk=wanted)).sections
    [cells] = lines.rows
    assert dict(zip(lines.columns, cells, strict=True))["To take"] == (0 if over else PIECES)
