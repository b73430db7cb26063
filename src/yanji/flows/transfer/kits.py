"""A kit goes with a transfer as one piece: it counts on its line once nothing of it is on its way any more, as arrived or, where
the last of it was given up, as lost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from yanji.ledger.api import LotQuantity

from ..packing.contents import Contents
from ..packing.lying import serves
from ..packing.models import KitPick
from ..packing.picked import lots_of, lying_kits, units_of
from ..states import KitPickState
from ..things import Thing
from .models import KitArrival, Transfer, TransferLine
from .state import Hand, in_hand, lines_of

Column = KitArrival.Column


@dataclass(frozen=True, slots=True)
class Going:
    """A kit that was sent, and what of it is on its way still: units, and pieces by lot."""

    kit: KitPick
    units: frozenset[str]
    lots: Counter[int]


@dataclass(frozen=True, slots=True)
class Part:
    """What of a kit an entry takes off the way, told as in the kit; ``last``: nothing of it is left there."""

    kit: KitPick
    things: list[dict[str, Any]]
    last: bool


def kits_going(transfer: Transfer) -> list[Going]:
    """Kits of which something is on its way, in the order in which they were picked. Two statements, one where there is none."""
    came = Prefetch("arrivals", KitArrival.objects.filter(undone=False), to_attr="came")
    sent = KitPick.objects.filter(transfer=transfer, outcome=KitPickState.ISSUED)
    found = []
    for kit in sent.select_related("box", "item").prefetch_related(came).order_by("pk"):
        gone = [thing for each in kit.came for thing in each.things]
        units = units_of(kit) - {thing["epc"] for thing in gone if "epc" in thing}
        lots = lots_of(kit)
        for thing in gone:
            lots[thing.get("lot", 0)] -= thing.get("quantity", 0)
        if units or +lots:
            found.append(Going(kit, frozenset(units), +lots))
    return found


def kits_among(transfer: Transfer, hand: Hand, wanted: Mapping[int, TransferLine]) -> list[Going]:
    """The same, asked only where it matters: of a kit itself there is no stock, so its line has pieces on the way and no hand
    has any of its item."""
    if any(line.on_the_way and item not in hand.items for item, line in wanted.items()):
        return kits_going(transfer)
    return []


def parts_of(
    kits: Sequence[Going], things: Sequence[Thing], boxes: Iterable[Contents], hand: Hand
) -> list[Part]:
    """What of each kit is among things that leave the way. Pure.

    Counted pieces belong to a kit that is named by its code, or with all its units; otherwise the loose ones went first.
    """
    units = {thing for thing in things if isinstance(thing, str)}
    left = _pieces(thing for thing in things if isinstance(thing, LotQuantity))
    loose = _pieces(portion.quantity() for portion in hand.lots)
    for going in kits:
        loose.subtract(going.lots)
    codes = {box.code for box in boxes}
    named = [each for each in kits if each.kit.box.code in codes or (each.units and each.units <= units)]
    found = [_part(each, units, left) for each in named]
    for lot, pieces in (+loose).items():
        left[lot] -= min(left[lot], pieces)
    found += [_part(each, units, left) for each in kits if each not in named]
    return [part for part in found if part.things]


def _pieces(quantities: Iterable[LotQuantity]) -> Counter[int]:
    total = Counter[int]()
    for each in quantities:
        total[each.lot_id] += int(each.quantity)
    return total


def _part(going: Going, units: set[str], left: Counter[int]) -> Part:
    """What of one kit is taken; its counted pieces are no more ``left`` for others."""
    things: list[dict[str, Any]] = []
    rest = bool(going.units - units)
    for thing in going.kit.things:
        if "epc" in thing:
            things += [thing] if thing["epc"] in going.units & units else []
            continue
        lot = thing["lot"]
        taken = min(going.lots[lot], left[lot])
        left[lot] -= taken
        rest = rest or taken < going.lots[lot]
        things += [{**thing, "quantity": taken}] if taken else []
    return Part(going.kit, things, last=not rest)


def counted(pieces: Mapping[int, int], parts: Iterable[Part]) -> dict[int, int]:
    """Pieces by item as the lines count them: of a kit one with the last of it, of what is in it none. Pure."""
    total = Counter(pieces)
    for part in parts:
        total.subtract(_told(part.things))
        total[part.kit.item_id] += part.last
    return {item: number for item, number in total.items() if number}


def _told(things: Iterable[Mapping[str, Any]]) -> Counter[int]:
    total = Counter[int]()
    for thing in things:
        total[thing["item"]] += thing.get("quantity", 1)
    return total


def keep_parts(parts: Iterable[Part], event_id: str, column: Column) -> None:
    """One statement; none without parts."""
    KitArrival.objects.bulk_create(
        KitArrival(kit=part.kit, event_id=event_id, things=part.things, counted=column if part.last else "")
        for part in parts
    )


def parts_taken_back(
    event_id: UUID | str, pieces: Mapping[int, int], column: Column
) -> dict[str, dict[int, int]]:
    """What arrived, or was given up (``column``), is on its way again: column -> item -> pieces that the lines count less. A
    kit of which something is on its way again has not arrived, whatever entry it was counted by. One statement; a few more
    where the entry took parts of kits off the way."""
    less = {each: Counter(pieces if each is column else {}) for each in Column}
    rows = list(KitArrival.objects.filter(event_id=event_id, undone=False))
    for row in rows:
        less[column].subtract(_told(row.things))
    if rows:
        kits = [row.kit_id for row in rows]
        for row in KitArrival.objects.filter(kit__in=kits).exclude(counted="").select_related("kit"):
            less[Column(row.counted)][row.kit.item_id] += 1
        KitArrival.objects.filter(kit__in=kits).exclude(counted="").update(counted="")
        KitArrival.objects.filter(pk__in=[row.pk for row in rows]).update(undone=True)
    return {of: {item: -number for item, number in found.items() if number} for of, found in less.items()}


def lines_now(transfer: Transfer) -> dict[int, TransferLine]:
    """The lines by item, with what really lies picked: a thing that was held or lost meanwhile must be picked again.

    Four statements; a few more where kits lie picked.
    """
    lines = lines_of(transfer)
    picked, _on_the_way = in_hand(transfer.pk)
    kits, loose = lying_kits(serves(transfer), picked.things)
    lying = picked.by_item(loose) + Counter(kit.item_id for kit in kits)
    for item, line in lines.items():
        line.picked = line.shipped + lying[item]
    return lines
