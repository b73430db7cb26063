"""Papers of suppliers by another program: sent and withdrawn by the supplier's, listed and decided by the hospital's."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.exchange.client import BASE, ApiClient
from tests.flows.buying import supplier_person, today
from tests.flows.files import png
from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.catalog.models import Licence
from yanji.flows.invoices.models import FirstInvoice


@pytest.fixture
def theirs(committed: Site) -> ApiClient:
    return ApiClient(supplier_person(committed))


def send(theirs: ApiClient, reference: str) -> int:
    given = {
        "key": unique("k"), "kind": "device_trade", "reference": reference, "valid_from": str(today()),
        "valid_to": str(soon(400)),
        "file": SimpleUploadedFile("scan.png", png(), content_type="image/png"),
    }  # fmt: skip
    answer = theirs.client.post(f"{BASE}/supplier/papers", given, headers=theirs.headers)
    assert answer.status_code == 200, answer.content
    return int(json.loads(answer.content)["id"])


def codes(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_papers_are_listed_decided_and_withdrawn_by_the_interface(committed: Site, theirs: ApiClient) -> None:
    hospital, ward = ApiClient(committed.buyer), ApiClient(committed.nurse)
    first, second, third = (send(theirs, name) for name in ("XK-1", "XK-2", "XK-3"))
    listed = hospital.get("/offered-papers", waiting=True).json()
    assert [row["reference"] for row in listed] == ["XK-3", "XK-2", "XK-1"]
    assert ward.get("/offered-papers").json() == []
    before = contents()
    assert codes(ward.post(f"/offered-papers/{first}/decisions", accept=True)) == (404, "not_found")
    assert codes(hospital.post(f"/offered-papers/{first}/decisions", accept=False))[1] == "reason_needed"
    assert theirs.get("/offered-papers").status_code == 404
    assert theirs.post(f"/offered-papers/{first}/decisions", accept=True).status_code == 404
    assert hospital.post(f"/supplier/papers/{first}/withdraw", reason="mine").status_code == 404
    assert contents() == before
    hospital.done(f"/offered-papers/{first}/decisions", accept=True)
    hospital.done(f"/offered-papers/{second}/decisions", accept=False, reason="The stamp is missing")
    theirs.done(f"/supplier/papers/{third}/withdraw", reason="Sent twice")
    assert (
        Licence.objects.get(number="XK-1").pk == hospital.get(f"/offered-papers/{first}").json()["licence_id"]
    )
    seen = {row["reference"]: (row["state"], row["because"]) for row in theirs.get("/supplier/papers").json()}
    assert seen == {
        "XK-1": ("entered", ""), "XK-2": ("refused", "The stamp is missing"), "XK-3": ("withdrawn", "Sent twice"),
    }  # fmt: skip
    assert codes(hospital.post(f"/offered-papers/{third}/decisions", accept=True)) == (409, "document_closed")


def test_a_makers_invoice_is_voided_and_entered_anew(committed: Site) -> None:
    receipt = committed.receive(committed.order((committed.h.item, 1)), committed.arrival())
    keeper, buyer = ApiClient(committed.storekeeper), ApiClient(committed.buyer)
    path = f"/receipts/{receipt.id}/first-invoices"
    kept = keeper.done(path, seller="厂家", number="M-1", issued_on=str(today()))
    buyer.done(f"/first-invoices/{kept['id']}/verify")
    void = f"/first-invoices/{kept['id']}/void"
    assert codes(buyer.post(void, reason=" "))[1] == "reason_needed"
    assert ApiClient(committed.nurse).post(void, reason="x").status_code in (403, 404)
    assert FirstInvoice.objects.get().voided_at is None
    assert buyer.done(void, reason="Typed wrongly")["facts"] == {"paid": []}
    keeper.done(path, seller="厂家", number="M-2", issued_on=str(today()))
    rows = buyer.get(path).json()
    assert [(row["number"], row["state"], row["voided_because"]) for row in rows] == [
        ("M-1", "voided", "Typed wrongly"), ("M-2", "entered", ""),
    ]  # fmt: skip
