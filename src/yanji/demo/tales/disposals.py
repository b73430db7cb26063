"""What is destroyed or written off: two signatures, approval of dear things, a disposal firm with its certificate."""

from datetime import date, timedelta

from yanji.flows.disposal.ask import ask_scrap, ask_write_off, cancel_disposal
from yanji.flows.disposal.sign import collect, destroy, write_off
from yanji.flows.disposal.void import void_certificate, void_write_off
from yanji.flows.hold import release
from yanji.flows.recall import mark_expired
from yanji.flows.trail import attach, remark, withdraw
from yanji.ledger.api import Step

from ..record import Batch, Piece
from ..stage import made, place, these, witness
from ..teller import Teller
from ..world import moves

FIRM = "沪洁医疗废物处置有限公司"


class _Paper:
    """One scrap paper of one store."""

    def __init__(self, teller: Teller, name: str, store: str, things: list[Piece]) -> None:
        self.teller, self.name, self.store, self.things = teller, f"scrap:{name}", store, things
        self.who, self.beside = teller.two(store)

    def ask(self, day: date, minute: float, reason: str, note: str = "") -> None:
        self.teller.do(
            day,
            minute,
            ask_scrap,
            self.who,
            name=self.name,
            things=these(self.things),
            reason=reason,
            note=note,
        )

    def destroy(self, day: date, minute: float) -> None:
        self.teller.do(
            day, minute, destroy, self.who, disposal_id=made(self.name), witness=witness(self.beside)
        )

    def release(self, day: date, minute: float) -> None:
        """What had been set aside for its destruction may be handed out again, and is on its shelf in the evening."""
        self.teller.do(day, minute, release, self.who, things=these(self.things), reason="inspected")
        self.teller.back(day, self.store, self.things)

    def collect(self, day: date, minute: float) -> str:
        """The certificate comes with the firm that takes it away; the name of its file for later scenes."""
        number, file = f"YF-{day:%y%m%d}-{self.teller.rng.randint(10, 99)}", f"file:{self.name}:{day}"
        self.teller.do(
            day,
            minute,
            collect,
            self.who,
            disposal_id=made(self.name),
            firm=FIRM,
            certificate=number,
            collected_on=day,
        )
        self.teller.do(
            day, minute + 4, attach, self.who, name=file, kind="scrap", document_id=made(self.name),
            file_name=f"处置联单 {number}.txt",
            content=f"危险废物转移联单 {number}\n接收单位：{FIRM}\n日期：{day:%Y-%m-%d}\n处置方式：高温焚烧\n".encode(),
        )  # fmt: skip
        return file


def collected(teller: Teller, day: date) -> None:
    """Damaged on the shelf, destroyed before a witness, taken away a week later with a certificate."""
    store = "MAIN-IS" if day.toordinal() % 2 else "EAST-OS"
    things = teller.units(store, 2, day, below=3_000)
    first = teller.after(day)
    paper = _Paper(teller, f"collected:{day}", store, things)
    paper.ask(first, 556, "damaged", "搬运中跌落，无菌屏障破损")
    paper.destroy(first, 590)
    paper.collect(teller.after(first, 5), 870)


def approved(teller: Teller, day: date) -> None:
    """Dear things: the manager approves, then they are destroyed."""
    things = teller.units("MAIN-IS", 3, day, above=9_000, below=40_000)
    first = teller.after(day)
    paper = _Paper(teller, f"approved:{day}", "MAIN-IS", things)
    paper.ask(first, 558, "contaminated", "库房漏水浸泡")
    teller.do(
        first,
        575,
        remark,
        paper.who,
        kind="scrap",
        document_id=made(paper.name),
        text="已联系保险公司现场查勘，照片见附件。",
    )
    teller.decide(first, 690, "manager", "scrap", paper.name, comment="同意，请追查漏水原因")
    paper.destroy(teller.after(first), 600)


def certified_wrongly(teller: Teller, day: date) -> None:
    """The certificate of another load was entered: it is voided, its file withdrawn, and the right one is entered."""
    first = teller.after(day)
    paper = _Paper(teller, f"certified:{day}", "MAIN-IS", teller.units("MAIN-IS", 2, day, below=3_000))
    paper.ask(first, 559, "damaged", "外箱受潮")
    paper.destroy(first, 593)
    second = teller.after(first, 4)
    wrong = paper.collect(second, 872)
    teller.do(
        teller.after(second), 537, withdraw, paper.who, kind="scrap", document_id=made(paper.name), attachment_id=made(wrong),
        reason="另一车的联单",
    )  # fmt: skip
    teller.do(
        teller.after(second), 540, void_certificate, paper.who, disposal_id=made(paper.name), reason="wrong_scan",
        note="联单号录成了另一车",
    )  # fmt: skip
    paper.collect(teller.after(second), 560)


def written_off(teller: Teller, day: date) -> None:
    """Lost for more than a month: its value is given up."""
    _lost_for_good(teller, day, 500)


def written_off_twice(teller: Teller, day: date) -> None:
    """Signed for the wrong month: the two take it back, and sign anew when the month's books are open."""
    paper, later = _lost_for_good(teller, day, 503)
    both = {"disposal_id": made(paper.name), "witness": witness(paper.beside)}
    teller.do(later, 700, void_write_off, paper.who, reason="wrong_scan", note="应计入下月损耗", **both)
    teller.do(teller.after(later, 3), 622, write_off, paper.who, **both)


def _lost_for_good(teller: Teller, day: date, minute: float) -> tuple[_Paper, date]:
    """A unit that a count did not find, and that two write off weeks later, on the day that is told."""
    things = teller.units("MAIN-OS", 1, day, below=3_000)
    first = teller.after(day)
    paper = _Paper(teller, f"written_off:{day}", "MAIN-OS", things)
    world = teller.world
    world.act(
        teller.at(first, minute), Step.LOSE, f"lose:tale:{day:%y%m%d}", paper.who, moves(things, "LOST"), reason="not_found",
        note="月度清点未找到", read_point="MAIN-OS",
    )  # fmt: skip
    later = teller.after(first, 26)
    teller.do(
        later, 560, ask_write_off, paper.who, name=paper.name, place_id=place("MAIN-OS"), things=these(things), reason="other",
        note="多次查找无果",
    )  # fmt: skip
    teller.do(later, 620, write_off, paper.who, disposal_id=made(paper.name), witness=witness(paper.beside))
    return paper, later


def refused(teller: Teller, day: date) -> None:
    """The manager says no: the maker is to look at them first. And a paper that was called off."""
    things = teller.units("MAIN-IS", 3, day, above=9_000, below=40_000)
    first = teller.after(day)
    paper = _Paper(teller, f"refused:{day}", "MAIN-IS", things)
    paper.ask(first, 562, "opened")
    teller.decide(first, 695, "manager", "scrap", paper.name, approve=False, comment="先请厂家鉴定")
    paper.release(first, 720)
    paper = _Paper(teller, f"called_off:{day}", "NEW-OS", teller.units("NEW-OS", 1, day, below=3_000))
    paper.ask(first, 564, "damaged")
    teller.do(teller.after(first), 570, cancel_disposal, paper.who, disposal_id=made(paper.name))
    paper.release(teller.after(first), 590)


def marked_expired(teller: Teller, day: date) -> None:
    """Two pieces in a theatre are past their day by Monday: all that is so there is marked, and scrapped on Friday."""
    world, theatre = teller.world, "NEW-GOR"
    monday = teller.after(day)
    while monday.weekday():
        monday += timedelta(days=1)
    [item] = {thing.item for thing in teller.units(theatre, 1, day, below=4_000)}
    made_on = world.start - timedelta(days=400)
    old = Batch(item, f"E{made_on:%y%m}{item:03d}", monday - timedelta(days=2), made_on)
    world.told.add(old)
    things = teller.lain(theatre, [world.piece(item, old) for _ in range(2)])
    teller.do(monday, 484, mark_expired, world.lead(theatre), place_id=place(theatre), note="周一效期检查")
    world.expired.extend((theatre, monday, thing) for thing in things)


def this_week(teller: Teller, day: date) -> None:
    """Destroyed and waiting for the firm; approved by nobody yet; ready to be destroyed."""
    today, first = teller.world.today, teller.after(day)
    for number, (name, low, high) in enumerate(
        (("destroyed", 0, 3_000), ("awaiting", 9_000, 60_000), ("ready", 0, 2_000))
    ):
        things = teller.units("MAIN-IS", 3 if low else 1, day, above=low, below=high)
        paper = _Paper(teller, name, "MAIN-IS", things)
        paper.ask(first if name == "destroyed" else today, 547 + number, "damaged", "运输颠簸致外盒塌陷")
        if name == "destroyed":
            paper.destroy(first, 600)
