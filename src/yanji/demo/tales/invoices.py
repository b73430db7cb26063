"""Invoices against what came: matched and paid, held by a person, dearer than ordered, for what never came, twice."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from yanji.catalog.models import Maker
from yanji.flows.buying.rules import drop_two_invoice, set_two_invoice
from yanji.flows.invoices.enter import Billed, enter_invoice, match_again, void_invoice
from yanji.flows.invoices.first import enter_first_invoice, two_invoice_lines, verify_first_invoice
from yanji.flows.invoices.payment import accept_prices, hold_payment, lift_hold, release_payment
from yanji.flows.invoices.queries import uncharged
from yanji.flows.invoices.settled import uncharged_uses
from yanji.flows.models import OrderLine, Receipt
from yanji.flows.states import InvoiceState

from ..stage import Stage, made, place, supplier
from ..teller import Teller
from .buying import Purchase

Change = Callable[[list[Billed]], list[Billed]]


class _Invoice:
    """One invoice of one supplier, for all that some orders brought; ``orders`` are their ids, on the stage."""

    def __init__(
        self, teller: Teller, name: str, seller: int, campus: str, orders: Callable[[Stage], list[int]]
    ) -> None:
        self.teller, self.name, self.seller, self.campus, self.orders = (
            teller,
            f"invoice:{name}",
            seller,
            campus,
            orders,
        )
        self.buyer = f"buyer-{campus.lower()}-1"
        self.reference = f"{teller.rng.randint(10**19, 10**20 - 1)}"

    def lines(self, stage: Stage) -> list[Billed]:
        return _as_ordered(self.orders(stage))

    def enter(self, day: date, minute: float, who: str, *, change: Change = list, note: str = "") -> None:
        """Keep it as it stands on the paper: what came, at the prices of the orders, unless the paper says otherwise."""

        def play(stage: Stage) -> None:
            lines = change(self.lines(stage))
            stage.do(
                enter_invoice, who, name=self.name, supplier_id=supplier(self.seller), place_id=place(self.campus),
                reference=self.reference, invoiced_on=day - timedelta(days=3), lines=lines, note=note,
                total=sum((line.amount for line in lines), Decimal(0)), due_on=day + timedelta(days=60),
            )  # fmt: skip

        self.teller.scene(day, minute, play)

    def show_first(self, day: date, minute: float) -> None:
        """The makers' invoices that came with the deliveries are entered and compared, where the rules ask for them."""
        number = self.teller.rng.randint(10_000_000, 89_999_999)

        def play(stage: Stage) -> None:
            orders = self.orders(stage)
            asked = {order for (order, _item), needed in two_invoice_lines(orders).items() if needed}
            receipts = Receipt.objects.filter(order_id__in=asked, first_invoices=None).order_by("pk")
            for more, receipt in enumerate(receipts):
                maker = Maker.objects.filter(items__in=receipt.lines.values("item")).order_by("pk")[0]
                first = stage.do(
                    enter_first_invoice, "buyer", receipt_id=receipt.pk, seller=maker.name_zh, number=f"{number + more}",
                    issued_on=day - timedelta(days=20),
                )  # fmt: skip
                stage.do(verify_first_invoice, "accountant", first_invoice_id=first.id)

        self.teller.scene(day, minute, play)

    def release(self, day: date, minute: float) -> None:
        """Compared once more, and paid - unless something of it went back to the supplier meanwhile."""

        def play(stage: Stage) -> None:
            done = stage.do(match_again, "accountant", invoice_id=stage.done[self.name].id)
            if done.state == InvoiceState.MATCHED:
                stage.do(release_payment, "accountant", invoice_id=done.id)

        self.teller.scene(day, minute, play)

    def hold(self, day: date, minute: float, reason: str) -> None:
        self.teller.do(day, minute, hold_payment, "accountant", invoice_id=made(self.name), reason=reason)


class OfSettlement(_Invoice):
    """The invoice of a settlement of consigned goods, for all that was used and is not charged."""

    def __init__(self, teller: Teller, settlement: str, seller: int, campus: str) -> None:
        super().__init__(teller, settlement, seller, campus, lambda stage: [])
        self.settlement = settlement

    def lines(self, stage: Stage) -> list[Billed]:
        return [
            Billed(
                None, use.item_id, use.price, use.serial, "" if use.serial else use.lot, use.quantity,
                use.settlement_id, use.credit,
            )
            for use in uncharged_uses([stage.done[self.settlement].id])
        ]  # fmt: skip


def _as_ordered(orders: Iterable[int]) -> list[Billed]:
    ids = list(orders)
    prices = {
        (line.order_id, line.item_id): line.price for line in OrderLine.objects.filter(order_id__in=ids)
    }
    return [
        Billed(
            row.order_id, row.item_id, prices[row.order_id, row.item_id], row.serial, row.lot, row.quantity
        )
        for row in uncharged(ids)
    ]


def dearer(lines: list[Billed]) -> list[Billed]:
    """The first item costs four in a hundred more than was ordered."""
    item = lines[0].item_id
    raised = (lines[0].price * Decimal("1.04")).quantize(Decimal("0.01"))
    return [replace(line, price=raised) if line.item_id == item else line for line in lines]


def one_too_many(lines: list[Billed]) -> list[Billed]:
    """A unit stands on the paper that nobody has seen; or a piece, where only lots came."""
    units = [line for line in lines if line.serial]
    if not units:
        return [replace(lines[0], quantity=lines[0].quantity + 1), *lines[1:]]
    return [*lines, replace(units[-1], serial=f"{units[-1].serial}-X")]


def _lately(teller: Teller, day: date, campus: str, days: int) -> tuple[int, list[str]] | None:
    """The supplier that delivered most to a campus in the last days, and the orders of some deliveries."""
    orders: dict[int, list[str]] = {}
    for receipt in teller.world.papers.receipts:
        order = receipt.order
        fresh = (day - receipt.arrived.date()).days <= days and order.number not in teller.invoiced
        if fresh and order.store.startswith(campus) and receipt.accepted and teller.world.payable(order):
            orders.setdefault(order.supplier, []).append(order.number)
    if not orders:
        return None
    seller = max(orders, key=lambda each: (len(set(orders[each])), -each))
    numbers = list(dict.fromkeys(orders[seller]))[:4]
    teller.invoiced.update(numbers)
    return seller, numbers


def _of_daily_work(teller: Teller, day: date, campus: str, days: int = 14) -> _Invoice | None:
    found = _lately(teller, day, campus, days)
    if found is None:
        return None
    seller, numbers = found
    return _Invoice(
        teller, f"{campus}:{day}:{numbers[0]}", seller, campus,
        lambda stage: [stage.filing.orders[number].pk for number in numbers],
    )  # fmt: skip


def _some(teller: Teller, day: date) -> _Invoice:
    """For the daily work of any campus; a thin hospital may have to look further back, or to buy something for it."""
    tries = ((campus, days) for days in (14, 40, 120) for campus in ("NEW", "EAST", "MAIN"))
    found = (_of_daily_work(teller, day, campus, days) for campus, days in tries)
    return next(filter(None, found), None) or _of_a_rush_order(teller, day)


def _of_a_rush_order(teller: Teller, day: date) -> _Invoice:
    """Ordered by telephone on the morning on which it is invoiced, and here within the hour."""
    first, name = teller.after(day), f"rush:{day}:{len(teller.invoiced)}"
    teller.invoiced.add(name)
    bought = Purchase(teller, name, "MAIN-IS", dict.fromkeys(teller.for_sale("MAIN-IS", 2, below=6_000), 3))
    bought.place(first, 425)
    things = bought.pack(first)
    bought.receive(first, 484, things, noticed=False)
    bought.shelve(first, 508, things)
    return of_order(teller, name, name, bought.seller, "MAIN")


def paid(teller: Teller, day: date) -> None:
    """Every week and campus: what came is invoiced, matches, and is released two days later."""
    for number, campus in enumerate(("MAIN", "EAST", "NEW")):
        invoice = _of_daily_work(teller, day, campus)
        first = teller.after(day)
        if invoice:
            invoice.show_first(first, 540)
            invoice.enter(first, 600 + 4 * number, f"buyer-{campus.lower()}-2")
            invoice.release(teller.after(first, 2), 640 + 4 * number)


def of_order(teller: Teller, name: str, purchase: str, seller: int, campus: str) -> _Invoice:
    """The invoice for one order of a tale."""
    return _Invoice(teller, name, seller, campus, lambda stage: [stage.done[f"order:{purchase}"].id])


def held_and_lifted(teller: Teller, day: date) -> None:
    """Held until a complaint was settled, then paid."""
    invoice = _some(teller, day)
    first = teller.after(day)
    invoice.show_first(first, 540)
    invoice.enter(first, 612, invoice.buyer)
    invoice.hold(first, 690, "两件外包装破损，待供应商处理")
    later = teller.after(first, 5)
    teller.do(later, 610, lift_hold, "accountant", invoice_id=made(invoice.name), reason="供应商已换货")
    invoice.release(later, 625)


def price_accepted(teller: Teller, day: date) -> None:
    """Dearer than ordered; the raise was agreed on, so it is accepted and paid."""
    invoice = _some(teller, day)
    first = teller.after(day)
    invoice.show_first(first, 540)
    invoice.enter(first, 615, invoice.buyer, change=dearer)
    later = teller.after(first, 3)
    teller.do(later, 630, accept_prices, "accountant", invoice_id=made(invoice.name), reason="price_changed")
    invoice.release(later, 650)


def voided(teller: Teller, day: date) -> None:
    """Entered for the wrong campus, and taken out of the way."""
    invoice = _some(teller, day)
    first = teller.after(day)
    invoice.enter(first, 618, invoice.buyer)
    teller.do(
        first, 720, void_invoice, "accountant", invoice_id=made(invoice.name), reason="开票单位错误，退回重开"
    )


def open_ones(teller: Teller, day: date) -> None:
    """Last week: one dearer than ordered, one with a unit too many, one held by a person; this morning: ready to be paid."""
    first = teller.after(day)
    for number, change in enumerate((dearer, one_too_many, list)):
        invoice = _some(teller, day)
        invoice.enter(first, 620 + number, invoice.buyer, change=change)
        if change is list:
            invoice.hold(teller.after(first), 560, "资质更新中，暂缓付款")


def this_morning(teller: Teller, day: date) -> None:
    """Entered this morning, and matched: the accountant may release them."""
    today = teller.world.today
    for number in range(2):
        invoice = _some(teller, day)
        invoice.show_first(today, 540)
        invoice.enter(today, 545 + 3 * number, invoice.buyer)


def two_invoices(teller: Teller, day: date) -> None:
    """For these families the maker's invoice to the distributor must be there before anything is paid."""
    families = {item.family.code: item.family.zh for item in teller.world.catalogue.items}
    for number, family in enumerate(("CAGE", "HEAD", "DES", "PTCA")):
        teller.do(day, 375 + number, set_two_invoice, "admin", family=families[family], needed=True)
    teller.do(day, 379, drop_two_invoice, "admin", family=families["PTCA"])  # ticked by mistake


def by_the_supplier(teller: Teller, day: date, bought: Purchase, *, released: bool) -> None:
    """The supplier with an account charges what it delivered, on its own page."""
    invoice = of_order(
        teller, f"own:{bought.name}", bought.name.removeprefix("order:"), bought.seller, "MAIN"
    )
    invoice.enter(day, 950, "supplier")
    if released:
        invoice.show_first(day, 940)
        invoice.release(teller.after(day, 2), 660)
