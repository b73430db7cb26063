"""What tales take in their hands: things off a shelf, things new from a supplier, and shelves to lay things back on.

What a tale takes in the evening nobody else touches: its scenes may happen at any hour of a later day. What it lays back
is on its shelf from the evening of the day it names.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from yanji.ledger.api import Step

from .catalogue import CatalogueItem
from .procedures import PROCEDURES, WORK
from .record import Batch, Bulk, Piece, Thing
from .world import World, moves

LONG = timedelta(days=75)  # what is taken for a tale does not expire in it


class Larder:
    """The goods of one world's tales."""

    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.tales
        self._back: dict[date, list[tuple[str, list[Thing]]]] = defaultdict(list)
        self._lots = 0

    @property
    def partner(self) -> int:
        """The supplier that has an account of its own."""
        return self.world.catalogue.partner

    def units(
        self, place: str, count: int, day: date, *, below: float = 30_000, above: float = 0, items: int = 99,
        supplier: int | None = None, families: Sequence[str] = (), item: int | None = None,
    ) -> list[Piece]:  # fmt: skip
        """So many units off a store's or department's shelves, of so many items at most, none that needs the cold; never the
        most of a shelf. What is not there has always lain there: it was counted in when the system went live."""
        fits = [
            number
            for number in self._kept(place)
            if above <= self.world.item(number).price < below
            and supplier in (None, self.world.item(number).supplier)
            and (not families or self.world.item(number).family.code in families)
            and item in (None, number)
        ]
        assert fits, (place, above, below, supplier, families, item)
        found = self._off_shelves(place, count, day, fits, items)
        if len(found) < count:
            known = sorted({thing.item for thing in found})
            more = (
                known if len(known) >= items else [*known, *self.rng.sample(fits, min(items, 3, len(fits)))]
            )
            lack = count - len(found)
            shares = [lack // len(more) + (number < lack % len(more)) for number in range(len(more))]
            found += self.lain(
                place,
                [
                    thing
                    for number, n in zip(more, shares, strict=True)
                    for thing in self.fresh(number, n, self.world.start)
                ],
            )
        self.world.told |= {thing.batch for thing in found}
        return found

    def _off_shelves(self, place: str, count: int, day: date, fits: Sequence[int], items: int) -> list[Piece]:
        found: list[Piece] = []
        shelves = [
            (number, good)
            for number in fits
            if (good := [
                each for each in self.world.shelf.get((place, number), ())
                if isinstance(each, Piece) and each.batch.expiry > day + LONG
            ])
        ]  # fmt: skip
        self.rng.shuffle(shelves)
        shelves.sort(key=lambda each: -min(len(each[1]), 4))
        share = -(-count // max(1, min(items, len(shelves))))
        for number, good in shelves[:items]:
            for thing in good[: min(share, len(good) // 2, count - len(found))]:
                self.world.shelf[place, number].remove(thing)
                found.append(thing)
        return found

    def _kept(self, place: str) -> list[int]:
        """The items that a store keeps, or that the work of a department takes: units with a serial number, no cold."""
        world = self.world
        if place in world.stores:
            fields, families = world.stores[place].fields, set[str]()
        else:
            procedures = [name for name, _weight in WORK[world.departments[place].does][2]]
            fields, families = (), {family for name in procedures for family, *_ in PROCEDURES[name].takes}
        return [
            number
            for number, item in enumerate(world.catalogue.items)
            if (item.family.field in fields or item.family.code in families)
            and item.supplier != world.catalogue.lapsed_supplier
            and _easy(item, world.today)
        ]

    def lain(self, place: str, things: list[Piece]) -> list[Piece]:
        """These lay on their shelves when the system went live."""
        world, lead, at = self.world, self.world.lead(place), self._opening(425)
        self._lots += 1
        key, papers = f"opening:tale:{self._lots}", {"opening": f"OPEN-{place}"}
        for thing in things:
            thing.place = world.home(place, thing.item)
        lines = [line for thing in things for line in moves([thing], thing.place, new=True)]
        world.act(
            at, Step.RECEIVE, key, lead, lines, documents=papers, note="上线期初盘点入库", read_point=place
        )
        world.act(
            at + timedelta(minutes=9),
            Step.ACCEPT,
            f"{key}:accept",
            lead,
            moves(things),
            documents=papers,
            read_point=place,
        )
        return things

    def bulk(self, place: str, pieces: int, families: Sequence[str]) -> Bulk:
        """Pieces of a counted lot that a place has had since the system went live, kept for one tale."""
        world, lead, at = self.world, self.world.lead(place), self._opening(428)
        item = next(
            n for family in families for n in world.families[family] if world.item(n).family.tracking == "lot"
        )
        entry = world.item(item)
        [model] = self.fresh(item, 1, world.start)
        self._lots += 1
        key, papers = f"opening:tale:{self._lots}", {"opening": f"OPEN-{place}"}
        lain = Bulk(model.batch, pieces, entry.supplier, entry.price, world.home(place, item))
        lines = moves([lain], lain.place, new=True)
        world.act(
            at, Step.RECEIVE, key, lead, lines, documents=papers, note="上线期初盘点入库", read_point=place
        )
        world.act(
            at + timedelta(minutes=9),
            Step.ACCEPT,
            f"{key}:accept",
            lead,
            moves([lain]),
            documents=papers,
            read_point=place,
        )
        return lain

    def for_sale(
        self, store: str, count: int, *, supplier: int | None = None, below: float = 12_000, above: float = 0,
        families: Sequence[str] = (),
    ) -> list[int]:  # fmt: skip
        """Up to so many items that a store keeps, of one supplier in good standing: units that come with a serial number,
        and need no cold."""
        world = self.world
        fields = world.stores[store].fields
        found: dict[int, list[int]] = defaultdict(list)
        for number, item in enumerate(world.catalogue.items):
            if (
                item.family.field in fields
                and above <= item.price < below
                and (not families or item.family.code in families)
                and _easy(item, world.today)
            ):
                found[item.supplier].append(number)
        found.pop(world.catalogue.lapsed_supplier, None)
        if supplier is None:
            most = sorted(found, key=lambda seller: (-len(found[seller]), seller))[:4]
            supplier = self.rng.choice(most)
        items = found.get(supplier, [])
        return sorted(self.rng.sample(items, min(count, len(items))))

    def fresh(self, item: int, count: int, day: date) -> list[Piece]:
        """New units of one lot, as they leave the supplier on a day."""
        world = self.world
        low, high = world.item(item).family.shelf_months
        made = day - timedelta(days=self.rng.randint(20, 80))
        self._lots += 1
        expiry = made + timedelta(days=int(30.4 * self.rng.uniform(low, high)) + 60)
        batch = Batch(item, f"X{made:%y%m}{item:03d}{self._lots:02d}", expiry, made)
        world.told.add(batch)
        return [world.piece(item, batch) for _ in range(count)]

    def _opening(self, minute: int) -> datetime:
        """A moment of the day on which the system went live."""
        day = self.world.start
        return datetime(day.year, day.month, day.day, tzinfo=self.world.zone) + timedelta(minutes=minute)

    def back(self, day: date, place: str, things: Sequence[Thing]) -> None:
        """From the evening of a day on the things lie on their shelves at a store or department."""
        self._back[day].append((place, list(things)))

    def close(self, day: date) -> None:
        """The evening of a day: what tales are done with is on its shelf."""
        for place, things in self._back.pop(day, []):
            self.world.put(place, things)


def _easy(item: CatalogueItem, today: date) -> bool:
    """Whether a tale may use it without telling of more: a unit with the maker's serial, no cold, a valid registration."""
    family, paper = item.family, item.registration
    return (
        family.tracking == "unit"
        and not item.labelled_here
        and family.temperature not in ("refrigerated", "frozen")
        and not (paper.valid_to and paper.valid_to <= today)
    )
