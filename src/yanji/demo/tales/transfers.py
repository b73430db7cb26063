"""Goods travel between stores and campuses: most arrive as they were sent, some are under way, one load differs."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import exp, sin

from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted
from yanji.flows.transfer.arrive import Doubtful, arrive, give_up
from yanji.flows.transfer.climate import Reading
from yanji.flows.transfer.pick import pick_transfer, unpick_transfer
from yanji.flows.transfer.request import ask_transfer, cancel_transfer, close_transfer
from yanji.flows.transfer.ship import ship

from ..record import Piece
from ..stage import Later, made, place, these
from ..teller import Teller

DRIVERS = ("院际班车 徐师傅", "院际班车 马师傅", "顺捷冷链")
WAYS = (
    ("MAIN-IS", "EAST-OS"),
    ("MAIN-IS", "NEW-OS"),
    ("EAST-OS", "NEW-OS"),
    ("MAIN-BS", "EAST-OS"),
    ("MAIN-OS", "NEW-OS"),
)


def wanted(things: Sequence[Piece]) -> Later:
    """So many pieces of each item as there are among the things."""
    lines = Counter(thing.item for thing in things)
    return lambda stage: [Wanted(stage.rows.items[item], count) for item, count in sorted(lines.items())]


class _Journey:
    """One transfer: each method is one thing that somebody does."""

    def __init__(self, teller: Teller, name: str, way: tuple[str, str], things: Sequence[Piece]) -> None:
        self.teller, self.name, self.things = teller, name, list(things)
        self.source, self.to = way
        self.dock = f"{self.to}-DOCK"

    def ask(self, day: date, minute: float, note: str = "") -> None:
        lead = self.teller.world.lead(self.to)
        self.teller.do(
            day, minute, ask_transfer, lead, name=self.name, source_id=place(self.source), destination_id=place(self.to),
            lines=wanted(self.things), note=note,
        )  # fmt: skip

    def pick(self, day: date, minute: float, things: Sequence[Piece] | None = None) -> None:
        chosen = self.things if things is None else list(things)
        overrides = {thing.epc: "same_lot" for thing in chosen}
        keeper = self.teller.keeper(self.source)
        self.teller.do(
            day,
            minute,
            pick_transfer,
            keeper,
            transfer_id=made(self.name),
            things=these(chosen),
            overrides=overrides,
        )

    def ship(self, day: date, minute: float) -> None:
        rng = self.teller.rng
        self.teller.do(
            day, minute, ship, self.teller.keeper(self.source), name=f"{self.name}:sent:{minute}", transfer_id=made(self.name),
            handed_to=rng.choice(DRIVERS),
            seals=f"F{rng.randint(10000, 99999)}", cost=Decimal(rng.randint(60, 240)),
        )  # fmt: skip

    def arrive(self, day: date, minute: float, **found: object) -> None:
        keeper = self.teller.keeper(self.to)
        self.teller.do(
            day, minute, arrive, keeper, transfer_id=made(self.name), to_place_id=place(self.dock), **found
        )

    def shelve(self, day: date, minute: float, things: Sequence[Piece]) -> None:
        """What is good goes from the dock to its shelves."""
        shelves: dict[str, list[Piece]] = defaultdict(list)
        for thing in things:
            shelves[self.teller.world.home(self.to, thing.item)].append(thing)
        for number, (shelf, lain) in enumerate(shelves.items()):
            self.teller.do(
                day, minute + number, put_away, self.teller.keeper(self.to), things=these(lain), to_place_id=place(shelf),
                from_place_id=place(self.dock),
            )  # fmt: skip
        self.teller.back(day, self.to, things)

    def close(self, day: date, minute: float) -> None:
        self.teller.do(
            day, minute, close_transfer, self.teller.world.lead(self.to), transfer_id=made(self.name)
        )


def _journey(
    teller: Teller, day: date, name: str, way: tuple[str, str], count: int, below: float
) -> _Journey:
    things = teller.units(way[0], count, day, items=max(2, count // 2), below=below)
    return _Journey(teller, f"transfer:{name}:{day}", way, things)


def closed(teller: Teller, day: date) -> None:
    """Asked in the morning, sent in the afternoon, on its shelves the day after."""
    way = WAYS[day.toordinal() // 7 % len(WAYS)]
    made_ = _journey(teller, day, "closed", way, teller.rng.randint(5, 9), below=5_000)
    first = teller.after(day)
    second = teller.after(first)
    made_.ask(first, 548, "规格调剂")
    made_.pick(first, 835)
    made_.ship(first, 905)
    made_.arrive(
        second, 588, celsius_min=Decimal("16.5"), celsius_max=Decimal("23.8"), logger=f"LG-{day:%m%d}"
    )
    made_.shelve(second, 610, made_.things)
    made_.close(second, 640)


def differing(teller: Teller, day: date) -> None:
    """One thing is damaged on the way, one never arrives, and something comes that nobody sent."""
    made_ = _journey(teller, day, "differs", WAYS[0], 7, below=5_000)
    damaged, missing, *good = made_.things
    first = teller.after(day)
    second = teller.after(first)
    made_.ask(first, 551, "东湖急用，整盒调拨")
    made_.pick(first, 838)
    made_.ship(first, 912)
    made_.arrive(
        second, 590, things=these(good), held=lambda stage: [Doubtful(damaged.epc, "damaged_on_way")],
        unexpected=lambda stage: [Doubtful("01069999999999X", "surplus")], seals_sound=False, note="封签断裂，外箱受压",
        celsius_min=Decimal("15.1"), celsius_max=Decimal("27.4"), logger=f"LG-{day:%m%d}",
    )  # fmt: skip
    made_.shelve(second, 615, good)
    third = teller.after(second, 3)
    teller.do(
        third, 545, give_up, teller.world.lead(made_.to), transfer_id=made(made_.name), things=these([missing]),
        reason="lost_on_way", note="司机与发货库均未找到",
    )  # fmt: skip
    made_.close(third, 560)


def too_warm(teller: Teller, day: date) -> None:
    """The van's refrigerator stood open: what the logger showed is kept, and the sealant is held until quality decides."""
    item, way = teller.world.families["FIB"][0], ("MAIN-OS", "NEW-OS")
    things = teller.lain(way[0], teller.fresh(item, 3, teller.world.start))
    made_ = _Journey(teller, f"transfer:warm:{day}", way, things)
    made_.dock = teller.world.home(way[1], item)
    first = teller.after(day)
    made_.ask(first, 549, "新城手术加台，冷链调拨")
    made_.pick(first, 836)
    made_.ship(first, 907)
    loaded = teller.at(first, 909)
    readings = [
        Reading(loaded + timedelta(minutes=2 * n), Decimal(str(round(4.6 + sin(n) / 3 + _door_open(n), 2))))
        for n in range(45)
    ]
    made_.arrive(first, 1003, readings=readings, logger="TL-0417", note="途中开门卸货，温度超出")


def _door_open(n: int) -> float:
    """How much warmer the box was at the logger's reading of that number: for some ten minutes it stood open."""
    return 7.4 * exp(-(((n - 26) / 4.5) ** 2))


def called_off(teller: Teller, day: date) -> None:
    """Picked, and then not needed: what was picked goes back to its shelf."""
    made_ = _journey(teller, day, "cancelled", WAYS[1], 4, below=5_000)
    first = teller.after(day)
    made_.ask(first, 556)
    made_.pick(first, 700)
    teller.do(
        first,
        760,
        cancel_transfer,
        teller.world.lead(made_.source),
        transfer_id=made(made_.name),
        reason="手术延期，不再需要",
    )
    teller.back(first, made_.source, made_.things)


def one_put_back(teller: Teller, day: date) -> None:
    """One of those picked is needed here after all: it goes back to its shelf, and the rest is sent, with the later van."""
    made_ = _journey(teller, day, "put_back", WAYS[2], 4, below=5_000)
    kept, *sent = made_.things
    first = teller.after(day)
    second = teller.after(first)
    made_.ask(first, 553)
    made_.pick(first, 837)
    keeper = teller.keeper(made_.source)
    teller.do(first, 850, unpick_transfer, keeper, transfer_id=made(made_.name), things=these([kept]))
    teller.back(first, made_.source, [kept])
    made_.ship(first, 896)
    teller.take_back(first, 903, keeper, f"{made_.name}:sent:896", "wrong_scan", "班车已满，改乘下一班")
    made_.ship(first, 910)
    made_.arrive(
        second, 592, celsius_min=Decimal("17.0"), celsius_max=Decimal("22.6"), logger=f"LG-{day:%m%d}B"
    )
    made_.shelve(second, 617, sent)
    made_.close(second, 645)


def dear(teller: Teller, day: date) -> None:
    """Worth so much that a manager decides: one was refused, one waits this morning."""
    things = teller.units("MAIN-IS", 12, day, above=8_000, below=90_000)
    first = teller.after(day)
    refused = teller.ago(1) != day
    made_ = _Journey(teller, f"transfer:dear:{day}", WAYS[1], things)
    made_.ask(first, 534, "新城院区开展新项目备货")
    if refused:
        teller.decide(
            first, 620, "manager", "transfer", made_.name, approve=False, comment="本部库存亦不足，请走采购"
        )
        teller.back(first, "MAIN-IS", things)


def this_morning(teller: Teller, day: date) -> None:
    """Sent yesterday and not all here, arrived and not closed, under way, picked, half picked, only asked for."""
    today = teller.world.today
    partly = _journey(teller, day, "partly", ("EAST-OS", "NEW-OS"), 6, below=6_000)
    whole = _journey(teller, day, "arrived", ("NEW-OS", "MAIN-IS"), 4, below=6_000)
    underway = _journey(teller, day, "underway", ("MAIN-IS", "EAST-OS"), 5, below=6_000)
    incoming = _journey(teller, day, "incoming", ("EAST-OS", "MAIN-IS"), 4, below=6_000)
    picked = _journey(teller, day, "picked", ("MAIN-IS", "NEW-OS"), 4, below=6_000)
    picking = _journey(teller, day, "picking", ("MAIN-IS", "EAST-OS"), 4, below=6_000)
    asked = _journey(teller, day, "asked", ("MAIN-IS", "NEW-OS"), 3, below=6_000)
    for number, each in enumerate((partly, whole, underway, incoming, picked, picking, asked)):
        each.ask(today, 441 + number)
        if each is asked:
            continue
        each.pick(today, 455 + 2 * number, each.things[:-1] if each is picking else None)
        if each in (partly, whole, underway, incoming):
            each.ship(today, 476 + number)
    partly.arrive(today, 588, things=these(partly.things[:-2]))
    whole.arrive(today, 591)
    whole.shelve(today, 600, whole.things)
