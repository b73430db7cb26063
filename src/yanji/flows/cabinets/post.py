"""What a closed door showed becomes entries of the ledger, in the name of who opened it; the rest is kept as cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import Draft, Line, Offence, Refused, Step, post, virtual_places
from yanji.places.models import Place

from ..models_return import DepartmentReturn
from ..numbers import next_number
from .judge import Taker

TRIES = 4  # each leaves out what the ledger named; what is still refused then is looked into


@dataclass(slots=True)
class Entered:
    """What came of a list of units: entries, identity -> why it could not be entered, and what their papers have to say."""

    events: list[str] = field(default_factory=list)
    done: int = 0
    refused: dict[str, Offence] = field(default_factory=dict)
    lapsed: dict[str, Sequence[Offence]] = field(default_factory=dict)

    def warnings(self) -> tuple[Offence, ...]:
        """What the papers of what was entered have to say, each once."""
        own = [each for unit, several in self.lapsed.items() if unit not in self.refused for each in several]
        return tuple({(each.code, each.thing, str(each.facts)): each for each in own}.values())


def enter(units: Sequence[str], act: Callable[[Sequence[str]], list[str]], found: Entered) -> None:
    """Do an act for the units; those that the ledger refuses by name are left out, and the rest is tried again."""
    left = list(units)
    for _ in range(TRIES):
        if not left:
            return
        try:
            with transaction.atomic():
                found.events += act(left)
        except Refused as refused:
            named = {each.thing: each for each in refused.offences if each.thing in set(left)}
            found.refused |= named or dict.fromkeys(left, refused.offences[0])
            left = [unit for unit in left if unit not in found.refused]
        else:
            found.done += len(left)
            return
    found.refused |= {unit: Offence("taken_meanwhile", unit) for unit in left}


def allowed(actor: Actor, paths: Sequence[str], *operations: Operation) -> Actor:
    """The person with just the operations of this act, at the cabinet and the department: the door has let them."""
    scopes = {operation.value: tuple(paths) for operation in operations}
    return Actor(actor.person_id, actor.name, scopes, actor.device)


def hand_out(
    units: Sequence[str], homes: Mapping[str, Place], *, cabinet: Place, taker: Taker, key: str, at: datetime
) -> list[str]:
    """Out of a store's cabinet into the person's department: set aside, handed over and taken in at once. Three entries."""
    assert taker.department is not None, "judged before"
    actor = allowed(
        taker.actor, [cabinet.path, taker.department.path], Operation.PICK, Operation.ISSUE, Operation.TAKE_IN
    )
    transit = virtual_places().transit
    steps = (
        (Step.PICK, tuple(Line(unit) for unit in units)),
        (Step.ISSUE, tuple(Line(unit, transit) for unit in units)),
        (Step.TAKE_IN, tuple(Line(unit, homes[unit].pk) for unit in units)),
    )
    return [
        _post(step, lines, cabinet, actor, key, at, custodian_id=taker.person.pk) for step, lines in steps
    ]


def set_out(units: Sequence[str], *, cabinet: Place, taker: Taker, key: str, at: datetime) -> list[str]:
    """Out of the department's own cabinet: it is in use in the department. One entry."""
    assert taker.department is not None, "judged before"
    actor = allowed(taker.actor, [cabinet.path, taker.department.path], Operation.USE)
    lines = tuple(Line(unit, taker.department.pk) for unit in units)
    return [_post(Step.SET_OUT, lines, cabinet, actor, key, at, custodian_id=taker.person.pk)]


def put_back(
    units: Sequence[str], way: str, *, cabinet: Place, area: Place, taker: Taker, key: str, at: datetime
) -> list[str]:
    """Into the cabinet: set back, moved within the same shelves, or given back to the store. One entry.

    ``area``: the store or the department that the units come from.
    """
    step, operation = {
        "back": (Step.SET_BACK, Operation.USE),
        "moved": (Step.PUT_AWAY, Operation.STORE),
        "returned": (Step.GIVE_BACK, Operation.GIVE_BACK),
    }[way]
    actor = allowed(taker.actor, [cabinet.path, area.path], operation)
    lines = tuple(Line(unit, cabinet.pk) for unit in units)
    if way != "returned":
        return [_post(step, lines, cabinet, actor, key, at)]
    number = next_number("RT", path=area.path, at=at)
    event = _post(step, lines, cabinet, actor, key, at, {"return": number})
    DepartmentReturn.objects.create(
        number=number, department=area, store=cabinet, event_id=event, actor_id=taker.person.pk, sent_at=at
    )
    return [event]


def _post(
    step: Step,
    lines: tuple[Line, ...],
    cabinet: Place,
    actor: Actor,
    key: str,
    at: datetime,
    documents: Mapping[str, str] | None = None,
    custodian_id: int | None = None,
) -> str:
    draft = Draft(
        step=step, key=f"{key}:{step}"[:120], happened_at=at, lines=lines,
        documents={"cabinet": cabinet.code, **(documents or {})}, read_point_id=cabinet.pk, custodian_id=custodian_id,
    )  # fmt: skip
    return post(draft, actor=actor).event_id
