"""Two people send one thing, two people take it in, and loads cross each other: once each, and nobody waits for ever."""

import pytest

from tests.flows.site import Site, person
from tests.flows.transferring import Way, way
from tests.makers import unique
from tests.races.crowd import all_read_first, together
from yanji.flows.requisition import Wanted
from yanji.flows.transfer import ship as shipping
from yanji.flows.transfer.arrive import arrive
from yanji.flows.transfer.models import TransferLine
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.request import ask_transfer
from yanji.flows.transfer.ship import ship
from yanji.ledger.api import rebuild, unit_view
from yanji.ledger.models import Event

pytestmark = pytest.mark.slow


@pytest.fixture
def to(committed: Site) -> Way:
    return way(committed)


def test_two_people_ship_the_same_thing_once(to: Way) -> None:
    [epc] = to.here.stocked(1)
    done = to.picked([epc])
    answers = together(
        *[
            lambda: ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van", things=[epc])
            for _ in range(5)
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Done"] + ["str"] * 4
    assert {answer for answer in answers if isinstance(answer, str)} == {"not_picked"}
    line = TransferLine.objects.get(transfer_id=done.id)
    assert (line.shipped, Event.objects.filter(step="ship").count()) == (1, 1)
    assert rebuild() == []


def test_control_without_the_documents_lock_the_ledger_alone_says_no(to: Way, monkeypatch) -> None:
    """The document's lock gives the better sentence; the ledger's own rule is what keeps the thing single."""
    [epc] = to.here.stocked(1)
    done = to.picked([epc])
    gate = shipping.transfer_for
    monkeypatch.setattr(
        shipping, "transfer_for", lambda *args, **kwargs: gate(*args, **{**kwargs, "lock": False})
    )
    monkeypatch.setattr(shipping, "in_hand", all_read_first(3, shipping.in_hand))
    answers = together(
        *[
            lambda: ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van", things=[epc])
            for _ in range(3)
        ]
    )
    refused = {answer for answer in answers if isinstance(answer, str)}
    assert refused == {"wrong_status"}, (
        "with the lock it is not_picked: this control shows that the lock is what says so"
    )
    assert Event.objects.filter(step="ship").count() == 1


def test_a_load_is_taken_in_once(to: Way) -> None:
    epcs = to.here.stocked(5)
    done = to.sent(epcs)
    answers = together(
        *[
            lambda: arrive(
                actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=epcs
            )
            for _ in range(4)
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Done"] + ["str"] * 3
    assert TransferLine.objects.get(transfer_id=done.id).arrived == 5


def test_opposing_transfers_of_many_units_do_not_lock_each_other_out(to: Way) -> None:
    """Loads of 60 cross, each end taking in while it sends, over the same units in opposite order."""
    here, h = to.here, to.here.h
    both = here.actor(person("storekeeper", h.campus))
    there = to.receiver
    epcs = here.stocked(120)
    away = to.sent(epcs[:60])
    arrive(actor=there, key=unique("a"), transfer_id=away.id, to_place_id=to.shelf.pk)
    out = to.picked(epcs[60:])
    back = ask_transfer(
        actor=there, key=unique("x"), source_id=to.store.pk, destination_id=h.store.pk,
        lines=[Wanted(h.item.pk, 60)],
    )  # fmt: skip
    pick_transfer(actor=there, key=unique("p"), transfer_id=back.id, things=epcs[:60][::-1])
    for _round in range(3):
        answers = together(
            lambda: ship(
                actor=both, key=unique("s"), transfer_id=out.id, handed_to="Van", things=epcs[60:][::-1]
            ),
            lambda: ship(
                actor=there, key=unique("s"), transfer_id=back.id, handed_to="Van", things=epcs[:60]
            ),
            lambda: arrive(
                actor=there, key=unique("a"), transfer_id=out.id, to_place_id=to.shelf.pk, things=epcs[60:]
            ),
            lambda: arrive(
                actor=both, key=unique("a"), transfer_id=back.id, to_place_id=h.bin.pk, things=epcs[:60][::-1]
            ),
        )
        refused = {answer for answer in answers if isinstance(answer, str)}
        # Whoever came too early or too late is told so; a deadlock would have come up here as the error it is.
        assert refused <= {"document_closed", "not_on_the_way", "not_picked"}, refused
    statuses = {unit_view(epc).status for epc in epcs}
    assert statuses <= {"in_transit", "available"}
    assert rebuild() == []
