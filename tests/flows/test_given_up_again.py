"""What was given up on its way is taken back: it is on its way still, and counts so on its paper."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import Site, contents, person
from tests.flows.test_differing import handed, line, settled, taken
from tests.flows.test_kits_picked import a_kit
from tests.flows.test_packing import packed
from tests.flows.transferring import Way, way
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.access.models import Person
from yanji.flows.acts import Done
from yanji.flows.attempts import Attempt
from yanji.flows.correction import take_back
from yanji.flows.models import RequisitionLine
from yanji.flows.transfer.arrive import arrive, give_up
from yanji.flows.transfer.models import TransferLine
from yanji.flows.transfer.queries import differences
from yanji.flows.transfer.request import close_transfer
from yanji.ledger.api import LotQuantity, Refused, rebuild, unit_view
from yanji.places.models import Kind


@pytest.fixture
def to(committed: Site) -> Way:
    return way(committed)


def gone(to: Way, sent: Done, things: list[Any]) -> str:
    """The entry by which the receiver gives things up."""
    done = give_up(
        actor=to.receiver, key=unique("g"), transfer_id=sent.id, things=things, reason="lost_on_way"
    )
    return done.events[0]


def back(actor: Any, event: str) -> Done:
    return take_back(actor=actor, key=unique("t"), event_id=event, reason="wrong_scan")


def came(to: Way, sent: Done) -> Done:
    return arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk)


def counts(sent: Done) -> list[tuple[int, int, int]]:
    """Shipped, arrived, lost of each line."""
    rows = TransferLine.objects.filter(transfer=sent.id).order_by("pk")
    return list(rows.values_list("shipped", "arrived", "lost"))


def test_what_was_given_up_is_on_its_way_again_and_arrives(to: Way) -> None:
    [epc], lot = to.here.stocked(1), to.here.stocked_lot(5)
    three = LotQuantity(lot, Decimal(3), to.here.h.store.pk)
    sent = to.sent([epc, three], (to.here.h.item, 1), (to.here.counted, 3))
    two = LotQuantity(lot, Decimal(2), to.shelf.pk)
    event = gone(to, sent, [epc, two])
    assert counts(sent) == [(1, 0, 1), (3, 0, 2)]
    came(to, sent)
    close_transfer(actor=to.receiver, key=unique("c"), transfer_id=sent.id)
    back(to.receiver, event)
    assert (counts(sent), to.transfer(sent).state) == ([(1, 0, 0), (3, 1, 0)], "partly_arrived")
    assert (unit_view(epc).status, differences(to.transfer(sent))) == ("in_transit", [])
    came(to, sent)
    assert (counts(sent), to.transfer(sent).state) == ([(1, 1, 0), (3, 3, 0)], "arrived")
    assert rebuild() == []


def test_only_who_did_not_send_it_takes_it_back_at_either_end(to: Way) -> None:
    [epc] = to.here.stocked(1)
    sent = to.sent([epc])
    event, before = gone(to, sent, [epc]), contents()
    with pytest.raises(Refused) as refused:
        back(to.sender, event)
    assert (refused.value.code, contents()) == ("own_load_back", before)
    assert Attempt.objects.get().code == "own_load_back"
    with pytest.raises(NotFound):
        back(to.here.actor(person("storekeeper", place(Kind.CAMPUS))), event)
    assert contents() == before
    # A colleague of who sent it may.
    back(to.here.actor(person("storekeeper", to.here.h.campus)), event)
    assert unit_view(epc).status == "in_transit"


def test_a_kit_whose_last_part_was_given_up_has_not_come(to: Way) -> None:
    here = to.here
    kit, epcs = a_kit(here, units=2), here.stocked(2)
    code = packed(here, epcs, kind="kit", item_id=kit.pk)
    sent = to.sent([code], (kit, 1))
    arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk, things=epcs[:1])
    event = gone(to, sent, epcs[1:])
    assert counts(sent) == [(1, 0, 1)]
    back(to.receiver, event)
    assert (counts(sent), to.transfer(sent).state) == ([(1, 0, 0)], "underway")
    came(to, sent)
    assert (counts(sent), to.transfer(sent).state) == ([(1, 1, 0)], "arrived")


def test_what_a_department_missed_is_missing_again(committed: Site) -> None:
    here = committed
    found, (good, away) = handed(here, 2)
    taken(here, found, things=[good], rest_is_missing=True)
    done = settled(here, found.differences.get(), "lost", reason="lost_on_way")
    assert line(found) == (2, 1, 1)
    with pytest.raises(NotFound):
        back(here.ward, done.events[0])
    back(here.keeper, done.events[0])
    assert (line(found), found.differences.get().state, unit_view(away).status) == (
        (2, 1, 0), "open", "in_transit",
    )  # fmt: skip
    assert RequisitionLine.objects.get(requisition=found.requisition_id).issued == 2
    assert rebuild() == []


def test_the_transfers_page_leads_to_the_entry_that_is_taken_back(to: Way) -> None:
    [epc] = to.here.stocked(1)
    sent = to.sent([epc])
    event = gone(to, sent, [epc])
    Person.objects.update(language="en")
    client = Client()
    client.force_login(to.far)
    assert f"/event/{event}" in client.get(f"/storeroom/transfers/{sent.id}").content.decode()
    page = client.get(f"/event/{event}").content.decode()
    assert f"/event/{event}/correct" in page
    other = Client()
    other.force_login(person("storekeeper", place(Kind.CAMPUS)))
    assert f"/event/{event}/correct" not in other.get(f"/event/{event}").content.decode()
    answer = client.post(f"/event/{event}/correct", {"key": f"correct:{unique('k')}", "reason": "wrong_scan"})
    assert (answer.status_code, unit_view(epc).status) == (302, "in_transit")
