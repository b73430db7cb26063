"""What a requisition asks for is set aside, first expiry first or first in first out; another choice needs
a reason."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Offence, Refused, Step, post, post_together

from .acts import Done, moment, verb
from .asked import ReasonNeeded, Taken, against_asked, reasons_needed_by_each
from .documents import DOCUMENT_MOVES, allow, reached
from .gates import requisition_for
from .models import Override, Requisition, RequisitionEvent, RequisitionLine
from .out_of_turn import shared_reason
from .packing.contents import Contents
from .packing.lying import serves
from .packing.models import KitPick
from .packing.picked import (
    check_unopened,
    chosen_kits,
    end,
    picked_kits,
    picked_rows,
    pieces_with,
    rest_of_torn,
)
from .queries import picked_for
from .reasons import check_reasons
from .requisition import requisition_state
from .reserving.ending import end_with_each
from .reserving.kept import all_numbers_of, locked_rows_of, numbers_of, papers_of, taken_from_kept
from .reserving.models import ReservedLot
from .states import RequisitionState
from .things import Known, Thing, item_names, lines, look_up, name
from .turn import Policy
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

    ``facts.warnings``: papers amiss of the goods, which issuing them will say or be refused for. Raises :class:`Refused`
    for what was not asked for, too many, or out of turn without a reason; and for expired, held, recalled or otherwise
    reserved things, as the ledger finds them.
    """
    at, given = moment(happened_at), overrides or {}
    requisition = requisition_for(actor, requisition_id, may="pick", lock=True)
    allow_pick(requisition)
    kept = locked_rows_of(things)
    choices, offences = judge_each(
        [Wish(requisition, things, opened)], look_up(things), kept, overrides=given, policy=policy, at=at
    )
    if offences:
        raise Refused.of(offences)
    [events] = keep_each(choices, kept, keys=[key], overrides=given, actor=actor, at=at)
    papers = papers_at_issue(things, at).ahead()
    return Done(requisition.number, requisition.pk, requisition.state, events, papers.facts())


@dataclass(frozen=True, slots=True)
class Wish:
    """Things that somebody would set aside for a requisition, and the boxes among them."""

    requisition: Requisition
    things: Sequence[Thing]
    boxes: Sequence[Contents] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Things to be set aside for one requisition, judged: which of them are out of turn, and pieces by item; ``numbers``: see
    :func:`.reserving.kept.numbers_of`."""

    requisition: Requisition
    wanted: Mapping[int, RequisitionLine]
    things: Sequence[Thing]
    late: Mapping[str, ReasonNeeded]
    pieces: Mapping[int, int]
    kits: Sequence[Contents]
    numbers: Sequence[str]
    known: Known


def judge_each(
    wishes: Sequence[Wish],
    known: Known,
    kept: Sequence[ReservedLot],
    *,
    overrides: Mapping[str, str],
    policy: Policy,
    at: datetime,
) -> tuple[list[Choice], list[Offence]]:
    """Things for requisitions of one store, and what speaks against them. What is taken for one is no more in turn for the
    others. ``kept``: see :func:`.reserving.kept.locked_rows_of`. The same statements however many requisitions, where their lines
    are read."""
    wanted = [{line.item_id: line for line in wish.requisition.lines.all()} for wish in wishes]
    names = item_names({*chain(*wanted), *(unit.item_id for unit in known.units.values())})
    numbers = all_numbers_of([wish.requisition for wish in wishes])
    found, taken, kits_of = list[Offence](), list[Taken](), list[Sequence[Contents]]()
    for wish, lines_of, own in zip(wishes, wanted, numbers, strict=True):
        open_to = {item: line.open_to_pick for item, line in lines_of.items()}
        loose, kits, offences = against_asked(
            wish.requisition, open_to, known, wish.things, wish.boxes, names
        )
        beside = [thing for other in wishes if other is not wish for thing in other.things]
        taken.append(Taken(wish.requisition, lines_of, loose, own, beside))
        kits_of.append(kits)
        found += offences
    path = wishes[0].requisition.store.path if wishes else ""
    late = reasons_needed_by_each(taken, known, kept, path=path, policy=policy, at=at) if wishes else []
    found += [asked.offence for each in late for thing, asked in each.items() if not overrides.get(thing)]
    choices = [
        Choice(
            each.requisition, each.wanted, wish.things, asked,
            known.pieces(each.loose) + Counter(kit.item_id for kit in kits if kit.item_id), kits, each.numbers, known,
        )
        for wish, each, asked, kits in zip(wishes, taken, late, kits_of, strict=True)
    ]  # fmt: skip
    return choices, found


def keep_each(
    choices: Sequence[Choice],
    kept: Sequence[ReservedLot],
    *,
    keys: Sequence[str],
    overrides: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> list[tuple[str, ...]]:
    """Set aside what was judged and found good, each requisition's by an entry of its own. The entries of each: with the last of
    it what is still kept for the requisition, and was not taken for it, is free again. The same statements however many
    requisitions. Raises :class:`Refused` for a reason that cannot be chosen now."""
    check_reasons("override", (overrides[thing] for choice in choices for thing in choice.late))
    check_unopened([kit for choice in choices for kit in choice.kits])
    things = taken_from_kept([(choice.things, choice.numbers) for choice in choices], kept)
    drafts = [
        draft_pick(
            choice.requisition, own, numbers=choice.numbers, key=key, at=at,
            reason=shared_reason([name(thing) for thing in own], choice.late, overrides),
        )
        for choice, own, key in zip(choices, things, keys, strict=True)
    ]  # fmt: skip
    events = [posted.event_id for posted in post_together([(draft, actor) for draft in drafts])]
    _keep_papers(choices, events, overrides)
    count_each([(each.requisition, each.wanted, each.pieces) for each in choices], verb="pick")
    over = {
        choice.requisition.number: key
        for choice, key in zip(choices, keys, strict=True)
        if choice.requisition.state == RequisitionState.PICKED
    }
    ended = end_with_each("requisition", over, actor=actor, at=at)
    return [
        (event, *ended.get(choice.requisition.number, ()))
        for choice, event in zip(choices, events, strict=True)
    ]


def _keep_papers(choices: Sequence[Choice], events: Sequence[str], overrides: Mapping[str, str]) -> None:
    """What the entries set aside for whom, which kits, and what was taken out of turn. Three statements at most."""
    each_with_its_own = list(zip(choices, events, strict=True))
    RequisitionEvent.objects.bulk_create(
        RequisitionEvent(requisition=choice.requisition, event_id=event)
        for choice, event in each_with_its_own
    )
    KitPick.objects.bulk_create(
        row
        for choice, event in each_with_its_own
        for row in picked_rows(serves(choice.requisition), choice.kits, choice.known, event)
    )
    Override.objects.bulk_create(
        Override(
            requisition=choice.requisition,
            event_id=event,
            epc=thing,
            instead_of=asked.instead_of,
            reason=overrides[thing],
        )
        for choice, event in each_with_its_own
        for thing, asked in choice.late.items()
    )


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


def allow_pick(requisition: Requisition) -> None:
    """Raises :class:`Refused` where its state does not allow picking."""
    _allow("pick", requisition)


def _allow(verb_: str, requisition: Requisition) -> None:
    state, label = requisition.state, requisition.get_state_display()
    allow("requisition", verb_, number=requisition.number, state=state, label=label)


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
    _count(wanted, picked or {}, issued or {})
    _save_counted([(requisition, wanted)], verb)


def count_each(
    counted: Sequence[tuple[Requisition, Mapping[int, RequisitionLine], Mapping[int, int]]], *, verb: str
) -> None:
    """The same of what several have had picked. Two statements however many."""
    for _requisition, wanted, picked in counted:
        _count(wanted, picked, {})
    _save_counted([(requisition, wanted) for requisition, wanted, _picked in counted], verb)


def _count(
    wanted: Mapping[int, RequisitionLine], picked: Mapping[int, int], issued: Mapping[int, int]
) -> None:
    for item, line in wanted.items():
        line.picked += picked.get(item, 0)
        line.issued += issued.get(item, 0)


def _save_counted(counted: Sequence[tuple[Requisition, Mapping[int, RequisitionLine]]], verb: str) -> None:
    lines_of = [line for _requisition, wanted in counted for line in wanted.values()]
    RequisitionLine.objects.bulk_update(lines_of, ["picked", "issued"])
    moving = [each for each in counted if verb == "take_back" or each[0].state != "closed"]
    for requisition, wanted in moving:
        requisition.state = reached("requisition", verb, requisition_state(wanted.values()))
    Requisition.objects.bulk_update([requisition for requisition, _wanted in moving], ["state"])


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
