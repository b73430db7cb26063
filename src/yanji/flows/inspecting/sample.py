"""Which pieces of a delivery are looked at, and what follows from what was seen. Pure."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from yanji.catalog.models import Item
from yanji.ledger.api import Offence

from ..arrival import Arrival
from ..goods_in import Arrived, Lot, lot_of
from .iso2859 import single
from .models import InspectionPlan

# Reasons of rejection that say nothing of the goods themselves: what is turned away for them is no part of a lot.
TURNED_AWAY = frozenset({"wrong_item", "over_delivery", "registration", "expired"})
# Reasons that inspection itself gives.
FAULTY, NOT_ACCEPTED = "inspection", "sample"
Came = TypeVar("Came", bound=Arrived)


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody saw: one unit (``epc``), or the sample of a counted lot, of which ``faulty`` pieces failed.

    ``faults``: the points of the plan that failed; none: it was in order.
    """

    epc: str = ""
    item_id: int | None = None
    lot: str = ""
    expiry: date | None = None
    faulty: int = 0
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sampled:
    """One lot of a delivery and what of it is to be looked at: ``units`` by name, or ``sample`` pieces of a counted lot.

    ``accept``: how many of them may be faulty; None where each piece is judged by itself.
    """

    plan: InspectionPlan
    item_id: int
    lot: str
    expiry: date | None
    size: int
    sample: int
    accept: int | None
    units: tuple[str, ...] = ()

    @property
    def of(self) -> Lot:
        return self.item_id, self.lot, self.expiry


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one lot. ``faults``: points that failed -> pieces; ``looks``: unit -> the points that it failed."""

    sampled: Sampled
    faulty: int
    faults: Mapping[str, int]
    looks: Mapping[str, Sequence[str]]

    @property
    def accepted(self) -> bool:
        return self.sampled.accept is None or self.faulty <= self.sampled.accept


def plan_for(plans: Iterable[InspectionPlan], item: Item, supplier_id: int) -> InspectionPlan | None:
    """The plan that holds: of those that fit, one for the item, else the one that names most; maker before supplier, family
    and risk class."""
    asked = (item.pk, item.maker_id, supplier_id, item.family, item.risk_class)
    fitting = [
        plan
        for plan in plans
        if all(not want or want == have for want, have in zip(_named(plan), asked, strict=True))
    ]
    return max(fitting, key=_weight, default=None)


def _weight(plan: InspectionPlan) -> tuple[bool, int, tuple[bool, ...], int]:
    named = tuple(map(bool, _named(plan)))
    return named[0], sum(named), named, -plan.pk


def _named(plan: InspectionPlan) -> tuple[int | None, int | None, int | None, str, str]:
    return plan.item_id, plan.maker_id, plan.supplier_id, plan.family, plan.risk_class


def lots_of(delivery: Arrived) -> dict[Lot, list[Arrival]]:
    """What came of each lot, without what was turned away."""
    found: dict[Lot, list[Arrival]] = defaultdict(list)
    for arrival in delivery.arrivals:
        if arrival.item_id in delivery.items and arrival.rejected not in TURNED_AWAY:
            found[lot_of(delivery, arrival)].append(arrival)
    return found


def propose(delivery: Arrived, plans: Collection[InspectionPlan], *, key: str) -> list[Sampled]:
    """What to look at of each lot for which there is a plan. The same key proposes the same units, whoever asks."""
    found = []
    for (item_id, lot, expiry), arrivals in lots_of(delivery).items():
        plan = plan_for(plans, delivery.items[item_id], delivery.supplier_id)
        if plan is None:
            continue
        size = sum(arrival.quantity for arrival in arrivals)
        sample, accept = size, None
        if plan.aql is not None:
            of_table = single(size, plan.aql, plan.severity)
            sample, accept = of_table.size, of_table.accept
        units = () if delivery.by_lot(item_id) else drawn((a.epc for a in arrivals), sample, key=key)
        found.append(Sampled(plan, item_id, lot, expiry, size, sample, accept, units))
    return found


def drawn(epcs: Iterable[str], count: int, *, key: str) -> tuple[str, ...]:
    """So many of the units, drawn by a hash of the key: nobody can choose them, and everybody can draw them again."""
    return tuple(sorted(epcs, key=lambda epc: hashlib.sha256(f"{key}|{epc}".encode()).digest())[:count])


def judge(
    delivery: Came, proposed: Sequence[Sampled], looks: Sequence[Look]
) -> tuple[Came, list[Outcome], list[Offence]]:
    """The delivery with the verdicts that follow from the looks, what became of each lot, and what is missing or wrong.

    A faulty piece is rejected, for what it failed if that is a reason; a lot with more of them than its number is
    rejected whole. What somebody rejected by hand counts as faulty. A fault outside the sample is that piece's alone.
    """
    seen = {look.epc: look for look in looks if look.epc}
    counted = {(look.item_id, look.lot, look.expiry): look for look in looks if not look.epc}
    offences = list(_wrong(delivery, proposed, seen, counted))
    by_hand = {arrival.epc: arrival.rejected for arrival in delivery.arrivals if arrival.epc}
    outcomes = []
    for sampled in proposed:
        look = counted.get(sampled.of)
        found = _outcome(sampled, seen, by_hand) if sampled.units else _counted(sampled, look)
        outcomes.append(found)
        missing = (
            len(set(sampled.units) - set(found.looks)) if sampled.units else (0 if look else sampled.sample)
        )
        if missing:
            facts = {"missing": missing, "sample": sampled.sample, "lot": sampled.lot or "–"}
            offences.append(Offence("sample_not_looked_at", delivery.items[sampled.item_id].name, facts))
    arrivals = _with_verdicts(delivery, {outcome.sampled.of: outcome for outcome in outcomes}, seen)
    return replace(delivery, arrivals=tuple(arrivals)), outcomes, offences


def _wrong(
    delivery: Arrived, proposed: Sequence[Sampled], seen: Mapping[str, Look], counted: Mapping[object, Look]
) -> Iterator[Offence]:
    arrived = {arrival.epc: arrival for arrival in delivery.arrivals if arrival.epc}
    points = {sampled.of: frozenset(sampled.plan.points) for sampled in proposed}
    for epc, look in seen.items():
        if epc not in arrived:
            yield Offence("look_elsewhere", epc)
        elif bad := set(look.faults) - points.get(lot_of(delivery, arrived[epc]), frozenset()):
            yield Offence("unknown_check_point", epc, {"point": min(bad)})
    sizes = {sampled.of: sampled.sample for sampled in proposed if not sampled.units}
    for of, look in counted.items():
        name = look.lot or f"item {look.item_id}"
        if of not in sizes:
            yield Offence("look_elsewhere", name)
        elif bad := set(look.faults) - points[of]:
            yield Offence("unknown_check_point", name, {"point": min(bad)})
        elif not 0 <= look.faulty <= sizes[of] or bool(look.faulty) != bool(look.faults):
            yield Offence("bad_faulty_count", name, {"sample": sizes[of]})


def _outcome(sampled: Sampled, seen: Mapping[str, Look], by_hand: Mapping[str, str]) -> Outcome:
    looks = {
        epc: tuple(seen[epc].faults) if epc in seen else ()
        for epc in sampled.units
        if epc in seen or by_hand.get(epc)
    }
    faulty = sum(1 for epc, faults in looks.items() if faults or by_hand.get(epc))
    return Outcome(sampled, faulty, Counter(point for faults in looks.values() for point in faults), looks)


def _counted(sampled: Sampled, look: Look | None) -> Outcome:
    faulty = min(max(look.faulty, 0), sampled.sample) if look else 0
    faults = dict.fromkeys(look.faults, faulty) if look and faulty else {}
    return Outcome(sampled, faulty, faults, {})


def _with_verdicts(
    delivery: Arrived, outcomes: Mapping[Lot, Outcome], seen: Mapping[str, Look]
) -> Iterator[Arrival]:
    # Of a counted lot nobody knows which piece was which: so many of its pieces are rejected.
    left = {of: outcome.faulty for of, outcome in outcomes.items() if not outcome.sampled.units}
    for arrival in delivery.arrivals:
        of = lot_of(delivery, arrival)
        outcome = outcomes.get(of)
        if outcome is None or arrival.rejected:
            yield arrival
        elif not outcome.accepted:
            yield replace(arrival, rejected=NOT_ACCEPTED, doubtful="")
        elif arrival.epc:
            faults = seen[arrival.epc].faults if arrival.epc in seen else ()
            yield replace(arrival, rejected=_why(faults, delivery), doubtful="") if faults else arrival
        else:
            bad = min(left[of], arrival.quantity)
            left[of] -= bad
            if bad:
                why = _why(tuple(outcome.faults), delivery)
                yield replace(arrival, quantity=bad, rejected=why, doubtful="")
            if arrival.quantity > bad:
                yield replace(arrival, quantity=arrival.quantity - bad)


def _why(faults: Sequence[str], delivery: Arrived) -> str:
    """The reason of rejection: the point that failed where that is a reason of its own, else that inspection failed."""
    return next((point for point in faults if point in delivery.verdicts), FAULTY)
