"""Where things come to lie at the place that they are sent to: there, or in a cabinet of it that keeps them cold enough."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from posixpath import commonpath

from yanji.catalog.models import Item
from yanji.ledger.api import LIFECYCLE, Line, Offence, Step, virtual_places
from yanji.places.models import Kind, Place
from yanji.places.temperature import suits

from .things import Thing, look_up, name


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


STORES = (Kind.STORE, Kind.DOCK)
NAMED = 3  # stores that a sentence names


def with_stores(offences: Iterable[Offence], things: Sequence[Thing], store: Place) -> list[Offence]:
    """Offences of things sent to a store, where those that nothing in it keeps name the stores that do, the nearest first.
    Only a refusal pays for it: at most five statements."""
    found = list(offences)
    cold = {offence.thing for offence in found if offence.code == "wrong_temperature"}
    if not cold:
        return found
    wanted = [thing for thing in things if name(thing) in cold]
    known = look_up(wanted)
    bands = dict(Item.objects.values_list("pk", "temperature_class").filter(pk__in=known.pieces(wanted)))
    needed = {name(thing): bands.get(known.item_of(thing) or 0, "") for thing in wanted}
    keepers = {band: _stores_keeping(band, store) for band in set(needed.values())}
    return [
        _no_shelf(offence, store, keepers[needed[offence.thing]]) if offence.thing in needed else offence
        for offence in found
    ]


def _no_shelf(offence: Offence, store: Place, keepers: Sequence[Place]) -> Offence:
    facts = {**offence.facts, "store": store.name}
    if not keepers:
        return replace(offence, code="no_store_keeps", facts=facts)
    names = ", ".join(place.name for place in keepers[:NAMED])
    return replace(offence, code="store_keeps_none", facts={**facts, "others": names})


def _stores_keeping(temperature_class: str, near: Place) -> list[Place]:
    """Stores that keep a class themselves or on a shelf, the nearest in the tree first. Two statements."""
    kinds = LIFECYCLE[Step.TAKE_IN].to_kinds or frozenset()
    shelves = Place.objects.filter(active=True, quarantine=False, kind__in=kinds)
    keeping = [place.path for place in shelves if suits(place.temperature_class, temperature_class)]
    stores = Place.objects.filter(active=True, kind__in=STORES).order_by("path")
    found = [store for store in stores if any(path.startswith(store.path) for path in keeping)]
    return sorted(found, key=lambda store: -len(commonpath([store.path, near.path])))


def goes_to(step: Step, place_id: int | None) -> int | None:
    """Where a step takes things whatever place is named; else the place, where the step goes to one."""
    virtual = virtual_places()
    fixed = {
        Step.ISSUE: virtual.transit,
        Step.USE: virtual.patient,
        Step.SCRAP: virtual.scrap,
        Step.WASTE: virtual.scrap,
        Step.HAND_BACK: virtual.supplier,
    }
    return fixed.get(step, place_id if LIFECYCLE[step].to_kinds is not None else None)
