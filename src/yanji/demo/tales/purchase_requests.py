"""Departments and stores ask for what nobody ordered yet: approved in one step or two, refused, ordered, closed."""

from datetime import date, timedelta

from yanji.flows.buying.requests import Needed, ask_for_purchase, close_request
from yanji.flows.purchase import place_order

from ..stage import Later, made, place, supplier
from ..teller import Teller
from .buying import Purchase
from .orders import big, some

KIND = "purchase_request"


def needed(wanted: dict[int, int]) -> Later:
    return lambda stage: [Needed(stage.rows.items[item], count) for item, count in wanted.items()]


class _Request:
    """One request: who asked, and what for."""

    def __init__(self, teller: Teller, name: str, where: str, wanted: dict[int, int]) -> None:
        self.teller, self.name, self.where, self.wanted = teller, f"request:{name}", where, wanted

    def ask(self, day: date, minute: float, reason: str) -> None:
        who = self.teller.keeper(self.where)
        self.teller.do(
            day, minute, ask_for_purchase, who, name=self.name, place_id=place(self.where), lines=needed(self.wanted),
            reason=reason, needed_by=day + timedelta(days=10),
        )  # fmt: skip

    def decide(self, day: date, minute: float, who: str, **said: object) -> None:
        self.teller.decide(day, minute, who, KIND, self.name, **said)

    def order(self, day: date, minute: float, store: str, wanted: dict[int, int]) -> None:
        bought = Purchase(self.teller, f"for:{self.name}", store, wanted)
        self.teller.do(
            day, minute, place_order, "buyer", name=bought.name, supplier_id=supplier(bought.seller),
            deliver_to_id=place(store), lines=bought.lines(wanted), request_id=made(self.name),
            expected_on=self.teller.after(day, 4),
        )  # fmt: skip
        later = self.teller.after(day, 4)
        things = bought.pack(later)
        bought.receive(later, 555, things, noticed=False)
        bought.shelve(later, 595, things)


def ordered(teller: Teller, day: date) -> None:
    """A ward's wish, approved by the manager, ordered the day after - in one order, or only half of it."""
    wanted = some(teller, "MAIN-IS", 4)
    asked = _Request(teller, f"ordered:{day}", "MAIN-CATH", wanted)
    first = teller.after(day)
    asked.ask(first, 541, "新术式所需规格，目录内无库存")
    asked.decide(first, 650, "manager", comment="同意")
    half = day.toordinal() % 2
    asked.order(teller.after(first), 575, "MAIN-IS", dict(list(wanted.items())[: 2 if half else 4]))


def refused(teller: Teller, day: date) -> None:
    asked = _Request(teller, f"refused:{day}", "EAST-GOR", some(teller, "EAST-OS", 2))
    first = teller.after(day)
    asked.ask(first, 543, "希望更换品牌试用")
    asked.decide(first, 655, "manager", approve=False, comment="同类产品库存充足，请先使用在库品牌")


def closed(teller: Teller, day: date) -> None:
    """Approved, and then covered by a transfer from another campus."""
    asked = _Request(teller, f"closed:{day}", "NEW-OS", some(teller, "NEW-OS", 2))
    first = teller.after(day)
    asked.ask(first, 546, "月度备货")
    asked.decide(first, 660, "manager")
    later = teller.after(first, 2)
    teller.do(later, 600, close_request, "buyer", request_id=made(asked.name), reason="已由本部调拨解决")


def this_morning(teller: Teller, day: date) -> None:
    """One waits for the manager, one for the approver after the manager, one for the buyer to order it."""
    today = teller.world.today
    asked = _Request(teller, "waiting", "MAIN-EP", some(teller, "MAIN-IS", 3))
    asked.ask(today, 455, "下周起搏器植入手术")
    dear = _Request(teller, "dear", "MAIN-IS", big(teller, "MAIN-IS", 150_000))
    dear.ask(today, 457, "四季度高值备货")
    dear.decide(today, 560, "manager", comment="同意，请审批人复核")
    granted = _Request(teller, "granted", "MAIN-CATH", some(teller, "MAIN-IS", 2))
    granted.ask(today, 459, "择期 PCI 备用规格")
    granted.decide(today, 565, "manager")
