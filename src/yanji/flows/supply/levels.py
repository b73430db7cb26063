"""How much of an item a department, a room or a cabinet should hold: written by those who may ask for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind

from ..acts import MAX_PIECES, Done, verb
from ..gates import check, place_at
from ..purchase import check_items
from .models import ParLevel

KEPT_AT = (Kind.DEPARTMENT, Kind.ROOM, Kind.CABINET, Kind.BIN)


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of one item is kept: at ``minimum`` pieces or fewer it is filled up to ``maximum``."""

    item_id: int
    minimum: int
    maximum: int


def check_levels(levels: Sequence[Kept], names: Mapping[int, str]) -> Iterator[Offence]:
    """Levels that cannot be kept. Pure."""
    for level in levels:
        if not 0 <= level.minimum <= level.maximum <= MAX_PIECES or level.maximum == 0:
            yield Offence("bad_par_level", names.get(level.item_id, ""))


@verb
def set_levels(*, actor: Actor, key: str, place_id: int, levels: Sequence[Kept]) -> Done:
    """Say what a place should hold of these items; what it should hold of others stays.

    Whoever may request for a place may say what it keeps: a level only proposes what they could ask for anyway. Raises
    :class:`Refused`: no lines, an item twice or not in use any more, a maximum below its minimum. Two statements to write.
    """
    place = place_at(actor, place_id, may="request", kinds=KEPT_AT)
    items = check_items([level.item_id for level in levels])
    if offences := list(check_levels(levels, {pk: item.name for pk, item in items.items()})):
        raise Refused.of(offences)
    now = timezone.now()
    ParLevel.objects.bulk_create(
        [
            ParLevel(
                place=place, item_id=level.item_id, minimum=level.minimum, maximum=level.maximum,
                edited_by_id=actor.person_id, edited_at=now,
            )
            for level in sorted(levels, key=lambda level: level.item_id)  # prevents deadlock between two editors
        ],
        update_conflicts=True,
        unique_fields=["place", "item"],
        update_fields=["minimum", "maximum", "edited_by", "edited_at"],
    )  # fmt: skip
    return Done(place.name, place.pk, "kept", facts={"levels": len(levels)})


@verb
def drop_level(*, actor: Actor, key: str, level_id: int) -> Done:
    """A place need not hold this item any more; what lies there stays."""
    found = ParLevel.objects.select_for_update(of=("self",)).select_related("place", "item")
    level = found.filter(pk=level_id).first()
    if level is None:
        raise NotFound("par level")
    check(actor, [level.place.path], may="request", thing=level.item.name)
    level.delete()
    return Done(level.item.name, level_id, "dropped")
