"""A requisition for a kit is served by a kit: picked, put back and handed over whole, as one piece."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.flows.site import Site
from tests.flows.test_packing import packed, pieces, refused
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.acts import Done
from yanji.flows.correction import take_back
from yanji.flows.hold import hold
from yanji.flows.issue import issue, take_in
from yanji.flows.models import RequisitionLine
from yanji.flows.packing.contents import contents as inside
from yanji.flows.packing.models import KitLine, KitPick
from yanji.flows.packing.pack import unpack
from yanji.flows.pick import pick, unpick
from yanji.flows.preview import interpret
from yanji.flows.putaway import put_away
from yanji.ledger.api import unit_view
from yanji.ledger.models import Level


def a_kit(here: Site, units: int = 0, counted: int = 0) -> Item:
    kit = Item.objects.create(code=unique("KIT"), name_zh="导管套件", temperature_class="room")
    if units:
        KitLine.objects.create(kit=kit, item=here.h.item, quantity=units)
    if counted:
        KitLine.objects.create(kit=kit, item=here.counted, quantity=counted)
    return kit


def picked(here: Site, asked: Done, *things: Any) -> Done:
    return pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=list(things))


def back(here: Site, asked: Done, *things: Any) -> Done:
    return unpick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=list(things))


def line(asked: Done) -> tuple[int, int]:
    return RequisitionLine.objects.values_list("picked", "issued").get(requisition=asked.id)


def statuses(epcs: list[str]) -> set[str]:
    return {str(view.status) for epc in epcs if (view := unit_view(epc))}


def test_a_kit_counts_as_one_piece_and_goes_as_a_whole(committed: Site) -> None:
    here, h = committed, committed.h
    kit, epcs, lot = a_kit(here, units=2, counted=3), here.stocked(3), here.stocked_lot(7)
    code = packed(here, [*epcs[:2], pieces(here, lot, 3)], kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1))
    look = partial(
        interpret, actor=here.keeper, flow="pick", requisition_id=asked.id, from_place_id=h.store.pk
    )
    assert (look(code).ok, look(code).brings) == (True, {kit.pk: 1})
    assert {each.code for each in look(epcs[2]).offences} == {"not_requested"}
    refused("not_requested", partial(picked, here, asked, *epcs[:2]))
    picked(here, asked, code)
    assert (line(asked), statuses(epcs[:2])) == ((1, 0), {"picked"})
    refused("part_of_kit", partial(back, here, asked, epcs[0]), thing=epcs[0])
    refused("kit_is_picked", partial(unpack, actor=here.keeper, key=unique("k"), code=code), thing=code)
    back(here, asked, code)
    assert (line(asked), statuses(epcs[:2])) == ((0, 0), {"available"})
    picked(here, asked, code)
    issued = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    assert (line(asked), KitPick.objects.latest("pk").outcome) == ((1, 1), "issued")
    take_in(actor=here.ward, key=unique("k"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    box = inside([code])[code]
    assert (box.place_id, len(box.together), box.taken_out) == (h.cabinet.pk, 2, ())
    assert Level.objects.get(lot_id=lot, place=h.cabinet, quantity__gt=0).quantity == 3


def test_a_kit_of_counted_pieces_alone_is_picked_and_follows_to_the_department(committed: Site) -> None:
    here, h = committed, committed.h
    kit, lot = a_kit(here, counted=2), here.stocked_lot(9)
    first, second = (packed(here, [pieces(here, lot, 2)], kind="kit", item_id=kit.pk) for _ in range(2))
    asked = here.requisition((kit, 2))
    picked(here, asked, first, second)
    assert line(asked) == (2, 0)
    back(here, asked, second)
    assert line(asked) == (1, 0)
    issued = issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    take_in(actor=here.ward, key=unique("k"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    places = {code: box.place_id for code, box in inside([first, second]).items()}
    assert places == {first: h.cabinet.pk, second: h.store.pk}
    assert Level.objects.get(lot_id=lot, place=h.cabinet, quantity__gt=0).quantity == Decimal(2)


def test_no_more_kits_than_asked_for_and_none_that_is_torn(committed: Site) -> None:
    here, h = committed, committed.h
    kit, epcs = a_kit(here, units=2), here.stocked(4)
    whole, torn = (packed(here, epcs[at : at + 2], kind="kit", item_id=kit.pk) for at in (0, 2))
    asked = here.requisition((kit, 1))
    refused("over_picked", partial(picked, here, asked, whole, torn))
    put_away(actor=here.keeper, key=unique("k"), things=[epcs[3]], to_place_id=h.bin.pk)
    refused("kit_torn", partial(picked, here, asked, torn), thing=torn)
    scanned = interpret(
        torn, actor=here.keeper, flow="pick", requisition_id=asked.id, from_place_id=h.store.pk
    )
    assert "kit_torn" in {each.code for each in scanned.offences}


def test_a_picked_kit_of_which_a_part_is_held_is_open_to_pick_again_and_its_rest_goes_back(
    committed: Site,
) -> None:
    here = committed
    kit, epcs = a_kit(here, units=3), here.stocked(6)
    first, second = (packed(here, epcs[at : at + 3], kind="kit", item_id=kit.pk) for at in (0, 3))
    asked = here.requisition((kit, 1))
    picked(here, asked, first)
    hold(actor=here.keeper, key=unique("k"), things=[epcs[0]], reason="suspected")
    assert line(asked) == (0, 0)
    back(here, asked, epcs[2])
    picked(here, asked, second)
    refused(
        "kit_torn", partial(issue, actor=here.keeper, key=unique("k"), requisition_id=asked.id), thing=first
    )
    hold(actor=here.keeper, key=unique("k"), things=[epcs[1]], reason="suspected")
    assert line(asked) == (1, 0)
    issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id)
    assert (line(asked), statuses(epcs[3:])) == ((1, 1), {"in_transit"})


@pytest.mark.parametrize("kept", [True, False])
def test_taking_a_pick_or_a_putting_back_back_counts_the_kit(committed: Site, kept: bool) -> None:
    here = committed
    kit, epcs = a_kit(here, units=2), here.stocked(2)
    code = packed(here, epcs, kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1))
    done = picked(here, asked, code)
    if kept:
        done = back(here, asked, code)
    take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert line(asked) == ((1, 0) if kept else (0, 0))
    assert KitPick.objects.filter(outcome="").count() == int(kept)
