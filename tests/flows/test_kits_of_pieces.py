"""A picked kit of counted pieces is judged by how many lie picked: held, lost or put back in part, it is not whole any more."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from tests.flows.site import Site
from tests.flows.test_kits_picked import a_kit, back, line, picked
from tests.flows.test_packing import packed, pieces, refused
from tests.makers import unique
from tests.races.crowd import together
from yanji.catalog.models import Item
from yanji.flows import acts
from yanji.flows.acts import Done, moment
from yanji.flows.correction import take_back
from yanji.flows.held import WholeLot
from yanji.flows.hold import Putting, hold, put_aside
from yanji.flows.issue import issue
from yanji.flows.models import RequisitionLine
from yanji.flows.packing.models import KitPick
from yanji.flows.packing.pack import unpack
from yanji.flows.putaway import put_away
from yanji.ledger.api import LotQuantity, Refused, Step
from yanji.ledger.models import Level


def kits_of(here: Site, kit: Item, lot: int, count: int) -> list[str]:
    return [packed(here, [pieces(here, lot, 2)], kind="kit", item_id=kit.pk) for _ in range(count)]


def outcomes() -> list[str]:
    return list(KitPick.objects.order_by("pk").values_list("outcome", flat=True))


def lying(lot: int) -> dict[str, int]:
    rows = Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("status", "quantity")
    return {status: int(quantity) for status, quantity in rows}


def some_held(here: Site, some: LotQuantity) -> Done:
    """Some of the pieces that lie picked, as a count or a hold of the whole lot takes them."""
    putting = Putting(Step.HOLD, unique("h"), moment(None), "suspected", "")
    with transaction.atomic():
        return put_aside(putting, here.keeper, [some], ())


def one_picked_held(here: Site, lot: int) -> Done:
    return some_held(here, replace(pieces(here, lot, 1), status="picked"))


def handed_over(here: Site, asked: Done, *things: Any) -> Done:
    return issue(actor=here.keeper, key=unique("i"), requisition_id=asked.id, things=list(things) or None)


def held(here: Site, *things: Any) -> Done:
    return hold(actor=here.keeper, key=unique("h"), things=list(things), reason="suspected")


def test_kits_of_which_the_whole_lot_is_held_count_on_no_line(committed: Site) -> None:
    here, h = committed, committed.h
    kit, lot = a_kit(here, counted=2), here.stocked_lot(4)
    asked = here.requisition((kit, 2))
    picked(here, asked, *kits_of(here, kit, lot, 2))
    hold(actor=here.keeper, key=unique("h"), lots=[WholeLot(lot, h.store.pk)], reason="suspected")
    assert (line(asked), outcomes(), lying(lot)) == ((0, 0), ["torn", "torn"], {"quarantined": 4})


def test_pieces_that_are_held_tear_loose_ones_first_and_then_the_last_kit(committed: Site) -> None:
    here = committed
    kit, lot = a_kit(here, counted=2), here.stocked_lot(5)
    codes = kits_of(here, kit, lot, 2)
    asked = here.requisition((kit, 2), (here.counted, 1))
    picked(here, asked, *codes, pieces(here, lot, 1))
    one_picked_held(here, lot)
    lines = RequisitionLine.objects.filter(requisition=asked.id).order_by("pk")
    assert (list(lines.values_list("picked", flat=True)), outcomes()) == ([2, 0], ["", ""])
    one_picked_held(here, lot)
    assert (list(lines.values_list("picked", flat=True)), outcomes()) == ([1, 0], ["", "torn"])


def kit_apart(here: Site) -> tuple[int, Done]:
    """A kit of two pieces picked in a bin, and three loose ones of its lot in the store."""
    kit, lot = a_kit(here, counted=2), here.stocked_lot(5)
    [code] = kits_of(here, kit, lot, 1)
    put_away(actor=here.keeper, key=unique("k"), things=[code], to_place_id=here.h.bin.pk)
    asked = here.requisition((kit, 1), (here.counted, 3))
    picked(here, asked, code, pieces(here, lot, 3))
    return lot, asked


def counts(asked: Done) -> list[tuple[int, int]]:
    lines = RequisitionLine.objects.filter(requisition=asked.id).order_by("pk")
    return list(lines.values_list("picked", "issued"))


def test_a_kit_of_which_the_pieces_are_held_where_it_lies_is_not_handed_over(committed: Site) -> None:
    here, h = committed, committed.h
    lot, asked = kit_apart(here)
    done = hold(actor=here.keeper, key=unique("h"), lots=[WholeLot(lot, h.bin.pk)], reason="suspected")
    assert (counts(asked), outcomes()) == ([(0, 0), (3, 0)], ["torn"])
    take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert (counts(asked), outcomes()) == ([(1, 0), (3, 0)], [""])
    hold(actor=here.keeper, key=unique("h"), lots=[WholeLot(lot, h.bin.pk)], reason="suspected")
    handed_over(here, asked)
    assert (counts(asked), outcomes(), lying(lot)) == (
        [(0, 0), (3, 3)], ["torn"], {"quarantined": 2, "in_transit": 3},
    )  # fmt: skip


def test_pieces_of_a_kit_in_a_bin_are_not_those_that_lie_loose_elsewhere(committed: Site) -> None:
    here, h = committed, committed.h
    lot, asked = kit_apart(here)
    inside = LotQuantity(lot, Decimal(2), h.bin.pk)
    for act in (back, handed_over):
        refused("part_of_kit", partial(act, here, asked, inside), thing=f"lot {lot}")
    back(here, asked, pieces(here, lot, 3))
    assert (counts(asked), outcomes()) == ([(1, 0), (0, 0)], [""])
    done = handed_over(here, asked)
    take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert (counts(asked), outcomes()) == ([(1, 0), (0, 0)], [""])


def test_a_kit_is_not_whole_again_while_another_of_its_pieces_is_held(committed: Site) -> None:
    here, h = committed, committed.h
    lot, asked = kit_apart(here)
    one = LotQuantity(lot, Decimal(1), h.bin.pk, status="picked")
    first, _second = (some_held(here, one) for _ in range(2))
    assert (counts(asked)[0], outcomes()) == ((0, 0), ["torn"])
    take_back(actor=here.keeper, key=unique("k"), event_id=first.events[0], reason="wrong_scan")
    assert (counts(asked)[0], outcomes()) == ((0, 0), ["torn"])


def test_what_is_left_of_a_kit_of_pieces_goes_back_before_the_others_are_handed_over(committed: Site) -> None:
    here = committed
    kit, lot = a_kit(here, counted=2), here.stocked_lot(4)
    codes = kits_of(here, kit, lot, 2)
    asked = here.requisition((kit, 2))
    picked(here, asked, *codes)
    one_picked_held(here, lot)
    assert (line(asked), outcomes()) == ((1, 0), ["", "torn"])
    torn = KitPick.objects.get(outcome="torn")
    refused("kit_torn", partial(handed_over, here, asked), thing=torn.box.code)
    back(here, asked, pieces(here, lot, 1))
    assert line(asked) == (1, 0)
    handed_over(here, asked)
    assert (line(asked), outcomes()[0], lying(lot)) == (
        (1, 1), "issued", {"quarantined": 1, "available": 1, "in_transit": 2},
    )  # fmt: skip


def test_a_part_of_a_kit_of_pieces_is_not_put_back_or_handed_over_alone(committed: Site) -> None:
    here = committed
    kit, lot = a_kit(here, counted=2), here.stocked_lot(9)
    [code] = kits_of(here, kit, lot, 1)
    asked = here.requisition((kit, 1), (here.counted, 3))
    picked(here, asked, code, pieces(here, lot, 3))
    for act in (back, handed_over):
        refused("part_of_kit", partial(act, here, asked, pieces(here, lot, 4)), thing=f"lot {lot}")
    back(here, asked, pieces(here, lot, 3))
    back(here, asked, code)
    assert (outcomes(), lying(lot)) == (["put_back"], {"available": 9})


def test_a_kit_of_units_and_pieces_is_not_put_back_by_its_units(committed: Site) -> None:
    here = committed
    kit, epcs, lot = a_kit(here, units=1, counted=2), here.stocked(1), here.stocked_lot(2)
    code = packed(here, [*epcs, pieces(here, lot, 2)], kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1))
    picked(here, asked, code)
    refused("part_of_kit", partial(back, here, asked, *epcs), thing=epcs[0])
    back(here, asked, *epcs, pieces(here, lot, 2))
    assert (line(asked), outcomes()) == ((0, 0), ["put_back"])


def test_a_torn_kit_is_whole_again_only_where_all_of_it_lies_picked(committed: Site) -> None:
    here = committed
    kit, epcs = a_kit(here, units=3), here.stocked(3)
    code = packed(here, epcs, kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1))
    picked(here, asked, code)
    done = held(here, epcs[0])
    back(here, asked, epcs[2])
    take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert (line(asked), outcomes()) == ((0, 0), ["torn"])
    back(here, asked, *epcs[:2])
    picked(here, asked, code)
    assert line(asked) == (1, 0)


def test_a_torn_kit_of_which_nothing_went_back_is_whole_when_the_hold_is_taken_back(committed: Site) -> None:
    here = committed
    kit, epcs, lot = a_kit(here, units=1, counted=2), here.stocked(1), here.stocked_lot(4)
    code = packed(here, [*epcs, pieces(here, lot, 2)], kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1))
    picked(here, asked, code)
    done = one_picked_held(here, lot)
    assert (line(asked), outcomes()) == ((0, 0), ["torn"])
    take_back(actor=here.keeper, key=unique("k"), event_id=done.events[0], reason="wrong_scan")
    assert (line(asked), outcomes()) == ((1, 0), [""])
    handed_over(here, asked)
    assert line(asked) == (1, 1)


def test_a_kit_that_somebody_opens_after_it_was_scanned_is_not_picked(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = committed
    kit, lot = a_kit(here, counted=2), here.stocked_lot(2)
    [code] = kits_of(here, kit, lot, 1)
    asked = here.requisition((kit, 1))
    read = acts.opened_among

    def read_then_opened(things: Any) -> Any:
        found = read(things)
        if found:
            together(partial(unpack, actor=here.keeper, key=unique("u"), code=code))
        return found

    monkeypatch.setattr(acts, "opened_among", read_then_opened)
    with pytest.raises(Refused) as refusal:
        picked(here, asked, code)
    assert [(each.code, each.thing) for each in refusal.value.offences] == [("kit_torn", code)]
    assert (line(asked), outcomes(), lying(lot)) == ((0, 0), [], {"available": 2})
