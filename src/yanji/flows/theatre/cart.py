"""The case cart: what a case needs is proposed first expiry first, scanned out for it, and what is left goes back.

A cart is no place of its own but a list on the case: the entries by which things were set out for it. A place for every
cart would have to be made and emptied every day, would hold things of one case only, and would hide the room they are in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Line, Offence, Refused, Step, post, virtual_places
from yanji.places.models import Kind

from ..acts import Done, moment, verb
from ..consign.sterile import check_sterile
from ..documents import allow, reached
from ..gates import case_for, place_at
from ..models import Case
from ..reasons import known
from ..states import CaseState
from ..things import Thing, lines, name
from ..validity import papers_at_issue
from .account import Account, account_of
from .after import after_waste
from .models import CaseEvent

ROOMS = (Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET)


def case_papers(case: Case) -> dict[str, str]:
    """What an entry of the ledger says of its case."""
    papers = {
        "case": case.number, "patient": case.patient_token, "procedure": case.procedure, "operator": case.operator,
    }  # fmt: skip
    return {kind: paper for kind, paper in papers.items() if paper}


def draft_set_out(case: Case, things: Sequence[Thing], *, key: str, room_id: int, at: datetime) -> Draft:
    """Things are laid out for a case in a room. Pure."""
    return Draft(
        step=Step.SET_OUT, key=key, happened_at=at, lines=lines(things, room_id), documents={"case": case.number},
        read_point_id=room_id,
    )  # fmt: skip


@verb
def set_out(
    *,
    actor: Actor,
    key: str,
    case_id: int,
    things: Sequence[Thing],
    room_id: int | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Scan things out for a case, into the room where it takes place (else its department).

    ``facts.warnings``: papers amiss, which goods of a supplier's own that never passed an issue meet here first. Raises
    :class:`Refused` for a closed case, for what is expired, held, reserved, elsewhere or not sterilised, and for papers amiss
    where the rules say so.
    """
    case, at = _case(actor, case_id, "set_out"), moment(happened_at)
    check_sterile(things)
    room = place_at(actor, room_id or case.department_id, may="use", kinds=ROOMS)
    papers = papers_at_issue(things, at).check()
    done = _posted(case, draft_set_out(case, things, key=key, room_id=room.pk, at=at), actor, "set_out")
    return replace(done, facts=papers.facts())


def draft_set_back(
    case: Case,
    things: Sequence[Thing],
    homes: Mapping[str, int],
    *,
    key: str,
    at: datetime,
    to_place_id: int | None,
) -> Draft:
    """What was not used goes to one shelf, or each thing to the shelf that it was taken from. Pure."""
    return Draft(
        step=Step.SET_BACK,
        key=key,
        happened_at=at,
        lines=tuple(Line(thing, to_place_id or homes[name(thing)]) for thing in things),
        documents={"case": case.number},
        read_point_id=case.department_id,
    )


@verb
def set_back(
    *,
    actor: Actor,
    key: str,
    case_id: int,
    things: Sequence[Thing],
    to_place_id: int | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Things that a case did not need go back, each to its shelf unless a place is named: one where the actor may use
    things, or the shelf of all of them."""
    case = _case(actor, case_id, "set_back")
    account = account_of(case.pk)
    _check_open(case, account, things)
    homes = {each.name: each.home_id or case.department_id for each in account.things}
    if to_place_id and {homes[name(thing)] for thing in things} != {to_place_id}:
        place_at(actor, to_place_id, may="use")
    at = moment(happened_at)
    draft = draft_set_back(case, things, homes, key=key, at=at, to_place_id=to_place_id)
    return _posted(case, draft, actor, "set_back")


def _check_open(case: Case, account: Account, things: Sequence[Thing]) -> None:
    """Raises :class:`Refused` for what does not lie open on the case's account."""
    there = {each.name: each.open for each in account.things}
    offences = [
        Offence("not_set_out", name(thing), {"case": case.number})
        for thing in things
        if there.get(name(thing), 0) < (1 if isinstance(thing, str) else thing.quantity)
    ]
    if offences:
        raise Refused.of(offences)


def draft_waste(
    case: Case, things: Sequence[Thing], *, key: str, at: datetime, reason: str, note: str = ""
) -> Draft:
    """Opened and not used. Pure but for the place of what is scrapped."""
    return Draft(
        step=Step.WASTE,
        key=key,
        happened_at=at,
        lines=lines(things, virtual_places().scrap),
        documents={"case": case.number},
        reason=reason,
        note=note,
        read_point_id=case.department_id,
    )


@verb
def waste(
    *,
    actor: Actor,
    key: str,
    case_id: int,
    things: Sequence[Thing],
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Opened for a case and not used: it is gone, with the reason. What a supplier owned is owed from now on."""
    case = _case(actor, case_id, "waste")
    if reason not in known("waste"):
        raise Refused("reason_needed")
    at = moment(happened_at)
    draft = draft_waste(case, things, key=key, at=at, reason=reason, note=note)
    done = _posted(case, draft, actor, "waste")
    facts = after_waste(case, done.events[0], actor=actor, at=at)
    return Done(done.number, done.id, done.state, done.events, facts)


def _case(actor: Actor, case_id: int, verb_: str) -> Case:
    case = case_for(actor, case_id, may="use", lock=True)
    allow("case", verb_, number=case.number, state=case.state, label=case.get_state_display())
    return case


def _posted(case: Case, draft: Draft, actor: Actor, verb_: str) -> Done:
    event_id = post(draft, actor=actor).event_id
    CaseEvent.objects.create(case=case, event_id=event_id)
    case.state = reached("case", verb_, CaseState.OPEN)
    case.save(update_fields=["state"])
    return Done(case.number, case.pk, case.state, (event_id,))
