"""A loan set comes for a case, is checked against its list, sterilised, used from, and goes back the same day:
delivered = used + returned + opened and wasted."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Max
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.ledger.api import Draft, Offence, Refused, Step, clock, post, virtual_places
from yanji.ledger.models import Event
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of

from ..acts import Done, moment, verb
from ..documents import allow, reached
from ..gates import check, place_at
from ..models import Case
from ..numbers import next_number
from ..purchase import check_items
from ..reasons import known
from ..receive import DOCKS, Arrival
from ..states import LoanSetState
from ..theatre.account import Account
from ..things import Thing, lines, name
from ..validity import papers_at_issue
from .contents import contents_of, open_things, pieces_come
from .goods import events_of, goods_of, take_over
from .models import ConsignmentReceipt, LoanSet, LoanSetCycle, LoanSetEvent, LoanSetLine
from .reopening import closed_sets, reopen_sets
from .title import agreement_for, lock_notes, moved, pass_title, take_title_back

Finish = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a set's list, in whole pieces."""

    item_id: int
    quantity: int


@verb
def expect_set(
    *,
    actor: Actor,
    key: str,
    supplier_id: int,
    department_id: int,
    set_name: str,
    due_on: date,
    listed: Sequence[Listed],
    case_number: str = "",
) -> Done:
    """Enter a set that a supplier will lend, with its list. Raises :class:`Refused`: no valid agreement for its items on
    the day, an item twice, a case of another department."""
    department = place_at(actor, department_id, may="consign", kinds=(Kind.DEPARTMENT, Kind.ROOM))
    if not Supplier.objects.filter(pk=supplier_id, active=True).exists():
        raise NotFound("supplier")
    if not set_name.strip():
        raise Refused("set_name_needed")
    items = check_items([line.item_id for line in listed])
    terms = agreement_for(supplier_id, department.path, due_on, items, name=set_name)
    loan_set = LoanSet.objects.create(
        number=next_number("LS", path=department.path, at=timezone.now()), name=set_name.strip(),
        agreement_id=terms.agreement_id, department=department, case=_case(case_number, department.pk), due_on=due_on,
        actor_id=actor.person_id,
    )  # fmt: skip
    LoanSetLine.objects.bulk_create(
        LoanSetLine(loan_set=loan_set, item_id=line.item_id, listed=line.quantity) for line in listed
    )
    return Done(loan_set.number, loan_set.pk, loan_set.state)


def _case(number: str, department_id: int) -> Case | None:
    if not number.strip():
        return None
    case = Case.objects.filter(number=number.strip(), department_id=department_id).first()
    if case is None:
        raise Refused("case_unknown", thing=number.strip())
    return case


@verb
def arrive_set(
    *,
    actor: Actor,
    key: str,
    loan_set_id: int,
    dock_id: int,
    arrivals: Sequence[Arrival],
    reference: str = "",
    arrived_at: datetime | None = None,
) -> Done:
    """Scan what came with a set against its list. What is missing and what is extra is named (``facts``) and kept: the
    supplier is told before anybody relies on the set. It comes to a dock or the sterile supply, never straight to a theatre
    or another department. What comes later is scanned the same way, and the set sterilised with it."""
    loan_set = locked_set(actor, loan_set_id, "arrive", ("consign",))
    dock = place_at(actor, dock_id, may="consign", kinds=DOCKS)
    if in_department(dock):
        raise Refused("set_into_theatre", thing=loan_set.number, place=dock.name)
    at = moment(arrived_at)
    if not arrivals:
        raise Refused("empty")
    goods = goods_of(loan_set.agreement.supplier_id, dock, arrivals, timezone.localdate(at))
    receipt, papers = take_over(
        goods, actor=actor, key=key, dock=dock, reference=reference, at=at, loan_set=loan_set
    )
    differences = compare_with_list(loan_set)
    loan_set.state = reached("loan_set", "arrive", LoanSetState.ARRIVED)
    loan_set.save(update_fields=["state"])
    return Done(
        loan_set.number, loan_set.pk, loan_set.state, events_of(receipt), {**differences, **papers.facts()}
    )


def in_department(place: Place) -> bool:
    """Whether it is a department, or a room or cupboard of one: no place for what is not sterilised. One statement."""
    return not outside_departments([place])


def outside_departments(places: Sequence[Place]) -> list[Place]:
    """Of places those that are no department and no part of one. One statement."""
    above = {each for place in places for each in ids_of(place.path)}
    departments = set(Place.objects.filter(pk__in=above, kind=Kind.DEPARTMENT).values_list("pk", flat=True))
    return [place for place in places if departments.isdisjoint(ids_of(place.path))]


def compare_with_list(loan_set: LoanSet) -> dict[str, list[list[object]]]:
    """All that has come of a set, beside its list."""
    came = pieces_come(loan_set)
    listed = {line.item_id: line for line in loan_set.lines.select_related("item")}
    for item, line in listed.items():
        line.arrived = came[item]
    LoanSetLine.objects.bulk_update(listed.values(), ["arrived"])
    extra = [
        LoanSetLine(loan_set=loan_set, item_id=item, arrived=pieces)
        for item, pieces in came.items()
        if item not in listed
    ]
    LoanSetLine.objects.bulk_create(extra)
    rows = [*listed.values(), *extra]
    return {
        "missing": [[line.item_id, line.missing] for line in rows if line.missing],
        "extra": [[line.item_id, line.extra] for line in rows if line.extra],
    }


@verb
def sterilise_set(
    *, actor: Actor, key: str, loan_set_id: int, cycle: str, happened_at: datetime | None = None
) -> Done:
    """The set was sterilised in a cycle of the sterile supply; without that it does not go to the theatre. ``happened_at``: the
    time of the cycle, as the steriliser says.

    Entered late, one before the last changes nothing of where the set is; nor does any of a set that is closed: it is history
    put right, between its coming and its closing. Raises :class:`Refused` for a time that cannot be.
    """
    loan_set = locked_set(actor, loan_set_id, "sterilise", ("consign", "use"))
    if not cycle.strip():
        raise Refused("cycle_needed")
    at = _time_of_cycle(loan_set, moment(happened_at))
    LoanSetCycle.objects.create(
        loan_set=loan_set, cycle=cycle.strip()[:40], sterilised_at=at, sterilised_by_id=actor.person_id
    )
    closed, waits = loan_set.state == LoanSetState.CLOSED, loan_set.state == LoanSetState.ARRIVED
    if waits or not (loan_set.sterilised_at and at < loan_set.sterilised_at):
        loan_set.cycle, loan_set.sterilised_at = cycle.strip()[:40], at
        loan_set.sterilised_by_id = actor.person_id
        loan_set.state = reached(
            "loan_set", "sterilise", loan_set.state if closed else LoanSetState.STERILISED
        )
        loan_set.save(update_fields=["cycle", "sterilised_at", "sterilised_by", "state"])
    return Done(loan_set.number, loan_set.pk, loan_set.state)


def _time_of_cycle(loan_set: LoanSet, at: datetime) -> datetime:
    """The time, if the set was here then: it had come, and was not closed yet."""
    came, said = _came(loan_set), {"thing": loan_set.number, "at": clock(at)}
    if came is None:
        raise Refused("set_never_came", thing=loan_set.number)
    if at < came:
        raise Refused("sterilised_before", **said, came=clock(came))
    if loan_set.closed_at and at > loan_set.closed_at:
        raise Refused("sterilised_after", **said, closed=clock(loan_set.closed_at))
    return at


def _came(loan_set: LoanSet) -> datetime | None:
    """When the last of a set came: what comes later is sterilised with it, so an earlier cycle is no more its own."""
    return ConsignmentReceipt.objects.filter(loan_set=loan_set).aggregate(last=Max("arrived_at"))["last"]


@verb
def send_set(*, actor: Actor, key: str, loan_set_id: int, happened_at: datetime | None = None) -> Done:
    """The set goes to its theatre; there its things are set out, used and wasted like any others. ``facts.warnings``: lapsed
    papers of its things; raises :class:`Refused` for them where the rules say so."""
    loan_set, at = locked_set(actor, loan_set_id, "send", ("consign", "use")), moment(happened_at)
    account = contents_of(loan_set)
    things = open_things(loan_set, account)
    papers = papers_at_issue(things, at).check()
    away = [each for each in things if _is_elsewhere(loan_set, account, each)]
    events: tuple[str, ...] = ()
    if away:
        draft = Draft(
            step=Step.PUT_AWAY,
            key=key,
            happened_at=at,
            lines=lines(away, loan_set.department_id),
            documents=_papers(loan_set),
            read_point_id=loan_set.department_id,
        )
        events = (post(draft, actor=actor).event_id,)
    loan_set.state = reached("loan_set", "send", LoanSetState.IN_THEATRE)
    loan_set.save(update_fields=["state"])
    return Done(loan_set.number, loan_set.pk, loan_set.state, events, papers.facts())


def _is_elsewhere(loan_set: LoanSet, account: Account, thing: Thing) -> bool:
    """What was rejected stays where it is; what is in the theatre already does not move."""
    if not isinstance(thing, str):
        return thing.status == "available" and thing.from_place_id != loan_set.department_id
    unit = next(each for each in account.things if each.epc == thing)
    return unit.status == "available" and unit.place_id != loan_set.department_id


@verb
def hand_back_set(
    *,
    actor: Actor,
    key: str,
    loan_set_id: int,
    things: Sequence[Thing] | None = None,
    reference: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Things of a set go back to their owner: those scanned, or all that is left of it."""
    loan_set = locked_set(actor, loan_set_id, "hand_back", ("return_goods",))
    account = contents_of(loan_set)
    given = open_things(loan_set, account) if things is None else list(things)
    if not given:
        raise Refused("empty")
    _check_of_set(loan_set, account, given)
    draft = Draft(
        step=Step.HAND_BACK,
        key=key,
        happened_at=moment(happened_at),
        lines=lines(given, virtual_places().supplier),
        documents={**_papers(loan_set), **({"delivery": reference} if reference else {})},
    )
    event_id = post(draft, actor=actor).event_id
    LoanSetEvent.objects.create(loan_set=loan_set, event_id=event_id)
    return Done(loan_set.number, loan_set.pk, loan_set.state, (event_id,), {"returned": len(given)})


def _check_of_set(loan_set: LoanSet, account: Account, things: Sequence[Thing]) -> None:
    left = Counter({each.name: each.open for each in account.things})
    for thing in things:
        left[name(thing)] -= 1 if isinstance(thing, str) else int(thing.quantity)
    offences = [
        Offence("not_of_this_set", called, {"set": loan_set.number})
        for called, rest in left.items()
        if rest < 0
    ]
    if offences:
        raise Refused.of(offences)


@verb
def close_set(*, actor: Actor, key: str, loan_set_id: int, difference: str = "") -> Done:
    """Everything that came was used, returned or wasted. ``difference``: why the rest cannot be found; the hospital then
    takes title to what the ledger still has of it, owes for it, and reports it missing.

    Raises :class:`Refused` naming all that is open, unless a reason is given by somebody who may correct there.
    """
    loan_set = locked_set(actor, loan_set_id, "close", ("consign",))
    account = contents_of(loan_set)
    events: tuple[str, ...] = ()
    if not account.balances:
        if not difference:
            raise Refused.of(
                Offence("loan_set_open", each.name, {"set": loan_set.number, "pieces": each.open})
                for each in account.open
            )
        check(actor, [loan_set.department.path], may="correct", thing=loan_set.number)
        if difference not in known("loan_missing"):
            raise Refused("reason_needed")
        loan_set.difference_reason = difference
        if left := open_things(loan_set, account):
            events = _write_off(loan_set, left, actor=actor, key=key, reason=difference)
    _count(loan_set, account)
    loan_set.closed_at = timezone.now()
    loan_set.state = reached("loan_set", "close", LoanSetState.CLOSED)
    loan_set.save(update_fields=["difference_reason", "closed_at", "state"])
    facts = {"used": account.used, "returned": account.pieces("returned"), "wasted": account.wasted}
    return Done(loan_set.number, loan_set.pk, loan_set.state, events, facts)


def _write_off(
    loan_set: LoanSet, things: Sequence[Thing], *, actor: Actor, key: str, reason: str
) -> tuple[str, ...]:
    """What cannot be found is bought first, and then reported missing."""
    at = timezone.now()
    papers = _papers(loan_set)
    title = Draft(
        step=Step.TAKE_TITLE, key=f"{key}:title", happened_at=at, lines=lines(things), documents=papers
    )
    taken = post(title, actor=actor).event_id
    pass_title(taken, moved(taken), actor=actor, place=loan_set.department, at=at)
    owned = [thing if isinstance(thing, str) else replace(thing, owner_id=None) for thing in things]
    loss = Draft(
        step=Step.LOSE, key=f"{key}:loss", happened_at=at, lines=lines(owned, virtual_places().lost),
        documents=papers, reason=reason,
    )  # fmt: skip
    return taken, post(loss, actor=actor).event_id


def _count(loan_set: LoanSet, account: Account) -> None:
    """What became of the set stays with it: the same units may come again with the next one."""
    rows = {line.item_id: line for line in loan_set.lines.all()}
    for each in account.things:
        line = rows[each.item_id]
        line.used += each.pieces.get("used", 0)
        line.wasted += each.pieces.get("wasted", 0)
        line.returned += each.pieces.get("returned", 0)
    LoanSetLine.objects.bulk_update(rows.values(), ["used", "wasted", "returned"])


def handing_back_taken_back(event: Event) -> Finish | None:
    """For ``correction``: what went back from a set is here again, as long as the set is not closed."""
    link = LoanSetEvent.objects.filter(event=event).first()
    if link is not None:
        loan_set = LoanSet.objects.select_for_update().get(pk=link.loan_set_id)
        _allow("hand_back", loan_set)
    return None


def title_taken_back(event: Event) -> Finish | None:
    """For ``correction``: what was bought is the supplier's again, and not owed."""
    notes = lock_notes(event.pk)
    sets = closed_sets(event)

    def finish(_correcting: str) -> None:
        take_title_back(notes, at=timezone.now())
        reopen_sets(sets)

    return finish


def _papers(loan_set: LoanSet) -> dict[str, str]:
    case = {"case": loan_set.case.number} if loan_set.case else {}
    return {"loan_set": loan_set.number, **case}


def locked_set(actor: Actor, loan_set_id: int, verb_: str, operations: Sequence[str]) -> LoanSet:
    """A set, locked, of which the actor may do the verb by one of the operations. Raises :class:`Refused` else."""
    loan_set = loan_set_for(actor, loan_set_id, lock=True)
    path = loan_set.department.path
    if not any(actor.may(operation, path) for operation in operations):
        raise Refused("not_yours", thing=loan_set.number)
    _allow(verb_, loan_set)
    return loan_set


def _allow(verb_: str, loan_set: LoanSet) -> None:
    state, label = loan_set.state, loan_set.get_state_display()
    if verb_ == "send" and state == LoanSetState.ARRIVED:
        raise Refused("not_sterilised", thing=loan_set.number)
    allow("loan_set", verb_, number=loan_set.number, state=state, label=label)


def loan_set_for(actor: Actor, loan_set_id: int, *, may: str = "view", lock: bool = False) -> LoanSet:
    """A set is seen where it is needed."""
    found = LoanSet.objects.select_related("agreement__supplier", "department", "case", "sterilised_by")
    found = found.select_for_update(of=("self",)) if lock else found
    loan_set = found.filter(pk=loan_set_id).first() if 0 < loan_set_id < 2**63 else None
    if loan_set is None:
        raise NotFound("loan set")
    check(actor, [loan_set.department.path], may=may, thing=loan_set.number)
    return loan_set
