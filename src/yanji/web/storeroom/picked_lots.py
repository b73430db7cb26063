"""Counted goods that lie picked: named lot by lot, and put back by the piece."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest
from django.utils.translation import gettext as _

from yanji.flows.packing.lying import ANYWHERE
from yanji.flows.packing.models import KitPick
from yanji.flows.packing.picked import lots_of, without
from yanji.flows.things import Thing
from yanji.ledger.api import LotQuantity
from yanji.ledger.models import Lot

from ..flow.sent import Sent, number_in


@dataclass(frozen=True, slots=True)
class PickedLot:
    """Pieces of a lot that lie picked at a place, and whose they are."""

    lot: Lot
    pieces: int
    spot: str


def picked_lots(things: Iterable[Thing], kits: Sequence[KitPick]) -> list[PickedLot]:
    """Of what lies picked the counted pieces that are in no kit. One statement; none without counted pieces."""
    inside = [
        LotQuantity(lot, Decimal(pieces), ANYWHERE) for kit in kits for lot, pieces in lots_of(kit).items()
    ]
    portions = [thing for thing in things if isinstance(thing, LotQuantity)]
    loose = [thing for thing in without(portions, inside) if isinstance(thing, LotQuantity)]
    lots = Lot.objects.select_related("item").in_bulk([each.lot_id for each in loose]) if loose else {}
    return [PickedLot(lots[each.lot_id], int(each.quantity), _spot(each)) for each in loose]


def _spot(portion: LotQuantity) -> str:
    return f"{portion.lot_id}:{portion.from_place_id}:{portion.owner_id or ''}"


def sent_back(request: HttpRequest) -> list[Thing]:
    """What is to be put back: units and kits by their code, or so many pieces of one lot where they lie.

    Raises :class:`Refused` for a number of pieces that is none.
    """
    things: list[Thing] = [epc for epc in request.POST.getlist("epc") if epc]
    lot, place, owner = (number_in(part) for part in [*request.POST.get("lot", "").split(":"), "", ""][:3])
    if lot is not None and place is not None:
        sent = Sent(request.POST)
        pieces = sent.whole(request.POST.get("pieces", ""), _("Quantity"))
        sent.check()
        things.append(LotQuantity(lot, Decimal(pieces), place, owner))
    return things


def pieces_of(things: Iterable[Thing]) -> int:
    """How many pieces are put back: a unit or a kit is one."""
    return sum(1 if isinstance(thing, str) else int(thing.quantity) for thing in things)
