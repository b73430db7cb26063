"""Consigned goods are charged by settlement: each serial stands on it, was used, costs what it says, and is charged once."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.approving import role, rule
from tests.flows.buying import accountant, invoice, supplier_person, today
from tests.flows.site import person
from tests.flows.theatre.room import Room, last_month
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.flows.acts import Done
from yanji.flows.attempts import Others
from yanji.flows.consign.models import Payable, Settlement
from yanji.flows.consign.settle import confirm_settlement, draft_settlement
from yanji.flows.correction import take_back
from yanji.flows.invoices.enter import Billed, match_again, void_invoice
from yanji.flows.invoices.models import Hold, Invoice, InvoiceLine
from yanji.flows.invoices.payment import accept_prices, release_payment
from yanji.flows.invoices.queries import lines_of, triples
from yanji.flows.invoices.settled import Charge, Settled, credits_missing, dues, match_settled, uncharged_uses
from yanji.ledger.api import unit_view


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=12)


def settled(room: Room, agreement: int, month: date | None = None) -> int:
    done = draft_settlement(
        actor=room.buyer, key=unique("s"), agreement_id=agreement, month=month or last_month()
    )
    confirm_settlement(actor=accountant(room.here), key=unique("c"), settlement_id=done.id)
    return done.id


def used(room: Room, count: int, month: date | None = None) -> tuple[list[str], list[str]]:
    """Consigned units used in a month that is over: their serials, and the entries of their use."""
    epcs = room.consigned(count, ago=95)
    events = [room.use(room.case(), epc, happened_at=noon(month or last_month())).events[0] for epc in epcs]
    return [unit_view(epc).serial for epc in epcs], events


def of(room: Room, settlement: int, *serials: str, price: int = 1200, credit: bool = False) -> list[Billed]:
    item = room.here.h.item.pk
    return [Billed(None, item, Decimal(price), s, settlement_id=settlement, credit=credit) for s in serials]


def charge(room: Room, lines: list[Billed], **fields):
    total = sum((line.amount for line in lines), Decimal(0))
    return invoice(room.here, room.here.purchasing, lines, **{"total": total, **fields})


def results(done) -> dict[str, str]:
    return {line.serial: line.result for line in InvoiceLine.objects.filter(invoice_id=done.id)}


def held(done) -> dict[str, str]:
    return dict(Hold.objects.filter(invoice_id=done.id, lifted_at=None).values_list("code", "reason"))


@pytest.fixture
def agreement(room: Room) -> int:
    room.price(1200)
    return room.agreement().id


# The comparison itself


def test_what_is_settled_is_netted_by_thing_and_price() -> None:
    def line(serial: str = "", pieces: int = 1, price: int = 10, **fields) -> Settled:
        return Settled(1, 5, serial, "B", pieces, Decimal(price), **fields)

    books = dues([
        line("A"), line("A", sign=-1), line("A"), line("C", sign=-1), line("U", undone=True),
        line(pieces=5, price=3), line(pieces=4, price=4),
    ])  # fmt: skip

    def asked(number: int, serial: str = "", pieces: int = 1, price: int = 10, **fields) -> Charge:
        return Charge(number, 1, 5, serial, "" if serial else "B", pieces, Decimal(price), **fields)

    lines = [
        asked(1, "A"), asked(2, "A"), asked(3, "C"), asked(4, "C", credit=True), asked(5, "U"), asked(6, "X"),
        asked(7, pieces=5, price=3), asked(8, pieces=4, price=3),
    ]  # fmt: skip
    found = match_settled(lines, books)
    assert [found[n].result for n in range(1, 9)] == [
        "matched", "already_invoiced", "not_settled", "matched", "use_taken_back", "not_settled", "matched",
        "price_differs",
    ]  # fmt: skip
    assert found[8].facts == {"price": "4.00", "difference": "-1.00"}
    assert credits_missing(books, lines, found) == []
    assert credits_missing(books, lines[:3], match_settled(lines[:3], books)) == ["C"]


def test_a_use_taken_back_is_paid_by_nobody() -> None:
    def settled_at(price: int, pieces: int, **fields) -> Settled:
        return Settled(1, 7, "", "B", pieces, Decimal(price), **fields)

    def asked(number: int, pieces: int, price: int) -> Charge:
        return Charge(number, 1, 7, "", "B", pieces, Decimal(price))

    books = dues([settled_at(10, 3), settled_at(12, 2, undone=True)])
    for lines in ([asked(1, 3, 10), asked(2, 2, 12)], [asked(2, 2, 12), asked(1, 3, 10)]):
        found = match_settled(lines, books)
        assert {n: each.result for n, each in found.items()} == {1: "matched", 2: "use_taken_back"}
    books = dues([settled_at(10, 5), settled_at(10, 2, undone=True)])
    [due] = books.values()
    due.charged[Decimal(10)] += 5
    assert match_settled([asked(3, 2, 10)], books)[3].result == "use_taken_back"


# Against settlements


def test_what_was_settled_used_and_priced_so_matches_and_is_released(room: Room, agreement: int) -> None:
    serials, _events = used(room, 2)
    settlement = settled(room, agreement)
    assert [each.serial for each in uncharged_uses([settlement])] == sorted(serials)
    theirs = room.here.actor(supplier_person(room.here))
    done = invoice(room.here, theirs, of(room, settlement, *serials), total=Decimal(2400))
    assert (done.state, set(results(done).values()), held(done)) == ("matched", {"matched"}, {})
    [picture] = triples(Invoice.objects.get(), lines_of(Invoice.objects.get()))
    assert (picture.ordered, picture.received, picture.charged, picture.good) == (2, 2, 2, True)
    assert uncharged_uses([settlement]) == []
    again = charge(room, of(room, settlement, serials[0]))
    assert (results(again), list(held(again))) == ({serials[0]: "already_invoiced"}, ["differs"])
    payer = accountant(room.here)
    refused("payment_held", lambda: release_payment(actor=payer, key=unique("k"), invoice_id=again.id))
    assert release_payment(actor=payer, key=unique("k"), invoice_id=done.id).state == "released"


def test_a_voided_invoice_frees_its_uses(room: Room, agreement: int) -> None:
    serials, _events = used(room, 1)
    settlement = settled(room, agreement)
    first = charge(room, of(room, settlement, *serials))
    void_invoice(actor=room.here.purchasing, key=unique("v"), invoice_id=first.id, reason="typed twice")
    assert charge(room, of(room, settlement, *serials)).state == "matched"


def test_what_differs_holds_the_money(room: Room, agreement: int) -> None:
    serials, events = used(room, 3)
    settlement = settled(room, agreement)
    take_back(actor=room.nurse, key=unique("t"), event_id=events[2], reason="wrong_scan")
    lines = of(room, settlement, serials[0], serials[2], "NOBODY")
    lines += of(room, settlement, serials[1], price=1300)
    done = charge(room, lines)
    assert results(done) == {
        serials[0]: "matched", serials[1]: "price_differs", serials[2]: "use_taken_back", "NOBODY": "not_settled",
    }  # fmt: skip
    assert (done.state, list(held(done))) == ("differs", ["differs"])
    dear = charge(room, of(room, settlement, serials[1], price=1300))
    accept_prices(actor=accountant(room.here), key=unique("a"), invoice_id=dear.id, reason="agreed")
    assert (results(dear), held(dear)) == ({serials[1]: "price_accepted"}, {})


def test_a_price_that_somebody_has_to_approve_is_not_accepted_by_who_pays(room: Room, agreement: int) -> None:
    [serial], _events = used(room, 1)
    dear = charge(room, of(room, settled(room, agreement), serial, price=1300))
    rule(room.here.h.campus, role("院长", "Director"), kind="order", from_amount=1250)
    said = refused(
        "settled_price_needs_approval",
        lambda: accept_prices(
            actor=accountant(room.here), key=unique("a"), invoice_id=dear.id, reason="agreed"
        ),
    )
    assert results(dear) == {serial: "price_differs"}
    assert "1300.00" in str(said)


def accept(room: Room, done: Done) -> Done:
    return accept_prices(actor=accountant(room.here), key=unique("a"), invoice_id=done.id, reason="agreed")


def test_two_invoices_do_not_raise_a_settlement_by_half_each(room: Room, agreement: int) -> None:
    serials, _events = used(room, 2)
    settlement = settled(room, agreement)
    rule(room.here.h.campus, role("院长", "Director"), kind="order", from_amount=3000)
    first, second = (charge(room, of(room, settlement, serial, price=1700)) for serial in serials)
    assert accept(room, first).state == "matched"
    said = refused("settled_price_needs_approval", lambda: accept(room, second))
    assert "3400.00" in str(said)
    assert results(second) == {serials[1]: "price_differs"}


@pytest.mark.parametrize(("from_amount", "accepted"), [(2500, False), (2501, True)])
def test_what_is_credited_does_not_pay_for_a_higher_price(
    room: Room, agreement: int, from_amount: int, accepted: bool
) -> None:
    settlement, gone = credited(room, agreement, new=2)
    new = next(each.serial for each in uncharged_uses([settlement]) if not each.credit)
    dear = charge(
        room, [*of(room, settlement, new, price=1300), *of(room, settlement, gone, credit=True)]
    )  # 2400 used, 1200 credited
    rule(room.here.h.campus, role("院长", "Director"), kind="order", from_amount=from_amount)
    if accepted:
        assert accept(room, dear).state == "matched"
    else:
        refused("settled_price_needs_approval", lambda: accept(room, dear))


def credited(room: Room, agreement: int, new: int = 0) -> tuple[int, str]:
    """A settlement that credits a use of the month before, and charges so many new ones; the serial number credited."""
    before = (last_month().replace(day=1) - timedelta(days=1)).replace(day=15)
    [gone], [event] = used(room, 1, before)
    charge(room, of(room, settled(room, agreement, before), gone))
    take_back(actor=room.nurse, key=unique("t"), event_id=event, reason="wrong_scan")
    # It was said last month.
    Payable.objects.filter(sign=-1).update(at=noon(last_month()))
    if new:
        used(room, new)
    settlement = settled(room, agreement)
    assert Settlement.objects.get(pk=settlement).total == 1200 * (new - 1)
    return settlement, gone


@pytest.fixture
def below_zero(room: Room, agreement: int) -> tuple[int, str]:
    return credited(room, agreement)


def test_what_a_settlement_credits_is_given_back(room: Room, agreement: int) -> None:
    second, gone = credited(room, agreement, new=1)
    [new] = [each.serial for each in uncharged_uses([second]) if not each.credit]
    assert [(each.serial, each.credit) for each in uncharged_uses([second])] == [(new, False), (gone, True)]
    without = charge(room, of(room, second, new))
    assert (without.state, held(without)) == ("matched", {"credit": gone})
    back = charge(room, of(room, second, gone, credit=True), total=Decimal(-1200))
    assert results(back) == {gone: "matched"}
    match_again(actor=room.here.purchasing, key=unique("m"), invoice_id=without.id)
    assert held(without) == {}


def test_a_program_sends_the_credit_invoice_of_a_settlement_below_zero(
    room: Room, below_zero: tuple[int, str]
) -> None:
    settlement, gone = below_zero
    api = ApiClient(supplier_person(room.here))
    lines = api.get(f"/supplier/settlements/{settlement}/uncharged").json()
    assert [(line["serial"], line["credit"]) for line in lines] == [(gone, True)]
    sent = {
        "place_id": room.here.h.campus.pk,
        "reference": "RED-1",
        "invoiced_on": str(today()),
        "lines": lines,
    }
    count = Invoice.objects.count()
    assert api.post("/supplier/invoices", **sent, total="1200.00").status_code == 422
    assert Invoice.objects.count() == count
    done = api.done("/supplier/invoices", **sent, total="-1200.00")
    assert done["state"] == "matched"
    payer = ApiClient(person("accountant", room.here.h.campus))
    assert payer.get(f"/invoices/{done['id']}").json()["total"] == "-1200.00"
    assert payer.done(f"/invoices/{done['id']}/release")["state"] == "released"


def test_the_credit_invoice_of_a_settlement_below_zero_is_entered_on_its_page(
    room: Room, below_zero: tuple[int, str]
) -> None:
    settlement, gone = below_zero
    pages, address = Client(), f"/buyer/settlements/{settlement}/invoice"
    pages.force_login(person("accountant", room.here.h.campus))
    assert 'value="-1200.00"' in pages.get(address).content.decode()
    assert f'href="{address}"' in pages.get(address.removesuffix("/invoice")).content.decode()
    typed = {
        "key": unique("invoice:"), "reference": "RED-2", "invoiced_on": str(today()), "total": "-1,200.00",
        "place_id": room.here.h.campus.pk, "of": [f"back:{settlement}:{room.here.h.item.pk}"], "serial": [gone],
        "lot": [""], "quantity": ["1"], "price": ["1200.00"],
    }  # fmt: skip
    answer = pages.post(address, typed)
    assert answer.status_code == 302
    assert (Invoice.objects.latest("pk").total, Invoice.objects.latest("pk").state) == (-1200, "matched")
    assert "¥ -1,200.00" in pages.get(answer.headers["Location"]).content.decode()
    # Nothing is left to charge, and nothing more is offered.
    assert f'href="{address}"' not in pages.get(address.removesuffix("/invoice")).content.decode()


def test_only_a_credit_makes_an_invoice_below_zero(room: Room, agreement: int) -> None:
    serials, _events = used(room, 1)
    settlement = settled(room, agreement)
    refused("nothing_credited", lambda: charge(room, of(room, settlement, *serials), total=Decimal(-1200)))
    assert not Invoice.objects.exists()


def test_too_small_a_credit_is_approved_as_a_price_that_is_too_high(room: Room, agreement: int) -> None:
    settlement, gone = credited(room, agreement, new=2)
    low = charge(room, of(room, settlement, gone, price=900, credit=True))
    assert results(low) == {gone: "price_differs"}
    rule(room.here.h.campus, role("院长", "Director"), kind="order", from_amount=1250)
    refused(
        "settled_price_needs_approval",
        lambda: accept_prices(
            actor=accountant(room.here), key=unique("a"), invoice_id=low.id, reason="agreed"
        ),
    )
    assert results(low) == {gone: "price_differs"}


def test_a_draft_is_not_charged_and_its_page_says_so(room: Room, agreement: int) -> None:
    [serial], _events = used(room, 1)
    drafted = draft_settlement(
        actor=room.buyer, key=unique("s"), agreement_id=agreement, month=last_month()
    ).id
    pages, address = Client(), f"/buyer/settlements/{drafted}/invoice"
    pages.force_login(person("accountant", room.here.h.campus))
    shown = pages.get(address, headers={"Accept-Language": "en"})
    page = shown.content.decode()
    assert (shown.status_code, f'href="/buyer/settlements/{drafted}"' in page) == (200, True)
    assert "y-empty" in page
    assert serial not in page
    assert pages.post(address, {"reference": "F-1"}).status_code == 409
    assert not Invoice.objects.exists()


def test_what_may_not_be_charged(room: Room, agreement: int) -> None:
    serials, _events = used(room, 1)
    drafted = draft_settlement(
        actor=room.buyer, key=unique("s"), agreement_id=agreement, month=last_month()
    ).id
    refused("settlement_of_other_supplier", lambda: charge(room, of(room, drafted, *serials)))
    confirm_settlement(actor=accountant(room.here), key=unique("c"), settlement_id=drafted)
    lines = of(room, drafted, *serials)
    refused("line_twice", lambda: charge(room, lines * 2))
    refused("total_differs", lambda: charge(room, lines, total=Decimal(1)))
    both = [Billed(7, room.here.h.item.pk, Decimal(1200), serials[0], settlement_id=drafted)]
    refused("order_or_settlement", lambda: charge(room, both))
    refused("settlement_billed_elsewhere", lambda: charge(room, lines, place_id=room.here.h.department.pk))
    other = Supplier.objects.create(code=unique("SUP"), name_zh="另一家")
    rival = room.here.actor(supplier_person(room.here, other.pk))
    with pytest.raises((NotFound, Others)):
        invoice(room.here, rival, lines, total=Decimal(1200), supplier_id=other.pk)
    assert not Invoice.objects.exists()


def test_it_is_written_on_the_pages_of_both_sides(room: Room, agreement: int) -> None:
    serials, _events = used(room, 2)
    settlement = Settlement.objects.get(pk=settled(room, agreement))
    theirs, payer = supplier_person(room.here), person("accountant", room.here.h.campus)
    for who, address, shown in (
        (theirs, f"/supplier/settlements/{settlement.pk}/invoice", "/supplier/invoices/"),
        (payer, f"/buyer/settlements/{settlement.pk}/invoice", "/buyer/invoices/"),
    ):
        pages = Client()
        pages.force_login(who)
        form = pages.get(address).content.decode()
        assert [serial in form for serial in serials] == [True, True]
        item = room.here.h.item.pk
        typed = {
            "key": unique("invoice:"), "reference": unique("F"), "invoiced_on": str(today()), "total": "1200.00",
            "place_id": room.here.h.campus.pk, "of": [f"use:{settlement.pk}:{item}"], "serial": [serials[0]],
            "lot": [""], "quantity": ["1"], "price": ["1200.00"],
        }  # fmt: skip
        assert pages.post(address, {**typed, "total": "7"}).status_code == 409
        answer = pages.post(address, typed)
        assert (answer.status_code, answer.headers["Location"].startswith(shown)) == (302, True)
        page = pages.get(answer.headers["Location"]).content.decode()
        assert serials[0] in page
        void_invoice(
            actor=room.here.purchasing,
            key=unique("v"),
            invoice_id=Invoice.objects.latest("pk").pk,
            reason="again",
        )
    rival = Client()
    rival.force_login(supplier_person(room.here, Supplier.objects.create(code=unique("S"), name_zh="别").pk))
    assert rival.get(f"/supplier/settlements/{settlement.pk}/invoice").status_code == 404


def test_a_suppliers_program_charges_its_settlements(room: Room, agreement: int) -> None:
    serials, _events = used(room, 1)
    settled(room, agreement)
    api = ApiClient(supplier_person(room.here))
    [each] = api.get("/supplier/settlements").json()
    lines = api.get(f"/supplier/settlements/{each['id']}/uncharged").json()
    assert [line["serial"] for line in lines] == serials
    done = api.done(
        "/supplier/invoices", place_id=room.here.h.campus.pk, reference="F-1", invoiced_on=str(today()),
        total=each["total"], lines=lines,
    )  # fmt: skip
    assert done["state"] == "matched"
    payer = ApiClient(person("accountant", room.here.h.campus))
    assert payer.get(f"/consignment/settlements/{each['id']}/uncharged").json() == []
    [line] = payer.get(f"/invoices/{done['id']}").json()["lines"]
    assert (line["settlement"], line["order_id"], line["result"]) == (each["number"], None, "matched")
    assert payer.done(f"/invoices/{done['id']}/release")["state"] == "released"
