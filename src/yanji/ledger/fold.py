"""The rules, pure: a draft over the current state gives the changes to write, or a refusal naming every offender."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Licence
from yanji.places import temperature
from yanji.places.models import VIRTUAL, Kind
from yanji.places.spoken import joined

from .checks import CLOCK_SLACK, check_draft, day_of, good_cost, good_quantity, name_of, repeated_things
from .draft import Draft, Line, LotQuantity, NewQuantity, NewUnit
from .lifecycle import BY_NAME, LIFECYCLE, Status, Step, Transition, status_after, takes
from .plan import Change, Plan
from .refused import Offence, Refused, clock
from .state import HoldingState, PlaceState, State, UnitState

CENT = Decimal("0.01")
HoldingKey = tuple[int, int, str, int | None]

# What brings a thing nearer to a patient: nobody needs to enter it late of a thing that must not be handed on today.
HANDED_ON = frozenset({Step.RESERVE, Step.PICK, Step.ISSUE, Step.SET_OUT, Step.SHIP, Step.LEND, Step.OPEN})
MADE_GOOD = frozenset({Step.RELEASE, Step.RESTOCK})
USED = frozenset({Step.USE, Step.CONSUME})
# What stops a thing on its way to a patient stops no record of what is in the patient already: a use that names the paper
# by which it is owned up to.
DESPITE = "despite"
STOPPED = frozenset({Status.EXPIRED, Status.RECALLED, Status.QUARANTINED})
OUT_OF_HAND = VIRTUAL - {Kind.TRANSIT}  # where nobody of the hospital has a thing in hand


def fold(draft: Draft, state: State, actor: Actor, *, now: datetime, supplier_place_id: int) -> Plan:
    """Apply every line to the state.

    Raises :class:`Refused` with all offences. Sources of the rules: the rows of ``LIFECYCLE``, and for storage
    temperature the item's labelled range.
    """
    row = LIFECYCLE[draft.step]
    offences = list(chain(check_draft(draft, row, actor, now=now), repeated_things(draft)))
    plan = Plan()
    left = dict(state.holdings)
    day = day_of(draft.happened_at)
    # What is handed on must be good today as well, whatever day is said; a use or a receipt may be entered late.
    good_until = max(day, day_of(now)) if draft.step in HANDED_ON else day
    for number, line in enumerate(draft.lines):
        outcome = _Line(
            draft, row, state, left, actor, day, good_until, number, line, supplier_place_id
        ).fold()
        if isinstance(outcome, Change):
            plan.add(outcome)
        else:
            offences.extend(outcome)
    if offences:
        raise Refused.of(offences)
    return plan


@dataclass(slots=True)
class _Line:
    """One line over the state; ``fold`` gives its change, or what stands in the way."""

    draft: Draft
    row: Transition
    state: State
    left: dict[HoldingKey, HoldingState]  # what earlier lines have not taken of each holding
    actor: Actor
    day: date  # on which it happened, where the hospital is
    good_until: date  # what may not be past its expiry must last at least until then
    number: int
    line: Line
    supplier_place_id: int

    def fold(self) -> Change | list[Offence]:
        match self.line.thing:
            case str() as epc:
                unit = self.state.units.get(epc)
                return [self._offence("unknown_unit")] if unit is None else self._known(unit)
            case NewUnit() as new:
                unit = self.state.units.get(new.epc)
                return self._new(new, "unit") if unit is None else self._met_again(unit, new)
            case LotQuantity() as quantity:
                return self._quantity(quantity)
            case NewQuantity() as new:
                return self._new(new, "lot")

    def _offence(self, code: str, **facts: object) -> Offence:
        return Offence(code, name_of(self.line), facts)

    def _known(self, unit: UnitState) -> Change | list[Offence]:
        to_place = self._destination(unit.place_id)
        # A thing in the wrong status is refused for that alone: what follows from it would only confuse.
        found = [*self._status(unit)] or [
            *self._place(unit, to_place),
            *self._after_receipt(unit),
            *self._unfit(unit),
            *self._licensed(unit.supplier_id),
        ]
        if found:
            return found
        return Change(
            line=self.number,
            unit_id=unit.id,
            seq=unit.seq + 1,
            lot_id=unit.lot_id,
            value=unit.cost,
            from_place_id=unit.place_id,
            to_place_id=self.line.to_place_id or unit.place_id,
            from_status=unit.status,
            to_status=status_after(self.row, unit.status),
            from_owner_id=unit.owner_id,
            to_owner_id=self._owner_after(unit.owner_id),
            custodian_id=self._custodian_after(unit.custodian_id, unit.place_id, unit.place_kind),
            passed_over=self._passed_over(unit),
        )

    def _owner_after(self, owner_id: int | None) -> int | None:
        return None if self.row.takes_title else owner_id

    def _custodian_after(self, had: int | None, stays_at: int, kind: str) -> int | None:
        """Who has a thing in hand afterwards: nobody where it lies out of the hospital's hands, and whoever ``had`` it where
        something was only said of it. Who has a counted quantity is not kept: its movement names who took it, or nobody.
        """
        reached = self._destination(stays_at)
        if (reached.kind if reached else kind) in OUT_OF_HAND:
            return None
        if self.row.said and self.line.to_place_id in (None, stays_at):
            return had
        return self.draft.custodian_id or self.actor.person_id

    def _met_again(self, unit: UnitState, new: NewUnit) -> Change | list[Offence]:
        """A thing that a delivery brings as new is in the ledger: good only where it was expected, or had gone back.

        Who owns it, and which lot it is of, is what this delivery says: a set that was bought may come again as a loan,
        and the label on a thing is nearer to it than the paper that announced it.
        """
        comes_again = unit.status is Status.RETURNED and unit.place_id == self.supplier_place_id
        if self.draft.step is Step.ANNOUNCE or not (unit.status is Status.EXPECTED or comes_again):
            return [self._offence("duplicate_identity")]
        if new.item_id != unit.item_id:
            return [self._offence("other_item")]
        change = self._known(unit)
        if not isinstance(change, Change):
            return change
        change = replace(change, to_owner_id=new.owner_id)
        lot, expiry = new.lot or unit.lot, new.expiry or unit.expiry
        if (lot, expiry) == (unit.lot, unit.expiry):
            return change
        printed = replace(new, lot=lot, expiry=expiry)
        return replace(change, new=printed, lot_id=None, from_lot_id=unit.lot_id)

    def _new(self, new: NewUnit | NewQuantity, tracking: str) -> Change | list[Offence]:
        item = self.state.items.get(new.item_id)
        if item is None:
            return [self._offence("unknown_item")]
        found = [] if item.tracking == tracking else [self._offence("wrong_tracking")]
        if None not in self.row.sources:
            found.append(self._offence("unknown_unit"))
        quantity = new.quantity if isinstance(new, NewQuantity) else Decimal(1)
        if not good_quantity(quantity):
            found.append(self._offence("bad_quantity"))
        if not good_cost(new.cost):
            found.append(self._offence("bad_cost"))
        to_place = self._destination(self.supplier_place_id)
        found += [*self._reached(to_place, item.temperature_class), *self._licensed(new.supplier_id)]
        if self.row.scope == "to" and to_place and not self.actor.may(self.row.operation, to_place.path):
            found.append(self._offence("not_yours"))
        if found:
            return found
        assert self.row.target is not None, "a step that brings new things gives them a status"
        return Change(
            line=self.number,
            new=new,
            quantity=quantity,
            value=(new.cost * quantity).quantize(CENT),
            from_place_id=self.supplier_place_id,
            to_place_id=self.line.to_place_id or self.supplier_place_id,
            from_status=None,
            to_status=self.row.target,
            from_owner_id=new.owner_id,
            to_owner_id=new.owner_id,
            custodian_id=self._custodian_after(None, self.supplier_place_id, Kind.SUPPLIER),
        )

    def _quantity(self, wanted: LotQuantity) -> Change | list[Offence]:
        if not good_quantity(wanted.quantity):
            return [self._offence("bad_quantity")]
        holding = self._holding(wanted)
        if holding and not self._despite() and (stopped := self._stopped(holding)):
            return stopped
        if holding is None or holding.quantity < wanted.quantity:
            there = holding.quantity.normalize() if holding else Decimal(0)
            return [
                self._offence("not_enough", available=f"{there:f}", wanted=f"{wanted.quantity.normalize():f}")
            ]
        to_place = self._destination(holding.place_id)
        found = [*self._place(holding, to_place), *self._unfit(holding)]
        if found:
            return found
        # The average cost of what lies there leaves with it; the last of it takes what value is left.
        value = (holding.value * wanted.quantity / holding.quantity).quantize(CENT)
        key = (holding.lot_id, holding.place_id, holding.status.value, holding.owner_id)
        self.left[key] = replace(
            holding, quantity=holding.quantity - wanted.quantity, value=holding.value - value
        )
        return Change(
            line=self.number,
            lot_id=wanted.lot_id,
            quantity=wanted.quantity,
            value=value,
            from_place_id=holding.place_id,
            to_place_id=self.line.to_place_id or holding.place_id,
            from_status=holding.status,
            to_status=status_after(self.row, holding.status),
            from_owner_id=holding.owner_id,
            to_owner_id=self._owner_after(holding.owner_id),
            custodian_id=self._custodian_after(None, holding.place_id, holding.place_kind),
            passed_over=self._passed_over(holding),
        )

    def _holding(self, wanted: LotQuantity) -> HoldingState | None:
        """The stock that a quantity line takes from: of the statuses that allow the step, the one named, else the
        fullest. What has a paper of its own, or keeps its status, is taken where it is named alone.

        A use finds what is stopped where nothing else lies, to say so; one that owns up to it also where nothing else is enough.
        """
        by_name = BY_NAME | self.row.keeps
        takes_from = (
            s for s in self.row.sources | self.row.keeps if s and (wanted.status or s not in by_name)
        )
        good = self._fullest(wanted, takes_from)
        if self.draft.step is not Step.USE or (
            good and (good.quantity >= wanted.quantity or not self._despite())
        ):
            return good
        stopped = self._fullest(wanted, STOPPED)
        return stopped if good is None or (stopped and stopped.quantity >= wanted.quantity) else good

    def _fullest(self, wanted: LotQuantity, statuses: Iterable[Status]) -> HoldingState | None:
        keys = [
            (wanted.lot_id, wanted.from_place_id, s.value, wanted.owner_id)
            for s in statuses
            if wanted.status in ("", s.value)
        ]
        found = [self.left[key] for key in keys if key in self.left]
        return max(found, key=lambda holding: (holding.quantity, holding.status.value), default=None)

    def _destination(self, stays_at: int) -> PlaceState | None:
        return self.state.places.get(self.line.to_place_id or stays_at)

    def _status(self, unit: UnitState) -> Iterator[Offence]:
        if unit.status is Status.RESERVED and self._held_for_another(unit):
            until = (
                timezone.localtime(unit.reserved_until).strftime("%m-%d %H:%M") if unit.reserved_until else ""
            )
            yield self._offence("reserved", reserved_for=unit.reserved_for, until=until)
        elif not (
            takes(self.row, unit.status, unit.place_kind)
            or self._lapsed(unit)
            or (self._despite() and unit.status in STOPPED)
        ):
            code = BLOCKED.get(unit.status, "wrong_status")
            needed = joined(*(status.label for status in Status if status in self.row.sources), by=" / ")
            yield self._offence(
                code, status=unit.status.label, needed=needed, expiry=unit.expiry, path=unit.place_path
            )

    def _despite(self) -> bool:
        return self.draft.step is Step.USE and bool(self.draft.documents.get(DESPITE))

    def _stopped(self, thing: UnitState | HoldingState) -> list[Offence]:
        """What stops the use of a thing by its status alone."""
        stopped = self.draft.step is Step.USE and thing.status in STOPPED
        known = {"expiry": thing.expiry} if thing.status is Status.EXPIRED else {}
        return [self._offence(BLOCKED[thing.status], **known)] if stopped else []

    def _unfit(self, thing: UnitState | HoldingState) -> Iterator[Offence]:
        if not self._despite():
            yield from (*self._in_date(thing), *self._recalled(thing))

    def _passed_over(self, thing: UnitState | HoldingState) -> tuple[Offence, ...]:
        """All that speaks against a use and is owned up to, with facts that need no language; a recall is said once."""
        if not self._despite():
            return ()
        recalled = () if thing.status is Status.RECALLED else self._recalled(thing)
        return (*self._stopped(thing), *self._in_date(thing), *recalled)

    def _held_for_another(self, unit: UnitState) -> bool:
        serves = (
            unit.reserved_for in self.draft.documents.values() or unit.reserved_for == self.draft.reserved_for
        )
        # What is done to reserved things whoever they are for - a hold, a recall, a loss - asks nobody.
        asks = self.draft.step is Step.PICK or Status.RESERVED not in self.row.sources
        return asks and Status.AVAILABLE in self.row.sources and not serves and not self._lapsed(unit)

    def _lapsed(self, unit: UnitState) -> bool:
        """A reservation past its time counts as available, whether or not anybody has ended it."""
        lapsed = unit.reserved_until is not None and unit.reserved_until <= self.draft.happened_at
        return unit.status is Status.RESERVED and lapsed and Status.AVAILABLE in self.row.sources

    def _place(self, thing: UnitState | HoldingState, to_place: PlaceState | None) -> Iterator[Offence]:
        claimed = self.line.from_place_id
        if claimed is not None and f"/{claimed}/" not in thing.place_path:
            yield self._offence("elsewhere", place=thing.place_id)
        if thing.place_kind not in self.row.from_kinds:
            yield self._offence("wrong_place")
        if self.row.needs_owner and thing.owner_id is None:
            yield self._offence("not_consigned")
        if self.row.scope == "from" and not self.actor.may(self.row.operation, thing.place_path):
            yield self._offence("not_yours")
        if self.row.scope == "to" and to_place and not self.actor.may(self.row.operation, to_place.path):
            yield self._offence("not_yours")
        stays = self.line.to_place_id == thing.place_id
        if stays and self.row.to_kinds is not None and thing.status is status_after(self.row, thing.status):
            yield self._offence("same_place")
        yield from self._reached(to_place, thing.temperature_class)

    def _reached(self, place: PlaceState | None, needed: str) -> Iterator[Offence]:
        if self.line.to_place_id is None and (self.row.to_kinds is None or self.row.may_stay):
            return
        if self.row.to_kinds is None:
            yield self._offence("wrong_place")
        elif self.line.to_place_id is None or place is None or not place.active:
            yield self._offence("unknown_place")
        elif place.kind not in self.row.to_kinds:
            yield self._offence("wrong_place")
        elif self.row.keeps_cold and not temperature.suits(place.temperature_class, needed):
            names = temperature.CLASSES
            kept = names.get(place.temperature_class)
            yield self._offence(
                "wrong_temperature", needed=names[needed].name, kept=kept.name if kept else "?"
            )

    def _after_receipt(self, unit: UnitState) -> Iterator[Offence]:
        """Nothing happened here to what had not come yet: every question as of then would be told an untruth. Clocks differ
        a little. A receipt is taken back, or made again, at its own time."""
        at, received = self.draft.happened_at, unit.received_at
        if received and at < received - CLOCK_SLACK and self.draft.step is not Step.RECEIVE:
            yield self._offence("before_receipt", at=clock(at), received=clock(received))

    def _in_date(self, thing: UnitState | HoldingState) -> Iterator[Offence]:
        """The label's expiry is the last day of use (ISO 15223-1, use-by date)."""
        blocked = thing.status in (Status.USED, Status.EXPIRED)
        over = thing.expiry and thing.expiry < self.good_until
        if self.row.in_date and not blocked and over:
            yield self._offence("expired", expiry=thing.expiry)

    def _recalled(self, thing: UnitState | HoldingState) -> Iterator[Offence]:
        """A lot that is recalled: a piece of it may not have been marked, for it came back or was found since. What was
        used before the recall may be entered late."""
        step, since = self.draft.step, thing.recalled_at
        refused = step in HANDED_ON | MADE_GOOD or (
            step in USED and since and since <= self.draft.happened_at
        )
        if since and refused:
            yield self._offence("lot_recalled", lot=thing.lot, notice=thing.recall)

    def _licensed(self, supplier_id: int | None) -> Iterator[Offence]:
        """Who delivers, and whom the thing was bought from, must both be licensed on the day."""
        if not self.row.licensed:
            return
        for party in sorted({supplier_id, self.draft.source_party_id} - {None}, key=str):
            kind = self.state.lapsed.get(party) if party else None
            if kind:
                yield self._offence("licence_lapsed", kind=Licence.Kind(kind).label, day=self.day)


BLOCKED: dict[Status, str] = {
    Status.USED: "already_used",
    Status.EXPIRED: "expired",
    Status.RECALLED: "recalled",
    Status.QUARANTINED: "on_hold",
}
