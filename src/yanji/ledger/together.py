"""Several acts of one transaction, read and written together: each an entry of its own, as if one had followed the other."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from yanji.access.actor import Actor

from .draft import Draft, LotQuantity, Posted
from .lifecycle import Step
from .plan import Change, Plan
from .post import (
    Call,
    calls_of,
    check_postable,
    judged,
    post,
    read_state,
    repeated,
    send,
    uuid7,
    with_place_names,
)
from .refused import Offence, Refused
from .state import State

# PostgreSQL's longest select list has 1,664 entries, and an act is at most five of them here.
ACTS = 300
Act = tuple[Draft, Actor]


def post_together(acts: Sequence[Act]) -> list[Posted]:
    """Do several acts about things that are here, in their order, each in the name of an actor: all of them, or nothing. Each is
    judged by what those before it leave.

    Inside the transaction of who calls. Two statements whatever the number of acts and lines; one more for each 300 acts. Raises
    :class:`Refused` as :func:`.post.post` does, with what stands against each of them; what follows a refused one is judged as if
    that had not been asked.
    """
    assert connection.in_atomic_block, "several acts are done or undone together by their transaction"
    if len(acts) < 2:
        return [post(draft, actor=actor) for draft, actor in acts]
    drafts = [draft for draft, _actor in acts]
    for draft in drafts:
        check_postable(draft)
        assert all(isinstance(line.thing, str | LotQuantity) for line in draft.lines), (
            "what is new has no id yet"
        )
    followed = Followed(read_state(drafts, lock=True))
    priors = dict(followed.state.priors)
    done: list[Posted] = []
    calls: list[list[Call]] = []
    offences: list[Offence] = []
    for draft, actor in acts:
        fingerprint = draft.fingerprint()
        if draft.key in priors:
            done.append(repeated(priors[draft.key], fingerprint))
            continue
        try:
            plan = judged(draft, followed.state, actor)
        except Refused as refusal:
            offences += refusal.offences
            continue
        followed.apply(draft, plan)
        event_id = uuid7()
        priors[draft.key] = event_id, fingerprint
        calls.append(calls_of(event_id, draft, plan, actor=actor, fingerprint=fingerprint))
        done.append(Posted(event_id, passed_over=tuple(plan.passed_over)))
    if offences:
        raise with_place_names(Refused.of(offences))
    for at in range(0, len(calls), ACTS):
        send([call for act in calls[at : at + ACTS] for call in act])
    return done


class Followed:
    """The state that acts find, one after the other: what the next one finds is what those before it leave."""

    def __init__(self, found: State) -> None:
        self._units, self._holdings = dict(found.units), dict(found.holdings)
        self._names = {unit.id: epc for epc, unit in found.units.items()}
        self.state = replace(found, units=self._units, holdings=self._holdings)

    def apply(self, draft: Draft, plan: Plan) -> None:
        """What the plan of a draft changes is as it will be. Pure but for this state."""
        kept_for = draft.reserved_for if draft.step is Step.RESERVE else ""
        for change in plan.units:
            assert change.unit_id, "a known unit has an id"
            assert change.seq, "and a chain"
            name = self._names[change.unit_id]
            self._units[name] = replace(
                self._units[name], status=change.to_status, seq=change.seq, owner_id=change.to_owner_id,
                custodian_id=change.custodian_id, reserved_for=kept_for, reserved_until=draft.until if kept_for else None,
                **self._at(change),
            )  # fmt: skip
        for change in plan.quantities:
            self._move(change)

    def _at(self, change: Change) -> dict[str, Any]:
        """Where a thing is then; nothing where it stays."""
        if change.to_place_id == change.from_place_id:
            return {}
        place = self.state.places[change.to_place_id]
        return {"place_id": place.id, "place_path": place.path, "place_kind": place.kind}

    def _move(self, change: Change) -> None:
        assert change.lot_id, "a quantity that is here is of a known lot"
        assert change.from_status, "and has a status"
        source = change.lot_id, change.from_place_id, change.from_status.value, change.from_owner_id
        target = change.lot_id, change.to_place_id, change.to_status.value, change.to_owner_id
        had = self._holdings.pop(source)
        left = replace(had, quantity=had.quantity - change.quantity, value=had.value - change.value)
        if left.quantity:
            self._holdings[source] = left
        there = self._holdings.get(target)
        self._holdings[target] = replace(
            had, status=change.to_status, owner_id=change.to_owner_id, **self._at(change),
            quantity=change.quantity + (there.quantity if there else 0),
            value=change.value + (there.value if there else 0),
        )  # fmt: skip
