"""Deliveries that go another way than was said: announced anew, come in parts, entered at the wrong order, with a wrong paper."""

from datetime import date, timedelta
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.flows.acts import Done
from yanji.flows.adopt import adopt_unknown
from yanji.flows.correction import void_receipt
from yanji.flows.import_papers import keep_import_paper
from yanji.flows.invoices.first import enter_first_invoice, verify_first_invoice, void_first_invoice
from yanji.flows.landed.spread import add_cost, void_cost
from yanji.flows.notice_withdrawn import withdraw_notice
from yanji.flows.trail import attach
from yanji.identity.checks import gs1_mod10

from ..firms import MAKERS, SUPPLIERS
from ..pictures import crushed_carton
from ..stage import made
from ..teller import Teller
from .buying import Purchase
from .orders import some

BONE = "MAIN-BS"


def announced_anew(teller: Teller, day: date) -> None:
    """The van broke down: the supplier withdraws its notice, and announces the same units for the day after."""
    bought = Purchase(teller, f"anew:{day}", BONE, some(teller, BONE, 2, supplier=teller.partner))
    first = teller.after(day)
    bought.place(first, 586)
    second = teller.after(first, 2)
    things = bought.pack(second)
    bought.announce(second, 905, things)
    teller.do(
        second,
        985,
        withdraw_notice,
        "supplier",
        notice_id=made(bought.notice),
        reason="运输车辆故障，改为次日发车",
    )
    bought.announce(second, 1000, things, suffix=":anew")
    third = teller.after(second, 2)
    bought.receive(third, 556, things, suffix=":anew")
    bought.shelve(third, 596, things)


def in_two_goes(teller: Teller, day: date) -> None:
    """Announced as one load; half of it came, and the second carton is on the road still."""
    bought = Purchase(teller, f"two_goes:{day}", BONE, some(teller, BONE, 2, supplier=teller.partner, low=4))
    first = teller.after(day)
    bought.place(first, 588)
    second = teller.after(first, 2)
    things = bought.pack(second)
    bought.announce(second, 910, things)
    third = teller.after(second)
    came = things[: len(things) // 2]
    bought.receive(third, 558, came)
    teller.do(
        third, 571, attach, teller.world.lead(BONE), kind="receipt", document_id=made(bought.receipt),
        file_name="外箱压损.jpg", content=crushed_carton(),
    )  # fmt: skip
    bought.shelve(third, 598, came)


def received_wrongly(teller: Teller, day: date) -> None:
    """Received before it was looked at: the whole delivery is taken back, and entered without the unit that never came."""
    bought = Purchase(teller, f"wrongly:{day}", "EAST-OS", some(teller, "EAST-OS", 2))
    first = teller.after(day)
    bought.place(first, 589)
    second = teller.after(first, 3)
    things = bought.pack(second)
    bought.announce(second, 500, things)
    bought.receive(second, 560, things)
    teller.do(
        second,
        572,
        void_receipt,
        teller.keeper("EAST-OS"),
        receipt_id=made(bought.receipt),
        reason="wrong_quantity",
    )
    bought.receipt += ":again"  # the same delivery has a second receipt
    bought.receive(second, 585, things[:-1])
    bought.shelve(second, 610, things[:-1])


def wrong_maker_invoice(teller: Teller, day: date) -> None:
    """The number of another maker's invoice was entered and verified: it is voided, and the right one entered."""
    bought = Purchase(teller, f"maker_invoice:{day}", "MAIN-IS", _from_abroad(teller, "MAIN-IS"))
    first = teller.after(day)
    bought.place(first, 591)
    second = teller.after(first, 3)
    things = bought.pack(second)
    bought.receive(second, 562, things, noticed=False)
    bought.shelve(second, 602, things)
    maker = MAKERS[teller.world.item(things[0].item).maker].zh
    teller.do(
        second, 690, keep_import_paper, bought.buyer, receipt_id=made(bought.receipt), kind="customs",
        number=f"2202{second:%Y}1260{second:%m%d}77", issued_on=second - timedelta(days=12),
    )  # fmt: skip
    for number, name in enumerate(("wrong", "right")):
        minute = 700 + 90 * number
        teller.do(
            second, minute, enter_first_invoice, bought.buyer, name=f"maker:{name}:{day}", receipt_id=made(bought.receipt),
            seller=maker, number=f"{teller.rng.randint(10_000_000, 99_999_999)}", issued_on=second - timedelta(days=9),
        )  # fmt: skip
        teller.do(
            second,
            minute + 20,
            verify_first_invoice,
            "accountant",
            first_invoice_id=made(f"maker:{name}:{day}"),
        )
    teller.do(
        second,
        760,
        void_first_invoice,
        "accountant",
        first_invoice_id=made(f"maker:wrong:{day}"),
        reason="发票号录入错误",
    )


def _from_abroad(teller: Teller, store: str) -> dict[int, int]:
    """Three pieces of something that a store keeps and whose maker is abroad."""
    sold = (item for seller in range(len(SUPPLIERS)) for item in teller.for_sale(store, 99, supplier=seller))
    return {next(item for item in sold if MAKERS[teller.world.item(item).maker].country != "CN"): 3}


def not_in_the_catalogue(teller: Teller, day: date) -> None:
    """Something that nobody ordered lies at the door: its label is read, and master data is asked what it is."""
    first = teller.after(day)
    body, expiry = "0697123400001", first + timedelta(days=500)
    label = f"]d201{body}{gs1_mod10(body)}17{expiry:%y%m%d}10TRIAL7\x1d21T0001"
    teller.do(first, 572, _adopt, "storekeeper", scan=label, called="可调弯鞘管 8.5F（厂家送样）")


def _adopt(*, actor: Actor, key: str, scan: str, called: str) -> Done:
    """A scene's ``name`` is its own, and no argument of its verb."""
    return adopt_unknown(actor=actor, key=key, scan=scan, name=called)


def counted_blind(teller: Teller, day: date) -> None:
    """Counted by a storekeeper who was not shown what was ordered: one unit less came than the supplier wrote."""
    bought = Purchase(teller, f"blind:{day}", BONE, some(teller, BONE, 2, low=3))
    first = teller.after(day)
    bought.place(first, 594)
    second = teller.after(first, 3)
    came = bought.pack(second)[:-1]
    bought.receive(second, 566, came, noticed=False, blind=True)
    bought.shelve(second, 606, came)


def freight_twice(teller: Teller, day: date) -> None:
    """The freight was entered with a digit too many: taken back, and entered as the carrier's bill says."""
    bought = Purchase(teller, f"freight:{day}", BONE, some(teller, BONE, 2))
    first = teller.after(day)
    bought.place(first, 596)
    second = teller.after(first, 3)
    things = bought.pack(second)
    bought.receive(second, 568, things, noticed=False)
    bought.shelve(second, 608, things)
    bill = {
        "receipt_id": made(bought.receipt),
        "kind": "freight",
        "basis": "value",
        "reference": f"YF{second:%y%m%d}11",
    }
    wrong = f"freight:{day}:wrong"
    teller.do(second, 705, add_cost, bought.buyer, name=wrong, amount=Decimal("3200.00"), **bill)
    teller.do(second, 712, void_cost, bought.buyer, cost_id=made(wrong), reason="金额多录一位")
    teller.do(second, 716, add_cost, bought.buyer, amount=Decimal("320.00"), **bill)
