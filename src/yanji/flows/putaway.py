"""Accepted goods go from the dock to where they are kept, or from one shelf to another."""

from collections.abc import Sequence
from datetime import datetime

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Refused, Step, post

from .acts import Done, moment, verb
from .gates import place_at
from .things import Thing, lines


def draft_putaway(
    things: Sequence[Thing], to_place_id: int, *, key: str, at: datetime, from_place_id: int | None = None
) -> Draft:
    """Pure."""
    return Draft(
        step=Step.PUT_AWAY,
        key=key,
        happened_at=at,
        lines=lines(things, to_place_id, from_place_id),
        read_point_id=to_place_id,
    )


@verb
def put_away(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing],
    to_place_id: int,
    from_place_id: int | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Put things onto one shelf. ``from_place_id`` is a claim: what is recorded elsewhere is refused."""
    place = place_at(actor, to_place_id, may="store")
    if place.quarantine:
        raise Refused("quarantine_place", thing=place.name)
    draft = draft_putaway(things, place.pk, key=key, at=moment(happened_at), from_place_id=from_place_id)
    return Done(events=(post(draft, actor=actor).event_id,))
