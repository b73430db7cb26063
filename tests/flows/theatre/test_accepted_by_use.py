"""What was rejected at the department's own dock and is in a patient all the same: order, return, invoice and paper say so."""

from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.client import ApiClient
from tests.flows.buying import accountant, invoice
from tests.flows.theatre.accepted import line, pages_say, undone, used
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import everything, unique
from yanji.flows.acts import Done
from yanji.flows.attempts import Attempt
from yanji.flows.buying.changing import change_order
from yanji.flows.invoices.enter import Billed
from yanji.flows.invoices.models import InvoiceLine
from yanji.flows.invoices.payment import release_payment
from yanji.flows.models import OrderLine, PurchaseOrder
from yanji.flows.preview import interpret
from yanji.flows.purchase import Ordered, close_order
from yanji.flows.receive import receive
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.send import send_return
from yanji.flows.sendback.sheet import supplier_return_sheet
from yanji.flows.theatre.accepted_by_use import in_words
from yanji.flows.theatre.despite import objections
from yanji.flows.theatre.sheets import emergency_sheet
from yanji.ledger.api import rebuild, unit_view


def at_the_ward(room: Room, count: int = 2, *, good: int = 0) -> tuple[int, list[str]]:
    """An order delivered to the department: its id, and the units rejected there."""
    here = room.here
    order = here.order((here.h.item, 2))
    bad = [here.arrival(rejected="damaged") for _ in range(count)]
    came = [*bad, *(here.arrival() for _ in range(good))]
    receive(
        actor=everything(here.h.campus, here.storekeeper), key=unique("r"), order_id=order.id,
        dock_id=here.h.department.pk, arrivals=came,
    )  # fmt: skip
    return order.id, [each.epc for each in bad]


def returning(room: Room, *epcs: str) -> Done:
    return ask_supplier_return(
        actor=everything(room.here.h.campus, room.here.storekeeper), key=unique("s"), place_id=room.here.h.department.pk,
        supplier_id=room.here.h.supplier.pk, things=list(epcs), reason="damaged",
    )  # fmt: skip


def test_a_planned_use_is_refused_as_what_it_is(room: Room) -> None:
    (_order, [epc, _other]), case = at_the_ward(room), room.case()
    refused("rejected_not_used", lambda: room.use(case, epc))
    assert Attempt.objects.filter(code="rejected_not_used", thing=epc).exists()
    for flow in ("use", "set_out"):
        meaning = interpret(epc, actor=room.nurse, flow=flow, from_place_id=room.here.h.department.pk)
        assert [each.code for each in meaning.offences] == ["rejected_not_used"]


def test_the_order_counts_it_and_waits_for_one_less(room: Room) -> None:
    order, [epc, _other] = at_the_ward(room)
    assert line(order) == (0, 2, 2, "placed")
    paper, event = used(room, epc)
    assert [each["code"] for each in paper.against] == ["rejected_not_used"]
    assert len(objections(paper)) == 1
    assert line(order) == (1, 2, 1, "partly_received")
    number = PurchaseOrder.objects.get(pk=order).number
    [words] = in_words(paper.accepted)
    assert (epc in words, number in words) == (True, True)
    assert number in str(emergency_sheet(paper).sections)
    [shown] = ApiClient(room.here.buyer).get(f"/orders/{order}").json()["lines"]
    assert (shown["received"], shown["rejected"], shown["used_despite"]) == (1, 2, 1)
    undone(room, event)
    assert line(order) == (0, 2, 2, "placed")
    assert unit_view(epc).status == "quarantined"
    case = room.case()
    refused("rejected_not_used", lambda: room.use(case, epc))
    [shown] = ApiClient(room.here.buyer).get(f"/orders/{order}").json()["lines"]
    assert shown["used_despite"] == 0
    assert rebuild() == []


def test_an_order_that_waits_for_no_more_is_not_filled_twice(room: Room) -> None:
    """Another came in its stead: the supplier may charge both."""
    order, [epc] = at_the_ward(room, 1, good=2)
    assert line(order) == (2, 1, 0, "received")
    paper, event = used(room, epc)
    assert line(order) == (2, 1, 0, "received")
    assert "besides" in in_words(paper.accepted)[0] or "另行" in in_words(paper.accepted)[0]
    undone(room, event)
    assert line(order) == (2, 1, 0, "received")


def rejected_of_two(room: Room) -> tuple[int, str]:
    """An order of two items, of which the only piece that came was rejected: its id, and the unit."""
    here = room.here
    order, bad = here.order((here.h.item, 1), (here.counted, 3)), here.arrival(rejected="damaged")
    receive(
        actor=everything(here.h.campus, here.storekeeper), key=unique("r"), order_id=order.id,
        dock_id=here.h.department.pk, arrivals=[bad],
    )  # fmt: skip
    return order.id, bad.epc


def test_an_order_without_its_line_any_more_counts_nothing_and_the_use_stands(room: Room) -> None:
    order, epc = rejected_of_two(room)
    change_order(
        actor=room.here.purchasing, key=unique("c"), order_id=order, reason="other model",
        lines=[Ordered(room.here.counted.pk, 3, Decimal(100))],
    )  # fmt: skip
    paper, event = used(room, epc)
    assert [each["counted"] for each in paper.accepted] == [False]
    assert (unit_view(epc).status, line(order)[0]) == ("used", 0)
    undone(room, event)
    assert unit_view(epc).status == "quarantined"


def test_an_order_that_was_closed_short_waits_for_nothing(room: Room) -> None:
    order, epc = rejected_of_two(room)
    close_order(actor=room.here.purchasing, key=unique("c"), order_id=order, reason="Out of production")
    paper, _event = used(room, epc)
    assert [each["counted"] for each in paper.accepted] == [False]
    received = OrderLine.objects.filter(order=order).values_list("received", flat=True)
    assert (list(received), PurchaseOrder.objects.get(pk=order).state) == ([0, 0], "closed")


def test_it_leaves_the_return_that_listed_it(room: Room) -> None:
    _order, [epc, other] = at_the_ward(room)
    back, keeper = returning(room, epc, other), everything(room.here.h.campus, room.here.storekeeper)
    authorise_return(actor=keeper, key=unique("a"), return_id=back.id, authorisation="RMA-1")
    paper, _event = used(room, epc)
    found = SupplierReturn.objects.get(pk=back.id)
    assert [each.used_despite for each in found.lines.order_by("id")] == [paper.number, ""]
    assert paper.number in str(supplier_return_sheet(found).sections)
    sent = send_return(actor=keeper, key=unique("s"), return_id=back.id, handed_to="Van")
    assert (sent.state, unit_view(epc).status, unit_view(other).status) == ("closed", "used", "returned")


def test_a_return_of_it_alone_is_called_off_and_one_that_waits_lists_it_again(room: Room) -> None:
    _order, [one, two] = at_the_ward(room)
    alone = returning(room, one)
    _paper, event = used(room, one)
    assert SupplierReturn.objects.get(pk=alone.id).state == "cancelled"
    undone(room, event)
    assert SupplierReturn.objects.get(pk=alone.id).state == "cancelled"
    both = returning(room, one, two)
    _paper, event = used(room, one)
    undone(room, event)
    assert {each.used_despite for each in SupplierReturn.objects.get(pk=both.id).lines.all()} == {""}


def test_its_supplier_may_charge_it(room: Room) -> None:
    order, [epc, _other] = at_the_ward(room)
    item = room.here.h.item.pk
    billed = [Billed(order, item, Decimal(100), unit_view(epc).serial)]
    given: dict[str, Any] = {"total": Decimal(100)}
    early = invoice(room.here, room.here.purchasing, billed, **given)
    assert InvoiceLine.objects.get(invoice=early.id).result == "rejected"
    _paper, event = used(room, epc)
    release_payment(actor=accountant(room.here), key=unique("p"), invoice_id=early.id)
    assert InvoiceLine.objects.get(invoice=early.id).result == "matched"
    refused("receipt_paid", lambda: undone(room, event))


def test_the_pages_say_so(room: Room) -> None:
    order, [epc, other] = at_the_ward(room)
    back = returning(room, epc, other)
    paper, _event = used(room, epc)
    said = {"order": "used all the same", "return": "it does not go back", "paper": "no other is owed for it"}
    pages_say(room, order, back.id, paper, said)


@pytest.mark.parametrize("count", [1, 2])
def test_several_are_settled_at_once(room: Room, count: int) -> None:
    order, epcs = at_the_ward(room)
    paper, _event = used(room, *epcs[:count])
    assert (len(paper.accepted), line(order)[:3]) == (count, (count, 2, 2 - count))
