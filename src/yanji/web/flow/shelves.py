"""Where a thing had better lie: shelves that keep its temperature, those that hold the same item first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yanji.access.actor import Actor
from yanji.access.gates import places_for
from yanji.ledger.api import on_hand
from yanji.places.models import Kind, Place
from yanji.places.queries import labels
from yanji.places.temperature import suits

SHELVES = (Kind.BIN, Kind.CABINET, Kind.ROOM)
SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Shelf:
    """One proposal and why it is one; ``label`` tells it from the others."""

    place: Place
    label: str
    reason: str


def shelves_for(actor: Actor, item_id: int, item_class: str, near: str) -> list[Shelf]:
    """The best few shelves of the store in which ``near`` (a path) lies. At most four statements."""
    places = places_for(actor, may="store", kinds=(Kind.STORE, *SHELVES))
    root = _root(places, near)
    fitting = {
        place.pk: place
        for place in places
        if place.kind in SHELVES
        and place.path.startswith(root)
        and suits(place.temperature_class, item_class)
    }
    held = {
        row.place_id: int(row.quantity)
        for row in on_hand(paths=[root], by=("place",), item_id=item_id, statuses=("available",))
        if row.place_id in fitting
    }
    # A bin before the cabinet that holds it, a cabinet before its room.
    empty = sorted(
        (key for key in fitting if key not in held), key=lambda key: SHELVES.index(fitting[key].kind)
    )
    best = [*sorted(held, key=lambda key: -held[key]), *empty]
    names = labels(fitting[key] for key in best[:SUGGESTED])
    return [Shelf(fitting[key], names[key], _why(held.get(key, 0))) for key in names]


def _why(pieces: int) -> str:
    if pieces:
        said = ngettext("%(n)s of the same item lies there", "%(n)s of the same item lie there", pieces)
        return said % {"n": pieces}
    return _("keeps the temperature it needs")


def _root(places: Sequence[Place], near: str) -> str:
    """The store in which a path lies, else its campus: shelves elsewhere are no proposal."""
    stores = [place.path for place in places if place.kind == Kind.STORE and near.startswith(place.path)]
    return max(stores, key=len, default="/".join(near.split("/")[:3]) + "/")
