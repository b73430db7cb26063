"""Pieces of a lot that were rejected on receipt and are in a patient all the same: order, return, invoice and paper say so, as of
units."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.exchange.client import ApiClient
from tests.flows.buying import accountant, invoice
from tests.flows.theatre.accepted import line, pages_say, undone, used
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import everything, unique
from tests.makers import place as make_place
from yanji.flows.attempts import Attempt
from yanji.flows.hold import hold
from yanji.flows.invoices.enter import Billed
from yanji.flows.invoices.models import InvoiceLine
from yanji.flows.invoices.payment import release_payment
from yanji.flows.models import PurchaseOrder
from yanji.flows.putaway import put_away
from yanji.flows.receive import Arrival, receive
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.send import send_return
from yanji.flows.theatre.accepted_by_use import in_words
from yanji.flows.theatre.despite import objections
from yanji.ledger.api import LotQuantity, Step, correct, rebuild
from yanji.ledger.models import Level


def delivered(room: Room, *, bad: int, good: int = 0, ordered: int = 5) -> tuple[int, int]:
    """An order of screws delivered to the department, some of them rejected there: its id, and the lot's."""
    here = room.here
    order = here.order((here.counted, ordered))
    same: dict[str, Any] = {"lot": "B1", "expiry": date(2099, 1, 1)}
    came = [Arrival(here.counted.pk, quantity=bad, rejected="damaged", **same)] if bad else []
    came += [Arrival(here.counted.pk, quantity=good, **same)] if good else []
    receive(
        actor=everything(here.h.campus, here.storekeeper), key=unique("r"), order_id=order.id,
        dock_id=here.h.department.pk, arrivals=came,
    )  # fmt: skip
    return order.id, here.counted.lots.get().pk


def where(lot: int) -> int:
    """The place where what was rejected lies."""
    return Level.objects.get(lot=lot, status="quarantined", quantity__gt=0).place_id


def held(lot: int, pieces: int, place_id: int = 0) -> LotQuantity:
    return LotQuantity(lot, Decimal(pieces), place_id or where(lot), status="quarantined")


def returning(room: Room, lot: int, pieces: int) -> int:
    actor = everything(room.here.h.campus, room.here.storekeeper)
    return ask_supplier_return(
        actor=actor, key=unique("s"), place_id=where(lot), supplier_id=room.here.h.supplier.pk,
        things=[held(lot, pieces)], reason="damaged",
    ).id  # fmt: skip


def listing(back: int) -> list[tuple[int, bool]]:
    """Pieces of each line, and whether they were used instead."""
    rows = SupplierReturn.objects.get(pk=back).lines.order_by("id").values_list("quantity", "used_despite")
    return [(pieces, bool(paper)) for pieces, paper in rows]


def cabinet_held(room: Room, lot: int, pieces: int) -> int:
    """Good ones of the lot, put into the cabinet and held for a reason of their own: the place where they lie."""
    here, actor = room.here.h, everything(room.here.h.campus, room.here.storekeeper)
    before = set(Level.objects.filter(lot=lot, status="quarantined").values_list("place", "quantity"))
    good = LotQuantity(lot, Decimal(pieces), here.department.pk)
    put_away(actor=actor, key=unique("p"), things=[good], to_place_id=here.cabinet.pk)
    at_cabinet = LotQuantity(lot, Decimal(pieces), here.cabinet.pk)
    hold(actor=actor, key=unique("h"), reason="suspected", things=[at_cabinet])
    after = Level.objects.filter(lot=lot, status="quarantined", quantity__gt=0)
    [(place, _pieces)] = set(after.values_list("place", "quantity")) - before
    return place


def test_a_planned_use_is_refused_as_what_it_is(room: Room) -> None:
    _order, lot = delivered(room, bad=3)
    case = room.case()
    refused("rejected_not_used", lambda: room.use(case, held(lot, 1)))
    assert Attempt.objects.filter(code="rejected_not_used").exists()


def test_the_order_counts_them_and_waits_for_fewer(room: Room) -> None:
    order, lot = delivered(room, bad=3)
    assert line(order) == (0, 3, 5, "placed")
    paper, event = used(room, held(lot, 2))
    assert [each["code"] for each in paper.against] == ["rejected_not_used"]
    assert objections(paper)[0].startswith("B1")
    assert line(order) == (2, 3, 3, "partly_received")
    number = PurchaseOrder.objects.get(pk=order).number
    [words] = in_words(paper.accepted)
    assert ("2 × B1" in words, number in words) == (True, True)
    [shown] = ApiClient(room.here.buyer).get(f"/orders/{order}").json()["lines"]
    assert (shown["received"], shown["rejected"], shown["used_despite"]) == (2, 3, 2)
    undone(room, event)
    assert line(order) == (0, 3, 5, "placed")
    case = room.case()
    refused("rejected_not_used", lambda: room.use(case, held(lot, 1)))
    assert rebuild() == []


def test_of_what_is_held_otherwise_as_well_only_what_was_rejected_counts(room: Room) -> None:
    order, lot = delivered(room, bad=1, good=2, ordered=3)
    place = where(lot)
    hold(
        actor=everything(room.here.h.campus, room.here.storekeeper), key=unique("h"), reason="suspected",
        things=[LotQuantity(lot, Decimal(2), room.here.h.department.pk)],
    )  # fmt: skip
    assert line(order) == (2, 1, 1, "partly_received")
    there = {
        each.place_id: int(each.quantity)
        for each in Level.objects.filter(lot=lot, status="quarantined")
        if each.quantity
    }
    paper, event = used(room, *(held(lot, pieces, at) for at, pieces in there.items()))
    assert [(each["pieces"], each["counted"]) for each in paper.accepted] == [(1, True)]
    assert line(order) == (3, 1, 0, "received")
    undone(room, event)
    assert (line(order), place in there) == ((2, 1, 1, "partly_received"), True)


def test_what_is_on_hold_elsewhere_was_not_rejected(room: Room) -> None:
    """Rejected ones lie in quarantine, and good ones of their lot are held in the cabinet for a reason of their own."""
    order, lot = delivered(room, bad=3, good=2)
    place, before = cabinet_held(room, lot, 2), line(order)
    case = room.case()
    refused("on_hold", lambda: room.use(case, held(lot, 1, place)))
    paper, _event = used(room, held(lot, 2, place))
    assert ([each["code"] for each in paper.against], paper.accepted) == (["on_hold"], [])
    assert line(order) == before
    assert rebuild() == []


def brought(room: Room, lot: int, pieces: int, source: int, target: int) -> str:
    """The ward itself takes what is on hold to another shelf."""
    moved = room.here.h.do(Step.MOVE, held(lot, pieces, source), to=target)
    return moved.event_id


def test_what_a_ward_brings_to_another_cabinet_was_not_rejected_for_that(room: Room) -> None:
    order, lot = delivered(room, bad=3, good=2)
    place, other = cabinet_held(room, lot, 2), make_place("cabinet", room.here.h.department)
    brought(room, lot, 2, place, other.pk)
    before = line(order)
    case = room.case()
    refused("on_hold", lambda: room.use(case, held(lot, 1, other.pk)))
    paper, _event = used(room, held(lot, 2, other.pk))
    assert ([each["code"] for each in paper.against], paper.accepted) == (["on_hold"], [])
    assert (line(order), rebuild()) == (before, [])


def test_a_bringing_that_was_taken_back_leaves_nothing_rejected_behind(room: Room) -> None:
    _order, lot = delivered(room, bad=3, good=2)
    rejected, place = where(lot), cabinet_held(room, lot, 2)
    correct(
        brought(room, lot, 3, rejected, place),
        key=unique("c"), reason="wrong_scan", actor=everything(room.here.h.campus, room.here.storekeeper),
    )  # fmt: skip
    paper, _event = used(room, held(lot, 2, place))
    assert ([each["code"] for each in paper.against], paper.accepted) == (["on_hold"], [])
    paper, _event = used(room, held(lot, 1, rejected))
    assert [each["pieces"] for each in paper.accepted] == [1]


def test_rejected_ones_are_so_wherever_they_are_brought_and_no_more_than_were(room: Room) -> None:
    order, lot = delivered(room, bad=3, good=2)
    rejected, place = where(lot), cabinet_held(room, lot, 2)
    brought(room, lot, 1, rejected, place)
    paper, event = used(room, held(lot, 3, place))
    assert [(each["pieces"], each["counted"]) for each in paper.accepted] == [(1, True)]
    undone(room, event)
    assert line(order)[0] == 2
    paper, _event = used(room, held(lot, 2, rejected))
    assert [(each["pieces"], each["counted"]) for each in paper.accepted] == [(2, True)]
    assert rebuild() == []


def test_an_order_that_waits_for_fewer_takes_what_it_waits_for(room: Room) -> None:
    order, lot = delivered(room, bad=3, good=4)
    paper, event = used(room, held(lot, 3))
    assert [(each["pieces"], each["counted"]) for each in paper.accepted] == [(1, True), (2, False)]
    assert line(order) == (5, 3, 0, "received")
    assert ["1 × B1" in in_words(paper.accepted)[0], "2 × B1" in in_words(paper.accepted)[1]] == [True, True]
    undone(room, event)
    assert line(order) == (4, 3, 1, "partly_received")


def test_two_deliveries_each_count_their_own(room: Room) -> None:
    first, lot = delivered(room, bad=2)
    second, _lot = delivered(room, bad=2)
    paper, _event = used(room, held(lot, 1))
    assert [each["order_id"] for each in paper.accepted] == [first]
    paper, event = used(room, held(lot, 2))
    assert [(each["order_id"], each["pieces"]) for each in paper.accepted] == [(first, 1), (second, 1)]
    assert (line(first)[0], line(second)[0]) == (2, 1)
    undone(room, event)
    assert (line(first)[0], line(second)[0]) == (1, 0)


def test_they_leave_the_return_that_listed_them(room: Room) -> None:
    _order, lot = delivered(room, bad=3)
    place = where(lot)
    back, keeper = returning(room, lot, 2), everything(room.here.h.campus, room.here.storekeeper)
    authorise_return(actor=keeper, key=unique("a"), return_id=back, authorisation="RMA-1")
    # One lies there that no return lists: it was that one.
    _paper, first = used(room, held(lot, 1))
    assert listing(back) == [(2, False)]
    _paper, event = used(room, held(lot, 1))
    assert listing(back) == [(1, False), (1, True)]
    undone(room, event)
    assert listing(back) == [(1, False), (1, False)]
    used(room, held(lot, 1))
    sent = send_return(actor=keeper, key=unique("s"), return_id=back, handed_to="Van")
    assert (sent.state, Level.objects.filter(lot=lot, place=place, quantity__gt=0).count()) == ("closed", 0)
    assert (first != event, rebuild()) == (True, [])


def test_a_return_of_them_alone_is_called_off(room: Room) -> None:
    _order, lot = delivered(room, bad=2)
    back = returning(room, lot, 2)
    _paper, event = used(room, held(lot, 2))
    assert (SupplierReturn.objects.get(pk=back).state, listing(back)) == ("cancelled", [(2, True)])
    undone(room, event)
    assert SupplierReturn.objects.get(pk=back).state == "cancelled"


def test_their_supplier_may_charge_as_many_as_were_used(room: Room) -> None:
    order, lot = delivered(room, bad=3)
    billed = [Billed(order, room.here.counted.pk, Decimal(100), lot="B1", quantity=2)]
    early = invoice(room.here, room.here.purchasing, billed, total=Decimal(200))
    assert InvoiceLine.objects.get(invoice=early.id).result == "not_received"
    used(room, held(lot, 1))
    refused("payment_held", lambda: pay(room, early.id))
    _paper, event = used(room, held(lot, 1))
    pay(room, early.id)
    assert InvoiceLine.objects.get(invoice=early.id).result == "matched"
    refused("receipt_paid", lambda: undone(room, event))


def pay(room: Room, invoice_id: int) -> None:
    release_payment(actor=accountant(room.here), key=unique("p"), invoice_id=invoice_id)


def test_the_pages_say_so(room: Room) -> None:
    order, lot = delivered(room, bad=3)
    back = returning(room, lot, 3)
    paper, _event = used(room, held(lot, 2))
    said = {
        "order": "2 of them used all the same", "return": "it does not go back", "paper": "2 × B1 counts as received",
    }  # fmt: skip
    pages_say(room, order, back, paper, said)
