"""What is on hold or came back may be good again: not of a recalled lot, and not where its temperature is not kept."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from yanji.ledger.api import Offence
from yanji.ledger.models import Lot, Unit
from yanji.places.models import VIRTUAL, Place
from yanji.places.temperature import CLASSES, suits

from .recalled import recalled
from .things import Thing, look_up, name


def unfit(things: Sequence[Thing], code: str = "kept_wrong") -> list[Offence]:
    """What among the things may not be handed out again where it lies. At most six statements, whatever their number.
    ``code``: what is said of a thing that lies too warm or too cold."""
    found = [replace(each, code=code) for each in kept_wrong(things)]
    return [*recalled(things, look_up(things)), *found]


def kept_wrong(things: Sequence[Thing]) -> list[Offence]:
    """What lies where its temperature is not kept. At most three statements."""
    return [
        Offence("kept_wrong", thing, {"needed": CLASSES[needed].name, "kept": CLASSES[kept].name})
        for thing, needed, kept in _kept(things)
        if not suits(kept, needed)
    ]


def _kept(things: Sequence[Thing]) -> Iterator[tuple[str, str, str]]:
    """Name, class that it needs, class of its place."""
    epcs = [thing for thing in things if isinstance(thing, str)]
    counted = [thing for thing in things if not isinstance(thing, str)]
    if epcs:
        # What is on its way is kept as its load is: where it lands is looked at then. What is in a patient or thrown away is
        # kept nowhere: how it would have to be kept is no advice.
        units = Unit.objects.filter(epc__in=epcs).exclude(place__kind__in=VIRTUAL).order_by("id")
        yield from units.values_list("epc", "item__temperature_class", "place__temperature_class")
    if counted:
        lots = Lot.objects.filter(pk__in={thing.lot_id for thing in counted})
        needed = dict(lots.values_list("pk", "item__temperature_class"))
        places = Place.objects.filter(pk__in={each.from_place_id for each in counted}).exclude(
            kind__in=VIRTUAL
        )
        kept = dict(places.values_list("pk", "temperature_class"))
        for thing in counted:
            if thing.lot_id in needed and thing.from_place_id in kept:
                yield name(thing), needed[thing.lot_id], kept[thing.from_place_id]
