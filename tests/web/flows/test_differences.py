"""What turned up again is put on the shelf that the store names."""

from typing import Any

from yanji.flows.differing.models import IssueDifference
from yanji.ledger.api import unit_view
from yanji.places.models import Kind

from .acts import key, listed, sentences
from .test_ward import under_way
from .world import World, named

__all__ = ["under_way"]
PAGE = "/storeroom/issues/differences"


def test_what_is_back_lies_on_the_shelf_that_was_chosen(
    hospital: World, signed_in: Any, under_way: int
) -> None:
    nurse, keeper = signed_in("nurse"), signed_in("storekeeper")
    sent = {"key": key("take_in"), "to_place_id": hospital.cabinet.pk, "missing": "1"}
    nurse.post(f"/ward/take-in/{under_way}", {**sent, **listed(hospital, hospital.scan("S1"))})
    difference = IssueDifference.objects.get()
    assert (difference.kind, difference.thing) == ("missing", hospital.epc("S2"))
    shelf, elsewhere = hospital.bins[0], named(Kind.BIN, hospital.cabinet, "柜格", "Drawer")
    for page in (PAGE, f"/storeroom/issues/{under_way}"):
        shown = keeper.get(page)
        assert f'<option value="{shelf.pk}"' in shown.content.decode(), page
        assert f'<option value="{elsewhere.pk}"' not in shown.content.decode(), page
    address = f"{PAGE}/{difference.pk}"
    given = {"outcome": "back", "key": key("settle")}
    assert keeper.post(address, {**given, "to_place_id": elsewhere.pk}).status_code == 404
    assert unit_view(hospital.epc("S2")).status == "in_transit"
    done = keeper.post(address, {**given, "key": key("settle"), "to_place_id": shelf.pk}, follow=True)
    assert "is settled" in sentences(done)
    found = unit_view(hospital.epc("S2"))
    assert (found.status, found.place_id) == ("available", shelf.pk)


def test_a_shelf_that_was_chosen_means_nothing_where_it_never_came_back(
    hospital: World, signed_in: Any, under_way: int
) -> None:
    nurse, keeper = signed_in("nurse"), signed_in("storekeeper")
    sent = {"key": key("take_in"), "to_place_id": hospital.cabinet.pk, "missing": "1"}
    nurse.post(f"/ward/take-in/{under_way}", {**sent, **listed(hospital, hospital.scan("S1"))})
    address = f"{PAGE}/{IssueDifference.objects.get().pk}"
    given = {"outcome": "found", "key": key("settle"), "to_place_id": hospital.bins[0].pk}
    assert keeper.post(address, given).status_code == 302
    assert unit_view(hospital.epc("S2")).place_id == hospital.department.pk
