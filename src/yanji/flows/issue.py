"""Picked things are handed over to the department, which takes them in."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, LotQuantity, Offence, Refused, Step, post, virtual_places

from .acts import Done, moment, verb
from .differing.report import (
    Doubtful,
    came_after_all,
    check_said,
    hold_damaged,
    keep_said,
    on_the_way,
    open_missing,
    sort_out,
)
from .documents import allow, reached
from .gates import issue_for, place_at, requisition_for
from .handover import check_receiver
from .issue_owners import check_one_owner, owners_of
from .models import Issue, IssueLine, Requisition, RequisitionEvent
from .numbers import next_number
from .packing.contents import Contents
from .packing.lying import serves
from .packing.picked import chosen_kits, end, pieces_with, whole_kits
from .pick import check_picked, count_lines
from .queries import picked_for, under_way
from .recalled import recall_landed
from .states import IssueState
from .things import Known, Thing, lines, look_up, name
from .validity import papers_at_issue
from .witness import Witness


def draft_issue(
    requisition: Requisition,
    things: Sequence[Thing],
    *,
    key: str,
    number: str,
    at: datetime,
    handed_to: str = "",
    receiver: Witness | None = None,
) -> Draft:
    """Things leave the store and are on their way. Pure but for the place of what is in transit."""
    return Draft(
        step=Step.ISSUE,
        key=key,
        happened_at=at,
        lines=lines(things, virtual_places().transit, requisition.store_id),
        documents={"requisition": requisition.number, "issue": number},
        note=handed_to,
        read_point_id=requisition.store_id,
        witness_id=receiver.person_id if receiver else None,
    )


@verb
def issue(
    *,
    actor: Actor,
    key: str,
    requisition_id: int,
    things: Sequence[Thing] | None = None,
    handed_to: str = "",
    receiver: Witness | None = None,
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """Hand over what was picked for a requisition: all of it, or the things named; a kit only as a whole.

    ``handed_to``: who takes it along, as it was typed. ``receiver``: who takes it over here and now, and has signed for it;
    without one it is taken over at the door (:func:`flows.handover.take_over`).
    """
    at = moment(happened_at)
    requisition = requisition_for(actor, requisition_id, may="issue", lock=True)
    allow(
        "requisition",
        "issue",
        number=requisition.number,
        state=requisition.state,
        label=requisition.get_state_display(),
    )
    if receiver and (offences := list(_signs(receiver, actor, requisition))):
        raise Refused.of(offences)
    everything = things is None
    things = _chosen(requisition, things)
    kits = chosen_kits(whole_kits(serves(requisition), things), things, opened, whole=everything)
    known = look_up(things)
    papers = papers_at_issue(things, at).check()
    number = next_number("IS", path=requisition.store.path, at=at)
    draft = draft_issue(
        requisition, things, key=key, number=number, at=at, handed_to=handed_to, receiver=receiver
    )
    event_id = post(draft, actor=actor).event_id
    document = Issue.objects.create(
        number=number,
        requisition=requisition,
        store_id=requisition.store_id,
        issued_at=at,
        handed_to=handed_to,
        taken_over_by_id=receiver.person_id if receiver else None,
        taken_over_at=at if receiver else None,
        department_id=requisition.department_id,
        event_id=event_id,
        actor_id=actor.person_id,
    )
    IssueLine.objects.bulk_create(
        IssueLine(issue=document, lot_id=lot, quantity=pieces)
        for lot, pieces in sorted(by_lot(things, known).items())
    )
    RequisitionEvent.objects.create(requisition=requisition, event_id=event_id)
    wanted = {line.item_id: line for line in requisition.lines.all()}
    count_lines(requisition, wanted, issued=pieces_with(known, things, kits), verb="issue")
    end(kits, "issued", event_id)
    facts = {"requisition_state": requisition.state, **papers.facts()}
    return Done(number, document.pk, document.state, (event_id,), facts)


def _signs(receiver: Witness, actor: Actor, requisition: Requisition) -> Iterator[Offence]:
    return check_receiver(receiver, giver_id=actor.person_id, path=requisition.department.path)


def _chosen(requisition: Requisition, things: Sequence[Thing] | None) -> Sequence[Thing]:
    """All that lies picked, or of it the things named. Raises :class:`Refused` for others, and for nothing."""
    if things is None:
        things = everything_picked(requisition)
    else:
        check_picked(requisition, things)
    if not things:
        raise Refused("empty")
    if offences := list(check_one_owner(things)):
        raise Refused.of(offences)
    return things


def everything_picked(requisition: Requisition) -> list[Thing]:
    """All that lies picked for a requisition now."""
    units, quantities = picked_for(requisition.pk)
    return [*units, *(LotQuantity(lot, Decimal(n), *at) for (lot, *at), n in quantities.items())]


def by_lot(things: Sequence[Thing], known: Known) -> Counter[int]:
    """Pieces of each lot."""
    total: Counter[int] = Counter()
    for thing in things:
        if isinstance(thing, str):
            total[known.units[thing].lot_id] += 1
        else:
            total[thing.lot_id] += int(thing.quantity)
    return total


def draft_take_in(
    issued: Issue, things: Sequence[Thing], to_place_id: int, *, key: str, at: datetime
) -> Draft:
    """Things reach the department. Pure."""
    return Draft(
        step=Step.TAKE_IN,
        key=key,
        happened_at=at,
        lines=lines(things, to_place_id),
        documents={"requisition": issued.requisition.number, "issue": issued.number},
        read_point_id=to_place_id,
    )


@verb
def take_in(
    *,
    actor: Actor,
    key: str,
    issue_id: int,
    to_place_id: int,
    things: Sequence[Thing] | None = None,
    damaged: Sequence[Doubtful] = (),
    missing: Sequence[Thing] = (),
    rest_is_missing: bool = False,
    unexpected: Sequence[Doubtful] = (),
    happened_at: datetime | None = None,
) -> Done:
    """Take in what a store issued: all that is under way, or the things scanned; the rest stays under way.

    What came otherwise is said by name, and open at the store until it settles it: ``damaged`` is taken in and held;
    ``missing`` stays on the way, and with ``rest_is_missing`` so does all that is not named; ``unexpected`` was not handed
    over: it is written down, and stays where the ledger has it. What was held or recalled on its way arrives so.
    ``facts``: pieces taken in, and differences written down.
    """
    document = issue_for(actor, issue_id, may="take_in", lock=True)
    allow(
        "issue", "take_in", number=document.number, state=document.state, label=document.get_state_display()
    )
    place = place_at(actor, to_place_id, may="take_in")
    waiting = {line.lot_id: line for line in document.lines.select_related("lot__item")}
    at, units, transit = moment(happened_at), under_way(document), virtual_places().transit
    owners = owners_of(document) if _is_counted(waiting) else {}
    reported = open_missing(document)
    doubts = {lot: line.doubt for lot, line in waiting.items() if line.doubt}
    said = sort_out(
        [*units, *on_the_way(_quantities(waiting, units, transit), transit, owners, doubts)],
        good=None if things is None else on_the_way(things, transit, owners, doubts),
        damaged=[
            replace(each, thing=on_the_way([each.thing], transit, owners, doubts)[0]) for each in damaged
        ],
        missing=on_the_way(missing, transit, owners, doubts),
        rest_is_missing=rest_is_missing,
        reported={name: each.pieces for name, each in reported.items()},
    )
    offences = [*check_said(said, unexpected, reported), *_against(document, waiting, units, said.named)]
    if offences:
        raise Refused.of(offences)
    events = []
    if said.arrived:
        draft = draft_take_in(document, said.arrived, place.pk, key=key, at=at)
        events.append(post(draft, actor=actor).event_id)
        came_after_all(reported, said.arrived, event=events[0], actor=actor, at=at)
        for lot, pieces in _taken(said.arrived, units).items():
            waiting[lot].taken_in += pieces
        count_taken_in(document, waiting, "take_in")
    held = hold_damaged(document, said, place, actor=actor, key=key, at=at)
    recalled = recall_landed([*events, *held.values()], actor=actor, key=key, at=at) if events else []
    differences = keep_said(
        document, said, unexpected, units=units, held=held, place_id=place.pk, actor=actor, at=at
    )
    facts = {"taken_in": len(said.arrived), "differences": differences}
    return Done(document.number, document.pk, document.state, (*events, *held.values(), *recalled), facts)


def _is_counted(waiting: Mapping[int, IssueLine]) -> bool:
    return any(line.lot.item.tracking == "lot" for line in waiting.values())


def _quantities(
    waiting: Mapping[int, IssueLine], units: Mapping[str, int], transit: int
) -> list[LotQuantity]:
    """What is under way without an identity: lots of which no unit is part of the issue."""
    counted = [line for lot, line in waiting.items() if line.under_way]
    serial = set(units.values())
    return [
        LotQuantity(line.lot_id, Decimal(line.under_way), transit)
        for line in counted
        if line.lot_id not in serial and line.lot.item.tracking == "lot"
    ]


def _taken(things: Sequence[Thing], units: Mapping[str, int]) -> Counter[int]:
    total: Counter[int] = Counter()
    for thing in things:
        if isinstance(thing, str):
            total[units[thing]] += 1
        else:
            total[thing.lot_id] += int(thing.quantity)
    return total


def _against(
    document: Issue, waiting: Mapping[int, IssueLine], units: Mapping[str, int], things: Sequence[Thing]
) -> list[Offence]:
    found, counted = [], Counter[int]()
    for thing in things:
        if (isinstance(thing, str) and thing not in units) or (
            not isinstance(thing, str) and thing.lot_id not in waiting
        ):
            found.append(Offence("not_under_way", name(thing), {"issue": document.number}))
        elif not isinstance(thing, str):
            counted[thing.lot_id] += int(thing.quantity)
    for lot, pieces in counted.items():
        line = waiting[lot]
        if pieces > line.under_way:
            facts = {"wanted": pieces, "open": line.under_way, "issue": document.number}
            found.append(Offence("over_taken_in", line.lot.number, facts))
    return found


def count_taken_in(document: Issue, waiting: Mapping[int, IssueLine], verb: str) -> None:
    """Keep the lines; the issue's state follows."""
    IssueLine.objects.bulk_update(waiting.values(), ["taken_in", "gone"])
    if not any(line.under_way for line in waiting.values()):
        state = IssueState.TAKEN_IN
    else:
        some = any(line.taken_in or line.gone for line in waiting.values())
        state = IssueState.PARTLY_TAKEN_IN if some else IssueState.UNDERWAY
    document.state = reached("issue", verb, state)
    document.save(update_fields=["state"])
