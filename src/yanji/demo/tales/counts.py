"""Stock is counted: right to the last piece, with differences counted anew and approved, called off, or under way."""

from collections.abc import Sequence
from datetime import date

from yanji.flows.counting.abc import classify
from yanji.flows.counting.count import (
    cancel_count,
    close_count,
    decide_variances,
    recount,
    start_count,
    submit_count,
)
from yanji.flows.counting.judge import COUNTABLE
from yanji.flows.counting.models import Count, CountScan, Variance
from yanji.flows.counting.scan import Read, record
from yanji.identity.epc.convert import to_hex
from yanji.ledger.api import Step
from yanji.ledger.models import Unit
from yanji.places.models import Place

from ..record import Piece
from ..stage import Stage, made, place
from ..teller import Teller
from ..world import moves


class _Count:
    """One count of a family in one store: each method is one thing that somebody does in it."""

    def __init__(self, teller: Teller, name: str, store: str, family: str) -> None:
        self.teller, self.name, self.store, self.family = teller, f"count:{name}", store, family
        self.first, self.second = teller.two(store)
        self.zh = next(item.family.zh for item in teller.world.catalogue.items if item.family.code == family)

    def start(self, day: date, minute: float, mode: str = "cycle", note: str = "") -> None:
        self.teller.do(
            day,
            minute,
            start_count,
            self.first,
            name=self.name,
            place_id=place(self.store),
            mode=mode,
            family=self.zh,
            note=note,
        )

    def scan(
        self, day: date, minute: float, who: str, *, without: Sequence[Piece] = (), share: float = 1,
        only: Sequence[Piece] | None = None, on: str = "", how: str = CountScan.How.DEVICE,
    ) -> None:  # fmt: skip
        """Scan what lies there, or a share of it, or only some things; ``on``: the shelf on which those are found; ``how`` it is
        read, by a tag reader what their tags hold."""
        skipped, wanted = (
            {thing.epc for thing in without},
            None if only is None else [thing.epc for thing in only],
        )

        def play(stage: Stage) -> None:
            lain = self._there(stage) if wanted is None else wanted
            seen = [epc for epc in lain[: max(1, int(len(lain) * share))] if epc not in skipped]
            shelf = stage.rows.places[on] if on else None
            held = [tag_of(epc) for epc in seen] if how == CountScan.How.TAG else seen
            reads = [Read(text, f"{self.name}:{minute}:{number}", shelf) for number, text in enumerate(held)]
            if reads:
                record(actor=stage.rows.actors[who], count_id=stage.done[self.name].id, reads=reads, how=how)

        self.teller.scene(day, minute, play)

    def _there(self, stage: Stage) -> list[str]:
        path = Place.objects.get(pk=stage.rows.places[self.store]).path
        there = Unit.objects.filter(item__family=self.zh, place__path__startswith=path, status__in=COUNTABLE)
        return list(there.order_by("epc").values_list("epc", flat=True))

    def close(self, day: date, minute: float, who: str = "") -> None:
        self.teller.do(day, minute, close_count, who or self.first, count_id=made(self.name))

    def decide(
        self, day: date, minute: float, decision: str, *, kinds: Sequence[str] = (), **said: str
    ) -> None:
        """Decide every difference of these kinds, where there is one."""

        def play(stage: Stage) -> None:
            count = Count.objects.get(pk=stage.done[self.name].id)
            found = Variance.objects.filter(
                count=count, round=count.round, **({"kind__in": kinds} if kinds else {})
            )
            if ids := list(found.values_list("pk", flat=True)):
                stage.do(
                    decide_variances,
                    self.first,
                    count_id=count.pk,
                    variance_ids=ids,
                    decision=decision,
                    **said,
                )

        self.teller.scene(day, minute, play)

    def again(self, day: date, minute: float) -> None:
        self.teller.do(day, minute, recount, self.first, count_id=made(self.name))

    def submit(self, day: date, minute: float) -> None:
        self.teller.do(day, minute, submit_count, self.first, count_id=made(self.name))


def tag_of(epc: str) -> str:
    """The memory of the tag of a unit with the maker's serial, as a reader sends it."""
    _gtin, gtin, _serial, serial = epc.split("/")
    return to_hex([("01", gtin), ("21", serial)], "sgtin+")


def classes(teller: Teller, day: date) -> None:
    """Which items stand for most of the value used: counted more often."""
    for number, campus in enumerate(("main", "east", "new")):
        teller.do(
            teller.after(day), 438 + number, classify, f"lead-{campus}", campus_id=place(campus.upper())
        )


def right(teller: Teller, day: date) -> None:
    """Everything is where it should be."""
    store, family = (("MAIN-IS", "PTCA"), ("MAIN-OS", "MSH"), ("EAST-OS", "CST"))[day.toordinal() % 3]
    first = teller.after(day)
    count = _Count(teller, f"right:{day}", store, family)
    count.start(first, 455, "blind" if store == "EAST-OS" else "cycle")
    count.scan(first, 470, count.first)
    count.close(first, 482)
    count.decide(first, 484, "explain", note="已核对在途单据")
    count.submit(first, 486)


def differing(teller: Teller, day: date) -> None:
    """Two dear things are not found, a lost one is, one lies on another shelf; counted again, and one is there. The
    manager approves, and the ledger is put right."""
    store, world = "MAIN-IS", teller.world
    things = teller.units(store, 4, day, above=6_000, below=60_000, families=("PM",))
    _missing, overlooked, lost, moved_ = things
    first = teller.after(day)
    world.act(
        teller.at(first, 420), Step.LOSE, f"lose:count:{day:%y%m%d}", world.lead(store), moves([lost], "LOST"),
        reason="not_found", read_point=store,
    )  # fmt: skip
    second = teller.after(first)
    count = _Count(teller, f"differing:{day}", store, "PM")
    count.start(second, 450, note="季度重点品种盘点")
    count.scan(second, 462, count.first, without=things)
    count.scan(second, 464, count.first, only=[lost])
    count.scan(second, 466, count.first, only=[moved_], on=f"{store}-A2-01")
    count.close(second, 475)
    count.decide(second, 478, "recount", kinds=("missing",))
    count.again(second, 480)
    count.scan(second, 492, count.second, only=[overlooked])
    count.close(second, 500, count.second)
    count.decide(second, 510, "explain", kinds=("gone", "unknown", "not_received"), note="另行核查")
    count.decide(
        second, 512, "accept", kinds=("missing", "found", "shelf", "elsewhere"), reason="not_recorded"
    )
    count.submit(second, 520)
    teller.decide(second, 640, "manager", "count", count.name, comment="已复盘，同意过账")


def swept(teller: Teller, day: date) -> None:
    """A reader is carried along the shelves: twice, because tags behind metal answer late. All of it is there."""
    first = teller.after(day)
    count = _Count(teller, f"swept:{day}", "MAIN-IS", "DES")
    count.start(first, 452, "sweep", note="手持读写器盘点")
    count.scan(first, 461, count.first, share=0.8, how=CountScan.How.TAG)
    count.scan(first, 468, count.first, how=CountScan.How.TAG)
    count.close(first, 476)
    count.decide(first, 478, "explain", note="已核对在途单据")
    count.submit(first, 481)


def called_off(teller: Teller, day: date) -> None:
    first = teller.after(day)
    count = _Count(teller, f"called_off:{day}", "NEW-OS", "DES")
    count.start(first, 451)
    count.scan(first, 460, count.first, share=0.3)
    teller.do(
        first, 473, cancel_count, count.first, count_id=made(count.name), note="急诊手术集中领用，改日重盘"
    )


def this_morning(teller: Teller, day: date) -> None:
    """One is half scanned, one is closed and to be decided, one is counted again, one waits for the manager."""
    today = teller.world.today
    started = _Count(teller, "open", "MAIN-IS", "PTCA")
    started.start(today, 560, "full")
    started.scan(today, 580, started.first, share=0.5)
    closed, again, waiting = (
        _Count(teller, name, store, family)
        for name, store, family in (
            ("closed", "EAST-OS", "CST"),
            ("again", "MAIN-OS", "MSH"),
            ("waiting", "MAIN-BS", "CUP"),
        )
    )
    for number, count in enumerate((closed, again, waiting)):
        missing = teller.units(
            count.store, 4 if count is waiting else 2, day, families=(count.family,), below=90_000
        )
        count.start(today, 440 + number)
        count.scan(today, 450 + number, count.first, without=missing)
        count.close(today, 460 + number)
    again.decide(today, 470, "recount")
    again.again(today, 474)
    waiting.decide(today, 472, "explain", kinds=("gone", "unknown", "not_received"), note="另行核查")
    waiting.decide(today, 473, "accept", kinds=("missing", "found", "shelf", "elsewhere"), reason="missing")
    waiting.submit(today, 476)
