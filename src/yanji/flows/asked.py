"""What a document asks for, and whose turn it is: what speaks against things that are picked for it, and which of them need a
reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yanji.ledger.api import Offence, first_received

from .models import Requisition, RequisitionLine
from .packing.contents import Contents
from .packing.picked import against_kits, asked_as_kits, without
from .reserving.kept import not_kept, numbers_of, rows_of
from .reserving.models import ReservedLot
from .things import Known, Thing, name
from .turn import Asking, Barred, Next, Policy, Waiting, first_left_of_each, kept_lots, out_of_turn


def not_requested(
    number: str, open_to: Mapping[int, int], known: Known, things: Sequence[Thing], names: Mapping[int, str]
) -> Iterator[Offence]:
    """Things of items for which a requisition of that number does not ask. Pure."""
    for thing in things:
        item = known.item_of(thing)
        if item is not None and item not in open_to:
            yield Offence("not_requested", name(thing), {"item": names.get(item, ""), "requisition": number})


def check_asked(
    requisition: Asking,
    open_to: Mapping[int, int],
    known: Known,
    things: Sequence[Thing],
    names: Mapping[int, str],
) -> Iterator[Offence]:
    """Only what was asked for, and no more of it. Pure."""
    yield from not_requested(requisition.number, open_to, known, things, names)
    for item, wanted in known.pieces(things).items():
        if item in open_to and wanted > open_to[item]:
            facts: dict[str, object] = {
                "item": names.get(item, ""),
                "wanted": wanted,
                "open": open_to[item],
                "requisition": requisition.number,
            }
            yield Offence("over_picked", names.get(item, ""), facts)


def against_asked(
    requisition: Asking,
    open_to: Mapping[int, int],
    known: Known,
    things: Sequence[Thing],
    boxes: Sequence[Contents],
    names: Mapping[int, str],
) -> tuple[list[Thing], list[Contents], list[Offence]]:
    """What is taken loose, the boxes that are taken as kits, and what was not asked for of both. Pure."""
    kits = asked_as_kits(boxes, open_to)
    loose = without(things, *(kit.things() for kit in kits))
    offences = list(check_asked(requisition, open_to, known, loose, names))
    return loose, kits, [*offences, *against_kits(kits, open_to, names, requisition.number)]


def overridden(
    things: Sequence[Thing],
    known: Known,
    left: Mapping[int, Next],
    policy: Policy,
    came: Mapping[int, datetime] | None = None,
) -> dict[str, Next]:
    """Things taken out of turn -> what should have gone before them. Pure.

    ``came``: since when each lot among the things is here; by FIFO only.
    """
    found: dict[str, Next] = {}
    for thing in things:
        item = known.item_of(thing)
        if item is None or item not in left:
            continue
        if isinstance(thing, str):
            unit = known.units[thing]
            late = out_of_turn(unit.expiry, unit.received_at, left[item], policy)
        else:
            at = (came or {}).get(thing.lot_id)
            late = out_of_turn(known.lots[thing.lot_id].expiry, at, left[item], policy)
        if late:
            found[name(thing)] = left[item]
    return found


@dataclass(frozen=True, slots=True)
class Portion:
    """Things that are to be taken for one document, known by ``numbers`` (:func:`.reserving.kept.numbers_of`). ``items``: those
    of which turns matter; ``beside``: what is taken for others at the same moment, and is no more in turn."""

    items: Sequence[int]
    things: Sequence[Thing]
    numbers: Sequence[str]
    beside: Sequence[Thing] = ()

    def waiting(self) -> Waiting:
        counted = [thing for thing in (*self.things, *self.beside) if not isinstance(thing, str)]
        lots = [(each.lot_id, each.from_place_id, int(each.quantity)) for each in counted]
        return Waiting(self.items, self.numbers, lots)


def out_of_turn_now(
    document: Asking,
    items: Sequence[int],
    known: Known,
    things: Sequence[Thing],
    *,
    policy: Policy,
    at: datetime,
    barred: Barred = (),
) -> dict[str, Next]:
    """The same, against what lies in the store now; what is kept for the document is in turn. Two statements; one more where
    it is for a case, and where lots are counted, by FIFO three."""
    portion = Portion(items, things, numbers_of(document))
    [found] = out_of_turn_of_each(
        [portion],
        known,
        rows_of(things, portion.numbers),
        path=document.store.path,
        policy=policy,
        at=at,
        barred=barred,
    )
    return found


def out_of_turn_of_each(
    portions: Sequence[Portion],
    known: Known,
    kept: Sequence[ReservedLot],
    *,
    path: str,
    policy: Policy,
    at: datetime,
    barred: Barred = (),
) -> list[dict[str, Next]]:
    """The same of several documents that one store serves, with their numbers. ``kept``: see :func:`.reserving.kept.rows_of`.
    Named as first is what their pick lists have first. The same statements however many; one more where pieces of a lot are out
    of turn, by FIFO two."""
    waiting, today = [portion.waiting() for portion in portions], timezone.localdate(at)
    left = first_left_of_each(
        waiting, path=path, taken=list(known.units), policy=policy, today=today, now=at, barred=barred,
    )  # fmt: skip
    things = [thing for portion in portions for thing in portion.things]
    lots = {thing.lot_id for thing in things if not isinstance(thing, str)}
    came = first_received(sorted(lots)) if policy == "fifo" else {}
    late = [
        overridden(not_kept(portion.things, known, portion.numbers, at, kept), known, first, policy, came)
        for portion, first in zip(portions, left, strict=True)
    ]
    counted = any(first.lot for each in late for first in each.values())
    own_lots = kept_lots(waiting, path=path, policy=policy, today=today, barred=barred) if counted else []
    return [
        {thing: first.listed or own.get(first.item_id) or first for thing, first in each.items()}
        for each, own in zip(late, own_lots or [dict[int, Next]()] * len(late), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class ReasonNeeded:
    """Why a thing needs a reason to be taken: what should be taken in its stead, and what is said."""

    instead_of: str
    offence: Offence


@dataclass(frozen=True, slots=True)
class Taken:
    """Things for one requisition: those that are taken ``loose``, of what it wants; ``beside``: see :class:`Portion`."""

    requisition: Requisition
    wanted: Mapping[int, RequisitionLine]
    loose: Sequence[Thing]
    numbers: Sequence[str]
    beside: Sequence[Thing] = ()

    @property
    def fixed(self) -> dict[int, str]:
        """Items of which one lot alone is wanted: turns do not matter."""
        return {item: line.lot for item, line in self.wanted.items() if line.lot}

    @property
    def portion(self) -> Portion:
        return Portion(sorted(self.wanted.keys() - self.fixed.keys()), self.loose, self.numbers, self.beside)


def reasons_needed(
    requisition: Requisition,
    wanted: Mapping[int, RequisitionLine],
    known: Known,
    things: Sequence[Thing],
    *,
    policy: Policy,
    at: datetime,
) -> dict[str, ReasonNeeded]:
    """Things out of turn, and of another lot than was asked for. Where a lot is asked for, turns do not matter."""
    taken = Taken(requisition, wanted, things, numbers_of(requisition))
    [found] = reasons_needed_by_each(
        [taken], known, rows_of(things, taken.numbers), path=requisition.store.path, policy=policy, at=at
    )
    return found


def reasons_needed_by_each(
    taken: Sequence[Taken],
    known: Known,
    kept: Sequence[ReservedLot],
    *,
    path: str,
    policy: Policy,
    at: datetime,
) -> list[dict[str, ReasonNeeded]]:
    """The same of several requisitions that one store serves; the same statements however many."""
    late = out_of_turn_of_each([each.portion for each in taken], known, kept, path=path, policy=policy, at=at)
    return [_reasons(each, first, known, policy) for each, first in zip(taken, late, strict=True)]


def _reasons(taken: Taken, late: Mapping[str, Next], known: Known, policy: Policy) -> dict[str, ReasonNeeded]:
    found = {
        thing: ReasonNeeded(first.name, reason_needed(thing, first, known, policy))
        for thing, first in late.items()
    }
    for thing, lot in other_lots(taken.loose, known, taken.fixed).items():
        facts = {"lot": lot, "requisition": taken.requisition.number}
        found[thing] = ReasonNeeded(lot, Offence("other_lot_asked", thing, facts))
    return found


def other_lots(things: Sequence[Thing], known: Known, fixed: Mapping[int, str]) -> dict[str, str]:
    """Things of another lot than the one asked for -> the one asked for. Pure.

    ``fixed``: item -> number of the lot that alone is wanted of it.
    """
    asked = ((thing, fixed.get(known.item_of(thing) or 0)) for thing in things)
    return {name(thing): lot for thing, lot in asked if lot and known.lot_of(thing) != lot}


def reason_needed(thing: str, first: Next, known: Known, policy: Policy) -> Offence:
    """What is said of something taken out of turn: what comes before it, and by what."""
    english = (get_language() or "").startswith("en")
    place = first.place_en if english and first.place_en else first.place_zh
    if first.kept:
        why = _("kept for this")
    elif policy == "fifo":
        day = timezone.localdate(first.received_at) if first.received_at else "–"
        why = _("received on %(day)s") % {"day": day}
    else:
        why = _("valid to %(day)s") % {"day": first.expiry or "–"}
    numbers = {f"lot {key}": lot.number for key, lot in known.lots.items()}
    facts = {
        "thing": _("Lot %(lot)s") % {"lot": numbers[thing]} if thing in numbers else thing,
        "instead_of": _("Lot %(lot)s") % {"lot": first.lot} if first.lot else first.name,
        "why": why,
        "place": place,
    }
    return Offence("override_reason_needed", thing, facts)
