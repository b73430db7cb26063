"""Who sits before a form, and how much goes into it: a site in which ``count`` rows are about to be sent."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.flows.site import Site
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.access.models import Person
from yanji.catalog.models import Item

Form = tuple[str, dict[str, Any]]  # the address, and what is sent to it


@dataclass
class Desk:
    """The hospital of the flows' tests, and a form of ``count`` rows, which ``sender`` sends from a browser with ``cookies``."""

    here: Site
    how_many: int
    sender: Person
    grows: bool = False  # whether the form asked how many rows there are
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        self.grows = True
        return self.how_many

    @cached_property
    def room(self) -> Room:
        return Room(self.here)

    @cached_property
    def items(self) -> list[Item]:
        """So many items, each a row of its own."""
        more = [
            Item.objects.create(code=unique("ROW"), name_zh="缝线", tracking="lot", temperature_class="room")
            for _ in range(self.count - 1)
        ]
        return [self.here.h.item, *more]

    def serials(self) -> list[str]:
        return [unique("S") for _ in range(self.count)]

    def lines(self, act: str, **more: Any) -> dict[str, Any]:
        """Rows of items with a quantity and a price."""
        rows = {"item": [item.pk for item in self.items]}
        typed = {f"quantity:{item.pk}": "2" for item in self.items} | {
            f"price:{item.pk}": "90" for item in self.items
        }
        return {"key": key(act), **rows, **typed, **more}

    def rows(self, act: str, serials: list[str], lot: str = "L1", **more: Any) -> dict[str, Any]:
        """Rows of units, as they were scanned. Each counts as one piece of the site's item."""
        scans = [self.here.scan(serial, lot=lot) for serial in serials]
        count = len(scans)
        shown = {
            "line": scans,
            "row": [f"row {n}" for n in range(count)],
            "of": [self.here.h.item.pk] * count,
        }
        return {"key": key(act), **shown, **more}

    def stocked(self, **fields: Any) -> list[str]:
        """So many units in the store; their serial numbers."""
        return serials_of(self.here.stocked(self.count, **fields))

    def in_theatre(self, **fields: Any) -> list[str]:
        return serials_of(self.room.units(self.count, **fields))

    def epcs(self, serials: list[str]) -> list[str]:
        return [f"01/06901234500011/21/{serial}" for serial in serials]

    def ordered(self) -> int:
        """An order with a line for each item."""
        return self.here.order(*((item, 2) for item in self.items)).id


def serials_of(epcs: list[str]) -> list[str]:
    return [epc.rpartition("/")[2] for epc in epcs]


def key(act: str) -> str:
    return f"{act}:{unique('k')}"


def money(count: int, price: int = 100) -> str:
    return str(Decimal(count * price))
