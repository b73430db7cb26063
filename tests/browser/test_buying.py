"""From a ward's need to its payment as five people walk it; every page of it fits a phone and a wide screen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import accessibility, opened, overflow, settled
from tests.browser.wedge import Gallery, context, no_sideways_scrolling, sign_in
from tests.flows.approving import role, rule, signer
from tests.flows.site import person
from tests.makers import unique
from tests.web.flows.world import World, later, world
from yanji.access.models import Person
from yanji.catalog.models import Licence, Registration
from yanji.flows.buying.answers import answer_line
from yanji.flows.buying.changing import change_order
from yanji.flows.buying.contracts import Agreed, Terms, start_contract, write_contract
from yanji.flows.buying.requests import Needed, ask_for_purchase
from yanji.flows.buying.rules import set_two_invoice
from yanji.flows.invoices.enter import Billed, enter_invoice
from yanji.flows.invoices.first import enter_first_invoice
from yanji.flows.invoices.models import Invoice
from yanji.flows.landed.spread import add_cost
from yanji.flows.models import OrderLine, PurchaseOrder, Receipt
from yanji.flows.purchase import Ordered, Part, place_order
from yanji.flows.receive import Arrival, receive

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRESSINGS = [("en", 1920, "dark"), ("zh-hans", 390, "light"), ("zh-hans", 1920, "light"), ("en", 390, "dark")]


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
    buyer, keeper, item, other = (
        hospital.actor("buyer"),
        hospital.actor("storekeeper"),
        hospital.item,
        hospital.other,
    )
    contract = agreed(hospital)
    asked = ask_for_purchase(
        actor=hospital.actor("nurse"), key=unique("k"), place_id=hospital.department.pk, needed_by=later(6),
        lines=[Needed(item.pk, 20), Needed(other.pk, 50)], reason="下周择期手术增加",
    )  # fmt: skip
    order = place_order(
        actor=buyer, key=unique("k"), supplier_id=hospital.supplier.pk, deliver_to_id=hospital.store.pk,
        lines=[
            Ordered(item.pk, 12, parts=[Part(later(-4), 8), Part(later(10), 4)]),
            Ordered(other.pk, 30, Decimal("135.00"), "加急空运"),
        ],
        request_id=asked.id,
    )  # fmt: skip
    serials = [f"S{n:03d}" for n in range(6)]
    receipt = receive(
        actor=keeper, key=unique("k"), order_id=order.id, dock_id=hospital.dock.pk,
        arrivals=[
            Arrival(item.pk, hospital.epc(s), s, "L2409A", later(400), rejected="damaged" if s == "S005" else "")
            for s in serials
        ],
    )  # fmt: skip
    line = OrderLine.objects.get(order_id=order.id, item=item)
    answer_line(
        actor=buyer, key=unique("k"), line_id=line.pk, verdict="changed", pieces=10, promised_on=later(7), note="工厂检修",
    )  # fmt: skip
    rule(hospital.campus, role("科主任", "Head"), kind="order")
    change_order(
        actor=buyer, key=unique("k"), order_id=order.id, reason="改用大包装",
        lines=[Ordered(item.pk, 16), Ordered(other.pk, 30, Decimal("135.00"), "加急空运")],
    )  # fmt: skip
    set_two_invoice(actor=buyer, key=unique("k"), family="", needed=True)
    charged = [Billed(order.id, item.pk, Decimal(6980), s) for s in serials]
    charged[1] = Billed(order.id, item.pk, Decimal(7200), "S001")
    charged.append(Billed(order.id, item.pk, Decimal(6980), "S999"))
    invoice = enter_invoice(
        actor=buyer, key=unique("k"), supplier_id=hospital.supplier.pk, place_id=hospital.campus.pk, reference="04417820",
        invoiced_on=later(-1), due_on=later(29), lines=charged, total=sum((row.price for row in charged), Decimal(0)),
    )  # fmt: skip
    enter_first_invoice(
        actor=keeper,
        key=unique("k"),
        receipt_id=receipt.id,
        seller="瑞安医疗",
        number="0331-2",
        issued_on=later(-9),
    )
    for kind, amount in (("freight", "180"), ("duty", "920.50")):
        add_cost(
            actor=buyer,
            key=unique("k"),
            receipt_id=receipt.id,
            kind=kind,
            basis="value",
            amount=Decimal(amount),
        )
    Licence.objects.create(
        supplier=hospital.supplier, kind="authorisation", number="SQ-118", maker=item.maker, valid_from=later(-300),
        valid_to=later(21),
    )  # fmt: skip
    Registration.objects.create(
        item=other, number="国械注准20223131", valid_from=later(-900), valid_to=later(-3)
    )
    return {
        "nurse": [("requests", "/buyer/requests"), ("new-request", "/buyer/requests/new")],
        "buyer": [
            ("home-buyer", "/"), ("request", f"/buyer/requests/{asked.id}"), ("order-change", f"/buyer/orders/{order.id}/change"),
            ("order-answered", f"/buyer/orders/{order.id}"), ("order-asked", f"/buyer/orders/new?request={asked.id}"),
            ("owed", "/buyer/orders/owed"), ("contracts", "/buyer/contracts"), ("contract", f"/buyer/contracts/{contract}"),
            ("new-contract", "/buyer/contracts/new"),
            ("new-invoice", f"/buyer/invoices/new?supplier={hospital.supplier.pk}&order={order.id}"),
            ("papers", "/buyer/papers"), ("rules", "/buyer/rules"), ("delivery", f"/buyer/deliveries/{receipt.id}"),
        ],
        "accountant": [
            ("home-accountant", "/"), ("invoices", "/buyer/invoices?state=all"), ("invoice", f"/buyer/invoices/{invoice.id}"),
        ],
    }  # fmt: skip


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


class Walk:
    """People who take turns at one browser."""

    def __init__(self, browser: Any, server: str, width: int) -> None:
        self.browser, self.server, self.width = browser, server, width
        self.context: Any = None

    def as_(self, who: Person, path: str) -> Page:
        """A browser of their own: nothing of who was here before is left."""
        self.close()
        self.context = context(self.browser, self.width)
        self.page: Page = self.context.new_page()
        sign_in(self.page, self.server, who, "en")
        self.page.goto(self.server + path)
        return self.page

    def close(self) -> None:
        if self.context:
            self.context.close()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=False).first.click()

    def says(self, text: str) -> None:
        expect(self.page.locator("#messages")).to_contain_text(text)
        no_sideways_scrolling(self.page)


@pytest.mark.parametrize("width", [390, 1920])
def test_from_a_need_to_its_payment(browser: Any, live_server: Any, width: int) -> None:
    hospital = world()
    agreed(hospital)
    head = role("科主任", "Head")
    rule(hospital.campus, head, kind="order", from_amount=10_000)
    chief, payer = signer(head, hospital.campus), person("accountant", hospital.campus)
    walk = Walk(browser, live_server.url, width)

    page = walk.as_(hospital.people["nurse"], "/buyer/requests/new")
    page.get_by_label("Needed by").fill(later(9).isoformat())
    page.get_by_label("Reason").fill("Two more cases next week")
    add(page, hospital.item.code)
    page.locator("[data-line-quantity]").fill("2")
    walk.press("Ask for it")
    walk.says("can be ordered")
    asked = page.url

    page = walk.as_(hospital.people["buyer"], asked.removeprefix(live_server.url))
    page.get_by_role("link", name="Order it").click()
    expect(page.locator("[data-line-quantity]")).to_have_value("2")
    page.get_by_label("Supplier").select_option(label=hospital.supplier.name_en or hospital.supplier.name_zh)
    page.get_by_label("Price ¥").fill("7000")
    walk.press("Place the order")
    walk.says("is not the price of contract")
    page.get_by_label("Price ¥").fill("")
    walk.press("Place the order")
    walk.says("waits for approval")
    order = PurchaseOrder.objects.get()

    page = walk.as_(chief, "/manager/approvals")
    walk.press("Approve")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    order.refresh_from_db()
    assert order.state == "placed"

    page = walk.as_(hospital.people["buyer"], f"/buyer/orders/{order.pk}")
    page.get_by_text("The supplier's answer", exact=True).click()
    page.get_by_label("Answer").select_option("confirmed")
    page.get_by_label("Promised for").fill(later(3).isoformat())
    walk.press("Keep the answer")
    walk.says("answer is kept")
    expect(page.get_by_text(f"promised for {later(3)}")).to_be_visible()

    receive(
        actor=hospital.actor("storekeeper"), key=unique("k"), order_id=order.pk, dock_id=hospital.dock.pk,
        arrivals=[Arrival(hospital.item.pk, hospital.epc(s), s, "L1", later(400)) for s in ("W1", "W2")],
    )  # fmt: skip
    page.reload()
    page.get_by_role("link", name="Enter its invoice").click()
    expect(page.locator("input[name=serial]")).to_have_count(2)
    page.get_by_label("Invoice number").fill("F-2026-1")
    walk.press("Keep and compare")
    walk.says("is kept and compared")
    expect(page.get_by_text("Order, receipt and invoice agree")).to_be_visible()

    invoice = Invoice.objects.get()
    page = walk.as_(payer, f"/buyer/invoices/{invoice.pk}")
    walk.press("Release for payment")
    walk.says("is released for payment")
    invoice.refresh_from_db()
    assert (invoice.state, invoice.released_by_id) == ("released", payer.pk)
    assert Receipt.objects.get().order_id == order.pk
    assert order.created_at < invoice.created_at + timedelta(minutes=1)
    walk.close()


def add(page: Page, text: str) -> None:
    """Choose an item by what is typed."""
    page.locator("#y-picker-input").fill(text)
    page.locator("[data-picker-found] button").first.click()
    expect(page.locator("[data-line]")).to_have_count(1)
