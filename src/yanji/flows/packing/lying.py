"""What lies picked for a requisition or a transfer, and where: pieces of a lot that lie elsewhere are not those in a kit."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from yanji.ledger.api import LotQuantity

from ..models import Requisition, RequisitionLine
from ..queries import picked_for
from ..things import Thing
from ..transfer.models import Transfer, TransferLine
from ..transfer.state import in_hand
from .models import KitPick

Spots = Counter[tuple[int, int]]  # counted pieces by lot and place
ANYWHERE = 0  # the place of pieces of which only their lot is known


@dataclass(frozen=True, slots=True)
class Serves:
    """The document that kits are picked for: a requisition or a transfer."""

    requisition_id: int | None = None
    transfer_id: int | None = None

    def picks(self) -> QuerySet[KitPick]:
        return KitPick.objects.filter(requisition_id=self.requisition_id, transfer_id=self.transfer_id)

    def lying(self) -> tuple[set[str], Spots]:
        """What lies picked for it now: units, and pieces by lot and place. Two statements."""
        if self.transfer_id is not None:
            hand, _on_the_way = in_hand(self.transfer_id)
            spots: Spots = Counter()
            for portion in hand.lots:
                spots[portion.lot_id, portion.place_id] += portion.pieces
            return set(hand.units), spots
        assert self.requisition_id is not None, "one of the two"
        units, quantities = picked_for(self.requisition_id)
        return set(units), together(
            Counter({(lot, place): pieces}) for (lot, place, _owner), pieces in quantities.items()
        )

    def on_lines(self, items: Iterable[int]) -> dict[int, int]:
        """Item -> pieces that its lines count as lying picked. One statement."""
        asked = list(items)
        if self.transfer_id is not None:
            loads = TransferLine.objects.filter(transfer_id=self.transfer_id, item_id__in=asked)
            return {line.item_id: line.open_to_ship for line in loads}
        lines = RequisitionLine.objects.filter(requisition_id=self.requisition_id, item_id__in=asked)
        return {line.item_id: line.picked - line.issued for line in lines}


def serves(document: Requisition | Transfer) -> Serves:
    """A requisition, or a transfer, as what kits are picked for."""
    if isinstance(document, Transfer):
        return Serves(transfer_id=document.pk)
    return Serves(requisition_id=document.pk)


def served_by(pick: KitPick) -> Serves:
    return Serves(pick.requisition_id, pick.transfer_id)


def units_in(things: Iterable[Thing]) -> set[str]:
    return {thing for thing in things if isinstance(thing, str)}


def spots_in(things: Iterable[Thing]) -> Spots:
    total: Spots = Counter()
    for thing in things:
        if isinstance(thing, LotQuantity):
            total[thing.lot_id, thing.from_place_id] += int(thing.quantity)
    return total


def by_lot(spots: Spots) -> Counter[int]:
    lots = Counter[int]()
    for (lot, _place), pieces in spots.items():
        lots[lot] += pieces
    return lots


def together(spots: Iterable[Spots]) -> Spots:
    return sum(spots, Counter[tuple[int, int]]())


def found_among(own: Spots, lying: Spots) -> Spots:
    """Where pieces lie of which only the lot is known: wherever their lot does. Pure."""
    found: Spots = Counter()
    for (lot, place), pieces in own.items():
        if place != ANYWHERE:
            found[lot, place] += pieces
            continue
        left = pieces
        for there in (there for of, there in lying if of == lot):
            here = min(left, lying[lot, there] - found[lot, there])
            found[lot, there] += here
            left -= here
    return found
