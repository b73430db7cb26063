"""Each serial that is charged must have been ordered at this price, received, and charged once; else the money is held."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.flows.buying import accountant, billed, contract, invoice, supplier_person, today
from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.flows.attempts import Attempt
from yanji.flows.buying.rules import needs_two, set_two_invoice
from yanji.flows.correction import void_receipt
from yanji.flows.invoices.enter import Billed, match_again, void_invoice
from yanji.flows.invoices.first import enter_first_invoice, verify_first_invoice, void_first_invoice
from yanji.flows.invoices.gates import invoice_for
from yanji.flows.invoices.match import Books, Came, Charged, LotBook, Price, match
from yanji.flows.invoices.models import FirstInvoice, Hold, Invoice, InvoiceLine
from yanji.flows.invoices.payment import accept_prices, hold_payment, lift_hold, release_payment
from yanji.flows.receive import Arrival
from yanji.ledger.api import Refused, Step, virtual_places


def delivered(here: Site, *serials: str, price: int = 100):
    """An order of the site's item of which these serials came."""
    order = here.order((here.h.item, 10))
    here.receive(order, *(here.arrival(serial=serial) for serial in serials))
    return order


def results(done) -> dict[str, str]:
    return {
        line.serial or line.lot: str(line.result) for line in InvoiceLine.objects.filter(invoice_id=done.id)
    }


def holds(done) -> set[str]:
    return set(Hold.objects.filter(invoice_id=done.id, lifted_at=None).values_list("code", flat=True))


def refused(code: str, act):
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == code
    assert contents() == before


# The comparison itself

LINE = Charged(1, 7, 5, "A", "", 1, Decimal(100))
BOOKS = Books(prices={(7, 5): Price(Decimal(100))}, units={(5, "A"): Came(7, 3, True, False)})


@pytest.mark.parametrize(
    ("books", "line", "result"),
    [
        (BOOKS, LINE, "matched"),
        (Books(), LINE, "not_ordered"),
        (Books(prices=BOOKS.prices), LINE, "not_received"),
        (Books(BOOKS.prices, {(5, "A"): Came(8, 3, True, False)}), LINE, "not_received"),  # came for another order
        (Books(BOOKS.prices, {(5, "A"): Came(7, None, False, False)}), LINE, "not_received"),  # receipt taken back
        (Books(BOOKS.prices, {(5, "A"): Came(7, 3, False, False)}), LINE, "rejected"),
        (Books(BOOKS.prices, BOOKS.units, {(5, "A", 3): "IV-1"}), LINE, "already_invoiced"),
        (Books(BOOKS.prices, {(5, "A"): Came(7, 3, True, True)}), LINE, "returned"),
        (Books({(7, 5): Price(Decimal(99))}, BOOKS.units), LINE, "price_differs"),
        (Books({(7, 5): Price(Decimal(99), Decimal(2))}, BOOKS.units), LINE, "matched"),
        (Books({(7, 5): Price(Decimal(90))}, BOOKS.units), replace(LINE, before="price_accepted"), "price_accepted"),
    ],
)  # fmt: skip
def test_each_serial_is_compared(books, line, result):
    assert match([line], books)[1].result == result


def test_lots_are_charged_up_to_what_came():
    books = Books({(7, 5): Price(Decimal(10))}, lots={(7, 5, "B"): LotBook(came=10, charged=4, receipt_id=3)})
    lines = [
        Charged(n, 7, 5, "", lot, pieces, Decimal(10))
        for n, lot, pieces in ((1, "B", 6), (2, "B", 1), (3, "C", 1))
    ]
    found = match(lines, books)
    assert [found[n].result for n in (1, 2, 3)] == ["matched", "already_invoiced", "not_received"]
    assert found[2].facts == {"received": 10, "invoiced": 4, "sent_back": 0}


# Against the ledger


def test_what_was_ordered_received_and_priced_so_matches_and_is_released(committed: Site):
    order = delivered(committed, "A", "B")
    done = invoice(committed, committed.purchasing, billed(order, "A", "B", item=committed.h.item))
    assert done.state == "matched"
    assert done.facts["results"] == {"matched": 2}
    assert holds(done) == set()
    payer = accountant(committed)
    release_payment(actor=payer, key=unique("k"), invoice_id=done.id)
    kept = Invoice.objects.get(pk=done.id)
    assert (kept.state, kept.released_by_id) == ("released", payer.person_id)


def test_every_difference_is_seen_and_holds_the_money(committed: Site):
    h = committed.h
    order = committed.order((h.item, 10))
    serials = ["OK", "REJ", "BACK", "DEAR"]
    arrivals = [committed.arrival(serial=s, rejected="damaged" if s == "REJ" else "") for s in serials]
    committed.receive(order, *arrivals)
    h.do(Step.SEND_BACK, arrivals[2].epc, to=virtual_places().supplier)
    lines = billed(order, "OK", "REJ", "BACK", "MISSING", item=h.item) + billed(
        order, "DEAR", item=h.item, price=101
    )
    lines.append(Billed(order.id, committed.counted.pk, Decimal(3), "", "L", 2))
    done = invoice(committed, committed.purchasing, lines)
    assert results(done) == {
        "OK": "matched", "REJ": "rejected", "BACK": "returned", "MISSING": "not_received", "DEAR": "price_differs",
        "L": "not_ordered",
    }  # fmt: skip
    assert (done.state, holds(done)) == ("differs", {"differs"})
    refused(
        "payment_held",
        lambda: release_payment(actor=accountant(committed), key=unique("k"), invoice_id=done.id),
    )
    assert Attempt.objects.get().code == "payment_held"


def test_a_serial_is_charged_once(committed: Site):
    order = delivered(committed, "A")
    first = invoice(committed, committed.purchasing, billed(order, "A", item=committed.h.item))
    second = invoice(committed, committed.purchasing, billed(order, "A", item=committed.h.item))
    assert results(second) == {"A": "already_invoiced"}
    assert InvoiceLine.objects.get(invoice_id=second.id).facts["invoice"] == first.number
    void_invoice(actor=committed.purchasing, key=unique("k"), invoice_id=first.id, reason="Sent twice")
    again = match_again(actor=committed.purchasing, key=unique("k"), invoice_id=second.id)
    assert again.state == "matched"


def test_a_lot_is_charged_by_quantity(committed: Site):
    order = committed.order((committed.counted, 10))
    committed.receive(order, Arrival(committed.counted.pk, lot="B1", expiry=date(2099, 1, 1), quantity=6))
    first = invoice(
        committed, committed.purchasing, [Billed(order.id, committed.counted.pk, Decimal(100), "", "B1", 4)]
    )
    assert results(first) == {"B1": "matched"}
    second = invoice(
        committed, committed.purchasing, [Billed(order.id, committed.counted.pk, Decimal(100), "", "B1", 3)]
    )
    assert results(second) == {"B1": "already_invoiced"}
    committed.receive(order, Arrival(committed.counted.pk, lot="B1", expiry=date(2099, 1, 1), quantity=4))
    again = match_again(actor=committed.purchasing, key=unique("k"), invoice_id=second.id)
    assert again.state == "matched"


def test_a_receipt_taken_back_is_not_received_any_more(committed: Site):
    order = committed.order((committed.h.item, 1))
    receipt = committed.receive(order, committed.arrival(serial="A"))
    done = invoice(committed, committed.purchasing, billed(order, "A", item=committed.h.item))
    void_receipt(actor=committed.keeper, key=unique("k"), receipt_id=receipt.id, reason="wrong_scan")
    refused(
        "payment_held",
        lambda: release_payment(actor=accountant(committed), key=unique("k"), invoice_id=done.id),
    )
    match_again(actor=committed.purchasing, key=unique("k"), invoice_id=done.id)
    assert results(done) == {"A": "not_received"}


def test_a_tolerance_of_the_contract_lets_prices_differ(committed: Site):
    from yanji.flows.purchase import Ordered, place_order

    contract(committed, (committed.h.item, "100"), price_tolerance_percent=Decimal(1))
    order = place_order(
        actor=committed.purchasing, key=unique("k"), supplier_id=committed.h.supplier.pk, deliver_to_id=committed.h.store.pk,
        lines=[Ordered(committed.h.item.pk, 2)],
    )  # fmt: skip
    committed.receive(order, committed.arrival(serial="A"), committed.arrival(serial="B"))
    lines = billed(order, "A", item=committed.h.item, price=101) + billed(
        order, "B", item=committed.h.item, price="101.01"
    )
    assert results(invoice(committed, committed.purchasing, lines)) == {"A": "matched", "B": "price_differs"}


def test_prices_are_accepted_by_somebody_else_and_nothing_more_is(committed: Site):
    order = delivered(committed, "A")
    lines = billed(order, "A", item=committed.h.item, price=105)
    payer, other = accountant(committed), accountant(committed)
    done = invoice(committed, payer, lines)
    refused(
        "released_by_enterer",
        lambda: accept_prices(actor=payer, key=unique("k"), invoice_id=done.id, reason="agreed"),
    )
    accept_prices(actor=other, key=unique("k"), invoice_id=done.id, reason="Agreed surcharge")
    assert results(done) == {"A": "price_accepted"}
    assert Hold.objects.get().lifted_because == "Agreed surcharge"
    missing = invoice(committed, payer, billed(order, "NOWHERE", item=committed.h.item))
    refused(
        "no_price_differs",
        lambda: accept_prices(actor=other, key=unique("k"), invoice_id=missing.id, reason="agreed"),
    )


def test_who_entered_an_invoice_does_not_release_it(committed: Site):
    order, payer = delivered(committed, "A"), accountant(committed)
    done = invoice(committed, payer, billed(order, "A", item=committed.h.item))
    refused("released_by_enterer", lambda: release_payment(actor=payer, key=unique("k"), invoice_id=done.id))
    assert [attempt.code for attempt in Attempt.objects.all()] == ["released_by_enterer"]
    refused(
        "not_yours", lambda: release_payment(actor=committed.purchasing, key=unique("k"), invoice_id=done.id)
    )


def test_a_release_can_be_called_back_and_let_go_again(committed: Site):
    order, payer = delivered(committed, "A"), accountant(committed)
    done = invoice(committed, committed.purchasing, billed(order, "A", item=committed.h.item))
    release_payment(actor=payer, key=unique("k"), invoice_id=done.id)
    hold_payment(actor=payer, key=unique("k"), invoice_id=done.id, reason="Recall of the lot")
    kept = Invoice.objects.get(pk=done.id)
    assert (kept.state, kept.released_by_id, holds(done)) == ("matched", None, {"manual"})
    refused("payment_held", lambda: release_payment(actor=payer, key=unique("k"), invoice_id=done.id))
    lift_hold(actor=payer, key=unique("k"), invoice_id=done.id, reason="Recall settled")
    release_payment(actor=payer, key=unique("k"), invoice_id=done.id)
    assert Invoice.objects.get(pk=done.id).state == "released"
    refused(
        "document_closed",
        lambda: void_invoice(actor=committed.purchasing, key=unique("k"), invoice_id=done.id, reason="x"),
    )


def test_what_no_invoice_can_say(committed: Site):
    order, buyer, item = delivered(committed, "A", "B"), committed.purchasing, committed.h.item
    one = billed(order, "A", item=item)
    refused("total_differs", lambda: invoice(committed, buyer, one, total=Decimal(99)))
    refused("line_twice", lambda: invoice(committed, buyer, one * 2))
    refused(
        "serial_needed",
        lambda: invoice(committed, buyer, [Billed(order.id, item.pk, Decimal(100), "", "L1", 1)]),
    )
    refused(
        "order_of_other_supplier",
        lambda: invoice(committed, buyer, [Billed(10**9, item.pk, Decimal(100), "A")]),
    )
    refused("reference_needed", lambda: invoice(committed, buyer, one, reference=" "))
    invoice(committed, buyer, one, reference="F-1")
    refused(
        "invoice_known", lambda: invoice(committed, buyer, billed(order, "B", item=item), reference="F-1")
    )


def test_a_supplier_enters_and_reads_its_own_and_no_other(committed: Site):
    order = delivered(committed, "A")
    mine = committed.actor(supplier_person(committed))
    done = invoice(committed, mine, billed(order, "A", item=committed.h.item))
    assert invoice_for(mine, done.id).pk == done.id
    other = Supplier.objects.create(code=unique("S"), name_zh="别家")
    stranger = committed.actor(supplier_person(committed, other.pk))
    with pytest.raises(NotFound):
        invoice_for(stranger, done.id)
    with pytest.raises(NotFound):
        invoice(committed, stranger, billed(order, "A", item=committed.h.item))
    with pytest.raises(NotFound):
        release_payment(actor=mine, key=unique("k"), invoice_id=done.id)
    with pytest.raises(NotFound):
        invoice_for(committed.ward, done.id)


# Two invoices


@pytest.mark.parametrize(
    ("family", "contract_says", "rules", "needed"),
    [
        ("stent", None, {}, False),
        ("stent", None, {(None, ""): True}, True),
        ("stent", None, {(None, ""): True, (None, "stent"): False}, False),
        ("stent", True, {(None, "stent"): False}, True),
        ("stent", False, {(None, ""): True}, False),
        # Its own campus (7) goes before all of them, another (8) says nothing.
        ("stent", None, {(None, "stent"): False, (7, ""): True}, True),
        ("stent", None, {(7, ""): True, (7, "stent"): False}, False),
        ("stent", None, {(8, "stent"): True}, False),
        ("stent", False, {(7, "stent"): True}, False),
    ],
)
def test_which_goods_need_two_invoices(family, contract_says, rules, needed):
    assert needs_two(family, "/1/7/12/", contract_says, rules) is needed


def test_payment_waits_for_the_makers_invoice(committed: Site):
    set_two_invoice(actor=committed.purchasing, key=unique("k"), family="", needed=True)
    order = committed.order((committed.h.item, 10))
    receipt = committed.receive(order, committed.arrival(serial="A"))
    done = invoice(committed, committed.purchasing, billed(order, "A", item=committed.h.item))
    assert (done.state, holds(done)) == ("matched", {"two_invoice"})
    assert Hold.objects.get().reason == receipt.number
    payer = accountant(committed)
    refused("payment_held", lambda: release_payment(actor=payer, key=unique("k"), invoice_id=done.id))
    first = enter_first_invoice(
        actor=committed.keeper,
        key=unique("k"),
        receipt_id=receipt.id,
        seller="厂家",
        number="M-1",
        issued_on=today(),
    )
    refused("payment_held", lambda: release_payment(actor=payer, key=unique("k"), invoice_id=done.id))
    verify_first_invoice(actor=committed.purchasing, key=unique("k"), first_invoice_id=first.id)
    release_payment(actor=payer, key=unique("k"), invoice_id=done.id)
    assert Invoice.objects.get(pk=done.id).state == "released"
    assert holds(done) == set()


def test_a_makers_invoice_is_kept_once_and_verified_once(committed: Site):
    receipt = committed.receive(committed.order((committed.h.item, 1)), committed.arrival())
    keep = lambda number="M-1": enter_first_invoice(  # noqa: E731
        actor=committed.keeper,
        key=unique("k"),
        receipt_id=receipt.id,
        seller="厂家",
        number=number,
        issued_on=today(),
    )
    first = keep()
    refused("first_invoice_known", keep)
    refused("first_invoice_unnamed", lambda: keep(" "))
    refused(
        "first_invoice_verified_by_enterer",
        lambda: verify_first_invoice(actor=committed.keeper, key=unique("k"), first_invoice_id=first.id),
    )
    assert Attempt.objects.get().code == "first_invoice_verified_by_enterer"
    verify_first_invoice(actor=committed.purchasing, key=unique("k"), first_invoice_id=first.id)
    refused(
        "first_invoice_verified",
        lambda: verify_first_invoice(actor=committed.keeper, key=unique("k"), first_invoice_id=first.id),
    )
    before = contents()
    with pytest.raises(NotFound):
        verify_first_invoice(actor=committed.keeper, key=unique("k"), first_invoice_id=10**9)
    with pytest.raises((Refused, NotFound)):
        enter_first_invoice(
            actor=committed.ward,
            key=unique("k"),
            receipt_id=receipt.id,
            seller="x",
            number="y",
            issued_on=today(),
        )
    assert contents() == before


def test_a_voided_makers_invoice_opens_no_payment_and_says_what_it_paid(committed: Site):
    set_two_invoice(actor=committed.purchasing, key=unique("k"), family="", needed=True)
    order = committed.order((committed.h.item, 10))
    receipt = committed.receive(order, committed.arrival(serial="A"))
    done = invoice(committed, committed.purchasing, billed(order, "A", item=committed.h.item))
    payer = accountant(committed)

    def enter(number: str) -> int:
        return enter_first_invoice(
            actor=committed.keeper, key=unique("k"), receipt_id=receipt.id, seller="厂家", number=number,
            issued_on=today(),
        ).id  # fmt: skip

    def void(first: int, reason: str = "Another delivery's"):
        return void_first_invoice(
            actor=committed.purchasing, key=unique("k"), first_invoice_id=first, reason=reason
        )

    def verify(first: int):
        return verify_first_invoice(actor=committed.purchasing, key=unique("k"), first_invoice_id=first)

    def release():
        return release_payment(actor=payer, key=unique("k"), invoice_id=done.id)

    wrong = enter("M-1")
    verify(wrong)
    refused("reason_needed", lambda: void(wrong, " "))
    assert void(wrong).facts["paid"] == []
    refused("payment_held", release)
    refused("document_closed", lambda: verify(wrong))
    refused("document_closed", lambda: void(wrong))
    again = enter("M-1")  # The same number, entered anew, is another entry.
    verify(again)
    release()
    assert void(again).facts["paid"] == [Invoice.objects.get(pk=done.id).number]
    assert Invoice.objects.get(pk=done.id).state == "released"
    hold_payment(actor=payer, key=unique("k"), invoice_id=done.id, reason="The wrong maker's invoice")
    lift_hold(actor=payer, key=unique("k"), invoice_id=done.id, reason="Compare anew")
    refused("payment_held", release)
    verify(enter("M-2"))
    release()
    assert [first.state for first in FirstInvoice.objects.order_by("pk")] == ["voided", "voided", "verified"]
