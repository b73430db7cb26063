"""What is missing of a kit that was handed over is counted on the kit, once; what was loose beside it on its own item."""

from collections import Counter
from typing import Any

import pytest

from tests.flows.site import Site
from tests.flows.test_differing import settled, taken
from tests.flows.test_kits_picked import a_kit, picked
from tests.flows.test_packing import packed, pieces
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.correction import take_back
from yanji.flows.hold import hold
from yanji.flows.issue import issue
from yanji.flows.models import Issue, Requisition, RequisitionLine
from yanji.flows.packing.lacking import Gone, Handed, Lacking
from yanji.ledger.api import rebuild, unit_view, virtual_places
from yanji.ledger.models import Level


def handed(here: Site, asked: Done, *things: Any) -> Issue:
    picked(here, asked, *things)
    done = issue(actor=here.keeper, key=unique("i"), requisition_id=asked.id)
    return Issue.objects.get(pk=done.id)


def rows(asked: Done) -> list[tuple[int, int]]:
    """Of each line, in the order in which they were asked for: picked and issued."""
    found = RequisitionLine.objects.filter(requisition=asked.id).order_by("pk")
    return list(found.values_list("picked", "issued"))


def gone(here: Site, found: Issue, pk: int, outcome: str = "back") -> Done:
    return settled(here, found.differences.get(pk=pk), outcome, reason="lost_on_way", note="gone")


def undone(here: Site, done: Done) -> None:
    take_back(actor=here.keeper, key=unique("t"), event_id=done.events[0], reason="wrong_scan")


def reported(found: Issue) -> list[int]:
    return list(found.differences.order_by("pk").values_list("pk", flat=True))


def test_half_a_kit_that_is_lost_opens_the_kit_to_pick_again(committed: Site) -> None:
    here = committed
    kit, epcs = a_kit(here, units=2), here.stocked(2)
    code = packed(here, epcs, kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1))
    found = handed(here, asked, code)
    hold(actor=here.keeper, key=unique("h"), things=epcs[:1], reason="suspected")
    taken(here, found, things=epcs[1:], missing=epcs[:1])
    [pk] = reported(found)
    assert Requisition.objects.get(pk=asked.id).state == "issued"
    done = gone(here, found, pk)
    assert (rows(asked), Requisition.objects.get(pk=asked.id).state) == ([(0, 0)], "requested")
    undone(here, done)
    assert (rows(asked), Requisition.objects.get(pk=asked.id).state) == ([(1, 1)], "issued")


@pytest.mark.parametrize("outcome", ["back", "lost"])
def test_pieces_of_a_kit_are_settled_and_the_loose_one_stays_delivered(committed: Site, outcome: str) -> None:
    here = committed
    kit, lot = a_kit(here, counted=2), here.stocked_lot(5)
    code = packed(here, [pieces(here, lot, 2)], kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1), (here.counted, 1))
    found = handed(here, asked, code, pieces(here, lot, 1))
    taken(here, found, things=[pieces(here, lot, 1)], missing=[pieces(here, lot, 2)])
    [pk] = reported(found)
    done = gone(here, found, pk, outcome)
    assert rows(asked) == [(0, 0), (1, 1)]
    assert not Level.objects.filter(place=virtual_places().transit, quantity__gt=0).exists()
    if outcome == "back":
        undone(here, done)
        assert rows(asked) == [(1, 1), (1, 1)]
    assert rebuild() == []


def test_a_kit_counts_once_however_many_of_its_units_are_missing(committed: Site) -> None:
    here = committed
    kit, epcs = a_kit(here, units=2), here.stocked(3)
    code = packed(here, epcs[:2], kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1), (here.h.item, 1))
    found = handed(here, asked, code, epcs[2])
    taken(here, found, things=epcs[2:], missing=epcs[:2])
    first, second = (gone(here, found, pk) for pk in reported(found))
    assert {str(unit_view(epc).status) for epc in epcs[:2]} == {"available"}
    assert rows(asked) == [(0, 0), (1, 1)]
    undone(here, first)
    assert rows(asked) == [(0, 0), (1, 1)]  # the other one is gone still
    undone(here, second)
    assert rows(asked) == [(1, 1), (1, 1)]


def test_a_loose_unit_beside_a_kit_is_open_again_itself(committed: Site) -> None:
    here = committed
    kit, epcs = a_kit(here, units=2), here.stocked(3)
    code = packed(here, epcs[:2], kind="kit", item_id=kit.pk)
    asked = here.requisition((kit, 1), (here.h.item, 1))
    found = handed(here, asked, code, epcs[2])
    taken(here, found, things=epcs[:2], rest_is_missing=True)
    gone(here, found, *reported(found))
    assert rows(asked) == [(1, 1), (0, 0)]


KIT, ITEM, LOT = 1, 2, 7


@pytest.mark.parametrize(
    ("gone", "kits", "loose", "lacks"),
    [
        ([1], [2], 1, (0, 1)),  # the box arrives before what is loose
        ([2], [2], 1, (1, 0)),
        ([3], [2], 1, (1, 1)),
        ([1, 1, 1], [2], 1, (1, 1)),  # what is left of a kit that is not whole goes before the next one
        ([3], [2, 2], 0, (2, 0)),
        ([4], [2, 2], 5, (0, 4)),
    ],
)
def test_pieces_that_do_not_say_which_they_are(
    gone: list[int], kits: list[int], loose: int, lacks: tuple[int, int]
) -> None:
    found = Lacking([Handed(KIT, frozenset(), Counter({LOT: n})) for n in kits], Counter({LOT: loose}))
    for pieces_gone in gone:
        found.take(Gone(ITEM, LOT, pieces=pieces_gone))
    assert (found.items[KIT], found.items[ITEM]) == lacks
