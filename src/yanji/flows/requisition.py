"""A department asks a store for what it needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused
from yanji.places.models import Kind

from .acts import Done, check_needed, moment, verb
from .approval import ask, decided, withdraw
from .documents import allow, reached
from .gates import other_end, place_at, requisition_for
from .models import Requisition, RequisitionLine
from .numbers import next_number
from .packing.bill import with_contents
from .purchase import check_items
from .reserving.ending import end_with
from .states import RequisitionState
from .supply.propose import proposals
from .supply.why import why_of
from .worth import worth

ASKING = (Kind.DEPARTMENT, Kind.ROOM)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of a requisition, in whole pieces; with ``lot``, of that lot and no other."""

    item_id: int
    quantity: int
    lot: str = ""


@verb
def request(
    *,
    actor: Actor,
    key: str,
    department_id: int,
    store_id: int,
    lines: Sequence[Wanted],
    needed_by: datetime | None = None,
    case_number: str = "",
    note: str = "",
    by_levels: bool = False,
    happened_at: datetime | None = None,
) -> Done:
    """Ask a store; any store of the hospital may be asked. ``state`` is ``awaiting`` where the rules at the department
    ask for approval of what it is worth, else ``requested``.

    ``by_levels``: it began with what the levels propose; each line keeps what that was now, and why, also where another
    quantity is asked for."""
    made = ask_store(
        actor=actor, department_id=department_id, store_id=store_id, lines=lines, needed_by=needed_by,
        case_number=case_number, note=note, by_levels=by_levels, at=moment(happened_at),
    )  # fmt: skip
    return Done(made.number, made.pk, made.state)


def ask_store(
    *,
    actor: Actor,
    department_id: int,
    store_id: int,
    lines: Sequence[Wanted],
    needed_by: datetime | None,
    case_number: str = "",
    note: str = "",
    by_levels: bool = False,
    at: datetime,
) -> Requisition:
    """The requisition, written and sent on its way, and what it asks for approval. Part of a verb."""
    check_needed(needed_by, at)
    department = place_at(actor, department_id, may="request", kinds=ASKING)
    store = other_end(store_id, kinds=(Kind.STORE,))
    check_items([line.item_id for line in lines])
    why = _proposed(actor, department.pk) if by_levels else {}
    requisition = Requisition.objects.create(
        number=next_number("RQ", path=department.path, at=at),
        department=department,
        store=store,
        needed_by=needed_by,
        case_number=case_number,
        note=note,
        actor_id=actor.person_id,
        created_at=at,
    )
    RequisitionLine.objects.bulk_create(
        RequisitionLine(
            requisition=requisition, item_id=line.item_id, quantity=line.quantity, lot=line.lot.strip(),
            why=why.get(line.item_id, {}),
        )
        for line in lines
    )  # fmt: skip
    _ask_approval(requisition, {line.item_id: line.quantity for line in lines})
    return requisition


def _proposed(actor: Actor, department_id: int) -> dict[int, dict[str, Any]]:
    """Item -> what the department's levels propose now, and why. Five statements."""
    return {each.item.pk: why_of(each) for each in proposals(actor, department_id) if each.quantity}


def _ask_approval(requisition: Requisition, pieces: Mapping[int, int]) -> None:
    # Valued where the goods come from, judged where they are wanted: the department's budget pays.
    amount = worth(with_contents(pieces)[0], path=requisition.store.path)
    waits = ask(
        "requisition", requisition.pk, number=requisition.number, path=requisition.department.path, amount=amount,
        requester_id=requisition.actor_id,
    )  # fmt: skip
    if waits:
        requisition.state = RequisitionState.AWAITING
        requisition.save(update_fields=["state"])


@decided("requisition")
def _decided(requisition_id: int, approved: bool, actor: Actor) -> None:
    requisition = Requisition.objects.select_for_update().get(pk=requisition_id)
    to = RequisitionState.REQUESTED if approved else RequisitionState.CLOSED
    requisition.state = reached("requisition", "approve", to)
    requisition.save(update_fields=["state"])


@verb
def close_requisition(*, actor: Actor, key: str, requisition_id: int) -> Done:
    """Nothing more is needed; what is reserved for it is free again. Refused while something lies picked for it: put that back
    first."""
    requisition = requisition_for(actor, requisition_id, lock=True)
    if not any(
        actor.may(may, path)
        for may, path in (("request", requisition.department.path), ("pick", requisition.store.path))
    ):
        raise Refused("not_yours", thing=requisition.number)
    allow(
        "requisition",
        "close",
        number=requisition.number,
        state=requisition.state,
        label=requisition.get_state_display(),
    )
    if any(line.open_to_issue for line in requisition.lines.all()):
        raise Refused("still_picked", thing=requisition.number)
    events = end_with("requisition", requisition.number, actor=actor, key=key, at=timezone.now())
    withdraw("requisition", requisition.pk)
    requisition.state = reached("requisition", "close", RequisitionState.CLOSED)
    requisition.save(update_fields=["state"])
    return Done(requisition.number, requisition.pk, requisition.state, events)


def requisition_state(lines: Iterable[RequisitionLine]) -> str:
    """The state of an open requisition, from what its lines have had picked and issued."""
    found = list(lines)
    if all(line.issued == line.quantity for line in found):
        return RequisitionState.ISSUED
    if all(line.picked == line.quantity for line in found):
        return RequisitionState.PICKED
    return RequisitionState.PICKING if any(line.picked for line in found) else RequisitionState.REQUESTED
