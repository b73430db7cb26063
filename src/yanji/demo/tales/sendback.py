"""Goods go back to their supplier: authorised, sent, credited in full or in part; refused, called off, still waiting."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from yanji.flows.sendback.ask import ask_supplier_return, authorise_return, cancel_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.send import close_return, credit_return, send_return, void_credit

from ..record import Piece
from ..stage import Stage, made, place, supplier, these
from ..teller import Teller
from .scanned import between, sent


class _Return:
    """One return: each method is one thing that somebody does."""

    def __init__(self, teller: Teller, name: str, store: str, things: Sequence[Piece]) -> None:
        self.teller, self.name, self.store, self.things = teller, f"sendback:{name}", store, list(things)

    def ask(self, day: date, minute: float, reason: str, note: str = "") -> None:
        self.teller.do(
            day, minute, ask_supplier_return, self.teller.keeper(self.store), name=self.name, place_id=place(self.store),
            supplier_id=supplier(self.things[0].supplier), things=these(self.things), reason=reason, note=note,
        )  # fmt: skip

    def authorise(self, day: date, minute: float) -> None:
        number = f"RMA-{day:%y%m}-{self.teller.rng.randint(1000, 9999)}"
        self.teller.do(
            day, minute, authorise_return, "buyer", return_id=made(self.name), authorisation=number
        )

    def send(self, day: date, minute: float) -> None:
        self.teller.world.sent_back(self.things)
        self._hand_over(day, minute, f"{self.name}:sent")

    def send_by_scanning(self, day: date, minute: float) -> None:
        """The same at the door: the number of the return, what lies in the parcel, and the number once more."""
        self.teller.world.sent_back(self.things)
        self.teller.scene(day, minute, sent(
            self.teller.keeper(self.store), f"demo:scan:{self.name}", between(self.name, self.things), flow="send_back",
            handed_to="顺捷冷链 彭师傅",
        ))  # fmt: skip

    def not_taken_along(self, day: date, minute: float) -> None:
        """The courier was told of it and left without it: its sending is taken back a quarter of an hour later."""
        name, lead = f"{self.name}:not_taken", self.teller.world.lead(self.store.partition("-")[0])
        self._hand_over(day, minute, name)
        self.teller.take_back(day, minute + 15, lead, name, "wrong_scan", "快递员未取走")

    def _hand_over(self, day: date, minute: float, name: str) -> None:
        self.teller.do(
            day, minute, send_return, self.teller.keeper(self.store), name=name, return_id=made(self.name),
            handed_to="顺捷冷链 彭师傅", credit_due=day + timedelta(days=30),
        )  # fmt: skip

    def credit(self, day: date, minute: float, share: str = "1") -> None:
        """The supplier credits a share of what is due: what was paid, which may be less than the catalogue's price."""
        number = f"HZ{self.teller.rng.randint(10_000_000, 99_999_999)}"

        def play(stage: Stage) -> None:
            back = SupplierReturn.objects.get(pk=stage.done[self.name].id)
            amount = (back.expected * Decimal(share)).quantize(Decimal("0.01"))
            stage.do(credit_return, "accountant", return_id=back.pk, number=number, amount=amount, dated=day)

        self.teller.scene(day, minute, play)

    def credit_by_mistake(self, day: date, minute: float) -> None:
        """The note of another delivery is entered here, seen, and voided."""

        def play(stage: Stage) -> None:
            back = SupplierReturn.objects.get(pk=stage.done[self.name].id)
            given = {"return_id": back.pk, "number": f"HZ{day:%y%m%d}-{back.pk}", "dated": day}
            stage.do(credit_return, "accountant", amount=back.expected, **given)
            wrong = back.credits.latest("pk")
            reason = "误录，为另一批货的贷项通知单"
            stage.do(void_credit, "accountant", return_id=back.pk, credit_id=wrong.pk, reason=reason)

        self.teller.scene(day, minute, play)


def _some(
    teller: Teller, name: str, store: str, day: date, count: int, *, above: float = 0, below: float = 8_000
) -> _Return:
    """Things of one supplier off one store's shelves."""
    return _Return(
        teller, f"{name}:{day}", store, teller.units(store, count, day, items=1, above=above, below=below)
    )


def credited(teller: Teller, day: date) -> None:
    """Sent back, and the money is here."""
    back = _some(teller, "credited", "MAIN-IS", day, 2, above=300, below=6_000)
    first = teller.after(day)
    back.ask(first, 640, "short_dated", "近效期，供应商同意换货")
    back.authorise(teller.after(first), 660)
    back.send_by_scanning(teller.after(first, 2), 870)
    back.credit_by_mistake(teller.after(first, 11), 670)
    back.credit(teller.after(first, 12), 680)


def partly_credited(teller: Teller, day: date) -> None:
    """Not taken along at first; the supplier credits nine tenths; the rest is given up, with the reason."""
    back = _some(teller, "partly", "EAST-OS", day, 2, above=300, below=6_000)
    first = teller.after(day)
    back.ask(first, 642, "not_needed")
    back.authorise(teller.after(first), 662)
    back.not_taken_along(teller.after(first), 872)
    back.send(teller.after(first, 2), 872)
    later = teller.after(first, 9)
    back.credit(later, 682, "0.9")
    teller.do(later, 720, close_return, "accountant", return_id=made(back.name), text="按合同扣除10%手续费")


def refused(teller: Teller, day: date) -> None:
    """Worth so much that the manager decides, and the manager says no."""
    back = _some(teller, "refused", "MAIN-IS", day, 3, above=9_000, below=60_000)
    first = teller.after(day)
    back.ask(first, 644, "not_needed", "项目调整")
    teller.decide(
        first, 700, "manager", "supplier_return", back.name, approve=False, comment="先调拨到新城院区使用"
    )
    teller.back(first, "MAIN-IS", back.things)


def called_off(teller: Teller, day: date) -> None:
    back = _some(teller, "called_off", "NEW-OS", day, 1, below=6_000)
    first = teller.after(day)
    back.ask(first, 646, "quality")
    back.authorise(first, 690)
    teller.do(teller.after(first), 600, cancel_return, teller.keeper("NEW-OS"), return_id=made(back.name))
    teller.back(teller.after(first), "NEW-OS", back.things)


def this_week(teller: Teller, day: date) -> None:
    """Sent last week, and the credit is awaited; authorised and not sent; not answered by the supplier; dear, and waiting
    for the manager."""
    today, first = teller.world.today, teller.after(day)
    sent, ready, asked = (
        _some(teller, name, "MAIN-IS", day, count, above=200, below=8_000)
        for name, count in (("sent", 2), ("ready", 1), ("asked", 2))
    )
    sent.ask(first, 648, "quality", "推送阻力大，已拍照")
    sent.authorise(teller.after(first), 664)
    sent.send(teller.after(first, 2), 874)
    ready.ask(teller.after(first), 650, "short_dated")
    ready.authorise(today, 540)
    asked.ask(today, 552, "wrong_item")
    dear = _some(teller, "dear", "MAIN-IS", day, 3, above=9_000, below=60_000)
    dear.ask(today, 554, "quality", "包装密封不良")
