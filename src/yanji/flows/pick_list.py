"""What to take for a requisition, line by line and in turn, why each goes before the others, and why the rest is skipped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from yanji.ledger.api import Candidate, candidates_of

from .reserving.kept import numbers_of
from .turn import Asking, Barred, LotLeft, Policy, lot_turn, lots_seen
from .why_first import LeftBehind, Offer, Why, why_first

LISTED = 200  # units of an item that a list shows
MOST = 2_000  # units of an item that a list proposes
TAKEN = "wrong_status"  # picked already, for this or for another, or not for picking yet: nothing is left behind by it


@dataclass(frozen=True, slots=True)
class Proposal:
    """So many pieces of something to take, why before the others, and what stays behind that would come first."""

    thing: Candidate | LotLeft
    pieces: int
    why: Why
    left: LeftBehind | None = None

    @property
    def said(self) -> str:
        return " · ".join(each.said for each in (self.why, self.left) if each)


@dataclass(frozen=True, slots=True)
class PickLine:
    """One line of a pick list: what to take, in turn (``proposals``); all that could be taken, and what is skipped."""

    line: Any
    candidates: list[Candidate]
    lots: list[LotLeft]
    skipped_lots: list[LotLeft]
    proposals: list[Proposal]

    @property
    def proposed(self) -> list[Candidate]:
        """The units to take: as many as are open, in turn."""
        return [each.thing for each in self.proposals if isinstance(each.thing, Candidate)]

    @property
    def turns(self) -> list[tuple[int, Proposal, int]]:
        """What is proposed, with whose turn it is and how many pieces: units of one lot, from one place and for the same
        reason, are taken in one turn."""
        found: dict[tuple[int, int, str], tuple[Proposal, int]] = {}
        for each in self.proposals:
            spot = (each.thing.lot_id, each.thing.place_id, each.said)
            first, pieces = found.get(spot, (each, 0))
            found[spot] = (first, pieces + each.pieces)
        return [(turn, *each) for turn, each in enumerate(found.values(), 1)]

    def serials_of(self, turn: Proposal) -> list[str]:
        """The serial numbers of the units that are taken in one turn with its first; of pieces of a lot none."""
        spot = (turn.thing.lot_id, turn.thing.place_id, turn.said)
        return [
            each.thing.serial
            for each in self.proposals
            if isinstance(each.thing, Candidate)
            and (each.thing.lot_id, each.thing.place_id, each.said) == spot
        ]

    @property
    def lots_after(self) -> list[LotLeft]:
        """The lots whose turn comes after what is open is taken."""
        spots = {(each.thing.lot_id, each.thing.place_id) for each in self.proposals}
        return [lot for lot in self.lots if (lot.lot_id, lot.place_id) not in spots]


def pick_list(
    requisition: Asking,
    *,
    policy: Policy = "fefo",
    now: datetime | None = None,
    barred: Barred = (),
    lines: Sequence[Any] | None = None,
) -> list[PickLine]:
    """What to take for a requisition or a transfer. At most five statements, however many lines it has; one less where its
    ``lines`` are read already.

    ``barred``: what may not go where it is wanted, see :func:`.consign.coverage.barred`.
    """
    at, numbers = now or timezone.now(), numbers_of(requisition)
    today = timezone.localdate(at)
    lines = list(requisition.lines.select_related("item").order_by("id")) if lines is None else lines
    counted = {line.item_id for line in lines if line.item.tracking == "lot"}
    by_unit = {line.item_id: line.open_to_pick for line in lines if line.item_id not in counted}
    path = requisition.store.path
    fixed = {line.item_id: line.lot for line in lines if line.lot}
    units = candidates_of(
        by_unit,
        within_path=path,
        today=today,
        now=at,
        policy=policy,
        reserved_for=numbers,
        fixed=fixed,
        barred=barred,
        # One more than is proposed: what stays says why the others go first.
        limit={item: 1 + min(max(LISTED - 1, wanted), MOST) for item, wanted in by_unit.items()},
    )
    lots = {
        item: [left for left in found if left.lot == fixed.get(item, left.lot)]
        for item, found in lots_seen(
            counted, path=path, today=today, policy=policy, barred=barred, reserved_for=numbers
        ).items()
    }
    return [_line(line, units.get(line.item_id, []), lots.get(line.item_id, []), policy) for line in lines]


def _line(line: Any, units: list[Candidate], lots: list[LotLeft], policy: Policy) -> PickLine:
    asked_for = bool(line.lot)
    return PickLine(
        line,
        units,
        [lot for lot in lots if not lot.reason],
        [lot for lot in lots if lot.reason],
        [
            *units_proposed(units, min(line.open_to_pick, MOST), policy, asked_for=asked_for),
            *lots_proposed(lots, line.open_to_pick, policy, asked_for=asked_for),
        ],
    )


def units_proposed(
    units: Sequence[Candidate], wanted: int, policy: Policy, *, asked_for: bool = False
) -> list[Proposal]:
    """The units to take, of those that lie there in turn with those that are skipped among them. Pure."""
    takeable = [unit for unit in units if unit.ok]
    chosen, rest = takeable[:wanted], [_offer(unit) for unit in takeable[wanted:]]
    found: list[Proposal] = []
    passed: list[Candidate] = []
    for unit in units:
        if len(found) == len(chosen):
            break
        if unit.ok:
            why = why_first(_offer(unit), rest, policy, asked_for=asked_for, alone=len(takeable) == 1)
            found.append(Proposal(unit, 1, why, _left(passed)))
            passed = []
        elif unit.reason != TAKEN:
            passed.append(unit)
    return found


def lots_proposed(
    lots: Sequence[LotLeft], wanted: int, policy: Policy, *, asked_for: bool = False
) -> list[Proposal]:
    """The pieces of lots to take: what is kept for the document, and of the rest, kept or not, what comes in turn. Pure."""
    takeable = sorted((lot for lot in lots if not lot.reason), key=lot_turn)
    skipped = sorted((lot for lot in lots if lot.reason), key=lot_turn)
    portions = [(lot, lot.kept, True) for lot in takeable if lot.kept]
    portions += [(lot, lot.quantity - lot.kept, False) for lot in takeable]
    chosen: list[tuple[LotLeft, int, bool]] = []
    for lot, there, kept in portions:
        if pieces := min(there, wanted):
            wanted -= pieces
            chosen.append((lot, pieces, kept))
    spots = {(lot.lot_id, lot.place_id) for lot, _pieces, _kept in chosen}
    rest = [_offer(lot) for lot in takeable if (lot.lot_id, lot.place_id) not in spots]
    found = []
    for lot, pieces, kept in chosen:
        before = [] if kept else [each for each in skipped if lot_turn(each) < lot_turn(lot)]
        skipped = skipped[len(before) :]
        offer = replace(_offer(lot), kept=kept)
        why = why_first(offer, rest, policy, asked_for=asked_for, alone=len(takeable) == 1)
        found.append(Proposal(lot, pieces, why, _left(before)))
    return found


def _offer(thing: Candidate | LotLeft) -> Offer:
    came = timezone.localdate(thing.received_at) if thing.received_at else None
    return Offer(thing.lot_id, thing.lot, thing.expiry, came, isinstance(thing, LotLeft), bool(thing.kept))


def _left(passed: Sequence[Candidate | LotLeft]) -> LeftBehind | None:
    """What was passed over since the one proposed before."""
    if not passed:
        return None
    first = passed[0]
    serial = first.serial if isinstance(first, Candidate) else ""
    return LeftBehind(serial, first.lot, first.reason, others=len(passed) > 1)
