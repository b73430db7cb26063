"""Any document is found by its number, by who may see it, on a page that they may open; for all others it is not there."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.web.world import World
from yanji.flows.numbered import papers_numbered
from yanji.flows.papers import paper_of

# Kind of document -> the sample of the hospital's day, and somebody whose work it is.
FOUND = {
    "order": ("order_id", "buyer"),
    "notice": ("notice_id", "storekeeper"),
    "receipt": ("receipt_id", "storekeeper"),
    "requisition": ("requisition_id", "nurse"),
    "issue": ("issue_id", "storekeeper"),
    "transfer": ("transfer_id", "storekeeper"),
    "count": ("count_id", "storekeeper"),
    "scrap": ("disposal_id", "storekeeper"),
    "supplier_return": ("return_id", "storekeeper"),
    "lending": ("lending_id", "nurse"),
    "handover": ("handover_id", "nurse"),
    "invoice": ("invoice_id", "buyer"),
    "contract": ("contract_id", "buyer"),
    "purchase_request": ("purchase_request_id", "nurse"),
    "loan_set": ("loan_set_id", "nurse"),
    "settlement": ("settlement_id", "buyer"),
    "offered_paper": ("offered_id", "buyer"),
    "landed_cost": ("cost_id", "buyer"),
    "reservation": ("reservation_id", "storekeeper"),
}


def signed_in(world: World, who: str) -> Client:
    person = world.people[who]
    assert person is not None
    client = Client()
    client.force_login(person)
    return client


def number_of(world: World, kind: str) -> str:
    return str(paper_of(kind).model._default_manager.get(pk=world.samples[FOUND[kind][0]]))


def led_to(world: World, kind: str, who: str) -> str:
    """Where the number of a document leads somebody, and that it stands on that page; empty where it leads nowhere."""
    number = number_of(world, kind)
    client = signed_in(world, who)
    answer = client.get("/search", {"q": number})
    if answer.status_code != 302:
        return ""
    shown = client.get(answer["Location"])
    assert shown.status_code == 200, answer["Location"]
    assert number in shown.content.decode(), answer["Location"]
    return str(answer["Location"])


def test_a_document_is_found_by_its_number_by_who_may_see_it(hospital_day: World) -> None:
    nowhere = [kind for kind, (_sample, who) in FOUND.items() if not led_to(hospital_day, kind, who)]
    assert nowhere == []
    # Who has no page for it reads it as it is printed; a supplier has pages of its own.
    assert led_to(hospital_day, "contract", "storekeeper").endswith("/print")
    own = [led_to(hospital_day, kind, "supplier") for kind in ("order", "notice", "invoice", "offered_paper")]
    assert all(address.startswith("/supplier/") for address in own), own
    told = [
        (kind, who)
        for kind in FOUND
        for who in ("elsewhere", "nobody", "rival")
        if led_to(hospital_day, kind, who)
    ]
    assert told == []


def test_the_number_of_a_case_goes_straight_to_its_page(hospital_day: World) -> None:
    """Although things were used in it: the page of the case lists them."""
    [(paper, key)] = papers_numbered("CASE-1")
    assert paper.kind == "case"
    found = signed_in(hospital_day, "nurse").get("/search", {"q": "CASE-1"})
    assert (found.status_code, found["Location"]) == (302, reverse("ward:use_case", args=[key]))
    hidden = signed_in(hospital_day, "storekeeper").get("/search", {"q": "CASE-1"}).content.decode()
    assert reverse("ward:use_case", args=[key]) not in hidden


def test_one_statement_for_all_kinds(hospital_day: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert papers_numbered("NO-SUCH-1") == []
