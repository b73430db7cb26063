"""One purchase order from the buyer's desk to the shelf: what the tales of buying are told with."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from yanji.flows.buying.answers import Promise, answer_line
from yanji.flows.buying.models import DeliveryPart
from yanji.flows.inspecting.sample import Look
from yanji.flows.models import OrderLine
from yanji.flows.packing.delivered import BoxArrival
from yanji.flows.packing.pack import unpack
from yanji.flows.purchase import Ordered, Part, place_order
from yanji.flows.putaway import put_away
from yanji.flows.receive import receive
from yanji.flows.ship_notice import announce
from yanji.identity.checks import gs1_mod10

from ..record import Piece
from ..stage import Later, Stage, announced, arrivals, made, place, supplier, these
from ..teller import Teller
from ..world import CARRIERS

NOTHING: Mapping[str, Any] = MappingProxyType({})


def sscc(teller: Teller) -> str:
    """The code of one of the supplier's boxes or pallets."""
    body = f"0695550{teller.rng.randint(0, 9_999_999_999):010d}"
    return f"00/{body}{gs1_mod10(body)}"


class Purchase:
    """One order: each method is one thing that somebody does. ``wanted``: item -> pieces."""

    def __init__(self, teller: Teller, name: str, store: str, wanted: dict[int, int]) -> None:
        self.teller, self.name, self.store, self.wanted = teller, f"order:{name}", store, wanted
        self.notice, self.receipt = f"notice:{name}", f"receipt:{name}"
        self.seller = teller.world.item(next(iter(wanted))).supplier
        self.dock = f"{store}-DOCK"
        self.buyer = f"buyer-{store.split('-', maxsplit=1)[0].lower()}-1"
        self.things: dict[int, list[Piece]] = {}

    @property
    def value(self) -> Decimal:
        return sum(
            (self.teller.world.item(item).price * count for item, count in self.wanted.items()), Decimal(0)
        )

    def place(self, day: date, minute: float, *, parts: Sequence[int] = (), **more: Any) -> None:
        """Ask for it; ``parts``: in how many days from now shares of each line are due."""
        self.teller.do(
            day, minute, place_order, self.buyer, name=self.name, supplier_id=supplier(self.seller),
            deliver_to_id=place(self.store), lines=self.lines(self.wanted, [day + timedelta(days=n) for n in parts]),
            **{"expected_on": day + timedelta(days=max(parts, default=5)), **more},
        )  # fmt: skip

    def lines(self, wanted: dict[int, int], due: Sequence[date] = (), **more: Any) -> Later:
        """The order's lines, each due in equal shares on some days."""

        def found(stage: Stage) -> list[Ordered]:
            return [
                Ordered(stage.rows.items[item], count, parts=_parts(count, due), **more)
                for item, count in wanted.items()
            ]

        return found

    def line(self, item: int) -> Later:
        def found(stage: Stage) -> int:
            return OrderLine.objects.get(order_id=stage.done[self.name].id, item_id=stage.rows.items[item]).pk

        return found

    def answer(
        self, day: date, minute: float, item: int, verdict: str, *, name: str = "", **said: Any
    ) -> None:
        """The supplier answers a line: on its own page where it has an account, by telephone otherwise."""
        who = "supplier" if self.seller == self.teller.partner else self.buyer
        self.teller.do(
            day, minute, answer_line, who, name=name, line_id=self.line(item), verdict=verdict, **said
        )

    def last_delivery(self, item: int, day: date) -> Later:
        """The supplier's promise of a day for the last delivery of a line."""

        def found(stage: Stage) -> list[Promise]:
            part = DeliveryPart.objects.filter(line_id=self.line(item)(stage)).latest("due_on")
            return [Promise(part.pk, day)]

        return found

    def pack(self, day: date, counts: dict[int, int] | None = None) -> list[Piece]:
        """The supplier takes units off its shelves: all that was ordered, or so many of each item."""
        coming = {
            item: self.teller.fresh(item, count, day) for item, count in (counts or self.wanted).items()
        }
        for item, things in coming.items():
            self.things.setdefault(item, []).extend(things)
        return [thing for things in coming.values() for thing in things]

    def announce(
        self, day: date, minute: float, things: Sequence[Piece], *, boxes: int = 0, suffix: str = ""
    ) -> list[str]:
        """Send a ship notice; packed into so many boxes on one pallet, whose codes come back, the pallet's last."""
        who = "supplier" if self.seller == self.teller.partner else self.buyer
        pallet = sscc(self.teller) if boxes > 1 else ""
        codes = [sscc(self.teller) for _ in range(boxes)] or [""]
        shares = [
            announced(things[number :: len(codes)], box=code, pallet=pallet)
            for number, code in enumerate(codes)
        ]
        self.teller.do(
            day, minute, announce, who, name=self.notice + suffix, order_id=made(self.name),
            lines=lambda stage: [line for share in shares for line in share(stage)],
            reference=f"SD{day:%y%m%d}{self.teller.rng.randint(1000, 9999)}", carrier=self.teller.rng.choice(CARRIERS),
            expected_on=self.teller.after(day),
        )  # fmt: skip
        return [*codes, pallet] if pallet else codes

    def receive(
        self,
        day: date,
        minute: float,
        things: Sequence[Piece] = (),
        *,
        boxes: Sequence[str] = (),
        noticed: bool = True,
        rejected: Mapping[str, str] = NOTHING,
        faulty: Mapping[str, Sequence[str]] = NOTHING,
        suffix: str = "",
        blind: bool = False,
    ) -> None:
        """Over the door, each unit looked at; ``blind``: by who did not see what was ordered;
        ``faulty``: identity -> the points of the plan that it fails."""
        keeper = self.teller.keeper(self.store)
        self.teller.do(
            day, minute, receive, keeper, name=self.receipt + suffix, order_id=made(self.name), dock_id=place(self.dock),
            arrivals=arrivals(things, rejected),
            looks=[Look(thing.epc, faults=faulty.get(thing.epc, ())) for thing in things],
            boxes=[BoxArrival(code) for code in boxes],
            notice_id=made(self.notice + suffix) if noticed else None, blind=blind,
            reference=f"SD{day:%y%m%d}{self.teller.rng.randint(1000, 9999)}",
        )  # fmt: skip

    def unpack(self, day: date, minute: float, codes: Sequence[str]) -> None:
        """The pallet is taken apart, then each carton."""
        keeper = self.teller.keeper(self.store)
        for number, code in enumerate(reversed(codes)):
            self.teller.do(day, minute + number, unpack, keeper, code=code, note="到货拆箱")

    def shelve(self, day: date, minute: float, things: Sequence[Piece]) -> None:
        """What was accepted goes from the dock to its shelves."""
        shelves: dict[str, list[Piece]] = defaultdict(list)
        for thing in things:
            shelves[self.teller.world.home(self.store, thing.item)].append(thing)
        for number, (shelf, lain) in enumerate(shelves.items()):
            self.teller.do(
                day, minute + number, put_away, self.teller.keeper(self.store), things=these(lain), to_place_id=place(shelf),
                from_place_id=place(self.dock),
            )  # fmt: skip
        self.teller.back(day, self.store, things)


def _parts(count: int, due: Sequence[date]) -> list[Part]:
    share = count // len(due) if due else 0
    if not share:
        return []
    return [
        Part(day, share + (count - share * len(due) if number == 0 else 0)) for number, day in enumerate(due)
    ]
