"""Where things come to lie at the place that they are sent to: there, or in a cabinet of it that keeps them cold enough."""

from collections.abc import Sequence

from yanji.catalog.models import Item
from yanji.ledger.api import LIFECYCLE, Line, Step
from yanji.places.models import Place
from yanji.places.temperature import suits

from .things import Thing, look_up


def landing(things: Sequence[Thing], to: Place, from_id: int | None = None) -> tuple[Line, ...]:
    """One line a thing, to the place itself where it keeps the thing's temperature, else to the first place below it that
    does; where there is none the ledger refuses the place itself. At most four statements."""
    known = look_up(things)
    items = {item for item in map(known.item_of, things) if item is not None}
    needed = dict(Item.objects.filter(pk__in=items).values_list("pk", "temperature_class"))
    below: list[Place] = []
    if not all(suits(to.temperature_class, band) for band in needed.values()):
        kinds = LIFECYCLE[Step.LEND].to_kinds or frozenset()
        below = list(
            Place.objects.filter(path__startswith=to.path, active=True, kind__in=kinds).order_by("path")
        )
    fitting = {
        band: next((place.pk for place in (to, *below) if suits(place.temperature_class, band)), to.pk)
        for band in set(needed.values())
    }
    return tuple(
        Line(thing, fitting.get(needed.get(known.item_of(thing) or 0, ""), to.pk), from_id)
        for thing in things
    )
