"""What a requisition asks for is set aside, first expiry first or first in first out; another choice needs
a reason."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Offence, Refused, Step, first_received, post

from .acts import Done, moment, verb
from .documents import DOCUMENT_MOVES, allow, reached
from .gates import requisition_for
from .models import Override, Requisition, RequisitionEvent, RequisitionLine
from .packing.contents import Contents
from .packing.lying import serves
from .packing.picked import (
    against_kits,
    asked_as_kits,
    check_unopened,
    chosen_kits,
    end,
    keep_picked,
    picked_kits,
    pieces_with,
    rest_of_torn,
    without,
)
from .queries import picked_for
from .reasons import check_reasons
from .requisition import requisition_state
from .reserving.ending import end_with
from .reserving.kept import not_kept, numbers_of, papers_of, taken_from_kept
from .states import RequisitionState
from .things import Known, Thing, item_names, lines, look_up, name
from .turn import Asking, Barred, Next, Policy, first_left, out_of_turn
from .validity import papers_at_issue

OPEN_TO_UNPICK = DOCUMENT_MOVES["requisition", "unpick"].sources


def draft_pick(
    requisition: Requisition,
    things: Sequence[Thing],
    *,
    numbers: Sequence[str],
    key: str,
    at: datetime,
    reason: str = "",
    step: Step = Step.PICK,
) -> Draft:
    """Set aside for a requisition, or (``Step.UNPICK``) put back; ``numbers``: its own and its case's, see
    :func:`.reserving.kept.numbers_of`. Pure."""
    return Draft(
        step=step,
        key=key,
        happened_at=at,
        lines=lines(things, None, requisition.store_id),
        documents=papers_of(numbers),
        reason=reason,
        read_point_id=requisition.store_id,
    )


def check_asked(
    requisition: Asking,
    open_to: Mapping[int, int],
    known: Known,
    things: Sequence[Thing],
    names: Mapping[int, str],
) -> Iterator[Offence]:
    """Only what was asked for, and no more of it. Pure."""
    for thing in things:
        item = known.item_of(thing)
        if item is not None and item not in open_to:
            asked = {"item": names.get(item, ""), "requisition": requisition.number}
            yield Offence("not_requested", name(thing), asked)
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


def out_of_turn_now(
    requisition: Asking,
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
    numbers = numbers_of(requisition)
    counted = [thing for thing in things if not isinstance(thing, str)]
    left = first_left(
        items,
        path=requisition.store.path,
        taken=list(known.units),
        taken_lots=[(each.lot_id, each.from_place_id, int(each.quantity)) for each in counted],
        reserved_for=numbers,
        policy=policy,
        today=timezone.localdate(at),
        now=at,
        barred=barred,
    )
    came = first_received(sorted({each.lot_id for each in counted})) if policy == "fifo" else {}
    return overridden(not_kept(things, known, numbers, at), known, left, policy, came)


@dataclass(frozen=True, slots=True)
class ReasonNeeded:
    """Why a thing needs a reason to be taken: what should be taken in its stead, and what is said."""

    instead_of: str
    offence: Offence


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
    fixed = {item: line.lot for item, line in wanted.items() if line.lot}
    free = sorted(wanted.keys() - fixed.keys())
    late = out_of_turn_now(requisition, free, known, things, policy=policy, at=at)
    found = {
        thing: ReasonNeeded(first.name, reason_needed(thing, first, known, policy))
        for thing, first in late.items()
    }
    for thing, lot in other_lots(things, known, fixed).items():
        facts = {"lot": lot, "requisition": requisition.number}
        found[thing] = ReasonNeeded(lot, Offence("other_lot_asked", thing, facts))
    return found


def other_lots(things: Sequence[Thing], known: Known, fixed: Mapping[int, str]) -> dict[str, str]:
    """Things of another lot than the one asked for -> the one asked for. Pure.

    ``fixed``: item -> number of the lot that alone is wanted of it.
    """
    asked = ((thing, fixed.get(known.item_of(thing) or 0)) for thing in things)
    return {name(thing): lot for thing, lot in asked if lot and known.lot_of(thing) != lot}


@verb
def pick(
    *,
    actor: Actor,
    key: str,
    requisition_id: int,
    things: Sequence[Thing],
    overrides: Mapping[str, str] | None = None,
    policy: Policy = "fefo",
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """Set things aside for a requisition. ``overrides``: identity (or ``lot N``) -> reason for taking it out
    of turn. A kit that is asked for as such, taken by its code, is one piece of the kit; it must be whole.

    ``facts.warnings``: lapsed papers of the goods, which issuing them will say or be refused for. Raises :class:`Refused`
    for what was not asked for, too many, or out of turn without a reason; and for expired, held, recalled or otherwise
    reserved things, as the ledger finds them.
    """
    at, given = moment(happened_at), overrides or {}
    requisition = requisition_for(actor, requisition_id, may="pick", lock=True)
    choice, offences = judge(requisition, things, overrides=given, policy=policy, at=at, boxes=opened)
    if offences:
        raise Refused.of(offences)
    events = keep(choice, overrides=given, actor=actor, key=key, at=at)
    papers = papers_at_issue(things, at).ahead()
    return Done(requisition.number, requisition.pk, requisition.state, events, papers.facts())


@dataclass(frozen=True, slots=True)
class Choice:
    """Things to be set aside for one requisition, judged: which of them are out of turn, and pieces by item."""

    requisition: Requisition
    wanted: Mapping[int, RequisitionLine]
    things: Sequence[Thing]
    late: Mapping[str, ReasonNeeded]
    pieces: Mapping[int, int]
    kits: Sequence[Contents]
    known: Known


def judge(
    requisition: Requisition,
    things: Sequence[Thing],
    *,
    beside: Sequence[Thing] = (),
    overrides: Mapping[str, str],
    policy: Policy,
    at: datetime,
    boxes: Sequence[Contents] = (),
) -> tuple[Choice, list[Offence]]:
    """Things for a requisition, and what speaks against them. ``beside``: what is taken for others at the same moment, and
    is no more in turn. Raises :class:`Refused` where the requisition's state does not allow picking."""
    _allow("pick", requisition)
    wanted = {line.item_id: line for line in requisition.lines.all()}
    known = look_up([*things, *beside])
    names = item_names({*wanted, *(unit.item_id for unit in known.units.values())})
    open_to = {item: line.open_to_pick for item, line in wanted.items()}
    loose, kits, offences = against_asked(requisition, open_to, known, things, boxes, names)
    needed = reasons_needed(requisition, wanted, known, [*loose, *beside], policy=policy, at=at)
    own = {name(thing) for thing in loose}
    late = {thing: asked for thing, asked in needed.items() if thing in own}
    offences += [asked.offence for thing, asked in late.items() if not overrides.get(thing)]
    pieces = known.pieces(loose) + Counter(kit.item_id for kit in kits if kit.item_id)
    return Choice(requisition, wanted, things, late, pieces, kits, known), offences


def keep(
    choice: Choice, *, overrides: Mapping[str, str], actor: Actor, key: str, at: datetime
) -> tuple[str, ...]:
    """Set aside what was judged and found good. The entries: with the last of it what is still kept for the requisition, and
    was not taken for it, is free again. Raises :class:`Refused` for a reason that cannot be chosen now."""
    check_reasons("override", (overrides[thing] for thing in choice.late))
    reason = next((overrides[thing] for thing in choice.late), "")
    check_unopened(choice.kits)
    numbers = numbers_of(choice.requisition)
    things = taken_from_kept(choice.things, numbers)
    draft = draft_pick(choice.requisition, things, numbers=numbers, key=key, at=at, reason=reason)
    event_id = post(draft, actor=actor).event_id
    RequisitionEvent.objects.create(requisition=choice.requisition, event_id=event_id)
    keep_picked(serves(choice.requisition), choice.kits, choice.known, event_id)
    if choice.late:
        Override.objects.bulk_create(
            Override(
                requisition=choice.requisition,
                event_id=event_id,
                epc=thing,
                instead_of=asked.instead_of,
                reason=overrides[thing],
            )
            for thing, asked in choice.late.items()
        )
    requisition = choice.requisition
    count_lines(requisition, choice.wanted, picked=choice.pieces, verb="pick")
    if requisition.state != RequisitionState.PICKED:
        return (event_id,)
    return event_id, *end_with("requisition", requisition.number, actor=actor, key=key, at=at)


@verb
def unpick(
    *,
    actor: Actor,
    key: str,
    requisition_id: int,
    things: Sequence[Thing],
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """Put back what was picked for a requisition and is not needed; a kit as a whole."""
    requisition = requisition_for(actor, requisition_id, may="pick", lock=True)
    # What is left of a torn kit counts on no line: it goes back whatever state the lines have brought the requisition to.
    if not (things and requisition.state not in OPEN_TO_UNPICK and rest_of_torn(serves(requisition), things)):
        _allow("unpick", requisition)
    check_picked(requisition, things)
    wanted = {line.item_id: line for line in requisition.lines.all()}
    kits = chosen_kits(picked_kits(serves(requisition)), things, opened, whole=False)
    pieces = pieces_with(look_up(things), things, kits)
    numbers, at = numbers_of(requisition), moment(happened_at)
    draft = draft_pick(requisition, things, numbers=numbers, key=key, at=at, step=Step.UNPICK)
    event_id = post(draft, actor=actor).event_id
    RequisitionEvent.objects.create(requisition=requisition, event_id=event_id)
    end(kits, "put_back", event_id)
    less = Counter({item: -count for item, count in pieces.items()})
    count_less(requisition, wanted, less)
    return Done(requisition.number, requisition.pk, requisition.state, (event_id,))


def _allow(verb_: str, requisition: Requisition) -> None:
    state, label = requisition.state, requisition.get_state_display()
    allow("requisition", verb_, number=requisition.number, state=state, label=label)


def reason_needed(thing: str, first: Next, known: Known, policy: Policy) -> Offence:
    """What is said of something taken out of turn: what comes before it, and by what."""
    english = (get_language() or "").startswith("en")
    place = first.place_en if english and first.place_en else first.place_zh
    if policy == "fifo":
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


def count_lines(
    requisition: Requisition,
    wanted: Mapping[int, RequisitionLine],
    *,
    verb: str,
    picked: Mapping[int, int] | None = None,
    issued: Mapping[int, int] | None = None,
) -> None:
    """Add to what the lines have had picked and issued; the requisition's state follows. What was closed is open again
    where an entry of it is taken back: something lies for it."""
    for item, line in wanted.items():
        line.picked += (picked or {}).get(item, 0)
        line.issued += (issued or {}).get(item, 0)
    RequisitionLine.objects.bulk_update(wanted.values(), ["picked", "issued"])
    if verb == "take_back" or requisition.state != "closed":
        requisition.state = reached("requisition", verb, requisition_state(wanted.values()))
        requisition.save(update_fields=["state"])


def count_less(
    requisition: Requisition, wanted: Mapping[int, RequisitionLine], less: Mapping[int, int]
) -> None:
    """So much less lies picked. What is left of a kit that is not whole counts on no line, and changes none."""
    if less.keys() & wanted.keys():
        count_lines(requisition, wanted, picked=less, verb="unpick")


def check_picked(requisition: Requisition, things: Sequence[Thing]) -> None:
    """Raises :class:`Refused` for things that do not lie picked for this requisition."""
    units, quantities = picked_for(requisition.pk)
    offences = []
    for thing in things:
        if isinstance(thing, str):
            there = thing in units
        else:
            there = quantities.get((thing.lot_id, thing.from_place_id, thing.owner_id), 0) >= thing.quantity
        if not there:
            offences.append(Offence("not_picked", name(thing), {"requisition": requisition.number}))
    if offences:
        raise Refused.of(offences)
