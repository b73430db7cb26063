"""Only what was kept is paid, once, by those who may, where it came: what goes back, comes again or is taken back counts."""

from decimal import Decimal

import pytest

from tests.flows.buying import accountant, billed, chief, invoice, waiting
from tests.flows.site import Site, contents, person, soon
from tests.flows.test_buying import change, say
from tests.flows.test_invoices import delivered, refused, results
from tests.makers import place, unique
from yanji.access.models import Grant, Role
from yanji.flows.correction import take_back, void_receipt
from yanji.flows.hold import hold
from yanji.flows.hold import release as let_go_again
from yanji.flows.invoices.enter import Billed, match_again
from yanji.flows.invoices.match import Way, told
from yanji.flows.invoices.models import Invoice, InvoiceLine
from yanji.flows.invoices.payment import accept_prices, hold_payment, release_payment
from yanji.flows.invoices.queries import uncharged
from yanji.flows.landed.spread import add_cost, by_thing, landed, landed_of
from yanji.flows.models import Receipt
from yanji.flows.purchase import Ordered
from yanji.flows.reasons import reasons
from yanji.flows.recall import recall
from yanji.flows.recall_end import end_recall
from yanji.flows.receive import Arrival
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return
from yanji.flows.sendback.send import send_return
from yanji.ledger.api import LotQuantity, Refused, unit_view
from yanji.ledger.models import Unit


def send_back(here: Site, *things) -> None:
    """Things go back to their supplier, with the supplier's authorisation."""
    reason = next(iter(reasons("supplier_return")))
    back = ask_supplier_return(
        actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, supplier_id=here.h.supplier.pk,
        things=list(things), reason=reason,
    )  # fmt: skip
    authorise_return(actor=here.keeper, key=unique("k"), return_id=back.id, authorisation="RMA-1")
    send_return(actor=here.keeper, key=unique("k"), return_id=back.id, handed_to="Driver")


def came(here: Site, pieces: int):
    """An order of the counted item, its pieces of one lot received."""
    order = here.order((here.counted, pieces))
    here.receive(order, Arrival(here.counted.pk, lot="B1", expiry=soon(99), quantity=pieces))
    return order


def of_lot(here: Site, pieces: int) -> LotQuantity:
    return LotQuantity(here.counted.lots.get(number="B1").pk, Decimal(pieces), here.h.store.pk)


def charge(here: Site, order, pieces: int):
    return invoice(here, here.purchasing, [Billed(order.id, here.counted.pk, Decimal(100), "", "B1", pieces)])


def release(here: Site, done):
    return release_payment(actor=accountant(here), key=unique("k"), invoice_id=done.id)


# What went back


def ways(*rows: tuple[str, int, int]) -> dict[int | None, int]:
    """Order -> pieces that may be charged, after these ways of one lot."""
    return {
        key[0]: book.left
        for key, book in told([Way(way, order, 5, "B", 1, n) for way, order, n in rows]).items()
    }


def test_a_return_takes_what_was_charged_first_and_the_latest_delivery_first():
    assert ways(("came", 7, 10), ("back", 0, 10)) == {7: 0}
    # Charged before, it brings a credit note: the rest stays to be paid.
    assert ways(("came", 7, 10), ("charged", 7, 4), ("back", 0, 4)) == {7: 6}
    # What replaces it comes later, and is paid.
    assert ways(("came", 7, 10), ("back", 0, 10), ("came", 8, 10)) == {7: 0, 8: 10}
    assert ways(("came", 7, 10), ("came", 8, 10), ("back", 0, 12)) == {7: 8, 8: 0}


def test_what_was_not_accepted_at_the_dock_goes_back_at_nobodys_cost():
    dock = ("came", 7, 4), ("rejected", 0, 2), ("doubted", 7, 4)
    assert ways(*dock, ("aside", 0, 5)) == {7: 4}
    assert ways(*dock, ("aside", 0, 3), ("cleared", 0, 3)) == {7: 7}
    assert ways(*dock, ("cleared", 0, 9), ("aside", 0, 3)) == {7: 7}
    # Held after it was accepted, it goes back as anything else.
    assert ways(("came", 7, 4), ("aside", 0, 3)) == {7: 1}


def test_pieces_of_a_lot_that_went_back_are_not_paid(committed: Site):
    order = came(committed, 10)
    send_back(committed, of_lot(committed, 4))
    assert [row.quantity for row in uncharged([order.id])] == [6]
    done = charge(committed, order, 10)
    assert results(done) == {"B1": "returned"}
    assert InvoiceLine.objects.get().facts == {"received": 10, "invoiced": 0, "sent_back": 4}
    refused("payment_held", lambda: release(committed, done))
    assert results(charge(committed, order, 6)) == {"B1": "matched"}


def test_what_replaces_a_lot_that_went_back_is_paid(committed: Site):
    first = came(committed, 10)
    send_back(committed, of_lot(committed, 10))
    second = came(committed, 10)
    assert results(charge(committed, first, 10)) == {"B1": "returned"}
    assert charge(committed, second, 10).state == "matched"


def test_a_unit_that_was_paid_went_back_and_came_again_is_paid_again(committed: Site):
    item, arrival = committed.h.item, committed.arrival(serial="A")
    orders = [committed.order((item, 1)) for _ in range(2)]
    committed.receive(orders[0], arrival)
    first = invoice(committed, committed.purchasing, billed(orders[0], "A", item=item))
    release(committed, first)
    send_back(committed, arrival.epc)
    assert uncharged([orders[0].id]) == []
    committed.receive(orders[1], arrival)
    assert [row.serial for row in uncharged([orders[1].id])] == ["A"]
    second = invoice(committed, committed.purchasing, billed(orders[1], "A", item=item))
    assert results(second) == {"A": "matched"}
    third = invoice(committed, committed.purchasing, billed(orders[1], "A", item=item))
    assert results(third) == {"A": "already_invoiced"}
    assert release(committed, second).state == "released"


# What was in doubt


def let_go(here: Site, *things):
    return let_go_again(actor=here.keeper, key=unique("k"), things=list(things), reason="inspected")


def test_what_was_in_doubt_is_paid_once_it_is_released(committed: Site):
    item, doubt = committed.h.item, committed.arrival(serial="D", doubtful="storage")
    order = committed.order((item, 2))
    receipt = committed.receive(order, committed.arrival(serial="A"), doubt)
    done = invoice(committed, committed.purchasing, billed(order, "A", "D", item=item))
    assert results(done) == {"A": "matched", "D": "rejected"}
    assert uncharged([order.id]) == []
    released = let_go(committed, doubt.epc)
    assert [row.serial for row in uncharged([order.id])] == ["D"]
    match_again(actor=committed.purchasing, key=unique("k"), invoice_id=done.id)
    assert results(done) == {"A": "matched", "D": "matched"}
    assert release(committed, done).state == "released"
    reason = next(iter(reasons("correct")))
    refused(
        "receipt_paid",
        lambda: take_back(
            actor=committed.keeper, key=unique("k"), event_id=released.events[0], reason=reason
        ),
    )
    held = Receipt.objects.get(pk=receipt.id).held_events[0]
    refused(
        "receipt_paid",
        lambda: take_back(actor=committed.keeper, key=unique("k"), event_id=held, reason=reason),
    )
    hold(actor=committed.keeper, key=unique("k"), things=[doubt.epc], reason="storage")
    later = let_go(committed, doubt.epc)
    take_back(actor=committed.keeper, key=unique("k"), event_id=later.events[0], reason=reason)
    assert unit_view(doubt.epc).status == "quarantined"


def test_what_was_in_doubt_and_recalled_meanwhile_is_released_for_good_once_it_is_paid(committed: Site):
    item, doubt = committed.h.item, committed.arrival(serial="D", doubtful="storage")
    order = committed.order((item, 1))
    committed.receive(order, doubt)
    lot = unit_view(doubt.epc).lot_id
    recall(actor=committed.keeper, key=unique("r"), things=[doubt.epc], notice="RN-7")
    end_recall(actor=committed.keeper, key=unique("e"), lot_id=lot, reason="withdrawn")
    done = let_go(committed, doubt.epc)
    release(committed, invoice(committed, committed.purchasing, billed(order, "D", item=item)))
    again = {"actor": committed.keeper, "event_id": done.events[0], "reason": "wrong_scan"}
    refused("receipt_paid", lambda: take_back(key=unique("k"), **again))


def test_pieces_in_doubt_are_paid_as_they_are_released(committed: Site):
    order, counted = committed.order((committed.counted, 10)), committed.counted.pk
    committed.receive(
        order,
        Arrival(counted, lot="B1", expiry=soon(99), quantity=4),
        Arrival(counted, lot="B1", expiry=soon(99), quantity=6, doubtful="storage"),
    )
    assert [row.quantity for row in uncharged([order.id])] == [4]
    done = charge(committed, order, 7)
    assert results(done) == {"B1": "not_received"}
    let_go(committed, of_lot(committed, 3))
    match_again(actor=committed.purchasing, key=unique("k"), invoice_id=done.id)
    assert results(done) == {"B1": "matched"}
    # What is held once more and let go again does not come twice.
    hold(actor=committed.keeper, key=unique("k"), things=[of_lot(committed, 2)], reason="storage")
    last = let_go(committed, of_lot(committed, 5))
    assert [row.quantity for row in uncharged([order.id])] == [3]
    reason = next(iter(reasons("correct")))
    again = {"actor": committed.keeper, "event_id": last.events[0], "reason": reason}
    assert release(committed, done).state == "released"
    refused("receipt_paid", lambda: take_back(key=unique("k"), **again))
    # All that was in doubt at the dock is released now: what is held since is another matter.
    hold(actor=committed.keeper, key=unique("k"), things=[of_lot(committed, 1)], reason="storage")
    later = let_go(committed, of_lot(committed, 1))
    take_back(key=unique("k"), **{**again, "event_id": later.events[0]})


def two_docks(here: Site) -> tuple[list, list[str]]:
    """Pieces of one lot in doubt at two docks, released one delivery after the other: the orders, and the releases."""
    orders = []
    for _ in range(2):
        order = here.order((here.counted, 3))
        here.receive(
            order, Arrival(here.counted.pk, lot="B1", expiry=soon(99), quantity=3, doubtful="storage")
        )
        orders.append(order)
    return orders, [let_go(here, of_lot(here, 3)).events[0] for _ in orders]


def test_the_release_of_a_later_delivery_that_is_paid_is_not_taken_back(committed: Site):
    orders, releases = two_docks(committed)
    for order in orders:
        release(committed, charge(committed, order, 3))
    for event in reversed(releases):
        again = {"actor": committed.keeper, "event_id": event, "reason": "wrong_scan"}
        refused("receipt_paid", lambda again=again: take_back(key=unique("k"), **again))


def test_the_release_of_a_later_delivery_is_taken_back_where_only_the_first_is_paid(committed: Site):
    orders, releases = two_docks(committed)
    release(committed, charge(committed, orders[0], 3))
    take_back(actor=committed.keeper, key=unique("k"), event_id=releases[1], reason="wrong_scan")
    assert uncharged([orders[1].id]) == []
    again = {"actor": committed.keeper, "event_id": releases[0], "reason": "wrong_scan"}
    refused("receipt_paid", lambda: take_back(key=unique("k"), **again))


def test_what_was_in_doubt_bears_what_the_delivery_cost(committed: Site):
    doubt = committed.arrival(doubtful="storage")
    receipt = committed.receive(committed.order((committed.h.item, 2)), committed.arrival(), doubt)
    add_cost(
        actor=committed.purchasing, key=unique("k"), receipt_id=receipt.id, kind="freight", basis="count",
        amount=Decimal(50),
    )  # fmt: skip
    assert landed(doubt.epc) == 25


# What is taken back


def test_a_receipt_that_is_paid_is_not_taken_back(committed: Site):
    order = committed.order((committed.h.item, 2))
    receipt = committed.receive(order, committed.arrival(serial="A"))
    done = invoice(committed, committed.purchasing, billed(order, "A", item=committed.h.item))
    release(committed, done)
    reason = next(iter(reasons("correct")))
    void = lambda: void_receipt(actor=committed.keeper, key=unique("k"), receipt_id=receipt.id, reason=reason)  # noqa: E731
    refused("receipt_paid", void)
    accepted = str(Receipt.objects.get(pk=receipt.id).accepted_event)
    refused(
        "receipt_paid",
        lambda: take_back(actor=committed.keeper, key=unique("k"), event_id=accepted, reason=reason),
    )
    hold_payment(actor=accountant(committed), key=unique("k"), invoice_id=done.id, reason="Wrong delivery")
    void()
    match_again(actor=committed.purchasing, key=unique("k"), invoice_id=done.id)
    assert results(done) == {"A": "not_received"}


def test_a_receipt_of_a_lot_that_is_paid_is_not_taken_back(committed: Site):
    order = came(committed, 10)
    release(committed, charge(committed, order, 3))
    receipt, reason = Receipt.objects.get(), next(iter(reasons("correct")))
    refused(
        "receipt_paid",
        lambda: void_receipt(actor=committed.keeper, key=unique("k"), receipt_id=receipt.pk, reason=reason),
    )


def test_a_delivery_taken_back_leaves_no_cost_on_what_comes_again(committed: Site):
    arrival, order = committed.arrival(), committed.order((committed.h.item, 1))
    cost = lambda receipt: add_cost(  # noqa: E731
        actor=committed.purchasing, key=unique("k"), receipt_id=receipt.id, kind="freight", basis="count",
        amount=Decimal(50),
    )  # fmt: skip
    first = committed.receive(order, arrival)
    cost(first)
    reason = next(iter(reasons("correct")))
    void_receipt(actor=committed.keeper, key=unique("k"), receipt_id=first.id, reason=reason)
    unit = Unit.objects.get(epc=arrival.epc)
    assert (landed_of(unit.pk), landed(unit.epc), by_thing(first.id)) == ({}, 0, [])
    cost(committed.receive(order, arrival))
    assert (landed_of(unit.pk), landed(unit.epc)) == ({"freight": 50}, 50)


# Where, and by whom


def test_an_invoice_charges_only_what_went_to_whom_it_is_billed(committed: Site):
    h = committed.h
    order, elsewhere = delivered(committed, "A"), place("campus", h.campus.parent)
    stranger, both = person("accountant", elsewhere), person("accountant", elsewhere)
    Grant.objects.create(person=both, role=Role.objects.get(code="accountant"), place=h.campus)
    lines = billed(order, "A", item=h.item)
    enter = lambda who: invoice(committed, committed.actor(who), lines, place_id=elsewhere.pk)  # noqa: E731
    # To who sees no invoices of that campus, its orders are absent.
    refused("order_of_other_supplier", lambda: enter(stranger))
    refused("order_billed_elsewhere", lambda: enter(both))
    assert invoice(committed, accountant(committed), lines).state == "matched"


@pytest.mark.parametrize("from_amount", [0, 1000])
def test_prices_that_the_orders_rules_ask_somebody_for_are_not_accepted(committed: Site, from_amount: int):
    item = committed.h.item
    order = committed.order((item, 2))
    committed.receive(order, committed.arrival(serial="A"), committed.arrival(serial="B"))
    head = chief(committed, "order", from_amount=from_amount)
    done = invoice(committed, committed.purchasing, billed(order, "A", "B", item=item, price=5000))
    payer = accountant(committed)
    accept = lambda: accept_prices(actor=payer, key=unique("k"), invoice_id=done.id, reason="agreed")  # noqa: E731
    before = contents()
    with pytest.raises(Refused) as found:
        accept()
    assert contents() == before
    (offence,) = found.value.offences
    assert (offence.code, offence.facts["amount"]) == ("price_needs_approval", "10000.00")
    changed = change(committed, order, Ordered(item.pk, 2, Decimal(5000)))
    assert changed.facts["waits"] is True
    say(head, waiting("order", order))
    assert match_again(actor=payer, key=unique("k"), invoice_id=done.id).state == "matched"


def test_prices_below_what_any_rule_asks_for_are_accepted(committed: Site):
    chief(committed, "order", from_amount=10000)
    order = delivered(committed, "A")
    done = invoice(committed, committed.purchasing, billed(order, "A", item=committed.h.item, price=105))
    accept_prices(actor=accountant(committed), key=unique("k"), invoice_id=done.id, reason="agreed")
    assert Invoice.objects.get(pk=done.id).state == "matched"


def test_two_invoices_do_not_raise_an_order_by_half_each(committed: Site):
    chief(committed, "order", from_amount=1300)
    order = delivered(committed, "A", "B")
    one, two = (
        invoice(committed, committed.purchasing, billed(order, serial, item=committed.h.item, price=300))
        for serial in "AB"
    )
    payer = accountant(committed)
    accept_prices(actor=payer, key=unique("k"), invoice_id=one.id, reason="agreed")
    refused(
        "price_needs_approval",
        lambda: accept_prices(actor=payer, key=unique("k"), invoice_id=two.id, reason="agreed"),
    )
