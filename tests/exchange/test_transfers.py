"""A transfer by another system: the whole way, and what it must not do."""

from decimal import Decimal

import pytest
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import Site, contents
from tests.flows.transferring import Way, way


@pytest.fixture
def to(committed: Site) -> Way:
    return way(committed)


def test_the_story_of_a_transfer(to: Way) -> None:
    epcs = to.here.stocked(3)
    sender, receiver = ApiClient(to.here.storekeeper), ApiClient(to.far)
    made = receiver.done(
        "/transfers", source_id=to.here.h.store.pk, destination_id=to.store.pk,
        lines=[{"item_id": to.here.h.item.pk, "quantity": 3}],
    )  # fmt: skip
    path = f"/transfers/{made['id']}"
    sender.done(f"{path}/picks", things=epcs)
    sender.done(f"{path}/unpicks", things=epcs[2:])
    sender.done(f"{path}/picks", things=epcs[2:])
    sender.done(f"{path}/shipments", handed_to="Van 7", seals="S-1 S-2", cost="80.00")
    assert [each["thing"] for each in receiver.get(f"{path}/missing").json()] == epcs
    now = timezone.now().isoformat()
    came = receiver.done(
        f"{path}/arrivals", to_place_id=to.shelf.pk, things=epcs[:1], held=[{"thing": epcs[1], "reason": "wrong_item"}],
        unexpected=[{"thing": "ABC-1", "reason": "surplus"}], readings=[{"at": now, "celsius": "21.5"}], logger="TL",
    )  # fmt: skip
    assert (came["state"], came["facts"]) == ("partly_arrived", {"held": 1, "missing": 1})
    [arrival] = sender.get(f"{path}/arrivals").json()
    assert (arrival["logger"], arrival["celsius_max"]) == ("TL", "21.50")
    assert [each["celsius"] for each in arrival["readings"]] == ["21.50"]
    assert sender.get(f"{path}/arrivals", after=arrival["id"]).json() == []
    assert sender.get(f"{path}/arrivals", limit=101).status_code == 422  # each may have thousands of readings
    receiver.done(f"{path}/losses", things=epcs[2:], reason="lost_on_way")
    kinds = [each["kind"] for each in sender.get(f"{path}/differences").json()]
    assert kinds == ["held", "unexpected", "lost"]
    receiver.done(f"{path}/close")
    found = sender.get(path).json()
    assert (found["state"], found["way_cost"], found["amount"]) == ("closed", "80.00", "300.00")
    assert found["lines"][0] | {"item_name": "", "item_code": ""} == {
        "item_id": to.here.h.item.pk, "item_code": "", "item_name": "", "quantity": 3, "picked": 3, "shipped": 3,
        "arrived": 2, "lost": 1, "on_the_way": 0,
    }  # fmt: skip
    assert [each["number"] for each in sender.get("/transfers", state="closed").json()] == [found["number"]]


def test_it_is_called_off(to: Way) -> None:
    epcs = to.here.stocked(1)
    done = to.sent(epcs)
    off = ApiClient(to.here.storekeeper).done(f"/transfers/{done.id}/cancel", reason="other")
    assert (off["state"], len(off["events"])) == ("cancelled", 2)


def test_what_is_refused_writes_nothing(to: Way) -> None:
    done = to.sent(to.here.stocked(1))
    receiver, sender = ApiClient(to.far), ApiClient(to.here.storekeeper)
    before = contents()
    path = f"/transfers/{done.id}"
    answers = [
        sender.post(f"{path}/arrivals", to_place_id=to.shelf.pk),
        receiver.post(f"{path}/shipments", handed_to="me"),
        receiver.post(f"{path}/arrivals", to_place_id=to.shelf.pk, celsius_min=9, celsius_max=2),
        receiver.post(f"{path}/arrivals", to_place_id=to.shelf.pk, celsius_min="NaN", celsius_max="2"),
        ApiClient(way(to.here).far).get(path),
        sender.post("/transfers/999999999/close"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 422, 422, 404, 404]
    assert contents() == before
    assert Decimal(sender.get(path).json()["way_cost"]) == 0
