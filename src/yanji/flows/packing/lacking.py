"""What a department lacks of what was handed over to it is open to pick again: of a kit the kit, once, whatever is gone of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ..states import KitPickState
from .models import KitPick
from .picked import lots_of, units_of


@dataclass(frozen=True, slots=True)
class Gone:
    """A unit (``epc``), or pieces of a counted lot, of an item, that will not reach the department."""

    item_id: int
    lot_id: int
    epc: str = ""
    pieces: int = 1


@dataclass(slots=True)
class Handed:
    """A kit that was handed over, and what of its counted pieces is not known to be gone."""

    item_id: int
    units: frozenset[str]
    lots: Counter[int]
    whole: bool = True


@dataclass(slots=True)
class Lacking:
    """What is lacking, thing by thing. ``loose``: counted pieces by lot that were in no kit. Pure.

    Counted pieces do not say which of them are gone. Boxes are taken to arrive before what is loose, so loose ones are gone
    as long as these are enough; then what is left of kits that are not whole; then of the kits picked last.
    """

    kits: Sequence[Handed]
    loose: Counter[int]
    items: Counter[int] = field(default_factory=Counter)

    def take(self, gone: Gone) -> None:
        if not gone.epc:
            self._take_pieces(gone)
        elif kit := next((kit for kit in self.kits if gone.epc in kit.units), None):
            self._tear(kit)
        else:
            self.items[gone.item_id] += 1

    def _take_pieces(self, gone: Gone) -> None:
        lot, left = gone.lot_id, gone.pieces
        torn, whole = ([kit for kit in self.kits if kit.whole is of] for of in (False, True))
        for kit in (*torn, *reversed(whole)):
            if left <= self.loose[lot]:
                break
            out = min(left, kit.lots[lot])
            if out:
                self._tear(kit)
                kit.lots[lot] -= out
                left -= out
        self.loose[lot] -= left
        self.items[gone.item_id] += left

    def _tear(self, kit: Handed) -> None:
        self.items[kit.item_id] += kit.whole
        kit.whole = False


def lacking(gone: Sequence[Gone], picks: Sequence[KitPick], handed: Mapping[int, int]) -> Counter[int]:
    """Pieces by item that are lacking for what is gone, in that order. ``handed``: pieces of each lot handed over. Pure."""
    kits = [Handed(pick.item_id, frozenset(units_of(pick)), lots_of(pick)) for pick in picks]
    loose = Counter(handed)
    for kit in kits:
        loose.subtract(kit.lots)
    found = Lacking(kits, loose)
    for each in gone:
        found.take(each)
    return found.items


def handed_kits(event_id: UUID) -> list[KitPick]:
    """The kits that an entry handed over whole, as they were picked. One statement."""
    return list(KitPick.objects.filter(ended_event=event_id, outcome=KitPickState.ISSUED).order_by("pk"))
