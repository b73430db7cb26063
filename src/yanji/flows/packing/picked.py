"""A kit that a requisition or a transfer asks for is picked, put back and handed over whole: it counts as one piece of the
kit."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from yanji.ledger.api import LotQuantity, Offence, Refused, virtual_places
from yanji.ledger.models import Lot, Movement

from ..documents import reached
from ..states import KitPickState
from ..things import Known, Thing
from .contents import Contents, contents
from .lying import (
    ANYWHERE,
    Serves,
    Spots,
    by_lot,
    found_among,
    served_by,
    spots_in,
    together,
    units_in,
)
from .models import Box, BoxKind, KitPick


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
    """Things less those that are in kits: units by identity, lots by quantity where they lie. Pure."""
    within = [thing for several in inside for thing in several]
    units, spots = units_in(within), spots_in(within)
    left: list[Thing] = []
    for thing in things:
        if isinstance(thing, str):
            left += [thing] if thing not in units else []
            continue
        rest = int(thing.quantity)
        for spot in ((thing.lot_id, thing.from_place_id), (thing.lot_id, ANYWHERE)):
            less = min(spots[spot], rest)
            spots[spot] -= less
            rest -= less
        if rest:
            left.append(replace(thing, quantity=Decimal(rest)))
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
    KitPick.objects.bulk_create(picked_rows(served, kits, known, event_id))


def picked_rows(served: Serves, kits: Sequence[Contents], known: Known, event_id: str) -> list[KitPick]:
    """What is to be kept of kits that were set aside. Pure."""
    return [
        KitPick(
            requisition_id=served.requisition_id, transfer_id=served.transfer_id, box_id=kit.id, item_id=kit.item_id,
            picked_event=event_id, things=[_told(thing, known) for thing in kit.things()],
        )
        for kit in kits
    ]  # fmt: skip


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
    picks, units, taken = _picks(served), units_in(picked), by_lot(spots_in(picked))
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
        LotQuantity(lot, Decimal(pieces), ANYWHERE)
        for lot, pieces in _left_of_torn(served, picks).items()
        if pieces
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
    lying, items = by_lot(served.lying()[1]), Counter[int]()
    for lot, item in Lot.objects.filter(pk__in=lying.keys()).values_list("pk", "item_id"):
        items[item] += lying[lot]
    for pick in picks:
        for thing in pick.things if not pick.outcome else ():
            items[thing["item"]] -= thing["quantity"] if "lot" in thing else 0
    for item, pieces in served.on_lines(torn.values()).items():
        items[item] -= pieces
    return Counter({lot: max(0, min(items[item], lying[lot])) for lot, item in torn.items()})


def _places_of(picks: Iterable[KitPick]) -> dict[int, Spots]:
    """Picked kit -> where its counted pieces lie. Three statements; none where no kit has any."""
    counted = {pick.pk: pick.box.code for pick in picks if lots_of(pick)}
    inside = contents(list(counted.values())) if counted else {}
    found: dict[int, Spots] = defaultdict(Counter)
    return found | {key: _spots_of(inside[code]) for key, code in counted.items()}


def _spots_of(box: Contents) -> Spots:
    """Where the counted pieces of a box lie. A box is still on its way while an entry of the same act brings its pieces back."""
    transit, spots = virtual_places().transit, Counter[tuple[int, int]]()
    for lot in box.lots:
        spots[lot.lot_id, ANYWHERE if lot.place_id == transit else lot.place_id] += lot.quantity
    return spots


def rest_of_torn(served: Serves, things: Sequence[Thing]) -> bool:
    """Whether all of it is what is left of kits that are not whole any more. One statement."""
    torn = [pick for pick in _picks(served) if pick.outcome]
    units = {unit for pick in torn for unit in units_of(pick)}
    lots = {lot for pick in torn for lot in lots_of(pick)}
    return all(thing in units if isinstance(thing, str) else thing.lot_id in lots for thing in things)


def _picks(served: Serves) -> list[KitPick]:
    found = served.picks().filter(outcome__in=("", KitPickState.TORN))
    return list(found.select_related("box", "item").order_by("pk"))


def chosen_kits(
    picks: Sequence[KitPick], things: Sequence[Thing], opened: Sequence[Contents], *, whole: bool
) -> list[KitPick]:
    """Of the picked kits those among the things: by their code, or with every unit and its pieces; all where ``whole``.

    Raises :class:`Refused` for a part of a kit alone: counted pieces are one where fewer would stay than the other kits hold.
    """
    units, taken, places = units_in(things), spots_in(things), _places_of(picks)
    codes = {box.code for box in opened}
    chosen = [
        pick
        for pick in picks
        if whole
        or pick.box.code in codes
        or (units_of(pick) and units_of(pick) <= units and places[pick.pk] <= taken)
    ]
    kept = [pick for pick in picks if pick not in chosen]
    parts = {unit: pick.box.code for pick in kept for unit in units_of(pick) & units}
    parts |= _short_of({pick: places[pick.pk] for pick in kept}, taken)
    offences = [Offence("part_of_kit", part, {"kit": code}) for part, code in sorted(parts.items())]
    held = together(places[pick.pk] for pick in chosen)
    lacking = [
        pick.box.code
        for pick in chosen
        if not units_of(pick) <= units or any(held[spot] > taken[spot] for spot in places[pick.pk])
    ]
    offences += [Offence("kit_torn", code) for code in lacking]
    if offences:
        raise Refused.of(offences)
    return chosen


def _short_of(kept: Mapping[KitPick, Spots], taken: Spots) -> dict[str, str]:
    """Lots of which kits would lack pieces when so many are taken from where they lie -> one such kit. Two statements; none
    without such lots there."""
    needed = together(kept.values())
    if not needed.keys() & taken.keys():
        return {}
    lying = served_by(next(iter(kept))).lying()[1]
    short = {spot for spot in needed.keys() & taken.keys() if needed[spot] > lying[spot] - taken[spot]}
    return {f"lot {lot}": pick.box.code for pick, own in kept.items() for lot, _place in own.keys() & short}


def pieces_with(known: Known, things: Sequence[Thing], picks: Sequence[KitPick]) -> Counter[int]:
    """Pieces of each item: of a kit one, of what is in it none. Three statements; none where no kit has counted pieces."""
    units = {unit for pick in picks for unit in units_of(pick)}
    spots = together(_places_of(picks).values())
    lots = [LotQuantity(lot, Decimal(pieces), place) for (lot, place), pieces in spots.items()]
    return known.pieces(without(things, units, lots)) + Counter(pick.item_id for pick in picks)


def _things_of(pick: KitPick) -> list[Thing]:
    lots = [LotQuantity(lot, Decimal(pieces), ANYWHERE) for lot, pieces in lots_of(pick).items()]
    return [*sorted(units_of(pick)), *lots]


def end(picks: Sequence[KitPick], outcome: str, event_id: str) -> None:
    """One statement; none without kits."""
    if picks:
        ids = [pick.pk for pick in picks]
        ended = reached("kit_pick", "end", outcome)
        KitPick.objects.filter(pk__in=ids).update(outcome=ended, ended_event=event_id)


def torn_by(served: Serves, things: Sequence[Thing], event_id: str) -> list[KitPick]:
    """Picked kits from which an entry took something: they are not whole any more. Of counted pieces the loose ones that lie
    where the kit does went first: the kits picked last are torn for which too few are left. Seven statements at most."""
    picks, units, taken = picked_kits(served), units_in(things), spots_in(things)
    torn = [pick for pick in picks if units_of(pick) & units]
    places = _places_of([pick for pick in picks if pick not in torn]) if taken else {}
    needed = together(places.values())
    lying = served.lying()[1] if needed.keys() & taken.keys() else needed
    for pick in reversed(picks):
        own = places.get(pick.pk, Counter())
        if any(needed[spot] > lying[spot] for spot in own.keys() & taken.keys()):
            torn.append(pick)
            needed -= own
    end(torn, KitPickState.TORN, event_id)
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
    moved = Counter[str | int]()
    rows = Movement.objects.filter(event_id=event_id)
    for epc, lot, quantity in rows.values_list("unit__epc", "lot_id", "quantity"):
        moved[epc or lot] += int(quantity)
    for pick in kits:
        for thing in pick.things:
            key = thing.get("epc", thing.get("lot"))
            # Of a torn kit it may have been a part.
            inside = min(thing.get("quantity", 1), moved[key])
            moved[key] -= inside
            found[thing["item"]] -= sign * inside
        if pick.ended_event != UUID(str(event_id)) or pick.pk in again:
            found[pick.item_id] += sign
    return found


def _whole_again(event_id: UUID | str) -> list[KitPick]:
    """Of the kits that an entry ended those of which everything lies picked again, and is in the kit still."""
    ended = list(KitPick.objects.filter(ended_event=event_id).select_related("box").order_by("pk"))
    if not ended:
        return []
    units, lying = served_by(ended[0]).lying()
    inside = contents([pick.box.code for pick in ended])
    lying -= together(_places_of(picked_kits(served_by(ended[0]))).values())
    whole = []
    for pick in ended:
        box = inside[pick.box.code]
        own = found_among(_spots_of(box), lying)
        there = units_of(pick) <= units & {unit.epc for unit in box.units}
        if there and own <= lying and lots_of(pick) <= by_lot(own):
            lying -= own
            whole.append(pick)
    return whole


def undo(event_id: UUID | str, correcting: str) -> None:
    """An entry was taken back: kits that it picked lie there no more, those that it ended lie picked again where nothing of
    them went its own way since. What is left of the others goes back."""
    again = _whole_again(event_id)
    for pick in again:
        pick.outcome, pick.ended_event = "", None
        reached("kit_pick", "reopen", pick.state)
    KitPick.objects.bulk_update(again, ["outcome", "ended_event"])
    KitPick.objects.filter(picked_event=event_id, outcome="").update(
        outcome=reached("kit_pick", "take_back", KitPickState.PUT_BACK), ended_event=correcting
    )
