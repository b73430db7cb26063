"""Scrap papers, write-offs and returns to suppliers by another system."""

from decimal import Decimal

from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents
from tests.makers import days_ago
from yanji.ledger.api import LotQuantity, Step, unit_view, virtual_places


def test_the_story_of_a_scrap_paper(committed: Site) -> None:
    here = committed
    epcs = here.stocked(2)
    keeper = ApiClient(here.storekeeper)
    made = keeper.done("/disposals", things=epcs, reason="expired", note="shelf A")
    assert made["state"] == "approved"
    path = f"/disposals/{made['id']}"
    wrong = keeper.post(f"{path}/signatures", username=here.second.username, password="no")
    assert (wrong.status_code, unit_view(epcs[0]).status) == (403, "quarantined")
    signed = keeper.done(f"{path}/signatures", username=here.second.username, password="Zweite-Person-7")
    assert (signed["state"], unit_view(epcs[0]).status) == ("destroyed", "scrapped")
    today = timezone.localdate()
    keeper.done(f"{path}/collections", firm="Green", certificate="C-9", collected_on=today)
    assert keeper.get(path).json()["certificate"] == "C-9"
    assert keeper.done(f"{path}/void", reason="wrong_scan", note="a digit")["state"] == "destroyed"
    keeper.done(f"{path}/collections", firm="Green", certificate="C-8", collected_on=today)
    paper = keeper.get(path).json()
    assert (paper["certificate"], [each["certificate"] for each in paper["voided"]]) == ("C-8", ["C-9"])
    [total] = keeper.get(f"/disposals-of/{today.year}/{today.month}").json()
    assert (total["reason"], total["pieces"], total["value"]) == ("expired", 2, "200.00")


def test_lost_things_by_the_interface(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1, ago=41)
    here.h.do(Step.LOSE, epc, to=virtual_places().lost, happened_at=days_ago(40))
    keeper = ApiClient(here.storekeeper)
    assert [each["epc"] for each in keeper.get("/lost").json()] == [epc]
    made = keeper.done("/write-offs", place_id=here.h.store.pk, things=[epc], reason="missing")
    keeper.done(f"/disposals/{made['id']}/cancel")
    again = keeper.done("/write-offs", place_id=here.h.store.pk, things=[epc], reason="missing")
    done = keeper.done(
        f"/disposals/{again['id']}/signatures", username=here.second.username, password="Zweite-Person-7"
    )
    assert done["state"] == "written_off"
    path, second = (
        f"/disposals/{again['id']}",
        {"username": here.second.username, "password": "Zweite-Person-7"},
    )
    alone = keeper.post(f"{path}/void", reason="wrong_scan")
    assert (alone.json()["code"], keeper.get(path).json()["state"]) == ("witness_missing", "written_off")
    assert keeper.done(f"{path}/void", reason="wrong_scan", **second)["state"] == "approved"
    [voided] = keeper.get(path).json()["voided"]
    assert (voided["what"], voided["second"]) == ("write_off", here.second.name_en)
    keeper.done(f"{path}/signatures", **second)
    assert [each["state"] for each in keeper.get("/disposals").json()] == ["written_off", "cancelled"]


def test_lost_pieces_of_a_lot_by_the_interface(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(5)
    gone = LotQuantity(lot, Decimal(3), here.h.store.pk)
    here.h.do(Step.LOSE, gone, to=virtual_places().lost, happened_at=days_ago(40))
    keeper = ApiClient(here.storekeeper)
    [row] = keeper.get("/lost/lots").json()
    assert (row["lot_id"], row["place_id"], row["pieces"], row["ripe"]) == (lot, here.h.store.pk, 3, 3)
    things = [{"lot_id": lot, "quantity": 4, "place_id": row["place_id"], "owner_id": row["owner_id"]}]
    before = contents()
    many = keeper.post("/write-offs", place_id=here.h.store.pk, things=things, reason="missing")
    assert (many.status_code, contents()) == (409, before)
    things[0]["quantity"] = 3
    made = keeper.done("/write-offs", place_id=here.h.store.pk, things=things, reason="missing")
    [row] = keeper.get("/lost/lots").json()
    assert (row["ripe"], row["papers"]) == (0, [made["number"]])
    assert ApiClient(here.nurse).get("/lost/lots").json() == []


def test_the_story_of_a_return_to_a_supplier(committed: Site) -> None:
    here = committed
    epcs = here.stocked(2)
    keeper, buyer = ApiClient(here.storekeeper), ApiClient(here.buyer)
    made = keeper.done(
        "/supplier-returns",
        place_id=here.h.store.pk,
        supplier_id=here.h.supplier.pk,
        things=epcs,
        reason="quality",
    )
    path = f"/supplier-returns/{made['id']}"
    before = contents()
    assert keeper.post(f"{path}/authorisations", authorisation=" ").status_code == 422
    assert ApiClient(here.nurse).get(path).status_code == 404
    assert contents() == before
    buyer.done(f"{path}/authorisations", authorisation="RMA-1")
    keeper.done(f"{path}/shipments", handed_to="Courier", credit_due="2099-01-01")
    assert [each["number"] for each in buyer.get("/supplier-returns", overdue_on="2099-02-01").json()] == [
        made["number"]
    ]
    wrong = buyer.done(f"{path}/credits", number="CN-0", amount="200.00")
    assert wrong["state"] == "closed"
    [note] = buyer.get(path).json()["credits"]
    assert keeper.post(f"{path}/credits/{note['id']}/void", reason="").status_code == 422
    assert buyer.done(f"{path}/credits/{note['id']}/void", reason="typed wrong")["facts"] == {
        "short": "200.00"
    }
    buyer.done(f"{path}/credits", number="CN-1", amount="150.00")
    assert [each["state"] for each in buyer.get(path).json()["credits"]] == ["voided", "entered"]
    closed = buyer.done(f"{path}/close", text="agreed by phone")
    assert closed["facts"] == {"short": "50.00"}
    assert buyer.get(path).json()["credited"] == "150.00"
    other = keeper.done(
        "/supplier-returns",
        place_id=here.h.store.pk,
        supplier_id=here.h.supplier.pk,
        things=here.stocked(1),
        reason="quality",
    )
    assert keeper.done(f"/supplier-returns/{other['id']}/cancel")["state"] == "cancelled"
