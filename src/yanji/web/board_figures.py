"""The numbers of the board: what its cells add up to, each with the list of just what it counts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yanji.access.actor import Actor
from yanji.insight.board import Cell, Cut, Flow, Way
from yanji.insight.expiry import BIN_DAYS, NEVER, Bin
from yanji.ledger.api import Status
from yanji.places.models import Place

from .charts import CAME, WENT, expiry_bars, status_bars
from .home.tiles import Tile, only_at, tile, when
from .templatetags.yanji import amount, money_short

HELD = (Status.QUARANTINED, Status.RECALLED)


@dataclass(frozen=True, slots=True)
class Look:
    """What the address asks for: which part of the house, and what the picture measures."""

    cut: Cut
    place: Place | None = None
    measure: str = "pieces"
    wall: bool = False

    def address(self, name: str, actor: Actor, **query: Any) -> str:
        """The address of a page that keeps to the same part of the house."""
        kept = {"family": self.cut.family or None, "supplier": self.cut.supplier_id, **query}
        asked = urlencode({key: value for key, value in kept.items() if value is not None}, doseq=True)
        if "place" in query:
            return f"{reverse(name)}?{asked}"
        # The board's own pages look at what the reader may see figures of, if nothing else is asked.
        everywhere = only_at(actor, self.cut.paths) if name == "web:stock" else ""
        where = f"&place={self.place.pk}" if self.place else everywhere
        return f"{reverse(name)}?{asked}{where}"


def deliveries(number: int) -> str:
    return ngettext("%(n)s delivery", "%(n)s deliveries", number) % {"n": number}


class Figures:
    """What the cells add up to, each number with the list of just what it counts."""

    def __init__(self, found: Sequence[Cell], address: Callable[..., str]) -> None:
        self.found, self.address = found, address

    def of(self, keep: Callable[[Cell], bool] = lambda _cell: True) -> tuple[Decimal, Decimal]:
        """Pieces and CNY of the cells that are kept."""
        kept = [cell for cell in self.found if keep(cell)]
        return sum((c.quantity for c in kept), Decimal(0)), sum((c.value for c in kept), Decimal(0))

    def stock(self, **query: Any) -> str:
        """The list of the things themselves."""
        return self.address("web:stock", by="unit", **query)

    def tiles(self, passed: Sequence[Flow], under_way: Sequence[Way]) -> list[Tile]:
        came, went = (
            sum((f.quantity for f in passed if f.step in steps), Decimal(0)) for steps in (CAME, WENT)
        )
        passed_all = sum((flow.quantity for flow in passed), Decimal(0))
        moving = sum((way.quantity for way in under_way), Decimal(0))
        all_of, soon = self.of(), self.of(lambda cell: cell.bin == 1)
        past, held = self.of(lambda cell: cell.bin == 0), self.of(lambda cell: cell.status in HELD)
        in_out = _("In %(came)s · out %(went)s") % {"came": amount(came), "went": amount(went)}
        moved_today = self.address("web:moved")
        return [
            tile(_("On hand"), all_of[0], href=self.stock(), note=money_short(all_of[1]), key="on-hand", tone="ok"),
            tile(_("Moved today"), passed_all, href=moved_today, note=in_out, key="moved", tone="info"),
            tile(
                _("Under way"), moving, href="#y-ways", note=deliveries(len(under_way)),
                key="under-way", tone="info" if moving else "mute",
            ),
            tile(
                _("Expires within 30 days"), soon[0], href=self.stock(days=30), note=money_short(soon[1]),
                key="soon", tone=when(soon[0], "soon"),
            ),
            tile(
                _("Already expired"), past[0], href=self.stock(days=-1), note=money_short(past[1]),
                key="expired", tone=when(past[0], "bad"),
            ),
            tile(
                _("On hold or recalled"), held[0], href=self.stock(status=HELD),
                note=money_short(held[1]), key="held", tone=when(held[0], "bad"),
            ),
        ]  # fmt: skip

    def expiry(self) -> dict[str, Any]:
        ends = (*BIN_DAYS, None)
        bins = [Bin(days, *self.of(lambda cell, at=at: cell.bin == at)) for at, days in enumerate(ends)]
        firsts = (None, None, *(days + 1 for days in BIN_DAYS[1:]))
        asked = [{"days": days, "from": first} for first, days in zip(firsts, ends, strict=True)]
        never = self.of(lambda cell: cell.bin == NEVER)[0], self.stock(undated=1)
        return expiry_bars(bins, [self.stock(**query) for query in asked], never)

    def statuses(self) -> dict[str, Any]:
        known = [
            (status, self.of(lambda cell, status=status: cell.status == status)[0])
            for status in Status.values
        ]
        return status_bars([(status, q, self.stock(status=status)) for status, q in known if q])

    def campuses(self, places: Mapping[int, Place]) -> list[dict[str, Any]]:
        """On hand and value by campus, and within it by store and department, most value first."""
        groups: dict[int | None, dict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
        for cell in self.found:
            groups[cell.campus_id][cell.station_id].append(cell)

        def line(key: int | None, cells_of: Iterable[Cell]) -> dict[str, Any]:
            kept = list(cells_of)
            value = sum((cell.value for cell in kept), Decimal(0))
            return {
                "key": key or 0,
                "name": places[key].name if key in places else _("Elsewhere"),
                "quantity": sum((cell.quantity for cell in kept), Decimal(0)),
                "value": value,
                "href": self.stock(place=key or sorted({cell.station_id for cell in kept})),
            }  # fmt: skip

        most = max(
            (sum(c.value for c in cells_of) for by in groups.values() for cells_of in by.values()), default=0
        )
        found_campuses = [
            {
                **line(campus, [cell for cells_of in by.values() for cell in cells_of]),
                "stations": sorted(
                    ({**row, "share": round(100 * row["value"] / most) if most else 0}
                     for row in (line(key, cells_of) for key, cells_of in by.items())),
                    key=lambda row: -row["value"],
                ),
            }
            for campus, by in groups.items()
        ]  # fmt: skip
        return sorted(found_campuses, key=lambda row: -row["value"])
