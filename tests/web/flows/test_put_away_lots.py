"""Counted lots on the put-away page: what waits at the dock goes first, and the shelf is checked when it is chosen."""

import pytest

from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.putaway import put_away
from yanji.flows.receive import Arrival, receive
from yanji.ledger.api import on_hand
from yanji.places.models import Place

from .acts import key, listed, result, scanned, sentences
from .world import World, item, later

PATH = "/storeroom/put-away"


@pytest.fixture
def suture(hospital: World) -> Item:
    """Twelve pieces on a shelf, five at the dock."""
    made = item("缝线", "Suture", "4-0", hospital.supplier, tracking="lot")
    for place, pieces in ((hospital.bins[0], 12), (hospital.dock, 5)):
        receive(
            actor=hospital.actor("storekeeper"), key=unique("r"), order_id=hospital.order(pieces, made),
            dock_id=place.pk, arrivals=[Arrival(made.pk, lot="A1", expiry=later(90), quantity=pieces)],
        )  # fmt: skip
    return made


def label(hospital: World, suture: Item) -> str:
    return f"]d201{hospital.gtin(suture)}17{later(90):%y%m%d}10A1"


def row(suture: Item) -> str:
    return f"lot:{suture.pk}:A1:{later(90)}"


def lies(suture: Item) -> dict[int | None, int]:
    rows = on_hand(paths=["/"], by=("place",), item_id=suture.pk)
    return {each.place_id: int(each.quantity) for each in rows}


def test_the_dock_comes_before_the_fullest_shelf_and_is_emptied(hospital, signed_in, suture):
    answer = scanned(signed_in("storekeeper"), PATH, label(hospital, suture))
    html = answer.content.decode()
    assert result(answer) == "ok"
    assert html.index(f'<option value="{hospital.dock.pk}"') < html.index(
        f'<option value="{hospital.bins[0].pk}"'
    )
    assert f'name="quantity:{row(suture)}" value="5"' in html


def test_the_destination_is_no_source(hospital, signed_in, suture):
    client, bins = signed_in("storekeeper"), hospital.bins
    html = scanned(client, PATH, label(hospital, suture), to_place_id=bins[0].pk).content.decode()
    assert f'<option value="{hospital.dock.pk}"' in html
    assert f'<option value="{bins[0].pk}"' not in html
    shelf_first = scanned(client, PATH, label(hospital, suture), to_place_id=bins[1].pk)
    assert result(shelf_first) == "ok"


def test_pieces_leave_the_place_that_was_chosen(hospital, signed_in, suture):
    client, bins = signed_in("storekeeper"), hospital.bins
    sent = {
        "to_place_id": bins[1].pk, "line": label(hospital, suture), "row": row(suture), "of": suture.pk,
        f"quantity:{row(suture)}": "9", f"from:{row(suture)}": hospital.dock.pk,
    }  # fmt: skip
    refused = client.post(PATH, {**sent, "key": key("put_away")})
    assert refused.status_code == 409
    assert f'<option value="{hospital.dock.pk}"' in refused.content.decode()
    assert lies(suture) == {bins[0].pk: 12, hospital.dock.pk: 5}
    done = client.post(PATH, {**sent, "key": key("put_away"), f"quantity:{row(suture)}": "5"})
    assert done.status_code == 302, sentences(done)
    assert lies(suture) == {bins[0].pk: 12, bins[1].pk: 5}


def test_a_shelf_that_does_not_suit_what_was_scanned_says_so_when_it_is_chosen(hospital, signed_in):
    hospital.stocked("S1")
    shelf, good = hospital.bins
    shelf.temperature_class = "deep"
    shelf.save()
    client, rows = signed_in("storekeeper"), listed(hospital, hospital.scan("S1"))
    assert "Choose another place" in sentences(scanned(client, PATH, shelf.code, **rows))
    assert "Choose another place" not in sentences(scanned(client, PATH, good.code, **rows))


def test_what_waits_is_shown_with_where_it_had_best_lie_and_why(hospital, signed_in):
    """On the page before anything is scanned, and again on the row of a scan: the shelf of its own kind."""
    Place.objects.filter(pk__in=[shelf.pk for shelf in hospital.bins]).update(temperature_class="room")
    [first, _second] = hospital.stocked("S1", "S2")
    put_away(
        actor=hospital.actor("storekeeper"), key=unique("p"), things=[first], to_place_id=hospital.bins[1].pk
    )
    client = signed_in("storekeeper")
    assert "A-02 · 1 of the same item lies there, same expiry" in sentences(client.get("/storeroom/put-away"))
    answer = sentences(scanned(client, "/storeroom/put-away", hospital.scan("S2")))
    assert "A-02 1 of the same item lies there, same expiry" in answer
