"""Boxes and kits: what is inside moves by one scan of the outside, and what went its own way shows."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site, contents, soon
from tests.makers import unique
from tests.races.crowd import all_read_first, together
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.flows.acts import Done, moment
from yanji.flows.hold import hold, release
from yanji.flows.packing import pack as packing
from yanji.flows.packing.carried import carry
from yanji.flows.packing.contents import contents as inside
from yanji.flows.packing.history import history
from yanji.flows.packing.models import BoxedLot, KitLine, PackingAct
from yanji.flows.packing.pack import OutOfBox, box_for, pack, unpack
from yanji.flows.packing.queries import boxes
from yanji.flows.preview import interpret
from yanji.flows.putaway import put_away
from yanji.ledger.api import (
    Draft,
    Line,
    LotQuantity,
    Refused,
    Step,
    life_line,
    post,
    unit_view,
    virtual_places,
)
from yanji.ledger.models import Level, Lot, Unit


def packed(
    here: Site, things: list[Any], *, boxes: list[str] | None = None, kind: str = "box", **fields: Any
) -> str:
    done: Done = pack(
        actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, kind=kind, things=things, boxes=boxes or [],
        **fields,
    )  # fmt: skip
    return str(done.facts["code"])


def refused(code: str, act: Any, *, thing: str = "") -> None:
    """The act is refused for this alone, and nothing was written."""
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert {offence.code for offence in found.value.offences} == {code}
    assert not thing or thing in {offence.thing for offence in found.value.offences}
    assert contents() == before


def pieces(here: Site, lot: int, count: int) -> LotQuantity:
    return LotQuantity(lot, Decimal(count), here.h.store.pk)


def places(epcs: list[str]) -> set[int]:
    return set(Unit.objects.filter(epc__in=epcs).values_list("place_id", flat=True))


def test_who_moves_a_pallet_moves_all_that_is_in_its_boxes(committed: Site) -> None:
    here = committed
    first, second = here.stocked(3), here.stocked(2)
    pallet = packed(here, [], boxes=[packed(here, first), packed(here, second)], kind="pallet")
    done = put_away(actor=here.keeper, key=unique("k"), things=[pallet], to_place_id=here.h.bin.pk)
    assert places([*first, *second]) == {here.h.bin.pk}
    assert {life_line(epc)[-1].event_id for epc in (*first, *second)} == {done.events[0]}
    box = box_for(here.keeper, pallet)
    assert (box.place_id, len(box.together), box.taken_out, box.inner) == (here.h.bin.pk, 5, (), 2)


def test_a_child_that_goes_its_own_way_breaks_the_seal_and_stays_behind(committed: Site) -> None:
    here = committed
    epcs = here.stocked(4)
    code = packed(here, epcs)
    meaning = interpret(epcs[0], actor=here.keeper, flow="put_away", place_id=here.h.bin.pk)
    assert (meaning.ok, meaning.packed_in) == (True, code)
    put_away(actor=here.keeper, key=unique("k"), things=[epcs[0]], to_place_id=here.h.bin.pk)
    box = box_for(here.keeper, code)
    assert [unit.epc for unit in box.taken_out] == [epcs[0]]
    put_away(actor=here.keeper, key=unique("k"), things=[code], to_place_id=here.h.other_bin.pk)
    assert places(epcs[1:]) == {here.h.other_bin.pk}
    assert places(epcs[:1]) == {here.h.bin.pk}
    scanned = interpret(code, actor=here.keeper, flow="look")
    assert scanned.box is not None
    assert (scanned.kind, scanned.quantity, len(scanned.box.taken_out)) == ("box", 3, 1)


def test_a_box_scanned_with_one_of_its_things_counts_it_once(committed: Site) -> None:
    here = committed
    epcs = here.stocked(2)
    code = packed(here, epcs)
    put_away(actor=here.keeper, key=unique("k"), things=[epcs[0], code], to_place_id=here.h.bin.pk)
    assert places(epcs) == {here.h.bin.pk}


def test_a_retry_of_a_box_that_changed_since_is_the_same_act(committed: Site) -> None:
    here, key = committed, unique("k")
    epcs = here.stocked(2)
    code = packed(here, epcs)
    first = put_away(actor=here.keeper, key=key, things=[code], to_place_id=here.h.bin.pk)
    unpack(actor=here.keeper, key=unique("k"), code=code, units=[epcs[0]])
    again = put_away(actor=here.keeper, key=key, things=[code], to_place_id=here.h.bin.pk)
    assert (again.events, again.repeated) == (first.events, True)


def test_one_thing_in_the_way_refuses_the_whole_box(committed: Site) -> None:
    here = committed
    epcs = here.stocked(2)
    code = packed(here, epcs)
    post(Draft(Step.HOLD, unique("k"), moment(None), (Line(epcs[1]),), reason="x"), actor=here.keeper)
    meaning = interpret(code, actor=here.keeper, flow="put_away", place_id=here.h.bin.pk)
    assert [(offence.code, offence.thing) for offence in meaning.offences] == [("on_hold", epcs[1])]
    refused(
        "on_hold",
        lambda: put_away(actor=here.keeper, key=unique("k"), things=[code], to_place_id=here.h.bin.pk),
        thing=epcs[1],
    )


def test_lots_go_with_the_box(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(10)
    epcs = here.stocked(1)
    code = packed(here, [*epcs, LotQuantity(lot, Decimal(4), here.h.store.pk)])
    put_away(actor=here.keeper, key=unique("k"), things=[code], to_place_id=here.h.bin.pk)
    held = dict(Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "quantity"))
    assert held == {here.h.store.pk: 6, here.h.bin.pk: 4}


def test_what_cannot_be_packed(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = here.stocked(3)
    code = packed(here, epcs[:1])
    used = here.stocked(1)[0]
    put_away(actor=here.keeper, key=unique("k"), things=[used], to_place_id=h.bin.pk)
    refused("in_another_box", lambda: packed(here, epcs), thing=epcs[0])
    refused("unknown_unit", lambda: packed(here, ["01/09999999999999/21/NONE"]))
    refused("empty", lambda: packed(here, []))
    refused("box_is_empty", lambda: packed(here, [], boxes=["00/106141412345678908"]))
    refused("bad_box_code", lambda: packed(here, epcs[1:], code="my box"))
    refused("box_is_another", lambda: packed(here, epcs[1:], code=code, kind="pallet"))
    outer = packed(here, [], boxes=[code], kind="pallet")
    refused("box_in_itself", lambda: packed(here, [], boxes=[outer], code=outer, kind="pallet"))
    refused("in_another_box", lambda: packed(here, [], boxes=[code], kind="pallet"), thing=code)
    elsewhere = h.bin
    refused(
        "not_here",
        lambda: pack(actor=here.keeper, key=unique("k"), place_id=elsewhere.pk, kind="box", things=epcs[1:]),
    )


def test_a_kit_holds_what_its_bill_says(committed: Site) -> None:
    here = committed
    kit = Item.objects.create(code=unique("KIT"), name_zh="导管套件", temperature_class="room")
    KitLine.objects.create(kit=kit, item=here.h.item, quantity=2)
    epcs = here.stocked(3)
    refused("kit_differs", lambda: packed(here, epcs, kind="kit", item_id=kit.pk))
    refused("kit_differs", lambda: packed(here, epcs[:1], kind="kit", item_id=kit.pk))
    code = packed(here, epcs[:2], kind="kit", item_id=kit.pk)
    unpack(actor=here.keeper, key=unique("k"), code=code)
    assert not inside([code])[code].packed
    assert packed(here, epcs[1:], kind="kit", item_id=kit.pk, code=code) == code


def test_unpacking(committed: Site) -> None:
    here = committed
    epcs = here.stocked(3)
    code = packed(here, epcs)
    refused("not_in_box", lambda: unpack(actor=here.keeper, key=unique("k"), code=code, units=["01/1/21/1"]))
    unpack(actor=here.keeper, key=unique("k"), code=code, units=epcs[:1])
    assert len(box_for(here.keeper, code).units) == 2
    unpack(actor=here.keeper, key=unique("k"), code=code)
    refused("box_is_empty", lambda: unpack(actor=here.keeper, key=unique("k"), code=code))
    assert (
        interpret(code, actor=here.keeper, flow="put_away", place_id=here.h.bin.pk).offences[0].code
        == "box_is_empty"
    )
    assert unit_view(epcs[0]) is not None


def test_pieces_are_packed_that_lie_here_and_are_in_no_other_box(committed: Site) -> None:
    here = committed
    lot, epcs = here.stocked_lot(3), here.stocked(3)
    refused("not_enough_to_pack", lambda: packed(here, [epcs[0], pieces(here, lot, 50)]))
    refused("not_enough_to_pack", lambda: packed(here, [epcs[0], pieces(here, lot, 2), pieces(here, lot, 2)]))
    code = packed(here, [epcs[0], pieces(here, lot, 2)])
    refused("not_enough_to_pack", lambda: packed(here, [epcs[1], pieces(here, lot, 2)]))
    packed(here, [pieces(here, lot, 1)], code=code)
    refused("not_enough_to_pack", lambda: packed(here, [pieces(here, lot, 1)], code=code))
    unpack(actor=here.keeper, key=unique("k"), code=code)
    assert PackingAct.objects.latest("pk").things == [epcs[0], {"lot": lot, "quantity": 3}]
    packed(here, [epcs[1], pieces(here, lot, 3)])


def test_a_box_of_pieces_alone_is_where_the_last_act_left_it(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(9)
    code, other = packed(here, [pieces(here, lot, 3)]), packed(here, [pieces(here, lot, 3)])
    assert box_for(here.keeper, code).place_id == h.store.pk
    put_away(actor=here.keeper, key=unique("k"), things=[code, other], to_place_id=h.bin.pk)
    put_away(actor=here.keeper, key=unique("k"), things=[code], to_place_id=h.other_bin.pk)
    held = dict(Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "quantity"))
    assert held == {h.store.pk: 3, h.bin.pk: 3, h.other_bin.pk: 3}
    assert [box_for(here.keeper, each).place_id for each in (code, other)] == [h.other_bin.pk, h.bin.pk]
    told = [(each.what, each.pieces) for each in history(here.keeper, box_for(here.keeper, code).id)]
    assert told == [("moved", 3), ("moved", 3), ("pack", 3)]
    listed = {each.code: each.place_id for each in boxes(here.keeper)[:9]}
    assert listed == {code: h.other_bin.pk, other: h.bin.pk}


def test_pieces_alone_on_a_pallet_go_with_it_and_stay_known_when_it_is_opened(committed: Site) -> None:
    here, h = committed, committed.h
    lot, epcs = here.stocked_lot(5), here.stocked(2)
    carton = packed(here, [pieces(here, lot, 3)])
    pallet = packed(here, [], boxes=[packed(here, epcs), carton], kind="pallet")
    put_away(actor=here.keeper, key=unique("k"), things=[pallet, carton], to_place_id=h.bin.pk)
    assert dict(Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "quantity")) == {
        h.store.pk: 2, h.bin.pk: 3,
    }  # fmt: skip
    unpack(actor=here.keeper, key=unique("k"), code=pallet, units=epcs)
    assert (box_for(here.keeper, carton).place_id, box_for(here.keeper, pallet).place_id) == (
        h.bin.pk,
        h.bin.pk,
    )
    put_away(actor=here.keeper, key=unique("k"), things=[carton], to_place_id=h.other_bin.pk)
    assert box_for(here.keeper, carton).place_id == h.other_bin.pk


def test_a_kit_of_counted_pieces_and_of_smaller_boxes_is_built(committed: Site) -> None:
    here = committed
    kit = Item.objects.create(code=unique("KIT"), name_zh="缝合套件", temperature_class="room")
    KitLine.objects.create(kit=kit, item=here.counted, quantity=2)
    lot = here.stocked_lot(9)
    refused("kit_differs", lambda: packed(here, [pieces(here, lot, 3)], kind="kit", item_id=kit.pk))
    code = packed(here, [pieces(here, lot, 2)], kind="kit", item_id=kit.pk)
    refused(
        "kit_differs", lambda: packed(here, [pieces(here, lot, 2)], kind="kit", item_id=kit.pk, code=code)
    )
    inner = packed(here, [pieces(here, lot, 2)])
    torn = packed(here, [pieces(here, lot, 1)])
    refused("kit_differs", lambda: packed(here, [], boxes=[torn], kind="kit", item_id=kit.pk))
    assert packed(here, [], boxes=[inner], kind="kit", item_id=kit.pk)


def test_pieces_that_left_for_good_leave_their_box(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(4)
    code = packed(here, [pieces(here, lot, 3)])
    lose = Draft(
        Step.LOSE, unique("k"), moment(None),
        (Line(pieces(here, lot, 3), virtual_places().lost),), reason="missing",
    )  # fmt: skip
    carry([inside([code])[code]], [post(lose, actor=here.keeper).event_id])
    assert not inside([code])[code].packed
    assert PackingAct.objects.latest("pk").things == [{"lot": lot, "quantity": 3}]


def test_what_is_in_no_state_to_be_used_is_in_no_kit(committed: Site) -> None:
    here = committed
    kit = Item.objects.create(code=unique("KIT"), name_zh="导管套件", temperature_class="room")
    KitLine.objects.create(kit=kit, item=here.h.item, quantity=1)
    KitLine.objects.create(kit=kit, item=here.counted, quantity=2)
    [good, held], lot = here.stocked(2), here.stocked_lot(3)
    hold(actor=here.keeper, key=unique("k"), things=[held, pieces(here, lot, 2)], reason="suspected")

    def kit_of(*things: Any) -> str:
        return packed(here, list(things), kind="kit", item_id=kit.pk)

    refused("not_enough_to_pack", lambda: kit_of(good, pieces(here, lot, 2)), thing=f"lot {lot}")
    release(actor=here.keeper, key=unique("k"), things=[pieces(here, lot, 2)], reason="inspected")
    refused("not_for_a_kit", lambda: kit_of(held, pieces(here, lot, 2)), thing=held)
    Lot.objects.filter(pk=lot).update(expiry=date(2020, 1, 1))
    refused("not_for_a_kit", lambda: kit_of(good, pieces(here, lot, 2)), thing=f"lot {lot}")
    Lot.objects.filter(pk=lot).update(expiry=date(2099, 1, 1))
    kit_of(good, pieces(here, lot, 2))


def test_pieces_come_out_of_a_box_and_stay_where_its_last_unit_was(committed: Site) -> None:
    here = committed
    lot, [epc, other] = here.stocked_lot(5), here.stocked(2)
    code = packed(here, [epc, other, pieces(here, lot, 5)])
    for wrong in (OutOfBox(lot, 6), OutOfBox(lot + 1, 1)):
        refused("not_in_box", partial(unpack, actor=here.keeper, key=unique("k"), code=code, lots=[wrong]))
    for none in (0, -1):
        wrong = OutOfBox(lot, none)
        refused("bad_pieces", partial(unpack, actor=here.keeper, key=unique("k"), code=code, lots=[wrong]))
    unpack(actor=here.keeper, key=unique("k"), code=code, lots=[OutOfBox(lot, 2)])
    put_away(
        actor=here.keeper, key=unique("k"), things=[pieces(here, lot, 2)], to_place_id=here.h.other_bin.pk
    )
    put_away(actor=here.keeper, key=unique("k"), things=[code], to_place_id=here.h.bin.pk)
    held = dict(Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "quantity"))
    assert held == {here.h.other_bin.pk: 2, here.h.bin.pk: 3}
    unpack(actor=here.keeper, key=unique("k"), code=code, units=[epc, other])
    box = box_for(here.keeper, code)
    assert (box.units, [each.quantity for each in box.lots], box.place_id) == ((), [3], here.h.bin.pk)
    unpack(actor=here.keeper, key=unique("k"), code=code, lots=[OutOfBox(lot, 3)])
    assert not inside([code])[code].packed
    assert PackingAct.objects.latest("pk").things == [{"lot": lot, "quantity": 3}]


def test_unpacking_says_which_smaller_boxes_came_out(committed: Site) -> None:
    here = committed
    inner = packed(here, here.stocked(1))
    pallet = packed(here, [], boxes=[inner], kind="pallet")
    unpack(actor=here.keeper, key=unique("k"), code=pallet)
    assert PackingAct.objects.latest("pk").things == [inner]


def test_a_box_is_hidden_where_its_place_is(committed: Site) -> None:
    here = committed
    code = packed(here, here.stocked(1))
    stranger = Actor(here.nurse.pk, "x", {"view": ("/999999/",), "pack": ("/999999/",)})
    for wanted in (code, "00/106141412345678908"):
        with pytest.raises(NotFound):
            unpack(actor=stranger, key=unique("k"), code=wanted)
    assert interpret(code, actor=stranger).offences[0].code == "not_yours"


@pytest.mark.slow
def test_a_box_of_a_hundred_costs_as_many_statements_as_a_box_of_one(committed: Site) -> None:
    here, spent = committed, []
    for count in (1, 1, 100):
        epcs = here.stocked(count, expiry=soon(300))
        with CaptureQueriesContext(connection) as found:
            code = packed(here, epcs)
            interpret(code, actor=here.keeper, flow="put_away", place_id=here.h.bin.pk)
            put_away(actor=here.keeper, key=unique("k"), things=[code], to_place_id=here.h.bin.pk)
        spent.append(len(found))
    assert spent[1] == spent[2]


def two_take_out(here: Site) -> int:
    """Two people take two pieces each out of a box of five at once; how many are left in it."""
    lot, [epc] = here.stocked_lot(5), here.stocked(1)
    code = packed(here, [epc, pieces(here, lot, 5)])
    out = partial(unpack, actor=here.keeper, code=code, lots=[OutOfBox(lot, 2)])
    together(partial(out, key=unique("k")), partial(out, key=unique("k")))
    return BoxedLot.objects.get(lot_id=lot).quantity


def test_two_who_unpack_one_box_wait_for_each_other(committed: Site) -> None:
    assert two_take_out(committed) == 1


def test_control_without_the_lock_pieces_stay_in_the_box(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_lock", lambda _code: None)
    monkeypatch.setattr(packing, "_lot_rows", all_read_first(2, packing._lot_rows))
    assert two_take_out(committed) == 3
