"""Orders out of the ordinary: approved in steps, answered by the supplier, changed, short, over, in parts, given up."""

from datetime import date, timedelta
from decimal import Decimal

from yanji.flows.buying.answers import settle_answer
from yanji.flows.buying.changing import change_order, drop_change
from yanji.flows.invoices.first import enter_first_invoice, verify_first_invoice
from yanji.flows.landed.spread import add_cost
from yanji.flows.purchase import cancel_order, close_order, send_order, withdraw_order

from ..firms import MAKERS
from ..stage import made
from ..teller import Teller
from . import invoices
from .buying import Purchase

MAIN, BONE = "MAIN-IS", "MAIN-BS"


def big(teller: Teller, store: str, worth: int, *, supplier: int | None = None) -> dict[int, int]:
    """Enough of some items to be worth so much."""
    items = teller.for_sale(store, 5, supplier=supplier, above=1_500, below=30_000)
    share = worth / len(items)
    return {item: int(share // float(teller.world.item(item).price)) + 1 for item in items}


def some(
    teller: Teller, store: str, lines: int, *, supplier: int | None = None, low: int = 2, high: int = 6
) -> dict[int, int]:
    return {
        item: teller.rng.randint(low, high)
        for item in teller.for_sale(store, lines, supplier=supplier, below=6_000)
    }


def approved(teller: Teller, day: date) -> None:
    """Worth so much that the approver decides: sent on two pallets' worth of boxes, taken in by one scan."""
    bought = Purchase(teller, f"approved:{day}", MAIN, big(teller, MAIN, 330_000))
    first = teller.after(day)
    bought.place(first, 560, note="三季度备货")
    teller.decide(first, 690, "approver", "order", bought.name, comment="同意，注意分批到货")
    second = teller.after(first, 2)
    things = bought.pack(second)
    codes = bought.announce(second, 940, things, boxes=4)
    third = teller.after(second)
    bought.receive(third, 520, boxes=codes[-1:])
    bought.unpack(third, 545, codes)
    bought.shelve(third, 560, things)
    teller.do(
        third, 700, add_cost, bought.buyer, receipt_id=made(bought.receipt), kind="freight", basis="value",
        amount=Decimal("860.00"), reference=f"YF{third:%y%m%d}07",
    )  # fmt: skip
    first_invoice(teller, third, bought, verified=True)
    invoice = invoices.of_order(teller, bought.name, f"approved:{day}", bought.seller, "MAIN")
    fourth = teller.after(third, 3)
    invoice.enter(fourth, 605, "buyer-main-2")
    invoice.release(teller.after(fourth, 2), 655)


def first_invoice(teller: Teller, day: date, bought: Purchase, *, verified: bool) -> None:
    """The maker's invoice to the distributor came with the goods."""
    maker = teller.world.item(next(iter(bought.wanted))).maker
    teller.do(
        day, 715, enter_first_invoice, teller.keeper(bought.store), name=f"first:{bought.name}",
        receipt_id=made(bought.receipt), seller=MAKERS[maker].zh, number=f"{teller.rng.randint(10_000_000, 99_999_999)}",
        issued_on=day - timedelta(days=12),
    )  # fmt: skip
    if verified:
        teller.do(day, 735, verify_first_invoice, bought.buyer, first_invoice_id=made(f"first:{bought.name}"))


def answered(teller: Teller, day: date) -> None:
    """The first supplier confirms one line, sends fewer of another, declines a third, on which the buyer insists once;
    then the buyer takes it. Two parts come."""
    bought = Purchase(
        teller, f"answered:{day}", BONE, some(teller, BONE, 4, supplier=teller.partner, low=4, high=8)
    )
    first = teller.after(day)
    bought.place(first, 565, parts=(3, 10))
    one, two, three, four = bought.wanted
    bought.answer(first, 640, one, "confirmed")
    bought.answer(
        first, 644, two, "changed", pieces=bought.wanted[two] - 1, note="本批次余量不足", name=f"less:{day}"
    )
    bought.answer(first, 648, three, "declined", note="缺货，暂无到货日期", name=f"insisted:{day}")
    teller.do(first, 650, settle_answer, bought.buyer, answer_id=made(f"insisted:{day}"), accept=False)
    bought.answer(first, 651, three, "declined", note="厂家停供，无法供货", name=f"none:{day}")
    bought.answer(
        first, 652, four, "changed", promises=bought.last_delivery(four, first + timedelta(days=12)),
        note="进口报关中", name=f"later:{day}",
    )  # fmt: skip
    for number, name in enumerate((f"less:{day}", f"none:{day}", f"later:{day}")):
        teller.do(first, 700 + number, settle_answer, bought.buyer, answer_id=made(name), accept=True)
    coming = {one: bought.wanted[one], two: bought.wanted[two] - 1, four: bought.wanted[four]}
    second = teller.after(first, 2)
    half = bought.pack(second, {item: count // 2 for item, count in coming.items()})
    codes = bought.announce(second, 935, half, boxes=1)
    third = teller.after(second)
    bought.receive(third, 530, boxes=codes)
    bought.unpack(third, 555, codes)
    bought.shelve(third, 570, half)
    invoices.by_the_supplier(teller, third, bought, released=teller.after(third, 2) < teller.world.today)
    fourth = teller.after(third, 5)
    if fourth < teller.world.today:
        rest = bought.pack(fourth, {item: count - count // 2 for item, count in coming.items()})
        bought.announce(fourth, 930, rest, suffix=":2")
        fifth = teller.after(fourth)
        if fifth < teller.world.today:
            bought.receive(fifth, 535, rest, suffix=":2")
            bought.shelve(fifth, 575, rest)


def slept_on(teller: Teller, day: date) -> None:
    """Kept as a draft overnight, and placed in the morning."""
    bought = Purchase(teller, f"slept_on:{day}", MAIN, some(teller, MAIN, 2))
    first = teller.after(day)
    bought.place(first, 990, draft=True)
    second = teller.after(first)
    teller.do(second, 512, send_order, bought.buyer, order_id=made(bought.name))
    third = teller.after(second, 3)
    things = bought.pack(third)
    bought.receive(third, 557, things, noticed=False)
    bought.shelve(third, 597, things)


def over(teller: Teller, day: date) -> None:
    """By contract the supplier may send a fifth more, and does; one unit is damaged."""
    items = teller.for_sale(BONE, 2, supplier=teller.partner, below=6_000)
    bought = Purchase(teller, f"over:{day}", BONE, dict.fromkeys(items, 10))
    first = teller.after(day)
    bought.place(first, 570)
    second = teller.after(first, 3)
    more = bought.pack(second, {items[0]: 11, items[1]: 10})
    damaged = more[-1]
    bought.receive(second, 540, more, noticed=False, rejected={damaged.epc: "damaged"})
    bought.shelve(second, 580, more[:-1])
    first_invoice(teller, second, bought, verified=False)
    invoices.by_the_supplier(teller, second, bought, released=False)
    last = teller.after(second, 15)
    if last < teller.world.today:
        teller.do(
            last, 852, close_order, bought.buyer, order_id=made(bought.name), reason="破损件已由供应商退款"
        )


def given_up(teller: Teller, day: date) -> None:
    """Half of it came; of the rest nobody expects anything any more."""
    bought = Purchase(teller, f"given_up:{day}", "EAST-OS", some(teller, "EAST-OS", 3, low=4, high=6))
    first = teller.after(day)
    bought.place(first, 575)
    second = teller.after(first, 3)
    came = bought.pack(second, {item: count // 2 for item, count in bought.wanted.items()})
    bought.receive(second, 545, came, noticed=False)
    bought.shelve(second, 585, came)
    last = teller.after(second, 15)
    teller.do(
        last, 850, close_order, bought.buyer, order_id=made(bought.name), reason="供应商停产，余量转其他品牌"
    )


def changed(teller: Teller, day: date) -> None:
    """Ordered, then more is wanted of it; the change needs no approval and holds at once. It comes as changed."""
    bought = Purchase(teller, f"changed:{day}", MAIN, some(teller, MAIN, 3))
    first = teller.after(day)
    bought.place(first, 580)
    item = next(iter(bought.wanted))
    bought.wanted = {**bought.wanted, item: bought.wanted[item] + 3}
    teller.do(
        first, 830, change_order, bought.buyer, order_id=made(bought.name), lines=bought.lines(bought.wanted),
        reason="科室追加用量",
    )  # fmt: skip
    second = teller.after(first, 3)
    things = bought.pack(second)
    bought.receive(second, 550, things, noticed=False)
    bought.shelve(second, 590, things)


def change_refused(teller: Teller, day: date) -> None:
    """More was wanted of it, and the approver said no; a second change was dropped while it waited. It comes as ordered."""
    bought = Purchase(teller, f"change_refused:{day}", MAIN, some(teller, MAIN, 2))
    first = teller.after(day)
    bought.place(first, 582)
    item = next(iter(bought.wanted))
    more = {**bought.wanted, item: 320_000 // int(teller.world.item(item).price) + 1}
    told = {"order_id": made(bought.name), "lines": bought.lines(more), "reason": "拟按全年用量备货"}
    teller.do(first, 600, change_order, bought.buyer, **told)
    teller.decide(first, 700, "approver", "order", bought.name, approve=False, comment="按季度用量采购即可")
    teller.do(first, 840, change_order, bought.buyer, **told)
    teller.do(first, 880, drop_change, bought.buyer, order_id=made(bought.name))
    second = teller.after(first, 3)
    things = bought.pack(second)
    bought.receive(second, 552, things, noticed=False)
    bought.shelve(second, 592, things)


def change_declined(teller: Teller, day: date) -> None:
    """More is wanted of a line than before; the supplier sends what it had promised, and no more."""
    bought = Purchase(teller, f"declined:{day}", BONE, some(teller, BONE, 2, supplier=teller.partner))
    first = teller.after(day)
    bought.place(first, 584)
    item = next(iter(bought.wanted))
    had = dict(bought.wanted)
    bought.wanted = {**had, item: had[item] + 4}
    teller.do(
        first, 700, change_order, bought.buyer, order_id=made(bought.name), lines=bought.lines(bought.wanted),
        reason="科室追加手术",
    )  # fmt: skip
    bought.answer(
        first,
        760,
        item,
        "changed",
        pieces=had[item],
        note="追加部分无法供货，按原数量发",
        name=f"no_more:{day}",
    )
    teller.do(first, 820, settle_answer, bought.buyer, answer_id=made(f"no_more:{day}"), accept=True)
    second = teller.after(first, 3)
    things = bought.pack(second, had)
    bought.receive(second, 554, things, noticed=False)
    bought.shelve(second, 594, things)


def refused(teller: Teller, day: date) -> None:
    """The approver refused it; it is a draft again."""
    bought = Purchase(teller, f"refused:{day}", MAIN, big(teller, MAIN, 380_000))
    first = teller.after(day)
    bought.place(first, 585)
    teller.decide(
        first, 720, "approver", "order", bought.name, approve=False, comment="库存可用 60 天，暂不采购"
    )


def cancelled(teller: Teller, day: date) -> None:
    """Placed and taken back before anything was sent; another was withdrawn while it waited."""
    bought = Purchase(teller, f"cancelled:{day}", "NEW-OS", some(teller, "NEW-OS", 2))
    first = teller.after(day)
    bought.place(first, 590)
    teller.do(
        teller.after(first), 600, cancel_order, bought.buyer, order_id=made(bought.name), reason="重复下单"
    )
    other = Purchase(teller, f"withdrawn:{day}", "NEW-OS", big(teller, "NEW-OS", 320_000))
    other.place(first, 595)
    teller.do(first, 660, withdraw_order, other.buyer, order_id=made(other.name))


def this_morning(teller: Teller, day: date) -> None:
    """Waits for the approver; a change waits; an answer waits for the buyer; the supplier has lines to answer, and boxes
    on the road."""
    today = teller.world.today
    waiting = Purchase(teller, "waiting", MAIN, big(teller, MAIN, 340_000))
    waiting.place(today, 470, note="导管室扩容备货")
    changing = Purchase(teller, "changing", MAIN, some(teller, MAIN, 3))
    changing.place(today, 472)
    more = {
        item: count + 110_000 // int(teller.world.item(item).price) + 1
        for item, count in changing.wanted.items()
    }
    teller.do(
        today, 500, change_order, changing.buyer, order_id=made(changing.name), lines=changing.lines(more),
        reason="并入新城院区用量",
    )  # fmt: skip
    asked = Purchase(teller, "asked", BONE, some(teller, BONE, 4, supplier=teller.partner, low=3))
    asked.place(today, 474)
    items = list(asked.wanted)
    asked.answer(today, 520, items[0], "confirmed")
    asked.answer(today, 524, items[1], "changed", pieces=asked.wanted[items[1]] - 1, note="余货本周内补")
    coming = Purchase(teller, "coming", BONE, some(teller, BONE, 3, supplier=teller.partner))
    coming.place(today, 476)
    coming.announce(today, 530, coming.pack(today), boxes=2)
