"""Borrowing between departments by another system."""

from tests.exchange.client import ApiClient
from tests.flows.site import Site, person
from tests.flows.test_budgets import at_the_ward
from tests.makers import place
from yanji.ledger.api import unit_view
from yanji.places.models import Kind


def test_the_story_of_a_lending(committed: Site) -> None:
    here = committed
    other = place(Kind.DEPARTMENT, here.h.campus)
    lender, borrower, keeper = (
        ApiClient(here.nurse),
        ApiClient(person("nurse", other)),
        ApiClient(here.storekeeper),
    )
    *epcs, unwanted = at_the_ward(here, 3)
    made = lender.done("/lendings", lender_id=here.h.department.pk, borrower_id=other.pk, things=epcs)
    path = f"/lendings/{made['id']}"
    assert lender.post(f"{path}/confirm").status_code == 403
    borrower.done(f"{path}/confirm")
    assert [each["pieces"] for each in lender.get("/debts").json()] == [2]
    more = lender.done("/lendings", lender_id=here.h.department.pk, borrower_id=other.pk, things=[unwanted])
    assert lender.post(f"/lendings/{more['id']}/decline").status_code == 403
    assert borrower.done(f"/lendings/{more['id']}/decline")["state"] == "declined"
    assert unit_view(unwanted).place_id == here.h.department.pk
    borrower.done(f"{path}/returns", things=epcs[:1])
    [given] = lender.get(path).json()["settlements"]
    lender.done(f"/settlements-of-lendings/{given['id']}/refuse")
    assert lender.get(path).json()["lines"][0]["owed"] == 2
    borrower.done(f"{path}/returns", things=epcs[:1])
    keeper.done(f"{path}/replacements", things=here.stocked(1), store_id=here.h.store.pk)
    for each in lender.get(path).json()["settlements"]:
        if each["voided_at"] is None:
            lender.done(f"/settlements-of-lendings/{each['id']}/confirm")
    found = borrower.get("/lendings", state="settled").json()
    assert [(each["number"], each["lines"][0]["owed"]) for each in found] == [(made["number"], 0)]
    assert borrower.get("/debts").json() == []
