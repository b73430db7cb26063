"""Things are destroyed: for a reason, with a second person looking on."""

from collections.abc import Sequence
from datetime import datetime

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Draft, Refused, Step, post, virtual_places
from yanji.places.models import Place

from .acts import Done, moment, verb
from .numbers import next_number
from .reasons import check_reason
from .things import Known, Thing, lines, look_up
from .witness import Witness


def draft_scrap(
    things: Sequence[Thing],
    *,
    key: str,
    number: str,
    at: datetime,
    reason: str,
    witness_id: int,
    note: str = "",
) -> Draft:
    """Pure but for the place of what is scrapped."""
    return Draft(
        step=Step.SCRAP,
        key=key,
        happened_at=at,
        lines=lines(things, virtual_places().scrap),
        documents={"scrap": number},
        reason=reason,
        note=note,
        witness_id=witness_id,
    )


@verb
def scrap(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing],
    reason: str,
    witness: Witness,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Destroy things. The witness must be somebody else who may be one wherever the things lie."""
    at = moment(happened_at)
    if not actor.may("scrap"):
        raise NotFound("scrap")
    check_reason("scrap", reason)
    paths = _paths(look_up(things), things)
    if not all(witness.actor.may("witness", path) for path in paths):
        raise Refused("witness_not_allowed", thing=witness.name)
    path = min(paths, default="")
    number = next_number("SC", path=path, at=at)
    draft = draft_scrap(
        things, key=key, number=number, at=at, reason=reason, witness_id=witness.person_id, note=note
    )
    return Done(number, events=(post(draft, actor=actor).event_id,))


def _paths(known: Known, things: Sequence[Thing]) -> set[str]:
    places = {thing.from_place_id for thing in things if not isinstance(thing, str)}
    paths = {unit.place_path for unit in known.units.values()}
    if places:
        paths |= set(Place.objects.filter(pk__in=places).values_list("path", flat=True))
    return paths
