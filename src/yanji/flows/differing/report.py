"""The department says what of a handing-over is missing, damaged, or was never handed over: each by name."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import LIFECYCLE, Draft, LotQuantity, Offence, Refused, Step, post
from yanji.ledger.models import Movement, Unit
from yanji.places.models import Place

from ..documents import reached
from ..models import Issue
from ..reasons import known
from ..states import DifferenceState
from ..things import Thing, lines, name
from .models import IssueDifference

Kind = IssueDifference.Kind


@dataclass(frozen=True, slots=True)
class Doubtful:
    """One thing and what is wrong with it: a code of the reasons ``transfer_difference``."""

    thing: Thing
    reason: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is said of the things of a handing-over: what is taken in (good, and damaged), and what is missing."""

    good: tuple[Thing, ...]
    damaged: tuple[Doubtful, ...]
    missing: tuple[Thing, ...]

    @property
    def arrived(self) -> list[Thing]:
        return [*self.good, *(each.thing for each in self.damaged)]

    @property
    def named(self) -> list[Thing]:
        return [*self.arrived, *self.missing]


def sort_out(
    on_the_way: Sequence[Thing],
    *,
    good: Sequence[Thing] | None,
    damaged: Sequence[Doubtful],
    missing: Sequence[Thing],
    rest_is_missing: bool,
    reported: Mapping[str, int],
) -> Sorted:
    """Good is what is named so, or all that is on the way and not named otherwise; with ``rest_is_missing`` all that is
    not named at all is missing, unless it was ``reported`` (thing -> pieces) before. Pure."""
    named = _pieces([*(good or ()), *(each.thing for each in damaged), *missing])
    if good is None:
        return Sorted(tuple(less(on_the_way, named)), tuple(damaged), tuple(missing))
    rest = less(on_the_way, named + Counter(reported)) if rest_is_missing else []
    return Sorted(tuple(good), tuple(damaged), (*missing, *rest))


def less(things: Iterable[Thing], pieces: Mapping[str, int]) -> list[Thing]:
    """Of some things what is left once some pieces (by name) are taken away. Pure."""
    found: list[Thing] = []
    for thing in things:
        gone = pieces.get(name(thing), 0)
        if isinstance(thing, str):
            found += [] if gone else [thing]
        elif thing.quantity > gone:
            found.append(replace(thing, quantity=thing.quantity - gone))
    return found


def _pieces(things: Iterable[Thing]) -> Counter[str]:
    found: Counter[str] = Counter()
    for thing in things:
        found[name(thing)] += 1 if isinstance(thing, str) else int(thing.quantity)
    return found


def on_the_way(
    things: Iterable[Thing], transit: int, owners: Mapping[int, int | None], doubts: Mapping[int, str]
) -> list[Thing]:
    """The things as they lie while they are under way, pieces of a lot as its owner's; ``doubts``: lots put in doubt there ->
    the status they have. Pure."""
    return [
        thing
        if isinstance(thing, str)
        else counted(
            thing.lot_id,
            int(thing.quantity),
            transit,
            doubts.get(thing.lot_id, ""),
            owner_id=owners.get(thing.lot_id),
        )
        for thing in things
    ]


def check_said(said: Sorted, unexpected: Sequence[Doubtful], reported: Collection[str]) -> Iterator[Offence]:
    """What cannot be said of a handing-over, beside what is no part of it. Pure."""
    if not said.named and not unexpected:
        yield Offence("empty")
    for thing in said.damaged:
        if not thing.reason:
            yield Offence("reason_needed", name(thing.thing))
    arrived = {thing for thing in said.arrived if isinstance(thing, str)}
    for missing in said.missing:
        if name(missing) in reported:
            yield Offence("difference_reported", name(missing))
        if missing in arrived:
            yield Offence("missing_and_here", name(missing))


def draft_holds(
    issue: Issue, damaged: Iterable[Doubtful], place_id: int, *, key: str, at: datetime
) -> list[Draft]:
    """What came damaged is held where it was taken in: one draft a reason, in a fixed order. Pure."""
    by_reason: dict[str, list[Thing]] = {}
    for each in damaged:
        by_reason.setdefault(each.reason, []).append(lying(each.thing, place_id, "available"))
    return [
        Draft(
            step=Step.HOLD, key=f"{key}:{reason}"[:120], happened_at=at, lines=lines(things, None, place_id),
            documents={"requisition": issue.requisition.number, "issue": issue.number}, reason=reason,
            read_point_id=place_id,
        )
        for reason, things in sorted(by_reason.items())
    ]  # fmt: skip


def lying(thing: Thing, place_id: int, status: str) -> Thing:
    """The thing as it lies somewhere else by now; a unit is the same wherever it is."""
    return thing if isinstance(thing, str) else replace(thing, from_place_id=place_id, status=status)


def also(actor: Actor, operation: Operation, *paths: str) -> Actor:
    """The actor with one operation more, for the one entry that a flow allows them: its own gate has decided.

    Whoever takes things in may say that one came damaged, although holding stock is not theirs otherwise.
    """
    scopes = {**actor.scopes, operation.value: (*actor.scopes.get(operation.value, ()), *paths)}
    return Actor(actor.person_id, actor.name, scopes, actor.device, actor.supplier_id, actor.scanner)


def hold_damaged(
    issue: Issue, said: Sorted, place: Place, *, actor: Actor, key: str, at: datetime
) -> dict[str, str]:
    """Hold what came damaged, in the name of who took it in; reason -> entry. As many entries as there are reasons. What was
    put in doubt on its way lies so already.

    Raises :class:`Refused` for a reason that cannot be chosen now.
    """
    codes = {each.reason for each in said.damaged}
    if not codes:
        return {}
    if strange := codes - known("transfer_difference"):
        raise Refused.of(Offence("unknown_reason", code) for code in sorted(strange))
    allowed = also(actor, Operation.HOLD, place.path)
    names = [each.thing for each in said.damaged if isinstance(each.thing, str)]
    doubtful = Unit.objects.filter(epc__in=names, status__in=LIFECYCLE[Step.ARRIVE].keeps)
    lies_so = set(doubtful.values_list("epc", flat=True))
    fresh = [each for each in said.damaged if each.thing not in lies_so and not _in_doubt(each.thing)]
    drafts = draft_holds(issue, fresh, place.pk, key=key, at=at)
    return {draft.reason: post(draft, actor=allowed).event_id for draft in drafts}


def open_missing(issue: Issue) -> dict[str, IssueDifference]:
    """What was reported missing and is not settled, by the name of the thing. One statement."""
    found = issue.differences.filter(kind=Kind.MISSING, state=DifferenceState.OPEN)
    return {each.thing: each for each in found.select_for_update()}


def keep_said(
    issue: Issue,
    said: Sorted,
    unexpected: Iterable[Doubtful],
    *,
    units: Mapping[str, int],
    held: Mapping[str, str],
    place_id: int,
    actor: Actor,
    at: datetime,
) -> int:
    """Write down everything that differs; how many. ``units``: identity -> lot of what was handed over; ``held``: reason ->
    entry under which what came damaged is held. Two statements."""
    marked = Movement.objects.filter(event_id__in=held.values(), unit__isnull=False)
    under = set(marked.values_list("unit__epc", flat=True)) if held else set()
    rows = [(Kind.DAMAGED, each.thing, each.reason, place_id) for each in said.damaged]
    rows += [(Kind.MISSING, thing, "", None) for thing in said.missing]
    rows += [(Kind.UNEXPECTED, each.thing, each.reason or "surplus", place_id) for each in unexpected]
    IssueDifference.objects.bulk_create(
        IssueDifference(
            issue=issue, kind=kind, thing=name(thing), lot_id=_lot(thing, units), reason=reason, place_id=place,
            held_event_id=held.get(reason) if kind == Kind.DAMAGED and _is_under(thing, under) else None,
            at=at, actor_id=actor.person_id,
            pieces=1 if isinstance(thing, str) else int(thing.quantity),
        )
        for kind, thing, reason, place in rows
    )  # fmt: skip
    return len(rows)


def _is_under(thing: Thing, units: Collection[str]) -> bool:
    """Whether the entries that hold these units hold this thing; of counted lots they hold all that came damaged, but for what
    was in doubt before."""
    return thing in units or not (isinstance(thing, str) or _in_doubt(thing))


def _in_doubt(thing: Thing) -> bool:
    return not isinstance(thing, str) and thing.status in LIFECYCLE[Step.ARRIVE].keeps


def _lot(thing: Thing, units: Mapping[str, int]) -> int | None:
    return units.get(thing) if isinstance(thing, str) else thing.lot_id


def came_after_all(
    missing: Mapping[str, IssueDifference],
    arrived: Iterable[Thing],
    *,
    event: str,
    actor: Actor,
    at: datetime,
) -> int:
    """What had been reported missing and is taken in now is found: its difference is settled by that; how many.

    Of pieces of which some came the rest stays missing, and what came is settled beside it: so each entry can be taken back.
    Two statements.
    """
    came = _pieces(arrived)
    found = [each for each in missing.values() if came[each.thing]]
    settled = [_what_came(each, came[each.thing]) for each in found]
    for each in settled:
        each.outcome, each.event_id = IssueDifference.Outcome.FOUND, event
        each.settled_at, each.settled_by_id = at, actor.person_id
        each.state = reached("issue_difference", "settle", DifferenceState.SETTLED)
    columns = ["pieces", "outcome", "event", "settled_at", "settled_by", "state"]
    IssueDifference.objects.bulk_update(found, columns)
    IssueDifference.objects.bulk_create(each for each in settled if each.pk is None)
    return len(found)


def _what_came(missing: IssueDifference, pieces: int) -> IssueDifference:
    """The whole difference, or the part of it that came, with the rest left in what was missing. Pure."""
    if pieces >= missing.pieces:
        return missing
    missing.pieces -= pieces
    return IssueDifference(
        issue_id=missing.issue_id, kind=missing.kind, thing=missing.thing, lot_id=missing.lot_id, reason=missing.reason,
        pieces=pieces, at=missing.at, actor_id=missing.actor_id,
    )  # fmt: skip


def counted(
    lot_id: int, pieces: int, place_id: int, status: str = "", *, owner_id: int | None = None
) -> LotQuantity:
    """Pieces of a counted lot as the ledger moves them."""
    return LotQuantity(lot_id, Decimal(pieces), place_id, owner_id, status)
