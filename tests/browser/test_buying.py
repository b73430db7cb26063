"""From a ward's need to its payment as five people walk it; every page of it fits a phone and a wide screen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility, opened, overflow, settled
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE, Gallery
from tests.flows.approving import role, rule, signer
from tests.flows.site import person
from tests.makers import unique
from tests.web.flows.world import World, later, world
from yanji.access.models import Person
from yanji.catalog.models import Licence, Registration
from yanji.flows.buying.answers import Promise, answer_line
from yanji.flows.buying.changing import change_order
from yanji.flows.buying.contracts import Agreed, Terms, start_contract, write_contract
from yanji.flows.buying.models import DeliveryPart
from yanji.flows.buying.requests import Needed, ask_for_purchase
from yanji.flows.buying.rules import set_two_invoice
from yanji.flows.import_papers import keep_import_paper
from yanji.flows.invoices.enter import Billed, enter_invoice
from yanji.flows.invoices.first import enter_first_invoice
from yanji.flows.invoices.models import Invoice
from yanji.flows.landed.spread import add_cost
from yanji.flows.models import OrderLine, PurchaseOrder, Receipt
from yanji.flows.purchase import Ordered, Part, place_order
from yanji.flows.receive import Arrival, receive

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRESSINGS = [("en", 1920, "dark"), ("zh-hans", 390, "light")]


def agreed(hospital: World) -> int:
    """A contract in force, a good part of it called off."""
    done = write_contract(
        actor=hospital.actor("buyer"), key=unique("k"), supplier_id=hospital.supplier.pk, place_id=hospital.campus.pk,
        terms=Terms(later(-100), later(60), "HT-2026-118", Decimal(100_000), Decimal(400_000), Decimal(5), Decimal(1)),
        prices=[Agreed(hospital.item.pk, Decimal(6980)), Agreed(hospital.other.pk, Decimal("128.50"))],
    )  # fmt: skip
    start_contract(actor=hospital.actor("buyer"), key=unique("k"), contract_id=done.id)
    return done.id


def busy(hospital: World) -> dict[str, list[tuple[str, str]]]:
    """A hospital in the middle of buying; role -> (name, path) of its pages."""
    contract, asked = agreed(hospital), asked_for(hospital)
    order = ordered_late_and_dear(hospital, asked)
    receipt, serials = received_in_part(hospital, order)
    answered_and_changed(hospital, order)
    invoice = charged_too_much(hospital, order, serials)
    proved_and_spread(hospital, receipt)
    papers_that_lapse(hospital)
    supplier = hospital.supplier.pk
    return {
        "nurse": [("requests", "/buyer/requests"), ("new-request", "/buyer/requests/new")],
        "buyer": [
            ("home-buyer", "/"), ("request", f"/buyer/requests/{asked}"), ("order-change", f"/buyer/orders/{order}/change"),
            ("order-answered", f"/buyer/orders/{order}"), ("order-asked", f"/buyer/orders/new?request={asked}"),
            ("owed", "/buyer/orders/owed"), ("contracts", "/buyer/contracts"), ("contract", f"/buyer/contracts/{contract}"),
            ("new-contract", "/buyer/contracts/new"),
            ("new-invoice", f"/buyer/invoices/new?supplier={supplier}&order={order}"),
            ("papers", "/buyer/papers"), ("rules", "/buyer/rules"), ("delivery", f"/buyer/deliveries/{receipt}"),
        ],
        "accountant": [
            ("home-accountant", "/"), ("invoices", "/buyer/invoices?state=all"), ("invoice", f"/buyer/invoices/{invoice}"),
        ],
    }  # fmt: skip


def asked_for(hospital: World) -> int:
    """What a ward needs within the week."""
    return ask_for_purchase(
        actor=hospital.actor("nurse"), key=unique("k"), place_id=hospital.department.pk, needed_by=later(6),
        lines=[Needed(hospital.item.pk, 20), Needed(hospital.other.pk, 50)], reason="下周择期手术增加",
    ).id  # fmt: skip


def ordered_late_and_dear(hospital: World, asked: int) -> int:
    """An order for it: one part is late by now, one price is not the contract's."""
    order = place_order(
        actor=hospital.actor("buyer"), key=unique("k"), supplier_id=hospital.supplier.pk, deliver_to_id=hospital.store.pk,
        lines=[
            Ordered(hospital.item.pk, 12, parts=[Part(later(0), 8), Part(later(10), 4)]),
            Ordered(hospital.other.pk, 30, Decimal("135.00"), "加急空运"),
        ],
        request_id=asked,
    ).id  # fmt: skip
    DeliveryPart.objects.filter(due_on=later(0)).update(due_on=later(-4))
    return order


def received_in_part(hospital: World, order: int) -> tuple[int, list[str]]:
    """Half of it came, and one unit of that is damaged."""
    serials = [f"S{n:03d}" for n in range(6)]
    receipt = receive(
        actor=hospital.actor("storekeeper"), key=unique("k"), order_id=order, dock_id=hospital.dock.pk,
        arrivals=[
            Arrival(hospital.item.pk, hospital.epc(s), s, "L2409A", later(400), rejected="damaged" if s == "S005" else "")
            for s in serials
        ],
    )  # fmt: skip
    return receipt.id, serials


def answered_and_changed(hospital: World, order: int) -> None:
    """The supplier promises less and later; we ask for more, which somebody must sign."""
    buyer, item = hospital.actor("buyer"), hospital.item
    line = OrderLine.objects.get(order_id=order, item=item)
    answer_line(
        actor=buyer, key=unique("k"), line_id=line.pk, verdict="changed", pieces=10, note="工厂检修",
        promises=[Promise(part.pk, later(14)) for part in DeliveryPart.objects.filter(line=line)],
    )  # fmt: skip
    rule(hospital.campus, role("科主任", "Head"), kind="order")
    change_order(
        actor=buyer, key=unique("k"), order_id=order, reason="改用大包装",
        lines=[Ordered(item.pk, 16), Ordered(hospital.other.pk, 30, Decimal("135.00"), "加急空运")],
    )  # fmt: skip


def charged_too_much(hospital: World, order: int, serials: list[str]) -> int:
    """An invoice with one price too high and one unit that never came; two invoices are asked for."""
    buyer, item = hospital.actor("buyer"), hospital.item
    set_two_invoice(actor=buyer, key=unique("k"), family="", needed=True)
    charged = [Billed(order, item.pk, Decimal(6980), s) for s in serials]
    charged[1] = Billed(order, item.pk, Decimal(7200), "S001")
    charged.append(Billed(order, item.pk, Decimal(6980), "S999"))
    return enter_invoice(
        actor=buyer, key=unique("k"), supplier_id=hospital.supplier.pk, place_id=hospital.campus.pk, reference="04417820",
        invoiced_on=later(-1), due_on=later(29), lines=charged, total=sum((row.price for row in charged), Decimal(0)),
    ).id  # fmt: skip


def proved_and_spread(hospital: World, receipt: int) -> None:
    """The maker's own invoice of the delivery, and what it cost to bring it here."""
    enter_first_invoice(
        actor=hospital.actor("storekeeper"), key=unique("k"), receipt_id=receipt, seller="瑞安医疗", number="0331-2",
        issued_on=later(-9),
    )  # fmt: skip
    keep_import_paper(
        actor=hospital.actor("storekeeper"), key=unique("k"), receipt_id=receipt, kind="customs",
        number="220220261126000117", issued_on=later(-12),
    )  # fmt: skip
    for kind, amount in (("freight", "180"), ("duty", "920.50")):
        add_cost(
            actor=hospital.actor("buyer"), key=unique("k"), receipt_id=receipt, kind=kind, basis="value",
            amount=Decimal(amount),
        )  # fmt: skip


def papers_that_lapse(hospital: World) -> None:
    """A letter of authorisation that ends in three weeks, a registration that ended three days ago, a permit never shown."""
    Licence.objects.filter(supplier=hospital.supplier, kind="device_trade").delete()
    Licence.objects.create(
        supplier=hospital.supplier, kind="authorisation", number="SQ-118", maker=hospital.item.maker,
        valid_from=later(-300), valid_to=later(21),
    )  # fmt: skip
    Registration.objects.filter(item=hospital.other).delete()
    Registration.objects.create(
        item=hospital.other, number="国械注准20223131", valid_from=later(-900), valid_to=later(-3)
    )


@pytest.mark.parametrize(("language", "width", "theme"), DRESSINGS)
def test_every_page_fits_and_can_be_used_by_all(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    hospital, gallery = world(), Gallery(f"{language[:2]}-{width}-{theme}")
    hospital.people["accountant"] = person("accountant", hospital.campus)
    wrong = []
    size = {"width": width, "height": 844 if width < 600 else 1080}
    for who, shown in busy(hospital).items():
        with opened(
            browser, live_server.url, hospital.people[who], size=size, language=language, theme=theme
        ) as page:
            for name, address in shown:
                settled(page, address)
                wrong += [f"{address}: {overflow(page)} px too wide"] if overflow(page) else []
                wrong += [f"{address}: {finding}" for finding in accessibility(page)]
                gallery.take(page, f"buying-{name}", whole=True)
    assert wrong == []


@WIDE
def test_from_a_need_to_its_payment(browser: Any, live_server: Any, width: int) -> None:
    hospital = world()
    agreed(hospital)
    head = role("科主任", "Head")
    rule(hospital.campus, head, kind="order", from_amount=10_000)
    chief, payer = signer(head, hospital.campus), person("accountant", hospital.campus)
    with walking(browser, live_server.url, width) as walk:
        asked = a_nurse_asks(walk, hospital)
        order = the_buyer_orders(walk, hospital, asked)
        the_chief_signs(walk, chief, order)
        the_answer_is_kept(walk, hospital, order)
        invoice = its_invoice_agrees(walk, hospital, order)
        it_is_paid(walk, payer, invoice)
    assert Receipt.objects.get().order_id == order.pk
    assert order.created_at < invoice.created_at + timedelta(minutes=1)


def a_nurse_asks(walk: Walk, hospital: World) -> str:
    """Two more pieces; the path of the request."""
    page = walk.as_(hospital.people["nurse"], "/buyer/requests/new")
    page.get_by_label("Needed by").fill(later(9).isoformat())
    page.get_by_label("Reason").fill("Two more cases next week")
    add(page, hospital.item.code)
    page.locator("[data-line-quantity]").fill("2")
    walk.press("Ask for it")
    walk.says("can be ordered")
    return walk.path()


def the_buyer_orders(walk: Walk, hospital: World, asked: str) -> PurchaseOrder:
    """At a price of their own first, which the contract forbids."""
    page = walk.as_(hospital.people["buyer"], asked)
    page.get_by_role("link", name="Order it").click()
    expect(page.locator("[data-line-quantity]")).to_have_value("2")
    page.get_by_label("Supplier").select_option(label=hospital.supplier.name_en or hospital.supplier.name_zh)
    page.get_by_label("Price ¥").fill("7000")
    walk.press("Place the order")
    walk.says("is not the price of contract")
    page.get_by_label("Price ¥").fill("")
    walk.press("Place the order")
    walk.says("waits for approval")
    return PurchaseOrder.objects.get()


def the_chief_signs(walk: Walk, chief: Person, order: PurchaseOrder) -> None:
    page = walk.as_(chief, "/manager/approvals")
    walk.press("Approve")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    order.refresh_from_db()
    assert order.state == "placed"


def the_answer_is_kept(walk: Walk, hospital: World, order: PurchaseOrder) -> None:
    page = walk.as_(hospital.people["buyer"], f"/buyer/orders/{order.pk}")
    page.get_by_text("The supplier's answer", exact=True).click()
    page.get_by_label("Answer").select_option("confirmed")
    page.get_by_label("Promised for").fill(later(3).isoformat())
    walk.press("Keep the answer")
    walk.says("answer is kept")
    expect(page.get_by_text(f"promised for {later(3)}")).to_be_visible()


def its_invoice_agrees(walk: Walk, hospital: World, order: PurchaseOrder) -> Invoice:
    """It came meanwhile; the buyer, still at the order's page, enters what it costs."""
    receive(
        actor=hospital.actor("storekeeper"), key=unique("k"), order_id=order.pk, dock_id=hospital.dock.pk,
        arrivals=[Arrival(hospital.item.pk, hospital.epc(s), s, "L1", later(400)) for s in ("W1", "W2")],
    )  # fmt: skip
    page = walk.page
    page.reload()
    page.get_by_role("link", name="Enter its invoice").click()
    expect(page.locator("input[name=serial]")).to_have_count(2)
    page.get_by_label("Invoice number").fill("F-2026-1")
    walk.press("Keep and compare")
    walk.says("is kept and compared")
    expect(page.get_by_text("Order, receipt and invoice agree")).to_be_visible()
    return Invoice.objects.get()


def it_is_paid(walk: Walk, payer: Person, invoice: Invoice) -> None:
    walk.as_(payer, f"/buyer/invoices/{invoice.pk}")
    walk.press("Release for payment")
    walk.says("is released for payment")
    invoice.refresh_from_db()
    assert (invoice.state, invoice.released_by_id) == ("released", payer.pk)


def add(page: Page, text: str) -> None:
    """Choose an item by what is typed."""
    page.locator("#y-picker-input").fill(text)
    page.locator("[data-picker-found] button").first.click()
    expect(page.locator("[data-line]")).to_have_count(1)
