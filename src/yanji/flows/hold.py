"""Something must not be used until somebody has looked at it: held where it lies, and released again."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.ledger.api import Draft, LotQuantity, Offence, Raced, Refused, Status, Step, post
from yanji.ledger.models import Movement, Unit
from yanji.places.models import Place

from .acts import Done, moment, verb
from .adopt import waiting
from .aside import PICKED, documents_of, give_up, locked, serve, set_aside_of
from .differing.report import also, lying
from .fit import unfit
from .gates import place_at
from .held import HOLDABLE, ON_HOLD, WholeLot, all_of, paths_of, rejected_lots, rejected_units
from .keeper import kept_elsewhere
from .on_the_way import by_claim, check_doubt, going, lands_first, lock_handed, mark_handed, on_its_way
from .reasons import check_reason
from .rejecting import rejecting_receipts
from .sendback.gone import gone_back
from .things import Thing, lines, lots_named

# In which status what is put in doubt on its way is taken in.
LANDS_AS = {Step.HOLD: Status.QUARANTINED.value, Step.RECALL: Status.RECALLED.value}


def draft_hold(
    things: Sequence[Thing],
    *,
    key: str,
    at: datetime,
    reason: str,
    note: str = "",
    losing: Mapping[str, str] | None = None,
    step: Step = Step.HOLD,
) -> Draft:
    """Held, or (``Step.RELEASE``) good again, where it lies; ``losing``: kind and number of the document that loses the
    things. Pure."""
    return Draft(
        step=step,
        key=":".join([key, *(losing or {}).values()]),
        happened_at=at,
        lines=lines(things),
        documents=losing or {},
        reason=reason,
        note=note,
    )


@verb
def hold(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing] = (),
    lots: Sequence[WholeLot] = (),
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Hold things, and all that lies of some lots at or below a place, or is on its way from or to it; a quantity is taken
    from what is available.

    What lay picked for a requisition or a transfer is open to pick again: one event for each that loses something. What is on
    its way stays so, and lands on hold. ``facts["count"]``: how many pieces.
    """
    at = moment(happened_at)
    check_hold(actor, reason, "hold")
    free = [thing if isinstance(thing, str) else replace(thing, status="available") for thing in things]
    putting = Putting(Step.HOLD, key, at, reason, note)
    return put_aside(putting, actor, with_whole(actor, free, lots, HOLDABLE), paths_of(lots))


@dataclass(frozen=True, slots=True)
class Putting:
    """What is said of the things that are put aside."""

    step: Step
    key: str
    at: datetime
    reason: str
    note: str
    papers: Mapping[str, str] = field(default_factory=dict)

    def draft(self, things: Sequence[Thing], losing: Mapping[str, str], *, away: bool = False) -> Draft:
        """``away``: things on their way for the document."""
        key = f"{self.key}:way" if away else self.key
        made = draft_hold(
            things, key=key, at=self.at, reason=self.reason, note=self.note, losing=losing, step=self.step
        )
        return replace(made, documents={**losing, **self.papers})


def put_aside(
    putting: Putting, actor: Actor, chosen: Sequence[Thing], lots: Collection[tuple[int, str]]
) -> Done:
    """Hold or recall things where they lie, and what is on its way. Part of a verb."""
    units = [thing for thing in chosen if isinstance(thing, str)]
    sent = going(units, lots)
    check_doubt(actor, sent)
    away = {each.thing for each in sent}
    here = [thing for thing in chosen if thing not in away]
    # The documents first, then the things: the order in which every flow locks.
    losing = locked(set_aside_of(here).claims | by_claim(sent).keys())
    lock_handed(by_claim(sent))
    aside = set_aside_of(here)
    if not aside.claims <= losing.keys() or going(units, lots) != sent:
        raise Raced
    events = []
    for claim, group in aside.by_claim(here).items():
        document = losing[claim] if claim else None
        draft = putting.draft(group, documents_of(claim, document))
        events.append(post(draft, actor=actor).event_id)
        _check_picked(events[-1], {epc for epc, has in aside.units.items() if has == claim})
        if document:
            give_up(document, events[-1], group)
    for claim, group in by_claim(sent).items():
        draft = putting.draft(group, documents_of(claim, losing[claim]), away=True)
        events.append(post(draft, actor=on_its_way(actor)).event_id)
        serve(losing[claim], events[-1])
        mark_handed(claim, group, LANDS_AS[putting.step])
    if not events and putting.step is not Step.RECALL:
        raise Refused("empty")
    return Done(events=tuple(events), facts={"count": pieces(here) + sum(each.pieces for each in sent)})


@verb
def release(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing] = (),
    lots: Sequence[WholeLot] = (),
    reason: str,
    note: str = "",
    to_place_id: int | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Let held things be handed out again, where they lie or (``to_place_id``) on the shelf that they are put on for it.

    What was rejected on receipt is not, for the supplier still owes it; nor what is of a recalled lot, what would lie where its
    temperature is not kept, or what master data has not cleared up. The shelf is one of the store or department that keeps them.
    """
    at = moment(happened_at)
    check_hold(actor, reason, "release")
    shelf = None if to_place_id is None else place_at(actor, to_place_id, may="hold")
    chosen = [as_held(thing) for thing in with_whole(actor, things, lots, ON_HOLD)]
    events = []
    try:
        if shelf and (away := elsewhere(chosen, shelf.pk)):
            draft = Draft(Step.MOVE, f"{key}:shelf", at, lines(away, shelf.pk), reason=reason, note=note)
            events.append(_onto(shelf, away, draft, actor=actor))
        moved = _lying_on(shelf, chosen) if shelf else chosen
        if offences := [*rejected(moved), *unfit(moved), *waiting(moved)]:
            raise Refused.of(offences)
        draft = draft_hold(moved, key=key, at=at, reason=reason, note=note, step=Step.RELEASE)
        events.append(post(draft, actor=actor).event_id)
    except Refused as refused:
        raise Refused.of(gone_back(lands_first(refused.offences), chosen)) from refused
    return Done(events=tuple(events), facts={"count": pieces(chosen)})


def _onto(shelf: Place, away: Sequence[Thing], draft: Draft, *, actor: Actor) -> str:
    """Things that are released are put on a shelf for it: whoever may release them may do that, in the store or department
    that keeps them. To any other they go by a paper."""
    if offences := kept_elsewhere(away, shelf):
        raise Refused.of(offences)
    storing = also(actor, Operation.STORE, *actor.scopes.get(Operation.HOLD, ()))
    return post(draft, actor=storing).event_id


def _lying_on(shelf: Place, things: Iterable[Thing]) -> list[Thing]:
    return together(lying(thing, shelf.pk, Status.QUARANTINED) for thing in things)


def as_held(thing: Thing) -> Thing:
    """A thing, said to be on hold: pieces of the lot in any other status are not meant."""
    return thing if isinstance(thing, str) else replace(thing, status=Status.QUARANTINED.value)


def elsewhere(things: Sequence[Thing], place_id: int) -> list[Thing]:
    """What of some things does not lie at a place. One statement."""
    epcs = [thing for thing in things if isinstance(thing, str)]
    there = set(Unit.objects.filter(epc__in=epcs, place_id=place_id).values_list("epc", flat=True))
    return [
        thing
        for thing in things
        if (thing not in there if isinstance(thing, str) else thing.from_place_id != place_id)
    ]


def together(things: Iterable[Thing]) -> list[Thing]:
    """The things, with the pieces of a lot that lie together by now as one quantity. Pure."""
    counted: dict[LotQuantity, Decimal] = {}
    found: list[Thing] = []
    for thing in things:
        if isinstance(thing, str):
            found.append(thing)
        else:
            one = replace(thing, quantity=Decimal(0))
            counted[one] = counted.get(one, Decimal(0)) + thing.quantity
    return [*found, *(replace(one, quantity=total) for one, total in counted.items())]


def pieces(things: Sequence[Thing]) -> int:
    """How many pieces."""
    return sum(1 if isinstance(thing, str) else int(thing.quantity) for thing in things)


def rejected(things: Sequence[Thing]) -> list[Offence]:
    """What among the things was rejected on receipt; of a counted lot, more than was put on hold otherwise."""
    units = rejected_units([thing for thing in things if isinstance(thing, str)])
    found = [Offence("rejected_on_receipt", epc, {"receipt": number}) for epc, number in units.items()]
    asked: Counter[int] = Counter()
    for thing in things:
        if not isinstance(thing, str):
            asked[thing.lot_id] += int(thing.quantity)
    for lot, left in rejected_lots(asked).items():
        if asked[lot] > left.free:
            facts = {"rejected": left.rejected, "free": left.free, "wanted": asked[lot]}
            found.append(Offence("lot_rejected_on_receipt", f"lot {lot}", facts))
    return found


DOUBTFUL = frozenset({"on_hold", "recalled", "expired"})


def as_rejected(offences: Sequence[Offence], things: Iterable[Thing]) -> list[Offence]:
    """What is said against using things: what was rejected on receipt is not merely on hold, for the supplier owes it. One
    statement where something is in doubt, three more where that is pieces of a lot, else none."""
    taken_at: dict[int, set[int]] = defaultdict(set)
    for thing in things:
        if isinstance(thing, LotQuantity):
            taken_at[thing.lot_id].add(thing.from_place_id)
    doubtful = [each.thing for each in offences if each.code in DOUBTFUL]
    receipts = rejected_units(doubtful) if doubtful else {}
    lots = lots_named(each.thing for each in offences if each.code == "on_hold")
    for lot, rejecting in (rejecting_receipts(lots) if lots else {}).items():
        if taken_at[lot] & rejecting.places.keys():
            receipts[lots[lot]] = ", ".join(number for number, _pieces in rejecting.receipts)
    found = [each for each in offences if each.code != "on_hold" or each.thing not in receipts]
    return [
        *found,
        *(Offence("rejected_not_used", thing, {"receipt": number}) for thing, number in receipts.items()),
    ]


def check_hold(actor: Actor, reason: str, group: str) -> None:
    if not actor.may("hold"):
        raise NotFound("hold")
    check_reason(group, reason)


def with_whole(
    actor: Actor,
    things: Sequence[Thing],
    lots: Sequence[WholeLot],
    statuses: Collection[str],
    *,
    may_be_gone: bool = False,
) -> list[Thing]:
    """The things and what lies of the lots; what was scanned and belongs to a whole lot stands once. ``may_be_gone``: see
    :func:`.held.all_of`."""
    whole = all_of(actor, lots, statuses, may_be_gone=may_be_gone)
    covered = {thing if isinstance(thing, str) else (thing.lot_id, thing.from_place_id) for thing in whole}
    alone = [
        thing
        for thing in things
        if (thing if isinstance(thing, str) else (thing.lot_id, thing.from_place_id)) not in covered
    ]
    if not alone and not whole and not lots:
        raise Refused("empty")
    return [*alone, *whole]


def _check_picked(event_id: str, expected: set[str]) -> None:
    """What no document had when it was looked at may have been picked for one since: that one came first."""
    moved = Movement.objects.filter(event_id=event_id, from_status=PICKED, unit__isnull=False)
    if set(moved.values_list("unit__epc", flat=True)) != expected:
        raise Raced
