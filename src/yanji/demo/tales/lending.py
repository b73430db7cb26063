"""Departments lend each other what is missing: confirmed, given back in kind, replaced by the store, still owed."""

from collections.abc import Sequence
from datetime import date

from yanji.flows.lending.lend import confirm_lending, confirm_settlement, give_back_lent, lend, replace_lent
from yanji.flows.lending.models import SettleUp
from yanji.flows.lending.undo import decline_lending, refuse_settlement

from ..record import Piece
from ..stage import Later, Stage, made, place, these
from ..teller import Teller
from .scanned import between, sent


class _Loan:
    """Things of one department at another. ``things``: what was lent."""

    def __init__(
        self, teller: Teller, name: str, lender: str, borrower: str, things: Sequence[Piece]
    ) -> None:
        self.teller, self.name, self.lender, self.borrower, self.things = (
            teller,
            f"lend:{name}",
            lender,
            borrower,
            list(things),
        )

    def lend(self, day: date, minute: float, note: str) -> None:
        self.teller.do(
            day, minute, lend, self.teller.keeper(self.lender), name=self.name, lender_id=place(self.lender),
            borrower_id=place(self.borrower), things=these(self.things), note=note,
        )  # fmt: skip

    def confirm(self, day: date, minute: float) -> None:
        self.teller.do(
            day, minute, confirm_lending, self.teller.keeper(self.borrower), lending_id=made(self.name)
        )

    def give_back(self, day: date, minute: float, things: Sequence[Piece]) -> None:
        who = self.teller.keeper(self.borrower)
        self.teller.do(day, minute, give_back_lent, who, lending_id=made(self.name), things=these(things))

    def replace(self, day: date, minute: float, store: str, things: Sequence[Piece]) -> None:
        who = self.teller.world.lead(store)
        self.teller.do(
            day,
            minute,
            replace_lent,
            who,
            lending_id=made(self.name),
            store_id=place(store),
            things=these(things),
        )

    def settle(self, day: date, minute: float) -> None:
        """The lender says that it has it."""
        who = self.teller.keeper(self.lender)
        self.teller.do(day, minute, confirm_settlement, who, settlement_id=self._last())

    def refuse(self, day: date, minute: float) -> None:
        """The lender does not take it as it is."""
        who = self.teller.keeper(self.lender)
        self.teller.do(day, minute, refuse_settlement, who, settlement_id=self._last())

    def _last(self) -> Later:
        def found(stage: Stage) -> int:
            return SettleUp.objects.filter(lending_id=stage.done[self.name].id).latest("pk").pk

        return found


def given_back(teller: Teller, day: date) -> None:
    """Lent for an urgent case that went another way; the same things are given back two days later, in two parts."""
    lender, borrower = ("EAST-GOR", "EAST-BOR") if day.toordinal() % 2 else ("MAIN-GOR", "MAIN-DSU")
    things = teller.units(lender, 2, day, below=6_000)
    first = teller.after(day)
    loan = _Loan(teller, f"back:{day}", lender, borrower, things)
    loan.lend(first, 580, "急诊手术借用")
    loan.confirm(first, 610)
    second = teller.after(first, 2)
    for number, thing in enumerate(things):
        loan.give_back(second, 620 + 20 * number, [thing])
        loan.settle(second, 630 + 20 * number)
    teller.back(second, lender, things)


def replaced(teller: Teller, day: date) -> None:
    """The borrower used it up; its store sends the lender another one, at the borrower's charge."""
    things = teller.units("MAIN-CATH", 1, day, above=800, below=9_000)
    other = teller.units("MAIN-IS", 1, day, item=things[0].item)
    first = teller.after(day)
    loan = _Loan(teller, f"replaced:{day}", "MAIN-CATH", "MAIN-HYB", things)
    loan.lend(first, 590, "复合手术急用")
    loan.confirm(first, 612)
    second = teller.after(first)
    loan.replace(second, 870, "MAIN-IS", other)
    loan.settle(second, 960)
    teller.back(second, "MAIN-CATH", other)
    teller.back(first, "MAIN-HYB", things)


def not_lent(teller: Teller, day: date) -> None:
    """The borrower had found its own by then, and declined; another lending was entered at the wrong door, and taken back."""
    first = teller.after(day)
    unwanted = teller.units("MAIN-GOR", 1, day, below=6_000)
    loan = _Loan(teller, f"declined:{day}", "MAIN-GOR", "MAIN-DSU", unwanted)
    loan.lend(first, 583, "日间手术急借")
    teller.do(first, 604, decline_lending, teller.keeper(loan.borrower), lending_id=made(loan.name))
    teller.back(first, loan.lender, unwanted)
    mistaken = teller.units("MAIN-CATH", 1, day, below=9_000)
    loan = _Loan(teller, f"cancelled:{day}", "MAIN-CATH", "MAIN-EP", mistaken)
    loan.lend(first, 588, "电生理室周转")
    teller.take_back(first, 593, teller.world.lead("MAIN"), loan.name, "wrong_place", "应借给复合手术室")
    teller.back(first, loan.lender, mistaken)


def not_accepted(teller: Teller, day: date) -> None:
    """Given back with its box open: the lender refuses it, looks at it the day after, and takes it."""
    [thing] = teller.units("MAIN-GOR", 1, day, below=6_000)
    first = teller.after(day)
    loan = _Loan(teller, f"not_accepted:{day}", "MAIN-GOR", "MAIN-DSU", [thing])
    loan.lend(first, 581, "日间手术加台借用")
    loan.confirm(first, 611)
    second = teller.after(first)
    loan.give_back(second, 624, [thing])
    loan.refuse(second, 633)
    third = teller.after(second)
    loan.give_back(third, 622, [thing])
    loan.settle(third, 631)
    teller.back(third, loan.lender, [thing])


def this_week(teller: Teller, day: date) -> None:
    """Owed since last week; lent this morning and not confirmed yet; given back this morning, and not confirmed by the
    lender yet."""
    today, first = teller.world.today, teller.after(day)
    loan = _Loan(teller, "owed", "MAIN-CATH", "MAIN-EP", teller.units("MAIN-CATH", 2, day, below=9_000))
    loan.lend(first, 585, "导管室备货不足时周转")
    loan.confirm(first, 605)
    loan = _Loan(teller, "lent", "MAIN-NIR", "MAIN-IR", teller.units("MAIN-NIR", 1, day, below=9_000))
    loan.lend(today, 545, "介入科临时借用")
    _by_scanning(teller, day, today)
    loan = _Loan(teller, "back", "MAIN-CVOR", "MAIN-HYB", teller.units("MAIN-CVOR", 2, day, below=9_000))
    loan.lend(first, 595, "杂交手术备台")
    loan.confirm(first, 640)
    loan.give_back(today, 550, loan.things[:1])


def _by_scanning(teller: Teller, day: date, today: date) -> None:
    """The number on the paper of a lending, twice: the borrower has it all. And one label with it: that one is back."""
    loan = _Loan(teller, "scanned", "MAIN-CATH", "MAIN-EP", teller.units("MAIN-CATH", 1, day, below=9_000))
    loan.lend(today, 552, "电生理室急用")
    who = teller.keeper(loan.borrower)
    twice = between(loan.name, ())
    teller.scene(today, 557, sent(who, "demo:scan:lent", twice, flow="confirm_lending"))
    teller.scene(
        today, 562, sent(who, "demo:scan:back", between(loan.name, loan.things), flow="give_back_lent")
    )
