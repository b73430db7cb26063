"""Instrument and implant sets that a supplier lends for one case: checked, sterilised, in the theatre, back, closed."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from yanji.flows.consign.cycles import void_cycle
from yanji.flows.consign.loans import (
    Listed,
    arrive_set,
    close_set,
    expect_set,
    hand_back_set,
    send_set,
    sterilise_set,
)
from yanji.flows.consign.models import LoanSetCycle

from ..record import Piece
from ..stage import Later, arrivals, made, place, supplier, these
from ..teller import Teller
from .case import Surgery
from .consignment import owe

THEATRE, DOCK, LEAD = "MAIN-BOR", "MAIN-BS-DOCK", "lead-main"


@dataclass(frozen=True, slots=True)
class Kind:
    """A set by what it is for: the operation, what suppliers call such a set, what is in it, and where that goes."""

    procedure: str
    names: tuple[str, str]
    families: tuple[str, ...]
    sites: tuple[tuple[str, str], ...]


KINDS = (
    Kind(
        "全髋关节翻修术",
        ("髋关节翻修器械及植入物套装", "髋关节翻修跟台套装"),
        ("CUP", "LIN", "HEAD", "STEM"),
        (("髋关节", "left"), ("髋关节", "right")),
    ),
    Kind(
        "全膝关节置换术",
        ("膝关节置换跟台套装", "膝关节置换器械及植入物套装"),
        ("KFE", "KTI", "KIN"),
        (("膝关节", "left"), ("膝关节", "right")),
    ),
    Kind(
        "脊柱椎间融合术",
        ("脊柱融合跟台套装", "脊柱融合器械及植入物套装"),
        ("CAGE", "BG"),
        (("椎间隙", ""), ("椎间隙及椎板", "")),
    ),
)


def _lent(teller: Teller) -> Kind:
    """The kind of set that the partner has most things for. Pure."""
    sold = Counter(
        item.family.code for item in teller.world.catalogue.items if item.supplier == teller.partner
    )
    return max(KINDS, key=lambda kind: sum(sold[code] for code in kind.families))


class LoanSet:
    """One set for one case: each method is one thing that somebody does with it."""

    def __init__(self, teller: Teller, name: str, day: date, *, kinds: int = 4, pieces: int = 2) -> None:
        self.teller, self.name, self.day = teller, f"loan:{name}", day
        self.kind = _lent(teller)
        self.items = teller.for_sale(
            "MAIN-BS", kinds, supplier=teller.partner, below=30_000, families=self.kind.families
        )
        self.pieces = pieces
        self.case = Surgery(
            teller, f"loan:{name}", THEATRE, self.kind.procedure, teller.rng.choice(("孙医生", "胡医生")), day,
            sites=self.kind.sites,
        )  # fmt: skip
        self.things: list[Piece] = []

    def expect(self, day: date, minute: float) -> None:
        """The case is planned, and the set asked for."""
        teller = self.teller
        self.case.plan(day, minute, 540)
        teller.do(
            day, minute + 5, expect_set, LEAD, name=self.name, supplier_id=supplier(teller.partner),
            department_id=place(THEATRE), set_name=teller.rng.choice(self.kind.names), due_on=self.day, listed=self._list(),
            case_number=self.case.number,
        )  # fmt: skip

    def _list(self) -> Later:
        return lambda stage: [Listed(stage.rows.items[item], self.pieces) for item in self.items]

    def arrive(self, day: date, minute: float, *, missing: int = 0) -> None:
        """Scanned against its list; so many of the last item did not come."""
        for item in self.items:
            short = missing if item == self.items[-1] else 0
            self.things += self.teller.fresh(item, self.pieces - short, day)
        self.teller.do(
            day, minute, arrive_set, LEAD, loan_set_id=made(self.name), dock_id=place(DOCK), arrivals=arrivals(self.things),
            reference=f"GT{day:%y%m%d}{self.teller.rng.randint(10, 99)}",
        )  # fmt: skip

    def sterilise(self, day: date, minute: float) -> None:
        cycle = f"CSSD-{day:%m%d}-{self.teller.rng.randint(1, 9)}"
        self.teller.do(day, minute, sterilise_set, self.case.nurse, loan_set_id=made(self.name), cycle=cycle)

    def sterilise_by_mistake(self, day: date, minute: float) -> None:
        """The cycle of another set is entered for this one, seen, and voided."""
        self.teller.do(
            day,
            minute,
            sterilise_set,
            self.case.nurse,
            loan_set_id=made(self.name),
            cycle=f"CSSD-{day:%m%d}-11",
        )
        self.teller.do(
            day, minute + 6, void_cycle, self.case.nurse, loan_set_id=made(self.name),
            cycle_id=lambda stage: LoanSetCycle.objects.filter(loan_set=stage.done[self.name].id).latest("pk").pk,
            reason="误录，为另一套的灭菌批次",
        )  # fmt: skip

    def send(self, day: date, minute: float) -> None:
        self.teller.do(day, minute, send_set, LEAD, loan_set_id=made(self.name))

    def use(self, minute: float, count: int) -> list[Piece]:
        """So many of the things stay in the patient; the rest comes back."""
        used, rest = self.things[:count], self.things[count:]
        self.case.use(minute, used, implants=used)
        owe(self.teller, self.day, "bone")
        return rest

    def hand_back(self, day: date, minute: float, things: list[Piece]) -> None:
        self.teller.do(
            day,
            minute,
            hand_back_set,
            LEAD,
            loan_set_id=made(self.name),
            things=these(things),
            reference="跟台员 陆工",
        )

    def close(self, day: date, minute: float, difference: str = "") -> None:
        self.teller.do(day, minute, close_set, LEAD, loan_set_id=made(self.name), difference=difference)


def closed(teller: Teller, day: date) -> None:
    """One piece was missing on arrival; three are used; the set is back and closed on the day of the case."""
    first = teller.after(day)
    second = teller.after(first)
    third = teller.after(second)
    loan = LoanSet(teller, f"closed:{day}", third)
    loan.expect(first, 880)
    loan.arrive(second, 610, missing=1)
    loan.sterilise_by_mistake(second, 880)
    loan.sterilise(second, 900)
    loan.send(third, 480)
    rest = loan.use(700, 3)
    loan.case.close(740)
    loan.hand_back(third, 830, rest)
    loan.close(third, 850)
    loan.case.charge(third, 870)


def one_lost(teller: Teller, day: date) -> None:
    """One screw cannot be found after the case: the hospital buys it, and reports it missing."""
    first = teller.after(day)
    second = teller.after(first)
    loan = LoanSet(teller, f"lost:{day}", second)
    loan.expect(first, 560)
    loan.arrive(first, 640)
    loan.sterilise(first, 930)
    loan.send(second, 485)
    *rest, _lost = loan.use(710, 2)
    loan.case.close(745)
    loan.hand_back(second, 835, rest)
    loan.close(teller.after(second), 560, "lost_in_theatre")


def overdue(teller: Teller, day: date) -> None:
    """Used on its day, and not handed back yet."""
    first = teller.after(day)
    second = teller.after(first)
    loan = LoanSet(teller, f"overdue:{day}", second)
    loan.expect(first, 570)
    loan.arrive(first, 650)
    loan.sterilise(first, 935)
    loan.send(second, 490)
    loan.use(720, 2)


def this_morning(teller: Teller, day: date) -> None:
    """One is in the theatre, one is sterilised, one was checked and lacks something, one is expected for tomorrow."""
    world = teller.world
    today, tomorrow = world.today, world.today + timedelta(days=1)
    now, ready, short, awaited = (
        LoanSet(teller, name, case_day)
        for name, case_day in (
            ("now", today),
            ("ready", tomorrow),
            ("short", tomorrow),
            ("awaited", tomorrow),
        )
    )
    for number, loan in enumerate((now, ready, short, awaited)):
        loan.expect(today, 436 + number * 7)
    now.arrive(today, 470)
    now.sterilise(today, 505)
    now.send(today, 540)
    now.case.set_out(560, now.things[:3])
    ready.arrive(today, 474)
    ready.sterilise(today, 600)
    short.arrive(today, 585, missing=1)
