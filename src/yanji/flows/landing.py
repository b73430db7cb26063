"""Where things come to lie at the place that they are sent to: there, or in a cabinet of it that keeps them cold enough."""

from collections.abc import Iterable, Sequence

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
    as_it_is = all(suits(to.temperature_class, band) for band in needed.values())
    shelves = [to] if as_it_is else shelves_of(to)
    fitting = {band: (kept_in(shelves, band) or to).pk for band in set(needed.values())}
    return tuple(
        Line(thing, fitting.get(needed.get(known.item_of(thing) or 0, ""), to.pk), from_id)
        for thing in things
    )


def shelves_of(place: Place) -> list[Place]:
    """A place and all below it where things may lie that are to be used, from the top: none for what is in doubt. One
    statement."""
    kinds = LIFECYCLE[Step.TAKE_IN].to_kinds or frozenset()
    found = Place.objects.filter(path__startswith=place.path, active=True, quarantine=False, kind__in=kinds)
    return list(found.order_by("path"))


def kept_in(shelves: Iterable[Place], temperature_class: str) -> Place | None:
    """The first of some places that keeps a thing of this class. Pure."""
    return next((place for place in shelves if suits(place.temperature_class, temperature_class)), None)
