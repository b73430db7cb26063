"""Which boxes there are, and what happened to one: told from the moves of what is in it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site
from tests.flows.test_packing import packed, pieces
from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.packing import queries
from yanji.flows.packing.contents import contents
from yanji.flows.packing.history import Move, Stay, history, walked
from yanji.flows.packing.models import Box
from yanji.flows.packing.pack import box_for, unpack
from yanji.flows.packing.queries import LOOKED_AT, Boxes, boxes, tree
from yanji.flows.packing.sheet import box_document
from yanji.flows.papers import sheet_of
from yanji.flows.putaway import put_away
from yanji.flows.trail import remark, trail
from yanji.ledger.api import Refused
from yanji.places.models import Kind


def moved(here: Site, things: list[Any], to: int) -> None:
    put_away(actor=here.keeper, key=unique("k"), things=things, to_place_id=to)


def told(here: Site, code: str) -> list[tuple[str, int, int]]:
    box = Box.objects.get(code=code)
    return [(each.what, each.pieces, each.left) for each in reversed(history(here.keeper, box.pk))]


def test_the_history_says_who_packed_moved_and_broke_the_seal(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = here.stocked(4)
    code = packed(here, epcs, note="For Monday")
    moved(here, [code], h.bin.pk)
    moved(here, [epcs[0]], h.other_bin.pk)
    moved(here, [epcs[0]], h.bin.pk)
    unpack(actor=here.keeper, key=unique("k"), code=code, units=epcs[:1])
    moved(here, [epcs[0]], h.other_bin.pk)
    assert told(here, code) == [
        ("pack", 4, 0),
        ("moved", 4, 0),
        ("broke", 1, 0),
        ("back", 1, 0),
        ("unpack", 1, 0),
    ]
    latest = history(here.keeper, Box.objects.get(code=code).pk)
    assert latest[-1].note == "For Monday"
    assert {each.actor for each in latest} == {here.storekeeper.name}
    assert latest[2].place == (h.other_bin.name_zh, h.other_bin.name_en)


def test_what_stays_behind_when_a_box_moves_is_said(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = here.stocked(3)
    code = packed(here, epcs)
    moved(here, epcs[:2], h.bin.pk)
    assert told(here, code) == [("pack", 3, 0), ("moved", 2, 1)]


def test_a_pallet_tells_the_moves_of_what_is_in_its_cartons_while_they_are_on_it(committed: Site) -> None:
    here, h = committed, committed.h
    first, second = here.stocked(2), here.stocked(2)
    cartons = [packed(here, first), packed(here, second)]
    pallet = packed(here, [], boxes=cartons, kind="pallet")
    moved(here, [pallet], h.bin.pk)
    unpack(actor=here.keeper, key=unique("k"), code=pallet)
    moved(here, [cartons[0]], h.other_bin.pk)
    assert told(here, pallet) == [("pack", 2, 0), ("moved", 4, 0), ("unpack", 2, 0)]
    assert told(here, cartons[0]) == [("pack", 2, 0), ("moved", 2, 0), ("moved", 2, 0)]


def test_the_moves_of_a_box_judged_entry_by_entry() -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)

    def move(hour: int, source: int, target: int, *units: int) -> Move:
        at = start + timedelta(hours=hour)
        return Move(f"e{hour}", "put_away", at, "A", source, target, ("", ""), frozenset(units))

    stays = [Stay(unit, start) for unit in (1, 2, 3)]
    moves = [
        move(1, 10, 20, 1, 2, 3),
        move(2, 20, 30, 3),
        move(3, 30, 40, 3),  # what is out of the box goes where it likes
        move(4, 20, 40, 1, 2),
        move(5, 40, 50, 7),  # never in it
    ]
    found = [(each.what, each.pieces, each.left) for each in walked(stays, moves, {})]
    assert found == [("moved", 3, 0), ("broke", 1, 0), ("moved", 2, 0)]


def codes(found: Boxes, most: int = 20) -> list[str]:
    return [each.code for each in found[:most]]


def test_the_list_knows_seals_places_kinds_and_codes(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, h = committed, committed.h
    whole, torn, emptied = (packed(here, here.stocked(2)) for _ in range(3))
    inner = packed(here, here.stocked(1))
    pallet = packed(here, [], boxes=[inner], kind="pallet")
    moved(here, [whole], h.bin.pk)
    moved(here, [contents([torn])[torn].units[0].epc], h.bin.pk)
    unpack(actor=here.keeper, key=unique("k"), code=emptied)
    keeper = here.keeper
    assert set(codes(boxes(keeper))) == {whole, torn, emptied, pallet}
    assert codes(boxes(keeper, seals=["broken"])) == [torn]
    assert codes(boxes(keeper, seals=["open"])) == [emptied]
    assert set(codes(boxes(keeper, seals=["sealed"]))) == {whole, pallet}
    assert codes(boxes(keeper, kind="pallet")) == [pallet]
    assert codes(boxes(keeper, within=h.bin.path)) == [whole]
    assert codes(boxes(keeper, text=inner[-6:])) == [inner]
    assert codes(boxes(keeper, text="%")) == []
    assert boxes(keeper).count() == 4
    # Counted back over the latest two: enough for who needs one box, and all are counted for who needs three.
    monkeypatch.setattr(queries, "COUNTED_BACK", 2)
    for enough, count in ((1, 2), (3, 4)):
        monkeypatch.setattr(queries, "ENOUGH", enough)
        assert boxes(keeper).count() == count
    [listed] = boxes(keeper, seals=["broken"])[:1]
    assert (listed.pieces, listed.taken_out, listed.place_id) == (1, 1, h.store.pk)
    stranger = Actor(here.nurse.pk, "x", {"view": (place(Kind.CAMPUS).path,)})
    assert codes(boxes(stranger)) == []
    assert [each.depth for each in tree(Box.objects.get(code=pallet).pk)] == [0, 1]


def boxes_read(plan: dict[str, Any]) -> int:
    """With how many boxes a statement began, by what was measured of it."""
    if plan.get("Subplan Name") == "CTE roots":
        return int(plan["Actual Rows"])
    return max((boxes_read(below) for below in plan.get("Plans", ())), default=0)


def test_a_page_of_the_list_reads_the_latest_boxes_alone(committed: Site) -> None:
    here, keeper = committed, committed.keeper
    old = [packed(here, here.stocked(1)) for _ in range(2)]
    Box.objects.bulk_create(
        Box(code=unique("box/"), kind="box", actor=here.storekeeper, place=here.h.store) for _ in range(60)
    )
    with CaptureQueriesContext(connection) as found:
        assert len(boxes(keeper)[:5]) == 5
    [statement] = found.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement['sql']}")
        [[plan]] = cursor.fetchone()
    assert boxes_read(plan["Plan"]) == 5 * LOOKED_AT
    every = codes(boxes(keeper), most=99)
    assert (len(every), every[-2:]) == (62, old[::-1])
    assert [each.code for each in boxes(keeper)[57:]] == every[57:]
    assert [each.code for each in boxes(keeper)[20:40]] == every[20:40]


def test_a_page_goes_on_to_older_boxes_where_too_few_of_the_latest_are_shown(committed: Site) -> None:
    here, keeper = committed, committed.keeper
    old = [packed(here, here.stocked(1)) for _ in range(2)]
    Box.objects.bulk_create(
        Box(code=unique("box/"), kind="box", actor=here.storekeeper, place=here.h.store) for _ in range(9)
    )
    for most, statements in ((1, 2), (2, 2), (4, 1)):
        with CaptureQueriesContext(connection) as found:
            assert codes(boxes(keeper, seals=["sealed"]), most=most) == old[::-1][:most]
        assert len(found) == statements


def test_a_box_prints_and_keeps_remarks_like_any_document(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(5)
    code = packed(here, [*here.stocked(2), pieces(here, lot, 3)])
    box = Box.objects.get(code=code)
    sheet = sheet_of(here.keeper, "box", box.pk)
    assert (sheet.number, sheet.sections[0].total[-1]) == (code, 5)
    remark(actor=here.keeper, key=unique("k"), kind="box", document_id=box.pk, text="A corner is dented")
    assert [each.text for each in trail(here.keeper, "box", box.pk).remarks] == ["A corner is dented"]
    stranger = Actor(here.nurse.pk, "x", {"view": ("/999999/",)})
    reader = Actor(here.nurse.pk, "x", {"view": (here.h.campus.path,)})
    with pytest.raises(NotFound):
        trail(stranger, "box", box.pk)
    with pytest.raises((NotFound, Refused)):
        remark(actor=reader, key=unique("k"), kind="box", document_id=box.pk, text="x")
    assert len(trail(reader, "box", box.pk).remarks) == 1


@pytest.mark.slow
def test_the_history_costs_the_same_for_a_hundred_units(committed: Site) -> None:
    here, spent = committed, []
    for count in (1, 100):
        code = packed(here, here.stocked(count))
        moved(here, [code], here.h.bin.pk)
        box = Box.objects.get(code=code)
        with CaptureQueriesContext(connection) as found:
            assert len(history(here.keeper, box.pk)) == 2
        spent.append(len(found))
    assert spent[0] == spent[1] <= 10


def test_an_emptied_box_and_what_was_said_of_it_are_of_the_place_where_it_was_opened(committed: Site) -> None:
    here = committed
    lot = here.stocked_lot(3)
    code = packed(here, [pieces(here, lot, 3)], note="for the second theatre")
    unpack(actor=here.keeper, key=unique("u"), code=code, note="opened for a count")
    box = Box.objects.get(code=code)
    stranger = Actor(here.nurse.pk, "x", {right: (place(Kind.CAMPUS).path,) for right in ("view", "pack")})
    for may in ("view", "pack"):
        assert box_for(here.keeper, code, may=may).id == box.pk
        with pytest.raises(NotFound):
            box_for(stranger, code, may=may)
    with pytest.raises(NotFound):
        box_document(stranger, box.pk)
    assert (codes(boxes(here.keeper)), codes(boxes(stranger))) == ([code], [])
    assert {(each.place[0], each.note) for each in history(stranger, box.pk)} == {("", "")}
    assert {each.note for each in history(here.keeper, box.pk)} == {
        "for the second theatre",
        "opened for a count",
    }
