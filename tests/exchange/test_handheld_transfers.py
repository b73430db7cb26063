"""Transfers and scrap by the scan page: picked, sent, taken in with what differs, and put onto a paper; each act once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import LABEL, read, scans
from tests.flows.site import Site, contents
from tests.flows.transferring import Way, way
from tests.makers import unique
from yanji.catalog.models import Item, ItemCode
from yanji.flows.disposal.models import Disposal
from yanji.flows.transfer.models import Shipment, Transfer, TransferDifference
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.ship import ship
from yanji.ledger.api import unit_view


@pytest.fixture
def between(committed: Site) -> Way:
    return way(committed)


def do(client: ApiClient, flow: str, *texts: str, key: str = "", **about: Any) -> Any:
    given = {"flow": flow, "scans": scans(*texts), "about": about}
    return client.send("/handheld/acts", key=key or unique("pwa"), **given)


def done(client: ApiClient, flow: str, *texts: str, **about: Any) -> dict[str, Any]:
    answer = do(client, flow, *texts, **about)
    assert answer.status_code == 200, answer.content
    return answer.json()


def tasks(client: ApiClient, number: str) -> list[tuple[str, int]]:
    found = client.get("/handheld/today").json()["tasks"]
    return [(task["flow"], task["pieces"]) for task in found if task["number"] == number]


def place_of(epc: str) -> tuple[str, int]:
    view = unit_view(epc)
    assert view is not None
    return view.status, view.place_id


def test_a_transfer_is_picked_sent_and_taken_in_with_what_differs(between: Way) -> None:
    here = between.here
    epcs = [here.stocked(1, serial=f"TW{number}")[0] for number in range(4)]
    wanted = between.asked((here.h.item, 3))
    number, keeper, far = wanted.number, ApiClient(here.storekeeper), ApiClient(between.far)
    assert (tasks(keeper, number), tasks(far, number)) == ([("pick", 3)], [])
    one, two, three = (here.scan(f"TW{n}") for n in range(3))
    assert read(keeper, "pick", number, one, two, three)["ready"]
    assert done(keeper, "pick", number, one, two, three)["number"] == number
    assert tasks(keeper, number) == [("ship", 3)]
    silent = read(keeper, "ship", number)
    assert [each["code"] for each in silent["offences"]] == ["scan_carrier"]
    strange = read(keeper, "ship", number, here.scan("TW3"), about={"handed_to": "Van 7"})
    assert strange["sights"][1]["meaning"]["offences"][0]["code"] == "not_picked"
    key = unique("pwa")
    first, again = (do(keeper, "ship", number, key=key, handed_to="Van 7") for _ in range(2))
    assert (first.status_code, again.json()["repeated"]) == (200, True)
    assert Transfer.objects.get(pk=wanted.id).shipments.get().handed_to == "Van 7"
    assert keeper.get("/handheld/today").json()["carriers"] == ["Van 7"]
    assert (tasks(keeper, number), tasks(far, number)) == ([], [("arrive", 3)])
    said = read(far, "arrive", number, one, here.scan("TW3"))
    assert [(sight["role"], sight["verdict"]) for sight in said["sights"]] == [
        ("about", ""), ("thing", ""), ("thing", "unexpected"),
    ]  # fmt: skip
    assert said["ready"]
    done(far, "arrive", number, between.shelf.code, one, here.scan("TW3"))
    done(far, "arrive", number, two, reason="damaged_on_way")
    assert [place_of(epc)[0] for epc in epcs] == ["available", "quarantined", "in_transit", "available"]
    assert place_of(epcs[0]) == ("available", between.shelf.pk)
    assert place_of(epcs[1])[1] == between.store.pk
    found = TransferDifference.objects.filter(transfer=wanted.id).order_by("pk")
    assert [(each.kind, each.thing, each.reason) for each in found] == [
        ("unexpected", epcs[3], "surplus"), ("held", epcs[1], "damaged_on_way"),
    ]  # fmt: skip
    assert tasks(far, number) == [("arrive", 1)]
    done(far, "arrive", number)
    assert tasks(far, number) == []


def test_what_stands_against_an_arrival_is_said(between: Way) -> None:
    """Not where it goes, not at this end, and cold goods of whose way nobody says anything."""
    here = between.here
    Item.objects.filter(pk=here.h.item.pk).update(temperature_class="refrigerated")
    epcs = here.stocked(1, serial="TC1")
    sent = between.sent(epcs)
    keeper, far = ApiClient(here.storekeeper), ApiClient(between.far)
    label, fridge = here.scan("TC1"), between.fridge.code
    wrong_end = read(keeper, "arrive", sent.number, label)
    assert [each["code"] for each in wrong_end["offences"]] == ["scan_which_transfer"]
    for texts in ([sent.number, fridge], [sent.number, fridge, label]):
        said = read(far, "arrive", *texts)
        assert [each["code"] for each in said["offences"]] == ["way_temperature_needed"]
    before = contents()
    refused = do(far, "arrive", sent.number, fridge, label)
    assert (refused.status_code, refused.json()["code"]) == (409, "way_temperature_needed")
    assert contents() == before
    mild = {"celsius_min": "3.5", "celsius_max": "7"}
    assert read(far, "arrive", sent.number, fridge, label, about=mild)["ready"]
    done(far, "arrive", sent.number, fridge, label, **mild)
    assert place_of(epcs[0]) == ("available", between.fridge.pk)


def test_pieces_of_a_lot_go_by_the_same_scans(between: Way) -> None:
    here = between.here
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    here.stocked_lot(10, expiry=date(2049, 12, 31))
    wanted = between.asked((here.counted, 3))
    keeper, far = ApiClient(here.storekeeper), ApiClient(between.far)
    done(keeper, "pick", wanted.number, LABEL, LABEL, LABEL)
    done(keeper, "ship", wanted.number, LABEL, LABEL, handed_to="Courier")
    much = do(far, "arrive", wanted.number, LABEL, LABEL, LABEL)
    assert much.json()["code"] == "lot_short"
    done(far, "arrive", wanted.number, LABEL)
    done(far, "arrive", wanted.number, LABEL, reason="damaged_on_way")
    done(keeper, "ship", wanted.number, handed_to="Courier")
    done(far, "arrive", wanted.number, reason="damaged_on_way")
    assert TransferDifference.objects.filter(kind="held", transfer=wanted.id).count() == 2
    line = Transfer.objects.get(pk=wanted.id).lines.get()
    assert (line.picked, line.shipped, line.arrived) == (3, 3, 3)


def test_things_are_put_onto_a_scrap_paper_with_a_reason(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1, serial="TS1")
    keeper, label = ApiClient(here.storekeeper), here.scan("TS1")
    assert "scrap" in keeper.get("/handheld/today").json()["reasons"]
    assert [each["code"] for each in read(keeper, "scrap", label)["offences"]] == ["scan_reason"]
    reason = next(iter(keeper.get("/handheld/today").json()["reasons"]["scrap"]))
    key = unique("pwa")
    first, again = (do(keeper, "scrap", label, key=key, reason=reason) for _ in range(2))
    assert (first.status_code, again.json()["repeated"]) == (200, True)
    paper = Disposal.objects.get()
    assert (paper.number, paper.reason, paper.lines.get().unit.epc) == (first.json()["number"], reason, epc)
    assert place_of(epc)[0] == "quarantined"
    twice = read(keeper, "scrap", label, about={"reason": reason})
    assert [each["code"] for each in twice["sights"][0]["meaning"]["offences"]] == ["on_other_paper"]
    assert not twice["ready"]


def test_all_of_it_is_what_was_on_its_way_when_it_was_said(between: Way) -> None:
    """Taken in without a network; before the act came, a second load had been sent, which nobody at this end has seen."""
    here = between.here
    epcs = here.stocked(2)
    wanted = between.asked((here.h.item, 2))
    pick_transfer(actor=between.sender, key=unique("p"), transfer_id=wanted.id, things=epcs)
    by: dict[str, Any] = {"actor": between.sender, "transfer_id": wanted.id, "handed_to": "Van 7"}
    ship(key=unique("s"), things=epcs[:1], **by)
    said = timezone.now() - timedelta(minutes=1)
    Shipment.objects.update(shipped_at=said - timedelta(minutes=5))
    ship(key=unique("s"), things=epcs[1:], **by)
    far, key = ApiClient(between.far), unique("pwa")
    act = {"flow": "arrive", "scans": scans(wanted.number), "about": {}}
    late = far.send("/handheld/acts", key=key, **act, scanned_at=said)
    assert (late.status_code, late.json()["code"]) == (409, "load_sent_since")
    assert {place_of(epc)[0] for epc in epcs} == {"in_transit"}
    seen = {"again": True, "scanned_at": timezone.now()}
    assert far.send("/handheld/acts", key=key, **act, **seen).status_code == 200
    assert {place_of(epc)[0] for epc in epcs} == {"available"}


def test_many_things_cost_what_few_do(between: Way) -> None:
    here, spent = between.here, {}
    keeper, far = ApiClient(here.storekeeper), ApiClient(between.far)
    for many in (2, 5):
        labels = [f"TM{many}{number}" for number in range(many)]
        epcs = [here.stocked(1, serial=label)[0] for label in labels]
        texts = [here.scan(label) for label in labels]
        wanted = between.asked((here.h.item, many))
        cost = []
        for who, flow, about in (
            (keeper, "pick", {}),
            (keeper, "ship", {"handed_to": "V"}),
            (far, "arrive", {}),
        ):
            with CaptureQueriesContext(connection) as reading:
                assert read(who, flow, wanted.number, *texts, about=about)["ready"]
            done(who, flow, wanted.number, *texts, **about)
            cost.append(len(reading))
        with CaptureQueriesContext(connection) as reading:
            assert read(far, "scrap", *texts, about={"reason": "expired"})["ready"]
        spent[many] = [*cost, len(reading)]
        assert {place_of(epc)[0] for epc in epcs} == {"available"}
    assert spent[2] == spent[5]


def test_a_pick_is_for_the_paper_that_was_scanned_last(between: Way) -> None:
    here, keeper = between.here, ApiClient(between.here.storekeeper)
    here.stocked(1, serial="LP1")
    transfer, asked = between.asked((here.h.item, 1)), here.requisition((here.h.item, 1))
    said = read(keeper, "pick", transfer.number, asked.number, here.scan("LP1"), asked.number)
    assert (said["about"], said["confirmed"]) == ({"requisition_id": asked.id}, True)
    answer = done(keeper, "pick", asked.number, here.scan("LP1"), asked.number, transfer_id=transfer.id)
    assert answer["number"] == asked.number
    assert tasks(keeper, transfer.number) == [("pick", 1)]
