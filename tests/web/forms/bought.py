"""The forms of who buys and pays: requests, contracts, orders, invoices, costs, returns, agreements, settlements, papers."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from tests.flows.buying import accountant, billed, chief, contract, invoice, supplier_person, today
from tests.flows.files import png
from tests.flows.site import person
from tests.flows.theatre.room import last_month
from tests.makers import unique
from yanji.flows.acts import Done
from yanji.flows.announced import Announced
from yanji.flows.buying.answers import answer_line
from yanji.flows.buying.changing import change_order
from yanji.flows.buying.requests import Needed, ask_for_purchase
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.ending import end_agreement
from yanji.flows.consign.settle import confirm_settlement, draft_settlement
from yanji.flows.import_papers import keep_import_paper
from yanji.flows.invoices.first import enter_first_invoice
from yanji.flows.invoices.payment import hold_payment
from yanji.flows.landed.spread import add_cost
from yanji.flows.models import OrderLine, Receipt
from yanji.flows.portal.papers import offer_paper
from yanji.flows.purchase import Ordered
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return
from yanji.flows.sendback.models import CreditNote
from yanji.flows.sendback.send import credit_return, send_return
from yanji.flows.ship_notice import announce

from .desk import Desk, Form, key, money, serials_of

YEAR = timedelta(days=300)


def _request(d: Desk) -> Form:
    return "/buyer/requests/new", d.lines("request", place_id=d.here.h.department.pk, why="More cases")


def _request_closed(d: Desk) -> Form:
    asked = ask_for_purchase(
        actor=d.here.ward, key=unique("k"), place_id=d.here.h.department.pk, reason="More",
        lines=[Needed(item.pk, 2) for item in d.items],
    )  # fmt: skip
    return f"/buyer/requests/{asked.id}/close", {"key": key("close"), "reason": "Not needed"}


def _terms(d: Desk, act: str = "contract") -> dict:
    return d.lines(
        act, supplier_id=d.here.h.supplier.pk, place_id=d.here.h.campus.pk, valid_from=str(today() - YEAR),
        valid_to=str(today() + YEAR),
    )  # fmt: skip


def _contract(d: Desk) -> Form:
    return "/buyer/contracts/new", _terms(d)


def _agreed(d: Desk, *, start: bool) -> int:
    return contract(d.here, *((item, "90") for item in d.items), start=start).id


def _contract_changed(d: Desk) -> Form:
    return f"/buyer/contracts/{_agreed(d, start=False)}/edit", _terms(d)


def _contract_started(d: Desk) -> Form:
    return f"/buyer/contracts/{_agreed(d, start=False)}/start", {"key": key("start")}


def _contract_ended(d: Desk) -> Form:
    return f"/buyer/contracts/{_agreed(d, start=True)}/end", {"key": key("end"), "reason": "Another supplier"}


def _order_changed(d: Desk) -> Form:
    return f"/buyer/orders/{d.ordered()}/change", d.lines("change", reason="More cases")


def _change_dropped(d: Desk) -> Form:
    chief(d.here, "order", from_amount=10**6)
    order = d.ordered()
    lines = [Ordered(item.pk, 10**5, Decimal(100)) for item in d.items]
    change_order(actor=d.here.purchasing, key=unique("k"), order_id=order, lines=lines, reason="More")
    return f"/buyer/orders/{order}/change/drop", {"key": key("drop")}


def _order_withdrawn(d: Desk) -> Form:
    chief(d.here, "order")
    return f"/buyer/orders/{d.ordered()}/withdraw", {"key": key("withdraw")}


def _order_cancelled(d: Desk) -> Form:
    return f"/buyer/orders/{d.ordered()}/cancel", {"key": key("cancel"), "reason": "Not needed"}


def _answered(d: Desk) -> Form:
    # A line more, so that one answer never answers all of it.
    order = d.here.order(*((item, 2) for item in d.items), (d.here.counted, 1)).id
    line = OrderLine.objects.filter(order_id=order).earliest("id").pk
    form = {"key": key("answer"), "line_id": line, "verdict": "changed", "pieces": "1", "note": "Short"}
    return f"/buyer/orders/{order}/answer", form


def _answer_settled(d: Desk) -> Form:
    line = OrderLine.objects.filter(order_id=d.ordered()).earliest("id").pk
    supplier = d.here.actor(supplier_person(d.here))
    done = answer_line(
        actor=supplier, key=unique("k"), line_id=line, verdict="changed", pieces=1, note="Short"
    )
    return f"/buyer/answers/{done.id}/settle", {"key": key("settle"), "accept": "yes"}


def _notice(d: Desk) -> int:
    order = d.here.order((d.here.h.item, d.count))
    lines = [Announced(d.here.h.item.pk, unique("S"), "L1", today() + YEAR) for _ in range(d.count)]
    return announce(actor=d.here.purchasing, key=unique("k"), order_id=order.id, lines=lines).id


def _notice_withdrawn(d: Desk) -> Form:
    return f"/buyer/notices/{_notice(d)}/withdraw", {"key": key("withdraw"), "reason": "Wrong delivery"}


def _delivered(d: Desk) -> tuple[Done, list[str]]:
    """An order that came whole; the serial numbers of its units."""
    order = d.here.order((d.here.h.item, d.count))
    arrivals = [d.here.arrival() for _ in range(d.count)]
    d.here.receive(order, *arrivals)
    return order, serials_of([arrival.epc for arrival in arrivals])


def charged(d: Desk) -> dict:
    """A row for every unit that came."""
    order, serials = _delivered(d)
    rows = {"of": [f"{order.id}:{d.here.h.item.pk}"] * d.count, "serial": serials}
    rows |= {"lot": [""] * d.count, "quantity": ["1"] * d.count, "price": ["100"] * d.count}
    paper = {"reference": unique("F"), "invoiced_on": str(today()), "total": money(d.count)}
    return {"key": key("invoice"), "place_id": d.here.h.campus.pk, **paper, **rows}


def _invoice(d: Desk) -> Form:
    return "/buyer/invoices/new", {**charged(d), "supplier_id": d.here.h.supplier.pk}


def _charged(d: Desk, price: int = 100) -> str:
    order, serials = _delivered(d)
    lines = billed(order, *serials, item=d.here.h.item, price=price)
    return f"/buyer/invoices/{invoice(d.here, d.here.purchasing, lines).id}"


def _on_invoice(verb: str, *, price: int = 100, **form: str) -> Callable[[Desk], Form]:
    """One button of an invoice that charges every row at a price."""
    return lambda d: (f"{_charged(d, price)}/{verb}", {"key": key(verb), **form})


def _hold_lifted(d: Desk) -> Form:
    address = _charged(d)
    number = int(address.rpartition("/")[2])
    hold_payment(actor=accountant(d.here), key=unique("k"), invoice_id=number, reason="In doubt")
    return f"{address}/lift", {"key": key("lift"), "reason": "Cleared"}


def _receipt(d: Desk) -> str:
    _delivered(d)
    return f"/buyer/deliveries/{Receipt.objects.latest('pk').pk}"


def _first(d: Desk) -> Form:
    return f"{_receipt(d)}/first", {
        "key": key("first"),
        "seller": "Maker",
        "number": "M-1",
        "issued_on": str(today()),
    }


def _import_paper(d: Desk) -> Form:
    sent = {"key": key("import"), "kind": "customs", "number": "2202-1", "issued_on": str(today())}
    return f"{_receipt(d)}/import-papers", sent


def _import_voided(d: Desk) -> Form:
    address = _receipt(d)
    kept = keep_import_paper(
        actor=d.here.keeper, key=unique("k"), receipt_id=Receipt.objects.latest("pk").pk, kind="customs", number="2202-1",
        issued_on=today(),
    )  # fmt: skip
    sent = {"key": key("void-import"), "paper_id": kept.id, "reason": "Wrong number"}
    return f"{address}/import-papers/void", sent


def _shown(d: Desk, verb: str) -> Form:
    address = _receipt(d)
    first = enter_first_invoice(
        actor=d.here.keeper, key=unique("k"), receipt_id=Receipt.objects.latest("pk").pk, seller="Maker", number="M-1",
        issued_on=today(),
    )  # fmt: skip
    return f"{address}/{verb}", {"key": key(verb), "first_invoice_id": first.id, "reason": "Wrong number"}


def _verified(d: Desk) -> Form:
    return _shown(d, "verify")


def _first_voided(d: Desk) -> Form:
    address, form = _shown(d, "first/void")
    return address, {**form, "key": key("void-first")}


def _cost(d: Desk) -> Form:
    return f"{_receipt(d)}/cost", {"key": key("cost"), "kind": "freight", "basis": "value", "amount": "50"}


def _cost_voided(d: Desk) -> Form:
    address = _receipt(d)
    cost = add_cost(
        actor=d.here.purchasing, key=unique("k"), receipt_id=Receipt.objects.latest("pk").pk, kind="freight",
        basis="value", amount=Decimal(50),
    )  # fmt: skip
    return f"{address}/cost/void", {"key": key("void"), "cost_id": cost.id, "reason": "Wrong amount"}


def _going_back(d: Desk) -> Form:
    goods = d.rows("send_back", d.stocked(), place_id=d.here.h.store.pk, supplier_id=d.here.h.supplier.pk)
    return "/buyer/returns/new", {**goods, "reason": "quality"}


def _return(d: Desk, *, sent: bool = False, authorised: bool = False) -> int:
    here = d.here
    back = ask_supplier_return(
        actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, supplier_id=here.h.supplier.pk,
        things=here.stocked(d.count), reason="quality",
    )  # fmt: skip
    if sent or authorised:
        authorise_return(actor=here.keeper, key=unique("k"), return_id=back.id, authorisation="RMA-1")
    if sent:
        send_return(
            actor=here.keeper, key=unique("k"), return_id=back.id, handed_to="Courier", credit_due=None
        )
    return back.id


def _authorised(d: Desk) -> Form:
    return f"/buyer/returns/{_return(d)}/authorise", {"key": key("authorise"), "authorisation": "RMA-7"}


def _return_sent(d: Desk) -> Form:
    return f"/buyer/returns/{_return(d, authorised=True)}/send", {"key": key("send"), "handed_to": "Courier"}


def _credited(d: Desk) -> Form:
    return f"/buyer/returns/{_return(d, sent=True)}/credit", {
        "key": key("credit"),
        "number": "CN-1",
        "amount": "1",
    }


def _credit_voided(d: Desk) -> Form:
    back = _return(d, sent=True)
    credit_return(
        actor=d.here.purchasing,
        key=unique("k"),
        return_id=back,
        number="CN-1",
        amount=Decimal(1),
        dated=today(),
    )
    note = CreditNote.objects.get().pk
    return f"/buyer/returns/{back}/credits/{note}/void", {"key": key("void"), "reason": "Wrong amount"}


def _return_closed(d: Desk) -> Form:
    return f"/buyer/returns/{_return(d, sent=True)}/close", {"key": key("close"), "text": "Agreed"}


def _return_cancelled(d: Desk) -> Form:
    return f"/buyer/returns/{_return(d)}/cancel", {"key": key("cancel")}


def _return_scan(d: Desk) -> Form:
    [serial, *_rest] = d.stocked()
    return "/buyer/returns/scan", {"scan": d.here.scan(serial), "place_id": d.here.h.store.pk}


def _agreement(d: Desk, first: int = 100) -> dict:
    kept = {f"keep:{item.pk}": "3" for item in d.items}
    return d.lines(
        "agreement", supplier_id=d.here.h.supplier.pk, place_id=d.here.h.campus.pk,
        valid_from=str(today() - timedelta(days=first)), settlement_day="5", **kept,
    )  # fmt: skip


def _agreement_written(d: Desk) -> Form:
    return "/buyer/agreements/new", _agreement(d)


def _consigned(d: Desk) -> int:
    return d.room.agreement(items=[Kept(item.pk, Decimal(1200), 6) for item in d.items]).id


def _agreement_changed(d: Desk) -> Form:
    return f"/buyer/agreements/{_consigned(d)}", _agreement(d, first=0)


def _agreement_ended(d: Desk) -> Form:
    form = {"key": key("end"), "last_day": str(today()), "reason": "Another supplier"}
    return f"/buyer/agreements/{_consigned(d)}/end", form


def _ending_taken_back(d: Desk) -> Form:
    agreement = _consigned(d)
    end_agreement(
        actor=d.here.purchasing,
        key=unique("k"),
        agreement_id=agreement,
        last_day=today(),
        reason="Another supplier",
    )
    return f"/buyer/agreements/{agreement}/take-back", {"key": key("take-back"), "reason": "wrong_scan"}


def used_of_supplier(d: Desk) -> int:
    """Every row was used last month, out of the supplier's goods; the agreement."""
    agreement = d.room.agreement(items=[Kept(d.here.h.item.pk, Decimal(1200), 6)]).id
    epcs = d.room.consigned(d.count, lot="L9", ago=80)
    d.room.use(d.room.case(), *epcs, happened_at=_in_last_month())
    return agreement


def _in_last_month():
    from django.utils import timezone

    month = last_month()
    return timezone.now().replace(year=month.year, month=month.month, day=15)


def _settlement(d: Desk) -> Form:
    form = {"key": key("settle"), "agreement_id": used_of_supplier(d), "month": str(last_month())}
    return "/buyer/settlements", form


def drafted(d: Desk, *, confirmed: bool = False) -> int:
    done = draft_settlement(
        actor=d.here.purchasing, key=unique("k"), agreement_id=used_of_supplier(d), month=last_month()
    )
    if confirmed:
        confirm_settlement(actor=accountant(d.here), key=unique("k"), settlement_id=done.id)
    return done.id


def _settled(d: Desk) -> Form:
    return f"/buyer/settlements/{drafted(d)}/settle", {"key": key("settlement")}


def _draft_discarded(d: Desk) -> Form:
    return f"/buyer/settlements/{drafted(d)}/settle", {"key": key("settlement"), "act": "discard"}


def _settlement_voided(d: Desk) -> Form:
    second = person("accountant", d.here.h.campus, password="Zweite-Person-8").username
    form = {
        "key": key("void"),
        "reason": "wrong_scan",
        "witness": second,
        "witness_password": "Zweite-Person-8",
    }
    return f"/buyer/settlements/{drafted(d, confirmed=True)}/void", form


def _rules(d: Desk) -> Form:
    return "/buyer/rules", {"key": key("rules"), "over_delivery_percent": "5", "price_tolerance_percent": "1"}


def _two_invoices(d: Desk) -> Form:
    return "/buyer/rules/two-invoice", {"key": key("two"), "family": "stents", "needed": "yes"}


def _paper_entered(d: Desk) -> Form:
    sent = offer_paper(
        actor=d.here.actor(supplier_person(d.here)), key=unique("k"), kind="business", reference="BL-7",
        valid_from=today(), valid_to=today() + YEAR, file_name="scan.png", content=png(),
    )  # fmt: skip
    return f"/buyer/papers/offered/{sent.id}/decide", {"key": key("decide"), "act": "enter"}


BUYER: dict[str, Callable[[Desk], Form]] = {
    "buyer:new_request": _request,
    "buyer:close_request": _request_closed,
    "buyer:new_contract": _contract,
    "buyer:edit_contract": _contract_changed,
    "buyer:start_contract": _contract_started,
    "buyer:end_contract": _contract_ended,
    "buyer:change_order": _order_changed,
    "buyer:drop_change": _change_dropped,
    "buyer:withdraw_order": _order_withdrawn,
    "buyer:cancel_order": _order_cancelled,
    "buyer:answer": _answered,
    "buyer:settle_answer": _answer_settled,
    "buyer:withdraw_notice": _notice_withdrawn,
    "buyer:new_invoice": _invoice,
    "buyer:match_invoice": _on_invoice("match"),
    "buyer:void_invoice": _on_invoice("void", reason="Wrong number"),
    "buyer:first_invoice": _first,
    "buyer:verify_first": _verified,
    "buyer:void_first": _first_voided,
    "buyer:import_paper": _import_paper,
    "buyer:void_import_paper": _import_voided,
    "buyer:spread_cost": _cost,
    "buyer:void_cost": _cost_voided,
    "buyer:new_supplier_return": _going_back,
    "buyer:authorise_supplier_return": _authorised,
    "buyer:send_supplier_return": _return_sent,
    "buyer:credit_supplier_return": _credited,
    "buyer:void_credit": _credit_voided,
    "buyer:close_supplier_return": _return_closed,
    "buyer:cancel_supplier_return": _return_cancelled,
    "buyer:supplier_return_scan": _return_scan,
    "buyer:new_agreement": _agreement_written,
    "buyer:agreement": _agreement_changed,
    "buyer:end_agreement": _agreement_ended,
    "buyer:take_ending_back": _ending_taken_back,
    "buyer:settlements": _settlement,
    "buyer:settle discard": _draft_discarded,
    "buyer:rules": _rules,
    "buyer:two_invoice": _two_invoices,
    "buyer:decide_paper": _paper_entered,
}
ACCOUNTANT: dict[str, Callable[[Desk], Form]] = {
    "buyer:accept_prices": _on_invoice("accept", price=105, reason="Agreed"),
    "buyer:hold_invoice": _on_invoice("hold", reason="In doubt"),
    "buyer:lift_hold": _hold_lifted,
    "buyer:release_invoice": _on_invoice("release"),
    "buyer:settle": _settled,
    "buyer:void_settlement": _settlement_voided,
}
