"""Something must not be used until somebody has looked at it: held where it lies, and released again."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Draft, Offence, Raced, Refused, Step, post
from yanji.ledger.models import Movement

from .acts import Done, moment, verb
from .aside import PICKED, documents_of, give_up, locked, set_aside_of
from .held import HOLDABLE, ON_HOLD, WholeLot, all_of, rejected_lots, rejected_units
from .reasons import check_reason
from .things import Thing, lines


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
    """Hold things, and all that lies of some lots at or below a place; a quantity is taken from what is available.

    What lay picked for a requisition or a transfer is open to pick again: one event for each that loses something.
    ``facts["count"]``: how many pieces.
    """
    at = moment(happened_at)
    _check(actor, reason, "hold")
    free = [thing if isinstance(thing, str) else replace(thing, status="available") for thing in things]
    chosen = _with_whole(actor, free, lots, HOLDABLE)
    # The documents first, then the things: the order in which every flow locks.
    losing = locked(set_aside_of(chosen).claims)
    aside = set_aside_of(chosen)
    if not aside.claims <= losing.keys():
        raise Raced
    events = []
    for claim, group in aside.by_claim(chosen).items():
        document = losing[claim] if claim else None
        of = documents_of(claim, document)
        draft = draft_hold(group, key=key, at=at, reason=reason, note=note, losing=of)
        events.append(post(draft, actor=actor).event_id)
        _check_picked(events[-1], {epc for epc, has in aside.units.items() if has == claim})
        if document:
            give_up(document, events[-1], group)
    return Done(events=tuple(events), facts={"count": pieces(chosen)})


@verb
def release(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing] = (),
    lots: Sequence[WholeLot] = (),
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Let held things be handed out again. What was rejected on receipt is not: the supplier still owes it."""
    at = moment(happened_at)
    _check(actor, reason, "release")
    chosen = _with_whole(actor, things, lots, ON_HOLD)
    offences = rejected(chosen)
    if offences:
        raise Refused.of(offences)
    draft = draft_hold(chosen, key=key, at=at, reason=reason, note=note, step=Step.RELEASE)
    return Done(events=(post(draft, actor=actor).event_id,), facts={"count": pieces(chosen)})


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


def _check(actor: Actor, reason: str, group: str) -> None:
    if not actor.may("hold"):
        raise NotFound("hold")
    check_reason(group, reason)


def _with_whole(
    actor: Actor, things: Sequence[Thing], lots: Sequence[WholeLot], statuses: Collection[str]
) -> list[Thing]:
    """The things and what lies of the lots; what was scanned and belongs to a whole lot stands once."""
    whole = all_of(actor, lots, statuses)
    covered = {thing if isinstance(thing, str) else (thing.lot_id, thing.from_place_id) for thing in whole}
    alone = [
        thing
        for thing in things
        if (thing if isinstance(thing, str) else (thing.lot_id, thing.from_place_id)) not in covered
    ]
    if not alone and not whole:
        raise Refused("empty")
    return [*alone, *whole]


def _check_picked(event_id: str, expected: set[str]) -> None:
    """What no document had when it was looked at may have been picked for one since: that one came first."""
    moved = Movement.objects.filter(event_id=event_id, from_status=PICKED, unit__isnull=False)
    if set(moved.values_list("unit__epc", flat=True)) != expected:
        raise Raced
