"""The pages of return notes: the list, and one note with what the store found."""

from collections.abc import Callable

from django.test import Client

from tests.makers import unique
from yanji.flows.giveback import give_back, inspect_return

from .acts import sentences
from .test_lending import at_the_ward
from .world import World


def test_a_note_says_what_was_found(hospital: World, signed_in: Callable[[str], Client]) -> None:
    epcs = at_the_ward(hospital, "S1", "S2")
    done = give_back(
        actor=hospital.actor("nurse"), key=unique("g"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, things=epcs, reason="wrong_size",
    )  # fmt: skip
    inspect_return(
        actor=hospital.actor("storekeeper"), key=unique("i"), store_id=hospital.store.pk, hold=epcs[:1], hold_reason="opened"
    )  # fmt: skip
    for role in ("storekeeper", "nurse"):
        client = signed_in(role)
        assert done.number in sentences(client.get("/storeroom/returns/notes"))
        page = sentences(client.get(f"/storeroom/returns/notes/{done.id}"))
        assert "Packaging opened" in page
        assert "Waits for inspection" in page
        assert client.get(f"/papers/department_return/{done.id}/print").status_code == 200
    assert signed_in("buyer").get("/storeroom/returns/notes").status_code == 403
