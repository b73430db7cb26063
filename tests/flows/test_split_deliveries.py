"""A delivery may come in parts, for an order that was closed meanwhile, or be taken back: what is awaited stays true."""

from typing import Any

import pytest

from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.announced import Announced
from yanji.flows.correction import void_receipt
from yanji.flows.models import PurchaseOrder, ReceiptLine, ShipNotice, ShipNoticeLine
from yanji.flows.preview import interpret
from yanji.flows.receive import Arrival
from yanji.flows.ship_notice import announce
from yanji.ledger.api import Refused
from yanji.ledger.models import Unit


def notify(here: Site, order: Done, *lines: Announced) -> Done:
    return announce(actor=here.keeper, key=unique("k"), order_id=order.id, lines=list(lines))


def state(notice: Done) -> str:
    return ShipNotice.objects.get(pk=notice.id).state


def serials(here: Site, count: int) -> tuple[list[str], list[Announced]]:
    names = [unique("S") for _ in range(count)]
    return names, [Announced(here.h.item.pk, name, "L1") for name in names]


def test_second_part_of_a_delivery_comes_under_the_same_notice(committed: Site) -> None:
    here, (names, lines) = committed, serials(committed, 3)
    order = here.order((here.h.item, 3))
    notice = notify(here, order, *lines)
    here.receive(order, here.arrival(serial=names[0]), notice_id=notice.id)
    assert state(notice) == "partly"
    second = here.receive(order, *(here.arrival(serial=name) for name in names[1:]), notice_id=notice.id)
    assert state(notice) == "arrived"
    line = ReceiptLine.objects.get(receipt_id=second.id)
    assert (line.announced, line.accepted, line.short) == (2, 2, 0)


def test_notice_that_nobody_named_is_settled_by_its_units(committed: Site) -> None:
    here, (names, lines) = committed, serials(committed, 2)
    order = here.order((here.h.item, 2))
    notice = notify(here, order, *lines)
    here.receive(order, *(here.arrival(serial=name) for name in names))
    assert state(notice) == "arrived"


def test_counted_lots_come_in_parts_too(committed: Site) -> None:
    here = committed
    order = here.order((here.counted, 50))
    notice = notify(here, order, Announced(here.counted.pk, lot="B1", expiry=soon(90), quantity=50))
    for pieces, then in ((30, "partly"), (20, "arrived")):
        here.receive(
            order, Arrival(here.counted.pk, lot="B1", expiry=soon(90), quantity=pieces), notice_id=notice.id
        )
        assert state(notice) == then
    assert [line.short for line in ReceiptLine.objects.order_by("id")] == [20, 0]


def test_receipt_taken_back_is_awaited_again(committed: Site) -> None:
    here, (names, lines) = committed, serials(committed, 2)
    order = here.order((here.h.item, 2))
    notice = notify(here, order, *lines)
    first = here.receive(order, here.arrival(serial=names[0]), notice_id=notice.id)
    second = here.receive(order, here.arrival(serial=names[1]), notice_id=notice.id)
    void_receipt(actor=here.keeper, key=unique("k"), receipt_id=second.id, reason="wrong_scan")
    assert state(notice) == "partly"
    void_receipt(actor=here.keeper, key=unique("k"), receipt_id=first.id, reason="wrong_scan")
    assert state(notice) == "announced"
    assert not ShipNoticeLine.objects.exclude(arrived_at=None, receipt=None).exists()
    here.receive(order, *(here.arrival(serial=name) for name in names), notice_id=notice.id)
    assert state(notice) == "arrived"


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert {offence.code for offence in found.value.offences} == {code}
    assert contents() == before


def test_unit_announced_for_a_closed_order_comes_for_an_open_one(committed: Site) -> None:
    here, (names, lines) = committed, serials(committed, 3)
    closed, open_order = here.order((here.h.item, 3)), here.order((here.h.item, 3))
    notice = notify(here, closed, *lines)
    waiting = here.arrival(serial=names[0])
    refused("announced_elsewhere", lambda: here.receive(open_order, waiting))
    here.receive(open_order, here.arrival(serial=names[2], rejected="wrong_item"))
    assert Unit.objects.get(serial=names[2]).status == "quarantined"
    PurchaseOrder.objects.filter(pk=closed.id).update(state="closed")
    seen = interpret(here.scan(names[0]), actor=here.keeper, flow="receive", order_id=open_order.id)
    assert seen.ok
    here.receive(open_order, waiting)
    assert Unit.objects.get(serial=names[0]).status == "available"
    assert ShipNoticeLine.objects.filter(notice_id=notice.id, arrived_at=None).count() == 2
