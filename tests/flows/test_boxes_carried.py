"""A box of counted pieces goes where its pieces go, whichever entry takes them and whoever names what."""

from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site, contents
from tests.flows.test_kits_picked import a_kit, back, line, picked
from tests.flows.test_packing import packed, pieces
from tests.flows.transferring import way
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.correction import take_back
from yanji.flows.issue import issue, take_in
from yanji.flows.packing.contents import contents as inside
from yanji.flows.packing.models import Box, BoxedLot, KitPick, PackingAct
from yanji.flows.packing.queries import boxes
from yanji.flows.putaway import put_away
from yanji.flows.transfer.arrive import arrive
from yanji.ledger.api import Refused, Step, virtual_places
from yanji.ledger.models import Level


def put(here: Site, code: object, place_id: int) -> Done:
    return put_away(actor=here.keeper, key=unique("k"), things=[code], to_place_id=place_id)


def lying(lot: int) -> dict[int, int]:
    rows = Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "quantity")
    return {place: int(quantity) for place, quantity in rows}


def undone(here: Site, done: Done) -> None:
    take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")


@pytest.mark.parametrize("loose", [0, 4])
def test_a_box_goes_where_a_transfer_takes_it(committed: Site, loose: int) -> None:
    here, to = committed, way(committed)
    lot = here.stocked_lot(3 + loose)
    code = packed(here, [pieces(here, lot, 3)])
    sent = to.sent([code], (here.counted, 3))
    assert inside([code])[code].place_id == virtual_places().transit
    arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk)
    put_away(actor=to.receiver, key=unique("k"), things=[code], to_place_id=to.store.pk)
    assert (inside([code])[code].place_id, lying(lot)[to.store.pk]) == (to.store.pk, 3)


@pytest.mark.parametrize("loose", [0, 4])
def test_a_box_goes_where_a_requisition_takes_it_and_back_again(committed: Site, loose: int) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(3 + loose)
    code = packed(here, [pieces(here, lot, 3)])
    wanted = here.requisition((here.counted, 3))
    picked(here, wanted, code)
    issued = issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    taken = take_in(actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    assert inside([code])[code].place_id == h.cabinet.pk
    undone(here, taken)
    undone(here, issued)
    assert inside([code])[code].place_id == h.store.pk
    back(here, wanted, code)
    put(here, code, h.bin.pk)
    assert lying(lot) == {h.bin.pk: 3, **({h.store.pk: loose} if loose else {})}


def test_a_box_that_was_put_back_stays_where_loose_pieces_are_handed_over(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(6)
    code = packed(here, [pieces(here, lot, 3)])
    wanted = here.requisition((here.counted, 3))
    picked(here, wanted, code)
    back(here, wanted, code)
    picked(here, wanted, pieces(here, lot, 3))
    issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    box = inside([code])[code]
    assert (box.place_id, box.pieces) == (h.store.pk, 3)


def test_a_move_of_a_box_that_is_taken_back_brings_it_back(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(3)
    code = packed(here, [pieces(here, lot, 3)])
    undone(here, put(here, code, h.bin.pk))
    assert inside([code])[code].place_id == h.store.pk
    put(here, code, h.other_bin.pk)
    assert lying(lot) == {h.other_bin.pk: 3}


def test_pieces_that_go_without_their_box_are_in_it_no_more(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(5)
    code = packed(here, [pieces(here, lot, 3)])
    put(here, pieces(here, lot, 2), h.bin.pk)
    assert inside([code])[code].pieces == 3
    put(here, pieces(here, lot, 1), h.bin.pk)
    box = inside([code])[code]
    assert (box.place_id, box.pieces) == (h.store.pk, 2)
    assert PackingAct.objects.latest("pk").things == [{"lot": lot, "quantity": 1}]
    put(here, code, h.other_bin.pk)
    assert lying(lot) == {h.bin.pk: 3, h.other_bin.pk: 2}


def test_a_carton_that_left_its_pallet_is_taken_out_and_the_pallet_goes_without_it(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(7)
    small, large = (packed(here, [pieces(here, lot, count)]) for count in (3, 4))
    pallet = packed(here, [], boxes=[small, large], kind="pallet")
    before = contents()
    with pytest.raises(Refused) as turned:
        packed(here, [], boxes=[pallet])
    assert (turned.value.code, contents()) == ("pallet_in_carton", before)
    put(here, small, h.bin.pk)
    [listed] = [each for each in boxes(here.keeper)[:9] if each.code == pallet]
    assert (listed.pieces, listed.taken_out, listed.seal, listed.place_id) == (4, 3, "broken", h.store.pk)
    box = inside([pallet])[pallet]
    assert (box.pieces, box.pieces_out) == (4, 3)
    put(here, pallet, h.other_bin.pk)
    assert lying(lot) == {h.bin.pk: 3, h.other_bin.pk: 4}
    assert {code: each.place_id for code, each in inside([small, large, pallet]).items()} == {
        small: h.bin.pk, large: h.other_bin.pk, pallet: h.other_bin.pk,
    }  # fmt: skip


def test_an_issue_of_a_kit_that_is_taken_back_brings_the_kit_back(committed: Site) -> None:
    here, h = committed, committed.h
    kit, lot = a_kit(here, counted=2), here.stocked_lot(2)
    code = packed(here, [pieces(here, lot, 2)], kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1))
    picked(here, asked, code)
    undone(here, issue(actor=here.keeper, key=unique("i"), requisition_id=asked.id))
    assert inside([code])[code].place_id == h.store.pk
    back(here, asked, code)
    assert (line(asked), KitPick.objects.latest("pk").outcome) == ((0, 0), "put_back")


@pytest.mark.slow
def test_eight_boxes_of_pieces_cost_as_many_statements_as_one(committed: Site) -> None:
    here, spent = committed, []
    for count in (1, 1, 8):
        lots = [here.stocked_lot(3, unique("L")) for _ in range(count)]
        codes = [packed(here, [pieces(here, lot, 3)]) for lot in lots]
        pallet = packed(here, [], boxes=codes, kind="pallet")
        wanted = here.requisition((here.counted, 2 * count))
        with CaptureQueriesContext(connection) as put_down:
            put(here, pallet, here.h.bin.pk)
            put(here, pallet, here.h.store.pk)
        with CaptureQueriesContext(connection) as lowered:
            picked(here, wanted, *[pieces(here, lot, 2) for lot in lots])
            issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
        assert set(BoxedLot.objects.filter(lot__in=lots).values_list("quantity", flat=True)) == {1}
        whole = [packed(here, [pieces(here, here.stocked_lot(3, unique("L")), 3)]) for _ in range(count)]
        asked = here.requisition((here.counted, 3 * count))
        with CaptureQueriesContext(connection) as handed_over:
            picked(here, asked, *whole)
            issue(actor=here.keeper, key=unique("i"), requisition_id=asked.id)
        assert {inside([code])[code].place_id for code in whole} == {virtual_places().transit}
        spent.append((len(put_down), len(lowered), len(handed_over)))
    assert spent[1] == spent[2]


@pytest.mark.parametrize("some_left", [False, True])
def test_a_box_that_was_taken_to_be_with_a_patient_lies_where_its_pieces_do(
    committed: Site, some_left: bool
) -> None:
    here, h = committed, committed.h
    lot, [epc, other] = here.stocked_lot(3), here.stocked(2)
    code = packed(here, [*([epc, other] if some_left else [epc]), pieces(here, lot, 3)])
    sound = packed(here, here.stocked(1))
    for step in (Step.PICK, Step.ISSUE, Step.TAKE_IN, Step.USE):
        h.do(step, epc)
    if some_left:
        put(here, other, h.other_bin.pk)
    Box.objects.filter(code=code).update(place=virtual_places().patient)
    mended = import_module("yanji.flows.migrations.0058_boxes_where_pieces_lie")
    with connection.cursor() as cursor:
        cursor.execute(mended.LEFT)
        cursor.execute(mended.PACKED)
    assert Box.objects.get(code=code).place_id == (h.other_bin if some_left else h.store).pk
    assert Box.objects.get(code=sound).place_id != h.other_bin.pk
