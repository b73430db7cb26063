"""A transfer for a kit is served by a kit: picked, sent and taken in whole, as one piece; the children move with it."""

from functools import partial
from typing import Any

import pytest

from tests.flows.test_kits_picked import a_kit, statuses
from tests.flows.test_packing import packed, pieces, refused
from tests.flows.transferring import Way, way
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.correction import take_back
from yanji.flows.hold import hold
from yanji.flows.packing.contents import contents as inside
from yanji.flows.packing.models import KitPick
from yanji.flows.packing.pack import unpack
from yanji.flows.transfer.arrive import Doubtful, arrive, give_up
from yanji.flows.transfer.models import KitArrival, Transfer, TransferLine
from yanji.flows.transfer.pick import pick_transfer, unpick_transfer
from yanji.flows.transfer.queries import missing
from yanji.flows.transfer.request import cancel_transfer
from yanji.flows.transfer.ship import ship
from yanji.ledger.api import rebuild, unit_view
from yanji.ledger.models import Level


@pytest.fixture
def to(committed: Any) -> Way:
    return way(committed)


def line(done: Done, item: Any) -> tuple[int, int, int, int]:
    """Picked, shipped, arrived, lost."""
    return TransferLine.objects.values_list("picked", "shipped", "arrived", "lost").get(
        transfer=done.id, item=item
    )


def state(done: Done) -> str:
    return Transfer.objects.get(pk=done.id).state


def picked(to: Way, done: Done, *things: Any) -> Done:
    return pick_transfer(actor=to.sender, key=unique("p"), transfer_id=done.id, things=list(things))


def sent(to: Way, done: Done, *things: Any) -> Done:
    chosen = list(things) or None
    return ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van 7", things=chosen)


def came(to: Way, done: Done, *things: Any, **fields: Any) -> Done:
    return arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk,
        **{"things": list(things), **fields},
    )  # fmt: skip


def test_a_kit_is_asked_for_sent_as_one_piece_and_arrives_whole(to: Way) -> None:
    here = to.here
    kit, epcs, lot = a_kit(here, units=2, counted=3), here.stocked(3), here.stocked_lot(7)
    code = packed(here, [*epcs[:2], pieces(here, lot, 3)], kind="kit", item_id=kit.pk)
    asked = to.asked((kit, 1))
    # Of a kit there is no stock: it is worth what belongs in it.
    assert Transfer.objects.get(pk=asked.id).amount > 0
    refused("not_requested", partial(picked, to, asked, *epcs[:2]))
    picked(to, asked, code)
    assert (line(asked, kit), statuses(epcs), state(asked)) == (
        (1, 0, 0, 0), {"picked", "available"}, "picked",
    )  # fmt: skip
    refused("kit_is_picked", partial(unpack, actor=here.keeper, key=unique("k"), code=code), thing=code)
    back = partial(unpick_transfer, actor=to.sender, key=unique("k"), transfer_id=asked.id)
    refused("part_of_kit", partial(back, things=epcs[:1]), thing=epcs[0])
    refused("part_of_kit", partial(sent, to, asked, epcs[0]), thing=epcs[0])
    back(things=[code])
    assert (line(asked, kit), statuses(epcs)) == ((0, 0, 0, 0), {"available"})
    picked(to, asked, code)
    sent(to, asked)
    assert (line(asked, kit), state(asked)) == ((1, 1, 0, 0), "underway")
    assert {each.kit for each in missing(to.transfer(asked)) if each.unit} == {code}
    came(to, asked, code)
    assert (line(asked, kit), state(asked)) == ((1, 1, 1, 0), "arrived")
    box = inside([code])[code]
    assert (box.place_id, len(box.together), box.pieces_out) == (to.shelf.pk, 2, 0)
    assert Level.objects.get(lot_id=lot, place=to.shelf, quantity__gt=0).quantity == 3
    assert rebuild() == []


def test_loose_pieces_of_the_same_lot_and_a_kit_each_count_on_their_line(to: Way) -> None:
    here = to.here
    kit, lot = a_kit(here, counted=2), here.stocked_lot(9)
    code = packed(here, [pieces(here, lot, 2)], kind="kit", item_id=kit.pk)
    asked = to.asked((kit, 1), (here.counted, 3))
    picked(to, asked, code)
    picked(to, asked, pieces(here, lot, 3))
    sent(to, asked)
    assert (line(asked, kit), line(asked, here.counted)) == ((1, 1, 0, 0), (3, 3, 0, 0))
    [waiting] = [each.pieces for each in missing(to.transfer(asked))]
    assert waiting == 5
    came(to, asked, code)
    assert (line(asked, kit), line(asked, here.counted)) == ((1, 1, 1, 0), (3, 3, 0, 0))
    came(to, asked, things=None)
    assert (line(asked, kit), line(asked, here.counted), state(asked)) == (
        (1, 1, 1, 0), (3, 3, 3, 0), "arrived",
    )  # fmt: skip


def test_a_kit_of_which_a_part_is_late_has_arrived_with_the_last_of_it(to: Way) -> None:
    here = to.here
    kit, epcs = a_kit(here, units=3), here.stocked(3)
    code = packed(here, epcs, kind="kit", item_id=kit.pk)
    asked = to.asked((kit, 1))
    picked(to, asked, code)
    sent(to, asked)
    first = came(to, asked, epcs[0], held=[Doubtful(epcs[1], "damaged_on_way")])
    assert (line(asked, kit), state(asked), first.facts["missing"]) == (
        (1, 1, 0, 0), "partly_arrived", 1,
    )  # fmt: skip
    loss = {"transfer_id": asked.id, "things": [epcs[2]], "reason": "lost_on_way"}
    give_up(actor=to.receiver, key=unique("g"), **loss)
    assert (line(asked, kit), state(asked)) == ((1, 1, 0, 1), "arrived")
    # Taken back, something of it is on its way again: it has not come, whatever it was counted as.
    hold_event = first.events[1]
    take_back(actor=to.receiver, key=unique("t"), event_id=hold_event, reason="wrong_scan")
    take_back(actor=to.receiver, key=unique("t"), event_id=first.events[0], reason="wrong_scan")
    assert (line(asked, kit), state(asked)) == ((1, 1, 0, 0), "underway")
    assert not KitArrival.objects.exclude(counted="").exists()
    came(to, asked, things=None)
    assert (line(asked, kit), state(asked)) == ((1, 1, 1, 0), "arrived")
    assert rebuild() == []


def test_a_part_that_is_held_tears_the_picked_kit_and_another_goes(to: Way) -> None:
    here = to.here
    kit, epcs = a_kit(here, units=2), here.stocked(4)
    torn, whole = (packed(here, epcs[at : at + 2], kind="kit", item_id=kit.pk) for at in (0, 2))
    asked = to.asked((kit, 1))
    refused("over_picked", partial(picked, to, asked, torn, whole))
    picked(to, asked, torn)
    hold(actor=here.keeper, key=unique("k"), things=[epcs[0]], reason="suspected")
    assert (line(asked, kit), state(asked)) == ((0, 0, 0, 0), "requested")
    picked(to, asked, whole)
    refused("kit_torn", partial(sent, to, asked), thing=torn)
    unpick_transfer(actor=to.sender, key=unique("k"), transfer_id=asked.id, things=[epcs[1]])
    assert line(asked, kit) == (1, 0, 0, 0)
    sent(to, asked)
    assert (line(asked, kit), statuses(epcs[2:])) == ((1, 1, 0, 0), {"in_transit"})


@pytest.mark.parametrize("step", ["pick", "ship", "arrive"])
def test_what_was_done_with_a_kit_is_taken_back_as_one_piece(to: Way, step: str) -> None:
    here = to.here
    kit, epcs, lot = a_kit(here, units=2, counted=1), here.stocked(2), here.stocked_lot(4)
    code = packed(here, [*epcs, pieces(here, lot, 1)], kind="kit", item_id=kit.pk)
    asked = to.asked((kit, 1))
    done = picked(to, asked, code)
    if step != "pick":
        done = sent(to, asked)
    if step == "arrive":
        done = came(to, asked, code)
    take_back(
        actor=to.receiver if step == "arrive" else to.sender,
        key=unique("t"),
        event_id=done.events[0],
        reason="wrong_scan",
    )
    left = {"pick": (0, 0, 0, 0), "ship": (1, 0, 0, 0), "arrive": (1, 1, 0, 0)}[step]
    assert line(asked, kit) == left
    if step == "pick":
        picked(to, asked, code)
    if step != "arrive":
        sent(to, asked)
    came(to, asked, code)
    assert (line(asked, kit), state(asked)) == ((1, 1, 1, 0), "arrived")
    assert inside([code])[code].place_id == to.shelf.pk


def test_called_off_a_kit_lies_whole_where_it_was(to: Way) -> None:
    here = to.here
    kit, epcs = a_kit(here, units=2), here.stocked(4)
    codes = [packed(here, epcs[at : at + 2], kind="kit", item_id=kit.pk) for at in (0, 2)]
    asked = to.asked((kit, 2))
    picked(to, asked, *codes)
    sent(to, asked, codes[0])
    cancel_transfer(actor=to.sender, key=unique("c"), transfer_id=asked.id, reason="wrong_scan")
    assert (line(asked, kit), statuses(epcs)) == ((0, 0, 0, 0), {"available"})
    assert set(KitPick.objects.values_list("outcome", flat=True)) == {"put_back"}
    assert {unit_view(epc).place_id for epc in epcs} == {here.h.store.pk}
