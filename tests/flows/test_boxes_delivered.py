"""A pallet announced with its cartons and units comes in by one scan."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import GTIN, Site, contents, soon
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.announced import Announced
from yanji.flows.models import Receipt, ShipNoticeLine
from yanji.flows.packing.contents import contents as inside
from yanji.flows.packing.delivered import BoxArrival, box_code
from yanji.flows.packing.models import Box
from yanji.flows.preview import interpret, interpret_many
from yanji.flows.putaway import put_away
from yanji.flows.receive import receive
from yanji.flows.ship_notice import announce, read_csv
from yanji.identity.checks import gs1_mod10
from yanji.ledger.api import MAX_LINES, Refused
from yanji.ledger.models import Level, Unit


def sscc() -> str:
    """The canonical code of a box as a supplier prints it."""
    payload = f"0690123{int(unique('')):010d}"
    return f"00/{payload}{gs1_mod10(payload)}"


def announced(
    here: Site, boxes: dict[str, int], pallet: str = "", **fields: Any
) -> tuple[Done, Done, list[str]]:
    """An order and its notice: so many units in each box. Returns both, and the identities."""
    order = here.order((here.h.item, sum(boxes.values())), **fields)
    serials = [(box, unique("P")) for box, count in boxes.items() for _ in range(count)]
    lines = [
        Announced(
            here.h.item.pk, serial, "L7", soon(400), epc=f"01/{GTIN}/21/{serial}", box=box, pallet=pallet
        )
        for box, serial in serials
    ]
    notice = announce(actor=here.keeper, key=unique("k"), order_id=order.id, lines=lines)
    return order, notice, [str(line.epc) for line in lines]


def take(here: Site, order: Done, *codes: str, **fields: Any) -> Done:
    boxes = [BoxArrival(code, fields.pop("rejected", "")) for code in codes]
    return receive(
        actor=here.keeper, key=unique("k"), order_id=order.id, dock_id=here.h.store.pk, boxes=boxes, **fields
    )


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert {offence.code for offence in found.value.offences} == {code}
    assert contents() == before


def statuses(epcs: list[str]) -> dict[str, int]:
    rows = Unit.objects.filter(epc__in=epcs).values_list("status", flat=True)
    return {status: list(rows).count(status) for status in set(rows)}


def test_one_scan_takes_a_pallet_over_the_door(committed: Site) -> None:
    here, pallet = committed, sscc()
    order, notice, epcs = announced(here, {sscc(): 3, sscc(): 2}, pallet)
    meaning = interpret(
        pallet, actor=here.keeper, flow="receive", order_id=order.id, place_id=here.h.store.pk
    )
    assert (meaning.kind, meaning.ok, meaning.quantity) == ("box", True, 5)
    done = take(here, order, pallet, notice_id=notice.id)
    assert statuses(epcs) == {"available": 5}
    [line] = Receipt.objects.get(pk=done.id).lines.all()
    assert (line.announced, line.accepted, line.short) == (5, 5, 0)
    put_away(actor=here.keeper, key=unique("k"), things=[pallet], to_place_id=here.h.bin.pk)
    assert set(Unit.objects.filter(epc__in=epcs).values_list("place_id", flat=True)) == {here.h.bin.pk}


def test_cartons_may_come_on_different_days_and_each_comes_once(committed: Site) -> None:
    here, first, second = committed, sscc(), sscc()
    order, _notice, epcs = announced(here, {first: 2, second: 2})
    take(here, order, first)
    assert statuses(epcs) == {"available": 2, "expected": 2}
    refused("box_is_empty", lambda: take(here, order, first))
    assert (
        interpret(first, actor=here.keeper, flow="receive", order_id=order.id).offences[0].code
        == "box_is_empty"
    )
    take(here, order, second)
    assert statuses(epcs) == {"available": 4}


def test_a_unit_scanned_by_itself_keeps_its_own_verdict(committed: Site) -> None:
    here, box = committed, sscc()
    order, _notice, epcs = announced(here, {box: 3})
    torn = here.arrival(serial=epcs[0].rsplit("/", 1)[1], lot="L7", expiry=soon(400), rejected="damaged")
    take(here, order, box, arrivals=[torn])
    assert statuses(epcs) == {"available": 2, "quarantined": 1}


def test_a_box_is_rejected_whole(committed: Site) -> None:
    here, box = committed, sscc()
    order, _notice, epcs = announced(here, {box: 2})
    take(here, order, box, rejected="temperature")
    assert statuses(epcs) == {"quarantined": 2}


def test_a_pallet_without_cartons_is_a_pallet(committed: Site) -> None:
    here, pallet = committed, sscc()
    announced(here, {"": 2}, pallet)
    assert Box.objects.get(code=pallet).kind == "pallet"


def test_a_pallet_and_one_of_its_cartons_count_each_unit_once(committed: Site) -> None:
    here, pallet, box = committed, sscc(), sscc()
    order, _notice, epcs = announced(here, {box: 2, sscc(): 1}, pallet)
    take(here, order, box, pallet)
    assert statuses(epcs) == {"available": 3}


def test_counted_lots_come_in_boxes_too(committed: Site) -> None:
    here, box = committed, sscc()
    order = here.order((here.counted, 50))
    line = Announced(here.counted.pk, lot="B9", expiry=soon(90), quantity=40, box=box)
    announce(actor=here.keeper, key=unique("k"), order_id=order.id, lines=[line])
    take(here, order, box)
    [level] = Level.objects.filter(lot__item=here.counted, quantity__gt=0)
    assert (level.status, level.quantity) == ("available", 40)
    refused("box_is_empty", lambda: take(here, order, box))


def test_boxes_that_cannot_be_received(committed: Site) -> None:
    here, box = committed, sscc()
    order, _notice, _epcs = announced(here, {box: 1})
    other = here.order()
    refused("box_of_other_order", lambda: take(here, other, box))
    refused("box_is_empty", lambda: take(here, order, sscc()))
    refused("box_is_empty", lambda: take(here, order, "no box at all"))
    refused("empty", lambda: take(here, order))


def test_boxes_that_cannot_be_announced(committed: Site) -> None:
    here, box, shared = committed, sscc(), sscc()
    announced(here, {box: 1})
    order = here.order((here.h.item, 9))
    refused("box_known", lambda: _announce(here, order, (box, "")))
    refused("bad_box_code", lambda: _announce(here, order, ("BOX 7", "")))
    refused("in_another_box", lambda: _announce(here, order, (shared, sscc()), (shared, sscc())))


def _announce(here: Site, order: Done, *boxes: tuple[str, str]) -> Done:
    """One unit in each (carton, pallet)."""
    serials = [unique("P") for _ in boxes]
    lines = [
        Announced(
            here.h.item.pk, serial, "L7", soon(400), epc=f"01/{GTIN}/21/{serial}", box=box, pallet=pallet
        )
        for serial, (box, pallet) in zip(serials, boxes, strict=True)
    ]
    return announce(actor=here.keeper, key=unique("k"), order_id=order.id, lines=lines)


def test_several_cartons_are_numbered_by_us(committed: Site) -> None:
    order, _notice, _epcs = announced(committed, {"new": 2, "new 2": 1, "NEW 2": 1, "new-B": 1}, pallet="new")
    (pallet,) = Box.objects.filter(parent=None)
    cartons = list(Box.objects.filter(parent=pallet))
    assert len({pallet.code, *(box.code for box in cartons)}) == 4
    assert sorted(ShipNoticeLine.objects.filter(box=box).count() for box in cartons) == [1, 2, 2]
    assert take(committed, order, pallet.code).state == "received"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("106141412345678908", "00/106141412345678908"),
        ("(00)106141412345678908", "00/106141412345678908"),
        ("]C100106141412345678908", "00/106141412345678908"),
        ("00/106141412345678908", "00/106141412345678908"),
        ("106141412345678907", "106141412345678907"),
        ("box/000000001", "box/000000001"),
        ("", ""),
    ],
)
def test_codes_as_people_and_scanners_give_them(typed: str, code: str) -> None:
    assert box_code(typed) == code


def test_a_file_names_boxes(committed: Site) -> None:
    rows = f"code,serial,lot,expiry,box,pallet\n{GTIN},S1,L1,2049-12-31,106141412345678908,\n"
    [line] = read_csv(rows.encode())
    assert (line.box, line.pallet) == ("00/106141412345678908", "")


@pytest.mark.slow
def test_a_pallet_of_two_thousand_costs_as_many_statements_as_one_of_a_hundred(committed: Site) -> None:
    here, spent = committed, []
    for cartons, each in ((1, 1), (10, 10), (40, 50)):
        pallet = sscc()
        order, notice, epcs = announced(here, {sscc(): each for _ in range(cartons)}, pallet)
        assert len(epcs) < MAX_LINES
        with CaptureQueriesContext(connection) as found:
            take(here, order, pallet, notice_id=notice.id)
        spent.append(sum("SAVEPOINT" not in str(query["sql"]) for query in found.captured_queries))
        assert statuses(epcs) == {"available": len(epcs)}
        assert len(inside([pallet])[pallet].together) == len(epcs)
        assert not ShipNoticeLine.objects.filter(notice_id=notice.id, arrived_at=None).exists()
    assert spent[1] == spent[2]


def test_a_box_read_with_what_lies_in_it_is_counted_once(here: Site) -> None:
    """A reader reads a pallet's tag, its cartons' and those of the units: all that is owed, and nothing more."""
    pallet, carton = sscc(), sscc()
    order, _notice, epcs = announced(here, {carton: 3, sscc(): 2}, pallet)
    asked = {"actor": here.keeper, "flow": "receive", "order_id": order.id, "place_id": here.h.store.pk}
    for scans in ([*epcs, carton, pallet], [pallet, carton, *epcs]):
        meanings = interpret_many(scans, **asked)
        assert [each.offences for each in meanings] == [()] * 7
        assert sum(sum(each.brings.values()) for each in meanings) == 5
        assert all(each.brings for each in meanings)
    # What nobody announced is the surplus, though it was read before the pallet.
    over = interpret_many([here.scan(unique("P")), pallet, *epcs], **asked)
    assert [[said.code for said in each.offences] for each in over] == [["over_delivered"], *[[]] * 6]


def test_cartons_of_lots_are_counted_with_their_pallet(here: Site) -> None:
    pallet, carton = sscc(), sscc()
    order = here.order((here.counted, 10))
    lines = [Announced(here.counted.pk, "", "B7", soon(400), quantity=10, box=carton, pallet=pallet)]
    announce(actor=here.keeper, key=unique("k"), order_id=order.id, lines=lines)
    asked = {"actor": here.keeper, "flow": "receive", "order_id": order.id, "place_id": here.h.store.pk}
    both = interpret_many([carton, pallet], **asked)
    assert [each.offences for each in both] == [(), ()]
    assert sum(each.brings[here.counted.pk] for each in both) == 10
    after = interpret(carton, counted={here.counted.pk: 10}, listed=[pallet], **asked)
    assert (after.offences, after.brings) == ((), {here.counted.pk: 0})
