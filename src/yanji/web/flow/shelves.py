"""Where a thing had better lie: shelves that keep its temperature, those that hold the same item first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.ledger.api import on_hand
from yanji.places.models import Kind, Place
from yanji.places.temperature import suits

SHELVES = (Kind.BIN, Kind.CABINET, Kind.ROOM)
SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Shelf:
    """One proposal and why it is one."""

    place: Place
    reason: str


def shelves_for(
    actor: Actor,
    item_id: int,
    item_class: str,
    near: str,
    *,
    may: str = "store",
    kinds: Sequence[str] = SHELVES,
) -> list[Shelf]:
    """The best few shelves below the store in which ``near`` (a path) lies. Two statements."""
    root = _root(near)
    fitting = {
        place.pk: place
        for place in places_for(actor, may=may, kinds=tuple(kinds))
        if place.path.startswith(root) and suits(place.temperature_class, item_class)
    }
    held = {
        row.place_id: int(row.quantity)
        for row in on_hand(paths=[root], by=("place",), item_id=item_id, statuses=("available",))
        if row.place_id in fitting
    }
    best = sorted(held, key=lambda key: -held[key]) + [key for key in fitting if key not in held]
    return [Shelf(fitting[key], _why(held.get(key, 0))) for key in best[:SUGGESTED]]


def _why(pieces: int) -> str:
    if pieces:
        said = ngettext("%(n)s of the same item lies there", "%(n)s of the same item lie there", pieces)
        return said % {"n": pieces}
    return _("keeps the temperature it needs")


def _root(path: str) -> str:
    """Group and campus: shelves of another campus are no proposal."""
    return "/".join(path.split("/")[:3]) + "/"


def nearest(shelves: Sequence[Place], path: str) -> list[Place]:
    """Places below a path, in tree order."""
    return [place for place in shelves if place.path.startswith(path)]
