"""What a verb is given to move: units by their canonical identity, and quantities of lots."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yanji.catalog.models import Item
from yanji.ledger.api import Line, LotQuantity
from yanji.ledger.models import Lot, Unit

Thing = str | LotQuantity


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as the flows' own rules look at it. The ledger looks again, under its lock."""

    epc: str
    id: int
    item_id: int
    lot_id: int
    status: str
    seq: int
    lot: str
    expiry: date | None
    received_at: datetime | None
    place_path: str
    order_number: str
    reserved_for: str = ""
    reserved_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of the things; those that it does not know are missing, and the ledger will
    say so."""

    units: dict[str, KnownUnit]
    lots: dict[int, Lot]

    def item_of(self, thing: Thing) -> int | None:
        if isinstance(thing, str):
            unit = self.units.get(thing)
            return unit.item_id if unit else None
        lot = self.lots.get(thing.lot_id)
        return lot.item_id if lot else None

    def lot_of(self, thing: Thing) -> str:
        """The number of its lot; empty where nothing is known of it."""
        if isinstance(thing, str):
            return self.units[thing].lot if thing in self.units else ""
        return self.lots[thing.lot_id].number if thing.lot_id in self.lots else ""

    def pieces(self, things: Iterable[Thing]) -> Counter[int]:
        """How many pieces of each item."""
        total: Counter[int] = Counter()
        for thing in things:
            item = self.item_of(thing)
            if item is not None:
                total[item] += 1 if isinstance(thing, str) else int(thing.quantity)
        return total


UNIT = (
    "epc",
    "id",
    "item_id",
    "lot_id",
    "status",
    "seq",
    "lot__number",
    "lot__expiry",
    "received_at",
    "place__path",
    "order_number",
    "reserved_for",
    "reserved_until",
)


def look_up(things: Sequence[Thing]) -> Known:
    """What is known of the things, in at most two statements."""
    epcs = [thing for thing in things if isinstance(thing, str)]
    lots = {thing.lot_id for thing in things if not isinstance(thing, str)}
    return Known(units=known_units(epcs), lots=Lot.objects.in_bulk(sorted(lots)) if lots else {})


def known_units(epcs: Sequence[str]) -> dict[str, KnownUnit]:
    """Units by canonical identity. One statement."""
    rows = Unit.objects.filter(epc__in=epcs).values_list(*UNIT) if epcs else []
    return {row[0]: KnownUnit(*row) for row in rows}


def name(thing: Thing) -> str:
    """How a thing is called in a refusal; a quantity by its lot."""
    return thing if isinstance(thing, str) else f"lot {thing.lot_id}"


def lines(
    things: Iterable[Thing], to_place_id: int | None = None, from_place_id: int | None = None
) -> tuple[Line, ...]:
    """One line a thing, all between the same places."""
    return tuple(Line(thing, to_place_id, from_place_id) for thing in things)


NAMED = re.compile(r"(lot|item) (\d{1,18})(?: (.+))?")


def lots_named(things: Iterable[str]) -> dict[int, str]:
    """Lot -> how it is called, of things by :func:`name` that are pieces of one. Pure."""
    named = {thing: NAMED.fullmatch(thing) for thing in things}
    return {int(match[2]): thing for thing, match in named.items() if match and match[1] == "lot"}


def lot_numbers(things: Iterable[str]) -> dict[str, str]:
    """Of things by :func:`name` those that are pieces of a lot, with the number that people know it by. One statement; none
    where all have an identity."""
    named = {
        thing: int(match[2]) for thing in things if (match := NAMED.fullmatch(thing)) and match[1] == "lot"
    }
    numbers = dict(Lot.objects.filter(pk__in=named.values()).values_list("pk", "number")) if named else {}
    return {thing: numbers.get(lot, thing) for thing, lot in named.items()}


def item_names(items: Iterable[int]) -> dict[int, str]:
    """Names of items in the reader's language. One statement."""
    return {key: item.name for key, item in Item.objects.in_bulk(sorted(set(items))).items()}
