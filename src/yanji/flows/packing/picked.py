"""A kit that a requisition or a transfer asks for is picked, put back and handed over whole: it counts as one piece of the
kit."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from yanji.ledger.api import LotQuantity, Offence, Refused
from yanji.ledger.models import Lot, Movement

from ..models import Requisition, RequisitionLine
from ..queries import picked_for
from ..things import Known, Thing
from ..transfer.models import Transfer, TransferLine
from ..transfer.state import in_hand
from .contents import Contents, contents
from .models import Box, BoxKind, KitPick

Outcome = KitPick.Outcome


@dataclass(frozen=True, slots=True)
class Serves:
    """The document that kits are picked for: a requisition or a transfer."""

    requisition_id: int | None = None
    transfer_id: int | None = None

    def picks(self) -> QuerySet[KitPick]:
        return KitPick.objects.filter(requisition_id=self.requisition_id, transfer_id=self.transfer_id)

    def lying(self) -> tuple[set[str], Counter[int]]:
        """What lies picked for it now: units, and pieces by lot. Two statements."""
        lots = Counter[int]()
        if self.transfer_id is not None:
            hand, _on_the_way = in_hand(self.transfer_id)
            for portion in hand.lots:
                lots[portion.lot_id] += portion.pieces
            return set(hand.units), lots
        assert self.requisition_id is not None, "one of the two"
        units, quantities = picked_for(self.requisition_id)
        for (lot, _place), pieces in quantities.items():
            lots[lot] += pieces
        return set(units), lots

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


def _served(pick: KitPick) -> Serves:
    return Serves(pick.requisition_id, pick.transfer_id)


def asked_as_kits(boxes: Iterable[Contents], wanted: Iterable[int]) -> list[Contents]:
    """The boxes that are kits which are asked for as such; all others are what is in them. Pure."""
    items = set(wanted)
    return [box for box in boxes if box.kind == BoxKind.KIT and box.item_id in items]


def against_kits(
    kits: Sequence[Contents], open_to: Mapping[int, int], names: Mapping[int, str], number: str
) -> Iterator[Offence]:
    """Torn kits, and more of them than are asked for. Pure."""
    counted = Counter(kit.item_id for kit in kits)
    for kit in kits:
        assert kit.item_id is not None, "a kit that is asked for is one of an item"
        if kit.pieces_out or not (kit.units or kit.lots):
            yield Offence("kit_torn", kit.code)
        elif counted[kit.item_id] > open_to[kit.item_id]:
            facts: dict[str, object] = {
                "item": names.get(kit.item_id, ""), "wanted": counted[kit.item_id], "open": open_to[kit.item_id],
                "requisition": number,
            }  # fmt: skip
            yield Offence("over_picked", kit.code, facts)


def without(things: Sequence[Thing], *inside: Iterable[Thing]) -> list[Thing]:
    """Things less those that are in kits: units by identity, lots by quantity. Pure."""
    units = {thing for several in inside for thing in several if isinstance(thing, str)}
    lots = Counter[int]()
    for each in (thing for several in inside for thing in several if isinstance(thing, LotQuantity)):
        lots[each.lot_id] += int(each.quantity)
    left: list[Thing] = []
    for thing in things:
        if isinstance(thing, str):
            left += [thing] if thing not in units else []
            continue
        less = min(lots[thing.lot_id], int(thing.quantity))
        lots[thing.lot_id] -= less
        if less < thing.quantity:
            left.append(replace(thing, quantity=thing.quantity - less))
    return left


def check_unopened(kits: Sequence[Contents]) -> None:
    """Raises :class:`Refused` for a kit that somebody opened since it was read; from here on who opens one waits. Four
    statements; none without kits."""
    if not kits:
        return
    list(
        Box.objects.select_for_update()
        .filter(pk__in=[kit.id for kit in kits])
        .order_by("pk")
        .values_list("pk")
    )
    now = contents([kit.code for kit in kits])
    torn = [kit.code for kit in kits if set(now[kit.code].things()) != set(kit.things())]
    if torn:
        raise Refused.of(Offence("kit_torn", code) for code in torn)


def keep_picked(served: Serves, kits: Sequence[Contents], known: Known, event_id: str) -> None:
    """One statement; none without kits."""
    KitPick.objects.bulk_create(
        KitPick(
            requisition_id=served.requisition_id, transfer_id=served.transfer_id, box_id=kit.id, item_id=kit.item_id,
            picked_event=event_id, things=[_told(thing, known) for thing in kit.things()],
        )
        for kit in kits
    )  # fmt: skip


def _told(thing: Thing, known: Known) -> dict[str, Any]:
    if isinstance(thing, str):
        return {"epc": thing, "item": known.item_of(thing)}
    return {"lot": thing.lot_id, "quantity": int(thing.quantity), "item": known.item_of(thing)}


def units_of(pick: KitPick) -> set[str]:
    return {thing["epc"] for thing in pick.things if "epc" in thing}


def lots_of(pick: KitPick) -> Counter[int]:
    return Counter({thing["lot"]: thing["quantity"] for thing in pick.things if "lot" in thing})


def picked_kits(served: Serves) -> list[KitPick]:
    """Kits that lie picked for a document. One statement."""
    return [pick for pick in _picks(served) if not pick.outcome]


def whole_kits(served: Serves, picked: Sequence[Thing]) -> list[KitPick]:
    """The same. Raises :class:`Refused` where something of a kit that is not whole any more lies picked: it goes back first."""
    picks, units, taken = _picks(served), _units_in(picked), _lots_in(picked)
    left = _left_of_torn(served, picks)
    torn = [
        pick.box.code
        for pick in picks
        if pick.outcome and (units_of(pick) & units or any(left[lot] and taken[lot] for lot in lots_of(pick)))
    ]
    if torn:
        raise Refused.of(Offence("kit_torn", code) for code in torn)
    return [pick for pick in picks if not pick.outcome]


def lying_kits(served: Serves, things: Sequence[Thing]) -> tuple[list[KitPick], list[Thing]]:
    """Of what lies picked for a document the whole kits, and the things that belong to none: neither to these nor to what is
    left of a torn one. One statement; four more where a torn kit held counted pieces."""
    picks = _picks(served)
    left = [
        LotQuantity(lot, Decimal(pieces), 0) for lot, pieces in _left_of_torn(served, picks).items() if pieces
    ]
    torn = [unit for pick in picks if pick.outcome for unit in units_of(pick)]
    whole = [pick for pick in picks if not pick.outcome]
    return whole, without(things, *(_things_of(pick) for pick in whole), torn, left)


def _left_of_torn(served: Serves, picks: Sequence[KitPick]) -> Counter[int]:
    """Counted pieces by lot that lie picked as the rest of kits which are not whole any more: no line and no kit has them.
    Four statements; none where no torn kit held any."""
    torn = {
        thing["lot"]: thing["item"]
        for pick in picks
        if pick.outcome
        for thing in pick.things
        if "lot" in thing
    }
    if not torn:
        return Counter()
    lying, items = served.lying()[1], Counter[int]()
    for lot, item in Lot.objects.filter(pk__in=lying.keys()).values_list("pk", "item_id"):
        items[item] += lying[lot]
    for pick in picks:
        for thing in pick.things if not pick.outcome else ():
            items[thing["item"]] -= thing["quantity"] if "lot" in thing else 0
    for item, pieces in served.on_lines(torn.values()).items():
        items[item] -= pieces
    return Counter({lot: max(0, min(items[item], lying[lot])) for lot, item in torn.items()})


def _units_in(things: Iterable[Thing]) -> set[str]:
    return {thing for thing in things if isinstance(thing, str)}


def _lots_in(things: Iterable[Thing]) -> Counter[int]:
    total = Counter[int]()
    for thing in things:
        if isinstance(thing, LotQuantity):
            total[thing.lot_id] += int(thing.quantity)
    return total


def _lots_of_all(picks: Iterable[KitPick]) -> Counter[int]:
    return sum((lots_of(pick) for pick in picks), Counter[int]())


def rest_of_torn(served: Serves, things: Sequence[Thing]) -> bool:
    """Whether all of it is what is left of kits that are not whole any more. One statement."""
    torn = [pick for pick in _picks(served) if pick.outcome]
    units = {unit for pick in torn for unit in units_of(pick)}
    lots = {lot for pick in torn for lot in lots_of(pick)}
    return all(thing in units if isinstance(thing, str) else thing.lot_id in lots for thing in things)


def _picks(served: Serves) -> list[KitPick]:
    found = served.picks().filter(outcome__in=("", Outcome.TORN))
    return list(found.select_related("box", "item").order_by("pk"))


def chosen_kits(
    picks: Sequence[KitPick], things: Sequence[Thing], opened: Sequence[Contents], *, whole: bool
) -> list[KitPick]:
    """Of the picked kits those among the things: by their code, or with every unit and its pieces; all where ``whole``.

    Raises :class:`Refused` for a part of a kit alone: counted pieces are one where fewer would stay than the other kits hold.
    """
    units, lots = _units_in(things), _lots_in(things)
    codes = {box.code for box in opened}
    chosen = [
        pick
        for pick in picks
        if whole
        or pick.box.code in codes
        or (units_of(pick) and units_of(pick) <= units and lots_of(pick) <= lots)
    ]
    kept = [pick for pick in picks if pick not in chosen]
    parts = {unit: pick.box.code for pick in kept for unit in units_of(pick) & units} | _short_of(kept, lots)
    offences = [Offence("part_of_kit", part, {"kit": code}) for part, code in sorted(parts.items())]
    held = _lots_of_all(chosen)
    lacking = [
        pick.box.code
        for pick in chosen
        if not units_of(pick) <= units or any(held[lot] > lots[lot] for lot in lots_of(pick))
    ]
    offences += [Offence("kit_torn", code) for code in lacking]
    if offences:
        raise Refused.of(offences)
    return chosen


def _short_of(kept: Sequence[KitPick], taken: Counter[int]) -> dict[str, str]:
    """Lots of which kits would lack pieces when so many are taken -> one such kit. Two statements; none without such lots."""
    needed = _lots_of_all(kept)
    if not needed.keys() & taken.keys():
        return {}
    lying = _served(kept[0]).lying()[1]
    short = {lot for lot in needed.keys() & taken.keys() if needed[lot] > lying[lot] - taken[lot]}
    return {f"lot {lot}": pick.box.code for pick in kept for lot in lots_of(pick).keys() & short}


def pieces_with(known: Known, things: Sequence[Thing], picks: Sequence[KitPick]) -> Counter[int]:
    """Pieces of each item: of a kit one, of what is in it none. Pure."""
    inside = [thing for pick in picks for thing in _things_of(pick)]
    return known.pieces(without(things, inside)) + Counter(pick.item_id for pick in picks)


def _things_of(pick: KitPick) -> list[Thing]:
    lots = [LotQuantity(lot, Decimal(pieces), 0) for lot, pieces in lots_of(pick).items()]
    return [*sorted(units_of(pick)), *lots]


def end(picks: Sequence[KitPick], outcome: str, event_id: str) -> None:
    """One statement; none without kits."""
    if picks:
        ids = [pick.pk for pick in picks]
        KitPick.objects.filter(pk__in=ids).update(outcome=outcome, ended_event=event_id)


def torn_by(served: Serves, things: Sequence[Thing], event_id: str) -> list[KitPick]:
    """Picked kits from which an entry took something: they are not whole any more. Of counted pieces the loose ones went
    first: the kits picked last are torn for which too few are left. Four statements at most."""
    picks, units, taken = picked_kits(served), _units_in(things), _lots_in(things)
    torn = [pick for pick in picks if units_of(pick) & units]
    whole = [pick for pick in picks if pick not in torn]
    needed = _lots_of_all(whole)
    lying = served.lying()[1] if needed.keys() & taken.keys() else needed
    for pick in reversed(whole):
        if any(needed[lot] > lying[lot] for lot in lots_of(pick).keys() & taken.keys()):
            torn.append(pick)
            needed -= lots_of(pick)
    end(torn, Outcome.TORN, event_id)
    return torn


def taken_back(event_id: UUID | str, pieces: Mapping[int, int], sign: int) -> Counter[int]:
    """Pieces by item of an entry about picked things, kits counted as such; one that lies here in part counts on no line.
    A few statements at most."""
    found = Counter(pieces)
    kits = list(
        KitPick.objects.filter(Q(picked_event=event_id) | Q(ended_event=event_id)).select_related("box")
    )
    if not kits:
        return found
    again = {pick.pk for pick in _whole_again(event_id)}
    rows = Movement.objects.filter(event_id=event_id).values_list("unit__epc", "lot_id")
    moved = {key for row in rows for key in row if key is not None}
    for pick in kits:
        for thing in pick.things:
            if thing.get("epc", thing.get("lot")) in moved:
                found[thing["item"]] -= sign * thing.get("quantity", 1)
        if pick.ended_event != UUID(str(event_id)) or pick.pk in again:
            found[pick.item_id] += sign
    return found


def _whole_again(event_id: UUID | str) -> list[KitPick]:
    """Of the kits that an entry ended those of which everything lies picked again, and is in the kit still."""
    ended = list(KitPick.objects.filter(ended_event=event_id).select_related("box").order_by("pk"))
    if not ended:
        return []
    units, lots = _served(ended[0]).lying()
    inside = contents([pick.box.code for pick in ended])
    lots -= _lots_of_all(picked_kits(_served(ended[0])))
    whole = []
    for pick in ended:
        box = inside[pick.box.code]
        packed = Counter({lot.lot_id: lot.quantity for lot in box.lots})
        own = lots_of(pick)
        if units_of(pick) <= units & {unit.epc for unit in box.units} and own <= lots and own <= packed:
            lots -= own
            whole.append(pick)
    return whole


def undo(event_id: UUID | str, correcting: str) -> None:
    """An entry was taken back: kits that it picked lie there no more, those that it ended lie picked again where nothing of
    them went its own way since. What is left of the others goes back."""
    again = [pick.pk for pick in _whole_again(event_id)]
    KitPick.objects.filter(pk__in=again).update(outcome="", ended_event=None)
    KitPick.objects.filter(picked_event=event_id, outcome="").update(
        outcome=Outcome.PUT_BACK, ended_event=correcting
    )
