"""Departments and stores: par levels, lists, requisitions approved by amount, picked with reasons, signed for, taken in."""

from collections.abc import Sequence
from datetime import date

from yanji.flows.differing.models import IssueDifference
from yanji.flows.differing.report import Doubtful
from yanji.flows.differing.settle import settle_difference
from yanji.flows.giveback import give_back, inspect_return
from yanji.flows.handover import take_over
from yanji.flows.issue import issue, take_in
from yanji.flows.pick import pick, unpick
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted, close_requisition, request
from yanji.flows.supply.levels import Kept, drop_level, set_levels
from yanji.flows.supply.lists import drop_list, save_list
from yanji.flows.supply.models import ParLevel
from yanji.flows.turn import Policy
from yanji.flows.waves.pick import close_wave, pick_wave, start_wave

from ..record import Piece
from ..stage import Later, made, place, these, witness
from ..teller import Teller
from .transfers import wanted

STORE = "MAIN-IS"


class Asked:
    """One requisition: each method is one thing that somebody does with it."""

    def __init__(
        self, teller: Teller, name: str, department: str, things: Sequence[Piece], store: str = STORE
    ) -> None:
        self.teller, self.name, self.department, self.store = teller, f"requisition:{name}", department, store
        self.things, self.issue = list(things), f"issue:{name}"
        self.nurse = "nurse" if department == "MAIN-CATH" else teller.keeper(department)
        self.keeper = teller.keeper(store)

    def ask(
        self, day: date, minute: float, *, lines: Later | None = None, note: str = "", case: str = ""
    ) -> None:
        self.teller.do(
            day, minute, request, self.nurse, name=self.name, department_id=place(self.department),
            store_id=place(self.store), lines=lines or wanted(self.things), note=note, case_number=case,
        )  # fmt: skip

    def pick(self, day: date, minute: float, things: Sequence[Piece] | None = None) -> None:
        """First expiry first, or with the reason why not."""
        chosen = self.things if things is None else list(things)
        self.teller.do(
            day, minute, pick, self.keeper, requisition_id=made(self.name), things=these(chosen),
            overrides={thing.epc: "size_needed" for thing in chosen},
        )  # fmt: skip

    def unpick(self, day: date, minute: float, things: Sequence[Piece]) -> None:
        self.teller.do(day, minute, unpick, self.keeper, requisition_id=made(self.name), things=these(things))

    def hand_over(self, day: date, minute: float, *, signed: bool = True) -> None:
        """To a nurse who signs at the counter, or to the porter."""
        receiver = {"receiver": witness(self.nurse)} if signed else {"handed_to": "配送员 小周"}
        self.teller.do(
            day, minute, issue, self.keeper, name=self.issue, requisition_id=made(self.name), **receiver
        )

    def take_in(self, day: date, minute: float, things: Sequence[Piece] | None = None) -> None:
        more = {} if things is None else {"things": these(things)}
        self.teller.do(
            day,
            minute,
            take_in,
            self.nurse,
            issue_id=made(self.issue),
            to_place_id=place(f"{self.department}-C1"),
            **more,
        )


def levels(teller: Teller, day: date) -> None:
    """What the demo's theatre keeps, and the lists by which it asks; one of each is not used any more after some weeks."""
    world = teller.world
    lain = sorted(
        ((world.on_shelf(place_, item), item) for place_, item in world.shelf if place_ == "MAIN-CATH"),
        reverse=True,
    )
    par = [item for _count, item in lain[:8]] or teller.for_sale(STORE, 8, families=("PTCA", "NCB", "DES"))
    first = teller.after(day)
    teller.do(
        first, 548, set_levels, "nurse", place_id=place("MAIN-CATH"),
        levels=lambda stage: [Kept(stage.rows.items[item], 2, 6) for item in par],
    )  # fmt: skip
    for number, (name, count) in enumerate((("择期 PCI 常用", 5), ("急诊夜班补充", 3), ("造影试用", 2))):
        items = teller.for_sale(STORE, count, families=("PTCA", "NCB", "CGW", "GC", "DES", "PCK"))
        teller.do(
            first, 552 + number, save_list, "nurse", name=f"list:{name}", department_id=place("MAIN-CATH"), list_name=name,
            lines=lambda stage, items=items: [Wanted(stage.rows.items[item], 2) for item in items],
        )  # fmt: skip
    later = teller.after(first, 25)
    teller.do(later, 549, drop_list, "nurse", list_id=made("list:造影试用"))
    teller.do(
        later, 551, drop_level, "nurse",
        level_id=lambda stage: ParLevel.objects.get(
            place_id=stage.rows.places["MAIN-CATH"], item_id=stage.rows.items[par[-1]]
        ).pk,
    )  # fmt: skip


def signed_for(teller: Teller, day: date) -> None:
    """Dear enough for the manager; approved, picked with a reason, signed for at the counter, taken in."""
    things = teller.units(STORE, 4, day, above=15_000, below=60_000, families=("PM", "LAA"))
    first = teller.after(day)
    asked = Asked(teller, f"signed:{day}", "MAIN-EP", things)
    asked.ask(first, 551, note="起搏器植入周计划")
    teller.decide(first, 640, "manager", "requisition", asked.name, comment="同意")
    asked.pick(first, 830)
    asked.hand_over(first, 870)
    asked.take_in(first, 900)
    teller.back(first, "MAIN-EP", things)


def of_one_lot(teller: Teller, day: date) -> None:
    """A lot was named; one unit is put back before it is handed over, and the porter brings the rest in two goes."""
    things = teller.units(STORE, 4, day, items=1, below=4_000)
    lot = things[0].batch
    same = [thing for thing in things if thing.batch is lot]
    teller.back(teller.after(day), STORE, [thing for thing in things if thing.batch is not lot])
    first = teller.after(day)
    asked = Asked(teller, f"one_lot:{day}", "MAIN-CATH", same)
    asked.ask(
        first, 553, note="临床对照用，须同批",
        lines=lambda stage: [Wanted(stage.rows.items[lot.item], len(same), lot.number)],
    )  # fmt: skip
    asked.pick(first, 832)
    asked.hand_over(first, 872, signed=False)
    teller.do(first, 890, take_over, asked.nurse, issue_id=made(asked.issue))
    asked.take_in(first, 905, same[:1])
    if same[1:]:
        asked.take_in(first, 930, same[1:])
    teller.back(first, "MAIN-CATH", same)


def refused(teller: Teller, day: date) -> None:
    """Too much at once, said the manager."""
    things = teller.units(STORE, 4, day, above=20_000, below=60_000)
    first = teller.after(day)
    asked = Asked(teller, f"refused:{day}", "MAIN-HYB", things)
    asked.ask(first, 555)
    teller.decide(
        first,
        645,
        "manager",
        "requisition",
        asked.name,
        approve=False,
        comment="单次申领过多，请按手术计划分次",
    )
    teller.back(first, STORE, things)


def put_back(teller: Teller, day: date) -> None:
    """Picked, and then the case was called off: back to the shelf, and the requisition is closed."""
    things = teller.units(STORE, 2, day, below=6_000)
    first = teller.after(day)
    asked = Asked(teller, f"put_back:{day}", "MAIN-IR", things)
    asked.ask(first, 557)
    asked.pick(first, 834)
    asked.unpick(first, 880, things)
    teller.do(first, 890, close_requisition, asked.nurse, requisition_id=made(asked.name))
    teller.back(first, STORE, things)


def issued_in_vain(teller: Teller, day: date) -> None:
    """Handed to the porter, who had not left when the case was called off: the issue is taken back, and what was picked too."""
    things = teller.units(STORE, 2, day, below=6_000)
    first = teller.after(day)
    asked = Asked(teller, f"in_vain:{day}", "MAIN-NIR", things)
    asked.ask(first, 558)
    asked.pick(first, 835)
    asked.hand_over(first, 873, signed=False)
    teller.take_back(first, 881, asked.keeper, asked.issue, "wrong_case", "手术取消，配送未出库")
    asked.unpick(first, 886, things)
    teller.do(first, 892, close_requisition, asked.nurse, requisition_id=made(asked.name))
    teller.back(first, STORE, things)


def returned(teller: Teller, day: date) -> None:
    """A department gives back what it did not need: one is put on its shelf, one is doubtful and held."""
    department = "MAIN-CATH" if day.toordinal() % 2 else "MAIN-EP"
    good, doubtful = teller.units(department, 2, day, below=12_000)
    first = teller.after(day)
    nurse, keeper = teller.keeper(department), teller.keeper(STORE)
    name = f"return:{day}"
    teller.do(
        first, 640, give_back, nurse, name=name, department_id=place(department), store_id=place(STORE),
        things=these([good, doubtful]), reason="wrong_size",
    )  # fmt: skip
    teller.do(
        first, 860, inspect_return, keeper, store_id=place(STORE), restock=these([good]),
        hold=lambda stage: {"opened": stage.things([doubtful])},
    )  # fmt: skip
    shelf = teller.world.home(STORE, good.item)
    teller.do(
        first,
        880,
        put_away,
        keeper,
        things=these([good]),
        to_place_id=place(shelf),
        from_place_id=place(STORE),
    )
    teller.back(first, STORE, [good])


def this_morning(teller: Teller, day: date) -> None:
    """One waits for the manager, one is picked, one is on its way, one half taken in; something came back this morning."""
    today = teller.world.today
    dear = Asked(teller, "dear", "MAIN-EP", teller.units(STORE, 4, day, above=20_000, below=60_000))
    dear.ask(today, 451, note="本周植入手术 4 台")
    picked, underway, half = (
        Asked(teller, name, "MAIN-CATH", teller.units(STORE, 3, day, below=5_000))
        for name in ("picked", "underway", "half")
    )
    for number, asked in enumerate((picked, underway, half)):
        asked.ask(today, 453 + number)
        asked.pick(today, 500 + number)
    underway.hand_over(today, 540, signed=False)
    half.hand_over(today, 542)
    half.take_in(today, 580, half.things[:1])
    back = teller.units("MAIN-CATH", 2, day, below=6_000)
    teller.do(
        today, 530, give_back, "nurse", department_id=place("MAIN-CATH"), store_id=place(STORE), things=these(back),
        reason="case_cancelled",
    )  # fmt: skip


def differing(teller: Teller, day: date) -> None:
    """What came otherwise than it was handed over is settled by the store the day after."""
    asked = _taken_in_otherwise(teller, day)
    second = teller.after(teller.after(day))
    held, back = {"outcome": "held"}, {"outcome": "back"}
    said = (("damaged", held), ("missing", back), ("unexpected", {**back, "note": "已送还"}))
    for number, (kind, what) in enumerate(said):
        teller.do(
            second,
            545 + number,
            settle_difference,
            asked.keeper,
            difference_id=_difference(asked, kind),
            **what,
        )


def differing_still(teller: Teller, day: date) -> None:
    """The store has not settled these yet."""
    _taken_in_otherwise(teller, day)


def _taken_in_otherwise(teller: Teller, day: date) -> Asked:
    """One is damaged, one is missing, and something comes that belongs to another department."""
    things = teller.units(STORE, 5, day, below=5_000)
    damaged, missing, *good = things
    first = teller.after(day)
    asked = Asked(teller, f"differing:{day}", "MAIN-CATH", things)
    asked.ask(first, 559)
    asked.pick(first, 836)
    asked.hand_over(first, 874, signed=False)
    teller.do(
        first, 935, take_in, asked.nurse, issue_id=made(asked.issue), to_place_id=place("MAIN-CATH-C1"), things=these(good),
        damaged=lambda stage: [Doubtful(damaged.epc, "damaged_on_way")], missing=these([missing]),
        unexpected=lambda stage: [Doubtful("01069999999999X", "other")],
    )  # fmt: skip
    teller.back(first, "MAIN-CATH", good)
    return asked


def _difference(asked: Asked, kind: str) -> Later:
    return lambda stage: IssueDifference.objects.get(issue_id=stage.done[asked.issue].id, kind=kind).pk


def waves(teller: Teller, day: date, policy: Policy = "fefo") -> None:
    """Three requisitions are picked on one walk, and handed over one by one."""
    first = teller.after(day)
    asked = [
        Asked(teller, f"wave:{day}:{department}", department, teller.units(STORE, 3, day, below=5_000))
        for department in ("MAIN-CATH", "MAIN-EP", "MAIN-IR")
    ]
    for number, each in enumerate(asked):
        each.ask(first, 560 + number)
    _walk(teller, asked, first, 838, [thing for each in asked for thing in each.things], policy)
    for number, each in enumerate(asked):
        each.hand_over(first, 876 + number, signed=False)
        each.take_in(first, 945 + number)
        teller.back(first, each.department, each.things)


def waves_by_arrival(teller: Teller, day: date) -> None:
    """What came first goes first on this walk, whatever its expiry."""
    waves(teller, day, "fifo")


def walk_ended(teller: Teller, day: date) -> None:
    """The storekeeper is called to the dock: the walk ends with half of it picked, and the other requisition is picked alone."""
    first = teller.after(day)
    asked = [
        Asked(teller, f"ended:{day}:{department}", department, teller.units(STORE, 2, day, below=5_000))
        for department in ("MAIN-EP", "MAIN-IR")
    ]
    for number, each in enumerate(asked):
        each.ask(first, 564 + number)
    name = _walk(teller, asked, first, 841, asked[0].things)
    teller.do(first, 862, close_wave, asked[0].keeper, wave_id=made(name))
    asked[1].pick(first, 869)
    for number, each in enumerate(asked):
        each.hand_over(first, 880 + number, signed=False)
        each.take_in(first, 948 + number)
        teller.back(first, each.department, each.things)


def _walk(
    teller: Teller, asked: Sequence[Asked], day: date, minute: float, things: Sequence[Piece], policy: Policy = "fefo"
) -> str:  # fmt: skip
    """The name under which later scenes find the walk."""
    keeper, name = asked[0].keeper, f"wave:{asked[0].name}"
    teller.do(
        day, minute, start_wave, keeper, name=name, store_id=place(STORE),
        requisitions=lambda stage: [stage.done[each.name].id for each in asked], policy=policy,
    )  # fmt: skip
    teller.do(
        day, minute + 12, pick_wave, keeper, wave_id=made(name), things=these(things),
        overrides={thing.epc: "size_needed" for thing in things},
    )  # fmt: skip
    return name


def wave_this_morning(teller: Teller, day: date) -> None:
    """Two requisitions are being picked on one walk; half of it is done."""
    today = teller.world.today
    asked = [
        Asked(teller, f"wave:{department}", department, teller.units(STORE, 2, day, below=5_000))
        for department in ("MAIN-HYB", "MAIN-NIR")
    ]
    for number, each in enumerate(asked):
        each.ask(today, 458 + number)
    _walk(teller, asked, today, 505, asked[0].things)
