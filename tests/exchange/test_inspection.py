"""Inspection plans, samples and their verdicts by another system."""

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents, person
from tests.makers import unique
from yanji.places.models import Place


def everything_said(here: Site, count: int) -> list[dict]:
    arrivals = [here.arrival() for _ in range(count)]
    return [
        {
            "item_id": each.item_id,
            "epc": each.epc,
            "serial": each.serial,
            "lot": each.lot,
            "expiry": each.expiry,
        }
        for each in arrivals
    ]


def test_the_story_of_a_sample(committed: Site) -> None:
    here = committed
    boss = ApiClient(person("administrator", here.h.campus))
    keeper = ApiClient(here.storekeeper)
    plan = {"method": "sampling", "aql": "4.0", "points": ["packaging", "label"]}
    assert keeper.post("/inspection-plans", **plan).status_code == 403
    made = boss.done("/inspection-plans", **plan | {"aql": "2.5", "points": ["label"]})
    assert keeper.post(f"/inspection-plans/{made['id']}", **plan).status_code in {403, 404}
    boss.done(f"/inspection-plans/{made['id']}", **plan)
    assert boss.post("/inspection-plans", **plan).json()["code"] == "inspection_plan_twice"
    [listed] = boss.get("/inspection-plans").json()
    assert (listed["id"], listed["aql"], listed["points"]) == (made["id"], "4.000", plan["points"])
    assert keeper.get("/inspection-plans").status_code == 404
    assert boss.get("/sampling", lot_size=60, aql="4.0").json() == {"letter": "E", "size": 13, "accept": 1}

    order, arrivals, key = here.order((here.h.item, 60)), everything_said(here, 60), unique("gr")
    path = f"/orders/{order.id}"
    [sample] = keeper.send(f"{path}/samples", key=key, arrivals=arrivals).json()
    assert (sample["sample"], sample["accept"], len(sample["units"])) == (13, 1, 13)
    before = contents()
    refused = keeper.send(f"{path}/receipts", key=key, dock_id=here.h.store.pk, arrivals=arrivals)
    assert (refused.status_code, refused.json()["code"]) == (409, "sample_not_looked_at")
    assert contents() == before
    looks = [{"epc": epc, "faults": ["label"] if n < 2 else []} for n, epc in enumerate(sample["units"])]
    done = keeper.send(f"{path}/receipts", key=key, dock_id=here.h.store.pk, arrivals=arrivals, looks=looks)
    assert done.status_code == 200, done.content
    assert done.json()["facts"]["inspections"][0]["accepted"] is False
    seen = keeper.get(f"/receipts/{done.json()['id']}").json()
    assert (seen["inspections"][0]["faulty"], seen["inspections"][0]["faults"]) == (2, {"label": 2})
    assert len(seen["findings"]) == 60
    boss.done(f"/inspection-plans/{made['id']}/active", active=False)
    assert keeper.send(f"{path}/samples", key=key, arrivals=arrivals).json() == []


def test_a_limit_that_no_table_has_is_refused(committed: Site) -> None:
    boss = ApiClient(person("administrator", committed.h.campus))
    before = contents()
    answer = boss.post("/inspection-plans", method="sampling", aql="3.3", points=["label"])
    assert answer.status_code == 409
    assert "0.065" in str(answer.json()["sentences"])
    assert contents() == before
    assert boss.get("/sampling", lot_size=60, aql="3.3").status_code == 409


def test_where_something_had_better_lie(committed: Site) -> None:
    here = committed
    Place.objects.filter(path__startswith=here.h.store.path).update(temperature_class="room", capacity=40)
    asked = {"item_id": here.h.item.pk, "place_id": here.h.store.pk, "pieces": 2}
    found = ApiClient(here.storekeeper).get("/shelves", **asked).json()
    assert {each["code"] for each in found} == {here.h.bin.code, here.h.other_bin.code}
    assert found[0]["reason"] == "empty · room for 40"
    assert ApiClient(here.nurse).get("/shelves", **asked).status_code in {403, 404}
    assert ApiClient(here.storekeeper).get("/shelves", **{**asked, "item_id": 10**9}).status_code == 404
