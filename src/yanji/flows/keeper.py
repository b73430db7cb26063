"""Which store or department keeps what lies somewhere: it is put on another shelf there, and taken to any other by a paper."""

from collections.abc import Mapping, Sequence

from yanji.ledger.api import Offence
from yanji.ledger.models import Unit
from yanji.places.models import VIRTUAL, Kind, Place
from yanji.places.rules import HOLDERS, ids_of

from .things import Thing, name


def kept_elsewhere(things: Sequence[Thing], shelf: Place) -> list[Offence]:
    """What of the things belongs into another store or department than a shelf. What lies beside the stores, as in a quarantine
    place of the campus, may come into any store there. Three statements at most."""
    paths = _paths(things)
    above = {key for path in {*paths.values(), shelf.path} for key in ids_of(path)}
    places = Place.objects.in_bulk(above)
    there = _keeper(shelf.path, places)
    return [
        Offence("shelf_of_another", thing, {"keeper": keeper.name, "shelf": shelf.name})
        for thing, path in paths.items()
        if (keeper := _keeper(path, places) or _around(path, places)) and not _fits(keeper, there, shelf)
    ]


def _paths(things: Sequence[Thing]) -> dict[str, str]:
    """Where each thing lies in the hospital: what is on its way, or gone, is not told here."""
    epcs = [thing for thing in things if isinstance(thing, str)]
    counted = {name(thing): thing.from_place_id for thing in things if not isinstance(thing, str)}
    units = Unit.objects.filter(epc__in=epcs).exclude(place__kind__in=VIRTUAL)
    paths = dict(units.values_list("epc", "place__path")) if epcs else {}
    shelves = Place.objects.filter(pk__in=set(counted.values())).exclude(kind__in=VIRTUAL) if counted else []
    found = {place.pk: place.path for place in shelves}
    return paths | {thing: found[key] for thing, key in counted.items() if key in found}


def _keeper(path: str, places: Mapping[int, Place]) -> Place | None:
    """The nearest store or department above a path, or there itself. Pure."""
    around = [places[key] for key in ids_of(path)]
    return next((place for place in reversed(around) if place.kind in HOLDERS), None)


def _around(path: str, places: Mapping[int, Place]) -> Place | None:
    """What holds a place that no store or department keeps. Pure."""
    around = [places[key] for key in ids_of(path)]
    return around[-2] if len(around) > 1 else None


def _fits(keeper: Place, there: Place | None, shelf: Place) -> bool:
    if keeper.kind in HOLDERS:
        return keeper == there
    return shelf.path.startswith(keeper.path) and (there is None or there.kind == Kind.STORE)
