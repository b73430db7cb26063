"""The pages of return notes: the list, and one note with what the store found."""

from collections.abc import Callable

from django.test import Client

from tests.makers import unique
from yanji.flows.giveback import give_back, inspect_return
from yanji.ledger.api import Step
from yanji.ledger.models import Event

from .acts import key, listed, sentences
from .test_lending import at_the_ward
from .world import World


def test_a_note_says_what_was_found(hospital: World, signed_in: Callable[[str], Client]) -> None:
    epcs = at_the_ward(hospital, "S1", "S2")
    done = give_back(
        actor=hospital.actor("nurse"), key=unique("g"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, things=epcs, reason="wrong_size",
    )  # fmt: skip
    inspect_return(
        actor=hospital.actor("storekeeper"), key=unique("i"), store_id=hospital.store.pk, hold={"opened": epcs[:1]}
    )  # fmt: skip
    for role in ("storekeeper", "nurse"):
        client = signed_in(role)
        assert done.number in sentences(client.get("/storeroom/returns/notes"))
        page = sentences(client.get(f"/storeroom/returns/notes/{done.id}"))
        assert "Packaging opened" in page
        assert "Waits for inspection" in page
        assert client.get(f"/papers/department_return/{done.id}/print").status_code == 200
    assert signed_in("buyer").get("/storeroom/returns/notes").status_code == 403


def test_each_thing_is_held_for_its_own_reason_counted_ones_too(
    hospital: World, signed_in: Callable[[str], Client]
) -> None:
    epcs = at_the_ward(hospital, "S1", "S2")
    give_back(
        actor=hospital.actor("nurse"), key=unique("g"), department_id=hospital.department.pk,
        store_id=hospital.store.pk, things=epcs, reason="wrong_size",
    )  # fmt: skip
    client = signed_in("storekeeper")
    scans = [hospital.scan("S1"), hospital.scan("S2")]
    answer = client.post(
        "/storeroom/returns",
        {
            "key": key("returns"), "store_id": hospital.store.pk, **listed(hospital, *scans),
            f"verdict:{epcs[0]}": "opened", f"verdict:{epcs[1]}": "damaged",
        },
    )  # fmt: skip
    assert answer.status_code == 302, sentences(answer)
    held = Event.objects.filter(step=Step.HOLD).values_list("reason", flat=True)
    assert sorted(held) == ["damaged", "opened"]
    assert "Return notes" in sentences(signed_in("nurse").get("/ward/give-back"))
