"""Story: a shelf counted by a device that was cut off, by the API alone, from the plan to the accuracy."""

from typing import Any

import pytest

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents, person, soon
from tests.makers import unique
from yanji.flows.counting.models import CountScan
from yanji.ledger.api import unit_view


def test_from_the_plan_to_the_accuracy(committed: Site) -> None:
    here, h = committed, committed.h
    keeper, second = ApiClient(here.storekeeper), ApiClient(here.second)
    epcs = here.stocked(4, expiry=soon(20))
    classes = keeper.done(f"/places/{h.campus.pk}/item-classes")
    assert classes["facts"] == {"A": 0, "B": 0, "C": 0}
    [proposal] = keeper.get(f"/places/{h.store.pk}/count-plan").json()
    assert (proposal["item_id"], proposal["due"], len(proposal["reasons"])) == (h.item.pk, True, 2)
    count = keeper.done("/counts", place_id=h.store.pk, mode="cycle", item_ids=[h.item.pk])
    assert (count["number"][:3], count["state"]) == ("IC-", "open")

    path = f"/counts/{count['id']}"
    reads = [{"key": f"dev-{n}", "scan": epc} for n, epc in enumerate(epcs[:2])]
    reads += [{"key": "dev-shelf", "scan": h.bin.code}, {"key": "dev-3", "scan": epcs[2]}]
    heard = _scans(keeper, path, reads)
    assert [each["verdict"] for each in heard] == ["right", "right", "place", "shelf"]
    again = _scans(keeper, path, reads)
    assert [each["repeated"] for each in again] == [True, True, False, True]
    assert CountScan.objects.filter(count_id=count["id"]).count() == 3
    assert keeper.get(path).json()["progress"] == {"units": 3, "pieces": 0, "unknown": 0, "expected": 4}

    taken = keeper.post(f"{path}/undo", scan_id=heard[1]["scan_id"]).json()
    assert taken == {"scan_id": heard[1]["scan_id"]}
    assert keeper.done(f"{path}/close")["facts"] == {"missing": 2, "shelf": 1}
    keeper.done(f"{path}/recount")
    assert _refusal(keeper, path, epcs[1]) == (403, "recount_by_counter")
    _scans(second, path, [{"key": "dev-9", "scan": epcs[1]}])
    second.done(f"{path}/close")
    variances = keeper.get(f"{path}/variances").json()
    assert [(each["kind"], each["code"], each["confirmed"]) for each in variances] == [
        ("missing", epcs[3], True), ("shelf", epcs[2], False),
    ]  # fmt: skip
    assert {each["value"] for each in variances} == {None}
    unready = keeper.post(f"{path}/submit")
    assert (unready.status_code, unready.json()["code"]) == (409, "count_undecided")
    ids = [each["id"] for each in variances]
    keeper.done(f"{path}/decisions", variance_ids=ids, decision="accept", reason="misplaced")
    posted = keeper.done(f"{path}/submit")
    assert (posted["state"], posted["facts"]) == ("posted", {"posted": 2})
    assert len(posted["events"]) == 2
    twice = keeper.post(f"{path}/submit")
    assert (twice.status_code, twice.json()["code"]) == (409, "counted_already")
    assert [unit_view(epc).status for epc in epcs] == ["available"] * 3 + ["lost"]
    manager = ApiClient(person("manager", h.campus))
    [month] = manager.get("/count-accuracy").json()
    assert (month["checked"], month["right"], month["abc"]) == (4, 2, "C")
    [later] = keeper.get(f"/places/{h.store.pk}/count-plan").json()
    assert later["interval_days"] == 90


def _scans(client: ApiClient, path: str, reads: list[dict[str, Any]], **more: Any) -> Any:
    answer = client.send(f"{path}/scans", reads=reads, **more)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def _refusal(client: ApiClient, path: str, epc: str) -> tuple[int, str]:
    answer = client.send(f"{path}/scans", reads=[{"key": unique("d"), "scan": epc}])
    return answer.status_code, answer.json()["code"]


def test_a_sweep_of_tags_in_one_request(committed: Site) -> None:
    here = committed
    keeper = ApiClient(here.storekeeper)
    epcs = here.stocked(30)
    count = keeper.done("/counts", place_id=here.h.store.pk, mode="sweep")
    reads = [
        {"key": f"t{number}", "scan": epc}
        for number, epc in enumerate([*epcs, *epcs, "E2000000000000000000ABCD"])
    ]
    heard = _scans(keeper, f"/counts/{count['id']}", reads, how="tag")
    said = [each["verdict"] for each in heard]
    assert (said.count("right"), said.count("twice"), said.count("unknown")) == (30, 30, 1)
    assert keeper.done(f"/counts/{count['id']}/close")["facts"] == {"unknown": 1}


BAD = [
    ("/counts", {"place_id": "store", "mode": "nonsense"}, 422),
    ("/counts", {"place_id": "store", "expiring_days": -1}, 422),
    ("/counts", {"place_id": 2**62}, 404),
    ("/counts", {"place_id": "store", "family": "none such"}, 409),
    ("/counts", {"place_id": "campus"}, 409),
    ("/counts/{id}/decisions", {"variance_ids": [], "decision": "accept"}, 422),
    ("/counts/{id}/decisions", {"variance_ids": [1], "decision": "accept"}, 409),
    ("/counts/999999/close", {}, 404),
    ("/counts/{id}/undo", {"quantity": 0}, 422),
]


@pytest.mark.parametrize(("path", "payload", "status"), BAD)
def test_nonsense_is_refused_and_nothing_written(
    committed: Site, path: str, payload: dict[str, Any], status: int
) -> None:
    keeper = ApiClient(committed.storekeeper)
    count = keeper.done("/counts", place_id=committed.h.store.pk)
    places = {"store": committed.h.store.pk, "campus": committed.h.campus.pk}
    given = {**payload, "place_id": places.get(payload.get("place_id"), payload.get("place_id"))}
    before = contents()
    answer = keeper.post(path.format(id=count["id"]), **{k: v for k, v in given.items() if v is not None})
    assert answer.status_code == status, answer.content.decode()
    assert answer.json()["sentences"]
    assert contents() == before


def test_reads_without_a_key_too_many_or_of_nothing_are_refused(committed: Site) -> None:
    keeper = ApiClient(committed.storekeeper)
    count = keeper.done("/counts", place_id=committed.h.store.pk)
    path = f"/counts/{count['id']}/scans"
    before = contents()
    for reads, status in (
        ([], 422),
        ([{"scan": "x"}], 422),
        ([{"key": "", "scan": "x"}], 422),
        ([{"key": "k", "scan": "  "}], 422),
        ([{"key": f"k{n}", "scan": "x"} for n in range(5_001)], 422),
        ([{"key": "k", "scan": "x", "seen_at": "2001-01-01T00:00:00Z"}], 422),
        ([{"key": "k", "scan": "x", "place_id": committed.h.cabinet.pk}], 404),
    ):
        answer = keeper.send(path, reads=reads)
        assert answer.status_code == status, answer.content.decode()
        assert contents() == before


def test_a_count_is_hidden_from_who_does_not_see_its_place(committed: Site) -> None:
    keeper, nurse = ApiClient(committed.storekeeper), ApiClient(committed.nurse)
    count = keeper.done("/counts", place_id=committed.h.store.pk)
    hidden, absent = nurse.get(f"/counts/{count['id']}"), nurse.get("/counts/999999")
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert nurse.get("/counts").json() == []
    path = f"/counts/{nurse.done('/counts', place_id=committed.h.cabinet.pk, mode='blind')['id']}"
    assert nurse.get(path).json()["progress"]["expected"] == 0
    assert nurse.done(f"{path}/cancel", note="The wrong cabinet")["state"] == "cancelled"
    late = nurse.post(f"{path}/close")
    assert (late.status_code, nurse.get(path).json()["state"]) == (409, "cancelled")
    assert nurse.post(f"/counts/{count['id']}/cancel").status_code in {403, 404}
