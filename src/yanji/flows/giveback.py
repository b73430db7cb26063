"""A department gives back what it did not use; the store looks at it and restocks it or holds it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Line, Refused, Step, post

from .acts import Done, moment, verb
from .fit import unfit
from .gates import other_end, place_at
from .landing import STORES, landing, with_stores
from .models_return import DepartmentReturn
from .numbers import next_number
from .reasons import check_reason, check_reasons
from .sendback.gone import gone_back
from .things import Thing, lines


def draft_give_back(
    goods: Sequence[Line],
    department_id: int,
    *,
    key: str,
    number: str,
    at: datetime,
    reason: str = "",
) -> Draft:
    """Pure."""
    return Draft(
        step=Step.GIVE_BACK,
        key=key,
        happened_at=at,
        lines=tuple(goods),
        documents={"return": number},
        reason=reason,
        read_point_id=department_id,
    )


@verb
def give_back(
    *,
    actor: Actor,
    key: str,
    department_id: int,
    store_id: int,
    things: Sequence[Thing],
    reason: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Send unused things back to a store, where they wait for inspection: cold things on a shelf of it that keeps them so.

    Raises :class:`Refused` for what nothing in the store keeps, with the stores that do.
    """
    at = moment(happened_at)
    department = place_at(actor, department_id, may="give_back")
    store = other_end(store_id, kinds=STORES)
    check_reason("return", reason, optional=True)
    number = next_number("RT", path=department.path, at=at)
    goods = landing(things, store, department.pk)
    draft = draft_give_back(goods, department.pk, key=key, number=number, at=at, reason=reason)
    try:
        event = post(draft, actor=actor).event_id
    except Refused as refused:
        raise Refused.of(with_stores(refused.offences, things, store)) from refused
    back = DepartmentReturn.objects.create(
        number=number, department=department, store=store, reason=reason, event_id=event, actor_id=actor.person_id,
        sent_at=at,
    )  # fmt: skip
    return Done(number, back.pk, events=(event,))


def draft_inspection(
    things: Sequence[Thing], store_id: int, *, key: str, at: datetime, hold_reason: str = ""
) -> Draft:
    """What came back is good again or, with a reason, held. Pure."""
    return Draft(
        step=Step.HOLD if hold_reason else Step.RESTOCK,
        key=f"{key}:hold:{hold_reason}"[:120] if hold_reason else key,
        happened_at=at,
        lines=lines(things, None, store_id),
        reason=hold_reason,
        read_point_id=store_id,
    )


@verb
def inspect_return(
    *,
    actor: Actor,
    key: str,
    store_id: int,
    restock: Sequence[Thing] = (),
    hold: Mapping[str, Sequence[Thing]] | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Say of each thing that came back whether it may be handed out again; ``hold``: what may not, by reason."""
    at = moment(happened_at)
    store = place_at(actor, store_id, may="inspect_return")
    held = {reason: things for reason, things in sorted((hold or {}).items()) if things}
    if not restock and not held:
        raise Refused("empty")
    if "" in held:
        raise Refused("reason_needed")
    check_reasons("hold", held)
    if offences := unfit(restock, "returned_kept_wrong"):
        raise Refused.of(gone_back(offences, restock))
    drafts = [draft_inspection(restock, store.pk, key=key, at=at)] if restock else []
    drafts += [
        draft_inspection(things, store.pk, key=key, at=at, hold_reason=reason)
        for reason, things in held.items()
    ]
    try:
        return Done(events=tuple(post(draft, actor=actor).event_id for draft in drafts))
    except Refused as refused:
        raise Refused.of(gone_back(refused.offences, restock)) from refused
